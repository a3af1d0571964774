//! Twilio's account: whether it answers to each of our credentials, what state it is in, what is left.

use std::thread;

use hotline::config::Var;
use serde_json::Value;

use super::clock::Clocks;
use super::codes::{Code, Severity, Source};
use super::report::{Place, Report};
use crate::asked::Asked;
use crate::failure::Outcome;
use crate::http::{Answer, Credentials, Http, NoAnswer, joined};
use crate::price::Price;
use crate::project::Project;
use crate::twilio::{Host, Twilio, account_url};

/// What is judged here.
const RESOURCE: &str = "twilio_account";

/// "Account not active" (Twilio, error dictionary).
const NOT_ACTIVE: u32 = 20005;

/// What is judged by something of Twilio's.
const SOURCES: [Source; 18] = [
    Source::Clocks,
    Source::Token,
    Source::ApiKey,
    Source::NextToken,
    Source::Account,
    Source::Balance,
    Source::Numbers,
    Source::Regions,
    Source::Services,
    Source::Pools,
    Source::Campaigns,
    Source::Brands,
    Source::TollFree,
    Source::Senders,
    Source::Countries,
    Source::Calls,
    Source::Texts,
    Source::Alerts,
];

/// What an account answers to credentials.
#[derive(Clone, Debug, PartialEq)]
pub enum Login {
    /// It lets them in; what it showed.
    In(Value),
    /// It is closed or suspended, and lets nobody in.
    Inactive,
    /// It refuses them.
    Refused(u16),
    /// It does not answer, or with an error of its own.
    Silent(String),
}

/// What the account answered.
pub struct Account {
    token: Asked<Login>,
    key: Asked<Login>,
    next: Asked<Login>,
    balance: Asked<Value>,
}

/// Signs in with all that there is. What else is asked of Twilio is asked with what was let in, or not at all.
pub fn read<'a>(
    http: &'a Http,
    project: &'a Project,
    clocks: &Clocks,
    report: &Report,
) -> (Account, Result<Twilio<'a>, String>) {
    if !report.wants(&SOURCES) {
        let account = Account { token: Asked::Not, key: Asked::Not, next: Asked::Not, balance: Asked::Not };
        return (account, Err("nobody wants to know".to_owned()));
    }
    let sid = match project.needed_secret("TWILIO_ACCOUNT_SID") {
        Ok(sid) => sid.expose().to_owned(),
        Err(failure) => {
            let why = failure.message;
            let (token, balance) = (Asked::Failed(why.clone()), Asked::Failed(why.clone()));
            let account = Account { token, key: Asked::Not, next: Asked::Not, balance };
            return (account, Err(why));
        }
    };
    let url = account_url(&project.config, &sid);
    let log_in = |user: &str, password, path: &str| {
        let credentials = Credentials::Basic(user.to_owned(), password);
        let answer = http.get(&format!("{url}{path}"), &credentials);
        if let Ok(answer) = &answer {
            clocks.look(RESOURCE, answer);
        }
        login(answer)
    };
    let pair = project.secret("TWILIO_API_KEY_SID").zip(project.secret("TWILIO_API_KEY_SECRET"));
    let token = project.needed_secret("TWILIO_AUTH_TOKEN");
    let next = project.secret("TWILIO_AUTH_TOKEN_NEXT").filter(|_| report.wants(&[Source::NextToken]));
    let (by_token, by_key, by_next) = thread::scope(|scope| {
        let by_key = scope.spawn(|| {
            let asked = pair.clone().map(|(key, secret)| log_in(key.expose(), secret, "/Balance.json"));
            asked.map_or(Asked::Not, Asked::Answered)
        });
        let by_next = scope.spawn(|| next.map_or(Asked::Not, |next| Asked::Answered(log_in(&sid, next, ".json"))));
        let by_token = Asked::from(token.clone()).map(|token| log_in(&sid, token, ".json"));
        (by_token, joined(by_key), joined(by_next))
    });
    let signed_in = |user: &str, password| {
        Twilio::signed_in(http, &project.config, sid.clone(), Credentials::Basic(user.to_owned(), password))
    };
    let twilio = match (&by_key, &by_token, pair, token) {
        (Asked::Answered(Login::In(_)), _, Some((key, secret)), _) => Ok(signed_in(key.expose(), secret)),
        (_, Asked::Answered(Login::In(_)), _, Ok(token)) => Ok(signed_in(&sid, token)),
        (_, Asked::Answered(Login::Inactive), ..) => Err("twilio_account_inactive".to_owned()),
        (_, Asked::Answered(Login::Silent(_)), ..) => Err("twilio_unreachable".to_owned()),
        (_, Asked::Answered(_), ..) => Err("twilio_token_refused".to_owned()),
        (_, Asked::Failed(why), ..) => Err(why.clone()),
        _ => Err("twilio_api_key_refused".to_owned()),
    };
    let balance = match (&by_key, &twilio) {
        (Asked::Answered(Login::In(balance)), _) => Asked::Answered(balance.clone()),
        (_, Ok(twilio)) => Asked::when(report.wants(&[Source::Balance]), || balance(twilio).into()),
        (_, Err(why)) => Asked::Failed(why.clone()),
    };
    (Account { token: by_token, key: by_key, next: by_next, balance }, twilio)
}

