//! What is there: read whole before anything is planned, and again after it was done.

use std::collections::BTreeMap;

use hotline::config::Hotline;
use serde_json::Value;

use super::change::{Action, Change, FieldChange, Resource, Status};
use super::wanted;
use crate::failure::{Failure, Outcome};
use crate::twilio::{Host, Twilio};

/// Twilio's side of the hotlines.
#[derive(Debug, Default)]
pub struct TwilioState {
    /// The account's numbers.
    numbers: Vec<Value>,
    /// Its Messaging Services by SID.
    services: BTreeMap<String, Value>,
    /// The service that a number is in, by the number's SID.
    service_of: BTreeMap<String, String>,
    /// Its WhatsApp senders.
    whatsapp: Vec<Value>,
}

impl TwilioState {
    /// Asks for what the hotlines have and no more: an account without services is not asked for them.
    pub fn read(twilio: &Twilio, hotlines: &[&Hotline]) -> Outcome<Self> {
        let mut state = Self::default();
        if hotlines.iter().any(|hotline| !hotline.numbers.is_empty()) {
            let numbers = twilio.list(Host::Account, "IncomingPhoneNumbers.json", "incoming_phone_numbers", &[])?;
            state.numbers = numbers.unwrap_or_default();
        }
        if twilio.may_ask(Host::Messaging) {
            state.read_services(twilio)?;
        } else if hotlines.iter().any(|hotline| hotline.messaging_service.is_some() || hotline.whatsapp.is_some()) {
            let message = "a hotline has a messaging_service or a whatsapp sender, and TWILIO_API_URL is a look-alike: give \
                           TWILIO_MESSAGING_URL too";
            return Err(Failure::new("twilio_host_unnamed", message).about("TWILIO_MESSAGING_URL"));
        }
        if hotlines.iter().any(|hotline| hotline.whatsapp.is_some()) {
            let senders = twilio.list(Host::Messaging, "v2/Channels/Senders", "senders", &[("Channel", "whatsapp")])?;
            state.whatsapp = senders.unwrap_or_default();
        }
        Ok(state)
    }

    fn read_services(&mut self, twilio: &Twilio) -> Outcome {
        for service in twilio.list(Host::Messaging, "v1/Services", "services", &[])?.unwrap_or_default() {
            let Some(sid) = service["sid"].as_str().map(str::to_owned) else { continue };
            let path = format!("v1/Services/{sid}/PhoneNumbers");
            for number in twilio.list(Host::Messaging, &path, "phone_numbers", &[])?.unwrap_or_default() {
                let number = number["sid"].as_str().unwrap_or_default();
                self.service_of.insert(number.to_owned(), sid.clone());
            }
            self.services.insert(sid, service);
        }
        Ok(())
    }

    /// A number of the account.
    pub fn number(&self, number: &str) -> Option<&Value> {
        self.numbers.iter().find(|it| it["phone_number"] == number)
    }

    /// The service that a number is in.
    pub fn service_of(&self, number: &str) -> Option<&str> {
        self.service_of.get(self.number(number)?["sid"].as_str()?).map(String::as_str)
    }

    /// What a hotline's resources lack, in the order in which it is done.
    pub fn changes(&self, public_url: &str, hotline: &Hotline) -> Outcome<Vec<Change>> {
        let mut changes = Vec::new();
        if let Some(service) = &hotline.messaging_service {
            let sid = service.as_str();
            let there = self.services.get(sid).ok_or_else(|| missing(hotline, "messaging_service", sid))?;
            let fields = wanted::differences(there, &wanted::messaging_service(public_url, hotline));
            let name = there["friendly_name"].as_str().unwrap_or(sid);
            changes.extend(change(Resource::MessagingService, Action::Update, name, sid, hotline, fields));
            changes.extend(self.numbers_outside(hotline, sid));
        }
        if let Some(number) = &hotline.whatsapp {
            let address = format!("whatsapp:{number}");
            let there = self.whatsapp.iter().find(|it| it["sender_id"] == address.as_str());
            let there = there.ok_or_else(|| missing(hotline, "whatsapp", number.as_str()))?;
            let fields = wanted::differences(&there["webhook"], &wanted::whatsapp_sender(public_url, hotline));
            let sid = there["sid"].as_str().unwrap_or_default();
            changes.extend(change(Resource::WhatsAppSender, Action::Update, &address, sid, hotline, fields));
        }
        for number in &hotline.numbers {
            let there = self.number(number.as_str()).ok_or_else(|| missing(hotline, "numbers", number.as_str()))?;
            let fields = wanted::differences(there, &wanted::number(public_url, hotline));
            let sid = there["sid"].as_str().unwrap_or_default();
            changes.extend(change(Resource::Number, Action::Update, number.as_str(), sid, hotline, fields));
        }
        Ok(changes)
    }

    /// The hotline's numbers that are in no service. One that is in another service is left to the person.
    fn numbers_outside(&self, hotline: &Hotline, service: &str) -> Vec<Change> {
        let outside = hotline.numbers.iter().filter(|number| self.service_of(number.as_str()).is_none());
        let add = |number: &str| {
            let sid = self.number(number)?["sid"].as_str()?;
            let field =
                FieldChange { field: "phone_number_sid", param: "PhoneNumberSid", old: Value::Null, new: sid.into() };
            change(Resource::MessagingServiceNumber, Action::Create, number, service, hotline, vec![field])
        };
        outside.filter_map(|number| add(number.as_str())).collect()
    }
}

fn change(
    resource: Resource,
    action: Action,
    name: &str,
    sid: &str,
    hotline: &Hotline,
    fields: Vec<FieldChange>,
) -> Option<Change> {
    let (name, sid) = (name.to_owned(), Some(sid.to_owned()));
    let hotline = Some(hotline.api_name().to_owned());
    (!fields.is_empty()).then_some(Change { resource, name, sid, hotline, action, fields, status: Status::Planned })
}

fn missing(hotline: &Hotline, field: &str, what: &str) -> Failure {
    let field = format!("{}.{field}", hotline.variable);
    let message = format!("{field}: {what} is not in this Twilio account; `cargo xtask numbers list` shows what is");
    Failure::new("sender_not_ours", message).about(&field)
}
