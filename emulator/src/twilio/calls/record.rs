//! `<Record>`: the beep, what is spoken, and how it ends (TwiML, `<Record>`).

use super::call::{CallStatus, Doing};
use super::documents::{Params, params};
use super::heard::Heard;
use super::recordings::Wishes;
use super::run::Flow;
use super::verbs::{Address, Record};
use crate::twilio::Twilio;

/// A `<Record>` that runs.
#[derive(Clone, Debug)]
pub(super) struct Taping {
    pub(super) verb: Record,
    recording: String,
    began: u64,
    /// When the first word was spoken.
    spoken: Option<u64>,
}

impl Taping {
    /// When it ends by itself: after a silence of `timeout`, or when it is full.
    fn ends(&self, speaks_until: u64) -> u64 {
        (speaks_until.max(self.began) + self.verb.timeout_ms).min(self.began + self.verb.max_ms)
    }
}

impl Twilio {
    pub(super) fn tape(&mut self, now: u64, sid: &str, verb: Record) -> Flow {
        let absolute = |address: &Address| match address.url.as_str() {
            "" => Address::default(),
            url => Address { url: self.address_of(sid, url), get: address.get },
        };
        let transcript = Address { url: verb.transcribe_callback.clone(), get: false };
        let wishes = Wishes {
            callback: absolute(&verb.status_callback),
            events: verb.events.clone(),
            transcript: verb.transcribe.then(|| absolute(&transcript)),
        };
        self.let_hear(now, sid, if verb.beep { Heard::Beep } else { Heard::Silence });
        let recording = self.start_recording(now, sid, wishes);
        let Some(call) = self.calls.live(sid) else { return Flow::Waits };
        if call.script.speaks_ms > 0 {
            call.speaks_until = call.speaks_until.max(now + call.script.speaks_ms);
        }
        let speaks_until = call.speaks_until;
        let spoken = (speaks_until > now).then_some(now);
        let taping = Taping { verb, recording, began: now, spoken };
        self.wait(taping.ends(speaks_until), sid, Doing::Taping(taping))
    }

    /// The person at the far end speaks for a while; only a recording takes notice.
    pub fn speak(&mut self, now: u64, sid: &str, ms: u64) {
        let now = self.tick(now);
        let Some(call) = self.calls.live(sid).filter(|call| call.status == CallStatus::InProgress) else { return };
        call.speaks_until = call.speaks_until.max(now + ms);
        let speaks_until = call.speaks_until;
        if let Some(Doing::Taping(mut taping)) = call.doing().cloned() {
            taping.spoken.get_or_insert(now);
            self.wait(taping.ends(speaks_until), sid, Doing::Taping(taping));
        }
    }

    /// It ends while the person is still there: the action is asked how to go on. Of silence there is no recording, and
    /// the next verb runs.
    pub(super) fn tape_over(&mut self, now: u64, sid: &str, taping: &Taping, key: Option<char>) {
        let digits = key.map(String::from);
        match self.tape_stopped(now, sid, taping, digits.as_deref()) {
            Some(told) => self.fetch_document(now, sid, &taping.verb.action, told),
            None => self.proceed(now, sid),
        }
    }

    /// Closes the recording; what its action is told, if it has one.
    pub(super) fn tape_stopped(
        &mut self,
        now: u64,
        sid: &str,
        taping: &Taping,
        digits: Option<&str>,
    ) -> Option<Params> {
        let speaks_until = self.calls.get_mut(sid).map_or(now, |call| {
            let until = call.speaks_until.min(now);
            // Who is interrupted by the end of the recording does not speak into the next verb.
            call.speaks_until = until;
            until
        });
        let span = taping
            .spoken
            .map(|from| if taping.verb.trim { speaks_until.saturating_sub(from) } else { now - taping.began });
        let duration = span.filter(|span| *span > 0);
        let url = self.stop_recording(now, &taping.recording, duration);
        let seconds = super::recordings::seconds(duration?);
        let mut told = params([
            ("RecordingUrl", url),
            ("RecordingSid", taping.recording.clone()),
            ("RecordingDuration", seconds.to_string()),
        ]);
        if let Some(digits) = digits {
            told.push(("Digits".into(), digits.to_owned()));
        }
        Some(told)
    }
}
