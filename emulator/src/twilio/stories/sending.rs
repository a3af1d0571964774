//! The hotline sends.

use super::*;

#[test]
fn a_text_arrives_and_its_states_are_told_but_not_the_first() {
    let mut fixture = Fixture::new(|_| {});
    let form = [
        ("To", ANNA),
        ("From", HOTLINE),
        ("Body", "Hello Anna"),
        ("StatusCallback", "https://hotline.example/s?id=1#rc=2"),
    ];
    let (status, made) = fixture.send(&form);
    assert_eq!((status, &made["status"], &made["num_media"]), (201, &json!("queued"), &json!("0")));
    assert_eq!((&made["date_sent"], &made["date_created"]), (&Value::Null, &json!("Thu, 24 Aug 2023 05:01:45 +0000")));
    fixture.settle();
    assert_eq!(fixture.fields("MessageStatus"), ["sent", "delivered"]);
    assert_eq!(fixture.heard[0].url, "https://hotline.example/s?id=1");
    assert_eq!(fixture.heard[0].request.target, "/s?id=1");
    assert_eq!(field(&fixture.heard[1], "RawDlrDoneDate"), "2308240501");
    assert_eq!(fixture.bodies(ANNA), ["Hello Anna"]);
    let target = format!("{MESSAGES}/{}.json", made["sid"].as_str().unwrap());
    assert_eq!(fixture.call("GET", &target, &[]).1["status"], "delivered");
}

#[test]
fn what_is_refused_at_once() {
    let long = "x".repeat(1601);
    let cases: [(Form, u16, u32); 20] = [
        (&[("From", HOTLINE), ("Body", "x")], 400, 21604),
        (&[("To", ANNA), ("Body", "x")], 400, 21603),
        (&[("To", ANNA), ("From", HOTLINE)], 400, 21602),
        (&[("To", ANNA), ("From", HOTLINE), ("Body", &long)], 400, 21617),
        (&[("To", ANNA), ("From", HOTLINE), ("Body", "x"), ("StatusCallback", "hotline")], 400, 21609),
        (&[("To", ANNA), ("From", HOTLINE), ("MediaUrl", "ftp://h/1")], 400, 21620),
        (&[("To", "Anna"), ("From", HOTLINE), ("Body", "x")], 400, 21211),
        (&[("To", "anonymous"), ("From", HOTLINE), ("Body", "x")], 400, 21211),
        (&[("To", ANNA), ("From", "+15550100002"), ("Body", "x")], 400, 21606),
        (&[("To", HOTLINE), ("From", HOTLINE), ("Body", "x")], 400, 21266),
        (&[("To", "whatsapp:+15550100100"), ("From", HOTLINE), ("Body", "x")], 400, 21910),
        (&[("To", "whatsapp:+15550100100"), ("From", "whatsapp:+15550100002"), ("Body", "x")], 400, 63007),
        (&[("To", ANNA), ("MessagingServiceSid", SERVICE), ("Body", "x")], 400, 21705),
        (&[("To", ANNA), ("From", HOTLINE), ("ContentSid", "HX1")], 400, 21655),
        (&[("To", ANNA), ("From", "+15005550001"), ("Body", "x")], 400, 21212),
        (&[("To", ANNA), ("From", "+15005550008"), ("Body", "x")], 400, 21611),
        (&[("To", "+15005550001"), ("From", "+15005550006"), ("Body", "x")], 400, 21211),
        (&[("To", "+15005550004"), ("From", "+15005550006"), ("Body", "x")], 400, 21610),
        (&[("To", "+15005550009"), ("From", "+15005550006"), ("Body", "x")], 400, 21614),
        (&[("To", ANNA), ("From", "+15005550006"), ("Body", "x")], 201, 0),
    ];
    for (form, status, code) in cases {
        let mut fixture = Fixture::new(|_| {});
        let (answered, body) = fixture.send(form);
        assert_eq!((answered, body["code"].as_u64().unwrap_or(0)), (status, code.into()), "{form:?}");
        assert_eq!(fixture.twilio.sent().len(), usize::from(status == 201), "{form:?}");
    }
}

#[test]
fn nobody_gets_in_without_the_right_credentials() {
    let mut fixture = Fixture::new(|settings| settings.api_keys.push(("SK1".into(), "secret".into())));
    let cases =
        [("SK1:secret", 200), ("SK1:wrong", 401), ("AC00000000000000000000000000000000:secret", 401), ("", 401)];
    for (credentials, status) in cases {
        let headers = vec![("authorization".into(), format!("Basic {}", STANDARD.encode(credentials)))];
        let request = Request { method: "GET".into(), target: format!("{MESSAGES}.json"), headers, body: Vec::new() };
        let response = fixture.twilio.handle(0, &request);
        assert_eq!(response.status, status, "{credentials}");
    }
    assert_eq!(fixture.call("GET", "/2010-04-01/Accounts/AC1/Messages.json", &[]).0, 404);
    assert_eq!(fixture.call("GET", &format!("{MESSAGES}.json"), &[("To", ANNA)]).0, 403, "a GET with a body");
}

