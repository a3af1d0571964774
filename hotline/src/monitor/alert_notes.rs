//! Alerts in Help Scout: a closed conversation for each, with a note that it was raised and one that it is over. Nobody is mailed.
//!
//! They are jobs and go by the object's own alarm, beside the runs of the cron: what a run has left of its requests does not
//! concern them, and a run that is killed does not lose them.

use super::StepContext;
use super::alert_news::{News, Told};
use super::alert_note_answers::{After, is_answered_by, on_answer};
use super::alert_note_words as words;
use super::alert_note_work::{self, Ask, Job, Work, conversation_of, lane};
use crate::answer::{Answer, Loss, search_first};
use crate::domain::html::normalised;
use crate::effects::{
    Completion, Effect, Grant, Millis, Outcome, Permit, PermitRequest, Priority, RateLimiterName, Request, Ticket,
};
use crate::helpscout::request::{self, ClosedConversation};
use crate::jobs::{self, InFlight, JobRunner, Next, State, Target};
use crate::storage::Stored;

/// Of an alert about each hotline at once, so many are under way: Help Scout's minute is for people's texts.
const AT_ONCE: usize = 4;

/// How soon the next ones begin.
const NEXT_BEGIN: Millis = 1_000;

/// What a job waits for.
pub(super) struct Awaiting {
    ask: Ask,
    permit: PermitRequest,
    /// Once it was given.
    grant: Option<Grant>,
}

/// What is under way.
#[derive(Default)]
pub(super) struct Notes {
    in_flight: InFlight<Awaiting>,
}

/// Operators are to be told in the inbox. An alert that was not raised there is not cleared there.
pub(super) fn add(ctx: &StepContext, news: &News) -> Stored<()> {
    let alert = news.id();
    let lane = lane(&alert);
    let work = match news.told {
        Told::Raised if ctx.config.alerts.mailbox.is_some() => {
            let html = words::raised(news).as_str().to_owned();
            Work::Raised { alert, subject: words::subject(news), html }
        }
        Told::Cleared if jobs::count(ctx.store, &lane)? > 0 || conversation_of(ctx.store, &alert)?.is_some() => {
            Work::Cleared { alert, html: words::cleared(news).as_str().to_owned() }
        }
        Told::Raised | Told::Cleared => return Ok(()),
    };
    jobs::add(ctx.store, &lane, &work, ctx.now, ctx.now)
}

impl Notes {
    /// Begins whatever can begin, and says when to look again.
    pub fn work(&mut self, ctx: &StepContext, effects: &mut Vec<Effect>) -> Stored<Option<Millis>> {
        Ok(jobs::work(ctx.store, ctx.now, &mut Runner { notes: self, ctx }, effects)?.wake())
    }

    fn begin(&mut self, ctx: &StepContext, job: &mut Job) -> Stored<Next> {
        let alert = job.work.alert();
        let is_never_raised = matches!(job.work, Work::Cleared { .. }) && conversation_of(ctx.store, alert)?.is_none();
        if is_never_raised || ctx.config.alerts.mailbox.is_none() {
            // Whoever takes the inbox out of the configuration is told no more.
            alert_note_work::forget(ctx.store, alert)?;
            return Ok(Next::Done);
        }
        if matches!(job.state, State::Sent(_)) {
            // Its answer died with an earlier life of this object, or never came within the lease.
            return Ok(search_first(job, Loss::Timeout));
        }
        if self.in_flight.count(ctx.now) >= AT_ONCE {
            job.due = ctx.now + NEXT_BEGIN;
            return Ok(Next::Wait);
        }
        Ok(self.ask(ctx, job, if job.is_uncertain() { Ask::Find { page: 1 } } else { Ask::Make }))
    }

    /// Asks for a permit, after those who wait for an answer and for nobody's place in the queue.
    fn ask(&mut self, ctx: &StepContext, job: &Job, ask: Ask) -> Next {
        /// Help Scout counts a write as 2 (Rate limiting).
        const WRITE: i64 = 2;
        let cost = if ask == Ask::Make { WRITE } else { 1 };
        let id = format!("alert/{}/{}", job.id, ctx.now);
        let permit = PermitRequest::now_or_never(id, cost, Priority::View);
        let ticket = self.in_flight.begin(job.id, ctx.now, Awaiting { ask, permit: permit.clone(), grant: None });
        Next::in_flight(Effect::Permit(ticket, RateLimiterName::HelpScout, permit))
    }

    /// Takes what an answer belongs to, if it is theirs. Jobs are numbered from the instant at which they were made, deliveries
    /// to the webhook from 1, so neither is taken for the other.
    pub fn take(&mut self, ticket: Ticket) -> Option<Awaiting> {
        self.in_flight.complete(ticket)
    }

