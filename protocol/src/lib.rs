//! What crosses the wire between the Worker, the widget and other programs.
//!
//! A reader ignores members that it does not know, and an enum has a variant for words that it does not know: a page that
//! was opened before a deploy goes on reading what the next release writes.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod error;
pub mod health;
#[cfg(feature = "openapi")]
mod schema;
pub mod sidebar;
pub mod v1;

pub use error::{Error, ErrorBody};
pub use jiff::{SignedDuration, Timestamp};
