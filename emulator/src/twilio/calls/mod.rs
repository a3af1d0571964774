//! Calls: legs with their programs, the phones at their far ends, queues, conferences, recordings (Twilio, Programmable
//! Voice).
//!
//! Speech recognition, answering machine detection, SIP, streams and payments are not there.

mod api;
mod audio;
mod bridge;
mod call;
mod callbacks;
mod conferences;
mod create;
mod detection;
mod dial;
mod documents;
mod far_end;
mod forwarding;
mod gather;
mod heard;
mod inspection;
mod interpreter;
mod json;
mod lifecycle;
mod phone_actions;
mod queues;
mod record;
mod recordings;
mod schema;
mod update;
mod verbs;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use call::{Call, CallDirection, CallStatus};
pub use far_end::{FarEnd, Press, Script, When};
pub use heard::Heard;
pub use recordings::{Recording, RecordingStatus};

use super::Twilio;
use super::settings::Transcription;

/// A timed event of a call; the first field is the call's sid.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Leave(String),
    Ring(String),
    RingOut(String),
    PickUp(String),
    Press(String, String),
    HangUp(String),
    /// Only if nothing was begun on the call since that stamp.
    Timer(String, u64),
    TimeLimit(String),
    /// Only if the two are still connected.
    BridgeLimit(String, String),
    /// A recording's sid.
    Recorded(String),
    /// A recording's sid, and the words or none.
    Transcribed(String, Option<String>),
    Detected(String),
}

/// All calls of the account and what they meet in.
#[derive(Debug, Default)]
pub(super) struct Calls {
    rows: Vec<Call>,
    places: HashMap<String, usize>,
    queues: Vec<queues::Queue>,
    conferences: Vec<conferences::ConferenceState>,
    recordings: Vec<Recording>,
    far_ends: BTreeMap<String, FarEnd>,
    transcriptions: BTreeMap<String, Transcription>,
    /// Phones whose recordings end without a file, and how.
    lost_recordings: BTreeMap<String, RecordingStatus>,
    call_waiting: BTreeSet<String>,
    /// `StirVerstat` by caller.
    stir_verdicts: BTreeMap<String, String>,
    rings: BTreeMap<String, usize>,
    /// When the REST API may start its next call.
    next_start: u64,
    /// The latest instant at which anything happened.
    clock: u64,
}

impl Step {
    /// Whether it has nothing to do any more when the call is over.
    fn ends_with(&self, call: &str) -> bool {
        match self {
            Self::Leave(sid)
            | Self::Ring(sid)
            | Self::RingOut(sid)
            | Self::PickUp(sid)
            | Self::Press(sid, _)
            | Self::HangUp(sid)
            | Self::Timer(sid, _)
            | Self::TimeLimit(sid)
            | Self::Detected(sid)
            | Self::BridgeLimit(sid, _) => sid == call,
            Self::Recorded(_) | Self::Transcribed(..) => false,
        }
    }
}

impl Calls {
    fn add(&mut self, call: Call) {
        self.places.insert(call.sid.clone(), self.rows.len());
        self.rows.push(call);
    }

    fn get(&self, sid: &str) -> Option<&Call> {
        self.rows.get(*self.places.get(sid)?)
    }

    fn get_mut(&mut self, sid: &str) -> Option<&mut Call> {
        self.rows.get_mut(*self.places.get(sid)?)
    }

    /// A call that is not over.
    fn live(&mut self, sid: &str) -> Option<&mut Call> {
        self.get_mut(sid).filter(|call| !call.status.is_final())
    }
}

impl Twilio {
    /// A monotonic clock: due events may be processed after a later action.
    fn tick(&mut self, now: u64) -> u64 {
        self.calls.clock = self.calls.clock.max(now);
        self.calls.clock
    }

    pub(super) fn step(&mut self, now: u64, step: Step) {
        let now = self.tick(now);
        match step {
            Step::Leave(sid) => self.leave(now, &sid),
            Step::Ring(sid) => self.ring(now, &sid),
            Step::RingOut(sid) => self.ring_out(now, &sid),
            Step::PickUp(sid) => self.pick_up(now, &sid),
            Step::Press(sid, digits) => self.press(now, &sid, &digits),
            Step::HangUp(sid) => self.hang_up(now, &sid),
            Step::Timer(sid, stamp) => self.time_is_up(now, &sid, stamp),
            Step::TimeLimit(sid) => self.end(now, &sid, CallStatus::Completed),
            Step::BridgeLimit(sid, peer) => self.bridge_limit(now, &sid, &peer),
            Step::Recorded(sid) => self.recorded(now, &sid),
            Step::Transcribed(sid, text) => self.transcribed(now, &sid, text),
            Step::Detected(sid) => self.detected(now, &sid),
        }
    }

    fn after(&mut self, at: u64, step: Step) {
        self.events.put(at, super::Event::Call(step));
    }

    /// Removes the pending events of a call that is over.
    fn forget(&mut self, sid: &str) {
        self.events.retain(|due| !matches!(due, super::Event::Call(step) if step.ends_with(sid)));
    }

    /// Records what a person hears from now on.
    fn let_hear(&mut self, now: u64, sid: &str, what: Heard) {
        if let Some(call) = self.calls.get_mut(sid) {
            heard::add(&mut call.heard, now, what);
        }
    }
}
