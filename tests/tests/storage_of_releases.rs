//! Storage that an earlier release left in the middle of its work is opened, migrated and worked off by this one.
//!
//! Each fixture is one instant of a story. The story is lived again up to that instant, so that both services are where
//! they were; then the objects' rows are replaced by those that the earlier release had written.

use std::collections::BTreeMap;
use std::fs;

use emulator::faults::{Kind, Rule, Service};
use emulator::twilio::{FarEnd, Script};
use hotline::effects::Millis;
use ringside_tests::store::SqliteStore;
use ringside_tests::workspace;
use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, NOON, Stage};
use serde::Deserialize;
use serde_json::json;

const SAM: &str = "+15550100150";
const ADA: &str = "+15550100101";
const BEN: &str = "+15550100102";

#[derive(Deserialize)]
struct Fixture {
    now: Millis,
    /// Statements that make an object's rows, by the object's name.
    objects: BTreeMap<String, String>,
}

fn fixture(release: &str, story: &str) -> Fixture {
    let file = workspace().join(format!("tests/fixtures/storage/{release}/{story}.json"));
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Goes on with what a release has stored at that instant.
fn upgrade(world: &mut World, release: &str, story: &str) {
    let fixture = fixture(release, story);
    // A request between objects more or less moves what follows by milliseconds.
    assert!((fixture.now - world.now).abs() < 1_000, "the story is at another instant");
    world.take_over(&fixture.objects).unwrap();
}

fn greeted() -> (World, u64) {
    let mut world = World::new(&Stage::default());
    world.text(SAM, "hello");
    // When 0.1.0 had nothing more to do.
    world.run_until(NOON + 60_102);
    let conversation = world.conversation(SAM);
    (world, conversation)
}

fn ringing(ben: FarEnd) -> World {
    let ring = json!({"phones": [ADA, BEN], "seconds": 25});
    let mut world = World::new(&Stage { hotline: vec![("ring", ring)], ..Stage::default() });
    world.twilio.set_far_end(ADA, FarEnd::NoAnswer);
    world.twilio.set_far_end(BEN, ben);
    world
}

fn help_scout_down(world: &mut World) {
    world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
}

const RELEASES: [&str; 1] = ["0.1.0"];

#[test]
fn texts_that_waited_for_help_scout_arrive_once_and_in_order() {
    for release in RELEASES {
        let mut world = World::new(&Stage::default());
        help_scout_down(&mut world);
        world.text(SAM, "one");
        world.text_to(SAM, "+15550100001", "two", &["image/png"]);
        world.text(SAM, "three");
        world.run_for(30_000);
        upgrade(&mut world, release, "texts_waiting");
        world.faults.clear(Service::HelpScout, None);
        world.settle(1);
        let conversation = world.conversation(SAM);
        assert_eq!(world.said(conversation), ["one", "two", "three"]);
        assert_eq!(world.files(conversation).len(), 1);
        assert_eq!(world.phone(SAM), [GREETING]);
    }
}

#[test]
fn a_reply_of_which_twilio_had_taken_half_is_sent_whole_and_once() {
    for release in RELEASES {
        let (mut world, conversation) = greeted();
        let reply = "A long reply with many words in it. ".repeat(60);
        world.reply(conversation, &format!("<p>{reply}</p>"));
        world.run_for(6_500);
        let (kind, method, path) = (Kind::LostAnswer, Some("POST".into()), Some("/Messages".into()));
        world.faults.add(Service::Twilio, Rule { id: 0, kind, method, path_contains: path, times: Some(1) });
        world.run_for(2_000);
        upgrade(&mut world, release, "reply_half_sent");
        world.settle(2);
        let texts = world.phone(SAM);
        let sent: Vec<&str> = texts.iter().skip(1).flat_map(|text| text.split_whitespace()).collect();
        assert_eq!(sent, reply.split_whitespace().collect::<Vec<_>>());
        assert_eq!(world.notes(conversation).len(), 1, "{:?}", world.notes(conversation));
    }
}

#[test]
fn an_event_that_waited_leads_to_its_reply() {
    for release in RELEASES {
        let (mut world, conversation) = greeted();
        help_scout_down(&mut world);
        world.reply(conversation, "<p>Come at 3.</p>");
        world.run_for(20_000);
        upgrade(&mut world, release, "event_waiting");
        world.faults.clear(Service::HelpScout, None);
        world.settle(2);
        assert_eq!(world.phone(SAM), [GREETING, "Come at 3."]);
    }
}

#[test]
fn a_caller_for_whom_phones_ring_is_taken_by_who_presses_1() {
    for release in RELEASES {
        let mut world = ringing(FarEnd::answers_after(15, Script::new().presses("1", 2)));
        let call = world.call(SAM, Script::new().hangs_up_at(60));
        world.run_for(8_000);
        upgrade(&mut world, release, "call_ringing");
        world.settle(2);
        assert!(world.heard(&call).contains(&"bridged".to_owned()), "{:?}", world.heard(&call));
        let conversation = world.conversation(SAM);
        let shown = [world.said(conversation), world.notes(conversation)].concat();
        assert_eq!(shown.len(), 1, "{shown:?}");
        assert!(shown[0].contains("answered by +1 555 010 0102"), "{shown:?}");
    }
}

#[test]
fn a_voicemail_on_its_way_reaches_the_conversation() {
    for release in RELEASES {
        let mut world = ringing(FarEnd::NoAnswer);
        world.call(SAM, Script::new().speaks(9));
        help_scout_down(&mut world);
        world.run_for(60_000);
        upgrade(&mut world, release, "voicemail_on_its_way");
        world.faults.clear(Service::HelpScout, None);
        world.settle(2);
        let conversation = world.conversation(SAM);
        assert!(world.said(conversation)[0].starts_with("Voicemail at 2026-11-20 12:00 UTC, 9 s. Listen"));
        assert_eq!(world.files(conversation).len(), 1);
    }
}

/// Every row of an object, but for the numbers of jobs: those of jobs that were done are given anew.
fn rows(store: &SqliteStore) -> Vec<String> {
    let tables = store.texts("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    let rows = |table: &String| {
        let columns = format!(
            "SELECT '\"' || name || '\"' FROM pragma_table_info('{table}') WHERE name <> 'seq' OR '{table}' <> 'jobs'"
        );
        let columns = store.texts(&columns).join(", ");
        store.texts(&format!("SELECT '{table} ' || json_array({columns}) FROM {table} ORDER BY 1"))
    };
    tables.iter().flat_map(rows).collect()
}

/// The simulation upgrades from storage that it writes back as 0.1.0 would have left it: this is what that one left.
#[test]
fn what_is_written_back_is_what_the_release_has_left() {
    for story in ["texts_waiting", "reply_half_sent", "event_waiting", "call_ringing", "voicemail_on_its_way"] {
        let mut world = World::new(&Stage::default());
        let fixture = fixture("0.1.0", story);
        world.take_over(&fixture.objects).unwrap();
        assert_eq!(world.upgrade_from_0_1_0(), fixture.objects.len(), "{story}");
        let mut left = Vec::new();
        for statements in fixture.objects.values() {
            let store = SqliteStore::in_memory(&world.switch).unwrap();
            store.alter(statements);
            left.push(rows(&store));
        }
        let mut written: Vec<_> = world.objects.values().map(|object| rows(&object.store)).collect();
        left.sort();
        written.sort();
        assert_eq!(written, left, "{story}");
    }
}
