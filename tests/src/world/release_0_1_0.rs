//! Storage in the middle of a history is written back as release 0.1.0 would have left it, and this release takes it up.
//!
//! The tables are those of `fixtures/storage/0.1.0`. What that release had no place for is left out where it is only
//! advice or can be asked again; an object that holds more than that stays as it is, as one that was upgraded before.

use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use hotline::effects::Millis;
use serde_json::Value;

use super::World;
use super::object::Name;
use crate::store::SqliteStore;
use crate::workspace;

/// What shows that an object holds what 0.1.0 had no place for: the kind of object, a table, and what stands in it.
const NEWER: [(&str, &str, &str); 18] = [
    ("contact", "program_messages", "1"),
    ("contact", "erasures", "1"),
    ("contact", "verifications", "1"),
    ("contact", "erased_first_times", "1"),
    (
        "contact",
        "entries",
        "id LIKE 'hs:%/%' OR published = 0 OR forgotten OR sent_again OR receipt_in IS NOT NULL OR posted_as IS NOT NULL",
    ),
    ("contact", "person", "started IS NOT NULL"),
    ("contact", "conversations", "role IN ('lost', 'guest')"),
    ("contact", "set_aside", "1"),
    ("contact", "handed_over", "1"),
    ("contact", "missing", "1"),
    // Calls that still count as repeated ones.
    ("contact", "calls", "at > NOW - 1200000"),
    ("contact", "call_rejections", "1"),
    ("desk", "guests", "1"),
    ("desk", "agents", "gone_at > 0"),
    ("call", "call", "caller_id_failed"),
    ("call", "call", "forgotten"),
    ("call", "legs", "(SELECT COUNT(*) FROM leg_calls WHERE leg_calls.leg = legs.leg) > 1"),
    ("call", "leg_calls", "(ended <> '') <> (SELECT state = 'ended' FROM legs WHERE legs.leg = leg_calls.leg)"),
];

/// Tables to which a later release has added a column ([`super::rollback`]).
const LATER_TABLES: &str = "SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE c.name = 'later'";

/// The tables of each kind of object.
static TABLES: LazyLock<BTreeMap<String, BTreeMap<String, String>>> = LazyLock::new(|| {
    let mut kinds: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let folder = fs::read_dir(workspace().join("tests/fixtures/storage/0.1.0")).unwrap();
    for file in folder {
        let fixture: Value = serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
        for (object, statements) in fixture["objects"].as_object().unwrap() {
            let kind = object.split(' ').next().unwrap_or_default();
            for create in statements.as_str().unwrap().split(";\n") {
                let Some(rest) = create.strip_prefix("CREATE TABLE ") else { continue };
                let table = rest.split([' ', '(']).next().unwrap_or_default();
                kinds.entry(kind.to_owned()).or_default().insert(table.to_owned(), create.to_owned());
            }
        }
    }
    kinds
});

impl World {
    /// Release 0.1.0 was at work until now. Returns how many objects it could have left.
    pub fn upgrade_from_0_1_0(&mut self) -> usize {
        let mut written_back = 0;
        // No release follows one that came after it.
        let is_of_later = |name: &Name, store: &SqliteStore| {
            matches!(
                name,
                Name::ApiKey(_)
                    | Name::Audience(..)
                    | Name::VerificationLimit(_)
                    | Name::Endpoint(_)
                    | Name::Participant(..)
                    | Name::Monitor
            ) || !store.texts(LATER_TABLES).is_empty()
        };
        for (name, object) in self.objects.iter().filter(|(name, object)| !is_of_later(name, &object.store)) {
            let jobs = jobs(name, &object.store);
            // That release did not see that a reply was taken back and published again.
            let is_corrected = self.corrects_replies || self.undoes_late;
            let is_newer =
                is_corrected && has_replies(name, &object.store) || holds_more(name, &object.store, self.now);
            if let Some(jobs) = jobs.filter(|_| !is_newer) {
                write_back(name, &object.store, &jobs, self.now);
                written_back += 1;
            }
        }
        self.note(|| format!("{written_back} objects are upgraded from 0.1.0"));
        self.ledger.crashed = true;
        self.crash_all();
        written_back
    }
}

