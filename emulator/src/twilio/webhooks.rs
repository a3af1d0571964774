//! Requests to the account owner's addresses: attempts, retries, redirects, fallback (Twilio, "Webhooks: Connection
//! Overrides" and the pages of errors 11200, 11205 and 11215).

use std::collections::BTreeMap;

use super::overrides::{Overrides, Retry, UnknownPolicy};
use super::signing::{self, About};
use super::{DebuggerEntry, Event, Twilio};
use crate::http::{Delivery, Outcome, Request, Response};

/// Redirects that are followed at most (error 11215).
const REDIRECT_LIMIT: u32 = 10;
/// Pause before a retry; Twilio does not say how long, so this is our choice.
const RETRY_PAUSE_MS: u64 = 500;

/// What a request is for; the sid is a message's or a call's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Inbound message webhook.
    Inbound(String),
    /// Message status callback.
    State(String),
    /// Fetches a medium of an outbound message.
    Media(String),
    /// Fetches a document for a call, as what the call does since the stamp.
    Document(String, u64),
    /// Call callback whose response does not matter.
    Report(String),
}

impl Purpose {
    fn sid(&self) -> &str {
        let (Self::Inbound(sid) | Self::State(sid) | Self::Media(sid) | Self::Document(sid, _) | Self::Report(sid)) =
            self;
        sid
    }

    fn about(&self) -> About {
        match self {
            Self::Inbound(_) | Self::State(_) | Self::Media(_) => About::Messages,
            Self::Document(..) | Self::Report(_) => About::Calls,
        }
    }
}

/// A request and how far it got.
#[derive(Clone, Debug)]
pub(super) struct OutgoingRequest {
    pub(super) purpose: Purpose,
    method: &'static str,
    /// Without the parameters that a GET carries.
    pub(super) document: String,
    pub(super) url: String,
    overrides: Result<Overrides, UnknownPolicy>,
    fallback: String,
    params: Vec<(String, String)>,
    token: String,
    attempts: u32,
    redirects: u32,
    started: Option<u64>,
}

/// What follows from an attempt.
enum Next {
    Taken(Response),
    Retry,
    Follow(String),
    Lost(u32),
}

/// All requests that are not done.
#[derive(Debug, Default)]
pub(super) struct Webhooks {
    pending: BTreeMap<u64, OutgoingRequest>,
    count: u64,
}

impl OutgoingRequest {
    pub(super) fn post(
        purpose: Purpose,
        url: &str,
        fallback: &str,
        params: Vec<(String, String)>,
        token: String,
    ) -> Self {
        let (address, fragment) = url.split_once('#').unwrap_or((url, ""));
        Self {
            purpose,
            method: "POST",
            document: signing::without_credentials(address),
            url: signing::without_credentials(address),
            overrides: Overrides::read(fragment),
            fallback: fallback.to_owned(),
            params,
            token,
            attempts: 0,
            redirects: 0,
            started: None,
        }
    }

    pub(super) fn get(purpose: Purpose, url: &str, token: String) -> Self {
        Self { method: "GET", ..Self::post(purpose, url, "", Vec::new(), token) }
    }

