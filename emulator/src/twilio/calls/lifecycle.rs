//! Life cycle of a call: queue, ringing, answer, end (Twilio, Call resource, "Call Status Values").

use super::call::{Activity, CallDirection, CallStatus, Program};
use super::far_end::{FarEnd, When};
use super::heard::Heard;
use super::{Call, Step};
use crate::twilio::Twilio;

/// Twilio lets every phone ring so much longer than `Timeout` says (Call resource, `Timeout`).
const TIMEOUT_BUFFER_MS: u64 = 5_000;

impl Twilio {
    /// Schedules a call that starts at `at`.
    pub(super) fn send_out(&mut self, at: u64, call: Call) {
        let sid = call.sid.clone();
        self.calls.add(call);
        self.after(at, Step::Leave(sid));
    }

    pub(super) fn leave(&mut self, now: u64, sid: &str) {
        let Some(call) = self.calls.live(sid).filter(|call| call.status == CallStatus::Queued) else { return };
        call.status = CallStatus::Initiated;
        call.updated = now;
        self.tell(now, sid, "initiated");
        self.after(now + self.settings.voice.dialing_ms, Step::Ring(sid.to_owned()));
    }

    /// The network has an answer: the phone rings, or it does not.
    pub(super) fn ring(&mut self, now: u64, sid: &str) {
        let Some(call) = self.calls.live(sid) else { return };
        let (phone, timeout) = (call.to.clone(), call.timeout_ms);
        let far_end = self.far_end(&phone);
        if far_end == FarEnd::Invalid || !callable(&phone) {
            return self.end(now, sid, CallStatus::Failed);
        }
        if far_end == FarEnd::Busy || self.engaged(&phone, sid) {
            return self.end(now, sid, CallStatus::Busy);
        }
        let Some(call) = self.calls.live(sid) else { return };
        call.status = CallStatus::Ringing;
        (call.started, call.updated) = (Some(now), now);
        *self.calls.rings.entry(phone).or_default() += 1;
        self.let_hear(now, sid, Heard::Ringing);
        self.tell(now, sid, "ringing");
        if let FarEnd::Forwards { to } = &far_end {
            self.forward(now, sid, to);
        }
        if let Some((after_ms, _)) = far_end.answer() {
            self.after(now + after_ms, Step::PickUp(sid.to_owned()));
        }
        self.after(now + timeout + TIMEOUT_BUFFER_MS, Step::RingOut(sid.to_owned()));
    }

    pub(super) fn ring_out(&mut self, now: u64, sid: &str) {
        if self.calls.live(sid).is_some_and(|call| call.status == CallStatus::Ringing) {
            self.end(now, sid, CallStatus::NoAnswer);
        }
    }

    /// Whoever or whatever is called answers by itself; a phone that took another call meanwhile is busy.
    pub(super) fn pick_up(&mut self, now: u64, sid: &str) {
        let Some(call) = self.calls.get(sid).filter(|call| call.status == CallStatus::Ringing) else { return };
        let phone = call.to.clone();
        let Some((_, script)) = self.far_end(&phone).answer() else { return };
        if self.engaged(&phone, sid) {
            return self.end(now, sid, CallStatus::Busy);
        }
        if let Some(call) = self.calls.live(sid) {
            call.script = script;
        }
        self.connected(now, sid);
    }

    /// A phone that we called was answered.
    pub(super) fn connected(&mut self, now: u64, sid: &str) {
        let Some(call) = self.calls.live(sid).filter(|call| call.status == CallStatus::Ringing) else { return };
        call.status = CallStatus::InProgress;
        (call.answered, call.updated) = (Some(now), now);
        let (program, limit, parent) = (call.program.clone(), call.time_limit_ms, call.parent.clone());
        self.let_hear(now, sid, Heard::Silence);
        self.tell(now, sid, "answered");
        self.after(now + limit, Step::TimeLimit(sid.to_owned()));
        self.follow_script(now, sid);
        self.detect(now, sid);
        match (program, parent) {
            (Program::Dialled(screen), Some(parent)) => self.dialled_answered(now, &parent, sid, screen),
            (program, _) => self.start_program(now, sid, program),
        }
    }

