//! How times, states and outcomes are said.

use hotline::text::segments::{self, Encoding};

use crate::model::{Call, Entry, Kind, Millis};

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

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
    match entry.state.as_str() {
        "waiting" => "Waiting to be sent",
        "queued" => "Queued",
        "sending" => "Sending",
        "sent" => "Sent",
        "delivered" => "Delivered",
        "read" => "Read",
        "failed" => "Not delivered",
        _ => "",
    }
    .to_owned()
}

/// What an entry that is no text is called.
pub fn title(entry: &Entry) -> String {
    let took = entry.seconds.filter(|it| *it > 0).map_or(String::new(), |seconds| [", ", &length(seconds)].concat());
    let what = match (entry.kind, entry.inward) {
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
        Kind::Text | Kind::Notice => entry.text.clone(),
        Kind::Call if entry.seconds.unwrap_or_default() == 0 => entry.text.clone(),
        _ => String::new(),
    }
}

/// Who it was, for an entry of ours.
pub fn who(entry: &Entry) -> String {
    match (entry.inward, entry.kind, entry.agent.as_str()) {
        (true, Kind::Call, agent) if !agent.is_empty() => ["answered by ", agent].concat(),
        (true, ..) => String::new(),
        (false, _, "") => "the hotline".to_owned(),
        (false, _, agent) => agent.to_owned(),
    }
}

/// The way a text went, where it is not the usual one.
pub fn channel(channel: &str) -> &'static str {
    match channel {
        "whatsapp" => "WhatsApp",
        "mms" => "MMS",
        "voice" => "Call",
        _ => "SMS",
    }
}

/// Where a call is, and what the agent is to do.
pub fn progress(call: &Call) -> String {
    match call.state.as_str() {
        "ringing_agent" => "Your phone rings…".to_owned(),
        "confirm" if call.code.is_empty() => "Press 1 on your phone to call them".to_owned(),
        "confirm" => ["Press ", &call.code, " on your phone, to show that it is yours"].concat(),
        "ringing_contact" => "Their phone rings…".to_owned(),
        "talking" => "You are talking".to_owned(),
        _ => outcome(call),
    }
}

/// What a call came to.
fn outcome(call: &Call) -> String {
    match call.outcome.as_str() {
        "completed" => match call.seconds {
            Some(seconds) => ["You talked for ", &length(seconds)].concat(),
            None => "The call is over".to_owned(),
        },
        "cancelled" => "The call was cancelled".to_owned(),
        "agent_busy" => "Your phone was busy".to_owned(),
        "agent_no_answer" => "You did not answer your phone".to_owned(),
        "agent_failed" => "Your phone could not be reached".to_owned(),
        "not_confirmed" => "Nobody pressed the key on your phone".to_owned(),
        "contact_busy" => "Their line was busy".to_owned(),
        "contact_no_answer" => "They did not answer".to_owned(),
        "contact_failed" => "The call could not be connected".to_owned(),
        _ => "The call is over".to_owned(),
    }
}

/// What a text costs, as far as an agent should know.
#[derive(Debug, PartialEq, Eq)]
pub struct Cost {
    /// `12 characters, 1 text`.
    pub count: String,
    /// Why fewer characters fit than usual; "" when they do not.
    pub why: String,
}

/// What a text that is being written costs.
pub fn cost(text: &str) -> Cost {
    let all = segments::count(text);
    let many = |number: usize, one: &str| {
        let plural = if number == 1 { "" } else { "s" };
        [&number.to_string(), " ", one, plural].concat()
    };
    let count = [&many(text.chars().count(), "character"), ", ", &many(all.segments, "text")].concat();
    let dear = |it: &char| segments::count(it.encode_utf8(&mut [0; 4])).encoding == Encoding::Ucs2;
    let why = match text.chars().find(dear).filter(|_| all.encoding == Encoding::Ucs2) {
        Some(sign) => ["“", sign.encode_utf8(&mut [0; 4]), "” leaves room for 70 characters a text, not 160"].concat(),
        None => String::new(),
    };
    Cost { count, why }
}

