//! What the hotline's directory was told of a person, and what it is to be told: a column of the person's row.

use serde::{Deserialize, Serialize};

use crate::effects::Millis;
use crate::messages::facts::{Took, WorkSummary};

/// Durations that wait to be told: an outage ends with some fifty texts of one person.
const MOST_DURATIONS: usize = 100;

/// Adds what was told, and what waits to be.
pub(crate) const ADD_FACTS: &str = "ALTER TABLE person ADD COLUMN facts TEXT NOT NULL DEFAULT '{}'";

/// What the directory was told of a person, and what it is to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Facts {
    /// The work that was told last.
    pub work: WorkSummary,
    /// Whether an opt-out was told.
    pub opted_out: bool,
    /// The last entry of the timeline that was counted.
    pub counted: i64,
    /// Durations that were not told yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_helpscout: Vec<Took>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_phone: Vec<Took>,
}

impl Facts {
    /// What the person said stands in Help Scout.
    pub fn reached_helpscout(&mut self, said_at: Millis, now: Millis) {
        keep(&mut self.to_helpscout, said_at, now);
    }

    /// Twilio has a reply.
    pub fn reached_phone(&mut self, written_at: Millis, now: Millis) {
        keep(&mut self.to_phone, written_at, now);
    }
}

fn keep(durations: &mut Vec<Took>, from: Millis, now: Millis) {
    if durations.len() < MOST_DURATIONS {
        durations.push(Took { at: now, ms: (now - from).max(0) });
    }
}

#[cfg(test)]
mod tests {
    use super::Facts;
    use crate::encoding::golden::{lacks, needs, stays};

    #[test]
    fn facts_in_rows_stay_readable() {
        let facts = concat!(
            r#"{"work":{"helpscout":1,"phone":2,"calls":0,"uncertain":1,"oldest":3,"quarantined":0,"failed":0,"erasing":null},"#,
            r#""opted_out":true,"counted":4,"to_helpscout":[{"at":5,"ms":6}],"to_phone":[{"at":7,"ms":8}]}"#
        );
        stays::<Facts>(&[facts]);
        needs::<Facts>(facts, &["/to_helpscout/0/at", "/to_helpscout/0/ms", "/to_phone/0/at", "/to_phone/0/ms"]);
        lacks::<Facts>(&["{}"]);
    }
}
