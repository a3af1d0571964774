//! Requests that end when nobody waits for them any more.

use web_sys::{AbortController, AbortSignal};

/// Ends a request for which nobody waits any more: a browser has six connections to a host, and one that is dead since
/// the computer slept would hold one of them.
pub struct AbortOnDrop {
    controller: Option<AbortController>,
    signal: Option<AbortSignal>,
}

impl AbortOnDrop {
    /// For one request.
    pub fn new() -> Self {
        let controller = AbortController::new().ok();
        let signal = controller.as_ref().map(AbortController::signal);
        Self { controller, signal }
    }

    /// What the request is sent with.
    pub fn signal(&self) -> Option<&AbortSignal> {
        self.signal.as_ref()
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.controller.iter().for_each(AbortController::abort);
    }
}
