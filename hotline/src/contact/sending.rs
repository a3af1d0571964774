//! Texts leave for the phone, and their states come back.

use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::replies::{media_address, sender_of};
use super::timeline::{Entry, Message};
use super::{Contact, PHONE, StepContext, TROUBLE};
use crate::answer::{Answer, Loss};
use crate::domain::text::segments;
use crate::effects::{Millis, RateLimiterName, Request};
use crate::jobs::{self, Job, Next, Phase};
use crate::storage::{Stored, any, first, run};
use crate::twilio::errors::{Advice, OPTED_OUT, explain};
use crate::twilio::request::{self as twilio, NewMessage};
use crate::twilio::status::{Delivery, Status};

/// A reply that was read longer ago than this is read again before it leaves; within it, the reading is "just before".
const FRESH: Millis = 10_000;

/// How often a text whose answer was lost is made anew after looks that found nothing: a second
/// repeat would mean that Twilio lost two answers in a row and did neither work, which is for a person to judge.
const MOST_REPEATS: i64 = 1;

/// Looks that must have found nothing before a repeat.
const EMPTY_LOOKS: i64 = 2;

/// How long Twilio may be out of reach before the agent is told instead: three looks of the queue's back-off.
const MOST_FAILED_LOOKS: i64 = 3;

/// Without this Twilio tells a state once, and not again when we could not store it (Twilio, Webhooks connection
/// overrides: three retries after a 5xx, a failed connection or silence).
const RETRIED: &str = "#rc=3&rp=5xx,ct,rt";

/// How often a failure that may pass is waited out before the agent is told, whatever the code advises.
const MOST_TRIES: i64 = 8;

impl Contact {
    pub(super) fn begin_send(&mut self, ctx: &StepContext, person: &mut Person, job: &mut Job) -> Stored<Next> {
        let Some(message) = Message::load(ctx.store, &job.subject)? else { return Ok(Next::Done) };
        if message.sid.is_some() || message.delivery.is_final() {
            return Ok(Next::Done);
        }
        if job.phase == Phase::Uncertain {
            return self.look_for_text(ctx, person, job, &message);
        }
        if !person.may_be_texted_by(&message.sender) {
            return self.give_up(ctx, job, message, Some(OPTED_OUT), "");
        }
        let Some(entry) = Entry::load(ctx.store, message.entry)? else { return Ok(Next::Done) };
        let is_reply = entry.id.starts_with("hs:");
        if is_reply && message.part == 0 && message.tries == 0 && ctx.now - entry.at > FRESH {
            let conversation = entry.conversation.unwrap_or_default();
            return self.ask(ctx, person, job, PendingRequest::about(RequestKind::Verify, &conversation));
        }
        self.ask_to_send(ctx, person, job, &message)
    }

    pub(super) fn ask_to_send(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        message: &Message,
    ) -> Stored<Next> {
        let mut call = PendingRequest::new(RequestKind::SendText);
        let sender = message.sender.clone();
        call.limiter = RateLimiterName::Sender { sender, per_second: ctx.hotline.sends_per_second };
        call.cost = i64::try_from(segments::count(&message.body).segments).unwrap_or(1);
        self.ask(ctx, person, job, call)
    }

    /// The last moment before it leaves: a STOP that came while it waited wins.
    pub(super) fn build_send(
        &self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
    ) -> Stored<Option<(String, String, Request)>> {
        let Some(message) = Message::load(ctx.store, &job.subject)? else { return Ok(None) };
        let Some(to) = address(person, &message.sender) else { return Ok(None) };
        if !person.may_be_texted_by(&message.sender) || message.delivery.is_final() {
            return Ok(None);
        }
        let callback = format!(
            "{}/twilio/messages/status?h={}&m={}{RETRIED}",
            ctx.config.public_url, ctx.hotline.mailbox, message.id
        );
        let media: Vec<String> = message.media.iter().filter_map(|token| media_address(ctx, token)).collect();
        let new = NewMessage {
            to: &to,
            sender: &message.sender,
            body: &message.body,
            media: &media,
            status_callback: &callback,
        };
        let request = twilio::create_message(&ctx.config.secrets.twilio_account_sid, &new);
        Ok(Some((message.sender.clone(), message.body.clone(), request)))
    }

