//! What users of other systems reported about calls, queues, voicemail and calling back; each tried here.

use emulator::faults::{Kind, Rule, Service};
use emulator::http::Request;
use emulator::twilio::signing::{About, headers};
use emulator::twilio::{DEVELOPMENT_ACCOUNT_SID, FarEnd, RecordingStatus, Script, Signing, Transcription};
use hotline::config::{Scope, Var, problems};
use hotline::domain::phone::Party;
use hotline::form::encode;
use ringside_tests::world::World;
use ringside_tests::world::stage::{AUTH_TOKEN, GREETING, MISSED, Stage, VOTERS_NUMBERS};
use serde_json::{Value, json};

const CALLER: &str = "+15550100150";
const OTHER: &str = "+15550100151";
const ADA: &str = "+15550100101";
const BEN: &str = "+15550100102";
const AGENT: i64 = 4004;

fn both() -> Value {
    json!({"phones": [ADA, BEN], "seconds": 25})
}

fn world(ring: Value) -> World {
    World::new(&Stage { hotline: vec![("ring", ring)], ..Stage::default() })
}

fn takes(after: u64) -> FarEnd {
    FarEnd::answers_after(after, Script::new().presses("1", 1))
}

/// What the conversations of a person say.
fn shown(world: &World, who: &str) -> Vec<String> {
    world.conversations(who).iter().flat_map(|id| [world.said(*id), world.notes(*id)].concat()).collect()
}

fn met(world: &World, call: &str) -> bool {
    world.heard(call).contains(&"bridged".to_owned())
}

fn spoil(world: &mut World, kind: Kind, times: u32) {
    let (method, path_contains) = (Some("POST".into()), Some("Calls.json".into()));
    world.faults.add(Service::Twilio, Rule { id: 0, kind, method, path_contains, times: Some(times) });
}

fn too_many() -> Kind {
    let body = json!({"code": 20429, "message": "Too Many Requests", "status": 429});
    Kind::Status { status: 429, headers: [].into(), body }
}

