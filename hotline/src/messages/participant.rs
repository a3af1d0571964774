//! What is said to the object of somebody who takes part in the masked sessions of a pool.

use protocol::v1::Session;
use serde::{Deserialize, Serialize};

use super::rate_limiter::Asker;
use crate::domain::time::Millis;
use crate::twilio::inbound::{InboundText, MediumAt};
use crate::twilio::status::Status;

/// What is said to a participant's object. Each may be said twice without harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// They texted a number of the pool.
    Text(Box<InboundText>),
    /// A text of ours to them came further.
    Status(Status),
    /// A number is to stand for the other side. The answer is a [`SessionReply`]. The same `request` again has the same answer.
    Hold(Box<Hold>),
    /// The other side has its number too. The answer is a [`SessionReply`].
    Open {
        /// The session's number here.
        number: i64,
        /// At which the other reaches this one.
        other_proxy: String,
    },
    /// There will be no session.
    Release {
        /// The session's id.
        session: String,
    },
    /// The first side says that the session is open. The answer is `ObjectReply::NotFound` when no number is held for it any more.
    Opened {
        /// The session's id.
        session: String,
    },
    /// How is the session of this number? The answer is a [`SessionReply`], or `ObjectReply::NotFound`.
    Read {
        /// Its number.
        number: i64,
    },
    /// The session to which a program has given this name. The answer is a [`SessionReply`], or `ObjectReply::NotFound`.
    OfReference {
        /// The name.
        reference: String,
    },
    /// It is closed. The answer is a [`SessionReply`], or `ObjectReply::NotFound`.
    Close {
        /// Its number.
        number: i64,
    },
    /// The first side says that the session is closed.
    Closed {
        /// The session's id.
        session: String,
        /// When.
        at: Millis,
    },
    /// The other side has written. The answer is `ObjectReply::Done`, or `ObjectReply::Refused` when it cannot be passed on.
    Pass(Box<Passed>),
    /// What this one has written could not be delivered to the other side.
    NotDelivered {
        /// The session's id.
        session: String,
        /// The `MessageSid` of what was written.
        sid: String,
    },
    /// The permit that a job waits for is to be had.
    PermitReady {
        /// Its number.
        job: i64,
    },
}

/// A number that is wanted for a side of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Names the request of the program; the same again is the same session.
    pub request: String,
    /// The session's id; `None` for the side whose object gives it.
    #[serde(default)]
    pub session: Option<String>,
    /// What the other side calls this one, and this one the other.
    pub name: String,
    /// The same of the other.
    pub other_name: String,
    /// The other side's number.
    pub other: String,
    /// At which the other reaches this one, where that is known.
    #[serde(default)]
    pub other_proxy: Option<String>,
    /// After how long without a word the session expires.
    #[serde(default)]
    pub ttl: Option<Millis>,
    /// The program's own name for it.
    #[serde(default)]
    pub reference: Option<String>,
}

/// Something that one side has written to the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The session's id.
    pub session: String,
    /// The `MessageSid` under which it came.
    pub sid: String,
    /// When.
    pub at: Millis,
    /// Its words.
    pub body: String,
    /// What came with it.
    #[serde(default)]
    pub media: Vec<MediumAt>,
}

/// What comes of a request about a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionReply {
    /// A number is held for this side.
    Held {
        /// The session's number in the object that gives its id.
        number: i64,
        /// Its id.
        id: String,
        /// At which this side reaches the other.
        proxy: String,
        /// Whether the session is there already, from an earlier copy of the request.
        is_open: bool,
    },
    /// The session, as it is.
    Is(Box<Session>),
    /// Every number of the pool is in use for this side.
    Exhausted,
    /// The session is not there any more: nobody came back in time.
    Gone,
}

/// How the name begins under which a rate limiter knows a participant's object among people's.
const ASKS_AS: &str = "pool ";

/// Who asks a rate limiter for a permit: an object of a pool.
pub fn asker(mailbox: u64, object: &str, job: i64) -> Asker {
    Asker { mailbox, contact: Some([ASKS_AS, object].concat()), job }
}

/// The participant's object that a rate limiter knows by this name; `None` for a person's.
pub fn of_asker(contact: &str) -> Option<&str> {
    contact.strip_prefix(ASKS_AS)
}

/// The name of a participant's object.
pub fn object_name(pool: &str, number: &str) -> String {
    format!("{pool}/{number}")
}
