//! One person under two keys: a number that SMS and WhatsApp spell differently, and an id of WhatsApp beside the number or
//! in its place.

use emulator::twilio::{FarEnd, MessagingService, Script, Sender};
use hotline::domain::phone::Channel;
use hotline::twilio::inbound::InboundText;
use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::stage::{GREETING, Stage, VOTERS, VOTERS_NUMBERS};
use serde_json::json;

const SAM: &str = "+15550100101";
const ID: &str = "US.13491208655302741918";
/// The key of somebody of whom only the id is known.
const ID_KEY: &str = "other:US.13491208655302741918";
const AGENT: i64 = 4004;
const HOUR: i64 = 3_600_000;
const ADAS_PHONE: &str = "+15550100201";

/// The canonical spelling, and the one that the other network uses.
const SPELLINGS: [(&str, &str); 5] = [
    ("+525550100100", "+5215550100100"),
    ("+541155500100", "+5491155500100"),
    ("+5531988880100", "+553188880100"),
    ("+2290197000100", "+22997000100"),
    ("+2250707000100", "+22507000100"),
];

fn world() -> World {
    World::new(&Stage::default())
}

/// Agents may call back.
fn world_with_calls() -> World {
    let mut world = World::new(&Stage::with("callback", json!({ "countries": ["US"] })));
    world.twilio.set_far_end(ADAS_PHONE, FarEnd::answers_after(3, Script::new().presses("1", 1)));
    world.owns_phone(AGENT, "Ada Byron", ADAS_PHONE);
    world
}

/// Somebody writes on WhatsApp and shows both their number and their id.
fn writes_with_both(world: &mut World, number: &str, body: &str) {
    world.twilio.next_text_carries(&[("ExternalUserId", ID)]);
    world.whatsapp(number, body);
    world.settle(1);
}

fn writes(world: &mut World, address: &str, body: &str) {
    world.whatsapp(address, body);
    world.settle(1);
}

fn texts(world: &mut World, number: &str, body: &str) {
    world.text(number, body);
    world.settle(1);
}

fn customers(world: &World) -> Vec<String> {
    world.helpscout.customers().map(|it| it.email().to_owned()).collect()
}

fn newest(world: &World) -> u64 {
    world.helpscout.conversations().map(|it| it.id).max().unwrap()
}

/// Where the last message went.
fn last_to(world: &World) -> String {
    world.twilio.sent().pop().unwrap().to
}

/// A text as a release took it that knew the key alone.
fn of_older_release(sid: &str, channel: Channel, body: &str) -> InboundText {
    let text = json!({ "sid": sid, "channel": channel, "to": VOTERS_NUMBERS[0], "service": null, "body": body, "media": [],
                       "profile": null, "opt_out_type": null });
    serde_json::from_value(text).unwrap()
}

/// A world in which somebody has said "Hello" to an older release, which knows them by this number.
fn known_to_older_release(number: &str) -> World {
    let mut world = world();
    world.older_release_takes(
        number,
        of_older_release("SM00000000000000000000000000000001", Channel::WhatsApp, "Hello"),
    );
    world.settle(1);
    world
}

#[test]
fn somebody_on_whatsapp_without_a_number_is_greeted_answered_and_obeyed() {
    let mut world = world_with_calls();
    writes(&mut world, ID, "Where do I vote?");
    let talk = newest(&world);
    assert_eq!(world.phone(ID), [GREETING]);
    world.reply(talk, "<p>Town Hall.</p>");
    world.settle(1);
    assert_eq!((world.phone(ID).pop().as_deref(), last_to(&world)), (Some("Town Hall."), format!("whatsapp:{ID}")));
    let states: Vec<_> = world.timeline(ID_KEY).iter().map(|it| it["state"].clone()).collect();
    assert_eq!(states, [json!(null), json!("delivered"), json!("delivered")]);
    let shown = world.shown(ID_KEY).unwrap();
    assert!(shown.can_be_texted() && !shown.is_phone(), "texted, and not called: {shown:?}");
    assert_eq!(world.asks_to_call("one", AGENT, ID_KEY), 409);
    writes(&mut world, ID, "STOP");
    world.reply(talk, "<p>One more thing</p>");
    world.settle(1);
    assert!(world.notes(talk).pop().unwrap().contains("STOP"), "{:?}", world.notes(talk));
    assert_eq!(world.phone(ID).len(), 2);
}

