//! Tests of the server over real sockets. The services have tests in their own folders.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::faults::{Kind, Rule, Service};

const MESSAGES: &str = "/twilio/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json";
const ANNA: &str = "+15550100100";
/// Nothing listens there.
const NOBODY: &str = "http://127.0.0.1:9";

struct Fixture {
    running: Running,
    client: Client,
}

impl Fixture {
    async fn new(worker: &str) -> Self {
        let running = start(Settings::development(0, worker)).await.unwrap();
        Self { running, client: Client::builder().no_proxy().build().unwrap() }
    }

    async fn call(&self, method: &str, path: &str, body: &str) -> Result<(u16, Value), reqwest::Error> {
        let request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.running.url()));
        let request =
            request.basic_auth(crate::twilio::DEVELOPMENT_ACCOUNT_SID, Some(crate::twilio::DEVELOPMENT_AUTH_TOKEN));
        let kind = if path.starts_with("/_") { "application/json" } else { "application/x-www-form-urlencoded" };
        let response = request.header("content-type", kind).body(body.to_owned()).send().await?;
        Ok((response.status().as_u16(), serde_json::from_slice(&response.bytes().await?).unwrap_or_default()))
    }

    async fn send_text(&self) -> Result<(u16, Value), reqwest::Error> {
        self.call("POST", MESSAGES, "To=%2B15550100100&From=%2B15550100001&Body=Hello").await
    }

    fn sent(&self) -> usize {
        self.running.with(|world| world.twilio.sent().len())
    }

    fn spoil(&self, rule: Value) {
        let rule: Rule = serde_json::from_value(rule).unwrap();
        self.running.with(|world| world.faults.add(Service::Twilio, rule));
    }

    async fn eventually(&self, holds: impl Fn(&mut World) -> bool) {
        for _ in 0..500 {
            if self.running.with(&holds) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it did not come to pass within 5 s");
    }
}

/// Answers every request with an empty TwiML document, and tells its path, its signature and its body.
async fn receiver() -> (String, UnboundedReceiver<[String; 3]>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tell = tell.clone();
            let hear = service_fn(move |request: hyper::Request<Incoming>| {
                let tell = tell.clone();
                async move {
                    let (head, body) = request.into_parts();
                    let body = body.collect().await?.to_bytes();
                    let signature = head.headers["x-twilio-signature"].to_str().unwrap().to_owned();
                    let delivery = [head.uri.path().to_owned(), signature, String::from_utf8_lossy(&body).into_owned()];
                    tell.send(delivery).unwrap();
                    let document = hyper::Response::builder().header("content-type", "text/xml");
                    Ok::<_, hyper::Error>(document.body(Full::<Bytes>::from("<Response/>")).unwrap())
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), hear));
        }
    });
    (url, told)
}

/// Only payload V3 marks an AI agent of Help Scout: deployments are set up with it, and development is like them.
#[test]
fn development_has_the_webhook_that_the_set_up_makes() {
    let webhook = Settings::development(0, "https://YOUR-WORKER").helpscout.webhook.unwrap();
    assert_eq!(webhook.version, PayloadVersion::V3);
    let guide: Vec<&str> = include_str!("../../../docs/SETUP.md").split_whitespace().collect();
    let set_up = format!("`{}`, payload version V3", webhook.url);
    assert!(guide.join(" ").contains(&set_up), "{set_up}");
}

#[tokio::test]
async fn a_text_typed_into_the_phone_reaches_the_worker_as_often_as_the_faults_say() {
    let (url, mut told) = receiver().await;
    let fixture = Fixture::new(&url).await;
    fixture.spoil(json!({"kind": "duplicate", "copies": 3}));
    let text =
        json!({"from": ANNA, "to": "+15550100001", "body": "Hi", "media": [{"type": "image/png", "base64": "cG5n"}]});
    fixture.call("POST", "/_play/text", &text.to_string()).await.unwrap();
    for _ in 0..3 {
        let [path, signature, body] = told.recv().await.unwrap();
        assert_eq!((path.as_str(), signature.len()), ("/twilio/messages", 28), "an HMAC-SHA1 in base64");
        assert!(body.contains("&Body=Hi&"), "{body}");
    }
    let (_, bubbles) = fixture.call("GET", "/_play/phone/%2B15550100100", "").await.unwrap();
    assert_eq!((&bubbles[0]["direction"], &bubbles[0]["body"]), (&json!("out"), &json!("Hi")));
    let picture =
        fixture.client.get(format!("{}{}", fixture.running.url(), bubbles[0]["media"][0]["url"].as_str().unwrap()));
    assert_eq!(picture.send().await.unwrap().bytes().await.unwrap().as_ref(), b"png");
}

