//! A text with placeholders: `Hi {{first}}`.

use serde::{Deserialize, Serialize};

use super::{Data, is_field_name};

const OPENING: &str = "{{";
const CLOSING: &str = "}}";

/// A text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text {
    source: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// The value of this field.
    Placeholder(String),
}

/// Why something is no text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// No `}}` follows.
    #[error("a {{{{ has no }}}} after it")]
    NotClosed,
    /// What stands between is no name.
    #[error(
        "between {{{{ and }}}} stands {0:?}, which is no name of a field: letters, digits, _ and - make one, at most 64"
    )]
    NoName(String),
}

impl Text {
    /// Reads a text. Blanks around a placeholder's name mean nothing.
    pub fn parse(source: &str) -> Result<Self, Malformed> {
        let mut pieces = Vec::new();
        let mut left = source;
        while let Some((before, after)) = left.split_once(OPENING) {
            let (name, rest) = after.split_once(CLOSING).ok_or(Malformed::NotClosed)?;
            let name = name.trim();
            if !is_field_name(name) {
                return Err(Malformed::NoName(name.chars().take(64).collect()));
            }
            pieces.push(Piece::Literal(before.to_owned()));
            pieces.push(Piece::Placeholder(name.to_owned()));
            left = rest;
        }
        pieces.push(Piece::Literal(left.to_owned()));
        Ok(Self { source: source.to_owned(), pieces })
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The fields that it uses, in their order, each as often as it stands there.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Placeholder(name) => Some(name.as_str()),
            Piece::Literal(_) => None,
        })
    }

    /// The text with its values. What a value says is never read as a placeholder; nothing stands for one that is missing.
    pub fn render(&self, data: &Data) -> String {
        let said = |piece: &Piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Placeholder(name) => data.get(name).unwrap_or_default().to_owned(),
        };
        self.pieces.iter().map(said).collect()
    }
}

impl TryFrom<String> for Text {
    type Error = Malformed;

    fn try_from(source: String) -> Result<Self, Malformed> {
        Self::parse(&source)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.source
    }
}
