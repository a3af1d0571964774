//! How a call that came in goes on: it rings, is taken by a phone or goes to voicemail, and ends.

use super::row::InboundState::{self, Ended, Ringing, Taken, Voicemail};
use super::row::{CallKind, Follows, InboundOutcome as Outcome, Row, Talk, VoiceMessage};
use super::times::{CALLBACK_GRACE, CHECKED_EVERY, FILED};
use crate::effects::Millis;

/// What happens to a call that came in.
#[derive(Clone, Debug)]
pub(super) enum InboundEvent {
    /// The caller has called too often.
    Reject,
    /// It comes outside opening hours.
    Close,
    /// What goes on may go on until then.
    Extend(Millis),
    /// A phone takes the caller.
    Take(Talk),
    /// No phone takes the caller, or the one that did never met them.
    NotTaken,
    /// The caller is at voicemail.
    AtVoicemail,
    /// The caller has hung up.
    HungUp,
    /// The caller hung up in the queue: whoever had pressed 1 never met them (Twilio, Enqueue: QueueResult).
    HungUpInQueue,
    /// The caller has left the queue after a talk.
    Bridged,
    /// The call of the phone that has the caller was over at that instant.
    PhoneHungUp { at: Millis },
    /// The phone has talked with the caller, for so long.
    Talked { seconds: Option<i64> },
    /// Everything about the end of the talk has been told, or never will be. `asked_in_vain`: nor does Twilio know.
    TalkOverdue { phone_hung_up: bool, asked_in_vain: bool },
    /// A message is spoken; its file is not there yet.
    Spoken(VoiceMessage),
    /// The file of a message is there. It may come after we had given it up.
    Filed(VoiceMessage),
    /// The caller left no message.
    NoMessage,
    /// A message was spoken, and there never will be a file of it.
    FileLost(VoiceMessage),
    /// Nothing more is to be learnt of a message: what is known has to do.
    Settle,
    /// The transcript is there; empty when it could not be made.
    Transcribed(String),
}

impl Row {
    /// Goes on at an event; one that is not listed with its state is late, or told twice, and changes nothing.
    pub(super) fn on_inbound(&mut self, event: InboundEvent, now: Millis, longest_voicemail: Millis) -> Follows {
        use InboundEvent as On;
        let CallKind::Inbound(call) = &mut self.kind else { return Follows::Nothing };
        let was_gone = call.caller_gone;
        call.caller_gone |= matches!(event, On::HungUp | On::HungUpInQueue);
        let sooner = self.deadline.map(|deadline| deadline.min(now + CALLBACK_GRACE));
        let (at_voicemail, until_filed) = (Some(now + longest_voicemail), Some(now + FILED));

        let (state, deadline, follows) = match (call.state, event) {
            (Ringing, On::Reject) => (Ended(Outcome::Rejected), None, Follows::Nothing),
            (Ringing, On::Close) => ended(Outcome::Closed),
            (state @ (Ringing | Taken | Voicemail), On::Extend(until)) => (state, Some(until), Follows::Nothing),

            (Ringing, On::Take(talk)) => {
                self.talk = Some(talk);
                (Taken, Some(now + CHECKED_EVERY), Follows::Hold)
            }
            (Taken, On::PhoneHungUp { at }) => {
                self.talk.iter_mut().for_each(|talk| talk.lasted_until(at));
                (Taken, sooner, Follows::Nothing)
            }
            (Taken, On::Bridged) if self.talk.as_ref().is_some_and(|talk| talk.seconds.is_none()) => {
                self.talk.iter_mut().for_each(|talk| talk.ends(None, now));
                (Taken, Some(now + CALLBACK_GRACE), Follows::Nothing)
            }
            // Told late: by then we held that they had not met. Whoever has left a message since is to be called back.
            (Voicemail, On::Bridged) if self.talk.is_some() && call.message.is_none() => {
                talked(&mut self.talk, None, now)
            }
            (Taken, On::Talked { seconds }) => talked(&mut self.talk, seconds, now),
            (Taken, On::TalkOverdue { phone_hung_up, asked_in_vain }) => {
                let is_over = call.caller_gone || phone_hung_up;
                match self.talk.as_ref().is_some_and(|it| it.has_been(call.caller_gone, now)) {
                    true => ended(Outcome::Answered),
                    false if !is_over => (Taken, Some(now + CHECKED_EVERY), Follows::CheckTalk),
                    false if !asked_in_vain => (Taken, Some(now + CALLBACK_GRACE), Follows::CheckBridge),
                    false if call.caller_gone => ended(Outcome::Missed),
                    false => (Voicemail, at_voicemail, Follows::Redirect),
                }
            }
            (Taken, On::NotTaken) if call.caller_gone => ended(Outcome::Missed),
            (Ringing | Taken, On::NotTaken) => (Voicemail, at_voicemail, Follows::Redirect),

            (Ringing, On::HungUp | On::HungUpInQueue) if !call.queue.is_empty() => ended(Outcome::Missed),
            // They never came to the queue: they may have left a message all the same.
            (Ringing, On::HungUp | On::HungUpInQueue) => (Voicemail, until_filed, Follows::StopPhones),
            (Taken, On::HungUpInQueue) => ended(Outcome::Missed),
            (Taken, On::HungUp) if !was_gone => (Taken, sooner, Follows::Nothing),
            // A message may be there: its file is told of later.
            (Voicemail, On::HungUp | On::HungUpInQueue) if !was_gone && call.message.is_none() => {
                (Voicemail, until_filed, Follows::Nothing)
            }

            (Ringing | Taken, On::AtVoicemail) => (Voicemail, at_voicemail, Follows::StopPhones),
            (Ringing | Taken | Voicemail, On::Spoken(message)) if !call.has_message(&message.recording) => {
                call.receives(message);
                (Voicemail, until_filed, Follows::StopPhones)
            }
            (Ringing | Taken | Voicemail, On::FileLost(message)) if call.may_have(&message.recording) => {
                call.message.get_or_insert(message);
                ended(Outcome::VoicemailLost)
            }
            (Ringing | Taken | Voicemail, On::NoMessage) | (Voicemail, On::Settle) if call.message.is_none() => {
                ended(Outcome::NoMessage)
            }
            (Voicemail, On::Settle) => ended(Outcome::Voicemail),
            (Ringing | Taken | Voicemail, On::Filed(message)) => {
                call.receives(message);
                ended(Outcome::Voicemail)
            }
            // It had been given up, or is a second one.
            (Ended(outcome), On::Filed(message))
                if outcome != Outcome::Voicemail || !call.has_message(&message.recording) =>
            {
                call.receives(message);
                (Ended(Outcome::Voicemail), None, Follows::Report)
            }
            (state, On::Transcribed(words))
                if call.transcript.as_ref().is_none_or(|it| it.is_empty() && *it != words) =>
            {
                call.transcript = Some(words);
                let is_told = state == Ended(Outcome::Voicemail);
                (state, self.deadline, if is_told { Follows::Report } else { Follows::Nothing })
            }
            _ => return Follows::Nothing,
        };
        (call.state, self.deadline) = (state, deadline);
        follows
    }
}

