//! Responses as JSON (Twilio, "Twilio's response" and the Message and Media resources).

use serde_json::{Map, Value, json};
use time::{
    OffsetDateTime,
    format_description::well_known::{Rfc2822, Rfc3339},
};

use super::media::Media;
use super::messages::{Message, account_path};
use crate::http::Response;

/// An error: the body has exactly the keys `code`, `message`, `more_info` and `status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: u32,
    pub(super) message: String,
}

impl ApiError {
    pub(super) fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(super) fn bad(code: u32, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(super) fn not_found(path: &str) -> Self {
        Self::new(404, 20404, format!("The requested resource {path} was not found"))
    }
}

impl From<ApiError> for Response {
    fn from(error: ApiError) -> Self {
        let ApiError { status, code, message } = error;
        let more_info = format!("https://www.twilio.com/docs/errors/{code}");
        respond(status, &json!({"code": code, "message": message, "more_info": more_info, "status": status}))
    }
}

pub(super) fn respond(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type".into(), "application/json;charset=utf-8".into())];
    Response { status, headers, body: body.to_string().into_bytes() }
}

pub(super) fn empty(status: u16) -> Response {
    Response { status, headers: Vec::new(), body: Vec::new() }
}

/// `Thu, 24 Aug 2023 05:01:45 +0000`.
pub(super) fn rfc2822(ms: u64) -> String {
    moment(ms).format(&Rfc2822).unwrap_or_default()
}

/// `2023-08-24T05:01:45Z`, as the newer APIs have it.
pub(super) fn rfc3339(ms: u64) -> String {
    moment(ms).format(&Rfc3339).unwrap_or_default()
}

/// `YYMMDDhhmm`, as `RawDlrDoneDate` has it.
pub(super) fn dlr_date(ms: u64) -> String {
    let at = moment(ms);
    let (year, month, day) = (at.year() % 100, u8::from(at.month()), at.day());
    format!("{year:02}{month:02}{day:02}{:02}{:02}", at.hour(), at.minute())
}

pub(super) fn moment(ms: u64) -> OffsetDateTime {
    let seconds = i64::try_from(ms / 1000).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// A Message resource. With a service sender and segments are not known at once.
pub(super) fn message(account: &str, message: &Message, price: Option<String>) -> Value {
    let uri = format!("{}/Messages/{}", account_path(account), message.sid);
    let from = message.known_sender();
    let undecided = from.is_none() && message.messaging_service_sid.is_some();
    let segments = if undecided { 0 } else { message.segments };
    json!({
        "account_sid": account,
        "api_version": super::API_VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created),
        "date_sent": message.sent.map(rfc2822),
        "date_updated": rfc2822(message.updated),
        "direction": message.direction.name(),
        "error_code": message.error,
        "error_message": message.error.map(super::codes::meaning),
        "from": from,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": message.media_count().to_string(),
        "num_segments": segments.to_string(),
        "price": price,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status.name(),
        "subresource_uris": {"media": format!("{uri}/Media.json")},
        "to": message.to,
        "uri": format!("{uri}.json"),
    })
}

pub(super) fn media(account: &str, media: &Media) -> Value {
    let uri = format!("{}/Messages/{}/Media/{}.json", account_path(account), media.message_sid, media.sid);
    json!({
        "account_sid": account,
        "content_type": media.content_type,
        "date_created": rfc2822(media.created),
        "date_updated": rfc2822(media.created),
        "parent_sid": media.message_sid,
        "sid": media.sid,
        "uri": uri,
    })
}

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paging {
    pub(super) page: usize,
    pub(super) size: usize,
}

impl Paging {
    /// Fifty rows unless `PageSize` says else, a thousand at most (Twilio, "Twilio's response", paging).
    pub(super) fn read(query: &[(String, String)]) -> Self {
        let number = |name: &str| query.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok());
        Self { page: number("Page").unwrap_or(0), size: number("PageSize").unwrap_or(50).clamp(1, 1000) }
    }
}

