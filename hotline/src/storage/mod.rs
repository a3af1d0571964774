//! Access to an object's SQLite.
//!
//! The Durable Object implements [`Store`] with its own storage, tests with rusqlite, so that the statements that tests
//! exercise are the statements that run in production. Tables are STRICT and ids are text: the platform binds every
//! integer as REAL, which a STRICT INTEGER column takes back without loss and a TEXT column would store as '42.0'.

mod migrations;

use serde::de::DeserializeOwned;

use crate::encoding::{self, DecodeError, name_of};
pub use migrations::{Migration, migrate};

/// A value that goes into a statement: borrowed, so that a statement copies nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param<'a> {
    /// SQL NULL.
    Null,
    /// A whole number below 2^53 (the platform passes numbers as doubles).
    Integer(i64),
    /// Text.
    Text(&'a str),
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a Option<String>> for Param<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_deref().into()
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A value that comes out of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL, or of a kind that our tables do not have.
    Null,
    /// A whole number below 2^53 (the platform passes numbers as doubles).
    Integer(i64),
    /// Text.
    Text(String),
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

    /// The text in column `at`, or "", as one's own.
    pub fn string(&self, at: usize) -> String {
        self.text(at).to_owned()
    }

    /// The text in column `at`, if there is one.
    pub fn maybe_text(&self, at: usize) -> Option<String> {
        match self.0.get(at) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    /// What the word in column `at` stands for. `column` is its table and name, for who looks for what went wrong.
    pub(crate) fn word<T>(&self, at: usize, column: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Stored<T> {
        let unknown = || DecodeError { expected: name_of::<T>(), reason: "no such word".to_owned() };
        read(self.text(at)).ok_or_else(|| StoreError::Undecodable { column, error: unknown() })
    }

    /// The value in column `at`, which holds JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self, at: usize, column: &'static str) -> Stored<T> {
        encoding::decode(self.text(at)).map_err(|error| StoreError::Undecodable { column, error })
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

/// Why a step could not be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused a statement.
    #[error("{message} in `{statement}`")]
    Statement {
        /// The statement; its parameters, which may be personal, are not part of it.
        statement: String,
        /// SQLite's words; they name tables and columns.
        message: String,
    },
    /// A value in a row is of no type that this release knows.
    #[error("{column} holds no {}", .error.expected)]
    Undecodable {
        /// Table and column.
        column: &'static str,
        /// What was expected, and why it is not that; the reason may quote the value, and is not told.
        error: DecodeError,
    },
    /// The transaction around a step could not begin or end.
    #[error("transaction: {0}")]
    Transaction(String),
}

/// What a step that only reads and writes its store comes to.
pub type Stored<T> = Result<T, StoreError>;

/// An object's SQLite.
pub trait Store {
    /// Carries out one statement and returns its rows.
    fn execute(&self, sql: &str, params: &[Param]) -> Stored<Vec<Row>>;

    /// Carries out `step` whole or not at all.
    fn transaction(&self, step: &mut dyn FnMut() -> Stored<()>) -> Stored<()>;

    /// Hears that an entry of a timeline has changed, for whoever shows it.
    fn changed(&self, _entry: i64) {}

    /// Hears that a program's message came further, for programs that listen.
    fn updated(&self, _message: i64) {}
}

/// Carries out a statement that answers nothing.
pub(crate) fn run(store: &dyn Store, sql: &str, params: &[Param]) -> Stored<()> {
    store.execute(sql, params).map(drop)
}

/// The first row of an answer, if there is one.
pub(crate) fn first(store: &dyn Store, sql: &str, params: &[Param]) -> Stored<Option<Row>> {
    Ok(store.execute(sql, params)?.into_iter().next())
}

/// The number in the first column of the first row, or 0.
pub(crate) fn number(store: &dyn Store, sql: &str, params: &[Param]) -> Stored<i64> {
    Ok(first(store, sql, params)?.map_or(0, |row| row.integer(0)))
}

/// Whether there is any row.
pub(crate) fn any(store: &dyn Store, sql: &str, params: &[Param]) -> Stored<bool> {
    Ok(!store.execute(sql, params)?.is_empty())
}
