//! Which of the hotline's senders a text leaves from, and how that sender addresses the person.

use super::StepContext;
use super::person::Person;
use crate::domain::phone::{Channel, Party};

/// The sender of replies and of automatic texts. Over WhatsApp it is the hotline's WhatsApp number. By SMS it is the
/// messaging service if the hotline has one, else the number that the person last texted or called if the hotline still
/// has it, else the hotline's first number.
pub(super) fn sender_of(ctx: &StepContext, person: &Person) -> String {
    let hotline = ctx.hotline;
    // Whoever has no number is on WhatsApp alone.
    let channel = if person.number().is_none() { Channel::WhatsApp } else { person.channel };
    match channel {
        Channel::WhatsApp => {
            hotline.whatsapp.as_ref().map_or_else(|| person.sender.clone(), |number| format!("whatsapp:{number}"))
        }
        Channel::Sms => {
            if let Some(service) = &hotline.messaging_service {
                return service.as_str().to_owned();
            }
            let same = hotline.numbers.iter().find(|number| number.as_str() == person.sender);
            same.or(hotline.numbers.first()).map(|number| number.as_str().to_owned()).unwrap_or_default()
        }
    }
}

/// The person's address as this sender reaches it: the one that they were met under there, else their number. Twilio refuses
/// an id of WhatsApp for some senders (error 21211), so that one is used when no number is known.
pub(super) fn address(person: &Person, sender: &str) -> Option<String> {
    let number = || person.number().map(String::from);
    if !sender.starts_with("whatsapp:") {
        return person.addresses.sms.clone().filter(|sms| sms.starts_with('+')).or_else(number);
    }
    let id = match &person.party {
        Party::WhatsAppUser(id) => Some(id.clone()),
        _ => None,
    };
    let met = person.addresses.whatsapp.clone().filter(|address| address.starts_with('+'));
    Some(["whatsapp:", &met.or_else(number).or(id)?].concat())
}
