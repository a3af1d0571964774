//! What is to happen when.

use std::collections::BTreeMap;

/// Things in order of their time; of equal times, in the order they were put down.
#[derive(Debug)]
pub(super) struct Agenda<T> {
    entries: BTreeMap<(u64, u64), T>,
    count: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), count: 0 }
    }
}

impl<T> Agenda<T> {
    pub(super) fn put(&mut self, at: u64, thing: T) {
        self.count += 1;
        self.entries.insert((at, self.count), thing);
    }

    /// Strikes out what shall not happen any more.
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
        let mut agenda = Agenda::default();
        for (at, thing) in [(20, "c"), (10, "a"), (10, "b"), (30, "d")] {
            agenda.put(at, thing);
        }
        let due: Vec<_> = std::iter::from_fn(|| agenda.take(20)).collect();
        assert_eq!(due, [(10, "a"), (10, "b"), (20, "c")]);
        assert_eq!(agenda.next(), Some(30));
    }
}
