//! What an operator sees of what went wrong.

use ringside_tests::runtime::{HttpRequest, Stand};
use serde_json::{Value, json};

const KEY_1: &str = "operator-key-1-of-32-random-bytes";
const KEY_2: &str = "operator-key-2-of-32-random-bytes";

#[tokio::test]
async fn an_operator_with_a_key_sees_what_was_counted_and_nobody_else_does() {
    let stand = Stand::start(|vars| vars["API_KEYS"] = json!([KEY_1, ", ", KEY_2].concat())).await;
    let strange = [("MessageSid", "SMstrange"), ("From", "+15550100100"), ("To", "+15550100999"), ("Body", "Hi")];
    assert_eq!(stand.fetch(&stand.twilio("/twilio/messages", &strange)).await.status, 200);
    let ask = HttpRequest::plain("GET", "/v1/health");
    for (authorization, code) in
        [("", "key_missing"), ("Bearer operator-key-3", "key_unknown"), (&["Basic ", KEY_1].concat(), "key_missing")]
    {
        let answer = stand.fetch(&ask.clone().with("authorization", authorization)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (401, code), "{authorization}");
    }
    let ask = ask.with("authorization", &["Bearer ", KEY_2].concat());
    for _ in 0..500 {
        let answer = stand.fetch(&ask).await;
        let health: Value = serde_json::from_slice(&answer.body).expect("JSON");
        let nobody = &health["counts"][0];
        if nobody["what"] == "text to an unknown number" {
            assert_eq!((answer.status, &nobody["count"]), (200, &json!(1)));
            let voters = &health["hotlines"][0];
            assert_eq!((&voters["mailbox"], &voters["waiting"]["jobs"]), (&json!(3003), &json!(0)));
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it was never counted");
}

#[tokio::test]
async fn who_guesses_keys_is_not_listened_to_and_an_operator_elsewhere_is() {
    let stand = Stand::start(|vars| vars["API_KEYS"] = json!(KEY_1)).await;
    let ask = |from: &str, key: &str| {
        let ask = HttpRequest::plain("GET", "/v1/health").with("cf-connecting-ip", from);
        ask.with("authorization", &["Bearer ", key].concat())
    };
    for _ in 0..10 {
        assert_eq!(stand.fetch(&ask("192.0.2.1", "guess")).await.status, 401);
    }
    for key in ["guess", KEY_1] {
        let answer = stand.fetch(&ask("192.0.2.1", key)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (429, "too_many_wrong_keys"), "{key}");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|wait| (1..=61).contains(&wait)));
    }
    assert_eq!(stand.fetch(&ask("192.0.2.2", KEY_1)).await.status, 200);
}
