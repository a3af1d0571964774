//! `/v1/endpoints/{name}`: where events are delivered to.
//!
//! The object of the endpoint knows how it is. The parts of its hotlines' people are told who gets their events.

use std::collections::BTreeSet;

use protocol::v1::{self, Deleted, EndpointStatus, TestEvent};

use super::Asked;
use super::endpoint_body::{self, Wanted};
use super::fields::{self, Errors, Fields};
use super::problem::{self, Problems};
use super::progress::Progress;
use crate::config::Config;
use crate::domain::template::is_name;
use crate::domain::time::timestamp;
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::json;
use crate::messages::audience::{self, PARTS};
use crate::messages::endpoint::{Listener, Message, Replay, Settings, Shown};
use crate::routing::HttpAnswer;

/// An endpoint belongs to no hotline.
const NO_HOTLINE: u64 = 0;

/// A request about one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OneEndpoint {
    name: String,
    /// The hotlines that the key opens.
    own: Vec<String>,
    about: About,
    state: State,
}

/// What is asked about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    Item,
    Put(Settings),
    End,
    Rotate,
    Test,
    Replay(Millis),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Its object was asked how it is, before anything is changed.
    Looking,
    /// Its object was told. Before, it had these hotlines.
    Changing(Vec<String>),
    /// The parts of its hotlines' people are told.
    Telling(Box<Shown>),
    /// Its object hears that all were told.
    Confirming(Box<Shown>),
}

impl Asked<'_> {
    /// A request about an endpoint that is there; what cannot be a name is none of one.
    pub(super) fn one_endpoint(&self, name: &str, about: About) -> Result<Box<OneEndpoint>, HttpAnswer> {
        self.query(&[])?;
        if !is_name(name) {
            return Err(self.not_found());
        }
        let own = self.key.hotlines.clone();
        Ok(Box::new(OneEndpoint { name: name.to_owned(), own, about, state: State::Looking }))
    }

    /// Reads an endpoint that is to be made, or changed.
    pub(super) fn put_endpoint(&self, name: &str) -> Result<Box<OneEndpoint>, HttpAnswer> {
        let errors = Errors::default();
        if !is_name(name) {
            errors.add("name", "not_a_name", "must be 1 to 64 small letters, digits, _ and -");
        }
        let object = fields::object(self.body()?, &errors);
        let wanted = object.and_then(|object| endpoint_body::endpoint(Fields::new(object, &errors)));
        let wanted = errors.check(wanted).map_err(|errors| self.problems().invalid(errors))?;
        let Wanted { url, events, hotlines } = wanted;
        for hotline in &hotlines {
            self.hotline(hotline)?;
        }
        let (key, url) = (self.key.id.clone(), url.as_str().to_owned());
        self.one_endpoint(name, About::Put(Settings { key, url, events, hotlines }))
    }

    /// Reads from when on events are delivered again.
    pub(super) fn replay_endpoint(&self, name: &str) -> Result<Box<OneEndpoint>, HttpAnswer> {
        let errors = Errors::default();
        let object = fields::object(self.body()?, &errors);
        let since = object.and_then(|object| endpoint_body::replay(Fields::new(object, &errors), self.request.now));
        let since = errors.check(since).map_err(|errors| self.problems().invalid(errors))?;
        self.one_endpoint(name, About::Replay(since))
    }
}

impl OneEndpoint {
    pub(super) fn begin(&self) -> Progress {
        self.ask(Message::Read)
    }

    fn ask(&self, message: Message) -> Progress {
        Progress::Ask(vec![(NO_HOTLINE, ToObject::Endpoint(self.name.clone(), message))])
    }

    pub(super) fn on_replies(&mut self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        match std::mem::replace(&mut self.state, State::Looking) {
            State::Looking => self.on_look(config, replies.into_iter().next()),
            State::Changing(before) => self.on_change(config, &before, replies.into_iter().next()),
            State::Telling(shown) => self.on_told(config, shown, &replies),
            State::Confirming(shown) => match replies.as_slice() {
                [ObjectReply::Endpoint(_)] => answer(&self.shown(*shown)),
                _ => Progress::Unavailable,
            },
        }
    }

