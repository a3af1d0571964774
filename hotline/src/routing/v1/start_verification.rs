//! `POST /v1/verifications`: a code for somebody, from the name that its program gives it to the answer.

use super::code_limits::{CodeLimits, Said};
use super::problem::{self, Problems};
use super::progress::Progress;
use super::send_messages::ATTEMPTS;
use super::verification_answer::{answer, too_many};
use crate::config::Config;
use crate::effects::{ObjectReply, ToObject};
use crate::messages::audience::{self, part_of};
use crate::messages::contact;
use crate::messages::verification::{VerificationReply, VerificationRequest, WantedVerification};
use crate::messages::verification_limit::CodeId;
use crate::routing::HttpAnswer;

/// What stands before a program's own name for a verification where those for messages are kept too. No name holds it.
const KIND: &str = "verification\0";

/// The status of a verification that was made.
const MADE: u16 = 201;

/// A request for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StartVerification {
    mailbox: u64,
    /// The person's key.
    person: String,
    wanted: WantedVerification,
    nonce: String,
    limits: CodeLimits,
    stage: Stage,
    attempts: usize,
}

/// How far a request has come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// Whose its name is, is asked.
    Claiming,
    /// The verification of somebody else that has its name is asked for.
    FindingClaimed,
    /// The person's object is asked whether it may begin.
    Asking,
    /// Those who count codes are asked.
    Counting,
    /// The person's object is told.
    Starting,
    /// Those who count codes get back what they gave.
    GivingBack(HttpAnswer),
}

impl StartVerification {
    pub(super) fn new(
        mailbox: u64,
        person: String,
        wanted: WantedVerification,
        nonce: String,
        limits: CodeLimits,
    ) -> Self {
        Self { mailbox, person, wanted, nonce, limits, stage: Stage::Claiming, attempts: 0 }
    }

    pub(super) fn begin(&mut self, request: &str) -> Progress {
        request.clone_into(&mut self.wanted.request);
        let Some(reference) = &self.wanted.reference else { return self.tell_person(Stage::Asking) };
        let reference = [KIND, reference].concat();
        let part = part_of(&reference);
        let claim = audience::Message::Claim { reference, person: self.person.clone() };
        Progress::Ask(vec![(self.mailbox, ToObject::Audience(part, claim))])
    }

    pub(super) fn on_replies(&mut self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        match &self.stage {
            Stage::Counting => return self.on_counted(config, &replies),
            Stage::GivingBack(answer) => return Progress::Answer(answer.clone()),
            Stage::Claiming | Stage::FindingClaimed | Stage::Asking | Stage::Starting => {}
        }
        match (&self.stage, replies.into_iter().next()) {
            (Stage::Claiming, Some(ObjectReply::Claimed { person })) if person == self.person => {
                self.tell_person(Stage::Asking)
            }
            (Stage::Claiming, Some(ObjectReply::Claimed { person })) => self.find_claimed(&person),
            (Stage::FindingClaimed, Some(ObjectReply::NotFound)) => {
                let detail = "Another request with this reference, to another number, has not come to its end.";
                let refusal = Problems { config }.answer(problem::STILL_RUNNING, detail);
                Progress::Answer(refusal.with("retry-after", "1"))
            }
            (Stage::Asking, Some(ObjectReply::Verification(VerificationReply::MayLeave { verification }))) => {
                self.stage = Stage::Counting;
                let code = CodeId { request: self.wanted.request.clone(), verification };
                Progress::Ask(self.limits.take(code))
            }
            (Stage::Starting, Some(ObjectReply::Verification(reply))) => self.on_started(config, reply),
            (_, Some(ObjectReply::Verification(reply))) => Progress::Answer(answer(config, reply, MADE)),
            (Stage::Asking, _) => self.tell_person(Stage::Asking),
            (Stage::Starting, _) => self.tell_person(Stage::Starting),
            _ => Progress::Unavailable,
        }
    }

    fn find_claimed(&mut self, person: &str) -> Progress {
        self.stage = Stage::FindingClaimed;
        let Some(reference) = self.wanted.reference.clone() else { return Progress::Unavailable };
        Progress::Ask(vec![self.ask(person, VerificationRequest::OfReference { reference })])
    }

    /// Asks the person's object, or tells it; again when it was not reached.
    fn tell_person(&mut self, stage: Stage) -> Progress {
        self.attempts = if self.stage == stage { self.attempts + 1 } else { 1 };
        let asks_only = stage == Stage::Asking;
        self.stage = stage;
        if self.attempts > ATTEMPTS {
            return Progress::Unavailable;
        }
        let (wanted, nonce) = (Box::new(self.wanted.clone()), self.nonce.clone());
        Progress::Ask(vec![self.ask(&self.person, VerificationRequest::Start { wanted, nonce, asks_only })])
    }

    fn on_counted(&mut self, config: &Config, replies: &[ObjectReply]) -> Progress {
        match self.limits.on_taken(replies) {
            Said::Yes => self.tell_person(Stage::Starting),
            Said::No(limit, wait) => self.give_back(too_many(config, limit, wait)),
            Said::Nothing => self.give_back(problem::unavailable(config)),
        }
    }

    fn on_started(&mut self, config: &Config, reply: VerificationReply) -> Progress {
        let is_made = matches!(reply, VerificationReply::Is { existed: false, .. });
        let answer = answer(config, reply, MADE);
        if is_made { Progress::Answer(answer) } else { self.give_back(answer) }
    }

    fn give_back(&mut self, answer: HttpAnswer) -> Progress {
        let back = self.limits.give_back();
        if back.is_empty() {
            return Progress::Answer(answer);
        }
        self.stage = Stage::GivingBack(answer);
        Progress::Ask(back)
    }

    fn ask(&self, person: &str, request: VerificationRequest) -> (u64, ToObject) {
        (self.mailbox, ToObject::Contact(person.to_owned(), contact::Message::Verification(Box::new(request))))
    }
}
