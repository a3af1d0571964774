//! Messages that ask for something, each with the type of its reply.

use protocol::sidebar::{Call, TimelinePage};

use super::call::{self, Reception, Start};
use super::contact;
use super::directory::{self, AgentSession, Dial};
use super::{ObjectReply, ToObject};

/// A message that asks an object of a hotline for something.
pub trait Request {
    /// What it is answered with.
    type Reply;

    /// Which object is told what.
    fn message(self) -> ToObject;

    /// Reads the reply. Whatever else the object has said, a refusal say, is handed back.
    fn reply(said: ObjectReply) -> Result<Self::Reply, ObjectReply>;
}

/// Implements [`Request`]: the type, the variant that it is answered with, and the message.
macro_rules! answered_with {
    ($request:ident, $variant:ident($reply:ty), $message:expr) => {
        impl Request for $request {
            type Reply = $reply;

            fn message(self) -> ToObject {
                $message(self)
            }

            fn reply(said: ObjectReply) -> Result<$reply, ObjectReply> {
                match said {
                    ObjectReply::$variant(reply) => Ok(reply),
                    other => Err(other),
                }
            }
        }
    };
}

/// Who shows a session? The directory is asked, by [`directory::Message::AgentSession`].
pub struct WhoShows(pub directory::Message);

answered_with!(WhoShows, AgentSession(AgentSession), |it: WhoShows| ToObject::Directory(it.0));

/// May an agent make this call? `ObjectReply::Later` asks for its facts.
pub struct MayDial(pub Dial);

answered_with!(MayDial, StartCall(Box<Start>), |it: MayDial| ToObject::Directory(directory::Message::Dial(it.0)));

/// In which call is an agent with a person?
pub struct RunningCall {
    /// Help Scout's id of the agent.
    pub agent: i64,
    /// The person's key.
    pub contact: String,
}

answered_with!(RunningCall, Running(String), |RunningCall { agent, contact }| {
    ToObject::Directory(directory::Message::Running { agent, contact })
});

/// A page of a person's timeline.
pub struct ReadTimeline {
    /// The person's key.
    pub contact: String,
    /// The cursor of an earlier page.
    pub before: Option<i64>,
}

answered_with!(ReadTimeline, Timeline(Box<TimelinePage>), |ReadTimeline { contact, before }| {
    ToObject::Contact(contact, contact::Message::Look { before })
});

/// Which of our numbers does a person know, and which is theirs?
pub struct KnownNumbers {
    /// The person's key.
    pub contact: String,
}

/// Answers [`KnownNumbers`].
pub struct Numbers {
    /// Ours, E.164.
    pub ours: String,
    /// The one to dial, where one is known.
    pub theirs: Option<String>,
}

impl Request for KnownNumbers {
    type Reply = Numbers;

    fn message(self) -> ToObject {
        ToObject::Contact(self.contact, contact::Message::Number)
    }

    fn reply(said: ObjectReply) -> Result<Numbers, ObjectReply> {
        match said {
            ObjectReply::Numbers { ours, theirs } => Ok(Numbers { ours, theirs }),
            ObjectReply::Number(ours) => Ok(Numbers { ours, theirs: None }),
            other => Err(other),
        }
    }
}

/// How is a call of a person received?
pub struct ReceiveCall {
    /// The person's key.
    pub contact: String,
    /// `CallSid`.
    pub call: String,
    /// The number from which they call, as it came.
    pub from: String,
}

answered_with!(ReceiveCall, Reception(Reception), |ReceiveCall { contact, call, from }| {
    ToObject::Contact(contact, contact::Message::CallComes { call, from })
});

/// How far has an agent's call come, once it has taken this message?
pub struct OfCall {
    /// Its id.
    pub call: String,
    /// What it is told.
    pub message: call::Message,
}

answered_with!(OfCall, Call(Call), |OfCall { call, message }| ToObject::Call(call, message));
