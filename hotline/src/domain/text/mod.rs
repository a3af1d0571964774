//! What a text is to a phone: its keywords, its segments, and the parts a long one leaves in.

mod cluster;
pub mod keywords;
pub mod segments;
pub mod split;

pub(crate) use cluster::clusters;
pub use keywords::Keyword;
pub use segments::{Encoding, Segments};
