//! Plain values: numbers, texts, markup, files, proofs. Nothing here knows an object or a service's answer.

pub mod area_zones;
pub mod challenge;
pub(crate) mod decimal;
pub mod endpoint_url;
pub mod event_types;
pub(crate) mod file_ending;
pub(crate) mod hash;
pub mod html;
pub mod link;
pub mod message_id;
mod number_spelling;
pub mod numbering;
pub mod phone;
pub(crate) mod queued_id;
pub mod quiet_hours;
pub mod recent_files;
pub mod signature;
pub mod spoken;
pub mod template;
pub mod text;
pub mod time;
pub mod time_zone;
pub mod typed_number;
pub mod unsent_id;
pub mod verification_code;
pub mod webhook_secret;
pub mod wrong_keys;
