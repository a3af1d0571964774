//! Sessions begin and end. The object of the first participant answers for a session; that of the second follows it.

use super::session_row::{Session, State};
use super::{Message, StepContext, stand_in, work};
use crate::domain::phone::E164;
use crate::effects::{Millis, ObjectReply};
use crate::messages::participant::{Hold, SessionReply};
use crate::storage::Stored;

fn reply(reply: SessionReply) -> ObjectReply {
    ObjectReply::Session(reply)
}

fn is(ctx: &StepContext, session: &Session) -> ObjectReply {
    reply(SessionReply::Is(Box::new(session.shown(ctx))))
}

/// A number is held for this side; the same request again has the same one.
pub(super) fn hold(ctx: &StepContext, hold: &Hold) -> Stored<ObjectReply> {
    let session = match known(ctx, hold)? {
        Some(known) => Some(known),
        None => match choose(ctx, hold)? {
            Some(proxy) => Session::hold(ctx, hold, &proxy)?,
            None => return Ok(reply(SessionReply::Exhausted)),
        },
    };
    let Some(session) = session else { return Ok(reply(SessionReply::Gone)) };
    let Session { number, state, .. } = session;
    Ok(reply(SessionReply::Held { number, proxy: session.proxy, is_open: state != State::Held, id: session.id }))
}

/// The session that this request, or one with the same name, has asked for.
fn known(ctx: &StepContext, hold: &Hold) -> Stored<Option<Session>> {
    if let Some(reference) = hold.reference.as_ref().filter(|_| hold.session.is_none())
        && let Some(named) = Session::of_reference(ctx.store, reference)?
    {
        return Ok(Some(named));
    }
    Session::of_request(ctx.store, &hold.request)
}

fn choose(ctx: &StepContext, hold: &Hold) -> Stored<Option<E164>> {
    let given = Session::given(ctx.store, ctx.now - ctx.pool.rest)?;
    Ok(stand_in::choose(ctx.pool, ctx.number, &hold.other, &given, ctx.now))
}

/// The other side has its number too: the session is open, and the other side is told until it knows.
pub(super) fn open(ctx: &StepContext, number: i64, other_proxy: &str) -> Stored<ObjectReply> {
    let Some(mut session) = Session::of_number(ctx.store, number)? else { return Ok(reply(SessionReply::Gone)) };
    if session.other_proxy.is_none() {
        session.state = State::Open;
        session.other_proxy = Some(other_proxy.to_owned());
        session.last_at = ctx.now;
        session.save(ctx.store)?;
        work::tell(ctx, &session.other, Message::Opened { session: session.id.clone() })?;
    }
    Ok(is(ctx, &session))
}

/// The first side has opened it. The answer is `ObjectReply::NotFound` when the number was not held for so long.
pub(super) fn opened(ctx: &StepContext, id: &str) -> Stored<ObjectReply> {
    let Some(mut session) = Session::of_id(ctx.store, id)? else { return Ok(ObjectReply::NotFound) };
    if session.state == State::Held {
        session.state = State::Open;
        session.last_at = ctx.now;
        session.save(ctx.store)?;
    }
    Ok(ObjectReply::Done)
}

/// The other side holds no number any more: nobody would be reached.
pub(super) fn not_opened(ctx: &StepContext, id: &str) -> Stored<()> {
    match Session::of_id(ctx.store, id)?.filter(|session| session.state == State::Open) {
        Some(mut session) => end(ctx, &mut session, ctx.now),
        None => Ok(()),
    }
}

/// There will be none.
pub(super) fn release(ctx: &StepContext, id: &str) -> Stored<ObjectReply> {
    if let Some(session) = Session::of_id(ctx.store, id)?.filter(|session| session.state == State::Held) {
        session.delete(ctx.store)?;
    }
    Ok(ObjectReply::Done)
}

pub(super) fn read(ctx: &StepContext, number: i64) -> Stored<ObjectReply> {
    let session = Session::of_number(ctx.store, number)?.filter(|session| session.state != State::Held);
    Ok(session.map_or(ObjectReply::NotFound, |session| is(ctx, &session)))
}

pub(super) fn of_reference(ctx: &StepContext, reference: &str) -> Stored<ObjectReply> {
    let session = Session::of_reference(ctx.store, reference)?.filter(|session| session.state != State::Held);
    Ok(session.map_or(ObjectReply::NotFound, |session| is(ctx, &session)))
}

/// It is closed; one that has ended stays as it is.
pub(super) fn close(ctx: &StepContext, number: i64) -> Stored<ObjectReply> {
    let session = Session::of_number(ctx.store, number)?.filter(|session| session.state != State::Held);
    let Some(mut session) = session else { return Ok(ObjectReply::NotFound) };
    if session.state == State::Open {
        end(ctx, &mut session, ctx.now)?;
        let closed = Message::Closed { session: session.id.clone(), at: ctx.now };
        work::tell(ctx, &session.other, closed)?;
    }
    Ok(is(ctx, &session))
}

/// The first side has closed it.
pub(super) fn closed(ctx: &StepContext, id: &str, at: Millis) -> Stored<ObjectReply> {
    if let Some(mut session) = Session::of_id(ctx.store, id)?.filter(|session| session.ended_at.is_none()) {
        end(ctx, &mut session, at)?;
    }
    Ok(ObjectReply::Done)
}

fn end(ctx: &StepContext, session: &mut Session, at: Millis) -> Stored<()> {
    session.state = State::Closed;
    session.ended_at = Some(at);
    session.save(ctx.store)
}
