//! How a deployment fares: the JSON of `GET /v1/health` and of `GET /sidebar/health`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[cfg(feature = "openapi")]
type Instant = crate::schema::Instant;

/// How the deployment fares, from what is stored: nobody outside is asked for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Health {
    /// The worst of the reasons.
    pub status: Status,
    /// When this was put together.
    #[cfg_attr(feature = "openapi", schemars(with = "Instant"))]
    pub at: Timestamp,
    /// What runs.
    pub version: Version,
    /// What is wrong, the worst first.
    pub reasons: Vec<Reason>,
    /// The task that runs every ten minutes.
    pub cron: Cron,
    /// Twilio, as far as is known.
    pub twilio: Twilio,
    /// Help Scout, as far as is known.
    pub helpscout: HelpScout,
    /// The hotlines that the key opens.
    pub hotlines: Vec<HotlineHealth>,
    /// What went wrong that belongs to no hotline, since the beginning.
    pub counts: Vec<Count>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing is wrong that is known here.
    #[default]
    Ok,
    /// Something is late, or has failed.
    Degraded,
    /// Texts do not leave, or nothing is stored.
    Down,
}

/// What runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Version {
    /// The release.
    pub release: String,
    /// Cloudflare's id of this version of the Worker.
    pub id: Option<String>,
    /// When it was uploaded.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub deployed_at: Option<Timestamp>,
    /// The versions of the tables that it writes.
    pub schema: Schema,
    /// Its classes of Durable Objects. Empty from a release that does not say them.
    #[serde(default)]
    pub classes: Vec<String>,
}

/// The versions of the tables, by kind of object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Schema {
    /// Of a person.
    pub contact: usize,
    /// Of a call.
    pub call: usize,
    /// Of a hotline.
    pub directory: usize,
    /// Of what limits requests.
    pub rate_limiter: usize,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Reason {
    /// What, for programs.
    pub code: String,
    /// How bad it is.
    pub status: Status,
    /// The hotline, by its name without `HOTLINE_`; `null` for what concerns all.
    pub hotline: Option<String>,
    /// Since when, as far as is known.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub since: Option<Timestamp>,
    /// In words.
    pub detail: String,
    /// What to do about it.
    pub repair: String,
}

/// The task that runs every ten minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Cron {
    /// When a run last ended.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub last_run_at: Option<Timestamp>,
    /// How long it took.
    pub took_ms: Option<i64>,
}

/// Whether a service takes our credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// It takes them.
    Ok,
    /// It refuses them.
    Refused,
    /// It does not answer.
    Unreachable,
    /// It was not asked yet.
    #[default]
    Unknown,
}

/// Whether requests leave for a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Breaker {
    /// They do.
    #[default]
    Closed,
    /// Nothing is sent until a request that looks is answered.
    Open,
    /// Such a request is under way.
    HalfOpen,
}

/// Money on an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Balance {
    /// How much, as Twilio writes it.
    pub amount: String,
    /// Of which currency (ISO 4217).
    pub currency: String,
}

/// Twilio, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Twilio {
    /// Whether it takes our credentials.
    pub credentials: Credentials,
    /// When it was asked that.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub checked_at: Option<Timestamp>,
    /// What is left on the account.
    pub balance: Option<Balance>,
    /// Whether texts leave; the worst of the senders.
    pub breaker: Breaker,
    /// Since when they do not.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub breaker_since: Option<Timestamp>,
}

/// Help Scout, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct HelpScout {
    /// Whether it takes our credentials.
    pub credentials: Credentials,
    /// When it last said so.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub checked_at: Option<Timestamp>,
    /// Whether requests leave for it.
    pub breaker: Breaker,
    /// Since when they do not.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub breaker_since: Option<Timestamp>,
    /// Requests that it takes in a minute.
    pub limit_per_minute: Option<i64>,
    /// How many are left of this minute.
    pub remaining: Option<i64>,
    /// Its webhook, by which we hear of replies.
    pub webhook: Webhook,
}

/// Help Scout's webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Webhook {
    /// Whether it is there, and on.
    pub state: WebhookState,
    /// When it was looked at.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub checked_at: Option<Timestamp>,
    /// When an event last came, to the minute.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub last_received_at: Option<Timestamp>,
}

/// Whether a webhook is there, and on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// It is on.
    Enabled,
    /// Help Scout has switched it off.
    Disabled,
    /// There is none with our address.
    Missing,
    /// Nobody has looked yet.
    #[default]
    Unknown,
}

