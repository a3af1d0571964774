//! What strangers can make a hotline do by themselves: automatic texts to whatever number they claim, and ringing phones.

use super::country::Country;
use super::fields::Fields;
use super::parts::Callback;
use crate::domain::numbering;
use crate::domain::phone::E164;

/// Texts that nobody writes: the greeting, the word to who was missed, the word of trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoReply {
    /// Where they may go by SMS. WhatsApp pays no network for what it delivers, and is free of it.
    pub countries: Vec<Country>,
    /// How many of them leave in an hour, to all people together.
    pub per_hour: u32,
}

impl AutoReply {
    /// Reads the table; without countries the hotline's region and those that agents may call, and without those the
    /// countries of its own numbers.
    pub(super) fn read(
        fields: Option<Fields<'_>>,
        region: Option<&Country>,
        callback: Option<&Callback>,
        numbers: &[E164],
    ) -> Self {
        let mut auto_reply = Self { countries: Vec::new(), per_hour: 100 };
        if let Some(mut fields) = fields {
            auto_reply.countries = fields.read_list("countries", Country::read);
            // Beyond that it is no limit.
            auto_reply.per_hour = fields.whole("per_hour", 1..=10_000, auto_reply.per_hour);
            fields.finish();
        }
        if auto_reply.countries.is_empty() {
            auto_reply.countries = usual_countries(region, callback, numbers);
        }
        auto_reply
    }
}

fn usual_countries(region: Option<&Country>, callback: Option<&Callback>, numbers: &[E164]) -> Vec<Country> {
    let called = callback.into_iter().flat_map(|callback| &callback.countries);
    let mut countries: Vec<Country> = region.into_iter().chain(called).copied().collect();
    if countries.is_empty() {
        countries.extend(numbers.iter().filter_map(|own| Country::parse(numbering::country(own)?)));
    }
    countries.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    countries.dedup();
    countries
}

/// How often somebody may call before the team is left in peace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepeatedCalls {
    /// Calls of so many minutes count together.
    pub minutes: u32,
    /// After so many, voicemail answers and no phone rings.
    pub voicemail_after: u32,
    /// After so many, calls are rejected.
    pub reject_after: u32,
}

impl RepeatedCalls {
    /// Reads the table; without one, all its defaults.
    pub(super) fn read(fields: Option<Fields<'_>>) -> Self {
        let mut repeated = Self { minutes: 15, voicemail_after: 5, reject_after: 10 };
        let Some(mut fields) = fields else { return repeated };
        // A day of calls is as much as is kept; beyond a thousand calls it is no limit.
        repeated.minutes = fields.whole("minutes", 1..=1440, repeated.minutes);
        repeated.voicemail_after = fields.whole("voicemail_after", 1..=1000, repeated.voicemail_after);
        repeated.reject_after = fields.whole("reject_after", 1..=1000, repeated.reject_after);
        if repeated.reject_after < repeated.voicemail_after {
            fields.problem("reject_after", "must be at least voicemail_after, whose calls it goes on counting");
        }
        fields.finish();
        repeated
    }
}
