//! `POST /v1/verifications`: a code for somebody, from the name that its program gives it to the answer.

use super::problem::{self, Kind, Problems};
use super::progress::Progress;
use super::send_messages::ATTEMPTS;
use crate::config::Config;
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::json;
use crate::messages::audience::{self, part_of};
use crate::messages::contact;
use crate::messages::verification::{CodeLimit, VerificationReply, VerificationRequest, WantedVerification};
use crate::routing::HttpAnswer;

/// What stands before a program's own name for a verification where those for messages are kept too. No name holds it.
const KIND: &str = "verification\0";

/// A request for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StartVerification {
    mailbox: u64,
    /// The person's key.
    person: String,
    wanted: WantedVerification,
    nonce: String,
    stage: Stage,
    attempts: usize,
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Whose its name is, is asked.
    Claiming,
    /// The verification of somebody else that has its name is asked for.
    FindingClaimed,
    /// The person's object is told.
    Starting,
}

impl StartVerification {
    pub(super) fn new(mailbox: u64, person: String, wanted: WantedVerification, nonce: String) -> Self {
        Self { mailbox, person, wanted, nonce, stage: Stage::Claiming, attempts: 0 }
    }

    pub(super) fn begin(&mut self, request: &str) -> Progress {
        request.clone_into(&mut self.wanted.request);
        let Some(reference) = &self.wanted.reference else { return self.start() };
        let reference = [KIND, reference].concat();
        let part = part_of(&reference);
        let claim = audience::Message::Claim { reference, person: self.person.clone() };
        Progress::Ask(vec![(self.mailbox, ToObject::Audience(part, claim))])
    }

    pub(super) fn on_replies(&mut self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        let reply = replies.into_iter().next();
        match (self.stage, reply) {
            (Stage::Claiming, Some(ObjectReply::Claimed { person })) if person == self.person => self.start(),
            (Stage::Claiming, Some(ObjectReply::Claimed { person })) => self.find_claimed(&person),
            (Stage::FindingClaimed, Some(ObjectReply::NotFound)) => {
                let detail = "Another request with this reference, to another number, has not come to its end.";
                let refusal = Problems { config }.answer(problem::STILL_RUNNING, detail);
                Progress::Answer(refusal.with("retry-after", "1"))
            }
            (Stage::FindingClaimed | Stage::Starting, Some(ObjectReply::Verification(reply))) => {
                Progress::Answer(answer(config, reply, 201))
            }
            (Stage::Starting, _) => self.start(),
            _ => Progress::Unavailable,
        }
    }

    fn find_claimed(&mut self, person: &str) -> Progress {
        self.stage = Stage::FindingClaimed;
        let Some(reference) = self.wanted.reference.clone() else { return Progress::Unavailable };
        Progress::Ask(vec![self.ask(person, VerificationRequest::OfReference { reference })])
    }

    fn start(&mut self) -> Progress {
        self.stage = Stage::Starting;
        self.attempts += 1;
        if self.attempts > ATTEMPTS {
            return Progress::Unavailable;
        }
        let start = VerificationRequest::Start { wanted: Box::new(self.wanted.clone()), nonce: self.nonce.clone() };
        Progress::Ask(vec![self.ask(&self.person, start)])
    }

    fn ask(&self, person: &str, request: VerificationRequest) -> (u64, ToObject) {
        (self.mailbox, ToObject::Contact(person.to_owned(), contact::Message::Verification(Box::new(request))))
    }
}

/// What a program is answered. What it has made has a status of its own.
pub(super) fn answer(config: &Config, reply: VerificationReply, made: u16) -> HttpAnswer {
    let problems = Problems { config };
    match reply {
        VerificationReply::Is { item, existed } => {
            HttpAnswer::json(if existed { 200 } else { made }, json::written(&item))
        }
        VerificationReply::Checked(check) => HttpAnswer::json(200, json::written(&check)),
        VerificationReply::Refused { rule, detail } => problems.answer(problem::of_rule(rule), detail),
        VerificationReply::TooMany { limit, wait } => too_many(config, limit, wait),
        VerificationReply::Over(item) => {
            let detail = format!("The verification is {}.", json::written(&item.status).trim_matches('"'));
            problems.answer(problem::VERIFICATION_OVER, detail)
        }
    }
}

fn too_many(config: &Config, limit: CodeLimit, wait: Millis) -> HttpAnswer {
    let seconds = ((wait + 999) / 1_000).max(1);
    let (kind, what): (Kind, &str) = match limit {
        CodeLimit::Number => (problem::NUMBER_LIMIT, "This number has had as many verifications as begin in an hour"),
        CodeLimit::Resend => (problem::RESEND_TOO_SOON, "The code was sent a moment ago"),
        CodeLimit::Sends => (problem::SENDS_USED_UP, "The code was sent as often as it is sent"),
    };
    let refusal = Problems { config }.answer(kind, format!("{what}. It is worth asking again in {seconds} s."));
    refusal.with("retry-after", &seconds.to_string())
}
