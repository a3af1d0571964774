//! `GET /v1/people/{number}/export`: all that the hotlines of a key keep of a person. Their objects are asked page by page, and those
//! of their other keys too.

use std::collections::{BTreeSet, VecDeque};

use protocol::v1::{HotlineExport, PersonExport};

use super::Asked;
use super::people::number_of_path;
use super::progress::Progress;
use crate::domain::phone::Party;
use crate::domain::time::timestamp;
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::json;
use crate::messages::contact;
use crate::messages::export::ExportPage;
use crate::messages::program::PersonRequest;
use crate::routing::HttpAnswer;

/// The version of the shape.
const FORMAT: u32 = 1;

/// Pages of one person that are read at most: some ten thousand entries, which is what a Worker holds in memory with ease.
const MOST_PAGES: usize = 100;

/// An export that is being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExportPerson {
    number: String,
    /// Whose pages are still to be read: inbox, key, and where the page begins.
    left: VecDeque<(u64, String, Option<i64>)>,
    asked: BTreeSet<(u64, String)>,
    pages: usize,
    found: Vec<(u64, HotlineExport)>,
    opt_out_hashes: u32,
}

impl Asked<'_> {
    pub(super) fn export_person(&self, number: &str) -> Result<ExportPerson, HttpAnswer> {
        let query = self.query(&["hotline"])?;
        let names = query.get("hotline").map_or(self.key.hotlines.as_slice(), std::slice::from_ref);
        let mailboxes: Result<Vec<u64>, _> =
            names.iter().map(|name| self.hotline(name).map(|hotline| hotline.mailbox)).collect();
        let number = number_of_path(self, number)?;
        let key = Party::Phone(number.clone().canonical()).key();
        let left = mailboxes?.into_iter().map(|mailbox| (mailbox, key.clone(), None)).collect();
        let number = number.as_str().to_owned();
        Ok(ExportPerson { number, left, asked: BTreeSet::new(), pages: 0, found: Vec::new(), opt_out_hashes: 0 })
    }
}

impl ExportPerson {
    /// Asks for the next page, or answers.
    pub(super) fn begin(&mut self, now: Millis) -> Progress {
        let Some((mailbox, key, after)) = self.left.front() else { return self.answer(now) };
        self.asked.insert((*mailbox, key.clone()));
        let request = contact::Message::Person(Box::new(PersonRequest::Export { after: *after }));
        Progress::Ask(vec![(*mailbox, ToObject::Contact(key.clone(), request))])
    }

    pub(super) fn on_reply(&mut self, now: Millis, replies: Vec<ObjectReply>) -> Progress {
        let Some((mailbox, key, _)) = self.left.pop_front() else { return Progress::Unavailable };
        match replies.into_iter().next() {
            Some(ObjectReply::Export(page)) => self.take(mailbox, key, *page),
            Some(ObjectReply::OnlyOptOut) => self.opt_out_hashes += 1,
            Some(ObjectReply::NotFound) => {}
            _ => return Progress::Unavailable,
        }
        self.pages += 1;
        if self.pages > MOST_PAGES { Progress::Unavailable } else { self.begin(now) }
    }

    fn take(&mut self, mailbox: u64, key: String, page: ExportPage) {
        let ExportPage { export, next, other_keys } = page;
        match self.found.iter_mut().find(|(of, _)| *of == mailbox) {
            Some((_, known)) => add(known, export),
            None => self.found.push((mailbox, export)),
        }
        for other in other_keys {
            if !self.asked.contains(&(mailbox, other.clone())) {
                self.left.push_front((mailbox, other, None));
            }
        }
        if next.is_some() {
            self.left.push_front((mailbox, key, next));
        }
    }

    fn answer(&mut self, now: Millis) -> Progress {
        let mut hotlines: Vec<HotlineExport> = std::mem::take(&mut self.found).into_iter().map(|(_, it)| it).collect();
        for hotline in &mut hotlines {
            hotline.entries.sort_by_key(|entry| entry.entry.at);
        }
        let export = PersonExport {
            format: FORMAT,
            number: self.number.clone(),
            exported_at: timestamp(now),
            hotlines,
            opt_out_hashes: self.opt_out_hashes,
        };
        Progress::Answer(HttpAnswer::json(200, json::written(&export)))
    }
}

/// A further page, or what the object of another key has.
fn add(known: &mut HotlineExport, more: HotlineExport) {
    known.entries.extend(more.entries);
    known.waiting.extend(more.waiting);
    known.verifications.extend(more.verifications);
    known.fields.extend(more.fields);
    known.consent.extend(more.consent);
    known.helpscout.conversations.extend(more.helpscout.conversations);
    known.helpscout.customer = known.helpscout.customer.or(more.helpscout.customer);
}
