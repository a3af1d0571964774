//! The token endpoint and the tokens it gave out (Authentication page).

use super::request::header;
use super::response::respond;
use super::settings::Settings;
use crate::http::{Request, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Type of the only body that the token endpoint takes.
const FORM: &str = "application/x-www-form-urlencoded";

/// Access tokens and when they end.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    ends_at: HashMap<String, u64>,
    given: u64,
}

impl Tokens {
    /// `POST /v2/oauth2/token`, client credentials only: what a server application uses.
    pub(super) fn grant(&mut self, now: u64, settings: &Settings, request: &Request) -> Response {
        // The page allows JSON and the query as well; the service refuses them.
        if header(request, "content-type").map(|kind| kind.split(';').next().unwrap_or_default().trim()) != Some(FORM) {
            return refuse(400, "invalid_request", "the parameters are not form-encoded");
        }
        let form: Vec<(String, String)> = form_urlencoded::parse(&request.body).into_owned().collect();
        let is = |name: &str, value: &str| form.iter().any(|(key, given)| key == name && given == value);
        if !is("grant_type", "client_credentials") {
            return refuse(400, "unsupported_grant_type", "only client_credentials is known here");
        }
        if !is("client_id", &settings.app_id) || !is("client_secret", &settings.app_secret) {
            return refuse(401, "invalid_client", "client authentication failed");
        }
        self.given += 1;
        let digest = Sha256::digest(format!("{}/{}", settings.seed, self.given));
        let token = BASE64_URL_SAFE_NO_PAD.encode(digest);
        self.ends_at.insert(token.clone(), now + settings.token_seconds * 1000);
        let body = json!({ "token_type": "bearer", "access_token": token, "expires_in": settings.token_seconds });
        respond(200, "application/json", &body)
    }

    /// Whether the request carries a token that is still good.
    pub(super) fn admit(&self, now: u64, request: &Request) -> bool {
        let bearer = header(request, "authorization").and_then(|value| value.strip_prefix("Bearer "));
        bearer.and_then(|token| self.ends_at.get(token)).is_some_and(|end| now < *end)
    }

    /// Ends every token at once, as when the application's secret is renewed.
    pub(super) fn revoke(&mut self) {
        self.ends_at.clear();
    }

    pub(super) fn given(&self) -> u64 {
        self.given
    }
}

fn refuse(status: u16, error: &str, description: &str) -> Response {
    respond(status, "application/json", &json!({ "error": error, "error_description": description }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn ask(target: &str, body: &str) -> Request {
        let headers = vec![("content-type".into(), FORM.into())];
        Request { method: "POST".into(), target: target.into(), headers, body: body.into() }
    }

    fn bearer(response: &Response) -> Request {
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        let value = format!("Bearer {}", body["access_token"].as_str().unwrap());
        Request { headers: vec![("authorization".into(), value)], ..ask("/v2/users", "") }
    }

    #[test]
    fn a_token_is_had_by_form_and_by_nothing_else() {
        let form = "grant_type=client_credentials&client_id=dev_app&client_secret=dev_app_secret";
        let json = r#"{"grant_type":"client_credentials","client_id":"dev_app","client_secret":"dev_app_secret"}"#;
        let mut tokens = Tokens::default();
        let response = tokens.grant(0, &Settings::default(), &ask("/v2/oauth2/token", form));
        assert_eq!(response.status, 200);
        assert!(tokens.admit(0, &bearer(&response)));
        let as_json = vec![("content-type".into(), "application/json".into())];
        for request in [
            Request { headers: as_json, ..ask("/v2/oauth2/token", json) },
            Request { headers: vec![], ..ask("/v2/oauth2/token", form) },
            ask(&format!("/v2/oauth2/token?{form}"), ""),
        ] {
            assert_eq!(tokens.grant(0, &Settings::default(), &request).status, 400, "{request:?}");
        }
    }

    #[test]
    fn a_wrong_secret_is_401_and_no_token() {
        let body = "grant_type=client_credentials&client_id=dev_app&client_secret=guess";
        let mut tokens = Tokens::default();
        assert_eq!(tokens.grant(0, &Settings::default(), &ask("/v2/oauth2/token", body)).status, 401);
        assert!(!tokens.admit(0, &ask("/v2/users", "")));
    }

    #[test]
    fn a_token_ends_after_two_days_or_when_revoked() {
        let form = "grant_type=client_credentials&client_id=dev_app&client_secret=dev_app_secret";
        let mut tokens = Tokens::default();
        let request = bearer(&tokens.grant(5, &Settings::default(), &ask("/v2/oauth2/token", form)));
        assert!(tokens.admit(172_800_004, &request));
        assert!(!tokens.admit(172_800_005, &request));
        tokens.revoke();
        assert!(!tokens.admit(6, &request));
    }
}
