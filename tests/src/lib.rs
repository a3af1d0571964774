//! What the tests share.

pub mod oracle;
pub mod runtime;
pub mod store;
pub mod world;
