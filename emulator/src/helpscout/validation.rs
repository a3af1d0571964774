//! Validates a JSON body field by field.

use super::response::{ApiError, FieldError};
use serde_json::Value;

/// Reads fields of one object; errors of nested objects carry the whole path.
#[derive(Debug, Default)]
pub(super) struct Validator {
    errors: Vec<FieldError>,
}

impl Validator {
    pub(super) fn fail(&mut self, path: &str, rule: &'static str, message: impl Into<String>, rejected: &Value) {
        self.errors.push(FieldError { path: path.into(), message: message.into(), rule, rejected: rejected.clone() });
    }

    /// A string that must be there and not be empty.
    pub(super) fn text(&mut self, body: &Value, path: &str) -> String {
        match at(body, path) {
            Value::String(text) if !text.trim().is_empty() => return text.clone(),
            Value::Null => self.fail(path, "NotNull", "may not be null", &Value::Null),
            rejected @ Value::String(_) => self.fail(path, "NotEmpty", "may not be empty", rejected),
            rejected => self.fail(path, "string", "must be a string", rejected),
        }
        String::new()
    }

    /// An optional string of 1 to `most` characters (Customer pages).
    pub(super) fn short(&mut self, body: &Value, path: &str, most: usize) -> Option<String> {
        match at(body, path) {
            Value::Null => None,
            Value::String(text) if (1..=most).contains(&text.encode_utf16().count()) => Some(text.clone()),
            rejected => {
                self.fail(path, "Size", format!("size must be between 1 and {most}"), rejected);
                None
            }
        }
    }

    /// One of these words, `None` when it is absent.
    pub(super) fn word<'a>(&mut self, body: &Value, path: &str, words: &[&'a str]) -> Option<&'a str> {
        let given = at(body, path);
        let word = given.as_str().and_then(|given| words.iter().find(|word| **word == given)).copied();
        if word.is_none() && !given.is_null() {
            let list: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
            self.fail(path, "EnumValue", format!("Expected one of these: {}", list.join(", ")), given);
        }
        word
    }

    /// One of these words, which must be there.
    pub(super) fn required_word<'a>(&mut self, body: &Value, path: &str, words: &[&'a str]) -> Option<&'a str> {
        if at(body, path).is_null() {
            self.fail(path, "NotNull", "may not be null", &Value::Null);
        }
        self.word(body, path, words)
    }

    /// An id for which `known` holds, `None` when it is absent or `null`.
    pub(super) fn id(&mut self, body: &Value, path: &str, known: impl Fn(u64) -> bool) -> Option<u64> {
        let given = at(body, path);
        let id = given.as_u64().filter(|id| known(*id));
        if id.is_none() && !given.is_null() {
            self.fail(path, "identifier", "is not a known id", given);
        }
        id
    }

    /// An ISO 8601 time in ms since 1970.
    pub(super) fn time(&mut self, body: &Value, path: &str) -> Option<u64> {
        let given = at(body, path);
        let time = given.as_str().and_then(super::json::parse_time);
        if time.is_none() && !given.is_null() {
            self.fail(path, "date", "must be an ISO 8601 date", given);
        }
        time
    }

    /// `Err` if any check failed.
    pub(super) fn done(self) -> Result<(), ApiError> {
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(self.errors)) }
    }
}

/// A 400 for one field.
pub(super) fn invalid(path: &str, rule: &'static str, message: &str, rejected: &Value) -> ApiError {
    let mut checker = Validator::default();
    checker.fail(path, rule, message, rejected);
    ApiError::Invalid(checker.errors)
}

/// The value under a dotted path such as `threads.0.text`.
pub(super) fn at<'a>(body: &'a Value, path: &str) -> &'a Value {
    body.pointer(&format!("/{}", path.replace('.', "/"))).unwrap_or(&Value::Null)
}

/// A flag that is false when it is absent.
pub(super) fn flag(body: &Value, path: &str) -> bool {
    at(body, path).as_bool().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_rule_names_its_field() {
        type Read = fn(&mut Validator, &Value);
        let cases: [(Value, Read, &str); 6] = [
            (json!({}), |c, b| _ = c.text(b, "subject"), "NotNull"),
            (json!({ "subject": " " }), |c, b| _ = c.text(b, "subject"), "NotEmpty"),
            (json!({ "subject": "" }), |c, b| _ = c.short(b, "subject", 40), "Size"),
            (json!({ "subject": "x" }), |c, b| _ = c.word(b, "subject", &["y"]), "EnumValue"),
            (json!({ "subject": 7 }), |c, b| _ = c.id(b, "subject", |id| id == 8), "identifier"),
            (json!({ "subject": "soon" }), |c, b| _ = c.time(b, "subject"), "date"),
        ];
        for (body, read, rule) in cases {
            let mut checker = Validator::default();
            read(&mut checker, &body);
            let Err(ApiError::Invalid(errors)) = checker.done() else { panic!("{rule}") };
            assert_eq!((errors[0].path.as_str(), errors[0].rule), ("subject", rule));
        }
    }

    #[test]
    fn what_is_absent_is_not_wrong() {
        let mut checker = Validator::default();
        assert_eq!(checker.short(&json!({}), "firstName", 40), None);
        assert_eq!(checker.word(&json!({}), "status", &["active"]), None);
        assert_eq!(checker.done(), Ok(()));
    }
}
