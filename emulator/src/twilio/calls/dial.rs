//! `<Dial>`: numbers at once or in turn, screening, the time limit, and the action (TwiML, `<Dial>` and `<Number>`).
//!
//! Who answers first stops the other phones, even if a screening document still has to be passed: the pages do not say
//! which it is, and this is the case that callers must survive. Recording with `record` is not there.

use std::collections::VecDeque;

use super::call::{Activity, Call, CallDirection, CallStatus, Callback, Frame, Program, Scope, whole_seconds};
use super::documents::{params, seen_from};
use super::far_end::Script;
use super::heard::Heard;
use super::interpreter::Flow;
use super::verbs::{Address, Dial, Number, Target};
use crate::twilio::Twilio;

/// Phones that ring at once (TwiML, `<Number>`).
const AT_ONCE: usize = 10;

/// A `<Dial>` that runs.
#[derive(Clone, Debug)]
pub(super) struct Dialing {
    pub(super) verb: Dial,
    /// Numbers that are still to come.
    waiting: VecDeque<Number>,
    /// Legs that are not over.
    pub(super) children: Vec<String>,
    /// Results of the legs that are over.
    outcomes: Vec<CallStatus>,
    /// The leg or the queued caller that it is connected with, and since when.
    pub(super) bridged: Option<(String, u64)>,
    /// Queue in which it waits for a caller.
    pub(super) queue: Option<String>,
}

impl Dialing {
    pub(super) fn new(verb: Dial) -> Self {
        Self { verb, waiting: VecDeque::new(), children: Vec::new(), outcomes: Vec::new(), bridged: None, queue: None }
    }
}

impl Twilio {
    pub(super) fn dial(&mut self, now: u64, sid: &str, mut verb: Dial) -> Flow {
        match std::mem::replace(&mut verb.target, Target::Numbers(VecDeque::new())) {
            Target::Numbers(numbers) => self.dial_numbers(now, sid, verb, numbers),
            Target::Queue(name) => self.dial_queue(now, sid, verb, &name),
            Target::Conference(conference) => self.confer(now, sid, verb, conference),
        }
        Flow::Waits
    }

    fn dial_numbers(&mut self, now: u64, sid: &str, verb: Dial, mut numbers: VecDeque<Number>) {
        let owned = self.settings.sender(&verb.caller_id).is_some();
        let Some(call) = self.calls.live(sid) else { return };
        let good = verb.caller_id.is_empty() || owned || [&call.from, &call.to].contains(&&verb.caller_id);
        let at_once = if verb.sequential { 1 } else { AT_ONCE };
        let waiting = numbers.split_off(at_once.min(numbers.len()));
        let mut dialing = Dialing::new(verb);
        if dialing.verb.sequential {
            dialing.waiting = waiting;
        }
        call.begin(Activity::Dialing(dialing));
        if !good {
            self.log_error(now, 13214, sid, "", "Dial: Invalid callerId value");
        }
        if !good || numbers.is_empty() {
            return self.finish_dial(now, sid, "failed", None);
        }
        self.let_hear(now, sid, Heard::Ringing);
        for number in numbers {
            self.dial_number(now, sid, number);
        }
    }

    fn dial_number(&mut self, now: u64, sid: &str, number: Number) {
        let child_sid = self.sids.make("CA");
        let Some(parent) = self.calls.live(sid) else { return };
        let base = parent.frames.last().map(|frame| frame.base.clone()).unwrap_or_default();
        let resolved = |address: Address| match address.url.as_str() {
            "" => address,
            url => Address { url: seen_from(&base, url), ..address },
        };
        let from = parent.from.clone();
        let Some(Activity::Dialing(dialing)) = parent.frames.last_mut().map(|frame| &mut frame.activity) else {
            return;
        };
        dialing.children.push(child_sid.clone());
        let caller_id = &dialing.verb.caller_id;
        let call = Call {
            from: if caller_id.is_empty() { from } else { caller_id.clone() },
            parent: Some(sid.to_owned()),
            direction: CallDirection::OutboundDial,
            program: Program::Dialled(resolved(number.url)),
            callback: Callback { to: resolved(number.status_callback), events: number.events, told: 0 },
            detection: resolved(number.detection),
            timeout_ms: dialing.verb.timeout_ms,
            ..Call::new(now, child_sid, number.to)
        };
        self.send_out(now, call);
    }

