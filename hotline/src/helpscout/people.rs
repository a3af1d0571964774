//! Who a supporter is in Help Scout.

use sha2::{Digest, Sha256};
use unicode_segmentation::UnicodeSegmentation;

use super::read::CustomerRecord;
use crate::config::Customers;
use crate::domain::phone::{E164, Party};
use crate::domain::typed_number;

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

/// The synthetic address of a person below `domain`: the digits of E.164, or the key of somebody who has no number. A key
/// that is too long for an address is shortened, and a hash of all of it keeps two people apart.
pub fn synthetic_email(party: &Party, domain: &str) -> String {
    /// RFC 5321, 4.5.3.1.1: the part before the `@`. Help Scout refuses longer ones with 400.
    const LONGEST: usize = 64;
    /// A dash and 48 bits in hexadecimal: so few people have such keys that these tell them apart.
    const HASH: usize = 13;
    if let Party::Phone(number) = party {
        return format!("{}@{domain}", number.digits());
    }
    let key = party.key();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let mut local: String = key.chars().map(plain).collect();
    if local.len() > LONGEST {
        let mut hash = format!("-{:x}", Sha256::digest(&key));
        hash.truncate(HASH);
        local.truncate(LONGEST.saturating_sub(hash.len()));
        local.push_str(&hash);
    }
    format!("{local}@{domain}")
}

/// An address of our own making, for somebody whose own one Help Scout refuses: letters and digits alone. Somebody with a
/// number has one already.
pub fn plain_email(party: &Party, domain: &str) -> String {
    /// 64 bits in hexadecimal.
    const HASH: usize = 16;
    if matches!(party, Party::Phone(_)) {
        return synthetic_email(party, domain);
    }
    let mut hash = format!("{:x}", Sha256::digest(party.key()));
    hash.truncate(HASH);
    format!("supporter-{hash}@{domain}")
}

/// The person whom a synthetic address stands for; `None` for every other address.
pub fn from_synthetic_email(email: &str, domain: &str) -> Option<Party> {
    let (local, at) = email.rsplit_once('@')?;
    if !at.eq_ignore_ascii_case(domain) || !local.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    E164::parse(&format!("+{local}")).map(Party::Phone)
}

/// Whether an address is the synthetic one of a person.
pub fn is_synthetic_email_of(email: &str, party: &Party, customers: &Customers) -> bool {
    match customers {
        Customers::Email { domain } => [synthetic_email(party, domain), plain_email(party, domain)]
            .iter()
            .any(|ours| ours.eq_ignore_ascii_case(email)),
        Customers::PhoneOnly => false,
    }
}

/// Whether a record stands for a person: it has their synthetic address, or their number in whatever spelling.
pub fn is_record_of(record: &CustomerRecord, party: &Party, customers: &Customers) -> bool {
    record.emails.iter().any(|email| is_synthetic_email_of(email, party, customers))
        || matches!(party, Party::Phone(number) if record.phones.iter().any(|phone| is_spelling_of(phone, number)))
}

/// The people for whom a record stands: by its synthetic addresses, then by its numbers.
pub fn parties(record: &CustomerRecord, customers: &Customers) -> Vec<Party> {
    let by_address = record.emails.iter().filter_map(|email| match customers {
        Customers::Email { domain } => from_synthetic_email(email, domain),
        Customers::PhoneOnly => None,
    });
    // As it is written, for who was known by that spelling before, and in the spelling by which people are known.
    let by_number = record.phones.iter().filter_map(|phone| E164::parse(&dialled(phone)));
    let by_number = by_number.flat_map(|number| [number.clone(), number.canonical()]).map(Party::Phone);
    let mut parties: Vec<Party> = Vec::new();
    for party in by_address.chain(by_number) {
        if !parties.contains(&party) {
            parties.push(party);
        }
    }
    parties
}

