//! Whatever Twilio says of a call, in whatever order and however often: the call never goes back, one phone at most gets the
//! caller, and every state has an end.

use hotline::call::{self, Call, Message, Reception, Start};
use hotline::contact::StepContext;
use hotline::effects::{Completion, Effect, Grant, Input, Millis, ObjectReply, Outcome, Permit, Response, Ticket};
use hotline::storage::{Store, StoreError};
use hotline::twilio::calls::{AnsweredBy, Facts, Stage};
use ringside_tests::store::SqliteStore;
use ringside_tests::world::dice::Dice;
use ringside_tests::world::stage::{NOON, Stage as Place, VOTERS};
use serde_json::json;

const RANKS: [&str; 8] =
    ["ringing", "taken", "voicemail", "ringing_agent", "confirm", "ringing_contact", "talking", "ended"];
const STAGES: [Stage; 14] = [
    Stage::Incoming,
    Stage::Over,
    Stage::Wait,
    Stage::Queue,
    Stage::Voicemail,
    Stage::Recorded,
    Stage::Recording,
    Stage::Transcript,
    Stage::Leg,
    Stage::Pressed,
    Stage::LegOver,
    Stage::LegStatus,
    Stage::ContactStatus,
    Stage::ContactAnsweredBy,
];

fn stage(dice: &mut Dice) -> Stage {
    // There most can go wrong.
    if dice.happens(400) { Stage::Pressed } else { dice.pick(&STAGES).copied().unwrap_or(Stage::Wait) }
}

fn any<'a>(dice: &mut Dice, words: &[&'a str]) -> &'a str {
    dice.pick(words).copied().unwrap_or_default()
}

