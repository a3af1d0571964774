//! What is said to a rate limiter, and its answers.

use serde::{Deserialize, Serialize};

use crate::domain::time::Millis;

/// How soon a caller asks again for a phone on which somebody talks. Its rate limiter believes for a little longer that
/// they wait (`rate_limiter/phone.rs`).
pub(crate) const BUSY_AGAIN: Millis = 2_000;

/// What is said to a rate limiter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// A permit, please. The answer is an `ObjectReply::Permit`.
    Permit(RateLimiterName, PermitRequest),
    /// What the service said.
    Report(RateLimiterName, Report),
    /// Messages to many people will ask for permits: when is the first to ask? The answer is an `ObjectReply::SpreadFrom`.
    Spread(RateLimiterName, Spread),
    /// How does the service fare? The answer is an `ObjectReply::LimiterHealth`.
    Health(RateLimiterName),
}

/// Messages to many people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// Who goes first.
    pub priority: Priority,
    /// What all of them cost together.
    pub cost: i64,
    /// When they may leave at the earliest.
    #[serde(default)]
    pub not_before: Option<Millis>,
}

/// A scarce outside resource, each with an object of its own that hands out permits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RateLimiterName {
    /// The Help Scout account's minute budget.
    HelpScout,
    /// A Twilio sender's rate: an address or a Messaging Service, and its segments a second.
    Sender {
        /// E.164, `whatsapp:` address or `MG…`.
        sender: String,
        /// Segments a second.
        per_second: u32,
    },
    /// A phone of the team, of whichever hotline: one call at a time.
    Phone {
        /// E.164.
        number: String,
    },
}

/// Who goes first at a rate limiter. The order is strict: while a class waits, no later one goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Priority {
    /// Texts, calls and replies: somebody waits for an answer.
    Conversation,
    /// Programs' messages that somebody waits for, and codes that verify a number.
    Alert,
    /// Notes about deliveries.
    Receipt,
    /// A file that a link opens.
    File,
    /// What an open sidebar asks.
    View,
    /// Programs' messages about something that the person has asked for.
    Service,
    /// Promotions.
    Bulk,
}

/// A job that waits for a permit, and the object to which it belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asker {
    /// The hotline's inbox.
    pub mailbox: u64,
    /// The person's key; `None` for the hotline's directory.
    pub contact: Option<String>,
    /// The job's number.
    pub job: i64,
}

/// Who may wait for a permit that is not to be had at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    /// Who is told when the permit is there.
    pub asker: Asker,
    /// Since when they wait: of one class the oldest goes first.
    pub since: Millis,
}

/// A request for a permit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitRequest {
    /// The job, the call, the agent: who asks again under the same id keeps its place and is not counted twice.
    pub id: String,
    /// What it uses up: Help Scout counts a write as 2; a sender counts segments; a phone is held for so many seconds,
    /// unless it is given back before.
    pub cost: i64,
    /// Who goes first.
    pub priority: Priority,
    /// Without it the answer is a permit or a refusal.
    #[serde(default)]
    pub waits: Option<Waits>,
    /// Ids of reads that follow from this one and cannot wait: with the permit, room is reserved for each of them.
    #[serde(default, rename = "keeps")]
    pub reserves: Vec<String>,
    /// Of a phone: somebody talks on it, and it does not only ring.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub talks: bool,
}

impl PermitRequest {
    /// A job of `asker` asks, and may wait.
    pub fn waiting(asker: Asker, since: Millis, cost: i64, priority: Priority) -> Self {
        let id = format!("{}/{}/{}", asker.mailbox, asker.contact.as_deref().unwrap_or(""), asker.job);
        Self { id, cost, priority, waits: Some(Waits { asker, since }), reserves: Vec::new(), talks: false }
    }

    /// A permit now or never: somebody looks at a page that cannot wait.
    pub fn now_or_never(id: String, cost: i64, priority: Priority) -> Self {
        Self { id, cost, priority, waits: None, reserves: Vec::new(), talks: false }
    }

