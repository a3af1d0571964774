//! What the widget knows: the person, and as much of the timeline as was read.

use std::sync::Arc;

use hotline::effect::Millis;
use hotline::sidebar::entry::{Entry, marks};

use crate::followed::Followed;

/// The loaded entries above which pages read with "Earlier" are let go again, once the agent is back at the end: four
/// pages of the server's thirty.
const MANY: usize = 120;

/// A page of the timeline, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its entries.
    pub entries: Vec<Entry>,
    /// The cursor of the page before.
    pub earlier: Option<String>,
}

/// An entry in its place; only what changed of it is shown anew, so that a voicemail plays on while its state changes.
#[derive(Clone, Debug)]
pub struct Row {
    /// The entry's id.
    pub id: String,
    at: Millis,
    conversation: Option<u64>,
    /// The entry as it is now.
    pub entry: Arc<Followed<Entry>>,
    /// The conversation that begins with it, where that must be said.
    pub mark: Arc<Followed<Option<u64>>>,
}

impl Row {
    fn new(entry: Entry) -> Self {
        let (id, at, conversation) = (entry.id.clone(), entry.at, entry.conversation);
        Self { id, at, conversation, entry: Arc::new(Followed::new(entry)), mark: Arc::new(Followed::new(None)) }
    }

    fn update(&mut self, entry: Entry) {
        self.conversation = entry.conversation;
        self.entry.set_if_new(entry);
    }
}

/// The entries that were read, oldest first, each once.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    rows: Vec<Row>,
    /// The cursor of the page before the oldest entry.
    pub earlier: Option<String>,
    /// For each page that was read with "Earlier": its cursor, and how many entries it added.
    pages: Vec<(String, usize)>,
}

impl Timeline {
    /// Whether nothing was said yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The newest page, at the start or after a time without a connection. When it does not reach back to what is
    /// known, all that is known is let go, rather than leaving a gap that nobody sees. Returns as [`Self::renew`] does.
    pub fn newest(&mut self, page: Page) -> Option<String> {
        let known = |entry: &Entry| self.rows.iter().any(|row| row.id == entry.id);
        if page.entries.iter().any(known) {
            return self.renew(page);
        }
        let rows = page.entries.into_iter().map(Row::new).collect();
        *self = Self { rows, earlier: page.earlier, pages: Vec::new() };
        None
    }

    /// A page that is known, with fresh links. Returns the cursor of the page before it, if links are shown from there
    /// on: they end too.
    pub fn renew(&mut self, page: Page) -> Option<String> {
        let oldest = page.entries.first().map(|it| it.id.clone());
        page.entries.into_iter().for_each(|entry| self.change(entry));
        let place = self.rows.iter().position(|row| Some(&row.id) == oldest.as_ref())?;
        let has_links = |row: &Row| row.entry.peek(|it| !it.media.is_empty());
        page.earlier.filter(|_| self.rows.iter().take(place).any(has_links))
    }

    /// The page before the oldest entry, which was asked for by this cursor.
    pub fn before(&mut self, cursor: &str, page: Page) {
        if self.earlier.as_deref() != Some(cursor) {
            return;
        }
        let fresh = page.entries.into_iter().filter(|entry| !self.rows.iter().any(|row| row.id == entry.id));
        let rows: Vec<Row> = fresh.map(Row::new).collect();
        self.pages.push((cursor.to_owned(), rows.len()));
        self.rows.splice(0..0, rows);
        self.earlier = page.earlier;
    }

    /// An entry is new, or has changed. One that belongs to a page which was not read is left to that page.
    pub fn change(&mut self, entry: Entry) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == entry.id) {
            row.update(entry);
            return;
        }
        let place = self.rows.iter().rposition(|row| row.at <= entry.at).map_or(0, |at| at + 1);
        if place > 0 || self.earlier.is_none() {
            self.rows.insert(place, Row::new(entry));
        }
    }

    /// Lets early pages go when there are many; "Earlier" reads them again.
    pub fn trim(&mut self) -> bool {
        let before = self.rows.len();
        while self.rows.len() > MANY
            && let Some((cursor, length)) = self.pages.pop()
        {
            self.rows.drain(..length.min(self.rows.len()));
            self.earlier = Some(cursor);
        }
        self.rows.len() < before
    }

    /// What is shown beside a conversation: the entries, marked wherever another conversation begins.
    pub fn rows(&self, beside: Option<u64>) -> Vec<Row> {
        let conversations: Vec<Option<u64>> = self.rows.iter().map(|row| row.conversation).collect();
        for (row, mark) in self.rows.iter().zip(marks(&conversations, beside)) {
            row.mark.set_if_new(mark);
        }
        self.rows.clone()
    }
}