#[test]
fn an_agent_is_told_that_twilio_cannot_text_who_hides_the_number() {
    let mut world = world();
    world.twilio.settings_mut().refuses_whatsapp_ids = true;
    writes(&mut world, ID, "Where do I vote?");
    let talk = newest(&world);
    world.reply(talk, "<p>Town Hall.</p>");
    world.settle(1);
    assert!(world.notes(talk).pop().unwrap().contains("do not show their phone number"), "{:?}", world.notes(talk));
    // Once the number is known, it is used.
    writes_with_both(&mut world, SAM, "Hello?");
    world.reply(talk, "<p>Town Hall, at nine.</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM).pop().as_deref(), Some("Town Hall, at nine."));
    assert_eq!(customers(&world).len(), 1);
}

#[test]
fn whoever_was_met_by_the_number_first_is_known_by_the_id_later() {
    let mut world = world();
    world.settled_text(SAM, "Hello");
    writes_with_both(&mut world, SAM, "on WhatsApp");
    writes(&mut world, ID, "without my number");
    assert_eq!(customers(&world), ["15550100101@sms.example.org"]);
    assert_eq!(world.said(world.conversation(SAM)), ["Hello", "on WhatsApp", "without my number"]);
    writes(&mut world, ID, "STOP");
    world.reply(world.conversation(SAM), "<p>by either way</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM), [GREETING], "a STOP without the number holds for the number");
}

#[test]
fn whoever_was_met_by_the_id_first_goes_on_in_the_same_conversation_and_can_be_called() {
    let mut world = world_with_calls();
    writes(&mut world, ID, "Hello");
    let talk = newest(&world);
    writes_with_both(&mut world, SAM, "This is my number");
    texts(&mut world, SAM, "by SMS");
    assert_eq!(world.said(talk), ["Hello", "This is my number", "by SMS"]);
    assert_eq!((customers(&world).len(), world.phone(ID).len(), world.phone(SAM).len()), (1, 1, 0), "greeted once");
    let shown = world.shown(ID_KEY).unwrap();
    assert_eq!((shown.number.as_str(), shown.is_phone()), (SAM, true));
    assert_eq!(world.asks_to_call("one", AGENT, ID_KEY), 201);
    world.settle(1);
    assert!(world.twilio.calls().iter().any(|call| call.to == SAM), "the number is dialled");
    world.reply(talk, "<p>Good.</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM).pop().as_deref(), Some("Good."));
}

#[test]
fn two_who_turn_out_to_be_one_keep_their_conversations_and_an_opt_out_holds_in_both() {
    let mut world = world();
    writes(&mut world, ID, "Hello");
    let of_id = newest(&world);
    let of_number = world.settled_text(SAM, "Hi");
    writes_with_both(&mut world, SAM, "It is me");
    writes(&mut world, ID, "me again");
    assert_eq!(world.said(of_number), ["Hi", "It is me", "me again"]);
    world.reply(of_id, "<p>An answer to the first one</p>");
    world.settle(1);
    assert_eq!(world.timeline(ID_KEY).pop().unwrap()["state"], "delivered");
    writes_with_both(&mut world, SAM, "STOP");
    let sent = world.twilio.sent().len();
    for talk in [of_id, of_number] {
        world.reply(talk, "<p>Not any more</p>");
        world.settle(1);
        assert!(world.notes(talk).pop().unwrap().contains("STOP"), "{:?}", world.notes(talk));
    }
    assert_eq!(world.twilio.sent().len(), sent);
    writes_with_both(&mut world, SAM, "START");
    world.reply(of_id, "<p>Again</p>");
    world.settle(1);
    assert_eq!(world.twilio.sent().len(), sent + 1);
}

#[test]
fn two_spellings_of_a_number_are_one_person() {
    for (canonical, other) in SPELLINGS {
        let mut world = world();
        world.settled_text(canonical, "by SMS");
        writes(&mut world, other, "by WhatsApp");
        let talk = world.conversation(canonical);
        assert_eq!(
            (customers(&world).len(), world.said(talk)),
            (1, vec!["by SMS".into(), "by WhatsApp".into()]),
            "{other}"
        );
        world.reply(talk, "<p>An answer</p>");
        world.settle(1);
        assert_eq!(last_to(&world), format!("whatsapp:{other}"), "what is sent to is what they wrote from");
        assert_eq!(world.timeline(canonical).pop().unwrap()["state"], "delivered", "{other}");
        writes(&mut world, other, "STOP");
        let sent = world.twilio.sent().len();
        world.reply(talk, "<p>still texted after STOP</p>");
        world.settle(1);
        assert_eq!(world.twilio.sent().len(), sent, "{other}");
    }
}

#[test]
fn whoever_an_older_release_knew_by_the_other_spelling_is_found() {
    for (canonical, other) in SPELLINGS {
        let mut world = known_to_older_release(other);
        let talk = newest(&world);
        writes(&mut world, other, "Are you there?");
        texts(&mut world, canonical, "now by SMS");
        world.call(canonical, Script::new().hangs_up_at(5));
        world.settle(1);
        assert_eq!(world.said(talk)[..3], ["Hello", "Are you there?", "now by SMS"], "{canonical}");
        assert_eq!(customers(&world).len(), 1, "{canonical}");
        world.reply(talk, "<p>Yes</p>");
        world.settle(1);
        assert_eq!((last_to(&world).as_str(), world.phone(canonical).pop().as_deref()), (canonical, Some("Yes")));
        assert_eq!(world.timeline(other).pop().unwrap()["state"], "delivered", "{canonical}");
    }
}

#[test]
fn two_objects_of_an_older_release_share_an_opt_out() {
    let (canonical, other) = SPELLINGS[0];
    let mut world = known_to_older_release(other);
    world.older_release_takes(canonical, of_older_release("SM00000000000000000000000000000002", Channel::Sms, "Hi"));
    world.settle(1);
    let talks: Vec<u64> = world.helpscout.conversations().map(|it| it.id).collect();
    writes(&mut world, other, "STOP");
    let sent = world.twilio.sent().len();
    for talk in talks {
        world.reply(talk, "<p>Not any more</p>");
        world.settle(1);
    }
    assert_eq!(world.twilio.sent().len(), sent);
}

#[test]
fn an_object_that_does_not_answer_keeps_no_text_from_the_agents_for_long() {
    let (canonical, other) = SPELLINGS[0];
    let mut world = known_to_older_release(other);
    let broken = Name::Contact(VOTERS, other.to_owned());
    world.objects[&broken].store.alter("ALTER TABLE entries RENAME TO broken");
    world.text(canonical, "Are you there?");
    world.run_for(HOUR);
    assert_eq!(world.said(world.conversation(canonical)), ["Are you there?"]);
    // Once it answers again, the two know each other, and an opt-out holds for both.
    world.objects[&broken].store.alter("ALTER TABLE broken RENAME TO entries");
    world.text(canonical, "STOP");
    world.settle(1);
    assert!(world.shown(other).unwrap().opted_out.is_some());
}

#[test]
fn a_mobile_in_argentina_is_called_as_it_is_dialled_from_abroad() {
    let mut world = world_with_calls();
    writes(&mut world, "+5491155500100", "Please call me");
    assert_eq!(world.asks_to_call("one", AGENT, "+541155500100"), 201);
    world.settle(1);
    assert!(world.twilio.calls().iter().any(|call| call.to == "+5491155500100"));
}

#[test]
fn rcs_is_the_same_person_and_its_stop_closes_texts() {
    const SERVICE: &str = "MG00000000000000000000000000000001";
    let mut world = World::new(&Stage::with("messaging_service", json!(SERVICE)));
    let like = world.twilio.settings_mut().senders[0].clone();
    let rcs = Sender { address: "rcs:hotline_agent".into(), ..like };
    let senders = vec![rcs.address.clone(), VOTERS_NUMBERS[0].to_owned()];
    world.twilio.settings_mut().senders.push(rcs);
    world.twilio.settings_mut().services.push(MessagingService { sid: SERVICE.into(), senders, ..Default::default() });
    world.settled_text(SAM, "by SMS");
    world.text_to(&format!("rcs:{SAM}"), "rcs:hotline_agent", "by RCS", &[]);
    world.settle(1);
    let talk = world.conversation(SAM);
    assert_eq!((customers(&world).len(), world.said(talk)), (1, vec!["by SMS".into(), "by RCS".into()]));
    world.reply(talk, "<p>Town Hall.</p>");
    world.settle(1);
    assert_eq!((world.phone(SAM).pop().as_deref(), last_to(&world).as_str()), (Some("Town Hall."), SAM));
    world.text_to(&format!("rcs:{SAM}"), "rcs:hotline_agent", "STOP", &[]);
    world.settle(1);
    let sent = world.twilio.sent().len();
    world.reply(talk, "<p>One more</p>");
    world.settle(1);
    assert!(world.notes(talk).pop().unwrap().contains("STOP"));
    assert_eq!(world.twilio.sent().len(), sent);
}
