//! Actions of people on their phones.

use super::call::{Activity, CallDirection, CallStatus, Callback, Forwarded, Program};
use super::far_end::{FarEnd, Script};
use super::heard::Heard;
use super::recordings::RecordingStatus;
use super::verbs::Address;
use super::{Call, lifecycle};
use crate::twilio::Twilio;
use crate::twilio::settings::Transcription;

impl Twilio {
    /// A phone calls a number of ours, and its owner follows the script. `from` is a number or what networks send for an
    /// anonymous caller (`anonymous`, `+266696687`). The call's sid; a number that takes no calls lets it fail at once.
    pub fn call_in(&mut self, now: u64, from: &str, to: &str, script: Script) -> String {
        self.come_in(now, from, to, script, None)
    }

    pub(super) fn come_in(
        &mut self,
        now: u64,
        from: &str,
        to: &str,
        script: Script,
        forwarded: Option<Forwarded>,
    ) -> String {
        let now = self.tick(now);
        let sid = self.sids.make("CA");
        let sender = self.settings.sender(to).cloned();
        let taken = sender.filter(|sender| !sender.voice_url.is_empty());
        let address = |url: &str| Address { url: url.to_owned(), get: false };
        let (url, fallback, told) = match &taken {
            Some(it) => (address(&it.voice_url), address(&it.voice_fallback), address(&it.voice_status_callback)),
            None => Default::default(),
        };
        let stir_verdict = self.stir_verdict(from);
        self.calls.add(Call {
            from: from.to_owned(),
            stir_verdict,
            forwarded,
            direction: CallDirection::Inbound,
            status: CallStatus::Ringing,
            started: Some(now),
            fallback,
            callback: Callback { to: told, events: vec!["completed".to_owned()], told: 0 },
            script,
            ..Call::new(now, sid.clone(), to.to_owned())
        });
        self.let_hear(now, &sid, Heard::Ringing);
        if taken.is_none() {
            self.end(now, &sid, CallStatus::Failed);
            return sid;
        }
        self.follow_script(now, &sid);
        self.start_program(now, &sid, Program::At(url));
        sid
    }

    /// Decides what networks say of a caller from now on: `StirVerstat`, such as `TN-Validation-Failed-C` of one whose
    /// number is forged; empty: nothing (Twilio, "Trusted Calling with SHAKEN/STIR").
    pub fn set_stir_verdict(&mut self, caller: &str, verdict: &str) {
        self.calls.stir_verdicts.insert(caller.to_owned(), verdict.to_owned());
    }

    /// Without a verdict of its own a caller with a number is good. `+266696687` spells ANONYMOUS.
    fn stir_verdict(&self, caller: &str) -> String {
        let known = caller.starts_with('+') && !caller.starts_with("+266696687");
        let usual = if known { "TN-Validation-Passed-A" } else { "No-TN-Validation" };
        self.calls.stir_verdicts.get(caller).cloned().unwrap_or_else(|| usual.to_owned())
    }

    /// Decides what a phone does when it is called from now on.
    pub fn set_far_end(&mut self, number: &str, far_end: FarEnd) {
        self.calls.far_ends.insert(number.to_owned(), far_end);
    }

    pub(super) fn far_end(&self, number: &str) -> FarEnd {
        self.calls.far_ends.get(number).cloned().unwrap_or_default()
    }

    /// Whether a phone rings for a second call while it is in one; without call waiting it is busy then.
    pub fn set_call_waiting(&mut self, number: &str, on: bool) {
        if on {
            self.calls.call_waiting.insert(number.to_owned());
        } else {
            self.calls.call_waiting.remove(number);
        }
    }

    /// Sets the transcription outcome for a phone; the default is the account's setting.
    pub fn set_transcription(&mut self, number: &str, transcription: Transcription) {
        self.calls.transcriptions.insert(number.to_owned(), transcription);
    }

    /// What this phone's callers say is recorded and then lost: `status` is the end of the recording.
    pub fn lose_recordings(&mut self, number: &str, status: RecordingStatus) {
        self.calls.lost_recordings.insert(number.to_owned(), status);
    }

    /// The person takes a call that rings on their phone; `false` if it does not ring any more.
    pub fn take_call(&mut self, now: u64, sid: &str, script: Script) -> bool {
        let now = self.tick(now);
        let Some(call) = self.calls.live(sid).filter(|call| rings(call)) else { return false };
        call.script = script;
        self.connected(now, sid);
        true
    }

    /// Declines a ringing call, which ends as busy; `false` if it does not ring.
    pub fn decline(&mut self, now: u64, sid: &str) -> bool {
        let now = self.tick(now);
        let ringing = self.calls.get(sid).is_some_and(rings);
        if ringing {
            self.end(now, sid, CallStatus::Busy);
        }
        ringing
    }

    /// The person presses keys; in no verb that listens they are lost.
    pub fn press(&mut self, now: u64, sid: &str, digits: &str) {
        let now = self.tick(now);
        for key in digits.chars() {
            let Some(call) = self.calls.live(sid).filter(|call| call.status == CallStatus::InProgress) else { return };
            call.hops = 0;
            let connected = call.peer.clone();
            match call.activity().cloned() {
                Some(Activity::Gathering(gathering)) => self.gather_key(now, sid, gathering, key),
                Some(Activity::Recording(active)) if active.verb.finish_on.contains(key) => {
                    self.finish_recording(now, sid, &active, Some(key));
                }
                Some(Activity::Dialing(dialing)) if key == '*' && dialing.verb.hangup_on_star => match connected {
                    Some(other) => self.end(now, &other, CallStatus::Completed),
                    None => {
                        for child in dialing.children {
                            self.end(now, &child, CallStatus::Canceled);
                        }
                    }
                },
                _ => {}
            }
        }
    }

    /// Whether a number can be called at all.
    pub(super) fn callable(number: &str) -> bool {
        lifecycle::callable(number)
    }
}

fn rings(call: &Call) -> bool {
    call.direction != CallDirection::Inbound && call.status == CallStatus::Ringing
}
