//! What a request from outside means. [`route`] decides it: the proof, the hotline, who is blocked, the limits, the
//! answers of refusals, what is counted. The Worker carries the decision out, and the simulation does the same.

mod answer;
mod called_party;
mod calls;
mod codes;
mod counts;
mod health;
mod helpscout;
mod request;
mod sidebar;
mod twilio;
mod unrouted;
mod v1;

pub use answer::HttpAnswer;
pub use calls::CallRequest;
pub use helpscout::PageRequest;
pub use request::{Body, BodyFrom, BodyLimits, BodyRefusal, Method, Random, Request};
pub use sidebar::{SidebarAction, SidebarRequest, TextFromSidebar};
pub use v1::{Admission, ApiCall, Next, ReadHealth};

use crate::config::{Config, ConfigError};
use crate::domain::link::LinkError;
use crate::effects::{ObjectReply, ToObject};
use crate::log::{Level, LogLine};
use crate::media::MediaLink;
use crate::twilio::calls::Stage;

/// A decision, and what the log says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// The route's name; `None` when there is no such route, or not for that method.
    pub route: Option<&'static str>,
    /// What is worth a line of its own.
    pub log: Option<LogLine>,
    /// What is done.
    pub decision: Decision,
}
/// What is done about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is answered at once.
    Answer(HttpAnswer),
    /// Its body is read, within this sender's limits, and it is routed again.
    ReadBody(BodyFrom),
    /// Objects are told something.
    Tell(Tell),
    /// A call's object says what comes next.
    Call(CallRequest),
    /// A file is shown.
    Media {
        /// Which.
        link: MediaLink,
        /// `Range`.
        range: Option<String>,
    },
    /// Help Scout opens the sidebar.
    Page(PageRequest),
    /// A sidebar asks for something.
    Sidebar(SidebarRequest),
    /// A program asks for something by `/v1`.
    Api(Admission, ApiCall),
    /// Somebody without a key asks for something by `/v1`.
    ApiRefused(Admission),
}

/// What objects are told, and the answers for both ends that it may come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tell {
    /// The hotline's inbox (0 counts what belongs to no hotline), and what is said to which of its objects.
    pub messages: Vec<(u64, ToObject)>,
    /// All of it is stored.
    pub stored: HttpAnswer,
    /// Some of it is not.
    pub not_stored: HttpAnswer,
}

impl Tell {
    /// The answer, once the objects have replied.
    pub fn answer(self, replies: &[ObjectReply]) -> HttpAnswer {
        if replies.iter().all(is_stored) { self.stored } else { self.not_stored }
    }
}

/// Whether an object has stored what it was told.
fn is_stored(reply: &ObjectReply) -> bool {
    !matches!(reply, ObjectReply::Unreachable | ObjectReply::Later(_))
}

