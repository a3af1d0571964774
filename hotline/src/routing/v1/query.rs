//! The query of a request: which hotline, and which page of a list.

use std::collections::BTreeMap;

use protocol::v1::FieldError;

use super::Asked;
use super::fields::Errors;
use crate::config::Hotline;
use crate::form::Form;
use crate::routing::HttpAnswer;

/// Items of a page when a request does not say it, and the most that it may ask for.
const USUAL_LIMIT: usize = 50;
const MOST: usize = 100;

const OUT_OF_RANGE: &str = "must be a number from 1 to 100";

/// Parameters by name.
pub(super) type Query = BTreeMap<String, String>;

impl<'a> Asked<'a> {
    /// The parameters, if there are no others than these, and each once.
    pub(super) fn query(&self, known: &[&str]) -> Result<Query, HttpAnswer> {
        let mut query = Query::new();
        let mut errors = Vec::new();
        for (name, value) in Form::parse(self.request.query().as_bytes()).all() {
            let (code, detail) = match known.contains(&name.as_str()) {
                false => ("unknown_field", "is no parameter of this request"),
                true if query.contains_key(name) => ("repeated", "stands there twice"),
                true => {
                    query.insert(name.clone(), value.clone());
                    continue;
                }
            };
            errors.push(FieldError { field: name.clone(), code: code.to_owned(), detail: detail.to_owned() });
        }
        if errors.is_empty() { Ok(query) } else { Err(self.problems().invalid(errors)) }
    }

    /// How many items a page has.
    pub(super) fn limit(&self, query: &Query) -> Result<usize, HttpAnswer> {
        let Some(limit) = query.get("limit") else { return Ok(USUAL_LIMIT) };
        let limit = limit.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        limit.ok_or_else(|| self.invalid_field("limit", "out_of_range", OUT_OF_RANGE))
    }

    /// The same for who names all that is wrong at once.
    pub(super) fn limit_or(&self, query: &Query, errors: &Errors) -> usize {
        let Some(limit) = query.get("limit") else { return USUAL_LIMIT };
        let limit = limit.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        if limit.is_none() {
            errors.add("limit", "out_of_range", OUT_OF_RANGE);
        }
        limit.unwrap_or(USUAL_LIMIT)
    }

    /// The same where the query has nothing else.
    pub(super) fn hotline_alone(&self) -> Result<&'a Hotline, HttpAnswer> {
        self.query(&["hotline"])?;
        self.hotline_of_query()
    }

    /// The hotline that `?hotline=` names. A key that has one alone need not name it.
    pub(super) fn hotline_of_query(&self) -> Result<&'a Hotline, HttpAnswer> {
        let query = Form::parse(self.request.query().as_bytes());
        match (query.get("hotline"), self.key.hotlines.as_slice()) {
            (Some(name), _) => self.hotline(name),
            (None, [only]) => self.hotline(only),
            (None, _) => {
                Err(self.invalid_field("hotline", "missing", "is required: this key has not one hotline alone"))
            }
        }
    }
}
