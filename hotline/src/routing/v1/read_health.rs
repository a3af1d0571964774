//! How the deployment fares, as far as a key or an operator may see.

use protocol::health::{Health, Status};

use crate::config::{ApiKey, Config, Hotline};
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::health::{Facts, Look, questions, view};
use crate::json;
use crate::routing::HttpAnswer;

/// A request for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadHealth {
    /// The inboxes of the hotlines that are shown.
    mailboxes: Vec<u64>,
    /// Who was asked.
    questions: Vec<(u64, ToObject)>,
}

impl ReadHealth {
    /// Of the hotlines that a key opens.
    pub(super) fn of(config: &Config, key: &ApiKey) -> Self {
        let opens = |hotline: &&Hotline| key.is_operators || key.opens(hotline.api_name());
        Self {
            mailboxes: config.shown_hotlines().filter(opens).map(|hotline| hotline.mailbox).collect(),
            questions: Vec::new(),
        }
    }

    /// Of all hotlines.
    pub fn of_all(config: &Config) -> Self {
        Self { mailboxes: config.shown_hotlines().map(|hotline| hotline.mailbox).collect(), questions: Vec::new() }
    }

    fn shown<'a>(&self, config: &'a Config) -> Vec<&'a Hotline> {
        config.shown_hotlines().filter(|hotline| self.mailboxes.contains(&hotline.mailbox)).collect()
    }

    /// Which objects are asked, each of a hotline's inbox.
    pub fn begin(&mut self, config: &Config) -> Vec<(u64, ToObject)> {
        self.questions = questions(&self.shown(config));
        self.questions.clone()
    }

    /// The answer, once they have replied, in the same order.
    pub fn answer(&self, config: &Config, now: Millis, replies: Vec<ObjectReply>) -> HttpAnswer {
        let facts = &Facts::read(&self.questions, replies);
        answer(&view(Look { config, hotlines: &self.shown(config), facts, now }))
    }
}

/// A monitor that reads no JSON sees by the status that nothing goes.
fn answer(health: &Health) -> HttpAnswer {
    let status = if health.status == Status::Down { 503 } else { 200 };
    HttpAnswer::json(status, json::written(health))
}
