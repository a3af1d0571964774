//! What an operator sees of what went wrong.

use ringside_tests::runtime::{Knock, Stand};
use serde_json::{Value, json};

#[tokio::test]
async fn an_operator_with_a_key_sees_what_was_counted_and_nobody_else_does() {
    let stand = Stand::start(|vars| vars["API_KEYS"] = json!("operator-key-1, operator-key-2")).await;
    let strange = [("MessageSid", "SMstrange"), ("From", "+15550100100"), ("To", "+15550100999"), ("Body", "Hi")];
    assert_eq!(stand.knock(&stand.twilio("/twilio/messages", &strange)).await.status, 200);
    let ask = Knock::plain("GET", "/v1/health");
    for authorization in ["", "Bearer operator-key-3", "Basic operator-key-1"] {
        let answer = stand.knock(&ask.clone().with("authorization", authorization)).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "bad_key"), "{authorization}");
    }
    let ask = ask.with("authorization", "Bearer operator-key-2");
    for _ in 0..500 {
        let answer = stand.knock(&ask).await;
        let health: Value = serde_json::from_slice(&answer.body).expect("JSON");
        let nobody = &health["hotlines"]["0"]["counts"][0];
        if nobody["what"] == "text to an unknown number" {
            assert_eq!((answer.status, &nobody["count"]), (200, &json!(1)));
            assert_eq!(health["hotlines"]["3003"]["waiting"], 0);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it was never counted");
}
