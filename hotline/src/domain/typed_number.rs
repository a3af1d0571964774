//! A phone number as somebody typed or pasted it.

use super::text::invisible::{is_space, visible};

/// The number without what only stands around it: marks that nobody sees, which come along when a number is copied, blanks
/// and dashes of every width, full-width digits, `tel:`, and the `(0)` that is dialled within the country only.
pub fn plain(typed: &str) -> String {
    let narrow: String = visible(typed, false).chars().map(narrow).collect();
    let number = narrow.trim();
    let number = match number.split_at_checked(4) {
        Some((scheme, number)) if scheme.eq_ignore_ascii_case("tel:") => number.trim_start(),
        _ => number,
    };
    if number.starts_with('+') { number.replacen("(0)", "", 1) } else { number.to_owned() }
}

/// The ASCII character that means the same in a number.
fn narrow(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c) - 0xff10, 10).unwrap_or(c),
        '\u{ff0b}' => '+',
        '\u{ff08}' => '(',
        '\u{ff09}' => ')',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' => '-',
        '\u{3000}' => ' ',
        c if is_space(c) => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_pasted_number_is_the_number() {
        for (typed, number) in [
            ("\u{202a}+15550100104\u{202c}", "+15550100104"),
            ("\u{202d}+1 555 010 0104\u{202c}", "+1 555 010 0104"),
            ("\u{2068}+15550100104\u{2069}", "+15550100104"),
            ("+1\u{fe0d}-555-010-0104", "+1-555-010-0104"),
            ("\u{200e}+15550100104", "+15550100104"),
            ("\u{feff}+15550100104\u{200f}", "+15550100104"),
            ("\u{a0}+1\u{a0}555\u{2007}010\u{202f}0104", "+1 555 010 0104"),
            ("\u{ff0b}\u{ff11} \u{ff15}\u{ff15}\u{ff15} 010 0104", "+1 555 010 0104"),
            ("tel:+1-555-010-0104", "+1-555-010-0104"),
            ("TEL: +15550100104", "+15550100104"),
            ("+44 (0) 7700 900123", "+44  7700 900123"),
            ("(0) 7700 900123", "(0) 7700 900123"),
            ("+1\u{2013}555\u{2011}010\u{2212}0104", "+1-555-010-0104"),
            ("555 010 0104", "555 010 0104"),
            ("", ""),
        ] {
            assert_eq!(plain(typed), number, "{typed:?}");
        }
    }
}
