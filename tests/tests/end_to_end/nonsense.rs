//! Signed and yet nonsense: answered 2xx, so that it makes no retry loop, and nothing changes; what can be read of a text
//! is kept.

use ringside_tests::runtime::{INBOX, Stand, form, text_params};
use serde_json::json;

use crate::SAM;
use crate::routes::{CALLS, unmoved};

const TEXTS: &str = "/twilio/messages";
const STATES: &str = "/twilio/messages/status";

#[tokio::test]
async fn a_text_of_nobody_changes_nothing() {
    let stand = Stand::start(|_| ()).await;
    let without =
        |name: &str| text_params("SM1", SAM, "Hello").into_iter().filter(|it| it.0 != name).collect::<Vec<_>>();
    let before = stand.snapshot();
    for params in [
        without("MessageSid"),
        without("From"),
        without("To"),
        vec![],
        vec![("", "")],
        vec![("MessageSid", ""), ("From", "")],
    ] {
        let answer = stand.fetch(&stand.twilio(TEXTS, &params)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/xml; charset=utf-8"), "{params:?}");
    }
    for body in ["", "null", "[1,2", "\"text\""] {
        assert_eq!(stand.fetch(&stand.twilio_json(TEXTS, body)).await.status, 200, "{body}");
    }
    unmoved(&stand, &before).await;
}

#[tokio::test]
async fn a_state_of_nothing_changes_nothing() {
    let stand = Stand::start(|_| ()).await;
    let state = |sid: &'static str, state: &'static str, to: &'static str| {
        [("MessageSid", sid), ("MessageStatus", state), ("To", to)]
    };
    let ours = "?h=3003&m=1.0.0";
    let cases = [
        (ours, state("SM1", "delivered", SAM)),
        (ours, state("SM1", "dreaming", SAM)),
        (ours, state("", "sent", SAM)),
        (ours, state("SM1", "sent", "")),
        (ours, state("SM1", "sent", "anonymous")),
        ("", state("SM1", "sent", SAM)),
        ("?h=abc&m=%FF%00", state("SM1", "sent", SAM)),
        ("?h=99999999999999999999&m=1.0.0", state("SM1", "sent", SAM)),
        ("?h=3004&m=1.0.0", state("SM1", "failed", SAM)),
    ];
    let before = stand.snapshot();
    for (query, params) in cases {
        let answer = stand.fetch(&stand.twilio(&format!("{STATES}{query}"), &params)).await;
        assert_eq!((answer.status, answer.text().as_str()), (204, ""), "{query} {params:?}");
    }
    unmoved(&stand, &before).await;
}

#[tokio::test]
async fn an_event_of_nothing_changes_nothing() {
    let stand = Stand::start(|_| ()).await;
    let event = |id: serde_json::Value| json!({ "id": id, "mailboxId": INBOX, "type": "phone" }).to_string();
    let cases = [
        ("", event(json!(1))),
        ("convo.sneezed", event(json!(1))),
        ("customer.updated", event(json!(1))),
        ("convo.created", String::new()),
        ("convo.created", "{".to_owned()),
        ("convo.created", "null".to_owned()),
        ("convo.created", "[]".to_owned()),
        ("convo.created", event(json!("one"))),
        ("convo.created", event(json!(-1))),
        ("convo.created", event(json!(1.5))),
        ("convo.created", "[".repeat(200_000)),
        ("convo.moved", json!({ "id": 1, "mailboxId": "there" }).to_string()),
        ("convo.deleted", json!({ "id": 1 }).to_string()),
    ];
    let before = stand.snapshot();
    for (name, body) in cases {
        let about = (name, body.chars().take(80).collect::<String>());
        assert_eq!(stand.fetch(&stand.helpscout(name, body)).await.status, 204, "{about:?}");
    }
    let unnamed = stand.helpscout("convo.created", event(json!(1))).without("x-helpscout-event");
    assert_eq!(stand.fetch(&unnamed).await.status, 204);
    unmoved(&stand, &before).await;
}

#[tokio::test]
async fn what_can_be_read_of_a_text_is_kept() {
    let stand = Stand::start(|_| ()).await;
    let mut odd = text_params("SM1", SAM, "How many?");
    odd[5] = ("NumMedia", "abc");
    assert_eq!(stand.fetch(&stand.twilio(TEXTS, &odd)).await.status, 200);
    // Twilio signs what it means; a byte that is no UTF-8 is read as the sign for that.
    let signed = stand.twilio(TEXTS, &text_params("SM2", SAM, "caf\u{fffd}"));
    let sent = String::from_utf8(form(&text_params("SM2", SAM, "caf\u{fffd}"))).expect("a form");
    assert_eq!(stand.fetch(&signed.saying(sent.replace("%EF%BF%BD", "%E9"))).await.status, 200);
    assert_eq!(stand.fetch(&stand.twilio(TEXTS, &text_params("SM3", SAM, "zero\0byte \u{202e}"))).await.status, 200);
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await.id();
    stand.until_said(talk, &["How many?", "caf\u{fffd}", "zerobyte \u{202e}"]).await;

    let mut garbage = text_params("SM4", SAM, "See");
    garbage.extend([
        ("MediaUrl0", "not an address"),
        ("MediaContentType0", "image/png"),
        ("MediaUrl1", "file:///etc/passwd"),
    ]);
    assert_eq!(stand.fetch(&stand.twilio(TEXTS, &garbage)).await.status, 200);
    let said = stand.until("the text", |it| it.talk(talk).said().get(3).map(|it| (*it).to_owned())).await;
    assert!(said.starts_with("See<br>[Attachment 1 (image/png) could not be fetched from Twilio."), "{said}");
}

#[tokio::test]
async fn words_of_a_call_that_there_is_not_change_nothing() {
    let stand = Stand::start(|_| ()).await;
    let before = stand.snapshot();
    for route in CALLS {
        for params in [
            vec![],
            vec![("", "")],
            vec![("CallSid", "")],
            vec![("CallSid", "CA9"), ("To", "+15550100999"), ("CallStatus", "completed")],
            vec![("CallSid", "CA9"), ("Digits", "1"), ("RecordingDuration", "many"), ("DialCallDuration", "-1")],
        ] {
            let answer = stand.fetch(&stand.twilio(route, &params)).await;
            let twiml = !route.contains("status") && !route.contains("/recording") && !route.contains("/transcript");
            let expected = if twiml { (200, "text/xml; charset=utf-8") } else { (204, "") };
            assert_eq!((answer.status, answer.header("content-type")), expected, "{route} {params:?}");
        }
        for odd in ["h=abc&c=CA1", "h=3004&c=CA1", "h=3003", "h=3003&c=%00%FF", "h=3003&c=CA1&l=-1"] {
            let route = format!("{}?{odd}", route.split('?').next().unwrap());
            let status = stand.fetch(&stand.twilio(&route, &[("CallSid", "CA9")])).await.status;
            assert!(matches!(status, 200 | 204), "{route}: {status}");
        }
    }
    unmoved(&stand, &before).await;
}
