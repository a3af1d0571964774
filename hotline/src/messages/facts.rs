//! What people's objects tell their hotline's directory of themselves, so that nobody has to open them to know how the hotline
//! fares: what they have left to do, and what happened. It is told in one message, after the work and never on its way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::time::Millis;

/// How long an object has work left before it tells of it, and how often it tells again: what health counts is 15 s old at most
/// (OPERATE.md, section 4).
pub(crate) const LOOK_EVERY: Millis = 10_000;

/// What a job that has not ended waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitsFor {
    /// Something is to stand in Help Scout, or to be read there.
    HelpScout,
    /// Something is to reach the person's phone as a message.
    Phone,
    /// Something of a call.
    Calls,
    /// The person is being erased at Twilio, which takes until their last message has arrived.
    Erasure,
    /// It waits for its time, or follows what has been done already: nobody waits for it.
    Nothing,
}

/// The jobs of an object that have not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkSummary {
    /// What is to stand in Help Scout, or to be read there.
    pub helpscout: u32,
    /// What is to reach a phone as a message.
    pub phone: u32,
    /// What is to be done for a call.
    pub calls: u32,
    /// How many of these wait to know whether a request was done whose answer was lost.
    pub uncertain: u32,
    /// When the oldest of these was made.
    pub oldest: Option<Millis>,
    /// Jobs beside these that this release cannot read.
    pub quarantined: u32,
    /// Jobs beside these that were given up, and neither tried again nor dropped.
    pub failed: u32,
    /// Since when an erasure is under way.
    pub erasing: Option<Millis>,
}

impl WorkSummary {
    /// Jobs that wait, without those in quarantine.
    pub fn jobs(&self) -> u32 {
        self.helpscout + self.phone + self.calls
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// So many jobs more that wait for what most wait for; none when nothing waits.
    pub(crate) fn add_to_most(&mut self, jobs: u32) {
        // Of equal ones the first: `max_by_key` takes the last.
        let groups = [&mut self.calls, &mut self.phone, &mut self.helpscout];
        if let Some(most) = groups.into_iter().max_by_key(|group| **group).filter(|group| **group > 0) {
            *most += jobs;
        }
    }

    /// A further job.
    pub(crate) fn add(&mut self, waits_for: WaitsFor, since: Millis, is_uncertain: bool) {
        let group = match waits_for {
            WaitsFor::HelpScout => &mut self.helpscout,
            WaitsFor::Phone => &mut self.phone,
            WaitsFor::Calls => &mut self.calls,
            WaitsFor::Erasure => {
                self.erasing = Some(self.erasing.map_or(since, |known| known.min(since)));
                return;
            }
            WaitsFor::Nothing => return,
        };
        *group += 1;
        self.uncertain += u32::from(is_uncertain);
        self.oldest = Some(self.oldest.map_or(since, |known| known.min(since)));
    }
}

/// What happened on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DayCounts {
    /// Texts from people.
    pub texts_in: u32,
    /// Texts to people.
    pub texts_out: u32,
    /// Calls from people, answered or not.
    pub calls_in: u32,
    /// Calls that agents made.
    pub calls_out: u32,
    /// Messages that people left by voice.
    pub voicemails: u32,
}

impl DayCounts {
    /// What happened besides.
    pub(crate) fn add(&mut self, other: Self) {
        self.texts_in += other.texts_in;
        self.texts_out += other.texts_out;
        self.calls_in += other.calls_in;
        self.calls_out += other.calls_out;
        self.voicemails += other.voicemails;
    }
}

/// How long something took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Took {
    /// When it was done.
    pub at: Millis,
    /// Milliseconds.
    pub ms: Millis,
}

/// How a person fares, and what happened since it was told last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonFacts {
    /// Later ones have greater numbers. One that is told twice is counted once.
    pub number: i64,
    /// What there is to do.
    pub work: WorkSummary,
    /// Whether they do not want to be texted.
    pub opted_out: bool,
    /// What happened, by day (`2026-11-28`) in the hotline's time zone.
    pub days: BTreeMap<String, DayCounts>,
    /// How long what they said took until it stood in Help Scout.
    pub to_helpscout: Vec<Took>,
    /// How long replies took until Twilio had them.
    pub to_phone: Vec<Took>,
}

#[cfg(test)]
mod tests {
    use super::{WaitsFor, WorkSummary};

    #[test]
    fn the_oldest_job_counts_and_what_nobody_waits_for_does_not() {
        let mut work = WorkSummary::default();
        work.add(WaitsFor::Nothing, 1, true);
        assert!(work.is_empty());
        work.add(WaitsFor::Phone, 9, true);
        work.add(WaitsFor::HelpScout, 7, false);
        work.add(WaitsFor::Erasure, 3, false);
        assert_eq!((work.jobs(), work.uncertain, work.oldest, work.erasing), (2, 1, Some(7), Some(3)));
    }
}
