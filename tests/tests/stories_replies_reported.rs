//! What users of other systems reported that send replies from a help desk, or from a list, by text; each tried here.

use ringside_tests::world::World;
use ringside_tests::world::stage::{GREETING, NOON, Stage, VOTERS_NUMBERS};

use emulator::faults::{Kind, Rule, Service};
use emulator::http::Request;
use emulator::twilio::signing::{self, About};
use emulator::twilio::{DeliveryOutcome, MessagingService, Signing};
use serde_json::json;

const SAM: &str = "+15550100101";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn with_sam(stage: &Stage) -> (World, u64) {
    let mut world = World::new(stage);
    let conversation = world.settled_text(SAM, "hello from Sam");
    (world, conversation)
}

fn usual() -> (World, u64) {
    with_sam(&Stage::default())
}

/// A status callback as Twilio posts it for the last message to Sam.
fn tell(world: &mut World, state: &str, code: &str) {
    let message = world.made_for(SAM).pop().unwrap();
    let callback = message.status_callback.unwrap();
    let url = callback.split('#').next().unwrap();
    let mut params = vec![("MessageSid", message.sid), ("MessageStatus", state.to_owned()), ("To", SAM.to_owned())];
    if !code.is_empty() {
        params.push(("ErrorCode", code.to_owned()));
    }
    let params: Vec<(String, String)> = params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let token = world.config.secrets.twilio_auth_token.expose().to_owned();
    let mut headers = signing::headers(&Signing::AuthToken, &token, About::Messages, url, &params);
    headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    let pairs: Vec<String> =
        params.iter().map(|(name, value)| format!("{name}={}", value.replace('+', "%2B"))).collect();
    let target = url.strip_prefix("https://hotline.example.org").unwrap().to_owned();
    let request = Request { method: "POST".into(), target, headers, body: pairs.join("&").into_bytes() };
    assert_eq!(world.answer(&request).status, 204);
    world.run_for(MINUTE);
}

fn on_create(world: &mut World, kind: Kind, times: u32) {
    let (method, path_contains) = (Some("POST".into()), Some("Messages.json".into()));
    world.faults.add(Service::Twilio, Rule { id: 0, kind, method, path_contains, times: Some(times) });
}

/// chatwoot, pull request 14149: a failure without its code, told again, took the reason away; and 9542: the code that
/// came with the second word was dropped.
#[test]
fn a_failure_keeps_its_reason_and_learns_it_from_a_later_word() {
    for codes in [["30007", ""], ["", "30007"]] {
        let (mut world, conversation) = usual();
        world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::NoReceipt);
        world.reply(conversation, "<p>Hi Sam.</p>");
        world.run_for(MINUTE);
        tell(&mut world, "undelivered", codes[0]);
        tell(&mut world, "failed", codes[1]);
        world.settle(2);
        let notes = world.notes(conversation);
        assert!(notes.len() == 1 && notes[0].contains("took this for spam"), "{codes:?}: {notes:?}");
        assert!(notes[0].contains("(Twilio 30007)"), "{codes:?}: {notes:?}");
    }
}

/// The same for a failure that passes: what came without a code is sent again when the code says so.
#[test]
fn a_failure_whose_code_comes_late_is_sent_again() {
    let (mut world, conversation) = usual();
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::NoReceipt);
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.run_for(MINUTE);
    tell(&mut world, "undelivered", "");
    tell(&mut world, "undelivered", "30003");
    assert!(world.notes(conversation)[0].contains("again by itself"), "{:?}", world.notes(conversation));
    world.settle(2);
    assert_eq!(world.made_for(SAM).len(), 3);
}

/// chatwoot 13377: delivered and undeliverable at once.
#[test]
fn what_arrived_after_all_is_not_said_to_have_failed_as_well() {
    let (mut world, conversation) = usual();
    let late = DeliveryOutcome::Late { code: 30003, after_ms: (90 * MINUTE).unsigned_abs() };
    world.twilio.set_delivery_outcome(SAM, late);
    world.reply(conversation, "<p>Come at 3.</p>");
    world.run_for(10 * MINUTE);
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Delivered);
    world.reply(conversation, "<p>No, come at 5.</p>");
    world.settle(2);
    let notes = world.notes(conversation);
    assert_eq!(notes[0], "Delivered as a text to +1 555 010 0101. “Come at 3.”", "{notes:?}");
    let timeline = world.timeline(SAM);
    let shown = timeline.iter().find(|entry| entry["text"] == "Come at 3.").unwrap();
    assert_eq!((&shown["state"], &shown["error"]), (&json!("delivered"), &json!(null)));
}

