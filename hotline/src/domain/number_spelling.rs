//! Numbers that two networks spell differently: whoever texts by SMS and writes on WhatsApp has one phone, and one key.
//!
//! WhatsApp keeps the number with which somebody registered. Where a country has changed its plan since, or where a mobile
//! has a digit that only callers from abroad dial, SMS and calls come with another spelling.

/// How one country's numbers are spelled twice.
struct TwoSpellings {
    /// The country's code.
    country: &'static str,
    /// The national number of the canonical spelling, from that of the other.
    canonical: fn(&str) -> Option<String>,
    /// The national number of the other spelling, from the canonical one.
    other: fn(&str) -> Option<String>,
}

const COUNTRIES: [TwoSpellings; 5] = [
    // Mexico: the 1 before mobiles went in August 2019 (IFT, Plan Técnico Fundamental de Numeración).
    TwoSpellings {
        country: "52",
        canonical: |national| without("1", national, 10),
        other: |national| of_length(national, 10).then(|| ["1", national].concat()),
    },
    // Argentina: callers from abroad dial a 9 before mobiles (ENACOM, Plan Fundamental de Numeración Nacional). The rest is
    // one number for one phone, mobile or not.
    TwoSpellings {
        country: "54",
        canonical: |national| without("9", national, 10),
        other: |national| of_length(national, 10).then(|| ["9", national].concat()),
    },
    // Brazil: a 9 stands before mobiles since November 2016 (Anatel, Resolução 553/2010).
    TwoSpellings {
        country: "55",
        canonical: |national| {
            let (area, line) = national.split_at_checked(2).filter(|(_, line)| of_length(line, 8))?;
            line.starts_with(['6', '7', '8', '9']).then(|| [area, "9", line].concat())
        },
        other: |national| {
            let (area, line) = national.split_at_checked(2)?;
            without("9", line, 8)
                .filter(|line| line.starts_with(['6', '7', '8', '9']))
                .map(|line| [area, &line].concat())
        },
    },
    // Benin: 01 stands before every number since 30 November 2024 (ARCEP Bénin).
    TwoSpellings {
        country: "229",
        canonical: |national| of_length(national, 8).then(|| ["01", national].concat()),
        other: |national| without("01", national, 8),
    },
    // Ivory Coast: two digits that name the operator stand before mobiles since 31 January 2021 (ARTCI). The
    // second digit of the number tells which.
    TwoSpellings {
        country: "225",
        canonical: |national| {
            of_length(national, 8).then(|| operator(national)).flatten().map(|it| [it, national].concat())
        },
        other: |national| {
            let (prefix, line) = national.split_at_checked(2).filter(|(_, line)| of_length(line, 8))?;
            (operator(line) == Some(prefix)).then(|| line.to_owned())
        },
    },
];

/// The operator's digits for a mobile number of Ivory Coast as it was before 2021: Moov, MTN, Orange.
fn operator(line: &str) -> Option<&'static str> {
    match line.as_bytes() {
        // Landlines.
        [b'2' | b'3', ..] => None,
        [_, b'0'..=b'3', ..] => Some("01"),
        [_, b'4'..=b'6', ..] => Some("05"),
        [_, b'7'..=b'9', ..] => Some("07"),
        _ => None,
    }
}

fn of_length(digits: &str, length: usize) -> bool {
    digits.len() == length
}

/// What follows a prefix, when it has a length.
fn without(prefix: &str, digits: &str, length: usize) -> Option<String> {
    digits.strip_prefix(prefix).filter(|rest| of_length(rest, length)).map(str::to_owned)
}

/// The canonical spelling of a number, digits with the country's code; `None` when it is spelled so.
pub(super) fn canonical(digits: &str) -> Option<String> {
    respelled(digits, |country| country.canonical)
}

/// The other spelling of a number that is canonical; `None` when there is none.
pub(super) fn other(digits: &str) -> Option<String> {
    respelled(digits, |country| country.other)
}

/// Whether a spelling is the one that callers from abroad dial, where that is not the canonical one.
pub(super) fn is_dialled_from_abroad(digits: &str) -> bool {
    // Argentina's mobiles.
    digits.starts_with("549") && canonical(digits).is_some()
}

fn respelled(digits: &str, way: impl Fn(&TwoSpellings) -> fn(&str) -> Option<String>) -> Option<String> {
    COUNTRIES.iter().find_map(|it| {
        let national = way(it)(digits.strip_prefix(it.country)?)?;
        Some([it.country, &national].concat())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_phone_have_one_canonical_spelling() {
        for (written, is_canonically) in [
            ("5215550100100", "525550100100"),
            ("5491155500100", "541155500100"),
            ("553188880100", "5531988880100"),
            ("22997000100", "2290197000100"),
            ("22507000100", "2250707000100"),
            ("22505400100", "2250505400100"),
            ("22541000100", "2250141000100"),
        ] {
            assert_eq!(canonical(written).as_deref(), Some(is_canonically), "{written}");
            assert_eq!(canonical(is_canonically), None, "{is_canonically}");
            assert_eq!(other(is_canonically).as_deref(), Some(written), "{is_canonically}");
        }
    }

    #[test]
    fn a_number_of_one_spelling_is_left_as_it_is() {
        for number in [
            "15550100100",
            // A landline in Brazil and one in Ivory Coast.
            "553133330100",
            "2252720000100",
            "447700900123",
            // Too short and too long for Mexico.
            "52155501001",
            "52155501001001",
        ] {
            assert_eq!((canonical(number), other(number)), (None, None), "{number}");
        }
    }
}
