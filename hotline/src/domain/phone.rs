//! Who is at the far end of a text or call, as Twilio names them in `From`.

use serde::{Deserialize, Serialize};

use std::fmt;

use super::number_spelling;

/// How much of a sender's name is kept; far above every name Twilio documents, so it only stops abuse.
const NAME_MAX_CHARS: usize = 64;

/// Words that carriers put in place of a withheld number (Twilio, Voice webhook request: From; RFC 3323 for SIP), without
/// blanks.
const WITHHELD_WORDS: [&str; 13] = [
    "anonymous",
    "blocked",
    "callerblocked",
    "nocallerid",
    "notavailable",
    "numberwithheld",
    "outofarea",
    "private",
    "privatenumber",
    "restricted",
    "unavailable",
    "unknown",
    "withheld",
];

/// Some of these words typed on a keypad, which carriers pass on for callers who withhold their number, with the country
/// code of North America before it or without: ANONYMOUS, BLOCKED, PRIVATE, RESTRICTED, UNAVAILABLE, UNKNOWN, WITHHELD.
/// No country numbers its phones like this, but for +1 737 874 2833, which is believed to be RESTRICTED too.
const WITHHELD_NUMBERS: [&str; 7] =
    ["266696687", "2562533", "7748283", "7378742833", "86282452253", "8656696", "94844353"];

/// A whole international number: `+`, then 7 to 15 digits with the country code first (ITU-T E.164; +683 4002 is one, on
/// Niue).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E164(String);

/// How many digits a number has at least, with its country.
const SHORTEST: usize = 7;

impl E164 {
    /// Reads a number that is already in E.164; spaces or other punctuation are refused, not repaired.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let whole = (SHORTEST..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        (whole && !digits.starts_with('0')).then(|| Self(text.to_owned()))
    }

    /// The number with its plus: `+15550100100`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number without its plus: `15550100100`.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// The spelling of the number by which the person is known: some networks spell it in another way.
    #[must_use]
    pub fn canonical(self) -> Self {
        number_spelling::canonical(self.digits()).map_or(self, |digits| Self(["+", &digits].concat()))
    }

    /// Whether both are numbers of one phone, in whichever spelling.
    pub fn is_same_phone(&self, other: &Self) -> bool {
        self == other || self.clone().canonical() == other.clone().canonical()
    }

    /// The other spelling of a canonical number, under which a release up to 0.1.0 may know the person.
    pub fn other_spelling(&self) -> Option<Self> {
        number_spelling::other(self.digits()).map(|digits| Self(["+", &digits].concat()))
    }

    /// Whether callers from abroad dial this spelling, and not the canonical one.
    pub fn is_dialled_from_abroad(&self) -> bool {
        number_spelling::is_dialled_from_abroad(self.digits())
    }

    /// The number for whoever need not know it: `+1555…0123`. A short one shows nothing but its end.
    pub fn masked(&self) -> String {
        let number = self.as_str();
        let shown = |from: usize, until: usize| number.get(from..until).unwrap_or_default();
        let (first, last) = (if number.len() > 10 { 5 } else { 1 }, number.len().saturating_sub(4));
        [shown(0, first), "…", shown(last, number.len())].concat()
    }

    /// The country code that it begins with: `1`, `44`.
    pub fn country_code(&self) -> &str {
        let digits = self.digits();
        digits.get(..country_code_len(digits)).unwrap_or(digits)
    }

    /// The number grouped for the eye: `+1 555 010 0100`, `+44 7700 900123`.
    pub fn readable(&self) -> String {
        let (country, national) = self.0.split_at_checked(1 + country_code_len(self.digits())).unwrap_or((&self.0, ""));
        let (head, tail) = national.split_at_checked(national.len().saturating_sub(6)).unwrap_or(("", national));
        match (country, tail.split_at_checked(2)) {
            ("+1", Some((exchange, line))) if head.len() == 4 => {
                let (area, first) = head.split_at_checked(3).unwrap_or((head, ""));
                [country, " ", area, " ", first, exchange, " ", line].concat()
            }
            _ if head.is_empty() => [country, " ", tail].concat(),
            _ => [country, " ", head, " ", tail].concat(),
        }
    }
}

