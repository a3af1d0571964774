//! The Worker's routes for webhooks and media, as far as they decide who hears what.

use emulator::faults::Service;
use emulator::http::{Delivery, Model, Outcome, Request, Response};
use hotline::config::{Secret, Sender};
use hotline::domain::media::MediaLink;
use hotline::domain::phone::{Channel, E164, Party};
use hotline::domain::signature::{helpscout, twilio};
use hotline::effects::{Millis, ObjectMessage, ObjectReply};
use hotline::form::Form;
use hotline::helpscout::webhook::{self, Happening};
use hotline::twilio::calls::{Facts, Stage};
use hotline::twilio::inbound::InboundText;
use hotline::twilio::status::Status;
use hotline::twilio::twiml::{Verb, document};
use hotline::{call, contact, directory};

use super::effects::Unanswered;
use super::ledger::Heard;
use super::object::Name;
use super::{Event, World};

/// How long Help Scout waits for the answer to a webhook; not documented, so as long as Twilio does.
const PATIENCE: Millis = 15_000;

impl World {
    /// Webhooks whose time has come set off; the switchboard and the weather say when they arrive, and how often.
    pub(super) fn collect_webhooks(&mut self) {
        let now = self.now.cast_unsigned();
        let twilio = self.twilio.take_due(now).into_iter().map(|delivery| (Service::Twilio, delivery));
        let helpscout = self.helpscout.take_due(now).into_iter().map(|delivery| (Service::HelpScout, delivery));
        for (service, delivery) in twilio.chain(helpscout).collect::<Vec<_>>() {
            self.post(service, delivery);
        }
    }

    fn post(&mut self, service: Service, delivery: Delivery) {
        let mut arrivals: Vec<Millis> =
            self.faults.on_delivery(service, &delivery).into_iter().map(u64::cast_signed).collect();
        if delivery.request.method == "POST" {
            if self.dice.happens(self.weather.twice) {
                let late = self.dice.span(0, 120_000);
                arrivals.push(late);
            }
            if self.dice.happens(self.weather.late) {
                let late = self.dice.span(0, 60_000);
                arrivals.iter_mut().take(1).for_each(|first| *first += late);
            }
            if is_call_callback(&delivery.request.target) && self.dice.happens(self.weather.callback_lost) {
                arrivals.clear();
            }
        }
        let patience = match service {
            Service::Twilio => self.twilio.patience(self.now.cast_unsigned(), delivery.id).cast_signed(),
            Service::HelpScout => PATIENCE,
        };
        let mut first = true;
        for wait in arrivals {
            let wait = wait + self.latency(20, 200);
            let in_time = first && wait < patience;
            if first && !in_time {
                self.after(patience, Event::Taken { service, delivery: delivery.id, outcome: Outcome::TimedOut });
            }
            first = false;
            self.after(wait, Event::Deliver { service, delivery: Box::new(delivery.clone()), first: in_time });
        }
        if first {
            let taken = Outcome::Answered(answer(204));
            self.after(1, Event::Taken { service, delivery: delivery.id, outcome: taken });
        }
    }

    pub(super) fn deliver(&mut self, service: Service, delivery: &Delivery, first: bool) {
        let response = self.door(&delivery.request);
        self.note(|| format!("door {} -> {}", delivery.request.target, response.status));
        if !first {
            return;
        }
        let lost = self.dice.happens(self.weather.webhook_answer_lost);
        let wait = self.latency(10, 100);
        let outcome = if lost { Outcome::TimedOut } else { Outcome::Answered(response) };
        self.after(wait, Event::Taken { service, delivery: delivery.id, outcome });
    }

    /// What the Worker answers.
    pub fn door(&mut self, request: &Request) -> Response {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let query = query.to_owned();
        match (request.method.as_str(), path) {
            ("POST", "/twilio/messages") => self.text_door(request),
            ("POST", "/twilio/messages/status") => self.status_door(request, &Form::parse(query.as_bytes())),
            ("POST", _) if path.starts_with("/twilio/calls") => self.call_door(request, path, &query),
            ("POST", "/helpscout/webhook") => self.event_door(request),
            ("GET", _) if path.starts_with("/media/") => self.media_door(path),
            _ => answer(404),
        }
    }

