//! Whose conversation it is now. Agents may change its customer, and no event tells of it; the signed address names the
//! customer of the moment at which it was made.

use hotline::answer::View;
use hotline::config::Config;
use hotline::contact::Message;
use hotline::domain::phone::Party;
use hotline::effects::{Body, Method, ObjectReply, PermitRequest, Priority, Request, Response, Service};
use hotline::helpscout::people::{is_record_of, parties};
use hotline::helpscout::read::{Conversation, CustomerRecord};
use hotline::routing::PageRequest;
use hotline::sidebar::session::Session;
use worker::Env;

use crate::objects::requests::{self, ObjectRequest};
use crate::view;

/// Whose conversation it is.
pub enum Whose {
    /// The person's from whom it came; with the customer that they are, when Help Scout could be asked.
    Theirs(Option<u64>),
    /// Somebody else's of this hotline: their key, and the customer that they are.
    Others(String, u64),
    /// Nobody's whom the hotline knows.
    Nobodys,
}

/// What Help Scout says.
enum Found {
    Here(Response),
    Nothing,
    /// It could not be asked.
    Unknown,
}

/// Finds out for which person a sidebar opens.
pub async fn whose(env: &Env, config: &Config, asked: &PageRequest, contact: &str) -> Whose {
    let session = &asked.session;
    let mut customer = asked.customer.filter(|_| !asked.other_customer_shown);
    if let Some(id) = customer {
        if is_customer(env, session, contact, id).await {
            return Whose::Theirs(Some(id));
        }
        match by_record(env, config, session, contact, id).await {
            Ok(whose) => return whose,
            Err(Found::Unknown) => return Whose::Theirs(None),
            // The record is gone, say merged with another one since: the conversation knows.
            Err(_) => customer = None,
        }
    }
    let path = format!("/v2/conversations/{}", session.conversation);
    if let Found::Here(response) = ask(env, config, path).await {
        customer = Conversation::read(&response.json()).and_then(|it| it.customer);
    }
    let Some(id) = customer else { return Whose::Theirs(None) };
    if is_customer(env, session, contact, id).await {
        return Whose::Theirs(Some(id));
    }
    match by_record(env, config, session, contact, id).await {
        Ok(whose) => whose,
        Err(Found::Unknown) => Whose::Theirs(None),
        Err(_) => Whose::Nobodys,
    }
}

async fn is_customer(env: &Env, session: &Session, contact: &str, customer: u64) -> bool {
    let message = Message::IsCustomer { conversation: session.conversation, customer };
    tell(env, session, contact, message).await == ObjectReply::Yours
}

/// Whose the record of a customer is.
async fn by_record(
    env: &Env,
    config: &Config,
    session: &Session,
    contact: &str,
    customer: u64,
) -> Result<Whose, Found> {
    let record = match ask(env, config, format!("/v2/customers/{customer}")).await {
        Found::Here(response) => CustomerRecord::read(&response.json()).ok_or(Found::Unknown)?,
        other => return Err(other),
    };
    let message = Message::Customer { id: customer };
    if Party::from_key(contact).is_some_and(|party| is_record_of(&record, &party, &config.customers)) {
        tell(env, session, contact, message).await;
        return Ok(Whose::Theirs(Some(customer)));
    }
    for party in parties(&record, &config.customers) {
        if tell(env, session, &party.key(), message.clone()).await == ObjectReply::Yours {
            return Ok(Whose::Others(party.key(), customer));
        }
    }
    Ok(Whose::Nobodys)
}

async fn tell(env: &Env, session: &Session, contact: &str, message: Message) -> ObjectReply {
    let (mailbox, contact) = (session.mailbox, contact.to_owned());
    requests::tell(env, ObjectRequest::Contact { mailbox, contact, message }).await
}

async fn ask(env: &Env, config: &Config, path: String) -> Found {
    let permit = PermitRequest::now_or_never(path.clone(), 1, Priority::View);
    let request = Request { service: Service::HelpScout, method: Method::Get, path, body: Body::Empty };
    match view::view(env, config, &permit, &request).await {
        Ok(View::Answered(response)) if response.status == 200 => Found::Here(response),
        Ok(View::Answered(response)) if response.status == 404 => Found::Nothing,
        _ => Found::Unknown,
    }
}
