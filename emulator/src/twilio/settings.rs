//! Settings of the account: credentials, numbers, services, delays.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::account::Account;
use super::compliance::Campaign;
use super::numbers::Capabilities;

/// Everything that an account owner sets in Twilio's console, and the emulator's delays.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `AC` and 32 digits.
    pub account_sid: String,
    /// The primary AuthToken: password of the REST API and key of the legacy signature.
    pub auth_token: String,
    /// The secondary AuthToken, which opens the REST API as well; empty: there is none.
    pub auth_token_next: String,
    /// The account's status, kind and balance.
    pub account: Account,
    /// API keys: `SK…` and its secret.
    pub api_keys: Vec<(String, String)>,
    /// How webhooks are signed.
    pub signing: Signing,
    /// Where callers reach the REST API, as the media links in webhooks name it; no slash at its end.
    pub api_base: String,
    /// Base URL of media files, in place of mms.twiliocdn.com; no slash at its end.
    pub media_base: String,
    /// Phone numbers, short codes and WhatsApp senders.
    pub senders: Vec<Sender>,
    /// Messaging Services.
    pub services: Vec<MessagingService>,
    /// Brands of A2P 10DLC by their `BN…` sid: their status.
    pub brands: BTreeMap<String, String>,
    /// Verifications of toll-free numbers: their status.
    pub toll_free_verifications: BTreeMap<String, String>,
    /// Countries (ISO 3166-1 alpha-2) whose low-risk numbers calls must not reach.
    pub countries_not_called: Vec<String>,
    /// Approved Content templates by their `HX…` sid, with `{{1}}` where a variable goes.
    pub templates: BTreeMap<String, String>,
    /// How long the stages of a message take.
    pub pace: Pace,
    /// From when the carrier has a message until Twilio knows what it cost, in milliseconds; `None`: it never does.
    pub priced_after_ms: Option<u64>,
    /// Inbound media answer 404 for so long.
    pub media_ready_after_ms: u64,
    /// Whether `sending` has a callback; rare at the real one (Twilio, "Outbound Message Status in Status Callbacks").
    pub sending_callbacks: bool,
    /// Whether a message to an id of WhatsApp is refused (error 21211), as accounts saw in June 2026.
    pub refuses_whatsapp_ids: bool,
    /// How calls go.
    pub voice: Voice,
    /// Decides every sid.
    pub seed: u64,
}

/// How calls go, and how fast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// Calls that the REST API may start in a second; the rest wait in state `queued` (Twilio, "calls per second").
    pub calls_per_second: u64,
    /// From `initiated` to `ringing`, in milliseconds.
    pub dialing_ms: u64,
    /// How long every `<Play>` lasts; its address is not fetched.
    pub play_ms: u64,
    /// From the end of a recording to its callback, in milliseconds.
    pub recording_processing_ms: u64,
    /// The media of a recording answer 404 for so long after its callback.
    pub recording_ready_after_ms: u64,
    /// Whether `<Dial action>` hears of a caller who hung up, which is from memory; whoever is called must not rely on it.
    pub dial_action_after_hangup: bool,
    /// Default outcome of `<Record transcribe>`.
    pub transcription: Transcription,
}

/// Outcome of a transcription.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Transcription {
    /// Completed.
    Comes {
        /// After the recording's callback, in milliseconds.
        after_ms: u64,
        /// Its words.
        text: String,
    },
    /// Failed at once.
    Fails,
    /// No callback.
    Never,
}

impl Default for Voice {
    fn default() -> Self {
        Self {
            // Twilio's own limit for new accounts.
            calls_per_second: 1,
            dialing_ms: 500,
            play_ms: 6_000,
            recording_processing_ms: 1_000,
            recording_ready_after_ms: 0,
            dial_action_after_hangup: true,
            transcription: Transcription::Comes {
                after_ms: 4_000,
                text: "Hello, where do I vote? Please call me back.".into(),
            },
        }
    }
}

/// Signing of webhooks (Twilio, "Security" and the Webhooks configuration of 2026).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signing {
    /// HMAC-SHA1 with the AuthToken, without a settings header.
    AuthToken,
    /// HMAC-SHA256 with a shared key, announced by `X-Twilio-Webhooks-Signature-Settings`.
    SharedKey {
        /// `webhooks_sharedkey_…`
        id: String,
        /// The key's secret.
        secret: String,
    },
}