/// A webhook about a call.
fn voice(world: &mut World, target: &str, params: &[(&str, &str)]) -> String {
    let url = format!("https://hotline.example.org{target}");
    let all = [("AccountSid", DEVELOPMENT_ACCOUNT_SID), ("ApiVersion", "2010-04-01")];
    let params: Vec<(String, String)> =
        all.iter().chain(params).map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let mut signed = headers(&Signing::AuthToken, AUTH_TOKEN, About::Calls, &url, &params);
    signed.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
    let pairs: Vec<(&str, &str)> = params.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let body = encode(&pairs).into_bytes();
    let answer = world.answer(&Request { method: "POST".into(), target: target.into(), headers: signed, body });
    assert_ne!(answer.status, 403, "the harness: signed wrongly");
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// The call to a phone.
fn leg_to(world: &World, phone: &str) -> String {
    world.twilio.calls().iter().find(|it| it.to == phone).unwrap().sid.clone()
}

/// Whoever is on that call hangs up, or declines it.
fn hang_up(world: &mut World, sid: &str) {
    let now = world.now.cast_unsigned();
    world.twilio.hang_up(now, sid);
}

/// Twilio tells that the file of a recording is there.
fn filed(world: &mut World, call: &str, recording: &str, seconds: &str) {
    let told = [
        ("CallSid", call),
        ("RecordingSid", recording),
        ("RecordingStatus", "completed"),
        ("RecordingDuration", seconds),
    ];
    voice(world, &format!("/twilio/calls/recording?h=3003&c={call}"), &told);
}

/// Twilio tells the transcript of a recording.
fn transcribed(world: &mut World, call: &str, recording: &str, words: &str) {
    let told = [
        ("CallSid", call),
        ("RecordingSid", recording),
        ("TranscriptionStatus", "completed"),
        ("TranscriptionText", words),
    ];
    voice(world, &format!("/twilio/calls/transcript?h=3003&c={call}"), &told);
}

/// What `check` says of a hotline with these fields.
fn check(fields: Value) -> Vec<String> {
    let mut table = json!({"name": "V", "mailbox": 3003, "numbers": ["+15550100001"], "region": "US"});
    fields.as_object().unwrap().iter().for_each(|(name, value)| table[name] = value.clone());
    let other = json!({"name": "D", "mailbox": 3005, "numbers": ["+15550100002"]});
    let texts = [("PUBLIC_URL", "https://hotline.example.org"), ("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", "sms.example.org")];
    let mut vars: Vec<(String, Var)> =
        texts.iter().map(|(name, text)| ((*name).to_owned(), Var::Text((*text).to_owned()))).collect();
    vars.push(("HOTLINE_V".into(), Var::Text(table.to_string())));
    vars.push(("HOTLINE_D".into(), Var::Text(other.to_string())));
    problems(&vars, Scope::WithoutSecrets).iter().map(|it| format!("{}: {}", it.field, it.problem)).collect()
}

/// bmlt-enabled/yap #540: whoever calls while the phones only ring for somebody else gets the next free one.
#[test]
fn a_second_caller_waits_while_the_phones_ring_for_the_first() {
    let mut world = world(both());
    world.twilio.set_far_end(ADA, takes(6));
    world.twilio.set_far_end(BEN, takes(9));
    let first = world.call(CALLER, Script::new().hangs_up_at(90));
    world.run_for(2_000);
    let second = world.call(OTHER, Script::new().speaks(5).hangs_up_at(90));
    world.run_for(60_000);
    assert!(met(&world, &first), "the harness: {:?}", world.heard(&first));
    assert!(met(&world, &second), "Ben's phone was free from the eighth second on: {:?}", world.heard(&second));
}

/// fusionpbx/fusionpbx #2746, jambonz/sbc-inbound #209: a phone of the team forwards back to the hotline.
#[test]
fn a_call_from_the_hotlines_own_number_is_not_taken() {
    let mut world = world(both());
    world.call(CALLER, Script::new().hangs_up_at(60));
    world.run_for(3_000);
    let own = VOTERS_NUMBERS[0];
    let looped = world.call(own, Script::new().speaks(12));
    world.settle(1);
    let heard = world.heard(&looped);
    assert!(
        !heard.iter().any(|it| it == "beep" || it.starts_with("said")),
        "voicemail answers our own call: {heard:?}"
    );
    assert!(shown(&world, own).is_empty(), "a person is made of our own number: {:?}", shown(&world, own));
}

/// The worse half: where answering takes the call, the team is rung for our own call.
#[test]
fn nobody_is_rung_for_a_call_from_the_hotlines_own_number() {
    let mut world = world(json!({"phones": [ADA, BEN], "seconds": 25, "accept": "none"}));
    world.call(VOTERS_NUMBERS[0], Script::new().speaks(12));
    world.settle(1);
    assert_eq!((world.twilio.rings(ADA), world.twilio.rings(BEN)), (0, 0));
}

/// fusionpbx/fusionpbx PR 5362: a hotline that rings itself, or two that ring each other.
#[test]
fn a_hotlines_number_is_no_phone_to_ring() {
    assert_eq!(check(json!({"ring": {"phones": [ADA]}})), [] as [String; 0]);
    assert!(!check(json!({"ring": {"phones": ["nobody"]}})).is_empty());
    for number in ["+15550100001", "+15550100002"] {
        let said = check(json!({"ring": {"phones": [ADA, number]}}));
        assert!(said.iter().any(|it| it.starts_with("HOTLINE_V.ring.phones[1]")), "{number}: {said:?}");
    }
}

/// futel/asteriskserver #123, #212: Twilio starts one call a second; the answers to the creates are lost.
#[test]
fn a_phone_whose_call_waits_at_twilio_is_not_rung_twice() {
    let phones: Vec<String> = (1..=8).map(|n| format!("+155501002{n:02}")).collect();
    let mut world = world(json!({"phones": phones, "seconds": 30}));
    spoil(&mut world, Kind::LostAnswer, 8);
    world.call(CALLER, Script::new().hangs_up_at(60));
    world.run_for(50_000);
    let rings: Vec<usize> = phones.iter().map(|phone| world.twilio.rings(phone)).collect();
    assert!(rings.contains(&1) && rings.iter().all(|times| *times <= 1), "{rings:?}");
}

/// twilio/twilio-node #713, twilio/twilio-go #247: too many requests, for three seconds.
#[test]
fn a_phone_is_rung_when_twilio_has_time_again() {
    for refusals in [1, 3, 6] {
        let mut world = world(json!({"phones": [ADA], "seconds": 25}));
        world.twilio.set_far_end(ADA, takes(3));
        spoil(&mut world, too_many(), refusals);
        let call = world.call(CALLER, Script::new().speaks(5).hangs_up_at(90));
        world.run_for(80_000);
        assert!(met(&world, &call), "after {refusals} s of 20429: {:?}", world.heard(&call));
    }
}

/// r3gis3r/CSipSimple #37, lehel-twilio/plugin-dialpad #15: somebody of the team calls the hotline.
#[test]
fn the_callers_own_phone_is_not_rung() {
    let mut world = world(both());
    world.twilio.set_call_waiting(ADA, true);
    world.call(ADA, Script::new().hangs_up_at(20));
    world.run_for(15_000);
    assert_eq!((world.twilio.rings(ADA), world.twilio.rings(BEN)), (0, 1));
}

/// Twilio, error 16101, and `RecordingStatus` `failed`: a message of 42 s whose file Twilio could not keep.
#[test]
fn a_message_whose_recording_failed_is_not_no_message() {
    for status in ["failed", "absent"] {
        let mut world = World::new(&Stage::default());
        let (call, recording) = ("CA22222222222222222222222222222222", "RE22222222222222222222222222222222");
        let who = [("CallSid", call), ("From", CALLER), ("To", VOTERS_NUMBERS[0])];
        let met = voice(&mut world, "/twilio/calls", &[&who[..], &[("CallStatus", "ringing")]].concat());
        assert!(met.contains("<Record"), "the harness: {met}");
        let address = |stage: &str| format!("/twilio/calls/{stage}?h=3003&c={call}");
        let spoken = [
            ("CallStatus", "completed"),
            ("RecordingSid", recording),
            ("RecordingDuration", "42"),
            ("Digits", "hangup"),
        ];
        voice(&mut world, &address("recorded"), &[&who[..], &spoken].concat());
        voice(
            &mut world,
            &address("recording"),
            &[("CallSid", call), ("RecordingSid", recording), ("RecordingStatus", status)],
        );
        world.settle(1);
        let said = shown(&world, CALLER).concat();
        assert!(!said.is_empty() && !said.contains("left no message"), "{status}: {said}");
        assert!(!world.phone(CALLER).contains(&MISSED.to_owned()), "{status}: texted that they were missed");
    }
}

/// Twilio, error 13617: the longest message that the defaults allow lasts 120 s and gets no transcript.
#[test]
fn every_message_that_the_length_allows_can_be_transcribed() {
    assert_eq!(check(json!({"voicemail": {"max_seconds": 119}})), [] as [String; 0]);
    assert!(!check(json!({"voicemail": {"max_seconds": 121}})).is_empty());
    assert!(!check(json!({"voicemail": {"max_seconds": 120}})).is_empty(), "120 s is not under 120 s");
    let mut world = World::new(&Stage::default());
    world.text(CALLER, "hello");
    world.settle(1);
    let who = [("CallSid", "CA25222222222222222222222222222222"), ("From", CALLER), ("To", VOTERS_NUMBERS[0])];
    let met = voice(&mut world, "/twilio/calls", &[&who[..], &[("CallStatus", "ringing")]].concat());
    let most: u32 = met.split("maxLength=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    assert!(most < 120, "the default lets them speak {most} s");
}

/// OpenVBX #108, plivo/plivo-node #31: messages of a second are dropped, so a limit of a second drops all.
#[test]
fn a_limit_that_drops_every_message_is_refused() {
    assert_eq!(check(json!({"voicemail": {"max_seconds": 30}})), [] as [String; 0]);
    assert!(!check(json!({"voicemail": {"max_seconds": 1, "transcribe": false}})).is_empty());
}

/// Twilio, error 13521: what is too long to be said is not said.
#[test]
fn a_prompt_too_long_to_be_said_is_refused() {
    assert_eq!(check(json!({"voicemail": {"say": "We are away. ".repeat(20)}})), [] as [String; 0]);
    assert!(!check(json!({"voicemail": {"say": "We are away. ".repeat(370)}})).is_empty(), "4,810 characters");
}

/// Twilio, error 11100: a recording's address as somebody copied it from a file manager.
#[test]
fn a_prompt_at_an_address_that_is_none_is_refused() {
    assert_eq!(check(json!({"voicemail": {"play": "https://example.org/our%20greeting.mp3"}})), [] as [String; 0]);
    assert!(!check(json!({"voicemail": {"play": "https://example.org/our greeting.mp3"}})).is_empty());
}

/// SumOfUs/Champaign #940, twilio/twilio-client.js #82: a machine answers.
#[test]
fn nobody_has_talked_with_an_answering_machine() {
    let mut world = World::new(&Stage::default());
    world.twilio.set_far_end(ADA, FarEnd::answers_after(3, Script::new().presses("1", 1)));
    world.twilio.set_far_end(CALLER, FarEnd::voicemail(5));
    world.text(CALLER, "Please call me");
    world.run_for(60_000);
    world.call_back("one", AGENT, ADA, "", CALLER);
    world.settle(1);
    let said = shown(&world, CALLER).pop().unwrap();
    assert!(said.contains("called back") && said.contains("20 s"), "the harness: {said}");
    assert!(!said.contains("they talked"), "{said}");
}

/// ushahidi/platform #4156, signalapp/Signal-Android #11607: a person of WhatsApp calls once.
#[test]
fn a_call_does_not_move_a_talk_from_whatsapp_to_sms() {
    let mut world = World::new(&Stage::default());
    world.whatsapp(CALLER, "Hello on WhatsApp");
    world.settle(1);
    world.call(CALLER, Script::new().speaks(9));
    world.run_for(600_000);
    let conversation = world.conversation(CALLER);
    world.reply(conversation, "<p>Hi there.</p>");
    world.settle(1);
    let ways: Vec<(String, String)> = world.twilio.sent().into_iter().map(|it| (it.to, it.body)).collect();
    let whatsapp = format!("whatsapp:{CALLER}");
    assert_eq!(ways, [(whatsapp.clone(), GREETING.to_owned()), (whatsapp, "Hi there.".to_owned())]);
}

/// signalwire/freeswitch #2540: whoever hangs up and calls again at once.
#[test]
fn whoever_calls_again_at_once_is_taken() {
    for gap in [200, 1_000, 3_000] {
        let mut world = world(both());
        world.call(CALLER, Script::new().hangs_up_at(6));
        world.run_for(6_000 + gap);
        world.twilio.set_far_end(BEN, takes(5));
        let again = world.call(CALLER, Script::new().hangs_up_at(60));
        world.run_for(50_000);
        assert!(met(&world, &again), "{gap}: {:?}", world.heard(&again));
        world.settle(1);
        assert_eq!((shown(&world, CALLER).len(), world.phone(CALLER).len()), (2, 1), "{:?}", shown(&world, CALLER));
    }
}

/// twilio/OpenVBX #170, mitchib1440/SpeakThat #147: a number is read digit by digit.
#[test]
fn a_number_is_said_digit_by_digit() {
    let mut world = World::new(&Stage::default());
    world.twilio.set_far_end(ADA, FarEnd::answers_after(3, Script::new()));
    world.text(CALLER, "Please call me");
    world.run_for(60_000);
    world.call_back("one", AGENT, ADA, "", CALLER);
    world.run_for(30_000);
    let leg = leg_to(&world, ADA);
    assert!(world.heard(&leg).concat().contains("a call to 1, 5 5 5, 0 1 0, 0 1 5 0."), "{:?}", world.heard(&leg));
}

/// Twilio, errors 21215 and 10004: a country that is not allowed, more calls than allowed.
#[test]
fn calls_that_twilio_does_not_allow_end_at_voicemail_and_are_counted() {
    for code in [21_215, 10_004] {
        let mut world = world(both());
        let kind =
            Kind::Status { status: 400, headers: [].into(), body: json!({"code": code, "message": "", "status": 400}) };
        spoil(&mut world, kind, 9);
        let call = world.call(CALLER, Script::new().speaks(5));
        world.settle(1);
        assert!(world.heard(&call).contains(&"beep".to_owned()), "{:?}", world.heard(&call));
        assert_eq!(world.counted(&format!("failed: phone: Twilio error {code}")), 2);
    }
}

/// Twilio, Queues resource: queues persist; inactive ones should be deleted: one for each voicemail.
#[test]
fn no_queue_stays_at_twilio_after_a_call() {
    for (ends, ada, script) in [
        ("missed", FarEnd::NoAnswer, Script::new().hangs_up_at(5)),
        ("answered", takes(3), Script::new().hangs_up_at(30)),
        ("voicemail", FarEnd::Busy, Script::new().speaks(5)),
    ] {
        let mut world = world(json!({"phones": [ADA], "seconds": 10}));
        world.twilio.set_far_end(ADA, ada);
        world.call(CALLER, script);
        world.run_for(3_000);
        world.settle(1);
        assert_eq!(shown(&world, CALLER).len(), 1, "{ends}");
        assert_eq!(world.twilio.queues().len(), 0, "{ends}: {:?}", world.twilio.queues());
    }
}

/// RestComm/Restcomm-Connect #1905, jambonz/jambonz-api-server #125, twilio/twilio-java #207: the agent hangs up and
/// `<Dial>`'s action is not asked for; the contact's own status callback says how it was.
#[test]
fn how_a_call_back_ended_is_known_without_dials_action() {
    for (stays, picks_up, ends) in [(30, 3, "they talked for 25 s."), (8, 60, "cancelled.")] {
        for told in [true, false] {
            let mut world = World::new(&Stage::default());
            world.twilio.settings_mut().voice.dial_action_after_hangup = told;
            let agent = Script::new().presses("1", 1).hangs_up_at(stays);
            world.twilio.set_far_end(ADA, FarEnd::answers_after(3, agent));
            world.twilio.set_far_end(CALLER, FarEnd::answers_after(picks_up, Script::new()));
            world.text(CALLER, "Please call me");
            world.run_for(60_000);
            world.call_back("one", AGENT, ADA, "", CALLER);
            world.settle(1);
            let said = shown(&world, CALLER).pop().unwrap();
            assert!(said.ends_with(ends), "action told: {told}: {said}");
        }
    }
}

/// With the contact's `answered` lost as well: `completed` after 31 s is no "nobody answered".
#[test]
fn a_talk_whose_beginning_was_not_told_is_a_talk() {
    let mut world = World::new(&Stage::default());
    world.twilio.set_far_end(ADA, FarEnd::answers_after(3, Script::new()));
    world.text(CALLER, "Please call me");
    world.run_for(60_000);
    world.call_back("one", AGENT, ADA, "", CALLER);
    world.run_for(6_000);
    let leg = world.twilio.calls().iter().find(|call| call.to == ADA).unwrap().sid.clone();
    let agent = [("CallSid", leg.as_str()), ("From", VOTERS_NUMBERS[0]), ("To", ADA)];
    let pressed = [("CallStatus", "in-progress"), ("Digits", "1")];
    voice(&mut world, "/twilio/calls/leg/pressed?h=3003&c=one&l=0", &[&agent[..], &pressed].concat());
    world.run_for(35_000);
    let contact = [("CallSid", "CA27222222222222222222222222222222"), ("From", VOTERS_NUMBERS[0]), ("To", CALLER)];
    let over = [("CallStatus", "completed"), ("CallDuration", "31"), ("CallbackSource", "call-progress-events")];
    voice(&mut world, "/twilio/calls/contact/status?h=3003&c=one", &[&contact[..], &over].concat());
    voice(&mut world, "/twilio/calls/leg/status?h=3003&c=one&l=0", &[&agent[..], &over].concat());
    world.settle(1);
    let said = shown(&world, CALLER).pop().unwrap();
    assert!(said.contains("called back") && said.contains("31 s"), "{said}");
}

/// codeforamerica/balance #327: a transcript comes two months late.
#[test]
fn a_transcript_of_two_months_ago_finds_its_voicemail() {
    let mut world = World::new(&Stage::default());
    let after_ms = 70 * 86_400_000;
    world.twilio.set_transcription(CALLER, Transcription::Comes { after_ms, text: "two months late".into() });
    world.call(CALLER, Script::new().speaks(9));
    world.run_for(60_000);
    assert!(!shown(&world, CALLER).concat().contains("late"));
    world.run_for(71 * 86_400_000);
    world.settle(1);
    assert_eq!(shown(&world, CALLER), ["Voicemail at 2026-11-20 12:00 UTC, 9 s. Listen Transcript: two months late"]);
}

/// signalwire/freeswitch #2529: phones whose calls still wait at Twilio when the caller leaves.
#[test]
fn no_phone_rings_for_a_caller_who_has_left() {
    let phones: Vec<String> = (1..=8).map(|n| format!("+155501002{n:02}")).collect();
    let mut world = world(json!({"phones": phones, "seconds": 30}));
    world.call(CALLER, Script::new().hangs_up_at(2));
    world.run_for(3_500);
    let rung = |world: &World| phones.iter().map(|phone| world.twilio.rings(phone)).sum::<usize>();
    let before = rung(&world);
    world.run_for(40_000);
    assert!((1..8).contains(&before), "the harness: {before}");
    assert_eq!((rung(&world), world.twilio.ringing().count()), (before, 0));
}

/// FreePBX issue-tracker #424, codeforamerica/balance #324, bmlt-enabled/yap #321: keys doubled, wrong, with # and *.
#[test]
fn keys_that_are_not_quite_right_are_asked_for_again() {
    for keys in ["11", "*", "#", "1#", "9"] {
        let mut world = world(json!({"phones": [ADA], "seconds": 25}));
        world.twilio.set_far_end(ADA, FarEnd::answers_after(2, Script::new().presses(keys, 1).presses("1", 2)));
        let call = world.call(CALLER, Script::new().hangs_up_at(60));
        world.run_for(50_000);
        assert!(met(&world, &call), "{keys}: {:?}", world.heard(&call));
    }
    for keys in ["4821", "4821#", "44882211", "48", "#4821"] {
        let mut world = World::new(&Stage::default());
        world.text(CALLER, "call me");
        world.run_for(30_000);
        world.twilio.set_far_end(ADA, FarEnd::answers_after(2, Script::new().presses(keys, 1).presses("4821", 9)));
        world.twilio.set_far_end(CALLER, FarEnd::answers_after(2, Script::new().hangs_up_at(20)));
        world.call_back("one", AGENT, ADA, "4821", CALLER);
        world.settle(1);
        assert!(shown(&world, CALLER).concat().contains("20 s"), "{keys}: {:?}", shown(&world, CALLER));
    }
}

/// A status callback in a public repository has `From=+17378742833`; so has the list of DoSomething, after Twilio's article
/// 223179988.
#[test]
fn a_withheld_number_with_a_one_before_it_is_withheld() {
    for plain in ["+15550100150", "+17375550100", "+26658123456"] {
        assert!(matches!(Party::parse(plain).1, Party::Phone(_)), "{plain}");
    }
    assert!(matches!(Party::parse("+7378742833").1, Party::Anonymous));
    let mut world = world(both());
    world.call("+17378742833", Script::new().hangs_up_at(5));
    world.settle(1);
    assert_eq!(world.phone("+17378742833"), [] as [String; 0], "texted to whoever has that number in Texas");
    assert!(matches!(Party::parse("+17378742833").1, Party::Anonymous));
}

/// A phone of the team that forwards to the hotline is busy: its own call is neither answered nor a person.
#[test]
fn a_phone_that_forwards_to_the_hotline_does_not_take_the_caller() {
    for accept in ["press_1", "none"] {
        let mut world = world(json!({"phones": [ADA, BEN], "seconds": 25, "accept": accept}));
        world.twilio.set_far_end(ADA, FarEnd::Forwards { to: VOTERS_NUMBERS[0].to_owned() });
        world.twilio.set_far_end(BEN, takes(8));
        let call = world.call(CALLER, Script::new().hangs_up_at(60));
        world.run_for(50_000);
        assert!(met(&world, &call), "{accept}: {:?}", world.heard(&call));
        assert_eq!(world.counted("call from a hotline's own number"), 1, "{accept}");
        world.settle(1);
        assert_eq!(shown(&world, VOTERS_NUMBERS[0]), [] as [String; 0], "{accept}");
    }
}

#[test]
fn a_message_that_twilio_has_lost_is_said_to_be_lost_and_is_counted() {
    for status in [RecordingStatus::Absent, RecordingStatus::Failed] {
        let mut world = World::new(&Stage::default());
        world.twilio.lose_recordings(CALLER, status);
        world.call(CALLER, Script::new().speaks(42));
        world.settle(1);
        let said = shown(&world, CALLER).concat();
        assert!(said.contains("42 s") && said.contains("lost the recording"), "{status:?}: {said}");
        assert!(!said.contains("Listen") && !said.contains("ranscript"), "{status:?}: {said}");
        assert!(!world.phone(CALLER).contains(&MISSED.to_owned()), "{status:?}");
        assert_eq!(world.counted("failed: voicemail: Twilio lost a recording"), 1, "{status:?}");
    }
}

#[test]
fn a_call_on_whatsapp_rings_the_team_from_a_number_and_texts_stay_on_whatsapp() {
    let mut world = world(both());
    world.twilio.set_far_end(ADA, takes(3));
    let call = world.whatsapp_call(CALLER, Script::new().hangs_up_at(40));
    world.run_for(60_000);
    assert!(met(&world, &call), "{:?}", world.heard(&call));
    assert!(world.twilio.calls().iter().filter(|it| it.to == ADA).all(|it| it.from == VOTERS_NUMBERS[0]));
    world.whatsapp_call(CALLER, Script::new().hangs_up_at(2));
    world.settle(1);
    let sent: Vec<(String, String)> = world.twilio.sent().into_iter().map(|it| (it.to, it.body)).collect();
    assert_eq!(sent, [(format!("whatsapp:{CALLER}"), MISSED.to_owned())]);
    assert_eq!(shown(&world, CALLER).len(), 2, "both calls are theirs: {:?}", shown(&world, CALLER));
}

/// Without a number no phone can be rung for it.
#[test]
fn a_call_on_whatsapp_to_a_hotline_without_a_number_is_at_voicemail() {
    let mut world = World::new(&Stage { hotline: vec![("ring", both()), ("numbers", json!([]))], ..Stage::default() });
    let call = world.whatsapp_call(CALLER, Script::new().speaks(5));
    world.settle(1);
    assert!(world.heard(&call).contains(&"beep".to_owned()), "{:?}", world.heard(&call));
    assert_eq!((world.twilio.rings(ADA), world.twilio.rings(BEN)), (0, 0));
}

#[test]
fn phones_that_twilio_cannot_reach_in_time_are_not_rung_and_an_operator_hears_of_it() {
    let phones: Vec<String> = (1..=9).map(|n| format!("+155501002{n:02}")).collect();
    let mut world = world(json!({"phones": phones, "seconds": 6}));
    world.call(CALLER, Script::new().hangs_up_at(40));
    world.settle(1);
    let rung = phones.iter().filter(|phone| world.twilio.rings(phone) > 0).count();
    assert!((5..=6).contains(&rung), "{rung}");
    let words = "phones not rung: Twilio begins one call a second; ring fewer phones, or for more seconds";
    assert_eq!(world.counted(&format!("failed: {words}")), 1);
}

#[test]
fn a_phone_that_was_not_rung_for_too_many_requests_is_counted() {
    let mut world = world(json!({"phones": [ADA], "seconds": 25}));
    spoil(&mut world, too_many(), 99);
    let call = world.call(CALLER, Script::new().speaks(5));
    world.settle(1);
    assert!(world.heard(&call).contains(&"beep".to_owned()), "{:?}", world.heard(&call));
    assert_eq!(world.counted("failed: phone not rung: Twilio error 20429, too many requests"), 1);
}

#[test]
fn what_callers_hear_at_the_end_can_be_replaced_and_is_in_the_language_of_the_hotline() {
    let leaves_nothing = || Script::new().hangs_up_at(90);
    let mut world = World::new(&Stage::with("language", json!("es-MX")));
    let sid = world.call(CALLER, leaves_nothing());
    world.settle(1);
    let heard = world.heard(&sid).join(" ");
    assert!(heard.contains("No hemos oído ningún mensaje"), "{heard}");
    let words = json!({ "no_message": "Hasta luego.", "thanks": "" });
    let mut world =
        World::new(&Stage { hotline: vec![("language", json!("es-MX")), ("words", words)], ..Stage::default() });
    let sid = world.call(CALLER, leaves_nothing());
    world.settle(1);
    let heard = world.heard(&sid).join(" ");
    assert!(heard.contains("Hasta luego.") && !heard.contains("No hemos"), "{heard}");
}

#[test]
fn callers_are_spoken_to_in_the_language_of_the_hotline() {
    for (language, heard) in [("es-MX", "deje su mensaje"), ("uk-UA", "beep")] {
        let stage =
            Stage { hotline: vec![("language", json!(language)), ("voice", json!("Polly.Mia"))], ..Stage::default() };
        let mut world = World::new(&stage);
        let call = world.call(CALLER, Script::new().speaks(5));
        world.settle(1);
        let all = world.heard(&call).concat();
        assert!(all.contains(heard) && !all.contains("Please"), "{language}: {all}");
    }
}

/// bmlt-enabled/yap #300: somebody is called back while they still speak on voicemail.
#[test]
fn who_is_called_back_while_they_speak_on_voicemail_is_busy_and_leaves_one_message() {
    let mut world = World::new(&Stage::default());
    world.twilio.set_far_end(ADA, takes(2));
    world.text(CALLER, "Please call me");
    world.run_for(60_000);
    world.call(CALLER, Script::new().speaks(60));
    world.run_for(15_000);
    world.call_back("one", AGENT, ADA, "", CALLER);
    world.settle(1);
    let said = shown(&world, CALLER);
    assert_eq!(said.iter().filter(|it| it.starts_with("Voicemail at")).count(), 1, "{said:?}");
    assert!(said.iter().any(|it| it.ends_with("the line was busy, or the call was declined.")), "{said:?}");
}

/// signalwire/freeswitch #1216: the last phone in turn is on a break, and the first ones are not asked again.
#[test]
fn in_turn_a_phone_that_talks_is_passed_over_and_asked_again_when_it_is_free() {
    let mut world = world(json!({"phones": [ADA, BEN], "seconds": 10, "order": "in_turn"}));
    world.twilio.set_far_end(ADA, FarEnd::answers_after(2, Script::new().presses("1", 1).hangs_up_at(12)));
    world.twilio.set_far_end(BEN, FarEnd::NoAnswer);
    let first = world.call(OTHER, Script::new().hangs_up_at(200));
    world.run_for(10_000);
    let second = world.call(CALLER, Script::new().hangs_up_at(200));
    world.run_for(120_000);
    assert!(met(&world, &first), "the harness: {:?}", world.heard(&first));
    assert!(met(&world, &second), "Ada's phone is free again after 15 s: {:?}", world.heard(&second));
}

/// twilio/twilio-java #321, signalwire/docs-legacy #804: the state of a call that was answered is called `answered`.
#[test]
fn a_contact_whose_state_is_called_answered_has_answered() {
    let mut world = World::new(&Stage::default());
    world.twilio.set_far_end(ADA, takes(2));
    world.text(CALLER, "Please call me");
    world.run_for(60_000);
    world.call_back("one", AGENT, ADA, "", CALLER);
    world.run_for(10_000);
    let contact = [("CallSid", "CA28222222222222222222222222222222"), ("From", VOTERS_NUMBERS[0]), ("To", CALLER)];
    voice(
        &mut world,
        "/twilio/calls/contact/status?h=3003&c=one",
        &[&contact[..], &[("CallStatus", "answered")]].concat(),
    );
    assert!(world.look("one", AGENT).contains("talking"), "{}", world.look("one", AGENT));
}

/// What an agent pressed is told of after their phone has hung up, while another one rings.
#[test]
fn a_key_that_is_told_of_after_its_phone_has_hung_up_takes_nobody() {
    let mut world = world(both());
    world.twilio.set_far_end(ADA, FarEnd::answers_after(3, Script::new().hangs_up_at(4)));
    world.twilio.set_far_end(BEN, takes(14));
    let call = world.call(CALLER, Script::new().hangs_up_at(60));
    world.run_for(12_000);
    let leg = leg_to(&world, ADA);
    let pressed = [("CallSid", leg.as_str()), ("From", VOTERS_NUMBERS[0]), ("To", ADA), ("Digits", "1")];
    voice(&mut world, &format!("/twilio/calls/leg/pressed?h=3003&c={call}&l=0"), &pressed);
    world.run_for(60_000);
    assert!(met(&world, &call), "Ben takes them: {:?}", world.heard(&call));
}

/// A voicemail's file that was called lost is there after all.
#[test]
fn a_recording_that_comes_after_it_was_called_lost_is_shown_once() {
    for (transcript, more) in [(None, ""), (Some("It is here"), "Transcript: It is here")] {
        let mut world = World::new(&Stage::default());
        world.twilio.lose_recordings(CALLER, RecordingStatus::Absent);
        let call = world.call(CALLER, Script::new().speaks(42));
        world.settle(1);
        assert!(shown(&world, CALLER).concat().contains("lost the recording"), "{:?}", shown(&world, CALLER));
        let recording = world.twilio.recordings().iter().find(|it| it.call_sid == call).unwrap().sid.clone();
        if let Some(words) = transcript {
            transcribed(&mut world, &call, &recording, words);
        }
        for _ in 0..2 {
            filed(&mut world, &call, &recording, "42");
            world.settle(1);
        }
        let said = shown(&world, CALLER);
        let told: Vec<_> = said.iter().filter(|it| it.contains("there after all")).collect();
        assert_eq!(told.len(), 1, "{said:?}");
        assert!(told[0].contains("Listen") && told[0].contains(more), "{told:?}");
    }
}

/// plivo/plivo-java #36: how long a message is, is not known yet when it is over.
#[test]
fn a_message_whose_length_is_not_known_yet_is_no_missed_call() {
    for (length, click) in [("-1", false), ("", false), ("-1", true)] {
        let mut world = World::new(&Stage::default());
        // All that is told of the message is told below.
        for path in ["calls/record", "calls/transcript"] {
            let rule = Rule { id: 0, kind: Kind::Drop, method: None, path_contains: Some(path.into()), times: None };
            world.faults.add(Service::Twilio, rule);
        }
        let call = world.call(CALLER, Script::new().speaks(80).hangs_up_at(90));
        world.run_for(9_000);
        let recording = "RE27222222222222222222222222222222";
        let recorded = [("CallSid", call.as_str()), ("From", CALLER), ("To", VOTERS_NUMBERS[0])];
        let message = [("RecordingSid", recording), ("RecordingDuration", length), ("Digits", "hangup")];
        voice(&mut world, &format!("/twilio/calls/recorded?h=3003&c={call}"), &[&recorded[..], &message].concat());
        world.run_for(5_000);
        assert_eq!(shown(&world, CALLER), [] as [String; 0], "{length}: its callback says how long it is");
        filed(&mut world, &call, recording, if click { "1" } else { "9" });
        world.run_for(600_000);
        let begins = if click { "Missed call at" } else { "Voicemail at" };
        assert!(shown(&world, CALLER)[0].starts_with(begins), "{length}: {:?}", shown(&world, CALLER));
        assert_eq!(shown(&world, CALLER).len(), 1, "{length}: {:?}", shown(&world, CALLER));
    }
}

/// Epharmix/varys-issues #153: words that belong to another message. Two were left in one call.
#[test]
fn a_transcript_stands_with_the_message_that_it_is_of() {
    let [first, second] = ["RE27222222222222222222222222222222", "RE28222222222222222222222222222222"];
    for first_comes_late in [true, false] {
        let mut world = World::new(&Stage::default());
        let call = world.call(CALLER, Script::new().hangs_up_at(90));
        world.run_for(9_000);
        for (recording, seconds) in [(first, "11"), (second, "22")] {
            let recorded = [("CallSid", call.as_str()), ("From", CALLER), ("To", VOTERS_NUMBERS[0])];
            let message = [("RecordingSid", recording), ("RecordingDuration", seconds)];
            voice(&mut world, &format!("/twilio/calls/recorded?h=3003&c={call}"), &[&recorded[..], &message].concat());
            if !first_comes_late && recording == first {
                transcribed(&mut world, &call, first, "the first words");
            }
        }
        filed(&mut world, &call, second, "22");
        world.run_for(60_000);
        if first_comes_late {
            transcribed(&mut world, &call, first, "the first words");
        }
        transcribed(&mut world, &call, second, "the second words");
        world.settle(1);
        let said = shown(&world, CALLER);
        for (length, words) in [("11 s", "the first words"), ("22 s", "the second words")] {
            let found = said.iter().filter(|it| it.contains(length)).collect::<Vec<_>>();
            assert!(found.len() == 1 && found[0].contains(words), "late: {first_comes_late}: {said:?}");
        }
    }
}

/// FreePBX/issue-tracker #525, #317: two agents see the same message and both call back.
#[test]
fn two_agents_do_not_call_the_same_person_at_once() {
    let mut world = World::new(&Stage::with("region", json!("US")));
    world.twilio.set_far_end(ADA, takes(2));
    world.twilio.set_far_end(CALLER, FarEnd::answers_after(3, Script::new()));
    world.text(CALLER, "Please call me");
    world.run_for(60_000);
    world.owns_phone(AGENT, "Ada", ADA);
    world.owns_phone(AGENT + 1, "Ben", BEN);
    assert_eq!(world.asks_to_call("one", AGENT, CALLER), 201);
    assert_eq!(world.asks_to_call("two", AGENT + 1, CALLER), 409);
    world.run_for(20_000);
    assert_eq!(world.twilio.rings(CALLER), 1);
    let leg = leg_to(&world, ADA);
    hang_up(&mut world, &leg);
    world.settle(1);
    assert_eq!(world.asks_to_call("three", AGENT + 1, CALLER), 201, "the first call is over");
}

/// sipgate/sipgate.io #132: what is told late makes calls longer than they were.
#[test]
fn a_talk_whose_end_is_told_a_minute_late_is_as_long_as_it_was() {
    let mut world = world(json!({"phones": [ADA], "seconds": 25}));
    world.twilio.set_far_end(ADA, takes(3));
    let call = world.call(CALLER, Script::new().hangs_up_at(40));
    world.run_for(20_000);
    let drop = |world: &mut World, path: &str| {
        let rule = Rule {
            id: 0,
            kind: Kind::Drop,
            method: Some("POST".into()),
            path_contains: Some(path.into()),
            times: None,
        };
        world.faults.add(Service::Twilio, rule);
    };
    for path in ["/twilio/calls/leg", "/twilio/calls/queue", "/twilio/calls/status"] {
        drop(&mut world, path);
    }
    world.run_for(80_000);
    world.faults.clear(Service::Twilio, None);
    let leg = leg_to(&world, ADA);
    let over = [("CallSid", leg.as_str()), ("CallStatus", "completed"), ("CallDuration", "36")];
    voice(&mut world, &format!("/twilio/calls/leg/status?h=3003&c={call}&l=0"), &over);
    world.settle(1);
    let said = shown(&world, CALLER).concat();
    assert!(said.starts_with("Call at") && said.contains(": 3"), "they talked for some thirty seconds: {said}");
}

/// Its word about the queue can come after both calls are over: it is waited for before anything is guessed from when they ended.
#[test]
fn what_twilio_says_late_of_the_queue_is_better_than_what_the_ends_of_the_calls_look_like() {
    for (hangs_up_at, result, shown_as) in [(18, "hangup", "Missed call at"), (7, "bridged", "Call at")] {
        let mut world = world(json!({"phones": [ADA], "seconds": 25}));
        world.twilio.set_far_end(ADA, takes(5));
        for path in ["/twilio/calls/leg/over", "/twilio/calls/queue"] {
            let rule = Rule { id: 0, kind: Kind::Drop, method: None, path_contains: Some(path.into()), times: None };
            world.faults.add(Service::Twilio, rule);
        }
        let call = world.call(CALLER, Script::new().hangs_up_at(hangs_up_at));
        world.run_for(45_000);
        assert!(shown(&world, CALLER).is_empty(), "{result}: it is not known yet");
        let told = [("CallSid", call.as_str()), ("From", CALLER), ("QueueResult", result), ("CallStatus", "completed")];
        voice(&mut world, &format!("/twilio/calls/queue?h=3003&c={call}"), &told);
        world.settle(1);
        let said = shown(&world, CALLER);
        assert!(said[0].starts_with(shown_as), "{result}: {said:?}");
    }
}

/// fonoster/fonoster #884: the time that a phone rings is no talk.
#[test]
fn the_length_of_a_talk_leaves_out_how_long_it_rang() {
    let mut world = world(json!({"phones": [ADA], "seconds": 40}));
    world.twilio.set_far_end(ADA, takes(30));
    world.call(CALLER, Script::new().hangs_up_at(45));
    world.run_for(60_000);
    let said = shown(&world, CALLER).concat();
    assert!(said.starts_with("Call at") && said.contains(": 1"), "thirteen seconds or so: {said}");
    world.twilio.set_far_end(ADA, takes(2));
    world.twilio.set_far_end(CALLER, FarEnd::answers_after(20, Script::new().hangs_up_at(7)));
    world.call_back("one", AGENT, ADA, "", CALLER);
    world.settle(1);
    assert!(shown(&world, CALLER).pop().unwrap().ends_with("they talked for 7 s."), "{:?}", shown(&world, CALLER));
}

/// asterisk/asterisk #1557: somebody takes the call and hangs up before they are connected.
#[test]
fn who_takes_a_call_and_hangs_up_at_once_leaves_the_caller_at_voicemail_and_not_alone() {
    let mut world = world(both());
    world.twilio.set_far_end(ADA, FarEnd::answers_after(3, Script::new()));
    world.twilio.set_far_end(BEN, FarEnd::NoAnswer);
    let call = world.call(CALLER, Script::new().speaks(9));
    world.run_for(7_000);
    let leg = leg_to(&world, ADA);
    let pressed = [("CallSid", leg.as_str()), ("From", VOTERS_NUMBERS[0]), ("To", ADA), ("Digits", "1")];
    voice(&mut world, &format!("/twilio/calls/leg/pressed?h=3003&c={call}&l=0"), &pressed);
    hang_up(&mut world, &leg);
    world.run_for(20_000);
    assert!(world.heard(&call).contains(&"beep".to_owned()), "{:?}", world.heard(&call));
    world.settle(1);
    assert_eq!(shown(&world, CALLER).len(), 1, "{:?}", shown(&world, CALLER));
}

/// chatwoot/chatwoot #14663: a call back from a conversation that is closed.
#[test]
fn a_call_back_is_noted_in_the_conversation_from_which_it_was_made() {
    let mut world = World::new(&Stage::default());
    world.twilio.set_far_end(ADA, takes(2));
    world.twilio.set_far_end(CALLER, FarEnd::answers_after(3, Script::new().hangs_up_at(9)));
    world.text(CALLER, "Please call me");
    world.run_for(60_000);
    let before = world.conversations(CALLER);
    world.agent_acts("status", &json!({"conversation": before[0], "status": "closed"}));
    world.call_back("one", AGENT, ADA, "", CALLER);
    world.settle(1);
    assert_eq!(world.conversations(CALLER), before);
    assert!(world.notes(before[0]).concat().contains("they talked for 9 s"), "{:?}", world.notes(before[0]));
}

/// twilio/twilio-node #744: who declines is called again while the others still ring.
#[test]
fn a_phone_that_declines_is_not_rung_again_for_the_same_caller() {
    for order in ["all", "in_turn"] {
        let mut world = world(json!({"phones": [ADA, BEN], "seconds": 12, "order": order}));
        world.twilio.set_far_end(ADA, FarEnd::ByHand);
        world.twilio.set_far_end(BEN, FarEnd::NoAnswer);
        world.call(CALLER, Script::new().speaks(5));
        world.run_for(5_000);
        let leg = leg_to(&world, ADA);
        hang_up(&mut world, &leg);
        world.settle(1);
        assert_eq!((world.twilio.rings(ADA), world.twilio.rings(BEN)), (1, 1), "{order}");
    }
}

/// In turn: the first one answers at the last moment, and the second one's phone is in another call.
#[test]
fn in_turn_who_is_just_asked_may_still_press_1_while_the_next_phone_is_taken() {
    for ben_talks in [true, false] {
        let mut world = world(json!({"phones": [ADA, BEN], "seconds": 10, "order": "in_turn"}));
        world.twilio.set_far_end(BEN, takes(2));
        if ben_talks {
            world.text(OTHER, "Please call me");
            world.run_for(60_000);
            world.twilio.set_far_end(OTHER, FarEnd::answers_after(2, Script::new().hangs_up_at(120)));
            world.call_back("one", AGENT, BEN, "", OTHER);
            world.run_for(15_000);
        }
        let ada = Script::new().presses_at(17, "1");
        world.twilio.set_far_end(ADA, FarEnd::answers_after(14, ada));
        let call = world.call(CALLER, Script::new().speaks(5).hangs_up_at(80));
        world.run_for(70_000);
        assert!(met(&world, &call), "Ben talks: {ben_talks}: {:?}", world.heard(&call));
    }
}

/// rapidpro/rapidpro #604: a recording is told of before its file can be had.
#[test]
fn a_recording_whose_file_is_not_there_at_first_is_attached_or_linked() {
    for times in [1, 3, 99] {
        let mut world = World::new(&Stage::default());
        let body = json!({"code": 20404, "message": "not found", "status": 404});
        let kind = Kind::Status { status: 404, headers: [].into(), body };
        let rule =
            Rule { id: 0, kind, method: Some("GET".into()), path_contains: Some(".mp3".into()), times: Some(times) };
        world.faults.add(Service::Twilio, rule);
        world.call(CALLER, Script::new().speaks(9));
        world.settle(1);
        assert!(shown(&world, CALLER).concat().contains("Listen"), "{times}: {:?}", shown(&world, CALLER));
        let files = world.files(world.conversation(CALLER));
        assert_eq!(files.len(), usize::from(times < 99), "{times}: {files:?}");
    }
}
