//! How often a person calls. One caller must not occupy the team, and whoever is in need and calls again and again must be
//! seen by it.

use super::work::Fact;
use super::{Contact, StepContext, TEXTS};
use crate::domain::html::Html;
use crate::effects::{Millis, ObjectReply};
use crate::messages::call::Reception;
use crate::storage::{Stored, any, number, run};

/// Their calls that were not rejected, of as long as they count.
pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS calls (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID";

/// When the agents were told that calls are rejected: once while the person goes on.
pub(super) const REJECTIONS: &str = "CREATE TABLE IF NOT EXISTS call_rejections (at INTEGER PRIMARY KEY) STRICT";

impl Contact {
    /// They call: what their call meets. The same call again meets the same.
    pub(super) fn receive_call(&self, ctx: &StepContext, call: &str) -> Stored<ObjectReply> {
        let limits = ctx.hotline.repeated_calls;
        let since = ctx.now - i64::from(limits.minutes) * 60_000;
        run(ctx.store, "DELETE FROM calls WHERE at <= ?", &[since.into()])?;
        let sql =
            "SELECT COUNT(*) FROM calls WHERE id <> ?1 AND at <= coalesce((SELECT at FROM calls WHERE id = ?1), ?2)";
        let before = number(ctx.store, sql, &[call.into(), ctx.now.into()])?;
        let reception = Reception::after(before, limits);
        if reception == Reception::Rejected {
            self.tell_directory(ctx, Fact::Count("call rejected: too many from one number".to_owned()))?;
            Self::note_rejected(ctx, since)?;
            return Ok(reception.reply());
        }
        let sql = "INSERT OR IGNORE INTO calls (id, at) VALUES (?, ?)";
        run(ctx.store, sql, &[call.into(), ctx.now.into()])?;
        if reception == Reception::Voicemail {
            self.tell_directory(ctx, Fact::Count("call to voicemail: too many from one number".to_owned()))?;
        }
        Ok(reception.reply())
    }

    fn note_rejected(ctx: &StepContext, since: Millis) -> Stored<()> {
        run(ctx.store, "DELETE FROM call_rejections WHERE at <= ?", &[since.into()])?;
        if any(ctx.store, "SELECT 1 FROM call_rejections", &[])? {
            return Ok(());
        }
        run(ctx.store, "INSERT INTO call_rejections (at) VALUES (?)", &[ctx.now.into()])?;
        let limits = ctx.hotline.repeated_calls;
        let note = format!(
            "They have called more than {} times within {} minutes. Their calls are rejected for a while; texts still arrive. \
             If they need help, please call them back.",
            limits.reject_after, limits.minutes
        );
        Self::enqueue_note(ctx, TEXTS, None, &Html::text(&note))
    }
}
