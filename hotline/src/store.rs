//! The door to an object's SQLite.
//!
//! The Durable Object implements [`Store`] with its own storage, tests with rusqlite, so that the statements that tests
//! exercise are the statements that run in production. Tables are STRICT and ids are text: the platform binds every
//! integer as REAL, which a STRICT INTEGER column takes back without loss and a TEXT column would store as '42.0'.

use std::fmt;

/// A value that goes into a statement or comes out of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A whole number below 2^53 (the platform passes numbers as doubles).
    Integer(i64),
    /// Text.
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer. A column that is missing or of another type reads as empty, zero or `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// The text in column `at`, or "".
    pub fn text(&self, at: usize) -> &str {
        match self.0.get(at) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// The text in column `at`, if there is one.
    pub fn maybe_text(&self, at: usize) -> Option<String> {
        match self.0.get(at) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    /// The number in column `at`, or 0.
    pub fn integer(&self, at: usize) -> i64 {
        self.maybe_integer(at).unwrap_or(0)
    }

    /// The number in column `at`, if there is one.
    pub fn maybe_integer(&self, at: usize) -> Option<i64> {
        match self.0.get(at) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }
}

/// A statement that could not be carried out. The words are SQLite's and hold no parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError(pub String);

impl fmt::Display for StoreError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "storage: {}", self.0)
    }
}

/// What a step that only reads and writes its store comes to.
pub type Stored<T> = Result<T, StoreError>;

/// An object's SQLite.
pub trait Store {
    /// Carries out one statement and returns its rows.
    fn execute(&self, sql: &str, params: &[Value]) -> Stored<Vec<Row>>;

    /// Carries out `step` whole or not at all.
    fn transaction(&self, step: &mut dyn FnMut() -> Stored<()>) -> Stored<()>;
}

/// The first row of an answer.
pub(crate) fn first(rows: Vec<Row>) -> Option<Row> {
    rows.into_iter().next()
}
