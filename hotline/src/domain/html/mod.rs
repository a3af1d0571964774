//! The HTML that Help Scout keeps: what we write to it, and how an agent's reply in it becomes a text.

mod addresses;
mod elements;
mod escape;
mod fonts;
mod lines;
mod marks;
mod ordinals;
mod outline;
mod pictures;
mod pieces;
mod punycode;
mod quote_lines;
mod quote_words;
mod quotes;
mod signatures;
mod style;
mod to_text;
mod variables;
mod wrappers;

pub use escape::{Html, normalised};
pub use to_text::{ReplyText, to_text};
