//! The cron comes to the Worker in workerd, as the platform sends it.

use ringside_tests::runtime::{HttpRequest, Stand};
use serde_json::{Value, json};

const KEY: &str = "operator-key-1-of-32-random-bytes";

#[tokio::test]
async fn a_webhook_that_help_scout_switched_off_is_on_again_after_the_cron_and_health_says_when_it_ran() {
    let stand = Stand::start(|vars| vars["API_KEYS"] = json!(KEY)).await;
    assert!(health(&stand).await["cron"]["last_run_at"].is_null());
    stand.world(|world| world.helpscout.disable_webhooks());
    assert_eq!(stand.worker.cron().await, "ok");
    for _ in 0..500 {
        let health = health(&stand).await;
        if health["cron"]["last_run_at"].is_string() {
            let webhooks = stand.world(|world| {
                let now = world.now();
                world.helpscout.state(now)["webhooks"].clone()
            });
            assert_eq!(webhooks[0]["state"], "enabled", "{webhooks}");
            assert_eq!(health["helpscout"]["webhook"]["state"], "enabled");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the run never ended:\n{}", stand.worker.log());
}

async fn health(stand: &Stand) -> Value {
    let ask = HttpRequest::plain("GET", "/v1/health").with("authorization", &["Bearer ", KEY].concat());
    serde_json::from_slice(&stand.fetch(&ask).await.body).expect("JSON")
}
