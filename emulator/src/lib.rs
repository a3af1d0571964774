//! Emulators of Twilio and Help Scout, written from the services' own documents.
//!
//! A library without sockets or clock ([`http::Model`]), and a thin server ([`server`], `main.rs`) around it.
//! It imports none of Ringside's crates, so that a misunderstanding there is not repeated here.

pub mod faults;
pub mod helpscout;
pub mod http;
pub mod server;
pub mod twilio;
