//! Events: what happened to a hotline's people, for programs that listen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::message::Message;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub enum EventType {
    /// They have written.
    #[serde(rename = "message.received")]
    MessageReceived,
    /// A message that a program has sent came further.
    #[serde(rename = "message.updated")]
    MessageUpdated,
    /// A rule refused a message that a program has sent.
    #[serde(rename = "message.refused")]
    MessageRefused,
    /// A call with them is over.
    #[serde(rename = "call.ended")]
    CallEnded,
    /// They have left a message on the voicemail.
    #[serde(rename = "voicemail.received")]
    VoicemailReceived,
    /// That message is there as a text.
    #[serde(rename = "voicemail.transcribed")]
    VoicemailTranscribed,
    /// They want no more texts.
    #[serde(rename = "person.opted_out")]
    PersonOptedOut,
    /// They want texts again.
    #[serde(rename = "person.opted_in")]
    PersonOptedIn,
    /// A number was verified.
    #[serde(rename = "verification.approved")]
    VerificationApproved,
    /// A program has asked for it, to see whether its endpoint gets events.
    #[serde(rename = "endpoint.test")]
    EndpointTest,
}

impl EventType {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::MessageReceived,
        Self::MessageUpdated,
        Self::MessageRefused,
        Self::CallEnded,
        Self::VoicemailReceived,
        Self::VoicemailTranscribed,
        Self::PersonOptedOut,
        Self::PersonOptedIn,
        Self::VerificationApproved,
        Self::EndpointTest,
    ];

    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MessageReceived => "message.received",
            Self::MessageUpdated => "message.updated",
            Self::MessageRefused => "message.refused",
            Self::CallEnded => "call.ended",
            Self::VoicemailReceived => "voicemail.received",
            Self::VoicemailTranscribed => "voicemail.transcribed",
            Self::PersonOptedOut => "person.opted_out",
            Self::PersonOptedIn => "person.opted_in",
            Self::VerificationApproved => "verification.approved",
            Self::EndpointTest => "endpoint.test",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Event"))]
pub struct Event<D> {
    /// Its id; the header `webhook-id` where it is delivered. Later ids are greater, as texts.
    pub id: String,
    /// What kind of thing.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schemars(with = "EventType"))]
    pub kind: String,
    /// When it happened.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub timestamp: Timestamp,
    /// What happened: an [`EventData`].
    pub data: D,
}

/// What happened, by the type of the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum EventData {
    /// `message.updated`, `message.refused`.
    Sent(Box<SentMessage>),
    /// `message.received`.
    Received(ReceivedMessage),
    /// `call.ended`.
    Call(EndedCall),
    /// `verification.approved`.
    Verification(ApprovedVerification),
    /// `voicemail.received`, `voicemail.transcribed`.
    Voicemail(Voicemail),
    /// `person.opted_out`, `person.opted_in`.
    Person(PersonEvent),
    /// `endpoint.test`.
    Test(EndpointTest),
}

/// Which way something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventDirection {
    /// From the person to the hotline.
    In,
    /// From the hotline to the person.
    Out,
}

/// A message that a program has sent, as it was when this happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SentMessage {
    /// The message; `to` is there for keys with `people:read` alone.
    #[serde(flatten)]
    pub item: Message,
    /// The person's number; there for keys with `people:read` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Which way it went.
    pub direction: EventDirection,
    /// What it says.
    pub text: String,
}

/// A message of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ReceivedMessage {
    /// Its id.
    pub id: String,
    /// The hotline.
    pub hotline: String,
    /// The person's number, or how WhatsApp names them; there for keys with `people:read` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Which way it went.
    pub direction: EventDirection,
    /// `sms` or `whatsapp`.
    pub channel: String,
    /// What it says.
    pub text: String,
    /// The addresses of its media. They open without a password for 90 days.
    pub media: Vec<String>,
    /// The id of the program's message that it answers: the last one that left to them, within 7 days, if a program has sent that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// When it came.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub created_at: Timestamp,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallResult {
    /// Somebody of the team has answered it.
    Answered,
    /// They hung up before anybody answered.
    Missed,
    /// Nobody answered, and they left no message.
    NoMessage,
    /// It came outside opening hours.
    Closed,
    /// They have left a message.
    Voicemail,
    /// An agent has called them, and they were connected.
    Connected,
    /// An agent has called them, and they were not connected.
    NotConnected,
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct EndedCall {
    /// Its id.
    pub id: String,
    /// The hotline.
    pub hotline: String,
    /// The person's number; there for keys with `people:read` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Who called whom.
    pub direction: EventDirection,
    /// What it came to.
    pub result: CallResult,
    /// How long they talked, or how long the message is.
    pub seconds: i64,
    /// When it began.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub started_at: Timestamp,
}

/// A message on the voicemail. Its recording is heard in Help Scout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Voicemail {
    /// Its id.
    pub id: String,
    /// The hotline.
    pub hotline: String,
    /// The person's number; there for keys with `people:read` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// How long it is.
    pub seconds: i64,
    /// What it says; null as long as nobody has written it down.
    pub transcript: Option<String>,
    /// When the call began.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::Instant"))]
    pub started_at: Timestamp,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PersonEvent {
    /// The hotline.
    pub hotline: String,
    /// The person's number; there for keys with `people:read` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// A verification whose code was right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ApprovedVerification {
    /// Its id.
    pub id: String,
    /// The hotline.
    pub hotline: String,
    /// The number; there for keys with `people:read` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What it was for.
    pub purpose: Option<String>,
    /// The program's own name for it.
    pub reference: Option<String>,
}

/// What an endpoint is tested with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct EndpointTest {
    /// The endpoint's name.
    pub endpoint: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_written_as_it_is_named() {
        for kind in EventType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
