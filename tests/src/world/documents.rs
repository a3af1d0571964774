//! Every TwiML document for calls that the Worker can produce: a file, to be read by people, and one that is not in it
//! fails whatever met it.

use std::collections::BTreeSet;

/// The documents, one a line, with what differs from call to call written as a word.
pub const KNOWN: &str = include_str!("../../snapshots/twiml.txt");

/// The documents of [`KNOWN`].
pub fn known() -> BTreeSet<&'static str> {
    KNOWN.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// A document with what differs from call to call as words.
///
/// # Panics
/// When it does not begin as XML does.
pub fn plain(document: &str) -> String {
    let document = document.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").expect("a declaration");
    let mut plain = document.replace("https://hotline.example.org", "https://HOST");
    for (before, word, ends) in [
        ("?h=", "INBOX", "&"),
        ("&#38;c=", "CALL", "&#"),
        ("&#38;l=", "LEG", "&#"),
        ("<Queue>", "CALL", "<"),
        ("a call to ", "THEM", "."),
        ("\">+", "THEM", "<"),
        ("\">CA", "LL", "<"),
        ("code is ", "CODE", "."),
    ] {
        plain = replaced(&plain, before, word, ends);
    }
    plain
}

/// What stands between `before` and the first of the characters `ends`, as a word.
fn replaced(text: &str, before: &str, word: &str, ends: &str) -> String {
    let mut pieces = text.split(before);
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|character| ends.contains(character)).unwrap_or(0);
        plain.push_str(before);
        plain.push_str(if end > 0 { word } else { "" });
        plain.push_str(&piece[end..]);
    }
    plain
}

/// Checks a document that the Worker would answer.
///
/// # Panics
/// When it is a new one.
pub fn check(document: &str) {
    let plain = plain(document);
    assert!(known().contains(plain.as_str()), "not in tests/snapshots/twiml.txt; read it, and add it there:\n{plain}");
}
