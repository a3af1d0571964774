//! Webhook deliveries: signed, retried up to ten times; a failing webhook is disabled.

use super::webhooks::Webhook;
use crate::http::{Delivery, Outcome, Request};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha1::Sha1;
use std::collections::BTreeMap;

/// A failed delivery is retried this often, then dropped (Webhooks page).
const RETRIES: u32 = 10;
/// After this many dropped events the webhook is disabled (Webhooks page).
const DROPS: u32 = 10;

/// One attempt to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When its outcome was known, in ms since 1970.
    pub at: u64,
    /// Name of the event.
    pub event: &'static str,
    /// Conversation of the event.
    pub conversation: Option<u64>,
    /// 1 for the first.
    pub attempt: u32,
    /// How it was taken.
    pub taken: AttemptResult,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// The receiver answered with this status.
    Answered(u16),
    /// No connection.
    Refused,
    /// No answer in time.
    TimedOut,
}

#[derive(Debug)]
struct PendingDelivery {
    due: u64,
    webhook: u64,
    event: &'static str,
    conversation: Option<u64>,
    body: Vec<u8>,
    attempt: u32,
    out: bool,
}

/// Events on their way.
#[derive(Debug, Default)]
pub(super) struct DeliveryQueue {
    pending: BTreeMap<u64, PendingDelivery>,
    posted: u64,
    log: Vec<Attempt>,
}

impl DeliveryQueue {
    pub(super) fn enqueue(
        &mut self,
        due: u64,
        webhook: u64,
        event: &'static str,
        conversation: Option<u64>,
        body: &Value,
    ) {
        self.posted += 1;
        let body = body.to_string().into_bytes();
        self.pending
            .insert(self.posted, PendingDelivery { due, webhook, event, conversation, body, attempt: 1, out: false });
    }

    pub(super) fn log(&self) -> &[Attempt] {
        &self.log
    }

    /// Events that wait for their next attempt or for an answer.
    pub(super) fn waiting(&self) -> usize {
        self.pending.len()
    }

    pub(super) fn next_due(&self) -> Option<u64> {
        self.pending.values().filter(|delivery| !delivery.out).map(|delivery| delivery.due).min()
    }

    /// Takes due deliveries. Drops those of removed and disabled webhooks.
    pub(super) fn take_due(&mut self, now: u64, webhooks: &[Webhook]) -> Vec<Delivery> {
        let alive = |id: u64| webhooks.iter().find(|hook| hook.id == id && hook.enabled);
        self.pending.retain(|_, delivery| delivery.out || delivery.due > now || alive(delivery.webhook).is_some());
        let due = self.pending.iter_mut().filter(|(_, delivery)| !delivery.out && delivery.due <= now);
        due.filter_map(|(id, delivery)| {
            let hook = alive(delivery.webhook)?;
            delivery.out = true;
            Some(Delivery { id: *id, url: hook.url.clone(), request: request(hook, delivery) })
        })
        .collect()
    }

    pub(super) fn answered(&mut self, now: u64, id: u64, outcome: &Outcome, spacing: &[u64], webhooks: &mut [Webhook]) {
        let Some(mut delivery) = self.pending.remove(&id) else { return };
        let taken = match outcome {
            Outcome::Answered(response) => AttemptResult::Answered(response.status),
            Outcome::Refused => AttemptResult::Refused,
            Outcome::TimedOut => AttemptResult::TimedOut,
        };
        let (event, conversation, attempt) = (delivery.event, delivery.conversation, delivery.attempt);
        self.log.push(Attempt { at: now, event, conversation, attempt, taken: taken.clone() });
        let hook = webhooks.iter_mut().find(|hook| hook.id == delivery.webhook);
        match (taken, hook) {
            (AttemptResult::Answered(200..=299), _) | (_, None) => {}
            (AttemptResult::Answered(410), Some(hook)) => hook.enabled = false,
            (_, Some(_)) if attempt <= RETRIES => {
                let pause = spacing.get(attempt as usize - 1).or(spacing.last()).copied().unwrap_or(0);
                delivery = PendingDelivery { due: now + pause, attempt: attempt + 1, out: false, ..delivery };
                self.pending.insert(id, delivery);
            }
            (_, Some(hook)) => {
                hook.dropped += 1;
                hook.enabled = hook.dropped < DROPS;
            }
        }
    }
}

/// `X-HelpScout-Signature`: base64 of the HMAC-SHA1 of the raw body (Webhooks page).
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).map(|mac| mac.chain_update(body));
    mac.map(|mac| BASE64_STANDARD.encode(mac.finalize().into_bytes())).unwrap_or_default()
}

