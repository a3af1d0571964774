//! How many segments a text takes (Twilio, "What the Heck is a Segment?").

/// Characters of the GSM 03.38 basic set beside ASCII's letters, digits and signs up to `Z`; each is one septet.
const BASIC: &str = "£¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
/// Characters of its extension table; each is two septets.
const EXTENDED: &str = "|^€{}[]~\\\u{c}";

/// Segments of `text`: 160 or 153 septets each in GSM-7, 70 or 67 UTF-16 units each as soon as one character is outside it.
pub(super) fn count(text: &str) -> u64 {
    let septets: Option<Vec<usize>> = text.chars().map(septets).collect();
    match septets {
        Some(sizes) => fill(&sizes, 160, 153),
        None => fill(&text.chars().map(char::len_utf16).collect::<Vec<_>>(), 70, 67),
    }
}

fn septets(character: char) -> Option<usize> {
    match character {
        ' '..='Z' | 'a'..='z' => Some(1),
        _ if BASIC.contains(character) => Some(1),
        _ if EXTENDED.contains(character) => Some(2),
        _ => None,
    }
}

/// A character is never cut in two: it moves into the next segment whole.
fn fill(sizes: &[usize], single: usize, split: usize) -> u64 {
    if sizes.iter().sum::<usize>() <= single {
        return 1;
    }
    let (segments, _) = sizes.iter().fold((1, 0), |(segments, used), size| match used + size {
        used if used > split => (segments + 1, *size),
        used => (segments, used),
    });
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_as_the_official_calculator_counts_them() {
        let cases: [(String, u64); 16] = [
            (String::new(), 1),
            ("1".repeat(160), 1),
            ("1".repeat(161), 2),
            ("1".repeat(306), 2),
            ("1".repeat(307), 3),
            ("😀".to_owned() + &"1".repeat(68), 1),
            ("😀".to_owned() + &"1".repeat(69), 2),
            ("😀".to_owned() + &"1".repeat(133), 3),
            ("[".to_owned() + &"1".repeat(158), 1),
            ("[".to_owned() + &"1".repeat(159), 2),
            ("@£$_¡äà".repeat(22) + "\nßΩ§¿@", 1),
            ("`".repeat(71), 2),
            ("Á".repeat(70), 1),
            ("Á".repeat(71), 2),
            ("😀".to_owned() + &"]".repeat(68), 1),
            ("😀".to_owned() + &"]".repeat(69), 2),
        ];
        for (text, segments) in cases {
            assert_eq!(count(&text), segments, "{text}");
        }
    }
}
