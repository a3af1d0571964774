//! What is said to a hotline's object, and its answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::facts::{DayCounts, PersonFacts, WorkSummary};
use super::jobs::JobsRequest;
use super::template::TemplateRequest;
use crate::domain::phone::Channel;
use crate::domain::time::Millis;
use crate::helpscout::webhook::Event;
use crate::twilio::lookup::Phone;

/// What is said to a hotline's object. Each may be said twice without harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// Help Scout told us of an event.
    Event(Event),
    /// A conversation belongs to a person.
    Conversation {
        /// The conversation.
        id: u64,
        /// The person's key.
        contact: String,
    },
    /// What a person said stands in a conversation that is not theirs.
    Guest {
        /// The conversation.
        id: u64,
        /// The person's key.
        contact: String,
    },
    /// A customer is a person.
    Customer {
        /// The customer.
        id: u64,
        /// The person's key.
        contact: String,
    },
    /// A person would go on in a conversation; the answer says whether it is theirs.
    Claim {
        /// The conversation.
        id: u64,
        /// The person's key.
        contact: String,
    },
    /// Something was dropped.
    Failed {
        /// What, for an operator.
        what: String,
        /// When it came.
        at: Millis,
    },
    /// Something odd came in.
    Count {
        /// What, for an operator.
        what: String,
    },
    /// Whose phone is this? The answer says the agent's name, or the number in readable form.
    NameOf {
        /// E.164.
        phone: String,
    },
    /// An agent has shown that a phone is theirs.
    Confirmed {
        /// Help Scout's id of the agent.
        agent: i64,
        /// E.164.
        phone: String,
    },
    /// A call that an agent asked for is over.
    CallEnded {
        /// Its id.
        id: String,
    },
    /// Somebody shows a session; the answer says who they are, an [`AgentSession`].
    AgentSession {
        /// The conversation.
        conversation: u64,
        /// Help Scout's id of the agent.
        agent: i64,
        /// A call that they ask about.
        call: Option<String>,
        /// The person whom the session is for, when that is not the one from whom the conversation came.
        #[serde(default)]
        other: Option<String>,
    },
    /// Help Scout has said who an agent is.
    Agent {
        /// Help Scout's id of the agent.
        id: i64,
        /// Their name; `None` when there is no such user.
        name: Option<String>,
        /// The phone of Help Scout's record.
        phone: Option<Phone>,
        /// Whether they are an owner or an administrator there, when that was said.
        #[serde(default)]
        is_operator: Option<bool>,
    },
    /// An agent names a phone; the answer is for their sidebar.
    Phone {
        /// Help Scout's id of the agent.
        agent: i64,
        /// The phone.
        phone: Phone,
    },
    /// An operator asks about its jobs.
    Jobs(JobsRequest),
    /// Which objects have jobs, from this number on? The answer is `ObjectReply::ObjectsWithJobs`.
    ObjectsWithJobs {
        /// Itself too; 0 is the directory.
        from: i64,
        /// At most so many.
        limit: usize,
    },
    /// Which object has this number? The same answer, with one object or none.
    ObjectWithJobs {
        /// The number.
        number: i64,
    },
    /// An agent asks for a call.
    Dial(Dial),
    /// An agent texts somebody: `ObjectReply::Done`, or why not. The same id again has the same answer.
    MayText {
        /// Help Scout's id of the agent.
        agent: i64,
        /// The entry's id.
        id: String,
    },
    /// A text that nobody writes is to leave for a person: `ObjectReply::Done`, or why not. The same id again has the same
    /// answer.
    MaySendAutomatically {
        /// The person's key, and the entry's id.
        id: String,
        /// The person's key.
        contact: String,
        /// How it would leave.
        channel: Channel,
    },
    /// How a person fares, and what happened since they were told of last.
    Facts {
        /// The person's key.
        contact: String,
        /// What there is to know.
        facts: Box<PersonFacts>,
    },
    /// How a call fares.
    CallFacts {
        /// Its id.
        call: String,
        /// Later ones have greater numbers.
        number: i64,
        /// What there is to do.
        work: WorkSummary,
    },
    /// Conversations of the hotline's inbox were modified, and no webhook may have told us how.
    Modified {
        /// Those.
        conversations: Vec<Modified>,
    },
    /// How does the hotline fare? The answer is an `ObjectReply::DirectoryHealth`.
    Health,
    /// In which call is an agent with a person? The answer says its id; `ObjectReply::Done` when in none.
    Running {
        /// Help Scout's id of the agent.
        agent: i64,
        /// The person's key.
        contact: String,
    },
    /// The permit that a job waits for is to be had.
    PermitReady {
        /// Its number.
        job: i64,
    },
    /// A person's object leaves work behind, and has set its alarm for it.
    WorkLeft {
        /// The person's key.
        contact: String,
        /// When it is looked at, should the alarm not have come.
        by: Millis,
    },
    /// The cron asks that what is older than the hotline keeps is removed: some people are visited.
    Retention,
    /// What was removed of a person's.
    Retained {
        /// The person's key.
        contact: String,
        /// What, and when it is their turn again.
        told: Retained,
    },
    /// About a template of the hotline.
    Template(Box<TemplateRequest>),
}