    pub(super) fn sent(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        answer: Answer,
    ) -> Stored<Next> {
        let Some(mut message) = Message::load(ctx.store, &job.subject)? else { return Ok(Next::Done) };
        match answer {
            Answer::Done(response) => {
                let made = twilio::Message::read(&response.json());
                let Some(made) = made else { return Ok(super::reconcile::mark_uncertain(job, Loss::Error)) };
                self.came_further(ctx, person, &mut message, &made)?;
                Ok(Next::Done)
            }
            Answer::Lost(_) if message.sid.is_some() => Ok(Next::Done),
            Answer::Lost(loss) => {
                job.attempts = 0;
                Ok(super::reconcile::mark_uncertain(job, loss))
            }
            Answer::Later(wait) => {
                // Twilio wants ever longer pauses (error 20429: exponential back-off).
                job.retry(ctx.now);
                job.due = job.due.max(ctx.now + wait);
                Ok(Next::Wait)
            }
            Answer::TokenRefused | Answer::AccountRefused | Answer::Gone(_) | Answer::Full => {
                self.give_up(ctx, job, message, Some(20003), "")
            }
            Answer::Refused(response) => {
                let code = twilio::error_code(&response.json());
                self.refused_text(ctx, person, job, message, code)
            }
        }
    }

    fn refused_text(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        message: Message,
        code: Option<u32>,
    ) -> Stored<Next> {
        if code == Some(OPTED_OUT) {
            self.learn_opt_out(ctx, person)?;
        }
        let wait = match explain(code.unwrap_or(0)).advice {
            Advice::Retry { times, seconds } if job.attempts < i64::from(times) => {
                (i64::from(seconds) * 1_000) << job.attempts.clamp(0, MOST_TRIES)
            }
            Advice::Later { minutes } if job.attempts < MOST_TRIES => i64::from(minutes) * 60_000,
            _ => return self.give_up(ctx, job, message, code, ""),
        };
        job.attempts += 1;
        (job.phase, job.due) = (Phase::Waiting, ctx.now + wait);
        Ok(Next::Wait)
    }

    /// It will not be sent: the parts after it would make no sense alone.
    pub(super) fn give_up(
        &mut self,
        ctx: &StepContext,
        job: &Job,
        mut message: Message,
        code: Option<u32>,
        remark: &str,
    ) -> Stored<Next> {
        message.delivery = Delivery::Failed;
        message.code = code;
        message.save(ctx.store)?;
        self.tell_operator(ctx, code)?;
        for mut later in Message::of_entry(ctx.store, message.entry)? {
            let waits = later.part > message.part && later.delivery == Delivery::Waiting;
            for other in if waits { jobs::about(ctx.store, "send", &later.id)? } else { Vec::new() } {
                jobs::remove(ctx.store, &other)?;
                (later.delivery, later.code) = (Delivery::Failed, code);
                later.save(ctx.store)?;
            }
        }
        self.sum_up(ctx, message.entry, remark)?;
        self.in_flight.forget(job.seq);
        Ok(Next::Done)
    }

    /// The agent took it back before it left.
    pub(super) fn withdraw(ctx: &StepContext, job: &Job, remark: &str) -> Stored<Next> {
        let Some(message) = Message::load(ctx.store, &job.subject)? else { return Ok(Next::Done) };
        let Some(mut entry) = Entry::load(ctx.store, message.entry)? else { return Ok(Next::Done) };
        Self::drop_parts(ctx, entry.seq)?;
        (entry.delivery, entry.remark) = (Delivery::Failed, remark.to_owned());
        entry.save(ctx.store)?;
        Self::will_receipt(ctx, entry.seq, ctx.now)?;
        Ok(Next::Done)
    }

