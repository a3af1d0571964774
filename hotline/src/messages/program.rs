//! What is said to a person's object about messages that programs send by `/v1`.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use protocol::v1::{Class, SendVia, TemplateUse, ViaChannel, ViaUntil};
use serde::{Deserialize, Serialize};

use super::rate_limiter::Priority;
use crate::domain::phone::Channel;
use crate::domain::template::{Content, Filled, UsedTemplate};
use crate::domain::time::Millis;

/// What a program wants of a person's object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProgramRequest {
    /// A message for them. The answer is `ObjectReply::ProgramMessage`. The same `request` again has the same answer.
    Send {
        /// The message.
        message: Box<ProgramMessage>,
        /// Nothing is stored: what would become of it?
        #[serde(default)]
        dry_run: bool,
        /// What it is made from. `message` says it without regard to the person, for a release that does not know templates.
        #[serde(default)]
        template: Option<Box<Filled>>,
    },
    /// How far has a message come? The answer is `ObjectReply::ProgramMessage`, or `ObjectReply::NotFound`.
    Read {
        /// Its number.
        number: i64,
    },
    /// The message to which a program has given this name. The answer is `ObjectReply::ProgramMessage`, or
    /// `ObjectReply::NotFound`.
    OfReference {
        /// The name.
        reference: String,
    },
    /// What was decided about it? The answer is `ObjectReply::Why`, or `ObjectReply::NotFound`.
    Why {
        /// Its number.
        number: i64,
    },
    /// It is not to leave. The answer is `ObjectReply::Canceled`, or `ObjectReply::NotFound`.
    Cancel {
        /// Its number.
        number: i64,
    },
}

/// What a program wants to know or to change of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PersonRequest {
    /// The answer is `ObjectReply::Person`, or `ObjectReply::NotFound` for somebody of whom nothing is known.
    Read,
    /// What programs keep of them. The answer is `ObjectReply::Person`.
    Replace {
        /// All of it.
        profile: Profile,
    },
    /// All that is kept of them. The answer is `ObjectReply::Export`, `ObjectReply::OnlyOptOut`, or `ObjectReply::NotFound`.
    Export {
        /// The end of an earlier page.
        #[serde(default)]
        after: Option<i64>,
    },
    /// They have said something about a class of messages. The answer is `ObjectReply::Consent`.
    Consent {
        /// What.
        given: ConsentGiven,
    },
    /// They are erased. The answer is `ObjectReply::Job`. The same again has the same answer.
    Erase {
        /// The id of the key that asks for it.
        program: String,
        /// What becomes of them in Help Scout.
        #[serde(default)]
        helpscout: AtHelpScout,
    },
    /// How far is that? The answer is `ObjectReply::Job`, or `ObjectReply::NotFound`.
    Job {
        /// Its number.
        number: i64,
    },
    /// All that they have said about it, the latest first. The answer is `ObjectReply::Consents`.
    Consents {
        /// The cursor of an earlier page.
        before: Option<i64>,
        /// The most of one page.
        limit: usize,
    },
    /// A conversation from before the hotline is theirs. The answer is `ObjectReply::Conversation`.
    ImportConversation {
        /// Help Scout's id of it.
        id: u64,
    },
    /// Is a conversation theirs? The answer is `ObjectReply::Conversation`, or `ObjectReply::NotFound`.
    ReadConversation {
        /// Help Scout's id of it.
        id: u64,
    },
}

/// What becomes of an erased person in Help Scout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtHelpScout {
    /// A note in their conversation says that they were erased.
    #[default]
    Note,
    /// Their record is deleted, with its conversations.
    Delete,
    /// Nothing.
    Keep,
}

impl AtHelpScout {
    /// Each by its word.
    pub const ALL: [(Self, &'static str); 3] = [(Self::Note, "note"), (Self::Delete, "delete"), (Self::Keep, "keep")];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("", |(_, word)| *word)
    }

    /// From its word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(known, _)| *known)
    }
}

