//! How times, states and people are said in a sidebar, by the page that is served and by the widget that takes its place.

pub mod health;

use protocol::Timestamp;
use protocol::sidebar::{Channel, DeliveryState, Entry, Kind, Media, OptOutSource, Person, TextChannel};

use crate::domain::phone::E164;
use crate::domain::text::quoted;
use crate::twilio::errors::is_about_the_person;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What stands in place of a timeline without entries.
pub const NOTHING_SAID: &str = "Nothing was said yet.";

/// Where the conversation begins beside which the sidebar stands.
pub const THIS_CONVERSATION: &str = "This conversation";

/// Where another one begins.
pub const ANOTHER_CONVERSATION: &str = "Another conversation";

/// Writes a date: in the agent's own way, where it is known.
pub type WriteDate = fn(Timestamp) -> String;

/// A part of a sentence. Names and addresses may run in another direction than our words, and may hold signs that turn
/// what follows around, so each is shown as one piece (HTML, the element `bdi`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words of ours.
    Ours(String),
    /// A name or an address.
    Name(String),
}

impl Part {
    fn ours(words: impl Into<String>) -> Self {
        Self::Ours(words.into())
    }

    fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }
}

/// How long ago something was; nothing when a date says more than a number of days.
pub fn ago(now: Timestamp, at: Timestamp) -> Option<String> {
    Some(match now.duration_since(at).as_secs().max(0) {
        past if past < MINUTE => "just now".to_owned(),
        past if past < HOUR => [&(past / MINUTE).to_string(), " min ago"].concat(),
        past if past < DAY => [&(past / HOUR).to_string(), " h ago"].concat(),
        past if past < 2 * DAY => "1 day ago".to_owned(),
        past if past < 7 * DAY => [&(past / DAY).to_string(), " days ago"].concat(),
        _ => return None,
    })
}

/// When something was: how long ago, and from the second day on also at which time of day.
pub fn when(now: Timestamp, at: Timestamp, time_of_day: WriteDate, date_and_time: WriteDate) -> String {
    match ago(now, at) {
        None => date_and_time(at),
        Some(ago) if now.duration_since(at).as_secs() >= DAY => [&ago, ", ", &time_of_day(at)].concat(),
        Some(ago) => ago,
    }
}

/// A length of time: `0:42`, `12:05`, `1:02:05`.
pub fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let two = |number: i64| [if number < 10 { "0" } else { "" }, &number.to_string()].concat();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, two(seconds % 60));
    if hours > 0 {
        [&hours.to_string(), ":", &two(minutes), ":", &rest].concat()
    } else {
        [&minutes.to_string(), ":", &rest].concat()
    }
}

/// How far a text has come.
pub fn delivery(entry: &Entry) -> String {
    let reason = entry.error.as_ref().map(|error| {
        let code = error.code.map_or(String::new(), |code| [" (", &code.to_string(), ")"].concat());
        [&error.reason, code.as_str()].concat()
    });
    let again = if entry.sent_again { " · Sent again" } else { "" };
    match (entry.state, reason) {
        (None | Some(DeliveryState::Failed), Some(reason)) => return ["Not delivered: ", &reason, again].concat(),
        // It says that it waits, or that nobody knows.
        (_, Some(reason)) => return [&reason, again].concat(),
        _ => {}
    }
    match entry.state {
        Some(DeliveryState::Waiting | DeliveryState::Queued | DeliveryState::Sending) => "Sending",
        Some(DeliveryState::Sent) => "Sent",
        Some(DeliveryState::Delivered) => "Delivered",
        Some(DeliveryState::Read) => "Read",
        Some(DeliveryState::Failed) => "Not delivered",
        Some(DeliveryState::Unknown) => "Not sure whether it was sent",
        None => "",
    }
    .to_owned()
}

/// How a delivery ended, for those who hear the page; nothing while it is under way.
pub fn ending(entry: &Entry) -> Option<String> {
    match entry.state {
        // That it was read too is no other end.
        Some(DeliveryState::Delivered | DeliveryState::Read) => Some("Delivered".to_owned()),
        Some(DeliveryState::Failed | DeliveryState::Unknown) => Some(delivery(entry)),
        None if entry.has_failed() => Some(delivery(entry)),
        _ => None,
    }
}