/// What pressing Send in Help Scout does, and which address of the person it also goes to.
pub fn reply(readable: &str, unreachable: bool, number: &str, addresses: &[String]) -> String {
    if unreachable {
        return "A reply in Help Scout is not sent as a text.".to_owned();
    }
    let digits = number.trim_start_matches('+');
    let ours = |address: &&String| address.split('@').next() == Some(digits);
    let mail = addresses.iter().find(|address| !ours(address));
    let mail = mail.map_or(String::new(), |mail| [" It may also be e-mailed to ", mail, "."].concat());
    ["Your reply in Help Scout goes to ", readable, " as a text.", &mail].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Failure;

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
        let failure = |code| Some(Failure { code, reason: "It is a landline.".to_owned() });
        let entry = |failure| Entry { state: "failed".to_owned(), failure, ..Entry::default() };
        assert_eq!(delivery(&entry(failure(Some(30_006)))), "Not delivered: It is a landline. (30006)");
        assert_eq!(delivery(&entry(failure(None))), "Not delivered: It is a landline.");
        assert_eq!(delivery(&entry(None)), "Not delivered");
        assert_eq!(delivery(&Entry::default()), "");
    }

    #[test]
    fn calls_are_told_by_who_called_whom() {
        let entry = |kind, inward| Entry { kind, inward, seconds: Some(65), ..Entry::default() };
        for (kind, inward, said) in [
            (Kind::Call, true, "They called, 1:05"),
            (Kind::Call, false, "Call back, 1:05"),
            (Kind::MissedCall, true, "Missed call, 1:05"),
            (Kind::Voicemail, true, "Voicemail, 1:05"),
            (Kind::Text, true, ""),
        ] {
            assert_eq!(title(&entry(kind, inward)), said);
        }
    }

    #[test]
    fn a_call_that_came_to_nothing_says_why() {
        let entry = |kind, seconds| Entry { kind, seconds, text: "Nobody answered.".to_owned(), ..Entry::default() };
        for (kind, seconds, said) in [
            (Kind::Call, Some(0), "Nobody answered."),
            (Kind::Call, None, "Nobody answered."),
            (Kind::Call, Some(9), ""),
            (Kind::Voicemail, Some(9), ""),
            (Kind::Text, None, "Nobody answered."),
        ] {
            assert_eq!(text(&entry(kind, seconds)), said, "{kind:?} {seconds:?}");
        }
    }

    #[test]
    fn an_agent_is_told_what_to_press_and_how_it_ended() {
        let call = |state: &str, outcome: &str, code: &str| Call {
            state: state.to_owned(),
            outcome: outcome.to_owned(),
            code: code.to_owned(),
            seconds: Some(190),
            ..Call::default()
        };
        assert!(progress(&call("confirm", "", "4821")).contains("4821"));
        assert!(progress(&call("confirm", "", "")).contains("Press 1"));
        assert_eq!(progress(&call("ended", "completed", "")), "You talked for 3:10");
        assert_eq!(progress(&call("ended", "contact_busy", "")), "Their line was busy");
    }

    #[test]
    fn the_counter_names_the_sign_that_makes_a_text_dear() {
        let told = |text: &str| cost(text);
        assert_eq!(told("Hello"), Cost { count: "5 characters, 1 text".to_owned(), why: String::new() });
        assert_eq!(told(&"a".repeat(161)).count, "161 characters, 2 texts");
        assert!(told("It’s").why.contains('’') && told("😀").why.contains('😀'));
    }

    #[test]
    fn a_reply_that_is_also_mailed_is_said_to_be() {
        let sam = ["15550100100@sms.example.org".to_owned()];
        let also = [sam[0].clone(), "sam@example.org".to_owned()];
        let said = |unreachable, to: &[String]| reply("+1 555 010 0100", unreachable, "+15550100100", to);
        assert!(said(false, &sam).ends_with("as a text."));
        assert!(said(false, &also).ends_with("e-mailed to sam@example.org."));
        assert!(said(true, &also).contains("not sent"));
    }
}
