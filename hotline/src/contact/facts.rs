//! What the hotline's directory is told of a person (`messages/facts.rs`): when work has been left for a while, when it has
//! become more or less, and some time after something happened. A text that goes through at once costs nothing of this on its way.

use std::collections::BTreeMap;

use super::facts_row::Facts;
use super::person::Person;
use super::timeline::Kind;
use super::work::Work;
use super::{Contact, FACTS, StepContext};
use crate::domain::hash::fnv1a;
use crate::domain::time::day_in;
use crate::effects::{Millis, ToObject};
use crate::jobs::{self, Next, Schedule};
use crate::messages::directory;
use crate::messages::facts::{DayCounts, LOOK_EVERY, PersonFacts, WorkSummary};
use crate::storage::{Store, Stored, any, number};

/// How long after something happened it is told: one message for all of a short exchange.
const COUNT_AFTER: Millis = 90_000;

/// What a program has sent to many is told over so long, so that the directory hears of some at a time.
const SPREAD_OVER: Millis = 20 * 60_000;

/// Entries that are counted for one message: after an upgrade there are many.
const MOST_COUNTED: usize = 500;

/// Days that health shows: what is older is not counted.
const DAYS: Millis = 14;
const DAY: Millis = 86_400_000;

/// When the object looks at its facts: known in memory alone, and found out again by the next step of another life.
#[derive(Debug, Default)]
pub(super) struct FactsDue {
    /// When what is left is looked at.
    work: Option<Millis>,
    /// When it was looked at last, or was first left; `None` while nothing is.
    looked_at: Option<Millis>,
    /// When what happened is counted.
    count: Option<Millis>,
}

impl FactsDue {
    fn next(&self) -> Option<Millis> {
        jobs::earlier(self.work, self.count)
    }
}

/// Whether something happened that the directory was not told.
pub(super) fn has_untold(store: &dyn Store) -> Stored<bool> {
    any(store, "SELECT 1 FROM person WHERE json_extract(facts, '$.counted') < (SELECT MAX(seq) FROM entries)", &[])
}

impl Contact {
    /// Tells the directory what it is to know, if it is time. Returns whether there is a job for that, and when to look again.
    pub(super) fn tell_facts(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        schedule: Schedule,
    ) -> Stored<(bool, Option<Millis>)> {
        self.plan_facts(ctx, person, schedule)?;
        if self.facts_due.next().is_none_or(|due| due > ctx.now) {
            return Ok((false, self.facts_due.next()));
        }
        if jobs::head_of::<Work>(ctx.store, FACTS)?.is_some() {
            // What was told last is still on its way.
            self.facts_due.work = Some(ctx.now + LOOK_EVERY);
            return Ok((false, self.facts_due.work));
        }
        let is_counted = self.facts_due.count.is_some_and(|due| due <= ctx.now);
        let (work, opted_out) = (jobs::summary::<Work>(ctx.store, ctx.now)?, is_opted_out(person));
        // Only a further step changes what is left.
        (self.facts_due.work, self.facts_due.looked_at) = (None, Some(ctx.now));
        let told = &person.facts;
        let is_known =
            (work.quarantined, work.failed, opted_out) == (told.work.quarantined, told.work.failed, told.opted_out);
        if let Some(oldest) = work.oldest.filter(|oldest| ctx.now - oldest < LOOK_EVERY)
            && is_known
            && !is_counted
            && told.work.jobs() == 0
        {
            // It has just been made: what goes through at once is not told.
            (self.facts_due.work, self.facts_due.looked_at) = (Some(oldest + LOOK_EVERY), Some(oldest));
            return Ok((false, self.facts_due.next()));
        }
        if !is_counted && (work, opted_out) == (person.facts.work, person.facts.opted_out) {
            return Ok((false, self.facts_due.next()));
        }
        self.facts_due.count = None;
        let (counted, days) = count(ctx, person.facts.counted)?;
        let told = Facts { work, opted_out, counted, ..Facts::default() };
        let Facts { to_helpscout, to_phone, .. } = std::mem::replace(&mut person.facts, told);
        let facts = PersonFacts { number: 0, work, opted_out, days, to_helpscout, to_phone };
        jobs::add(ctx.store, FACTS, &Work::TellFacts { facts: Box::new(facts) }, ctx.now, ctx.now)?;
        Ok((true, None))
    }

