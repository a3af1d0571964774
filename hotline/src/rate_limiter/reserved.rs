//! Room in the minute that is reserved for reads that follow from another one and cannot wait: Twilio fetches a reply's files
//! once, within seconds of its text. It is reserved from when the reply was last read until Twilio fetches them.

use serde::{Deserialize, Serialize};

use crate::effects::{Millis, PermitRequest};

/// The reads for which room is reserved, and until when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Reserved(Vec<(String, Millis)>);

/// How long room is reserved: the reading of the reply takes ten seconds, its text's permit may take thirty
/// ([`crate::contact`]), and Twilio fetches within fifteen (Twilio, Debugger: 11200).
const FILES_RESERVED_FOR: Millis = 60_000;

/// So many at once: the files of some ten replies. Beyond that a file takes its chance.
const MOST: usize = 100;

impl Reserved {
    /// What is reserved for others than `id`.
    pub fn cost_but(&self, now: Millis, id: &str) -> i64 {
        let others = self.0.iter().filter(|(other, until)| other != id && *until > now).count();
        i64::try_from(others).unwrap_or(i64::MAX)
    }

    /// Whether room is reserved for a read.
    pub fn holds(&self, now: Millis, id: &str) -> bool {
        self.0.iter().any(|(other, until)| other == id && *until > now)
    }

    /// How much room a request needs beside its own: for each read for which none is reserved yet.
    pub fn needs(&self, now: Millis, request: &PermitRequest) -> i64 {
        let new = request.reserves.iter().filter(|id| !self.holds(now, id)).count();
        i64::try_from(new).unwrap_or(i64::MAX)
    }

    /// A request has its permit: room is reserved for what follows from it, and none any more for itself.
    pub fn granted(&mut self, now: Millis, request: &PermitRequest) {
        self.0.retain(|(id, until)| *until > now && *id != request.id && !request.reserves.contains(id));
        let room = MOST.saturating_sub(self.0.len());
        self.0.extend(request.reserves.iter().take(room).map(|id| (id.clone(), now + FILES_RESERVED_FOR)));
    }

    /// The clock was set back by so much.
    pub fn set_back(&mut self, by: Millis) {
        self.0.iter_mut().for_each(|(_, until)| *until -= by);
    }
}
