//! A run of the cron: what it asks, one after the other, within its limits. It lives in memory: one that is killed is over, and
//! the next one does what it left.

use std::collections::VecDeque;

use super::known::Known;
use crate::config::Config;
use crate::effects::{Grant, LEASE, Millis, ObjectReply, Ticket, ToObject};
use crate::messages::directory::Modified;

/// Requests to services that a run makes at most (OPERATE.md, section 4).
const MOST_REQUESTS: u32 = 40;

/// How long a run takes at most; what is left is done by the next one.
pub(super) const LONGEST: Millis = 5 * 60_000;

/// How often Twilio's account is looked at while all is well.
const ACCOUNT_EVERY: Millis = 60 * 60_000;

/// The cron comes some seconds early or late.
const CRON_VARIES: Millis = 60_000;

/// Something that a run asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Help Scout's webhooks: is ours there, and on?
    Webhooks { page: u32 },
    /// Our webhook is switched on again.
    EnableWebhook { id: u64, label: String },
    /// Which conversations of an inbox were modified?
    Conversations { mailbox: u64 },
    /// The directory is told of them.
    Look { mailbox: u64, modified: Vec<Modified>, more: bool },
    /// Is Twilio's account active?
    Account,
    /// What is left on it?
    Balance,
    /// Which numbers are its?
    Numbers { path: String, ours: Vec<String> },
    /// The directory has those visited of whom something is older than the hotline keeps.
    Retain { mailbox: u64 },
    /// How do all objects fare?
    Health,
}

impl Ask {
    /// Whether it goes to a service.
    fn is_outside(&self) -> bool {
        !matches!(self, Self::Look { .. } | Self::Retain { .. } | Self::Health)
    }
}

/// What a run waits for.
#[derive(Debug)]
pub(super) enum Doing {
    Permit(Ask),
    Answer(Ask, Option<Grant>),
    Told(Ask),
    Health {
        questions: Vec<(u64, ToObject)>,
        replies: Vec<Option<ObjectReply>>,
    },
    /// The token is on its way.
    Pause(Ask, Millis),
}

/// A run.
#[derive(Debug)]
pub(super) struct Run {
    pub began: Millis,
    requests: u32,
    pub todo: VecDeque<Ask>,
    pub doing: Option<Doing>,
    /// Names what it waits for, so that an answer to an earlier question is recognised.
    nonce: u64,
    /// By then what it waits for has come, or never will.
    pub lease: Millis,
    /// How often it has waited for a token.
    pub pauses: u32,
}

impl Run {
    /// A run that begins now, in the order of the contract. Erasures need none of it: they go on by the alarms of people's objects.
    pub fn new(config: &Config, known: &Known, account: Vec<Ask>, now: Millis) -> Self {
        let mut todo = VecDeque::from([Ask::Webhooks { page: 1 }]);
        let mut inboxes: Vec<u64> = config.hotlines.iter().map(|hotline| hotline.mailbox).collect();
        // Whose turn did not come for longest is first.
        inboxes.sort_by_key(|mailbox| known.scans.get(mailbox).map(|scan| scan.began));
        todo.extend(inboxes.into_iter().map(|mailbox| Ask::Conversations { mailbox }));
        if is_account_due(known, now) {
            todo.extend(account);
        }
        let retaining = config.hotlines.iter().filter(|hotline| hotline.retention.is_set());
        todo.extend(retaining.map(|hotline| Ask::Retain { mailbox: hotline.mailbox }));
        // It ends in alerts.
        todo.push_back(Ask::Health);
        Self { began: now, requests: 0, todo, doing: None, nonce: 0, lease: now, pauses: 0 }
    }

    /// What is asked next, within the limits of a run.
    pub fn next(&mut self, now: Millis) -> Option<Ask> {
        let is_spent = self.requests >= MOST_REQUESTS || now - self.began >= LONGEST - LEASE;
        while let Some(ask) = self.todo.pop_front() {
            if !ask.is_outside() || !is_spent {
                return Some(ask);
            }
        }
        None
    }

    /// Waits for an answer; `job` tells those apart that are awaited together.
    pub fn wait(&mut self, doing: Doing, now: Millis) -> Ticket {
        if let Doing::Answer(..) = doing {
            self.requests += 1;
        }
        self.nonce += 1;
        self.lease = now + LEASE;
        self.doing = Some(doing);
        Ticket { job: 0, nonce: self.nonce }
    }

    /// Whether this is the answer to what it waits for.
    pub fn is_awaited(&self, ticket: Ticket) -> bool {
        self.doing.is_some() && ticket.nonce == self.nonce && ticket.job <= 0
    }
}

fn is_account_due(known: &Known, now: Millis) -> bool {
    use protocol::health::Credentials;
    let is_well = known.found.twilio.is_some_and(|seen| seen.is == Credentials::Ok) && known.found.inactive.is_none();
    !is_well || known.account_at.is_none_or(|at| now - at >= ACCOUNT_EVERY - CRON_VARIES)
}