    /// When to look next.
    fn plan_facts(&mut self, ctx: &StepContext, person: &Person, schedule: Schedule) -> Stored<()> {
        let due = &mut self.facts_due;
        if due.count.is_none() && is_untold(ctx, &person.facts)? {
            due.count = Some(ctx.now + COUNT_AFTER + spread(ctx, person)?);
        }
        let known_failed = person.facts.work.failed;
        let has_failed = !schedule.is_busy() && (due.looked_at.is_some() || known_failed > 0);
        let failed = if has_failed { jobs::count_failed(ctx.store)? } else { known_failed };
        let nothing_left = WorkSummary { failed, ..WorkSummary::default() };
        let is_told = person.facts.work == nothing_left && person.facts.opted_out == is_opted_out(person);
        due.work = if schedule.is_busy() {
            let looked_at = *due.looked_at.get_or_insert(ctx.now);
            Some(looked_at + LOOK_EVERY)
        } else {
            due.looked_at = None;
            (!is_told).then_some(ctx.now)
        };
        Ok(())
    }

    /// Hands over what was put together when the job was made: the same at every try.
    pub(super) fn begin_tell_facts(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &super::work::Job,
        facts: &PersonFacts,
    ) -> Next {
        let facts = Box::new(PersonFacts { number: job.id, ..facts.clone() });
        let told = directory::Message::Facts { contact: person.party.key(), facts };
        self.tell_object(ctx, job, ToObject::Directory(told))
    }
}

/// How much later it is told: nothing, where the person said something or a reply has left.
fn spread(ctx: &StepContext, person: &Person) -> Stored<Millis> {
    let facts = &person.facts;
    let sql = "SELECT 1 FROM entries WHERE seq > ? AND inward = 1 LIMIT 1";
    let is_talk = !facts.to_phone.is_empty() || any(ctx.store, sql, &[facts.counted.into()])?;
    Ok(if is_talk { 0 } else { Millis::from(fnv1a(&person.party.key())) % SPREAD_OVER })
}

/// Whether no sender may text them.
fn is_opted_out(person: &Person) -> bool {
    person.opted_out.is_some() && person.opted_in_senders.is_empty()
}

fn is_untold(ctx: &StepContext, facts: &Facts) -> Stored<bool> {
    Ok(!facts.to_helpscout.is_empty()
        || !facts.to_phone.is_empty()
        || number(ctx.store, "SELECT MAX(seq) FROM entries", &[])? > facts.counted)
}

/// Counts what is on the timeline after an entry; and the last one that was counted.
fn count(ctx: &StepContext, counted: i64) -> Stored<(i64, BTreeMap<String, DayCounts>)> {
    let sql = format!("SELECT seq, at, inward, kind FROM entries WHERE seq > ? ORDER BY seq LIMIT {MOST_COUNTED}");
    let zone = ctx.hotline.hours.as_ref().map(|hours| &hours.time_zone);
    let mut days: BTreeMap<String, DayCounts> = BTreeMap::new();
    let mut last = counted;
    for row in ctx.store.execute(&sql, &[counted.into()])? {
        last = row.integer(0);
        let at = row.integer(1);
        if at > ctx.now - DAYS * DAY {
            let day = days.entry(day_in(zone, at)).or_default();
            day.add(happened(Kind::read(row.text(3)).unwrap_or_default(), row.integer(2) != 0));
        }
    }
    Ok((last, days))
}

fn happened(kind: Kind, inward: bool) -> DayCounts {
    let none = DayCounts::default();
    match (kind, inward) {
        (Kind::Text, true) => DayCounts { texts_in: 1, ..none },
        (Kind::Text, false) => DayCounts { texts_out: 1, ..none },
        (Kind::Voicemail, _) => DayCounts { calls_in: 1, voicemails: 1, ..none },
        (Kind::MissedCall, _) | (Kind::Call, true) => DayCounts { calls_in: 1, ..none },
        (Kind::Call, false) => DayCounts { calls_out: 1, ..none },
    }
}
