//! Reads the JSON body of a request, or its query, field by field: all that is wrong is named at once.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use protocol::v1::FieldError;
use serde_json::{Map, Value};

use crate::domain::time::{Millis, duration};

/// Everything that is wrong with a request.
#[derive(Default)]
pub(super) struct Errors(RefCell<Vec<FieldError>>);

impl Errors {
    pub fn add(&self, field: &str, code: &str, detail: impl Into<String>) {
        self.0.borrow_mut().push(fault(field, code, detail));
    }

    /// The value, if nothing was wrong.
    pub fn check<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        let errors = self.0.into_inner();
        value.filter(|_| errors.is_empty()).ok_or(errors)
    }
}

/// Something that is wrong with a request.
pub(super) fn fault(field: &str, code: &str, detail: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), code: code.to_owned(), detail: detail.into() }
}

/// Reads a body that is one JSON object. RFC 8259 allows half of a surrogate pair; no text that a phone shows has one.
pub(super) fn object(body: &[u8], errors: &Errors) -> Option<Map<String, Value>> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => return Some(object),
        Ok(_) => errors.add("", "wrong_type", "The body must be a JSON object."),
        Err(error) => errors.add("", "not_json", format!("The body is not JSON: {error}.")),
    }
    None
}

/// The fields of one object. Each is taken once; what is left in the end is unknown.
pub(super) struct Fields<'a> {
    /// What stands before a field's name: "" or `via.0.`.
    prefix: String,
    left: Map<String, Value>,
    errors: &'a Errors,
}

impl<'a> Fields<'a> {
    pub fn new(object: Map<String, Value>, errors: &'a Errors) -> Self {
        Self { prefix: String::new(), left: object, errors }
    }

    /// The fields of an object within this one.
    pub fn inner(&mut self, name: &str) -> Option<Self> {
        let value = self.take(name);
        self.within(name, value)
    }

    /// The same for one that must be there.
    pub fn required_inner(&mut self, name: &str) -> Option<Self> {
        let value = self.required(name);
        self.within(name, value)
    }

    /// The fields of each object of a list that has at least one and at most so many.
    pub fn inner_list(&mut self, name: &str, most: usize) -> Option<Vec<Self>> {
        let value = self.take(name);
        let list = |value| if let Value::Array(items) = value { Some(items) } else { None };
        let items = self.typed(name, value, "a list of objects", list)?;
        if items.is_empty() {
            self.error(name, "empty", "must have at least one item");
        } else if items.len() > most {
            self.error(name, "too_many", format!("has {} items; at most {most} are allowed", items.len()));
        } else {
            let count = items.len();
            let inner = |(at, item)| self.within(&format!("{name}.{at}"), Some(item));
            let inner: Vec<Self> = items.into_iter().enumerate().filter_map(inner).collect();
            return (inner.len() == count).then_some(inner);
        }
        None
    }

    fn within(&self, name: &str, value: Option<Value>) -> Option<Self> {
        let object = |value| if let Value::Object(object) = value { Some(object) } else { None };
        let left = self.typed(name, value, "an object", object)?;
        Some(Self { prefix: format!("{}.", self.path(name)), left, errors: self.errors })
    }

    /// The names of what nobody has taken.
    pub fn names(&self) -> Vec<String> {
        self.left.keys().cloned().collect()
    }

    fn path(&self, name: &str) -> String {
        [&self.prefix, name].concat()
    }

    pub fn error(&self, name: &str, code: &str, detail: impl Into<String>) {
        self.errors.add(&self.path(name), code, detail);
    }

    /// Whether a field is there; null counts as missing.
    pub fn has(&self, name: &str) -> bool {
        self.left.get(name).is_some_and(|value| !value.is_null())
    }

    /// Whether a field is a number.
    pub fn is_number(&self, name: &str) -> bool {
        self.left.get(name).is_some_and(Value::is_number)
    }