/// What a call goes on to, until when at most, and what follows.
type Goes = (InboundState, Option<Millis>, Follows);

fn talked(talk: &mut Option<Talk>, seconds: Option<i64>, now: Millis) -> Goes {
    if let Some(talk) = talk {
        talk.ends(seconds, now);
    }
    ended(Outcome::Answered)
}

fn ended(outcome: Outcome) -> Goes {
    (Ended(outcome), None, Follows::Close)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::row::Inbound;

    fn events() -> Vec<InboundEvent> {
        use InboundEvent as On;
        let message = |sid: &str| VoiceMessage { recording: sid.to_owned(), seconds: Some(9) };
        vec![
            On::Reject,
            On::Close,
            On::Extend(50),
            On::Take(Talk { leg: 0, sid: "CA2".to_owned(), since: Some(0), seconds: None }),
            On::NotTaken,
            On::AtVoicemail,
            On::HungUp,
            On::HungUpInQueue,
            On::Bridged,
            On::PhoneHungUp { at: 30_000 },
            On::Talked { seconds: Some(30) },
            On::TalkOverdue { phone_hung_up: true, asked_in_vain: false },
            On::TalkOverdue { phone_hung_up: true, asked_in_vain: true },
            On::TalkOverdue { phone_hung_up: false, asked_in_vain: false },
            On::Spoken(message("RE1")),
            On::NoMessage,
            On::FileLost(message("RE1")),
            On::FileLost(message("RE3")),
            On::Settle,
            On::Filed(message("RE1")),
            On::Filed(message("RE2")),
            On::Transcribed("Hello".to_owned()),
        ]
    }

    fn rank(call: &Row) -> Option<usize> {
        let state = call.inbound_state().unwrap();
        let states = [Ringing, Taken, Voicemail];
        states.iter().position(|known| *known == state).or(Some(states.len()))
    }

    #[test]
    fn a_call_that_came_in_never_goes_back_and_a_doubled_event_changes_nothing() {
        let events = events();
        for seed in 0..events.len().pow(3) {
            let kind = CallKind::Inbound(Inbound::new(Ringing, false, false));
            let (party, number, agent_name) = Default::default();
            let mut call = Row { party, number, since: 0, deadline: Some(25_000), agent_name, talk: None, kind };
            for turn in 0..3 {
                let event = &events[seed / events.len().pow(turn) % events.len()];
                let before = rank(&call);
                call.on_inbound(event.clone(), 40_000, 300_000);
                assert!(rank(&call) >= before, "{event:?} goes back to {:?}", call.kind);
                assert_eq!(rank(&call) == Some(3), call.deadline.is_none(), "{event:?}");
                let once = call.clone();
                if !matches!(event, InboundEvent::TalkOverdue { .. }) {
                    call.on_inbound(event.clone(), 41_000, 300_000);
                }
                assert_eq!(call, once, "{event:?} counts twice");
            }
        }
    }

    #[test]
    fn whom_twilio_says_late_to_have_been_taken_was_answered_unless_they_left_a_message() {
        let message = VoiceMessage { recording: "RE1".to_owned(), seconds: Some(9) };
        for (spoken, outcome) in [(None, Some(Ended(Outcome::Answered))), (Some(message), Some(Voicemail))] {
            let talk = Some(Talk { leg: 0, sid: "CA2".to_owned(), since: Some(0), seconds: None });
            let mut inbound = Inbound::new(Voicemail, false, false);
            inbound.message = spoken;
            let (party, number, agent_name) = Default::default();
            let kind = CallKind::Inbound(inbound);
            let mut call = Row { party, number, since: 0, deadline: Some(25_000), agent_name, talk, kind };
            call.on_inbound(InboundEvent::Bridged, 40_000, 300_000);
            assert_eq!(call.inbound_state(), outcome);
        }
    }
}
