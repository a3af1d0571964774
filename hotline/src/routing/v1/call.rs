//! A request of a program, from its key's quota to its answer: a machine that says which objects are asked next, so that the
//! Worker and the simulation carry it out alike.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::operation::Operation;
use super::problem::{self, Problems};
use super::progress::Progress;
use crate::config::Config;
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::messages::api_key::{Begun, Idempotency, KeptAnswer, Message, Quota};
use crate::routing::HttpAnswer;

/// A request of a program whose key is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiCall {
    key: String,
    idempotency: Option<Idempotency>,
    /// What it is for, or why it is refused: that counts as a request too.
    operation: Result<Operation, HttpAnswer>,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Nobody was asked yet.
    New,
    /// The key's object was asked whether it may go on.
    Beginning,
    /// The operation is under way.
    Running(Quota),
    /// The key's object is told the answer.
    Finishing(HttpAnswer),
}

/// What is done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// These objects, each of a hotline's inbox, are told something. Their replies come back in the same order.
    Ask(Vec<(u64, ToObject)>),
    /// It is answered.
    Answer(HttpAnswer),
}

/// The key's object belongs to no hotline.
const NO_HOTLINE: u64 = 0;

/// How soon a copy of a request that is under way is worth sending, in seconds.
const AGAIN_IN_S: &str = "1";

/// The status of what the rules decided against: asked again, they are not asked again.
const DECIDED_AGAINST: u16 = 422;

impl ApiCall {
    pub(super) fn new(key: &str, idempotency: Option<Idempotency>, operation: Result<Operation, HttpAnswer>) -> Self {
        Self { key: key.to_owned(), idempotency, operation, state: State::New }
    }

    /// Goes on with what the objects have said.
    pub fn next(&mut self, config: &Config, now: Millis, replies: Vec<ObjectReply>) -> Next {
        match std::mem::replace(&mut self.state, State::Beginning) {
            State::New => self.tell_key(Message::Begin { idempotency: self.idempotency.clone() }),
            State::Beginning => self.on_begun(config, now, replies),
            State::Running(quota) => {
                let Ok(operation) = &mut self.operation else { return Next::Answer(problem::unavailable(config)) };
                let progress = operation.next(config, now, replies);
                self.on_progress(config, quota, progress)
            }
            State::Finishing(answer) => Next::Answer(answer),
        }
    }

    fn tell_key(&self, message: Message) -> Next {
        Next::Ask(vec![(NO_HOTLINE, ToObject::ApiKey(self.key.clone(), message))])
    }

    fn on_begun(&mut self, config: &Config, now: Millis, replies: Vec<ObjectReply>) -> Next {
        let Some(ObjectReply::Begun(begun)) = replies.into_iter().next() else {
            return Next::Answer(problem::unavailable(config));
        };
        let problems = Problems { config };
        let answer = |quota, answer| Next::Answer(with_quota(answer, quota));
        match begun {
            Begun::Go { number, quota } => {
                let progress = match &mut self.operation {
                    Ok(operation) => {
                        let request = self.idempotency.as_ref().map_or_else(|| number.to_string(), |it| it.id.clone());
                        operation.begin(config, now, &format!("{}/{request}", self.key))
                    }
                    Err(refusal) => Progress::Answer(refusal.clone()),
                };
                self.on_progress(config, quota, progress)
            }
            Begun::TooMany { wait, quota } => {
                let detail = format!("This key has no request left; there is one again in {wait} ms.");
                let refusal = problems.answer(problem::TOO_MANY_REQUESTS, detail);
                answer(quota, refusal.with("retry-after", &seconds(wait).to_string()))
            }
            Begun::Replayed { answer: KeptAnswer { status, body }, quota } => {
                answer(quota, kept(status, body).with("idempotency-replayed", "true"))
            }
            Begun::Conflict { quota } => {
                let detail = "This Idempotency-Key was sent with another body within the last 24 hours.";
                answer(quota, problems.answer(problem::IDEMPOTENCY_CONFLICT, detail))
            }
            Begun::Running { quota } => {
                let detail = "A request with this Idempotency-Key is being carried out.";
                answer(quota, problems.answer(problem::STILL_RUNNING, detail).with("retry-after", AGAIN_IN_S))
            }
        }
    }

    /// The answer to a request with an `Idempotency-Key` is kept where something was done or decided.
    fn on_progress(&mut self, config: &Config, quota: Quota, progress: Progress) -> Next {
        match progress {
            Progress::Ask(messages) => {
                self.state = State::Running(quota);
                Next::Ask(messages)
            }
            Progress::Answer(answer) => {
                let answer = with_quota(answer, quota);
                let Some(Idempotency { id, .. }) = self.idempotency.clone() else { return Next::Answer(answer) };
                let is_kept = (200..300).contains(&answer.status) || answer.status == DECIDED_AGAINST;
                let kept = is_kept.then(|| KeptAnswer { status: answer.status, body: answer.body.clone() });
                self.state = State::Finishing(answer);
                self.tell_key(Message::Finish { id, answer: kept })
            }
            Progress::Unavailable => self.on_progress(config, quota, Progress::Answer(problem::unavailable(config))),
        }
    }
}

/// An answer that was kept: an item, or a problem.
fn kept(status: u16, body: String) -> HttpAnswer {
    if status == DECIDED_AGAINST { problem::kept(status, body) } else { HttpAnswer::json(status, body) }
}

/// Whole seconds, rounded up.
fn seconds(wait: Millis) -> Millis {
    (wait + 999) / 1_000
}

/// The answer with what is left for this key.
fn with_quota(answer: HttpAnswer, quota: Quota) -> HttpAnswer {
    let Quota { limit, remaining, full_in } = quota;
    answer
        .with("ratelimit-limit", &limit.to_string())
        .with("ratelimit-remaining", &remaining.to_string())
        .with("ratelimit-reset", &seconds(full_in).to_string())
}

/// What makes a request the same as another one of its key: its path and its `Idempotency-Key`; and what it says.
pub(super) fn idempotency(path: &str, query: &str, idempotency_key: &str, body: &[u8]) -> Idempotency {
    let hash = |parts: [&[u8]; 3]| {
        let hash = parts.into_iter().fold(Sha256::new(), Sha256::chain_update).finalize();
        URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default())
    };
    Idempotency {
        id: hash([path.as_bytes(), b"\0", idempotency_key.as_bytes()]),
        fingerprint: hash([query.as_bytes(), b"\0", body]),
    }
}