/// The length of the country code that a number begins with (ITU-T E.164, list of assigned country codes).
fn country_code_len(digits: &str) -> usize {
    match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

impl From<E164> for String {
    fn from(number: E164) -> Self {
        number.0
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The way a text travels; replies leave by the way the person came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Channel {
    /// SMS and MMS.
    Sms,
    /// WhatsApp, named by the prefix `whatsapp:` (Twilio, WhatsApp addressing).
    WhatsApp,
}

impl Channel {
    /// For a row and for the sidebar.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::WhatsApp => "whatsapp",
        }
    }

    /// For agents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::WhatsApp => "WhatsApp",
        }
    }

    /// From a row.
    pub fn read(word: &str) -> Option<Self> {
        [Self::Sms, Self::WhatsApp].into_iter().find(|channel| channel.as_str() == word)
    }
}

/// Who is at the far end. Made only by [`Party::parse`] and [`Party::from_key`], so that one sender has one name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    /// A phone, in the canonical spelling of its number.
    Phone(E164),
    /// Somebody on WhatsApp who does not show their number, by the id that WhatsApp gives them for us: a country, a dot, and
    /// up to 128 letters and digits (Meta, Business-scoped user IDs).
    WhatsAppUser(String),
    /// A short code, 3 to 8 digits.
    ShortCode(String),
    /// An alphanumeric sender id such as `ACME`: up to 11 characters, one of them a letter (Twilio, Alphanumeric
    /// Sender ID).
    Alphanumeric(String),
    /// A caller who withholds the number.
    Anonymous,
    /// Anything else: `client:bob`, `sip:…`, `messenger:…`, or nonsense, cut to 64 characters.
    Other(String),
}

impl Party {
    /// Reads `From` of a Twilio webhook. Never fails: what is not understood is [`Party::Other`]. RCS is another way of
    /// texting the same phone, and its opt-outs are those of SMS (Twilio, RCS; unified opt-outs of March 2026).
    pub fn parse(from: &str) -> (Channel, Self) {
        let named = |name| match Self::named(name) {
            Self::Phone(number) => Self::Phone(number.canonical()),
            party => party,
        };
        match from.trim().split_once(':') {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("whatsapp") => (Channel::WhatsApp, named(rest)),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("rcs") && E164::parse(rest.trim()).is_some() => {
                (Channel::Sms, named(rest))
            }
            _ => (Channel::Sms, named(from)),
        }
    }

    fn named(name: &str) -> Self {
        if is_whatsapp_user(name.trim()) {
            return Self::WhatsAppUser(name.trim().to_owned());
        }
        let name = cleaned(name);
        if is_withheld(&name) { Self::Anonymous } else { Self::of_form(name) }
    }

    /// What a name is by its form alone.
    fn of_form(name: String) -> Self {
        if let Some(number) = E164::parse(&name) {
            Self::Phone(number)
        } else if is_short_code(&name) {
            Self::ShortCode(name)
        } else if is_alphanumeric_sender(&name) {
            Self::Alphanumeric(name)
        } else {
            Self::Other(name)
        }
    }

    /// A stable name of the person: `+15550100100`, `short:12345`, `alpha:ACME`, `anonymous`, `other:client:bob`,
    /// `other:US.13491208655302741918`.
    pub fn key(&self) -> String {
        match self {
            Self::Phone(number) => number.0.clone(),
            Self::ShortCode(code) => ["short:", code].concat(),
            Self::Alphanumeric(name) => ["alpha:", name].concat(),
            Self::Anonymous => "anonymous".to_owned(),
            Self::WhatsAppUser(name) | Self::Other(name) => ["other:", name].concat(),
        }
    }

