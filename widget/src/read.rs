//! The server's JSON as what the widget knows.

use hotline::domain::phone::Channel;
use hotline::effects::Millis;
use hotline::sidebar::entry::{Entry, Failure, Kind, Medium};
use hotline::sidebar::person::{OptOut, Person, Teller};
use hotline::twilio::status::Delivery;
use js_sys::Date;

use crate::entries::Page;
use crate::json::Json;
use crate::model::{Agent, Call};

/// A time in RFC 3339.
fn time(text: &str) -> Millis {
    #[expect(clippy::cast_possible_truncation, reason = "not a number becomes 0, which is long ago")]
    let millis = Date::parse(text) as Millis;
    millis
}

/// The person.
pub fn person(json: &Json) -> Person {
    let opted_out = json.get("opted_out");
    Person {
        number: json.get("number").text(),
        readable: json.get("readable").text(),
        channel: Channel::read(&json.get("channel").text()),
        since: time(&json.get("since").text()),
        opted_out: opted_out
            .get("since")
            .maybe_text()
            .map(|since| OptOut { since: time(&since), by: Teller::read(&opted_out.get("by").text()) }),
        first_contact: json.get("first_contact").is_true(),
    }
}

/// An entry; one without an id is not shown.
pub fn entry(json: &Json) -> Option<Entry> {
    let id = json.get("id").maybe_text()?;
    let error = json.get("error");
    let code = error.get("code").integer().and_then(|code| u32::try_from(code).ok());
    let media = json.get("media").list();
    Some(Entry {
        id,
        at: time(&json.get("at").text()),
        kind: Kind::read(&json.get("kind").text()),
        inward: json.get("direction").text() == "in",
        channel: Channel::read(&json.get("channel").text()),
        text: json.get("text").text(),
        state: json.get("state").maybe_text().map(|state| Delivery::from_row(&state)),
        failure: error.get("reason").maybe_text().map(|reason| Failure { code, reason }),
        media: media.map(|it| Medium { url: it.get("url").text(), mime: it.get("type").text() }).collect(),
        agent: json.get("agent").text(),
        conversation: json.get("conversation").integer().and_then(|id| u64::try_from(id).ok()),
        seconds: json.get("seconds").integer(),
        transcript: json.get("transcript").maybe_text(),
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
