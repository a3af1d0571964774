//! What a sidebar sees of a person: the timeline a page at a time, and what changes on it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use protocol::sidebar::{Direction, Failure, Frame, Media, OptOut, OptOutSource, TextChannel, TimelinePage};

use super::StepContext;
use super::event_data::message_updated;
use super::operator::DROPPED;
use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::receipts::{reason, waits_for};
use super::reply_files::address_for_agents;
use super::sender::sender_of;
use super::timeline::{Entry, Kind};
use crate::domain::phone::{Channel, E164};
use crate::effects::{Effect, Millis, ObjectReply};
use crate::media::{self, MediaLink};
use crate::sidebar::person::Teller;
use crate::sidebar::prerender::Sight;
use crate::sidebar::{self, json, timestamp};
use crate::storage::{Param, Row, Store, StoreError, Stored};
use crate::twilio::status::Delivery;

/// Entries of one page: two screens of a sidebar.
const PAGE: usize = 30;

/// How long somebody counts as a first contact: until the next day they are new to everybody who answers.
const NEW: Millis = 86_400_000;

/// A page of the timeline, oldest first: the one before a cursor, or the last one.
pub(super) fn page(ctx: &StepContext, person: &Person, before: Option<i64>) -> Stored<ObjectReply> {
    let (entries, earlier) = entries(ctx, before)?;
    let earlier = earlier.map(|cursor| cursor.to_string());
    let now = Some(timestamp(ctx.now));
    let page = TimelinePage { person: describe(ctx, person), entries, earlier, now };
    Ok(ObjectReply::Timeline(Box::new(page)))
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
    let (person, agent) = (&describe(ctx, person), &sidebar::agent(phone, confirmed));
    let now = timestamp(ctx.now);
    let sight = Sight { person, entries: &entries, more: earlier.is_some(), beside, agent, now };
    Ok(ObjectReply::Html(sidebar::prerender::prerender(&sight).as_str().to_owned()))
}

/// The entries of a page, oldest first, and the cursor of the page before it.
fn entries(ctx: &StepContext, before: Option<i64>) -> Stored<(Vec<protocol::sidebar::Entry>, Option<i64>)> {
    let mut entries = Entry::before(ctx.store, before, PAGE + 1)?;
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let earlier = entries.last().filter(|_| more).map(|oldest| oldest.seq);
    let shown: Stored<Vec<_>> = entries.iter().rev().map(|entry| show(ctx, entry)).collect();
    Ok((shown?, earlier))
}

/// Which of our numbers the person knows: the one that they turned to, else the hotline's first. And theirs.
pub(super) fn number(ctx: &StepContext, person: &Person) -> ObjectReply {
    let numbers = &ctx.hotline.numbers;
    let known = numbers.iter().find(|number| number.as_str() == person.sender).or(numbers.first());
    ObjectReply::Numbers {
        ours: known.map_or(String::new(), |number| number.as_str().to_owned()),
        theirs: person.number_to_dial().map(String::from),
    }
}

/// The person as a sidebar shows them.
fn describe(ctx: &StepContext, person: &Person) -> protocol::sidebar::Person {
    let opted_out = person.opted_out.filter(|_| !person.may_be_texted_by(&sender_of(ctx, person)));
    let number = person.number();
    protocol::sidebar::Person {
        is_whatsapp_user: number.is_none() && person.party.can_be_texted(),
        readable: number.as_ref().map_or_else(|| person.party.readable(), E164::readable),
        number: number.map_or_else(|| person.party.key(), String::from),
        channel: match person.channel {
            Channel::Sms => TextChannel::Sms,
            Channel::WhatsApp => TextChannel::WhatsApp,
        },
        since: timestamp(person.since),
        opted_out: opted_out.map(|it| OptOut {
            since: timestamp(it.since),
            by: match it.by {
                Teller::Person => OptOutSource::Person,
                Teller::Twilio => OptOutSource::Twilio,
            },
        }),
        first_contact: ctx.now - person.since < NEW,
    }
}

