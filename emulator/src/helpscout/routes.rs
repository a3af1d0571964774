//! Routes API requests, after the token and the rate limit.

use super::HelpScout;
use super::request::ApiRequest;
use super::response::{ApiError, ApiResult};
use crate::http::{Request, Response};

impl HelpScout {
    pub(super) fn route(&mut self, now: u64, request: &Request) -> Response {
        let parsed = ApiRequest::read(request);
        let segments: Vec<&str> = parsed.segments.iter().map(String::as_str).collect();
        self.answered_requests += 1;
        // The token endpoint is outside the account's budget: no account is known yet.
        if request.method == "POST" && segments == ["v2", "oauth2", "token"] {
            return self.tokens.grant(now, &self.settings, request);
        }
        let (limit, window) = (self.settings.limit_per_minute, self.settings.window);
        let mut response = if self.tokens.admit(now, request) {
            match self.budget.take(now, limit, window, &request.method) {
                Ok(()) => self.answer(now, &parsed, &segments).unwrap_or_else(|refusal| self.refuse(refusal)),
                Err(limited) => limited,
            }
        } else {
            self.refuse(ApiError::Unauthorized)
        };
        self.budget.tell(now, limit, window, &mut response);
        response.headers.push(("date".into(), super::json::http_date(now)));
        response.headers.push(("correlation-id".into(), self.correlation()));
        response
    }

    fn refuse(&self, refusal: ApiError) -> Response {
        refusal.into_response(&self.settings.api_url, &format!("{}#0", self.correlation()))
    }

    fn correlation(&self) -> String {
        format!("00000000-0000-4000-8000-{:012}", self.answered_requests)
    }

    fn answer(&mut self, now: u64, request: &ApiRequest, segments: &[&str]) -> ApiResult {
        let Some(("v2", path)) = segments.split_first().map(|(version, path)| (*version, path)) else {
            return Err(ApiError::NotFound);
        };
        let body = &request.json;
        if !request.body_is_json {
            return Err(ApiError::UnsupportedType);
        }
        match (request.method.as_str(), path) {
            ("GET", ["conversations"]) => self.list_conversations(now, request),
            ("POST", ["conversations"]) => self.create_conversation(now, body),
            ("GET", ["conversations", c]) => self.get_conversation(now, id(c)?, request),
            ("PATCH", ["conversations", c]) => self.patch_conversation(now, id(c)?, body),
            ("DELETE", ["conversations", c]) => self.delete_conversation(now, id(c)?),
            ("PUT", ["conversations", c, "tags"]) => self.put_tags(now, id(c)?, body),
            ("PUT", ["conversations", c, "fields"]) => self.put_fields(now, id(c)?, body),
            ("GET", ["conversations", c, "threads"]) => self.list_threads(now, id(c)?, request),
            ("PATCH", ["conversations", c, "threads", t]) => self.patch_thread(now, id(c)?, id(t)?, body),
            ("DELETE", ["conversations", c, "threads", t]) => self.delete_thread(id(c)?, id(t)?),
            ("POST", ["conversations", c, "threads", t, "attachments"]) => self.attach(id(c)?, id(t)?, body),
            ("GET", ["conversations", c, "attachments", a, "data"]) => self.attachment_data(id(c)?, id(a)?),
            ("DELETE", ["conversations", c, "attachments", a]) => self.detach(id(c)?, id(a)?),
            ("POST", ["conversations", c, kind]) => self.create_thread(now, id(c)?, kind, body),
            ("GET", ["customers"]) => self.list_customers(now, request),
            ("POST", ["customers"]) => self.create_customer(now, body),
            ("GET", ["customers", p]) => self.get_customer(id(p)?),
            ("DELETE", ["customers", p]) => self.delete_customer(now, id(p)?),
            ("PUT", ["customers", p]) => self.replace_customer(now, id(p)?, body),
            ("PATCH", ["customers", p]) => self.patch_customer(now, id(p)?, body),
            ("GET", ["customers", p, list]) => self.list_entries(id(p)?, list, request),
            ("POST", ["customers", p, list]) => self.add_entry(now, id(p)?, list, body),
            ("PUT", ["customers", p, list, e]) => self.replace_entry(now, id(p)?, list, id(e)?, body),
            ("DELETE", ["customers", p, list, e]) => self.remove_entry(now, id(p)?, list, id(e)?),
            ("GET", ["users"]) => Ok(self.list_users(request)),
            ("GET", ["users", "me"]) => self.get_me(),
            ("GET", ["users", u]) => self.get_user(id(u)?),
            ("GET", ["mailboxes"]) => Ok(self.list_inboxes(request)),
            ("GET", ["mailboxes", m]) => self.get_inbox(id(m)?),
            ("GET", ["webhooks"]) => Ok(self.list_webhooks(request)),
            ("POST", ["webhooks"]) => self.create_webhook(body),
            ("GET", ["webhooks", w]) => self.get_webhook(id(w)?),
            ("PUT", ["webhooks", w]) => self.replace_webhook(id(w)?, body),
            ("DELETE", ["webhooks", w]) => self.delete_webhook(id(w)?),
            _ => Err(ApiError::NotFound),
        }
    }
}

fn id(segment: &str) -> Result<u64, ApiError> {
    segment.parse().map_err(|_| ApiError::NotFound)
}
