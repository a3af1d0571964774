//! The API for other programs, below `/v1`: what its requests and answers hold.
//!
//! Times are RFC 3339 in UTC. A member may be added to an answer at any time; a reader ignores those that it does not know.

mod endpoint;
mod event;
mod export;
mod in_order;
mod job;
mod message;
mod page;
mod person;
mod problem;
mod queued;
mod send;
mod session;
mod template;
mod verification;

pub use endpoint::{Endpoint, EndpointStatus, PutEndpoint, ReplayEvents, TestEvent};
pub use event::{
    ApprovedVerification, CallResult, EndedCall, EndpointTest, Event, EventData, EventDirection, EventType,
    PersonEvent, ReceivedMessage, SentMessage, Voicemail,
};
pub use export::{AtHelpScout, ExportedEntry, ExportedVerification, HotlineExport, PersonExport, WaitingJob};
pub use in_order::InOrder;
pub use job::{Job, JobKind, JobProgress, JobStatus, Removed, WaitingFor};
pub use message::{
    Canceled, Class, Decision, Encoding, Message, MessageError, MessageStatus, Outcome, Part, Price, Retry, Why,
    WhyStep,
};
pub use page::Page;
pub use person::{Consent, ConversationStatus, GiveConsent, OptedOut, Person, PersonConversation, ReplacePerson};
pub use problem::{FieldError, Problem};
pub use queued::{JobError, JobObject, QueuedJob, QueuedState, TurnedJob, TurnedState};
pub use send::{
    InConversation, MessageOrMessages, Messages, Recipients, SendMessage, SendTemplate, SendVia, ViaChannel, ViaUntil,
};
pub use session::{CreateSession, Participant, Session, SessionMode, SessionStatus, WantedParticipant};
pub use template::{
    Deleted, Preview, PreviewTemplate, StoreTemplate, Template, TemplateField, TemplateUse, TemplateWording,
    WhatsappContent,
};
pub use verification::{
    CheckVerification, StartVerification, Verification, VerificationChannel, VerificationCheck, VerificationLimits,
    VerificationStatus,
};
