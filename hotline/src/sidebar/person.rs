//! The person as a sidebar shows them.

use crate::domain::phone::Channel;
use crate::effects::Millis;
use crate::helpscout::read::rfc3339;
use crate::json::{self, quoted};

/// The person at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their key: a number in E.164 when it is a phone.
    pub number: String,
    /// The number for the eye.
    pub readable: String,
    /// How they write.
    pub channel: Channel,
    /// When they first turned to the hotline.
    pub since: Millis,
    /// That they do not want texts.
    pub opted_out: Option<OptOut>,
    /// Whether they are new to everybody who answers.
    pub first_contact: bool,
}

/// Since when somebody does not want texts, and how we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptOut {
    /// When we heard of it.
    pub since: Millis,
    /// Who said so.
    pub by: Teller,
}

/// Who says that somebody opted out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// They did, by a text to us.
    Person,
    /// Twilio did, when it refused a text to them (Twilio, error 21610).
    Twilio,
}

impl Teller {
    /// For a row and for the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Twilio => "twilio",
        }
    }

    /// From a row or the wire.
    pub fn read(word: &str) -> Self {
        if word == "twilio" { Self::Twilio } else { Self::Person }
    }
}

impl Person {
    /// Whether it is a phone, which can be called.
    pub fn is_phone(&self) -> bool {
        self.number.starts_with('+')
    }

    /// Why they cannot be texted, in words.
    pub fn unreachable(&self) -> Option<&'static str> {
        if !self.is_phone() {
            Some("This is not a phone number, so no text can reach it.")
        } else if self.opted_out.is_some() {
            Some("They opted out of texts. They can text START to get them again.")
        } else {
            None
        }
    }

    /// The members of its JSON.
    pub(crate) fn members(&self) -> String {
        let opted_out = self
            .opted_out
            .map(|it| ["{\"since\":", &quoted(&rfc3339(it.since)), ",\"by\":\"", it.by.as_str(), "\"}"].concat());
        [
            "\"number\":",
            &quoted(&self.number),
            ",\"readable\":",
            &quoted(&self.readable),
            ",\"channel\":\"",
            self.channel.as_str(),
            "\",\"since\":",
            &quoted(&rfc3339(self.since)),
            ",\"opted_out\":",
            &json::or_null(opted_out),
            ",\"first_contact\":",
            if self.first_contact { "true" } else { "false" },
        ]
        .concat()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Somebody with a phone, known since 1970.
    pub(crate) fn sam() -> Person {
        Person {
            number: "+15550100100".to_owned(),
            readable: "+1 555 010 0100".to_owned(),
            channel: Channel::Sms,
            since: 0,
            opted_out: None,
            first_contact: false,
        }
    }

    #[test]
    fn whoever_cannot_be_texted_is_said_to_be_so() {
        let stopped = Person { opted_out: Some(OptOut { since: 1, by: Teller::Person }), ..sam() };
        let acme = Person { number: "alpha:ACME".to_owned(), ..sam() };
        assert_eq!(sam().unreachable(), None);
        assert!(stopped.unreachable().is_some_and(|why| why.contains("opted out")));
        assert!(acme.unreachable().is_some_and(|why| why.contains("not a phone")));
    }
}
