use protocol::sidebar::{Direction, Failure, OptOut};

use super::*;

/// Somebody with a phone, known since 1970.
pub(crate) fn sam() -> Person {
    Person {
        number: "+15550100100".to_owned(),
        readable: "+1 555 010 0100".to_owned(),
        channel: TextChannel::Sms,
        since: Timestamp::UNIX_EPOCH,
        opted_out: None,
        first_contact: false,
        is_whatsapp_user: false,
    }
}

/// A text that came in, of which nothing is known but its words.
pub(crate) fn said(text: &str) -> Entry {
    Entry {
        id: "SM1".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        kind: Kind::Text,
        direction: Direction::In,
        channel: Channel::Sms,
        text: Some(text.to_owned()),
        state: None,
        error: None,
        media: Vec::new(),
        agent: String::new(),
        conversation: None,
        seconds: None,
        transcript: None,
        deleted: false,
        sent_again: false,
        removed_at: None,
        media_removed_at: None,
    }
}

/// A reply that did not arrive.
pub(crate) fn failed(code: Option<u32>) -> Entry {
    let error = Some(Failure { code, reason: "It is a landline.".to_owned() });
    Entry { direction: Direction::Out, state: Some(DeliveryState::Failed), error, ..said("Hello") }
}

fn whole(parts: Vec<Part>) -> String {
    parts.into_iter().map(|(Part::Ours(words) | Part::Name(words))| words).collect()
}

fn opted_out_by(by: OptOutSource) -> Person {
    Person { opted_out: Some(OptOut { since: Timestamp::UNIX_EPOCH, by }), ..sam() }
}

#[test]
fn whoever_cannot_be_texted_is_said_to_be_so() {
    let acme = Person { number: "alpha:ACME".to_owned(), ..sam() };
    assert_eq!(unreachable(&sam()), None);
    assert!(unreachable(&opted_out_by(OptOutSource::Person)).is_some_and(|why| why.contains("opted out")));
    assert!(unreachable(&acme).is_some_and(|why| why.contains("not a phone")));
}

#[test]
fn another_try_is_offered_where_it_may_help() {
    for (entry, expected) in [
        (failed(None), true),
        (failed(Some(30_007)), true),
        (failed(Some(30_006)), false),
        (failed(Some(21_610)), false),
        (Entry { text: Some(String::new()), ..failed(None) }, false),
        (Entry { state: Some(DeliveryState::Sent), error: None, ..failed(None) }, false),
        (Entry { state: Some(DeliveryState::Waiting), ..failed(None) }, false),
        (Entry { state: Some(DeliveryState::Unknown), ..failed(None) }, true),
        (Entry { sent_again: true, ..failed(Some(30_007)) }, false),
        (said("Hello"), false),
    ] {
        assert_eq!(is_worth_another_try(&entry), expected, "{entry:?}");
    }
}

#[test]
fn times_are_said_as_people_say_them() {
    for (past, said) in [
        (-5, Some("just now")),
        (59, Some("just now")),
        (60, Some("1 min ago")),
        (HOUR - 1, Some("59 min ago")),
        (HOUR, Some("1 h ago")),
        (DAY, Some("1 day ago")),
        (3 * DAY, Some("3 days ago")),
        (7 * DAY, None),
    ] {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        assert_eq!(ago(at(10 * DAY), at(10 * DAY - past)).as_deref(), said, "{past}");
    }
    assert_eq!([0, 42, 725, 3_725, -1].map(duration), ["0:00", "0:42", "12:05", "1:02:05", "0:00"]);
}

#[test]
fn from_the_second_day_on_the_time_of_day_is_said() {
    let said = |past| {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        when(at(10 * DAY), at(10 * DAY - past), |_| "2:05 PM".to_owned(), |_| "Jan 2, 2:05 PM".to_owned())
    };
    assert_eq!(
        [HOUR, DAY, 3 * DAY, 8 * DAY].map(said),
        ["1 h ago", "1 day ago, 2:05 PM", "3 days ago, 2:05 PM", "Jan 2, 2:05 PM"]
    );
}

#[test]
fn a_delivery_ends_once() {
    let at = |state| ending(&Entry { state: Some(state), error: None, ..failed(None) });
    for state in [DeliveryState::Waiting, DeliveryState::Queued, DeliveryState::Sending, DeliveryState::Sent] {
        assert_eq!(at(state), None, "{state:?}");
    }
    assert_eq!(at(DeliveryState::Delivered), at(DeliveryState::Read));
    assert!(ending(&failed(None)).is_some_and(|words| words.contains("landline")));
    assert_eq!(ending(&said("Hello")), None);
}

#[test]
fn names_are_pieces_of_their_own() {
    let evil = "\u{202e}eve".to_owned();
    let entry = Entry { kind: Kind::Call, agent: evil.clone(), ..said("") };
    assert_eq!(who(&entry), [Part::ours("answered by "), Part::Name(evil.clone())]);
    assert!(about(&sam(), &evil, |_| String::new()).contains(&Part::Name(evil.clone())));
    assert!(reply(&sam(), std::slice::from_ref(&evil)).contains(&Part::Name(evil)));
}

