//! What a sidebar sees of a person: the timeline a page at a time, and what changes on it.

use std::cell::RefCell;

use super::StepContext;
use super::person::Person;
use super::receipts::reason;
use super::replies::{media_address, sender_of};
use super::timeline::{Entry, Kind, Message};
use crate::domain::media::{self, MediaLink};
use crate::effects::{Effect, Millis, ObjectReply};
use crate::json::{or_null, quoted};
use crate::sidebar;
use crate::sidebar::entry::{Failure, Medium as Shown};
use crate::sidebar::prerender::Sight;
use crate::storage::{Param, Row, Store, Stored};
use crate::twilio::status::Delivery;

/// Entries of one page: two screens of a sidebar.
const PAGE: usize = 30;

/// How long somebody counts as a first contact: until the next day they are new to everybody who answers.
const NEW: Millis = 86_400_000;

/// A page of the timeline, oldest first: the one before a cursor, or the last one.
pub(super) fn page(ctx: &StepContext, person: &Person, before: Option<i64>) -> Stored<ObjectReply> {
    let (entries, earlier) = entries(ctx, before)?;
    let shown: Vec<String> = entries.iter().map(|entry| ["{", &entry.members(), "}"].concat()).collect();
    let (person, shown) = (describe(ctx, person).members(), shown.join(","));
    let earlier = or_null(earlier.map(|cursor| quoted(&cursor.to_string())));
    let body = format!("{{\"person\":{{{person}}},\"entries\":[{shown}],\"earlier\":{earlier}}}");
    Ok(ObjectReply::Says { status: 200, body })
}

/// The sidebar as HTML, with the last entries.
pub(super) fn prerender(
    ctx: &StepContext,
    person: &Person,
    beside: u64,
    phone: &str,
    confirmed: bool,
) -> Stored<ObjectReply> {
    let (entries, earlier) = entries(ctx, None)?;
    let person = &describe(ctx, person);
    let sight = Sight { person, entries: &entries, more: earlier.is_some(), beside, phone, confirmed, now: ctx.now };
    Ok(ObjectReply::Says { status: 200, body: sidebar::prerender::prerender(&sight).as_str().to_owned() })
}

/// The entries of a page, oldest first, and the cursor of the page before it.
fn entries(ctx: &StepContext, before: Option<i64>) -> Stored<(Vec<sidebar::entry::Entry>, Option<i64>)> {
    let mut entries = Entry::before(ctx.store, before, PAGE + 1)?;
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let earlier = entries.last().filter(|_| more).map(|oldest| oldest.seq);
    let shown: Stored<Vec<_>> = entries.iter().rev().map(|entry| show(ctx, entry)).collect();
    Ok((shown?, earlier))
}

/// Which of our numbers the person knows: the one that they turned to, else the hotline's first.
pub(super) fn number(ctx: &StepContext, person: &Person) -> ObjectReply {
    let numbers = &ctx.hotline.numbers;
    let known = numbers.iter().find(|number| number.as_str() == person.sender).or(numbers.first());
    ObjectReply::Says { status: 200, body: known.map_or(String::new(), |number| number.as_str().to_owned()) }
}

/// The person as a sidebar shows them.
fn describe(ctx: &StepContext, person: &Person) -> sidebar::person::Person {
    sidebar::person::Person {
        number: person.party.key(),
        readable: person.party.readable(),
        channel: person.channel,
        since: person.since,
        opted_out: person.stopped.filter(|_| !person.may_be_texted_by(&sender_of(ctx, person))),
        first_contact: ctx.now - person.since < NEW,
    }
}

/// An entry as a sidebar shows it.
fn show(ctx: &StepContext, entry: &Entry) -> Stored<sidebar::entry::Entry> {
    let goes_out = !entry.inward && entry.kind == Kind::Text;
    Ok(sidebar::entry::Entry {
        id: entry.id.clone(),
        at: entry.at,
        kind: entry.kind,
        inward: entry.inward,
        channel: entry.channel,
        text: entry.text.clone(),
        state: goes_out.then_some(entry.delivery),
        failure: failure(ctx, entry)?,
        media: media_of(ctx, entry)?,
        agent: entry.agent.clone(),
        conversation: entry.conversation.as_deref().and_then(|id| id.parse().ok()),
        seconds: entry.seconds,
        transcript: entry.transcript.clone(),
    })
}

/// Why it did not arrive; nothing when it did or still may.
fn failure(ctx: &StepContext, entry: &Entry) -> Stored<Option<Failure>> {
    if entry.delivery != Delivery::Failed {
        return Ok(None);
    }
    let reason = if entry.inward {
        "Help Scout did not take it. It can be read here only.".to_owned()
    } else {
        reason(entry, &Message::of_entry(ctx.store, entry.seq)?)
    };
    Ok(Some(Failure { code: entry.code, reason }))
}

/// What came in stands with the entry; what agents attached, with the message it left in.
fn media_of(ctx: &StepContext, entry: &Entry) -> Stored<Vec<Shown>> {
    let until = ctx.now + media::IN_THE_SIDEBAR;
    let came = entry.media.iter().map(|medium| {
        let url = MediaLink::Twilio { url: medium.url.clone() }.address(ctx.config, until);
        Shown { url, mime: medium.mime.clone() }
    });
    let mut all: Vec<Shown> = came.collect();
    if !entry.inward && entry.kind == Kind::Text {
        for token in Message::media_of(ctx.store, entry.seq)? {
            let mime = token.rsplit(':').next().unwrap_or("").to_owned();
            all.extend(media_address(ctx, &token).map(|url| Shown { url, mime }));
        }
    }
    Ok(all)
}

/// A step's store, which remembers the entries that the step changed.
pub(super) struct ChangeTracker<'a> {
    store: &'a dyn Store,
    changed: RefCell<Vec<i64>>,
}

impl<'a> ChangeTracker<'a> {
    pub fn new(store: &'a dyn Store) -> Self {
        Self { store, changed: RefCell::default() }
    }

    /// Shows the sidebars what changed.
    pub fn show(&self, ctx: &StepContext, before: &Person, person: &Person, effects: &mut Vec<Effect>) -> Stored<()> {
        for seq in self.changed.take() {
            if let Some(entry) = Entry::load(self.store, seq)? {
                effects.push(Effect::Push(["{\"type\":\"entry\",", &show(ctx, &entry)?.members(), "}"].concat()));
            }
        }
        let seen = |it: &Person| (it.channel, it.stopped, it.opened.clone());
        if seen(before) != seen(person) {
            effects.push(Effect::Push(["{\"type\":\"person\",", &describe(ctx, person).members(), "}"].concat()));
        }
        Ok(())
    }
}

impl Store for ChangeTracker<'_> {
    fn execute(&self, sql: &str, params: &[Param]) -> Stored<Vec<Row>> {
        self.store.execute(sql, params)
    }

    fn transaction(&self, step: &mut dyn FnMut() -> Stored<()>) -> Stored<()> {
        self.store.transaction(step)
    }

    fn changed(&self, entry: i64) {
        let mut changed = self.changed.borrow_mut();
        if !changed.contains(&entry) {
            changed.push(entry);
        }
    }
}
