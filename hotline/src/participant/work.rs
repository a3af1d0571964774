//! What a participant's object has to do.

use serde::{Deserialize, Serialize};

use super::{Awaiting, Message, Participant, StepContext};
use crate::domain::phone::Party;
use crate::effects::{Effect, Millis, ToObject};
use crate::jobs::{self, Next};
use crate::messages::facts::WaitsFor;
use crate::messages::participant::object_name;
use crate::messages::{contact, directory};
use crate::storage::Stored;
use crate::twilio::inbound::InboundText;

/// A job of a participant's object.
pub(super) type Job = jobs::Job<Work>;

/// Jobs that text the person, in their order.
const PHONE: &str = "phone";

/// Jobs that hand what they wrote to the hotline.
const HOTLINE: &str = "hotline";

/// How the lanes begin of what another participant's object is told, in its order.
const TO: &str = "to ";

const COUNTS: &str = "counts";

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Work {
    /// A text leaves for the phone.
    Send {
        text: i64,
        /// How often it was sent again after its answer was lost.
        #[serde(default)]
        resends: usize,
    },
    /// The object of another participant is told something.
    Tell { to: String, message: Box<Message> },
    /// A text is the hotline's.
    ToHotline { text: Box<InboundText> },
    /// Something is counted where operators look.
    Count { what: String },
}

impl jobs::Work for Work {
    fn started_anew(self) -> Self {
        if let Self::Send { text, .. } = self { Self::Send { text, resends: 0 } } else { self }
    }

    fn waits_for(job: &Job, _now: Millis) -> WaitsFor {
        match job.work {
            Self::ToHotline { .. } => WaitsFor::HelpScout,
            Self::Count { .. } => WaitsFor::Nothing,
            Self::Send { .. } | Self::Tell { .. } => WaitsFor::Phone,
        }
    }
}

pub(super) fn send(ctx: &StepContext, text: i64) -> Stored<()> {
    jobs::add(ctx.store, PHONE, &Work::Send { text, resends: 0 }, ctx.now, ctx.now)
}

/// Tells the object of the other side.
pub(super) fn tell(ctx: &StepContext, other: &str, message: Message) -> Stored<()> {
    let work = Work::Tell { to: other.to_owned(), message: Box::new(message) };
    jobs::add(ctx.store, &[TO, other].concat(), &work, ctx.now, ctx.now)
}

pub(super) fn hand_to_hotline(ctx: &StepContext, text: InboundText) -> Stored<()> {
    jobs::add(ctx.store, HOTLINE, &Work::ToHotline { text: Box::new(text) }, ctx.now, ctx.now)
}

/// Counts something where operators look.
pub(super) fn count(ctx: &StepContext, what: &str) -> Stored<()> {
    jobs::add(ctx.store, COUNTS, &Work::Count { what: what.to_owned() }, ctx.now, ctx.now)
}

pub(super) fn to_participant(ctx: &StepContext, other: &str, message: Message) -> ToObject {
    ToObject::Participant(object_name(ctx.pool.api_name(), other), message)
}

pub(super) fn to_person(ctx: &StepContext, text: InboundText) -> ToObject {
    let key = Party::Phone(ctx.number.clone()).key();
    ToObject::Contact(key, contact::Message::Text(text))
}

pub(super) fn counted(what: String) -> ToObject {
    ToObject::Directory(directory::Message::Count { what })
}

impl Participant {
    /// Says something to another object for a job, which goes on when that has answered.
    pub(super) fn tell(&mut self, ctx: &StepContext, job: &Job, message: ToObject) -> Next {
        let ticket = self.in_flight.begin(job.id, ctx.now, Awaiting::ObjectReply);
        Next::in_flight(Effect::ToObject(ticket, ToObject::Of(ctx.hotline.mailbox, Box::new(message))))
    }
}

#[cfg(test)]
mod tests {
    use super::Work;
    use crate::jobs::golden::{lacks, stays};

    #[test]
    fn jobs_in_rows_stay_readable() {
        stays::<Work>(&[
            r#"{"kind":"send","text":1,"resends":1}"#,
            r#"{"kind":"tell","to":"+15550100102","message":{"Opened":{"session":"ses_1"}}}"#,
            r#"{"kind":"count","what":"quarantined: phone"}"#,
        ]);
        lacks::<Work>(&[r#"{"kind":"send","text":1}"#]);
    }
}