#[test]
fn phones_have_fates() {
    let cases = [
        (DeliveryOutcome::UNREACHABLE, vec!["sent", "undelivered"], "30003", 0),
        (DeliveryOutcome::LANDLINE, vec!["sent", "undelivered"], "30006", 0),
        (DeliveryOutcome::FILTERED, vec!["sent", "undelivered"], "30007", 0),
        (DeliveryOutcome::OPTED_OUT, vec!["failed"], "21610", 0),
        (DeliveryOutcome::NoReceipt, vec!["sent"], "", 1),
        (DeliveryOutcome::Read, vec!["sent", "delivered", "read"], "", 1),
    ];
    for (outcome, states, code, received) in cases {
        let mut fixture = Fixture::new(|_| {});
        fixture.twilio.set_delivery_outcome(ANNA, outcome);
        fixture.send(&[
            ("To", ANNA),
            ("From", HOTLINE),
            ("Body", "x"),
            ("StatusCallback", "https://hotline.example/s"),
        ]);
        fixture.settle();
        assert_eq!(fixture.fields("MessageStatus"), states, "{outcome:?}");
        assert_eq!(field(fixture.heard.last().unwrap(), "ErrorCode"), code, "{outcome:?}");
        assert_eq!(fixture.bodies(ANNA).len(), received, "{outcome:?}");
    }
}

#[test]
fn a_long_code_sends_one_segment_a_second_and_ten_hours_of_them_at_most() {
    let mut fixture = Fixture::new(|_| {});
    for body in ["one", "two", "three"] {
        fixture.send(&[("To", ANNA), ("From", HOTLINE), ("Body", body)]);
    }
    fixture.settle();
    let sent: Vec<_> = fixture.twilio.sent().iter().map(|message| message.sent.unwrap()).collect();
    assert_eq!(sent[2] - sent[0], 2_000);
    assert_eq!(fixture.bodies(ANNA), ["one", "two", "three"]);

    let long = "x".repeat(1600);
    let mut refused = Value::Null;
    for _ in 0..4_000 {
        let (status, body) = fixture.send(&[("To", ANNA), ("From", HOTLINE), ("Body", &long)]);
        if status != 201 {
            refused = body["code"].clone();
            break;
        }
    }
    assert_eq!(refused, 21611);
}

#[test]
fn a_service_accepts_first_and_decides_later() {
    let mut fixture = Fixture::new(with_service);
    let form = [("To", ANNA), ("MessagingServiceSid", SERVICE), ("Body", "x")];
    let (_, made) = fixture.send(&form);
    assert_eq!(
        (&made["status"], &made["from"], &made["num_segments"]),
        (&json!("accepted"), &Value::Null, &json!("0"))
    );
    fixture.settle();
    assert_eq!(fixture.fields("MessageStatus"), ["queued", "sent", "delivered"]);
    assert_eq!(fixture.heard[0].url, "https://hotline.example/service");
    assert_eq!(field(&fixture.heard[0], "From"), HOTLINE);

    fixture.text(ANNA, "STOP");
    assert_eq!(field(fixture.heard.last().unwrap(), "OptOutType"), "STOP");
    assert_eq!(fixture.twilio.block_list(), [(SERVICE.to_owned(), ANNA.to_owned())]);
    let (status, _) = fixture.send(&form);
    fixture.settle();
    assert_eq!((status, fixture.fields("ErrorCode").pop().unwrap().as_str()), (201, "21610"));
}

#[test]
fn media_are_fetched_before_the_message_leaves() {
    let png = || answer(200, "image/png", "png");
    let big = || answer(200, "image/png", &"x".repeat(6 * 1024 * 1024));
    let cases = [
        (vec![png(), png()], None, 2),
        (vec![png(), answer(404, "text/plain", "")], Some(30008), 0),
        (vec![answer(200, "text/html", "<p>expired</p>")], Some(30008), 0),
        (vec![big()], Some(30019), 0),
    ];
    for (answers, error, received) in cases {
        let mut fixture = Fixture::new(|_| {}).answering(answers);
        let (_, made) =
            fixture.send(&[("To", ANNA), ("From", HOTLINE), ("MediaUrl", "https://h/1"), ("MediaUrl", "https://h/2")]);
        assert_eq!((&made["num_media"], made["sid"].as_str().unwrap().starts_with("MM")), (&json!("2"), true));
        fixture.settle();
        assert_eq!(fixture.heard[0].request.method, "GET");
        assert_eq!(fixture.twilio.sent()[0].error, error);
        let media: usize = fixture.twilio.phone(ANNA).iter().map(|message| message.media.len()).sum();
        assert_eq!(media, received);
    }
}

