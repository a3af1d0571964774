//! Which sender of the hotline a message leaves from.

use super::Case;
use super::decision::{Decision, Rule};
use crate::config::Hotline;
use crate::domain::numbering;
use crate::domain::phone::{Channel, E164};
use crate::domain::time::Millis;

/// How long after a person wrote they can be sent anything (WhatsApp, customer service window: 24 hours).
const WHATSAPP_WINDOW: Millis = 24 * 3_600_000;

/// How many digits of a North American number tell its area: the 1 and three more (NANPA, numbering plan).
const NORTH_AMERICAN_AREA: usize = 4;

/// Outside of the window WhatsApp takes approved templates alone.
pub(super) fn whatsapp_window(case: &Case<'_>) -> Option<Decision> {
    let heard_at = case.person.whatsapp_heard_at;
    let is_open = heard_at.is_some_and(|heard_at| case.now < heard_at.saturating_add(WHATSAPP_WINDOW));
    if case.message.channel != Channel::WhatsApp || case.message.has_content_sid || is_open {
        return None;
    }
    Decision::refuse(
        Rule::WhatsappWindow,
        "The person has not written on WhatsApp within 24 hours. Send a template with a Content SID, or a text.",
    )
}

/// The hotline's senders for the channel of the message. With a messaging service texts leave through it alone, as replies do.
fn senders(hotline: &Hotline, channel: Channel) -> Vec<String> {
    match (channel, &hotline.messaging_service) {
        (Channel::WhatsApp, _) => hotline.whatsapp.iter().map(|number| format!("whatsapp:{number}")).collect(),
        (Channel::Sms, Some(service)) => vec![service.as_str().to_owned()],
        (Channel::Sms, None) => hotline.numbers.iter().map(|number| number.as_str().to_owned()).collect(),
    }
}

/// Those from which the person may be sent to.
pub(super) fn open_senders(case: &Case<'_>) -> impl Iterator<Item = String> {
    let person = case.person;
    let is_open = move |sender: &String| !person.is_opted_out || person.opted_in_senders.contains(sender);
    senders(case.hotline, case.message.channel).into_iter().filter(is_open)
}

/// The sender that the person knows, else one near them, else the first: of those that are open and not paused.
pub(super) fn choose(case: &Case<'_>) -> Decision {
    let usable = open_senders(case).filter(|sender| !case.paused_senders.contains(sender)).collect();
    best(case, usable).unwrap_or_else(|| Decision::Hold { rule: Rule::NoSender, until: None, detail: no_sender(case) })
}

/// The number that a call comes from, by the same order.
pub(super) fn choose_number(case: &Case<'_>) -> Decision {
    let numbers = case.hotline.numbers.iter().map(|number| number.as_str().to_owned()).collect();
    let detail = "The hotline has no number to call from.";
    best(case, numbers).unwrap_or_else(|| Decision::Hold {
        rule: Rule::NoSender,
        until: None,
        detail: detail.to_owned(),
    })
}

fn best(case: &Case<'_>, usable: Vec<String>) -> Option<Decision> {
    let known = usable.iter().find(|sender| case.person.known_sender == Some(sender.as_str()));
    let near = || usable.iter().find(|sender| is_near(sender, case.number.as_ref()));
    known.or_else(near).or(usable.first()).map(|sender| Decision::Send { sender: sender.clone() })
}

/// Whether a sender is a number of the person's area; outside of North America, where areas have no one length, of their
/// country.
fn is_near(sender: &str, person: Option<&E164>) -> bool {
    let (Some(own), Some(person)) = (E164::parse(sender), person) else { return false };
    if own.digits().starts_with('1') {
        return own.digits().get(..NORTH_AMERICAN_AREA) == person.digits().get(..NORTH_AMERICAN_AREA);
    }
    numbering::country(&own) == numbering::country(person)
}

fn no_sender(case: &Case<'_>) -> String {
    let channel = case.message.channel.name();
    if senders(case.hotline, case.message.channel).is_empty() {
        return format!("The hotline has no sender for {channel}. The message waits until it has one.");
    }
    format!("Every sender for {channel} that may send to the person is paused. The message waits until one goes on.")
}
