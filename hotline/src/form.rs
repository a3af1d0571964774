//! `application/x-www-form-urlencoded`, as Twilio posts it and as queries carry it (WHATWG URL Standard, §5).

/// The fields of a form in the order received, repeated and empty ones kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Decodes a body or a query (without its `?`). Never fails: a stray `%` stays, bytes that are not UTF-8 become
    /// U+FFFD, and values are not trimmed because signatures cover every space.
    pub fn parse(bytes: &[u8]) -> Self {
        let fields = bytes.split(|&b| b == b'&').filter(|field| !field.is_empty()).map(|field| {
            let mut halves = field.splitn(2, |&b| b == b'=').map(decode);
            (halves.next().unwrap_or_default(), halves.next().unwrap_or_default())
        });
        Self(fields.collect())
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

fn decode(bytes: &[u8]) -> String {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        decoded.push(match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, tail @ ..]) => match (hex_value(*high), hex_value(*low)) {
                (Some(high), Some(low)) => {
                    rest = tail;
                    high << 4 | low
                }
                _ => b'%',
            },
            _ => *first,
        });
    }
    String::from_utf8(decoded).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Encodes fields in the given order, a space as `+`.
pub fn encode(fields: &[(&str, &str)]) -> String {
    let mut form = String::new();
    for (name, value) in fields {
        if !form.is_empty() {
            form.push('&');
        }
        escape_into(&mut form, name, b"*-._", "+");
        form.push('=');
        escape_into(&mut form, value, b"*-._", "+");
    }
    form
}

/// Escapes text for one segment of a path, or one name or value of a query: all but RFC 3986's unreserved characters.
pub fn percent_encode(text: &str) -> String {
    let mut escaped = String::new();
    escape_into(&mut escaped, text, b"-._~", "%20");
    escaped
}

fn escape_into(out: &mut String, text: &str, plain: &[u8], space: &str) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push_str(space),
            _ if byte.is_ascii_alphanumeric() || plain.contains(&byte) => out.push(char::from(byte)),
            _ => out.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 15)]),
        }
    }
}

fn hex_digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).map_or('0', |digit| digit.to_ascii_uppercase())
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
            prop_assert_eq!(decode(escaped.as_bytes()), text);
        }

        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let fields = bytes.split(|&b| b == b'&').filter(|field| !field.is_empty()).count();
            prop_assert_eq!(Form::parse(&bytes).all().len(), fields);
        }
    }
}
