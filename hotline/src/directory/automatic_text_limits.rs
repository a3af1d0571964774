//! Texts that nobody writes leave only for numbers that cost nothing extra, in the hotline's countries, and so many in an
//! hour. Whoever can make a hotline text a number of their choice is paid by that number's network (Twilio, SMS pumping).

use super::{StepContext, count};
use crate::domain::numbering;
use crate::domain::phone::{Channel, E164, Party};
use crate::effects::{Millis, ObjectReply};
use crate::sidebar::Refusal;
use crate::storage::{Stored, any, number, run};

/// Those of the last hour: at most as many as may leave in one.
pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS automatic_texts (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID";

const HOUR: Millis = 3_600_000;

/// Whether an automatic text may be sent, which then counts: [`ObjectReply::Done`], or why not. The same id again has the
/// same answer.
pub(super) fn may_send(ctx: &StepContext, id: &str, contact: &str, channel: Channel) -> Stored<ObjectReply> {
    run(ctx.store, "DELETE FROM automatic_texts WHERE at <= ?", &[(ctx.now - HOUR).into()])?;
    if any(ctx.store, "SELECT 1 FROM automatic_texts WHERE id = ?", &[id.into()])? {
        return Ok(ObjectReply::Done);
    }
    if let Some(refused) = refusal(ctx, contact, channel)? {
        count(ctx.store, &["automatic text refused: ", refused.code].concat(), ctx.now)?;
        return Ok(refused.reply());
    }
    run(ctx.store, "INSERT INTO automatic_texts (id, at) VALUES (?, ?)", &[id.into(), ctx.now.into()])?;
    Ok(ObjectReply::Done)
}

fn refusal(ctx: &StepContext, contact: &str, channel: Channel) -> Stored<Option<Refusal>> {
    let refuse = |status, code, words| Ok(Some(Refusal { status, code, words }));
    let Some(auto_reply) = ctx.hotline.map(|hotline| &hotline.auto_reply) else {
        return refuse(404, "no_hotline", "This hotline is not set up.");
    };
    let to = E164::parse(contact);
    // Whoever shows no number is on WhatsApp alone, where nothing costs extra.
    let has_no_number = matches!(Party::from_key(contact), Some(Party::WhatsAppUser(_)));
    if to.as_ref().map_or(!has_no_number, numbering::is_costly) {
        return refuse(403, "premium_number", "Automatic texts are not sent to numbers that cost extra.");
    }
    let country = to.as_ref().and_then(numbering::country).unwrap_or_default();
    // WhatsApp pays no network for what it delivers.
    if channel == Channel::Sms && !auto_reply.countries.iter().any(|listed| listed.as_str() == country) {
        let words = "Automatic texts are not sent to this country. `auto_reply` in the hotline's settings names those that they go to.";
        return refuse(403, "country_not_allowed", words);
    }
    let sent = number(ctx.store, "SELECT COUNT(*) FROM automatic_texts", &[])?;
    if sent >= i64::from(auto_reply.per_hour) {
        let words = "The hotline had sent as many automatic texts within an hour as its settings allow.";
        return refuse(429, "too_many_texts", words);
    }
    Ok(None)
}
