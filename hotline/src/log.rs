//! Log lines: one for each thing worth knowing, listed in docs/LOGGING.md. Never a text, a number, a token, a signature or an
//! address with a query (ARCHITECTURE.md, promise P7).
//!
//! A step pushes [`crate::effects::Effect::Log`], a route returns [`crate::routing::Routed::log`]. `worker/src/logging.rs`
//! alone writes to the console (`hotline/tests/layers.rs`).

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Info,
    /// It goes on by itself.
    Warning,
    /// Somebody should look.
    Error,
}

impl Level {
    /// For the line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A line, without what its writer knows: the kind of object and the hotline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// What happened, in dotted words.
    pub event: &'static str,
    /// To what; may be empty.
    pub subject: String,
    /// The number of a job.
    pub job: Option<i64>,
    /// How often that job has failed.
    pub attempt: Option<i64>,
}

impl LogLine {
    /// A line about nothing in particular.
    pub fn new(level: Level, event: &'static str) -> Self {
        Self { level, event, subject: String::new(), job: None, attempt: None }
    }

    /// The line, about this.
    #[must_use]
    pub fn about(self, subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), ..self }
    }
}
