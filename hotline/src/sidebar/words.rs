//! How times, states and people are said in a sidebar, by the page that is served and by the widget that takes its place.

use super::entry::{Entry, Kind, Medium};
use super::person::{Person, Teller};
use crate::domain::phone::{Channel, E164};
use crate::effects::Millis;
use crate::twilio::status::Delivery;

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// What stands in place of a timeline without entries.
pub const NOTHING_SAID: &str = "Nothing was said yet.";

/// Where the conversation begins beside which the sidebar stands.
pub const THIS_CONVERSATION: &str = "This conversation";

/// Where another one begins.
pub const ANOTHER_CONVERSATION: &str = "Another conversation";

/// What a person's date and time are written with: in the agent's own way, where it is known.
pub type Write = fn(Millis) -> String;

/// How long ago something was; nothing when a date says more than a number of days.
pub fn ago(now: Millis, at: Millis) -> Option<String> {
    Some(match (now - at).max(0) {
        past if past < MINUTE => "just now".to_owned(),
        past if past < HOUR => [&(past / MINUTE).to_string(), " min ago"].concat(),
        past if past < DAY => [&(past / HOUR).to_string(), " h ago"].concat(),
        past if past < 2 * DAY => "1 day ago".to_owned(),
        past if past < 7 * DAY => [&(past / DAY).to_string(), " days ago"].concat(),
        _ => return None,
    })
}

/// A length of time: `0:42`, `12:05`, `1:02:05`.
pub fn length(seconds: i64) -> String {
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
    if let Some(failure) = &entry.failure {
        let code = failure.code.map_or(String::new(), |code| [" (", &code.to_string(), ")"].concat());
        return ["Not delivered: ", &failure.reason, &code].concat();
    }
    match entry.state {
        Some(Delivery::Waiting) => "Waiting to be sent",
        Some(Delivery::Queued) => "Queued",
        Some(Delivery::Sending) => "Sending",
        Some(Delivery::Sent) => "Sent",
        Some(Delivery::Delivered) => "Delivered",
        Some(Delivery::Read) => "Read",
        Some(Delivery::Failed) => "Not delivered",
        None => "",
    }
    .to_owned()
}

/// What an entry that is no text is called.
pub fn title(entry: &Entry) -> String {
    let took = entry.seconds.filter(|it| *it > 0).map_or(String::new(), |seconds| [", ", &length(seconds)].concat());
    let what = match (entry.kind, entry.inward) {
        (Kind::Text, _) => return String::new(),
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
        // It was empty, or it went with a conversation that the agents deleted.
        Kind::Text if entry.text.is_empty() && entry.media.is_empty() => "(no text)".to_owned(),
        Kind::Text => entry.text.clone(),
        Kind::Call if entry.seconds.unwrap_or_default() == 0 => entry.text.clone(),
        _ => String::new(),
    }
}

/// Who it was, and how it came where that is not the usual way.
pub fn who(entry: &Entry) -> String {
    let who = match (entry.inward, entry.kind, entry.agent.as_str()) {
        (true, Kind::Call, agent) if !agent.is_empty() => ["answered by ", agent].concat(),
        (true, ..) => String::new(),
        (false, _, "") => "the hotline".to_owned(),
        (false, _, agent) => agent.to_owned(),
    };
    match (entry.channel, who.as_str()) {
        (Channel::Sms, _) => who,
        (whatsapp, "") => whatsapp.name().to_owned(),
        (whatsapp, _) => [&who, " · ", whatsapp.name()].concat(),
    }
}

/// What a file is called that is neither shown nor played.
pub fn file(medium: &Medium) -> String {
    ["File: ", &medium.mime].concat()
}

/// How an entry looks.
pub fn class(entry: &Entry) -> &'static str {
    match (entry.kind, entry.inward) {
        (Kind::Text, true) => "in",
        (Kind::Text, false) => "out",
        (Kind::MissedCall, _) => "event missed",
        _ => "event",
    }
}

/// Who somebody is, beside their number: a name if another one than that is known, how they write, and since when.
pub fn about(person: &Person, name: &str, date: Write) -> String {
    let since =
        if person.first_contact { "first contact".to_owned() } else { ["since ", &date(person.since)].concat() };
    // A customer whom only the hotline knows is named by the number.
    let (name, dot) = if name.is_empty() || name == person.readable { ("", "") } else { (name, " · ") };
    [name, dot, person.channel.name(), " · ", &since].concat()
}

/// That somebody opted out, who said so, and when; "" when they did not.
pub fn opted_out(person: &Person, date: Write) -> String {
    let Some(opted_out) = person.opted_out else { return String::new() };
    let who = match opted_out.by {
        Teller::Person => "They opted out of texts on ",
        Teller::Twilio => "Opted out of texts: Twilio refused one on ",
    };
    [who, &date(opted_out.since)].concat()
}

/// On which phone, in E.164, the agent is rung.
pub fn rings_first(phone: &str, confirmed: bool) -> String {
    let phone = E164::parse(phone).map_or_else(String::new, |phone| phone.readable());
    let code = if confirmed { "" } else { " You will be asked for a code." };
    ["Your phone ", &phone, " rings first.", code, " "].concat()
}

/// What the box is called in which a text is written.
pub fn text_by(person: &Person) -> String {
    ["Text by ", person.channel.name()].concat()
}

