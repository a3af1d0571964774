//! How many texts each agent sends in an hour, over all people of the hotline.

use super::{StepContext, count};
use crate::effects::{Millis, ObjectReply};
use crate::sidebar::Refusal;
use crate::storage::{Stored, any, number, run};

/// What agents sent in the last hour.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS texts (
    agent INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (agent, id)
) STRICT, WITHOUT ROWID";

const HOUR: Millis = 3_600_000;

/// Said to an agent who has sent as much as the hotline allows.
const TOO_MANY: Refusal = Refusal {
    status: 429,
    code: "too_many_texts",
    words: "You have sent as many texts as this hotline allows in an hour. Please wait a while, and then send it again.",
};

/// Whether an agent may send a text, which then counts.
pub(super) fn may_text(ctx: &StepContext, agent: i64, id: &str) -> Stored<ObjectReply> {
    run(ctx.store, "DELETE FROM texts WHERE agent = ? AND at <= ?", &[agent.into(), (ctx.now - HOUR).into()])?;
    if any(ctx.store, "SELECT 1 FROM texts WHERE agent = ? AND id = ?", &[agent.into(), id.into()])? {
        return Ok(ObjectReply::Done);
    }
    let sent = number(ctx.store, "SELECT COUNT(*) FROM texts WHERE agent = ?", &[agent.into()])?;
    let most = ctx.hotline.map_or(0, |hotline| hotline.limits.texts_per_agent_per_hour);
    if sent >= i64::from(most) {
        count(ctx.store, "text refused: too_many_texts", ctx.now)?;
        return Ok(TOO_MANY.reply());
    }
    run(ctx.store, "INSERT INTO texts (agent, id, at) VALUES (?, ?, ?)", &[agent.into(), id.into(), ctx.now.into()])?;
    Ok(ObjectReply::Done)
}
