//! A parsed API request.

use crate::http::Request;
use serde_json::Value;

/// Method, path, query and JSON body of a request.
#[derive(Debug)]
pub(super) struct ApiRequest {
    pub method: String,
    pub segments: Vec<String>,
    pub query: Vec<(String, String)>,
    pub json: Value,
    /// There is no body, or its type is JSON.
    pub body_is_json: bool,
    /// Path and query as received, for `_links`.
    pub target: String,
}

impl ApiRequest {
    pub(super) fn read(request: &Request) -> Self {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        Self {
            method: request.method.clone(),
            segments: path.split('/').filter(|segment| !segment.is_empty()).map(Into::into).collect(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            json: serde_json::from_slice(&request.body).unwrap_or(Value::Null),
            body_is_json: request.body.is_empty() || is_json(header(request, "content-type").unwrap_or_default()),
            target: request.target.clone(),
        }
    }

    /// A query parameter, unless it is empty.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Page number, 1-based.
    pub(super) fn page(&self) -> usize {
        self.param("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1)
    }

    /// This request's own address with another page number.
    pub(super) fn with_page(&self, page: usize) -> String {
        let path = self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.query.iter().filter(|(key, _)| key != "page"));
        query.append_pair("page", &page.to_string());
        format!("{path}?{}", query.finish())
    }
}

/// `application/json`, and JSON-Patch's own type.
fn is_json(kind: &str) -> bool {
    matches!(kind.split(';').next().unwrap_or_default().trim(), "application/json" | "application/json-patch+json")
}

/// The value of a header whose name is given in lower case.
pub(super) fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
