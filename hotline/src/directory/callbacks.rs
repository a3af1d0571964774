//! Calls that agents ask for: whether each may be made, and every attempt as a row.

use super::agents::Agent;
use super::callable_numbers;
use super::{StepContext, count};
use crate::domain::phone::{E164, Party};
use crate::effects::{Millis, ObjectReply};
use crate::messages::call::Start;
use crate::messages::directory::Dial;
use crate::sidebar::{NO_SUCH_CALL, Refusal};
use crate::storage::{Row, Stored, any, first, number, run};
use crate::twilio::calls::LONGEST_TALK;
use crate::twilio::lookup::Phone;

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS callbacks (
    id TEXT PRIMARY KEY, agent INTEGER NOT NULL, at INTEGER NOT NULL, ended INTEGER NOT NULL, result TEXT NOT NULL,
    contact TEXT NOT NULL, phone TEXT NOT NULL, code TEXT NOT NULL, number TEXT NOT NULL
) STRICT, WITHOUT ROWID";

pub(super) const ADD_DIALLED: &str = "ALTER TABLE callbacks ADD COLUMN dialled TEXT NOT NULL DEFAULT ''";

/// Attempts are counted for an agent, and go when they are old.
pub(super) const INDEXES: &[&str] = &[
    "CREATE INDEX IF NOT EXISTS callbacks_by_agent ON callbacks (agent, at)",
    "CREATE INDEX IF NOT EXISTS callbacks_by_age ON callbacks (at)",
];

const HOUR: Millis = 3_600_000;

/// How long attempts are kept: long enough for whoever looks into a phone bill.
const KEPT: Millis = 90 * 86_400_000;

/// Asks for a call. The answer is [`ObjectReply::StartCall`] for the call's object, or a refusal, or
/// [`ObjectReply::Later`] when it is asked again with its facts. The same id again has the same answer.
pub(super) fn dial(ctx: &StepContext, dial: &Dial) -> Stored<ObjectReply> {
    if let Some(known) = Attempt::load(ctx, &dial.id)? {
        if known.start.agent != dial.agent || known.start.contact != dial.contact {
            return Ok(NO_SUCH_CALL.reply());
        }
        if known.result.is_empty() {
            return Ok(known.begins());
        }
    }
    let agent = Agent::load(ctx, dial.agent)?;
    let refused = refusal(ctx, agent.as_ref(), dial)?;
    if refused.is_none() && dial.facts.is_none() {
        return Ok(ObjectReply::Later(0));
    }
    let (name, phone, confirmed) = agent.map_or_else(Default::default, |agent| {
        (agent.name, agent.phone.map_or_else(String::new, |phone| phone.number), agent.confirmed)
    });
    let start = Start {
        agent: dial.agent,
        agent_name: name,
        phone,
        code: if confirmed { String::new() } else { dial.code.clone() },
        contact: dial.contact.clone(),
        dialled: number_to_dial(dial).map(String::from).unwrap_or_default(),
        number: dial.facts.as_ref().map_or_else(String::new, |facts| facts.number.clone()),
    };
    let attempt = Attempt { result: refused.map_or("", |refused| refused.code).to_owned(), start };
    attempt.keep(ctx, &dial.id)?;
    match refused {
        Some(refused) => {
            count(ctx.store, &["call refused: ", refused.code].concat(), ctx.now)?;
            Ok(refused.reply())
        }
        None => Ok(attempt.begins()),
    }
}

