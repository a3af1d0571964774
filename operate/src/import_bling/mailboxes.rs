//! Bling's `BLING_MAILBOXES`: entries `transport:value:mailbox`, parted by commas. Blanks around the parts and empty entries do
//! not count.

use std::collections::BTreeMap;

use hotline::domain::phone::E164;
use hotline::domain::typed_number;

/// What becomes of the entries.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mailboxes {
    /// The numbers of each Help Scout inbox.
    pub numbers: BTreeMap<u64, Vec<E164>>,
    /// What Ringside has no use for.
    pub skipped: Vec<Skipped>,
}

/// An entry that becomes nothing.
#[derive(Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Which one, counted from 1.
    pub entry: usize,
    /// Why.
    pub reason: String,
}

/// Reads the variable. Bling does not start with a malformed entry; all of them are named.
pub fn read(variable: &str) -> Result<Mailboxes, Vec<String>> {
    let (mut mailboxes, mut malformed) = (Mailboxes::default(), Vec::new());
    let mut owners: BTreeMap<String, (usize, u64)> = BTreeMap::new();
    let entries = variable.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    for (at, text) in entries.enumerate() {
        let entry = at + 1;
        match read_entry(text) {
            Err(wrong) => malformed.push(format!("entry {entry}: {wrong}")),
            Ok(Entry::Other(reason)) => mailboxes.skipped.push(Skipped { entry, reason }),
            Ok(Entry::Number(number, mailbox)) => {
                // Bling keeps one mailbox for a number, the last.
                let former = owners.insert(number.as_str().to_owned(), (entry, mailbox));
                if let Some((earlier, former)) = former {
                    let reason = format!("entry {entry} has the same number, and Bling takes the last");
                    mailboxes.skipped.push(Skipped { entry: earlier, reason });
                    forget(&mut mailboxes.numbers, former, &number);
                }
                mailboxes.numbers.entry(mailbox).or_default().push(number);
            }
        }
    }
    if malformed.is_empty() { Ok(mailboxes) } else { Err(malformed) }
}

fn forget(numbers: &mut BTreeMap<u64, Vec<E164>>, mailbox: u64, number: &E164) {
    if let Some(known) = numbers.get_mut(&mailbox) {
        known.retain(|known| known != number);
    }
    numbers.retain(|_, known| !known.is_empty());
}

enum Entry {
    Number(E164, u64),
    Other(String),
}

fn read_entry(text: &str) -> Result<Entry, String> {
    let parts: Vec<_> = text.split(':').map(str::trim).collect();
    let [transport, value, mailbox] = parts.as_slice() else {
        return Err(format!("has {} parts where there must be 3, transport:value:mailbox", parts.len()));
    };
    let mailbox = mailbox.parse().map_err(|_| "its mailbox is no whole number".to_owned());
    match *transport {
        "twilio" => {
            let number = number(value).ok_or("its number is none; write it as +15550100001")?;
            Ok(Entry::Number(number, mailbox?))
        }
        "mobilecommons" => mailbox.map(|_| Entry::Other("MobileCommons is no transport of Ringside's".to_owned())),
        other => mailbox.map(|_| Entry::Other(format!("Bling knows no transport `{other}` and ignores the entry"))),
    }
}

/// Bling takes ten digits without `+` for a number of the US, and eleven for one with its country code.
fn number(value: &str) -> Option<E164> {
    let plain = typed_number::plain(value);
    let digits: String = plain.chars().filter(|it| !matches!(it, '+' | ' ' | '-' | '.' | '(' | ')')).collect();
    let country = if plain.starts_with('+') || digits.len() != 10 { "" } else { "1" };
    E164::parse(&["+", country, &digits].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(of: &[(u64, &[&str])]) -> BTreeMap<u64, Vec<E164>> {
        let parse = |numbers: &&[&str]| numbers.iter().map(|number| E164::parse(number).unwrap()).collect();
        of.iter().map(|(mailbox, numbers)| (*mailbox, parse(numbers))).collect()
    }

    #[test]
    fn entries_are_read_as_bling_reads_them() {
        type Case<'a> = (&'a str, &'a [(u64, &'a [&'a str])], &'a [usize]);
        let cases: &[Case] = &[
            ("", &[], &[]),
            ("twilio:+15550100001:3003", &[(3003, &["+15550100001"])], &[]),
            (" twilio : (555) 010-0001 : 3003 ,, ", &[(3003, &["+15550100001"])], &[]),
            ("twilio:+ 1 5550100001:1,twilio:5550100002:1", &[(1, &["+15550100001", "+15550100002"])], &[]),
            ("mobilecommons:77:1,twilio:+15550100001:2", &[(2, &["+15550100001"])], &[1]),
            ("Twilio:+15550100001:1", &[], &[1]),
            ("twilio:+15550100001:1,twilio:+15550100001:2", &[(2, &["+15550100001"])], &[1]),
        ];
        for (variable, wanted, skipped) in cases {
            let read = read(variable).unwrap();
            assert_eq!(read.numbers, numbers(wanted), "{variable}");
            assert_eq!(read.skipped.iter().map(|it| it.entry).collect::<Vec<_>>(), *skipped, "{variable}");
        }
    }

    #[test]
    fn every_malformed_entry_is_named() {
        let wrong =
            read("twilio:+15550100001,twilio:nobody:3,twilio:+15550100001:x,whatsapp:a:b:c,twilio:+15550100002:4");
        let wrong = wrong.unwrap_err();
        assert_eq!(wrong.len(), 4, "{wrong:?}");
        for (wrong, entry) in wrong.iter().zip(["entry 1:", "entry 2:", "entry 3:", "entry 4:"]) {
            assert!(wrong.starts_with(entry), "{wrong}");
        }
    }
}
