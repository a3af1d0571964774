//! Queues: `<Enqueue>`, `<Dial><Queue>`, `<Leave>` (TwiML, `<Enqueue>`, `<Queue>`; Queue resource).
//!
//! The document of `<Queue url>`, which the queued caller would hear before the connection, is not there.

use std::collections::VecDeque;

use super::call::{Activity, Frame, Scope};
use super::dial::Dialing;
use super::documents::params;
use super::heard::Heard;
use super::interpreter::Flow;
use super::verbs::{Address, Dial, Enqueue};
use crate::twilio::Twilio;

/// A Queue resource.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub(super) sid: String,
    pub(super) name: String,
    pub(super) max_size: usize,
    pub(super) created: u64,
    pub(super) updated: u64,
    /// Waiting callers and their start times, first in, first out.
    pub(super) members: VecDeque<(String, u64)>,
    /// Legs that wait for a caller.
    pub(super) dialers: VecDeque<String>,
    /// How many have left, and how long they waited together, in milliseconds.
    left: (u64, u64),
}

impl Queue {
    pub(super) fn average_wait_seconds(&self) -> u64 {
        let (count, together) = self.left;
        together.checked_div(count).unwrap_or(0) / 1000
    }
}

/// A leg in a queue, or one that was called out of it.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) queue: String,
    pub(super) action: Address,
    since: u64,
    /// When it was called out of the queue.
    until: Option<u64>,
    pub(super) bridged: bool,
}

impl Queued {
    /// How long it waited, as `QueueTime` has it.
    pub(super) fn seconds(&self, now: u64) -> u64 {
        (self.until.unwrap_or(now) - self.since) / 1000
    }
}

impl Twilio {
    /// `<Enqueue>`; a queue of an unknown name is made.
    pub(super) fn enqueue(&mut self, now: u64, sid: &str, verb: Enqueue) -> Flow {
        let at = self.queue_named(now, &verb);
        let Some(queue) = self.calls.queues.get_mut(at) else { return Flow::Waits };
        let full = queue.members.len() >= queue.max_size.min(verb.max_size);
        let queued = Queued { queue: queue.sid.clone(), action: verb.action, since: now, until: None, bridged: false };
        let dialer = if full {
            None
        } else {
            queue.members.push_back((sid.to_owned(), now));
            queue.updated = now;
            queue.dialers.front().cloned()
        };
        if let Some(call) = self.calls.live(sid) {
            call.begin(Activity::Queued(queued));
        }
        if full {
            self.finish_queue(now, sid, "queue-full");
        } else if let Some(dialer) = dialer {
            self.call_out(now, &dialer, sid);
        } else {
            self.wait_with(now, sid, verb.wait);
        }
        Flow::Waits
    }

    fn queue_named(&mut self, now: u64, verb: &Enqueue) -> usize {
        let found = self.calls.queues.iter().position(|queue| queue.name == verb.name);
        found.unwrap_or_else(|| {
            self.calls.queues.push(Queue {
                sid: self.sids.make("QU"),
                name: verb.name.clone(),
                max_size: verb.max_size,
                created: now,
                updated: now,
                members: VecDeque::new(),
                dialers: VecDeque::new(),
                left: (0, 0),
            });
            self.calls.queues.len() - 1
        })
    }

    /// Music of Twilio's own, or a document that runs again and again.
    pub(super) fn wait_with(&mut self, now: u64, sid: &str, wait: Option<Address>) {
        match wait {
            None => self.let_hear(now, sid, Heard::Music),
            Some(address) if address.url.is_empty() => self.let_hear(now, sid, Heard::Silence),
            Some(address) => {
                let address = Address { url: self.address_of(sid, &address.url), ..address };
                let Some(call) = self.calls.live(sid) else { return };
                call.frames.push(Frame::new(Scope::Wait(address.clone())));
                let extra = self.wait_params(now, sid);
                self.fetch_document(now, sid, &address, extra);
            }
        }
    }

    /// Parameters of the wait document: the leg's place in the queue.
    pub(super) fn wait_params(&mut self, now: u64, sid: &str) -> Vec<(String, String)> {
        let Some(queue) = self.calls.queues.iter().find(|queue| queue.members.iter().any(|(member, _)| member == sid))
        else {
            return Vec::new();
        };
        let place = queue.members.iter().position(|(member, _)| member == sid).unwrap_or(0);
        let since = queue.members.get(place).map_or(now, |(_, since)| *since);
        params([
            ("QueueSid", queue.sid.clone()),
            ("QueuePosition", (place + 1).to_string()),
            ("QueueTime", ((now - since) / 1000).to_string()),
            ("AvgQueueTime", queue.average_wait_seconds().to_string()),
            ("CurrentQueueSize", queue.members.len().to_string()),
            ("MaxQueueSize", queue.max_size.to_string()),
        ])
    }

