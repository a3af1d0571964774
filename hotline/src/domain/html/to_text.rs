//! An agent's reply in Help Scout's HTML as the text that leaves for the phone.

use super::lines::{Lines, Mark, is_space};
use super::pieces::{Element, Piece, pieces};

/// Beginnings of the classes that mail programs give to the earlier mail they quote.
const QUOTE_CLASSES: [&str; 6] =
    ["gmail_quote", "gmail_attr", "yahoo_quoted", "moz-cite-prefix", "help-scout-quote", "protonmail_quote"];

/// A reply as it goes to a phone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyText {
    /// The words, without signature and quoted mail; lines end in `\n`. Empty when there are none.
    pub text: String,
    /// The reply shows pictures inside its text, which a text cannot carry.
    pub has_images: bool,
}

/// Reads a reply as its reader would see it, and cuts the signature.
///
/// Without any tag the input is plain text and its line ends count; references such as `&amp;` are decoded either way.
/// Nothing an agent can see is lost, except white space beyond one space or one empty line.
pub fn to_text(html: &str) -> ReplyText {
    let pieces = pieces(html);
    let is_plain = pieces.iter().all(|piece| matches!(piece, Piece::Text(_)));
    let mut reader = Reader { line_ends_count: usize::from(is_plain), ..Reader::default() };
    for piece in pieces {
        match piece {
            Piece::Text(text) => reader.lines.write(&text, reader.line_ends_count > 0),
            Piece::Open(element) => reader.open(&element),
            Piece::Close(name) => reader.close(&name),
        }
    }
    reader.end_link();
    let mut text = reader.lines.into_text();
    let signature = signature_start(&text);
    let has_images = reader.image_at.is_some_and(|at| signature.is_none_or(|start| at <= start));
    text.truncate(signature.map_or(text.len(), |start| text.get(..start).unwrap_or_default().trim_end().len()));
    ReplyText { text, has_images }
}

/// Where the last line that is only `--` starts.
///
/// The last one, because signatures stand at the end and what precedes may be the agent's own ruling. It may be the
/// first line of all: a signature alone is no message, and with a picture the picture is.
fn signature_start(text: &str) -> Option<usize> {
    let mut end = text.len();
    for line in text.rsplit('\n') {
        let start = end - line.len();
        if line == "--" {
            return Some(start);
        }
        end = start.saturating_sub(1);
    }
    None
}

#[derive(Default)]
struct Reader {
    lines: Lines,
    /// For each open list the number of its next item; none for bullets.
    lists: Vec<Option<u32>>,
    link: Option<Address>,
    quoted_mail: Option<QuotedMail>,
    image_at: Option<usize>,
    /// Above zero where line ends in the source are seen: in plain text and inside `<pre>`.
    line_ends_count: usize,
}

/// Earlier mail that is being read; it is taken back when its element closes, so that an unclosed one loses nothing.
struct QuotedMail {
    element: String,
    depth: usize,
    before: Mark,
    image_before: Option<usize>,
}

impl Reader {
    fn open(&mut self, element: &Element) {
        let name = element.name();
        match name {
            "br" => self.lines.end_line(),
            "a" => self.begin_link(element),
            "img" => self.image(element),
            "td" | "th" => self.lines.gap(),
            "ul" => self.begin_list(None),
            "ol" => {
                let first = element.attribute("start").and_then(|start| start.trim().parse().ok());
                self.begin_list(first.or(Some(1)));
            }
            "li" => self.begin_item(),
            _ => self.separate(name),
        }
        if name == "pre" {
            self.line_ends_count += 1;
        }
        self.begin_quote(element);
    }

    fn close(&mut self, name: &str) {
        match name {
            "a" => self.end_link(),
            "ul" | "ol" => self.end_list(),
            "li" => {
                self.lines.block();
                self.lines.margin().bullet = None;
            }
            _ => self.separate(name),
        }
        if name == "pre" {
            self.line_ends_count = self.line_ends_count.saturating_sub(1);
        }
        self.end_quote(name);
    }

    fn separate(&mut self, name: &str) {
        match name {
            // Inside a list an empty line would tear the items apart.
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if self.lists.is_empty() => self.lines.paragraph(),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "address" | "article" | "aside" | "blockquote" | "body"
            | "center" | "dd" | "div" | "dl" | "dt" | "fieldset" | "figcaption" | "figure" | "footer" | "form"
            | "header" | "hr" | "html" | "main" | "nav" | "pre" | "section" | "table" | "tbody" | "tfoot" | "thead"
            | "tr" => {
                self.lines.block();
            }
            _ => {}
        }
    }

    fn begin_list(&mut self, first_number: Option<u32>) {
        self.lines.block();
        self.lists.push(first_number);
        self.lines.margin().lists = self.lists.len();
    }

