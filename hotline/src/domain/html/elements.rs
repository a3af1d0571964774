//! The elements around a word, as the HTML standard nests them: what closes one, and what holds for its content.

use std::collections::BTreeMap;

use super::fonts::{Family, Font};
use super::pieces::Element;
use super::style::{Shift, Style};

/// What holds for the words in an element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    sight: Sight,
    /// Line ends in the source are seen.
    pub(super) keeps_line_ends: bool,
    /// They stand in one line, as a table's row.
    pub(super) in_one_line: bool,
    pub(super) font: Option<Font>,
}

/// Whether words are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sight {
    #[default]
    Seen,
    /// An element within may be.
    Unseen,
    /// What is around them looks as if they were not there.
    LeftOut,
}

impl State {
    /// What is around the words looks as if they were not there.
    pub(super) fn is_left_out(self) -> bool {
        self.sight == Sight::LeftOut
    }

    pub(super) fn is_seen(self) -> bool {
        self.sight == Sight::Seen
    }
}

/// An element that is open.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) name: String,
    pub(super) look: Style,
    /// Left out for another reason than its looks.
    is_cut: bool,
    /// Whether its row is one line.
    is_line: bool,
    pub(super) state: State,
}

impl Open {
    pub(super) fn new(element: &Element, look: Style, is_cut: bool, is_line: bool) -> Self {
        Self { name: element.name().to_owned(), look, is_cut, is_line, state: State::default() }
    }

    /// Raised or lowered.
    pub(super) fn shift(&self) -> Option<Shift> {
        self.look.shift
    }

    fn within(&self, around: State) -> State {
        let starts_row = matches!(self.name.as_str(), "tr" | "table");
        State {
            sight: match self.look.unseen {
                _ if around.is_left_out() || self.is_cut || self.look.hidden || self.look.struck => Sight::LeftOut,
                Some(true) => Sight::Unseen,
                Some(false) => Sight::Seen,
                None => around.sight,
            },
            keeps_line_ends: self.look.keeps_line_ends.unwrap_or(around.keeps_line_ends),
            in_one_line: if starts_row { self.is_line } else { around.in_one_line },
            font: match self.look.font {
                Some(Family::Pictures(font)) => Some(font),
                Some(Family::Letters) => None,
                None => around.font,
            },
        }
    }
}

/// The elements that are open, the outermost first.
#[derive(Default)]
pub(super) struct Elements {
    open: Vec<Open>,
    /// How many of each name are open: most end tags and most starts need no look through all of them.
    counts: BTreeMap<String, usize>,
    outermost: State,
}

/// As deep as Chrome nests elements; a hostile nest must not cost more than its length.
const DEEPEST: usize = 512;

/// How many elements around a word are asked whether they raise it: editors put a few around one.
const NEAR: usize = 4;

/// Elements without content (HTML standard, "Void elements").
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements that end without their end tag when one of the second kind begins, as long as none of the third is between
/// (HTML standard, "Optional tags").
const IMPLIED_ENDS: [(&str, &[&str], &[&str]); 6] = [
    ("li", &["li"], &["ul", "ol", "table"]),
    ("dt", &["dt", "dd"], &["dl", "table"]),
    ("dd", &["dt", "dd"], &["dl", "table"]),
    ("td", &["td", "th", "tr", "tbody", "tfoot"], &["table"]),
    ("th", &["td", "th", "tr", "tbody", "tfoot"], &["table"]),
    ("tr", &["tr", "tbody", "tfoot"], &["table"]),
];

/// Elements that begin a line and end an open `<p>`.
const ENDS_PARAGRAPH: [&str; 33] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "dir",
    "div",
    "dl",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];

/// Elements of form that go on when the one around them ends (HTML standard, "formatting"), as far as they change words.
const GO_ON: [&str; 3] = ["font", "s", "strike"];

/// Elements that an end tag of something outside does not reach.
const CELLS: [&str; 4] = ["caption", "table", "td", "th"];

impl Elements {
    /// A text outside of all elements: in plain text line ends are seen.
    pub(super) fn new(is_plain: bool) -> Self {
        Self { outermost: State { keeps_line_ends: is_plain, ..State::default() }, ..Self::default() }
    }

