//! What a sidebar sees of a person: the timeline a page at a time, and what changes on it.

use std::cell::RefCell;

use super::Scene;
use super::person::Person;
use super::replies::{media_address, sender_of};
use super::timeline::{Entry, Kind, Message};
use crate::effect::{Effect, Millis, Told};
use crate::helpscout::read::rfc3339;
use crate::json::quoted;
use crate::media::{self, MediaLink};
use crate::phone::Channel;
use crate::sidebar::or_null;
use crate::store::{Param, Row, Store, Stored};
use crate::twilio::errors::explain;
use crate::twilio::status::Delivery;

/// Entries of one page: two screens of a sidebar.
const PAGE: usize = 30;

/// How long somebody counts as a first contact: until the next day they are new to everybody who answers.
const NEW: Millis = 86_400_000;

/// A page of the timeline, oldest first: the one before a cursor, or the last one.
pub(super) fn page(scene: &Scene, person: &Person, before: Option<i64>) -> Stored<Told> {
    let mut entries = Entry::before(scene.store, before, PAGE + 1)?;
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let earlier = entries.last().filter(|_| more).map_or("null".to_owned(), |oldest| format!("\"{}\"", oldest.seq));
    let mut shown = Vec::new();
    for entry in entries.iter().rev() {
        shown.push(format!("{{{}}}", members(scene, entry)?));
    }
    let (person, shown) = (describe(scene, person), shown.join(","));
    let body = format!("{{\"person\":{{{person}}},\"entries\":[{shown}],\"earlier\":{earlier}}}");
    Ok(Told::Says { status: 200, body })
}

/// Which of our numbers the person knows: the one that they turned to, else the hotline's first.
pub(super) fn number(scene: &Scene, person: &Person) -> Told {
    let numbers = &scene.hotline.numbers;
    let known = numbers.iter().find(|number| number.as_str() == person.sender).or(numbers.first());
    Told::Says { status: 200, body: known.map_or(String::new(), |number| number.as_str().to_owned()) }
}

/// The members of a person's JSON.
fn describe(scene: &Scene, person: &Person) -> String {
    let stopped = person.stopped.filter(|_| !person.may_be_texted_by(&sender_of(scene, person)));
    let opted_out = stopped.map_or("null".to_owned(), |since| format!("{{\"since\":{}}}", quoted(&rfc3339(since))));
    format!(
        "\"number\":{},\"readable\":{},\"channel\":\"{}\",\"since\":{},\"opted_out\":{opted_out},\"first_contact\":{}",
        quoted(&person.party.key()),
        quoted(&person.party.readable()),
        if person.channel == Channel::WhatsApp { "whatsapp" } else { "sms" },
        quoted(&rfc3339(person.since)),
        scene.now - person.since < NEW,
    )
}

/// The members of an entry's JSON.
fn members(scene: &Scene, entry: &Entry) -> Stored<String> {
    let media = media_of(scene, entry)?;
    let channel = match (entry.kind, entry.channel) {
        (Kind::Text, Channel::WhatsApp) => "whatsapp",
        (Kind::Text, Channel::Sms) if !media.is_empty() => "mms",
        (Kind::Text, Channel::Sms) => "sms",
        _ => "voice",
    };
    let is_id = |id: &&str| id.bytes().all(|byte| byte.is_ascii_digit());
    let conversation = entry.conversation.as_deref().filter(is_id).unwrap_or("null");
    let goes_out = !entry.inward && entry.kind == Kind::Text;
    let seconds = entry.seconds.map_or("null".to_owned(), |seconds| seconds.to_string());
    Ok([
        "\"id\":",
        &quoted(&entry.id),
        ",\"at\":",
        &quoted(&rfc3339(entry.at)),
        ",\"kind\":\"",
        entry.kind.as_str(),
        "\",\"direction\":\"",
        if entry.inward { "in" } else { "out" },
        "\",\"channel\":\"",
        channel,
        "\",\"text\":",
        &quoted(&entry.text),
        ",\"state\":",
        &or_null(if goes_out { entry.delivery.as_str() } else { "" }),
        ",\"error\":",
        &error(entry),
        ",\"media\":[",
        &media.join(","),
        "],\"agent\":",
        &quoted(&entry.agent),
        ",\"conversation\":",
        conversation,
        ",\"seconds\":",
        &seconds,
        ",\"transcript\":",
        &entry.transcript.as_deref().map_or("null".to_owned(), quoted),
    ]
    .concat())
}

/// Why it did not arrive, in plain words; null when it did or still may.
fn error(entry: &Entry) -> String {
    if entry.delivery != Delivery::Failed {
        return "null".to_owned();
    }
    let (code, words) = match entry.code {
        Some(code) => (code.to_string(), explain(code).words),
        None if !entry.remark.is_empty() => ("null".to_owned(), entry.remark.as_str()),
        None if entry.inward => ("null".to_owned(), "Help Scout did not take it. It can be read here only."),
        None => ("null".to_owned(), "Twilio gave no reason."),
    };
    format!("{{\"code\":{code},\"reason\":{}}}", quoted(words))
}

/// Each medium's JSON. What came in stands with the entry; what agents attached, with the message it left in.
fn media_of(scene: &Scene, entry: &Entry) -> Stored<Vec<String>> {
    let shown = |url: &str, mime: &str| format!("{{\"url\":{},\"type\":{}}}", quoted(url), quoted(mime));
    let until = scene.now + media::IN_THE_SIDEBAR;
    let mut all = Vec::new();
    for medium in &entry.media {
        let address = MediaLink::Twilio { url: medium.url.clone() }.address(scene.config, until);
        all.push(shown(&address, &medium.mime));
    }
    if !entry.inward && entry.kind == Kind::Text {
        for token in Message::media_of(scene.store, entry.seq)? {
            let mime = token.rsplit(':').next().unwrap_or("");
            all.extend(media_address(scene, &token).map(|address| shown(&address, mime)));
        }
    }
    Ok(all)
}

/// A step's store, which remembers the entries that the step changed.
pub(super) struct Watch<'a> {
    store: &'a dyn Store,
    changed: RefCell<Vec<i64>>,
}

impl<'a> Watch<'a> {
    pub fn new(store: &'a dyn Store) -> Self {
        Self { store, changed: RefCell::default() }
    }

    /// Shows the sidebars what changed.
    pub fn show(&self, scene: &Scene, before: &Person, person: &Person, effects: &mut Vec<Effect>) -> Stored<()> {
        for seq in self.changed.take() {
            if let Some(entry) = Entry::load(self.store, seq)? {
                effects.push(Effect::Push(["{\"type\":\"entry\",", &members(scene, &entry)?, "}"].concat()));
            }
        }
        let seen = |it: &Person| (it.channel, it.stopped, it.opened.clone());
        if seen(before) != seen(person) {
            effects.push(Effect::Push(["{\"type\":\"person\",", &describe(scene, person), "}"].concat()));
        }
        Ok(())
    }
}

impl Store for Watch<'_> {
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
