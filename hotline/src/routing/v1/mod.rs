//! The API for other programs, below `/v1`. Proof is a key of the secret `API_KEYS`, which opens some scopes and some hotlines.

mod admission;
mod call;
mod code_limits;
mod endpoint_body;
mod endpoints;
mod export;
mod fields;
mod list_events;
mod list_jobs;
mod list_messages;
mod one_message;
mod one_verification;
mod openapi;
mod operation;
mod people;
mod problem;
mod progress;
mod query;
mod read_health;
mod recipients;
mod send_body;
mod send_messages;
mod send_template;
mod sessions;
mod start_verification;
mod template_body;
mod template_fill;
mod templates;
mod turn_job;
mod verification_answer;
mod verification_body;
mod via;

pub use admission::Admission;
pub use call::{ApiCall, Next};
pub(super) use openapi::document as description;
pub(super) use problem::{misconfigured, page as error_page};

use protocol::v1::FieldError;

use super::request::{Body, BodyFrom, BodyRefusal, Method, Request};
use super::{Decision, HttpAnswer};
use crate::config::{ApiKey, ApiScope, Config, Hotline};
use operation::Operation;
use problem::Problems;
pub use read_health::ReadHealth;

/// The longest `Idempotency-Key`, in characters.
const LONGEST_IDEMPOTENCY_KEY: usize = 255;

