//! A code is said in a call. What is said is made from the nonce when Twilio asks for it (`routing/codes.rs`), so this object makes the
//! call, and hears how it went.

use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::timeline::Entry;
use super::verification_row::VerificationRow;
use super::verification_sends::OVER;
use super::work::{Job, Work};
use super::{Contact, StepContext};
use crate::answer::{Answer, try_again};
use crate::form::percent_encode;
use crate::jobs::{self, Next, Target};
use crate::storage::Stored;
use crate::twilio::calls::{NewCall, create_call};
use crate::twilio::request::error_code;
use crate::twilio::status::Delivery;

/// How long their phone rings: as long as most networks let it ring before voicemail takes the call.
const RINGS_FOR_S: u32 = 30;

/// How long the call lasts at most: the code is said twice within half a minute.
const LONGEST_S: u32 = 60;

/// Said where Twilio did not answer; its callbacks say more if there is a call.
const UNKNOWN: &str = "Twilio did not answer, so we do not know whether it called them.";

const NOT_ANSWERED: &str = "Nobody answered the call.";

/// Without this Twilio asks once (Twilio, Webhooks connection overrides).
const RETRIED: &str = "#rc=3&rp=5xx,ct,rt";

impl Contact {
    pub(super) fn begin_call_code(&mut self, ctx: &StepContext, person: &Person, job: &mut Job) -> Stored<Next> {
        let Work::CallCode { verification, send, from } = job.work.clone() else { return Ok(Next::Done) };
        let Some(row) = VerificationRow::load(ctx.store, verification)? else { return Ok(Next::Done) };
        if job.is_uncertain() {
            // A call may have been made. It is not repeated: nobody wants to be called twice at once.
            return Self::code_call_is(ctx, &row, send, Delivery::Unknown, None, UNKNOWN).map(|()| Next::Done);
        }
        let number = person.number_to_dial();
        let Some(to) = number.filter(|_| row.is_pending(ctx.now)).map(String::from) else {
            return Self::code_call_is(ctx, &row, send, Delivery::Failed, None, OVER).map(|()| Next::Done);
        };
        let (base, mailbox) = (format!("{}/twilio/codes", ctx.config.public_url), ctx.hotline.mailbox);
        let new = NewCall {
            to: &to,
            from: &from,
            url: &format!("{base}?h={mailbox}&n={}{RETRIED}", percent_encode(&row.nonce)),
            status_callback: &format!("{base}/status?h={mailbox}&v={verification}&s={send}{RETRIED}"),
            timeout: RINGS_FOR_S,
            time_limit: LONGEST_S,
        };
        let request = create_call(ctx.config, &new);
        job.mark_sent(Target::Call, String::new(), ctx.now);
        jobs::save(ctx.store, job)?;
        Ok(self.send(ctx, job, PendingRequest::new(RequestKind::CallCode), request))
    }

    pub(super) fn on_code_call_answer(ctx: &StepContext, job: &mut Job, answer: Answer) -> Stored<Next> {
        let Work::CallCode { verification, send, .. } = job.work.clone() else { return Ok(Next::Done) };
        let Some(row) = VerificationRow::load(ctx.store, verification)? else { return Ok(Next::Done) };
        let is = |delivery, code, remark| Self::code_call_is(ctx, &row, send, delivery, code, remark);
        match answer {
            Answer::Done(_) => is(Delivery::Queued, None, "")?,
            Answer::Lost(_) => is(Delivery::Unknown, None, UNKNOWN)?,
            Answer::Refused(response) => {
                let code = error_code(&response.json());
                is(Delivery::Failed, code, "Twilio does not call this number.")?;
            }
            other => {
                job.start_again(ctx.now);
                return Ok(try_again(ctx.now, job, &other));
            }
        }
        Ok(Next::Done)
    }

    /// Twilio says how far the call has come.
    pub(super) fn on_code_call(ctx: &StepContext, row: &VerificationRow, send: usize, status: &str) -> Stored<()> {
        let (delivery, remark) = match status {
            "queued" | "initiated" => (Delivery::Queued, ""),
            "ringing" => (Delivery::Sending, ""),
            "in-progress" => (Delivery::Sent, ""),
            "completed" => (Delivery::Delivered, ""),
            "busy" | "no-answer" | "canceled" | "failed" => (Delivery::Failed, NOT_ANSWERED),
            _ => return Ok(()),
        };
        Self::code_call_is(ctx, row, send, delivery, None, remark)
    }

    /// A state never moves down.
    fn code_call_is(
        ctx: &StepContext,
        row: &VerificationRow,
        send: usize,
        delivery: Delivery,
        code: Option<u32>,
        remark: &str,
    ) -> Stored<()> {
        let Some(entry) = row.progress.sends.get(send).map(|sent| sent.entry) else { return Ok(()) };
        let Some(mut entry) = Entry::load(ctx.store, entry)? else { return Ok(()) };
        if delivery <= entry.delivery {
            return Ok(());
        }
        entry.drop_remark(UNKNOWN);
        entry.add_remark(remark);
        (entry.delivery, entry.code) = (delivery, code);
        entry.save(ctx.store)
    }
}
