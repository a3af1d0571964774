//! What happened to people of this part, for programs that listen: in the order in which it came, kept for 30 days.
//!
//! The id of an event is its instant here, the hotline's inbox, the part and a counter, so that the ids of one part only grow, and
//! those of all parts sort by time.

use super::{StepContext, erasures};
use crate::effects::Millis;
use crate::messages::event::{ERASED, EventQuery, NewEvent, StoredEvent, WITHOUT_WORDS};
use crate::storage::{Param, Row, Store, Stored, first, number, run};

pub(super) const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS events (
        id TEXT PRIMARY KEY, at INTEGER NOT NULL, person TEXT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL
    ) STRICT, WITHOUT ROWID",
    // How far each person's events are recorded.
    "CREATE TABLE IF NOT EXISTS recorded (person TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID",
];

const PREFIX: &str = "evt_";

/// Whoever is erased is found among the events by this.
pub(super) const BY_PERSON: &str = "CREATE INDEX IF NOT EXISTS events_by_person ON events (person)";

/// After every id: `` ` `` follows the underscore.
const END: &str = "evt`";

/// How long events are kept: 30 days.
const KEPT_FOR: Millis = 30 * 86_400_000;

/// How many events one instant may have in a part: what follows goes to the next one.
const IN_ONE_INSTANT: i64 = 1 << 16;

/// Where the next event stands.
struct Clock {
    at: Millis,
    counter: i64,
}

impl Clock {
    /// After the last event, and not before the present instant.
    fn after(last: Option<&str>, now: Millis) -> Self {
        let last = last.and_then(Self::of_id).unwrap_or(Self { at: 0, counter: 0 });
        if last.at < now { Self { at: now, counter: 0 } } else { last.next() }
    }

    fn next(self) -> Self {
        let Self { at, counter } = self;
        if counter + 1 < IN_ONE_INSTANT { Self { at, counter: counter + 1 } } else { Self { at: at + 1, counter: 0 } }
    }

    fn of_id(id: &str) -> Option<Self> {
        let hex = |digits: &str| i64::from_str_radix(digits, 16).ok();
        let rest = id.strip_prefix(PREFIX)?;
        Some(Self { at: hex(rest.get(..11)?)?, counter: hex(rest.get(rest.len().checked_sub(4)?..)?)? })
    }

    fn id(&self, ctx: &StepContext) -> String {
        format!("{}{:012x}{:02x}{:04x}", first_id_of(self.at), ctx.mailbox, ctx.part, self.counter)
    }
}

/// All ids of an instant, and of those after it, are greater than this.
pub(super) fn first_id_of(at: Millis) -> String {
    format!("{PREFIX}{:011x}", at.max(0))
}

/// Records what was not recorded before. Returns how far the person's events are recorded.
pub(super) fn record(ctx: &StepContext, person: &str, events: &[NewEvent]) -> Stored<i64> {
    let known = number(ctx.store, "SELECT number FROM recorded WHERE person = ?", &[person.into()])?;
    let mut clock = Clock::after(last(ctx.store)?.as_deref(), ctx.now);
    let mut recorded = known;
    for event in events.iter().filter(|event| event.number > known) {
        recorded = recorded.max(event.number);
        if event.kind == ERASED {
            run(ctx.store, &format!("UPDATE events SET data = {WITHOUT_WORDS} WHERE person = ?"), &[person.into()])?;
            erasures::add(ctx, person)?;
            continue;
        }
        let id = clock.id(ctx);
        let params = [(&id).into(), event.at.into(), person.into(), (&event.kind).into(), (&event.data).into()];
        run(ctx.store, "INSERT INTO events (id, at, person, kind, data) VALUES (?, ?, ?, ?, ?)", &params)?;
        clock = clock.next();
    }
    if recorded > known {
        let sql = "INSERT INTO recorded (person, number) VALUES (?, ?) \
                   ON CONFLICT (person) DO UPDATE SET number = excluded.number";
        run(ctx.store, sql, &[person.into(), recorded.into()])?;
    }
    forget_old(ctx.store, ctx.now)?;
    Ok(recorded)
}

/// The last one.
pub(super) fn last(store: &dyn Store) -> Stored<Option<String>> {
    let sql = "SELECT id FROM events WHERE id > ? ORDER BY id DESC LIMIT 1";
    Ok(first(store, sql, &[PREFIX.into()])?.map(|row| row.string(0)))
}

/// The next ones after an id.
pub(super) fn after(store: &dyn Store, id: &str, kinds: &[String], limit: usize) -> Stored<Vec<StoredEvent>> {
    select(store, id, END, Some(kinds), limit)
}

/// A page of those that are wanted, the oldest first.
pub(super) fn list(store: &dyn Store, query: &EventQuery) -> Stored<Vec<StoredEvent>> {
    let EventQuery { after, until, kinds, limit } = query;
    select(store, after.as_deref().unwrap_or(PREFIX), &first_id_of(*until), kinds.as_deref(), *limit)
}

fn select(
    store: &dyn Store,
    after: &str,
    until: &str,
    kinds: Option<&[String]>,
    limit: usize,
) -> Stored<Vec<StoredEvent>> {
    let mut params: Vec<Param> = vec![after.into(), until.into()];
    let mut wanted = String::new();
    if let Some(kinds) = kinds {
        // A family ends with an asterisk, which is also how SQLite writes it.
        let conditions = vec!["kind GLOB ?"; kinds.len()].join(" OR ");
        wanted = format!("AND ({conditions})");
        params.extend(kinds.iter().map(Param::from));
    }
    let sql = format!(
        "SELECT id, at, person, kind, data FROM events WHERE id > ? AND id < ? {wanted} ORDER BY id LIMIT {limit}"
    );
    Ok(store.execute(&sql, &params)?.iter().map(read).collect())
}

fn read(row: &Row) -> StoredEvent {
    let (id, person, kind, data) = (row.string(0), row.string(2), row.string(3), row.string(4));
    StoredEvent { id, at: row.integer(1), person, kind, data }
}

/// Forgets a few of those whose time is over: each step a few more than it adds.
fn forget_old(store: &dyn Store, now: Millis) -> Stored<()> {
    const AT_ONCE: usize = 50;
    let sql =
        format!("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < ? ORDER BY id LIMIT {AT_ONCE})");
    run(store, &sql, &[(&first_id_of(now - KEPT_FOR)).into()])
}