    /// The same by GET: the parameters stand in the query, after the address's own.
    pub(super) fn by_get(mut self) -> Self {
        let joint = if self.url.contains('?') { '&' } else { '?' };
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.params).finish();
        self.url = format!("{}{joint}{query}", self.url);
        self.params.clear();
        Self { method: "GET", ..self }
    }

    fn overrides(&self) -> Overrides {
        self.overrides.clone().unwrap_or_default()
    }

    fn request(&self, twilio: &Twilio) -> Request {
        let target = match signing::split(&self.url).2 {
            "" => "/",
            target => target,
        };
        let settings = &twilio.settings;
        let mut headers = vec![
            ("user-agent".into(), "TwilioProxy/1.1".into()),
            ("accept".into(), "*/*".into()),
            ("i-twilio-idempotency-token".into(), self.token.clone()),
        ];
        headers.extend(signing::headers(
            &settings.signing,
            &settings.auth_token,
            self.purpose.about(),
            &self.url,
            &self.params,
        ));
        let mut body = Vec::new();
        if self.method == "POST" {
            headers.push(("content-type".into(), "application/x-www-form-urlencoded; charset=UTF-8".into()));
            body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.params).finish().into_bytes();
        }
        Request { method: self.method.into(), target: target.into(), headers, body }
    }

    fn next(&self, now: u64, outcome: Outcome) -> Next {
        let (problem, code) = match outcome {
            Outcome::Refused => (Retry::Connection, 11205),
            Outcome::TimedOut => (Retry::Read, 11200),
            Outcome::Answered(response) => match response.status {
                200..300 => return Next::Taken(response),
                300..400 => return self.redirect(&response),
                400..500 => (Retry::ClientError, 11200),
                _ => (Retry::ServerError, 11200),
            },
        };
        let overrides = self.overrides();
        let in_time = self.started.is_none_or(|started| now + RETRY_PAUSE_MS < started + overrides.total_ms);
        if overrides.policy.contains(&problem) && self.attempts <= overrides.retries && in_time {
            return Next::Retry;
        }
        Next::Lost(code)
    }

    fn redirect(&self, response: &Response) -> Next {
        let location = response.headers.iter().find(|(name, _)| name == "location");
        match location {
            Some(_) if self.redirects >= REDIRECT_LIMIT => Next::Lost(11215),
            Some((_, location)) => Next::Follow(resolve(&self.url, location)),
            None => Next::Lost(11200),
        }
    }
}

impl Twilio {
    pub(super) fn send_webhook(&mut self, now: u64, outgoing: OutgoingRequest) {
        if outgoing.overrides.is_err() {
            self.log_request_error(now, 11243, &outgoing, "Invalid retry policy");
        }
        self.webhooks.count += 1;
        let id = self.webhooks.count;
        self.webhooks.pending.insert(id, outgoing);
        self.events.put(now, Event::Attempt(id));
    }

    pub(super) fn attempt(&mut self, now: u64, id: u64) -> Option<Delivery> {
        let outgoing = self.webhooks.pending.get_mut(&id)?;
        outgoing.attempts += 1;
        outgoing.started.get_or_insert(now);
        let outgoing = self.webhooks.pending.get(&id)?;
        Some(Delivery { id, url: outgoing.url.clone(), request: outgoing.request(self) })
    }

    /// How long Twilio waits from now for the answer to a delivery, in milliseconds: 15 s, or less where the fragment of
    /// its URL says so or earlier attempts have taken their part.
    pub fn patience(&self, now: u64, delivery: u64) -> u64 {
        let outgoing = self.webhooks.pending.get(&delivery);
        let overrides = outgoing.map(OutgoingRequest::overrides).unwrap_or_default();
        let started = outgoing.and_then(|outgoing| outgoing.started).unwrap_or(now);
        overrides.read_ms.min((started + overrides.total_ms).saturating_sub(now))
    }

    pub(super) fn take_outcome(&mut self, now: u64, id: u64, outcome: Outcome) {
        let Some(outgoing) = self.webhooks.pending.get(&id) else { return };
        match outgoing.next(now, outcome) {
            Next::Retry => self.events.put(now + RETRY_PAUSE_MS, Event::Attempt(id)),
            Next::Follow(url) => self.follow(now, id, url),
            Next::Taken(response) => {
                let Some(outgoing) = self.webhooks.pending.remove(&id) else { return };
                match &outgoing.purpose {
                    Purpose::Inbound(sid) => self.apply_response(now, &outgoing, sid, &response),
                    Purpose::Media(sid) => self.keep_fetched(now, &outgoing, sid, response),
                    Purpose::Document(sid, stamp) => self.document_came(now, &outgoing, sid, *stamp, &response),
                    Purpose::State(_) | Purpose::Report(_) => {}
                }
            }
            Next::Lost(code) => {
                let Some(outgoing) = self.webhooks.pending.remove(&id) else { return };
                self.request_failed(now, &outgoing, code, "Could not retrieve the document");
            }
        }
    }

