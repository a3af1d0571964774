//! `application/x-www-form-urlencoded`, as Twilio posts it and as queries carry it (WHATWG URL Standard, §5).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The most fields that are read. Twilio's largest request, a call with SIP headers or a text with ten media, has below
/// a hundred.
pub const MOST_FIELDS: usize = 200;

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The fields of a form in the order received, repeated and empty ones kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Decodes the first [`MOST_FIELDS`] fields of a body or a query (without its `?`). Never fails: a stray `%` stays,
    /// bytes that are not UTF-8 become U+FFFD, and values are not trimmed because signatures cover every space.
    pub fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().take(MOST_FIELDS).collect())
    }

    /// The first value of a field; names are case-sensitive.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Every name and value in the order received.
    pub fn all(&self) -> &[(String, String)] {
        &self.0
    }

    /// The form without the fields of that name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(field, _)| field != name);
        self
    }
}

/// Whether a body or a query has more fields than are read.
pub fn has_too_many_fields(bytes: &[u8]) -> bool {
    bytes.split(|&b| b == b'&').filter(|field| !field.is_empty()).nth(MOST_FIELDS).is_some()
}

/// Encodes fields in the given order, a space as `+`.
pub fn encode(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Escapes text for one segment of a path, or one name or value of a query.
pub fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_read_as_twilio_wrote_them() {
        for (body, fields) in [
            ("", vec![]),
            ("&&", vec![]),
            ("Body=Hi+there%21", vec![("Body", "Hi there!")]),
            ("Body=+a+", vec![("Body", " a ")]),
            ("From=%2B15550100100&Digits=", vec![("From", "+15550100100"), ("Digits", "")]),
            ("a=2&A=1&a=1", vec![("a", "2"), ("A", "1"), ("a", "1")]),
            ("flag&=x&a=b=c", vec![("flag", ""), ("", "x"), ("a", "b=c")]),
            ("Body=%F0%9F%98%80", vec![("Body", "😀")]),
            ("Body=%ff%e2%82x", vec![("Body", "\u{fffd}\u{fffd}x")]),
            ("Body=100%&b=%zz&c=%4&d=%+4", vec![("Body", "100%"), ("b", "%zz"), ("c", "%4"), ("d", "% 4")]),
        ] {
            let got = Form::parse(body.as_bytes());
            let got: Vec<_> = got.all().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(got, fields, "{body}");
        }
    }

    #[test]
    fn a_field_asked_for_is_the_first_of_its_exact_name() {
        let form = Form::parse(b"to=x&To=1&To=2");
        assert_eq!((form.get("To"), form.get("TO")), (Some("1"), None));
        assert_eq!(form.without("To"), Form::parse(b"to=x"));
    }

    #[test]
    fn a_form_of_ten_thousand_fields_is_read_as_far_as_the_limit() {
        for (fields, too_many) in [(0, false), (MOST_FIELDS, false), (MOST_FIELDS + 1, true), (10_000, true)] {
            let body = "a=1&&".repeat(fields);
            assert_eq!(has_too_many_fields(body.as_bytes()), too_many, "{fields}");
            assert_eq!(Form::parse(body.as_bytes()).all().len(), fields.min(MOST_FIELDS));
        }
    }

    #[test]
    fn what_we_send_is_escaped() {
        assert_eq!(encode(&[("To", "+1555"), ("Body", "a b&c~é*")]), "To=%2B1555&Body=a+b%26c%7E%C3%A9*");
        assert_eq!(percent_encode("a b/ü~+?*"), "a%20b%2F%C3%BC~%2B%3F%2A");
    }

    proptest! {
        #[test]
        fn what_was_encoded_comes_back(fields in prop::collection::vec((".{0,9}", ".{0,30}"), 0..6)) {
            let borrowed: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            prop_assert_eq!(Form::parse(encode(&borrowed).as_bytes()), Form(fields));
        }

        #[test]
        fn an_escaped_component_comes_back_and_is_plain_ascii(text in ".{0,40}") {
            let escaped = percent_encode(&text);
            prop_assert!(escaped.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
            prop_assert_eq!(percent_encoding::percent_decode_str(&escaped).decode_utf8().unwrap(), text);
        }

        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let fields = bytes.split(|&b| b == b'&').filter(|field| !field.is_empty()).count();
            prop_assert_eq!(Form::parse(&bytes).all().len(), fields);
        }
    }
}
