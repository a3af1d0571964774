//! What programs ask of a person's object by `/v1/verifications`: a code begins, is checked, and ends.

use protocol::v1::VerificationCheck;

use super::person::Person;
use super::verification_item::{few, is};
use super::verification_row::{Approval, State, VerificationRow};
use super::{Contact, StepContext, event_data, verification_row};
use crate::domain::verification_code::VerificationCode;
use crate::effects::{Millis, ObjectReply};
use crate::messages::verification::{CodeLimit, VerificationReply, VerificationRequest, WantedVerification};
use crate::send_rules::Decision;
use crate::storage::Stored;

/// How many verifications of one number may begin in an hour: who needs more does not have the phone.
const MOST_AN_HOUR: usize = 5;
const HOUR: Millis = 3_600_000;

impl Contact {
    pub(super) fn on_verification_request(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        request: VerificationRequest,
    ) -> Stored<ObjectReply> {
        let number = match request {
            VerificationRequest::Start { wanted, nonce, asks_only } => {
                let nonce = Some(nonce).filter(|_| !asks_only);
                return Self::start_verification(ctx, person, *wanted, nonce).map(ObjectReply::Verification);
            }
            VerificationRequest::OfReference { reference } => {
                let known = VerificationRow::of_reference(ctx.store, &reference, ctx.now)?;
                return known.map_or(Ok(ObjectReply::NotFound), |row| {
                    is(ctx, person, &row, true).map(ObjectReply::Verification)
                });
            }
            VerificationRequest::Read { number }
            | VerificationRequest::Check { number, .. }
            | VerificationRequest::Resend { number, .. }
            | VerificationRequest::Called { number, .. }
            | VerificationRequest::Cancel { number } => number,
        };
        let Some(row) = VerificationRow::load(ctx.store, number)? else { return Ok(ObjectReply::NotFound) };
        let reply = match request {
            VerificationRequest::Called { send, status, .. } => {
                return Self::on_code_call(ctx, &row, send, &status).map(|()| ObjectReply::Done);
            }
            VerificationRequest::Check { code, request, .. } => Self::check_code(ctx, person, row, &code, request)?,
            VerificationRequest::Resend { request, asks_only, .. } => {
                Self::resend_code(ctx, person, row, request, asks_only)?
            }
            VerificationRequest::Cancel { .. } => self.cancel_verification(ctx, person, row)?,
            _ => is(ctx, person, &row, true)?,
        };
        Ok(ObjectReply::Verification(reply))
    }

    /// A code begins, unless there is one already: the same request, the same name, or the same purpose while its code is good.
    /// Without a nonce it is only asked whether it may.
    fn start_verification(
        ctx: &StepContext,
        person: &Person,
        wanted: WantedVerification,
        nonce: Option<String>,
    ) -> Stored<VerificationReply> {
        if let Some(known) = VerificationRow::of_request(ctx.store, &wanted.request)? {
            return is(ctx, person, &known, false);
        }
        let of_reference =
            wanted.reference.as_deref().map(|name| VerificationRow::of_reference(ctx.store, name, ctx.now));
        if let Some(known) = of_reference.transpose()?.flatten() {
            return is(ctx, person, &known, true);
        }
        let last = VerificationRow::last_for(ctx.store, wanted.purpose.as_deref())?;
        if let Some(known) = last.filter(|last| last.is_pending(ctx.now)) {
            return is(ctx, person, &known, true);
        }
        let sender = match Self::judge_code(ctx, person, &wanted)? {
            Decision::Send { sender } => sender,
            Decision::Hold { rule, detail, .. } | Decision::Refuse { rule, detail } => {
                return Ok(VerificationReply::Refused { rule, detail });
            }
        };
        let begun = VerificationRow::last_begun(ctx.store, MOST_AN_HOUR)?;
        if let Some(oldest) = begun.get(MOST_AN_HOUR - 1).filter(|oldest| ctx.now - **oldest < HOUR) {
            return Ok(VerificationReply::TooMany { limit: CodeLimit::Number, wait: oldest + HOUR - ctx.now });
        }
        let request = wanted.request.clone();
        let Some(nonce) = nonce else { return Ok(VerificationReply::MayLeave { verification: request }) };
        let mut row = VerificationRow::new(wanted, nonce, ctx.now);
        row.insert(ctx.store)?;
        Self::send_code(ctx, person, &mut row, &sender, request)?;
        is(ctx, person, &row, false)
    }

    /// A code is checked. The same request again has the same answer; what is over stays as it is.
    fn check_code(
        ctx: &StepContext,
        person: &Person,
        mut row: VerificationRow,
        code: &str,
        request: String,
    ) -> Stored<VerificationReply> {
        let is_right = VerificationCode::derive(ctx.config.secrets.session_secret.expose(), &row.nonce).is(code);
        let answered = row.progress.approval.clone().filter(|approval| approval.request == request);
        if answered.is_none() && row.is_pending(ctx.now) && !row.progress.wrong.contains(&request) {
            if is_right {
                let first_time = row.is_first_time(ctx.store, &ctx.config.secrets.twilio_account_sid, ctx.now)?;
                row.state = State::Approved;
                row.progress.approval = Some(Approval { request: request.clone(), at: ctx.now, first_time });
                Self::count_approval(ctx, &row)?;
                event_data::verification_approved(ctx, person, &row)?;
            } else {
                row.progress.wrong.push(request.clone());
                if row.attempts_left(ctx.now) == 0 {
                    row.state = State::Locked;
                }
            }
            row.save(ctx.store)?;
        }
        let approval = row.progress.approval.as_ref().filter(|approval| approval.request == request);
        Ok(VerificationReply::Checked(VerificationCheck {
            status: row.status(ctx.now),
            valid: approval.is_some(),
            first_time: approval.is_some_and(|approval| approval.first_time),
            attempts_left: few(row.attempts_left(ctx.now)),
        }))
    }

    fn cancel_verification(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        mut row: VerificationRow,
    ) -> Stored<VerificationReply> {
        if row.is_pending(ctx.now) {
            self.end_code(ctx, &mut row)?;
        }
        is(ctx, person, &row, true)
    }

    /// It is not wanted any more: what of it has not left will not leave.
    fn end_code(&mut self, ctx: &StepContext, row: &mut VerificationRow) -> Stored<()> {
        row.state = State::Canceled;
        row.save(ctx.store)?;
        for sent in &row.progress.sends {
            self.stop_text(ctx, sent.entry)?;
        }
        Ok(())
    }

    /// The person is erased: no code of theirs is good any more.
    pub(super) fn cancel_pending_verifications(&mut self, ctx: &StepContext) -> Stored<()> {
        for mut row in VerificationRow::pending(ctx.store, ctx.now, MOST_AN_HOUR)? {
            self.end_code(ctx, &mut row)?;
        }
        Ok(())
    }
}

/// The person is erased: what programs wanted to verify is not known any more.
pub(super) fn forget_all(ctx: &StepContext) -> Stored<()> {
    verification_row::forget_all(ctx.store, &ctx.config.secrets.twilio_account_sid)
}
