//! How webhooks are tried, and what their answers do.

use super::*;

#[test]
fn a_webhook_is_tried_again_as_its_fragment_says_with_the_same_token() {
    let refused = Outcome::Refused;
    let down = || answer(503, "text/plain", "");
    let cases = [
        ("#rc=3&rp=5xx", vec![down(), down()], 3, None),
        ("#rc=3&rp=5xx", vec![down(), down(), down(), down()], 4, Some(11200)),
        ("#rc=3&rp=5xx", vec![Outcome::TimedOut], 1, Some(11200)),
        ("", vec![down()], 1, Some(11200)),
        ("", vec![refused.clone()], 2, None),
        ("", vec![refused.clone(), refused], 2, Some(11205)),
    ];
    for (fragment, answers, attempts, code) in cases {
        let mut fixture =
            Fixture::new(|settings| settings.senders[0].webhook = format!("https://hotline.example/m{fragment}"))
                .answering(answers.clone());
        fixture.text(ANNA, "Hi");
        assert_eq!(fixture.heard.len(), attempts, "{fragment} {answers:?}");
        assert_eq!(fixture.twilio.debugger().first().map(|entry| entry.code), code, "{fragment} {answers:?}");
        let mut tokens: Vec<_> =
            fixture.heard.iter().map(|heard| header(heard, "i-twilio-idempotency-token")).collect();
        tokens.dedup();
        assert_eq!(tokens.len(), 1);
    }
}

#[test]
fn no_retry_begins_after_fifteen_seconds() {
    let mut fixture = Fixture::new(|_| {});
    fixture.twilio.text_in(fixture.now, ANNA, HOTLINE, "Hi", vec![]);
    let delivery = fixture.twilio.take_due(fixture.now).remove(0);
    assert_eq!(fixture.twilio.patience(fixture.now, delivery.id), 15_000);
    assert_eq!(fixture.twilio.patience(fixture.now + 4_000, delivery.id), 11_000);
    fixture.twilio.answered(fixture.now + 15_000, delivery.id, Outcome::TimedOut);
    assert_eq!(fixture.twilio.next_due(), None);
    assert_eq!(fixture.twilio.debugger()[0].code, 11200);
}

#[test]
fn the_fallback_hears_what_went_wrong() {
    let cases = [
        (answer(500, "text/plain", ""), "11200"),
        (answer(200, "application/json", "{}"), "12300"),
        (answer(200, "text/xml", "oops"), "12100"),
        (answer(200, "text/xml", &"x".repeat(70_000)), "11750"),
    ];
    for (outcome, code) in cases {
        let mut fixture = Fixture::new(|settings| {
            settings.senders[0].webhook = "https://hotline.example/m".into();
            settings.senders[0].fallback = "https://static.example/f".into();
        })
        .answering([outcome]);
        fixture.text(ANNA, "Hi");
        let fallback = fixture.heard.last().unwrap();
        assert_eq!(fallback.url, "https://static.example/f");
        assert_eq!((field(fallback, "ErrorCode"), field(fallback, "Body")), (code.into(), "Hi".into()));
        assert_eq!(field(fallback, "ErrorUrl"), "https://hotline.example/m");
        assert_eq!(fixture.heard.len(), 2);
    }
}

#[test]
fn a_redirect_is_followed_as_get_without_the_parameters() {
    let moved =
        Outcome::Answered(Response { status: 302, headers: vec![("location".into(), "/new".into())], body: vec![] });
    let mut fixture = Fixture::new(|_| {}).answering([moved]);
    fixture.text(ANNA, "Hi");
    let second = &fixture.heard[1];
    assert_eq!((second.request.method.as_str(), second.url.as_str()), ("GET", "https://hotline.example/new"));
    assert!(second.request.body.is_empty());
}

#[test]
fn twiml_answers_are_sent() {
    let message = |body: &str| format!("<Message>{body}</Message>");
    let twelve = format!("<Response>{}</Response>", message("x").repeat(12));
    let cases = [
        (
            answer(200, "text/xml; charset=utf-8", "<Response><Message>Thanks</Message></Response>"),
            vec!["Thanks"],
            vec![],
        ),
        (answer(200, "text/plain", "Thanks"), vec!["Thanks"], vec![]),
        (answer(204, "", ""), vec![], vec![]),
        (answer(200, "text/xml", "<Response><Say>Hi</Say></Response>"), vec![], vec![12200]),
        (answer(200, "text/xml", &twelve), vec!["x"; 10], vec![14109]),
    ];
    for (outcome, replies, codes) in cases {
        let mut fixture = Fixture::new(|_| {}).answering([outcome.clone()]);
        fixture.text(ANNA, "Hi");
        assert_eq!(fixture.bodies(ANNA), replies, "{outcome:?}");
        assert_eq!(fixture.twilio.debugger().iter().map(|entry| entry.code).collect::<Vec<_>>(), codes, "{outcome:?}");
        assert!(fixture.twilio.sent().iter().all(|message| message.direction == Direction::OutboundReply));
    }
}

#[test]
fn two_robots_cannot_answer_each_other_for_ever() {
    let reply = || answer(200, "text/xml", "<Response><Message>beep</Message></Response>");
    let mut fixture =
        Fixture::new(|settings| settings.senders[0].segments_per_second = 100).answering((0..20).map(|_| reply()));
    for _ in 0..20 {
        fixture.twilio.text_in(fixture.now, ANNA, HOTLINE, "boop", vec![]);
    }
    fixture.settle();
    assert_eq!(fixture.twilio.sent().len(), 15);
    assert_eq!(fixture.twilio.debugger().iter().filter(|entry| entry.code == 14107).count(), 5);
}

#[test]
fn what_leads_in_circles_is_given_up() {
    let moved =
        || Outcome::Answered(Response { status: 307, headers: vec![("location".into(), "/on".into())], body: vec![] });
    let redirect = || answer(200, "text/xml", "<Response><Redirect>/on</Redirect></Response>");
    for again in [moved, redirect] {
        let mut fixture = Fixture::new(|_| {}).answering((0..20).map(|_| again()));
        fixture.text(ANNA, "Hi");
        assert_eq!((fixture.heard.len(), fixture.twilio.debugger()[0].code), (11, 11215));
    }
}

#[test]
fn an_unknown_retry_policy_is_noted_and_the_default_holds() {
    let mut fixture =
        Fixture::new(|settings| settings.senders[0].webhook = "https://hotline.example/m#rc=3&rp=never".into())
            .answering([Outcome::Refused]);
    fixture.text(ANNA, "Hi");
    assert_eq!((fixture.heard.len(), fixture.twilio.debugger()[0].code), (2, 11243));
}

#[test]
fn a_service_with_an_address_of_its_own_is_told_there() {
    let mut fixture = Fixture::new(|settings| {
        with_service(settings);
        settings.services[0].inbound_request_url = "https://service.example/in".into();
        settings.services[0].fallback_url = "https://service.example/fallback".into();
    })
    .answering([answer(500, "text/plain", "")]);
    fixture.text(ANNA, "Hi");
    let urls: Vec<_> = fixture.heard.iter().map(|heard| heard.url.as_str()).collect();
    assert_eq!(urls, ["https://service.example/in", "https://service.example/fallback"]);
    assert_eq!(field(&fixture.heard[0], "MessagingServiceSid"), SERVICE);
}
