//! Compares every request and every answer with Twilio's own OpenAPI description.
//!
//! The description knows names, types, patterns and enums; what a call does is written from Twilio's pages. A violation
//! changes no answer: tests ask for [`Twilio::violations`](super::Twilio::violations) at their end.

mod description;
mod values;

use serde_json::{Map, Value};

use crate::http::{Request, Response};
use description::{Described, Operation};

/// Violations kept; the first one is what a test needs.
const KEPT: usize = 100;

/// What stands in other descriptions of Twilio's than those that we have: senders of WhatsApp, prices, regions of numbers,
/// where calls may go, alerts.
const NOT_DESCRIBED: [&str; 5] = [
    "/v2/Channels/Senders",
    "/v1/PhoneNumbers/Countries/",
    "/routes/v2/PhoneNumbers/",
    "/v1/DialingPermissions/Countries/",
    "/v1/Alerts",
];

/// The Account resource itself, which our reduction of the description does not have either.
const ACCOUNT: &str = "/2010-04-01/Accounts/";

/// Sids that are sent empty to take one away; the published patterns do not know that.
const MAY_BE_EMPTY: [&str; 3] = ["SmsApplicationSid", "VoiceApplicationSid", "TrunkSid"];

/// Party that differs from the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The caller, by its request.
    Caller,
    /// This emulator's answer.
    Emulator,
}

/// One way in which a request or an answer differs from Twilio's description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Party that differs.
    pub party: Party,
    /// The operation, or method and path when there is none.
    pub operation: String,
    /// The name and what is wrong with it.
    pub problem: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { party, operation, problem } = self;
        write!(formatter, "{party:?}: {operation}: {problem}")
    }
}

/// The violations of one account.
#[derive(Debug, Default)]
pub(super) struct Conformance {
    pub(super) violations: Vec<Violation>,
}

impl Conformance {
    /// Compares one exchange with the description.
    pub(super) fn check(&mut self, request: &Request, response: &Response) {
        let path = request.target.split('?').next().unwrap_or_default();
        let is_account = path.strip_prefix(ACCOUNT).is_some_and(|rest| !rest.contains('/'));
        if is_account || NOT_DESCRIBED.iter().any(|beginning| path.starts_with(beginning)) {
            return;
        }
        let Some(described) = description::find(&request.method, path) else {
            let operation = format!("{} {path}", request.method);
            return self.add(Party::Caller, &operation, vec!["no such operation".into()]);
        };
        let Described { operation, params, file } = &described;
        self.add(Party::Caller, operation.name, request_problems(operation, params, request));
        let answer = if *file && response.status < 400 { vec![] } else { answer_problems(operation, response) };
        self.add(Party::Emulator, operation.name, answer);
    }

    fn add(&mut self, party: Party, operation: &str, problems: Vec<String>) {
        let conference = KEPT.saturating_sub(self.violations.len());
        let violation = |problem| Violation { party, operation: operation.to_owned(), problem };
        self.violations.extend(problems.into_iter().take(conference).map(violation));
    }
}

fn request_problems(operation: &Operation, path: &[(&str, String)], request: &Request) -> Vec<String> {
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let pairs = |text: &[u8]| form_urlencoded::parse(text).into_owned().collect::<Vec<_>>();
    let path: Vec<_> = path.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let mut problems = params_problems("path", operation.path, &path);
    problems.extend(params_problems("query", operation.query, &pairs(query.as_bytes())));
    match operation.form {
        None if !request.body.is_empty() => problems.push("a body where none is described".into()),
        None => {}
        Some(form) => {
            let kind = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            let kind = kind.map_or("", |(_, value)| value.split(';').next().unwrap_or_default().trim());
            if kind != operation.content {
                problems.push(format!("Content-Type is {kind:?}, not {}", operation.content));
            }
            let pairs = pairs(&request.body);
            let missing = |name: &&&str| !pairs.iter().any(|(key, _)| key == **name);
            problems.extend(operation.required.iter().filter(missing).map(|name| format!("`{name}` is missing")));
            problems.extend(params_problems("form", Some(form), &pairs));
        }
    }
    problems
}

