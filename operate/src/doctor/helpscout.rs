//! Help Scout: the app, its user, the inboxes. At most 40 requests and two an inbox (OPERATE, doctor).

use std::thread;

use hotline::config::{Customers, Hotline, Var};
use hotline::form::encode;
use serde_json::Value;

use super::clock::Clocks;
use super::codes::{Code, Source};
use super::report::{Place, Report};
use crate::asked::Asked;
use crate::failure::{Failure, Outcome};
use crate::helpscout::{HelpScout, refusal};
use crate::http::{Answer, Http, joined, side_by_side};
use crate::project::Project;

/// What is judged here.
const ACCOUNT: &str = "helpscout_account";

/// The smallest plan's requests a minute (Help Scout, Rate limiting): fewer is no plan with the API.
const SMALLEST_LIMIT: u64 = 200;

/// Requests of ours before the user is read: the token, which may count as a write.
const SPENT_BEFORE: u64 = 2;

/// Pages of customers that are read (OPERATE, doctor).
const CUSTOMER_PAGES: u64 = 10;

/// Who may use an inbox: whether the app's user is among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership(bool);

/// What Help Scout answered.
pub struct Account {
    app: Asked<()>,
    /// The code of what is wrong with the app.
    app_fault: Option<Failure>,
    me: Asked<Answer>,
    /// The status of each hotline's inbox, in the hotlines' order.
    inboxes: Vec<Asked<Answer>>,
    members: Vec<Asked<Membership>>,
    /// The inbox for alerts.
    alerts: Asked<Answer>,
    pub webhooks: Asked<Vec<Value>>,
    pub customers: Asked<Vec<Value>>,
}

impl Account {
    fn without(app: Asked<()>, app_fault: Option<Failure>, me: Asked<Answer>, hotlines: usize, why: &str) -> Self {
        let failed = why.to_owned();
        Self {
            app,
            app_fault,
            me,
            inboxes: vec![Asked::Failed(failed.clone()); hotlines],
            members: vec![Asked::Failed(failed.clone()); hotlines],
            alerts: Asked::Failed(failed.clone()),
            webhooks: Asked::Failed(failed.clone()),
            customers: Asked::Failed(failed),
        }
    }
}

/// Asks Help Scout.
pub fn read(http: &Http, project: &Project, hotlines: &[&Hotline], clocks: &Clocks, report: &Report) -> Account {
    use Source::{App, Inboxes, Me, Members, Webhooks};
    let count = hotlines.len();
    if !report.wants(&[App, Me, Inboxes, Members, Webhooks, Source::Customers, Source::Clocks]) {
        let nothing = Account::without(Asked::Not, None, Asked::Not, 0, "");
        return Account { alerts: Asked::Not, webhooks: Asked::Not, customers: Asked::Not, ..nothing };
    }
    let helpscout = match HelpScout::new(http, project) {
        Ok(helpscout) => helpscout,
        Err(failure) if failure.code == "secret_missing" => {
            let why = failure.message;
            return Account::without(Asked::Failed(why.clone()), None, Asked::Failed(why.clone()), count, &why);
        }
        Err(failure) => {
            let why = failure.code.clone();
            let me = Asked::Failed(why.clone());
            return Account::without(Asked::Answered(()), Some(failure), me, count, &why);
        }
    };
    let me = match helpscout.get("users/me") {
        Ok(answer) => answer,
        Err(failure) => {
            let why = failure.code.clone();
            let me = Asked::Failed(why.clone());
            return Account::without(Asked::Answered(()), Some(failure), me, count, &why);
        }
    };
    clocks.look(ACCOUNT, &me);
    if !me.is_success() {
        let fault = refusal(&me);
        let why = if me.status == 403 { "helpscout_no_access".to_owned() } else { fault.code.clone() };
        let fault = (me.status != 403).then_some(fault);
        return Account::without(Asked::Answered(()), fault, Asked::Answered(me), count, &why);
    }
    let domain = match &project.config.customers {
        Some(Customers::Email { domain }) if report.wants(&[Source::Customers]) => Some(domain.as_str()),
        _ => None,
    };
    thread::scope(|scope| {
        let webhooks = scope.spawn(|| Asked::when(report.wants(&[Webhooks]), || helpscout.webhooks().into()));
        let customers = scope.spawn(|| domain.map_or(Asked::Not, |domain| customers(&helpscout, domain).into()));
        let alerts = scope.spawn(|| match alerts_inbox(project).filter(|_| report.wants(&[Inboxes])) {
            Some(inbox) => helpscout.get(&format!("mailboxes/{inbox}")).into(),
            None => Asked::Not,
        });
        let inboxes = side_by_side(hotlines, |hotline| {
            Asked::when(report.wants(&[Inboxes]), || helpscout.get(&format!("mailboxes/{}", hotline.mailbox)).into())
        });
        let asks_members = report.wants(&[Members]) && !is_in_charge(&me.body);
        let members = side_by_side(hotlines, |hotline| {
            Asked::when(asks_members, || membership(&helpscout, hotline.mailbox, &me.body).into())
        });
        Account {
            app: Asked::Answered(()),
            app_fault: None,
            me: Asked::Answered(me.clone()),
            inboxes,
            members,
            alerts: joined(alerts),
            webhooks: joined(webhooks),
            customers: joined(customers),
        }
    })
}

/// `ALERTS.mailbox`, where it is written.
fn alerts_inbox(project: &Project) -> Option<u64> {
    project.files().vars().iter().find_map(|(name, var)| match var {
        Var::Json(alerts) if name == "ALERTS" => alerts["mailbox"].as_u64(),
        _ => None,
    })
}