/// chatwoot 9542: the failure is told before the create is answered.
#[test]
fn a_failure_that_is_told_before_the_create_is_answered_is_kept() {
    let (mut world, conversation) = usual();
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Failed(30007));
    on_create(&mut world, Kind::Slow { ms: 5_000 }, 1);
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.settle(2);
    let notes = world.notes(conversation);
    assert!(notes.len() == 1 && notes[0].contains("(Twilio 30007)"), "{notes:?}");
    assert_eq!(world.made_for(SAM).len(), 2);
}

/// postmangovsg 1150: one segment's success wrote over another's failure.
#[test]
fn a_part_that_failed_is_told_of_though_the_others_arrived() {
    let (mut world, conversation) = usual();
    let words: Vec<String> = (0..700).map(|number| format!("word{number}")).collect();
    world.reply(conversation, &format!("<p>{}</p>", words.join(" ")));
    world.run_for(8_000);
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::FILTERED);
    world.run_for(12_000);
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Delivered);
    world.settle(2);
    let notes = world.notes(conversation);
    assert!(notes.len() == 1 && notes[0].starts_with("Not all of it was sent to"), "{notes:?}");
    assert!(notes[0].contains("3 of its 4 messages left.") && notes[0].contains("(Twilio 30007)"), "{notes:?}");
}

/// vita-min 3401: a queue that overflowed was filled again at once.
#[test]
fn an_overflowing_queue_is_given_time() {
    let (mut world, conversation) = usual();
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Failed(30001));
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.run_for(2 * DAY);
    let left: Vec<i64> = world.ledger.leaving.iter().skip(1).map(|leaving| leaving.at).collect();
    assert!(left.windows(2).all(|pair| pair[1] - pair[0] >= 30 * MINUTE), "{left:?}");
    assert!((10..30).contains(&left.len()), "{left:?}");
}

/// nyaruka/courier 180: with a service the refusal comes by callback, and nobody learnt it.
#[test]
fn an_opt_out_that_comes_by_callback_is_learnt() {
    const SERVICE: &str = "MG00000000000000000000000000000001";
    let mut world = World::new(&Stage::with("messaging_service", json!(SERVICE)));
    let senders = vec![VOTERS_NUMBERS[1].to_owned()];
    let service = MessagingService { sid: SERVICE.into(), senders, ..Default::default() };
    world.twilio.settings_mut().services.push(service);
    let conversation = world.settled_text(SAM, "hello");
    world.twilio.block(VOTERS_NUMBERS[1], SAM);
    world.reply(conversation, "<p>one</p>");
    world.settle(1);
    let left = world.ledger.leaving.len();
    world.reply(conversation, "<p>two</p>");
    world.settle(1);
    assert_eq!(world.ledger.leaving.len(), left, "nothing more leaves");
    let notes = world.notes(conversation);
    assert_eq!(notes.iter().filter(|note| note.contains("(Twilio 21610)")).count(), 2, "{notes:?}");
    assert!(notes.iter().any(|note| note.contains("has opted out of texts (STOP)")), "{notes:?}");
}

/// nyaruka/courier 362, voipms-sms-client 260: a short text that left right after a long one was there first.
#[test]
fn a_short_text_leaves_when_the_long_one_before_it_has_had_its_time() {
    let (mut world, conversation) = with_sam(&Stage::with("sends_per_second", json!(100)));
    world.reply(conversation, &format!("<p>{}</p>", "one ".repeat(700)));
    world.reply(conversation, "<p>short</p>");
    world.settle(1);
    let left: Vec<i64> = world.ledger.leaving.iter().skip(1).map(|leaving| leaving.at).collect();
    assert_eq!(left.len(), 3);
    assert!(left[1] - left[0] >= 11_000 && left[2] - left[1] >= 8_000, "{left:?}");
    world.reply(conversation, "<p>and again</p>");
    world.settle(1);
    assert_eq!(world.phone(SAM).len(), 5);
}