    /// A redirect is followed as GET, and the POST's parameters are lost on the way.
    fn follow(&mut self, now: u64, id: u64, url: String) {
        let Some(outgoing) = self.webhooks.pending.get_mut(&id) else { return };
        outgoing.method = "GET";
        outgoing.params.clear();
        outgoing.document.clone_from(&url);
        outgoing.url = url;
        outgoing.redirects += 1;
        self.events.put(now, Event::Attempt(id));
    }

    /// `<Redirect>`: the same parameters to another address; `false` when there were too many.
    pub(super) fn redirect_to(&mut self, now: u64, outgoing: &OutgoingRequest, url: &str) {
        if outgoing.redirects >= REDIRECT_LIMIT {
            return self.request_failed(now, outgoing, 11215, "Too many redirects");
        }
        let token = self.sids.uuid();
        let address = resolve(&outgoing.url, url);
        let mut next = OutgoingRequest::post(
            outgoing.purpose.clone(),
            &address,
            &outgoing.fallback,
            outgoing.params.clone(),
            token,
        );
        next.redirects = outgoing.redirects + 1;
        self.send_webhook(now, next);
    }

    /// Notes the error, and tries the fallback address where there is one.
    pub(super) fn request_failed(&mut self, now: u64, outgoing: &OutgoingRequest, code: u32, text: &str) {
        self.log_request_error(now, code, outgoing, text);
        match &outgoing.purpose {
            Purpose::Media(sid) => return self.media_failed(now, sid),
            Purpose::Document(sid, stamp) => return self.document_failed(now, outgoing, sid, *stamp, code),
            Purpose::Inbound(_) | Purpose::State(_) | Purpose::Report(_) => {}
        }
        if outgoing.fallback.is_empty() {
            return;
        }
        let mut params = outgoing.params.clone();
        params.extend([("ErrorCode".into(), code.to_string()), ("ErrorUrl".into(), outgoing.url.clone())]);
        let token = self.sids.uuid();
        self.send_webhook(now, OutgoingRequest::post(outgoing.purpose.clone(), &outgoing.fallback, "", params, token));
    }

    pub(super) fn log_request_error(&mut self, at: u64, code: u32, outgoing: &OutgoingRequest, text: &str) {
        self.log_error(at, code, outgoing.purpose.sid(), &outgoing.url, text);
    }

    pub(super) fn log_error(&mut self, at: u64, code: u32, sid: &str, url: &str, text: &str) {
        let (url, text, message_sid) = (url.to_owned(), text.to_owned(), sid.to_owned());
        self.debugger.push(DebuggerEntry { at, code, text, url, message_sid });
    }

    pub(super) fn resolved(outgoing: &OutgoingRequest, url: &str) -> String {
        if url.is_empty() { String::new() } else { resolve(&outgoing.url, url) }
    }
}

/// A relative address in a document, seen from the document's own (TwiML, "Relative URLs").
pub(super) fn resolve(base: &str, url: &str) -> String {
    if url.contains("://") {
        return url.to_owned();
    }
    let (scheme, authority, rest) = signing::split(base);
    let path = rest.split('?').next().unwrap_or_default();
    let folder = if url.starts_with('/') { "" } else { path.rsplit_once('/').map_or("/", |(folder, _)| folder) };
    let joint = if url.starts_with('/') { "" } else { "/" };
    format!("{scheme}{authority}{}{joint}{url}", folder.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_document_are_relative_to_it() {
        let cases = [
            ("https://h/a/b?c=1", "/d", "https://h/d"),
            ("https://h/a/b?c=1", "d?e=1", "https://h/a/d?e=1"),
            ("https://h", "d", "https://h/d"),
            ("https://h/a", "http://i/j", "http://i/j"),
        ];
        for (base, url, resolved) in cases {
            assert_eq!(resolve(base, url), resolved);
        }
    }
}
