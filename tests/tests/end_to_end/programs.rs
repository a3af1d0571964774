//! A program sends through the real Worker: once, whatever is repeated, raced or killed.

use futures_util::future::join_all;
use ringside_tests::runtime::{Answer, HttpRequest, Stand, TOKEN, api_keys};
use serde_json::{Value, json};

use crate::{ANN, SAM};

fn post(key: &str, body: &Value) -> HttpRequest {
    let request = HttpRequest::plain("POST", "/v1/messages").saying(body.to_string());
    request.with("authorization", &format!("Bearer {TOKEN}")).with("idempotency-key", key)
}

fn message(to: &Value, body: &str) -> Value {
    json!({"hotline": "VOTERS", "to": to, "class": "service", "body": body})
}

async fn stand() -> Stand {
    Stand::start(|vars| vars["API_KEYS"] = api_keys()).await
}

/// Sends it until it is not being carried out by another copy.
async fn answered(stand: &Stand, request: &HttpRequest) -> Answer {
    loop {
        let answer = stand.fetch(request).await;
        if answer.status != 409 {
            return answer;
        }
        assert_eq!((answer.problem().as_str(), answer.header("retry-after")), ("still_running", "1"));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_hundred_copies_at_once_have_one_effect_and_one_answer() {
    let stand = stand().await;
    let request = post("k-1", &message(&json!([SAM, ANN]), "Only once"));
    let answers = join_all((0..100).map(|_| answered(&stand, &request))).await;
    for answer in &answers {
        assert_eq!((answer.status, answer.text()), (202, answers[0].text()));
    }
    let first = answers.iter().filter(|answer| answer.header("idempotency-replayed") != "true").count();
    assert_eq!(first, 1, "all others are told what the first was told");
    for person in [SAM, ANN] {
        stand.until_received(person, &["Only once"]).await;
    }
}

#[tokio::test]
async fn killed_while_it_is_carried_out_it_is_sent_once_and_answered_the_same() {
    let mut stand = stand().await;
    let body = message(&json!(SAM), "Only once");
    let request = post("k-1", &body);
    for _ in 0..3 {
        // Some of the copies are under way at this moment, and nobody hears of them again.
        drop(
            join_all((0..5).map(|_| tokio::time::timeout(std::time::Duration::from_millis(15), stand.fetch(&request))))
                .await,
        );
        stand.worker.kill();
        stand.worker.restart().await;
    }
    let answer = answered(&stand, &request).await;
    let again = answered(&stand, &request).await;
    assert_eq!((answer.status, answer.text()), (202, again.text()));
    stand.until_received(SAM, &["Only once"]).await;
    let other = stand.fetch(&post("k-1", &message(&json!(SAM), "Another"))).await;
    assert_eq!((other.status, other.problem().as_str()), (422, "idempotency_conflict"));
}

#[tokio::test]
async fn a_thousand_recipients_are_answered_in_one_request() {
    let stand = stand().await;
    let to: Vec<String> = (0..1_000).map(|at| format!("+1555020{at:04}")).collect();
    let answer = stand.fetch(&post("k-1", &message(&json!(to), "Come on Saturday"))).await;
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let items = body["data"].as_array().expect("a list");
    assert_eq!((answer.status, items.len()), (202, 1_000));
    assert!(items.iter().all(|item| item["status"] == "accepted"), "{:?}", items.first());
    let list = HttpRequest::plain("GET", "/v1/messages?limit=100").with("authorization", &format!("Bearer {TOKEN}"));
    let page: Value = serde_json::from_slice(&stand.fetch(&list).await.body).expect("JSON");
    assert_eq!(page["data"].as_array().map(Vec::len), Some(100));
    assert!(page["next"].is_string());
}

#[tokio::test]
async fn a_body_of_one_byte_too_many_and_bodies_that_are_no_json_are_refused() {
    let stand = stand().await;
    let long = |bytes: usize| {
        let frame = message(&json!(SAM), "").to_string().len();
        message(&json!(SAM), &"x".repeat(bytes - frame))
    };
    for (bytes, status, code) in [(64 << 10, 400, "invalid_request"), ((64 << 10) + 1, 413, "too_large")] {
        let answer = stand.fetch(&post(&format!("k-{bytes}"), &long(bytes))).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, code), "{bytes}");
    }
    let deep = format!("{}1{}", "[".repeat(1_000), "]".repeat(1_000));
    for body in ["", "{", "[]", "null", "{\"to\":\"\\ud800\"}", &deep, "\u{feff}{}"] {
        let answer = stand.fetch(&post("k-bad", &json!({})).saying(body)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, "invalid_request"), "{body:?}");
    }
}
