//! The table `call`: one row, whichever the call's kind.

use protocol::sidebar::CallOutcome;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::row::{CallKind, Callback, CallbackState, Inbound, Row, Talk, VoiceMessage};
use crate::encoding::{self, DecodeError};
use crate::json::Document;
use crate::storage::{Row as Columns, Store, StoreError, Stored, any, first, run};
use crate::twilio::calls::AnsweredBy;

pub(super) const CALL: &str = "CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL, party TEXT NOT NULL, number TEXT NOT NULL,
    since INTEGER NOT NULL, deadline INTEGER, claimed INTEGER, talks_since INTEGER, seconds INTEGER,
    outcome TEXT NOT NULL, caller_gone INTEGER NOT NULL, recording TEXT NOT NULL, transcript TEXT,
    queue TEXT NOT NULL, agent_name TEXT NOT NULL, agent INTEGER NOT NULL, code TEXT NOT NULL
) STRICT";

pub(super) const CLAIMED_SID: &str = "ALTER TABLE call ADD COLUMN claimed_sid TEXT NOT NULL DEFAULT ''";

pub(super) const CALLER_ID_FAILED: &str = "ALTER TABLE call ADD COLUMN caller_id_failed INTEGER NOT NULL DEFAULT 0";

pub(super) const WHATSAPP: &str = "ALTER TABLE call ADD COLUMN whatsapp INTEGER NOT NULL DEFAULT 0";
/// Adds the number to dial.
pub(super) const DIALLED: &str = "ALTER TABLE call ADD COLUMN dialled TEXT NOT NULL DEFAULT ''";
pub(super) const ANSWERED_BY: &str = "ALTER TABLE call ADD COLUMN answered_by TEXT NOT NULL DEFAULT 'unknown'";

/// Adds whether the caller was erased.
pub(super) const FORGOTTEN: &str = "ALTER TABLE call ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0";

const COLUMNS: &str = "state, outcome, party, number, since, deadline, agent_name, claimed, claimed_sid, talks_since, \
                       seconds, agent, code, queue, caller_gone, caller_id_failed, recording, transcript, whatsapp, answered_by, dialled, \
                       forgotten";

impl Row {
    pub fn load(store: &dyn Store) -> Stored<Option<Self>> {
        let Some(row) = first(store, &format!("SELECT {COLUMNS} FROM call"), &[])? else { return Ok(None) };
        let recording = row.string(16);
        let has_message = !recording.is_empty();
        let seconds = row.maybe_integer(10);
        let kind = match row.integer(11) {
            0 => CallKind::Inbound(Inbound {
                state: state(&row)?,
                queue: row.string(13),
                caller_gone: row.integer(14) != 0,
                caller_id_failed: row.integer(15) != 0,
                message: has_message.then_some(VoiceMessage { recording, seconds }),
                transcript: row.maybe_text(17),
                is_whatsapp: row.integer(18) != 0,
                is_forgotten: row.integer(21) != 0,
            }),
            agent => CallKind::Callback(Callback {
                state: callback_state(&row)?,
                agent,
                code: row.string(12),
                dialled: row.string(20),
                answered_by: answered_by(row.text(19))?,
            }),
        };
        Ok(Some(Self {
            party: row.string(2),
            number: row.string(3),
            since: row.integer(4),
            deadline: row.maybe_integer(5),
            agent_name: row.string(6),
            talk: row.maybe_integer(7).map(|leg| Talk {
                leg,
                sid: row.string(8),
                since: row.maybe_integer(9),
                seconds: seconds.filter(|_| !has_message),
            }),
            kind,
        }))
    }

    pub fn has_deadline(store: &dyn Store) -> Stored<bool> {
        any(store, "SELECT 1 FROM call WHERE deadline IS NOT NULL", &[])
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let (talk, inbound, callback) = (self.talk.as_ref(), self.inbound(), self.callback());
        let message = inbound.and_then(|call| call.message.as_ref());
        let [state, outcome] = match &self.kind {
            CallKind::Inbound(call) => words(call.state),
            CallKind::Callback(call) => words(call.state),
        };
        let answered_by = word(callback.map_or(AnsweredBy::Unknown, |call| call.answered_by));
        let params = [
            (&state).into(),
            (&outcome).into(),
            (&self.party).into(),
            (&self.number).into(),
            self.since.into(),
            self.deadline.into(),
            (&self.agent_name).into(),
            talk.map(|talk| talk.leg).into(),
            talk.map_or("", |talk| &talk.sid).into(),
            talk.and_then(|talk| talk.since).into(),
            message.map_or(talk.and_then(|talk| talk.seconds), |message| message.seconds).into(),
            callback.map_or(0, |call| call.agent).into(),
            callback.map_or("", |call| &call.code).into(),
            inbound.map_or("", |call| &call.queue).into(),
            i64::from(inbound.is_some_and(|call| call.caller_gone)).into(),
            i64::from(inbound.is_some_and(|call| call.caller_id_failed)).into(),
            message.map_or("", |message| &message.recording).into(),
            inbound.and_then(|call| call.transcript.as_deref()).into(),
            i64::from(inbound.is_some_and(|call| call.is_whatsapp)).into(),
            (&answered_by).into(),
            callback.map_or("", |call| &call.dialled).into(),
            i64::from(inbound.is_some_and(|call| call.is_forgotten)).into(),
        ];
        let sql = format!("INSERT OR REPLACE INTO call (id, {COLUMNS}) VALUES (1{})", ", ?".repeat(params.len()));
        run(store, &sql, &params)
    }
}

fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).unwrap_or_default().as_str().unwrap_or_default().to_owned()
}

fn answered_by(word: &str) -> Stored<AnsweredBy> {
    encoding::decode(&json!(word).to_string())
        .map_err(|error| StoreError::Undecodable { column: "call.answered_by", error })
}

/// A state as its two columns have it.
fn words(state: impl Serialize) -> [String; 2] {
    let value = serde_json::to_value(state).unwrap_or_default();
    [value.string("state"), value.string("outcome")]
}

fn state<S: DeserializeOwned>(row: &Columns) -> Stored<S> {
    let value = match (row.text(0), row.text(1)) {
        (state, "") => json!({ "state": state }),
        (state, outcome) => json!({ "state": state, "outcome": outcome }),
    };
    encoding::decode(&value.to_string()).map_err(undecodable)
}

fn callback_state(row: &Columns) -> Stored<CallbackState> {
    let state = state(row)?;
    if state == CallbackState::Ended(CallOutcome::Unknown) {
        let reason = "an outcome that is not known".to_owned();
        return Err(undecodable(DecodeError { expected: "CallbackState", reason }));
    }
    Ok(state)
}

fn undecodable(error: DecodeError) -> StoreError {
    StoreError::Undecodable { column: "call.state", error }
}
