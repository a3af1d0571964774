//! Verifications of a person's number, a row each. The code is in none of them: it is derived from the nonce and from a secret
//! (`domain/verification_code.rs`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::v1::VerificationStatus;
use serde::{Deserialize, Serialize};

use crate::domain::phone::Channel;
use crate::domain::signature::Algorithm;
use crate::effects::Millis;
use crate::encoding;
use crate::messages::verification::WantedVerification;
use crate::storage::{Param, Row, Store, Stored, any, first, run};

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS verifications (
    number INTEGER PRIMARY KEY, request TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, purpose TEXT NOT NULL, reference TEXT,
    state TEXT NOT NULL, wanted TEXT NOT NULL, nonce TEXT NOT NULL, progress TEXT NOT NULL
) STRICT";

/// What is searched for: whether there is one for a purpose, and a program's own name.
pub(crate) const INDEXES: [&str; 2] = [
    "CREATE INDEX IF NOT EXISTS verifications_by_purpose ON verifications (purpose, number)",
    "CREATE INDEX IF NOT EXISTS verifications_by_reference ON verifications (reference, at) WHERE reference IS NOT NULL",
];

/// What was verified for the first time. A row is for ever, and there is one for each name.
pub(crate) const FIRST_TIMES: &str = "CREATE TABLE IF NOT EXISTS first_times (
    unique_for TEXT PRIMARY KEY, verification INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

/// The names of erased people's first times, as hashes: true stays true once, for ever.
pub(crate) const ERASED_FIRST_TIMES: &str = "CREATE TABLE IF NOT EXISTS erased_first_times (
    hash TEXT PRIMARY KEY, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

const COLUMNS: &str = "number, at, state, wanted, nonce, progress";

/// How long a code is good: as long as somebody needs who must first find their phone.
pub(super) const LIFETIME: Millis = 10 * 60_000;

/// How many wrong codes may be given. With those of an hour it is one chance in forty thousand to guess right.
pub(super) const MOST_WRONG: usize = 5;

/// How often a code is sent: what does not arrive five times does not arrive.
pub(super) const MOST_SENDS: usize = 5;

/// After the first code so long until it may be sent again, twice as long after the second, and so on: all five of them fit into
/// its life.
const FIRST_PAUSE: Millis = 30_000;

/// How long a verification, and a program's own name for it, is kept: 400 days.
const KEPT_FOR: Millis = 400 * 86_400_000;

/// How a verification ended, if it did not end with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Pending,
    Approved,
    Canceled,
    Locked,
}

impl State {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Pending, "pending"),
        (Self::Approved, "approved"),
        (Self::Canceled, "canceled"),
        (Self::Locked, "locked"),
    ];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| *word)
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }
}

/// What has happened to a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Progress {
    /// The codes that were sent, or are about to be.
    pub sends: Vec<Sent>,
    /// The requests with a wrong code.
    pub wrong: Vec<String>,
    /// The request with the right one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
}

/// A code that was sent, or is about to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sent {
    /// The request that wanted it.
    pub request: String,
    pub at: Millis,
    pub channel: Channel,
    /// Whether it is said in a call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_call: bool,
    /// The language of its words.
    #[serde(default)]
    pub language: Option<String>,
    /// Its entry on the timeline.
    pub entry: i64,
}

/// The right code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Approval {
    pub request: String,
    pub at: Millis,
    pub first_time: bool,
}

/// A verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VerificationRow {
    pub number: i64,
    pub at: Millis,
    pub state: State,
    pub wanted: WantedVerification,
    pub nonce: String,
    pub progress: Progress,
}

impl VerificationRow {
    /// One that is not stored yet.
    pub fn new(wanted: WantedVerification, nonce: String, now: Millis) -> Self {
        Self { number: 0, at: now, state: State::Pending, wanted, nonce, progress: Progress::default() }
    }

    fn read(row: &Row) -> Stored<Self> {
        Ok(Self {
            number: row.integer(0),
            at: row.integer(1),
            state: row.word(2, "verifications.state", State::read)?,
            wanted: row.json(3, "verifications.wanted")?,
            nonce: row.string(4),
            progress: row.json(5, "verifications.progress")?,
        })
    }

