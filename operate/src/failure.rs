//! How a command ends.

use serde_json::{Value, json};

/// What went well, or why the command ends here.
pub type Outcome<T = ()> = Result<T, Failure>;

/// The process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or there was nothing to do.
    Done = 0,
    /// Failed or refused.
    Failed = 1,
    /// `--detailed-exitcode`: there is something to do.
    SomethingToDo = 2,
    /// Nobody confirmed, so nothing was changed.
    NotConfirmed = 3,
    /// Twilio, Help Scout or the Worker refuse the credentials.
    CredentialsRefused = 4,
    /// `deploy`: it is live, and does not answer as it should.
    SmokeTestFailed = 5,
    /// Begun, and not over within the time.
    NotYetOver = 6,
    /// Interrupted by Ctrl-C: 128 and the number of SIGINT, as shells say it.
    Interrupted = 130,
}

/// Why a command ends before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What the process says to its caller.
    pub exit: Exit,
    /// What programs know it by.
    pub code: String,
    /// What happened, to what, and what to do. Never a secret.
    pub message: String,
    /// The field of the configuration, or the argument, that it is about.
    pub field: Option<String>,
}

impl Failure {
    /// A failure of this code.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, code: code.to_owned(), message: message.into(), field: None }
    }

    /// The same about a field or an argument.
    #[must_use]
    pub fn about(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }

    /// The same with another exit code.
    #[must_use]
    pub fn exit(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// As `--json` prints it.
    pub fn json(&self) -> Value {
        let mut error = json!({"code": self.code, "message": self.message});
        if let (Some(error), Some(field)) = (error.as_object_mut(), &self.field) {
            error.insert("field".to_owned(), field.clone().into());
        }
        json!({"format": 1, "error": error})
    }
}
