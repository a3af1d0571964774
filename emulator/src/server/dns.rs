//! A resolver that answers by JSON over HTTP (Cloudflare, DNS over HTTPS, JSON format).

use std::collections::BTreeMap;

use serde_json::json;

use super::routes::{json_reply, reply};
use crate::http::Response;

/// Records by name and type, such as `MX`: their data as the resolver writes it. A name without any does not exist.
pub type Records = BTreeMap<(String, String), Vec<String>>;

/// Types and their numbers (RFC 1035, 3.2.2; RFC 3596).
const TYPES: [(&str, u16); 3] = [("A", 1), ("MX", 15), ("AAAA", 28)];

/// NXDOMAIN (RFC 1035, 4.1.1).
const NO_SUCH_NAME: u8 = 3;

pub(super) fn answer(records: &Records, query: &str) -> Response {
    let asked: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let (name, kind) = (asked.get("name").cloned().unwrap_or_default(), asked.get("type").cloned().unwrap_or_default());
    let Some((_, number)) = TYPES.into_iter().find(|(known, _)| *known == kind).filter(|_| !name.is_empty()) else {
        return json_reply(400, &json!({"error": "Invalid query name or type."}));
    };
    let found = records.get(&(name.clone(), kind)).into_iter().flatten();
    let rows: Vec<_> = found.map(|data| json!({"name": name, "type": number, "TTL": 300, "data": data})).collect();
    let status = if records.keys().any(|(known, _)| *known == name) { 0 } else { NO_SUCH_NAME };
    let mut body = json!({
        "Status": status, "TC": false, "RD": true, "RA": true, "AD": false, "CD": false,
        "Question": [{"name": name, "type": number}],
    });
    if !rows.is_empty() {
        body["Answer"] = rows.into();
    }
    reply(200, "application/dns-json", body.to_string())
}