fn has_replies(name: &Name, store: &SqliteStore) -> bool {
    let replies = "SELECT id FROM entries WHERE id LIKE 'hs:%'";
    matches!(name, Name::Contact(..)) && !store.texts(replies).is_empty()
}

fn columns(store: &SqliteStore, table: &str) -> Vec<String> {
    store.texts(&format!("SELECT name FROM pragma_table_info('{table}')"))
}

fn holds_more(name: &Name, store: &SqliteStore, now: Millis) -> bool {
    NEWER.iter().filter(|(kind, ..)| *kind == kind_of(name)).any(|(_, table, what)| {
        let what = what.replace("NOW", &now.to_string());
        !store.texts(&format!("SELECT 'more' FROM {table} WHERE {what}")).is_empty()
    })
}

/// In the words of that release.
fn kind_of(name: &Name) -> &'static str {
    match name {
        Name::Contact(..) => "contact",
        Name::Call(..) => "call",
        Name::Directory(_) => "desk",
        Name::RateLimiter(_)
        | Name::ApiKey(_)
        | Name::Audience(..)
        | Name::VerificationLimit(_)
        | Name::Endpoint(_)
        | Name::Participant(..)
        | Name::Monitor => "gate",
    }
}

fn write_back(name: &Name, store: &SqliteStore, jobs: &[String], now: Millis) {
    let kind = kind_of(name);
    let more = match name {
        Name::RateLimiter(_)
        | Name::ApiKey(_)
        | Name::Audience(..)
        | Name::VerificationLimit(_)
        | Name::Endpoint(_)
        | Name::Participant(..)
        | Name::Monitor => gate(store, now).into_iter().collect(),
        Name::Call(..) => legs(store),
        Name::Contact(..) => vec![ledger(store)],
        Name::Directory(_) => Vec::new(),
    };
    for (table, create) in &TABLES[kind] {
        store.alter(&format!("DROP TABLE IF EXISTS former; ALTER TABLE {table} RENAME TO former; {create};"));
        let (before, after) = (columns(store, "former"), columns(store, table));
        let shared: Vec<String> =
            after.into_iter().filter(|column| before.contains(column)).map(|it| format!("\"{it}\"")).collect();
        let shared = shared.join(", ");
        store.alter(&format!("INSERT INTO {table} ({shared}) SELECT {shared} FROM former; DROP TABLE former;"));
    }
    for table in store.texts("SELECT name FROM sqlite_schema WHERE type = 'table'") {
        if !TABLES[kind].contains_key(&table) {
            store.alter(&format!("DROP TABLE {table}"));
        }
    }
    for statement in jobs.iter().chain(&more) {
        store.alter(statement);
    }
    if kind == "contact" {
        store.rewrite(["entries", "seq", "media"], positional_media);
    }
}

/// Threads that came with their conversation stood among the ids of the others.
fn ledger(store: &SqliteStore) -> String {
    let words = store.texts(
        "SELECT printf('first:%s%d:%s', COALESCE(value ->> 'conversation' || ':', ''), value ->> 'entry', value ->> 'said') \
         FROM person, json_each(first_threads)",
    );
    format!("UPDATE person SET ledger = trim('{} ' || ledger)", words.join(" "))
}

/// A phone had one call.
fn legs(store: &SqliteStore) -> Vec<String> {
    store.texts(
        "SELECT printf('UPDATE legs SET sid = %Q, tries = %d, state = %Q WHERE leg = %d', leg_calls.sid, leg_calls.tries, \
         CASE WHEN state = 'ended' THEN state WHEN asked THEN 'asked' ELSE 'rings' END, legs.leg) \
         FROM legs JOIN leg_calls ON leg_calls.leg = legs.leg",
    )
}

