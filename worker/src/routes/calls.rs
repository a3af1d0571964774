//! A call's object is told what Twilio says, and says what comes next.

use hotline::call::Reception;
use hotline::config::Config;
use hotline::routing::{CallRequest, HttpAnswer};
use worker::Env;

use super::to_object;
use crate::objects::requests;

/// Asks the caller's object, then the call's.
pub async fn answer(call: &CallRequest, env: &Env, config: &Config) -> HttpAnswer {
    let reception = match call.caller() {
        // A call is received as usual when it could not be asked.
        Some(question) => requests::request(env, call.mailbox, question).await.unwrap_or_default(),
        None => Reception::default(),
    };
    let reply = to_object(env, call.mailbox, call.message(reception)).await;
    call.answer(reply, config)
}