fn balance(twilio: &Twilio) -> Outcome<Value> {
    twilio.read(Host::Account, "Balance.json").map(Option::unwrap_or_default)
}

fn login(answer: Result<Answer, NoAnswer>) -> Login {
    match answer {
        Ok(answer) if answer.is_success() && answer.body.is_object() => Login::In(answer.body),
        Ok(answer) if answer.is_success() => Login::Silent("an answer that is not Twilio's".to_owned()),
        Ok(answer) if answer.body["code"] == NOT_ACTIVE => Login::Inactive,
        Ok(answer) if matches!(answer.status, 401 | 403) => Login::Refused(answer.status),
        // An account that is not there is as good as refused (error 20404).
        Ok(answer) if answer.status == 404 => Login::Refused(answer.status),
        Ok(answer) => Login::Silent(answer.status.to_string()),
        Err(NoAnswer(reason)) => Login::Silent(reason),
    }
}

/// Judges the account.
pub fn judge(account: &Account, project: &Project, report: &mut Report) {
    let place = |field: &str| Place::new(RESOURCE, field);
    match report.take(&account.token, Source::Token) {
        Some(Login::In(it)) => judge_state(it, report),
        Some(Login::Inactive) => {
            report.find(Code::TwilioAccountInactive, place("status"), "not active (error 20005)", "active");
            report.skip_code(Code::TwilioTrial, "twilio_account_inactive");
        }
        Some(Login::Refused(status)) => {
            report.find(Code::TwilioTokenRefused, place("TWILIO_AUTH_TOKEN"), *status, 200);
            report.skip(Source::Account, "twilio_token_refused");
        }
        Some(Login::Silent(how)) => {
            report.find(Code::TwilioUnreachable, place("TWILIO_API_URL"), how.as_str(), 200);
            report.skip(Source::Account, "twilio_unreachable");
        }
        None => report.skip(Source::Account, "TWILIO_AUTH_TOKEN is nowhere"),
    }
    match report.take(&account.key, Source::ApiKey) {
        Some(Login::Refused(status)) => {
            report.find(Code::TwilioApiKeyRefused, place("TWILIO_API_KEY_SECRET"), *status, 200);
        }
        Some(Login::Silent(how)) => report.skip(Source::ApiKey, &format!("Twilio's answer to the API key: {how}")),
        Some(Login::In(_) | Login::Inactive) | None => {}
    }
    match report.take(&account.next, Source::NextToken) {
        Some(Login::Refused(status)) => {
            report.find(Code::TwilioTokenNextRefused, place("TWILIO_AUTH_TOKEN_NEXT"), *status, 200);
        }
        Some(Login::Silent(how)) => {
            report.skip(Source::NextToken, &format!("Twilio's answer to the next token: {how}"));
        }
        Some(Login::In(_) | Login::Inactive) | None => {}
    }
    if let Some(balance) = report.take(&account.balance, Source::Balance) {
        judge_balance(balance, project, report);
    }
}

fn judge_state(account: &Value, report: &mut Report) {
    if let Some(status @ ("suspended" | "closed")) = account["status"].as_str() {
        report.find(Code::TwilioAccountInactive, Place::new(RESOURCE, "status"), status, "active");
    }
    if account["type"] == "Trial" {
        report.find(Code::TwilioTrial, Place::new(RESOURCE, "type"), "Trial", "Full");
    }
}

fn judge_balance(balance: &Value, project: &Project, report: &mut Report) {
    let Some(text) = balance["balance"].as_str() else {
        return report.skip(Source::Balance, "Twilio does not say what is left");
    };
    let below = project.files().vars().iter().find_map(|(name, var)| match var {
        Var::Json(alerts) if name == "ALERTS" => Some(alerts["balance_below"].clone()),
        _ => None,
    });
    let below = below.filter(|it| !it.is_null()).map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
    let nothing = text.starts_with('-') || Price::parse(text).is_ok_and(|left| left == Price::default());
    let low = below.as_deref().and_then(|below| Price::parse(below).ok());
    let is_low = low.zip(Price::parse(text).ok()).is_some_and(|(below, left)| left < below);
    if nothing || is_low {
        let severity = if nothing { Severity::Error } else { Severity::Warning };
        let wanted = format!("at least {}", below.as_deref().unwrap_or("0.01"));
        report.find_as(Code::BalanceLow, severity, Place::new(RESOURCE, "balance"), text, wanted);
    }
}