/// How a hotline fares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct HotlineHealth {
    /// Its name without `HOTLINE_`.
    pub hotline: String,
    /// What agents call it.
    pub name: String,
    /// Help Scout's id of its inbox.
    pub mailbox: u64,
    /// The worst of its reasons, and of those that concern all.
    pub status: Status,
    /// What its texts leave from.
    pub senders: Vec<SenderHealth>,
    /// What has not been done yet.
    pub waiting: Waiting,
    /// What was given up.
    pub failed: FailedJobs,
    /// Jobs that wait for a release that can read them.
    pub quarantined: u32,
    /// People who do not want to be texted.
    pub opt_outs: i64,
    /// Fourteen days, the newest last.
    pub days: Vec<Day>,
    /// How long texts took until they stood in Help Scout, in the last 24 hours.
    pub text_to_helpscout: Durations,
    /// How long replies took until Twilio had them, in the last 24 hours.
    pub reply_to_phone: Durations,
    /// What is removed after a time.
    pub retention: Retention,
    /// What went wrong, since the beginning.
    pub counts: Vec<Count>,
}

/// What texts leave from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SenderHealth {
    /// E.164, or the id of a Messaging Service.
    pub sender: String,
    /// What it is.
    pub kind: SenderKind,
    /// Whether it is the account's; `null` when nobody has looked yet.
    pub ours: Option<bool>,
    /// When that was looked at.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub checked_at: Option<Timestamp>,
}

/// A kind of sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SenderKind {
    /// A phone number.
    Number,
    /// A Messaging Service.
    MessagingService,
    /// A WhatsApp sender.
    Whatsapp,
}

/// Jobs that have not ended; 15 seconds old at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Waiting {
    /// How many.
    pub jobs: u32,
    /// People with at least one.
    pub people: i64,
    /// When the oldest was made.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub oldest_at: Option<Timestamp>,
    /// What they wait for.
    pub lanes: Lanes,
}

/// Jobs by what they wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Lanes {
    /// To stand in Help Scout, or to be read there.
    pub helpscout: u32,
    /// To reach a phone as a message.
    pub phone: u32,
    /// To be done for a call.
    pub calls: u32,
}

/// Jobs that were given up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FailedJobs {
    /// How many in the last day.
    pub last_day: u32,
    /// Of what kind, the most frequent first.
    pub reasons: Vec<FailedReason>,
}

/// Jobs that were given up for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FailedReason {
    /// What, for programs.
    pub code: String,
    /// How often.
    pub count: u32,
    /// When last.
    #[cfg_attr(feature = "openapi", schemars(with = "Instant"))]
    pub last_at: Timestamp,
}

/// What happened on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Day {
    /// The day, such as `2026-11-28`.
    pub day: String,
    /// Texts from people.
    pub texts_in: u32,
    /// Texts to people.
    pub texts_out: u32,
    /// Calls from people.
    pub calls_in: u32,
    /// Calls that agents made.
    pub calls_out: u32,
    /// Messages left by voice.
    pub voicemails: u32,
}

/// How long something took, over a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Durations {
    /// How often it was done.
    pub count: u32,
    /// Milliseconds that half of them took at most, to one part in thirty-two; `null` when there was none.
    pub median_ms: Option<i64>,
    /// Milliseconds that the slowest took.
    pub worst_ms: Option<i64>,
}

/// What is removed after a time; `null` for what is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Retention {
    /// Days after which the words of texts go.
    pub text_days: Option<u32>,
    /// Days after which pictures and files go.
    pub media_days: Option<u32>,
    /// Days after which recordings go.
    pub recordings_days: Option<u32>,
    /// When it was last looked at what is due.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<Instant>"))]
    pub last_run_at: Option<Timestamp>,
    /// What was removed.
    pub removed: Removed,
    /// What is due and stays, since Help Scout does not have it yet.
    pub held: u32,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Removed {
    /// Words of texts.
    pub texts: u32,
    /// Pictures and files.
    pub media: u32,
    /// Recordings.
    pub recordings: u32,
}

/// Something that went wrong, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Count {
    /// What.
    pub what: String,
    /// How often.
    pub count: i64,
    /// First seen.
    #[cfg_attr(feature = "openapi", schemars(with = "Instant"))]
    pub first: Timestamp,
    /// Last seen.
    #[cfg_attr(feature = "openapi", schemars(with = "Instant"))]
    pub last: Timestamp,
}
