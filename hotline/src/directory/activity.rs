//! What happened at a hotline, in one row that does not grow: the days of two weeks, the hours of one day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::effects::Millis;
use crate::encoding;
use crate::messages::directory::{Durations, Failed};
use crate::messages::facts::{DayCounts, PersonFacts, Took};
use crate::storage::{Store, Stored, first, run};

pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS activity (id INTEGER PRIMARY KEY CHECK (id = 1), activity TEXT NOT NULL) STRICT";

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;

/// Days that are kept: those that health shows, and one that has begun in one time zone and not in another.
const DAYS: usize = 15;

/// How often it is written down that events come: more would cost a row for each.
const EVENT_NOTED_EVERY: Millis = 60_000;

/// Different things that fail within an hour are few; a fault that names each thing would make the row grow.
const MOST_FAILURES: usize = 50;

/// What happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Activity {
    days: BTreeMap<String, DayCounts>,
    /// By the hour's first instant.
    hours: BTreeMap<Millis, Hour>,
    event_at: Option<Millis>,
}

/// What happened in an hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Hour {
    to_helpscout: Histogram,
    to_phone: Histogram,
    /// By code: how often, when first, and when last.
    failed: BTreeMap<String, (u32, Millis, Millis)>,
}

/// How long things took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Histogram {
    worst: Millis,
    /// How many took as long as [`step`] says.
    counts: BTreeMap<u32, u32>,
}

impl Activity {
    pub fn load(store: &dyn Store) -> Stored<Self> {
        let row = first(store, "SELECT activity FROM activity WHERE id = 1", &[])?;
        row.map_or_else(|| Ok(Self::default()), |row| row.json(0, "activity.activity"))
    }

    fn save(&self, store: &dyn Store) -> Stored<()> {
        let activity = encoding::encode(self);
        run(store, "INSERT OR REPLACE INTO activity (id, activity) VALUES (1, ?)", &[(&activity).into()])
    }

    fn change(store: &dyn Store, now: Millis, change: impl FnOnce(&mut Self)) -> Stored<()> {
        let mut activity = Self::load(store)?;
        change(&mut activity);
        activity.forget(now);
        activity.save(store)
    }

    fn forget(&mut self, now: Millis) {
        self.hours.retain(|hour, _| *hour > now - DAY - HOUR);
        while self.days.len() > DAYS {
            self.days.pop_first();
        }
    }

    fn hour(&mut self, at: Millis) -> &mut Hour {
        self.hours.entry(at - at.rem_euclid(HOUR)).or_default()
    }

    /// The hours of the last day.
    fn last_day(&self, now: Millis) -> impl Iterator<Item = &Hour> {
        self.hours.range(now - DAY..).map(|(_, hour)| hour)
    }

    pub fn days(&self) -> BTreeMap<String, DayCounts> {
        self.days.clone()
    }

    pub fn event_at(&self) -> Option<Millis> {
        self.event_at
    }

    pub fn to_helpscout(&self, now: Millis) -> Durations {
        durations(self.last_day(now).map(|hour| &hour.to_helpscout))
    }

    pub fn to_phone(&self, now: Millis) -> Durations {
        durations(self.last_day(now).map(|hour| &hour.to_phone))
    }

    /// What was given up, the most frequent first.
    pub fn failed(&self, now: Millis) -> Vec<Failed> {
        let mut all: BTreeMap<&str, (u32, Millis, Millis)> = BTreeMap::new();
        for (code, (count, first, last)) in self.last_day(now).flat_map(|hour| &hour.failed) {
            let known = all.entry(code).or_insert((0, *first, *last));
            *known = (known.0 + count, known.1.min(*first), known.2.max(*last));
        }
        let failed = |(code, (count, first, last)): (&str, _)| Failed { code: code.to_owned(), count, first, last };
        let mut failed: Vec<Failed> = all.into_iter().map(failed).collect();
        failed.sort_by_key(|it| std::cmp::Reverse(it.count));
        failed
    }
}

/// Adds what happened to a person.
pub(super) fn add(store: &dyn Store, facts: &PersonFacts, now: Millis) -> Stored<()> {
    if facts.days.is_empty() && facts.to_helpscout.is_empty() && facts.to_phone.is_empty() {
        return Ok(());
    }
    Activity::change(store, now, |activity| {
        for (day, counts) in &facts.days {
            activity.days.entry(day.clone()).or_default().add(*counts);
        }
        for Took { at, ms } in &facts.to_helpscout {
            activity.hour(*at).to_helpscout.add(*ms);
        }
        for Took { at, ms } in &facts.to_phone {
            activity.hour(*at).to_phone.add(*ms);
        }
    })
}

/// Something was given up.
pub(super) fn failed(store: &dyn Store, code: &str, at: Millis, now: Millis) -> Stored<()> {
    Activity::change(store, now, |activity| {
        let failed = &mut activity.hour(at).failed;
        if failed.len() < MOST_FAILURES || failed.contains_key(code) {
            let known = failed.entry(code.to_owned()).or_insert((0, at, at));
            *known = (known.0 + 1, known.1.min(at), known.2.max(at));
        }
    })
}