    fn end_list(&mut self) {
        self.lines.block();
        self.lists.pop();
        self.lines.margin().lists = self.lists.len();
        self.lines.margin().bullet = None;
    }

    fn begin_item(&mut self) {
        self.lines.block();
        let bullet = match self.lists.last_mut() {
            Some(Some(number)) => {
                let bullet = [number.to_string().as_str(), ". "].concat();
                *number = number.saturating_add(1);
                bullet
            }
            _ => "- ".to_owned(),
        };
        self.lines.margin().bullet = Some(bullet);
    }

    fn begin_link(&mut self, element: &Element) {
        self.end_link();
        self.link = element.attribute("href").and_then(Address::parse);
        self.lines.count_words();
    }

    fn end_link(&mut self) {
        let Some(address) = self.link.take() else { return };
        let words = self.lines.words();
        if words.is_empty() {
            self.lines.write(address.as_str(), false);
        } else if !address.is_said_by(words) {
            self.lines.append(" (");
            self.lines.append(address.as_str());
            self.lines.append(")");
        } else if let Address::Web(web) = &address {
            self.lines.drop_words();
            self.lines.append(web);
        }
    }

    fn image(&mut self, element: &Element) {
        match emoji(element) {
            Some(emoji) => self.lines.write(emoji, false),
            None => self.image_at = self.image_at.or(Some(self.lines.len())),
        }
    }

    fn begin_quote(&mut self, element: &Element) {
        let name = element.name();
        if let Some(quoted) = &mut self.quoted_mail {
            quoted.depth += usize::from(quoted.element == name);
        } else if is_quoted_mail(element) {
            self.end_link();
            let (before, image_before) = (self.lines.mark(), self.image_at);
            self.quoted_mail = Some(QuotedMail { element: name.to_owned(), depth: 1, before, image_before });
        }
        if name == "blockquote" {
            self.lines.margin().quotes += 1;
        }
    }

    fn end_quote(&mut self, name: &str) {
        if name == "blockquote" {
            let margin = self.lines.margin();
            margin.quotes = margin.quotes.saturating_sub(1);
        }
        let Some(mut quoted) = self.quoted_mail.take() else { return };
        quoted.depth -= usize::from(quoted.element == name);
        if quoted.depth > 0 {
            self.quoted_mail = Some(quoted);
            return;
        }
        self.lists.truncate(quoted.before.lists());
        self.link = None;
        self.image_at = quoted.image_before;
        self.lines.return_to(quoted.before);
    }
}

fn is_quoted_mail(element: &Element) -> bool {
    let classes = element.attribute("class").unwrap_or_default();
    let cited = || element.attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("cite"));
    classes.split_ascii_whitespace().any(|class| QUOTE_CLASSES.iter().any(|quote| class.starts_with(quote)))
        || (element.name() == "blockquote" && cited())
}

/// The character that an `<img>` stands for, when it is an emoji that an editor turned into a picture.
pub(super) fn emoji(element: &Element) -> Option<&str> {
    let alt = element.attribute("alt")?;
    let is_symbol = |c| matches!(c, '\u{200d}' | '\u{fe0f}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{e0020}'..='\u{e007f}');
    let is_emoji =
        element.attribute("class").is_some_and(|class| class.contains("emoji")) || alt.chars().all(is_symbol);
    (is_emoji && !alt.is_empty()).then_some(alt)
}

/// Where a link leads, if a person with a phone can use it.
enum Address {
    Web(String),
    Mail(String),
    Phone(String),
}

impl Address {
    fn parse(href: &str) -> Option<Self> {
        let href: String = href.chars().filter(|&c| !is_space(c) && !c.is_control()).collect();
        let (scheme, rest) = href.split_once(':')?;
        let direct = || rest.split('?').next().unwrap_or_default().to_owned();
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => Some(Self::Web(href)),
            "mailto" => Some(Self::Mail(direct())),
            "tel" | "sms" => Some(Self::Phone(direct())),
            _ => None,
        }
    }

    fn as_str(&self) -> &str {
        let (Self::Web(address) | Self::Mail(address) | Self::Phone(address)) = self;
        address
    }

    /// Whether the link's words are the address itself, so that it need not be said twice.
    fn is_said_by(&self, words: &str) -> bool {
        match self {
            Self::Web(address) => bare(address).eq_ignore_ascii_case(bare(words)),
            Self::Mail(address) => address.eq_ignore_ascii_case(words),
            Self::Phone(address) => {
                // Ten digits may be said without the country code; fewer could be any number.
                let (address, words) = (digits(address), digits(words));
                address == words || (words.len() >= 10 && address.ends_with(&words))
            }
        }
    }
}

fn bare(address: &str) -> &str {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    address.strip_suffix('/').unwrap_or(address)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests;