    fn find(store: &dyn Store, condition: &str, params: &[Param]) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM verifications WHERE {condition}");
        first(store, &sql, params)?.as_ref().map(Self::read).transpose()
    }

    pub fn load(store: &dyn Store, number: i64) -> Stored<Option<Self>> {
        Self::find(store, "number = ?", &[number.into()])
    }

    pub fn of_request(store: &dyn Store, request: &str) -> Stored<Option<Self>> {
        Self::find(store, "request = ?", &[request.into()])
    }

    /// The one that a program has given this name.
    pub fn of_reference(store: &dyn Store, reference: &str, now: Millis) -> Stored<Option<Self>> {
        let since = now - KEPT_FOR;
        Self::find(store, "reference = ? AND at > ? ORDER BY at LIMIT 1", &[reference.into(), since.into()])
    }

    /// The last one for this purpose.
    pub fn last_for(store: &dyn Store, purpose: Option<&str>) -> Stored<Option<Self>> {
        Self::find(store, "purpose = ? ORDER BY number DESC LIMIT 1", &[purpose.unwrap_or_default().into()])
    }

    /// The last ones, the newest first.
    pub fn last(store: &dyn Store, most: usize) -> Stored<Vec<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM verifications WHERE number > 0 ORDER BY number DESC LIMIT {most}");
        store.execute(&sql, &[])?.iter().map(Self::read).collect()
    }

    /// Those whose codes are good: in their life there begin no more than may begin in an hour.
    pub fn pending(store: &dyn Store, now: Millis, most_an_hour: usize) -> Stored<Vec<Self>> {
        Ok(Self::last(store, most_an_hour)?.into_iter().filter(|row| row.is_pending(now)).collect())
    }

    /// When the last ones began, the newest first.
    pub fn last_begun(store: &dyn Store, most: usize) -> Stored<Vec<Millis>> {
        let sql = format!("SELECT at FROM verifications WHERE number > 0 ORDER BY number DESC LIMIT {most}");
        Ok(store.execute(&sql, &[])?.iter().map(|row| row.integer(0)).collect())
    }

    pub fn expires_at(&self) -> Millis {
        self.at + LIFETIME
    }

    /// When the code may be sent again.
    pub fn resend_at(&self) -> Option<Millis> {
        let sends = &self.progress.sends;
        Some(sends.last()?.at + (FIRST_PAUSE << sends.len().saturating_sub(1).min(MOST_SENDS)))
    }

    pub fn status(&self, now: Millis) -> VerificationStatus {
        match self.state {
            State::Pending if now >= self.expires_at() => VerificationStatus::Expired,
            State::Pending => VerificationStatus::Pending,
            State::Approved => VerificationStatus::Approved,
            State::Canceled => VerificationStatus::Canceled,
            State::Locked => VerificationStatus::Locked,
        }
    }

    pub fn is_pending(&self, now: Millis) -> bool {
        self.status(now) == VerificationStatus::Pending
    }

    /// How many wrong codes may still be given.
    pub fn attempts_left(&self, now: Millis) -> usize {
        if self.is_pending(now) { MOST_WRONG.saturating_sub(self.progress.wrong.len()) } else { 0 }
    }

    /// Stores it for the first time; `number` is then its own. The oldest one goes if its time is over.
    pub fn insert(&mut self, store: &dyn Store) -> Stored<()> {
        let (wanted, progress) = (encoding::encode(&self.wanted), encoding::encode(&self.progress));
        let params = [
            (&self.wanted.request).into(),
            self.at.into(),
            self.wanted.purpose.as_deref().unwrap_or_default().into(),
            (&self.wanted.reference).into(),
            self.state.as_str().into(),
            (&wanted).into(),
            (&self.nonce).into(),
            (&progress).into(),
        ];
        let sql = "INSERT INTO verifications (request, at, purpose, reference, state, wanted, nonce, progress) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING number";
        self.number = first(store, sql, &params)?.map_or(0, |row| row.integer(0));
        let sql = "DELETE FROM verifications WHERE at < ? AND number = \
                   (SELECT number FROM verifications WHERE number > 0 ORDER BY number LIMIT 1)";
        run(store, sql, &[(self.at - KEPT_FOR).into()])
    }

    /// Writes back what may change.
    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let progress = encoding::encode(&self.progress);
        let params = [self.state.as_str().into(), (&progress).into(), self.number.into()];
        run(store, "UPDATE verifications SET state = ?, progress = ? WHERE number = ?", &params)
    }

    /// Whether it is the first of its name that is approved: true once, for ever. `account` is Twilio's.
    pub fn is_first_time(&self, store: &dyn Store, account: &str, now: Millis) -> Stored<bool> {
        let name = self.wanted.unique_for.as_deref().unwrap_or_default();
        let sql = "SELECT 1 FROM erased_first_times WHERE hash = ?";
        if any(store, sql, &[(&hash_of_name(account, name)).into()])? {
            return Ok(false);
        }
        let sql = "INSERT OR IGNORE INTO first_times (unique_for, verification, at) VALUES (?, ?, ?) RETURNING 1";
        Ok(first(store, sql, &[name.into(), self.number.into(), now.into()])?.is_some())
    }
}

