//! `<Record>`: the beep, what is spoken, and how it ends (TwiML, `<Record>`).

use super::call::{Activity, CallStatus};
use super::documents::{Params, params};
use super::heard::Heard;
use super::interpreter::Flow;
use super::recordings::RecordingCallbacks;
use super::verbs::{Address, Record};
use crate::twilio::Twilio;

/// A `<Record>` that runs.
#[derive(Clone, Debug)]
pub(super) struct ActiveRecording {
    pub(super) verb: Record,
    recording: String,
    began: u64,
    /// When the first word was spoken.
    spoken: Option<u64>,
}

impl ActiveRecording {
    /// When it ends: after a silence of `timeout`, or at the maximum length.
    fn ends(&self, speaks_until: u64) -> u64 {
        (speaks_until.max(self.began) + self.verb.timeout_ms).min(self.began + self.verb.max_ms)
    }
}

impl Twilio {
    pub(super) fn record(&mut self, now: u64, sid: &str, verb: Record) -> Flow {
        let absolute = |address: &Address| match address.url.as_str() {
            "" => Address::default(),
            url => Address { url: self.address_of(sid, url), get: address.get },
        };
        let transcript = Address { url: verb.transcribe_callback.clone(), get: false };
        let callbacks = RecordingCallbacks {
            callback: absolute(&verb.status_callback),
            events: verb.events.clone(),
            transcript: verb.transcribe.then(|| absolute(&transcript)),
        };
        self.let_hear(now, sid, if verb.beep { Heard::Beep } else { Heard::Silence });
        let recording = self.start_recording(now, sid, callbacks);
        let Some(call) = self.calls.live(sid) else { return Flow::Waits };
        if call.script.speaks_ms > 0 {
            call.speaks_until = call.speaks_until.max(now + call.script.speaks_ms);
        }
        let speaks_until = call.speaks_until;
        let spoken = (speaks_until > now).then_some(now);
        let active = ActiveRecording { verb, recording, began: now, spoken };
        self.wait(active.ends(speaks_until), sid, Activity::Recording(active))
    }

    /// The person at the far end speaks for a while; only a recording takes notice.
    pub fn speak(&mut self, now: u64, sid: &str, ms: u64) {
        let now = self.tick(now);
        let Some(call) = self.calls.live(sid).filter(|call| call.status == CallStatus::InProgress) else { return };
        call.speaks_until = call.speaks_until.max(now + ms);
        let speaks_until = call.speaks_until;
        if let Some(Activity::Recording(mut active)) = call.activity().cloned() {
            active.spoken.get_or_insert(now);
            self.wait(active.ends(speaks_until), sid, Activity::Recording(active));
        }
    }

    /// It ends while the person is still there: the action is asked how to go on. Of silence there is no recording, and
    /// the next verb runs.
    pub(super) fn finish_recording(&mut self, now: u64, sid: &str, active: &ActiveRecording, key: Option<char>) {
        let digits = key.map(String::from);
        match self.close_recording(now, sid, active, digits.as_deref()) {
            Some(told) => self.fetch_document(now, sid, &active.verb.action, told),
            None => self.proceed(now, sid),
        }
    }

    /// Closes the recording; what its action is told, if it has one.
    pub(super) fn close_recording(
        &mut self,
        now: u64,
        sid: &str,
        active: &ActiveRecording,
        digits: Option<&str>,
    ) -> Option<Params> {
        let speaks_until = self.calls.get_mut(sid).map_or(now, |call| {
            let until = call.speaks_until.min(now);
            // Who is interrupted by the end of the recording does not speak into the next verb.
            call.speaks_until = until;
            until
        });
        let span = active
            .spoken
            .map(|from| if active.verb.trim { speaks_until.saturating_sub(from) } else { now - active.began });
        let duration = span.filter(|span| *span > 0);
        let url = self.stop_recording(now, &active.recording, duration);
        let seconds = super::recordings::seconds(duration?);
        let mut told = params([
            ("RecordingUrl", url),
            ("RecordingSid", active.recording.clone()),
            ("RecordingDuration", seconds.to_string()),
        ]);
        if let Some(digits) = digits {
            told.push(("Digits".into(), digits.to_owned()));
        }
        Some(told)
    }
}
