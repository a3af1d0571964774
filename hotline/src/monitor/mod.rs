//! The deployment's own object: one for all hotlines. It is told when the cron comes, looks after what nobody else looks after,
//! and knows what it has found.

mod alert_news;
mod alert_note_answers;
mod alert_note_words;
mod alert_note_work;
mod alert_notes;
mod alert_rows;
mod alert_webhook;
mod alerts;
mod catch_up;
mod known;
mod run;
mod twilio_account;
mod webhook;

use alert_notes::Notes;

use crate::answer::{View, view};
use crate::config::Config;
use crate::deliveries;
use crate::effects::{
    Completion, Effect, Grant, Input, Millis, ObjectReply, Outcome, Permit, PermitRequest, Priority, RateLimiterName,
    Refusal, Request, Ticket, ToObject,
};
use crate::health::{Facts, questions};
use crate::jobs::{self, InFlight};
use crate::messages::directory;
pub use crate::messages::monitor::Message;
use crate::storage::{self, Migration, Store, Stored};
use known::{Begun, Known};
use run::{Ask, Doing, LONGEST, Run};

/// Where a step takes place.
#[derive(Clone, Copy)]
pub struct StepContext<'a> {
    /// The object's rows.
    pub store: &'a dyn Store,
    /// The whole configuration.
    pub config: &'a Config,
    /// The instant.
    pub now: Millis,
}

/// The tables, version by version.
const MIGRATIONS: &[Migration] =
    &[&[known::TABLE, alert_rows::TABLE], deliveries::TABLES, jobs::TABLES, &[alert_note_work::TABLE]];

/// Brings the tables to this release's version; done once for each start of the object.
pub fn migrate(store: &dyn Store) -> Stored<()> {
    storage::migrate(store, MIGRATIONS)
}

/// Whether an alarm of the object has anything to do.
pub fn has_work(store: &dyn Store) -> Stored<bool> {
    Ok(known::has_run(store)? || deliveries::next_due(store)?.is_some() || jobs::has_jobs(store)?)
}

/// The part of the object that lives in memory: the run under way, and the alerts that are being told.
#[derive(Default)]
pub struct Monitor {
    run: Option<Run>,
    delivering: InFlight<()>,
    notes: Notes,
}

/// How soon it is asked again for Help Scout's token, which is on its way, and how often.
const TOKEN_AGAIN: Millis = 2_000;
const TOKEN_PAUSES: u32 = 3;

impl Monitor {
    /// One step, whole or not at all. The effects are performed after the step is stored. The reply is for the sender of a
    /// message.
    pub fn step(&mut self, ctx: &StepContext, input: Input<Message>) -> Stored<(ObjectReply, Vec<Effect>)> {
        if let Input::Message(Message::Health) = input {
            let found = Known::load(ctx.store)?.found;
            return Ok((ObjectReply::Monitored(Box::new(found)), Vec::new()));
        }
        let mut input = Some(input);
        let mut effects = Vec::new();
        let stored = ctx.store.transaction(&mut || {
            let Some(input) = input.take() else { return Ok(()) };
            let mut known = Known::load(ctx.store)?;
            let before = known.clone();
            self.take(ctx, &mut known, input, &mut effects)?;
            self.go_on(ctx, &mut known, &mut effects)?;
            alert_webhook::deliver(ctx, &mut self.delivering, &mut effects)?;
            let notes = self.notes.work(ctx, &mut effects)?;
            effects.extend(jobs::earlier(notes, self.wake(ctx, &known)?).map(Effect::Wake));
            if known != before {
                known.save(ctx.store)?;
            }
            Ok(())
        });
        if stored.is_err() {
            // What it waited for is not known any more: the next run does what this one left.
            self.run = None;
        }
        stored.map(|()| (ObjectReply::Done, effects))
    }

    fn take(
        &mut self,
        ctx: &StepContext,
        known: &mut Known,
        input: Input<Message>,
        effects: &mut Vec<Effect>,
    ) -> Stored<()> {
        match input {
            Input::Message(Message::Run) => {
                if self.run.as_ref().is_none_or(|run| ctx.now - run.began >= LONGEST) {
                    self.begin_run(ctx, known, true);
                } else if let Some(last) = &mut known.last {
                    last.by_cron = true;
                }
            }
            Input::Message(Message::Health) => {}
            Input::Wake => self.on_wake(ctx, known),
            Input::Completed(ticket, back) if ticket.job > 0 => {
                if let Some(awaiting) = self.notes.take(ticket) {
                    return self.notes.on_completion(ctx, (ticket.job, awaiting), back, effects);
                }
                if let (Some(()), Completion::Response(outcome)) = (self.delivering.complete(ticket), back) {
                    alert_webhook::on_answer(ctx, ticket.job, &outcome, effects)?;
                }
            }
            Input::Completed(ticket, back) => {
                let Some(run) = self.run.as_mut().filter(|run| run.is_awaited(ticket)) else { return Ok(()) };
                if let Some(doing) = run.doing.take() {
                    on_completion(ctx, run, known, (doing, ticket, back), effects)?;
                }
            }
        }
        Ok(())
    }

