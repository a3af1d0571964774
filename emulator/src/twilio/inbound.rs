//! A person texts us: media, keywords, the webhook (Twilio, "Twilio's Request to your Webhook URL"), and what its answer
//! asks for.

use super::media::Media;
use super::media_types;
use super::messages::{Direction, Message, Status};
use super::optout::{Handling, Keyword};
use super::phones::number;
use super::twiml;
use super::webhooks::{OutgoingRequest, Purpose};
use super::whatsapp::{is_whatsapp, user_id};
use super::xml::NotTwiml;
use super::{Event, Twilio, segments};
use crate::http::Response;

/// Largest TwiML document in bytes (error 11750).
pub(super) const DOCUMENT_LIMIT: usize = 64 * 1024;
/// Most `<Message>`s that one document may send (error 14109).
const REPLY_LIMIT: usize = 10;
/// More replies than this between the same two numbers within the time are a loop (error 14107).
const LOOP_LIMIT: usize = 15;
const LOOP_MS: u64 = 30_000;
/// Largest media of one message together: 5 MB (Twilio, "Accepted content types for media").
const MEDIA_BYTES_LIMIT: usize = 5 * 1024 * 1024;

impl Twilio {
    /// Somebody sends a text. `from` is a number, `whatsapp:+…`, a short code or anything else that networks pass on;
    /// `media` are MIME types with files. The message's sid.
    pub fn text_in(&mut self, now: u64, from: &str, to: &str, body: &str, media: Vec<(String, Vec<u8>)>) -> String {
        let sid = self.sids.make(if media.is_empty() { "SM" } else { "MM" });
        let message = Message {
            sid: sid.clone(),
            direction: Direction::Inbound,
            from: Some(from.to_owned()),
            to: to.to_owned(),
            body: body.to_owned(),
            media: media.into_iter().map(|(content_type, bytes)| self.keep(now, &sid, content_type, bytes)).collect(),
            media_urls: Vec::new(),
            messaging_service_sid: self.settings.service_of(to).map(|service| service.sid.clone()),
            content_sid: None,
            status_callback: None,
            status: Status::Received,
            error: None,
            segments: segments::count(body),
            created: now,
            updated: now,
            sent: Some(now),
            turn: now,
        };
        self.phones.send(now, &message);
        if self.settings.sender(to).is_some() {
            if is_whatsapp(from) {
                self.windows.heard(now, to, from);
            }
            let opt_out_type = self.hear(now, from, to, body);
            self.announce(now, &message, opt_out_type);
        }
        self.messages.add(message);
        sid
    }

    pub(super) fn keep(&mut self, now: u64, message_sid: &str, content_type: String, bytes: Vec<u8>) -> String {
        let sid = self.sids.make("ME");
        self.media_store.keep(Media {
            sid: sid.clone(),
            message_sid: message_sid.to_owned(),
            content_type,
            bytes,
            created: now,
        });
        sid
    }

    /// Acts on a keyword; the `OptOutType` if Advanced Opt-Out did.
    fn hear(&mut self, now: u64, from: &str, to: &str, body: &str) -> Option<Keyword> {
        let advanced = self.settings.service_of(to).is_some_and(|service| service.advanced_opt_out);
        let handling = Handling::of(to, advanced);
        let keyword = handling.keyword(body)?;
        let key = self.block_key(to);
        // Opt-outs of SMS, MMS and RCS are one (Twilio, changelog of March 2026).
        let from = from.strip_prefix("rcs:").unwrap_or(from);
        if let Some(reply) = self.blocks.hear(handling, keyword, &key, from) {
            let arrives = now + self.settings.pace.sending_ms + self.settings.pace.delivery_ms;
            self.events.put(arrives, Event::Notice { phone: from.to_owned(), with: to.to_owned(), body: reply });
        }
        advanced.then_some(keyword)
    }

