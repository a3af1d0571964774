//! Room in the minute for reads that follow from another one and cannot wait: Twilio fetches a reply's files once, within
//! seconds of its text. It is kept from the moment at which the reply was last read until they come.

use serde::{Deserialize, Serialize};

use crate::effects::{Millis, PermitRequest};

/// Who room is kept for, and until when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Reserved(Vec<(String, Millis)>);

/// How long room is kept: the reading of the reply takes ten seconds, its text's turn may take thirty
/// ([`crate::contact`]), and Twilio fetches within fifteen (Twilio, Debugger: 11200).
const KEPT_FOR: Millis = 60_000;

/// So many at once: the files of some ten replies. Beyond that a file takes its chance.
const MOST: usize = 100;

impl Reserved {
    /// What is kept for others than `id`.
    pub fn cost_but(&self, now: Millis, id: &str) -> i64 {
        let others = self.0.iter().filter(|(other, until)| other != id && *until > now).count();
        i64::try_from(others).unwrap_or(i64::MAX)
    }

    /// Whether room is kept for a read.
    pub fn holds(&self, now: Millis, id: &str) -> bool {
        self.0.iter().any(|(other, until)| other == id && *until > now)
    }

    /// How much room a request needs beside its own: for each read for which none is kept yet.
    pub fn needs(&self, now: Millis, request: &PermitRequest) -> i64 {
        let new = request.keeps.iter().filter(|id| !self.holds(now, id)).count();
        i64::try_from(new).unwrap_or(i64::MAX)
    }

    /// A request has its permit: room is kept for what follows from it, and none any more for itself.
    pub fn granted(&mut self, now: Millis, request: &PermitRequest) {
        self.0.retain(|(id, until)| *until > now && *id != request.id && !request.keeps.contains(id));
        let room = MOST.saturating_sub(self.0.len());
        self.0.extend(request.keeps.iter().take(room).map(|id| (id.clone(), now + KEPT_FOR)));
    }

    /// The clock was set back by so much.
    pub fn set_back(&mut self, by: Millis) {
        self.0.iter_mut().for_each(|(_, until)| *until -= by);
    }
}
