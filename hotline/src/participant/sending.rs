//! Texts leave for the participant's phone, each once: an answer of Twilio that is lost is looked for before anything repeats.

use super::session_row::Session;
use super::text_row::Text;
use super::work::{self, Job, Work};
use super::{Awaiting, Message, Participant, StepContext};
use crate::answer::{ACCOUNT_PAUSE, Answer, CLOCK_TOLERANCE, try_again};
use crate::domain::text::segments;
use crate::effects::{
    Effect, Grant, Millis, ObjectReply, Permit, PermitRequest, Priority, RateLimiterName, Report, Response,
};
use crate::jobs::{self, Next, State, Target};
use crate::media::{self, MediaLink};
use crate::messages::participant::asker;
use crate::storage::Stored;
use crate::twilio::errors::{explain, is_about_the_account};
use crate::twilio::inbound::MediumAt;
use crate::twilio::request::{self as twilio, CALLBACK_RETRY_OVERRIDES, NewMessage, SEARCH_AT, Says};
use crate::twilio::status::{Delivery, Status};

/// How often a text is sent again after searches that found nothing.
const MAX_RESENDS: usize = 1;

/// How often Twilio's list may be out of reach before the text counts as lost.
const MAX_FAILED_SEARCHES: i64 = 6;

/// How long a link to a file opens that stands in a text: people look at their phones within a day.
const LINK_OPENS_FOR: Millis = 24 * 3_600_000;

/// What Twilio has made.
pub(super) fn made(response: &Response) -> Option<twilio::Message> {
    twilio::Message::read(&response.json())
}

fn limiter(ctx: &StepContext, text: &Text) -> RateLimiterName {
    RateLimiterName::Sender { sender: text.sender.clone(), per_second: ctx.hotline.sends_per_second }
}

/// What the rate limiter should know of an answer.
pub(super) fn report(
    ctx: &StepContext,
    job: &Job,
    answer: &Answer,
    grant: &Grant,
    request: &PermitRequest,
) -> Stored<Option<Effect>> {
    let Some(text) = text_of(ctx, job)? else { return Ok(None) };
    let limiter = limiter(ctx, &text);
    let report: Option<Report> = answer.report(&limiter, grant, request);
    Ok(report.map(|report| Effect::Report(limiter, report)))
}

fn text_of(ctx: &StepContext, job: &Job) -> Stored<Option<Text>> {
    let Work::Send { text, .. } = job.work else { return Ok(None) };
    Text::load(ctx.store, text)
}

impl Participant {
    pub(super) fn begin_send(&mut self, ctx: &StepContext, job: &mut Job, text: i64) -> Stored<Next> {
        let Some(text) = Text::load(ctx.store, text)?.filter(|text| text.sid.is_none() && !text.delivery.is_final())
        else {
            return Ok(Next::Done);
        };
        if matches!(job.state, State::Sent(_)) {
            // Its answer died with an earlier life of this object, or never came within the lease.
            let [first, .., last] = SEARCH_AT;
            job.mark_uncertain(first, last);
            return Ok(Next::Wait);
        }
        if job.is_uncertain() {
            let request = twilio::list_messages(&ctx.config.secrets.twilio_account_sid, ctx.number.as_str());
            let ticket = self.in_flight.begin(job.id, ctx.now, Awaiting::List);
            return Ok(Next::in_flight(Effect::Send(ticket, request, String::new())));
        }
        if Session::of_id(ctx.store, &text.session)?.is_some_and(|session| session.stopped) {
            return fail(ctx, text, None);
        }
        let cost = i64::try_from(segments::count(&text.body).segments).unwrap_or(1).max(1);
        let asker = asker(ctx.hotline.mailbox, &ctx.object_name(), job.id);
        let request = PermitRequest::waiting(asker, job.since, cost, Priority::Alert);
        let ticket = self.in_flight.begin(job.id, ctx.now, Awaiting::Permit(request.clone()));
        Ok(Next::in_flight(Effect::Permit(ticket, limiter(ctx, &text), request)))
    }