/// Why a call may not be made. Facts that must be asked of others are checked last.
fn refusal(ctx: &StepContext, agent: Option<&Agent>, dial: &Dial) -> Stored<Option<Refusal>> {
    let conflict = |code, words| Ok(Some(Refusal { status: 409, code, words }));
    let callback = ctx.hotline.filter(|hotline| !hotline.numbers.is_empty());
    let Some(callback) = callback.and_then(|hotline| hotline.callback.as_ref()) else {
        return conflict("calls_off", "Calling back is not set up for this hotline.");
    };
    let contact_number = number_to_dial(dial);
    // Whether somebody on WhatsApp has shown a number is one of the facts.
    let may_have_number =
        dial.facts.is_none() && matches!(Party::from_key(&dial.contact), Some(Party::WhatsAppUser(_)));
    if contact_number.is_none() && !may_have_number {
        return conflict("not_a_phone", "This person did not write or call from a phone number.");
    }
    let Some(phone) = agent.and_then(|agent| agent.phone.as_ref()) else {
        return conflict("no_phone", "Please say first on which phone you can be called.");
    };
    // Where the contact is, is known last; until then they count as being where the agent is.
    let country = dial.facts.as_ref().map_or(&phone.country, |facts| &facts.country).clone();
    let contact = contact_number.map(|number| Phone { number: number.into(), country });
    let why_not = |phone: &Phone| callable_numbers::why_not_ring(ctx, phone);
    if let Some(refused) = why_not(phone).or_else(|| contact.as_ref().and_then(why_not)) {
        return Ok(Some(refused));
    }
    if running(ctx, dial.agent, None)?.is_some() {
        return conflict("call_running", "You are in a call already.");
    }
    if is_called(ctx, &dial.contact)? {
        return conflict("called_by_another", "Another agent is calling this person just now.");
    }
    let sql = "SELECT COUNT(*) FROM callbacks WHERE agent = ? AND result = '' AND at > ?";
    let calls = number(ctx.store, sql, &[dial.agent.into(), (ctx.now - HOUR).into()])?;
    if calls >= i64::from(callback.per_agent_per_hour) {
        let words = "You have called as often as this hotline allows in an hour. Please wait a while.";
        return Ok(Some(Refusal { status: 429, code: "too_many_calls", words }));
    }
    Ok(None)
}

/// The number to dial: the one that the contact's object knows, else the contact's key.
fn number_to_dial(dial: &Dial) -> Option<E164> {
    let theirs = dial.facts.as_ref().and_then(|facts| facts.theirs.as_deref());
    E164::parse(theirs.unwrap_or(&dial.contact))
        .map(|number| if theirs.is_some() { number } else { number.canonical() })
}

/// The call that an agent is in, with one person or with whomever. One whose end was never told is over when Twilio has
/// ended it.
pub(super) fn running(ctx: &StepContext, agent: i64, contact: Option<&str>) -> Stored<Option<String>> {
    let sql = "SELECT id FROM callbacks WHERE agent = ? AND result = '' AND ended = 0 AND at > ? \
               AND contact = coalesce(?, contact) LIMIT 1";
    let params = [agent.into(), (ctx.now - LONGEST_TALK).into(), contact.into()];
    Ok(first(ctx.store, sql, &params)?.map(|row| row.string(0)))
}

/// Whether an agent is in a call with a person, or about to be.
fn is_called(ctx: &StepContext, contact: &str) -> Stored<bool> {
    let sql = "SELECT 1 FROM callbacks WHERE at > ? AND contact = ? AND result = '' AND ended = 0 LIMIT 1";
    any(ctx.store, sql, &[(ctx.now - LONGEST_TALK).into(), contact.into()])
}

/// They may call again.
pub(super) fn on_call_ended(ctx: &StepContext, id: &str) -> Stored<()> {
    run(ctx.store, "UPDATE callbacks SET ended = 1 WHERE id = ?", &[id.into()])
}

/// A call that an agent asked for.
struct Attempt {
    /// Why it was refused; empty when it was not.
    result: String,
    /// How it begins.
    start: Start,
}

impl Attempt {
    fn load(ctx: &StepContext, id: &str) -> Stored<Option<Self>> {
        let sql = "SELECT result, agent, name, callbacks.phone, code, contact, number, dialled FROM callbacks \
                   LEFT JOIN agents ON agents.id = agent WHERE callbacks.id = ?";
        let read = |row: Row| Self {
            result: row.string(0),
            start: Start {
                agent: row.integer(1),
                agent_name: row.string(2),
                phone: row.string(3),
                code: row.string(4),
                contact: row.string(5),
                number: row.string(6),
                dialled: row.string(7),
            },
        };
        Ok(first(ctx.store, sql, &[id.into()])?.map(read))
    }

    fn keep(&self, ctx: &StepContext, id: &str) -> Stored<()> {
        run(ctx.store, "DELETE FROM callbacks WHERE at < ?", &[(ctx.now - KEPT).into()])?;
        let sql = "INSERT OR REPLACE INTO callbacks (id, agent, at, ended, result, contact, phone, code, number, dialled) \
                   VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?)";
        let start = &self.start;
        let params = [
            id.into(),
            start.agent.into(),
            ctx.now.into(),
            (&self.result).into(),
            (&start.contact).into(),
            (&start.phone).into(),
            (&start.code).into(),
            (&start.number).into(),
            (&start.dialled).into(),
        ];
        run(ctx.store, sql, &params)
    }

    fn begins(&self) -> ObjectReply {
        ObjectReply::StartCall(Box::new(self.start.clone()))
    }
}
