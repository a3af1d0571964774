//! What is known of a call: facts of every call, and those of its kind.

use protocol::sidebar::{CallOutcome as CallbackOutcome, CallState};
use serde::{Deserialize, Serialize};

use super::times::{CALLBACK_GRACE, COUNTS_AS_TALK_AFTER};
use crate::effects::Millis;
use crate::twilio::calls::AnsweredBy;
use crate::twilio::calls::LONGEST_TALK;

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The person's key; empty until Twilio has said who it is.
    pub party: String,
    /// Our number: called, or shown.
    pub number: String,
    /// When it began.
    pub since: Millis,
    /// When its state has lasted too long.
    pub deadline: Option<Millis>,
    /// Who answered or calls back, in words.
    pub agent_name: String,
    /// The phone's call that has, or had, the caller or the contact. It is chosen once.
    pub talk: Option<Talk>,
    pub kind: CallKind,
}

/// A talk on a call to a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Talk {
    /// The leg's place.
    pub leg: i64,
    /// `CallSid` of the call to that phone; a release that knew one call a phone has left it empty.
    pub sid: String,
    /// When the phone took the caller, or when the contact answered.
    pub since: Option<Millis>,
    /// How long they talked.
    pub seconds: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallKind {
    /// Somebody calls the hotline.
    Inbound(Inbound),
    /// An agent calls a contact.
    Callback(Callback),
}

/// What is known only of a call that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are columns, and say nothing about each other")]
pub(super) struct Inbound {
    pub state: InboundState,
    /// `QueueSid` of the caller's own queue; empty until they are heard of there.
    pub queue: String,
    /// The caller has hung up.
    pub caller_gone: bool,
    /// The caller's network says that the caller id is false (Twilio, SHAKEN/STIR).
    pub caller_id_failed: bool,
    /// The message that they left.
    pub message: Option<VoiceMessage>,
    /// Its transcript; empty when Twilio could not make one.
    pub transcript: Option<String>,
    /// They called our WhatsApp sender.
    pub is_whatsapp: bool,
    /// They were erased: what is heard of their words from now on is not kept.
    pub is_forgotten: bool,
}

/// How far a call that came in is. It only moves downwards here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "outcome", rename_all = "snake_case")]
pub(super) enum InboundState {
    /// The caller waits while the team's phones ring.
    Ringing,
    /// A phone has taken the caller.
    Taken,
    /// The caller is at, or on the way to, voicemail.
    Voicemail,
    /// It is over.
    Ended(InboundOutcome),
}

/// What a call that came in came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum InboundOutcome {
    /// The caller has called too often.
    Rejected,
    /// It came outside opening hours.
    Closed,
    /// A phone took it, and they talked.
    Answered,
    /// The caller hung up before anybody talked with them.
    Missed,
    /// Nobody took it, and the caller left no message.
    NoMessage,
    /// The caller left a message.
    Voicemail,
    /// The caller left a message, and Twilio could not keep its file.
    VoicemailLost,
}

/// A message that a caller has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VoiceMessage {
    /// `RecordingSid`.
    pub recording: String,
    pub seconds: Option<i64>,
}

/// What is known only of a call back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Callback {
    pub state: CallbackState,
    /// Help Scout's id of the agent.
    pub agent: i64,
    /// What the agent must press once to show that the phone is theirs; empty when they have.
    pub code: String,
    /// The number to dial; empty in rows of older releases, where the party's key is it.
    pub dialled: String,
    /// Who or what answered the contact's phone, once Twilio has found out.
    pub answered_by: AnsweredBy,
}

/// How far a call back is. It only moves downwards here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "outcome", rename_all = "snake_case")]
pub(super) enum CallbackState {
    /// The agent's phone rings.
    RingingAgent,
    /// The agent hears whom they are about to call.
    Confirm,
    /// The contact's phone rings.
    RingingContact,
    /// Agent and contact talk.
    Talking,
    /// It is over.
    Ended(CallbackOutcome),
}

