//! `/v1/messages/{id}`: a look at one message, or its end.

use protocol::v1::{Canceled, Decision, Message, Why, WhyStep};

use super::Asked;
use super::problem::{self, Problems};
use super::progress::Progress;
use crate::config::Config;
use crate::domain::message_id::MessagePlace;
use crate::domain::phone::Party;
use crate::domain::unsent_id::UnsentPlace;
use crate::effects::{ObjectReply, ToObject};
use crate::json;
use crate::messages::program::ProgramRequest;
use crate::messages::{audience, contact};
use crate::routing::HttpAnswer;

/// A look at one message, or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OneMessage {
    place: Place,
    about: About,
}

/// Where a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// In its person's object.
    Person(MessagePlace),
    /// It was for nobody: its item alone is kept, in a part of the hotline's people.
    Nobody(UnsentPlace, String),
}

impl Place {
    fn of_id(config: &Config, id: &str) -> Option<Self> {
        let person = MessagePlace::of_id(&config.secrets.twilio_account_sid, id).map(Self::Person);
        person.or_else(|| UnsentPlace::of_id(id).map(|place| Self::Nobody(place, id.to_owned())))
    }

    fn mailbox(&self) -> u64 {
        match self {
            Self::Person(place) => place.mailbox,
            Self::Nobody(place, _) => place.mailbox,
        }
    }
}

/// What is asked about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Item,
    Why,
    Cancel,
}

impl Asked<'_> {
    /// Finds where the message of an id is; one of another hotline is not found.
    pub(super) fn one_message(&self, id: &str, about: About) -> Result<OneMessage, HttpAnswer> {
        let place = Place::of_id(self.config, id).filter(|place| self.opens(place.mailbox()));
        let place = place.ok_or_else(|| self.not_found())?;
        Ok(OneMessage { place, about })
    }
}

impl OneMessage {
    pub(super) fn begin(&self) -> Progress {
        let message = match &self.place {
            Place::Person(place) => {
                let person = Party::Phone(place.person.clone()).key();
                ToObject::Contact(person, contact::Message::Program(Box::new(self.request(place.number))))
            }
            Place::Nobody(place, id) => ToObject::Audience(place.part, audience::Message::Read { id: id.clone() }),
        };
        Progress::Ask(vec![(self.place.mailbox(), message)])
    }

    fn request(&self, number: i64) -> ProgramRequest {
        match self.about {
            About::Item => ProgramRequest::Read { number },
            About::Why => ProgramRequest::Why { number },
            About::Cancel => ProgramRequest::Cancel { number },
        }
    }

    pub(super) fn on_reply(&self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        let json = |body| Progress::Answer(HttpAnswer::json(200, body));
        match replies.into_iter().next() {
            Some(ObjectReply::ProgramMessage { message, .. }) => json(json::written(&message.item)),
            Some(ObjectReply::Why(why)) => json(json::written(&why)),
            Some(ObjectReply::Canceled(canceled)) => json(json::written(&Canceled { canceled })),
            Some(ObjectReply::Indexed(found)) => match (found.into_iter().next(), self.about) {
                (Some(message), About::Item) => json(json::written(&message.item)),
                (Some(message), About::Why) => json(json::written(&why(message.item))),
                (Some(_), About::Cancel) => json(json::written(&Canceled { canceled: false })),
                (None, _) => Progress::Answer(not_found(config)),
            },
            Some(ObjectReply::NotFound) => Progress::Answer(not_found(config)),
            _ => Progress::Unavailable,
        }
    }
}

fn not_found(config: &Config) -> HttpAnswer {
    Problems { config }.answer(problem::NOT_FOUND, "There is no message of this id.")
}

/// The one decision about a message that was for nobody.
fn why(Message { created_at, decision, .. }: Message) -> Why {
    let Decision { outcome, rule, detail, .. } = decision;
    Why { data: vec![WhyStep { at: created_at, rule, outcome: outcome.as_str().to_owned(), detail }] }
}
