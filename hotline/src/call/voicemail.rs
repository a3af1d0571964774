//! A caller whom nobody takes leaves a message.

use super::CallContext;
use super::row::State;
use super::work::Work;
use crate::config::Hotline;
use crate::effects::Millis;
use crate::jobs;
use crate::storage::Stored;
use crate::twilio::calls::Facts;
use crate::twilio::twiml::Verb;
use crate::twilio::voicemail::{document, thanks};

/// The longest that a prompt takes, and what Twilio needs to say that a message is there.
const PROMPT: Millis = 180_000;

/// How long after a message its file may take to be told of; then what is known of it has to do.
pub(super) const FILED: Millis = 30_000;

/// Messages of a second are the click of somebody who hangs up.
const CLICK_S: i64 = 1;

/// The longest that a caller is at voicemail.
pub(super) fn longest(hotline: &Hotline) -> Millis {
    PROMPT + i64::from(hotline.voicemail.max_seconds) * 1_000
}

impl CallContext<'_> {
    /// The caller is here: they need not be fetched any more.
    pub(super) fn at_voicemail(&mut self) -> Stored<Vec<Verb>> {
        if self.row.state == State::Ended {
            return Ok(vec![Verb::Hangup]);
        }
        self.comes_to_voicemail()?;
        self.give_up(&Work::Redirect)?;
        Ok(document(self.ctx.config, self.ctx.hotline, self.id))
    }

    /// No phone may take them any more.
    pub(super) fn comes_to_voicemail(&mut self) -> Stored<()> {
        if self.row.state >= State::Voicemail {
            return Ok(());
        }
        self.row.advance(State::Voicemail, Some(self.ctx.now + longest(self.ctx.hotline)));
        self.stop_phones()
    }

    /// The message is spoken.
    pub(super) fn recorded(&mut self, facts: &Facts) -> Stored<Vec<Verb>> {
        self.comes_to_voicemail()?;
        if facts.seconds.is_some_and(|seconds| seconds > CLICK_S) && !facts.recording.is_empty() {
            if self.row.state == State::Voicemail {
                self.keep_earlier_message(facts)?;
                self.row.recording.clone_from(&facts.recording);
                self.row.seconds = facts.seconds;
                self.row.deadline = Some(self.ctx.now + FILED);
            }
        } else if self.row.recording.is_empty() {
            self.end("no_message")?;
        }
        Ok(thanks())
    }

    /// They were sent to voicemail once more while they spoke, and so have left two messages.
    fn keep_earlier_message(&self, facts: &Facts) -> Stored<()> {
        let recording = self.row.recording.clone();
        if recording.is_empty() || recording == facts.recording {
            return Ok(());
        }
        let report = Work::ReportMessage { recording, seconds: self.row.seconds.unwrap_or(0) };
        jobs::add(self.ctx.store, &report.lane(), &report, self.ctx.now + FILED, self.ctx.now)
    }

    /// Its file is there: now it goes to the conversation, with or without a transcript. It may come after we had given
    /// it up.
    pub(super) fn recording(&mut self, facts: &Facts) -> Stored<()> {
        let there = facts.status == "completed" && facts.seconds.is_none_or(|seconds| seconds > CLICK_S);
        let known = self.row.outcome == "voicemail" && self.row.recording == facts.recording;
        if known || facts.recording.is_empty() {
            return Ok(());
        }
        if there {
            self.row.recording.clone_from(&facts.recording);
            self.row.seconds = facts.seconds;
            self.comes_to_voicemail()?;
            self.row.advance(State::Ended, None);
            "voicemail".clone_into(&mut self.row.outcome);
            return self.will_report();
        }
        if self.row.recording.is_empty() || self.row.recording == facts.recording {
            self.row.recording.clear();
            self.end("no_message")?;
        }
        Ok(())
    }

    /// Its transcript is there, or never will be.
    pub(super) fn transcript(&mut self, facts: &Facts) -> Stored<()> {
        let words = if facts.status == "completed" { facts.text.trim() } else { "" };
        if self.row.transcript.as_deref().is_some_and(|known| known == words || !known.is_empty()) {
            return Ok(());
        }
        self.row.transcript = Some(words.to_owned());
        if self.row.outcome == "voicemail" { self.will_report() } else { Ok(()) }
    }
}
