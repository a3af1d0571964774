//! The phones that ring for a call: a row for each, and one for each call that Twilio has made to it.

use crate::storage::{Row as Columns, Store, Stored, first, run};

pub(crate) const LEGS: &str = "CREATE TABLE IF NOT EXISTS legs (
    leg INTEGER PRIMARY KEY, phone TEXT NOT NULL, sid TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL
) STRICT";

/// A phone may be dialled twice, when Twilio's first answer was lost: each of its calls has a row of its own.
pub(crate) const LEG_CALLS: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS leg_calls (
        sid TEXT PRIMARY KEY, leg INTEGER NOT NULL, asked INTEGER NOT NULL, tries INTEGER NOT NULL, ended TEXT NOT NULL
    ) STRICT, WITHOUT ROWID",
    "INSERT OR IGNORE INTO leg_calls (sid, leg, asked, tries, ended)
        SELECT sid, leg, state = 'asked', tries, iif(state = 'ended', 'completed', '') FROM legs WHERE sid <> ''",
    "UPDATE call SET claimed_sid = coalesce((SELECT sid FROM legs WHERE leg = claimed), '')",
    "UPDATE jobs SET subject = coalesce((SELECT sid FROM legs WHERE leg = CAST(subject AS INTEGER)), '')
        WHERE kind = 'stop'",
];

/// A phone of the team that rings, or is to ring, for the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    /// Its number, from 0.
    pub place: i64,
    /// E.164.
    pub phone: String,
    /// How it stands for this call.
    pub state: LegState,
}

/// How a phone stands for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LegState {
    /// It rings, is to ring, or waits until it has rung for an earlier caller.
    Rings,
    /// Somebody talks on it. It rings as soon as it is given back, but nobody is kept waiting for it alone.
    Busy,
    /// It rings no more, and is given back for other calls.
    Over,
}

impl LegState {
    const fn word(self) -> &'static str {
        match self {
            Self::Rings => "rings",
            Self::Busy => "busy",
            Self::Over => "ended",
        }
    }

    fn read(word: &str) -> Option<Self> {
        match word {
            // In release 0.1.0 the phone's row says that it is asked; now the row of its call does.
            "rings" | "asked" => Some(Self::Rings),
            "busy" => Some(Self::Busy),
            "ended" => Some(Self::Over),
            _ => None,
        }
    }
}

impl Leg {
    pub fn new(place: i64, phone: &str) -> Self {
        Self { place, phone: phone.to_owned(), state: LegState::Rings }
    }

    /// Stores that it stands otherwise than before.
    pub fn becomes(&self, state: LegState, store: &dyn Store) -> Stored<()> {
        if self.state == state { Ok(()) } else { Self { state, ..self.clone() }.save(store) }
    }

    /// Whether it rings no more for this call.
    pub fn is_over(&self) -> bool {
        self.state == LegState::Over
    }

    fn read(row: &Columns) -> Stored<Self> {
        let state = row.word(2, "legs.state", LegState::read)?;
        Ok(Self { place: row.integer(0), phone: row.string(1), state })
    }

    pub fn load(store: &dyn Store, place: i64) -> Stored<Option<Self>> {
        let sql = "SELECT leg, phone, state FROM legs WHERE leg = ?";
        first(store, sql, &[place.into()])?.as_ref().map(Self::read).transpose()
    }

    pub fn all(store: &dyn Store) -> Stored<Vec<Self>> {
        let rows = store.execute("SELECT leg, phone, state FROM legs ORDER BY leg", &[])?;
        rows.iter().map(Self::read).collect()
    }

    /// `sid` and `tries` are of the first release, which knew one call a phone.
    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let sql = "INSERT INTO legs (leg, phone, sid, state, tries) VALUES (?, ?, '', ?, 0) \
                   ON CONFLICT (leg) DO UPDATE SET state = excluded.state";
        run(store, sql, &[self.place.into(), (&self.phone).into(), self.state.word().into()])
    }
}

/// A call that Twilio has made to a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LegCall {
    /// `CallSid`.
    pub sid: String,
    /// Whose.
    pub place: i64,
    /// Somebody or something has answered, and is asked to press a key.
    pub asked: bool,
    /// Wrong keys pressed.
    pub tries: i64,
    /// The last of its states, as Twilio says it; empty as long as it is not over.
    pub ended: String,
}

impl LegCall {
    pub fn new(sid: &str, place: i64) -> Self {
        Self { sid: sid.to_owned(), place, asked: false, tries: 0, ended: String::new() }
    }

    pub fn is_live(&self) -> bool {
        self.ended.is_empty()
    }

    fn read(row: &Columns) -> Self {
        Self {
            sid: row.string(0),
            place: row.integer(1),
            asked: row.integer(2) != 0,
            tries: row.integer(3),
            ended: row.string(4),
        }
    }

    pub fn load(store: &dyn Store, sid: &str) -> Stored<Option<Self>> {
        let sql = "SELECT sid, leg, asked, tries, ended FROM leg_calls WHERE sid = ?";
        Ok(first(store, sql, &[sid.into()])?.as_ref().map(Self::read))
    }

    /// All of them: at most some dozens, as phones are few.
    pub fn all(store: &dyn Store) -> Stored<Vec<Self>> {
        let rows = store.execute("SELECT sid, leg, asked, tries, ended FROM leg_calls ORDER BY leg, sid", &[])?;
        Ok(rows.iter().map(Self::read).collect())
    }

    pub fn of(store: &dyn Store, place: i64) -> Stored<Vec<Self>> {
        Ok(Self::all(store)?.into_iter().filter(|call| call.place == place).collect())
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let sql = "INSERT OR REPLACE INTO leg_calls (sid, leg, asked, tries, ended) VALUES (?, ?, ?, ?, ?)";
        let asked = i64::from(self.asked);
        let params = [(&self.sid).into(), self.place.into(), asked.into(), self.tries.into(), (&self.ended).into()];
        run(store, sql, &params)
    }
}

#[cfg(test)]
mod tests {
    use super::LegState;

    #[test]
    fn the_words_of_every_release_are_read_and_no_others() {
        for (word, state) in [
            ("rings", Some(LegState::Rings)),
            ("asked", Some(LegState::Rings)),
            ("busy", Some(LegState::Busy)),
            ("ended", Some(LegState::Over)),
            ("on_hold", None),
            ("", None),
        ] {
            assert_eq!(LegState::read(word), state, "{word}");
            assert!(state.is_none_or(|state| LegState::read(state.word()) == Some(state)), "{word}");
        }
    }
}
