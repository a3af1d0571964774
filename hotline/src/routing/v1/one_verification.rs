//! `/v1/verifications/{id}`: a look at one verification, a code that is checked or sent again, or its end.

use super::Asked;
use super::problem::{self, Problems};
use super::progress::Progress;
use super::start_verification::answer;
use crate::config::Config;
use crate::domain::message_id::MessagePlace;
use crate::domain::phone::Party;
use crate::effects::{ObjectReply, ToObject};
use crate::messages::contact;
use crate::messages::verification::VerificationRequest;
use crate::routing::HttpAnswer;

/// A request about one verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OneVerification {
    place: MessagePlace,
    about: About,
}

/// What is asked about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    Item,
    /// Is this the code? Six digits.
    Check(String),
    Resend,
    Cancel,
}

impl Asked<'_> {
    /// Finds where the verification of an id is; one of another hotline is not found.
    pub(super) fn one_verification(&self, id: &str, about: About) -> Result<OneVerification, HttpAnswer> {
        let is_theirs = |place: &MessagePlace| {
            let hotline = self.config.by_mailbox(place.mailbox);
            hotline.is_some_and(|hotline| self.key.hotlines.iter().any(|own| own == hotline.api_name()))
        };
        let place = MessagePlace::of_verification_id(&self.config.secrets.twilio_account_sid, id).filter(is_theirs);
        Ok(OneVerification { place: place.ok_or_else(|| self.not_found())?, about })
    }

    /// The same, with the code in its body.
    pub(super) fn check_verification(&self, id: &str) -> Result<OneVerification, HttpAnswer> {
        let one = self.one_verification(id, About::Item)?;
        Ok(OneVerification { about: About::Check(self.read_code()?), ..one })
    }
}

impl OneVerification {
    /// Begins it; `request` makes it the same one as another.
    pub(super) fn begin(&self, request: &str) -> Progress {
        let (number, request) = (self.place.number, request.to_owned());
        let request = match &self.about {
            About::Item => VerificationRequest::Read { number },
            About::Check(code) => VerificationRequest::Check { number, code: code.clone(), request },
            About::Resend => VerificationRequest::Resend { number, request },
            About::Cancel => VerificationRequest::Cancel { number },
        };
        let person = Party::Phone(self.place.person.clone()).key();
        let message = contact::Message::Verification(Box::new(request));
        Progress::Ask(vec![(self.place.mailbox, ToObject::Contact(person, message))])
    }

    pub(super) fn on_reply(&self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        match replies.into_iter().next() {
            Some(ObjectReply::Verification(reply)) => Progress::Answer(answer(config, reply, 200)),
            Some(ObjectReply::NotFound) => {
                let detail = "There is no verification of this id.";
                Progress::Answer(Problems { config }.answer(problem::NOT_FOUND, detail))
            }
            _ => Progress::Unavailable,
        }
    }
}
