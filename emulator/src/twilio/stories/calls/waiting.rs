//! Callers who wait in a queue, and who takes them out of it.

use super::*;

const WAIT: &str = "<Enqueue action='/left' waitUrl='/wait'>team</Enqueue>";
const TAKE: &str = "<Dial timeout='10' action='/taken'><Queue>team</Queue></Dial>";

fn queue() -> Line {
    Line::new(WAIT).page("/wait", ["<Say>Please hold the line.</Say><Play>/music.mp3</Play>"])
}

#[test]
fn a_ring_group_with_press_one() {
    let screen = "<Gather numDigits='1' action='/claim'><Say>Press one to take the call.</Say></Gather><Hangup/>";
    let mut line = queue()
        .page("/agent", [screen])
        .page("/claim", [TAKE])
        .page("/left", ["<Hangup/>"])
        .far_end(BERT, FarEnd::voicemail(1))
        .far_end(CARLA, FarEnd::answers_after(6, Script::new().presses("1", 2).hangs_up_at(60)));
    line.twilio().settings_mut().voice.calls_per_second = 10;
    let sid = line.call(Script::new());
    line.until(1);
    let legs = [BERT, CARLA].map(|phone| line.create(phone, &[("Url", "https://hotline.example/agent")]));
    line.until(20);
    assert_eq!(line.fixture.twilio.bridges(), [(sid.clone(), legs[1].clone())]);
    assert_eq!(line.fixture.twilio.queues(), [("team".to_owned(), vec![])]);
    line.until(120);
    let heard = line.heard(&sid);
    assert_eq!(heard[1..3], ["0 said Please hold the line.", "1 played https://hotline.example/music.mp3"]);
    assert_eq!(heard[heard.len() - 2..], ["9 bridged +15550100202", "67 ended"]);
    assert_eq!(line.told("/left", "QueueResult"), ["bridged"]);
    assert_eq!(line.told("/left", "QueueTime"), ["9"]);
    assert_eq!(line.told("/taken", "DialCallStatus"), ["completed"]);
    assert_eq!(line.fixture.twilio.longest_silence(line.fixture.now, &sid), 0);
}

#[test]
fn the_wait_document_comes_again_and_knows_the_place() {
    let mut line = queue();
    let first = line.call(Script::new());
    line.until(3);
    let now = line.fixture.now;
    let second = line.twilio().call_in(now, "+15550100101", HOTLINE, Script::new());
    line.until(12);
    let waits: Vec<_> = line.asked.iter().filter(|(_, it)| it.request.target == "/wait").collect();
    let told: Vec<_> = waits.iter().map(|(at, it)| (*at, field(it, "QueuePosition"), field(it, "QueueTime"))).collect();
    let expected = [(0, "1", "0"), (3, "2", "0"), (7, "1", "7"), (10, "2", "7")];
    assert_eq!(told, expected.map(|(at, place, time)| (at, place.to_owned(), time.to_owned())));
    assert_eq!(field(&waits[3].1, "CurrentQueueSize"), "2");
    assert_eq!(line.fixture.twilio.queues(), [("team".to_owned(), vec![first, second])]);
}

#[test]
fn ways_out_of_a_queue() {
    let full = "<Enqueue action='/left' maxQueueSize='0'>team</Enqueue>";
    let cases = [
        (WAIT, twiml("<Leave/>"), Script::new(), "leave", true),
        (WAIT, twiml("<Pause length='9'/>"), Script::new().hangs_up_at(20), "hangup", false),
        (WAIT, twiml("<Hangup/>"), Script::new(), "hangup", false),
        (WAIT, answer(500, "", ""), Script::new(), "error", true),
        (full, twiml(""), Script::new(), "queue-full", true),
    ];
    for (verbs, wait, script, result, goes_on) in cases {
        let mut line = Line::new(verbs).answering("/wait", [wait]).page("/left", ["<Say>Out</Say>"]);
        let sid = line.hear_out(script);
        assert_eq!(line.told("/left", "QueueResult"), [result]);
        assert_eq!(line.heard(&sid).iter().any(|it| it.ends_with("said Out")), goes_on, "{result}");
        assert_eq!(line.fixture.twilio.queues(), [("team".to_owned(), vec![])], "the queue stays");
    }
}

#[test]
fn a_waiting_caller_is_sent_to_voicemail() {
    let mut line = queue().page("/voicemail", ["<Say>Leave a message.</Say>"]);
    let sid = line.call(Script::new());
    line.until(5);
    let (status, _) = line.post(&format!("{CALLS}/{sid}.json"), &[("Url", "https://hotline.example/voicemail")]);
    assert_eq!(status, 200);
    line.until(30);
    assert_eq!(line.heard(&sid)[3..], ["5 said Leave a message.", "6 ended"]);
    assert_eq!(line.told("/left", "QueueResult"), ["redirected"]);
    assert_eq!(line.fixture.twilio.queues()[0].1, Vec::<String>::new());
}

#[test]
fn who_dials_a_queue_waits_for_a_caller_until_the_timeout() {
    let taken = FarEnd::answers_after(0, Script::new());
    let mut line = queue().page("/agent", [TAKE]).page("/taken", ["<Hangup/>"]).far_end(BERT, taken);
    line.create(BERT, &[("Url", "https://hotline.example/agent")]);
    line.until(10);
    assert_eq!(line.told("/taken", "DialCallStatus"), ["failed"], "there is no such queue yet");
    line.call(Script::new().hangs_up_at(1));
    line.until(20);
    line.create(BERT, &[("Url", "https://hotline.example/agent")]);
    line.until(40);
    assert_eq!(line.told("/taken", "DialCallStatus")[1..], ["no-answer"]);
    line.create(BERT, &[("Url", "https://hotline.example/agent")]);
    line.until(45);
    let sid = line.call(Script::new());
    line.until(46);
    assert_eq!(line.heard(&sid), ["45 ringing", "45 bridged +15550100201"], "at once");
}

#[test]
fn an_agent_who_hangs_up_leaves_the_caller_to_the_queues_action() {
    let agent = FarEnd::answers_after(0, Script::new().hangs_up_at(10));
    let mut line = queue().page("/agent", [TAKE]).page("/left", ["<Say>Cut off</Say>"]).far_end(BERT, agent);
    let sid = line.call(Script::new());
    line.until(5);
    let leg = line.create(BERT, &[("Url", "https://hotline.example/agent")]);
    line.until(60);
    assert_eq!(line.heard(&sid)[3..], ["5 bridged +15550100201", "15 said Cut off", "16 ended"]);
    assert_eq!(line.status(&leg), "completed");
}

#[test]
fn queues_over_the_api() {
    let mut line = queue();
    let sid = line.call(Script::new().hangs_up_at(30));
    line.until(10);
    let queues = CALLS.replace("/Calls", "/Queues");
    let (_, list) = line.fixture.call("GET", &format!("{queues}.json"), &[]);
    let row = &list["queues"][0];
    assert_eq!((&row["friendly_name"], &row["current_size"]), (&json!("team"), &json!(1)));
    let one = format!("{queues}/{}.json", row["sid"].as_str().unwrap());
    assert_eq!(line.fixture.call("DELETE", &one, &[]).0, 400, "Anna waits in it");
    line.until(60);
    assert_eq!(line.status(&sid), "completed");
    assert_eq!(line.fixture.call("GET", &one, &[]).1["current_size"], 0);
    assert_eq!(line.fixture.call("DELETE", &one, &[]).0, 204);
    assert_eq!(line.fixture.call("GET", &one, &[]).0, 404);
}
