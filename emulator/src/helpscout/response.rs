//! Responses and errors of the API (error, status-code and pagination pages).

use super::request::ApiRequest;
use crate::http::Response;
use serde_json::{Map, Value, json};

/// Why a request is not done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ApiError {
    /// 400 with one entry per field.
    Invalid(Vec<FieldError>),
    /// 401.
    Unauthorized,
    /// 404.
    NotFound,
    /// 301: the conversation was merged into this one, and where the rest of the path leads.
    Merged(u64, &'static str),
    /// 409: the e-mail address belongs to another customer.
    Conflict,
    /// 412 or 423: the conversation takes no more threads.
    Full(u16),
    /// 413.
    TooLarge,
    /// 415.
    UnsupportedType,
}

/// One entry of `_embedded.errors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldError {
    pub path: String,
    pub message: String,
    pub rule: &'static str,
    pub rejected: Value,
}

/// What every route returns.
pub(super) type ApiResult = Result<Response, ApiError>;

/// 200 with a HAL body.
pub(super) fn ok(body: &Value) -> Response {
    respond(200, "application/hal+json", body)
}

/// 201 without a body: the id is in the headers only.
pub(super) fn created(id: u64, location: String) -> Response {
    let headers = vec![("resource-id".into(), id.to_string()), ("location".into(), location)];
    Response { status: 201, headers, body: Vec::new() }
}

/// 204.
pub(super) fn no_content() -> Response {
    Response { status: 204, headers: Vec::new(), body: Vec::new() }
}

pub(super) fn respond(status: u16, content_type: &str, body: &Value) -> Response {
    let headers = vec![("content-type".into(), content_type.into())];
    Response { status, headers, body: body.to_string().into_bytes() }
}

impl ApiError {
    pub(super) fn into_response(self, api_url: &str, log_ref: &str) -> Response {
        let (status, message) = match &self {
            Self::Invalid(_) => (400, "Bad request"),
            Self::Unauthorized => (401, "Unauthorized"),
            Self::NotFound => (404, "Not Found"),
            Self::Merged(..) => (301, "Moved Permanently"),
            Self::Conflict => (409, "Conflict"),
            Self::Full(423) => (423, "Locked"),
            Self::Full(status) => (*status, "Precondition Failed"),
            Self::TooLarge => (413, "Payload Too Large"),
            Self::UnsupportedType => (415, "Unsupported Media Type"),
        };
        let mut body = json!({ "logRef": log_ref, "message": message });
        if let Self::Invalid(errors) = &self {
            body["_embedded"] = json!({ "errors": errors.iter().map(FieldError::json).collect::<Vec<_>>() });
        }
        body["_links"] = about("");
        let mut response = respond(status, "application/vnd.error+json", &body);
        if let Self::Merged(into, rest) = self {
            response.headers.push(("location".into(), format!("{api_url}/v2/conversations/{into}{rest}")));
        }
        response
    }
}

impl FieldError {
    fn json(&self) -> Value {
        json!({
            "path": self.path,
            "message": self.message,
            "rejectedValue": self.rejected,
            "source": "JSON",
            "_links": about(&format!("#{}", self.rule)),
        })
    }
}

fn about(fragment: &str) -> Value {
    json!({ "about": { "href": format!("http://developer.helpscout.net/mailbox-api/overview/errors{fragment}") } })
}

/// One page of a list: `_embedded` is absent when it is empty.
pub(super) fn page<T>(
    request: &ApiRequest,
    api_url: &str,
    rel: &str,
    size: usize,
    all: &[T],
    show: impl Fn(&T) -> Value,
) -> Response {
    let (number, pages) = (request.page(), all.len().div_ceil(size));
    let link = |page| json!({ "href": format!("{api_url}{}", request.with_page(page)) });
    let mut links = Map::new();
    links.insert("self".into(), link(number));
    links.insert("first".into(), link(1));
    links.insert("last".into(), link(pages.max(1)));
    if number > 1 {
        links.insert("previous".into(), link(number - 1));
    }
    if number < pages {
        links.insert("next".into(), link(number + 1));
    }
    let shown: Vec<Value> = all.iter().skip((number - 1) * size).take(size).map(show).collect();
    let mut body = Map::new();
    if !shown.is_empty() {
        body.insert("_embedded".into(), json!({ rel: shown }));
    }
    body.insert("_links".into(), links.into());
    body.insert(
        "page".into(),
        json!({ "size": size, "totalElements": all.len(), "totalPages": pages, "number": number }),
    );
    ok(&body.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Request;

    fn numbers(count: u64, target: &str) -> Value {
        let request = Request { method: "GET".into(), target: target.into(), headers: vec![], body: vec![] };
        let all: Vec<u64> = (0..count).collect();
        let response = page(&ApiRequest::read(&request), "https://h", "numbers", 25, &all, |n| json!(n));
        serde_json::from_slice(&response.body).unwrap()
    }

    #[test]
    fn an_empty_list_has_no_embedded() {
        let body = numbers(0, "/v2/numbers");
        assert!(body.get("_embedded").is_none());
        assert_eq!(body["page"], json!({ "size": 25, "totalElements": 0, "totalPages": 0, "number": 1 }));
    }

    #[test]
    fn pages_link_to_their_neighbours_and_keep_the_query() {
        let body = numbers(61, "/v2/numbers?status=all&page=2");
        assert_eq!(body["_embedded"]["numbers"].as_array().unwrap().len(), 25);
        assert_eq!(body["_links"]["next"]["href"], "https://h/v2/numbers?status=all&page=3");
        assert_eq!(body["_links"]["previous"]["href"], "https://h/v2/numbers?status=all&page=1");
        assert!(numbers(61, "/v2/numbers?page=3")["_links"].get("next").is_none());
    }

    #[test]
    fn the_error_content_type_has_no_charset() {
        let error = FieldError {
            path: "subject".into(),
            message: "may not be empty".into(),
            rule: "NotEmpty",
            rejected: "".into(),
        };
        let response = ApiError::Invalid(vec![error]).into_response("https://h", "ref#0");
        assert_eq!((response.status, response.headers[0].1.as_str()), (400, "application/vnd.error+json"));
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        let href = &body["_embedded"]["errors"][0]["_links"]["about"]["href"];
        assert_eq!(href, "http://developer.helpscout.net/mailbox-api/overview/errors#NotEmpty");
    }
}
