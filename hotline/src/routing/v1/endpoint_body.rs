//! Reads the bodies of requests about endpoints: all that is wrong is named at once.

use super::fields::Fields;
use crate::domain::endpoint_url::EndpointUrl;
use crate::domain::event_types;
use crate::effects::Millis;

/// The most types: more than there are.
const MOST_EVENTS: usize = 20;

/// The most hotlines: each has 64 parts that are told, and a request to the Worker may make 1,000 requests to objects
/// (Cloudflare, Workers, limits: subrequests).
const MOST_HOTLINES: usize = 15;

/// Where to, which events, of which hotlines.
pub(super) struct Wanted {
    pub url: EndpointUrl,
    pub events: Vec<String>,
    pub hotlines: Vec<String>,
}

pub(super) fn endpoint(mut fields: Fields) -> Option<Wanted> {
    let url = fields.required_text("url", 1..=1_000).and_then(|url| match EndpointUrl::parse(&url) {
        Ok(url) => Some(url),
        Err(problem) => {
            fields.error("url", "not_allowed", problem);
            None
        }
    });
    let events = required_texts(&mut fields, "events", MOST_EVENTS);
    for (at, unknown) in events.iter().flatten().enumerate().filter(|(_, kind)| !event_types::is_known(kind)) {
        let detail = format!("{unknown:?} is no type of an event; there are {}", event_types::known());
        fields.error(&format!("events.{at}"), "unknown_word", detail);
    }
    let hotlines = required_texts(&mut fields, "hotlines", MOST_HOTLINES);
    fields.finish();
    Some(Wanted { url: url?, events: events?, hotlines: hotlines? })
}

/// A list that is not empty, each text once.
fn required_texts(fields: &mut Fields, name: &str, most: usize) -> Option<Vec<String>> {
    if !fields.has(name) {
        fields.required(name);
        return None;
    }
    let mut texts = fields.texts(name, most, 1..=64)?;
    if texts.is_empty() {
        fields.error(name, "empty", "must not be empty");
        return None;
    }
    let mut seen = std::collections::BTreeSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    Some(texts)
}

/// From when on events are delivered again.
pub(super) fn replay(mut fields: Fields, now: Millis) -> Option<Millis> {
    if !fields.has("since") {
        fields.required("since");
    }
    let since = fields.instant("since");
    if since.is_some_and(|since| since > now) {
        fields.error("since", "in_the_future", "must not be in the future");
    }
    fields.finish();
    since
}
