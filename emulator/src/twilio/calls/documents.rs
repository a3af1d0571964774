//! TwiML documents of a call: requests for them, and errors (TwiML for Programmable Voice,
//! "Twilio's request to your application"; the pages of errors 11100, 11200, 11750, 12100, 12200, 12300).

use super::Call;
use super::call::{Activity, CallStatus, DocumentFetch, Scope};
use super::heard::Heard;
use super::verbs::{self, Address, Document, Sound, Verb};
use crate::http::Response;
use crate::twilio::inbound::{DOCUMENT_LIMIT, geography};
use crate::twilio::webhooks::{OutgoingRequest, Purpose, resolve};
use crate::twilio::{API_VERSION, Twilio};

/// Documents in a row in which nothing took time; more are a circle. Twilio counts only HTTP redirects (error 11215),
/// but time must pass here.
const HOPS_LIMIT: u32 = 30;

pub(super) type Params = Vec<(String, String)>;

/// Parameters by their names.
pub(super) fn params<const N: usize>(pairs: [(&str, String); N]) -> Params {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

impl Twilio {
    /// Requests a leg's next document; an empty address means the current document's own.
    pub(super) fn fetch_document(&mut self, now: u64, sid: &str, address: &Address, extra: Params) {
        let url = self.address_of(sid, &address.url);
        self.request_document(now, sid, &Address { url, get: address.get }, DocumentFetch { extra, last: false });
    }

    fn request_document(&mut self, now: u64, sid: &str, address: &Address, fetch: DocumentFetch) {
        let Some(call) = self.calls.live(sid) else { return };
        let mut params = standard(&self.settings.account_sid, call);
        params.extend(fetch.extra.clone());
        let stamp = call.begin(Activity::Fetching(fetch));
        if call.status == CallStatus::InProgress {
            self.let_hear(now, sid, Heard::Silence);
        }
        if !address.url.contains("://") {
            self.log_error(now, 11100, sid, &address.url, "Invalid URL format");
            return self.play_application_error(now, sid);
        }
        let token = self.sids.uuid();
        let post = OutgoingRequest::post(Purpose::Document(sid.to_owned(), stamp), &address.url, "", params, token);
        self.send_webhook(now, if address.get { post.by_get() } else { post });
    }

    /// Sends a callback whose response does not matter.
    pub(super) fn report(&mut self, now: u64, sid: &str, address: &Address, extra: Params) {
        let Some(call) = self.calls.get(sid) else { return };
        let mut params = standard(&self.settings.account_sid, call);
        params.extend(extra);
        self.report_only(now, sid, address, params);
    }

    /// The same without what every request about a call carries.
    pub(super) fn report_only(&mut self, now: u64, sid: &str, address: &Address, params: Params) {
        if !address.url.contains("://") {
            return;
        }
        let token = self.sids.uuid();
        let post = OutgoingRequest::post(Purpose::Report(sid.to_owned()), &address.url, "", params, token);
        self.send_webhook(now, if address.get { post.by_get() } else { post });
    }

    /// An address of a leg's current document, seen from there.
    pub(super) fn address_of(&self, sid: &str, url: &str) -> String {
        let base = self.calls.get(sid).and_then(|call| call.frames.last()).map_or("", |frame| frame.base.as_str());
        seen_from(base, url)
    }

    /// The call's document has come; an answer to something older is ignored.
    pub(in crate::twilio) fn document_came(
        &mut self,
        now: u64,
        outgoing: &OutgoingRequest,
        sid: &str,
        stamp: u64,
        response: &Response,
    ) {
        let now = self.tick(now);
        if self.calls.live(sid).is_none_or(|call| call.stamp != stamp) {
            return;
        }
        let document = match read(outgoing, response) {
            Ok(document) => document,
            Err((code, text)) => return self.request_failed(now, outgoing, code, text),
        };
        for words in &document.ignored {
            self.log_request_error(now, 12200, outgoing, &format!("Schema validation warning: {words}"));
        }
        let Some(call) = self.calls.live(sid) else { return };
        call.hops += 1;
        if call.hops > HOPS_LIMIT {
            self.log_request_error(now, 11215, outgoing, "Too many redirects");
            return self.play_application_error(now, sid);
        }
        if let Some(frame) = call.top() {
            frame.base.clone_from(&outgoing.document);
            frame.verbs = document.verbs;
        }
        self.proceed(now, sid);
    }

    /// The call's document failed: the fallback is requested, then an application error is spoken. Only the call's own documents
    /// have a fallback; a queue whose wait document fails is left with `error`.
    pub(in crate::twilio) fn document_failed(
        &mut self,
        now: u64,
        outgoing: &OutgoingRequest,
        sid: &str,
        stamp: u64,
        code: u32,
    ) {
        let now = self.tick(now);
        let Some(call) = self.calls.live(sid).filter(|call| call.stamp == stamp) else { return };
        let fallback = call.fallback.clone();
        let Some(frame) = call.frames.last() else { return };
        let Activity::Fetching(fetch) = frame.activity.clone() else { return };
        match frame.scope {
            Scope::Main if !fetch.last && !fallback.url.is_empty() => {
                let mut extra = fetch.extra;
                extra.extend(params([("ErrorCode", code.to_string()), ("ErrorUrl", outgoing.url.clone())]));
                self.request_document(now, sid, &fallback, DocumentFetch { extra, last: true });
            }
            Scope::Main | Scope::Screen => self.play_application_error(now, sid),
            Scope::Wait(_) => self.wait_failed(now, sid),
        }
    }
}

/// What an answer asks for, or the error that it is.
fn read(outgoing: &OutgoingRequest, response: &Response) -> Result<Document, (u32, &'static str)> {
    let content_type = response.headers.iter().find(|(name, _)| name == "content-type");
    let content_type =
        content_type.map(|(_, value)| value.split(';').next().unwrap_or_default().trim()).unwrap_or_default();
    let text = String::from_utf8_lossy(&response.body);
    let one = |verb| Document { verbs: [verb].into(), ignored: Vec::new() };
    if response.body.len() > DOCUMENT_LIMIT {
        return Err((11750, "TwiML response body too large"));
    }
    match content_type {
        _ if response.status == 204 => Ok(Document::default()),
        "text/xml" | "application/xml" | "text/html" => {
            verbs::read(&text).map_err(|_| (12100, "Document parse failure"))
        }
        "text/plain" => Ok(one(Verb::Say(text.into_owned(), 1))),
        kind if kind.starts_with("audio/") => Ok(one(Verb::Play(Sound::File(outgoing.document.clone()), 1))),
        _ => Err((12300, "Invalid Content-Type")),
    }
}

pub(super) fn seen_from(base: &str, url: &str) -> String {
    match (base, url) {
        (base, "") => base.to_owned(),
        // Documents that came with a request have no place to be relative to.
        ("", url) => url.to_owned(),
        (base, url) => resolve(base, url),
    }
}

/// What every request about a call carries.
pub(super) fn standard(account: &str, call: &Call) -> Params {
    let mut all = params([
        ("CallSid", call.sid.clone()),
        ("AccountSid", account.to_owned()),
        ("From", call.from.clone()),
        ("To", call.to.clone()),
        ("CallStatus", call.status.name().to_owned()),
        ("ApiVersion", API_VERSION.to_owned()),
        ("Direction", call.direction.name().to_owned()),
        ("Caller", call.from.clone()),
        ("Called", call.to.clone()),
    ]);
    if let Some(parent) = &call.parent {
        all.push(("ParentCallSid".into(), parent.clone()));
    }
    for (name, value) in geography(&call.from, &call.to) {
        let twin = name.replacen("From", "Caller", 1).replacen("To", "Called", 1);
        all.extend([(name, value.clone()), (twin, value)]);
    }
    if let Some(forwarded) = &call.forwarded {
        all.push(("ForwardedFrom".into(), forwarded.phone.clone()));
    }
    if !call.stir_verdict.is_empty() {
        all.push(("StirVerstat".into(), call.stir_verdict.clone()));
    }
    all
}
