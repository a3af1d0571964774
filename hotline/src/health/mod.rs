//! How a deployment fares: which objects are asked, what is wrong by what they say, and how it is shown. Nobody outside is
//! asked, and no person's object.

mod codes;
mod reasons;
mod view;

use std::collections::BTreeMap;

pub use codes::{Code, repair_of};
pub use reasons::{Reason, reasons};
pub use view::view;

use crate::config::{Config, Hotline};
use crate::effects::{Millis, ObjectReply, RateLimiterName, ToObject};
use crate::messages::monitor::{self, Monitored};
use crate::messages::{directory, rate_limiter};

/// What belongs to no hotline is counted under this inbox.
const NO_HOTLINE: u64 = 0;

/// What the objects have said; `None` for one that could not be reached.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// By inbox.
    pub directories: BTreeMap<u64, Option<Box<directory::Health>>>,
    /// Help Scout's rate limiter.
    pub helpscout: Option<Box<rate_limiter::Health>>,
    /// The rate limiters of senders, by what they are called there.
    pub senders: BTreeMap<String, Option<Box<rate_limiter::Health>>>,
    /// What the cron has found.
    pub monitored: Option<Box<Monitored>>,
}

/// What the texts of a hotline leave from, as its rate limiters are called.
pub fn senders_of(hotline: &Hotline) -> Vec<String> {
    let numbers = hotline.numbers.iter().map(|number| number.as_str().to_owned());
    let service = hotline.messaging_service.iter().map(|service| service.as_str().to_owned());
    let whatsapp = hotline.whatsapp.iter().map(|number| format!("whatsapp:{number}"));
    numbers.chain(service).chain(whatsapp).collect()
}

/// Whom to ask about these hotlines: each object with the inbox to which it belongs.
pub fn questions(hotlines: &[&Hotline]) -> Vec<(u64, ToObject)> {
    let limiter = |name| (NO_HOTLINE, ToObject::LimiterHealth(name));
    let senders = hotlines.iter().flat_map(|hotline| {
        let per_second = hotline.sends_per_second;
        senders_of(hotline).into_iter().map(move |sender| RateLimiterName::Sender { sender, per_second })
    });
    let directory = |mailbox| (mailbox, ToObject::Directory(directory::Message::Health));
    let mut all = vec![(NO_HOTLINE, ToObject::Monitor(monitor::Message::Health)), limiter(RateLimiterName::HelpScout)];
    all.extend(senders.map(limiter));
    all.extend(hotlines.iter().map(|hotline| hotline.mailbox).chain([NO_HOTLINE]).map(directory));
    all
}

impl Facts {
    /// What was answered, in the order of the questions.
    pub fn read(questions: &[(u64, ToObject)], replies: Vec<ObjectReply>) -> Self {
        let mut facts = Self::default();
        for ((mailbox, question), reply) in questions.iter().zip(replies) {
            facts.add(*mailbox, question, reply);
        }
        facts
    }

    fn add(&mut self, mailbox: u64, question: &ToObject, reply: ObjectReply) {
        match (question, reply) {
            (ToObject::Monitor(_), ObjectReply::Monitored(known)) => self.monitored = Some(known),
            (ToObject::LimiterHealth(RateLimiterName::HelpScout), ObjectReply::LimiterHealth(health)) => {
                self.helpscout = Some(health);
            }
            (ToObject::LimiterHealth(RateLimiterName::Sender { sender, .. }), reply) => {
                let health = if let ObjectReply::LimiterHealth(health) = reply { Some(health) } else { None };
                self.senders.insert(sender.clone(), health);
            }
            (ToObject::Directory(_), reply) => {
                let health = if let ObjectReply::DirectoryHealth(health) = reply { Some(health) } else { None };
                self.directories.insert(mailbox, health);
            }
            _ => {}
        }
    }

    fn directory(&self, mailbox: u64) -> Option<&directory::Health> {
        self.directories.get(&mailbox)?.as_deref()
    }
}

/// What is looked at.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// Those of its hotlines that are shown.
    pub hotlines: &'a [&'a Hotline],
    /// What the objects have said.
    pub facts: &'a Facts,
    /// The instant.
    pub now: Millis,
}
