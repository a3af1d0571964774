//! Twilio's account: whether it takes our credentials, whether it is active, what is left on it, and which numbers are its.

use protocol::health::Credentials;

use super::StepContext;
use super::known::Known;
use super::run::{Ask, Run};
use crate::api::{Method, Request, Response, Service};
use crate::config::Config;
use crate::effects::{Body, Outcome};
use crate::health::senders_of;
use crate::json::Document;
use crate::messages::monitor::Seen;
use crate::twilio::request::fetch;

/// What is asked. An API key may not read the account itself (Twilio, API keys: standard keys); what it is refused says nothing.
pub(super) fn asks(config: &Config) -> Vec<Ask> {
    let account = config.secrets.twilio_api_key.is_none().then_some(Ask::Account);
    let numbers = Ask::Numbers { path: numbers(config), ours: Vec::new() };
    account.into_iter().chain([Ask::Balance, numbers]).collect()
}

fn base(config: &Config) -> String {
    format!("/2010-04-01/Accounts/{}", config.secrets.twilio_account_sid)
}

/// As many numbers on a page as Twilio allows (IncomingPhoneNumbers: 1,000).
fn numbers(config: &Config) -> String {
    format!("{}/IncomingPhoneNumbers.json?PageSize=1000", base(config))
}

pub(super) fn account(config: &Config) -> Request {
    get(format!("{}.json", base(config)))
}

pub(super) fn balance(config: &Config) -> Request {
    fetch(&config.secrets.twilio_account_sid, "Balance")
}

pub(super) fn get(path: String) -> Request {
    Request { service: Service::Twilio, method: Method::Get, path, body: Body::Empty }
}

/// What an answer says of our credentials; `None` when it says nothing of them.
fn credentials(outcome: &Outcome) -> Option<Credentials> {
    match outcome {
        Outcome::Answered(response) if response.is_success() => Some(Credentials::Ok),
        Outcome::Answered(response) if response.status == 401 => Some(Credentials::Refused),
        Outcome::Answered(response) if response.status >= 500 => Some(Credentials::Unreachable),
        Outcome::Answered(_) => None,
        Outcome::Lost | Outcome::TimedOut => Some(Credentials::Unreachable),
    }
}

fn seen(ctx: &StepContext, known: &mut Known, outcome: &Outcome) {
    if let Some(is) = credentials(outcome) {
        known.found.twilio = Some(Seen::again(known.found.twilio.as_ref(), is, ctx.now));
        known.account_at = Some(ctx.now);
    }
}

pub(super) fn on_account(ctx: &StepContext, known: &mut Known, outcome: &Outcome) {
    seen(ctx, known, outcome);
    if let Some(response) = success(outcome) {
        let status = response.json().string("status");
        known.found.inactive = Some(status).filter(|status| !matches!(status.as_str(), "" | "active"));
    }
}

pub(super) fn on_balance(ctx: &StepContext, known: &mut Known, outcome: &Outcome) {
    seen(ctx, known, outcome);
    let Some(response) = success(outcome) else { return };
    let json = response.json();
    let (amount, currency) = (json.string("balance"), json.string("currency"));
    let Ok(number) = amount.parse::<f64>() else { return };
    // Nothing is low that nobody wants to hear of, but for an account that is empty.
    let is_low = number <= 0.0 || ctx.config.alerts.balance_below.is_some_and(|least| number < least);
    let since = known.found.balance_low_since;
    known.found.balance_low_since = is_low.then(|| since.unwrap_or(ctx.now));
    known.found.balance = Some((amount, currency));
}

/// A page of numbers; once all are known, each sender of ours is among them or is not. Services and WhatsApp senders are at
/// other hosts of Twilio, which the Worker does not ask.
pub(super) fn on_numbers(
    ctx: &StepContext,
    run: &mut Run,
    known: &mut Known,
    mut ours: Vec<String>,
    outcome: &Outcome,
) {
    let Some(response) = success(outcome) else { return };
    let json = response.json();
    if !json.at("incoming_phone_numbers").is_array() {
        return;
    }
    ours.extend(json.at("incoming_phone_numbers").items().iter().map(|number| number.string("phone_number")));
    let next = json.string("next_page_uri");
    if !next.is_empty() {
        // Only our own account's numbers are asked for, whatever the answer says.
        if next.starts_with(&format!("{}/IncomingPhoneNumbers.json?", base(ctx.config))) {
            run.todo.push_front(Ask::Numbers { path: next, ours });
        }
        return;
    }
    let senders = ctx.config.shown_hotlines().flat_map(senders_of).filter(|sender| sender.starts_with('+'));
    let was = std::mem::take(&mut known.found.senders);
    known.found.senders = senders
        .map(|sender| {
            let seen = Seen::again(was.get(&sender), ours.contains(&sender), ctx.now);
            (sender, seen)
        })
        .collect();
}

fn success(outcome: &Outcome) -> Option<&Response> {
    if let Outcome::Answered(response) = outcome {
        Some(response).filter(|response| response.is_success())
    } else {
        None
    }
}
