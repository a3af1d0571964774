//! `/v1/people/{number}`: what is known of a person, and what they have said about each class of messages.

use std::collections::BTreeMap;

use protocol::v1::{Class, FieldError, Job};

use super::Asked;
use super::fields::{self, Errors, Fields};
use super::problem::{self, Problems};
use super::progress::Progress;
use crate::config::Config;
use crate::domain::message_id::MessagePlace;
use crate::domain::phone::{E164, Party};
use crate::domain::spoken::is_language_tag;
use crate::domain::time_zone;
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::json;
use crate::messages::contact;
use crate::messages::program::{AtHelpScout, ConsentGiven, PersonRequest, Profile};
use crate::routing::HttpAnswer;

const MOST_FIELDS: usize = 50;
const LONGEST_FIELD_NAME: usize = 64;

/// The longest value: a few lines; what is longer belongs to the program's own storage.
const LONGEST_FIELD: usize = 500;

/// The longest source and evidence of a consent: a name, and an address or a few lines.
const LONGEST_SOURCE: usize = 64;
const LONGEST_EVIDENCE: usize = 1_000;

/// How far a program's clock may be ahead of ours.
const CLOCK_AHEAD: Millis = 60_000;

/// The greatest id that every reader of JSON reads exactly (RFC 8259, 6).
const MOST_CONVERSATION: u64 = (1 << 53) - 1;

/// A request about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OnePerson {
    mailbox: u64,
    key: String,
    request: PersonRequest,
}

impl Asked<'_> {
    /// Reads what is known.
    pub(super) fn read_person(&self, number: &str) -> Result<OnePerson, HttpAnswer> {
        self.query(&["hotline"])?;
        self.about_person(number, PersonRequest::Read)
    }

    /// Replaces what programs keep.
    pub(super) fn replace_person(&self, number: &str) -> Result<OnePerson, HttpAnswer> {
        self.query(&["hotline"])?;
        let errors = Errors::default();
        let profile = fields::object(self.body()?, &errors).map(|object| profile(Fields::new(object, &errors)));
        let profile = errors.check(profile).map_err(|errors| self.problems().invalid(errors))?;
        self.about_person(number, PersonRequest::Replace { profile })
    }

    /// Erases them.
    pub(super) fn erase_person(&self, number: &str) -> Result<OnePerson, HttpAnswer> {
        let query = self.query(&["hotline", "helpscout"])?;
        let helpscout = match query.get("helpscout") {
            None => AtHelpScout::default(),
            Some(word) => AtHelpScout::read(word)
                .ok_or_else(|| self.invalid_field("helpscout", "unknown_word", "must be note, delete or keep"))?,
        };
        self.about_person(number, PersonRequest::Erase { program: self.key.id.clone(), helpscout })
    }

    /// How far an erasure is. One of another hotline is not found.
    pub(super) fn read_job(&self, id: &str) -> Result<OnePerson, HttpAnswer> {
        let place = MessagePlace::of_job_id(&self.config.secrets.twilio_account_sid, id);
        let place = place.filter(|place| self.opens(place.mailbox));
        let MessagePlace { mailbox, person, number } = place.ok_or_else(|| self.not_found())?;
        Ok(OnePerson { mailbox, key: Party::Phone(person).key(), request: PersonRequest::Job { number } })
    }

    /// Keeps what they have said.
    pub(super) fn give_consent(&self, number: &str) -> Result<OnePerson, HttpAnswer> {
        self.query(&["hotline"])?;
        let errors = Errors::default();
        let now = self.request.now;
        let given = fields::object(self.body()?, &errors).and_then(|object| consent(Fields::new(object, &errors), now));
        let given = errors.check(given).map_err(|errors| self.problems().invalid(errors))?;
        self.about_person(number, PersonRequest::Consent { given })
    }

    /// All that they have said.
    pub(super) fn read_consents(&self, number: &str) -> Result<OnePerson, HttpAnswer> {
        let query = self.query(&["hotline", "after", "limit"])?;
        let limit = self.limit(&query)?;
        let before = match query.get("after").map(|cursor| cursor.parse()) {
            None => None,
            Some(Ok(before)) => Some(before),
            Some(Err(_)) => return Err(self.invalid_field("after", "invalid", "is no cursor of this list")),
        };
        self.about_person(number, PersonRequest::Consents { before, limit })
    }

    /// A conversation from before the hotline is theirs.
    pub(super) fn import_conversation(&self, number: &str, id: &str) -> Result<OnePerson, HttpAnswer> {
        self.query(&["hotline"])?;
        let id = self.conversation_of_path(id)?;
        self.about_person(number, PersonRequest::ImportConversation { id })
    }

    /// Whether it is.
    pub(super) fn read_conversation(&self, number: &str, id: &str) -> Result<OnePerson, HttpAnswer> {
        self.query(&["hotline"])?;
        let id = self.conversation_of_path(id)?;
        self.about_person(number, PersonRequest::ReadConversation { id })
    }

    fn conversation_of_path(&self, id: &str) -> Result<u64, HttpAnswer> {
        let id = id.parse().ok().filter(|id| (1..=MOST_CONVERSATION).contains(id));
        id.ok_or_else(|| self.invalid_field("conversation", "invalid", "must be Help Scout's id of a conversation"))
    }

    fn about_person(&self, number: &str, request: PersonRequest) -> Result<OnePerson, HttpAnswer> {
        let hotline = self.hotline_of_query()?;
        let number = number_of_path(self, number)?;
        Ok(OnePerson { mailbox: hotline.mailbox, key: Party::Phone(number.canonical()).key(), request })
    }

    pub(super) fn invalid_field(&self, field: &str, code: &str, detail: &str) -> HttpAnswer {
        let error = FieldError { field: field.to_owned(), code: code.to_owned(), detail: detail.to_owned() };
        self.problems().invalid(vec![error])
    }
}

