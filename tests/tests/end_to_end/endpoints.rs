//! The real Worker delivers events to an address of a program, and reads nothing of what that answers but the status.

use ringside_tests::oracle;
use ringside_tests::runtime::{Answer, Delivered, HttpRequest, Manner, Receiver, Stand, TOKEN, api_keys};
use serde_json::{Value, json};

use crate::{ANN, SAM};

async fn ask(stand: &Stand, method: &'static str, target: &str, body: &Value) -> Answer {
    let request = HttpRequest::plain(method, &format!("/v1/{target}"));
    let request = if body.is_null() { request } else { request.saying(body.to_string()) };
    stand.fetch(&request.with("authorization", &format!("Bearer {TOKEN}"))).await
}

async fn stand(receiver: &Receiver) -> (Stand, String) {
    let stand = Stand::start_with_receiver(receiver, |vars| vars["API_KEYS"] = api_keys()).await;
    let endpoint = json!({"url": "https://crm.example.org/in?key=1", "events": ["*"], "hotlines": ["VOTERS"]});
    let made = ask(&stand, "PUT", "endpoints/crm", &endpoint).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let made: Value = serde_json::from_str(&made.text()).expect("JSON");
    (stand, made["secret"].as_str().expect("a secret").to_owned())
}

async fn reason(stand: &Stand) -> String {
    let shown: Value =
        serde_json::from_str(&ask(stand, "GET", "endpoints/crm", &Value::Null).await.text()).expect("JSON");
    shown["reason"].as_str().unwrap_or_default().to_owned()
}

/// The texts that came, each once, in the order in which they came first.
fn texts(delivered: &[Delivered], from: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for event in delivered.iter().filter_map(|it| serde_json::from_str::<Value>(&it.body).ok()) {
        let said = event["data"]["text"].as_str().filter(|_| event["data"]["number"] == from);
        texts.extend(said.map(str::to_owned).filter(|said| !texts.contains(said)));
    }
    texts
}

#[tokio::test]
async fn events_arrive_in_order_signed_and_after_a_kill() {
    let receiver = Receiver::start().await;
    let (mut stand, secret) = stand(&receiver).await;
    stand.text(SAM, "one");
    stand.until("the first event", |_| receiver.delivered().pop()).await;
    receiver.set(Manner::Silent);
    stand.text(SAM, "two");
    stand.until("the second event", |_| (texts(&receiver.delivered(), SAM).len() == 2).then_some(())).await;
    stand.worker.kill();
    receiver.set(Manner::Status(200));
    stand.worker.restart().await;
    stand.text(SAM, "three");
    stand.text(ANN, "other");
    let all = |_: &Stand| {
        let delivered = receiver.delivered();
        (texts(&delivered, SAM).len() == 3 && texts(&delivered, ANN).len() == 1).then_some(delivered)
    };
    let delivered = stand.until("all events", all).await;
    assert_eq!(texts(&delivered, SAM), ["one", "two", "three"]);
    let judged: Vec<Value> = delivered
        .iter()
        .map(|it| {
            let timestamp: i64 = it.header("webhook-timestamp").parse().expect("a number");
            assert_eq!((it.target.as_str(), it.header("host")), ("/in?key=1", "crm.example.org"));
            json!({
                "secret": secret, "id": it.header("webhook-id"), "timestamp": timestamp,
                "signature": it.header("webhook-signature"), "body": it.body, "now": timestamp * 1_000,
            })
        })
        .collect();
    let verdicts: Vec<String> = oracle::ask("webhooks.mjs", &judged);
    assert!(verdicts.iter().all(|verdict| verdict == "good"), "{verdicts:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_an_endless_answer_is_not_read() {
    let receiver = Receiver::start().await;
    let (stand, _) = stand(&receiver).await;
    receiver.set(Manner::Redirects);
    stand.text(SAM, "one");
    stand.until("the first try", |_| receiver.delivered().pop()).await;
    for _ in 0..50 {
        if !reason(&stand).await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(reason(&stand).await.contains("302"), "{}", reason(&stand).await);
    assert_eq!(receiver.delivered().len(), 1);
    receiver.set(Manner::EndlessBody);
    stand.until("the second try", |_| (receiver.delivered().len() == 2).then_some(())).await;
    stand.text(SAM, "two");
    stand.until("what comes after it", |_| (texts(&receiver.delivered(), SAM).len() == 2).then_some(())).await;
    assert_eq!(reason(&stand).await, "");
}
