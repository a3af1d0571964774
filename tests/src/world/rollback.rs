//! The release that follows this one is taken back in the middle of a history, and comes again.
//!
//! It has added what it may (CONTRIBUTING.md): a column to every table, a field to every JSON value, a version to the
//! tables. It knows jobs and words that this release does not: some of this one's under another name, so that they mean
//! something again when the later release is back.

use serde_json::{Value, json};

use super::World;
use super::dice::Dice;
use super::object::Name;
use crate::store::SqliteStore;

/// The columns that hold JSON: table, key, column.
const JSON: [[&str; 3]; 5] = [
    ["queue", "id", "work"],
    ["queue", "id", "state"],
    ["entries", "seq", "media"],
    ["person", "id", "first_threads"],
    ["rate_limiter", "id", "state"],
];

/// The columns that hold words of which the later release may know more.
const WORDS: [[&str; 3]; 4] = [
    ["entries", "seq", "kind"],
    ["entries", "seq", "channel"],
    ["entries", "seq", "delivery"],
    ["messages", "id", "delivery"],
];

/// How the later release begins the words that are its own.
const LATER: &str = "later_";

impl World {
    /// The later release is taken back: its storage is this release's now, and everything starts anew. `unknown` says how
    /// many jobs are known to that release alone, in thousandths; of the words a tenth as many are.
    pub fn roll_back(&mut self, unknown: u64) {
        self.note(|| "the later release is taken back".to_owned());
        // What it has not opened it has not changed.
        for (name, object) in self.objects.iter().filter(|(_, object)| object.started) {
            let (store, dice) = (&object.store, &mut self.release_dice);
            add_columns(store);
            add_fields(store);
            if matches!(
                name,
                Name::RateLimiter(_)
                    | Name::ApiKey(_)
                    | Name::Audience(..)
                    | Name::VerificationLimit(_)
                    | Name::Endpoint(_)
                    | Name::Participant(..)
                    | Name::Monitor
            ) {
                continue;
            }
            rename_jobs(store, dice, unknown);
            let jobs = unknown_jobs(store);
            if let Name::Contact(..) = name {
                rename_words(store, dice, unknown / 10);
                let waiting = jobs.iter().filter_map(|job| said(store, job)).chain(unreadable(store));
                self.ledger.delayed.extend(waiting.map(|words| (name.clone(), words)));
                let makes = |job: &&String| job.contains("\"target\":\"conversation\"");
                self.ledger.delayed_conversations += jobs.iter().filter(makes).count();
            }
            self.ledger.unknown_jobs.insert(name.clone(), jobs);
        }
        self.ledger.crashed = true;
        self.crash_all();
    }

    /// The later release comes again, and knows its jobs and its words.
    pub fn upgrade(&mut self) {
        self.note(|| "the later release comes again".to_owned());
        for (name, jobs) in std::mem::take(&mut self.ledger.unknown_jobs) {
            let Some(store) = self.objects.get(&name).map(|object| &object.store) else { continue };
            if unknown_jobs(store) != jobs {
                self.ledger.lost_jobs.push(name.to_string());
            }
            let known = |text: &str| text.contains(LATER).then(|| text.replace(LATER, ""));
            let columns = JSON.iter().chain(&WORDS).filter(|[table, ..]| is_there(store, table));
            columns.for_each(|column| store.rewrite(*column, known));
        }
        self.crash_all();
    }
}

fn is_there(store: &SqliteStore, table: &str) -> bool {
    !store.texts(&format!("SELECT name FROM sqlite_schema WHERE type = 'table' AND name = '{table}'")).is_empty()
}

fn add_columns(store: &SqliteStore) {
    for table in store.texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'schema_version'") {
        store.alter(&format!("ALTER TABLE {table} ADD COLUMN later TEXT NOT NULL DEFAULT 'later'"));
    }
    store.alter("UPDATE schema_version SET version = version + 1");
}

fn add_fields(store: &SqliteStore) {
    for column in JSON.into_iter().filter(|[table, ..]| is_there(store, table)) {
        store.rewrite(column, |text| {
            let mut value = serde_json::from_str(text).ok()?;
            add_field(&mut value);
            Some(value.to_string())
        });
    }
}

/// A field more in every struct. What has one member alone may be a variant with what it holds.
fn add_field(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(add_field),
        Value::Object(members) => {
            members.values_mut().for_each(add_field);
            if members.len() > 1 || members.contains_key("kind") {
                members.insert("later".to_owned(), json!({"any": [1]}));
            }
        }
        _ => {}
    }
}

/// Some jobs have a kind, or a state, that this release does not know.
fn rename_jobs(store: &SqliteStore, dice: &mut Dice, unknown: u64) {
    for (column, before) in [("work", "\"kind\":\""), ("state", "{\"")] {
        let renamed = |text: &str| text.replacen(before, &format!("{before}{LATER}"), 1);
        store.rewrite(["queue", "id", column], |text| dice.happens(unknown).then(|| renamed(text)));
    }
}

fn rename_words(store: &SqliteStore, dice: &mut Dice, unknown: u64) {
    for column in WORDS {
        store.rewrite(column, |text| dice.happens(unknown).then(|| format!("{LATER}{text}")));
    }
}

/// The jobs of the later release, as they are stored.
fn unknown_jobs(store: &SqliteStore) -> Vec<String> {
    let job = "work || COALESCE(' ' || state, '')";
    store.texts(&format!("SELECT {job} FROM queue WHERE instr({job}, '{LATER}') ORDER BY 1"))
}

/// What such a job of a person's is about to say, in Help Scout or to the phone.
fn said(store: &SqliteStore, job: &str) -> Option<String> {
    let work = serde_json::Deserializer::from_str(job).into_iter::<Value>().next()?.ok()?;
    let sql = match (&work["entry"], &work["message"]) {
        (Value::Number(entry), _) => format!("SELECT text FROM entries WHERE seq = {entry}"),
        (_, Value::String(message)) => format!("SELECT body FROM messages WHERE id = '{message}'"),
        _ => return None,
    };
    store.texts(&sql).pop()
}

/// What entries and messages say in which this release does not know a word.
fn unreadable(store: &SqliteStore) -> Vec<String> {
    store.texts(&format!(
        "SELECT text FROM entries WHERE instr(kind || channel || delivery, '{LATER}') \
         UNION ALL SELECT body FROM messages WHERE instr(delivery, '{LATER}')"
    ))
}