/// fazer-ai/agents 587: a reply whose file failed was lost with its words.
#[test]
fn the_words_of_a_reply_arrive_when_its_file_cannot() {
    for code in [30011, 30019, 30008] {
        let (mut world, conversation) = usual();
        world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Undelivered(code));
        world.reply_with(conversation, "<p>This way.</p>", "way", &[("map.png", "image/png")]);
        let alone = |world: &World| {
            let last = world.made_for(SAM).pop().unwrap();
            last.body == "This way." && last.media_urls.is_empty()
        };
        while !alone(&world) && world.now < NOON + 3 * DAY {
            world.run_for(50);
        }
        world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Delivered);
        world.settle(2);
        let last = world.made_for(SAM).pop().unwrap();
        assert_eq!((last.body.as_str(), last.media_urls.len()), ("This way.", 0), "{code}");
        let notes = world.notes(conversation);
        assert!(notes.len() == 1 && notes[0].contains("its words were sent without it"), "{code}: {notes:?}");
        assert!(notes[0].starts_with("Delivered as a text"), "{code}: {notes:?}");
    }
}

/// The same when Twilio refuses the file at once.
#[test]
fn the_words_of_a_reply_leave_when_twilio_refuses_its_file() {
    let (mut world, conversation) = usual();
    let body = json!({"code": 21620, "message": "Invalid media URL(s)", "status": 400});
    on_create(&mut world, Kind::Status { status: 400, headers: [].into(), body }, 1);
    world.reply_with(conversation, "<p>This way.</p>", "way", &[("map.png", "image/png")]);
    world.reply(conversation, "<p>See you.</p>");
    world.settle(2);
    assert_eq!(world.phone(SAM), [GREETING, "This way.", "See you."]);
    assert!(world.notes(conversation)[0].contains("its words were sent without it"));
}

/// Signal 818, qksms 652: ancient texts were sent when something came back.
#[test]
fn an_apology_is_not_sent_when_it_is_old() {
    let mut world = World::new(&Stage::default());
    let refused = Kind::Status { status: 401, headers: [].into(), body: json!(null) };
    let (method, path_contains) = (Some("POST".into()), Some("Messages.json".into()));
    let rule = Rule { id: 0, kind: refused, method, path_contains, times: None };
    let rule = world.faults.add(Service::Twilio, rule);
    world.text(SAM, "hello");
    world.run_for(2 * DAY);
    world.faults.clear(Service::Twilio, Some(rule));
    world.settle(2);
    assert!(world.phone(SAM).is_empty(), "two days later: {:?}", world.phone(SAM));
    let timeline = world.timeline(SAM);
    let greeting = timeline.iter().find(|entry| entry["text"] == GREETING).unwrap();
    assert_eq!(greeting["error"]["reason"], "It waited for hours, so it was not sent any more.");
}

/// Signal 6415, pulse 251: "Sending", for ever.
#[test]
fn a_text_that_waits_ten_hours_at_twilio_is_asked_after_until_the_end() {
    let (mut world, conversation) = usual();
    world.faults.switch_on(Service::Twilio, Kind::Drop);
    world.twilio.settings_mut().pace.queued_ms = (10 * HOUR - 5 * MINUTE).unsigned_abs();
    world.reply(conversation, "<p>Hi Sam.</p>");
    world.settle(2);
    let notes = world.notes(conversation);
    assert!(notes.len() == 1 && notes[0].starts_with("Delivered as a text"), "{notes:?}");
}

/// cht-core 10802: the same text two thousand times.
#[test]
fn failures_that_change_do_not_make_a_text_without_end() {
    let (mut world, conversation) = usual();
    let codes = [30003, 30023, 30008, 30001, 30022, 63038];
    world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Failed(codes[0]));
    world.reply(conversation, "<p>Hi Sam.</p>");
    for at in 0..10 * 24 * 4 {
        world.run_for(15 * MINUTE);
        world.twilio.set_delivery_outcome(SAM, DeliveryOutcome::Failed(codes[at % codes.len()]));
    }
    let made = world.made_for(SAM).len();
    assert!(made < 30, "{made} texts in ten days");
    world.settle(10);
    assert_eq!(world.made_for(SAM).len(), made);
    assert!(!world.notes(conversation).concat().contains("again by itself"), "{:?}", world.notes(conversation));
}
