//! Numbering plans: which country a number belongs to, and whether it costs extra. Whatever calls or texts by itself, or for
//! an agent, asks here.

use super::phone::E164;

/// From libphonenumber's metadata, release 9.0.43, by `xtask/numbering.py`. Each line has the digits that
/// a country's numbers begin with, the country, and what numbers go on with that cost extra: premium rate, shared cost,
/// personal numbers. After a slash stands how many digits follow those of the country, where shorter or longer numbers that
/// go on like this are ordinary.
const PLANS: &str = include_str!("numbering.txt");

/// International freephone, the one network without a country that costs nobody anything (ITU-T E.169.1).
const FREEPHONE: &str = "800";

/// The lines that a number begins with: what follows their digits, and the words after those.
fn plans(number: &E164) -> impl Iterator<Item = (&str, std::str::SplitWhitespace<'static>)> {
    PLANS.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let rest = number.digits().strip_prefix(words.next()?)?;
        Some((rest, words))
    })
}

/// Whether it is the code of a country with numbers of its own (ISO 3166-1 alpha-2).
pub fn is_country(code: &str) -> bool {
    PLANS.lines().any(|line| line.split_whitespace().nth(1) == Some(code))
}

/// The country (ISO 3166-1 alpha-2); `None` for satellites, international networks, and what is no number.
pub fn country(number: &E164) -> Option<&'static str> {
    plans(number).min_by_key(|(rest, _)| rest.len())?.1.next()
}

/// Whether calling or texting it pays whoever it belongs to.
pub fn is_costly(number: &E164) -> bool {
    if country(number).is_none() {
        return !number.digits().starts_with(FREEPHONE);
    }
    plans(number).any(|(rest, words)| words.skip(1).any(|costly| goes_on(rest, costly)))
}

fn goes_on(rest: &str, costly: &str) -> bool {
    let (prefix, length) = costly.split_once('/').unwrap_or((costly, ""));
    rest.starts_with(prefix) && (length.is_empty() || length.parse() == Ok(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> E164 {
        E164::parse(text).unwrap()
    }

    #[test]
    fn numbers_that_pay_whoever_is_called_are_known() {
        for costly in [
            "+19005550100",
            "+15005550100",
            "+870776001000",
            "+881601234567",
            "+882161234567",
            "+883510000000",
            "+9791234567",
            "+449011234567",
            "+447012345678",
            "+448712345678",
            "+4990012345678",
            "+33899123456",
            "+61190212345",
        ] {
            assert!(is_costly(&number(costly)), "{costly}");
        }
        for plain in [
            "+15550100100",
            "+447700900123",
            "+442079460000",
            // Reading, whose area code is 0118.
            "+441184960000",
            "+33612345678",
            "+4930123456",
            "+18005550100",
            "+80012345678",
            "+393123456789",
        ] {
            assert!(!is_costly(&number(plain)), "{plain}");
        }
    }

    #[test]
    fn every_kind_of_number_of_every_country_is_told() {
        let examples = include_str!("numbering_examples.txt");
        let wrong: Vec<&str> = examples
            .lines()
            .filter(|line| {
                let (cost, number) = line.split_once(' ').unwrap();
                let number = E164::parse(number.rsplit(' ').next().unwrap());
                number.is_some_and(|number| is_costly(&number) != (cost == "costly"))
            })
            .collect();
        assert_eq!(wrong, [] as [&str; 0]);
        assert!(examples.lines().filter(|line| line.starts_with("costly")).count() > 200);
    }

    #[test]
    fn a_number_belongs_to_one_country_also_where_several_share_a_code() {
        for (text, expected) in [
            ("+15550100100", Some("US")),
            ("+14165550100", Some("CA")),
            ("+18765550100", Some("JM")),
            ("+17875550100", Some("PR")),
            ("+447700900123", Some("GB")),
            ("+447624123456", Some("IM")),
            ("+77011234567", Some("KZ")),
            ("+79161234567", Some("RU")),
            ("+252612345678", Some("SO")),
            ("+221771234567", Some("SN")),
            ("+882161234567", None),
            ("+80012345678", None),
            ("+99912345678", None),
        ] {
            assert_eq!(country(&number(text)), expected, "{text}");
        }
    }
}