    fn is_twilios(&self, request: &Request) -> bool {
        let secrets = &self.config.secrets;
        let tokens = std::iter::once(&secrets.twilio_auth_token).chain(&secrets.twilio_auth_token_next);
        let keys = twilio::TwilioKeys {
            auth_tokens: tokens.map(|token| token.expose().to_owned()).collect(),
            shared_keys: Vec::new(),
        };
        let signed = twilio::SignedRequest {
            target: &request.target,
            signature: header(request, "x-twilio-signature"),
            settings: header(request, "x-twilio-webhooks-signature-settings"),
            content_type: header(request, "content-type"),
            body: &request.body,
        };
        twilio::verify(&keys, &self.config.public_url, &signed).is_ok()
    }

    fn text_door(&mut self, request: &Request) -> Response {
        if !self.is_twilios(request) {
            return answer(403);
        }
        let empty = Response { headers: vec![("content-type".into(), "text/xml".into())], ..answer(200) };
        let Some((party, text)) = InboundText::read(&Form::parse(&request.body)) else { return empty };
        let number = E164::parse(&text.to);
        let by_number = number.as_ref().and_then(|number| {
            let whatsapp = text.channel == Channel::WhatsApp;
            self.config.by_sender(if whatsapp { Sender::Whatsapp(number) } else { Sender::Number(number) })
        });
        let by_service = || self.config.by_sender(Sender::MessagingService(text.service.as_deref()?));
        let Some(mailbox) = by_number.or_else(by_service).map(|hotline| hotline.mailbox) else { return empty };
        let name = Name::Contact(mailbox, party.key());
        let to = if text.channel == Channel::WhatsApp { format!("whatsapp:{}", text.to) } else { text.to.clone() };
        let (sid, body, person) = (text.sid.clone(), text.body.clone(), party.key());
        let heard = Heard { answered: None, at: self.now, sid, mailbox, person, body, to };
        match self.request(&name, ObjectMessage::Contact(contact::Message::Text(text))) {
            Ok(ObjectReply::Done) => {
                self.ledger.heard(heard, true);
                empty
            }
            Err(Unanswered::Crashed) => {
                self.ledger.heard(heard, false);
                answer(503)
            }
            _ => answer(503),
        }
    }

    fn status_door(&mut self, request: &Request, query: &Form) -> Response {
        if !self.is_twilios(request) {
            return answer(403);
        }
        let form = Form::parse(&request.body);
        let mailbox = query.get("h").and_then(|id| id.parse().ok()).filter(|id| self.config.by_mailbox(*id).is_some());
        let status = query.get("m").and_then(|message| Status::read(message, &form));
        let (Some(mailbox), Some(status), Some(to)) = (mailbox, status, form.get("To")) else { return answer(204) };
        let name = Name::Contact(mailbox, Party::parse(to).1.key());
        let message = contact::Message::Status(status);
        let heard = self.request(&name, ObjectMessage::Contact(message));
        answer(if heard.is_ok() { 204 } else { 503 })
    }

