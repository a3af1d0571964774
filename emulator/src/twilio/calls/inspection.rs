//! Read access to calls for tests and the playground.

use super::call::{CallDirection, CallStatus};
use super::{Call, Recording, heard};
use crate::twilio::Twilio;

impl Twilio {
    /// Every leg, in the order in which they were made.
    pub fn calls(&self) -> &[Call] {
        &self.calls.rows
    }

    /// A leg by its sid.
    pub fn call(&self, sid: &str) -> Option<&Call> {
        self.calls.get(sid)
    }

    /// Legs that ring on phones now, oldest first.
    pub fn ringing(&self) -> impl Iterator<Item = &Call> {
        let rings = |call: &&Call| call.direction != CallDirection::Inbound && call.status == CallStatus::Ringing;
        self.calls.rows.iter().filter(rings)
    }

    /// How often a phone has rung.
    pub fn rings(&self, number: &str) -> usize {
        self.calls.rings.get(number).copied().unwrap_or(0)
    }

    /// Sids of legs that are connected now, each pair once, the older leg first; conferences are not in it.
    pub fn bridges(&self) -> Vec<(String, String)> {
        let order = |sid: &str| self.calls.places.get(sid).copied();
        let pairs = self.calls.rows.iter().filter(|call| !call.status.is_final());
        pairs
            .filter_map(|call| call.peer.as_ref().map(|peer| (call.sid.clone(), peer.clone())))
            .filter(|(one, other)| order(one) < order(other))
            .collect()
    }

    /// The longest time in milliseconds in which the person at a leg's far end heard nothing, up to `now` at most.
    /// While a recording that began with a beep runs it is their turn to speak, which is no silence.
    pub fn longest_silence(&self, now: u64, sid: &str) -> u64 {
        self.calls.get(sid).map_or(0, |call| heard::longest_silence(&call.heard, now))
    }

    /// Every recording, in the order in which they were begun.
    pub fn recordings(&self) -> &[Recording] {
        &self.calls.recordings
    }

    /// Names of all queues with the sids of the callers who wait in them, the first in front.
    pub fn queues(&self) -> Vec<(String, Vec<String>)> {
        let members = |queue: &super::queues::Queue| queue.members.iter().map(|(sid, _)| sid.clone()).collect();
        self.calls.queues.iter().map(|queue| (queue.name.clone(), members(queue))).collect()
    }
}