#[test]
fn a_failure_says_why_and_twilios_code() {
    assert_eq!(delivery(&failed(Some(30_006))), "Not delivered: It is a landline. (30006)");
    assert_eq!(delivery(&failed(None)), "Not delivered: It is a landline.");
    assert_eq!(delivery(&Entry { error: None, ..failed(None) }), "Not delivered");
    assert_eq!(delivery(&said("Hello")), "");
    let again = Entry { sent_again: true, ..failed(None) };
    assert_eq!(delivery(&again), "Not delivered: It is a landline. · Sent again");
}

#[test]
fn a_state_has_one_wording() {
    for state in [DeliveryState::Waiting, DeliveryState::Queued, DeliveryState::Sending] {
        let entry = Entry { state: Some(state), error: None, ..failed(None) };
        assert_eq!(delivery(&entry), "Sending", "{state:?}");
    }
    let waiting = Entry { state: Some(DeliveryState::Waiting), ..failed(None) };
    assert_eq!(delivery(&waiting), "It is a landline.", "it says all");
}

#[test]
fn a_file_is_called_by_what_people_call_it() {
    let called = |mime: &str| file(&Media { url: String::new(), mime: mime.to_owned() });
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    assert_eq!(
        ["application/pdf", word, "text/x-vcard", "application/x-abc"].map(called),
        ["File: PDF", "File: Word document", "File: contact", "File: application/x-abc"]
    );
}

#[test]
fn what_was_removed_says_after_how_many_days() {
    let days = |days: i64| Some(Timestamp::from_second(days * 86_400 + 60).unwrap());
    let text_of = |kind, removed_at, media_removed_at, words: Option<&str>| {
        text(&Entry { kind, text: words.map(str::to_owned), removed_at, media_removed_at, ..said("") })
    };
    for (kind, removed_at, media_removed_at, words, shown) in [
        (Kind::Text, days(365), None, None, "Removed after 365 days"),
        (Kind::Text, days(372), days(90), None, "Removed after 372 days"),
        (Kind::Text, None, days(90), Some("Look"), "Look"),
        (Kind::Text, None, days(90), Some(""), "Attachment removed after 90 days"),
        (Kind::Voicemail, None, days(90), Some("Voicemail"), "Recording removed after 90 days"),
        (Kind::MissedCall, None, None, Some("Missed"), ""),
    ] {
        assert_eq!(text_of(kind, removed_at, media_removed_at, words), shown);
    }
}

#[test]
fn a_deleted_text_is_not_an_empty_one() {
    let deleted = |kind| text(&Entry { kind, deleted: true, ..said("") });
    assert_eq!(deleted(Kind::Text), "Deleted in Help Scout");
    assert_eq!(deleted(Kind::Voicemail), "Deleted in Help Scout");
    assert_eq!(deleted(Kind::MissedCall), "");
    assert_eq!(text(&said("")), "(no text)");
}

#[test]
fn calls_are_told_by_who_called_whom() {
    for (kind, direction, title_of) in [
        (Kind::Call, Direction::In, "They called, 1:05"),
        (Kind::Call, Direction::Out, "Call back, 1:05"),
        (Kind::MissedCall, Direction::In, "Missed call, 1:05"),
        (Kind::Voicemail, Direction::In, "Voicemail, 1:05"),
        (Kind::Text, Direction::In, ""),
    ] {
        assert_eq!(title(&Entry { kind, direction, seconds: Some(65), ..said("") }), title_of);
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
        assert_eq!(whole(who(&entry)), named);
    }
}

#[test]
fn a_person_is_new_or_known_since_and_may_have_a_name() {
    let date: WriteDate = |_| "Jan 1, 1970".to_owned();
    let new = Person { first_contact: true, channel: TextChannel::WhatsApp, ..sam() };
    for (person, name, told) in [
        (sam(), "", "SMS · since Jan 1, 1970"),
        (sam(), "+1 555 010 0100", "SMS · since Jan 1, 1970"),
        (new, "Sam Poe", "Sam Poe · WhatsApp · first contact"),
    ] {
        assert_eq!(whole(about(&person, name, date)), told);
    }
}

#[test]
fn an_opt_out_says_who_and_when() {
    let by = |by| opted_out(&opted_out_by(by), |_| "noon".to_owned());
    assert_eq!(by(OptOutSource::Person), "They opted out of texts on noon");
    assert_eq!(by(OptOutSource::Twilio), "Opted out of texts: Twilio refused one on noon");
    assert_eq!(opted_out(&sam(), |_| "noon".to_owned()), "");
}

#[test]
fn a_reply_that_is_also_mailed_is_said_to_be() {
    let ours = ["15550100100@sms.example.org".to_owned()];
    let also = [ours[0].clone(), "sam@example.org".to_owned()];
    let stopped = opted_out_by(OptOutSource::Person);
    let reply = |person: &Person, addresses: &[String]| whole(reply(person, addresses));
    assert!(reply(&sam(), &ours).ends_with("as a text."));
    assert!(reply(&sam(), &also).ends_with("e-mailed to sam@example.org."));
    assert!(reply(&Person { channel: TextChannel::WhatsApp, ..sam() }, &ours).ends_with("by WhatsApp."));
    assert!(reply(&stopped, &also).contains("not sent"));
}
