//! What operations have in common: the problem of each status, and the headers.

use std::collections::BTreeSet;

use protocol::v1::Problem;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::routing::request::Method;
use crate::routing::v1::problem::{self, Kind};

/// Every header that answers have, by its name: what it says, and its type.
const HEADERS: [(&str, &str, &str); 7] = [
    ("RateLimit-Limit", "The most requests that this key may make at once.", "integer"),
    ("RateLimit-Remaining", "How many it may make now.", "integer"),
    ("RateLimit-Reset", "In how many seconds it may make all of them again.", "integer"),
    ("Retry-After", "After how many seconds it is worth trying again.", "integer"),
    ("Idempotency-Replayed", "`true`: this is the answer to the first request with this `Idempotency-Key`.", "string"),
    ("Location", "Where the job can be read.", "string"),
    ("Allow", "The methods that this address takes.", "string"),
];

const RATE: [&str; 3] = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"];

/// `components.headers`.
pub(super) fn headers() -> Value {
    let header = |(name, about, kind)| (name, json!({ "description": about, "schema": { "type": kind } }));
    HEADERS.map(header).into_iter().map(|(name, header)| (name.to_owned(), header)).collect()
}

/// The headers of an answer of this status.
pub(super) fn headers_of(status: u16, method: Method) -> Value {
    let more: &[&str] = match status {
        200..300 if method == Method::Post => &["Idempotency-Replayed"],
        202 if method == Method::Delete => &["Location"],
        405 => &["Allow"],
        409 | 429 | 503 => &["Retry-After"],
        _ => &[],
    };
    let header = |name: &str| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }));
    RATE.into_iter().chain(more.iter().copied()).map(header).collect()
}

/// `components.responses`: for each status what it comes from.
pub(super) fn problems(generator: &mut SchemaGenerator) -> Value {
    let statuses: BTreeSet<u16> = problem::ALL.iter().map(|kind| kind.status).collect();
    let schema = generator.subschema_for::<Problem>();
    let response = |status: u16| {
        let kinds = problem::ALL.iter().filter(|kind| kind.status == status);
        let words: Vec<String> = kinds.map(|Kind { code, title, .. }| format!("`{code}`: {title}.")).collect();
        let content = json!({ "application/problem+json": { "schema": schema } });
        let headers = headers_of(status, Method::Get);
        (name(status), json!({ "description": words.join(" "), "headers": headers, "content": content }))
    };
    Value::Object(statuses.into_iter().map(response).collect::<Map<_, _>>())
}

/// Points to the problem of a status.
pub(super) fn problem(status: u16) -> Value {
    json!({ "$ref": format!("#/components/responses/{}", name(status)) })
}

fn name(status: u16) -> String {
    format!("Problem{status}")
}