/// The routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route<'a> {
    Health,
    Text,
    TextStatus,
    Call(Stage),
    SayCode,
    CodeStatus,
    Webhook,
    Page,
    Sidebar(SidebarRoute<'a>),
    Media(&'a str),
    V1,
    ErrorPage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SidebarRoute<'a> {
    Timeline,
    Agent,
    SetPhone,
    StartCall,
    ShowCall(&'a str),
    EndCall(&'a str),
    SendText,
    Health,
    Live,
}

impl<'a> Route<'a> {
    /// The route table: path, method, route.
    fn find(path: &[&'a str], method: Method) -> Option<Self> {
        use Method::{Delete, Get, Head, Post, Put};
        use SidebarRoute::{Agent, EndCall, Health, Live, SendText, SetPhone, ShowCall, StartCall, Timeline};
        Some(match (path, method) {
            (["healthz"], Get | Head) => Self::Health,

            // A webhook may be set up with GET: then its parameters stand in the query.
            (["twilio", "messages"], Post | Get) => Self::Text,
            (["twilio", "messages", "status"], Post | Get) => Self::TextStatus,
            (["twilio", "calls", step @ ..], Post | Get) => Self::Call(Stage::of_route(step)?),

            (["twilio", "codes"], Post | Get) => Self::SayCode,
            (["twilio", "codes", "status"], Post | Get) => Self::CodeStatus,

            (["helpscout", "webhook"], Post | Get) => Self::Webhook,
            (["helpscout", "sidebar"], Get | Head) => Self::Page,

            (["sidebar", "timeline"], Get) => Self::Sidebar(Timeline),
            (["sidebar", "agent"], Get) => Self::Sidebar(Agent),
            (["sidebar", "agent"], Put) => Self::Sidebar(SetPhone),
            (["sidebar", "calls"], Post) => Self::Sidebar(StartCall),
            (["sidebar", "calls", id], Get) => Self::Sidebar(ShowCall(id)),
            (["sidebar", "calls", id], Delete) => Self::Sidebar(EndCall(id)),
            (["sidebar", "messages"], Post) => Self::Sidebar(SendText),
            (["sidebar", "health"], Get) => Self::Sidebar(Health),
            (["sidebar", "live"], Get) => Self::Sidebar(Live),

            (["media", token], Get | Head) if !token.is_empty() => Self::Media(token),

            (["v1", ..], _) => Self::V1,
            (["assets", "errors"], Get | Head) => Self::ErrorPage,

            _ => return None,
        })
    }

    /// The methods of a path that has routes, for the header `Allow`: each route's first one.
    fn allowed(path: &[&'a str]) -> Option<String> {
        const METHODS: [(Method, &str); 4] =
            [(Method::Post, "POST"), (Method::Get, "GET"), (Method::Put, "PUT"), (Method::Delete, "DELETE")];
        let mut routes: Vec<(Self, &str)> = Vec::new();
        for (method, name) in METHODS {
            let route = Self::find(path, method).filter(|route| routes.iter().all(|(known, _)| known != route));
            routes.extend(route.map(|route| (route, name)));
        }
        let names: Vec<&str> = routes.iter().map(|(_, name)| *name).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// The name in the log.
    fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Text => "twilio.messages",
            Self::TextStatus => "twilio.messages.status",
            Self::Call(_) => "twilio.calls",
            Self::SayCode => "twilio.codes",
            Self::CodeStatus => "twilio.codes.status",
            Self::Webhook => "helpscout.webhook",
            Self::Page => "helpscout.sidebar",
            Self::Sidebar(_) => "sidebar",
            Self::Media(_) => "media",
            Self::V1 => "v1",
            Self::ErrorPage => "errors",
        }
    }
}

/// The segments of a path. Towards Twilio and Help Scout empty ones mean nothing: people paste addresses with a slash at
/// the end, or two in the middle.
fn segments(path: &str) -> Vec<&str> {
    let all: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    let filled: Vec<&str> = all.iter().copied().filter(|segment| !segment.is_empty()).collect();
    if matches!(filled.first(), Some(&("twilio" | "helpscout"))) { filled } else { all }
}

/// The description of `/v1` (OpenAPI 3.1), as the Worker at this address serves it.
pub fn description(public_url: &str) -> String {
    v1::description(public_url)
}

/// Decides what is done about a request.
pub fn route(request: &Request, config: Result<&Config, &ConfigError>) -> Routed {
    let path = segments(request.path());
    let route = Route::find(&path, request.method);
    let (log, decision) = match (route, config) {
        (Some(route), Ok(config)) => (None, decide(route, request, config)),
        (Some(Route::Health), Err(error)) => (None, Decision::Answer(health::faults(std::slice::from_ref(error)))),
        (Some(Route::V1), Err(error)) => (Some(wrong(error)), Decision::Answer(v1::misconfigured(error))),
        (Some(_), Err(error)) => (Some(wrong(error)), misconfigured(error)),
        (None, Ok(config)) => unrouted::decide(request, config, Route::allowed(&path).as_deref()),
        (None, Err(_)) => (None, Decision::Answer(unrouted::refusal(request, Route::allowed(&path).as_deref()))),
    };
    let log = log.or_else(|| unrouted::line(request, &decision));
    Routed { route: route.map(Route::name), log, decision }
}

/// What is done instead where a proof is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Unproven {
    /// The body must be read first.
    ReadBody(BodyFrom),
    /// It is refused.
    Refused(HttpAnswer),
}

impl From<Unproven> for Decision {
    fn from(unproven: Unproven) -> Self {
        match unproven {
            Unproven::ReadBody(from) => Self::ReadBody(from),
            Unproven::Refused(answer) => Self::Answer(answer),
        }
    }
}

fn decide(route: Route, request: &Request, config: &Config) -> Decision {
    match route {
        Route::Health => Decision::Answer(health::answer(request, config)),
        Route::Text => twilio::text(request, config),
        Route::TextStatus => twilio::status(request, config),
        Route::Call(stage) => calls::decide(stage, request, config),
        Route::SayCode => codes::say(request, config),
        Route::CodeStatus => codes::status(request, config),
        Route::Webhook => helpscout::webhook(request, config),
        Route::Page => helpscout::page(request, config),
        Route::Sidebar(route) => sidebar::decide(route, request, config),
        Route::Media(token) => media(token, request, config),
        Route::V1 => v1::decide(segments(request.path()).get(1..).unwrap_or_default(), request, config),
        Route::ErrorPage => Decision::Answer(v1::error_page()),
    }
}

fn misconfigured(error: &ConfigError) -> Decision {
    Decision::Answer(HttpAnswer::misconfigured(500, std::slice::from_ref(error)))
}

fn wrong(error: &ConfigError) -> LogLine {
    LogLine::new(Level::Error, "configuration.wrong").about(error.field.clone())
}

fn media(token: &str, request: &Request, config: &Config) -> Decision {
    match MediaLink::open(config, request.now, token) {
        Ok(link) => Decision::Media { link, range: request.header("range") },
        Err(LinkError::Forged) => Decision::Answer(HttpAnswer::error(401, "bad_link", "This link is not one of ours.")),
        Err(LinkError::Expired) => Decision::Answer(HttpAnswer::page(
            410,
            "This link has expired",
            "Links to pictures, voicemails and files end after a while. Open the conversation in Help Scout to find it.",
        )),
    }
}

#[cfg(test)]
mod tests;
