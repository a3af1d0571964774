//! The Call resource: one leg, its states, and the state of its program (Twilio, Call resource).

use std::collections::VecDeque;

use super::conferences::Participant;
use super::dial::Dialing;
use super::far_end::Script;
use super::gather::Gathering;
use super::heard::Heard;
use super::queues::Queued;
use super::record::ActiveRecording;
use super::verbs::{Address, Verb};

/// Direction of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallDirection {
    /// A phone called us.
    Inbound,
    /// Made through the REST API.
    OutboundApi,
    /// Made by `<Dial>`.
    OutboundDial,
}

impl CallDirection {
    /// As Twilio writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::OutboundApi => "outbound-api",
            Self::OutboundDial => "outbound-dial",
        }
    }
}

/// A call's state; the last five are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallStatus {
    /// Waits for its turn to leave.
    Queued,
    /// Dialled. Callbacks only: the resource still has `queued`.
    Initiated,
    /// Rings, or was not answered by us yet.
    Ringing,
    /// Was answered.
    InProgress,
    /// Was answered and is over.
    Completed,
    /// Met a busy signal.
    Busy,
    /// Could not be connected.
    Failed,
    /// Was not answered.
    NoAnswer,
    /// Was ended before it was answered.
    Canceled,
}

impl CallStatus {
    /// As callbacks write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
        }
    }

    /// As the resource writes it.
    pub(super) fn of_resource(self) -> &'static str {
        if self == Self::Initiated { "queued" } else { self.name() }
    }

    /// Whether nothing more happens.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Initiated | Self::Ringing | Self::InProgress)
    }
}

/// A leg between Twilio and one phone.
#[derive(Clone, Debug)]
pub struct Call {
    /// `CA…`
    pub sid: String,
    /// Parent leg, for a leg of `<Dial>`.
    pub parent: Option<String>,
    /// Direction.
    pub direction: CallDirection,
    /// The caller.
    pub from: String,
    /// The called.
    pub to: String,
    /// Its state now.
    pub status: CallStatus,
    /// When it was made, in milliseconds.
    pub created: u64,
    /// When it began to ring.
    pub started: Option<u64>,
    /// When it was answered.
    pub answered: Option<u64>,
    /// When it was over.
    pub ended: Option<u64>,
    /// What the person at its far end heard, each from its instant on until the next.
    pub heard: Vec<(u64, Heard)>,
    /// Call it is connected with, other than in a conference.
    pub peer: Option<String>,
    pub(super) updated: u64,
    pub(super) callback: Callback,
    pub(super) program: Program,
    /// Where it is told who or what has answered.
    pub(super) detection: Address,
    pub(super) fallback: Address,
    pub(super) timeout_ms: u64,
    pub(super) time_limit_ms: u64,
    /// The innermost document is the last.
    pub(super) frames: Vec<Frame>,
    /// Counts what was begun; a timer of something older has nothing to say any more.
    pub(super) stamp: u64,
    /// Documents in a row in which nothing took time.
    pub(super) hops: u32,
    pub(super) script: Script,
    pub(super) speaks_until: u64,
    /// `StirVerstat` of a caller; empty: not sent.
    pub(super) stir_verdict: String,
    /// The call that a phone has forwarded to us.
    pub(super) forwarded: Option<Forwarded>,
}

/// Where a call comes from that a phone has forwarded.
#[derive(Clone, Debug)]
pub(super) struct Forwarded {
    /// The call to that phone.
    pub(super) call: String,
    /// Its number: `ForwardedFrom`.
    pub(super) phone: String,
}

/// Status callback of a leg.
#[derive(Clone, Debug, Default)]
pub(super) struct Callback {
    pub(super) to: Address,
    pub(super) events: Vec<String>,
    pub(super) told: u32,
}

/// What a leg does when it is answered.
#[derive(Clone, Debug)]
pub(super) enum Program {
    /// Runs the document at an address.
    At(Address),
    /// Runs this document.
    Twiml(String),
    /// Is given to the leg that dialled it, after the screening document where there is one.
    Dialled(Address),
}

/// A document that runs on a leg.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) scope: Scope,
    /// URL of the document; empty for inline TwiML.
    pub(super) base: String,
    pub(super) verbs: VecDeque<Verb>,
    pub(super) activity: Activity,
}

/// What a document is for, which decides what follows its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The call itself: then it hangs up.
    Main,
    /// `<Number url>`: then it is connected.
    Screen,
    /// `waitUrl`: then it is fetched again.
    Wait(Address),
}

/// State of a document's current verb.
#[derive(Clone, Debug)]
pub(super) enum Activity {
    Nothing,
    Fetching(DocumentFetch),
    Speaking,
    Gathering(Gathering),
    Recording(ActiveRecording),
    Dialing(Dialing),
    Queued(Queued),
    InConference(Participant),
    Rejecting(CallStatus),
    Failing,
}

/// A document that is on its way.
#[derive(Clone, Debug)]
pub(super) struct DocumentFetch {
    /// Parameters beside the standard ones.
    pub(super) extra: Vec<(String, String)>,
    /// Whether this is the fallback already.
    pub(super) last: bool,
}

/// To the nearest second; Twilio's pages do not say how it rounds.
pub(super) fn whole_seconds(ms: u64) -> u64 {
    (ms + 500) / 1000
}

impl Frame {
    pub(super) fn new(scope: Scope) -> Self {
        Self { scope, base: String::new(), verbs: VecDeque::new(), activity: Activity::Nothing }
    }
}

impl Call {
    /// The phone at the far end.
    pub fn phone(&self) -> &str {
        if self.direction == CallDirection::Inbound { &self.from } else { &self.to }
    }

    /// Whole seconds from answer to end, as `CallDuration` has it; 0 while it goes on.
    pub fn duration(&self) -> u64 {
        self.answered.zip(self.ended).map_or(0, |(answered, ended)| whole_seconds(ended - answered))
    }

    pub(super) fn top(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    pub(super) fn activity(&self) -> Option<&Activity> {
        self.frames.last().map(|frame| &frame.activity)
    }

    /// Begins something; timers of what went before are void.
    pub(super) fn begin(&mut self, activity: Activity) -> u64 {
        self.stamp += 1;
        if let Some(frame) = self.frames.last_mut() {
            frame.activity = activity;
        }
        self.stamp
    }
}