/// What a rate limiter knew: permits of late, its limit, how long all wait, and the token.
fn gate(store: &SqliteStore, now: Millis) -> Option<String> {
    let state = store.texts("SELECT state FROM rate_limiter").pop()?;
    let state: Value = serde_json::from_str(&state).unwrap();
    let (minute, pace, phone) = (&state["budget"]["Minute"], &state["budget"]["Pace"], &state["phone"]);
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let mut grants = Vec::new();
    for used in minute["used"].as_array().into_iter().flatten() {
        grants.push(format!("{}:{}:0", used[0], used[1]));
    }
    let busy = number(&pace["free_at"]) - now;
    if busy > 0 {
        grants.push(format!("{now}:{}:0", (busy * number(&pace["per_second"]).max(1) + 999) / 1_000));
    }
    if number(&phone["until"]) > now {
        let holder = fnv1a(phone["holder"].as_str().unwrap_or_default());
        grants.push(format!("{}:1:{holder}", number(&phone["until"]) - 1_000));
    }
    let (grants, paused) = (grants.join(" "), number(&minute["paused"]).max(number(&pace["paused"])));
    let (limit, token) = (number(&minute["limit"]).max(1), state["token"]["text"].as_str().unwrap_or_default());
    let until = number(&state["token"]["until"]);
    Some(format!("INSERT INTO gate VALUES (1, '{grants}', {limit}, {paused}, NULL, NULL, '{token}', {until}, 0)"))
}

/// Statements that make the jobs of 0.1.0; `None` when it did not have one of them.
fn jobs(name: &Name, store: &SqliteStore) -> Option<Vec<String>> {
    if let Name::RateLimiter(_) = name {
        return Some(Vec::new());
    }
    let job = "json_object('id', id, 'lane', lane, 'work', json(work), 'state', json(COALESCE(state, 'null')), \
               'attempts', attempts, 'due', due, 'since', since)";
    let queue = store.texts(&format!("SELECT {job} FROM queue ORDER BY id"));
    let queue = queue.iter().map(|job| serde_json::from_str::<Value>(job).unwrap());
    queue.map(|job| old_job(name, &job, store)).collect::<Option<Vec<_>>>()
}

/// What a job was about.
#[derive(Default)]
struct OldWork {
    kind: &'static str,
    subject: String,
    level: i64,
    looks: i64,
    target: String,
}

fn old(kind: &'static str, subject: String) -> OldWork {
    OldWork { kind, subject, ..OldWork::default() }
}

fn old_job(name: &Name, job: &Value, store: &SqliteStore) -> Option<String> {
    let work = &job["work"];
    let mut old = match name {
        Name::Contact(..) => contact_work(work, &job["id"])?,
        Name::Call(..) => call_work(work, store)?,
        Name::Directory(_)
        | Name::RateLimiter(_)
        | Name::ApiKey(_)
        | Name::Audience(..)
        | Name::VerificationLimit(_)
        | Name::Endpoint(_)
        | Name::Participant(..)
        | Name::Monitor => directory_work(work)?,
    };
    let (phase, create) = match &job["state"] {
        Value::Null => ("waiting", &Value::Null),
        state if state["sent"].is_object() => ("sent", &state["sent"]),
        state if state["uncertain"].is_array() => ("unsettled", &state["uncertain"][0]),
        _ => return None,
    };
    match &create["target"] {
        Value::String(what) if what != "text" => old.target.clone_from(what),
        Value::Object(thread) => thread["thread"].as_str()?.clone_into(&mut old.target),
        _ => {}
    }
    let search = &job["state"]["uncertain"][1];
    let (looks, until) = (search["looks"].as_i64().unwrap_or(old.looks), search["until"].as_i64().unwrap_or(0));
    let (sent_at, said) = (create["at"].as_i64().unwrap_or(0), create["said"].as_str().unwrap_or_default());
    let lane = job["lane"].as_str().unwrap_or_default();
    let [lane, subject, target, said] = [lane, &old.subject, &old.target, said].map(quoted);
    let (kind, level) = (old.kind, old.level);
    let [seq, attempts, due, since] = ["id", "attempts", "due", "since"].map(|column| &job[column]);
    let note = if kind == "note" { note(work, seq) } else { String::new() };
    Some(format!(
        "{note}INSERT INTO jobs (seq, lane, kind, subject, phase, level, attempts, looks, due, since, sent_at, settle_by, \
         target, said) VALUES ({seq}, {lane}, '{kind}', {subject}, '{phase}', {level}, {attempts}, {looks}, {due}, \
         {since}, {sent_at}, {until}, {target}, {said})"
    ))
}

/// A field as text.
fn field(work: &Value, name: &str) -> String {
    work[name].as_str().map_or_else(|| work[name].to_string(), str::to_owned)
}

