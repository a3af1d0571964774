//! How a call back goes on: the agent's phone rings, they confirm, the contact's phone rings, they talk, and it ends.

use protocol::sidebar::CallOutcome as Outcome;

use super::row::CallbackState::{Confirm, Ended, RingingAgent, RingingContact, Talking};
use super::row::{CallKind, Follows, Row, Talk};
use super::times::{CALLBACK_GRACE, CHECKED_EVERY, CONFIRMED_WITHIN, CONTACT_ANSWERS_WITHIN};
use crate::effects::Millis;
use crate::twilio::calls::AnsweredBy;

/// What happens to a call back.
#[derive(Clone, Debug)]
pub(super) enum CallbackEvent {
    /// The agent's phone was answered, by whomever.
    AgentAnswered,
    /// A wrong key was pressed, and is asked for again.
    WrongKey,
    /// Wrong keys were pressed too often.
    NotConfirmed,
    /// The agent has pressed the right key: the contact is called.
    Confirmed(Talk),
    /// The agent's call was over at that instant, with that status, or could not be made.
    AgentOver { status: String, at: Millis },
    /// The contact has answered.
    ContactAnswered { at: Millis },
    /// Twilio has found out who or what answered the contact's phone.
    AnsweredBy(AnsweredBy),
    /// The contact's call is over, and was answered, whether that was told or not.
    ContactHungUp { seconds: Option<i64> },
    /// `<Dial>` of the contact has ended.
    DialEnded { outcome: Outcome, seconds: Option<i64> },
    /// The agent wants no more of it.
    Cancel,
    /// Its state has lasted too long, and Twilio is asked about a talk. One that was asked about in vain ends as far as we
    /// know.
    Overdue { asked_in_vain: bool },
}

impl Row {
    /// Goes on at an event; one that is not listed with its state is late, or told twice, and changes nothing.
    pub(super) fn on_callback(&mut self, event: CallbackEvent, now: Millis) -> Follows {
        use CallbackEvent as On;
        let CallKind::Callback(call) = &mut self.kind else { return Follows::Nothing };
        let confirmed_within = Some(now + CONFIRMED_WITHIN);
        let checked = Some(now + CHECKED_EVERY);
        let ended = |outcome| (Ended(outcome), None, Follows::Close);
        let hung_up = |outcome| (Ended(outcome), None, Follows::HangUp);

        let (state, deadline, follows) = match (call.state, event) {
            (RingingAgent, On::AgentAnswered) => (Confirm, confirmed_within, Follows::Nothing),
            (state @ (RingingAgent | Confirm), On::WrongKey) => (state, confirmed_within, Follows::Nothing),
            (RingingAgent | Confirm, On::Confirmed(talk)) => {
                self.talk = Some(talk);
                (RingingContact, Some(now + CONTACT_ANSWERS_WITHIN), Follows::Hold)
            }
            (RingingAgent, On::AgentOver { status, .. }) => ended(match status.as_str() {
                "busy" => Outcome::AgentBusy,
                "failed" => Outcome::AgentFailed,
                _ => Outcome::AgentNoAnswer,
            }),
            (RingingAgent | Confirm, On::NotConfirmed) | (Confirm, On::AgentOver { .. }) => {
                ended(Outcome::NotConfirmed)
            }
            (RingingAgent, On::Overdue { .. }) => hung_up(Outcome::AgentNoAnswer),
            (Confirm, On::Overdue { .. }) => hung_up(Outcome::NotConfirmed),

            (RingingContact, On::ContactAnswered { at }) => {
                self.talk.iter_mut().for_each(|talk| talk.since = Some(at));
                (Talking, checked, Follows::Nothing)
            }
            (state @ (RingingContact | Talking), On::ContactHungUp { seconds }) => {
                let began = now - seconds.unwrap_or(0) * 1_000;
                if let Some(talk) = &mut self.talk {
                    talk.since = talk.since.or(Some(began));
                    talk.seconds = seconds.or(talk.seconds);
                }
                (Talking, if state == Talking { self.deadline } else { checked }, Follows::Nothing)
            }
            // How the contact's call ended may still be told.
            (state @ (RingingContact | Talking), On::AgentOver { at, .. }) => {
                self.talk.iter_mut().for_each(|talk| talk.lasted_until(at));
                (state, self.deadline.map(|deadline| deadline.min(now + CALLBACK_GRACE)), Follows::Nothing)
            }
            (state @ (RingingContact | Talking), On::Overdue { asked_in_vain: false }) => {
                (state, checked, Follows::CheckTalk)
            }
            (state @ (RingingContact | Talking), On::AnsweredBy(who)) if call.answered_by == AnsweredBy::Unknown => {
                call.answered_by = who;
                (state, self.deadline, Follows::Nothing)
            }
            (RingingContact | Talking, On::DialEnded { outcome, seconds }) => {
                if outcome == Outcome::Completed {
                    self.talk.iter_mut().for_each(|talk| talk.seconds = seconds.or(talk.seconds));
                }
                ended(outcome)
            }

            (Talking, On::Cancel | On::Overdue { .. }) => hung_up(Outcome::Completed),
            (RingingAgent | Confirm | RingingContact, On::Cancel) | (RingingContact, On::Overdue { .. }) => {
                hung_up(Outcome::Cancelled)
            }
            _ => return Follows::Nothing,
        };
        if let Ended(_) = state {
            self.talk.iter_mut().for_each(|talk| talk.ends(None, now));
        }
        (call.state, self.deadline) = (state, deadline);
        follows
    }
}

