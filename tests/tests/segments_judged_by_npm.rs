//! npm's `sms-segments-calculator`, which Twilio publishes, judges our count of segments.

use hotline::domain::text::segments::{Encoding, count};
use ringside_tests::oracle;
use ringside_tests::world::dice::Dice;

/// What texts are made of: the basic table, its extension, what is in neither, emoji of one to several code points, and
/// line breaks (LF alone: the calculator takes CR LF for a character outside GSM-7).
const PIECES: [&str; 38] = [
    "a",
    "Z",
    "0",
    " ",
    "hello ",
    "vote ",
    "@",
    "£",
    "Ω",
    "é",
    "ñ",
    "\n",
    "€",
    "{",
    "}",
    "[",
    "|",
    "~",
    "ç",
    "á",
    "“",
    "😀",
    "👨‍👩‍👧",
    "🇮🇹",
    "e\u{301}",
    "👍🏽",
    "🏳️‍🌈",
    "1️⃣",
    "שָׁלוֹם ",
    "مَرْحَبًا ",
    "สวัสดี ",
    "\u{1112}\u{1161}\u{11ab}",
    "한국 ",
    "สำ",
    "မြန်မာ ",
    "தமிழ் ",
    "नमस्ते ",
    "क्षत्रिय ",
];

fn texts() -> Vec<String> {
    let mut dice = Dice::new(7);
    let mut texts = Vec::new();
    for length in (0..400).chain((0..200).map(|at| at * 9)) {
        // Few kinds of pieces in one text, so that GSM-7 is not the exception.
        let kinds = &PIECES[..dice.count(1, PIECES.len() as u64)];
        texts.push((0..length).filter_map(|_| dice.pick(kinds).copied()).collect());
    }
    texts
}

#[test]
fn texts_cost_what_twilios_calculator_says() {
    let texts: Vec<String> = texts().into_iter().filter(|text| !text.is_empty()).collect();
    let counts: Vec<(String, usize)> = oracle::ask("segments.mjs", &texts);
    assert_eq!(counts.len(), texts.len());
    let mut gsm = 0;
    for (text, (encoding, segments)) in texts.iter().zip(counts) {
        let ours = count(text);
        gsm += usize::from(ours.encoding == Encoding::Gsm7);
        let name = if ours.encoding == Encoding::Gsm7 { "GSM-7" } else { "UCS-2" };
        assert_eq!((name, ours.segments), (encoding.as_str(), segments), "{text:?}");
    }
    assert!(gsm > texts.len() / 10, "too few texts in GSM-7 to judge by: {gsm}");
}
