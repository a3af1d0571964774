//! Parts of hotlines' people push events. What they push twice is taken once.

use super::StepContext;
use super::row::Endpoint as Row;
use crate::deliveries;
use crate::domain::event_types;
use crate::effects::{Effect, Millis, ObjectReply};
use crate::log::{Level, LogLine};
use crate::messages::endpoint::Push;
use crate::storage::{Store, Stored, first, run};

/// How far each part's events were taken, in which of its replays.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS parts (
    part TEXT PRIMARY KEY, replay INTEGER NOT NULL, taken TEXT NOT NULL
) STRICT, WITHOUT ROWID";

/// So many events wait at once, some 10 MB; the parts keep the others.
const MOST_WAITING: i64 = 5_000;

/// How soon a part asks again while too many wait.
const FULL_AGAIN: Millis = 60_000;

/// The same while the endpoint is off. `PUT`, which switches it on, tells the parts.
const OFF_AGAIN: Millis = 6 * 3_600_000;

pub(super) fn take(
    ctx: &StepContext,
    endpoint: &mut Row,
    push: &Push,
    effects: &mut Vec<Effect>,
) -> Stored<ObjectReply> {
    if endpoint.off.is_some() {
        return Ok(ObjectReply::Later(OFF_AGAIN));
    }
    if endpoint.key(ctx).is_none() {
        endpoint.switch_off(ctx, "its key is gone, or has not the scope events any more");
        return Ok(ObjectReply::Later(OFF_AGAIN));
    }
    if !endpoint.is_of(ctx, push.mailbox) {
        return Ok(ObjectReply::NotFound);
    }
    let coming = i64::try_from(push.events.len()).unwrap_or(MOST_WAITING);
    if deliveries::count(ctx.store)? + coming > MOST_WAITING {
        return Ok(ObjectReply::Later(FULL_AGAIN));
    }
    let place = format!("{}/{}", push.mailbox, push.part);
    let (replay, mut taken) = taken(ctx.store, &place)?;
    if push.replay > replay {
        taken.clear();
    }
    let last = push.events.last().map_or_else(String::new, |event| event.id.clone());
    if push.replay >= replay && last > taken {
        let wanted = |kind: &str| event_types::matches(&endpoint.settings.events, kind);
        for event in push.events.iter().filter(|event| event.id > taken && wanted(&event.kind)) {
            let lane = lane(push.mailbox, &event.person);
            if !deliveries::add(ctx.store, &lane, event, ctx.now)? {
                effects.push(Effect::Log(LogLine::new(Level::Warning, "endpoint.passed_over").about(ctx.name)));
            }
        }
        let sql = "INSERT OR REPLACE INTO parts (part, replay, taken) VALUES (?, ?, ?)";
        run(ctx.store, sql, &[(&place).into(), i64::from(push.replay).into(), (&last).into()])?;
    }
    Ok(ObjectReply::Pushed { replay: push.replay, taken: last })
}

/// The lane of a person's events.
pub(super) fn lane(mailbox: u64, person: &str) -> String {
    format!("{mailbox} {person}")
}

fn taken(store: &dyn Store, place: &str) -> Stored<(u32, String)> {
    let row = first(store, "SELECT replay, taken FROM parts WHERE part = ?", &[place.into()])?;
    Ok(row.map_or((0, String::new()), |row| (u32::try_from(row.integer(0)).unwrap_or_default(), row.string(1))))
}

pub(super) fn forget_all(store: &dyn Store) -> Stored<()> {
    run(store, "DELETE FROM parts", &[])
}
