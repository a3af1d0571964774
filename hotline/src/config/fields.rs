//! Reading a table field by field: each reader names the field it refuses, and nothing may be left over.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::Problems;
use crate::domain::phone::E164;
use crate::domain::typed_number;

/// What a field says that must be a number and is none.
pub(super) const NUMBER_WANTED: &str = "must be a number with + and its country code, such as +15550100001";

/// A number with its country code, written as people write one: with blanks, dashes, brackets and dots between the digits.
pub(super) fn number(text: &str) -> Option<E164> {
    let typed = typed_number::plain(text);
    E164::parse(&typed.replace([' ', '-', '(', ')', '.', '/'], ""))
}

/// A table whose fields are taken out one by one.
pub(super) struct Fields<'a> {
    path: String,
    values: Map<String, Value>,
    known: Vec<&'static str>,
    problems: &'a Problems,
}

impl<'a> Fields<'a> {
    pub(super) fn new(path: String, values: Map<String, Value>, problems: &'a Problems) -> Self {
        Self { path, values, known: Vec::new(), problems }
    }

    pub(super) fn problem(&self, name: &str, problem: &str) {
        self.problems.add(&self.path_of(name), problem);
    }

    fn path_of(&self, name: &str) -> String {
        [self.path.as_str(), ".", name].concat()
    }

    /// The value; one that is `null` counts as left out.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.values.remove(name).filter(|value| !value.is_null())
    }

    /// A text; none when it is empty or left out.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.text_or(name, "")
    }

    /// A text; the default when it is left out, none when it is empty.
    pub(super) fn text_or(&mut self, name: &'static str, default: &str) -> Option<String> {
        let text = match self.take(name) {
            None => default.to_owned(),
            Some(Value::String(text)) => text,
            Some(_) => {
                self.problem(name, "must be text in quotes");
                return None;
            }
        };
        (!text.trim().is_empty()).then_some(text)
    }

    /// A text of a certain form; none when it is empty or left out.
    pub(super) fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        wanted: &str,
    ) -> Option<T> {
        self.read(name, |text| parse(text).ok_or(wanted))
    }

    /// The same, where the text itself says what is wanted instead.
    pub(super) fn read<T, E: AsRef<str>>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name)?;
        read(&text).map_err(|wanted| self.problem(name, wanted.as_ref())).ok()
    }

    /// Texts of a certain form, each only once; none when the list is left out.
    pub(super) fn list<T: PartialEq>(
        &mut self,
        name: &'static str,
        parse: fn(&str) -> Option<T>,
        wanted: &'static str,
    ) -> Vec<T> {
        self.read_list(name, |text| parse(text).ok_or(wanted))
    }

    /// The same, where the text itself says what is wanted instead.
    pub(super) fn read_list<T: PartialEq, E: AsRef<str> + From<&'static str>>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let values = match self.take(name) {
            None => return Vec::new(),
            Some(Value::Array(values)) => values,
            Some(_) => {
                self.problem(name, "must be a list in [ ]");
                return Vec::new();
            }
        };
        let mut list = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let problem = match read(value.as_str().unwrap_or_default()) {
                Ok(value) if list.contains(&value) => "is in the list twice".into(),
                Ok(value) => {
                    list.push(value);
                    continue;
                }
                Err(wanted) => wanted,
            };
            self.problem(&[name, "[", &at.to_string(), "]"].concat(), problem.as_ref());
        }
        list
    }

    /// A whole number; the default when it is left out.
    pub(super) fn whole(&mut self, name: &'static str, range: RangeInclusive<u32>, default: u32) -> u32 {
        let Some(value) = self.take(name) else { return default };
        let number =
            value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| range.contains(number));
        number.unwrap_or_else(|| {
            let (least, most) = (range.start().to_string(), range.end().to_string());
            self.problem(name, &["must be a whole number from ", &least, " to ", &most].concat());
            default
        })
    }

    /// True or false; the default when it is left out.
    pub(super) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        let Some(value) = self.take(name) else { return default };
        value.as_bool().unwrap_or_else(|| {
            self.problem(name, "must be true or false");
            default
        })
    }

    /// One of some words; the first when it is left out.
    pub(super) fn word<T: Copy>(&mut self, name: &'static str, first: (&str, T), other: (&str, T)) -> T {
        let Some(value) = self.take(name) else { return first.1 };
        let word = value.as_str();
        if word == Some(other.0) {
            return other.1;
        }
        if word != Some(first.0) {
            self.problem(name, &["must be \"", first.0, "\" or \"", other.0, "\""].concat());
        }
        first.1
    }

    /// A table inside this one.
    pub(super) fn table(&mut self, name: &'static str) -> Option<Fields<'a>> {
        if let Value::Object(values) = self.take(name)? {
            return Some(self.inner(name, values));
        }
        self.problem(name, "must be a table in { }");
        None
    }

    /// The reader of a table that was taken from this one.
    pub(super) fn inner(&self, name: &str, values: Map<String, Value>) -> Fields<'a> {
        Fields::new(self.path_of(name), values, self.problems)
    }

    /// Refuses what nobody asked for.
    pub(super) fn finish(self) {
        for name in self.values.keys() {
            self.problem(name, &["is not known here; known are ", &self.known.join(", ")].concat());
        }
    }
}
