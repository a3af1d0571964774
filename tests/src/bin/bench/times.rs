//! The time until a webhook is answered, as a ratio within one run.

use std::time::{Duration, Instant};

use ringside_tests::runtime::{BARE, Stand, Workerd, form, free_port, text_params};
use serde_json::json;

use crate::Table;

/// Rounds of both Workers in turn, and webhooks of each in a round.
const ROUNDS: usize = 10;
const WEBHOOKS: usize = 60;

/// People who text in turn, all known before the clock runs.
const PEOPLE: usize = 20;

/// The median of our webhook against that of a Worker that does one SQLite write.
pub async fn webhook(table: &mut Table) {
    let stand = Stand::start(|vars| vars["HOTLINE_VOTERS"]["greeting"] = json!("")).await;
    let bare = Workerd::start(&BARE, free_port(), &json!({})).await;
    let people: Vec<String> = (0..PEOPLE).map(|person| format!("+155501010{person:02}")).collect();
    for (at, person) in people.iter().enumerate() {
        hotline_webhook(&stand, &format!("SMwarm{at}"), person).await;
        bare_webhook(&stand, &bare, &format!("SMwarm{at}"), person).await;
    }
    let (mut hotline, mut plain) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for at in 0..WEBHOOKS {
            let sid = format!("SM{round:04}{at:04}");
            let person = people.get(at % PEOPLE).map_or("", String::as_str);
            hotline.push(hotline_webhook(&stand, &sid, person).await);
            plain.push(bare_webhook(&stand, &bare, &sid, person).await);
        }
    }
    let ratio = median(hotline).as_secs_f64() / median(plain).as_secs_f64();
    table.time("webhook answered, median, against a bare Worker", &format!("{ratio:.2}"), "1.5");
}

async fn hotline_webhook(stand: &Stand, sid: &str, person: &str) -> Duration {
    let request = stand.twilio("/twilio/messages", &text_params(sid, person, "Where do I vote?"));
    let begun = Instant::now();
    let answer = stand.fetch(&request).await;
    let took = begun.elapsed();
    assert_eq!(answer.status, 200, "{}", answer.text());
    took
}

async fn bare_webhook(stand: &Stand, bare: &Workerd, sid: &str, person: &str) -> Duration {
    let body = form(&text_params(sid, person, "Where do I vote?"));
    let request = stand.http.post(&bare.url).body(body).header("content-type", "application/x-www-form-urlencoded");
    let begun = Instant::now();
    let answer = request.send().await.and_then(reqwest::Response::error_for_status);
    let answer = match answer {
        Ok(answer) => answer.bytes().await,
        Err(error) => Err(error),
    };
    let took = begun.elapsed();
    assert!(answer.is_ok(), "{answer:?}");
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
