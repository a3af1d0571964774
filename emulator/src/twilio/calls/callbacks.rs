//! Call status callbacks (Twilio, Call resource, "StatusCallback"; TwiML, `<Number>`).

use super::documents::params;
use crate::twilio::{Twilio, json};

impl Twilio {
    /// Sends the status callback for `initiated`, `ringing`, `answered` or `completed`, if requested.
    pub(super) fn tell(&mut self, now: u64, sid: &str, event: &str) {
        let Some(call) = self.calls.get_mut(sid) else { return };
        if !call.callback.events.iter().any(|wanted| wanted == event) {
            return;
        }
        let sequence = call.callback.told;
        call.callback.told += 1;
        let (to, duration) = (call.callback.to.clone(), call.duration());
        let mut extra = params([
            ("Timestamp", json::rfc2822(now)),
            ("CallbackSource", "call-progress-events".to_owned()),
            ("SequenceNumber", sequence.to_string()),
        ]);
        if event == "completed" {
            // `Duration` is in begun minutes.
            extra.extend(params([
                ("CallDuration", duration.to_string()),
                ("Duration", duration.div_ceil(60).to_string()),
            ]));
        }
        self.report(now, sid, &to, extra);
    }
}
