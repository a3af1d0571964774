//! What programs ask of a person's object by `/v1/people`.

use protocol::v1::{self, Class, OptedOut, Page};

use super::consents;
use super::erasure::Wish;
use super::person::Person;
use super::{Contact, StepContext};
use crate::domain::time::timestamp;
use crate::effects::ObjectReply;
use crate::messages::program::{ConsentGiven, PersonRequest, Profile};
use crate::storage::Stored;

impl Contact {
    pub(super) fn on_person_request(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        request: PersonRequest,
    ) -> Stored<ObjectReply> {
        match request {
            PersonRequest::Erase { program, helpscout } => {
                return self.erase(ctx, person, &Wish { program, helpscout, told: Vec::new() });
            }
            PersonRequest::Export { after } => return Self::export(ctx, person, after),
            PersonRequest::Job { number } => return Self::read_erasure(ctx, person, number),
            PersonRequest::Read if !is_known(ctx)? => return Ok(ObjectReply::NotFound),
            PersonRequest::Read => {}
            PersonRequest::Replace { profile } => profile.save(ctx.store)?,
            PersonRequest::Consent { given } => {
                consents::add(ctx.store, &given)?;
                return Ok(ObjectReply::Consent(shown(&given)));
            }
            PersonRequest::Consents { before, limit } => return history(ctx, before, limit),
            PersonRequest::ImportConversation { id } => return Self::import_conversation(ctx, id),
            PersonRequest::ReadConversation { id } => return Self::read_conversation_status(ctx, id),
        }
        Ok(ObjectReply::Person(Box::new(view(ctx, person)?)))
    }
}

/// Whether anything was ever said to, by or of them.
pub(super) fn is_known(ctx: &StepContext) -> Stored<bool> {
    Ok(Profile::exists(ctx.store)? || consents::exist(ctx.store)? || super::erasure::is_anything_new(ctx)?)
}

pub(super) fn view(ctx: &StepContext, person: &Person) -> Stored<v1::Person> {
    let Profile { zone, language, fields } = Profile::load(ctx.store)?.unwrap_or_default();
    let last = |class| Ok(consents::last(ctx.store, class)?.map(|consent| (class, shown(&consent))));
    let consent: Stored<Vec<_>> = Class::ALL.into_iter().map(last).collect();
    let opted_out = person.opted_out.filter(|_| person.opted_in_senders.is_empty());
    Ok(v1::Person {
        number: person.number().map_or_else(|| person.party.key(), String::from),
        hotline: ctx.hotline.api_name().to_owned(),
        zone,
        language,
        fields,
        opted_out: opted_out.map(|it| OptedOut { at: timestamp(it.since), sender: person.sender.clone() }),
        consent: consent?.into_iter().flatten().collect(),
    })
}

fn shown(consent: &ConsentGiven) -> v1::Consent {
    v1::Consent {
        class: consent.class,
        granted: consent.granted,
        source: consent.source.clone(),
        evidence: consent.evidence.clone(),
        at: timestamp(consent.at),
    }
}

fn history(ctx: &StepContext, before: Option<i64>, limit: usize) -> Stored<ObjectReply> {
    let mut words = consents::history(ctx.store, before, limit + 1)?;
    let is_last = words.len() <= limit;
    words.truncate(limit);
    let next = words.last().filter(|_| !is_last).map(|(number, _)| number.to_string());
    Ok(ObjectReply::Consents(Page { data: words.iter().map(|(_, consent)| shown(consent)).collect(), next }))
}
