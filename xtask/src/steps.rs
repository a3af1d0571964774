//! What is being done, of how many steps, and how long it usually takes.

use std::time::Instant;

use crate::process::Outcome;

/// A work of so many steps.
pub(crate) struct Steps {
    done: usize,
    of: usize,
}

impl Steps {
    pub(crate) fn new(of: usize) -> Self {
        Self { done: 0, of }
    }

    /// Says what begins; `first` is how long it takes on two cores when nothing is there yet.
    pub(crate) fn next(&mut self, what: &str, first: &str) {
        self.done += 1;
        println!("[{}/{}] {what} (the first time: {first})", self.done, self.of);
    }
}

/// Says what is being added, adds it, says how long that took.
pub(crate) fn add(what: &str, step: impl FnOnce() -> Outcome) -> Outcome {
    println!("set-up: adding {what} …");
    let start = Instant::now();
    step()?;
    println!("set-up: added {what} in {:.0} s", start.elapsed().as_secs_f32());
    Ok(())
}
