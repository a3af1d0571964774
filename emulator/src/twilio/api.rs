//! REST routes: which resource a path names, and those of messages (Twilio, Message and Media resources).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::json::{self, ApiError, empty, respond};
use super::messages::Message;
use super::numbers::prices_of_country;
use super::{Twilio, account, lookup};
use crate::http::{Request, Response};

pub(super) type Pairs = Vec<(String, String)>;

impl Twilio {
    pub(super) fn serve(&mut self, now: u64, request: &Request) -> Response {
        let response = self.dispatch(now, request).unwrap_or_else(Response::from);
        self.conformance.check(request, &response);
        response
    }

    fn dispatch(&mut self, now: u64, request: &Request) -> Result<Response, ApiError> {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        if request.method == "GET" && !request.body.is_empty() {
            return Err(ApiError::new(403, 20403, "GET requests must not have a body"));
        }
        self.authenticate(request)?;
        let segments: Vec<_> = path.trim_matches('/').split('/').map(decoded).collect();
        let segments: Vec<_> = segments.iter().map(String::as_str).collect();
        let (query, form) = (pairs(query.as_bytes()), pairs(&request.body));
        match segments.as_slice() {
            ["v2", "PhoneNumbers", number] => {
                let country = query.iter().find(|(name, _)| name == "CountryCode").map_or("", |(_, value)| value);
                only(&request.method, "GET", path)?;
                Ok(respond(200, &lookup::answer(number, country)))
            }
            [super::API_VERSION, "Accounts", name]
                if name.strip_suffix(".json") == Some(&self.settings.account_sid) =>
            {
                only(&request.method, "GET", path).map(|()| respond(200, &account::account(&self.settings)))
            }
            [super::API_VERSION, "Accounts", account, "Balance.json"] if *account == self.settings.account_sid => {
                only(&request.method, "GET", path).map(|()| respond(200, &account::balance(&self.settings)))
            }
            [super::API_VERSION, "Accounts", account, "Messages.json"] if *account == self.settings.account_sid => {
                match request.method.as_str() {
                    "POST" => self.create(now, &form).map(|sid| self.show(now, 201, &sid)),
                    method => only(method, "GET", path).map(|()| self.list(now, path, &query)),
                }
            }
            [super::API_VERSION, "Accounts", account, "Messages", rest @ ..]
                if *account == self.settings.account_sid =>
            {
                self.message_route(now, path, rest, &request.method, &form)
            }
            ["v1", "Services", rest @ ..] => self.services_route(path, rest, &request.method, (&query, &form)),
            ["v2", "Channels", "Senders", rest @ ..] => self.channel_senders_route(path, rest, request, &query),
            ["v1", "a2p", "BrandRegistrations", sid] => self.brand(path, sid, &request.method),
            ["v1", "Tollfree", "Verifications"] => self.toll_free_verifications(path, &request.method, &query),
            ["v1", "DialingPermissions", "Countries", country] => {
                self.dialing_permissions(path, country, &request.method)
            }
            ["v1", "Alerts"] => self.alerts(path, &request.method, &query),
            // The path is Lookup's too, so the host stands before it.
            ["routes", "v2", "PhoneNumbers", number] => self.region_of_number(path, number, &request.method),
            ["v1", "PhoneNumbers", "Countries", country] => prices_of_country(path, country, &request.method),
            [super::API_VERSION, "Accounts", account, "IncomingPhoneNumbers.json"]
                if *account == self.settings.account_sid =>
            {
                self.incoming_numbers(now, path, &[], &request.method, (&query, &form))
            }
            [super::API_VERSION, "Accounts", account, "IncomingPhoneNumbers", rest @ ..]
                if *account == self.settings.account_sid =>
            {
                self.incoming_numbers(now, path, rest, &request.method, (&query, &form))
            }
            [super::API_VERSION, "Accounts", account, "AvailablePhoneNumbers", country, kind]
                if *account == self.settings.account_sid =>
            {
                self.available_numbers(path, country, kind, &request.method, &query)
            }
            [super::API_VERSION, "Accounts", account, rest @ ..] if *account == self.settings.account_sid => {
                self.call_route(now, path, rest, request, &query, &form)
            }
            _ => Err(ApiError::not_found(path)),
        }
    }