    /// The party that [`Party::key`] named; `None` for a string that no party has as its key. A name that a release took for
    /// somebody's and that is known by now to withhold the number goes on to be theirs.
    pub fn from_key(key: &str) -> Option<Self> {
        if key == Self::Anonymous.key() {
            return Some(Self::Anonymous);
        }
        if let Some(name) = key.strip_prefix("other:").filter(|name| is_shortest_number(name)) {
            return Some(Self::Other(name.to_owned()));
        }
        if let Some(name) = key.strip_prefix("other:").filter(|name| is_whatsapp_user(name)) {
            return Some(Self::WhatsAppUser(name.to_owned()));
        }
        let name = ["short:", "alpha:", "other:"].iter().find_map(|kind| key.strip_prefix(kind)).unwrap_or(key);
        Some(Self::of_form(cleaned(name))).filter(|party| !name.is_empty() && party.key() == key)
    }

    /// Their number, when they have one.
    pub fn phone(&self) -> Option<&E164> {
        if let Self::Phone(number) = self { Some(number) } else { None }
    }

    /// Whether a text sent to them could arrive.
    pub fn can_be_texted(&self) -> bool {
        matches!(self, Self::Phone(_) | Self::WhatsAppUser(_))
    }

    /// The party as an agent reads it.
    pub fn readable(&self) -> String {
        match self {
            Self::Phone(number) => number.readable(),
            Self::Anonymous => "a withheld number".to_owned(),
            Self::ShortCode(name) | Self::Alphanumeric(name) | Self::WhatsAppUser(name) | Self::Other(name) => {
                name.clone()
            }
        }
    }
}

/// A number that releases up to 0.1.0 took for none: who had a key as such keeps it.
fn is_shortest_number(name: &str) -> bool {
    name.len() == 1 + SHORTEST && E164::parse(name).is_some()
}

/// Whether it is the id of somebody on WhatsApp. The part after the country may itself have dots.
fn is_whatsapp_user(name: &str) -> bool {
    /// A country, dots, and what Meta allows after them.
    const LONGEST: usize = 2 + 8 + 128;
    let Some((country, id)) = name.split_once('.') else { return false };
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_alphabetic())
        && name.len() <= LONGEST
        && id.len() >= SHORTEST
        && id.bytes().any(|b| b.is_ascii_digit())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
}

/// A name without what cannot be shown, and not too long.
fn cleaned(name: &str) -> String {
    let shown: String = name.trim().chars().filter(|c| !c.is_control()).take(NAME_MAX_CHARS).collect();
    shown.trim().to_owned()
}

/// Whether a name is one of the many with which carriers say that a caller withholds the number.
fn is_withheld(name: &str) -> bool {
    let user = match name.split_once(':') {
        Some((scheme, address)) if scheme.eq_ignore_ascii_case("sip") => address.split('@').next().unwrap_or_default(),
        _ => name,
    };
    let digits = user.strip_prefix('+').unwrap_or(user);
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        let national = digits.strip_prefix('1').unwrap_or(digits);
        let zeros = national.bytes().all(|b| b == b'0');
        return zeros || WITHHELD_NUMBERS.iter().any(|known| [digits, national].contains(known));
    }
    let word: String = user.chars().filter(char::is_ascii_alphanumeric).collect();
    let is_word = user.chars().all(|c| c.is_ascii_alphabetic() || c == ' ' || c == '-' || c == '_');
    is_word && WITHHELD_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Short codes have 5 or 6 digits in North America and 3 to 8 elsewhere (Twilio, Short codes).
fn is_short_code(name: &str) -> bool {
    (3..=8).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit())
}

/// Letters, digits, spaces and `+ - _ &`, at most 11, at least one letter (Twilio, Alphanumeric Sender ID).
fn is_alphanumeric_sender(name: &str) -> bool {
    name.len() <= 11
        && name.bytes().any(|b| b.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b" +-_&".contains(&b))
}

#[cfg(test)]
mod tests;
