//! Help Scout's Inbox API: the requests that we make and the shapes that we read.

pub mod people;
pub mod read;
pub mod request;
pub mod webhook;
