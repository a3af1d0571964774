//! Whether a person may be sent a message of a class at all.

use super::decision::{Decision, Rule};
use super::{Case, Consent, sender};
use crate::domain::numbering;
use crate::domain::phone::{E164, Party};
use protocol::v1::Class;

/// The phone of a number in E.164, in its canonical spelling. A number with which networks say that somebody withholds theirs
/// is none.
pub(super) fn read(to: &str) -> Option<E164> {
    let number = E164::parse(to).filter(is_whole)?;
    if let (_, Party::Phone(phone)) = Party::parse(number.as_str()) { Some(phone) } else { None }
}

/// North America's numbers have ten digits after the 1, of which the first is none of 0 and 1 (NANPA, numbering plan). Elsewhere
/// numbers of a country differ in length.
fn is_whole(number: &E164) -> bool {
    number.digits().strip_prefix('1').is_none_or(|national| national.len() == 10 && !national.starts_with(['0', '1']))
}

/// A number that exists, that is not ours, in a country that is allowed, without extra cost.
pub(super) fn number(case: &Case<'_>) -> Option<Decision> {
    let Some(number) = &case.number else {
        return Decision::refuse(
            Rule::NumberInvalid,
            "`to` is not the number of a phone. Write it with + and its country code, without blanks, such as +15550100123.",
        );
    };
    if case.hotline.owns(number) {
        return Decision::refuse(
            Rule::NumberInvalid,
            "`to` is one of the hotline's own numbers. It cannot text itself.",
        );
    }
    let country = numbering::country(number);
    if !country.is_some_and(|country| case.hotline.program_messages.allows_country(country)) {
        let country = country.map_or_else(|| "no country".to_owned(), |code| ["the country ", code].concat());
        let detail = format!(
            "The number belongs to {country}. `send_countries` in the hotline's settings names the countries that messages may \
             go to."
        );
        return Decision::refuse(Rule::CountryNotAllowed, detail);
    }
    if numbering::is_costly(number) {
        return Decision::refuse(Rule::NumberPremium, "The number costs extra. Messages are not sent to such numbers.");
    }
    None
}

/// STOP closes every sender, START opens the one that it was sent to; one that is open is enough.
pub(super) fn opted_out(case: &Case<'_>) -> Option<Decision> {
    if !case.person.is_opted_out || sender::open_senders(case).next().is_some() {
        return None;
    }
    Decision::refuse(
        Rule::OptedOut,
        "The person opted out of messages of this hotline (STOP). They can be sent to again once the person texts START.",
    )
}

/// Numbers that the hotline turns away get nothing from it either.
pub(super) fn blocked(case: &Case<'_>) -> Option<Decision> {
    let party = Party::Phone(case.number.clone()?);
    if !case.hotline.blocks(&party) {
        return None;
    }
    Decision::refuse(
        Rule::Blocked,
        "The hotline blocks this number. `blocked` in its settings names those that it does.",
    )
}

/// A promotion needs a consent; the others only none that was withdrawn.
pub(super) fn consent(case: &Case<'_>) -> Option<Decision> {
    let class = case.message.class;
    match case.person.consent {
        Consent::Withdrawn => {
            let detail =
                format!("The person withdrew their consent to {} messages. Ask them for it again.", class.as_str());
            Decision::refuse(Rule::ConsentWithdrawn, detail)
        }
        Consent::Unknown if class == Class::Promotion => Decision::refuse(
            Rule::ConsentMissing,
            "The person has not agreed to promotion messages. Record their consent first.",
        ),
        Consent::Unknown | Consent::Granted => None,
    }
}
