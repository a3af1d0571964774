//! The Durable Objects: each a shell around a machine of the rules.

pub mod contact;
pub mod gate;
pub mod hotline;
pub mod letters;
pub mod shell;