    /// What comes back for a job.
    pub fn on_completion(
        &mut self,
        ctx: &StepContext,
        (job, awaiting): (i64, Awaiting),
        back: Completion,
        effects: &mut Vec<Effect>,
    ) -> Stored<()> {
        let Some(mut job) = jobs::find::<Work>(ctx.store, job)? else { return Ok(()) };
        let next = match back {
            Completion::Permit(Permit::Granted(grant)) => self.send(ctx, &mut job, awaiting, grant)?,
            Completion::Response(outcome) => self.on_response(ctx, &mut job, &awaiting, outcome, effects)?,
            // Help Scout is away, or its minute is used up.
            _ => {
                job.due = ctx.now + jobs::back_off(job.attempts);
                job.attempts += 1;
                Next::Wait
            }
        };
        jobs::save_outcome(ctx.store, ctx.now, &job, next, effects)
    }

    fn on_response(
        &mut self,
        ctx: &StepContext,
        job: &mut Job,
        awaiting: &Awaiting,
        outcome: Outcome,
        effects: &mut Vec<Effect>,
    ) -> Stored<Next> {
        const LIMITER: RateLimiterName = RateLimiterName::HelpScout;
        let answer = Answer::of(outcome).expecting(|response| is_answered_by(awaiting.ask, response));
        let report = awaiting.grant.as_ref().and_then(|grant| answer.report(&LIMITER, grant, &awaiting.permit));
        effects.extend(report.map(|report| Effect::Report(LIMITER, report)));
        match on_answer(ctx, job, awaiting.ask, answer, effects)? {
            After::Next(next) => Ok(next),
            After::Ask(ask) => {
                jobs::save(ctx.store, job)?;
                Ok(self.ask(ctx, job, ask))
            }
        }
    }

    fn send(&mut self, ctx: &StepContext, job: &mut Job, awaiting: Awaiting, grant: Grant) -> Stored<Next> {
        let Some((request, target)) = build(ctx, job, awaiting.ask)? else { return Ok(Next::Wait) };
        if awaiting.ask == Ask::Make {
            job.mark_sent(target, normalised(job.work.html()), ctx.now);
            jobs::save(ctx.store, job)?;
        }
        let token = grant.token.clone();
        let ticket = self.in_flight.begin(job.id, ctx.now, Awaiting { grant: Some(grant), ..awaiting });
        Ok(Next::in_flight(Effect::Send(ticket, request, token)))
    }
}

/// The request, and what it makes if it makes something; `None` when what it was for has changed while it waited.
fn build(ctx: &StepContext, job: &Job, ask: Ask) -> Stored<Option<(Request, Target)>> {
    let Some(mailbox) = ctx.config.alerts.mailbox else { return Ok(None) };
    let customer = words::customer(ctx.config);
    let (request, target) = match (&job.work, conversation_of(ctx.store, job.work.alert())?) {
        (_, _) if ask == Ask::CheckInbox => (request::get_inbox(mailbox), Target::Conversation),
        (Work::Raised { subject, html, .. }, _) => {
            let new = ClosedConversation { mailbox, subject, tag: words::TAG, customer: &customer, html };
            let request = match ask {
                Ask::Find { page } => request::list_conversations(mailbox, &customer, page),
                _ => request::create_closed_conversation(&new),
            };
            (request, Target::Conversation)
        }
        (Work::Cleared { html, .. }, Some(conversation)) => {
            let request = match ask {
                Ask::Find { page } => request::list_threads(&conversation, page),
                Ask::CheckConversation => request::get_conversation(&conversation),
                _ => request::create_note(&conversation, html),
            };
            (request, Target::Thread(conversation))
        }
        (Work::Cleared { .. }, None) => return Ok(None),
    };
    Ok(Some((request, target)))
}

struct Runner<'a> {
    notes: &'a mut Notes,
    ctx: &'a StepContext<'a>,
}

impl JobRunner for Runner<'_> {
    type Work = Work;

    fn is_in_flight(&mut self, job: i64) -> bool {
        self.notes.in_flight.is_in_flight(job, self.ctx.now)
    }

    fn first_lease(&mut self) -> Option<Millis> {
        self.notes.in_flight.first_lease(self.ctx.now)
    }

    /// The log says so. No hotline's directory counts what is no hotline's.
    fn quarantined(&mut self, _: &str) -> Stored<()> {
        Ok(())
    }

    fn begin(&mut self, job: &mut Job) -> Stored<Next> {
        self.notes.begin(self.ctx, job)
    }
}
