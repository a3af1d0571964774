//! Answers to requests with an `Idempotency-Key`: whoever sends one again gets the same one.

use crate::effects::Millis;
use crate::messages::api_key::{Idempotency, KeptAnswer};
use crate::storage::{Store, Stored, first, run};

/// `status` is null as long as the request is under way.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, at INTEGER NOT NULL, status INTEGER
) STRICT, WITHOUT ROWID";

pub(super) const BY_AGE: &str = "CREATE INDEX IF NOT EXISTS answers_by_age ON answers (at)";

/// A body in pieces: a thousand long messages have more than a row may hold.
pub(super) const BODIES: &str = "CREATE TABLE IF NOT EXISTS bodies (
    id TEXT NOT NULL, piece INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (id, piece)
) STRICT, WITHOUT ROWID";

/// The most bytes of a piece. A row has at most 2 MB (Cloudflare, Durable Objects limits).
const PIECE: usize = 1_000_000;

/// How long an answer is kept: 24 hours.
pub(super) const KEPT_FOR: Millis = 86_400_000;

/// What is known of a request.
pub(super) enum Known {
    /// It is the first of its kind.
    Nothing,
    /// It was begun, and has no answer yet.
    Begun,
    /// It has this answer.
    Answered(KeptAnswer),
    /// Its `Idempotency-Key` belongs to a request that says something else.
    Other,
}

pub(super) fn find(store: &dyn Store, wanted: &Idempotency) -> Stored<Known> {
    let sql = "SELECT fingerprint, status FROM answers WHERE id = ?";
    let Some(row) = first(store, sql, &[(&wanted.id).into()])? else { return Ok(Known::Nothing) };
    if row.text(0) != wanted.fingerprint {
        return Ok(Known::Other);
    }
    let Some(status) = row.maybe_integer(1) else { return Ok(Known::Begun) };
    let pieces = store.execute("SELECT text FROM bodies WHERE id = ? ORDER BY piece", &[(&wanted.id).into()])?;
    let body = pieces.iter().map(|row| row.text(0)).collect();
    Ok(Known::Answered(KeptAnswer { status: u16::try_from(status).unwrap_or(500), body }))
}

pub(super) fn begin(store: &dyn Store, idempotency: &Idempotency, now: Millis) -> Stored<()> {
    let sql = "INSERT OR IGNORE INTO answers (id, fingerprint, at) VALUES (?, ?, ?)";
    run(store, sql, &[(&idempotency.id).into(), (&idempotency.fingerprint).into(), now.into()])
}

/// The answer of the copy that ends first stays. Without an answer the request may be tried again.
pub(super) fn finish(store: &dyn Store, id: &str, answer: Option<&KeptAnswer>) -> Stored<()> {
    let Some(KeptAnswer { status, body }) = answer else {
        return run(store, "DELETE FROM answers WHERE id = ? AND status IS NULL", &[id.into()]);
    };
    let sql = "UPDATE answers SET status = ? WHERE id = ? AND status IS NULL RETURNING 1";
    if store.execute(sql, &[i64::from(*status).into(), id.into()])?.is_empty() {
        return Ok(());
    }
    for (at, piece) in (0..).zip(pieces(body)) {
        let sql = "INSERT INTO bodies (id, piece, text) VALUES (?, ?, ?)";
        run(store, sql, &[id.into(), i64::from(at).into(), piece.into()])?;
    }
    Ok(())
}

/// The pieces of a text.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = (0..=PIECE.min(rest.len())).rev().find(|end| rest.is_char_boundary(*end))?;
        let (piece, after) = rest.split_at_checked(end).filter(|(piece, _)| !piece.is_empty())?;
        rest = after;
        Some(piece)
    })
}

pub(super) fn forget_old(store: &dyn Store, now: Millis) -> Stored<()> {
    let gone = store.execute("DELETE FROM answers WHERE at <= ? RETURNING id", &[(now - KEPT_FOR).into()])?;
    for row in &gone {
        run(store, "DELETE FROM bodies WHERE id = ?", &[row.text(0).into()])?;
    }
    Ok(())
}

/// When the oldest request came of which something is kept.
pub(super) fn oldest(store: &dyn Store) -> Stored<Option<Millis>> {
    Ok(first(store, "SELECT at FROM answers WHERE at > 0 ORDER BY at LIMIT 1", &[])?.map(|row| row.integer(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_stays_whole_in_pieces_that_a_row_can_hold() {
        for text in ["", "{}", &"x".repeat(PIECE), &"x".repeat(PIECE + 1), &["x", &"😀".repeat(PIECE)].concat()] {
            let pieces: Vec<&str> = pieces(text).collect();
            assert_eq!(pieces.concat(), text);
            assert!(pieces.iter().all(|piece| (1..=PIECE).contains(&piece.len())));
        }
    }
}
