//! Webhooks on their way to the Worker, and what becomes of them there.

use std::rc::Rc;

use emulator::faults::Service;
use emulator::http::{Delivery, Model, Outcome, Request, Response};
use hotline::answer::{self as answers, View};
use hotline::api;
use hotline::call::Reception;
use hotline::contact;
use hotline::domain::phone::Channel;
use hotline::domain::wrong_keys::WrongKeys;
use hotline::effects::{Medium, Millis, ObjectMessage, ObjectReply, ToObject};
use hotline::helpscout::read::attachment_bytes;
use hotline::helpscout::request::get_attachment;
use hotline::media::{MediaLink, shown_to_twilio};
use hotline::messages::rate_limiter::{self, Permit, PermitRequest, RateLimiterName};
use hotline::messages::request::{ReceiveCall, Request as _};
use hotline::routing::{self, ApiCall, Body, BodyRefusal, CallRequest, Decision, HttpAnswer, Next, Tell};
use hotline::twilio::calls::Stage;
use hotline::twilio::inbound::InboundText;
use sha2::{Digest, Sha256};

use super::effects::Unanswered;
use super::ledger::Heard;
use super::object::Name;
use super::wire::{as_read, on_the_wire};
use super::{Event, World};

/// How long Help Scout waits for the answer to a webhook; not documented, so as long as Twilio does.
const PATIENCE: Millis = 15_000;

impl World {
    /// Webhooks whose time has come set off; the switchboard and random faults say when they arrive, and how often.
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
            if self.dice.happens(self.random_faults.twice) {
                let late = self.dice.span(0, 120_000);
                arrivals.push(late);
            }
            if self.dice.happens(self.random_faults.late) {
                let late = self.dice.span(0, 60_000);
                arrivals.iter_mut().take(1).for_each(|first| *first += late);
            }
            if is_call_callback(&delivery.request.target) && self.dice.happens(self.random_faults.callback_lost) {
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
        let response = self.answer(&delivery.request);
        self.note(|| format!("route {} -> {}", delivery.request.target, response.status));
        if !first {
            return;
        }
        let lost = self.dice.happens(self.random_faults.webhook_answer_lost);
        let wait = self.latency(10, 100);
        let outcome = if lost { Outcome::TimedOut } else { Outcome::Answered(response) };
        self.after(wait, Event::Taken { service, delivery: delivery.id, outcome });
    }

    /// What the Worker answers: it carries out what the rules decide.
    pub fn answer(&mut self, request: &Request) -> Response {
        let config = Rc::clone(&self.config);
        let decide = |body| {
            let method = routing::Method::from(request.method.as_str());
            let headers = |name: &str| header(request, name).map(str::to_owned);
            let random = || Some(self.random());
            let request = routing::Request {
                method,
                target: &request.target,
                headers: &headers,
                body,
                now: self.now,
                random: &random,
            };
            routing::route(&request, Ok(&config)).decision
        };
        let decision = match decide(Body::Unread) {
            Decision::ReadBody(from) if request.body.len() > from.limits().most => {
                decide(Body::Refused(BodyRefusal::TooLarge))
            }
            Decision::ReadBody(_) => decide(Body::Read(&request.body)),
            decision => decision,
        };
        match decision {
            Decision::Answer(said) => response(said),
            Decision::Tell(tell) => self.told(tell),
            Decision::Call(mut call) => {
                call.open &= self.open;
                self.call_answer(&call)
            }
            Decision::Media { link: MediaLink::ForTwilio { conversation, attachment, mime, name }, .. } => {
                self.file(conversation, attachment, shown_to_twilio(&mime, &name).content_type)
            }
            Decision::Media { link: MediaLink::Twilio { url }, .. } => match self.fetch(&url) {
                Medium::Fetched { bytes, content_type, .. } => {
                    let content_type = hotline::media::shown(&content_type).content_type;
                    Response { status: 200, headers: vec![("content-type".into(), content_type)], body: bytes }
                }
                _ => answer(410),
            },
            // Nobody looks at these here.
            Decision::Media { .. } | Decision::Page(_) | Decision::Sidebar(_) => answer(404),
            Decision::ApiRefused(admission) => {
                let refusal = admission.admit(&mut WrongKeys::default(), self.now).err();
                refusal.map_or_else(|| answer(404), |(_, refusal)| response(refusal))
            }
            Decision::Api(_, call) => self.api_answer(call),
            Decision::ReadBody(_) => unreachable!("the body was read"),
        }
    }

