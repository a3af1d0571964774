//! The routes as they look from outside: what opens, what is refused, and in which words.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use emulator::faults::Service;
use ringside_tests::runtime::{HOTLINE, HttpRequest, INBOX, Stand, text_params};
use serde_json::{Value, json};

use crate::{BOB, SAM};

const API_KEY: &str = "an_api_key_of_32_bytes_0123456789";
const EMPTY_TWIML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

#[tokio::test]
async fn what_each_route_answers() {
    let stand = Stand::start(|vars| vars["HOTLINE_VOTERS"]["blocked"] = json!([SAM])).await;
    let mut elsewhere = text_params("SM1", BOB, "Hello");
    elsewhere[3] = ("To", "+15550109999");
    let foreign = json!({ "id": 1, "mailboxId": INBOX + 1, "type": "phone" }).to_string();
    let twiml = ("text/xml; charset=utf-8", EMPTY_TWIML);
    let nothing = ("", "");
    let cases = [
        (HttpRequest::plain("GET", "/healthz"), 200, ("application/json", r#"{"status":"ok"}"#)),
        (stand.twilio("/twilio/messages", &elsewhere), 200, twiml),
        (stand.twilio("/twilio/messages", &text_params("SM2", SAM, "I am blocked")), 200, twiml),
        (stand.twilio_json("/twilio/messages", "{}"), 200, twiml),
        (
            stand.twilio(
                "/twilio/messages/status?h=3003&m=1.0.0",
                &[("MessageSid", "SM1"), ("MessageStatus", "sent"), ("To", BOB)],
            ),
            204,
            nothing,
        ),
        (stand.helpscout("convo.agent.reply.created", foreign), 204, nothing),
    ];
    let before = stand.snapshot();
    for (request, status, (kind, body)) in cases {
        let answer = stand.fetch(&request).await;
        assert_eq!(
            (answer.status, answer.header("content-type"), answer.text().as_str()),
            (status, kind, body),
            "{request:?}"
        );
        assert_eq!(answer.header("cache-control"), "no-store, no-transform", "{request:?}");
    }
    unmoved(&stand, &before).await;
}

/// The routes of calls.
pub const CALLS: [&str; 13] = [
    "/twilio/calls",
    "/twilio/calls/status",
    "/twilio/calls/wait?h=3003&c=CA1",
    "/twilio/calls/queue?h=3003&c=CA1",
    "/twilio/calls/voicemail?h=3003&c=CA1",
    "/twilio/calls/recorded?h=3003&c=CA1",
    "/twilio/calls/recording?h=3003&c=CA1",
    "/twilio/calls/transcript?h=3003&c=CA1",
    "/twilio/calls/leg?h=3003&c=CA1&l=0",
    "/twilio/calls/leg/pressed?h=3003&c=CA1&l=0",
    "/twilio/calls/leg/over?h=3003&c=CA1&l=0",
    "/twilio/calls/leg/status?h=3003&c=CA1&l=0",
    "/twilio/calls/contact/status?h=3003&c=CA1",
];

#[tokio::test]
async fn what_is_refused_at_each_route() {
    let stand = Stand::start(|_| ()).await;
    let [twilio, helpscout] = ["/twilio/messages", "/helpscout/webhook"];
    let status = "/twilio/messages/status?h=3003&m=1.0.0";
    let cases = [
        (HttpRequest::plain("GET", "/"), 404, "not_found"),
        (HttpRequest::plain("POST", "/twilio"), 404, "not_found"),
        (HttpRequest::plain("POST", "/twilio/calls/elsewhere"), 404, "not_found"),
        (HttpRequest::plain("GET", "/media/"), 404, "not_found"),
        (HttpRequest::plain("GET", "/media/a/b"), 404, "not_found"),
        (HttpRequest::plain("POST", "/healthz"), 405, "method_not_allowed"),
        (HttpRequest::plain("POST", "/media/abc"), 405, "method_not_allowed"),
        (HttpRequest::plain("GET", helpscout), 405, "method_not_allowed"),
        (HttpRequest::plain("PUT", helpscout), 405, "method_not_allowed"),
        (HttpRequest::plain("POST", helpscout), 401, "bad_signature"),
        (stand.helpscout("convo.created", "{}").without("x-helpscout-signature"), 401, "bad_signature"),
        (stand.helpscout("convo.created", "{}").with("x-helpscout-signature", "c2lnbmVk"), 401, "bad_signature"),
        (stand.helpscout("convo.created", "{}").saying("{ }"), 401, "bad_signature"),
        (stand.helpscout_signed("another", "convo.created", "{}"), 401, "bad_signature"),
        (HttpRequest::plain("GET", "/media/abc"), 401, "bad_link"),
    ];
    let silent = [
        (HttpRequest::plain("POST", twilio), 403),
        (HttpRequest::plain("POST", status), 403),
        (HttpRequest::plain("POST", "/twilio/messages/"), 403),
        (HttpRequest::plain("POST", "//twilio//calls/"), 403),
        (stand.twilio(twilio, &text_params("SM1", BOB, "Hello")).without("x-twilio-signature"), 403),
        (stand.twilio(twilio, &text_params("SM1", BOB, "Hello")).with("x-twilio-signature", "c2lnbmVk"), 403),
        (stand.twilio(twilio, &text_params("SM1", BOB, "Hello")).saying("MessageSid=SM1"), 403),
        (stand.twilio_json(twilio, "{}").saying("{ }"), 403),
        (HttpRequest::plain("GET", "/twilio/calls"), 405),
        (HttpRequest::plain("PUT", "/twilio/calls/leg/pressed?h=3003&c=CA1&l=0"), 405),
    ]
    .into_iter()
    .chain(CALLS.map(|route| (stand.twilio(route, &[("CallSid", "CA1")]).with("x-twilio-signature", "c2lnbmVk"), 403)))
    .chain(CALLS.map(|route| (HttpRequest::plain("POST", route), 403)));
    let before = stand.snapshot();
    for (request, status, code) in cases {
        let answer = stand.fetch(&request).await;
        let about = (request.method, &request.target);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{about:?}");
        assert_eq!(answer.header("content-type"), "application/json", "{about:?}");
        assert_eq!(answer.header("allow").is_empty(), status != 405, "{about:?}");
    }
    for (request, status) in silent {
        let answer = stand.fetch(&request).await;
        assert_eq!((answer.status, answer.text().as_str()), (status, ""), "{} {:?}", request.target, request.headers);
    }
    for target in [twilio, status] {
        assert_eq!(stand.fetch(&HttpRequest::plain("GET", target)).await.status, 405);
    }
    unmoved(&stand, &before).await;
}

/// Says a request byte by byte: a client that keeps the rules would see its own broken pipe when it is refused half-way.
fn shouted(stand: &Stand, target: &str, length: &str, body: Vec<u8>) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", stand.worker.port())).expect("the Worker listens");
    let head = format!("POST {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{length}\r\n\r\n");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
    stream.write_all(&[head.into_bytes(), body].concat()).expect("the Worker hears");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the Worker answers");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn what_is_too_large_is_refused_announced_or_not() {
    let stand = Stand::start(|_| ()).await;
    for (target, signature, most, words) in [
        ("/twilio/messages", "x-twilio-signature", 64 << 10, ""),
        ("/twilio/messages/status?h=3003&m=1.0.0", "x-twilio-signature", 64 << 10, ""),
        ("/twilio/calls", "x-twilio-signature", 64 << 10, ""),
        ("/helpscout/webhook", "x-helpscout-signature", 10 << 20, "\"too_large\""),
    ] {
        let size = most + 1;
        let announced = shouted(&stand, target, &format!("{signature}: x\r\ncontent-length: {size}"), Vec::new());
        let chunk = [format!("{size:x}\r\n").into_bytes(), vec![b'a'; size], b"\r\n0\r\n\r\n".to_vec()].concat();
        let in_chunks = shouted(&stand, target, &format!("{signature}: x\r\ntransfer-encoding: chunked"), chunk);
        for answer in [announced, in_chunks] {
            assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains(words), "{target}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_form_of_more_fields_than_twilio_sends_is_refused() {
    let stand = Stand::start(|_| ()).await;
    let mut params = text_params("SM1", SAM, "Hello");
    params.extend((0..200).map(|_| ("x", "1")));
    assert_eq!(stand.fetch(&stand.twilio("/twilio/messages", &params)).await.status, 403);
    params.truncate(200);
    assert_eq!(stand.fetch(&stand.twilio("/twilio/messages", &params)).await.status, 200);
}

/// People paste addresses into Twilio's console with a slash too many, choose GET, or make a slip of the pen.
#[tokio::test]
async fn a_text_arrives_at_every_spelling_of_its_route_and_is_missed_nowhere_else() {
    let stand = Stand::start(|vars| vars["API_KEYS"] = json!(API_KEY)).await;
    let targets = [
        "/twilio/messages/",
        "//twilio/messages",
        "/twilio//messages/",
        "/twilio/messages?team=a%20b",
        "/twilio/messages",
    ];
    let mut said = Vec::new();
    for (at, target) in targets.into_iter().enumerate() {
        for get in [false, true] {
            let text = format!("It's {at} @ home, by {}", if get { "GET" } else { "POST" });
            let params = text_params(&text, SAM, &text);
            let request = if get { stand.twilio_get(target, &params) } else { stand.twilio(target, &params) };
            let answer = stand.fetch(&request).await;
            assert_eq!((answer.status, answer.text().as_str()), (200, EMPTY_TWIML), "{request:?}");
            said.push(text);
        }
    }
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await.id();
    stand.until("all texts", |it| (it.talk(talk).said().len() == said.len()).then_some(())).await;
    let call = stand.twilio_get("/twilio/calls/", &[("CallSid", "CA1"), ("From", SAM), ("To", HOTLINE)]);
    assert!(stand.fetch(&call).await.text().contains("<Record"), "no phone rings here, so it is voicemail");

    let lost = [
        stand.twilio("/twilio/message", &text_params("SM1", BOB, "Is anybody there?")),
        stand.twilio_get("/sms/+15550100002", &text_params("SM2", BOB, "Is anybody there?")),
        stand.helpscout("convo.created", "{}").at("/helpscout/webhooks"),
    ];
    for request in &lost {
        assert_eq!(stand.fetch(request).await.status, 404, "{request:?}");
        let forged = request.clone().with("x-twilio-signature", "c2lnbmVk").with("x-helpscout-signature", "c2lnbmVk");
        assert_eq!(stand.fetch(&forged).await.status, 404, "{request:?}");
    }
    let health = HttpRequest::plain("GET", "/v1/health").with("authorization", &format!("Bearer {API_KEY}"));
    let health: Value = serde_json::from_slice(&stand.fetch(&health).await.body).expect("JSON");
    for (by, count) in [("Twilio", 2), ("Help Scout", 1)] {
        let what = format!("request to an unknown address, signed by {by}");
        let counts = health["counts"].to_string();
        let counted = find(&health, &what).unwrap_or_else(|| panic!("{counts}"));
        assert_eq!(counted, count, "{counts}");
    }
    let log = stand.worker.log();
    assert!(log.contains("signed.no_route") && log.contains("Twilio /sms/????????????"), "{log}");
}

/// How often something was counted.
fn find(health: &Value, what: &str) -> Option<u64> {
    let counts = health.as_object()?.values().filter_map(Value::as_array).flatten();
    counts.into_iter().find(|count| count["what"] == what)?["count"].as_u64()
}

#[tokio::test]
async fn browsers_are_told_to_come_encrypted_and_to_guess_no_types() {
    let stand = Stand::start_with_assets().await;
    for (target, nosniff) in [
        ("/assets/sidebar.css", "nosniff"),
        ("/assets/ringing.wav", "nosniff"),
        ("/healthz", "nosniff"),
        ("/helpscout/sidebar", "nosniff"),
        ("/media/x", "nosniff"),
        ("/twilio/messages", ""),
        ("/nowhere", "nosniff"),
    ] {
        let answer = stand.fetch(&HttpRequest::plain("GET", target)).await;
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{target}");
        assert_eq!(answer.header("x-content-type-options"), nosniff, "{target}");
    }
}

#[tokio::test]
async fn the_largest_event_is_read() {
    let stand = Stand::start(|_| ()).await;
    let event = json!({ "id": 1, "mailboxId": INBOX + 1, "type": "email", "preview": "a".repeat(9 << 20) }).to_string();
    assert_eq!(stand.fetch(&stand.helpscout("convo.created", event)).await.status, 204);
}

/// Nothing has changed, also after somebody else has texted and all that is his has been done.
pub async fn unmoved(stand: &Stand, before: &Value) {
    assert_eq!(stand.snapshot(), *before);
    let ours = |it: &Stand| it.requests(Service::HelpScout, "").len() + it.requests(Service::Twilio, "").len();
    let requests = ours(stand);
    stand.first_contact(BOB, "Somebody else").await;
    assert_eq!(stand.talks().len(), before["helpscout"]["conversations"].as_array().map_or(0, Vec::len) + 1);
    // The directory looks at the conversation when its webhook is faster than the answer to its create.
    assert!(ours(stand) <= requests + 4, "a token, a conversation, a greeting, a look: {}", stand.story());
}
