//! `/v1/messages/{id}`: a look at one message, or its end.

use protocol::v1::Canceled;

use super::Asked;
use super::problem::{self, Problems};
use super::progress::Progress;
use crate::config::Config;
use crate::domain::message_id::MessagePlace;
use crate::domain::phone::Party;
use crate::effects::{ObjectReply, ToObject};
use crate::json;
use crate::messages::contact;
use crate::messages::program::ProgramRequest;
use crate::routing::HttpAnswer;

/// A look at one message, or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OneMessage {
    place: MessagePlace,
    about: About,
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
        let place = MessagePlace::of_id(&self.config.secrets.twilio_account_sid, id);
        let is_theirs = |place: &MessagePlace| {
            let hotline = self.config.by_mailbox(place.mailbox);
            hotline.is_some_and(|hotline| self.key.hotlines.iter().any(|own| own == hotline.api_name()))
        };
        let place = place.filter(is_theirs).ok_or_else(|| self.not_found())?;
        Ok(OneMessage { place, about })
    }
}

impl OneMessage {
    pub(super) fn begin(&self) -> Progress {
        let number = self.place.number;
        let request = match self.about {
            About::Item => ProgramRequest::Read { number },
            About::Why => ProgramRequest::Why { number },
            About::Cancel => ProgramRequest::Cancel { number },
        };
        let person = Party::Phone(self.place.person.clone()).key();
        let message = ToObject::Contact(person, contact::Message::Program(Box::new(request)));
        Progress::Ask(vec![(self.place.mailbox, message)])
    }

    pub(super) fn on_reply(&self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        let json = |body| Progress::Answer(HttpAnswer::json(200, body));
        match replies.into_iter().next() {
            Some(ObjectReply::ProgramMessage { message, .. }) => json(json::written(&message.item)),
            Some(ObjectReply::Why(why)) => json(json::written(&why)),
            Some(ObjectReply::Canceled(canceled)) => json(json::written(&Canceled { canceled })),
            Some(ObjectReply::NotFound) => {
                let detail = "There is no message of this id.";
                Progress::Answer(Problems { config }.answer(problem::NOT_FOUND, detail))
            }
            _ => Progress::Unavailable,
        }
    }
}
