//! The server's JSON as what the widget knows.

use js_sys::Date;

use crate::json::Json;
use crate::model::{Agent, Call, Entry, Failure, Kind, Medium, Millis, Page, Person};

/// A time in RFC 3339.
fn time(text: &str) -> Millis {
    #[expect(clippy::cast_possible_truncation, reason = "not a number becomes 0, which is long ago")]
    let millis = Date::parse(text) as Millis;
    millis
}

/// The person.
pub fn person(json: &Json) -> Person {
    Person {
        number: json.get("number").text(),
        readable: json.get("readable").text(),
        channel: json.get("channel").text(),
        since: time(&json.get("since").text()),
        opted_out: json.get("opted_out").get("since").maybe_text().map(|since| time(&since)),
        first_contact: json.get("first_contact").is_true(),
    }
}

/// An entry; one without an id is not shown.
pub fn entry(json: &Json) -> Option<Entry> {
    let id = json.get("id").maybe_text()?;
    let error = json.get("error");
    let media = json.get("media").list();
    Some(Entry {
        id,
        at: time(&json.get("at").text()),
        kind: match json.get("kind").text().as_str() {
            "call" => Kind::Call,
            "missed_call" => Kind::MissedCall,
            "voicemail" => Kind::Voicemail,
            "notice" => Kind::Notice,
            _ => Kind::Text,
        },
        inward: json.get("direction").text() == "in",
        channel: json.get("channel").text(),
        text: json.get("text").text(),
        state: json.get("state").text(),
        failure: error.get("reason").maybe_text().map(|reason| Failure { code: error.get("code").integer(), reason }),
        media: media.map(|it| Medium { url: it.get("url").text(), mime: it.get("type").text() }).collect(),
        agent: json.get("agent").text(),
        conversation: json.get("conversation").integer(),
        seconds: json.get("seconds").integer(),
        transcript: json.get("transcript").text(),
    })
}

/// A page of the timeline.
pub fn page(json: &Json) -> Page {
    let entries = json.get("entries").list().filter_map(|it| entry(&it)).collect();
    Page { entries, earlier: json.get("earlier").maybe_text() }
}

/// The agent's phone.
pub fn agent(json: &Json) -> Agent {
    Agent { phone: json.get("phone").text(), confirmed: json.get("confirmed").is_true() }
}

/// A call.
pub fn call(json: &Json) -> Call {
    Call {
        id: json.get("id").text(),
        state: json.get("state").text(),
        outcome: json.get("outcome").text(),
        seconds: json.get("seconds").integer(),
        code: json.get("code").text(),
    }
}
