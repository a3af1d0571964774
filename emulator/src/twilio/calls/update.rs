//! `POST …/Calls/{CA}.json`: a live call is sent to another document, or ended (Twilio, Call resource, "Modify a live
//! call").

use super::call::{Call, CallDirection, CallStatus, Program};
use super::create::{address, one, program};
use crate::twilio::Twilio;
use crate::twilio::json::ApiError;

impl Twilio {
    pub(super) fn update_call(&mut self, now: u64, sid: &str, form: &[(String, String)]) -> Result<(), ApiError> {
        let program = program(form)?;
        let fallback = address(form, "FallbackUrl", "FallbackMethod", 21205)?;
        let Some(call) = self.calls.live(sid) else {
            return Err(invalid_state("Call is not in-progress. Cannot redirect."));
        };
        let unanswered = call.status != CallStatus::InProgress;
        match one(form, "Status") {
            "canceled" if !unanswered => return Err(invalid_state("Call is in-progress. Cannot cancel.")),
            "completed" | "canceled" => {
                let status = match call.direction {
                    _ if !unanswered => CallStatus::Completed,
                    // Ending a caller whom nobody has answered yet.
                    CallDirection::Inbound => CallStatus::NoAnswer,
                    _ => CallStatus::Canceled,
                };
                self.end(now, sid, status);
                return Ok(());
            }
            "" => {}
            other => return Err(ApiError::bad(20001, format!("Status is not valid: {other}"))),
        }
        if !fallback.url.is_empty() {
            call.fallback = fallback;
        }
        let Some(program) = program else { return Ok(()) };
        if unanswered && call.direction != CallDirection::Inbound {
            return Err(invalid_state("Call is not in-progress. Cannot redirect."));
        }
        self.send_elsewhere(now, sid, program);
        Ok(())
    }

    /// Abandons the current activity for another document; a connected leg goes on alone.
    fn send_elsewhere(&mut self, now: u64, sid: &str, program: Program) {
        let Some(call) = self.calls.live(sid) else { return };
        let Call { frames, peer, .. } = call;
        let (frames, peer) = (std::mem::take(frames), peer.take());
        call.stamp += 1;
        call.hops = 0;
        call.updated = now;
        for frame in frames.into_iter().rev() {
            self.abandon(now, sid, frame, true);
        }
        if let Some(peer) = peer {
            self.left_alone(now, &peer, sid);
        }
        self.start_program(now, sid, program);
    }
}

fn invalid_state(text: &str) -> ApiError {
    ApiError::bad(21220, text)
}
