//! Ctrl-C. A request that changes something is finished first, so that nobody has to wonder whether it was made.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::{Exit, Failure, Outcome};

static WRITING: AtomicBool = AtomicBool::new(false);
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Ends the process at once, unless something is being written.
pub fn listen() -> Outcome {
    let heard = ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        if !WRITING.load(Ordering::SeqCst) {
            process::exit(Exit::Interrupted as i32);
        }
    });
    heard.map_err(|error| Failure::new("signals", format!("cannot listen to Ctrl-C: {error}")))
}

/// Whether the person wants to stop.
pub fn requested() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Does what must not be interrupted.
pub fn held_off<T>(write: impl FnOnce() -> T) -> T {
    WRITING.store(true, Ordering::SeqCst);
    let done = write();
    WRITING.store(false, Ordering::SeqCst);
    done
}
