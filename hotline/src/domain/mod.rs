//! Plain values: numbers, texts, markup, files, proofs. Nothing here knows an object or a service's answer.

pub mod html;
pub mod link;
pub mod media;
pub mod numbering;
pub mod phone;
pub mod signature;
pub mod text;
pub mod wrong_keys;
