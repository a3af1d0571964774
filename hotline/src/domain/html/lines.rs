//! Laying words out in lines: white space collapsed as a browser does, blocks apart, lists and quotes marked.

use crate::domain::text::invisible::is_space;

/// How deep quotes and lists are still shown, so that a hostile nest does not become a wall of margin.
const DEEPEST: usize = 4;

/// The text so far, and where its next word will stand.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    next: Place,
    first_word: Option<usize>,
    /// Line ends are gaps, as in the cells of a row.
    in_line: bool,
}

/// Where the next word will stand. Line ends are owed, never written ahead, so a text never ends in white space.
#[derive(Clone, Default)]
pub(super) struct Place {
    line_ends: usize,
    gap: bool,
    line_open: bool,
    /// Quotes around the word.
    pub(super) quotes: usize,
    /// Lists around the word.
    pub(super) lists: usize,
    /// The mark of a list item whose first word is still to come.
    pub(super) bullet: Option<String>,
}

impl Lines {
    /// Writes text; its line ends count only when `keep_line_ends`.
    pub(super) fn write(&mut self, text: &str, keep_line_ends: bool) {
        for c in text.chars() {
            if (c == '\n' && keep_line_ends) || matches!(c, '\u{2028}' | '\u{2029}') {
                self.end_line();
            } else if is_space(c) {
                self.next.gap = true;
                // A no-break space is there to be seen: `<div>&nbsp;</div>` is an empty line.
                self.next.line_open |= c == '\u{a0}';
            } else {
                self.begin_word();
                self.text.push(c);
            }
        }
    }

    /// Adds to the last word, on its line.
    pub(super) fn append(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn begin_word(&mut self) {
        if self.text.is_empty() {
            self.begin_line();
        } else if self.next.line_ends > 0 {
            self.text.extend(std::iter::repeat_n('\n', self.next.line_ends));
            self.begin_line();
        } else if self.next.gap {
            self.text.push(' ');
        }
        self.next.line_ends = 0;
        self.next.gap = false;
        self.next.line_open = true;
        self.first_word.get_or_insert(self.text.len());
    }

    fn begin_line(&mut self) {
        let bullet = self.next.bullet.take();
        let depth = if self.text.is_empty() { 0 } else { self.next.lists.min(DEEPEST) };
        let indent = depth.saturating_sub(usize::from(bullet.is_some()));
        self.text.extend(std::iter::repeat_n("> ", self.next.quotes.min(DEEPEST)));
        self.text.extend(std::iter::repeat_n("  ", indent));
        self.text.push_str(&bullet.unwrap_or_default());
    }

    /// Ends the line, also an empty one; two in a row make the one empty line that there may be.
    pub(super) fn end_line(&mut self) {
        if self.in_line {
            return self.gap();
        }
        self.next.line_ends = (self.next.line_ends + 1).min(2);
        self.next.line_open = false;
        self.next.gap = false;
    }

    /// What follows stands on a line of its own.
    pub(super) fn block(&mut self) {
        if self.in_line {
            self.gap();
        } else if self.next.line_open {
            self.end_line();
        }
    }

    /// What follows stands apart by an empty line.
    pub(super) fn paragraph(&mut self) {
        if self.in_line {
            return self.gap();
        }
        self.block();
        self.next.line_ends = 2;
    }

    /// What follows is a word of its own.
    pub(super) fn gap(&mut self) {
        self.next.gap = true;
    }

    /// The place of the next word, to change its margin.
    pub(super) fn margin(&mut self) -> &mut Place {
        &mut self.next
    }

    /// From here on `words` are counted.
    pub(super) fn count_words(&mut self) {
        self.first_word = None;
    }

    /// What was written since `count_words`, without what led to it.
    pub(super) fn words(&self) -> &str {
        self.first_word.and_then(|start| self.text.get(start..)).unwrap_or_default()
    }

    /// Takes back what `words` gives.
    pub(super) fn drop_words(&mut self) {
        if let Some(start) = self.first_word {
            self.text.truncate(start);
        }
    }

    /// The character that the next one would touch.
    pub(super) fn touching(&self) -> Option<char> {
        let is_apart = self.next.gap || self.next.line_ends > 0;
        self.text.chars().next_back().filter(|_| !is_apart)
    }

    /// Parts the number at a place from the one before it.
    pub(super) fn part(&mut self, at: usize) {
        if self.text.get(at..).is_some_and(|from| from.starts_with('^')) {
            self.text.replace_range(at..=at, " ");
        }
    }

    /// From here on line ends are gaps, or line ends again.
    pub(super) fn keep_in_line(&mut self, in_line: bool) {
        self.in_line = in_line;
    }

    /// What is written so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Takes back what was written after a place.
    pub(super) fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}