    pub(super) fn drop_parts(ctx: &StepContext, entry: i64) -> Stored<()> {
        let sql = "DELETE FROM jobs WHERE kind = 'send' AND subject IN (SELECT id FROM messages WHERE entry = ?)";
        run(ctx.store, sql, &[entry.into()])?;
        run(ctx.store, "DELETE FROM messages WHERE entry = ?", &[entry.into()])
    }

    fn look_for_text(&mut self, ctx: &StepContext, person: &Person, job: &Job, message: &Message) -> Stored<Next> {
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
        const UNSURE: &str =
            "Twilio did not answer, so we do not know whether this text left. Please check before you send it again.";
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
            let new =
                twilio::instant(&made.created_at).is_none_or(|at| at >= job.sent_at - super::pending_request::MAKING);
            let ours = made.is_sent_by(&message.sender) && made.body == message.body;
            if new && ours && !Message::is_claimed(ctx.store, &made.sid)? {
                self.came_further(ctx, person, &mut message, &made)?;
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

    fn came_further(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        message: &mut Message,
        made: &twilio::Message,
    ) -> Stored<()> {
        let delivery = Delivery::read(&made.status).unwrap_or(Delivery::Queued);
        self.advance(ctx, person, message, &made.sid, delivery, made.code)
    }

    /// A status callback: it may come before the answer that it follows, twice, and in any order.
    pub(super) fn status(&mut self, ctx: &StepContext, person: &mut Person, status: &Status) -> Stored<()> {
        let Some(mut message) = Message::load(ctx.store, &status.message)? else { return Ok(()) };
        if message.sid.as_deref().is_some_and(|sid| sid != status.sid) {
            return Ok(());
        }
        self.advance(ctx, person, &mut message, &status.sid, status.delivery, status.code)?;
        for job in jobs::about(ctx.store, "send", &message.id)? {
            if job.phase != Phase::Waiting {
                self.in_flight.forget(job.seq);
                jobs::remove(ctx.store, &job)?;
            }
        }
        Ok(())
    }

    pub(super) fn advance(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        message: &mut Message,
        sid: &str,
        delivery: Delivery,
        code: Option<u32>,
    ) -> Stored<()> {
        let known = message.sid.is_some();
        if !message.advance(sid, delivery, code) {
            return Ok(());
        }
        message.save(ctx.store)?;
        if !known && message.sid.is_some() && !message.delivery.is_final() {
            Self::will_ask(ctx, message)?;
        }
        if message.delivery == Delivery::Failed {
            if code == Some(OPTED_OUT) {
                self.learn_opt_out(ctx, person)?;
            }
            self.tell_operator(ctx, code)?;
            Self::try_anew(ctx, message)?;
        }
        self.sum_up(ctx, message.entry, "")
    }

    /// What only somebody with access to the Twilio account can mend is counted where operators look.
    fn tell_operator(&self, ctx: &StepContext, code: Option<u32>) -> Stored<()> {
        let Some(code) = code.filter(|code| explain(*code).advice == Advice::AfterConfiguration) else { return Ok(()) };
        self.learn(ctx, &format!("failed account: Twilio error {code}"))
    }

    /// Some failures pass (a phone that was off): then it is sent anew, as another message.
    fn try_anew(ctx: &StepContext, message: &Message) -> Stored<()> {
        let Advice::Retry { times, seconds } = explain(message.code.unwrap_or(0)).advice else { return Ok(()) };
        if message.tries >= i64::from(times) {
            return Ok(());
        }
        let tries = message.tries + 1;
        let anew = Message {
            id: format!("{}.{}.{tries}", message.entry, message.part),
            sid: None,
            delivery: Delivery::Waiting,
            code: None,
            tries,
            ..message.clone()
        };
        let wait = (i64::from(seconds) * 1_000) << message.tries.clamp(0, MOST_TRIES);
        anew.queue(ctx.store, &format!("{PHONE} {}", anew.id), ctx.now + wait, ctx.now)
    }

    /// What an entry's messages come to together: the worst of its parts, each by its latest try.
    fn sum_up(&mut self, ctx: &StepContext, entry: i64, remark: &str) -> Stored<()> {
        let Some(mut entry) = Entry::load(ctx.store, entry)? else { return Ok(()) };
        let messages = Message::of_entry(ctx.store, entry.seq)?;
        let mut latest: Vec<&Message> = Vec::new();
        for message in &messages {
            latest.retain(|other| other.part != message.part);
            latest.push(message);
        }
        let failed = latest.iter().find(|message| message.delivery == Delivery::Failed);
        let worst = failed.or(latest.iter().min_by_key(|message| message.delivery));
        let Some(worst) = worst else { return Ok(()) };
        let before = (entry.delivery, entry.code, entry.remark.clone());
        if worst.delivery > entry.delivery {
            (entry.delivery, entry.code) = (worst.delivery, worst.code);
        }
        if !remark.is_empty() {
            remark.clone_into(&mut entry.remark);
        }
        if before != (entry.delivery, entry.code, entry.remark.clone()) {
            entry.save(ctx.store)?;
            Self::will_receipt(ctx, entry.seq, ctx.now)?;
        }
        Ok(())
    }

    /// A text of ours that no agent wrote.
    pub(super) fn say(ctx: &StepContext, person: &Person, id: &str, words: &str, lane: &str) -> Stored<()> {
        let sender = sender_of(ctx, person);
        if !person.party.can_be_texted() || !person.may_be_texted_by(&sender) {
            return Ok(());
        }
        let entry = Entry::outward(id.to_owned(), person.channel, words.to_owned(), ctx.now);
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(()) };
        Message::new(seq, 0, &sender, words.to_owned()).queue(ctx.store, lane, ctx.now, ctx.now)
    }

    /// Says once per outage that a message may be seen late; returns when it would have to be said.
    pub(super) fn raise_trouble(&mut self, ctx: &StepContext, person: &mut Person) -> Stored<Option<Millis>> {
        let Some(words) = &ctx.hotline.trouble else { return Ok(None) };
        if person.troubled.is_some() || !person.party.can_be_texted() {
            return Ok(None);
        }
        let sql = "SELECT MIN(jobs.since) FROM jobs JOIN entries ON CAST(entries.seq AS TEXT) = jobs.subject \
                   WHERE jobs.kind = 'post' AND entries.inward = 1 AND entries.kind IN ('text', 'voicemail')";
        let Some(oldest) = first(ctx.store, sql, &[])?.and_then(|row| row.maybe_integer(0)) else { return Ok(None) };
        let due = oldest + i64::from(ctx.hotline.trouble_after_minutes) * 60_000;
        if due > ctx.now {
            return Ok(Some(due));
        }
        person.troubled = Some(ctx.now);
        Self::say(ctx, person, &format!("trouble:{oldest}"), words, TROUBLE)?;
        Ok(None)
    }

    /// A text has reached Help Scout, or was given up: when none waits any more, the outage is over.
    pub(super) fn reached_help_scout(&mut self, ctx: &StepContext, person: &mut Person, job: &Job) -> Stored<()> {
        if person.troubled.is_some() {
            let sql = "SELECT 1 FROM jobs WHERE kind = 'post' AND seq <> ? LIMIT 1";
            if !any(ctx.store, sql, &[job.seq.into()])? {
                person.troubled = None;
            }
        }
        Ok(())
    }
}

/// The person's address as this sender reaches it.
fn address(person: &Person, sender: &str) -> Option<String> {
    let number = person.party.can_be_texted().then(|| person.party.key())?;
    Some(if sender.starts_with("whatsapp:") { format!("whatsapp:{number}") } else { number })
}