    pub(super) fn on_permit(
        &mut self,
        ctx: &StepContext,
        job: &mut Job,
        request: PermitRequest,
        permit: Permit,
    ) -> Stored<Next> {
        let grant = match permit {
            Permit::ReservedAt(due) => {
                job.due = due;
                return Ok(Next::Wait);
            }
            Permit::Granted(grant) => grant,
            Permit::Refused(_) => {
                job.retry(ctx.now);
                return Ok(Next::Wait);
            }
        };
        let Some(text) = text_of(ctx, job)? else { return Ok(Next::Done) };
        // The last look before it leaves: a STOP that came while it waited wins.
        if Session::of_id(ctx.store, &text.session)?.is_some_and(|session| session.stopped) {
            return fail(ctx, text, None);
        }
        let callback = format!(
            "{}/twilio/messages/status?p={}&m={}{CALLBACK_RETRY_OVERRIDES}",
            ctx.config.public_url,
            ctx.pool.api_name(),
            text.number
        );
        let (body, media) = content(ctx, &text);
        let new = NewMessage {
            to: ctx.number.as_str(),
            sender: &text.sender,
            says: Says::Free { body: &body, media: &media },
            status_callback: &callback,
        };
        let create = twilio::create_message(&ctx.config.secrets.twilio_account_sid, &new);
        job.mark_sent(Target::Text, body, ctx.now);
        jobs::save(ctx.store, job)?;
        let ticket = self.in_flight.begin(job.id, ctx.now, Awaiting::Sent(request, grant));
        Ok(Next::in_flight(Effect::Send(ticket, create, String::new())))
    }
}

/// The words, and the addresses from which Twilio fetches pictures, sounds and films. What it does not take under its own type is a
/// link among the words. Both are good for a while, and are of our own: Twilio's would show its account.
fn content(ctx: &StepContext, text: &Text) -> (String, Vec<String>) {
    let address = |medium: &MediumAt, until| MediaLink::Twilio { url: medium.url.clone() }.address(ctx.config, until);
    let (shown, others): (Vec<&MediumAt>, Vec<_>) =
        text.media.iter().partition(|medium| media::shown(&medium.mime).disposition == "inline");
    let media = shown.into_iter().map(|medium| address(medium, ctx.now + media::TOWARDS_TWILIO)).collect();
    let links = others.into_iter().map(|medium| address(medium, ctx.now + LINK_OPENS_FOR));
    let words = Some(text.body.clone()).filter(|body| !body.is_empty());
    (words.into_iter().chain(links).collect::<Vec<_>>().join("\n"), media)
}

pub(super) fn on_answer(ctx: &StepContext, job: &mut Job, answer: Answer) -> Stored<Next> {
    let Some(mut text) = text_of(ctx, job)? else { return Ok(Next::Done) };
    match answer {
        Answer::Done(response) => {
            if let Some(made) = made(&response) {
                advance(
                    ctx,
                    &mut text,
                    &made.sid,
                    Delivery::read(&made.status).unwrap_or(Delivery::Queued),
                    made.code,
                )?;
            }
            Ok(Next::Done)
        }
        Answer::Lost(_) => {
            let [first, .., last] = SEARCH_AT;
            job.attempts = 0;
            job.mark_uncertain(first, last);
            Ok(Next::Wait)
        }
        Answer::Refused(response) => {
            let code = twilio::error_code(&response.json());
            if code.is_some_and(is_about_the_account) {
                return Ok(try_again(ctx.now, job, &Answer::AccountRefused));
            }
            match explain(code.unwrap_or(0)).retry.wait(text.tries) {
                Some(wait) => {
                    text.tries += 1;
                    text.save(ctx.store)?;
                    job.start_again(ctx.now + wait);
                    Ok(Next::Wait)
                }
                None => fail(ctx, text, code),
            }
        }
        other => Ok(try_again(ctx.now, job, &other)),
    }
}