fn facts(dice: &mut Dice) -> Facts {
    let statuses = ["", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer", "failed", "absent"];
    let results = ["", "bridged", "hangup", "leave", "redirected", "system-error", "completed", "no-answer", "busy"];
    Facts {
        sid: any(dice, &["CA1", "CA2", "CA3", ""]).to_owned(),
        from: "+15550100150".to_owned(),
        to: "+15550100001".to_owned(),
        status: any(dice, &statuses).to_owned(),
        digits: any(dice, &["1", "1", "4821", "9", "", "hangup"]).to_owned(),
        result: any(dice, &results).to_owned(),
        seconds: dice.pick(&[None, Some(0), Some(1), Some(30), Some(-1)]).copied().flatten(),
        recording: any(dice, &["", "RE1", "RE2"]).to_owned(),
        text: any(dice, &["", "Hello"]).to_owned(),
        queue: any(dice, &["", "QU1"]).to_owned(),
        caller_id_failed: dice.happens(100),
        answered_by: dice.pick(&[AnsweredBy::Human, AnsweredBy::Machine]).copied().unwrap_or_default(),
    }
}

/// What comes next: Twilio's word, a click of the agent's, or the answer to something that the call asked for.
fn next(dice: &mut Dice, asked: &mut Vec<Effect>) -> Input<Message> {
    if !asked.is_empty() && dice.happens(400) {
        let at = dice.count(1, asked.len() as u64) - 1;
        return match asked.swap_remove(at) {
            Effect::Permit(ticket, ..) if dice.happens(800) => {
                Input::Completed(ticket, Completion::Permit(Permit::Granted(Grant::default())))
            }
            Effect::Permit(ticket, ..) => Input::Completed(ticket, Completion::Permit(Permit::ReservedAt(NOON * 2))),
            Effect::Send(ticket, ..) => Input::Completed(ticket, Completion::Response(answer(dice))),
            Effect::ToObject(ticket, _) => Input::Completed(ticket, Completion::ObjectReply(reply(dice))),
            _ => Input::Wake,
        };
    }
    let agent = 4004;
    Input::Message(match dice.within(1, 40) {
        1 => Message::Look { agent },
        2 => Message::Cancel { agent },
        3 => return Input::Wake,
        4 => return Input::Completed(Ticket { job: 1, nonce: 999 }, Completion::Response(Outcome::Lost)),
        _ => Message::Twilio {
            stage: stage(dice),
            leg: dice.pick(&[None, Some(0), Some(0), Some(1), Some(1), Some(7)]).copied().flatten(),
            facts: facts(dice),
            open: dice.happens(900),
            reception: reception(dice),
        },
    })
}

fn reception(dice: &mut Dice) -> Reception {
    let all = [Reception::Usual, Reception::Usual, Reception::Usual, Reception::Voicemail, Reception::Rejected];
    dice.pick(&all).copied().unwrap_or_default()
}

fn answer(dice: &mut Dice) -> Outcome {
    let body = format!("{{\"sid\":\"{}\",\"from\":\"+15550100150\"}}", any(dice, &["CA2", "CA3"])).into_bytes();
    match dice.pick(&[201, 200, 400, 404, 401, 429, 500, 503, 0]).copied().unwrap_or(0) {
        0 => Outcome::TimedOut,
        status => Outcome::Answered(Response { status, body, ..Response::default() }),
    }
}

fn reply(dice: &mut Dice) -> ObjectReply {
    let says = ObjectReply::Name("Ada".to_owned());
    dice.pick(&[ObjectReply::Done, ObjectReply::Unreachable, ObjectReply::Later(1_000), says])
        .cloned()
        .unwrap_or(ObjectReply::Done)
}

/// One call; what was wrong with it.
fn live(seed: u64) -> Vec<String> {
    let mut dice = Dice::new(seed);
    let order = any(&mut dice, &["all", "in_turn"]);
    let accept = any(&mut dice, &["press_1", "press_1", "none"]);
    let ring = json!({"phones": ["+15550100201", "+15550100202"], "seconds": 20, "order": order, "accept": accept});
    let config = Place::with("ring", ring).config();
    let hotline = config.by_mailbox(VOTERS).unwrap();
    let store = SqliteStore::in_memory(&std::rc::Rc::default()).unwrap();
    call::migrate(&store).unwrap();
    let mut call = Call::default();
    let mut now: Millis = NOON;
    let (mut asked, mut given, mut rank, mut wrong) = (Vec::new(), Vec::new(), 0, Vec::new());
    let mut first = dice.happens(500).then(|| {
        Input::Message(Message::Start(Start {
            agent: 4004,
            agent_name: "Ada".to_owned(),
            phone: "+15550100201".to_owned(),
            code: any(&mut dice, &["", "4821"]).to_owned(),
            contact: "+15550100150".to_owned(),
            dialled: "+15550100150".to_owned(),
            number: "+15550100001".to_owned(),
        }))
    });
    let is_callback = first.is_some();
    // Most calls are first heard of as they should be.
    let incoming = Message::Twilio {
        stage: Stage::Incoming,
        leg: None,
        facts: facts(&mut dice),
        open: true,
        reception: reception(&mut dice),
    };
    first = first.or_else(|| dice.happens(900).then_some(Input::Message(incoming)));
    for _ in 0..dice.within(1, 60) {
        now += dice.span(0, 15_000);
        let input = first.take().unwrap_or_else(|| next(&mut dice, &mut asked));
        let sid = match &input {
            Input::Message(Message::Twilio { facts, .. }) => facts.sid.clone(),
            _ => String::new(),
        };
        let ctx = StepContext { store: &store, config: &config, hotline, now, watched: true };
        let shown = format!("{input:?}");
        let (reply, effects) = call.step(&ctx, "CA1", input).unwrap();
        if let ObjectReply::Twiml(body) = &reply
            && body.contains("<Dial")
        {
            given.push(sid);
        }
        if effects.iter().any(|effect| matches!(effect, Effect::Wake(_))) {
            asked.retain(|effect| !matches!(effect, Effect::Wake(_)));
        }
        asked.extend(effects);
        let Some(state) = store.word("SELECT state FROM call") else { continue };
        let reached = RANKS.iter().position(|known| *known == state).unwrap();
        if reached < rank {
            wrong.push(format!("{state} comes after {}: {shown}", RANKS[rank]));
        }
        rank = rank.max(reached);
        if state != "ended" && store.word("SELECT CAST(deadline AS TEXT) FROM call").is_none() {
            wrong.push(format!("{state} has no end: {shown}"));
        }
    }
    given.dedup();
    if given.len() > 1 && !is_callback {
        wrong.push(format!("the caller was given to {given:?}"));
    }
    // Nothing more is heard: it ends by itself.
    for _ in 0..40 {
        now += 4 * 3_600_000;
        call.step(&StepContext { store: &store, config: &config, hotline, now, watched: true }, "CA1", Input::Wake)
            .unwrap();
    }
    if store.word("SELECT state FROM call").is_some_and(|state| state != "ended") {
        wrong.push("it never ends".to_owned());
    }
    wrong
}

#[test]
fn a_call_never_goes_back_and_always_ends() {
    for seed in 0..2_000 {
        let wrong = live(seed);
        assert!(wrong.is_empty(), "seed {seed}: {}", wrong.join("\n"));
    }
}

#[test]
fn a_state_that_is_not_known_is_an_error() {
    let store = SqliteStore::in_memory(&std::rc::Rc::default()).unwrap();
    call::migrate(&store).unwrap();
    let config = Place::with("ring", json!({"phones": ["+15550100201"], "seconds": 20})).config();
    let hotline = config.by_mailbox(VOTERS).unwrap();
    let step = |now| {
        let ctx = StepContext { store: &store, config: &config, hotline, now, watched: false };
        Call::default().step(&ctx, "CA1", Input::Wake)
    };
    for (state, outcome, agent, is_known) in [
        ("voicemail", "", 0, true),
        ("talking", "", 4004, true),
        ("ended", "no_message", 0, true),
        ("ended", "contact_busy", 4004, true),
        ("paused", "", 0, false),
        ("talking", "", 0, false),
        ("ended", "", 0, false),
        ("ended", "contact_busy", 0, false),
        ("taken", "", 4004, false),
        ("ended", "of_a_later_release", 4004, false),
    ] {
        let sql = "INSERT OR REPLACE INTO call (id, state, outcome, agent, party, number, since, caller_gone, recording, \
                   queue, agent_name, code) VALUES (1, ?, ?, ?, '+15550100150', '+15550100001', 0, 0, '', '', '', '')";
        store.execute(sql, &[state.into(), outcome.into(), agent.into()]).unwrap();
        let error = step(NOON).err();
        let is_error = matches!(error, Some(StoreError::Undecodable { column: "call.state", .. }));
        assert_eq!((is_error, error.is_some()), (!is_known, !is_known), "{state} {outcome}: {error:?}");
    }
}