/// Parameters that are unknown, repeated without being a list, or of another type.
fn params_problems(place: &str, known: Option<&Map<String, Value>>, given: &[(String, String)]) -> Vec<String> {
    let mut problems = Vec::new();
    for (at, (name, text)) in given.iter().enumerate() {
        let Some(schema) = known.and_then(|known| known.get(name)) else {
            problems.push(format!("unknown {place} parameter `{name}`"));
            continue;
        };
        let repeated = given.iter().take(at).any(|(earlier, _)| earlier == name);
        if repeated && schema.get("type").is_none_or(|kind| kind != "array") {
            problems.push(format!("{place} parameter `{name}` stands twice"));
        }
        if text.is_empty() && MAY_BE_EMPTY.contains(&name.as_str()) {
            continue;
        }
        problems
            .extend(values::text_problem(schema, text).map(|problem| format!("{place} parameter `{name}` {problem}")));
    }
    problems
}

fn answer_problems(operation: &Operation, response: &Response) -> Vec<String> {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    if response.status >= 400 {
        return error_problems(response.status, &body);
    }
    let Some(schema) = operation.responses.get(response.status.to_string()) else {
        return vec![format!("status {} is not described", response.status)];
    };
    match schema.as_object().is_none_or(Map::is_empty) {
        true if response.body.is_empty() => vec![],
        true => vec![format!("status {} has a body", response.status)],
        false => {
            let mut problems = Vec::new();
            values::json_problems(schema, &body, "", &mut problems);
            problems
        }
    }
}