/// What was removed since it is older than the hotline keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Texts, in both directions.
    pub texts: u64,
    /// Pictures and files.
    pub media: u64,
    /// Recordings of voicemails.
    pub recordings: u64,
}

/// What a visit to a person has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// Its number among those of the person: the same one counts once.
    pub run: i64,
    /// When it is their turn again.
    pub next_at: Millis,
    /// What was removed.
    pub removed: Removed,
    /// How many entries are old enough and stay, since Help Scout does not have them.
    pub held: i64,
}

/// What an operator must know of what is removed in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetentionHealth {
    /// When people were last visited.
    pub last_run_at: Option<Millis>,
    /// What was removed so far.
    pub removed: Removed,
    /// How many entries are old enough and stay, since Help Scout does not have them.
    pub held: u64,
}

/// What a hotline knows of whoever shows a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSession {
    /// The person whose conversation it is; `None` when it is nobody's.
    pub contact: Option<String>,
    /// The agent's phone, E.164; empty when none is known.
    pub phone: String,
    /// Whether the agent has shown that it is theirs.
    pub confirmed: bool,
    /// When Help Scout last said that this user exists; 0 when it never did, or has said that they are gone.
    pub checked_at: Millis,
    /// When it last said that they are gone; 0 when it never did, or has said since that they exist.
    #[serde(default)]
    pub gone_at: Millis,
    /// The agent's name.
    pub name: String,
    /// Whether the call that was asked about is this agent's, with this person.
    pub call: bool,
    /// Whether they are an owner or an administrator in Help Scout, as it said when it was last asked.
    #[serde(default)]
    pub is_operator: Option<bool>,
}

/// A call that an agent asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dial {
    /// The sidebar's own id of it.
    pub id: String,
    /// Help Scout's id of the agent.
    pub agent: i64,
    /// The key of the person whose conversation it is.
    pub contact: String,
    /// Four digits, for a phone that is not confirmed.
    pub code: String,
    /// What must be asked of others, once everything else allows the call.
    pub facts: Option<Facts>,
}

/// What the hotline's object does not know by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The contact's country, by Lookup.
    pub country: String,
    /// Which of our numbers the contact knows.
    pub number: String,
    /// The number to dial, where the contact's key is not it.
    #[serde(default)]
    pub theirs: Option<String>,
}

/// Something that went wrong, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// What, for an operator.
    pub what: String,
    /// How often.
    pub count: i64,
    /// First seen.
    pub first: Millis,
    /// Last seen.
    pub last: Millis,
}

/// What an operator must know of a hotline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Jobs that wait; what releases up to 0.1.0 read.
    pub waiting: i64,
    /// Since when the first does.
    pub oldest: Option<Millis>,
    /// What went wrong.
    pub counts: Vec<Count>,
    /// The jobs of all objects of the hotline.
    #[serde(default)]
    pub work: WorkSummary,
    /// People with at least one.
    #[serde(default)]
    pub people: i64,
    /// People who do not want to be texted.
    #[serde(default)]
    pub opted_out: i64,
    /// What happened, by day (`2026-11-28`) in the hotline's time zone.
    #[serde(default)]
    pub days: BTreeMap<String, DayCounts>,
    /// How long what people said took until it stood in Help Scout, in the last day.
    #[serde(default)]
    pub to_helpscout: Durations,
    /// How long replies took until Twilio had them, in the last day.
    #[serde(default)]
    pub to_phone: Durations,
    /// What was given up in the last day.
    #[serde(default)]
    pub failed: Vec<Failed>,
    /// When Help Scout last told us of an event.
    #[serde(default)]
    pub last_event_at: Option<Millis>,
    /// What is removed in time.
    #[serde(default)]
    pub retention: RetentionHealth,
}

/// A conversation that was modified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modified {
    /// Help Scout's id of it.
    pub id: u64,
    /// Its type.
    #[serde(default)]
    pub kind: String,
    /// How many threads it has, when said.
    #[serde(default)]
    pub threads: Option<u64>,
    /// Another one after each modification.
    pub mark: String,
}

/// How long something took, over a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durations {
    /// How often it was done.
    pub count: u32,
    /// Milliseconds, to one part in thirty-two.
    pub median_ms: Option<Millis>,
    /// Milliseconds.
    pub worst_ms: Option<Millis>,
}

/// Something that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// What, for programs.
    pub code: String,
    /// How often.
    pub count: u32,
    /// When first.
    pub first: Millis,
    /// When last.
    pub last: Millis,
}
