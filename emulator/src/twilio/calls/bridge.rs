//! Bridges between two legs, and their end (TwiML, `<Dial>` and `<Enqueue>`).

use super::Step;
use super::call::{Activity, CallStatus, Frame};
use super::dial::{Dialing, dial_params};
use super::documents::{Params, params, seen_from};
use super::heard::Heard;
use super::queues::Queued;
use super::verbs::Address;
use crate::twilio::Twilio;

impl Twilio {
    /// Connects the leg that dialled with the other.
    pub(super) fn bridge(&mut self, now: u64, dialler: &str, other: &str) {
        for (one, peer) in [(dialler, other), (other, dialler)] {
            if let Some(call) = self.calls.live(one) {
                call.peer = Some(peer.to_owned());
                call.stamp += 1;
            }
            self.let_hear(now, one, Heard::Bridged(peer.to_owned()));
        }
        let limit = match self.calls.live(dialler).and_then(|call| call.activity().cloned()) {
            Some(Activity::Dialing(dialing)) => dialing.verb.time_limit_ms,
            _ => return,
        };
        self.after(now + limit, Step::BridgeLimit(dialler.to_owned(), other.to_owned()));
    }

    /// The dial's `timeLimit`: the called party is disconnected.
    pub(super) fn bridge_limit(&mut self, now: u64, dialler: &str, other: &str) {
        if self.calls.live(dialler).is_some_and(|call| call.peer.as_deref() == Some(other)) {
            self.end(now, other, CallStatus::Completed);
        }
    }

    /// The peer has left; the leg continues with its own action.
    pub(super) fn left_alone(&mut self, now: u64, sid: &str, gone: &str) {
        let Some(call) = self.calls.live(sid).filter(|call| call.peer.as_deref() == Some(gone)) else { return };
        call.peer = None;
        match call.activity().cloned() {
            Some(Activity::Dialing(_)) => self.finish_dial(now, sid, "completed", Some(gone)),
            Some(Activity::Queued(_)) => self.finish_queue(now, sid, "bridged"),
            // A leg that `<Dial>` made has no document of its own.
            _ => self.end(now, sid, CallStatus::Completed),
        }
    }

    /// A document is given up, because its leg ends or is sent elsewhere: what it held goes, and actions are told where
    /// Twilio tells them.
    pub(super) fn abandon(&mut self, now: u64, sid: &str, frame: Frame, redirected: bool) {
        let taped = matches!(frame.activity, Activity::Recording(_));
        let (action, told) = match frame.activity {
            Activity::Recording(active) => {
                let digits = (!redirected).then_some("hangup");
                let told = self.close_recording(now, sid, &active, digits);
                (active.verb.action, told)
            }
            Activity::Dialing(dialing) => {
                let told = self.stop_dialing(now, sid, &dialing);
                (dialing.verb.action, Some(told).filter(|_| self.dial_action_hears(redirected)))
            }
            Activity::Queued(queued) => {
                let told = self.stop_queueing(now, sid, &queued, redirected);
                (queued.action, Some(told))
            }
            Activity::InConference(participant) => {
                self.leave_room(now, sid, &participant);
                let told = params([("DialCallStatus", "answered".to_owned())]);
                (participant.action, Some(told).filter(|_| self.dial_action_hears(redirected)))
            }
            _ => return,
        };
        // Only a recording's action has a default: the document itself.
        if let Some(told) = told.filter(|_| taped || !action.url.is_empty()) {
            let url = seen_from(&frame.base, &action.url);
            self.report(now, sid, &Address { url, get: action.get }, told);
        }
    }

    fn dial_action_hears(&self, redirected: bool) -> bool {
        !redirected && self.settings.voice.dial_action_after_hangup
    }

    /// Whoever was dialled is hung up on, and whoever still rings stops.
    fn stop_dialing(&mut self, now: u64, sid: &str, dialing: &Dialing) -> Params {
        if let Some(queue) = &dialing.queue {
            self.stop_waiting_for_callers(queue, sid);
        }
        let connected = dialing.bridged.as_ref().map(|(other, _)| other.clone());
        for child in &dialing.children {
            let talks = connected.as_ref() == Some(child);
            self.end(now, child, if talks { CallStatus::Completed } else { CallStatus::Canceled });
        }
        let status = if connected.is_some() { "completed" } else { "canceled" };
        dial_params(now, dialing, status, connected.as_ref().or(dialing.children.first()).map(String::as_str))
    }

    fn stop_queueing(&mut self, now: u64, sid: &str, queued: &Queued, redirected: bool) -> Params {
        let result = match (queued.bridged, redirected) {
            (false, false) => "hangup",
            (false, true) => "redirected",
            (true, false) => "bridged",
            (true, true) => "redirected-from-bridged",
        };
        self.forget_queued(sid, queued);
        params([
            ("QueueResult", result.to_owned()),
            ("QueueSid", queued.queue.clone()),
            ("QueueTime", queued.seconds(now).to_string()),
        ])
    }
}