    fn begin_run(&mut self, ctx: &StepContext, known: &mut Known, by_cron: bool) {
        self.run = Some(Run::new(ctx.config, known, twilio_account::asks(ctx.config), ctx.now));
        known.last = Some(Begun { at: ctx.now, by_cron });
    }

    fn on_wake(&mut self, ctx: &StepContext, known: &mut Known) {
        let Some(run) = &mut self.run else {
            if known.own_run_at().is_some_and(|at| at <= ctx.now) {
                self.begin_run(ctx, known, false);
            }
            return;
        };
        match run.doing.take() {
            Some(Doing::Pause(ask, until)) if until <= ctx.now => run.todo.push_front(ask),
            // An answer that has not come by now does not come.
            Some(_) if run.lease <= ctx.now => {}
            doing => run.doing = doing,
        }
    }

    /// Asks what is next; a run that has nothing left ends.
    fn go_on(&mut self, ctx: &StepContext, known: &mut Known, effects: &mut Vec<Effect>) -> Stored<()> {
        let Some(run) = &mut self.run else { return Ok(()) };
        if run.doing.is_some() {
            return Ok(());
        }
        if let Some(ask) = run.next(ctx.now) {
            begin(ctx, run, known, ask, effects);
            return Ok(());
        }
        if known.last.is_some_and(|last| last.by_cron) {
            known.found.last_run_at = Some(ctx.now);
            known.found.took_ms = Some(ctx.now - run.began);
        }
        self.run = None;
        Ok(())
    }

    fn wake(&mut self, ctx: &StepContext, known: &Known) -> Stored<Option<Millis>> {
        let run = self.run.as_ref().map(|run| match run.doing {
            Some(Doing::Pause(_, until)) => until,
            _ => run.lease,
        });
        let run = run.or(known.own_run_at());
        Ok(jobs::earlier(run, deliveries::next_due(ctx.store)?))
    }
}

/// Asks something.
fn begin(ctx: &StepContext, run: &mut Run, known: &mut Known, ask: Ask, effects: &mut Vec<Effect>) {
    let config = ctx.config;
    let twilio = match &ask {
        Ask::Account => Some(twilio_account::account(config)),
        Ask::Balance => Some(twilio_account::balance(config)),
        Ask::Numbers { path, .. } => Some(twilio_account::get(path.clone())),
        _ => None,
    };
    if let Some(request) = twilio {
        let ticket = run.wait(Doing::Answer(ask, None), ctx.now);
        effects.push(Effect::Send(ticket, request, String::new()));
        return;
    }
    match ask {
        Ask::Look { mailbox, modified, more } => {
            let told = Ask::Look { mailbox, modified: Vec::new(), more };
            let ticket = run.wait(Doing::Told(told), ctx.now);
            let message = ToObject::Directory(directory::Message::Modified { conversations: modified });
            effects.push(Effect::ToObject(ticket, ToObject::Of(mailbox, Box::new(message))));
        }
        Ask::Retain { mailbox } => {
            let ticket = run.wait(Doing::Told(ask), ctx.now);
            let message = ToObject::Directory(directory::Message::Retention);
            effects.push(Effect::ToObject(ticket, ToObject::Of(mailbox, Box::new(message))));
        }
        Ask::Health => {
            let hotlines: Vec<_> = config.shown_hotlines().collect();
            let questions = questions(&hotlines);
            let mut replies = vec![None; questions.len()];
            let mut found = known.found.clone();
            if known.last.is_some_and(|last| last.by_cron) {
                // It runs just now.
                found.last_run_at = Some(ctx.now);
            }
            // The first question is to this object.
            if let Some(own) = replies.first_mut() {
                *own = Some(ObjectReply::Monitored(Box::new(found)));
            }
            let ticket = run.wait(Doing::Health { questions: questions.clone(), replies }, ctx.now);
            for (index, (mailbox, question)) in (0_i64..).zip(questions).skip(1) {
                let question = ToObject::Of(mailbox, Box::new(question));
                effects.push(Effect::ToObject(Ticket { job: -index, ..ticket }, question));
            }
        }
        ask => {
            let permit = permit(run, &ask);
            let ticket = run.wait(Doing::Permit(ask), ctx.now);
            effects.push(Effect::Permit(ticket, RateLimiterName::HelpScout, permit));
        }
    }
}