/// An entry as a sidebar shows it.
pub(super) fn show(ctx: &StepContext, entry: &Entry) -> Stored<protocol::sidebar::Entry> {
    let goes_out = !entry.inward && entry.kind == Kind::Text;
    let media = media_of(ctx, entry)?;
    Ok(protocol::sidebar::Entry {
        id: entry.id.clone(),
        at: timestamp(entry.at),
        kind: entry.kind.into(),
        direction: if entry.inward { Direction::In } else { Direction::Out },
        channel: channel(entry, &media),
        text: entry.text_removed_at.is_none().then(|| entry.text.clone()),
        removed_at: entry.text_removed_at.map(timestamp),
        media_removed_at: entry.media_removed_at.map(timestamp),
        // How far a text came whose words are gone says nothing any more, unless it did not come.
        state: (goes_out && (!entry.forgotten || entry.delivery == Delivery::Failed)).then(|| entry.delivery.into()),
        error: failure(ctx, entry)?,
        media,
        agent: entry.agent.clone(),
        conversation: entry.conversation.as_deref().and_then(|id| id.parse().ok()),
        seconds: entry.seconds,
        transcript: entry.transcript.clone(),
        deleted: entry.forgotten,
        sent_again: entry.sent_again,
    })
}

/// How an entry travelled.
fn channel(entry: &Entry, media: &[Media]) -> protocol::sidebar::Channel {
    use protocol::sidebar::Channel::{Mms, Sms, Voice, WhatsApp};
    match (entry.kind, entry.channel) {
        (Kind::Text, Channel::WhatsApp) => WhatsApp,
        (Kind::Text, Channel::Sms) if media.is_empty() => Sms,
        (Kind::Text, Channel::Sms) => Mms,
        _ => Voice,
    }
}

/// Why it did not arrive, or still waits, or why nobody knows; nothing when it arrived or is on its way.
fn failure(ctx: &StepContext, entry: &Entry) -> Stored<Option<Failure>> {
    let messages = || OutgoingText::of_entry(ctx.store, entry.seq);
    let reason = match (entry.delivery, entry.inward) {
        (Delivery::Failed, _) if entry.remark == DROPPED => Some(DROPPED.to_owned()),
        (Delivery::Failed, true) => Some("Help Scout did not take it. It can be read here only.".to_owned()),
        (Delivery::Failed, false) => Some(reason(entry, &messages()?)),
        (Delivery::Unknown, _) => Some(entry.remark.clone()),
        (Delivery::Waiting, false) => {
            waits_for(ctx, entry, &messages()?)?.map(|reason| format!("Waiting to be sent. {reason}"))
        }
        _ => None,
    };
    Ok(reason.map(|reason| Failure { code: entry.code, reason }))
}

/// What came in stands with the entry; what agents attached, with the message it left in.
fn media_of(ctx: &StepContext, entry: &Entry) -> Stored<Vec<Media>> {
    let until = ctx.now + media::IN_THE_SIDEBAR;
    let came = entry.media.iter().map(|medium| {
        let url = MediaLink::Twilio { url: medium.url.clone() }.address(ctx.config, until);
        Media { url, mime: medium.mime.clone() }
    });
    let mut all: Vec<Media> = came.collect();
    if !entry.inward && entry.kind == Kind::Text {
        for token in OutgoingText::media_of(ctx.store, entry.seq)? {
            all.extend(address_for_agents(ctx, &token).map(|(url, mime)| Media { url, mime }));
        }
    }
    Ok(all)
}

/// A step's store, which remembers the entries that the step changed.
pub(super) struct ChangeTracker<'a> {
    store: &'a dyn Store,
    changed: RefCell<Vec<i64>>,
    /// Programs' messages that came further.
    updated: RefCell<BTreeSet<i64>>,
}

impl<'a> ChangeTracker<'a> {
    pub fn new(store: &'a dyn Store) -> Self {
        Self { store, changed: RefCell::default(), updated: RefCell::default() }
    }

    /// Records how far programs' messages came in this step. Returns whether any did.
    pub fn record_updates(&self, ctx: &StepContext, person: &Person) -> Stored<bool> {
        let updated = self.updated.take();
        for number in &updated {
            message_updated(ctx, person, *number)?;
        }
        Ok(!updated.is_empty())
    }

    /// Shows the sidebars what changed. What this release cannot read it cannot show, and the step is good all the same.
    pub fn show(&self, ctx: &StepContext, before: &Person, person: &Person, effects: &mut Vec<Effect>) -> Stored<()> {
        if !ctx.watched {
            return Ok(());
        }
        for seq in self.changed.take() {
            let entry = Entry::load_for_display(self.store, seq);
            match entry.and_then(|entry| entry.map(|entry| show(ctx, &entry)).transpose()) {
                Ok(shown) => effects.extend(shown.map(|entry| Effect::Push(json(&Frame::Entry(entry))))),
                Err(StoreError::Undecodable { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let seen = |it: &Person| (it.channel, it.opted_out, it.opted_in_senders.clone());
        if seen(before) != seen(person) {
            effects.push(Effect::Push(json(&Frame::Person(describe(ctx, person)))));
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

    fn updated(&self, message: i64) {
        self.updated.borrow_mut().insert(message);
    }
}
