//! What is said to a person's object about codes that verify their number, and its answers.

use protocol::v1::{Verification, VerificationChannel, VerificationCheck};
use serde::{Deserialize, Serialize};

use crate::domain::time::Millis;
use crate::send_rules::Rule;

/// What a program wants of a person's object. The answer is `ObjectReply::Verification`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VerificationRequest {
    /// A code for them. The same `request` again has the same answer.
    Start {
        /// What is wanted.
        wanted: Box<WantedVerification>,
        /// What the code is derived from, drawn from the platform's random source.
        nonce: String,
        /// Nothing is stored: may it begin? The answer is `MayLeave` when it may.
        #[serde(default)]
        asks_only: bool,
    },
    /// The verification to which a program has given this name.
    OfReference {
        /// The name.
        reference: String,
    },
    /// How far has it come?
    Read {
        /// Its number.
        number: i64,
    },
    /// Is this the code?
    Check {
        /// The verification's number.
        number: i64,
        /// Six digits.
        code: String,
        /// What makes it the same check as another one.
        request: String,
    },
    /// The code once more, please.
    Resend {
        /// The verification's number.
        number: i64,
        /// What makes it the same request as another one.
        request: String,
        /// Nothing is sent: may it be? The answer is `MayLeave` when it may.
        #[serde(default)]
        asks_only: bool,
    },
    /// A call that says the code has come further. The answer is `ObjectReply::Done`.
    Called {
        /// The verification's number.
        number: i64,
        /// Which of its codes.
        send: usize,
        /// Twilio's word (Twilio, Call resource: status).
        status: String,
    },
    /// It is not wanted any more.
    Cancel {
        /// Its number.
        number: i64,
    },
}

/// A verification as a program asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedVerification {
    /// What makes it the same one as another: the key, and the request or its `Idempotency-Key`.
    pub request: String,
    /// The id of the key.
    pub program: String,
    /// To whom, as the request has it.
    pub to: String,
    /// How the code goes to them.
    pub channel: VerificationChannel,
    /// What it is for.
    #[serde(default)]
    pub purpose: Option<String>,
    /// Of what they have one.
    #[serde(default)]
    pub unique_for: Option<String>,
    /// The name of where the code is typed in.
    #[serde(default)]
    pub origin: Option<String>,
    /// The program's own name for it.
    #[serde(default)]
    pub reference: Option<String>,
}

/// What a person's object answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VerificationReply {
    /// As it is now.
    Is {
        /// As programs see it.
        item: Box<Verification>,
        /// Whether it was there before.
        existed: bool,
    },
    /// A code may leave, if no limit says no.
    MayLeave {
        /// The request that its verification began with.
        verification: String,
    },
    /// Whether a code was right.
    Checked(VerificationCheck),
    /// A rule says no.
    Refused {
        /// Which.
        rule: Rule,
        /// In words.
        detail: String,
    },
    /// Not so many, or not so soon.
    TooMany {
        /// Of what.
        limit: CodeLimit,
        /// Milliseconds after which it is worth asking again.
        wait: Millis,
    },
    /// It has ended: its code is not sent any more.
    Over(Box<Verification>),
}

/// What limits how many codes leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeLimit {
    /// Verifications of one number in an hour.
    Number,
    /// The time between two codes of one verification.
    Resend,
    /// The codes of one verification.
    Sends,
    /// Verifications that an address asks for in an hour.
    Ip,
    /// Verifications that a device asks for in an hour.
    Device,
    /// Verifications of a hotline in an hour.
    Hotline,
    /// Codes to a prefix of numbers of which too few are approved.
    Prefix,
}