/// Help Scout's minute is for texts: what a run asks may be refused, and is asked by the next one.
fn permit(run: &Run, ask: &Ask) -> PermitRequest {
    /// Help Scout counts a write as 2 (Rate limiting).
    const WRITE: i64 = 2;
    let (name, cost) = match ask {
        Ask::Webhooks { page } => (format!("webhooks/{page}"), 1),
        Ask::EnableWebhook { .. } => ("webhook".to_owned(), WRITE),
        Ask::Conversations { mailbox } => (format!("{mailbox}/{}", run.todo.len()), 1),
        _ => (String::new(), 1),
    };
    PermitRequest::now_or_never(format!("cron/{}/{name}", run.began), cost, Priority::View)
}

fn on_completion(
    ctx: &StepContext,
    run: &mut Run,
    known: &mut Known,
    (doing, ticket, back): (Doing, Ticket, Completion),
    effects: &mut Vec<Effect>,
) -> Stored<()> {
    match (doing, back) {
        (Doing::Permit(ask), Completion::Permit(permit)) => on_permit(ctx, run, known, ask, permit, effects),
        (Doing::Answer(ask, grant), Completion::Response(outcome)) => {
            if let Some(grant) = grant {
                on_help_scout(ctx, run, known, (ask, grant), outcome, effects);
            } else {
                on_twilio(ctx, run, known, ask, &outcome);
            }
        }
        (Doing::Told(Ask::Look { mailbox, more, .. }), Completion::ObjectReply(ObjectReply::Done)) => {
            catch_up::on_told(ctx, run, known, mailbox, more);
        }
        (Doing::Health { questions, mut replies }, Completion::ObjectReply(reply)) => {
            let index = usize::try_from(-ticket.job).unwrap_or(usize::MAX);
            if let Some(slot) = replies.get_mut(index) {
                *slot = Some(reply);
            }
            if replies.iter().any(Option::is_none) {
                run.doing = Some(Doing::Health { questions, replies });
                return Ok(());
            }
            let facts = Facts::read(&questions, replies.into_iter().flatten().collect());
            alerts::evaluate(ctx, &facts)?;
        }
        // It could not be asked; the next run asks again.
        _ => {}
    }
    Ok(())
}

fn on_permit(ctx: &StepContext, run: &mut Run, known: &mut Known, ask: Ask, permit: Permit, effects: &mut Vec<Effect>) {
    match permit {
        Permit::Granted(grant) => {
            let Some(request) = request(ctx, known, &ask) else { return };
            let token = grant.token.clone();
            let ticket = run.wait(Doing::Answer(ask, Some(grant)), ctx.now);
            effects.push(Effect::Send(ticket, request, token));
        }
        Permit::Refused(Refusal::Starting) if run.pauses < TOKEN_PAUSES => {
            run.pauses += 1;
            run.wait(Doing::Pause(ask, ctx.now + TOKEN_AGAIN), ctx.now);
        }
        Permit::Refused(_) | Permit::ReservedAt(_) => {}
    }
}

/// What is asked of Help Scout.
fn request(ctx: &StepContext, known: &mut Known, ask: &Ask) -> Option<Request> {
    Some(match ask {
        Ask::Webhooks { page } => webhook::list(*page),
        Ask::EnableWebhook { id, label } => webhook::enable(ctx, *id, label),
        Ask::Conversations { mailbox } => catch_up::list(ctx, known, *mailbox),
        _ => return None,
    })
}

fn on_help_scout(
    ctx: &StepContext,
    run: &mut Run,
    known: &mut Known,
    (ask, grant): (Ask, Grant),
    outcome: Outcome,
    effects: &mut Vec<Effect>,
) {
    let (view, report) = view(outcome, &grant, &permit(run, &ask));
    effects.extend(report.map(|report| Effect::Report(RateLimiterName::HelpScout, report)));
    let View::Answered(response) = view else { return };
    match ask {
        Ask::Webhooks { page } => webhook::on_list(ctx, run, known, page, &response),
        Ask::EnableWebhook { .. } => webhook::on_enabled(ctx, known, &response),
        Ask::Conversations { mailbox } => catch_up::on_list(ctx, run, known, mailbox, &response),
        _ => {}
    }
}

fn on_twilio(ctx: &StepContext, run: &mut Run, known: &mut Known, ask: Ask, outcome: &Outcome) {
    match ask {
        Ask::Account => twilio_account::on_account(ctx, known, outcome),
        Ask::Balance => twilio_account::on_balance(ctx, known, outcome),
        Ask::Numbers { ours, .. } => twilio_account::on_numbers(ctx, run, known, ours, outcome),
        _ => {}
    }
}
