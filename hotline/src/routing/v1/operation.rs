//! What programs may ask for, and how each goes on.

use super::endpoints::OneEndpoint;
use super::export::ExportPerson;
use super::list_events::ListEvents;
use super::list_jobs::ListJobs;
use super::list_messages::ListMessages;
use super::one_message::OneMessage;
use super::one_verification::OneVerification;
use super::openapi;
use super::people::OnePerson;
use super::progress::Progress;
use super::read_health::ReadHealth;
use super::send_messages::SendMessages;
use super::send_template::SendTemplate;
use super::sessions::{CreateSession, OneSession};
use super::start_verification::StartVerification;
use super::template_fill::WantedTemplate;
use super::templates::OneTemplate;
use super::turn_job::TurnJob;
use crate::config::Config;
use crate::effects::{Millis, ObjectReply};
use crate::routing::HttpAnswer;

/// What a request asks for, once it is known to be good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// How all of these are asked for.
    Description,
    SendMessages(Box<SendMessages>),
    ListMessages(ListMessages),
    OneMessage(OneMessage),
    OnePerson(OnePerson),
    ExportPerson(Box<ExportPerson>),
    SendTemplate(Box<SendTemplate>),
    OneTemplate(Box<OneTemplate>),
    StartVerification(Box<StartVerification>),
    OneVerification(OneVerification),
    CreateSession(Box<CreateSession>),
    OneSession(OneSession),
    ListEvents(ListEvents),
    OneEndpoint(Box<OneEndpoint>),
    ReadHealth(ReadHealth),
    ListJobs(ListJobs),
    TurnJob(TurnJob),
}

impl Operation {
    /// A request to send, which first needs its template if it is made from one.
    pub fn send(send: Box<SendMessages>, template: Option<WantedTemplate>) -> Self {
        match template {
            Some(template) => Self::SendTemplate(Box::new(SendTemplate::new(template, send))),
            None => Self::SendMessages(send),
        }
    }

    /// Begins it; `request` names what it makes.
    pub fn begin(&mut self, config: &Config, now: Millis, request: &str) -> Progress {
        match self {
            Self::Description => Progress::Answer(HttpAnswer::json(200, openapi::document(&config.public_url))),
            Self::SendMessages(send) => send.begin(config, now, request),
            Self::ListMessages(list) => list.begin(),
            Self::OneMessage(one) => one.begin(),
            Self::OnePerson(one) => one.begin(),
            Self::ExportPerson(export) => export.begin(now),
            Self::SendTemplate(send) => send.begin(request),
            Self::OneTemplate(one) => one.begin(),
            Self::StartVerification(start) => start.begin(request),
            Self::OneVerification(one) => one.begin(request),
            Self::CreateSession(create) => create.begin(request),
            Self::OneSession(one) => one.begin(),
            Self::ListEvents(list) => list.begin(now),
            Self::OneEndpoint(one) => one.begin(),
            Self::ReadHealth(read) => Progress::Ask(read.begin(config)),
            Self::ListJobs(list) => list.begin(),
            Self::TurnJob(turn) => turn.begin(),
        }
    }

    /// Goes on with what the objects have said.
    pub fn next(&mut self, config: &Config, now: Millis, replies: Vec<ObjectReply>) -> Progress {
        match self {
            // It asks no object.
            Self::Description => Progress::Unavailable,
            Self::SendMessages(send) => send.on_replies(config, now, replies),
            Self::ListMessages(list) => list.on_replies(config, replies),
            Self::OneMessage(one) => one.on_reply(config, replies),
            Self::OnePerson(one) => one.on_reply(config, replies),
            Self::ExportPerson(export) => export.on_reply(now, replies),
            Self::SendTemplate(send) => send.on_replies(config, now, replies),
            Self::OneTemplate(one) => one.on_reply(config, replies),
            Self::StartVerification(start) => start.on_replies(config, replies),
            Self::OneVerification(one) => one.on_replies(config, replies),
            Self::CreateSession(create) => create.on_replies(config, replies),
            Self::OneSession(one) => one.on_replies(config, replies),
            Self::ListEvents(list) => list.on_replies(replies),
            Self::OneEndpoint(one) => one.on_replies(config, replies),
            Self::ReadHealth(read) => Progress::Answer(read.answer(config, now, replies)),
            Self::ListJobs(list) => list.on_replies(config, replies),
            Self::TurnJob(turn) => turn.on_replies(config, replies),
        }
    }
}
