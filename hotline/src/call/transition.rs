//! Carries out what follows from a transition.

use super::callback::CallbackEvent;
use super::inbound::InboundEvent;
use super::leg_rows::LegCall;
use super::row::{CallKind, Follows, InboundOutcome, InboundState};
use super::work::{BridgeFacts, Work};
use super::{CallContext, voicemail};
use crate::messages::directory;
use crate::storage::Stored;

impl CallContext<'_> {
    /// Something happens to a call that came in.
    pub(super) fn on_inbound(&mut self, event: InboundEvent) -> Stored<()> {
        let follows = self.row.on_inbound(event, self.ctx.now, voicemail::longest(self.ctx.hotline));
        self.follow(follows)
    }

    /// Something happens to a call back.
    pub(super) fn on_callback(&mut self, event: CallbackEvent) -> Stored<()> {
        let follows = self.row.on_callback(event, self.ctx.now);
        self.follow(follows)
    }

    fn follow(&mut self, follows: Follows) -> Stored<()> {
        match follows {
            Follows::Nothing => Ok(()),
            Follows::StopPhones => self.stop_phones(),
            Follows::Hold => {
                if let Some(talk) = &self.row.talk {
                    self.add(&Work::Hold { leg: talk.leg })?;
                }
                self.stop_phones()
            }
            Follows::Redirect => {
                self.stop_phones()?;
                // Who never came to the queue got voicemail instead: the answer that sent them there was lost.
                if self.row.inbound().is_some_and(|call| !call.queue.is_empty()) {
                    self.add(&Work::Redirect)?;
                }
                Ok(())
            }
            Follows::CheckTalk => self.add_once(&Work::CheckTalk),
            Follows::CheckBridge => self.add_once(&Work::CheckBridge(BridgeFacts::default())),
            Follows::HangUp => {
                self.stop_calls(|_| true)?;
                self.close()
            }
            Follows::Close => self.close(),
            Follows::Report => self.will_report(),
        }
    }

    fn close(&mut self) -> Stored<()> {
        // Who is not stopped hears how the call ended, and then hangs up by themselves.
        if let Some(call) = self.talking_call()?
            && !self.is_stopping(&call)?
        {
            self.leg_over(call, "completed", self.ctx.now)?;
        }
        self.stop_phones()?;
        if self.row.inbound_state() == Some(InboundState::Ended(InboundOutcome::VoicemailLost)) {
            self.learn("voicemail: Twilio lost a recording")?;
        }
        match &self.row.kind {
            CallKind::Inbound(call) if call.queue.is_empty() => {}
            CallKind::Inbound(call) => self.add(&Work::DeleteQueue { queue: call.queue.clone() })?,
            CallKind::Callback(_) => self.tell_directory(directory::Message::CallEnded { id: self.id.to_owned() })?,
        }
        self.will_report()
    }

    /// A deadline may have passed.
    pub(super) fn overdue(&mut self) -> Stored<()> {
        if self.row.deadline.is_none_or(|deadline| self.ctx.now < deadline) {
            return Ok(());
        }
        match &self.row.kind {
            CallKind::Inbound(call) => self.inbound_overdue(call.state),
            CallKind::Callback(_) => self.callback_overdue(),
        }
    }

    /// The call to the phone that has, or had, the caller or the contact.
    pub(super) fn talking_call(&self) -> Stored<Option<LegCall>> {
        self.row.talk.as_ref().map_or(Ok(None), |talk| LegCall::load(self.ctx.store, &talk.sid))
    }

    /// Whether its call is over, or not known.
    pub(super) fn phone_hung_up(&self) -> Stored<bool> {
        Ok(self.talking_call()?.is_none_or(|call| !call.is_live()))
    }
}