/// The phone on which the agent is rung.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// E.164; "" when none is known.
    pub phone: String,
    /// Whether they have shown that it is theirs.
    pub confirmed: bool,
}

/// A call that the agent asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The id that we gave it.
    pub id: String,
    /// Where it is.
    pub state: String,
    /// What it came to.
    pub outcome: String,
    /// How long they talked.
    pub seconds: Option<i64>,
    /// What shows that the phone is the agent's; "" when nothing must.
    pub code: String,
}

impl Call {
    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.state == "ended"
    }

    /// How far a state is; what is told late does not take a call back.
    fn rank(&self) -> usize {
        let states = ["ringing_agent", "confirm", "ringing_contact", "talking", "ended"];
        states.iter().position(|state| *state == self.state).unwrap_or(0)
    }

    /// What is now known of it. The code is told to its agent only, when they ask.
    pub fn advance(&mut self, mut news: Self) {
        if news.id == self.id && news.rank() >= self.rank() {
            if news.code.is_empty() {
                news.code = std::mem::take(&mut self.code);
            }
            *self = news;
        }
    }
}

#[cfg(test)]
mod tests {
    use hotline::phone::Channel;
    use hotline::sidebar::entry::{Kind, Medium};
    use hotline::twilio::status::Delivery;

    use super::*;

    fn entry(number: i64) -> Entry {
        Entry {
            id: number.to_string(),
            at: number,
            kind: Kind::Text,
            inward: true,
            channel: Channel::Sms,
            text: String::new(),
            state: None,
            failure: None,
            media: Vec::new(),
            agent: String::new(),
            conversation: Some(1001),
            seconds: None,
            transcript: None,
        }
    }

    fn page(entries: impl IntoIterator<Item = i64>, earlier: Option<&str>) -> Page {
        Page { entries: entries.into_iter().map(entry).collect(), earlier: earlier.map(str::to_owned) }
    }

    fn timeline(page: Page) -> Timeline {
        let mut timeline = Timeline::default();
        timeline.newest(page);
        timeline
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
        timeline.change(Entry { state: Some(Delivery::Delivered), ..entry(2) });
        assert_eq!(kept.now().state, Some(Delivery::Delivered), "it is the same row");
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
            timeline.newest(page(newest, Some("x")));
            assert_eq!(ids(&timeline), expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_page_is_renewed_as_long_as_links_are_shown_before_it() {
        let mut timeline = timeline(page(20..30, Some("20")));
        let picture = Medium { url: "https://hotline.example.org/media/x".to_owned(), mime: "image/png".to_owned() };
        timeline.before("20", page(10..20, Some("10")));
        assert_eq!(timeline.newest(page(20..30, Some("20"))), None, "nothing there ends");
        timeline.change(Entry { media: vec![picture], ..entry(12) });
        assert_eq!(timeline.newest(page(20..30, Some("20"))).as_deref(), Some("20"));
        assert_eq!(timeline.renew(page(10..20, Some("10"))), None, "no more is shown");
    }

    #[test]
    fn early_pages_are_let_go_and_can_be_read_again() {
        let mut timeline = timeline(page(300..330, Some("300")));
        for first in [270, 240, 210, 180] {
            let cursor = (first + 30).to_string();
            timeline.before(&cursor, page(first..first + 30, Some(&first.to_string())));
        }
        assert!(timeline.trim() && !timeline.trim());
        assert_eq!((ids(&timeline)[0], timeline.earlier.as_deref()), (210, Some("210")));
    }

    #[test]
    fn an_entry_of_another_conversation_is_marked_as_soon_as_it_comes() {
        let mut timeline = timeline(page(1..4, None));
        let marks = |timeline: &Timeline| {
            let rows = timeline.rows(Some(1001));
            rows.iter().filter_map(|row| Some((row.mark.now()?, row.at))).collect::<Vec<_>>()
        };
        assert!(marks(&timeline).is_empty());
        timeline.change(Entry { conversation: Some(1002), ..entry(4) });
        assert_eq!(marks(&timeline), [(1001, 1), (1002, 4)]);
    }

    #[test]
    fn a_call_does_not_go_back_and_keeps_its_code() {
        let told = |state: &str| Call { id: "1".to_owned(), state: state.to_owned(), ..Call::default() };
        let mut call = Call { code: "4821".to_owned(), ..told("ringing_agent") };
        call.advance(told("confirm"));
        assert_eq!((call.state.as_str(), call.code.as_str()), ("confirm", "4821"));
        call.advance(told("ended"));
        call.advance(told("talking"));
        call.advance(Call { id: "2".to_owned(), ..told("ended") });
        assert!(call.is_over() && call.id == "1");
    }
}
