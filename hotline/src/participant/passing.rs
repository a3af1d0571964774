//! What a participant writes to a number of the pool: a word to the other side, or, where nobody is reached, to the hotline.

use super::run::Flow;
use super::session_row::{Session, State};
use super::text_row::{self, Text};
use super::work::{self, Job, Work};
use super::{Message, StepContext, sessions};
use crate::domain::text::keywords::Keyword;
use crate::effects::ObjectReply;
use crate::jobs::Next;
use crate::messages::Refused;
use crate::messages::participant::Passed;
use crate::storage::Stored;
use crate::twilio::inbound::InboundText;

/// Why nothing is passed on to a participant: stable, for the object of the other side.
const STOPPED: &str = "stopped";
const UNKNOWN: &str = "unknown_session";

/// Said to who wrote something that did not arrive, once a session.
const NOT_DELIVERED: &str = "Your message could not be delivered.";
const CANNOT_RECEIVE: &str = "Your message was not delivered: the other person cannot receive texts from this number.";

/// They have texted a number of the pool.
pub(super) fn receive(ctx: &StepContext, text: InboundText) -> Stored<ObjectReply> {
    if !text_row::is_new(ctx.store, &text.sid, ctx.now)? {
        return Ok(ObjectReply::Done);
    }
    let Some(mut session) = Session::at_proxy(ctx.store, &text.to)? else {
        return out_of_session(ctx, text);
    };
    session.last_at = ctx.now;
    let keyword = Keyword::read(&text.body, text.opt_out_type.as_deref());
    match keyword {
        // Twilio answers these itself, and lets nothing from this number through to them until START.
        Some(Keyword::Stop) => session.stopped = true,
        Some(word) if word.starts(session.stopped) => session.stopped = false,
        _ => match session.run.wrote(ctx.now) {
            Flow::On => pass(ctx, &session, text)?,
            Flow::StopsNow => {
                let words = "Two machines seem to answer each other. Nothing is passed on until neither has written for ten minutes.";
                hand_to_hotline(ctx, text, words)?;
                work::count(ctx, "two machines in a session")?;
            }
            Flow::Stopped => {}
        },
    }
    session.save(ctx.store)?;
    Ok(ObjectReply::Done)
}

/// What they wrote goes to the other side.
fn pass(ctx: &StepContext, session: &Session, text: InboundText) -> Stored<()> {
    let lines = Some(text.body).filter(|body| !body.is_empty()).into_iter().chain(text.details);
    let body = lines.collect::<Vec<_>>().join("\n").replace('\0', "");
    let passed = Passed { session: session.id.clone(), sid: text.sid, at: ctx.now, body, media: text.media };
    work::tell(ctx, &session.other, Message::Pass(Box::new(passed)))
}

/// A text to a number at which nobody is reached.
fn out_of_session(ctx: &StepContext, text: InboundText) -> Stored<ObjectReply> {
    let last = Session::last_at_proxy(ctx.store, &text.to)?;
    let rests = last.and_then(|last| last.ended_at).is_some_and(|ended| ctx.now - ended < ctx.pool.rest);
    let keyword = Keyword::read(&text.body, text.opt_out_type.as_deref());
    if keyword.is_some() {
        // It is about this number, and not about the hotline's.
        return Ok(ObjectReply::Done);
    }
    let ended = if rests { "whose session there has ended" } else { "who has no session there" };
    hand_to_hotline(ctx, text, &format!("It comes from somebody {ended}."))?;
    Ok(ObjectReply::Done)
}

/// It is a text to the hotline, which says so.
fn hand_to_hotline(ctx: &StepContext, mut text: InboundText, why: &str) -> Stored<()> {
    let pool = ctx.pool.api_name();
    text.details.push(format!(
        "(Texted to {} of the pool {pool}. {why} Replies leave from the hotline's own number.)",
        text.to
    ));
    work::hand_to_hotline(ctx, text)
}

/// The other side has written: the participant is texted, once.
pub(super) fn take(ctx: &StepContext, passed: &Passed) -> Stored<ObjectReply> {
    let refused = |code: &str| {
        let words = String::new();
        Ok(ObjectReply::Refused(Refused { status: 409, code: code.to_owned(), words }))
    };
    let Some(mut session) = Session::of_id(ctx.store, &passed.session)? else { return refused(UNKNOWN) };
    if session.stopped {
        return refused(STOPPED);
    }
    let text = Text::add(ctx.store, ctx.now, &passed.sid, &session.id, &session.proxy, &passed.body, &passed.media)?;
    let Some(text) = text else { return Ok(ObjectReply::Done) };
    session.run.heard(ctx.now);
    // What was written while the session was open is delivered, also when it ended on its way.
    if session.ended_at.is_none() {
        // The first side opens a session before it passes anything on.
        if session.state == State::Held && session.other_proxy.is_some() {
            session.state = State::Open;
        }
        session.last_at = session.last_at.max(passed.at);
    }
    session.save(ctx.store)?;
    work::send(ctx, text)?;
    Ok(ObjectReply::Done)
}

/// Another object has answered what a job has told it.
pub(super) fn on_told(ctx: &StepContext, job: &mut Job, reply: &ObjectReply) -> Stored<Next> {
    match reply {
        ObjectReply::Unreachable => job.retry(ctx.now),
        ObjectReply::Later(wait) => job.due = ctx.now + *wait,
        ObjectReply::NotFound => {
            if let Work::Tell { message, .. } = &job.work
                && let Message::Opened { session } = &**message
            {
                sessions::not_opened(ctx, session)?;
            }
            return Ok(Next::Done);
        }
        ObjectReply::Refused(refused) => {
            if let Work::Tell { message, .. } = &job.work
                && let Message::Pass(passed) = &**message
            {
                let words = if refused.code == STOPPED { CANNOT_RECEIVE } else { NOT_DELIVERED };
                tell_writer(ctx, &passed.session, words)?;
            }
            return Ok(Next::Done);
        }
        _ => return Ok(Next::Done),
    }
    Ok(Next::Wait)
}

/// What they wrote did not arrive.
pub(super) fn on_not_delivered(ctx: &StepContext, session: &str, _sid: &str) -> Stored<ObjectReply> {
    tell_writer(ctx, session, NOT_DELIVERED)?;
    Ok(ObjectReply::Done)
}

/// Says so to them, once a session, from the number to which they wrote.
fn tell_writer(ctx: &StepContext, session: &str, words: &str) -> Stored<()> {
    let Some(mut session) = Session::of_id(ctx.store, session)?.filter(|session| !session.is_told) else {
        return Ok(());
    };
    session.is_told = true;
    session.save(ctx.store)?;
    if session.stopped {
        return Ok(());
    }
    let name = format!("not delivered {}", session.id);
    match Text::add(ctx.store, ctx.now, &name, &session.id, &session.proxy, words, &[])? {
        Some(text) => work::send(ctx, text),
        None => Ok(()),
    }
}
