//! Operators read in a Help Scout inbox that something is wrong: a closed conversation for each alert, a note when it is over.

use emulator::faults::{Kind, Rule, Service};
use emulator::helpscout::{Status, ThreadKind};
use hotline::domain::html::normalised;
use ringside_tests::world::World;
use ringside_tests::world::stage::{ALERTS_URL, OFFICE, Stage, VOTERS};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const MINUTE: i64 = 60_000;

/// Every write that an alert's notes come by.
const CONVERSATION: &str = "/v2/conversations";
const NOTE: &str = "/notes";

fn rule(kind: Kind, method: &str, path: &str, times: Option<u32>) -> Rule {
    Rule { id: 0, kind, method: Some(method.into()), path_contains: Some(path.into()), times }
}

fn world_of(stage: &Stage) -> World {
    let mut world = World::new(stage);
    // Twilio's account is not looked at here.
    let gone = Kind::Status { status: 404, headers: [].into(), body: Value::Null };
    world.faults.add(Service::Twilio, rule(gone, "GET", "/2010-04-01/", None));
    world.settled_text(SAM, "hello");
    world
}

fn world() -> World {
    world_of(&Stage { alerts_inbox: Some(OFFICE), ..Stage::default() })
}

/// Help Scout has no webhook of ours any more, until this fault is taken away.
fn lose_webhook(world: &mut World) -> u64 {
    let nothing = json!({"page": {"number": 1, "totalPages": 0}});
    let kind = Kind::Status { status: 200, headers: [].into(), body: nothing };
    world.faults.add(Service::HelpScout, rule(kind, "GET", "/v2/webhooks", None))
}

fn mend(world: &mut World, fault: u64) {
    world.faults.clear(Service::HelpScout, Some(fault));
}

/// The first words of each note in each alert's conversation, oldest first.
fn told(world: &World) -> Vec<Vec<&'static str>> {
    let words = |html: &str| {
        let text = normalised(html);
        let heads = ["Help Scout's webhook is missing", "Help Scout does not answer", "Over since"];
        heads.into_iter().find(|head| text.starts_with(head)).unwrap_or("something else")
    };
    let alerts = world.helpscout.conversations().filter(|it| it.tags == ["ringside-alert"]);
    alerts.map(|it| world.helpscout.threads(it.id).iter().map(|thread| words(&thread.text)).collect()).collect()
}

const RAISED: &str = "Help Scout's webhook is missing";
const CLEARED: &str = "Over since";

/// Raised by the second run that finds it, cleared by the first that does not.
fn raise_and_clear(world: &mut World) {
    let lost = lose_webhook(world);
    world.crons(3);
    mend(world, lost);
    world.crons(2);
}

#[test]
fn an_alert_is_a_closed_conversation_with_two_notes_and_nobody_is_mailed() {
    let mut world = world_of(&Stage { alerts_inbox: Some(OFFICE), has_alerts: true, ..Stage::default() });
    let lost = lose_webhook(&mut world);
    world.crons(1);
    assert!(told(&world).is_empty(), "one run is no alert");
    world.crons(3);
    assert_eq!(told(&world), [[RAISED]]);
    mend(&mut world, lost);
    world.crons(3);
    assert_eq!(told(&world), [[RAISED, CLEARED]]);
    let alert = world.helpscout.conversations().find(|it| it.mailbox == OFFICE).expect("a conversation");
    assert_eq!((alert.subject.as_str(), alert.status), ("Ringside: Help Scout's webhook is missing", Status::Closed));
    let threads = world.helpscout.threads(alert.id);
    assert!(threads.iter().all(|it| it.kind == ThreadKind::Note && it.imported));
    assert_eq!(world.helpscout.outbox().len(), 0);
    let posted = world.receivers.taken(ALERTS_URL);
    let data = posted.first().expect("the webhook is told too").json()["data"].clone();
    let first = normalised(&threads[0].text);
    for words in ["id", "detail", "repair"].map(|field| data[field].as_str().unwrap_or("missing")) {
        assert!(first.contains(words), "{words:?} in {first:?}");
    }
    assert!(first.contains("Since 20 November 2026, 12:"), "{first}");
    let customers: Vec<_> = world.helpscout.customers().flat_map(|it| &it.emails).map(|it| &it.value).collect();
    assert!(customers.iter().any(|email| *email == "ringside-alerts@sms.example.org"), "{customers:?}");
}