    /// What no two requests draw, and each history draws again.
    fn random(&self) -> routing::Random {
        let drawn = [self.now, self.object_requests.cast_signed(), self.steps.cast_signed()].map(i64::to_be_bytes);
        Sha256::digest(drawn.concat()).into()
    }

    fn told(&mut self, tell: Tell) -> Response {
        let mut replies = Vec::new();
        for (mailbox, message) in &tell.messages {
            let reply = self.tell_object(*mailbox, message.clone());
            if let ToObject::Contact(person, contact::Message::Text(text)) = message {
                match &reply {
                    Ok(ObjectReply::Done) => self.takes_text(*mailbox, person, text, true),
                    Err(Unanswered::Crashed) => self.takes_text(*mailbox, person, text, false),
                    _ => {}
                }
            }
            replies.push(reply.unwrap_or(ObjectReply::Unreachable));
        }
        response(tell.answer(&replies))
    }

    /// A program's request, carried out as the Worker does.
    fn api_answer(&mut self, mut call: ApiCall) -> Response {
        let config = Rc::clone(&self.config);
        let mut replies = Vec::new();
        loop {
            match call.next(&config, self.now, replies) {
                Next::Answer(said) => return response(said),
                Next::Ask(messages) => {
                    let ask =
                        |(mailbox, message)| self.tell_object(mailbox, message).unwrap_or(ObjectReply::Unreachable);
                    replies = messages.into_iter().map(ask).collect();
                }
            }
        }
    }

    fn takes_text(&mut self, mailbox: u64, person: &str, text: &InboundText, answered: bool) {
        let to = if text.channel == Channel::WhatsApp { format!("whatsapp:{}", text.to) } else { text.to.clone() };
        let (sid, body, person) = (text.sid.clone(), text.body.clone(), person.to_owned());
        let heard = Heard { answered: None, at: self.now, sid, mailbox, person, body, to };
        self.ledger.heard(heard, answered);
    }

    fn call_answer(&mut self, call: &CallRequest) -> Response {
        let reception = call.caller().map_or(Reception::Usual, |question| {
            let reply = self.tell_object(call.mailbox, question.message()).unwrap_or(ObjectReply::Unreachable);
            ReceiveCall::reply(reply).unwrap_or_default()
        });
        let reply = self.tell_object(call.mailbox, call.message(reception));
        if reception == Reception::Rejected {
            self.ledger.rejected.entry(call.call.clone()).or_insert(reply.is_ok());
        }
        response(call.answer(reply.unwrap_or(ObjectReply::Unreachable), &self.config))
    }

    /// An agent's file, read as the Worker reads it.
    fn file(&mut self, conversation: u64, attachment: u64, mime: String) -> Response {
        let (permit, request) = (PermitRequest::file(attachment), get_attachment(conversation, attachment));
        let message = rate_limiter::Message::Permit(RateLimiterName::HelpScout, permit.clone());
        let limiter = Name::limiter(&RateLimiterName::HelpScout);
        let Ok(ObjectReply::Permit(Permit::Granted(grant))) =
            self.request(&limiter, ObjectMessage::RateLimiter(message))
        else {
            return answer(502);
        };
        let request = on_the_wire(&request, format!("Bearer {}", grant.token));
        self.ledger.leaves(self.now, Service::HelpScout, &request);
        let response = as_read(self.helpscout.handle(self.now.cast_unsigned(), &request));
        let (view, report) = answers::view(api::Outcome::Answered(response), &grant, &permit);
        if let Some(report) = report {
            // A report is advice, and may be lost.
            drop(self.report(RateLimiterName::HelpScout, report));
        }
        let View::Answered(found) = view else { return answer(502) };
        match attachment_bytes(&found.body) {
            Some(body) if !body.is_empty() => {
                Response { status: 200, headers: vec![("content-type".into(), mime)], body }
            }
            _ => answer(502),
        }
    }
}

/// Whether Twilio only tells something of a call, and asks for no document.
fn is_call_callback(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let step = segments.strip_prefix(&["twilio", "calls"]);
    step.and_then(Stage::of_route).is_some_and(|stage| !stage.wants_twiml())
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn response(said: HttpAnswer) -> Response {
    let headers: Vec<(String, String)> = said.headers.into_iter().map(|(name, value)| (name.into(), value)).collect();
    if headers.iter().any(|(name, value)| name == "content-type" && value.starts_with("text/xml")) {
        super::documents::check(&said.body);
    }
    Response { status: said.status, headers, body: said.body.into_bytes() }
}

fn answer(status: u16) -> Response {
    Response { status, headers: Vec::new(), body: Vec::new() }
}