/// A name as a hash. Its key comes from Twilio's account: it must outlive every change of a secret.
fn hash_of_name(account: &str, name: &str) -> String {
    URL_SAFE_NO_PAD.encode(Algorithm::Sha256.hmac(account, &[b"first time\0", name.as_bytes()]))
}

/// The person is erased: no row says any more what was verified, for whom and under which name. The rows stay, so that no number
/// comes again. Whatever was pending has been canceled.
pub(super) fn forget_all(store: &dyn Store, account: &str) -> Stored<()> {
    let sql = "UPDATE verifications SET purpose = '', reference = NULL, wanted = json_replace(wanted, '$.to', '', \
               '$.purpose', NULL, '$.unique_for', NULL, '$.origin', NULL, '$.reference', NULL) WHERE number > 0";
    run(store, sql, &[])?;
    for row in store.execute("SELECT unique_for, at FROM first_times WHERE unique_for >= ''", &[])? {
        let sql = "INSERT OR IGNORE INTO erased_first_times (hash, at) VALUES (?, ?)";
        run(store, sql, &[(&hash_of_name(account, row.text(0))).into(), row.integer(1).into()])?;
    }
    run(store, "DELETE FROM first_times WHERE unique_for >= ''", &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::golden::{lacks, needs, stays};

    #[test]
    fn verifications_in_rows_stay_readable() {
        let wanted = concat!(
            r#"{"request":"crm/1","program":"crm","to":"+15550100123","channel":"sms","purpose":"sign-up","#,
            r#""unique_for":"discount","origin":"example.org","reference":"r"}"#
        );
        stays::<WantedVerification>(&[wanted]);
        needs::<WantedVerification>(wanted, &["/request", "/program", "/to", "/channel"]);
        lacks::<WantedVerification>(&[r#"{"request":"crm/1","program":"crm","to":"+15550100123","channel":"auto"}"#]);
        let progress = concat!(
            r#"{"sends":[{"request":"crm/1","at":1,"channel":"Sms","language":"es","entry":2}],"wrong":["crm/3"],"#,
            r#""approval":{"request":"crm/4","at":5,"first_time":true}}"#
        );
        let by_call = progress.replace(r#""Sms","#, r#""Sms","by_call":true,"#);
        stays::<Progress>(&[progress, &by_call, r#"{"sends":[],"wrong":[]}"#]);
        needs::<Progress>(
            progress,
            &[
                "/sends/0/request",
                "/sends/0/at",
                "/sends/0/channel",
                "/sends/0/entry",
                "/approval/request",
                "/approval/at",
                "/approval/first_time",
            ],
        );
        lacks::<Progress>(&["{}", r#"{"sends":[{"request":"crm/1","at":1,"channel":"Sms","entry":2}]}"#]);
    }
}