    fn announce(&mut self, now: u64, message: &Message, opt_out_type: Option<Keyword>) {
        let Some(sender) = self.settings.sender(&message.to) else { return };
        let service = self.settings.service_of(&message.to).filter(|service| !service.inbound_request_url.is_empty());
        let (url, fallback) = match service {
            Some(service) => (service.inbound_request_url.clone(), service.fallback_url.clone()),
            None => (sender.webhook.clone(), sender.fallback.clone()),
        };
        if url.is_empty() {
            return;
        }
        let mut params = self.inbound_params(message, opt_out_type);
        let carried = std::mem::take(&mut self.carried);
        params.retain(|(name, _)| carried.iter().all(|(other, _)| other != name));
        params.extend(carried);
        let token = self.sids.uuid();
        self.send_webhook(
            now,
            OutgoingRequest::post(Purpose::Inbound(message.sid.clone()), &url, &fallback, params, token),
        );
    }

    fn inbound_params(&self, message: &Message, opt_out_type: Option<Keyword>) -> Vec<(String, String)> {
        let from = message.from.clone().unwrap_or_default();
        let mut params: Vec<(String, String)> = vec![
            ("MessageSid".into(), message.sid.clone()),
            ("SmsSid".into(), message.sid.clone()),
            ("SmsMessageSid".into(), message.sid.clone()),
            ("AccountSid".into(), self.settings.account_sid.clone()),
            ("ApiVersion".into(), super::API_VERSION.into()),
            ("SmsStatus".into(), message.status.name().into()),
            ("From".into(), from.clone()),
            ("To".into(), message.to.clone()),
            ("Body".into(), message.body.clone()),
            ("NumMedia".into(), message.media.len().to_string()),
            ("NumSegments".into(), if message.media.is_empty() { message.segments } else { 1 }.to_string()),
        ];
        if let Some(service) = &message.messaging_service_sid {
            params.push(("MessagingServiceSid".into(), service.clone()));
        }
        if let Some(keyword) = opt_out_type {
            params.push(("OptOutType".into(), keyword.name().into()));
        }
        for (index, media) in message.media.iter().filter_map(|sid| self.media_store.get(sid)).enumerate() {
            params.push((format!("MediaUrl{index}"), self.media_url(media)));
            params.push((format!("MediaContentType{index}"), media.content_type.clone()));
        }
        params.extend(if is_whatsapp(&from) { self.whatsapp_params(message) } else { geography(&from, &message.to) });
        params
    }

