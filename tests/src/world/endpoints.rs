//! What events are delivered to: addresses of programs, which answer as a story says.

use std::collections::{BTreeMap, VecDeque};

use hotline::api::Response;
use hotline::effects::{Completion, Millis, Outcome, REQUEST_TIMEOUT};
use hotline::messages::endpoint::Delivery;
use serde_json::Value;

use super::World;
use super::effects::{Asker, PendingEffect};

/// What an address does with what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// It answers with this status.
    Status(u16),
    /// It takes what comes and does not answer in time.
    Late,
    /// It cannot be reached.
    Away,
}

/// Something that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// When.
    pub at: Millis,
    /// Where to.
    pub url: String,
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: i64,
    /// `webhook-signature`.
    pub signatures: String,
    /// The body.
    pub body: String,
    /// Whether it was answered with success.
    pub is_taken: bool,
}

impl Received {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The type of the event.
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap_or_default().to_owned()
    }
}

/// All addresses.
#[derive(Clone, Debug, Default)]
pub struct Receivers {
    /// What each address answers from now on; 204 where nothing is said.
    pub answers: BTreeMap<String, Answers>,
    /// What each answers before that, once each.
    pub next: BTreeMap<String, VecDeque<Answers>>,
    /// What came, in order.
    pub received: Vec<Received>,
}

impl Receivers {
    /// What came to an address.
    pub fn at(&self, url: &str) -> Vec<&Received> {
        self.received.iter().filter(|it| it.url == url).collect()
    }

    /// What an address took.
    pub fn taken(&self, url: &str) -> Vec<&Received> {
        self.received.iter().filter(|it| it.url == url && it.is_taken).collect()
    }

    fn answer(&mut self, delivery: &Delivery) -> Answers {
        let next = self.next.get_mut(&delivery.url).and_then(VecDeque::pop_front);
        next.or(self.answers.get(&delivery.url).copied()).unwrap_or(Answers::Status(204))
    }
}

impl World {
    pub(super) fn leave_for_endpoint(&mut self, asker: Asker, delivery: Delivery) {
        self.effect((40, 150), PendingEffect::Deliver(asker, delivery));
    }

    pub(super) fn arrive_at_endpoint(&mut self, asker: Asker, delivery: Delivery) {
        let answers = self.receivers.answer(&delivery);
        let (wait, outcome) = match answers {
            Answers::Status(status) => (40, Outcome::Answered(Response { status, ..Response::default() })),
            Answers::Late => (REQUEST_TIMEOUT, Outcome::TimedOut),
            Answers::Away => (40, Outcome::Lost),
        };
        let is_taken = matches!(answers, Answers::Status(200..300));
        if answers != Answers::Away {
            let Delivery { url, id, timestamp, signatures, body } = delivery;
            self.receivers.received.push(Received { at: self.now, url, id, timestamp, signatures, body, is_taken });
        }
        self.effect((wait, wait + 100), PendingEffect::Back(asker, Completion::Response(outcome)));
    }
}