    /// Basic authentication with the AuthToken or an API key; anything else is error 20003.
    fn authenticate(&self, request: &Request) -> Result<(), ApiError> {
        let header = request.headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.as_str());
        let sent = header.and_then(|value| value.strip_prefix("Basic ")).and_then(|code| STANDARD.decode(code).ok());
        let owner = (self.settings.account_sid.clone(), self.settings.auth_token.clone());
        let next = (self.settings.account_sid.clone(), self.settings.auth_token_next.clone());
        let next = Some(&next).filter(|(_, token)| !token.is_empty());
        let mut known = std::iter::once(&owner).chain(next).chain(&self.settings.api_keys);
        let accepted =
            sent.is_some_and(|sent| known.any(|(user, secret)| sent == format!("{user}:{secret}").into_bytes()));
        if accepted { Ok(()) } else { Err(ApiError::new(401, 20003, "Authenticate")) }
    }

    fn message_route(
        &mut self,
        now: u64,
        path: &str,
        rest: &[&str],
        method: &str,
        form: &Pairs,
    ) -> Result<Response, ApiError> {
        let sid = rest.first().copied().unwrap_or_default();
        let sid = sid.strip_suffix(".json").unwrap_or(sid).to_owned();
        let message = self.messages.get(&sid).ok_or_else(|| ApiError::not_found(path))?;
        match (method, rest) {
            ("GET", [_]) => Ok(self.show(now, 200, &sid)),
            ("POST", [_]) => self.update(now, &sid, form),
            ("DELETE", [_]) if !message.status.complete() => Err(incomplete("delete")),
            ("DELETE", [_]) => {
                self.messages.delete(&sid);
                self.media_store.delete_of(&sid);
                Ok(empty(204))
            }
            ("GET", [_, "Media.json"]) => Ok(self.list_media(path, &sid)),
            (_, [_, "Media", media]) => self.media_route(now, path, &sid, media, method),
            _ => Err(not_allowed(path)),
        }
    }

    fn media_route(
        &mut self,
        now: u64,
        path: &str,
        message: &str,
        name: &str,
        method: &str,
    ) -> Result<Response, ApiError> {
        let sid = name.strip_suffix(".json").unwrap_or(name);
        let media = self
            .media_store
            .get(sid)
            .filter(|media| media.message_sid == message)
            .ok_or_else(|| ApiError::not_found(path))?;
        let settings = &self.settings;
        match method {
            "GET" if sid != name => Ok(respond(200, &json::media(&settings.account_sid, media))),
            "GET" => self.media_store.redirect(
                now,
                settings.media_ready_after_ms,
                &settings.media_base,
                &settings.account_sid,
                &settings.auth_token,
                sid,
            ),
            "DELETE" if !self.messages.get(message).is_some_and(|it| it.status.complete()) => Err(incomplete("delete")),
            "DELETE" => {
                self.media_store.delete(sid);
                Ok(empty(204))
            }
            _ => Err(not_allowed(path)),
        }
    }

    /// `Body` may only be emptied; `Status` may only cancel what is scheduled, which nothing here is.
    fn update(&mut self, now: u64, sid: &str, form: &Pairs) -> Result<Response, ApiError> {
        for (name, value) in form {
            match (name.as_str(), value.as_str()) {
                ("Body", "") => {
                    let Some(message) = self.messages.get_mut(sid) else { continue };
                    if !message.status.complete() {
                        return Err(incomplete("redact"));
                    }
                    message.body.clear();
                    message.updated = now;
                }
                ("Body", _) => return Err(ApiError::bad(20422, "Invalid Parameter: Body can only be redacted")),
                ("Status", _) => return Err(ApiError::bad(30409, "Message cannot be canceled")),
                _ => {}
            }
        }
        Ok(self.show(now, 200, sid))
    }

    fn shown(&self, now: u64, message: &Message) -> Value {
        json::message(&self.settings.account_sid, message, self.price(now, message))
    }

    fn show(&self, now: u64, status: u16, sid: &str) -> Response {
        let body = self.messages.get(sid).map(|message| self.shown(now, message));
        respond(status, &body.unwrap_or_default())
    }

    fn list(&self, now: u64, path: &str, query: &Pairs) -> Response {
        let rows = self.messages.list(now, self.list_lag_ms, query);
        let rows: Vec<Value> = rows.into_iter().map(|message| self.shown(now, message)).collect();
        respond(200, &json::page("messages", &rows, path, query))
    }

    fn list_media(&self, path: &str, sid: &str) -> Response {
        let rows: Vec<Value> =
            self.media_store.of(sid).map(|media| json::media(&self.settings.account_sid, media)).collect();
        respond(200, &json::page("media_list", &rows, path, &[]))
    }
}

/// What is still on its way can be neither redacted nor deleted (error 20009).
fn incomplete(action: &str) -> ApiError {
    ApiError::new(409, 20009, format!("Cannot {action} message because delivery has not been completed"))
}

pub(super) fn only(method: &str, allowed: &str, path: &str) -> Result<(), ApiError> {
    if method == allowed { Ok(()) } else { Err(not_allowed(path)) }
}

pub(super) fn not_allowed(path: &str) -> ApiError {
    ApiError::new(405, 20004, format!("Method not allowed on {path}"))
}

fn pairs(text: &[u8]) -> Pairs {
    form_urlencoded::parse(text).into_owned().collect()
}

/// A path segment without its escapes; a plus is a plus there.
fn decoded(segment: &str) -> String {
    let name = segment.replace('+', "%2B");
    form_urlencoded::parse(name.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}
