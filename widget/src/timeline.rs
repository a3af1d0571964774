//! The part of the timeline that is loaded: a window of pages, moved back and forth.

use hotline::sidebar::entry::marks;
use leptos::prelude::*;
use protocol::Timestamp;
use protocol::sidebar::{Entry, TimelinePage};

/// The most entries of a window, ten of the server's pages. With more of them every change takes the browser longer
/// (a page more took it 45 ms at 300 entries and 500 ms at 3,600), so pages at the far end are let go, and read again
/// when somebody comes there.
const MAX_ENTRIES: usize = 300;

/// By what a page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageCursor {
    /// The last one.
    Newest,
    /// The one before this cursor.
    Before(String),
}

impl PageCursor {
    /// The cursor in the page's address.
    pub fn cursor(&self) -> Option<&str> {
        match self {
            Self::Newest => None,
            Self::Before(cursor) => Some(cursor),
        }
    }
}

/// An entry in its place. It has a signal of its own, so that a voicemail plays on while its state changes.
#[derive(Clone, Debug)]
pub struct Row {
    /// The entry's id.
    pub id: String,
    at: Timestamp,
    /// The entry as it is now.
    pub entry: ArcRwSignal<Entry>,
    /// The conversation that begins with it, where that must be said.
    pub mark: ArcRwSignal<Option<u64>>,
}

impl Row {
    fn new(entry: Entry) -> Self {
        let (id, at) = (entry.id.clone(), entry.at);
        Self { id, at, entry: ArcRwSignal::new(entry), mark: ArcRwSignal::new(None) }
    }

    fn update(&self, entry: Entry) {
        set_if_changed(&self.entry, entry);
    }
}

/// Sets a signal without waking anybody for nothing.
fn set_if_changed<T: PartialEq + 'static>(signal: &ArcRwSignal<T>, value: T) {
    signal.maybe_update(|old| {
        let changed = *old != value;
        *old = value;
        changed
    });
}

/// The entries that are shown, oldest first, each once.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// The conversation beside which they are shown.
    beside: Option<u64>,
    rows: Vec<Row>,
    /// The cursor of the page before the oldest entry.
    pub earlier: Option<String>,
    /// The pages shown that were asked for by a cursor, latest first, and how many entries each brought. The newest page
    /// follows them, unless it was let go.
    pages: Vec<(String, usize)>,
    /// The pages that were let go at the end, the next one last.
    evicted_pages: Vec<PageCursor>,
    /// Whether anything has come since to where it was let go.
    pub has_news: bool,
}

impl Timeline {
    /// The newest page, beside a conversation.
    pub fn new(beside: Option<u64>, page: TimelinePage) -> Self {
        let mut timeline = Self { beside, ..Self::default() };
        timeline.show_newest_page(page);
        timeline
    }

    /// The entries in their places.
    pub fn rows(&self) -> Vec<Row> {
        self.rows.clone()
    }

    /// Whether nothing was said yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The page after the last entry; nothing where that is the last of all.
    pub fn next_page(&self) -> Option<&PageCursor> {
        self.evicted_pages.last()
    }

    /// Shows the newest page, at the start or after a time without a connection. If the page does not overlap the known
    /// entries, they are dropped, so that no gap is hidden. Returns as [`Self::renew`] does.
    pub fn show_newest_page(&mut self, page: TimelinePage) -> Option<String> {
        if !self.evicted_pages.is_empty() {
            let shown = self.pages.first().map(|(cursor, _)| cursor.clone());
            return shown.filter(|_| self.rows.iter().any(has_links));
        }
        let known = |entry: &Entry| self.rows.iter().any(|row| row.id == entry.id);
        if page.entries.iter().any(known) {
            return self.renew(page);
        }
        let rows = page.entries.into_iter().map(Row::new).collect();
        *self = Self { beside: self.beside, rows, earlier: page.earlier, ..Self::default() };
        self.mark();
        None
    }

    /// A page that is known, with fresh links. Returns the cursor of the page before it, if links are shown from there
    /// on: they end too.
    pub fn renew(&mut self, page: TimelinePage) -> Option<String> {
        let oldest = page.entries.first().map(|it| it.id.clone());
        page.entries.into_iter().for_each(|entry| self.insert_or_update(entry));
        self.mark();
        let place = self.rows.iter().position(|row| Some(&row.id) == oldest.as_ref())?;
        page.earlier.filter(|_| self.rows.iter().take(place).any(has_links))
    }

    /// The page before the oldest entry, which was asked for by this cursor. Pages at the end are let go for it.
    pub fn before(&mut self, cursor: &str, page: TimelinePage) {
        if self.earlier.as_deref() != Some(cursor) {
            return;
        }
        let rows = self.new_rows(page.entries);
        self.pages.push((cursor.to_owned(), rows.len()));
        self.rows.splice(0..0, rows);
        self.earlier = page.earlier;
        while self.rows.len() > MAX_ENTRIES && self.pages.len() > 1 {
            let read: usize = self.pages.iter().map(|(_, length)| length).sum();
            let (place, length) = if self.evicted_pages.is_empty() {
                (PageCursor::Newest, self.rows.len().saturating_sub(read))
            } else {
                let (cursor, length) = self.pages.remove(0);
                (PageCursor::Before(cursor), length)
            };
            self.rows.truncate(self.rows.len().saturating_sub(length));
            self.evicted_pages.push(place);
        }
        self.mark();
    }