/// Something that messages leave from and come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// `+1…`, a short code, or `whatsapp:+1…`.
    pub address: String,
    /// Where inbound messages are announced, with a `#rc=…` fragment if wanted; empty: nowhere.
    pub webhook: String,
    /// Where they are announced when that failed; empty: nowhere.
    pub fallback: String,
    /// `VoiceUrl`: where inbound calls are announced, as `webhook`; empty: calls are not taken.
    pub voice_url: String,
    /// `VoiceFallbackUrl`; empty: none.
    pub voice_fallback: String,
    /// The number's `StatusCallback`, told once when a call has ended; empty: nowhere.
    pub voice_status_callback: String,
    /// Message segments per second (Twilio, "Understanding Twilio Rate Limits and Message Queues").
    pub segments_per_second: u64,
    /// What a phone number is good for.
    pub capabilities: Capabilities,
    /// When it was bought, in milliseconds; none for one that has always been there.
    pub bought: Option<u64>,
    /// Fields of its resource that nothing here acts on, by their names in the REST API.
    pub kept: BTreeMap<String, String>,
}

/// A pool of senders (Twilio, Messaging Service resource).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessagingService {
    /// `MG…`
    pub sid: String,
    /// Addresses of its senders; each sender is in one service at most.
    pub senders: Vec<String>,
    /// `InboundRequestUrl`; empty: the webhook on the number is used.
    pub inbound_request_url: String,
    /// `FallbackUrl`.
    pub fallback_url: String,
    /// `StatusCallback` of messages that name none.
    pub status_callback: String,
    /// Its campaign of A2P 10DLC.
    pub campaign: Option<Campaign>,
    /// Advanced Opt-Out is switched on.
    pub advanced_opt_out: bool,
    /// Fields of its resource that nothing here acts on, by their names in the REST API.
    pub kept: BTreeMap<String, String>,
}

/// How long the stages of an outbound message take, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// From created to sending, with an empty sender queue.
    pub queued_ms: u64,
    /// From `sending` to `sent`.
    pub sending_ms: u64,
    /// From `sent` to the phone (and then to `read`).
    pub delivery_ms: u64,
}

/// The account sid of development.
pub const DEVELOPMENT_ACCOUNT_SID: &str = "AC00000000000000000000000000000000";
/// The AuthToken of development.
pub const DEVELOPMENT_AUTH_TOKEN: &str = "dev_twilio_auth_token";
/// The hotline's number in development.
pub const DEVELOPMENT_NUMBER: &str = "+15550100001";
/// The connection overrides that Ringside's README asks for: three retries on server errors and lost connections.
const DEVELOPMENT_OVERRIDES: &str = "#rc=3&rp=5xx,ct,rt";

impl Settings {
    /// An account with one number that texts and has WhatsApp, announced to the Worker at `worker` (no slash at its end).
    pub fn development(worker: &str) -> Self {
        let webhook = format!("{worker}/twilio/messages{DEVELOPMENT_OVERRIDES}");
        // 1: a US long code without A2P registration; 80: a WhatsApp sender (Twilio, rate limits).
        let senders = [(DEVELOPMENT_NUMBER.to_owned(), 1), (format!("whatsapp:{DEVELOPMENT_NUMBER}"), 80)];
        Self {
            account_sid: DEVELOPMENT_ACCOUNT_SID.into(),
            auth_token: DEVELOPMENT_AUTH_TOKEN.into(),
            auth_token_next: String::new(),
            account: Account::default(),
            api_keys: Vec::new(),
            signing: Signing::AuthToken,
            api_base: "https://api.twilio.com".into(),
            media_base: "https://mms.twiliocdn.com".into(),
            senders: senders
                .map(|(address, segments_per_second)| Sender {
                    address,
                    webhook: webhook.clone(),
                    fallback: String::new(),
                    voice_url: format!("{worker}/twilio/calls{DEVELOPMENT_OVERRIDES}"),
                    voice_fallback: String::new(),
                    voice_status_callback: format!("{worker}/twilio/calls/status{DEVELOPMENT_OVERRIDES}"),
                    segments_per_second,
                    ..Sender::default()
                })
                .into(),
            services: Vec::new(),
            brands: BTreeMap::new(),
            toll_free_verifications: BTreeMap::new(),
            countries_not_called: Vec::new(),
            templates: BTreeMap::new(),
            pace: Pace { queued_ms: 50, sending_ms: 50, delivery_ms: 300 },
            // Minutes (dimagi/commcare-hq, pull request 11444); hours are reported too.
            priced_after_ms: Some(5 * 60_000),
            media_ready_after_ms: 0,
            sending_callbacks: false,
            refuses_whatsapp_ids: false,
            voice: Voice::default(),
            seed: 1,
        }
    }

    pub(super) fn sender(&self, address: &str) -> Option<&Sender> {
        self.senders.iter().find(|sender| sender.address == address)
    }

    pub(super) fn service(&self, sid: &str) -> Option<&MessagingService> {
        self.services.iter().find(|service| service.sid == sid)
    }

    /// The service whose pool has this sender.
    pub(super) fn service_of(&self, address: &str) -> Option<&MessagingService> {
        self.services.iter().find(|service| service.senders.iter().any(|sender| sender == address))
    }
}