    /// A permit to read an attachment: the same for every link to it. A reply that carries it reserves room under its id.
    pub fn file(attachment: u64) -> Self {
        Self::now_or_never(format!("media/{attachment}"), 1, Priority::File)
    }
}

/// A permit for one request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Help Scout's bearer token.
    pub token: String,
    /// What the rate limiter believes is left of the minute after this permit.
    pub left: i64,
    /// What the rate limiter believes a minute holds.
    pub limit: i64,
    /// Permits are numbered by what they cost, so that an answer tells how much was permitted since it was asked for.
    #[serde(default)]
    pub number: i64,
    /// The rate limiter wants to hear how the service answered: it may be away, or others use it too.
    #[serde(default)]
    pub confirm: bool,
}

/// A rate limiter's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permit {
    /// Now.
    Granted(Grant),
    /// The permit is to be had at this instant: ask again then. The rate limiter may send word earlier.
    ReservedAt(Millis),
    /// Not now; only a request that cannot wait gets this.
    Refused(Refusal),
}

/// Why there is no permit now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Others use up what the service takes.
    Busy,
    /// The service does not answer, or gives no token.
    Away,
    /// The token is being fetched: a moment.
    Starting,
}

/// Why a service counts as not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// No connection.
    Unreachable,
    /// No answer in time.
    Silent,
    /// 5xx, or what is no answer of the API.
    Failing,
    /// 401 to a token that it has just given.
    TokenRefused,
    /// No token: the status of the token endpoint.
    NoToken(u16),
    /// 401 or 403: it takes nothing from our account.
    AccountRefused,
}

/// What an asker tells its rate limiter after an answer that the rate limiter did not foresee.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// The number of the permit.
    pub number: i64,
    /// What the service says is left of this minute.
    pub remaining: Option<i64>,
    /// What the service says a minute holds.
    pub limit: Option<i64>,
    /// Milliseconds for which nobody may go.
    pub pause: Option<i64>,
    /// A token that was refused.
    pub refused_token: Option<String>,
    /// The service was not there.
    pub trouble: Option<Trouble>,
    /// The service answered.
    pub answered: bool,
    /// Who failed, and would be told when the service is back.
    pub again: Option<PermitRequest>,
    /// The id of a [`PermitRequest`] whose permit is given back: a phone is free again.
    pub over: Option<String>,
}

/// Whether a service says that less is left than is known here. Requests under way at once are counted in any order,
/// which makes no difference; near the end of the minute every one does.
pub(crate) fn is_less(left: i64, known: i64, limit: i64) -> bool {
    /// Hundredths of the limit.
    const IN_ANY_ORDER: i64 = 2;
    const NEAR_THE_END: i64 = 20;
    let hundredths = |part: i64| limit * part / 100;
    left < known && (known - left > hundredths(IN_ANY_ORDER) || left < hundredths(NEAR_THE_END))
}

/// How a service fares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Since when it is away, and why.
    pub away: Option<(Millis, String)>,
    /// How many people of each hotline wait for it, and since when the first.
    pub waiting: Vec<(u64, i64, Millis)>,
    /// How often the rate limiter began afresh because it could not read its state.
    #[serde(default)]
    pub quarantined: i64,
    /// Why it counts as away.
    #[serde(default)]
    pub trouble: Option<Trouble>,
    /// Whether a request is under way that looks whether it is back.
    #[serde(default)]
    pub is_probing: bool,
    /// What a minute holds, and what is left of this one; `None` where no minute is counted.
    #[serde(default)]
    pub minute: Option<(i64, i64)>,
    /// When Help Scout last gave a token, or refused to.
    #[serde(default)]
    pub token_at: Option<Millis>,
    /// Whether there is a token that serves.
    #[serde(default)]
    pub has_token: bool,
}

impl Health {
    /// How many people of a hotline wait, and since when the first.
    pub fn waiting_at(&self, mailbox: u64) -> (i64, Option<Millis>) {
        let here = self.waiting.iter().find(|(hotline, ..)| *hotline == mailbox);
        here.map_or((0, None), |(_, people, since)| (*people, Some(*since)))
    }
}
