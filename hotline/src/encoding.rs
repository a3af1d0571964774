//! How values travel between objects and stand in rows: JSON by serde, so that a field may be added without making
//! what was written before unreadable (`#[serde(default)]` on the new field; unknown fields are ignored).

#[cfg(test)]
pub(crate) mod golden;
mod positional;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A text that is no value of the type that was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a {expected}: {reason}")]
pub struct DecodeError {
    /// The Rust type.
    pub expected: &'static str,
    /// What serde says; it may quote a value, and is not for the log.
    pub reason: String,
}

/// A value as text.
pub fn encode<T: Serialize>(value: &T) -> String {
    // Only a map with keys that are no texts cannot be written, and no type of ours holds one; `null` would be kept
    // aside by its reader, not lost.
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// The value in a text that [`encode`] or a release before it has written.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    positional::decode(text).map_err(|_| DecodeError { expected: name_of::<T>(), reason: error.to_string() })
}

/// A Rust type, without where it is.
pub(crate) fn name_of<T>() -> &'static str {
    std::any::type_name::<T>().rsplit("::").next().unwrap_or_default()
}
