//! An entry of the timeline as a sidebar shows it.

use crate::domain::phone::Channel;
use crate::effects::Millis;
use crate::helpscout::read::rfc3339;
use crate::json::{self, quoted};
use crate::sidebar::or_null;
use crate::twilio::errors::is_about_the_person;
use crate::twilio::status::Delivery;

/// What a thing on the timeline is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A text, with or without pictures.
    #[default]
    Text,
    /// A call that somebody answered, or that an agent made.
    Call,
    /// A call that nobody answered.
    MissedCall,
    /// A message left by voice.
    Voicemail,
}

const KINDS: [(Kind, &str); 4] =
    [(Kind::Text, "text"), (Kind::Call, "call"), (Kind::MissedCall, "missed_call"), (Kind::Voicemail, "voicemail")];

impl Kind {
    /// For a row and for the wire.
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// From a row or the wire; an unknown word is a text's.
    pub fn read(word: &str) -> Self {
        KINDS.iter().find(|(_, known)| *known == word).map_or(Self::Text, |(kind, _)| *kind)
    }
}

/// Why something did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Twilio's code, when it gave one.
    pub code: Option<u32>,
    /// In plain words.
    pub reason: String,
}

/// A picture, a recording, a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Medium {
    /// Our signed link, which ends.
    pub url: String,
    /// Its MIME type.
    pub mime: String,
}

impl Medium {
    /// Only what every browser shows as a picture; everything else that strangers send is a download (P13).
    pub fn is_picture(&self) -> bool {
        self.mime.starts_with("image/") && self.mime != "image/svg+xml"
    }

    /// Whether it can be listened to.
    pub fn is_audio(&self) -> bool {
        self.mime.starts_with("audio/")
    }
}

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// When it was.
    pub at: Millis,
    /// What it is.
    pub kind: Kind,
    /// Whether it came from the person.
    pub inward: bool,
    /// How it travelled.
    pub channel: Channel,
    /// What was written.
    pub text: String,
    /// How far it has come; nothing where that means nothing.
    pub state: Option<Delivery>,
    /// Why it did not arrive.
    pub failure: Option<Failure>,
    /// What came along.
    pub media: Vec<Medium>,
    /// Who answered or wrote; may be empty.
    pub agent: String,
    /// The Help Scout conversation that it stands in.
    pub conversation: Option<u64>,
    /// How long it took.
    pub seconds: Option<i64>,
    /// What was said; empty when that will never be known.
    pub transcript: Option<String>,
}

impl Entry {
    /// Whether it will not arrive.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some() || self.state == Some(Delivery::Failed)
    }

    /// Whether the same words may arrive at another time, or other words may: not when it is the phone that takes none.
    pub fn is_worth_another_try(&self) -> bool {
        let code = self.failure.as_ref().and_then(|it| it.code);
        !self.inward && self.has_failed() && !self.text.is_empty() && !code.is_some_and(is_about_the_person)
    }

    /// The members of its JSON.
    pub(crate) fn members(&self) -> String {
        let channel = match (self.kind, self.channel) {
            (Kind::Text, Channel::Sms) if !self.media.is_empty() => "mms",
            (Kind::Text, channel) => channel.as_str(),
            _ => "voice",
        };
        let error = self.failure.as_ref().map(|it| {
            let code = json::or_null(it.code.map(|code| code.to_string()));
            ["{\"code\":", &code, ",\"reason\":", &quoted(&it.reason), "}"].concat()
        });
        let medium = |it: &Medium| ["{\"url\":", &quoted(&it.url), ",\"type\":", &quoted(&it.mime), "}"].concat();
        let media: Vec<String> = self.media.iter().map(medium).collect();
        [
            "\"id\":",
            &quoted(&self.id),
            ",\"at\":",
            &quoted(&rfc3339(self.at)),
            ",\"kind\":\"",
            self.kind.as_str(),
            "\",\"direction\":\"",
            if self.inward { "in" } else { "out" },
            "\",\"channel\":\"",
            channel,
            "\",\"text\":",
            &quoted(&self.text),
            ",\"state\":",
            &or_null(self.state.map_or("", Delivery::as_str)),
            ",\"error\":",
            &json::or_null(error),
            ",\"media\":[",
            &media.join(","),
            "],\"agent\":",
            &quoted(&self.agent),
            ",\"conversation\":",
            &json::or_null(self.conversation.map(|id| id.to_string())),
            ",\"seconds\":",
            &json::or_null(self.seconds.map(|seconds| seconds.to_string())),
            ",\"transcript\":",
            &json::or_null(self.transcript.as_deref().map(quoted)),
        ]
        .concat()
    }
}

/// Which entries another conversation begins with, and which; none are marked when all are of the conversation beside
/// which they are shown.
pub fn marks(conversations: &[Option<u64>], beside: Option<u64>) -> Vec<Option<u64>> {
    let elsewhere = conversations.iter().any(|it| it.is_some() && *it != beside);
    let mut current = None;
    let mark = |conversation: &Option<u64>| {
        let begins = conversation.filter(|it| elsewhere && Some(*it) != current);
        current = begins.or(current);
        begins
    };
    conversations.iter().map(mark).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A text that came in, of which nothing is known but its words.
    pub(crate) fn said(text: &str) -> Entry {
        Entry {
            id: "SM1".to_owned(),
            at: 0,
            kind: Kind::Text,
            inward: true,
            channel: Channel::Sms,
            text: text.to_owned(),
            state: None,
            failure: None,
            media: Vec::new(),
            agent: String::new(),
            conversation: None,
            seconds: None,
            transcript: None,
        }
    }

    /// A reply that did not arrive.
    pub(crate) fn failed(code: Option<u32>) -> Entry {
        let failure = Some(Failure { code, reason: "It is a landline.".to_owned() });
        Entry { inward: false, state: Some(Delivery::Failed), failure, ..said("Hello") }
    }

    #[test]
    fn another_try_is_offered_where_it_may_help() {
        for (entry, expected) in [
            (failed(None), true),
            (failed(Some(30_007)), true),
            (failed(Some(30_006)), false),
            (failed(Some(21_610)), false),
            (Entry { text: String::new(), ..failed(None) }, false),
            (Entry { state: Some(Delivery::Sent), failure: None, ..failed(None) }, false),
            (said("Hello"), false),
        ] {
            assert_eq!(entry.is_worth_another_try(), expected, "{entry:?}");
        }
    }

    #[test]
    fn a_mark_stands_where_the_conversation_changes_and_nowhere_else() {
        let (one, two) = (Some(1001), Some(1002));
        assert_eq!(marks(&[one, None, one], one), [None; 3]);
        assert_eq!(marks(&[one, None, one], two), [one, None, None]);
        assert_eq!(marks(&[one, one, None, two, one], one), [one, None, None, two, one]);
    }

    #[test]
    fn a_channel_says_how_it_came() {
        let picture = Medium { url: "https://hotline.example.org/media/x".to_owned(), mime: "image/png".to_owned() };
        for (entry, channel) in [
            (said("Hello"), "sms"),
            (Entry { media: vec![picture], ..said("Look") }, "mms"),
            (Entry { channel: Channel::WhatsApp, ..said("Hello") }, "whatsapp"),
            (Entry { kind: Kind::Voicemail, ..said("") }, "voice"),
        ] {
            assert!(entry.members().contains(&format!("\"channel\":\"{channel}\"")), "{channel}");
        }
    }
}