/// Help Scout has told us of an event.
pub(super) fn event_came(store: &dyn Store, now: Millis) -> Stored<()> {
    let row = first(store, "SELECT json_extract(activity, '$.event_at') FROM activity WHERE id = 1", &[])?;
    let noted_at = row.and_then(|row| row.maybe_integer(0));
    if noted_at.is_some_and(|at| (0..EVENT_NOTED_EVERY).contains(&(now - at))) {
        return Ok(());
    }
    Activity::change(store, now, |activity| activity.event_at = Some(now))
}

impl Histogram {
    fn add(&mut self, ms: Millis) {
        self.worst = self.worst.max(ms);
        *self.counts.entry(step(ms)).or_default() += 1;
    }
}

fn durations<'a>(hours: impl Iterator<Item = &'a Histogram>) -> Durations {
    let (mut worst, mut counts) = (None, BTreeMap::<u32, u32>::new());
    for hour in hours.filter(|hour| !hour.counts.is_empty()) {
        worst = worst.max(Some(hour.worst));
        for (step, count) in &hour.counts {
            *counts.entry(*step).or_default() += count;
        }
    }
    let count: u32 = counts.values().sum();
    let mut seen = 0;
    let median = counts.iter().find(|(_, taken)| {
        seen += **taken;
        seen * 2 >= count
    });
    let median_ms = median.zip(worst).map(|((step, _), worst)| middle(*step).min(worst));
    Durations { count, median_ms, worst_ms: worst }
}

/// Steps that double: sixteen to each power of two, so that a duration is known to one part in sixteen.
const STEPS: u32 = 16;
const STEPS_BITS: u32 = 4;

/// The step of a duration: below 16 ms each has its own.
fn step(ms: Millis) -> u32 {
    let ms = u64::try_from(ms).unwrap_or(0);
    let exponent = (u64::BITS - 1).saturating_sub(ms.leading_zeros());
    if exponent < STEPS_BITS {
        return u32::try_from(ms).unwrap_or(0);
    }
    let fraction = u32::try_from((ms >> (exponent - STEPS_BITS)) & u64::from(STEPS - 1)).unwrap_or(0);
    (exponent - STEPS_BITS + 1) * STEPS + fraction
}

/// The middle of a step.
fn middle(step: u32) -> Millis {
    if step < STEPS {
        return Millis::from(step);
    }
    let shift = step / STEPS - 1;
    let first = Millis::from(STEPS + step % STEPS) << shift;
    first + ((1 << shift) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::golden::{lacks, stays};

    const NOW: Millis = 1_795_176_000_000;

    #[test]
    fn activity_in_rows_stays_readable() {
        stays::<Activity>(&[concat!(
            r#"{"days":{"2026-11-28":{"texts_in":1,"texts_out":2,"calls_in":3,"calls_out":4,"voicemails":5}},"#,
            r#""hours":{"3600000":{"to_helpscout":{"worst":900,"counts":{"110":1}},"to_phone":{"worst":0,"counts":{}},"#,
            r#""failed":{"text":[1,3600000,3600001]}}},"event_at":7}"#
        )]);
        lacks::<Activity>(&["{}"]);
    }

    #[test]
    fn a_duration_is_known_to_one_part_in_thirty_two() {
        for ms in (0..5_000).chain((5_000..90_000_000).step_by(9_973)) {
            let known = middle(step(ms));
            assert!((known - ms).abs() * 32 <= ms, "{ms} is known as {known}");
        }
    }

    #[test]
    fn the_median_of_a_day_is_of_all_its_hours_and_nothing_took_longer_than_the_worst() {
        let mut activity = Activity::default();
        for (ago, ms) in [(30 * HOUR, 90_000), (20 * HOUR, 1_000), (2 * HOUR, 2_000), (HOUR, 3_000), (0, 40_000)] {
            activity.hour(NOW - ago).to_helpscout.add(ms);
        }
        let Durations { count, median_ms, worst_ms } = activity.to_helpscout(NOW);
        assert_eq!((count, worst_ms), (4, Some(40_000)));
        assert!(median_ms.is_some_and(|ms| (1_936..=2_064).contains(&ms)), "{median_ms:?}");
        assert_eq!(activity.to_phone(NOW), Durations::default());
    }

    #[test]
    fn two_weeks_and_a_day_are_kept_and_no_more() {
        let mut activity = Activity::default();
        for day in 0..40 {
            activity.days.insert(format!("2026-{:02}-{:02}", 1 + day / 28, 1 + day % 28), DayCounts::default());
            activity.hour(NOW + day * DAY);
        }
        activity.forget(NOW + 39 * DAY);
        assert_eq!((activity.days.len(), activity.hours.len()), (DAYS, 2));
    }
}
