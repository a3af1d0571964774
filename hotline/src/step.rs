//! What a step of an object reads beside the message.

use crate::config::{Config, Hotline};
use crate::domain::time::Millis;
use crate::storage::Store;

/// Where a step takes place.
#[derive(Clone, Copy)]
pub struct StepContext<'a> {
    /// The object's rows.
    pub store: &'a dyn Store,
    /// The whole configuration.
    pub config: &'a Config,
    /// The hotline that the object belongs to.
    pub hotline: &'a Hotline,
    /// The instant.
    pub now: Millis,
    /// Whether a sidebar is open that what changes is shown to.
    pub watched: bool,
}
