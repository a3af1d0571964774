//! What was said is removed here and at Twilio when it is older than the hotline keeps it, and never before Help Scout has it.

use emulator::faults::{Kind, Rule, Service};
use emulator::twilio::{Script, Transcription};
use hotline::directory;
use hotline::messages::directory::{Removed, RetentionHealth};
use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::stage::{CRM, DRIVERS, GREETING, Stage, VOTERS, VOTERS_NUMBERS};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
/// A word that stands in everything that they say and are told.
const SECRET: &str = "kumquat";
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn world(retention: &Value) -> World {
    let stage = Stage { hotline: vec![("retention", retention.clone()), ("region", json!("US"))], ..Stage::default() };
    World::new(&stage)
}

/// A run of the cron, as far as it is about this.
fn cron(world: &mut World) {
    for mailbox in [VOTERS, DRIVERS] {
        world.begin_retention(mailbox);
    }
    world.settle(2);
}

/// Days with a run each.
fn days(world: &mut World, count: i64) {
    for _ in 0..count {
        world.run_for(DAY);
        cron(world);
    }
}

/// They wrote, with a picture, were answered, and left a voicemail.
fn a_history(world: &mut World) -> u64 {
    world.text_to(SAM, VOTERS_NUMBERS[0], &format!("{SECRET} from them"), &["image/png"]);
    world.settle(1);
    let conversation = world.conversation(SAM);
    world.reply_with(conversation, &format!("<p>{SECRET} from an agent</p>"), SECRET, &[]);
    world.settle(1);
    world.twilio.set_transcription(SAM, Transcription::Comes { after_ms: 60_000, text: format!("{SECRET} spoken") });
    world.call(SAM, Script::new().speaks(10).hangs_up_at(40));
    world.settle(1);
    conversation
}

/// The objects of people, calls and messages that still say a word.
fn who_says(world: &World, text: &str) -> Vec<String> {
    world.who_holds(text, |_| true)
}

/// Texts that Twilio still holds.
fn at_twilio(world: &World) -> Vec<String> {
    let messages = world.twilio.messages_with(SAM).into_iter();
    messages.map(|message| message.body).filter(|body| !body.is_empty()).collect()
}

fn media_at_twilio(world: &World) -> usize {
    let messages = world.twilio.messages_with(SAM);
    messages.iter().flat_map(|message| &message.media).filter(|sid| world.twilio.media(sid).is_some()).count()
}

fn recordings(world: &World) -> usize {
    world.twilio.recordings().iter().filter(|it| !it.deleted).count()
}

fn health(world: &World) -> RetentionHealth {
    directory::health(&world.objects[&Name::Directory(VOTERS)].store, world.now).expect("rows").retention
}

#[test]
fn each_kind_goes_when_its_days_are_over_and_help_scout_keeps_its_copy() {
    let mut world = world(&json!({"text_days": 30, "media_days": 10, "recordings_days": 20}));
    let conversation = a_history(&mut world);
    let said = world.said(conversation);
    days(&mut world, 9);
    assert_eq!((at_twilio(&world).len(), media_at_twilio(&world), recordings(&world)), (3, 1, 1), "nothing is due");
    days(&mut world, 2);
    assert_eq!((at_twilio(&world).len(), media_at_twilio(&world), recordings(&world)), (3, 0, 1));
    days(&mut world, 10);
    assert_eq!((at_twilio(&world).len(), media_at_twilio(&world), recordings(&world)), (3, 0, 0));
    assert!(!who_says(&world, SECRET).is_empty());
    days(&mut world, 10);
    assert_eq!((at_twilio(&world), who_says(&world, SECRET)), (vec![], vec![]));
    assert_eq!(world.said(conversation), said);
    let shown = world.timeline(SAM);
    let removed: Vec<_> = shown.iter().filter(|entry| entry["text"].is_null()).collect();
    assert_eq!(removed.len(), 4, "their text, the greeting, the reply, the voicemail: {shown:?}");
    assert!(removed.iter().all(|entry| entry["removed_at"].is_string() && entry["media"] == json!([])), "{shown:?}");
    let removed = Removed { texts: 3, media: 1, recordings: 1 };
    assert_eq!((health(&world).removed, health(&world).held), (removed, 0));
}

