//! The search index that lists read: it lags behind writes.

use std::collections::BTreeMap;

/// Versions older than this are dropped; more than any lag a test sets.
const KEEP_MS: u64 = 3_600_000;

/// Records as they were some time ago.
#[derive(Debug)]
pub(super) struct SearchIndex<T> {
    pub lag_ms: u64,
    versions: BTreeMap<u64, Vec<(u64, Option<T>)>>,
}

impl<T> Default for SearchIndex<T> {
    fn default() -> Self {
        Self { lag_ms: 0, versions: BTreeMap::new() }
    }
}

impl<T> SearchIndex<T> {
    /// A record as it is now; `None` when it is gone.
    pub(super) fn write(&mut self, now: u64, id: u64, record: Option<T>) {
        let versions = self.versions.entry(id).or_default();
        let old = versions.iter().take_while(|(at, _)| at + KEEP_MS < now).count();
        versions.drain(..old.saturating_sub(1));
        versions.push((now, record));
    }

    /// Records visible at `now`.
    pub(super) fn read(&self, now: u64) -> impl Iterator<Item = &T> {
        let seen =
            move |versions: &'_ Vec<(u64, Option<T>)>| versions.iter().rposition(|(at, _)| at + self.lag_ms <= now);
        self.versions.values().filter_map(move |versions| versions.get(seen(versions)?)?.1.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lagging_index_shows_the_past() {
        let mut index = SearchIndex { lag_ms: 30, ..SearchIndex::default() };
        index.write(100, 1, Some("new"));
        index.write(110, 1, Some("changed"));
        index.write(120, 1, None);
        for (now, seen) in [(129, None), (130, Some("new")), (140, Some("changed")), (150, None)] {
            assert_eq!(index.read(now).next().copied(), seen, "at {now}");
        }
    }

    #[test]
    fn old_versions_go_but_the_last_stays() {
        let mut index = SearchIndex::default();
        for at in [0, 1, 2] {
            index.write(at, 7, Some(at));
        }
        index.write(KEEP_MS + 10, 7, Some(9));
        assert_eq!(index.versions[&7].len(), 2);
        assert_eq!(index.read(5).next(), Some(&2));
    }
}
