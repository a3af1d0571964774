//! While a new version is deployed the platform ends an object under a request: the request is tried once more at once.

use ringside_tests::runtime::{GREETING, HOTLINE, HttpRequest, Stand, text_params};

use crate::SAM;

/// The next requests to objects of this binding fail as the platform lets them fail.
fn failing(binding: &str, times: u32, marks: &str) -> String {
    format!(
        "
import {{ env }} from 'cloudflare:workers';
const namespace = Object.getPrototypeOf(env.{binding});
const real = namespace.getByName;
const own = env.{binding};
let left = {times};
namespace.getByName = function (name, ...more) {{
  const stub = real.call(this, name, ...more);
  if (String(this.idFromName(name)) !== String(own.idFromName(name)) || left-- <= 0) return stub;
  console.log('an object of {binding} is away');
  return new Proxy(stub, {{
    get: (_, key) => key === 'fetch'
      ? () => Promise.reject(Object.assign(new Error('Durable Object reset because its code was updated.'), {marks}))
      : stub[key],
  }});
}};
"
    )
}

const RETRYABLE: &str = "{ retryable: true }";

#[tokio::test]
async fn a_text_that_comes_during_a_deploy_is_stored_at_once() {
    for binding in ["CONTACT", "HOTLINE", "GATE"] {
        let mut stand = Stand::start(|_| ()).await;
        stand.sabotage(&failing(binding, 1, RETRYABLE)).await;
        let text = stand.twilio("/twilio/messages", &text_params("SM1", SAM, "Hello"));
        assert_eq!(stand.fetch(&text).await.status, 200, "{binding}");
        stand.until_received(SAM, &[GREETING]).await;
        stand.until("the object was away", |it| it.worker.log().contains("is away").then_some(())).await;
    }
}

#[tokio::test]
async fn a_caller_during_a_deploy_hears_the_phones_ring() {
    let call = [("CallSid", "CA1"), ("From", SAM), ("To", HOTLINE), ("CallStatus", "ringing")];
    for (times, marks, heard) in [
        (0, RETRYABLE, "<Enqueue"),
        (1, RETRYABLE, "<Enqueue"),
        // Twice is no deploy, and an object with too much to do is left alone.
        (2, RETRYABLE, "<Record"),
        (1, "{ retryable: true, overloaded: true }", "<Record"),
        (1, "{}", "<Record"),
    ] {
        let mut stand =
            Stand::start(|vars| vars["HOTLINE_VOTERS"]["ring"] = serde_json::json!({"phones": ["+15550100101"]})).await;
        stand.sabotage(&failing("CALL", times, marks)).await;
        let answer = stand.fetch(&stand.twilio("/twilio/calls", &call)).await.text();
        assert!(answer.contains(heard), "{times} {marks}: {answer}");
        assert_eq!(stand.fetch(&HttpRequest::plain("GET", "/healthz")).await.status, 200);
    }
}
