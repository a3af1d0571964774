//! The agents who look and call from the sidebar: who they are, and on which phone they are rung.

use super::callable_numbers;
use super::{StepContext, is_contact, owner};
use crate::domain::phone::E164;
use crate::effects::{Millis, ObjectReply};
use crate::messages::directory::AgentSession;
use crate::sidebar::{self, Refusal};
use crate::storage::{Row, Stored, any, first, run};
use crate::twilio::lookup::Phone;

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS agents (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, phone TEXT, country TEXT NOT NULL DEFAULT '',
    confirmed INTEGER NOT NULL, checked_at INTEGER NOT NULL
) STRICT";

/// When Help Scout said that an agent is gone.
pub(super) const ADD_GONE_AT: &str = "ALTER TABLE agents ADD COLUMN gone_at INTEGER NOT NULL DEFAULT 0";

/// Adds whether an agent is an owner or an administrator in Help Scout.
pub(super) const ADD_OPERATOR: &str = "ALTER TABLE agents ADD COLUMN operator INTEGER";

/// An agent, as their own row.
pub(super) struct Agent {
    pub name: String,
    pub phone: Option<Phone>,
    pub confirmed: bool,
    checked_at: Millis,
    gone_at: Millis,
    is_operator: Option<bool>,
}

impl Agent {
    pub fn load(ctx: &StepContext, id: i64) -> Stored<Option<Self>> {
        let sql = "SELECT name, phone, country, confirmed, checked_at, gone_at, operator FROM agents WHERE id = ?";
        let read = |row: Row| Self {
            name: row.string(0),
            phone: row.maybe_text(1).map(|number| Phone { number, country: row.string(2) }),
            confirmed: row.integer(3) != 0,
            checked_at: row.integer(4),
            gone_at: row.integer(5),
            is_operator: row.maybe_integer(6).map(|operator| operator != 0),
        };
        Ok(first(ctx.store, sql, &[id.into()])?.map(read))
    }

    fn number(&self) -> &str {
        self.phone.as_ref().map_or("", |phone| &phone.number)
    }
}

/// Who it is that shows a session.
pub(super) fn agent_session(
    ctx: &StepContext,
    conversation: u64,
    id: i64,
    call: Option<&str>,
    other: Option<String>,
) -> Stored<ObjectReply> {
    let contact = owner(ctx.store, "conversations", conversation)?.map(|owner| other.unwrap_or(owner));
    let mut agent_session = AgentSession::default();
    if let Some(agent) = Agent::load(ctx, id)? {
        agent.number().clone_into(&mut agent_session.phone);
        agent_session.confirmed = agent.confirmed;
        agent_session.name.clone_from(&agent.name);
        agent_session.checked_at = agent.checked_at;
        agent_session.gone_at = agent.gone_at;
        agent_session.is_operator = agent.is_operator;
    }
    if let Some(call) = call {
        let sql = "SELECT 1 FROM callbacks WHERE id = ? AND agent = ? AND contact = ? AND result = ''";
        agent_session.call = any(ctx.store, sql, &[call.into(), id.into(), (&contact).into()])?;
    }
    agent_session.contact = contact;
    Ok(ObjectReply::AgentSession(agent_session))
}

/// Help Scout has said who the agent is. The phone of its record is taken as long as they have named none.
pub(super) fn upsert(
    ctx: &StepContext,
    id: i64,
    (name, is_operator): (&str, Option<bool>),
    phone: Option<Phone>,
) -> Stored<()> {
    let sql = "INSERT INTO agents (id, name, confirmed, checked_at, operator) VALUES (?, ?, 0, ?, ?) \
               ON CONFLICT (id) DO UPDATE SET name = excluded.name, checked_at = excluded.checked_at, gone_at = 0, \
               operator = excluded.operator";
    run(ctx.store, sql, &[id.into(), name.into(), ctx.now.into(), is_operator.map(i64::from).into()])?;
    let Some(phone) = phone else { return Ok(()) };
    if why_not_agents_phone(ctx, &phone)?.is_some() {
        return Ok(());
    }
    let sql = "UPDATE agents SET phone = ?, country = ? WHERE id = ? AND phone IS NULL";
    run(ctx.store, sql, &[(&phone.number).into(), (&phone.country).into(), id.into()])
}

/// Help Scout has said that there is no such user: they have no access any more. If the user returns, the phone must be
/// confirmed again. That it said so is stored, so that it is not asked for each page that they open.
pub(super) fn mark_gone(ctx: &StepContext, id: i64) -> Stored<()> {
    let sql = "INSERT OR REPLACE INTO agents (id, name, confirmed, checked_at, gone_at) VALUES (?, '', 0, 0, ?)";
    run(ctx.store, sql, &[id.into(), ctx.now.into()])
}

/// Why a phone cannot be an agent's; `None` when it can. A supporter whose phone rang as if they were one would hear
/// whom the agent is about to call.
fn why_not_agents_phone(ctx: &StepContext, phone: &Phone) -> Stored<Option<Refusal>> {
    if let Some(refusal) = callable_numbers::why_not_ring(ctx, phone) {
        return Ok(Some(refusal));
    }
    let words = "Somebody has texted or called this hotline from that number, so it cannot be an agent's phone. Please name \
                 another one.";
    let refusal = Refusal { status: 403, code: "contacts_number", words };
    Ok(is_contact(ctx.store, &phone.number)?.then_some(refusal))
}

/// The agent names a phone; another one than before must be confirmed again.
pub(super) fn set_phone(ctx: &StepContext, id: i64, phone: &Phone) -> Stored<ObjectReply> {
    if let Some(refusal) = why_not_agents_phone(ctx, phone)? {
        return Ok(refusal.reply());
    }
    let sql = "INSERT INTO agents (id, name, phone, country, confirmed, checked_at) VALUES (?, '', ?, ?, 0, 0) \
               ON CONFLICT (id) DO UPDATE SET confirmed = (agents.confirmed AND agents.phone IS excluded.phone), \
               phone = excluded.phone, country = excluded.country RETURNING confirmed";
    let params = [id.into(), (&phone.number).into(), (&phone.country).into()];
    let confirmed = first(ctx.store, sql, &params)?.is_some_and(|row| row.integer(0) != 0);
    Ok(ObjectReply::Agent(sidebar::agent(&phone.number, confirmed)))
}

/// Whose phone it is: the agent's name if they have shown it to be theirs, else the number for the eye.
pub(super) fn name_of(ctx: &StepContext, phone: &str) -> Stored<ObjectReply> {
    let sql = "SELECT name FROM agents WHERE phone = ? AND confirmed = 1 AND name <> '' LIMIT 1";
    let name = first(ctx.store, sql, &[phone.into()])?.map(|row| row.string(0));
    let readable = || E164::parse(phone).map_or_else(|| phone.to_owned(), |number| number.readable());
    Ok(ObjectReply::Name(name.unwrap_or_else(readable)))
}

/// The agent has shown that the phone is theirs, unless they have named another one since.
pub(super) fn confirm(ctx: &StepContext, agent: i64, phone: &str) -> Stored<()> {
    let sql = "UPDATE agents SET confirmed = 1 WHERE id = ? AND phone = ?";
    run(ctx.store, sql, &[agent.into(), phone.into()])
}
