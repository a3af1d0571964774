//! Sends due webhooks and reports their outcomes.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, redirect::Policy};

use super::Shared;
use crate::faults::Service;
use crate::http::{Delivery, Outcome, Response};

/// How long the emulated Help Scout waits for an answer. Twilio documents its own 15 s (Twilio, Connection Overrides).
const PATIENCE_MS: u64 = 15_000;

/// Runs until it is aborted.
pub(super) async fn run(shared: Arc<Shared>) {
    // A new connection for each: a kept one would fail once after every restart of the receiver.
    let client = Client::builder().redirect(Policy::none()).pool_max_idle_per_host(0).no_proxy().build();
    let client = client.expect("a client without TLS needs nothing from the machine");
    loop {
        let (due, pause) = shared.with(|world| {
            let due = world.take_due();
            let now = world.now();
            (due, world.next_due().map(|next| Duration::from_millis(next.saturating_sub(now).max(1))))
        });
        for (service, delivery, delays) in due {
            send(&shared, &client, service, &delivery, &delays);
        }
        let changed = shared.changed.notified();
        match pause {
            Some(pause) => _ = tokio::time::timeout(pause, changed).await,
            None => changed.await,
        }
    }
}

fn send(shared: &Arc<Shared>, client: &Client, service: Service, delivery: &Delivery, delays: &[u64]) {
    if delays.is_empty() {
        let believed = Response { status: 204, headers: Vec::new(), body: Vec::new() };
        return shared.with(|world| world.answered(service, delivery.id, Outcome::Answered(believed)));
    }
    for (copy, delay) in delays.iter().copied().enumerate() {
        let (shared, client, delivery) = (shared.clone(), client.clone(), delivery.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            let patience = match service {
                Service::Twilio => shared.with(|world| {
                    let now = world.now();
                    world.twilio.patience(now, delivery.id)
                }),
                Service::HelpScout => PATIENCE_MS,
            };
            let outcome = attempt(&client, &delivery, Duration::from_millis(patience)).await;
            if copy == 0 {
                shared.change(|world| world.answered(service, delivery.id, outcome));
            }
        });
    }
}

async fn attempt(client: &Client, delivery: &Delivery, patience: Duration) -> Outcome {
    let method = delivery.request.method.parse().unwrap_or_default();
    let mut request = client.request(method, &delivery.url).timeout(patience).body(delivery.request.body.clone());
    for (name, value) in &delivery.request.headers {
        request = request.header(name, value);
    }
    match request.send().await {
        Ok(response) => read(response).await.unwrap_or(Outcome::TimedOut),
        Err(error) if error.is_connect() || error.is_builder() => Outcome::Refused,
        // A connection that ended without an answer is a failed read, as a time-out is.
        Err(_) => Outcome::TimedOut,
    }
}

async fn read(response: reqwest::Response) -> Option<Outcome> {
    let status = response.status().as_u16();
    let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = response.headers().iter().map(header).collect();
    let body = response.bytes().await.ok()?.to_vec();
    Some(Outcome::Answered(Response { status, headers, body }))
}