/// The routes below `/v1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route<'a> {
    Health,
    Description,
    SendMessages,
    ListMessages,
    ReadMessage(&'a str),
    WhyMessage(&'a str),
    CancelMessage(&'a str),
    ReadPerson(&'a str),
    ReplacePerson(&'a str),
    ErasePerson(&'a str),
    ExportPerson(&'a str),
    ReadJob(&'a str),
    ListJobs,
    RetryJob(&'a str),
    DropJob(&'a str),
    GiveConsent(&'a str),
    ReadConsents(&'a str),
    ImportConversation(&'a str, &'a str),
    ReadConversation(&'a str, &'a str),
    PutTemplate(&'a str),
    ReadTemplate(&'a str),
    DeleteTemplate(&'a str),
    PreviewTemplate(&'a str),
    StartVerification,
    ReadVerification(&'a str),
    CheckVerification(&'a str),
    ResendVerification(&'a str),
    CancelVerification(&'a str),
    CreateSession,
    ReadSession(&'a str),
    CloseSession(&'a str),
    ListEvents,
    PutEndpoint(&'a str),
    ReadEndpoint(&'a str),
    DeleteEndpoint(&'a str),
    RotateSecret(&'a str),
    TestEndpoint(&'a str),
    ReplayEvents(&'a str),
}

impl<'a> Route<'a> {
    /// The route table: path after `/v1`, method, route.
    fn find(path: &[&'a str], method: Method) -> Option<Self> {
        use Method::{Delete, Get, Head, Post, Put};
        Some(match (path, method) {
            (["health"], Get | Head) => Self::Health,
            (["openapi.json"], Get) => Self::Description,
            (["messages"], Post) => Self::SendMessages,
            (["messages"], Get) => Self::ListMessages,
            (["messages", id], Get) => Self::ReadMessage(id),
            (["messages", id, "why"], Get) => Self::WhyMessage(id),
            (["messages", id, "cancel"], Post) => Self::CancelMessage(id),
            (["people", number], Get) => Self::ReadPerson(number),
            (["people", number], Put) => Self::ReplacePerson(number),
            (["people", number], Delete) => Self::ErasePerson(number),
            (["people", number, "export"], Get) => Self::ExportPerson(number),
            (["jobs", id], Get) => Self::ReadJob(id),
            (["jobs"], Get) => Self::ListJobs,
            (["jobs", id, "retry"], Post) => Self::RetryJob(id),
            (["jobs", id, "drop"], Post) => Self::DropJob(id),
            (["people", number, "consent"], Put) => Self::GiveConsent(number),
            (["people", number, "consent"], Get) => Self::ReadConsents(number),
            (["people", number, "conversations", id], Put) => Self::ImportConversation(number, id),
            (["people", number, "conversations", id], Get) => Self::ReadConversation(number, id),
            (["templates", name], Put) => Self::PutTemplate(name),
            (["templates", name], Get) => Self::ReadTemplate(name),
            (["templates", name], Delete) => Self::DeleteTemplate(name),
            (["templates", name, "preview"], Post) => Self::PreviewTemplate(name),
            (["verifications"], Post) => Self::StartVerification,
            (["verifications", id], Get) => Self::ReadVerification(id),
            (["verifications", id, "check"], Post) => Self::CheckVerification(id),
            (["verifications", id, "resend"], Post) => Self::ResendVerification(id),
            (["verifications", id, "cancel"], Post) => Self::CancelVerification(id),
            (["sessions"], Post) => Self::CreateSession,
            (["sessions", id], Get) => Self::ReadSession(id),
            (["sessions", id, "close"], Post) => Self::CloseSession(id),
            (["events"], Get) => Self::ListEvents,
            (["endpoints", name], Put) => Self::PutEndpoint(name),
            (["endpoints", name], Get) => Self::ReadEndpoint(name),
            (["endpoints", name], Delete) => Self::DeleteEndpoint(name),
            (["endpoints", name, "rotate"], Post) => Self::RotateSecret(name),
            (["endpoints", name, "test"], Post) => Self::TestEndpoint(name),
            (["endpoints", name, "replay"], Post) => Self::ReplayEvents(name),
            _ => return None,
        })
    }

    /// The methods that a path takes; empty when there is no such path.
    fn allowed(path: &[&'a str]) -> String {
        const METHODS: [(Method, &str); 4] =
            [(Method::Get, "GET"), (Method::Post, "POST"), (Method::Put, "PUT"), (Method::Delete, "DELETE")];
        let taken = METHODS.into_iter().filter(|(method, _)| Self::find(path, *method).is_some());
        taken.map(|(_, name)| name).collect::<Vec<_>>().join(", ")
    }

    /// What a key must open; `None` where any key will do.
    fn scope(self) -> Option<ApiScope> {
        Some(match self {
            Self::Description => return None,
            Self::Health | Self::ListJobs => ApiScope::Health,
            Self::RetryJob(_) | Self::DropJob(_) => ApiScope::Jobs,
            Self::SendMessages | Self::CancelMessage(_) => ApiScope::MessagesWrite,
            Self::ListMessages | Self::ReadMessage(_) | Self::WhyMessage(_) => ApiScope::MessagesRead,
            Self::ReplacePerson(_)
            | Self::ErasePerson(_)
            | Self::ReadJob(_)
            | Self::GiveConsent(_)
            | Self::ImportConversation(..) => ApiScope::PeopleWrite,
            Self::ReadPerson(_) | Self::ReadConsents(_) | Self::ExportPerson(_) | Self::ReadConversation(..) => {
                ApiScope::PeopleRead
            }
            Self::PutTemplate(_) | Self::ReadTemplate(_) | Self::DeleteTemplate(_) | Self::PreviewTemplate(_) => {
                ApiScope::Templates
            }
            Self::StartVerification
            | Self::ReadVerification(_)
            | Self::CheckVerification(_)
            | Self::ResendVerification(_)
            | Self::CancelVerification(_) => ApiScope::Verify,
            Self::CreateSession | Self::ReadSession(_) | Self::CloseSession(_) => ApiScope::Sessions,
            Self::ListEvents
            | Self::PutEndpoint(_)
            | Self::ReadEndpoint(_)
            | Self::DeleteEndpoint(_)
            | Self::RotateSecret(_)
            | Self::TestEndpoint(_)
            | Self::ReplayEvents(_) => ApiScope::Events,
        })
    }
}

/// Decides about a request below `/v1`; `path` is what follows.
pub(super) fn decide(path: &[&str], request: &Request, config: &Config) -> Decision {
    if let Some(refusal) = wrong_method(path, request, config) {
        return Decision::Answer(refusal);
    }
    let key = match admission::key(request, config) {
        Ok(key) => key,
        Err(refusal) => return Decision::ApiRefused(Admission::new(request, config, Some(refusal))),
    };
    let admission = Admission::new(request, config, None);
    let route = match permitted(path, request, config, key) {
        Ok(route) => route,
        Err(refusal) => return Decision::Api(admission, ApiCall::new(&key.id, None, Err(refusal))),
    };
    if matches!(request.method, Method::Post | Method::Put) && matches!(request.body, Body::Unread) {
        return Decision::ReadBody(BodyFrom::Program);
    }
    let asked = Asked { request, config, key };
    let (idempotency, operation) = match asked.idempotency() {
        Ok(idempotency) => (idempotency, asked.operation(route)),
        Err(refusal) => (None, Err(refusal)),
    };
    Decision::Api(admission, ApiCall::new(&key.id, idempotency, operation))
}

/// Which methods an address takes is no secret.
fn wrong_method(path: &[&str], request: &Request, config: &Config) -> Option<HttpAnswer> {
    let allowed = Route::allowed(path);
    if allowed.is_empty() || Route::find(path, request.method).is_some() {
        return None;
    }
    let detail = format!("This address takes {allowed}.");
    Some(Problems { config }.answer(problem::METHOD_NOT_ALLOWED, detail).with("allow", &allowed))
}

/// The route, if the key opens it.
fn permitted<'a>(path: &[&'a str], request: &Request, config: &Config, key: &ApiKey) -> Result<Route<'a>, HttpAnswer> {
    let problems = Problems { config };
    let no_route = || problems.answer(problem::NOT_FOUND, "There is no such address below /v1.");
    let route = Route::find(path, request.method).ok_or_else(no_route)?;
    if let Some(scope) = route.scope().filter(|scope| !key.has(*scope)) {
        let detail = format!("The key {} has not the scope {}.", key.id, scope.as_str());
        return Err(problems.answer(problem::SCOPE_MISSING, detail));
    }
    Ok(route)
}

/// A request with a key that opens what it asks for.
struct Asked<'a> {
    request: &'a Request<'a>,
    config: &'a Config,
    key: &'a ApiKey,
}

impl<'a> Asked<'a> {
    fn problems(&self) -> Problems<'a> {
        Problems { config: self.config }
    }

    fn operation(&self, route: Route) -> Result<Operation, HttpAnswer> {
        match route {
            Route::Description => Ok(Operation::Description),
            Route::Health => Ok(Operation::ReadHealth(ReadHealth::of(self.config, self.key))),
            Route::SendMessages => self.send_messages().map(|(send, template)| Operation::send(send, template)),
            Route::ListMessages => self.list_messages().map(Operation::ListMessages),
            Route::ReadMessage(id) => self.one_message(id, one_message::About::Item).map(Operation::OneMessage),
            Route::WhyMessage(id) => self.one_message(id, one_message::About::Why).map(Operation::OneMessage),
            Route::CancelMessage(id) => self.one_message(id, one_message::About::Cancel).map(Operation::OneMessage),
            Route::ReadPerson(number) => self.read_person(number).map(Operation::OnePerson),
            Route::ReplacePerson(number) => self.replace_person(number).map(Operation::OnePerson),
            Route::ErasePerson(number) => self.erase_person(number).map(Operation::OnePerson),
            Route::ExportPerson(number) => {
                self.export_person(number).map(|export| Operation::ExportPerson(Box::new(export)))
            }
            Route::ReadJob(id) => self.read_job(id).map(Operation::OnePerson),
            Route::ListJobs => self.list_jobs().map(Operation::ListJobs),
            Route::RetryJob(id) => self.retry_job(id).map(Operation::TurnJob),
            Route::DropJob(id) => self.drop_job(id).map(Operation::TurnJob),
            Route::GiveConsent(number) => self.give_consent(number).map(Operation::OnePerson),
            Route::ReadConsents(number) => self.read_consents(number).map(Operation::OnePerson),
            Route::ImportConversation(number, id) => self.import_conversation(number, id).map(Operation::OnePerson),
            Route::ReadConversation(number, id) => self.read_conversation(number, id).map(Operation::OnePerson),
            Route::PutTemplate(name) => self.put_template(name).map(Operation::OneTemplate),
            Route::ReadTemplate(name) => self.one_template(name, templates::About::Item).map(Operation::OneTemplate),
            Route::DeleteTemplate(name) => self.one_template(name, templates::About::End).map(Operation::OneTemplate),
            Route::PreviewTemplate(name) => self.preview_template(name).map(Operation::OneTemplate),
            Route::StartVerification => {
                self.start_verification().map(|start| Operation::StartVerification(Box::new(start)))
            }
            Route::ReadVerification(id) => self.verification(id, one_verification::About::Item),
            Route::CheckVerification(id) => self.check_verification(id).map(Operation::OneVerification),
            Route::ResendVerification(id) => {
                let resend = one_verification::Resend::Asking;
                self.verification(id, one_verification::About::Resend(resend))
            }
            Route::CancelVerification(id) => self.verification(id, one_verification::About::Cancel),
            Route::CreateSession => self.create_session().map(|create| Operation::CreateSession(Box::new(create))),
            Route::ReadSession(id) => self.one_session(id, false).map(Operation::OneSession),
            Route::CloseSession(id) => self.one_session(id, true).map(Operation::OneSession),
            Route::ListEvents => self.list_events().map(Operation::ListEvents),
            Route::PutEndpoint(name) => self.put_endpoint(name).map(Operation::OneEndpoint),
            Route::ReadEndpoint(name) => self.one_endpoint(name, endpoints::About::Item).map(Operation::OneEndpoint),
            Route::DeleteEndpoint(name) => self.one_endpoint(name, endpoints::About::End).map(Operation::OneEndpoint),
            Route::RotateSecret(name) => self.one_endpoint(name, endpoints::About::Rotate).map(Operation::OneEndpoint),
            Route::TestEndpoint(name) => self.one_endpoint(name, endpoints::About::Test).map(Operation::OneEndpoint),
            Route::ReplayEvents(name) => self.replay_endpoint(name).map(Operation::OneEndpoint),
        }
    }

    fn verification(&self, id: &str, about: one_verification::About) -> Result<Operation, HttpAnswer> {
        self.one_verification(id, about).map(Operation::OneVerification)
    }

    /// Its body.
    fn body(&self) -> Result<&'a [u8], HttpAnswer> {
        let problems = self.problems();
        match self.request.body {
            Body::Read(body) => Ok(body),
            Body::Unread => Ok(&[]),
            Body::Refused(BodyRefusal::TooLarge) => {
                Err(problems.answer(problem::TOO_LARGE, "The body has more than 64 KiB."))
            }
            Body::Refused(BodyRefusal::TooSlow) => {
                Err(problems.answer(problem::TOO_SLOW, "The body did not come within 10 seconds."))
            }
            Body::Refused(BodyRefusal::Busy) => {
                Err(problems.answer(problem::UNAVAILABLE, "Too many bodies come at once.").with("retry-after", "1"))
            }
        }
    }

    fn idempotency(&self) -> Result<Option<crate::messages::api_key::Idempotency>, HttpAnswer> {
        const HEADER: &str = "Idempotency-Key";
        // One that is empty is a slip of whoever believes that the request is carried out once.
        let header = (self.request.headers)("idempotency-key").filter(|_| self.request.method == Method::Post);
        let Some(key) = header else { return Ok(None) };
        let fault = match key.chars().count() {
            0 => Some(("empty", "must not be empty".to_owned())),
            characters if characters > LONGEST_IDEMPOTENCY_KEY => {
                let detail = format!("has {characters} characters; at most {LONGEST_IDEMPOTENCY_KEY} are allowed");
                Some(("too_long", detail))
            }
            _ => None,
        };
        if let Some((code, detail)) = fault {
            let error = FieldError { field: HEADER.to_owned(), code: code.to_owned(), detail };
            return Err(self.problems().invalid(vec![error]));
        }
        Ok(Some(call::idempotency(self.request.path(), self.request.query(), &key, self.body()?)))
    }

    /// The hotline of this name, if it is the key's.
    fn hotline(&self, name: &str) -> Result<&'a Hotline, HttpAnswer> {
        let problems = self.problems();
        if !self.key.opens(name) {
            let detail = format!("The key {} may not use a hotline of this name.", self.key.id);
            return Err(problems.answer(problem::HOTLINE_FORBIDDEN, detail));
        }
        let not_now = "This hotline's table in wrangler.toml is wrong; /healthz says what. Nothing was done.";
        self.config.by_name(name).ok_or_else(|| problems.answer(problem::UNAVAILABLE, not_now))
    }

    /// Whether what belongs to this inbox is one of the key's hotlines'.
    fn opens(&self, mailbox: u64) -> bool {
        self.config.by_mailbox(mailbox).is_some_and(|hotline| self.key.opens(hotline.api_name()))
    }

    fn not_found(&self) -> HttpAnswer {
        self.problems().answer(problem::NOT_FOUND, "There is no such thing, or it is none of this key's hotlines'.")
    }
}
