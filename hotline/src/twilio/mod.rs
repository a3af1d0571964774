//! Twilio: the webhooks that we read and the requests that we make.

pub mod calls;
pub mod errors;
pub mod inbound;
mod inbound_words;
pub mod lookup;
pub mod media_types;
pub mod request;
pub mod status;
pub mod twiml;
pub mod voicemail;