#[test]
fn a_year_goes_by_and_what_is_younger_stays() {
    let mut world = world(&json!({"text_days": 365}));
    for month in 0..14 {
        world.text(SAM, &format!("{SECRET} in month {month:02}"));
        world.settle(1);
        world.run_for(30 * DAY);
        cron(&mut world);
    }
    let kept = at_twilio(&world);
    assert!(kept.iter().all(|body| body.as_str() >= "kumquat in month 02"), "{kept:?}");
    assert!(kept.iter().any(|body| body == "kumquat in month 03"), "{kept:?}");
    let shown: Vec<_> =
        world.timeline(SAM).iter().filter(|it| it["direction"] == "in").map(|it| it["text"].clone()).collect();
    assert_eq!(
        shown.iter().filter(|text| text.is_null()).count(),
        14 - kept.iter().filter(|it| it.contains(SECRET)).count()
    );
}

#[test]
fn nothing_goes_that_help_scout_does_not_have() {
    let mut world = world(&json!({"text_days": 1, "media_days": 1, "recordings_days": 1}));
    world.most_events = 10_000_000;
    let conversation = world.settled_text(SAM, "Hello");
    world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    world.text(SAM, &format!("{SECRET} in the outage"));
    for _ in 0..7 {
        world.run_for(DAY);
        world.begin_retention(VOTERS);
        world.run_for(MINUTE);
    }
    assert!(at_twilio(&world).concat().contains(SECRET), "nobody else has it");
    assert_eq!(health(&world).held, 1);
    world.faults.clear(Service::HelpScout, None);
    world.settle(1);
    assert_eq!(world.said(conversation), ["Hello".to_owned(), format!("{SECRET} in the outage")]);
    world.run_for(11 * MINUTE);
    cron(&mut world);
    assert_eq!((at_twilio(&world), who_says(&world, SECRET), health(&world).held), (vec![], vec![], 0));
}

#[test]
fn what_help_scout_refuses_for_good_stays_whatever_its_age() {
    let mut world = world(&json!({"text_days": 1}));
    world.settled_text(SAM, "Hello");
    let body = json!({"_embedded": {"errors": [{"path": "text", "message": "refused"}]}});
    let kind = Kind::Status { status: 400, headers: [].into(), body };
    let (method, path_contains) = (Some("POST".to_owned()), Some("/customer".to_owned()));
    world.faults.add(Service::HelpScout, Rule { id: 0, kind, method, path_contains, times: None });
    world.text(SAM, &format!("{SECRET} refused"));
    world.settle(1);
    days(&mut world, 5);
    assert!(at_twilio(&world).concat().contains(SECRET) && !who_says(&world, SECRET).is_empty());
    assert_eq!(health(&world).held, 1);
}

#[test]
fn twilio_is_emptied_first_and_waited_for() {
    let mut world = world(&json!({"text_days": 1}));
    world.settled_text(SAM, &format!("{SECRET} from them"));
    world.faults.switch_on(Service::Twilio, Kind::Down { refuse: true });
    world.run_for(2 * DAY);
    world.begin_retention(VOTERS);
    world.run_for(60 * MINUTE);
    assert!(
        world.timeline(SAM).iter().all(|entry| entry["text"].is_string()),
        "it is still at Twilio, so it is still here"
    );
    world.faults.clear(Service::Twilio, None);
    world.settle(1);
    assert_eq!((at_twilio(&world), who_says(&world, SECRET)), (vec![], vec![]));
}

