//! `GET /v1/events`: what happened to the people of a key's hotlines, the oldest first. Each part of the people is asked for a page,
//! and the oldest of all are shown.

use std::collections::BTreeSet;

use protocol::v1::{Event, Page};
use serde_json::Value;

use super::Asked;
use super::fields::Errors;
use super::progress::Progress;
use super::query::Query;
use crate::config::ApiScope;
use crate::domain::event_types;
use crate::domain::time::timestamp;
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::json;
use crate::messages::audience::{self, PARTS};
use crate::messages::event::{EventQuery, StoredEvent};
use crate::routing::HttpAnswer;

/// So young an event is shown a moment later: the clocks of two objects differ, and no event that comes later may stand before
/// one that was shown. Cloudflare says nothing of how far clocks differ; those of machines that ask for the time differ by
/// milliseconds, and 2 s are still prompt.
const SHOWN_AFTER: Millis = 2_000;

/// The longest id of anything.
const LONGEST_ID: usize = 64;

/// A page of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListEvents {
    mailboxes: Vec<u64>,
    after: Option<String>,
    kinds: Option<Vec<String>>,
    limit: usize,
    with_numbers: bool,
}

impl Asked<'_> {
    pub(super) fn list_events(&self) -> Result<ListEvents, HttpAnswer> {
        let query = self.query(&["hotline", "after", "types", "limit"])?;
        let mailboxes = self.hotlines_of_events(&query)?;
        let errors = Errors::default();
        let after = query.get("after").cloned();
        if after.as_deref().is_some_and(|after| !is_event_id(after)) {
            errors.add("after", "invalid", "is no id of an event");
        }
        let kinds = query.get("types").map(|types| kinds(types, &errors));
        let limit = self.limit_or(&query, &errors);
        let with_numbers = self.key.has(ApiScope::PeopleRead);
        let list = ListEvents { mailboxes, after, kinds, limit, with_numbers };
        errors.check(Some(list)).map_err(|errors| self.problems().invalid(errors))
    }

    /// The inboxes of the one that is named, or of all that the key has.
    fn hotlines_of_events(&self, query: &Query) -> Result<Vec<u64>, HttpAnswer> {
        let names = query.get("hotline").map_or(self.key.hotlines.as_slice(), std::slice::from_ref);
        names.iter().map(|name| self.hotline(name).map(|hotline| hotline.mailbox)).collect()
    }
}

fn is_event_id(id: &str) -> bool {
    id.len() <= LONGEST_ID
        && id.strip_prefix("evt_").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The types of a list with commas.
fn kinds(types: &str, errors: &Errors) -> Vec<String> {
    let kinds: Vec<String> = types.split(',').map(|kind| kind.trim().to_owned()).collect();
    for unknown in kinds.iter().filter(|kind| !event_types::is_known(kind)) {
        let detail = format!("{unknown:?} is no type of an event; there are {}", event_types::known());
        errors.add("types", "unknown_word", detail);
    }
    kinds.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

impl ListEvents {
    pub(super) fn begin(&self, now: Millis) -> Progress {
        let (after, kinds) = (self.after.clone(), self.kinds.clone());
        let query = EventQuery { after, until: now - SHOWN_AFTER, kinds, limit: self.limit + 1 };
        let of_hotline = |mailbox: &u64| {
            let mailbox = *mailbox;
            let ask = |part| (mailbox, ToObject::Audience(part, audience::Message::Events(query.clone())));
            (0..PARTS).map(ask).collect::<Vec<_>>()
        };
        let parts: Vec<_> = self.mailboxes.iter().flat_map(of_hotline).collect();
        if parts.is_empty() { self.page(Vec::new()) } else { Progress::Ask(parts) }
    }

    pub(super) fn on_replies(&self, replies: Vec<ObjectReply>) -> Progress {
        let mut all: Vec<StoredEvent> = Vec::new();
        for reply in replies {
            let ObjectReply::Events(events) = reply else { return Progress::Unavailable };
            all.extend(events);
        }
        all.sort_by(|a, b| a.id.cmp(&b.id));
        self.page(all)
    }

    fn page(&self, mut all: Vec<StoredEvent>) -> Progress {
        let is_last = all.len() <= self.limit;
        all.truncate(self.limit);
        let next = all.last().filter(|_| !is_last).map(|event| event.id.clone());
        let data = all.into_iter().map(|event| shown(event, self.with_numbers)).collect();
        Progress::Answer(HttpAnswer::json(200, json::written(&Page { data, next })))
    }
}

fn shown(event: StoredEvent, with_numbers: bool) -> Event<Value> {
    let data = event.data(with_numbers);
    Event { id: event.id, kind: event.kind, timestamp: timestamp(event.at), data }
}