/// What pressing Send in Help Scout does, and which address of the person it also goes to.
pub fn reply(person: &Person, addresses: &[String]) -> String {
    if person.unreachable().is_some() {
        return "A reply in Help Scout is not sent as a text.".to_owned();
    }
    let digits = person.number.trim_start_matches('+');
    let ours = |address: &&String| address.split('@').next() == Some(digits);
    let mail = addresses.iter().find(|address| !ours(address));
    let mail = mail.map_or(String::new(), |mail| [" It may also be e-mailed to ", mail, "."].concat());
    let how = if person.channel == Channel::WhatsApp { " by WhatsApp." } else { " as a text." };
    ["Your reply in Help Scout goes to ", &person.readable, how, &mail].concat()
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::{failed, said};
    use super::super::person::OptOut;
    use super::super::person::tests::sam;
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        for (past, said) in [
            (-5_000, Some("just now")),
            (59_999, Some("just now")),
            (60_000, Some("1 min ago")),
            (HOUR - 1, Some("59 min ago")),
            (HOUR, Some("1 h ago")),
            (DAY, Some("1 day ago")),
            (3 * DAY, Some("3 days ago")),
            (7 * DAY, None),
        ] {
            assert_eq!(ago(10 * DAY, 10 * DAY - past).as_deref(), said, "{past}");
        }
        assert_eq!([0, 42, 725, 3_725, -1].map(length), ["0:00", "0:42", "12:05", "1:02:05", "0:00"]);
    }

    #[test]
    fn a_failure_says_why_and_twilios_code() {
        assert_eq!(delivery(&failed(Some(30_006))), "Not delivered: It is a landline. (30006)");
        assert_eq!(delivery(&failed(None)), "Not delivered: It is a landline.");
        assert_eq!(delivery(&Entry { failure: None, ..failed(None) }), "Not delivered");
        assert_eq!(delivery(&said("Hello")), "");
    }

    #[test]
    fn calls_are_told_by_who_called_whom() {
        for (kind, inward, title_of) in [
            (Kind::Call, true, "They called, 1:05"),
            (Kind::Call, false, "Call back, 1:05"),
            (Kind::MissedCall, true, "Missed call, 1:05"),
            (Kind::Voicemail, true, "Voicemail, 1:05"),
            (Kind::Text, true, ""),
        ] {
            assert_eq!(title(&Entry { kind, inward, seconds: Some(65), ..said("") }), title_of);
        }
    }

    #[test]
    fn a_call_that_came_to_nothing_says_why() {
        for (kind, seconds, shown) in [
            (Kind::Call, Some(0), "Nobody answered."),
            (Kind::Call, None, "Nobody answered."),
            (Kind::Call, Some(9), ""),
            (Kind::Voicemail, Some(9), ""),
            (Kind::Text, None, "Nobody answered."),
        ] {
            assert_eq!(text(&Entry { kind, seconds, ..said("Nobody answered.") }), shown, "{kind:?} {seconds:?}");
        }
        assert_eq!(text(&said("")), "(no text)");
    }

    #[test]
    fn everybody_is_named_and_so_is_whatsapp() {
        let (from_us, whatsapp) = (failed(None), Channel::WhatsApp);
        for (entry, named) in [
            (said("Hello"), ""),
            (Entry { channel: whatsapp, ..said("Hello") }, "WhatsApp"),
            (from_us.clone(), "the hotline"),
            (Entry { agent: "Ada Byron".to_owned(), channel: whatsapp, ..from_us }, "Ada Byron · WhatsApp"),
            (Entry { kind: Kind::Call, agent: "Max Moss".to_owned(), ..said("") }, "answered by Max Moss"),
        ] {
            assert_eq!(who(&entry), named);
        }
    }

    #[test]
    fn a_person_is_new_or_known_since_and_may_have_a_name() {
        let date: Write = |_| "Jan 1, 1970".to_owned();
        let new = Person { first_contact: true, channel: Channel::WhatsApp, ..sam() };
        for (person, name, reply) in [
            (sam(), "", "SMS · since Jan 1, 1970"),
            (sam(), "+1 555 010 0100", "SMS · since Jan 1, 1970"),
            (new, "Sam Poe", "Sam Poe · WhatsApp · first contact"),
        ] {
            assert_eq!(about(&person, name, date), reply);
        }
    }

    #[test]
    fn an_opt_out_says_who_and_when() {
        let by = |by| opted_out(&Person { opted_out: Some(OptOut { since: 0, by }), ..sam() }, |_| "noon".to_owned());
        assert_eq!(by(Teller::Person), "They opted out of texts on noon");
        assert_eq!(by(Teller::Twilio), "Opted out of texts: Twilio refused one on noon");
        assert_eq!(opted_out(&sam(), |_| "noon".to_owned()), "");
    }

    #[test]
    fn a_reply_that_is_also_mailed_is_said_to_be() {
        let ours = ["15550100100@sms.example.org".to_owned()];
        let also = [ours[0].clone(), "sam@example.org".to_owned()];
        let stopped = Person { opted_out: Some(OptOut { since: 0, by: Teller::Person }), ..sam() };
        assert!(reply(&sam(), &ours).ends_with("as a text."));
        assert!(reply(&sam(), &also).ends_with("e-mailed to sam@example.org."));
        assert!(reply(&Person { channel: Channel::WhatsApp, ..sam() }, &ours).ends_with("by WhatsApp."));
        assert!(reply(&stopped, &also).contains("not sent"));
    }
}
