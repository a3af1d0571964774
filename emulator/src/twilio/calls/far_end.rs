//! The far end of a call: a person or a machine, and their actions.

use serde::Deserialize;

/// What a phone does when it is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FarEnd {
    /// Rings until an action answers or declines it.
    #[default]
    ByHand,
    /// Somebody picks up and follows a script.
    Answers {
        /// After it began to ring, in milliseconds.
        after_ms: u64,
        /// What they do then.
        #[serde(flatten)]
        script: Script,
    },
    /// A busy signal, at once.
    Busy,
    /// It rings and rings.
    NoAnswer,
    /// There is no such number: the call fails.
    Invalid,
    /// It is forwarded: the network calls another number in the name of the caller.
    Forwards {
        /// Where to.
        to: String,
    },
    /// A machine picks up. It speaks its greeting, records, never presses a key, and hangs up twenty seconds later.
    Voicemail {
        /// After it began to ring, in milliseconds.
        after_ms: u64,
    },
}

/// Scripted actions of a party.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Script {
    /// Keys in the order in which they are pressed.
    pub presses: Vec<Press>,
    /// How long they speak whenever a recording begins, in milliseconds; 0: they stay silent.
    pub speaks_ms: u64,
    /// When they hang up, in milliseconds: from the answer, for a caller from the first ring. `None`: never by themselves.
    pub hangs_up_after_ms: Option<u64>,
}

/// Keys that a party presses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Press {
    /// `0` to `9`, `*` and `#`.
    pub digits: String,
    /// How long after `when`, in milliseconds.
    #[serde(default)]
    pub after_ms: u64,
    /// From when that counts.
    #[serde(default)]
    pub when: When,
}

/// From when a press counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// From the beginning of the next `<Gather>`; every such press waits for a `<Gather>` of its own.
    #[default]
    Prompt,
    /// From the answer; for a caller from the first ring.
    Start,
}

/// How long a voicemail machine records before it hangs up, with its greeting of 5 s.
const MACHINE_MS: u64 = 20_000;

impl FarEnd {
    /// Somebody picks up after that many seconds.
    pub fn answers_after(seconds: u64, script: Script) -> Self {
        Self::Answers { after_ms: seconds * 1000, script }
    }

    /// A machine picks up after that many seconds.
    pub fn voicemail(seconds: u64) -> Self {
        Self::Voicemail { after_ms: seconds * 1000 }
    }

    /// Time to answer and the script, for a far end that answers.
    pub(super) fn answer(&self) -> Option<(u64, Script)> {
        match self {
            Self::Answers { after_ms, script } => Some((*after_ms, script.clone())),
            Self::Voicemail { after_ms } => {
                Some((*after_ms, Script { hangs_up_after_ms: Some(MACHINE_MS), ..Script::default() }))
            }
            Self::ByHand | Self::Busy | Self::NoAnswer | Self::Invalid | Self::Forwards { .. } => None,
        }
    }
}

impl Script {
    /// An empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// Then presses keys, so many seconds after the next prompt begins.
    #[must_use]
    pub fn presses(mut self, digits: &str, seconds: u64) -> Self {
        self.presses.push(Press { digits: digits.into(), after_ms: seconds * 1000, when: When::Prompt });
        self
    }

    /// Presses keys so many seconds after the answer; for a caller after the first ring.
    #[must_use]
    pub fn presses_at(mut self, seconds: u64, digits: &str) -> Self {
        self.presses.push(Press { digits: digits.into(), after_ms: seconds * 1000, when: When::Start });
        self
    }

    /// Speaks so many seconds when a recording begins.
    #[must_use]
    pub fn speaks(self, seconds: u64) -> Self {
        Self { speaks_ms: seconds * 1000, ..self }
    }

    /// Hangs up so many seconds after the answer; for a caller after the first ring.
    #[must_use]
    pub fn hangs_up_at(self, seconds: u64) -> Self {
        Self { hangs_up_after_ms: Some(seconds * 1000), ..self }
    }
}
