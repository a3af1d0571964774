//! Twilio: the webhooks that we read and the requests that we make.

pub mod errors;
pub mod inbound;
pub mod request;
pub mod status;