/// Owners and admins may use every inbox.
fn is_in_charge(user: &Value) -> bool {
    matches!(user["role"].as_str(), Some("owner" | "admin"))
}

fn membership(helpscout: &HelpScout, inbox: u64, me: &Value) -> Outcome<Membership> {
    let inbox_id = inbox.to_string();
    let email = me["email"].as_str().unwrap_or_default();
    let answer = helpscout.get(&format!("users?{}", encode(&[("mailbox", &inbox_id), ("email", email)])))?;
    let users = answer.body["_embedded"]["users"].as_array().filter(|_| answer.is_success());
    let is_among = users.into_iter().flatten().any(|user| user["id"] == me["id"]);
    let is_whole = answer.is_success() && answer.body["page"]["totalPages"].as_u64().is_some_and(|pages| pages <= 1);
    if is_among || is_whole {
        Ok(Membership(is_among))
    } else {
        let message = format!("the users of inbox {inbox} could not be read whole");
        Err(Failure::new("helpscout_unreadable", message))
    }
}

/// Customers with an address at our domain, in the order in which Help Scout tells them.
fn customers(helpscout: &HelpScout, domain: &str) -> Outcome<Vec<Value>> {
    let query = format!("(email:\"@{domain}\")");
    let mut all = Vec::new();
    for page in 1..=CUSTOMER_PAGES {
        let number = page.to_string();
        let answer = helpscout.get(&format!("customers?{}", encode(&[("query", &query), ("page", &number)])))?;
        if !answer.is_success() {
            return Err(refusal(&answer));
        }
        all.extend(answer.body["_embedded"]["customers"].as_array().into_iter().flatten().cloned());
        if answer.body["page"]["totalPages"].as_u64().is_none_or(|pages| pages <= page) {
            break;
        }
    }
    Ok(all)
}

/// Judges the app, its user and the inboxes.
pub fn judge(account: &Account, hotlines: &[&Hotline], report: &mut Report) {
    report.take(&account.app, Source::App);
    if let Some(fault) = &account.app_fault {
        let refused = fault.code == "helpscout_app_refused";
        let code = if refused { Code::HelpscoutAppRefused } else { Code::HelpscoutUnreachable };
        let field = if refused { "HELPSCOUT_APP_SECRET" } else { "HELPSCOUT_API_URL" };
        report.find(code, Place::new(ACCOUNT, field), fault.message.as_str(), Value::Null);
    }
    if let Some(me) = report.take(&account.me, Source::Me) {
        judge_me(me, report);
    }
    judge_inboxes(account, hotlines, report);
    let status = report.take(&account.alerts, Source::Inboxes).map(|answer| answer.status);
    if let Some(status @ (403 | 404)) = status {
        report.find(Code::AlertsInbox, Place::new("helpscout_inbox", "ALERTS.mailbox"), status, 200);
    }
}

fn judge_me(me: &Answer, report: &mut Report) {
    if me.status == 403 {
        report.find(Code::HelpscoutNoAccess, Place::new(ACCOUNT, "users/me"), me.status, 200);
    }
    let number = |name: &str| me.header(name).and_then(|text| text.parse::<u64>().ok());
    let (limit, left) = (number("x-ratelimit-limit-minute"), number("x-ratelimit-remaining-minute"));
    let (Some(limit), Some(left)) = (limit, left) else {
        return report.skip_code(Code::HelpscoutRateLow, "Help Scout did not say how many requests a minute it allows");
    };
    let by_others = limit.saturating_sub(left).saturating_sub(SPENT_BEFORE + 1);
    if limit < SMALLEST_LIMIT {
        let place = Place::new(ACCOUNT, "X-RateLimit-Limit-Minute");
        report.find(Code::HelpscoutRateLow, place, limit, SMALLEST_LIMIT);
    } else if by_others * 2 >= limit {
        let place = Place::new(ACCOUNT, "X-RateLimit-Remaining-Minute");
        report.find(Code::HelpscoutRateLow, place, left, format!("more than half of {limit}"));
    }
}

fn judge_inboxes(account: &Account, hotlines: &[&Hotline], report: &mut Report) {
    const NOT_FOUND: u16 = 404;
    let status = |asked: &Asked<Answer>| asked.answer().map(|answer| answer.status);
    let gone = account.inboxes.iter().filter(|asked| status(asked) == Some(NOT_FOUND)).count();
    let is_other_account = gone > 0 && gone == hotlines.len();
    if is_other_account {
        let inboxes: Vec<u64> = hotlines.iter().map(|hotline| hotline.mailbox).collect();
        report.find(Code::HelpscoutOtherAccount, Place::new(ACCOUNT, "mailbox"), Value::Null, inboxes);
        report.skip(Source::Members, "helpscout_other_account");
        return;
    }
    for ((hotline, inbox), member) in hotlines.iter().zip(&account.inboxes).zip(&account.members) {
        let place =
            || Place::new("helpscout_inbox", "mailbox").of(hotline.api_name()).named(&hotline.mailbox.to_string());
        let status = report.take(inbox, Source::Inboxes).map(|answer| answer.status);
        match status {
            Some(NOT_FOUND) => {
                report.find(Code::InboxUnknown, place(), Value::Null, hotline.mailbox);
                continue;
            }
            Some(403) => {
                report.find(Code::InboxNoAccess, place(), 403, 200);
                continue;
            }
            Some(status) if status >= 400 => report.skip(Source::Inboxes, &format!("Help Scout answers {status}")),
            _ => {}
        }
        if let Some(Membership(false)) = report.take(member, Source::Members) {
            report.find(Code::InboxNoAccess, place(), "the app's user is not among its users", "access");
        }
    }
}
