//! The marks of list items, counted as HTML counts them.

use super::style::Marker;

/// A list that is open.
#[derive(Clone, Debug)]
pub(super) struct List {
    marker: Marker,
    /// The number of the next item.
    next: i32,
    step: i32,
}

impl List {
    pub(super) fn bullets(marker: Option<Marker>) -> Self {
        Self { marker: marker.unwrap_or(Marker::Bullet), next: 1, step: 1 }
    }

    /// A numbered list of so many items, counted backwards if `reversed`.
    pub(super) fn numbers(marker: Option<Marker>, start: Option<i32>, items: usize, reversed: bool) -> Self {
        let items = i32::try_from(items).unwrap_or(i32::MAX);
        let (first, step) = if reversed { (items, -1) } else { (1, 1) };
        Self { marker: marker.unwrap_or(Marker::Decimal), next: start.unwrap_or(first), step }
    }

    /// The mark of the next item, which may have a number and a kind of its own.
    pub(super) fn mark(&mut self, value: Option<i32>, marker: Option<Marker>) -> String {
        let number = value.unwrap_or(self.next);
        self.next = number.saturating_add(self.step);
        let ordinal = match marker.unwrap_or(self.marker) {
            Marker::Nothing => return String::new(),
            Marker::Bullet => return "- ".to_owned(),
            Marker::Decimal => None,
            Marker::LowerAlpha => letters(number),
            Marker::UpperAlpha => letters(number).map(|letters| letters.to_ascii_uppercase()),
            Marker::LowerRoman => roman(number),
            Marker::UpperRoman => roman(number).map(|roman| roman.to_ascii_uppercase()),
        };
        [ordinal.unwrap_or_else(|| number.to_string()).as_str(), ". "].concat()
    }
}

/// a, b, … z, aa, ab, …; none below one.
fn letters(number: i32) -> Option<String> {
    let mut left = u32::try_from(number).ok().filter(|number| *number > 0)?;
    let mut letters = Vec::new();
    while left > 0 {
        left -= 1;
        letters.push(char::from_digit(left % 26 + 10, 36)?);
        left /= 26;
    }
    // The digits of base 36 after 9 are the alphabet.
    Some(letters.iter().rev().collect())
}

/// Roman numbers, which end at 3999 (CSS Counter Styles).
fn roman(number: i32) -> Option<String> {
    const NUMERALS: [(i32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if !(1..=3999).contains(&number) {
        return None;
    }
    let mut left = number;
    let mut roman = String::new();
    for (value, numeral) in NUMERALS {
        while left >= value {
            roman.push_str(numeral);
            left -= value;
        }
    }
    Some(roman)
}