#[test]
fn an_alert_about_a_hotline_names_it_and_stands_also_in_the_hotlines_own_inbox() {
    let mut world = world_of(&Stage { alerts_inbox: Some(VOTERS), phone_only: true, ..Stage::default() });
    let refused = Kind::Status { status: 403, headers: [].into(), body: Value::Null };
    let fault = world.faults.add(Service::HelpScout, rule(refused, "GET", "mailbox=3005", None));
    world.crons(3);
    mend(&mut world, fault);
    world.crons(2);
    let alerts = world.helpscout.conversations().filter(|it| it.subject.starts_with("Ringside"));
    let alerts: Vec<_> = alerts.map(|it| (it.subject.as_str(), world.helpscout.threads(it.id).len())).collect();
    assert_eq!(alerts, [("Ringside: Help Scout refuses our app (DRIVERS)", 2)], "and no note of another kind");
    assert_eq!(world.helpscout.customers().filter(|it| !it.emails.is_empty()).count(), 1);
}

#[test]
fn what_comes_back_is_another_alert() {
    let mut world = world();
    for _ in 0..3 {
        raise_and_clear(&mut world);
        let lost = lose_webhook(&mut world);
        world.crons(1);
        mend(&mut world, lost);
        world.crons(1);
    }
    assert_eq!(told(&world), [[RAISED, CLEARED]; 3], "what one run alone has found is none");
}

#[test]
fn a_lost_answer_doubles_nothing() {
    let lost = [
        Kind::LostAnswer,
        Kind::DoneStatus { status: 504 },
        Kind::DoneStatus { status: 500 },
        Kind::Unreadable { body: emulator::faults::Unreadable::Html },
        Kind::Slow { ms: 30_000 },
        Kind::Hold { ms: 30_000 },
        Kind::Down { refuse: true },
    ];
    for kind in lost {
        for lag in [0, 60_000] {
            let mut world = world();
            world.helpscout.set_list_lag(lag);
            // The first is met by the conversation, the next by the note in it.
            world.faults.add(Service::HelpScout, rule(kind.clone(), "POST", CONVERSATION, Some(1)));
            let webhook = lose_webhook(&mut world);
            world.crons(3);
            assert_eq!(told(&world), [[RAISED]], "{kind:?}, {lag}");
            world.faults.add(Service::HelpScout, rule(kind.clone(), "POST", NOTE, Some(1)));
            mend(&mut world, webhook);
            world.crons(2);
            assert_eq!(told(&world), [[RAISED, CLEARED]], "{kind:?}, {lag}");
        }
    }
}

#[test]
fn whatever_is_killed_each_is_told_once() {
    let mut alerts = 0;
    // A run and the note that follows from it take about a second.
    for kill_after in (0..30).map(|step| step * 50).chain([6_000]) {
        let mut world = world();
        let lost = lose_webhook(&mut world);
        for run in 0..6 {
            if run == 3 {
                mend(&mut world, lost);
            }
            world.cron();
            world.run_for(kill_after);
            world.crash_all();
            world.run_for(10 * MINUTE);
        }
        world.crons(2);
        let told = told(&world);
        assert!(told.iter().all(|alert| *alert == [RAISED, CLEARED]), "killed after {kill_after} ms: {told:?}");
        assert!(told.len() <= 1, "killed after {kill_after} ms: {told:?}");
        alerts += told.len();
    }
    assert!(alerts > 10, "a run that is killed sooner has found nothing: {alerts}");
}

#[test]
fn when_help_scout_itself_is_away_the_notes_wait_and_come_in_order() {
    // What is held is done all the same, and nobody hears of it.
    for kind in [Kind::Down { refuse: true }, Kind::Down { refuse: false }, Kind::Hold { ms: 30_000 }] {
        let mut world = world();
        let outage = world.faults.switch_on(Service::HelpScout, kind.clone());
        world.text(SAM, "one");
        world.crons(12);
        assert!(told(&world).is_empty() || matches!(kind, Kind::Hold { .. }), "{kind:?}");
        mend(&mut world, outage);
        world.crons(3);
        assert_eq!(told(&world), [["Help Scout does not answer", CLEARED]], "{kind:?}");
    }
}

#[test]
fn what_is_over_before_help_scout_is_back_is_told_afterwards_first_that_it_began() {
    let mut world = world();
    let lost = lose_webhook(&mut world);
    world.crons(1);
    // From now on nothing is written; what is read is read.
    let writes = world.faults.add(Service::HelpScout, rule(Kind::Down { refuse: false }, "POST", "/v2/", None));
    world.crons(2);
    mend(&mut world, lost);
    world.crons(3);
    assert!(told(&world).is_empty());
    mend(&mut world, writes);
    world.crons(3);
    let told = told(&world);
    assert!(told.contains(&vec![RAISED, CLEARED]), "{told:?}");
    assert!(told.iter().all(|notes| notes.len() == 2 && notes[1] == CLEARED), "{told:?}");
}