/// The description has no errors: Twilio, "Twilio's response", says that they have these four members.
fn error_problems(status: u16, body: &Value) -> Vec<String> {
    let members: Vec<&str> = body.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
    let good = members == ["code", "message", "more_info", "status"]
        && body["code"].is_u64()
        && body["message"].is_string()
        && body["more_info"].is_string()
        && body["status"] == status;
    if good { vec![] } else { vec![format!("status {status} without Twilio's error: {body}")] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MESSAGES: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json";
    const SENT: &str = "To=%2B15550100100&From=%2B15550100001&Body=Hi&StatusCallback=https%3A%2F%2Fh%2Fs";

    fn form(target: &str, body: &str) -> Request {
        let headers = vec![("content-type".into(), "application/x-www-form-urlencoded".into())];
        Request { method: "POST".into(), target: target.into(), headers, body: body.into() }
    }

    fn get(target: &str) -> Request {
        Request { method: "GET".into(), target: target.into(), headers: vec![], body: vec![] }
    }

    /// What is wrong with a request; the answer is an error of Twilio's, which is always good.
    fn problems(request: &Request) -> Vec<String> {
        let body = json!({"code": 20404, "message": "", "more_info": "", "status": 404}).to_string().into_bytes();
        let mut conformance = Conformance::default();
        conformance.check(request, &Response { status: 404, headers: vec![], body });
        conformance.violations.iter().map(|violation| violation.problem.clone()).collect()
    }

    #[test]
    fn a_request_that_differs_is_named() {
        let one = |body: &str| problems(&form(MESSAGES, body));
        let list = |query: &str| problems(&get(&format!("{MESSAGES}?{query}")));
        assert_eq!(one(SENT), [""; 0]);
        assert_eq!(one(&format!("{SENT}&MediaUrl=https%3A%2F%2Fh%2F1&MediaUrl=https%3A%2F%2Fh%2F2")), [""; 0]);
        assert_eq!(one("From=%2B15550100001&Body=Hi"), ["`To` is missing"]);
        assert_eq!(one(&format!("{SENT}&Text=Hi")), ["unknown form parameter `Text`"]);
        assert_eq!(one(&format!("{SENT}&Body=Hi")), ["form parameter `Body` stands twice"]);
        assert_eq!(
            one(&format!("{SENT}&RiskCheck=off")),
            ["form parameter `RiskCheck` is \"off\", not one of \"enable\", \"disable\""]
        );
        assert_eq!(
            one(&format!("{SENT}&ValidityPeriod=soon")),
            ["form parameter `ValidityPeriod` is \"soon\", not an integer"]
        );
        assert_eq!(
            one(&format!("{SENT}&MessagingServiceSid=MG1")),
            ["form parameter `MessagingServiceSid` is \"MG1\", not ^MG[0-9a-fA-F]{32}$"]
        );
        assert_eq!(one("To=1&StatusCallback=%2Fs"), ["form parameter `StatusCallback` is \"/s\", not a uri"]);
        assert_eq!(list("To=%2B15550100100&PageSize=50&DateSent%3E=2026-11-20"), [""; 0]);
        assert_eq!(list("Direction=inbound"), ["unknown query parameter `Direction`"]);
        assert_eq!(list("DateSent%3E=yesterday"), ["query parameter `DateSent>` is \"yesterday\", not a date-time"]);
        let json =
            Request { headers: vec![("Content-Type".into(), "application/json".into())], ..form(MESSAGES, SENT) };
        assert_eq!(problems(&json), ["Content-Type is \"application/json\", not application/x-www-form-urlencoded"]);
        let account = get("/2010-04-01/Accounts/AC1/Messages.json");
        assert_eq!(problems(&account), ["path parameter `AccountSid` is \"AC1\", not ^AC[0-9a-fA-F]{32}$"]);
        assert_eq!(problems(&get("/2010-04-01/Accounts.xml")), ["no such operation"]);
        assert_eq!(problems(&form(&MESSAGES.replace("Messages", "Recordings"), "")), ["no such operation"]);
    }

    #[test]
    fn files_are_served_where_their_resource_is_described() {
        let recording = MESSAGES.replace("Messages.json", "Recordings/RE00000000000000000000000000000000.mp3");
        assert_eq!(problems(&get(&recording)), [""; 0]);
        assert_eq!(problems(&get(&recording.replace("RE0", "R0"))).len(), 1);
    }

    #[test]
    fn an_answer_that_differs_is_named() {
        let found = |status: u16, body: &Value| {
            let mut conformance = Conformance::default();
            let body = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
            conformance.check(&form(MESSAGES, SENT), &Response { status, headers: vec![], body });
            conformance.violations.iter().map(|violation| violation.problem.clone()).collect::<Vec<_>>()
        };
        let message = json!({
            "account_sid": "AC00000000000000000000000000000000", "api_version": "2010-04-01", "body": "Hi",
            "date_created": "Thu, 24 Aug 2023 05:01:45 +0000", "date_sent": null,
            "date_updated": "Thu, 24 Aug 2023 05:01:45 +0000", "direction": "outbound-api", "error_code": null,
            "error_message": null, "from": "+15550100001", "messaging_service_sid": null, "num_media": "0",
            "num_segments": "1", "price": null, "price_unit": "USD", "sid": "SM00000000000000000000000000000000",
            "status": "queued", "subresource_uris": {"media": "/m"}, "to": "+15550100100", "uri": "/u",
        });
        assert_eq!(found(201, &message), [""; 0]);
        let with = |name: &str, value: Value| {
            let mut changed = message.clone();
            changed[name] = value;
            found(201, &changed)
        };
        assert_eq!(with("num_media", json!(0)), ["`num_media` is 0, not a string"]);
        assert_eq!(with("status", json!("lost")).len(), 1);
        assert_eq!(with("sid", json!("SM1")), ["`sid` is \"SM1\", not ^(SM|MM)[0-9a-fA-F]{32}$"]);
        assert_eq!(
            with("date_created", json!("2023-08-24")),
            ["`date_created` is \"2023-08-24\", not a date-time-rfc-2822"]
        );
        assert_eq!(with("status", Value::Null), ["`status` is null, not a string"]);
        assert_eq!(with("mood", json!("good")), ["unknown member `mood`"]);
        let mut without = message.clone();
        without.as_object_mut().unwrap().remove("price");
        assert_eq!(found(201, &without), ["`price` is missing"]);
        assert_eq!(found(200, &message), ["status 200 is not described"]);
        assert_eq!(found(400, &json!({"message": "no"})).len(), 1);
    }
}
