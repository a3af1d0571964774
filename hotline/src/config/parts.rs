//! The parts of a hotline that are tables of their own: ringing, voicemail, calling back, limits.

use super::country::Country;
use super::fields::{Fields, NUMBER_WANTED, number};
use super::words::refuse_too_long;
use crate::domain::phone::E164;
use crate::domain::spoken::{self, Sentence};

/// How an agent takes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// By pressing 1, so that a cellphone's own voicemail does not swallow the caller.
    Press1,
    /// By answering.
    Answer,
}

/// In which order phones ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingOrder {
    /// All at once.
    All,
    /// One after the other.
    InTurn,
}

/// The team's phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    /// At least one, at most ten.
    pub phones: Vec<E164>,
    /// How long they ring.
    pub seconds: u32,
    /// How a call is taken.
    pub accept: Accept,
    /// In which order they ring.
    pub order: RingOrder,
}

impl Ring {
    pub(super) fn read(mut fields: Fields<'_>) -> Self {
        let ring = Self {
            phones: fields.list("phones", number, NUMBER_WANTED),
            // What Twilio rings at least and at most (Twilio, Dial verb: timeout).
            seconds: fields.whole("seconds", 5..=600, 25),
            accept: fields.word("accept", ("press_1", Accept::Press1), ("none", Accept::Answer)),
            order: fields.word("order", ("all", RingOrder::All), ("in_turn", RingOrder::InTurn)),
        };
        // Twilio rings ten numbers at once (Twilio, Number noun).
        if ring.phones.is_empty() || ring.phones.len() > 10 {
            fields.problem(
                "phones",
                "must hold one to ten good numbers; leave out ring to send calls to voicemail at once",
            );
        }
        fields.finish();
        ring
    }
}

/// What a caller hears before the tone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Words, spoken by Twilio.
    Say(String),
    /// A recording at this address.
    Play(String),
    /// Only the tone.
    Nothing,
}

/// How callers are spoken to (Twilio, Say verb: language, voice).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Voice {
    /// A language tag, such as `es-MX`; Twilio's own is `en-US`.
    pub language: Option<String>,
    /// A voice's name, such as `Polly.Mia`.
    pub name: Option<String>,
}

impl Voice {
    pub(super) fn read(hotline: &mut Fields<'_>) -> Self {
        let language = |text: &str| spoken::is_language_tag(text).then(|| text.to_owned());
        let is_name = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        let name = hotline.text("voice");
        if name.as_deref().is_some_and(|name| !is_name(name)) {
            hotline.problem("voice", "must be the name of a voice of Twilio's, such as Polly.Mia");
        }
        Self { language: hotline.parsed("language", language, "must be a language tag, such as en-US or es-MX"), name }
    }
}

/// What a caller meets whom nobody answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voicemail {
    /// What is heard first; a recording goes before words.
    pub prompt: Prompt,
    /// The longest message, in seconds.
    pub max_seconds: u32,
    /// Whether a transcript is asked for.
    pub transcribe: bool,
}

/// A message that lasts as long as this or longer gets no transcript (Twilio, error 13617).
const TRANSCRIBED_BELOW_S: u32 = 120;

/// A message that is no longer than this is the click of somebody who hangs up.
pub(crate) const CLICK_S: u32 = 1;

impl Voicemail {
    /// Reads the table; without one, all its defaults. `language` is the hotline's.
    pub(super) fn read(fields: Option<Fields<'_>>, language: Option<&str>) -> Self {
        let longest = TRANSCRIBED_BELOW_S - 1;
        let usual = spoken::sentence(language, Sentence::LeaveMessage).unwrap_or_default();
        let prompt = if usual.is_empty() { Prompt::Nothing } else { Prompt::Say(usual.to_owned()) };
        let is_transcribed = spoken::is_transcribed(language);
        let defaults = Self { prompt, max_seconds: longest, transcribe: is_transcribed };
        let Some(mut fields) = fields else { return defaults };
        // A limit of a second drops every message; an hour is the longest that Twilio records (Record verb: maxLength).
        let max_seconds = fields.whole("max_seconds", CLICK_S + 1..=3600, defaults.max_seconds);
        let transcribe = fields.flag("transcribe", true);
        if transcribe && max_seconds > longest {
            fields
                .problem("max_seconds", "can be at most 119 with a transcript; shorten it, or say transcribe = false");
        }
        let prompt = Self::prompt(&mut fields, usual);
        fields.finish();
        Self { prompt, max_seconds, transcribe: transcribe && is_transcribed }
    }

    fn prompt(fields: &mut Fields<'_>, usual: &str) -> Prompt {
        let words = fields.text_or("say", usual);
        refuse_too_long(fields, "say", words.as_deref());
        let recording = fields.text("play");
        if recording.as_deref().is_some_and(|address| !is_web_address(address)) {
            fields.problem(
                "play",
                "must be the address of a recording, beginning with https:// and without blanks (write %20)",
            );
        }
        recording.map(Prompt::Play).or(words.map(Prompt::Say)).unwrap_or(Prompt::Nothing)
    }
}

/// Whether Twilio can fetch from it: an address with blanks or control characters is refused (Twilio, error 11100).
fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let has_host = rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_alphanumeric() || first == '['));
    has_host && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
}

/// Calls from the sidebar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// At least one: where agents and contacts may be called.
    pub countries: Vec<Country>,
    /// How often one agent may call.
    pub per_agent_per_hour: u32,
}

impl Callback {
    /// Reads the table; what is left out of it, or the whole of it, means the hotline's own region.
    pub(super) fn read(hotline: &mut Fields<'_>, region: Option<&Country>) -> Option<Self> {
        let table = hotline.table("callback");
        let is_given = table.is_some();
        let mut callback = Self { countries: Vec::new(), per_agent_per_hour: 30 };
        if let Some(mut fields) = table {
            callback.countries = fields.read_list("countries", Country::read);
            // Beyond a thousand it is no limit.
            callback.per_agent_per_hour = fields.whole("per_agent_per_hour", 1..=1000, 30);
            if callback.countries.is_empty() && region.is_none() {
                fields
                    .problem("countries", "is missing; name the countries that may be called, or the hotline's region");
            }
            fields.finish();
        }
        if callback.countries.is_empty() {
            callback.countries.extend(region);
        }
        (is_given || !callback.countries.is_empty()).then_some(callback)
    }
}

/// How much is sent at most before somebody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Texts that one reply becomes.
    pub parts_per_reply: u32,
    /// Replies and texts from the sidebar that one agent may send, over all people of the hotline.
    pub texts_per_agent_per_hour: u32,
    /// Texts to one person that wait to leave at once.
    pub waiting_texts_per_person: u32,
}

impl Limits {
    /// Reads the table; without one, all its defaults.
    pub(super) fn read(fields: Option<Fields<'_>>) -> Self {
        let mut limits = Self { parts_per_reply: 10, texts_per_agent_per_hour: 60, waiting_texts_per_person: 50 };
        let Some(mut fields) = fields else { return limits };
        // Beyond these they are no limits.
        limits.parts_per_reply = fields.whole("parts_per_reply", 1..=100, limits.parts_per_reply);
        limits.texts_per_agent_per_hour =
            fields.whole("texts_per_agent_per_hour", 1..=10_000, limits.texts_per_agent_per_hour);
        limits.waiting_texts_per_person =
            fields.whole("waiting_texts_per_person", 1..=1_000, limits.waiting_texts_per_person);
        fields.finish();
        limits
    }
}
