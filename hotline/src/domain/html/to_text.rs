//! An agent's reply in Help Scout's HTML as the text that leaves for the phone.

use super::addresses::Address;
use super::elements::{Elements, Open, State, is_block};
use super::lines::Lines;
use super::ordinals::List;
use super::outline::{Content, contents};
use super::pictures::{emoji, is_seen};
use super::pieces::{Element, Piece, pieces};
use super::quote_lines::{without_attribution, without_quotation};
use super::quotes::Quote;
use super::signatures::{is_signature, signature_start, without_sent_from};
use super::style::{Shift, Style};
use super::variables::filled;
use super::wrappers::unwrapped_in;
use crate::domain::text::invisible::{has_right_to_left, visible};

/// A reply as it goes to a phone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyText {
    /// The words, without signature and quoted mail; lines end in `\n`. Empty when there are none.
    pub text: String,
    /// The reply shows pictures inside its text, which a text cannot carry.
    pub has_images: bool,
    /// A variable of a saved reply that nobody filled in and that says nothing of what it falls back to.
    pub left_over: Option<String>,
}

/// Reads a reply as its reader would see it, and cuts the signature and the earlier mail that is quoted.
///
/// Without any tag the input is plain text and its line ends count; references such as `&amp;` are decoded either way.
/// What is struck out or hidden is left out. Nothing else an agent can see is lost, except white space beyond one space or
/// one empty line.
pub fn to_text(html: &str) -> ReplyText {
    let pieces = pieces(html);
    let contents = contents(&pieces);
    let is_plain = pieces.iter().all(|piece| matches!(piece, Piece::Text(_)));
    let keeps_directions = has_right_to_left(pieces.iter().filter_map(Piece::text));
    let mut reader = Reader::new(is_plain, keeps_directions);
    for (piece, content) in pieces.iter().zip(contents) {
        match piece {
            Piece::Text(text) => reader.write(text),
            Piece::Open(element) => reader.open(element, content),
            Piece::Close(name) => reader.close(name),
        }
        if reader.is_at_end {
            break;
        }
    }
    reader.end_link();
    let (image_at, written) = (reader.image_at, reader.lines.into_text());
    let replied = without_quotation(&written);
    let text = signature_start(replied).and_then(|start| replied.get(..start)).unwrap_or(replied).trim_end();
    let text = without_sent_from(text);
    // A picture in the signature is no part of what is said.
    let has_images = image_at.is_some_and(|at| at <= text.len());
    let (text, left_over) = filled(&unwrapped_in(text));
    ReplyText { text: text.trim().to_owned(), has_images, left_over }
}

struct Reader {
    lines: Lines,
    elements: Elements,
    /// The lists that are open.
    lists: Vec<List>,
    link: Option<Link>,
    image_at: Option<usize>,
    /// A raised or lowered word begins: whether it is a number is seen by its first character.
    shift: Option<Shift>,
    /// Where a raised or lowered number begins, as long as nothing follows it.
    raised_at: Option<usize>,
    /// Quotation marks that are open.
    marks: usize,
    keeps_directions: bool,
    /// A line end that comes first is not seen: after `<pre>`.
    skips_line_end: bool,
    /// What follows is earlier mail.
    is_at_end: bool,
}

/// A link whose words are being read.
struct Link {
    address: Address,
    /// Something in it is left out.
    has_unseen: bool,
}

impl Reader {
    fn new(is_plain: bool, keeps_directions: bool) -> Self {
        Self {
            lines: Lines::default(),
            elements: Elements::new(is_plain),
            lists: Vec::new(),
            link: None,
            image_at: None,
            shift: None,
            raised_at: None,
            marks: 0,
            keeps_directions,
            skips_line_end: false,
            is_at_end: false,
        }
    }

