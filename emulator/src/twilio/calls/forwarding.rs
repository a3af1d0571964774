//! Phones that forward: the network makes a second call in the name of the first caller, with the phone's number as
//! `ForwardedFrom` (Twilio, Voice webhook request). What becomes of the second call becomes of the first.

use super::call::{CallStatus, Forwarded};
use super::far_end::Script;
use crate::twilio::Twilio;

impl Twilio {
    pub(super) fn forward(&mut self, now: u64, sid: &str, to: &str) {
        let Some(call) = self.calls.live(sid) else { return };
        let (from, phone) = (call.from.clone(), call.to.clone());
        let forwarded = Some(Forwarded { call: sid.to_owned(), phone });
        self.come_in(now, &from, to, Script::new(), forwarded);
    }

    /// One of two calls is over: the other one ends with it.
    pub(super) fn end_forwarded(&mut self, now: u64, sid: &str, status: CallStatus) {
        let first =
            self.calls.get(sid).and_then(|call| call.forwarded.as_ref()).map(|forwarded| forwarded.call.clone());
        if let Some(first) = first {
            self.end(now, &first, status);
        }
        let is_second = |it: &&super::Call| it.forwarded.as_ref().is_some_and(|forwarded| forwarded.call == sid);
        if let Some(second) = self.calls.rows.iter().find(is_second).map(|it| it.sid.clone()) {
            self.hang_up(now, &second);
        }
    }
}