#[test]
fn a_kill_at_any_instant_leaves_an_entry_old_or_removed() {
    for at in (0..12).map(|step| step * 300) {
        let mut world = world(&json!({"text_days": 1, "media_days": 1, "recordings_days": 1}));
        a_history(&mut world);
        world.run_for(3 * DAY);
        world.begin_retention(VOTERS);
        world.run_for(at);
        world.crash_all();
        world.settle(1);
        let left = (at_twilio(&world), media_at_twilio(&world), recordings(&world), who_says(&world, SECRET));
        assert_eq!(left, (vec![], 0, 0, vec![]), "killed after {at} ms");
        let removed = Removed { texts: 3, media: 1, recordings: 1 };
        assert_eq!(health(&world).removed, removed, "killed after {at} ms: counted once");
    }
}

#[test]
fn a_transcript_that_comes_after_its_time_brings_nothing_back() {
    let mut world = world(&json!({"text_days": 1, "recordings_days": 1}));
    let after_ms = 5 * DAY.unsigned_abs();
    world.twilio.set_transcription(SAM, Transcription::Comes { after_ms, text: format!("{SECRET} late") });
    world.call(SAM, Script::new().speaks(10).hangs_up_at(40));
    world.run_for(10 * MINUTE);
    days(&mut world, 3);
    assert_eq!(recordings(&world), 0);
    world.run_for(4 * DAY);
    world.settle(1);
    assert_eq!(who_says(&world, SECRET), [""; 0]);
}

#[test]
fn days_that_are_set_later_count_for_what_is_there_already() {
    let mut world = World::new(&Stage::with("region", json!("US")));
    world.settled_text(SAM, &format!("{SECRET} from them"));
    days(&mut world, 40);
    assert_eq!(at_twilio(&world).len(), 2, "nothing was configured");
    for (retention, left) in [(json!({"text_days": 100}), 2), (json!({"text_days": 30}), 0)] {
        let stage =
            Stage { hotline: vec![("retention", retention.clone()), ("region", json!("US"))], ..Stage::default() };
        world.config = std::rc::Rc::new(stage.config());
        world.crash_all();
        cron(&mut world);
        assert_eq!(at_twilio(&world).len(), left, "{retention}");
    }
}

#[test]
fn whoever_writes_again_afterwards_goes_on_in_their_conversation_and_is_removed_in_time() {
    let mut world = world(&json!({"text_days": 3}));
    let conversation = world.settled_text(SAM, &format!("{SECRET} one"));
    days(&mut world, 5);
    assert_eq!(who_says(&world, SECRET), [""; 0]);
    world.text(SAM, &format!("{SECRET} two"));
    world.settle(1);
    assert_eq!(world.said(conversation).last().map(String::as_str), Some("kumquat two"));
    assert_eq!(world.phone(SAM), [GREETING], "they are not new");
    days(&mut world, 2);
    assert!(!who_says(&world, SECRET).is_empty());
    days(&mut world, 3);
    assert_eq!((at_twilio(&world), who_says(&world, SECRET)), (vec![], vec![]));
    assert_eq!(health(&world).removed.texts, 3);
}

#[test]
fn whom_only_a_program_has_written_to_is_visited_too() {
    let mut world = world(&json!({"text_days": 3}));
    let message =
        json!({"hotline": "VOTERS", "to": SAM, "class": "service", "body": format!("{SECRET} from a program")});
    assert_eq!(world.program(CRM.1, "POST", "/v1/messages", &message).status, 202);
    world.settle(1);
    days(&mut world, 2);
    assert_eq!(at_twilio(&world).len(), 1);
    days(&mut world, 3);
    assert_eq!((at_twilio(&world), who_says(&world, SECRET)), (vec![], vec![]));
}

#[test]
fn a_run_visits_two_hundred_and_the_next_one_the_others() {
    let mut world = world(&json!({"text_days": 1}));
    let people: Vec<String> = (0..203).map(|n| format!("+1555011{n:04}")).collect();
    for person in &people {
        world.text(person, SECRET);
        world.run_for(2_000);
    }
    world.settle(1);
    world.run_for(2 * DAY);
    let left = |world: &World| {
        people.iter().filter(|it| world.twilio.messages_with(it).iter().any(|it| it.body == SECRET)).count()
    };
    cron(&mut world);
    assert_eq!(left(&world), 3);
    cron(&mut world);
    assert_eq!(left(&world), 0);
}