/// A number that is a part of the address.
pub(super) fn number_of_path(asked: &Asked, number: &str) -> Result<E164, HttpAnswer> {
    let number = percent_encoding::percent_decode_str(number).decode_utf8_lossy();
    let wanted = "must be a number in E.164, with its + as %2B: %2B15550100123";
    E164::parse(&number).ok_or_else(|| asked.invalid_field("number", "number_invalid", wanted))
}

fn profile(mut fields: Fields) -> Profile {
    let zone = fields.text("zone", 1..=LONGEST_FIELD_NAME);
    if zone.as_deref().is_some_and(|zone| time_zone::parse(zone).is_none()) {
        fields.error("zone", "unknown_zone", "must be the name of a time zone, such as America/New_York");
    }
    let language = fields.text("language", 1..=LONGEST_FIELD_NAME);
    if language.as_deref().is_some_and(|language| !is_language_tag(language)) {
        fields.error("language", "unknown_language", "must be a language tag, such as en or es-MX");
    }
    let own = own_fields(&mut fields);
    for name in ["opted_out", "consent"] {
        if fields.take(name).is_some() {
            let detail = "cannot be changed here: STOP and START change opted_out, PUT of …/consent changes consent";
            fields.error(name, "read_only", detail);
        }
    }
    fields.finish();
    Profile { zone, language, fields: own }
}

fn own_fields(fields: &mut Fields) -> BTreeMap<String, String> {
    let Some(mut own) = fields.inner("fields") else { return BTreeMap::new() };
    let names = own.names();
    let mut read = BTreeMap::new();
    if names.len() > MOST_FIELDS {
        let detail = format!("has {} fields; at most {MOST_FIELDS} are allowed", names.len());
        fields.error("fields", "too_many", detail);
        return read;
    }
    for name in names {
        if name.is_empty() || name.chars().count() > LONGEST_FIELD_NAME {
            own.error(&name, "name_invalid", format!("a field's name has 1 to {LONGEST_FIELD_NAME} characters"));
        }
        if let Some(value) = own.text(&name, 0..=LONGEST_FIELD) {
            read.insert(name, value);
        }
    }
    read
}

fn consent(mut fields: Fields, now: Millis) -> Option<ConsentGiven> {
    let class = fields.required_word("class", &Class::ALL.map(|class| (class.as_str(), class)));
    let granted = fields.required_flag("granted");
    let source = fields.required_text("source", 1..=LONGEST_SOURCE);
    let evidence = fields.text("evidence", 1..=LONGEST_EVIDENCE);
    let at = fields.instant("at").unwrap_or(now);
    if at > now + CLOCK_AHEAD {
        fields.error("at", "in_the_future", "must not be in the future");
    }
    fields.finish();
    Some(ConsentGiven { class: class?, granted: granted?, source: source?, evidence, at })
}

impl OnePerson {
    /// A job that was asked for just now says where it can be read.
    fn job(&self, job: &Job) -> HttpAnswer {
        match self.request {
            PersonRequest::Erase { .. } => {
                HttpAnswer::json(202, json::written(job)).with("location", &format!("/v1/jobs/{}", job.id))
            }
            _ => HttpAnswer::json(200, json::written(job)),
        }
    }

    pub(super) fn begin(&self) -> Progress {
        let message = contact::Message::Person(Box::new(self.request.clone()));
        Progress::Ask(vec![(self.mailbox, ToObject::Contact(self.key.clone(), message))])
    }

    pub(super) fn on_reply(&self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        let json = |body| Progress::Answer(HttpAnswer::json(200, body));
        match replies.into_iter().next() {
            Some(ObjectReply::Person(person)) => json(json::written(&person)),
            Some(ObjectReply::Consent(consent)) => json(json::written(&consent)),
            Some(ObjectReply::Consents(page)) => json(json::written(&page)),
            Some(ObjectReply::Job(job)) => Progress::Answer(self.job(&job)),
            Some(ObjectReply::Conversation(conversation)) => {
                let is_accepted = matches!(self.request, PersonRequest::ImportConversation { .. });
                let status = if is_accepted { 202 } else { 200 };
                Progress::Answer(HttpAnswer::json(status, json::written(&conversation)))
            }
            Some(ObjectReply::NotFound) if matches!(self.request, PersonRequest::ReadConversation { .. }) => {
                let detail = "This conversation is not theirs. The list of failed jobs says why, if it was to be.";
                Progress::Answer(Problems { config }.answer(problem::NOT_FOUND, detail))
            }
            Some(ObjectReply::NotFound) if matches!(self.request, PersonRequest::Job { .. }) => {
                Progress::Answer(Problems { config }.answer(problem::NOT_FOUND, "There is no job of this id."))
            }
            Some(ObjectReply::NotFound) => {
                let detail = "Nothing is known of this person at this hotline.";
                Progress::Answer(Problems { config }.answer(problem::NOT_FOUND, detail))
            }
            _ => Progress::Unavailable,
        }
    }
}
