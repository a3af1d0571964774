//! Carries out what programs ask for by `/v1`: the rules say which objects are asked next, until there is an answer.

use std::cell::RefCell;

use futures_util::stream::{self, StreamExt};
use hotline::config::Config;
use hotline::domain::wrong_keys::WrongKeys;
use hotline::effects::{ObjectReply, ToObject};
use hotline::routing::{Admission, ApiCall, HttpAnswer, Next};
use worker::Env;

use crate::clock::now;
use crate::logging;
use crate::objects::requests::{self, ObjectRequest};

/// Objects that are asked at once: a thousand recipients take twenty times as long as one, and no isolate's memory.
const AT_ONCE: usize = 50;

thread_local! {
    static WRONG_KEYS: RefCell<WrongKeys> = RefCell::default();
}

/// Lets in who has a key; else what is answered.
pub fn admit(admission: &Admission) -> Result<(), HttpAnswer> {
    WRONG_KEYS.with_borrow_mut(|wrong_keys| admission.admit(wrong_keys, now())).map_err(|(log, refusal)| {
        if let Some(line) = log {
            logging::write(&line, &[]);
        }
        refusal
    })
}

/// Answers a program.
pub async fn answer(mut call: ApiCall, env: &Env, config: &Config) -> HttpAnswer {
    let mut replies = Vec::new();
    loop {
        match call.next(config, now(), replies) {
            Next::Ask(messages) => replies = ask(env, messages).await,
            Next::Answer(answer) => return answer,
        }
    }
}

/// The replies, in the order of the messages.
pub async fn ask(env: &Env, messages: Vec<(u64, ToObject)>) -> Vec<ObjectReply> {
    let replies =
        messages.into_iter().map(|(mailbox, message)| requests::tell(env, ObjectRequest::of(mailbox, message)));
    stream::iter(replies).buffered(AT_ONCE).collect().await
}
