//! Answering machine detection of a dialled number, while the two are connected already (Twilio, Answering machine
//! detection; TwiML, `<Number machineDetection>`).

use super::Step;
use super::documents::params;
use super::far_end::FarEnd;
use crate::twilio::Twilio;

/// Twilio listens for some seconds to what the far end says; its page gives four as a usual time.
const LISTENS_MS: u64 = 4_000;

impl Twilio {
    /// A phone was answered: Twilio listens, if it was asked to.
    pub(super) fn detect(&mut self, now: u64, sid: &str) {
        if self.calls.live(sid).is_some_and(|call| !call.detection.url.is_empty()) {
            self.after(now + LISTENS_MS, Step::Detected(sid.to_owned()));
        }
    }

    pub(super) fn detected(&mut self, now: u64, sid: &str) {
        let Some(call) = self.calls.live(sid) else { return };
        let (to, phone) = (call.detection.clone(), call.to.clone());
        let answered_by = match self.far_end(&phone) {
            FarEnd::Voicemail { .. } => "machine_start",
            _ => "human",
        };
        let told =
            params([("AnsweredBy", answered_by.to_owned()), ("MachineDetectionDuration", LISTENS_MS.to_string())]);
        self.report(now, sid, &to, told);
    }
}
