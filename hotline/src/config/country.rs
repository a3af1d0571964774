//! A country, and which one was probably meant by what is none.

use crate::domain::numbering;
use crate::domain::phone::E164;

/// From CLDR, as Babel 2.19 has it, by `xtask/countries.py`: a code, other codes of the same country, its English name.
const COUNTRIES: &str = include_str!("countries.txt");

/// Words that stand in neither, and are written all the same.
const ALSO: [(&str, &str); 16] = [
    ("EN", "GB"),
    ("ENG", "GB"),
    ("ENGLAND", "GB"),
    ("SCOTLAND", "GB"),
    ("WALES", "GB"),
    ("BRITAIN", "GB"),
    ("GREAT BRITAIN", "GB"),
    ("AMERICA", "US"),
    ("UNITED STATES OF AMERICA", "US"),
    ("GER", "DE"),
    ("HOLLAND", "NL"),
    ("JA", "JP"),
    ("KSA", "SA"),
    ("SP", "ES"),
    ("SUI", "CH"),
    ("UAE", "AE"),
];

/// A country by its two letters (ISO 3166-1 alpha-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country([u8; 2]);

impl Country {
    /// Reads two capital letters of a country whose numbers are known ([`numbering`]).
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        numbering::is_country(text).then_some(Self(letters))
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The country, or what to write instead.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        const WANTED: &str = "must be a country in two capital letters (ISO 3166-1), such as US";
        Self::parse(text).ok_or_else(|| match meant(text) {
            Some((code, name)) if Self::parse(code).is_none() => {
                format!("{WANTED}; {name} has no phone numbers of its own")
            }
            Some((code, name)) => format!("{WANTED}; {name} is {code}"),
            None => WANTED.to_owned(),
        })
    }
}

/// Code and name of the country that was probably meant: by another code, by its name, by its calling code.
fn meant(text: &str) -> Option<(&'static str, &'static str)> {
    let text = text.trim().trim_matches('.').to_uppercase();
    let also = ALSO.iter().find(|(other, _)| *other == text).map(|(_, code)| *code);
    let wanted = also.or_else(|| by_calling_code(&text)).unwrap_or(&text);
    COUNTRIES.lines().find_map(|line| {
        let (code, rest) = line.split_once(' ')?;
        let (others, name) = rest.split_once(' ')?;
        let is_it = code == wanted || others.split(',').any(|other| other == wanted) || name.to_uppercase() == wanted;
        is_it.then_some((code, name))
    })
}

/// The country whose numbers begin like this; a calling code has at most three digits (ITU-T E.164).
fn by_calling_code(text: &str) -> Option<&'static str> {
    let digits = text.strip_prefix('+')?;
    let is_code = (1..=3).contains(&digits.len());
    numbering::country(&E164::parse(&["+", digits, "0000000"].concat()).filter(|_| is_code)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likely_country_stands_in_the_error() {
        for (written, likely) in [
            ("UK", "United Kingdom is GB"),
            ("us", "United States is US"),
            ("USA", "United States is US"),
            ("U.S.A", ""),
            ("840", "United States is US"),
            ("GBR", "United Kingdom is GB"),
            ("England", "United Kingdom is GB"),
            ("germany", "Germany is DE"),
            ("Côte d’Ivoire", "Côte d’Ivoire is CI"),
            ("KSA", "Saudi Arabia is SA"),
            ("+44", "United Kingdom is GB"),
            ("+1", "United States is US"),
            (" US", "United States is US"),
            ("AQ", "Antarctica has no phone numbers of its own"),
            ("EU", ""),
            ("", ""),
        ] {
            let error = Country::read(written).unwrap_err();
            assert!(error.ends_with(if likely.is_empty() { "such as US" } else { likely }), "{written:?}: {error}");
        }
        assert_eq!(Country::read("GB").map(|it| it.as_str().to_owned()), Ok("GB".to_owned()));
    }

    #[test]
    fn every_country_with_numbers_has_a_name() {
        let named = |code: &str| COUNTRIES.lines().any(|line| line.starts_with(&[code, " "].concat()));
        for first in 'A'..='Z' {
            for code in ('A'..='Z').map(|second| String::from_iter([first, second])) {
                assert!(!numbering::is_country(&code) || named(&code), "{code}");
            }
        }
    }
}