    fn whatsapp_params(&self, message: &Message) -> Vec<(String, String)> {
        let from = message.from.as_deref().map(number).unwrap_or_default();
        let first = message.media.first().and_then(|sid| self.media_store.get(sid));
        let kind = match first.map(|media| media.content_type.split('/').next().unwrap_or_default()) {
            None => "text",
            Some(kind @ ("image" | "audio" | "video")) => kind,
            Some(_) => "document",
        };
        let name = self.profile_names.get(from).cloned();
        let address = match message.from.as_deref().and_then(user_id) {
            Some(id) => ("ExternalUserId", id.to_owned()),
            None => ("WaId", from.trim_start_matches('+').to_owned()),
        };
        let params = [
            ("ProfileName", name.unwrap_or_else(|| format!("Person {}", from.trim_start_matches('+')))),
            address,
            ("MessageType", kind.to_owned()),
            ("ReferralNumMedia", "0".to_owned()),
        ];
        params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Does what the webhook's answer asks for.
    pub(super) fn apply_response(&mut self, now: u64, outgoing: &OutgoingRequest, sid: &str, response: &Response) {
        let content_type = response.headers.iter().find(|(name, _)| name == "content-type");
        let content_type =
            content_type.map(|(_, value)| value.split(';').next().unwrap_or_default().trim()).unwrap_or_default();
        let text = String::from_utf8_lossy(&response.body);
        if response.body.len() > DOCUMENT_LIMIT {
            return self.request_failed(now, outgoing, 11750, "TwiML response body too large");
        }
        if text.trim().is_empty() {
            return;
        }
        match content_type {
            "text/xml" | "application/xml" | "text/html" => match twiml::read(&text) {
                Ok(document) => self.run(now, outgoing, sid, document),
                Err(NotTwiml) => self.request_failed(now, outgoing, 12100, "Document parse failure"),
            },
            "text/plain" => {
                let body = text.into_owned();
                let messages = vec![twiml::Message { body, ..twiml::Message::default() }];
                self.run(now, outgoing, sid, twiml::Document { messages, ..twiml::Document::default() });
            }
            _ => self.request_failed(now, outgoing, 12300, "Invalid Content-Type"),
        }
    }

    fn run(&mut self, now: u64, outgoing: &OutgoingRequest, sid: &str, document: twiml::Document) {
        let Some(message) = self.messages.get(sid) else { return };
        let (person, ours) = (message.from.clone().unwrap_or_default(), message.to.clone());
        for verb in document.unknown {
            self.log_request_error(now, 12200, outgoing, &format!("Schema validation warning: {verb}"));
        }
        if document.messages.len() > REPLY_LIMIT {
            self.log_request_error(now, 14109, outgoing, "Reply message limit exceeded");
        }
        for mut reply in document.messages.into_iter().take(REPLY_LIMIT) {
            reply.action = Self::resolved(outgoing, &reply.action);
            let from = if reply.from.is_empty() { ours.clone() } else { reply.from.clone() };
            let to = if reply.to.is_empty() { person.clone() } else { reply.to.clone() };
            let recent = self.messages.all().filter(|made| {
                made.direction == Direction::OutboundReply
                    && made.created + LOOP_MS > now
                    && made.to == to
                    && made.from.as_ref() == Some(&from)
            });
            if recent.count() >= LOOP_LIMIT {
                self.log_request_error(now, 14107, outgoing, "Reply rate limit hit replying");
            } else if let Err(error) = self.reply(now, &from, &to, &reply) {
                self.log_request_error(now, error.code, outgoing, &error.message);
            }
        }
        if let Some(url) = document.redirect {
            self.redirect_to(now, outgoing, &url);
        }
    }

    /// A medium of an outbound message was fetched from its `MediaUrl`.
    pub(super) fn keep_fetched(&mut self, now: u64, outgoing: &OutgoingRequest, sid: &str, response: Response) {
        let content_type = response
            .headers
            .into_iter()
            .find(|(name, _)| name == "content-type")
            .map(|(_, value)| value)
            .unwrap_or_default();
        let whatsapp = self.messages.get(sid).is_some_and(|message| is_whatsapp(&message.to));
        if !media_types::is_accepted(&content_type, whatsapp) {
            return self.request_failed(now, outgoing, 12300, "Invalid Content-Type");
        }
        let together = response.body.len() + self.media_store.of(sid).map(|media| media.bytes.len()).sum::<usize>();
        if together > MEDIA_BYTES_LIMIT {
            self.log_request_error(now, 11751, outgoing, "Media exceeds the size limit");
            return self.fail(now, sid, Status::Failed, 30019);
        }
        let media = self.keep(now, sid, content_type, response.body);
        self.fetched(now, sid, media);
    }

    /// A message whose media cannot be had fails; WhatsApp has a code for that (error 63019).
    pub(super) fn media_failed(&mut self, now: u64, sid: &str) {
        let whatsapp = self.messages.get(sid).is_some_and(|message| is_whatsapp(&message.to));
        self.fail(now, sid, Status::Failed, if whatsapp { 63019 } else { 30008 });
    }
}

/// Geographic parameters. Only the country of test numbers is known; the rest is empty, as at Twilio.
pub(super) fn geography(from: &str, to: &str) -> Vec<(String, String)> {
    let mut params = Vec::new();
    for (side, address) in [("From", from), ("To", to)] {
        for part in ["City", "State", "Zip"] {
            params.push((format!("{side}{part}"), String::new()));
        }
        let country = if address.starts_with("+1") { "US" } else { "" };
        params.push((format!("{side}Country"), country.to_owned()));
    }
    params
}
