//! JSON that others wrote, read by `serde_json` without a type of ours: what is missing or of another kind is null.
//! What we write are types of ours.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

/// Reads a whole document; `None` when it is none. Half of a surrogate pair, which languages with UTF-16 texts write
/// where they cut one, is read as U+FFFD, as are bytes that are no UTF-8: one bad character spoils no document.
pub fn parse(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().or_else(|| serde_json::from_str(&mended(&String::from_utf8_lossy(bytes))).ok())
}

/// The document with an escaped U+FFFD for every escape of a surrogate that has no other half (RFC 8259, section 8.2).
fn mended(json: &str) -> Cow<'_, str> {
    let mut mended = String::new();
    let mut rest = json;
    while let Some((before, escape)) = rest.find('\\').and_then(|at| rest.split_at_checked(at)) {
        let unit = code_unit(escape);
        let next = || escape.get(6..).and_then(code_unit);
        let (length, lone) = match unit {
            Some(0xd800..=0xdbff) if matches!(next(), Some(0xdc00..=0xdfff)) => (12, false),
            Some(0xd800..=0xdfff) => (6, true),
            Some(_) => (6, false),
            None => (1 + escape.chars().nth(1).map_or(0, char::len_utf8), false),
        };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        mended.push_str(before);
        mended.push_str(if lone { "\\ufffd" } else { escape });
        rest = after;
    }
    if mended.is_empty() { Cow::Borrowed(json) } else { Cow::Owned(mended + rest) }
}

/// The number in `\uXXXX`.
fn code_unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

static NULL: Value = Value::Null;

/// Reading a document that may lack anything.
pub trait Document {
    /// What stands at a path of members, separated by slashes; null when nothing does.
    fn at(&self, path: &str) -> &Value;

    /// A text, or "".
    fn text(&self) -> &str;

    /// The text at a path of members, or "", as one's own.
    fn string(&self, path: &str) -> String {
        self.at(path).text().to_owned()
    }

    /// A whole number that is not negative, also one that is written as a text.
    fn number(&self) -> Option<u64>;

    /// The items of a list; none when it is no list.
    fn items(&self) -> &[Value];
}

impl Document for Value {
    fn at(&self, path: &str) -> &Value {
        path.split('/').fold(self, |value, member| value.get(member).unwrap_or(&NULL))
    }

    fn text(&self) -> &str {
        self.as_str().unwrap_or_default()
    }

    fn number(&self) -> Option<u64> {
        self.as_u64().or_else(|| self.text().parse().ok())
    }

    fn items(&self) -> &[Value] {
        self.as_array().map_or(&[], Vec::as_slice)
    }
}

/// A value of ours as JSON.
pub fn written<T: Serialize>(value: &T) -> String {
    // Writing our own types into memory cannot fail: the keys of their maps are texts or numbers.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_or_of_another_kind_is_null() {
        let document = json!({"a": {"b": "text"}, "list": [1, 2], "null": null});
        assert_eq!((document.at("a/b").text(), document.string("a/b").as_str()), ("text", "text"));
        for path in ["c", "a/c", "a/b/c", "list/0", "null/a", "", "/"] {
            assert_eq!(document.at(path), &Value::Null, "{path}");
        }
        assert_eq!((document.at("list").text(), document.at("a").items().len()), ("", 0));
        assert_eq!(document.at("list").items(), [json!(1), json!(2)]);
        for (value, number) in [
            (json!(30003), Some(30003)),
            (json!("30003"), Some(30003)),
            (json!(u64::MAX), Some(u64::MAX)),
            (json!(-1), None),
            (json!(1.5), None),
            (json!("1e3"), None),
            (json!(""), None),
            (json!(null), None),
            (json!(true), None),
        ] {
            assert_eq!(value.number(), number, "{value}");
        }
    }

    #[test]
    fn half_a_pair_spoils_no_document() {
        for (json, text) in [
            (r#""cut \ud83d""#, "cut \u{fffd}"),
            (r#""\ud83d\ude00 \ud83d\u00e9 \ude00\ud83d\/""#, "😀 \u{fffd}é \u{fffd}\u{fffd}/"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\\ud83d \\\ud83d""#, "\\ud83d \\\u{fffd}"),
            (r#""\uD83D\n\uDE00""#, "\u{fffd}\n\u{fffd}"),
        ] {
            assert_eq!(parse(json.as_bytes()), Some(Value::from(text)), "{json}");
        }
        assert_eq!(parse(b"\"caf\xe9\""), Some(Value::from("caf\u{fffd}")));
        let document = parse(br#"{"a\ud83d":[{"b":"\udc00"}]}"#);
        assert_eq!(document, Some(json!({"a\u{fffd}": [{"b": "\u{fffd}"}]})));
        for wrong in [r#""\u+123""#, r#""\ud83""#, r#""\x""#, "\"\\", "\"\n\"", "01", "[1,]", "", "{\"a\":1"] {
            assert_eq!(parse(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(parse("[".repeat(50_000).as_bytes()), None);
    }

    proptest! {
        #[test]
        fn any_units_of_utf_16_are_read_as_far_as_they_are_text(units: Vec<u16>, surrogates in "[dD][89a-fA-F][0-9a-f]{2}") {
            let mut units = units;
            units.push(u16::from_str_radix(&surrogates, 16).unwrap());
            let escapes: Vec<String> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let read = parse(format!("\"{}\"", escapes.concat()).as_bytes());
            prop_assert_eq!(read, Some(Value::from(String::from_utf16_lossy(&units))));
        }

        #[test]
        fn nothing_does_harm(bytes in proptest::collection::vec(any::<u8>(), 0..60), text in "[\\[\\]{}\",:0-9eu\\\\d8c ]{0,20}") {
            let _ = (parse(&bytes), parse(text.as_bytes()));
        }

        #[test]
        fn any_text_comes_back_from_json(text in ".*|[\\u{0}-\\u{7f}]*") {
            prop_assert_eq!(parse(written(&text).as_bytes()), Some(Value::from(text)));
        }
    }
}
