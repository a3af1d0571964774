//! The values that fill a template.

use serde::{Deserialize, Serialize};

use super::Template;

/// Values by the names of their fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data(pub Vec<(String, String)>);

impl Data {
    /// The value of a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }
}

/// Why a value does not fill a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataFault {
    /// The template wants it.
    #[error("is required by the template")]
    Missing,
    /// The template wants it, and it says nothing.
    #[error("is required by the template, and must not be blank")]
    Empty,
    /// It has more characters than the template allows.
    #[error("has {characters} characters; the template allows {most}")]
    TooLong {
        /// How many it has.
        characters: usize,
        /// How many it may have.
        most: usize,
    },
    /// The template has no such field.
    #[error("is no field of the template")]
    Unknown,
}

impl DataFault {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::Unknown => "unknown_field",
        }
    }
}

impl Template {
    /// Everything that is wrong with values for it, with the name of each field.
    pub fn data_faults(&self, data: &Data) -> Vec<(String, DataFault)> {
        let mut faults = Vec::new();
        for field in &self.fields {
            let value = data.get(&field.name);
            let characters = value.map_or(0, |value| value.chars().count());
            let fault = match (value, field.max) {
                (None, _) if field.required => DataFault::Missing,
                (Some(value), _) if field.required && value.trim().is_empty() => DataFault::Empty,
                (_, Some(most)) if characters > most => DataFault::TooLong { characters, most },
                _ => continue,
            };
            faults.push((field.name.clone(), fault));
        }
        let is_known = |name: &String| self.fields.iter().any(|field| field.name == *name);
        let unknown = data.0.iter().filter(|(name, _)| !is_known(name));
        faults.extend(unknown.map(|(name, _)| (name.clone(), DataFault::Unknown)));
        faults
    }
}
