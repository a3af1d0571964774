//! Who a supporter is in Help Scout.

use crate::domain::phone::Party;

/// The reference to a customer that a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Customer {
    /// Known by id.
    Id(u64),
    /// Found, or made, by e-mail address (Help Scout, Create conversation: other fields count only when it is made).
    Email {
        /// Synthetic address below a domain that drops mail.
        email: String,
        /// Shown as the name.
        first_name: String,
        /// E.164, for people who have one.
        phone: Option<String>,
    },
}

/// The synthetic address of a person below `domain`: the digits of E.164, or the key of somebody who has no number.
pub fn synthetic_email(party: &Party, domain: &str) -> String {
    match party {
        Party::Phone(number) => format!("{}@{domain}", number.digits()),
        other => {
            let local: String = other
                .key()
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
                .collect();
            format!("{local}@{domain}")
        }
    }
}

/// The person whom a synthetic address stands for; `None` for every other address.
pub fn from_synthetic_email(email: &str, domain: &str) -> Option<Party> {
    let (local, at) = email.rsplit_once('@')?;
    if !at.eq_ignore_ascii_case(domain) || !local.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    crate::domain::phone::E164::parse(&format!("+{local}")).map(Party::Phone)
}

/// A first name that Help Scout takes (Create customer: 1 to 40 characters): what WhatsApp says, else the number.
pub fn first_name(party: &Party, profile: Option<&str>) -> String {
    const LONGEST: usize = 40;
    let name = profile.map(str::trim).filter(|name| !name.is_empty());
    let name = name.map_or_else(|| party.readable(), str::to_owned);
    let short: String = name.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    if short.trim().is_empty() { "Supporter".to_owned() } else { short }
}