#[test]
fn an_inbox_that_is_none_holds_up_nobody_and_has_the_alert_once_it_is_there() {
    for is_hidden in [true, false] {
        let inbox = if is_hidden { OFFICE } else { 3099 };
        let mut world = world_of(&Stage { alerts_inbox: Some(inbox), has_alerts: true, ..Stage::default() });
        if is_hidden {
            world.helpscout.settings_mut().hidden_inboxes = vec![OFFICE];
        }
        let lost = lose_webhook(&mut world);
        world.crons(3);
        let before = writes(&world);
        world.crons(18);
        let tries = writes(&world) - before;
        assert!((2..=4).contains(&tries), "once an hour: {tries}");
        let posted: Vec<_> = world.receivers.taken(ALERTS_URL).iter().map(|it| it.kind()).collect();
        assert_eq!(posted, ["alert.raised"]);
        world.text(SAM, "Do texts go on?");
        world.run_for(MINUTE);
        assert!(world.helpscout.threads(world.conversation(SAM)).iter().any(|it| it.text.contains("Do texts go on?")));
        if is_hidden {
            world.helpscout.settings_mut().hidden_inboxes.clear();
            world.crons(7);
            mend(&mut world, lost);
            world.crons(2);
            assert_eq!(told(&world), [[RAISED, CLEARED]]);
        }
    }
}

/// What was tried to be written in Help Scout so far: writes cost 2.
fn writes(world: &World) -> usize {
    world.ledger.helpscout_costs.iter().filter(|(_, cost)| *cost == 2).count()
}

#[test]
fn an_inbox_that_disappears_while_an_answer_is_lost_has_one_conversation() {
    let mut world = world();
    world.faults.add(Service::HelpScout, rule(Kind::LostAnswer, "POST", CONVERSATION, Some(1)));
    let lost = lose_webhook(&mut world);
    world.crons(1);
    world.cron();
    world.run_for(3_000);
    world.helpscout.settings_mut().hidden_inboxes = vec![OFFICE];
    world.run_for(10 * MINUTE);
    world.helpscout.settings_mut().hidden_inboxes.clear();
    world.crons(7);
    mend(&mut world, lost);
    world.crons(2);
    assert_eq!(told(&world), [[RAISED, CLEARED]]);
}

#[test]
fn a_receiver_that_is_away_does_not_hold_up_the_inbox() {
    let mut world = world_of(&Stage { alerts_inbox: Some(OFFICE), has_alerts: true, ..Stage::default() });
    world.receivers.answers.insert(ALERTS_URL.to_owned(), ringside_tests::world::endpoints::Answers::Away);
    raise_and_clear(&mut world);
    assert_eq!((told(&world), world.receivers.taken(ALERTS_URL).len()), (vec![vec![RAISED, CLEARED]], 0));
}

#[test]
fn the_all_clear_follows_a_conversation_that_was_merged_and_leaves_a_deleted_one_alone() {
    for action in ["merge", "delete"] {
        let mut world = world();
        let lost = lose_webhook(&mut world);
        world.crons(3);
        let alert = world.helpscout.conversations().find(|it| it.mailbox == OFFICE).expect("a conversation").id;
        let other = world.conversation(SAM);
        let args = json!({"conversation": alert, "from": alert, "into": other});
        let now = world.now.cast_unsigned();
        world.helpscout.agent_action(now, action, &args).expect(action);
        let made = world.helpscout.conversations().count();
        mend(&mut world, lost);
        world.crons(3);
        let there = world.helpscout.threads(other);
        let cleared = there.iter().filter(|it| normalised(&it.text).starts_with(CLEARED)).count();
        assert_eq!(cleared, usize::from(action == "merge"), "{action}");
        assert_eq!(world.helpscout.conversations().count(), made, "{action}: no other conversation");
    }
}

#[test]
fn an_inbox_that_is_named_late_or_taken_away_is_told_no_half() {
    let with = Stage { alerts_inbox: Some(OFFICE), ..Stage::default() };
    for is_named_late in [true, false] {
        let without = Stage::default();
        let (before, after) = if is_named_late { (&without, &with) } else { (&with, &without) };
        let mut world = world_of(before);
        let lost = lose_webhook(&mut world);
        world.crons(3);
        world.config = std::rc::Rc::new(after.config());
        mend(&mut world, lost);
        world.crons(2);
        assert_eq!(told(&world), vec![vec![RAISED]; usize::from(!is_named_late)]);
    }
}