    fn dialing(&mut self, sid: &str) -> Option<&mut Dialing> {
        match self.calls.live(sid)?.frames.last_mut().map(|frame| &mut frame.activity) {
            Some(Activity::Dialing(dialing)) => Some(dialing),
            _ => None,
        }
    }

    /// The first to answer; the other phones stop.
    pub(super) fn dialled_answered(&mut self, now: u64, parent: &str, child: &str, screen: Address) {
        let Some(dialing) = self.dialing(parent) else { return };
        dialing.waiting.clear();
        for other in dialing.children.clone() {
            if other != child {
                self.end(now, &other, CallStatus::Canceled);
            }
        }
        if screen.url.is_empty() {
            return self.accepted(now, child);
        }
        if let Some(call) = self.calls.live(child) {
            call.frames = vec![Frame::new(Scope::Screen)];
        }
        self.fetch_document(now, child, &screen, Vec::new());
    }

    /// A called leg has passed its screening, if there was one.
    pub(super) fn accepted(&mut self, now: u64, child: &str) {
        let Some(parent) = self.calls.live(child).and_then(|call| call.parent.clone()) else { return };
        if let Some(dialing) = self.dialing(&parent) {
            dialing.bridged = Some((child.to_owned(), now));
            self.answer(now, &parent);
            self.bridge(now, &parent, child);
        } else {
            self.end(now, child, CallStatus::Completed);
        }
    }

    /// A called leg is over without having been connected.
    pub(super) fn dialled_ended(&mut self, now: u64, parent: &str, child: &str) {
        let status = self.calls.get(child).map_or(CallStatus::Failed, |call| call.status);
        let Some(dialing) = self.dialing(parent) else { return };
        let Some(at) = dialing.children.iter().position(|sid| sid == child) else { return };
        dialing.children.remove(at);
        // Somebody picked up and did not accept: as if nobody had.
        dialing.outcomes.push(if status == CallStatus::Completed { CallStatus::NoAnswer } else { status });
        if !dialing.children.is_empty() {
            return;
        }
        if let Some(next) = dialing.waiting.pop_front() {
            return self.dial_number(now, parent, next);
        }
        let among = |status| dialing.outcomes.contains(&status);
        let most_hopeful = [CallStatus::NoAnswer, CallStatus::Busy, CallStatus::Failed];
        let told = most_hopeful.into_iter().find(|status| among(*status)).unwrap_or(CallStatus::NoAnswer);
        self.finish_dial(now, parent, told.name(), Some(child));
    }

    /// The dial is over: its action is asked how to go on, or the next verb runs.
    pub(super) fn finish_dial(&mut self, now: u64, sid: &str, status: &str, other: Option<&str>) {
        let Some(Activity::Dialing(dialing)) = self.calls.live(sid).and_then(|call| call.activity().cloned()) else {
            return;
        };
        if let Some(queue) = &dialing.queue {
            self.stop_waiting_for_callers(queue, sid);
        }
        if dialing.verb.action.url.is_empty() {
            return self.proceed(now, sid);
        }
        self.fetch_document(now, sid, &dialing.verb.action, dial_params(now, &dialing, status, other));
    }
}

/// Parameters of `<Dial action>`.
pub(super) fn dial_params(now: u64, dialing: &Dialing, status: &str, other: Option<&str>) -> Vec<(String, String)> {
    let mut told =
        params([("DialCallStatus", status.to_owned()), ("DialBridged", dialing.bridged.is_some().to_string())]);
    if let Some(other) = other {
        told.push(("DialCallSid".into(), other.to_owned()));
    }
    if let Some((_, since)) = &dialing.bridged {
        told.push(("DialCallDuration".into(), whole_seconds(now - since).to_string()));
    }
    told
}

impl Call {
    /// A leg to a phone, with the defaults of the Call resource.
    pub(super) fn new(now: u64, sid: String, to: String) -> Self {
        Self {
            sid,
            parent: None,
            direction: CallDirection::OutboundApi,
            from: String::new(),
            to,
            status: CallStatus::Queued,
            created: now,
            started: None,
            answered: None,
            ended: None,
            heard: Vec::new(),
            peer: None,
            updated: now,
            callback: Callback::default(),
            program: Program::Dialled(Address::default()),
            fallback: Address::default(),
            timeout_ms: 60_000,
            time_limit_ms: 14_400_000,
            frames: Vec::new(),
            stamp: 0,
            hops: 0,
            script: Script::default(),
            speaks_until: 0,
            stir_verdict: String::new(),
            forwarded: None,
            detection: Address::default(),
        }
    }
}
