//! A caller whom nobody takes leaves a message.

use super::CallContext;
use super::inbound::InboundEvent;
use super::row::{CallKind, InboundState, VoiceMessage};
use super::times::FILED;
use super::work::Work;
use crate::config::{CLICK_S, Hotline};
use crate::effects::Millis;
use crate::jobs;
use crate::storage::Stored;
use crate::twilio::calls::Facts;
use crate::twilio::twiml::Verb;
use crate::twilio::voicemail::{document, thanks};

/// The longest that a prompt takes, and what Twilio needs to say that a message is there.
const PROMPT: Millis = 180_000;

/// The longest that a caller is at voicemail.
pub(super) fn longest(hotline: &Hotline) -> Millis {
    PROMPT + i64::from(hotline.voicemail.max_seconds) * 1_000
}

impl CallContext<'_> {
    /// The caller is here: they need not be fetched any more.
    pub(super) fn at_voicemail(&mut self) -> Stored<Vec<Verb>> {
        if let Some(InboundState::Ended(_)) = self.row.inbound_state() {
            return Ok(vec![Verb::Hangup]);
        }
        self.on_inbound(InboundEvent::AtVoicemail)?;
        self.give_up(&Work::Redirect)?;
        Ok(document(self.ctx.config, self.ctx.hotline, self.id))
    }

    /// The message is spoken.
    pub(super) fn recorded(&mut self, facts: &Facts) -> Stored<Vec<Verb>> {
        match message(facts) {
            Some(message) if message.is_spoken() => {
                self.keep_earlier_message(&message)?;
                self.on_inbound(InboundEvent::Spoken(message))?;
            }
            // Its callback, or Twilio's list, says how long it is.
            Some(VoiceMessage { seconds: None, .. }) => {
                self.on_inbound(InboundEvent::Extend(self.ctx.now + FILED))?;
            }
            _ => self.on_inbound(InboundEvent::NoMessage)?,
        }
        Ok(thanks(self.ctx.hotline))
    }

    /// They were sent to voicemail once more while they spoke, and so have left two messages.
    fn keep_earlier_message(&self, new: &VoiceMessage) -> Stored<()> {
        let is_spoken = self.row.inbound().filter(|call| call.state == InboundState::Voicemail);
        let earlier = is_spoken.and_then(|call| call.message.clone().zip(Some(call.transcript.clone())));
        let Some((VoiceMessage { recording, seconds }, transcript)) =
            earlier.filter(|(message, _)| message.recording != new.recording)
        else {
            return Ok(());
        };
        let report = Work::ReportMessage { recording, seconds: seconds.unwrap_or(0), transcript };
        jobs::add(self.ctx.store, &report.lane(), &report, self.ctx.now + FILED, self.ctx.now)
    }

    /// Its file is there: now it goes to the conversation, with or without a transcript.
    pub(super) fn recording(&mut self, facts: &Facts) -> Stored<()> {
        let Some(message) = message(facts) else { return Ok(()) };
        match facts.status.as_str() {
            "completed" if message.seconds.is_none() || message.is_spoken() => {
                self.on_inbound(InboundEvent::Filed(message))
            }
            // Twilio is asked after a while: the file may be there all the same.
            "failed" => self.on_inbound(InboundEvent::Extend(self.ctx.now + FILED)),
            _ if message.is_spoken() || self.is_spoken(&message.recording) => {
                self.on_inbound(InboundEvent::FileLost(message))
            }
            _ => self.on_inbound(InboundEvent::NoMessage),
        }
    }

    /// Whether a recording is known to hold a message.
    fn is_spoken(&self, recording: &str) -> bool {
        self.row.inbound().is_some_and(|call| call.has_message(recording))
    }

    /// The person was erased, or the time of what they said is over.
    pub(super) fn forget_words(&mut self) {
        if let CallKind::Inbound(call) = &mut self.row.kind {
            call.transcript = call.transcript.take().map(|_| String::new());
            call.is_forgotten = true;
        }
    }

    /// Its transcript is there, or never will be.
    pub(super) fn transcript(&mut self, facts: &Facts) -> Stored<()> {
        if self.row.inbound().is_some_and(|call| call.is_forgotten) {
            return Ok(());
        }
        let words = if facts.status == "completed" { facts.text.trim() } else { "" }.to_owned();
        let recording = facts.recording.clone();
        if recording.is_empty() || self.row.inbound().is_none_or(|call| call.may_have(&recording)) {
            return self.on_inbound(InboundEvent::Transcribed(words));
        }
        if words.is_empty() {
            return Ok(());
        }
        // Of an earlier message, which has been told of, or is about to be: its length is known there.
        self.add(&Work::ReportMessage { recording, seconds: 0, transcript: Some(words) })
    }
}

impl VoiceMessage {
    /// Whether something was said: a message of a second is the click of somebody who hangs up.
    pub(super) fn is_spoken(&self) -> bool {
        self.seconds.is_some_and(|seconds| seconds > i64::from(CLICK_S))
    }
}

fn message(facts: &Facts) -> Option<VoiceMessage> {
    let recording = Some(&facts.recording).filter(|sid| !sid.is_empty())?.clone();
    Some(VoiceMessage { recording, seconds: facts.seconds })
}