fn number(work: &Value, name: &str) -> i64 {
    work[name].as_i64().unwrap_or_else(|| i64::from(work[name] == true))
}

fn contact_work(work: &Value, id: &Value) -> Option<OldWork> {
    let entry = field(work, "entry");
    let (message, conversation) = (field(work, "message"), field(work, "conversation"));
    Some(match work["kind"].as_str()? {
        "post" => {
            let level = ["full", "plain", "placeholder"].iter().position(|rung| work["rung"] == *rung)?;
            OldWork { level: i64::try_from(level).ok()?, ..old("post", entry) }
        }
        "note" => OldWork { level: number(work, "moved"), ..old("note", id.to_string()) },
        "receipt" => OldWork { level: number(work, "moved"), ..old("receipt", entry) },
        "send" => OldWork { level: number(work, "repeats"), ..old("send", message) },
        "poll_delivery" => OldWork { looks: number(work, "asked"), ..old("state", message) },
        "claim" => OldWork { target: field(work, "from"), ..old("claim", field(work, "into")) },
        "read" => old("read", conversation),
        "close" => old("close", conversation),
        "inspect" => old("inspect", conversation),
        "tell_directory" => {
            let fact = work["fact"].as_object()?.keys().next()?;
            let what = field(&work["fact"], fact);
            old("learn", if fact == "conversation" { what } else { format!("{fact} {what}") })
        }
        _ => return None,
    })
}

/// That release kept the words of a note in a table of their own.
fn note(work: &Value, seq: &Value) -> String {
    let conversation = work["conversation"].as_str().map_or("NULL".to_owned(), quoted);
    format!("INSERT INTO notes VALUES ({seq}, {conversation}, {}); ", quoted(&field(work, "html")))
}

fn call_work(work: &Value, store: &SqliteStore) -> Option<OldWork> {
    let leg = field(work, "leg");
    Some(match work["kind"].as_str()? {
        "dial" => OldWork { looks: number(work, "dials"), ..old("dial", leg) },
        "hold" => old("keep", leg),
        "free" => old("free", leg),
        "stop" => {
            let sid = quoted(&field(work, "sid"));
            let leg = store.texts(&format!("SELECT CAST(leg AS TEXT) FROM leg_calls WHERE sid = {sid}"));
            old("stop", leg.into_iter().next()?)
        }
        "check_talk" => old("check", String::new()),
        "find_recording" => old("recordings", String::new()),
        "redirect" => old("move", String::new()),
        "report" => OldWork { level: number(work, "named"), ..old("report", String::new()) },
        "push" => old("push", field(work, "frame")),
        "delete_queue" => old("sweep", field(work, "queue")),
        _ => return None,
    })
}

fn directory_work(work: &Value) -> Option<OldWork> {
    let told = &work["message"]["Event"];
    Some(match work["kind"].as_str()? {
        "event" => {
            let is_denied = work["denied_by"].as_array().is_some_and(|people| !people.is_empty());
            let target = if is_denied { "not ours".to_owned() } else { String::new() };
            OldWork { target, ..old("event", positional_event(&work["event"])) }
        }
        "tell" if told.is_object() => old("tell", word("Event") + &positional_event(told)),
        _ => return None,
    })
}

/// As that release knew who holds a phone (Fowler, Noll, Vo: FNV-1a, 32 bits).
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A word of that release's format (`hotline/src/encoding/positional.rs`).
fn word(text: &str) -> String {
    format!("{}:{text}", text.len())
}

fn positional_event(event: &Value) -> String {
    let option = |value: &Value| if value.is_null() { word("0") } else { word("1") + &word(&value.to_string()) };
    let text = |value: &Value| word(value.as_str().unwrap_or_default());
    [
        text(&event["happening"]),
        word(&event["conversation"].to_string()),
        option(&event["mailbox"]),
        text(&event["kind"]),
        option(&event["threads"]),
    ]
    .concat()
}

fn positional_media(media: &str) -> Option<String> {
    let media: Vec<BTreeMap<String, String>> = serde_json::from_str(media).ok()?;
    let items = media.iter().map(|medium| word(&medium["mime"]) + &word(&medium["url"]));
    Some(word(&media.len().to_string()) + &items.collect::<String>())
}
