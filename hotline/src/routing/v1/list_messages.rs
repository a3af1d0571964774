//! `GET /v1/messages`: those of a hotline, the newest first. Each part of its people is asked for a page, and the newest of all
//! are shown.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::v1::{MessageStatus, Page};

use super::Asked;
use super::progress::Progress;
use super::query::Query;
use crate::config::Config;
use crate::domain::phone::{E164, Party};
use crate::effects::{ObjectReply, ToObject};
use crate::json;
use crate::messages::audience::{self, Filter, Indexed, PARTS, Place, part_of};
use crate::routing::HttpAnswer;

/// A page of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListMessages {
    mailbox: u64,
    filter: Filter,
    before: Option<Place>,
    limit: usize,
}

impl Asked<'_> {
    pub(super) fn list_messages(&self) -> Result<ListMessages, HttpAnswer> {
        let query = self.query(&["hotline", "to", "reference", "tag", "status", "since", "after", "limit"])?;
        let mailbox = self.hotline_of_query()?.mailbox;
        let limit = self.limit(&query)?;
        let before = query.get("after").map(|cursor| place(cursor));
        if before == Some(None) {
            return Err(self.invalid_field("after", "invalid", "is no cursor of this list"));
        }
        Ok(ListMessages { mailbox, filter: self.filter(&query)?, before: before.flatten(), limit })
    }

    fn filter(&self, query: &Query) -> Result<Filter, HttpAnswer> {
        let number = |to: &String| {
            let wanted = "must be a number in E.164, with its + as %2B: %2B15550100123";
            // A plus that is not escaped means a blank in a query.
            let to = to.strip_prefix(' ').map_or_else(|| to.clone(), |digits| ["+", digits].concat());
            let number = E164::parse(&to).ok_or_else(|| self.invalid_field("to", "number_invalid", wanted));
            number.map(|number| Party::Phone(number.canonical()).key())
        };
        let status = |word: &String| {
            let status: Option<MessageStatus> = serde_json::from_value(word.as_str().into()).ok();
            status.ok_or_else(|| self.invalid_field("status", "unknown_word", "is no status of a message"))
        };
        let since = |text: &String| {
            let instant = text.parse().ok().map(jiff::Timestamp::as_millisecond);
            let wanted = "must be an instant of RFC 3339 with its zone, such as 2026-11-03T13:00:00Z";
            instant.ok_or_else(|| self.invalid_field("since", "not_an_instant", wanted))
        };
        Ok(Filter {
            person: query.get("to").map(number).transpose()?,
            reference: query.get("reference").cloned(),
            tag: query.get("tag").cloned(),
            status: query.get("status").map(status).transpose()?,
            since: query.get("since").map(since).transpose()?,
        })
    }
}

impl ListMessages {
    pub(super) fn begin(&self) -> Progress {
        let parts = match &self.filter.person {
            Some(person) => vec![part_of(person)],
            None => (0..PARTS).collect(),
        };
        let list = |part| {
            let (filter, before) = (self.filter.clone(), self.before.clone());
            let list = audience::Message::List { filter, before, limit: self.limit + 1 };
            (self.mailbox, ToObject::Audience(part, list))
        };
        Progress::Ask(parts.into_iter().map(list).collect())
    }

    pub(super) fn on_replies(&self, _: &Config, replies: Vec<ObjectReply>) -> Progress {
        let mut all: Vec<Indexed> = Vec::new();
        for reply in replies {
            let ObjectReply::Indexed(messages) = reply else { return Progress::Unavailable };
            all.extend(messages);
        }
        all.sort_by_key(|message| std::cmp::Reverse(message.place()));
        let is_last = all.len() <= self.limit;
        all.truncate(self.limit);
        let next = all.last().filter(|_| !is_last).map(|message| cursor(&message.place()));
        let page = Page { data: all.into_iter().map(|message| message.item).collect(), next };
        Progress::Answer(HttpAnswer::json(200, json::written(&page)))
    }
}

fn cursor(place: &Place) -> String {
    URL_SAFE_NO_PAD.encode(format!("{} {}", place.at, place.id))
}

fn place(cursor: &str) -> Option<Place> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at, id) = text.split_once(' ')?;
    Some(Place { at: at.parse().ok()?, id: id.to_owned() })
}
