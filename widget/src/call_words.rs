//! How a call is said.

use hotline::sidebar::words::duration;
use protocol::sidebar::{Call, CallOutcome, CallState};

/// Where a call is, and what the agent is to do.
pub fn progress(call: &Call) -> String {
    match (call.state, &call.code) {
        (CallState::RingingAgent, _) => "Your phone rings…".to_owned(),
        (CallState::Confirm, None) => "Press 1 on your phone to call them".to_owned(),
        (CallState::Confirm, Some(code)) => format!("Press {code} on your phone, to show that it is yours"),
        (CallState::RingingContact, _) => "Their phone rings…".to_owned(),
        (CallState::Talking, _) => "You are talking".to_owned(),
        (CallState::Ended, _) => outcome(call),
        (CallState::Unknown, _) => "The call goes on".to_owned(),
    }
}

fn outcome(call: &Call) -> String {
    let words = match (call.outcome, call.seconds) {
        (Some(CallOutcome::Completed), Some(seconds)) => return format!("You talked for {}", duration(seconds)),
        (Some(CallOutcome::Cancelled), _) => "The call was cancelled",
        (Some(CallOutcome::AgentBusy), _) => "Your phone was busy, or the call was declined",
        (Some(CallOutcome::AgentNoAnswer), _) => "You did not answer your phone",
        (Some(CallOutcome::AgentFailed), _) => "Your phone could not be reached",
        (Some(CallOutcome::NotConfirmed), _) => "Nobody pressed the key on your phone",
        (Some(CallOutcome::ContactBusy), _) => "Their line was busy, or they declined",
        (Some(CallOutcome::ContactNoAnswer), _) => "They did not answer",
        (Some(CallOutcome::ContactFailed), _) => "The call could not be connected",
        (Some(CallOutcome::Completed | CallOutcome::Unknown) | None, _) => "The call is over",
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(state: CallState, outcome: Option<CallOutcome>, code: Option<&str>) -> Call {
        let id = "3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21".to_owned();
        Call { id, state, outcome, seconds: Some(190), code: code.map(str::to_owned) }
    }

    #[test]
    fn an_agent_is_told_what_to_press_and_how_it_ended() {
        let ended = |outcome| progress(&call(CallState::Ended, Some(outcome), None));
        assert!(progress(&call(CallState::Confirm, None, Some("4821"))).contains("4821"));
        assert!(progress(&call(CallState::Confirm, None, None)).contains("Press 1"));
        assert_eq!(ended(CallOutcome::Completed), "You talked for 3:10");
        assert_eq!(ended(CallOutcome::Cancelled), "The call was cancelled");
    }

    #[test]
    fn a_declined_call_is_not_said_to_be_a_busy_line() {
        for outcome in [CallOutcome::AgentBusy, CallOutcome::ContactBusy] {
            let words = progress(&call(CallState::Ended, Some(outcome), None));
            assert!(words.contains("busy") && words.contains("declined"), "{words}");
        }
    }
}