#[test]
fn a_message_can_be_redacted_and_once_complete_deleted() {
    let mut fixture = Fixture::new(|_| {});
    let (_, made) = fixture.send(&[("To", ANNA), ("From", HOTLINE), ("Body", "secret")]);
    let target = format!("{MESSAGES}/{}.json", made["sid"].as_str().unwrap());
    for (method, form) in [("DELETE", &[][..]), ("POST", &[("Body", "")][..])] {
        let (status, refused) = fixture.call(method, &target, form);
        assert_eq!((status, &refused["code"]), (409, &json!(20009)), "{method} before its delivery has ended");
    }
    fixture.settle();
    assert_eq!(fixture.call("POST", &target, &[("Body", "")]).1["body"], "");
    assert_eq!(fixture.call("DELETE", &target, &[]).0, 204);
    assert_eq!(fixture.call("GET", &target, &[]).1["code"], 20404);
}

#[test]
fn a_lost_create_is_found_in_the_list_once_the_list_has_caught_up() {
    let mut fixture = Fixture::new(|_| {});
    fixture.twilio.set_list_lag(5_000);
    fixture.send(&[("To", ANNA), ("From", HOTLINE), ("Body", "x")]);
    let target = format!("{MESSAGES}.json?To=%2B15550100100");
    let found = |fixture: &mut Fixture| fixture.call("GET", &target, &[]).1["messages"].as_array().unwrap().len();
    assert_eq!(found(&mut fixture), 0);
    fixture.now += 5_000;
    assert_eq!(found(&mut fixture), 1);
}

#[test]
fn a_filter_on_date_or_sender_misses_what_has_not_left_yet_and_the_receiver_alone_does_not() {
    let mut fixture = Fixture::new(with_service);
    fixture.send(&[("To", ANNA), ("MessagingServiceSid", SERVICE), ("Body", "x")]);
    let target = format!("{MESSAGES}.json?To=%2B15550100100");
    let queries = ["", "&From=%2B15550100001", "&DateSent%3E=2023-08-24"];
    let found = |fixture: &mut Fixture| {
        queries
            .map(|query| fixture.call("GET", &format!("{target}{query}"), &[]).1["messages"].as_array().unwrap().len())
    };
    assert_eq!(found(&mut fixture), [1, 0, 0]);
    let row = fixture.call("GET", &target, &[]).1["messages"][0].clone();
    assert_eq!((&row["from"], &row["date_sent"], &row["num_segments"]), (&Value::Null, &Value::Null, &json!("0")));
    fixture.settle();
    assert_eq!(found(&mut fixture), [1, 1, 1]);
    fixture.send(&[("To", ANNA), ("From", HOTLINE), ("Body", "y")]);
    assert_eq!(found(&mut fixture), [2, 2, 1], "a number's own row has its sender at once");
}

#[test]
fn a_text_that_was_given_up_may_arrive_after_all() {
    let mut fixture = Fixture::new(|_| {});
    fixture.twilio.set_delivery_outcome(ANNA, DeliveryOutcome::LATE);
    fixture.send(&[("To", ANNA), ("From", HOTLINE), ("Body", "x"), ("StatusCallback", "https://hotline.example/s")]);
    let begun = fixture.now;
    fixture.settle();
    assert_eq!(fixture.fields("MessageStatus"), ["sent", "undelivered", "delivered"]);
    assert_eq!(fixture.fields("ErrorCode"), ["", "30003", ""]);
    assert!(fixture.now > begun + 60_000);
    assert_eq!(fixture.bodies(ANNA), ["x"]);
}

#[test]
fn a_service_takes_what_its_queue_cannot_hold_and_fails_it_later() {
    let mut fixture = Fixture::new(with_service);
    let long = "x".repeat(1600);
    for _ in 0..3_300 {
        assert_eq!(fixture.send(&[("To", ANNA), ("MessagingServiceSid", SERVICE), ("Body", &long)]).0, 201);
    }
    fixture.settle();
    let sent = fixture.twilio.sent();
    assert_eq!((sent[0].error, sent[3_299].error), (None, Some(30001)));
}

#[test]
fn a_request_that_twilio_does_not_describe_is_remembered_with_its_name() {
    let mut fixture = Fixture::new(|_| {});
    fixture.send(&[("To", ANNA), ("From", HOTLINE), ("Body", "Hi")]);
    assert_eq!(fixture.twilio.violations(), []);
    fixture.send(&[("To", ANNA), ("From", HOTLINE), ("Body", "Hi"), ("Urgent", "true")]);
    let violations: Vec<_> = fixture.twilio.violations().iter().map(ToString::to_string).collect();
    let create = "POST https://api.twilio.com/2010-04-01/Accounts/{AccountSid}/Messages.json";
    assert_eq!(violations, [format!("Caller: {create}: unknown form parameter `Urgent`")]);
}
