//! What a text is to a phone: its keywords, its segments, and the parts a long one leaves in.

mod first_words;
pub(crate) mod invisible;
pub mod keywords;
pub mod segments;
pub mod split;

pub(crate) use first_words::{first_words, quoted};
pub use keywords::Keyword;
pub use segments::{Encoding, Segments};