/// What programs keep of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The name of their time zone.
    pub zone: Option<String>,
    /// The tag of their language.
    pub language: Option<String>,
    /// Anything else.
    pub fields: BTreeMap<String, String>,
}

/// What a person has said about a class of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentGiven {
    /// The class.
    pub class: Class,
    /// Whether they want them.
    pub granted: bool,
    /// Where they said it.
    pub source: String,
    /// What shows that they did.
    #[serde(default)]
    pub evidence: Option<String>,
    /// When they said it.
    pub at: Millis,
}

/// A message as a program sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramMessage {
    /// What makes it the same message as another one: the key, and the request or its `Idempotency-Key`.
    pub request: String,
    /// The id of the key.
    pub program: String,
    /// To whom, as the request has it.
    pub to: String,
    /// How urgent it is.
    pub class: Class,
    /// How it travels; with several channels, by the first of them until its person's object knows better.
    pub channel: Channel,
    /// The channels that are tried, one after another; empty where there is one alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<ViaStep>,
    /// What it says.
    pub body: String,
    /// The addresses of its media.
    #[serde(default)]
    pub media: Vec<String>,
    /// When it leaves at the earliest.
    #[serde(default)]
    pub send_at: Option<Millis>,
    /// When it is no longer worth sending.
    #[serde(default)]
    pub expires_at: Option<Millis>,
    /// When its turn comes among the messages of a list.
    #[serde(default)]
    pub turn_at: Option<Millis>,
    /// The program's own name for it.
    #[serde(default)]
    pub reference: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What agents see of it in Help Scout.
    #[serde(default)]
    pub conversation: InConversation,
    /// The template that `body` is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<UsedTemplate>,
}

/// A channel that a message is tried by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViaStep {
    /// Which.
    pub channel: Channel,
    /// How far it must come by it; without it and `within` the next channel is tried only when this one has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<ViaUntil>,
    /// Within how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Millis>,
}

impl ViaStep {
    /// As programs see it.
    pub fn shown(self) -> SendVia {
        let channel = match self.channel {
            Channel::Sms => ViaChannel::Sms,
            Channel::WhatsApp => ViaChannel::WhatsApp,
        };
        let within = self.within.map(|within| SignedDuration::from_millis(within).to_string());
        SendVia { channel, until: self.until, within }
    }
}

impl ProgramMessage {
    /// Whether it may travel by a channel.
    pub fn goes_by(&self, channel: Channel) -> bool {
        self.channel == channel || self.via.iter().any(|step| step.channel == channel)
    }

    /// It says what a template says to somebody who reads this language.
    pub fn say(&mut self, template: &Filled, language: Option<&str>) {
        if let Some(rendered) = template.rendered(language) {
            self.body = rendered.text;
            self.template = Some(rendered.used);
        }
    }

    /// The approved template that leaves in place of `body`.
    pub fn content(&self) -> Option<&Content> {
        self.template.as_ref()?.content.as_ref().filter(|_| self.channel == Channel::WhatsApp)
    }

    /// The template, as programs see it.
    pub fn template_use(&self) -> Option<TemplateUse> {
        self.template.as_ref().map(|UsedTemplate { name, language, version, .. }| TemplateUse {
            name: name.clone(),
            language: language.clone(),
            version: *version,
        })
    }
}

/// Who goes first at a sender, by the class of a message.
pub(crate) fn priority(class: Class) -> Priority {
    match class {
        Class::Alert => Priority::Alert,
        Class::Service => Priority::Service,
        Class::Promotion => Priority::Bulk,
    }
}

/// What agents see of a message in Help Scout; in the sidebar it always shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InConversation {
    /// When the person answers, a note quotes what they answer.
    #[default]
    OnReply,
    /// A note says it at once.
    Note,
    /// Nothing.
    None,
}