    fn call_door(&mut self, request: &Request, path: &str, query: &str) -> Response {
        if !self.is_twilios(request) {
            return answer(403);
        }
        let (facts, query) = (Facts::read(&Form::parse(&request.body)), Form::parse(query.as_bytes()));
        let stage = path.strip_prefix("/twilio/calls").and_then(Stage::of_route).expect("a door of ours");
        let first = matches!(stage, Stage::Incoming | Stage::Over);
        let by_number = || self.config.by_sender(Sender::Number(&E164::parse(&facts.to)?));
        let by_address = || self.config.by_mailbox(query.get("h")?.parse().ok()?);
        let Some(hotline) = (if first { by_number() } else { by_address() }) else { return twiml(&document(&[])) };
        if hotline.blocks(&Party::parse(&facts.from).1) {
            return twiml(&document(&[Verb::Reject]));
        }
        let mailbox = hotline.mailbox;
        let id = if first { facts.sid.clone() } else { query.get("c").unwrap_or_default().to_owned() };
        let leg = query.get("l").and_then(|leg| leg.parse().ok());
        let reception = call::counted_caller(stage, &facts).map_or(call::Reception::Usual, |caller| {
            let message = contact::Message::CallComes { call: facts.sid.clone() };
            let reply = self.request(&Name::Contact(mailbox, caller), ObjectMessage::Contact(message));
            reply.map_or(call::Reception::Usual, |reply| call::Reception::read(&reply))
        });
        let message = call::Message::Twilio { stage, leg, facts: facts.clone(), open: self.open, reception };
        let heard = self.request(&Name::Call(mailbox, id.clone()), ObjectMessage::Call(message));
        if reception == call::Reception::Rejected {
            self.ledger.rejected.entry(id.clone()).or_insert(heard.is_ok());
        }
        match heard {
            Ok(ObjectReply::Says { body, .. }) if stage.wants_twiml() => twiml(&body),
            Ok(_) => answer(204),
            Err(_) if stage.wants_twiml() => {
                let hotline = self.config.by_mailbox(mailbox).expect("it was there");
                twiml(&document(&call::without_state(stage, &facts, &self.config, hotline, &id)))
            }
            Err(_) => answer(503),
        }
    }

    fn event_door(&mut self, request: &Request) -> Response {
        let secrets = &self.config.secrets;
        let secrets = std::iter::once(&secrets.helpscout_webhook_secret).chain(&secrets.helpscout_webhook_secret_next);
        let secrets: Vec<String> = secrets.map(Secret::expose).map(str::to_owned).collect();
        if helpscout::verify_webhook(&secrets, header(request, "x-helpscout-signature"), &request.body).is_err() {
            return answer(401);
        }
        let Ok(event) = webhook::read(header(request, "x-helpscout-event"), &request.body) else { return answer(204) };
        let everywhere = matches!(event.happening, Happening::Moved | Happening::Deleted | Happening::Merged);
        let concerned = |mailbox: &u64| everywhere || event.mailbox.is_none_or(|own| own == *mailbox);
        let mailboxes: Vec<u64> =
            self.config.hotlines.iter().map(|hotline| hotline.mailbox).filter(concerned).collect();
        let mut status = 204;
        for mailbox in mailboxes {
            let heard = ObjectMessage::Hotline(directory::Message::Event(event.clone()));
            if self.request(&Name::Directory(mailbox), heard).is_err() {
                status = 503;
            }
        }
        answer(status)
    }

    /// A file, where its conversation still is.
    fn file_of(&self, conversation: u64, attachment: u64) -> Option<(String, Vec<u8>)> {
        let threads = self.helpscout.threads(conversation);
        threads.iter().any(|thread| thread.attachments.contains(&attachment)).then_some(())?;
        self.helpscout.attachment(attachment)
    }

    fn media_door(&self, path: &str) -> Response {
        let token = path.strip_prefix("/media/").unwrap_or_default();
        match MediaLink::open(&self.config, self.now, token) {
            Ok(MediaLink::HelpScout { conversation, attachment, .. }) => match self.file_of(conversation, attachment) {
                Some((mime, body)) => Response { status: 200, headers: vec![("content-type".into(), mime)], body },
                None => answer(404),
            },
            _ => answer(404),
        }
    }
}

/// Whether Twilio only tells something of a call, and asks for no document.
fn is_call_callback(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    path.strip_prefix("/twilio/calls").and_then(Stage::of_route).is_some_and(|stage| !stage.wants_twiml())
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn twiml(document: &str) -> Response {
    super::documents::check(document);
    let headers = vec![("content-type".into(), "text/xml".into())];
    Response { headers, body: document.as_bytes().to_vec(), ..answer(200) }
}

fn answer(status: u16) -> Response {
    Response { status, headers: Vec::new(), body: Vec::new() }
}
