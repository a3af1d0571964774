//! `/v1/verifications/{id}`: a look at one verification, a code that is checked or sent again, or its end.

use super::Asked;
use super::code_limits::{CodeLimits, Said, of_prefix};
use super::problem::{self, Problems};
use super::progress::Progress;
use super::verification_answer::{answer, too_many};
use crate::config::Config;
use crate::domain::message_id::MessagePlace;
use crate::domain::phone::Party;
use crate::effects::{ObjectReply, ToObject};
use crate::messages::contact;
use crate::messages::verification::{VerificationReply, VerificationRequest};
use crate::messages::verification_limit::CodeId;
use crate::routing::HttpAnswer;

/// A request about one verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OneVerification {
    place: MessagePlace,
    about: About,
    /// What makes it the same request as another one.
    request: String,
}

/// What is asked about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    Item,
    /// Is this the code? Six digits.
    Check(String),
    /// It is sent again.
    Resend(Resend),
    Cancel,
}

/// How far a code has come that is sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resend {
    /// The person's object is asked whether it may be.
    Asking,
    /// What counts codes to such numbers is asked.
    Counting(CodeLimits),
    /// The person's object is told.
    Sending(CodeLimits),
    /// What counts codes gets back what it gave.
    GivingBack(HttpAnswer),
}

impl Asked<'_> {
    /// Finds where the verification of an id is; one of another hotline is not found.
    pub(super) fn one_verification(&self, id: &str, about: About) -> Result<OneVerification, HttpAnswer> {
        let place = MessagePlace::of_verification_id(&self.config.secrets.twilio_account_sid, id);
        let place = place.filter(|place| self.opens(place.mailbox));
        Ok(OneVerification { place: place.ok_or_else(|| self.not_found())?, about, request: String::new() })
    }

    /// The same, with the code in its body.
    pub(super) fn check_verification(&self, id: &str) -> Result<OneVerification, HttpAnswer> {
        let one = self.one_verification(id, About::Item)?;
        Ok(OneVerification { about: About::Check(self.read_code()?), ..one })
    }
}

impl OneVerification {
    pub(super) fn begin(&mut self, request: &str) -> Progress {
        request.clone_into(&mut self.request);
        self.tell_person()
    }

    /// Tells the person's object what is asked now.
    fn tell_person(&self) -> Progress {
        let (number, request) = (self.place.number, self.request.clone());
        let request = match &self.about {
            About::Item => VerificationRequest::Read { number },
            About::Check(code) => VerificationRequest::Check { number, code: code.clone(), request },
            About::Resend(stage) => {
                VerificationRequest::Resend { number, request, asks_only: *stage == Resend::Asking }
            }
            About::Cancel => VerificationRequest::Cancel { number },
        };
        let person = Party::Phone(self.place.person.clone()).key();
        let message = contact::Message::Verification(Box::new(request));
        Progress::Ask(vec![(self.place.mailbox, ToObject::Contact(person, message))])
    }

    pub(super) fn on_replies(&mut self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        match std::mem::replace(&mut self.about, About::Item) {
            About::Resend(Resend::Counting(limits)) => self.on_counted(config, limits, &replies),
            About::Resend(Resend::GivingBack(answer)) => Progress::Answer(answer),
            about => match replies.into_iter().next() {
                Some(ObjectReply::Verification(reply)) => self.on_reply(config, about, reply),
                Some(ObjectReply::NotFound) => {
                    let detail = "There is no verification of this id.";
                    Progress::Answer(Problems { config }.answer(problem::NOT_FOUND, detail))
                }
                _ => Progress::Unavailable,
            },
        }
    }

    fn on_reply(&mut self, config: &Config, about: About, reply: VerificationReply) -> Progress {
        match (about, reply) {
            (About::Resend(Resend::Asking), VerificationReply::MayLeave { verification }) => {
                let mut limits = CodeLimits::new(vec![of_prefix(&self.place.person)]);
                let ask = limits.take(CodeId { request: self.request.clone(), verification });
                self.about = About::Resend(Resend::Counting(limits));
                Progress::Ask(ask)
            }
            (About::Resend(Resend::Sending(limits)), reply) => {
                let is_sent = matches!(reply, VerificationReply::Is { .. });
                let answer = answer(config, reply, 200);
                if is_sent { Progress::Answer(answer) } else { self.give_back(limits, answer) }
            }
            (_, reply) => Progress::Answer(answer(config, reply, 200)),
        }
    }

    fn on_counted(&mut self, config: &Config, mut limits: CodeLimits, replies: &[ObjectReply]) -> Progress {
        match limits.on_taken(replies) {
            Said::Yes => {
                self.about = About::Resend(Resend::Sending(limits));
                self.tell_person()
            }
            Said::No(limit, wait) => self.give_back(limits, too_many(config, limit, wait)),
            Said::Nothing => Progress::Unavailable,
        }
    }

    fn give_back(&mut self, mut limits: CodeLimits, answer: HttpAnswer) -> Progress {
        let back = limits.give_back();
        if back.is_empty() {
            return Progress::Answer(answer);
        }
        self.about = About::Resend(Resend::GivingBack(answer));
        Progress::Ask(back)
    }
}