#[tokio::test]
async fn faults_decide_whether_it_is_done_and_what_is_heard() {
    let cases = [
        (json!({"kind": "down"}), Some(503), 0),
        (json!({"kind": "status", "status": 429}), Some(429), 0),
        (json!({"kind": "down", "refuse": true}), None, 0),
        (json!({"kind": "lost_answer"}), None, 1),
        (json!({"kind": "done_status", "status": 504}), Some(504), 1),
        (json!({"kind": "unreadable"}), Some(200), 1),
        (json!({"kind": "slow", "ms": 20}), Some(201), 1),
        (json!({"kind": "hold", "ms": 20}), Some(201), 1),
    ];
    for (rule, status, sent) in cases {
        let fixture = Fixture::new(NOBODY).await;
        fixture.spoil(rule.clone());
        let answer = fixture.send_text().await.ok().map(|(status, _)| status);
        assert_eq!((answer, fixture.sent()), (status, sent), "{rule}");
        let logged = fixture.running.with(|world| world.requests().map(|it| it.status).collect::<Vec<_>>());
        assert_eq!(logged, [status], "{rule}");
    }
}

#[tokio::test]
async fn what_is_held_is_done_although_the_caller_hung_up() {
    let fixture = Fixture::new(NOBODY).await;
    fixture.spoil(json!({"kind": "hold", "ms": 100}));
    tokio::time::timeout(Duration::from_millis(50), fixture.send_text()).await.unwrap_err();
    assert_eq!(fixture.sent(), 0);
    fixture.eventually(|world| world.twilio.sent().len() == 1).await;
}

#[tokio::test]
async fn a_worker_that_is_not_there_is_noted() {
    let fixture = Fixture::new(NOBODY).await;
    fixture.running.with(|world| {
        let now = world.now();
        world.twilio.settings_mut().senders[0].webhook = format!("{NOBODY}/m");
        world.twilio.text_in(now, ANNA, "+15550100001", "Hi", vec![])
    });
    fixture.eventually(|world| world.twilio.debugger().iter().any(|entry| entry.code == 11205)).await;
}

