//! `cargo xtask bench`: size, cost and time, measured beside their budgets. Times are ratios within one run, since machines
//! differ.

use std::time::{Duration, Instant};

use ringside_tests::runtime::{BARE, Stand, Workerd, form, free_port, text_params};
use ringside_tests::world::World;
use ringside_tests::world::stage::Stage;
use serde_json::json;

/// Rounds of both Workers in turn, and webhooks of each in a round.
const ROUNDS: usize = 10;
const WEBHOOKS: usize = 60;

/// People who text in turn, all known before the clock runs.
const PEOPLE: usize = 20;

#[tokio::main]
async fn main() {
    println!("{:<58} {:>10} {:>10}", "what", "measured", "at most");
    sizes();
    costs();
    times().await;
}

fn row(what: &str, measured: &str, at_most: &str) {
    println!("{what:<58} {measured:>10} {at_most:>10}");
}

/// The weights are printed by `cargo xtask build` too; here they stand beside their budgets.
fn sizes() {
    let reply = |name| std::env::var(name).unwrap_or_else(|_| "?".to_owned());
    row("Worker wasm, bytes after gzip -9", &reply("RINGSIDE_WASM_GZIP"), "400000");
    row("widget, wasm and script, bytes after gzip -9", &reply("RINGSIDE_WIDGET_GZIP"), "150000");
}

/// One further text of a known person, counted in the simulation's objects, whose statements are the Worker's.
fn costs() {
    const SAM: &str = "+15550100100";
    const MINUTE: i64 = 60_000;
    let mut world = World::new(&Stage::default());
    world.text(SAM, "first");
    world.settle(1);
    let rows = |world: &World| world.objects.values().map(|object| object.store.rows_written()).sum::<u64>();
    let before = (world.ledger.helpscout_requests.len(), rows(&world), world.object_requests);
    world.text(SAM, "second");
    world.run_for(MINUTE);
    row(
        "requests to Help Scout for a further text",
        &(world.ledger.helpscout_requests.len() - before.0).to_string(),
        "1",
    );
    row("rows written for a further text", &(rows(&world) - before.1).to_string(), "8");
    row("requests to objects for a further text", &(world.object_requests - before.2).to_string(), "4");
}

async fn times() {
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
    row("webhook answered, median, against a bare Worker", &format!("{ratio:.2}"), "1.5");
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