    /// We answer a caller, if that is not done yet.
    pub(super) fn answer(&mut self, now: u64, sid: &str) {
        let Some(call) = self.calls.live(sid) else { return };
        if call.direction != CallDirection::Inbound || call.answered.is_some() {
            return;
        }
        call.status = CallStatus::InProgress;
        (call.answered, call.updated) = (Some(now), now);
        let (limit, forwarded) = (call.time_limit_ms, call.forwarded.clone());
        self.after(now + limit, Step::TimeLimit(sid.to_owned()));
        if let Some(forwarded) = forwarded {
            self.connected(now, &forwarded.call);
        }
    }

    /// What the party does at fixed times.
    pub(super) fn follow_script(&mut self, now: u64, sid: &str) {
        let Some(call) = self.calls.live(sid) else { return };
        let script = call.script.clone();
        for press in script.presses.into_iter().filter(|press| press.when == When::Start) {
            self.after(now + press.after_ms, Step::Press(sid.to_owned(), press.digits));
        }
        if let Some(after_ms) = script.hangs_up_after_ms {
            self.after(now + after_ms, Step::HangUp(sid.to_owned()));
        }
    }

    /// A prompt begins: the next press that waits for one is on its way.
    pub(super) fn prompted(&mut self, now: u64, sid: &str) {
        let Some(call) = self.calls.live(sid) else { return };
        let Some(next) = call.script.presses.iter().position(|press| press.when == When::Prompt) else { return };
        let press = call.script.presses.remove(next);
        self.after(now + press.after_ms, Step::Press(sid.to_owned(), press.digits));
    }

    /// Ends a leg: abandons its programs, lets the connected leg go on, sends the status callbacks.
    pub(super) fn end(&mut self, now: u64, sid: &str, status: CallStatus) {
        let Some(call) = self.calls.live(sid) else { return };
        let was_queued = call.status == CallStatus::Queued;
        let (frames, peer, parent) = (std::mem::take(&mut call.frames), call.peer.take(), call.parent.clone());
        call.stamp += 1;
        call.status = status;
        (call.ended, call.updated) = (Some(now), now);
        self.forget(sid);
        self.let_hear(now, sid, Heard::Ended);
        for frame in frames.into_iter().rev() {
            self.abandon(now, sid, frame, false);
        }
        if !was_queued {
            self.tell(now, sid, "completed");
        }
        if let Some(peer) = peer {
            self.left_alone(now, &peer, sid);
        }
        if let Some(parent) = parent {
            self.dialled_ended(now, &parent, sid);
        }
        self.end_forwarded(now, sid, status);
    }

    /// The person at the far end hangs up, in any state.
    pub fn hang_up(&mut self, now: u64, sid: &str) {
        let now = self.tick(now);
        let Some(call) = self.calls.live(sid) else { return };
        let rejecting = call.frames.iter().find_map(|frame| match frame.activity {
            Activity::Rejecting(status) => Some(status),
            _ => None,
        });
        let status = match (call.direction, call.status) {
            (_, CallStatus::InProgress) => CallStatus::Completed,
            // Who is called cannot hang up before answering, only decline.
            (CallDirection::Inbound, _) => rejecting.unwrap_or(CallStatus::NoAnswer),
            _ => CallStatus::Busy,
        };
        self.end(now, sid, status);
    }

    /// Whether the phone is in another call and has no call waiting.
    fn engaged(&self, phone: &str, except: &str) -> bool {
        let talks = |call: &Call| match call.direction {
            CallDirection::Inbound => !call.status.is_final(),
            _ => call.status == CallStatus::InProgress,
        };
        !self.calls.call_waiting.contains(phone)
            && self.calls.rows.iter().any(|call| call.sid != except && call.phone() == phone && talks(call))
    }
}

/// E.164 (at most 15 digits, ITU-T).
pub(super) fn callable(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