    fn write(&mut self, text: &str) {
        let state = self.elements.state();
        let skips_line_end = std::mem::take(&mut self.skips_line_end);
        let text = text.strip_prefix('\n').filter(|_| skips_line_end).unwrap_or(text);
        if !state.is_seen() {
            if !text.trim().is_empty() {
                self.hide_in_link();
            }
            return;
        }
        let text = state.font.map_or_else(|| visible(text, self.keeps_directions), |font| font.shown(text));
        let text = if self.elements.is_word_bullet() { word_bullet(&text) } else { text };
        self.tell_numbers_apart(&text);
        self.lines.write(&text, state.keeps_line_ends);
    }

    /// A number that is raised or lowered is not the next digit of the one before it, nor is what follows it.
    fn tell_numbers_apart(&mut self, text: &str) {
        let mut characters = text.chars();
        let Some(first) = characters.next() else { return };
        let is_digit = |c: char| c.is_ascii_digit();
        let is_number = is_digit(first)
            || (matches!(first, '+' | '-' | '\u{2212}' | '\u{2013}') && characters.next().is_some_and(is_digit));
        let follows_digit = self.lines.touching().is_some_and(is_digit);
        if let Some(shift) = self.shift.take() {
            self.raised_at = is_number.then_some(self.lines.len());
            if is_number && follows_digit {
                self.lines.append(if shift == Shift::Up { "^" } else { "_" });
            }
        } else if let Some(at) = self.raised_at.take_if(|_| !self.elements.is_shifted()) {
            if matches!(first, '/' | '\u{2044}') {
                // `1<sup>1</sup>/<sub>2</sub>` is one and a half.
                self.lines.part(at);
            } else if is_digit(first) && follows_digit {
                self.lines.gap();
            }
        }
    }

    fn open(&mut self, element: &Element, content: Content) {
        let name = element.name();
        for ended in self.elements.make_way(name) {
            self.end(&ended);
        }
        let look = Style::of(element);
        let mut is_cut = is_signature(element);
        if !self.elements.state().is_left_out() {
            match Quote::of(element) {
                Some(Quote::Within) if self.is_nothing_said() => {
                    self.lines.truncate(0);
                    is_cut = true;
                }
                Some(_) => return self.end_before_quotation(),
                None => {}
            }
        }
        let open = Open::new(element, look, is_cut, content.is_line());
        let state = self.elements.state_in(&open);
        if !state.is_left_out() {
            self.begin(element, look, content, state);
        }
        self.elements.begin(open);
        self.skips_line_end = matches!(name, "pre" | "textarea" | "listing");
        self.lines.keep_in_line(self.elements.state().in_one_line);
    }

    fn begin(&mut self, element: &Element, look: Style, content: Content, state: State) {
        let name = element.name();
        match name {
            "br" => self.lines.end_line(),
            "a" => self.begin_link(element),
            "img" | "emoji" if state.is_seen() => self.image(element),
            "td" | "th" => self.lines.gap(),
            "ul" | "menu" | "dir" => self.begin_list(List::bullets(look.marker)),
            "ol" => {
                let start = element.attribute("start").and_then(integer);
                let is_reversed = element.attribute("reversed").is_some();
                self.begin_list(List::numbers(look.marker, start, content.items, is_reversed));
            }
            "li" => self.begin_item(element, look),
            "q" => self.quotation_mark(true),
            "blockquote" => {
                self.lines.block();
                self.lines.margin().quotes += 1;
            }
            _ => self.separate(name),
        }
        if look.shift.is_some() {
            self.shift = look.shift;
        }
    }

    fn close(&mut self, name: &str) {
        let ended = self.elements.close(name);
        let was_left_out = ended.last().map_or(self.elements.state(), |ended| ended.state).is_left_out();
        for ended in ended {
            self.end(&ended);
        }
        if !was_left_out {
            self.separate(name);
        }
        self.lines.keep_in_line(self.elements.state().in_one_line);
    }