    /// Nobody sees or changes what delivers other hotlines' events.
    fn on_look(&mut self, config: &Config, reply: Option<ObjectReply>) -> Progress {
        let known = match reply {
            Some(ObjectReply::Endpoint(known)) => Some(*known),
            Some(ObjectReply::NotFound) => None,
            _ => return Progress::Unavailable,
        };
        let hotlines = known.as_ref().map(|known| known.settings.hotlines.clone()).unwrap_or_default();
        if hotlines.iter().any(|hotline| !self.own.contains(hotline)) {
            let detail = "This endpoint gets events of a hotline that the key does not open.";
            return Progress::Answer(Problems { config }.answer(problem::HOTLINE_FORBIDDEN, detail));
        }
        let message = match (&self.about, known) {
            (About::Put(settings), _) => Message::Put(settings.clone()),
            (_, None) => return not_found(config),
            (About::Item, Some(known)) => return answer(&self.shown(known)),
            (About::End, _) => Message::Delete,
            (About::Rotate, _) => Message::Rotate,
            (About::Test, _) => Message::Test,
            (About::Replay(_), _) => Message::Replay,
        };
        self.state = State::Changing(hotlines);
        self.ask(message)
    }

    fn on_change(&mut self, config: &Config, before: &[String], reply: Option<ObjectReply>) -> Progress {
        let shown = match reply {
            Some(ObjectReply::Endpoint(shown)) => shown,
            Some(ObjectReply::TestSent { id }) => {
                return Progress::Answer(HttpAnswer::json(202, json::written(&TestEvent { id })));
            }
            Some(ObjectReply::Refused(refused)) => {
                return Progress::Answer(Problems { config }.answer(problem::ENDPOINT_OFF, refused.words));
            }
            Some(ObjectReply::NotFound) => return not_found(config),
            _ => return Progress::Unavailable,
        };
        if matches!(self.about, About::Rotate) {
            return answer(&self.shown(*shown));
        }
        let told = self.told(config, before, &shown);
        self.state = State::Telling(shown);
        if told.is_empty() { self.on_replies(config, Vec::new()) } else { Progress::Ask(told) }
    }

    /// What the parts of the hotlines' people are told.
    fn told(&self, config: &Config, before: &[String], shown: &Shown) -> Vec<(u64, ToObject)> {
        let listens: &[String] = if matches!(self.about, About::End) { &[] } else { &shown.settings.hotlines };
        let replay = match self.about {
            About::Replay(since) => Some(Replay { number: shown.replays, since }),
            _ => None,
        };
        let listen = audience::Message::Listen(Listener {
            name: self.name.clone(),
            events: shown.settings.events.clone(),
            version: shown.version,
            since: shown.changed_at,
            replay,
        });
        let forget = audience::Message::Forget { endpoint: self.name.clone() };
        let all: BTreeSet<&String> = before.iter().chain(listens).collect();
        let mut told = Vec::new();
        for hotline in all {
            let message = if listens.contains(hotline) { &listen } else { &forget };
            // A hotline that is set aside hears of it with the next change.
            let Some(hotline) = config.by_name(hotline) else { continue };
            told.extend((0..PARTS).map(|part| (hotline.mailbox, ToObject::Audience(part, message.clone()))));
        }
        told
    }

    fn on_told(&mut self, config: &Config, shown: Box<Shown>, replies: &[ObjectReply]) -> Progress {
        if let Some(ObjectReply::Refused(refused)) = replies.iter().find(|it| matches!(it, ObjectReply::Refused(_))) {
            let fault = fields::fault("hotlines", &refused.code, refused.words.clone());
            return Progress::Answer(Problems { config }.invalid(vec![fault]));
        }
        let is_told = replies.iter().all(|reply| *reply == ObjectReply::Done);
        match self.about {
            // What no part hears of any more is refused by the endpoint's object, and then forgotten.
            About::End => Progress::Answer(HttpAnswer::json(200, json::written(&Deleted { deleted: true }))),
            _ if !is_told => Progress::Unavailable,
            About::Put(_) => {
                self.state = State::Confirming(shown);
                self.ask(Message::Confirm)
            }
            _ => Progress::Answer(HttpAnswer::json(202, json::written(&self.shown(*shown)))),
        }
    }

    fn shown(&self, shown: Shown) -> v1::Endpoint {
        let Settings { url, events, hotlines, .. } = shown.settings;
        v1::Endpoint {
            name: self.name.clone(),
            url,
            events,
            hotlines,
            status: if shown.off.is_some() { EndpointStatus::Off } else { EndpointStatus::On },
            reason: shown.off.or(shown.trouble),
            secret: shown.secret,
            created_at: timestamp(shown.created_at),
        }
    }
}

fn answer(endpoint: &v1::Endpoint) -> Progress {
    Progress::Answer(HttpAnswer::json(200, json::written(endpoint)))
}

fn not_found(config: &Config) -> Progress {
    Progress::Answer(Problems { config }.answer(problem::NOT_FOUND, "There is no endpoint of this name."))
}