    /// What holds here.
    pub(super) fn state(&self) -> State {
        self.open.last().map_or(self.outermost, |open| open.state)
    }

    /// Ends what ends by itself when an element begins.
    pub(super) fn make_way(&mut self, name: &str) -> Vec<Open> {
        let mut ended = Vec::new();
        if ENDS_PARAGRAPH.contains(&name) {
            ended.extend(self.end("p", &CELLS));
        }
        for (open, by, between) in IMPLIED_ENDS {
            if by.contains(&name) {
                ended.extend(self.end(open, between));
            }
        }
        ended
    }

    /// An element begins.
    pub(super) fn begin(&mut self, mut open: Open) {
        if self.open.len() < DEEPEST && !VOID.contains(&open.name.as_str()) {
            open.state = open.within(self.state());
            self.count(&open);
            self.open.push(open);
        }
    }

    /// What would hold in an element.
    pub(super) fn state_in(&self, open: &Open) -> State {
        open.within(self.state())
    }

    /// An end tag: what ends with it, the innermost first.
    pub(super) fn close(&mut self, name: &str) -> Vec<Open> {
        if is_block(name) || CELLS.contains(&name) || matches!(name, "tr" | "tbody" | "thead" | "tfoot") {
            let between: &[&str] = if name == "table" { &[] } else { &CELLS };
            return self.end(name, between);
        }
        // What began within a `<b>` goes on when the `<b>` ends.
        let Some(at) = self.find(name, &CELLS) else { return Vec::new() };
        let ended = self.open.remove(at);
        self.discount(&ended);
        self.restate(at);
        vec![ended]
    }

    fn end(&mut self, name: &str, between: &[&str]) -> Vec<Open> {
        let Some(at) = self.find(name, between) else { return Vec::new() };
        let ended = self.open.split_off(at);
        for ended in &ended {
            self.discount(ended);
        }
        let goes_on = |open: &&Open| GO_ON.contains(&open.name.as_str()) && !open.is_cut;
        let leaves_cell = ended.iter().any(|open| CELLS.contains(&open.name.as_str()));
        if !leaves_cell {
            for open in ended.iter().filter(goes_on).cloned() {
                self.count(&open);
                self.open.push(open);
            }
            self.restate(at);
        }
        ended.into_iter().rev().collect()
    }

    fn count(&mut self, open: &Open) {
        *self.counts.entry(open.name.clone()).or_default() += 1;
    }

    fn discount(&mut self, ended: &Open) {
        if let Some(count) = self.counts.get_mut(&ended.name) {
            *count -= 1;
        }
    }

    fn find(&self, name: &str, between: &[&str]) -> Option<usize> {
        if self.counts.get(name).is_none_or(|count| *count == 0) {
            return None;
        }
        let at = self.open.iter().rposition(|open| open.name == name || between.contains(&open.name.as_str()))?;
        self.open.get(at).is_some_and(|open| open.name == name).then_some(at)
    }

    /// Says again what holds from a place on.
    fn restate(&mut self, from: usize) {
        let around = from.checked_sub(1).and_then(|at| self.open.get(at)).map_or(self.outermost, |open| open.state);
        self.open.iter_mut().skip(from).fold(around, |around, open| {
            open.state = open.within(around);
            open.state
        });
    }

    /// Whether the words are raised or lowered.
    pub(super) fn is_shifted(&self) -> bool {
        self.open.iter().rev().take(NEAR).any(|open| open.look.shift.is_some())
    }

    /// Whether the words are the mark that Word writes before an item of a list.
    pub(super) fn is_word_bullet(&self) -> bool {
        self.open.iter().rev().take(NEAR).any(|open| open.look.is_word_bullet)
    }
}

/// Whether an element stands on lines of its own.
pub(super) fn is_block(name: &str) -> bool {
    ENDS_PARAGRAPH.contains(&name)
        || matches!(name, "body" | "dd" | "dt" | "html" | "tbody" | "tfoot" | "thead" | "tr" | "td" | "th")
}