    /// An element has ended, by its end tag or by another's.
    fn end(&mut self, ended: &Open) {
        if ended.state.is_left_out() {
            return;
        }
        match ended.name.as_str() {
            "a" => self.end_link(),
            "q" => self.quotation_mark(false),
            "ul" | "ol" | "menu" | "dir" => self.end_list(),
            "li" => {
                self.lines.block();
                self.lines.margin().bullet = None;
            }
            "blockquote" => {
                self.lines.block();
                let margin = self.lines.margin();
                margin.quotes = margin.quotes.saturating_sub(1);
            }
            "tr" => {
                self.lines.keep_in_line(false);
                self.lines.block();
            }
            _ => {}
        }
        if ended.shift().is_some() {
            self.shift = None;
        }
    }

    fn separate(&mut self, name: &str) {
        match name {
            "br" => self.lines.end_line(),
            "td" | "th" => {}
            // Inside a list an empty line would tear the items apart.
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if self.lists.is_empty() => self.lines.paragraph(),
            name if is_block(name) => self.lines.block(),
            _ => {}
        }
    }

    fn begin_list(&mut self, list: List) {
        self.lines.block();
        self.lists.push(list);
        self.lines.margin().lists = self.lists.len();
    }

    fn end_list(&mut self) {
        self.lines.block();
        self.lists.pop();
        self.lines.margin().lists = self.lists.len();
        self.lines.margin().bullet = None;
    }

    fn begin_item(&mut self, element: &Element, look: Style) {
        self.lines.block();
        let value = element.attribute("value").and_then(integer);
        let bullet = match self.lists.last_mut() {
            Some(list) => list.mark(value, look.marker),
            None => "- ".to_owned(),
        };
        self.lines.margin().bullet = Some(bullet);
    }

    fn begin_link(&mut self, element: &Element) {
        self.end_link();
        self.link = Address::of(element).map(|address| Link { address, has_unseen: false });
        self.lines.count_words();
    }

    /// Something in the link is not seen.
    fn hide_in_link(&mut self) {
        if let Some(link) = &mut self.link {
            link.has_unseen = true;
        }
    }

    fn end_link(&mut self) {
        let Some(Link { address, has_unseen }) = self.link.take() else { return };
        let words = self.lines.words();
        if words.is_empty() {
            // Where all of it is left out, so is its address.
            if !has_unseen {
                self.lines.write(address.as_str(), false);
            }
        } else if !address.is_said_by(words) {
            self.lines.append(" (");
            self.lines.append(address.as_str());
            self.lines.append(")");
        } else if let Address::Web(web) = &address {
            self.lines.drop_words();
            self.lines.append(web);
        }
    }

    /// Quotation marks as English sets them: single ones within double ones.
    fn quotation_mark(&mut self, is_opening: bool) {
        if !is_opening {
            self.marks = self.marks.saturating_sub(1);
        }
        let mark = if self.marks.is_multiple_of(2) { "\"" } else { "'" };
        if is_opening {
            self.marks += 1;
            self.lines.write(mark, false);
        } else {
            self.lines.append(mark);
        }
    }

    fn image(&mut self, element: &Element) {
        match emoji(element) {
            Some(emoji) => self.lines.write(&emoji, false),
            None if element.name() == "img" && is_seen(element) => {
                self.image_at = self.image_at.or(Some(self.lines.len()));
            }
            None => self.hide_in_link(),
        }
    }

    /// Whether all that precedes a quotation is the line that says whose it is: then the reply stands below it.
    fn is_nothing_said(&self) -> bool {
        self.image_at.is_none() && without_attribution(self.lines.text()).is_empty()
    }

    /// What is said goes up to here; the line that says whose the earlier mail is, is a part of that mail.
    fn end_before_quotation(&mut self) {
        self.end_link();
        let length = without_attribution(self.lines.text()).len();
        self.lines.truncate(length);
        self.is_at_end = true;
    }
}

/// An integer as HTML reads one: what follows its digits does not count.
fn integer(text: &str) -> Option<i32> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    text.get(..text.len() - digits.len() + end)?.parse().ok()
}

/// Word's mark of a list item, which is a letter of some font where it is no number.
fn word_bullet(text: &str) -> String {
    let is_bullet = text.trim().chars().count() == 1 && !text.trim().starts_with(|c: char| c.is_ascii_digit());
    if is_bullet { "- ".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