/// The digits of a number, and its plus.
fn dialled(phone: &str) -> String {
    typed_number::plain(phone).chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

/// Whether somebody wrote this number, with its country or as it is dialled within it.
fn is_spelling_of(phone: &str, number: &E164) -> bool {
    /// The shortest national number that is surely nobody else's elsewhere: an area and a line.
    const NATIONAL: usize = 9;
    let written = dialled(phone);
    let digits = written.trim_start_matches('+').trim_start_matches('0');
    if written.starts_with('+') {
        return E164::parse(&["+", digits].concat()).is_some_and(|written| written.is_same_phone(number));
    }
    digits.len() >= NATIONAL && number.digits().ends_with(digits)
}

/// The name of somebody who has none that Help Scout takes.
pub const NAMELESS: &str = "Supporter";

/// A first name that Help Scout takes (Create customer: 1 to 40 characters): what WhatsApp says, else the number. A name of
/// WhatsApp may be longer, and a character beyond the first 65,536 may be counted as two.
pub fn first_name(party: &Party, profile: Option<&str>) -> String {
    const LONGEST: usize = 40;
    let name = profile.map(str::trim).filter(|name| !name.is_empty());
    let name = name.map_or_else(|| party.readable(), str::to_owned);
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let mut short = String::new();
    let mut units = 0;
    for cluster in name.graphemes(true) {
        units += cluster.encode_utf16().count();
        if units > LONGEST {
            break;
        }
        short.push_str(cluster);
    }
    if short.trim().is_empty() { NAMELESS.to_owned() } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_at_most_64_characters_before_the_at_and_two_people_have_two() {
        let email = |from: &str| synthetic_email(&Party::parse(from).1, "sms.example.org");
        let long = "sip:ringgroup.north-east.county-office-front-desk@very-long-pbx-name";
        let (one, other) = (email(long), email(&long.replacen("ringgroup", "ring group", 1)));
        for address in [&one, &other] {
            assert!(address.split('@').next().unwrap().len() <= 64, "{address}");
        }
        assert!(one.starts_with("other-sip-ringgroup-north-east-county-office-front-"), "{one}");
        assert_ne!(one, other);
        assert_eq!(email("sip:bob@example.org"), "other-sip-bob-example-org@sms.example.org");
        assert_eq!(email("+15550100104"), "15550100104@sms.example.org");
    }

    #[test]
    fn a_long_name_is_cut_between_what_people_see_as_characters() {
        let sam = Party::Phone(E164::parse("+15550100101").unwrap());
        let family = "👨‍👩‍👧‍👦";
        for (profile, name) in [
            (Some("Sam"), "Sam".to_owned()),
            (Some("  "), "+1 555 010 0101".to_owned()),
            (None, "+1 555 010 0101".to_owned()),
            (Some(&*"😀".repeat(40)), "😀".repeat(20)),
            (Some(&*family.repeat(9)), family.repeat(3)),
            (Some(&*format!("{}é", "e".repeat(39))), format!("{}é", "e".repeat(39))),
            (Some("\u{7}"), "Supporter".to_owned()),
        ] {
            assert_eq!(first_name(&sam, profile), name, "{profile:?}");
            assert!(name.encode_utf16().count() <= 40);
        }
    }

    #[test]
    fn a_record_stands_for_whom_its_addresses_and_numbers_name() {
        let mail = Customers::Email { domain: "sms.example.org".to_owned() };
        let sam = Party::Phone(E164::parse("+15550100101").unwrap());
        let record = |email: &str, phone: &str| CustomerRecord {
            id: 1,
            emails: vec![email.to_owned()],
            phones: vec![phone.to_owned()],
        };
        for (email, phone, is_sams) in [
            ("15550100101@SMS.example.org", "", true),
            ("sam@example.org", "(555) 010-0101", true),
            ("", "+1 555 010 0101", true),
            ("", "001 555 010 0101", true),
            ("", "+44 555 010 0101", false),
            ("", "0100101", false),
            ("15550100102@sms.example.org", "+15550100102", false),
        ] {
            assert_eq!(is_record_of(&record(email, phone), &sam, &mail), is_sams, "{email} {phone}");
        }
        assert!(!is_record_of(&record("15550100101@sms.example.org", ""), &sam, &Customers::PhoneOnly));
        let both = record("15550100101@sms.example.org", "+1 (555) 010-0102");
        assert_eq!(parties(&both, &mail).iter().map(Party::key).collect::<Vec<_>>(), ["+15550100101", "+15550100102"]);
    }
}