fn request(hook: &Webhook, delivery: &PendingDelivery) -> Request {
    let address = hook.url.split_once("://").map_or(hook.url.as_str(), |(_, rest)| rest);
    let target = address.find('/').and_then(|at| address.get(at..)).unwrap_or("/");
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("x-helpscout-event", delivery.event.to_owned()),
        ("x-helpscout-signature", signature(&hook.secret, &delivery.body)),
    ];
    Request {
        method: "POST".into(),
        target: target.into(),
        headers: headers.into_iter().map(|(name, value)| (name.into(), value)).collect(),
        body: delivery.body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::helpscout::settings::{PayloadVersion, WebhookSeed};
    use crate::http::Response;

    fn hook() -> Webhook {
        let seed = WebhookSeed {
            url: "https://hotline.example.org/helpscout/webhook".into(),
            secret: "test-secret".into(),
            events: vec![],
            mailbox_ids: vec![],
            version: PayloadVersion::V2,
        };
        Webhook::seeded(1, &seed)
    }

    fn answer(status: u16) -> Outcome {
        Outcome::Answered(Response { status, headers: vec![], body: vec![] })
    }

    /// Delivers until nothing is due any more; returns the instants.
    fn run(delivery_queue: &mut DeliveryQueue, hooks: &mut [Webhook], outcome: &Outcome) -> Vec<u64> {
        let mut at = Vec::new();
        while let Some(now) = delivery_queue.next_due() {
            for delivery in delivery_queue.take_due(now, hooks) {
                at.push(now);
                delivery_queue.answered(now, delivery.id, outcome, &[10, 20], hooks);
            }
        }
        at
    }

    #[test]
    fn the_published_vector_of_the_webhooks_page_holds() {
        let body = r#"{"ticket":{"id":"1","number":"2"},"customer":{"id":"1","fname":"Jackie","lname":"Chan","email":"jackie.chan@somewhere.com","emails":["jackie.chan@somewhere.com"]}}"#;
        assert_eq!(signature("your secret key", body.as_bytes()), "I1KlvGppYqvFTJgJ9jezdQMDiyI=");
        let body = r#"{"id":1001,"threads":2,"number":42,"type":"phone","folderId":7,"status":"pending","state":"published","subject":"SMS from +1 555 010 0100","mailboxId":3003}"#;
        assert_eq!(signature("test-secret", body.as_bytes()), "26LZ5yxh1sCNiGVg+UMWbxRlobQ=");
    }

    #[test]
    fn an_accepted_event_is_sent_once_to_the_path_of_the_url() {
        let (mut delivery_queue, mut hooks) = (DeliveryQueue::default(), [hook()]);
        delivery_queue.enqueue(5, 1, "convo.created", Some(7), &Value::Null);
        assert!(delivery_queue.take_due(4, &hooks).is_empty());
        let sent = delivery_queue.take_due(5, &hooks);
        assert_eq!(sent[0].request.target, "/helpscout/webhook");
        assert!(delivery_queue.take_due(6, &hooks).is_empty(), "not twice while it is out");
        delivery_queue.answered(7, sent[0].id, &answer(204), &[10], &mut hooks);
        assert_eq!(delivery_queue.next_due(), None);
    }

    #[test]
    fn a_failing_receiver_gets_eleven_attempts() {
        for outcome in [answer(500), answer(301), Outcome::Refused, Outcome::TimedOut] {
            let (mut delivery_queue, mut hooks) = (DeliveryQueue::default(), [hook()]);
            delivery_queue.enqueue(0, 1, "convo.created", None, &Value::Null);
            let at = run(&mut delivery_queue, &mut hooks, &outcome);
            assert_eq!(at.len(), 11);
            assert_eq!(at[..4], [0, 10, 30, 50]);
            assert_eq!((hooks[0].enabled, hooks[0].dropped), (true, 1));
        }
    }

    #[test]
    fn ten_dropped_events_disable_the_webhook_and_410_does_at_once() {
        let (mut delivery_queue, mut hooks) = (DeliveryQueue::default(), [hook()]);
        for _ in 0..10 {
            delivery_queue.enqueue(0, 1, "convo.created", None, &Value::Null);
        }
        run(&mut delivery_queue, &mut hooks, &Outcome::Refused);
        assert!(!hooks[0].enabled);

        let (mut delivery_queue, mut hooks) = (DeliveryQueue::default(), [hook()]);
        delivery_queue.enqueue(0, 1, "convo.created", None, &Value::Null);
        assert_eq!(run(&mut delivery_queue, &mut hooks, &answer(410)), [0]);
        delivery_queue.enqueue(1, 1, "convo.created", None, &Value::Null);
        assert!(run(&mut delivery_queue, &mut hooks, &answer(200)).is_empty());
    }
}
