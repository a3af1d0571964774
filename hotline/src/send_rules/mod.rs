//! Whether a message of a program may be sent, held or refused, and from which sender: one pure function, asked when the
//! message arrives and again when its turn comes.

mod decision;
mod recipient;
mod sender;
mod timing;

pub use decision::{Decision, Rule};

use crate::config::Hotline;
use crate::domain::phone::{Channel, E164};
use crate::domain::time::Millis;
use protocol::v1::Class;

/// A message that a program wants to have sent.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// To whom, as the program wrote it.
    pub to: &'a str,
    /// How it would travel.
    pub channel: Channel,
    /// What it is for.
    pub class: Class,
    /// Whether it is a template that WhatsApp has approved (Twilio, Content SID).
    pub has_content_sid: bool,
    /// Not before.
    pub send_at: Option<Millis>,
    /// Not at this instant or later.
    pub expires_at: Option<Millis>,
}

/// Whether a person agreed to get messages of a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// They said nothing of it.
    #[default]
    Unknown,
    /// They agreed.
    Granted,
    /// They agreed no longer, or never did.
    Withdrawn,
}

/// What is known of the person that the message is for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Person<'a> {
    /// That they texted STOP, or that Twilio says so: every sender is closed.
    pub is_opted_out: bool,
    /// The senders to which they texted START since: these are open.
    pub opted_in_senders: &'a [String],
    /// Their consent to the class of the message.
    pub consent: Consent,
    /// The name of their time zone, such as `America/New_York`.
    pub zone: Option<&'a str>,
    /// When they last wrote on WhatsApp.
    pub whatsapp_heard_at: Option<Millis>,
    /// When messages of the class left for them; at least those within the days of the hotline's cap, in any order.
    pub left: &'a [Millis],
    /// The sender that they know: the one that they last wrote to or heard from.
    pub known_sender: Option<&'a str>,
}

/// Everything that the rules look at.
struct Case<'a> {
    message: &'a Message<'a>,
    person: &'a Person<'a>,
    hotline: &'a Hotline,
    paused_senders: &'a [String],
    now: Millis,
    /// The number that the message is for, in its canonical spelling; `None` when there is no such phone.
    number: Option<E164>,
}

/// The rules that can say no, in their order; the first one that does decides. Each says nothing when it has no objection.
const RULES: [fn(&Case<'_>) -> Option<Decision>; 9] = [
    recipient::number,
    recipient::opted_out,
    recipient::blocked,
    recipient::consent,
    timing::expired,
    timing::send_at,
    timing::quiet_hours,
    timing::frequency_cap,
    sender::whatsapp_window,
];

/// What happens to a message at an instant. A sender is named as Twilio names it: a number, `whatsapp:` and a number, or the
/// SID of a messaging service.
pub fn evaluate(
    message: &Message<'_>,
    person: &Person<'_>,
    hotline: &Hotline,
    paused_senders: &[String],
    now: Millis,
) -> Decision {
    let case = Case { message, person, hotline, paused_senders, now, number: recipient::read(message.to) };
    RULES.iter().find_map(|rule| rule(&case)).unwrap_or_else(|| sender::choose(&case))
}

/// What can say no to a code that verifies a number: it was asked for a moment ago, so no hour and no cap holds it.
const RULES_OF_CODES: [fn(&Case<'_>) -> Option<Decision>; 4] =
    [recipient::number, recipient::opted_out, recipient::blocked, sender::whatsapp_window];

/// What happens to a code that verifies a number.
pub fn evaluate_code(message: &Message<'_>, person: &Person<'_>, hotline: &Hotline, now: Millis) -> Decision {
    let case = Case { message, person, hotline, paused_senders: &[], now, number: recipient::read(message.to) };
    RULES_OF_CODES.iter().find_map(|rule| rule(&case)).unwrap_or_else(|| sender::choose(&case))
}

/// What happens to a code that is said in a call: a STOP is about texts.
pub fn evaluate_code_call(message: &Message<'_>, person: &Person<'_>, hotline: &Hotline, now: Millis) -> Decision {
    let case = Case { message, person, hotline, paused_senders: &[], now, number: recipient::read(message.to) };
    let refusal = recipient::number(&case).or_else(|| recipient::blocked(&case));
    refusal.unwrap_or_else(|| sender::choose_number(&case))
}

#[cfg(test)]
mod tests;
