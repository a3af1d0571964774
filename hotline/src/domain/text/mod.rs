//! What a text is to a phone: its keywords, its segments, and the parts a long one leaves in.

pub mod keywords;
pub mod segments;
pub mod split;

pub use keywords::Keyword;
pub use segments::{Encoding, Segments};