/// The beginning of what was written, by which an entry is named that is not in sight.
pub fn beginning(entry: &Entry) -> Part {
    Part::Name(if entry.words().is_empty() { "(no text)".to_owned() } else { quoted(entry.words()) })
}

/// Whether the same words may arrive at another time, or other words may: not when it is the phone that takes none.
pub fn is_worth_another_try(entry: &Entry) -> bool {
    let code = entry.error.as_ref().and_then(|error| error.code);
    let is_ours = !entry.is_inbound() && !entry.words().is_empty();
    let is_open = entry.has_failed() || entry.state == Some(DeliveryState::Unknown);
    is_ours && is_open && !entry.sent_again && !code.is_some_and(is_about_the_person)
}

/// What an entry that is no text is called.
pub fn title(entry: &Entry) -> String {
    let took = entry.seconds.filter(|it| *it > 0).map_or(String::new(), |seconds| [", ", &duration(seconds)].concat());
    let what = match (entry.kind, entry.is_inbound()) {
        (Kind::Text | Kind::Notice, _) => return String::new(),
        (Kind::Call, true) => "They called",
        (Kind::Call, false) => "Call back",
        (Kind::MissedCall, true) => "Missed call",
        (Kind::MissedCall, false) => "Call back, not answered",
        (Kind::Voicemail, _) => "Voicemail",
    };
    [what, &took].concat()
}

/// What was written, or how a call ended that came to nothing. Of other calls the title says it all; their text is for
/// the conversation in Help Scout.
pub fn text(entry: &Entry) -> String {
    match entry.kind {
        Kind::Text | Kind::Voicemail if entry.deleted => "Deleted in Help Scout".to_owned(),
        Kind::Text | Kind::Voicemail if removed(entry).is_some() => removed(entry).unwrap_or_default(),
        Kind::Text if entry.words().is_empty() && entry.media.is_empty() => "(no text)".to_owned(),
        Kind::Text | Kind::Notice => entry.words().to_owned(),
        Kind::Call if entry.seconds.unwrap_or_default() == 0 => entry.words().to_owned(),
        _ => String::new(),
    }
}

/// What was removed, since it was older than the hotline keeps, where nothing else of the entry is left to show.
fn removed(entry: &Entry) -> Option<String> {
    let days = |at: Timestamp| at.duration_since(entry.at).as_secs() / DAY;
    let after = |what: &str, at| [what, " after ", &days(at).to_string(), " days"].concat();
    if let Some(at) = entry.removed_at {
        return Some(after("Removed", at));
    }
    let what = if entry.kind == Kind::Voicemail { "Recording removed" } else { "Attachment removed" };
    let is_all = entry.kind == Kind::Voicemail || entry.words().is_empty();
    entry.media_removed_at.filter(|_| is_all).map(|at| after(what, at))
}

/// Whether the words of an entry are ours, and no person's.
pub fn is_ours(entry: &Entry) -> bool {
    entry.deleted || entry.words().is_empty() || !matches!(entry.kind, Kind::Text | Kind::Voicemail)
}

/// Who it was, and how it came where that is not the usual way.
pub fn who(entry: &Entry) -> Vec<Part> {
    let mut parts = match (entry.is_inbound(), entry.kind, entry.agent.as_str()) {
        (true, Kind::Call, agent) if !agent.is_empty() => vec![Part::ours("answered by "), Part::name(agent)],
        (true, ..) => Vec::new(),
        (false, _, "") => vec![Part::ours("the hotline")],
        (false, _, agent) => vec![Part::name(agent)],
    };
    if entry.channel == Channel::WhatsApp {
        parts.push(Part::ours(if parts.is_empty() { "WhatsApp" } else { " · WhatsApp" }));
    }
    parts
}

/// Who wrote what is shown on the person's side: for those who hear the page and do not see its sides.
pub fn speaker(entry: &Entry) -> &'static str {
    if entry.kind == Kind::Text && entry.is_inbound() { "They wrote" } else { "" }
}