    /// A wait document cannot be had: a queue is left; a conference goes on with Twilio's music, which is our choice.
    pub(super) fn wait_failed(&mut self, now: u64, sid: &str) {
        let Some(call) = self.calls.live(sid) else { return };
        call.frames.pop();
        match call.activity() {
            Some(Activity::Queued(_)) => self.finish_queue(now, sid, "error"),
            _ => self.let_hear(now, sid, Heard::Music),
        }
    }

    /// `<Leave>` in a wait document; anywhere else the call simply ends there, as the page says.
    pub(super) fn leave_queue(&mut self, now: u64, sid: &str) {
        let Some(call) = self.calls.live(sid) else { return };
        if matches!(call.frames.last().map(|frame| &frame.scope), Some(Scope::Wait(_))) {
            call.frames.pop();
            if matches!(call.activity(), Some(Activity::Queued(_))) {
                return self.finish_queue(now, sid, "leave");
            }
        }
        self.end(now, sid, super::CallStatus::Completed);
    }

    /// The leg is no longer queued: its action is asked how to go on, or the next verb runs.
    pub(super) fn finish_queue(&mut self, now: u64, sid: &str, result: &str) {
        let Some(Activity::Queued(queued)) = self.calls.live(sid).and_then(|call| call.activity().cloned()) else {
            return;
        };
        self.forget_queued(sid, &queued);
        self.note_wait(now, &queued);
        if queued.action.url.is_empty() {
            return self.proceed(now, sid);
        }
        let told = params([
            ("QueueResult", result.to_owned()),
            ("QueueSid", queued.queue.clone()),
            ("QueueTime", queued.seconds(now).to_string()),
        ]);
        self.fetch_document(now, sid, &queued.action, told);
    }

    /// `<Dial><Queue>`: the caller in front, or whoever comes within the timeout.
    pub(super) fn dial_queue(&mut self, now: u64, sid: &str, verb: Dial, name: &str) {
        let timeout = verb.timeout_ms;
        let mut dialing = Dialing::new(verb);
        let queue = self.calls.queues.iter_mut().find(|queue| queue.name == name || queue.sid == name);
        let Some(queue) = queue else {
            if let Some(call) = self.calls.live(sid) {
                call.begin(Activity::Dialing(dialing));
            }
            return self.finish_dial(now, sid, "failed", None);
        };
        dialing.queue = Some(queue.sid.clone());
        queue.dialers.push_back(sid.to_owned());
        let front = queue.members.front().map(|(member, _)| member.clone());
        self.let_hear(now, sid, Heard::Ringing);
        self.wait(now + timeout, sid, Activity::Dialing(dialing));
        if let Some(member) = front {
            self.call_out(now, sid, &member);
        }
    }

    /// Connects a leg that dialled a queue with a caller in it.
    fn call_out(&mut self, now: u64, dialer: &str, member: &str) {
        let Some(caller) = self.calls.live(member) else { return };
        caller.frames.retain(|frame| !matches!(frame.scope, Scope::Wait(_)));
        let Some(Activity::Queued(queued)) = caller.top().map(|frame| &mut frame.activity) else { return };
        (queued.until, queued.bridged) = (Some(now), true);
        let queued = queued.clone();
        self.forget_queued(member, &queued);
        self.note_wait(now, &queued);
        self.stop_waiting_for_callers(&queued.queue, dialer);
        if let Some(Activity::Dialing(dialing)) =
            self.calls.live(dialer).and_then(|call| call.top()).map(|frame| &mut frame.activity)
        {
            dialing.bridged = Some((member.to_owned(), now));
            dialing.queue = None;
        }
        self.answer(now, dialer);
        self.bridge(now, dialer, member);
    }

    pub(super) fn stop_waiting_for_callers(&mut self, queue: &str, dialer: &str) {
        for queue in self.calls.queues.iter_mut().filter(|it| it.sid == queue) {
            queue.dialers.retain(|waiting| waiting != dialer);
        }
    }

    pub(super) fn forget_queued(&mut self, sid: &str, queued: &Queued) {
        for queue in self.calls.queues.iter_mut().filter(|queue| queue.sid == queued.queue) {
            queue.members.retain(|(member, _)| member != sid);
        }
    }

    fn note_wait(&mut self, now: u64, queued: &Queued) {
        for queue in self.calls.queues.iter_mut().filter(|queue| queue.sid == queued.queue) {
            if queued.until.is_none_or(|until| until == now) {
                queue.left = (queue.left.0 + 1, queue.left.1 + (now - queued.since));
                queue.updated = now;
            }
        }
    }
}