/// A page of a list in the envelope of the 2010 API. `path` and `query` are what was asked, for the links to other pages.
pub(super) fn page(name: &str, rows: &[Value], path: &str, query: &[(String, String)]) -> Value {
    let Paging { page, size } = Paging::read(query);
    let start = page.saturating_mul(size);
    let shown: Vec<_> = rows.iter().skip(start).take(size).cloned().collect();
    let link = |page: usize| {
        let kept = query.iter().filter(|(key, _)| !matches!(key.as_str(), "Page" | "PageSize" | "PageToken"));
        let mut link = form_urlencoded::Serializer::new(String::new());
        link.extend_pairs(kept).append_pair("PageSize", &size.to_string()).append_pair("Page", &page.to_string());
        if page > 0 {
            link.append_pair("PageToken", &format!("PA{page}"));
        }
        format!("{path}?{}", link.finish())
    };
    let mut envelope = Map::new();
    let end = start + shown.len().saturating_sub(1);
    let next = (rows.len() > start + shown.len()).then(|| link(page + 1));
    let previous = (page > 0).then(|| link(page - 1));
    envelope.insert("end".into(), end.into());
    envelope.insert("first_page_uri".into(), link(0).into());
    envelope.insert("next_page_uri".into(), next.into());
    envelope.insert("page".into(), page.into());
    envelope.insert("page_size".into(), size.into());
    envelope.insert("previous_page_uri".into(), previous.into());
    envelope.insert("start".into(), start.into());
    envelope.insert("uri".into(), link(page).into());
    envelope.insert(name.into(), shown.into());
    envelope.into()
}

/// A page of a list as the APIs with hosts of their own have it (Twilio, "Twilio's response", paging): `meta` holds whole
/// addresses.
pub(super) fn v1_page(host: &str, name: &str, rows: &[Value], path: &str, query: &[(String, String)]) -> Response {
    let page = page(name, rows, path, query);
    let link = |name: &str| page[name].as_str().map(|path| format!("{host}{path}"));
    let meta = json!({
        "first_page_url": link("first_page_uri"), "key": name, "next_page_url": link("next_page_uri"), "page": page["page"],
        "page_size": page["page_size"], "previous_page_url": link("previous_page_uri"), "url": link("uri"),
    });
    let mut body = Map::new();
    body.insert("meta".into(), meta);
    body.insert(name.into(), page[name].clone());
    respond(200, &body.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_rfc_2822_in_utc() {
        assert_eq!(rfc2822(1_692_853_305_000), "Thu, 24 Aug 2023 05:01:45 +0000");
        assert_eq!(dlr_date(1_692_853_305_000), "2308240501");
    }

    #[test]
    fn an_error_has_four_keys() {
        let response = Response::from(ApiError::bad(21211, "Invalid 'To' Phone Number: 1"));
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        let keys: Vec<_> = body.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["code", "message", "more_info", "status"]);
        assert_eq!((response.status, &body["code"]), (400, &json!(21211)));
    }

    #[test]
    fn the_last_page_leads_back_but_not_on() {
        let rows: Vec<Value> = (0..5).map(Value::from).collect();
        let query = |page: &str| [("PageSize", "2"), ("Page", page), ("To", "+1")].map(|(k, v)| (k.into(), v.into()));
        let middle = page("rows", &rows, "/x.json", &query("1"));
        assert_eq!(middle["rows"], json!([2, 3]));
        assert_eq!(middle["next_page_uri"], "/x.json?To=%2B1&PageSize=2&Page=2&PageToken=PA2");
        assert_eq!((&middle["start"], &middle["end"]), (&json!(2), &json!(3)));
        let last = page("rows", &rows, "/x.json", &query("2"));
        assert_eq!(last["next_page_uri"], Value::Null);
        assert_eq!(last["previous_page_uri"], "/x.json?To=%2B1&PageSize=2&Page=1&PageToken=PA1");
    }
}