/// Twilio's list, after an answer was lost.
pub(super) fn on_list(ctx: &StepContext, job: &mut Job, answer: Answer) -> Stored<Next> {
    let Some(mut text) = text_of(ctx, job)? else { return Ok(Next::Done) };
    let response = match answer {
        Answer::Done(response) if twilio::is_list(&response.json()) => response,
        Answer::TooManyRequests(wait) => {
            job.due = ctx.now + wait;
            return Ok(Next::Wait);
        }
        Answer::TokenRefused | Answer::AccountRefused => {
            job.due = ctx.now + ACCOUNT_PAUSE;
            return Ok(Next::Wait);
        }
        _ => {
            job.attempts += 1;
            if job.attempts > MAX_FAILED_SEARCHES {
                return fail(ctx, text, None);
            }
            job.due = ctx.now + jobs::back_off(job.attempts + 1);
            return Ok(Next::Wait);
        }
    };
    let said = job.create().map(|create| create.said.clone()).unwrap_or_default();
    for made in twilio::read_list(&response.json()) {
        let is_new = twilio::instant(&made.created_at).is_none_or(|at| at >= job.sent_at() - CLOCK_TOLERANCE);
        let is_ours = made.is_sent_by(&text.sender) && made.body == said;
        if is_new && is_ours && !Text::is_claimed(ctx.store, &made.sid)? {
            advance(ctx, &mut text, &made.sid, Delivery::read(&made.status).unwrap_or(Delivery::Queued), made.code)?;
            return Ok(Next::Done);
        }
    }
    let sent_at = job.sent_at();
    if let Some(next) = SEARCH_AT.iter().map(|look| sent_at + look).find(|at| *at > ctx.now) {
        job.due = next.max(ctx.now + 1_000);
        return Ok(Next::Wait);
    }
    match &mut job.work {
        Work::Send { resends, .. } if *resends < MAX_RESENDS => *resends += 1,
        _ => return fail(ctx, text, None),
    }
    job.start_again(ctx.now);
    Ok(Next::Wait)
}

/// A status callback: it may come before the answer that it follows, twice, and in any order.
pub(super) fn on_status(ctx: &StepContext, status: &Status) -> Stored<ObjectReply> {
    let number = status.message.parse().unwrap_or(0);
    let text = Text::load(ctx.store, number)?;
    if let Some(mut text) = text.filter(|text| text.sid.as_ref().is_none_or(|sid| *sid == status.sid)) {
        advance(ctx, &mut text, &status.sid, status.delivery, status.code)?;
    }
    Ok(ObjectReply::Done)
}

/// A state never moves down.
fn advance(ctx: &StepContext, text: &mut Text, sid: &str, delivery: Delivery, code: Option<u32>) -> Stored<()> {
    let was = text.delivery;
    text.sid.get_or_insert_with(|| sid.to_owned());
    if delivery > text.delivery {
        (text.delivery, text.code) = (delivery, code);
    }
    text.save(ctx.store)?;
    if text.delivery.is_final() {
        text.forget_words(ctx.store)?;
    }
    if text.delivery == Delivery::Failed && was != Delivery::Failed { tell_writer(ctx, text) } else { Ok(()) }
}

/// It will not be sent.
fn fail(ctx: &StepContext, mut text: Text, code: Option<u32>) -> Stored<Next> {
    (text.delivery, text.code) = (Delivery::Failed, code);
    text.save(ctx.store)?;
    text.forget_words(ctx.store)?;
    tell_writer(ctx, &text)?;
    Ok(Next::Done)
}

/// Who wrote it hears that it did not arrive. Words of ours were written by nobody.
fn tell_writer(ctx: &StepContext, text: &Text) -> Stored<()> {
    let Some(session) = Session::of_id(ctx.store, &text.session)?.filter(|_| !text.name.contains(' ')) else {
        return Ok(());
    };
    let (id, sid) = (session.id, text.name.clone());
    work::tell(ctx, &session.other, Message::NotDelivered { session: id, sid })
}
