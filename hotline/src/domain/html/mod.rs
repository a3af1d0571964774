//! The HTML that Help Scout keeps: what we write to it, and how an agent's reply in it becomes a text.

mod entities;
mod escape;
mod lines;
mod to_text;
mod tokens;

pub use escape::{Html, normalised};
pub use to_text::{ReplyText, to_text};
