//! A phone number of a record, as somebody wrote it.

use hotline::domain::phone::E164;
use hotline::domain::typed_number;

/// An area and a line: what is shorter is an extension, or dialled within a town.
const SHORTEST: usize = 9;

/// A number, in a country where it names none; `None` where that cannot be told. A wrong guess is a text to a stranger.
pub fn number(written: &str, country: &str) -> Option<E164> {
    let plain = typed_number::plain(written);
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    let with_country = if plain.starts_with('+') {
        digits
    } else if let Some(abroad) = digits.strip_prefix("00") {
        abroad.to_owned()
    } else {
        with_country(&digits, country)?
    };
    E164::parse(&["+", &with_country].concat()).map(E164::canonical)
}

fn with_country(digits: &str, country: &str) -> Option<String> {
    let national = digits.trim_start_matches('0');
    // Nobody dials a zero before a country.
    let without_country = if national.len() == digits.len() { digits.strip_prefix(country) } else { None };
    match (country, without_country) {
        // The numbers of North America have ten digits, and no area begins with 1 (NANPA, Numbering plan).
        ("1", Some(rest)) => (rest.len() == 10).then(|| digits.to_owned()),
        ("1", None) => (national.len() == 10).then(|| ["1", national].concat()),
        (_, Some(rest)) if rest.len() >= SHORTEST => Some(digits.to_owned()),
        _ => (national.len() >= SHORTEST).then(|| [country, national].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_the_country_of_the_hotline_unless_it_names_its_own() {
        for (written, country, read) in [
            ("555-010-0101", "1", Some("+15550100101")),
            ("(555) 010-0101", "1", Some("+15550100101")),
            ("1 555 010 0101", "1", Some("+15550100101")),
            ("+1 555 010 0101", "1", Some("+15550100101")),
            ("tel:+1-555-010-0101", "1", Some("+15550100101")),
            ("001 555 010 0101", "44", Some("+15550100101")),
            ("+44 (0) 7700 900123", "1", Some("+447700900123")),
            ("07700 900123", "44", Some("+447700900123")),
            ("447700900123", "44", Some("+447700900123")),
            ("06 12 34 56 78", "33", Some("+33612345678")),
            // A number of another country without its plus.
            ("447700900123", "1", None),
            ("919812345678", "1", None),
            ("12345", "1", None),
            ("010-0101", "1", None),
            ("123-45-", "1", None),
            ("", "1", None),
            ("ask at the desk", "1", None),
        ] {
            let found = number(written, country);
            assert_eq!(found.as_ref().map(E164::as_str), read, "{written} in +{country}");
        }
    }
}