    /// The page after the last entry. Pages at the beginning are let go for it.
    pub fn after(&mut self, place: &PageCursor, page: TimelinePage) {
        if self.next_page() != Some(place) {
            return;
        }
        self.evicted_pages.pop();
        match place {
            PageCursor::Before(cursor) => {
                let rows = self.new_rows(page.entries);
                self.pages.insert(0, (cursor.clone(), rows.len()));
                self.rows.extend(rows);
            }
            // It follows what is shown, unless more was said since than a page holds.
            PageCursor::Newest if page.earlier.as_deref() == self.pages.first().map(|(cursor, _)| cursor.as_str()) => {
                let rows = self.new_rows(page.entries);
                self.rows.extend(rows);
                self.has_news = false;
            }
            PageCursor::Newest => {
                self.leave();
                self.show_newest_page(page);
            }
        }
        self.trim();
    }

    fn new_rows(&self, entries: Vec<Entry>) -> Vec<Row> {
        let unknown = entries.into_iter().filter(|entry| !self.rows.iter().any(|row| row.id == entry.id));
        unknown.map(Row::new).collect()
    }

    /// An entry is new, or has changed. One that belongs to a page which is not shown is left to that page.
    pub fn change(&mut self, entry: Entry) {
        self.insert_or_update(entry);
        self.mark();
    }

    fn insert_or_update(&mut self, entry: Entry) {
        if let Some(row) = self.rows.iter().find(|row| row.id == entry.id) {
            row.update(entry);
            return;
        }
        let place = self.rows.iter().rposition(|row| row.at <= entry.at).map_or(0, |at| at + 1);
        if place == self.rows.len() && !self.evicted_pages.is_empty() {
            self.has_news = true;
        } else if place > 0 || self.earlier.is_none() {
            self.rows.insert(place, Row::new(entry));
        }
    }

    /// Lets early pages go when there are too many entries; "Earlier" reads them again.
    pub fn trim(&mut self) {
        while self.rows.len() > MAX_ENTRIES
            && let Some((cursor, length)) = self.pages.pop()
        {
            self.rows.drain(..length.min(self.rows.len()));
            self.earlier = Some(cursor);
        }
        self.mark();
    }

    /// Forgets all, so that the newest page is shown next.
    pub fn leave(&mut self) {
        *self = Self { beside: self.beside, ..Self::default() };
    }

    /// Marks the entries with which another conversation begins.
    fn mark(&self) {
        let conversation = |row: &Row| row.entry.with_untracked(|it| it.conversation);
        let conversations: Vec<Option<u64>> = self.rows.iter().map(conversation).collect();
        for (row, mark) in self.rows.iter().zip(marks(&conversations, self.beside)) {
            set_if_changed(&row.mark, mark);
        }
    }
}

fn has_links(row: &Row) -> bool {
    row.entry.with_untracked(|it| !it.media.is_empty())
}

#[cfg(test)]
mod tests {
    use protocol::sidebar::{Channel, DeliveryState, Direction, Kind, Media, Person, TextChannel};

    use super::*;

    fn entry(number: i64) -> Entry {
        Entry {
            id: number.to_string(),
            at: Timestamp::from_second(number).unwrap(),
            kind: Kind::Text,
            direction: Direction::In,
            channel: Channel::Sms,
            text: Some(String::new()),
            state: None,
            error: None,
            media: Vec::new(),
            agent: String::new(),
            conversation: Some(1001),
            seconds: None,
            transcript: None,
            deleted: false,
            removed_at: None,
            media_removed_at: None,
            sent_again: false,
        }
    }

    fn page(entries: impl IntoIterator<Item = i64>, earlier: Option<&str>) -> TimelinePage {
        let person = Person {
            number: "+15550100100".to_owned(),
            readable: "+1 555 010 0100".to_owned(),
            channel: TextChannel::Sms,
            since: Timestamp::UNIX_EPOCH,
            opted_out: None,
            first_contact: false,
            is_whatsapp_user: false,
        };
        let entries = entries.into_iter().map(entry).collect();
        TimelinePage { person, entries, earlier: earlier.map(str::to_owned), now: None }
    }

    fn timeline(page: TimelinePage) -> Timeline {
        Timeline::new(Some(1001), page)
    }

    fn ids(timeline: &Timeline) -> Vec<i64> {
        timeline.rows.iter().filter_map(|row| row.id.parse().ok()).collect()
    }

    #[test]
    fn an_entry_that_is_told_twice_stands_once_and_in_its_place() {
        let mut timeline = timeline(page([1, 3], None));
        for number in [4, 2, 3, 4] {
            timeline.change(entry(number));
        }
        assert_eq!(ids(&timeline), [1, 2, 3, 4]);
        let kept = timeline.rows[1].entry.clone();
        timeline.change(Entry { state: Some(DeliveryState::Delivered), ..entry(2) });
        assert_eq!(kept.get_untracked().state, Some(DeliveryState::Delivered), "it is the same row");
    }

