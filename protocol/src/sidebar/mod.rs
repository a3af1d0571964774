//! The sidebar's routes: `/sidebar/timeline`, `/sidebar/agent`, `/sidebar/calls`, `/sidebar/messages`, `/sidebar/live`.

mod agent;
mod call;
mod entry;
mod live;
mod message;
mod person;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use agent::{Agent, SetPhone};
pub use call::{Call, CallOutcome, CallState, StartCall};
pub use entry::{Channel, DeliveryState, Direction, Entry, Failure, Kind, Media};
pub use live::{CallFrame, ClientFrame, Frame};
pub use message::SendText;
pub use person::{OptOut, OptOutSource, Person, TextChannel};

/// `GET /sidebar/timeline`: a page of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelinePage {
    /// Whose timeline it is, as they are now.
    pub person: Person,
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// The cursor of the page before this one.
    pub earlier: Option<String>,
    /// The time at the server: an agent's clock may be wrong.
    #[serde(default)]
    pub now: Option<Timestamp>,
}
