//! Calls over the REST API.

use super::*;

#[test]
fn a_new_call_as_json() {
    let mut line = Line::new("");
    let form = [("To", BERT), ("From", HOTLINE), ("Twiml", "<Response/>")];
    let (status, made) = line.post(&format!("{CALLS}.json"), &form);
    assert_eq!((status, &made["status"], &made["direction"]), (201, &json!("queued"), &json!("outbound-api")));
    for name in ["duration", "start_time", "end_time", "price", "parent_call_sid", "answered_by", "forwarded_from"] {
        assert_eq!(made[name], Value::Null, "{name}");
    }
    assert_eq!((&made["to_formatted"], &made["price_unit"]), (&json!("(555) 010-0201"), &json!("USD")));
    line.until(90);
    let target = format!("{CALLS}/{}.json", made["sid"].as_str().unwrap());
    let (_, shown) = line.fixture.call("GET", &target, &[]);
    assert_eq!((&shown["status"], &shown["duration"]), (&json!("no-answer"), &json!("0")));
}

#[test]
fn what_is_refused_at_once() {
    let url = ("Url", "https://hotline.example/agent");
    let long = "x".repeat(4001);
    let cases: [(Form, u64); 14] = [
        (&[("From", HOTLINE), url], 21201),
        (&[("To", BERT), url], 21213),
        (&[("To", "Bert"), ("From", HOTLINE), url], 21211),
        (&[("To", "anonymous"), ("From", HOTLINE), url], 21211),
        (&[("To", BERT), ("From", "+15550100999"), url], 21210),
        (&[("To", BERT), ("From", "whatsapp:+15550100001"), url], 21210),
        (&[("To", BERT), ("From", HOTLINE)], 21205),
        (&[("To", BERT), ("From", HOTLINE), ("Url", "agent")], 21205),
        (&[("To", BERT), ("From", HOTLINE), ("Twiml", &long)], 21624),
        (&[("To", BERT), ("From", HOTLINE), url, ("StatusCallback", "state")], 21609),
        (&[("To", BERT), ("From", "+15005550001"), url], 21212),
        (&[("To", "+15005550001"), ("From", "+15005550006"), url], 21217),
        (&[("To", "+15005550002"), ("From", "+15005550006"), url], 21214),
        (&[("To", "+15005550004"), ("From", "+15005550006"), url], 21216),
    ];
    for (form, code) in cases {
        let mut line = Line::new("");
        let (status, body) = line.post(&format!("{CALLS}.json"), form);
        assert_eq!((status, body["code"].as_u64()), (400, Some(code)), "{form:?}");
        assert!(line.fixture.twilio.calls().is_empty());
    }
}

#[test]
fn a_call_whose_answer_was_lost_is_found_in_the_list() {
    let mut line = Line::new(&format!("<Dial>{BERT}</Dial>"));
    let sid = line.call(Script::new().hangs_up_at(5));
    line.until(10);
    line.create(CARLA, &[("Twiml", "<Response/>")]);
    line.until(12);
    let from = HOTLINE.replace('+', "%2B");
    let cases = [
        (String::new(), 3),
        (format!("From={from}"), 1),
        (format!("To={}", CARLA.replace('+', "%2B")), 1),
        (format!("From={from}&StartTime%3E=2023-08-24T05:01:54Z"), 1),
        (format!("From={from}&StartTime%3E=2023-08-24T05:02:54Z"), 0),
        (format!("ParentCallSid={sid}"), 1),
        ("Status=ringing".to_owned(), 1),
        ("Status=completed".to_owned(), 1),
        ("EndTime%3C=2023-08-24T05:01:49Z".to_owned(), 0),
    ];
    for (query, count) in cases {
        let (_, list) = line.fixture.call("GET", &format!("{CALLS}.json?{query}"), &[]);
        assert_eq!(list["calls"].as_array().unwrap().len(), count, "{query}");
    }
    line.twilio().set_list_lag(5_000);
    let (_, list) = line.fixture.call("GET", &format!("{CALLS}.json?PageSize=1"), &[]);
    assert_eq!((list["calls"].as_array().unwrap().len(), list["next_page_uri"].is_null()), (1, false));
    assert_eq!(list["calls"][0]["direction"], "outbound-dial", "the newest that the list knows");
}

#[test]
fn a_call_that_rings_cannot_be_redirected_and_one_that_talks_can() {
    let mut line = Line::new("").far_end(BERT, FarEnd::answers_after(4, Script::new()));
    let sid = line.create(BERT, &[("Twiml", "<Response><Pause length='60'/></Response>")]);
    let target = format!("{CALLS}/{sid}.json");
    let say = [("Twiml", "<Response><Say>Hi</Say></Response>")];
    line.until(2);
    assert_eq!(line.post(&target, &say).1["code"], 21220);
    line.until(8);
    assert_eq!(line.post(&target, &[("Status", "canceled")]).1["code"], 21220);
    assert_eq!(line.post(&target, &say).0, 200);
    line.until(20);
    assert_eq!(line.heard(&sid), ["0 ringing", "4 silence", "8 said Hi", "9 ended"]);
    assert_eq!(line.post(&format!("{CALLS}/CA0.json"), &say).0, 404);
}

#[test]
fn redirecting_one_of_two_who_talk_leaves_the_other_to_its_action() {
    let say = [("Twiml", "<Response><Say>Over here</Say></Response>")];
    let dial = format!("<Dial action='/done'>{BERT}</Dial>");
    for callee in [true, false] {
        let mut line =
            Line::new(&dial).page("/done", ["<Say>Alone</Say>"]).far_end(BERT, FarEnd::answers_after(1, Script::new()));
        let sid = line.call(Script::new());
        line.until(10);
        let leg = line.leg_to(BERT);
        let target = if callee { leg.clone() } else { sid.clone() };
        assert_eq!(line.post(&format!("{CALLS}/{target}.json"), &say).0, 200);
        line.until(30);
        let (hers, his) = (line.heard(&sid), line.heard(&leg));
        assert_eq!(hers[2], if callee { "10 said Alone" } else { "10 said Over here" });
        assert_eq!(his[2], if callee { "10 said Over here" } else { "10 ended" });
    }
}

#[test]
fn a_filter_on_the_start_misses_a_call_that_waits_in_the_queue() {
    let mut line = Line::new("<Hangup/>");
    for phone in [BERT, CARLA] {
        line.create(phone, &[("Twiml", "<Response/>")]);
    }
    line.until(0);
    let mut found = |query: &str| {
        let (_, list) = line.fixture.call("GET", &format!("{CALLS}.json?{query}"), &[]);
        list["calls"].as_array().unwrap().len()
    };
    assert_eq!(found("From=%2B15550100001"), 2);
    assert_eq!(found("From=%2B15550100001&StartTime%3E=2023-08-24"), 0);
}
