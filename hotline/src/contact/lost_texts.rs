//! A text whose create was not answered is looked for in Twilio's list before anything repeats.

use super::pending_request::{MAKING, PendingRequest, RequestKind};
use super::person::Person;
use super::sending::address;
use super::timeline::Message;
use super::{Contact, StepContext};
use crate::answer::Answer;
use crate::jobs::{self, Job, Next, Phase};
use crate::storage::Stored;
use crate::twilio::request as twilio;

/// How often a text whose answer was lost is made anew after looks that found nothing: a second
/// repeat would mean that Twilio lost two answers in a row and did neither work, which is for a person to judge.
const MOST_REPEATS: i64 = 1;

/// Looks that must have found nothing before a repeat.
const EMPTY_LOOKS: i64 = 2;

/// How long Twilio may be out of reach before the agent is told instead: three looks of the queue's back-off.
const MOST_FAILED_LOOKS: i64 = 3;

/// Said of a text when nobody knows whether it left.
pub(super) const UNSURE: &str =
    "Twilio did not answer, so we do not know whether this text left. Please check before you send it again.";

impl Contact {
    pub(super) fn look_for_text(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        message: &Message,
    ) -> Stored<Next> {
        let to = address(person, &message.sender).unwrap_or_default();
        let account = &ctx.config.secrets.twilio_account_sid;
        let request = twilio::list_messages(account, &to);
        // Lists are not scarce at Twilio: no rate limiter.
        Ok(self.send(ctx, job, PendingRequest::new(RequestKind::FindText), request))
    }

    pub(super) fn found_text(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        answer: Answer,
    ) -> Stored<Next> {
        let Some(mut message) = Message::load(ctx.store, &job.subject)? else { return Ok(Next::Done) };
        if let Answer::Later(wait) = answer {
            job.due = ctx.now + wait;
            return Ok(Next::Wait);
        }
        let Answer::Done(response) = answer else {
            job.attempts += 1;
            if job.attempts > MOST_FAILED_LOOKS + job.level && ctx.now >= job.settle_by {
                return self.give_up(ctx, job, message, None, UNSURE);
            }
            job.due = ctx.now + jobs::back_off(job.attempts + 1);
            return Ok(Next::Wait);
        };
        for made in twilio::read_list(&response.json()) {
            let new = twilio::instant(&made.created_at).is_none_or(|at| at >= job.sent_at - MAKING);
            let ours = made.is_sent_by(&message.sender) && made.body == message.body;
            if new && ours && !Message::is_claimed(ctx.store, &made.sid)? {
                self.came_further(ctx, person, &mut message, &made, job.sent_at)?;
                return Ok(Next::Done);
            }
        }
        if !job.looked(ctx.now) || job.looks < EMPTY_LOOKS {
            job.due = job.due.max(ctx.now + 1_000);
            return Ok(Next::Wait);
        }
        if job.level >= MOST_REPEATS {
            return self.give_up(ctx, job, message, None, UNSURE);
        }
        job.level += 1;
        (job.phase, job.due) = (Phase::Waiting, ctx.now);
        Ok(Next::Wait)
    }
}
