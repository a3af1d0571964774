//! The HTML that Help Scout keeps: what we write to it, and how an agent's reply in it becomes a text.

mod escape;
mod lines;
mod pieces;
mod to_text;

pub use escape::{Html, normalised};
pub use to_text::{ReplyText, to_text};