/// What a file is called that is neither shown nor played: what people call its type, where that has a name.
pub fn file(media: &Media) -> String {
    const OFFICE: &str = "application/vnd.openxmlformats-officedocument.";
    let office = media.mime.strip_prefix(OFFICE).and_then(|kind| kind.split('.').next());
    let name = match (media.mime.as_str(), office) {
        ("application/pdf", _) => "PDF",
        ("text/vcard" | "text/x-vcard" | "text/directory", _) => "contact",
        ("text/calendar", _) => "appointment",
        ("text/plain", _) => "plain text",
        ("application/zip", _) => "ZIP",
        ("application/msword", _) | (_, Some("wordprocessingml")) => "Word document",
        ("application/vnd.ms-excel" | "text/csv", _) | (_, Some("spreadsheetml")) => "table",
        ("application/vnd.ms-powerpoint", _) | (_, Some("presentationml")) => "presentation",
        (mime, _) => mime,
    };
    ["File: ", name].concat()
}

/// Said where a recording does not play: its player says nothing of why.
pub const RECORDING_LOST: &str =
    "This recording does not play: it may have been deleted. If it was attached, it is in the conversation.";

/// How an entry looks.
pub fn class(entry: &Entry) -> &'static str {
    match (entry.kind, entry.is_inbound()) {
        (Kind::Text, true) => "in",
        (Kind::Text, false) => "out",
        (Kind::MissedCall, _) => "event missed",
        _ => "event",
    }
}

/// Who somebody is, beside their number: a name if another one than that is known, how they write, and since when.
pub fn about(person: &Person, name: &str, date: WriteDate) -> Vec<Part> {
    let since =
        if person.first_contact { "first contact".to_owned() } else { ["since ", &date(person.since)].concat() };
    let rest = [channel_name(person.channel), " · ", &since].concat();
    // A customer whom only the hotline knows is named by the number.
    if name.is_empty() || name == person.readable {
        return vec![Part::Ours(rest)];
    }
    vec![Part::name(name), Part::Ours([" · ", &rest].concat())]
}

/// That somebody opted out, who said so, and when; "" when they did not.
pub fn opted_out(person: &Person, date: WriteDate) -> String {
    let Some(opted_out) = person.opted_out else { return String::new() };
    let who = match opted_out.by {
        OptOutSource::Person => "They opted out of texts on ",
        OptOutSource::Twilio => "Opted out of texts: Twilio refused one on ",
    };
    [who, &date(opted_out.since)].concat()
}

/// On which phone, in E.164, the agent is rung.
pub fn rings_first(phone: &str, confirmed: bool) -> String {
    let phone = E164::parse(phone).map_or_else(String::new, |phone| phone.readable());
    let code = if confirmed { "" } else { " You will be asked for a code." };
    ["Your phone ", &phone, " rings first.", code, " "].concat()
}

fn channel_name(channel: TextChannel) -> &'static str {
    match channel {
        TextChannel::Sms => "SMS",
        TextChannel::WhatsApp => "WhatsApp",
    }
}

/// Why somebody cannot be texted.
pub fn unreachable(person: &Person) -> Option<&'static str> {
    if !person.can_be_texted() {
        Some("This is not a phone number, so no text can reach it.")
    } else if person.opted_out.is_some() {
        Some("They opted out of texts. They can text START to get them again.")
    } else {
        None
    }
}

/// What the box is called in which a text is written.
pub fn text_by(person: &Person) -> String {
    ["Text by ", channel_name(person.channel)].concat()
}

/// What pressing Send in Help Scout does, and which address of the person it also goes to.
pub fn reply(person: &Person, addresses: &[String]) -> Vec<Part> {
    if unreachable(person).is_some() {
        return vec![Part::ours("A reply in Help Scout is not sent as a text.")];
    }
    let digits = person.number.trim_start_matches('+');
    // The addresses that we make, of people without a number too.
    let is_own_making = |address: &str| ["other-", "supporter-"].iter().any(|mark| address.starts_with(mark));
    let ours = |address: &&String| address.split('@').next() == Some(digits) || is_own_making(address);
    let how = if person.channel == TextChannel::WhatsApp { " by WhatsApp." } else { " as a text." };
    let mut parts =
        vec![Part::ours("Your reply in Help Scout goes to "), Part::name(&person.readable), Part::ours(how)];
    if let Some(mail) = addresses.iter().find(|address| !ours(address)) {
        parts.extend([Part::ours(" It may also be e-mailed to "), Part::name(mail), Part::ours(".")]);
    }
    parts
}

#[cfg(test)]
pub(crate) mod tests;