    /// The value of a field; null counts as missing.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        #[cfg(test)]
        taken::note(&self.path(name));
        self.left.remove(name).filter(|value| !value.is_null())
    }

    /// The same for a field that must be there.
    pub fn required(&mut self, name: &str) -> Option<Value> {
        let value = self.take(name);
        if value.is_none() {
            self.error(name, "missing", "is required");
        }
        value
    }

    fn typed<T>(&self, name: &str, value: Option<Value>, wanted: &str, read: impl Fn(Value) -> Option<T>) -> Option<T> {
        let value = value?;
        let read = read(value);
        if read.is_none() {
            self.error(name, "wrong_type", format!("must be {wanted}"));
        }
        read
    }

    /// A text of so many characters, without control characters other than line ends and tabs.
    pub fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let value = self.take(name);
        let text = self.typed(name, value, "a text", into_text)?;
        self.checked(name, text, length)
    }

    /// The same for one that must be there.
    pub fn required_text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let value = self.required(name);
        let text = self.typed(name, value, "a text", into_text)?;
        self.checked(name, text, length)
    }

    fn checked(&self, name: &str, text: String, length: RangeInclusive<usize>) -> Option<String> {
        let characters = text.chars().count();
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.error(name, "control_character", "holds a control character; line ends and tabs alone are allowed");
        } else if characters < *length.start() {
            self.error(name, "empty", "must not be empty");
        } else if characters > *length.end() {
            self.error(name, "too_long", format!("has {characters} characters; at most {} are allowed", length.end()));
        } else {
            return Some(text);
        }
        None
    }

    /// One of a few words.
    pub fn word<T: Clone>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let value = self.take(name);
        let text = self.typed(name, value, "a text", into_text)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| meaning.clone());
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.error(name, "unknown_word", format!("must be one of {}", known.join(", ")));
        }
        found
    }

    /// The same for one that must be there.
    pub fn required_word<T: Clone>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let value = self.required(name)?;
        self.left.insert(name.to_owned(), value);
        self.word(name, words)
    }

    /// True or false, which must be there.
    pub fn required_flag(&mut self, name: &str) -> Option<bool> {
        let value = self.required(name);
        self.typed(name, value, "true or false", |value| value.as_bool())
    }

    /// True or false.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.take(name);
        self.typed(name, value, "true or false", |value| value.as_bool())
    }

    /// A whole number in a range.
    pub fn number(&mut self, name: &str, range: RangeInclusive<usize>) -> Option<usize> {
        let value = self.take(name);
        let whole = |value: Value| value.as_u64().and_then(|number| usize::try_from(number).ok());
        let number = self.typed(name, value, "a whole number", whole)?;
        if !range.contains(&number) {
            self.error(name, "out_of_range", format!("must be {} to {}", range.start(), range.end()));
        }
        Some(number).filter(|number| range.contains(number))
    }

    /// An instant, RFC 3339 with its zone.
    pub fn instant(&mut self, name: &str) -> Option<Millis> {
        let value = self.take(name);
        let text = self.typed(name, value, "a text", into_text)?;
        let instant = text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond);
        if instant.is_none() {
            self.error(
                name,
                "not_an_instant",
                "must be an instant of RFC 3339 with its zone, such as 2026-11-03T13:00:00Z",
            );
        }
        instant
    }

    /// A duration of ISO 8601 in a range; `example` is one, and `wanted` says the range.
    pub fn duration(
        &mut self,
        name: &str,
        length: RangeInclusive<usize>,
        range: RangeInclusive<Millis>,
        [example, wanted]: [&str; 2],
    ) -> Option<Millis> {
        let text = self.text(name, length)?;
        let Some(duration) = duration(&text) else {
            self.error(name, "not_a_duration", format!("must be a duration of ISO 8601, such as {example}"));
            return None;
        };
        if !range.contains(&duration) {
            self.error(name, "out_of_range", wanted);
            return None;
        }
        Some(duration)
    }

    /// A list of at most so many texts.
    pub fn texts(&mut self, name: &str, most: usize, length: RangeInclusive<usize>) -> Option<Vec<String>> {
        let value = self.take(name)?;
        let Value::Array(items) = value else {
            self.error(name, "wrong_type", "must be a list of texts");
            return None;
        };
        self.items(name, items, most, length)
    }

    /// The texts of a list.
    pub fn items(
        &self,
        name: &str,
        items: Vec<Value>,
        most: usize,
        length: RangeInclusive<usize>,
    ) -> Option<Vec<String>> {
        if items.len() > most {
            self.error(name, "too_many", format!("has {} items; at most {most} are allowed", items.len()));
            return None;
        }
        let count = items.len();
        let texts = items.into_iter().enumerate().filter_map(|(at, item)| {
            let name = format!("{name}.{at}");
            let text = self.typed(&name, Some(item), "a text", into_text)?;
            self.checked(&name, text, length.clone())
        });
        let texts: Vec<String> = texts.collect();
        (texts.len() == count).then_some(texts)
    }

    /// Reports what nobody has taken.
    pub fn finish(self) {
        for name in self.left.keys() {
            self.error(name, "unknown_field", "is no field of this request");
        }
    }
}

pub(super) fn into_text(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text) } else { None }
}

/// Which fields a reader has asked for: the description of the API is held to it.
#[cfg(test)]
pub(super) mod taken {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    thread_local! {
        static TAKEN: RefCell<BTreeSet<String>> = RefCell::default();
    }

    pub fn note(path: &str) {
        TAKEN.with_borrow_mut(|taken| taken.insert(path.to_owned()));
    }

    /// The fields since the last time.
    pub fn all() -> BTreeSet<String> {
        TAKEN.take()
    }
}
