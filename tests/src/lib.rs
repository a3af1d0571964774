//! What the tests share.

pub mod runtime;
pub mod store;
pub mod world;
