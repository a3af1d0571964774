//! JSON, as much of it as the rules need.
//!
//! `serde_json` is the better known reader, and our tests hold this one against it; in the Worker it weighs 25 KB after
//! gzip, with the printing of floating point numbers that nobody here wants, a sixth of the budget. This one weighs 2.

/// A value. Numbers keep their digits: an id must not become a floating point number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Json {
    /// `null`, and what is not there.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object, in its order.
    Object(Vec<(String, Json)>),
}

/// Values within values: far above what Help Scout, Twilio or a configuration nest, far below what a stack holds.
const DEEPEST: usize = 64;

static NULL: Json = Json::Null;

impl Json {
    /// Reads a whole document (RFC 8259); `None` when it is none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut reader = Reader { rest: text };
        let value = reader.value(DEEPEST)?;
        reader.skip_space();
        reader.rest.is_empty().then_some(value)
    }

    /// A member of an object; null when there is none.
    pub fn get(&self, name: &str) -> &Self {
        let Self::Object(members) = self else { return &NULL };
        members.iter().rev().find(|(member, _)| member == name).map_or(&NULL, |(_, value)| value)
    }

    /// What stands at a path of members, separated by slashes.
    pub fn at(&self, path: &str) -> &Self {
        path.split('/').fold(self, Self::get)
    }

    /// A text.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A text, or "".
    pub fn text(&self) -> &str {
        self.as_str().unwrap_or("")
    }

    /// The text at a path of members, or "", as one's own.
    pub fn string(&self, path: &str) -> String {
        self.at(path).text().to_owned()
    }

    /// A whole number that is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        if let Self::Number(digits) = self { digits.parse().ok() } else { None }
    }

    /// Whether it is true.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The items of a list; none when it is no list.
    pub fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// How many bytes it takes when it is written without spaces.
    pub fn written_len(&self) -> usize {
        match self {
            Self::Null | Self::Bool(true) => 4,
            Self::Bool(false) => 5,
            Self::Number(digits) => digits.len(),
            Self::Text(text) => quoted(text).len(),
            Self::List(items) => 1 + items.iter().map(|item| item.written_len() + 1).sum::<usize>().max(1),
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| quoted(name).len() + value.written_len() + 2;
                1 + members.iter().map(member).sum::<usize>().max(1)
            }
        }
    }

    /// The members of an object; `None` when it is none.
    pub fn into_members(self) -> Option<Vec<(String, Self)>> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes `word` if it comes next.
    fn take(&mut self, word: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        let depth = depth.checked_sub(1)?;
        self.skip_space();
        match self.rest.bytes().next()? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.text().map(Json::Text),
            b't' => self.take("true").map(|()| Json::Bool(true)),
            b'f' => self.take("false").map(|()| Json::Bool(false)),
            b'n' => self.take("null").map(|()| Json::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        let mut members = Vec::new();
        self.take("{")?;
        self.skip_space();
        if self.take("}").is_some() {
            return Some(Json::Object(members));
        }
        loop {
            self.skip_space();
            let name = self.text()?;
            self.skip_space();
            self.take(":")?;
            members.push((name, self.value(depth)?));
            self.skip_space();
            if self.take("}").is_some() {
                return Some(Json::Object(members));
            }
            self.take(",")?;
        }
    }

    fn list(&mut self, depth: usize) -> Option<Json> {
        let mut items = Vec::new();
        self.take("[")?;
        self.skip_space();
        if self.take("]").is_some() {
            return Some(Json::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.skip_space();
            if self.take("]").is_some() {
                return Some(Json::List(items));
            }
            self.take(",")?;
        }
    }

    fn number(&mut self) -> Option<Json> {
        let end = self.rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        let (digits, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len()))?;
        self.rest = rest;
        is_number(digits.as_bytes()).then(|| Json::Number(digits.to_owned()))
    }

    fn text(&mut self) -> Option<String> {
        self.take("\"")?;
        let mut text = String::new();
        loop {
            let end = self.rest.find(|c: char| c == '"' || c == '\\' || c < ' ')?;
            let (plain, rest) = self.rest.split_at_checked(end)?;
            text.push_str(plain);
            self.rest = rest;
            if self.take("\"").is_some() {
                return Some(text);
            }
            self.take("\\")?;
            text.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let kind = self.rest.bytes().next()?;
        self.rest = self.rest.get(1..)?;
        Some(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.code_point()?,
            _ => return None,
        })
    }

    /// `\uXXXX`, or two of them for a character beyond the first plane.
    fn code_point(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        self.take("\\u")?;
        let second = self.hex().filter(|second| (0xdc00..0xe000).contains(second))?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn hex(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    }
}

/// RFC 8259, section 6: an optional minus, a whole part without leading zeros, a fraction, an exponent.
fn is_number(digits: &[u8]) -> bool {
    let digits = digits.strip_prefix(b"-").unwrap_or(digits);
    let (mantissa, exponent) = match digits.iter().position(|digit| matches!(digit, b'e' | b'E')) {
        Some(at) => (digits.get(..at), digits.get(at + 1..)),
        None => (Some(digits), None),
    };
    let exponent = exponent.map(|part| part.strip_prefix(b"-").or(part.strip_prefix(b"+")).unwrap_or(part));
    let mut parts = mantissa.unwrap_or_default().splitn(2, |digit| *digit == b'.');
    let whole = parts.next().unwrap_or_default();
    let all_digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    all_digits(whole)
        && (whole.len() == 1 || !whole.starts_with(b"0"))
        && parts.next().is_none_or(all_digits)
        && exponent.is_none_or(all_digits)
}

/// What may not be there, as JSON already or null.
pub fn or_null(json: Option<String>) -> String {
    json.unwrap_or_else(|| "null".to_owned())
}

/// A text in quotes (RFC 8259, section 7).
pub fn quoted(text: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                json.push('\\');
                json.push(c);
            }
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            c if c < ' ' => {
                json.push_str(if c < '\u{10}' { "\\u000" } else { "\\u001" });
                json.extend(HEX.get(c as usize % 16));
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// What the reference reader says, in our shape.
    fn reference(value: &Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => Json::Number(number.to_string()),
            Value::String(text) => Json::Text(text.clone()),
            Value::Array(items) => Json::List(items.iter().map(reference).collect()),
            Value::Object(members) => {
                Json::Object(members.iter().map(|(name, value)| (name.clone(), reference(value))).collect())
            }
        }
    }

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            ".*|[\\u{0}-\\u{7f}]*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(".*", inner, 0..6)
                    .prop_map(|members| Value::from_iter(members.into_iter().collect::<Vec<_>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_document_is_read_as_the_reference_reads_it(document in documents()) {
            let text = serde_json::to_string_pretty(&document).unwrap();
            let json = Json::parse(text.as_bytes());
            prop_assert_eq!(json.as_ref().map(Json::written_len), Some(document.to_string().len()));
            prop_assert_eq!(json, Some(reference(&document)));
        }

        #[test]
        fn what_the_reference_refuses_is_refused(text in "[\\[\\]{}\",:0-9eE.+\\-truefalsn\\\\u d8]{0,14}") {
            // The reference also refuses numbers beyond the range of floating point; these are not among them.
            let reference = serde_json::from_str::<Value>(&text).is_ok();
            prop_assert_eq!(Json::parse(text.as_bytes()).is_some(), reference, "{}", text);
        }

        #[test]
        fn nothing_does_harm(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Json::parse(&bytes);
        }

        #[test]
        fn any_text_comes_back_from_json(text in ".*|[\\u{0}-\\u{7f}]*") {
            prop_assert_eq!(serde_json::from_str::<String>(&quoted(&text)).unwrap(), text);
        }
    }

    #[test]
    fn escapes_and_depth() {
        let text = |json: &str| Json::parse(json.as_bytes()).map(|json| json.text().to_owned());
        assert_eq!(text(r#""\ud83d\ude00 \u00e9 \/ \n""#).as_deref(), Some("😀 é / \n"));
        for wrong in [r#""\ud83d""#, r#""\ude00""#, r#""\u+123""#, r#""\x""#, "\"\n\"", "\"", "01", "1.", "-", "[1,]"] {
            assert_eq!(Json::parse(wrong.as_bytes()), None, "{wrong}");
        }
        assert!(Json::parse("[".repeat(50_000).as_bytes()).is_none());
        assert!(Json::parse(["[".repeat(60), "]".repeat(60)].concat().as_bytes()).is_some());
    }
}