    #[test]
    fn what_belongs_to_a_page_that_was_not_read_waits_for_that_page() {
        let mut timeline = timeline(page(10..13, Some("10")));
        timeline.change(entry(5));
        assert_eq!(ids(&timeline), [10, 11, 12]);
        timeline.before("10", page(4..10, None));
        timeline.before("10", page(4..10, None));
        assert_eq!(ids(&timeline), (4..13).collect::<Vec<_>>());
    }

    #[test]
    fn after_a_long_silence_no_gap_is_left() {
        for (newest, expected) in [(11..15, 10..15), (20..25, 20..25)] {
            let mut timeline = timeline(page(10..13, Some("10")));
            timeline.show_newest_page(page(newest, Some("x")));
            assert_eq!(ids(&timeline), expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_page_is_renewed_as_long_as_links_are_shown_before_it() {
        let mut timeline = timeline(page(20..30, Some("20")));
        let picture = Media { url: "https://hotline.example.org/media/x".to_owned(), mime: "image/png".to_owned() };
        timeline.before("20", page(10..20, Some("10")));
        assert_eq!(timeline.show_newest_page(page(20..30, Some("20"))), None, "nothing there ends");
        timeline.change(Entry { media: vec![picture], ..entry(12) });
        assert_eq!(timeline.show_newest_page(page(20..30, Some("20"))).as_deref(), Some("20"));
        assert_eq!(timeline.renew(page(10..20, Some("10"))), None, "no more is shown");
    }

    /// What the server has: every entry once, in pages of thirty.
    fn server(place: &PageCursor, last: i64) -> TimelinePage {
        let end = match place {
            PageCursor::Newest => last,
            PageCursor::Before(cursor) => cursor.parse().unwrap(),
        };
        let from = (end - 30).max(0);
        page(from..end, (from > 0).then(|| from.to_string()).as_deref())
    }

    #[test]
    fn somebody_with_ten_thousand_entries_is_read_back_and_forth_without_a_gap() {
        let mut timeline = timeline(server(&PageCursor::Newest, 10_000));
        while let Some(cursor) = timeline.earlier.clone() {
            timeline.before(&cursor, server(&PageCursor::Before(cursor.clone()), 10_000));
            let shown = ids(&timeline);
            assert!(shown.len() <= MAX_ENTRIES && shown.windows(2).all(|pair| pair[1] == pair[0] + 1));
        }
        assert_eq!(ids(&timeline)[0], 0);
        timeline.change(entry(10_000));
        assert!(timeline.has_news && !ids(&timeline).contains(&10_000), "it belongs to the end");
        while let Some(place) = timeline.next_page().cloned() {
            timeline.after(&place, server(&place, 10_000));
            let shown = ids(&timeline);
            assert!(shown.len() <= MAX_ENTRIES && shown.windows(2).all(|pair| pair[1] == pair[0] + 1));
        }
        assert_eq!(ids(&timeline).last(), Some(&9_999));
        assert!(!timeline.has_news && timeline.earlier.is_some());
    }

    #[test]
    fn when_much_was_said_meanwhile_the_end_is_the_newest_page_and_no_gap() {
        let mut timeline = timeline(server(&PageCursor::Newest, 600));
        while let Some(cursor) = timeline.earlier.clone() {
            timeline.before(&cursor, server(&PageCursor::Before(cursor.clone()), 600));
        }
        while let Some(place) = timeline.next_page().cloned() {
            timeline.after(&place, server(&place, 700));
        }
        assert_eq!(ids(&timeline), (670..700).collect::<Vec<_>>());
        assert_eq!(timeline.earlier.as_deref(), Some("670"));
    }

    #[test]
    fn a_lost_connection_does_not_throw_a_reader_back_to_the_end() {
        let mut timeline = timeline(server(&PageCursor::Newest, 600));
        while let Some(cursor) = timeline.earlier.clone() {
            timeline.before(&cursor, server(&PageCursor::Before(cursor.clone()), 600));
        }
        let shown = ids(&timeline);
        assert_eq!(timeline.show_newest_page(server(&PageCursor::Newest, 601)), None, "nothing there ends");
        assert_eq!(ids(&timeline), shown);
        timeline.leave();
        timeline.show_newest_page(server(&PageCursor::Newest, 601));
        assert_eq!(ids(&timeline).last(), Some(&600), "until they want to be there");
    }

    #[test]
    fn an_entry_of_another_conversation_is_marked_as_soon_as_it_comes() {
        let mut timeline = timeline(page(1..4, None));
        let marks = |timeline: &Timeline| {
            let mark = |row: &Row| Some((row.mark.get_untracked()?, row.at.as_second()));
            timeline.rows.iter().filter_map(mark).collect::<Vec<_>>()
        };
        assert!(marks(&timeline).is_empty());
        timeline.change(Entry { conversation: Some(1002), ..entry(4) });
        assert_eq!(marks(&timeline), [(1001, 1), (1002, 4)]);
    }
}