/// What a transition brings with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follows {
    Nothing,
    /// No further phone may take the caller.
    StopPhones,
    /// One phone is held for the talk, and the others stop.
    Hold,
    /// The phones stop, and the caller is fetched from the queue to voicemail.
    Redirect,
    /// Twilio is asked whether the talk goes on.
    CheckTalk,
    /// Twilio is asked whether phone and caller have met.
    CheckBridge,
    /// It is over: the phones stop, and the conversation says what it came to.
    Close,
    /// Whoever is on a phone is hung up on, and it is over.
    HangUp,
    /// The conversation hears of it once more.
    Report,
}

impl Row {
    pub fn inbound(&self) -> Option<&Inbound> {
        if let CallKind::Inbound(call) = &self.kind { Some(call) } else { None }
    }

    pub fn inbound_state(&self) -> Option<InboundState> {
        self.inbound().map(|call| call.state)
    }

    pub fn callback(&self) -> Option<&Callback> {
        if let CallKind::Callback(call) = &self.kind { Some(call) } else { None }
    }

    /// Whether phones are still wanted: nobody has the caller, or presses to call the contact, yet.
    pub fn rings(&self) -> bool {
        match &self.kind {
            CallKind::Inbound(call) => call.state == InboundState::Ringing,
            CallKind::Callback(call) => matches!(call.state, CallbackState::RingingAgent | CallbackState::Confirm),
        }
    }

    /// Whether a phone has the caller, or calls the contact.
    pub fn talks(&self) -> bool {
        match &self.kind {
            CallKind::Inbound(call) => call.state == InboundState::Taken,
            CallKind::Callback(call) => matches!(call.state, CallbackState::RingingContact | CallbackState::Talking),
        }
    }
}

impl Talk {
    /// It was over at an instant. Nobody waits so long for somebody who is not there: then they have talked.
    pub fn lasted_until(&mut self, at: Millis) {
        if let Some(since) = self.since.filter(|since| at - since > COUNTS_AS_TALK_AFTER) {
            self.seconds = self.seconds.or(Some((at - since) / 1_000));
        }
    }

    /// Whether the two have met, as far as we can know without being told.
    pub fn has_been(&self, caller_gone: bool, now: Millis) -> bool {
        let since = self.since.unwrap_or(now);
        let waited = caller_gone && now > since + COUNTS_AS_TALK_AFTER + CALLBACK_GRACE;
        self.seconds.is_some() || waited || now >= since + LONGEST_TALK
    }

    /// It is over, with the length that Twilio says, or else by our own clock.
    pub fn ends(&mut self, seconds: Option<i64>, now: Millis) {
        self.seconds = seconds.or(self.seconds).or(self.since.map(|since| (now - since) / 1_000));
    }
}

impl Inbound {
    pub fn new(state: InboundState, caller_id_failed: bool, is_whatsapp: bool) -> Self {
        let queue = String::new();
        Self {
            state,
            queue,
            caller_gone: false,
            caller_id_failed,
            message: None,
            transcript: None,
            is_whatsapp,
            is_forgotten: false,
        }
    }

    pub fn has_message(&self, recording: &str) -> bool {
        self.message.as_ref().is_some_and(|message| message.recording == recording)
    }

    /// They have left a message. A transcript that is there is of an earlier one, when there was one.
    pub fn receives(&mut self, message: VoiceMessage) {
        if !self.may_have(&message.recording) {
            self.transcript = None;
        }
        self.message = Some(message);
    }

    /// Whether a recording may be theirs: no other message is known.
    pub fn may_have(&self, recording: &str) -> bool {
        self.message.is_none() || self.has_message(recording)
    }
}

impl Callback {
    pub fn outcome(&self) -> Option<CallbackOutcome> {
        if let CallbackState::Ended(outcome) = self.state { Some(outcome) } else { None }
    }
}

impl From<CallbackState> for CallState {
    fn from(state: CallbackState) -> Self {
        match state {
            CallbackState::RingingAgent => Self::RingingAgent,
            CallbackState::Confirm => Self::Confirm,
            CallbackState::RingingContact => Self::RingingContact,
            CallbackState::Talking => Self::Talking,
            CallbackState::Ended(_) => Self::Ended,
        }
    }
}