#[tokio::test]
async fn a_dropped_webhook_is_believed_to_be_taken() {
    let fixture = Fixture::new(NOBODY).await;
    fixture.running.with(|world| world.faults.switch_on(Service::Twilio, Kind::Drop));
    fixture.call("POST", "/_play/text", r#"{"from":"+15550100100","to":"+15550100001"}"#).await.unwrap();
    fixture.eventually(|world| world.next_due().is_none()).await;
    assert_eq!(fixture.running.with(|world| world.twilio.debugger().len()), 0);
}

#[tokio::test]
async fn a_phone_calls_and_hangs_up_over_http() {
    let (url, mut told) = receiver().await;
    let fixture = Fixture::new(&url).await;
    let begin = json!({"from": ANNA, "to": "+15550100001", "script": {"hangs_up_after_ms": 60_000}});
    let (status, made) = fixture.call("POST", "/_play/call", &begin.to_string()).await.unwrap();
    assert_eq!(status, 200, "{made}");
    let [path, _, body] = told.recv().await.unwrap();
    assert_eq!(path, "/twilio/calls");
    assert!(body.contains("&CallStatus=ringing&"), "{body}");
    fixture.eventually(|world| world.twilio.calls()[0].status.is_final()).await;
    let (_, calls) = fixture.call("GET", "/_play/calls", "").await.unwrap();
    assert_eq!((&calls[0]["status"], &calls[0]["heard"][0]["kind"]), (&json!("completed"), &json!("ringing")));
    let one = format!("/_play/calls/{}", made["sid"].as_str().unwrap());
    assert_eq!(fixture.call("GET", &one, "").await.unwrap().1, calls[0]);
    for (action, status) in [("press", 200), ("hang_up", 200), ("answer", 400), ("sing", 400)] {
        assert_eq!(fixture.call("POST", &format!("{one}/{action}"), "").await.unwrap().0, status, "{action}");
    }
}

#[tokio::test]
async fn a_team_phone_is_answered_over_http() {
    let fixture = Fixture::new(NOBODY).await;
    let calls = MESSAGES.replace("/Messages", "/Calls");
    let form =
        "To=%2B15550100201&From=%2B15550100001&Twiml=%3CResponse%3E%3CPause%20length%3D%2260%22%2F%3E%3C%2FResponse%3E";
    fixture.call("POST", "/_play/settings", r#"{"calls":{"dialing_ms":10}}"#).await.unwrap();
    let (_, made) = fixture.call("POST", &calls, form).await.unwrap();
    fixture.eventually(|world| world.twilio.ringing().count() == 1).await;
    let one = format!("/_play/calls/{}", made["sid"].as_str().unwrap());
    assert_eq!(fixture.call("POST", &format!("{one}/answer"), "").await.unwrap().1["status"], "in-progress");
    assert_eq!(fixture.call("POST", &format!("{one}/hang_up"), "").await.unwrap().1["status"], "completed");
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_rings_all_the_same_and_is_in_the_list() {
    let fixture = Fixture::new(NOBODY).await;
    let calls = MESSAGES.replace("/Messages", "/Calls");
    fixture.spoil(json!({"kind": "lost_answer", "method": "POST", "path_contains": "/Calls.json", "times": 1}));
    fixture.call("POST", &calls, "To=%2B15550100201&From=%2B15550100001&Twiml=%3CResponse%2F%3E").await.unwrap_err();
    let (_, list) = fixture.call("GET", &format!("{calls}?To=%2B15550100201"), "").await.unwrap();
    let one = calls.replace(".json", &format!("/{}.json", list["calls"][0]["sid"].as_str().unwrap()));
    fixture.eventually(|world| world.twilio.rings("+15550100201") == 1).await;
    assert_eq!(fixture.call("POST", &one, "Status=canceled").await.unwrap().1["status"], "canceled");
}

#[tokio::test]
async fn the_switchboard_over_http() {
    let fixture = Fixture::new(NOBODY).await;
    let (_, rules) = fixture.call("POST", "/_faults/helpscout", r#"{"kind":"list_lag","ms":5000}"#).await.unwrap();
    assert_eq!(rules, json!([{"id": 1, "kind": "list_lag", "ms": 5000}]));
    fixture.call("POST", "/_faults/helpscout", r#"{"kind":"down","times":1}"#).await.unwrap();
    assert_eq!(fixture.call("DELETE", "/_faults/helpscout/1", "").await.unwrap().1.as_array().unwrap().len(), 1);
    assert_eq!(fixture.call("GET", "/helpscout/v2/conversations", "").await.unwrap().0, 503);
    assert_eq!(fixture.call("GET", "/_faults/helpscout", "").await.unwrap().1, json!([]));
    assert_eq!(fixture.call("POST", "/_faults/helpscout", r#"{"kind":"gremlins"}"#).await.unwrap().0, 400);
    assert_eq!(fixture.call("GET", "/_faults/nobody", "").await.unwrap().0, 400);
    let (_, log) = fixture.call("GET", "/_play/requests?service=helpscout", "").await.unwrap();
    assert_eq!((&log[0]["target"], &log[0]["status"]), (&json!("/v2/conversations"), &json!(503)));
    assert_eq!(fixture.call("GET", "/_play/requests?service=twilio", "").await.unwrap().1, json!([]));
}

#[tokio::test]
async fn a_page_elsewhere_cannot_use_the_emulator() {
    let fixture = Fixture::new(NOBODY).await;
    let text = r#"{"from":"+15550100100","to":"+15550100001"}"#;
    let post = |name: &'static str, value: &'static str| {
        let request = fixture.client.post(format!("{}/_play/text", fixture.running.url()));
        request.header("content-type", "application/json").header(name, value).body(text)
    };
    assert_eq!(post("origin", "https://evil.example").send().await.unwrap().status(), 403);
    assert_eq!(post("host", "evil.example").send().await.unwrap().status(), 403);
    let plain = fixture.client.post(format!("{}/_play/text", fixture.running.url())).body(text);
    assert_eq!(plain.send().await.unwrap().status(), 403, "a form or plain text needs no permission");
    assert!(fixture.running.with(|world| world.twilio.phones().is_empty()));
    assert_eq!(post("accept", "*/*").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_other_routes() {
    let fixture = Fixture::new(NOBODY).await;
    let cases = [
        ("GET", "/", "", 200),
        ("GET", "/page/page.js", "", 200),
        ("GET", "/page/page.css", "", 200),
        ("GET", "/page/calls.js", "", 200),
        ("GET", "/page/other", "", 404),
        ("GET", "/_play/state", "", 200),
        ("GET", "/_play/media/ME1", "", 404),
        ("GET", "/_play/attachment/1", "", 404),
        ("GET", "/_play/nothing", "", 404),
        ("POST", "/_play/text", "{}", 400),
        ("POST", "/_play/helpscout/reply", "{}", 400),
        ("POST", "/_play/settings", r#"{"fates":{"+15550100100":"landline"}}"#, 200),
        ("POST", "/_play/settings", r#"{"profile_names":{"+15550100100":"Anna"}}"#, 200),
        ("POST", "/_play/settings", r#"{"calls":{"stir_verdicts":{"+15550100100":"TN-Validation-Failed"}}}"#, 200),
        ("POST", "/_play/settings", r#"{"fates":{"+15550100100":"late"}}"#, 200),
        ("POST", "/_play/settings", r#"{"fates":{"+15550100100":"happy"}}"#, 400),
        ("POST", "/_play/settings", r#"{"fate":{}}"#, 400),
        (
            "POST",
            "/_play/settings",
            r#"{"calls":{"far_ends":{"+15550100201":{"kind":"voicemail","after_ms":1}}}}"#,
            200,
        ),
        ("POST", "/_play/settings", r#"{"calls":{"far_end":{}}}"#, 400),
        ("POST", "/_play/call", "{}", 400),
        ("GET", "/_play/calls/CA1", "", 400),
        ("POST", "/_play/calls/CA1/press", r#"{"digits":"1"}"#, 400),
        ("GET", "/lookups/v2/PhoneNumbers/%2B15550100100", "", 200),
        ("GET", "/twilio-media/AC/ME1", "", 400),
        ("GET", "/twilio/nothing", "", 404),
    ];
    for (method, path, body, status) in cases {
        assert_eq!(fixture.call(method, path, body).await.unwrap().0, status, "{method} {path}");
    }
    let (_, shown) = fixture.call("GET", "/_play/state", "").await.unwrap();
    assert_eq!(shown["helpscout"]["inboxes"][0]["id"], 3003);
}
