//! A release is taken back, and what it had still to do waits for it.

use emulator::faults::{Kind, Rule, Service};
use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::stage::{GREETING, Stage, VOTERS, VOTERS_NUMBERS};

const SAM: &str = "+15550100150";
const HOUR: i64 = 3_600_000;

/// A text waits for Help Scout as a job that this release does not know.
fn taken_back() -> World {
    let mut world = World::new(&Stage::default());
    world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    world.text(SAM, "one");
    world.run_for(30_000);
    world.roll_back(1_000);
    world.faults.clear(Service::HelpScout, None);
    world
}

#[test]
fn a_text_that_only_a_later_release_can_post_is_posted_when_that_comes_again_though_nobody_writes() {
    let mut world = taken_back();
    world.run_for(5 * HOUR);
    assert_eq!(world.helpscout.conversations().count(), 0);
    world.upgrade();
    world.run_for(HOUR);
    let conversation = world.conversation(SAM);
    assert_eq!(world.said(conversation), ["one"]);
    assert_eq!(world.phone(SAM), [GREETING]);
    assert!(world.settle(1));
}

#[test]
fn what_is_said_after_it_does_not_wait_and_an_operator_sees_what_does() {
    let mut world = taken_back();
    world.text(SAM, "two");
    world.run_for(HOUR);
    let conversation = world.conversation(SAM);
    assert_eq!(world.said(conversation), ["two"]);
    assert_eq!(world.counted("quarantined: texts"), 1);
    world.upgrade();
    world.text(SAM, "three");
    world.settle(1);
    let said = world.said(conversation);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said.contains(&"one".to_owned()), "{said:?}");
}

#[test]
fn a_reply_in_a_conversation_that_a_later_release_was_making_waits_for_that_release() {
    let mut world = World::new(&Stage::default());
    let (kind, method, path) = (Kind::LostAnswer, Some("POST".into()), Some("/conversations".into()));
    world.faults.add(Service::HelpScout, Rule { id: 0, kind, method, path_contains: path, times: Some(1) });
    world.text(SAM, "one");
    while world.helpscout.conversations().count() == 0 {
        world.run_for(1);
    }
    world.roll_back(1_000);
    let conversation = world.helpscout.conversations().next().unwrap().id;
    world.reply(conversation, "<p>Come at 3.</p>");
    world.run_for(HOUR);
    assert_eq!(world.notes(conversation), [""; 0]);
    world.upgrade();
    assert!(world.settle(1));
    assert_eq!(world.phone(SAM), [GREETING, "Come at 3."]);
    assert_eq!(world.said(conversation), ["one"]);
}

/// Changes a column of all rows in which the person's object has it, and starts everything anew.
fn rewrite(world: &mut World, [table, column]: [&str; 2], value: &str) {
    let sams = Name::Contact(VOTERS, SAM.to_owned());
    world.objects[&sams].store.alter(&format!("UPDATE {table} SET {column} = {value}"));
    world.crash_all();
}

#[test]
fn a_word_that_this_release_does_not_know_is_an_error_and_not_the_default() {
    for column in [
        ["person", "channel"],
        ["person", "party"],
        ["person", "stopped_by"],
        ["entries", "kind"],
        ["entries", "channel"],
        ["entries", "delivery"],
        ["entries", "media"],
    ] {
        let [_, name] = column;
        let mut world = World::new(&Stage::default());
        world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
        world.text_to(SAM, VOTERS_NUMBERS[0], "one", &["image/png"]);
        world.run_for(30_000);
        if name == "stopped_by" {
            rewrite(&mut world, ["person", "stopped"], "1");
            rewrite(&mut world, column, "'person'");
        }
        rewrite(&mut world, column, &format!("'later_' || {name}"));
        world.faults.clear(Service::HelpScout, None);
        world.run_for(HOUR);
        assert_eq!(world.helpscout.conversations().count(), 0, "{column:?}");
        rewrite(&mut world, column, &format!("replace({name}, 'later_', '')"));
        assert!(world.settle(1), "{column:?}");
        let conversation = world.conversation(SAM);
        assert_eq!(world.said(conversation), ["one"], "{column:?}");
        assert_eq!(world.files(conversation).len(), 1, "{column:?}");
    }
}

/// The greeting is shown with the conversation that has just been made; how far it came, only a later release knows.
#[test]
fn a_conversation_is_not_forgotten_over_a_word_about_something_else_that_is_shown_with_it() {
    let mut world = World::new(&Stage::default());
    world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    world.text(SAM, "one");
    world.run_for(30_000);
    rewrite(&mut world, ["messages", "delivery"], "'later_' || delivery");
    world.faults.clear(Service::HelpScout, None);
    world.run_for(HOUR);
    world.text(SAM, "two");
    world.run_for(HOUR);
    assert_eq!(world.conversations(SAM).len(), 1);
    assert_eq!(world.said(world.conversation(SAM)), ["one", "two"]);
}

#[test]
fn a_sidebar_says_what_it_cannot_show_and_shows_the_rest() {
    for column in ["kind", "channel", "delivery", "media"] {
        let mut world = World::new(&Stage::default());
        world.settled_text(SAM, "one");
        rewrite(&mut world, ["entries", column], &format!("'later_' || {column}"));
        let entries = world.timeline(SAM);
        assert_eq!(entries[0]["text"], "one\n(Some of this cannot be shown at the moment.)", "{column}");
        assert_eq!(entries.len(), 2, "{column}");
    }
}
