//! What is said to a person's object.

use serde::{Deserialize, Serialize};

use super::call::Report;
use super::jobs::JobsRequest;
use super::program::{AtHelpScout, PersonRequest, ProgramRequest};
use super::verification::VerificationRequest;
use crate::domain::time::Millis;
use crate::helpscout::webhook::Event;
use crate::twilio::inbound::InboundText;
use crate::twilio::status::Status;

/// What is said to a person's object. Each may be said twice without harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// They texted.
    Text(InboundText),
    /// A text of ours came further.
    Status(Status),
    /// Something happened to a conversation that the directory knows as theirs.
    Event(Event),
    /// A conversation turned up that is theirs by its customer and ours by its looks.
    Seen {
        /// Its id.
        conversation: u64,
        /// How it began.
        opening: Opening,
        /// Whether an agent replied in it.
        replied: bool,
    },
    /// A reply in somebody else's conversation was written to them.
    Reply {
        /// The conversation.
        conversation: u64,
        /// The reply.
        thread: u64,
    },
    /// A conversation of theirs was merged into another.
    Merged {
        /// Which is no more.
        from: u64,
        /// Where it went.
        into: u64,
        /// When.
        at: Millis,
        /// Whether the other one is now theirs, or somebody else's.
        ours: bool,
    },
    /// They call. The answer is a [`Reception`](super::call::Reception).
    CallComes {
        /// `CallSid`.
        call: String,
        /// The number from which they call, as it came.
        #[serde(default)]
        from: String,
    },
    /// A call with them is over, or something has come to it since.
    Call(Report),
    /// An agent texts them from the sidebar.
    Write(Written),
    /// A program wants something by `/v1`.
    Program(Box<ProgramRequest>),
    /// A program wants to know or to change something of them by `/v1`.
    Person(Box<PersonRequest>),
    /// A program wants a code to verify their number, or to know about one.
    Verification(Box<VerificationRequest>),
    /// An operator asks about their jobs.
    Jobs(JobsRequest),
    /// Something that open sidebars show at once.
    Push {
        /// JSON.
        frame: String,
    },
    /// A sidebar looks at the timeline; the answer is for it.
    Look {
        /// The cursor of an earlier page.
        before: Option<i64>,
    },
    /// A sidebar is opened; the answer is its HTML.
    Prerender {
        /// The conversation beside which it stands.
        beside: u64,
        /// The agent's phone, E.164; empty when none is known.
        phone: String,
        /// Whether the agent has shown that it is theirs.
        confirmed: bool,
    },
    /// Which of our numbers do they know, and which is theirs? The answer is `ObjectReply::Numbers`.
    Number,
    /// The object of another key of the same person asks whether this one knows them. The answer is `ObjectReply::Met`.
    Meet(Acquaintance),
    /// The object of another key has heard STOP, or START.
    Consent {
        /// Whether they are opted out now.
        opted_out: bool,
    },
    /// The object of another key was asked to erase them: this one does the same. The answer is `ObjectReply::Later` until it
    /// is done.
    Erased(Erased),
    /// It is their turn to have removed what is older than the hotline keeps. What comes of it is told by
    /// `directory::Message::Retained`.
    Retain,
    /// The permit that a job waits for is to be had.
    PermitReady {
        /// Its number.
        job: i64,
    },
    /// An alarm of theirs may not have come: what is due is done. The answer is `ObjectReply::Later` as long as work is left.
    Wake,
    /// Is this customer the person, in this conversation? The answer is `ObjectReply::Yours` or `ObjectReply::Theirs`.
    IsCustomer {
        /// The conversation.
        conversation: u64,
        /// Help Scout's id of the customer.
        customer: u64,
    },
    /// Help Scout's record with this id is the person's. The answer is `ObjectReply::Theirs` when they never turned to the
    /// hotline.
    Customer {
        /// Its id.
        id: u64,
    },
}

/// What the object of one key says of the person to the object of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acquaintance {
    /// The key of the object that asks.
    pub key: String,
    /// Whether it has a history with the person.
    pub has_history: bool,
    /// Their number, where it is known.
    #[serde(default)]
    pub number: Option<String>,
    /// Whether they are opted out there.
    #[serde(default)]
    pub opted_out: bool,
}

/// A person is erased, under all of their keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// The id of the key that asks for it.
    pub program: String,
    /// What becomes of them in Help Scout.
    #[serde(default)]
    pub helpscout: AtHelpScout,
    /// The keys whose objects are told of it by others.
    #[serde(default)]
    pub told: Vec<String>,
}

/// What a conversation is known by when nobody knows its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// When it was made, as Help Scout says.
    pub at: Millis,
    /// What customers said in it, normalised: more than its first words when another one was merged into it.
    pub said: Vec<String>,
}

/// A text that an agent writes in the sidebar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The sidebar's own id of it: the same one is sent once.
    pub id: String,
    /// Help Scout's id of the agent.
    pub agent: i64,
    /// The agent's name.
    pub name: String,
    /// What it says.
    pub text: String,
    /// The id of the entry that is sent again by it.
    #[serde(default)]
    pub again: Option<String>,
}

impl Written {
    /// The id of its entry.
    pub fn entry_id(&self) -> String {
        format!("{WRITTEN}{}:{}", self.agent, self.id)
    }
}

/// Marks the id of an entry that an agent wrote in the sidebar; after it the agent's id, then the sidebar's.
pub(crate) const WRITTEN: &str = "sidebar:";
