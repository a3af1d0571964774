//! A queue of timed events.

use std::collections::BTreeMap;

/// Events by time; equal times in insertion order.
#[derive(Debug)]
pub(super) struct EventQueue<T> {
    entries: BTreeMap<(u64, u64), T>,
    count: u64,
}

impl<T> Default for EventQueue<T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), count: 0 }
    }
}

impl<T> EventQueue<T> {
    pub(super) fn put(&mut self, at: u64, thing: T) {
        self.count += 1;
        self.entries.insert((at, self.count), thing);
    }

    /// Removes the events for which `keep` is false.
    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.entries.retain(|_, thing| keep(thing));
    }

    pub(super) fn next(&self) -> Option<u64> {
        self.entries.keys().next().map(|(at, _)| *at)
    }

    /// The earliest thing that is due at `now`, with its own time.
    pub(super) fn take(&mut self, now: u64) -> Option<(u64, T)> {
        let entry = self.entries.first_entry().filter(|entry| entry.key().0 <= now)?;
        let at = entry.key().0;
        Some((at, entry.remove()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_first_and_equal_times_in_the_order_put() {
        let mut events = EventQueue::default();
        for (at, thing) in [(20, "c"), (10, "a"), (10, "b"), (30, "d")] {
            events.put(at, thing);
        }
        let due: Vec<_> = std::iter::from_fn(|| events.take(20)).collect();
        assert_eq!(due, [(10, "a"), (10, "b"), (20, "c")]);
        assert_eq!(events.next(), Some(30));
    }
}