/// What became of the contact's call, by Twilio's word for its end.
pub(super) fn contact_outcome(status: &str) -> Outcome {
    match status {
        "completed" | "answered" => Outcome::Completed,
        "busy" => Outcome::ContactBusy,
        "no-answer" => Outcome::ContactNoAnswer,
        "canceled" => Outcome::Cancelled,
        _ => Outcome::ContactFailed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::row::{Callback, CallbackState};

    fn events() -> Vec<CallbackEvent> {
        use CallbackEvent as On;
        vec![
            On::AgentAnswered,
            On::WrongKey,
            On::NotConfirmed,
            On::Confirmed(Talk { leg: 0, sid: "CA2".to_owned(), since: None, seconds: None }),
            On::AgentOver { status: "busy".to_owned(), at: 30_000 },
            On::ContactAnswered { at: 20_000 },
            On::AnsweredBy(AnsweredBy::Human),
            On::AnsweredBy(AnsweredBy::Machine),
            On::ContactHungUp { seconds: Some(9) },
            On::DialEnded { outcome: Outcome::Completed, seconds: Some(8) },
            On::DialEnded { outcome: Outcome::ContactBusy, seconds: None },
            On::Cancel,
            On::Overdue { asked_in_vain: false },
            On::Overdue { asked_in_vain: true },
        ]
    }

    fn rank(call: &Row) -> Option<usize> {
        let state = call.callback().unwrap().state;
        let states = [RingingAgent, Confirm, RingingContact, Talking];
        states.iter().position(|known| *known == state).or(Some(states.len()))
    }

    #[test]
    fn a_call_back_never_goes_back_and_a_doubled_event_changes_nothing() {
        let events = events();
        for seed in 0..events.len().pow(3) {
            let kind = CallKind::Callback(Callback {
                dialled: String::new(),
                state: CallbackState::RingingAgent,
                agent: 1,
                code: String::new(),
                answered_by: AnsweredBy::Unknown,
            });
            let (party, number, agent_name) = Default::default();
            let mut call = Row { party, number, since: 0, deadline: Some(45_000), agent_name, talk: None, kind };
            for turn in 0..3 {
                let event = &events[seed / events.len().pow(turn) % events.len()];
                let before = rank(&call);
                call.on_callback(event.clone(), 40_000);
                assert!(rank(&call) >= before, "{event:?} goes back to {:?}", call.kind);
                assert_eq!(rank(&call) == Some(4), call.deadline.is_none(), "{event:?}");
                let once = call.clone();
                if !matches!(event, CallbackEvent::WrongKey | CallbackEvent::Overdue { .. }) {
                    call.on_callback(event.clone(), 41_000);
                }
                assert_eq!(call, once, "{event:?} counts twice");
            }
        }
    }
}
