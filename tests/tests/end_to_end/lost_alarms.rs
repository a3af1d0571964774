//! The platform loses an alarm: the hotline's directory wakes the person's object.

use emulator::faults::Service;
use ringside_tests::runtime::{HttpRequest, Stand};
use serde_json::json;

use crate::{ANN, SAM};

/// No alarm of a person's object reaches it.
const LOST: &str = "
import * as module from './index.js';
module.Contact.prototype.alarm = async () => console.log('an alarm is lost');
";

/// Six minutes have passed: the directory asks after five.
const LATER: &str = "
const clock = Date.now.bind(Date);
Date.now = () => clock() + 6 * 60_000;
";

#[tokio::test]
async fn a_text_whose_alarm_never_comes_arrives_with_the_next_word_to_the_hotline() {
    let mut stand = Stand::start(|_| ()).await;
    stand.sabotage(LOST).await;
    let once =
        json!({ "kind": "status", "status": 503, "method": "POST", "path_contains": "/v2/conversations", "times": 1 });
    stand.spoil(Service::HelpScout, once);
    stand.text(SAM, "Where do I vote?");
    stand.until("an alarm is lost", |it| it.worker.log().contains("an alarm is lost").then_some(())).await;
    assert!(stand.talks().is_empty());
    stand.sabotage(LATER).await;
    stand.text(ANN, "Hello");
    let said = |it: &Stand| it.talks().iter().any(|talk| talk.said() == ["Where do I vote?"]).then_some(());
    stand.until("Sam's text", said).await;
    assert_eq!(stand.fetch(&HttpRequest::plain("GET", "/healthz")).await.status, 200);
}
