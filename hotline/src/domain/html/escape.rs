//! Writing HTML for Help Scout, and recognising it when Help Scout gives it back rewritten.

use super::pictures::emoji;
use super::pieces::{Piece, pieces};
use crate::domain::text::invisible::{has_right_to_left, is_space, visible};

/// HTML that is safe to hand to Help Scout: text got into it only through escaping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Escapes a text; its line ends become `<br>`, its control characters are dropped.
    pub fn text(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        let mut after_return = false;
        for c in text.chars() {
            match c {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                '\n' if after_return => {}
                '\n' | '\r' => html.push_str("<br>"),
                '\t' => html.push(' '),
                c if c.is_control() => {}
                c => html.push(c),
            }
            after_return = c == '\r';
        }
        Self(html)
    }

    /// The text in bold.
    pub fn strong(text: &str) -> Self {
        Self(["<strong>", &Self::text(text).0, "</strong>"].concat())
    }

    /// A link; an address that is neither http nor https leaves only the text.
    pub fn link(href: &str, text: &str) -> Self {
        let text = Self::text(text);
        if !href.starts_with("https://") && !href.starts_with("http://") {
            return text;
        }
        let href: String = href.chars().filter(|c| !c.is_whitespace()).collect();
        Self(["<a href=\"", &Self::text(&href).0, "\">", &text.0, "</a>"].concat())
    }

    /// Appends HTML of our own, known when this was written.
    pub fn ours(&mut self, html: &'static str) {
        self.0.push_str(html);
    }

    /// Appends an element of our own with a text in it; nothing where there is no text.
    pub fn put(&mut self, open: &'static str, text: &str) {
        if !text.is_empty() {
            let name = open.split(' ').next().unwrap_or(open);
            for part in ["<", open, ">", &Self::text(text).0, "</", name, ">"] {
                self.0.push_str(part);
            }
        }
    }

    /// The end of a line.
    pub fn line_break() -> Self {
        Self("<br>".to_owned())
    }

    /// Appends more.
    pub fn push(&mut self, more: &Html) {
        self.0.push_str(&more.0);
    }

    /// As it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The words of a thread's body, for comparing what we sent with what Help Scout returns.
///
/// Help Scout rewrites HTML (prefixes ids, turns spaces into `&nbsp;`, spells `<br>` and entities its own way, links
/// addresses), so only the words count: tags vanish, white space of every kind is one space.
pub fn normalised(html: &str) -> String {
    let mut words = Words::default();
    let pieces = pieces(html);
    let keeps_directions = has_right_to_left(pieces.iter().filter_map(Piece::text));
    for piece in pieces {
        match piece {
            Piece::Text(text) => words.push(&visible(&text, keeps_directions)),
            Piece::Open(element) if element.name() == "img" => words.push(&emoji(&element).unwrap_or_default()),
            Piece::Open(element) => words.gap |= !is_inline(element.name()),
            Piece::Close(name) => words.gap |= !is_inline(&name),
        }
    }
    words.text
}

#[derive(Default)]
struct Words {
    text: String,
    gap: bool,
}

impl Words {
    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if is_space(c) {
                self.gap = true;
                continue;
            }
            if self.gap && !self.text.is_empty() {
                self.text.push(' ');
            }
            self.gap = false;
            self.text.push(c);
        }
    }
}

/// Elements that may stand inside a word.
fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "big"
            | "code"
            | "del"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "mark"
            | "s"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "tt"
            | "u"
            | "wbr"
    )
}

#[cfg(test)]
mod tests {
    use super::super::to_text;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_cannot_become_markup() {
        for (text, html) in [
            ("Tom & Jerry <b>\"it's\"</b>", "Tom &amp; Jerry &lt;b&gt;&quot;it&#39;s&quot;&lt;/b&gt;"),
            ("one\r\ntwo\nthree\rfour", "one<br>two<br>three<br>four"),
            ("a\0b\u{7}c\u{85}d\te", "abcd e"),
            ("👋🏽 שלום", "👋🏽 שלום"),
        ] {
            assert_eq!(Html::text(text).as_str(), html);
        }
    }

    #[test]
    fn a_link_leads_only_to_the_web() {
        assert_eq!(
            Html::link("https://example.org/?a=1&b=\"2", "<see>").as_str(),
            "<a href=\"https://example.org/?a=1&amp;b=&quot;2\">&lt;see&gt;</a>"
        );
        assert_eq!(Html::link("javascript:alert(1)", "see").as_str(), "see");
    }

    #[test]
    fn pieces_are_joined_as_they_are() {
        let mut html = Html::strong("Voicemail & more");
        html.push(&Html::line_break());
        html.push(&Html::text("0:12"));
        assert_eq!(html.as_str(), "<strong>Voicemail &amp; more</strong><br>0:12");
        let mut page = Html::default();
        page.ours("<div>");
        page.put("p class=\"quiet\"", "<b>");
        page.put("p", "");
        page.ours("</div>");
        assert_eq!(page.as_str(), "<div><p class=\"quiet\">&lt;b&gt;</p></div>");
    }

    #[test]
    fn what_help_scout_rewrote_is_still_recognised() {
        for (sent, returned) in [
            ("hello<br>you", "<div id=\"ex-1\">hello<br />\nyou</div>"),
            ("two  words", "two&nbsp; words"),
            ("it&#39;s &lt;3 &amp; \u{e9}", "<p>it's &lt;3 &amp; &eacute;</p>\n"),
            (
                "see https://example.org/a",
                "see <a href=\"https://example.org/a\" target=\"_blank\">https://example.org/a</a>",
            ),
            ("thanks 😀", "thanks <img class=\"emoji\" alt=\"😀\" src=\"https://example.org/1f600.png\">"),
        ] {
            assert_eq!(normalised(sent), normalised(returned), "{returned}");
        }
        assert_ne!(normalised("yes"), normalised("yes!"));
        assert_ne!(normalised("a<br>b"), normalised("a<b>b</b>"));
    }

    proptest! {
        #[test]
        fn every_text_comes_back_from_its_html(lines in prop::collection::vec("[ -,.-~¡-ÿ😀]{0,20}", 0..6)) {
            let text = lines.join("\n");
            let words = |text: &str| text.replace(['\u{a0}', '\u{ad}'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
            let text = text.replace('\u{ad}', "");
            let html = Html::text(&text);
            prop_assert_eq!(words(&to_text(html.as_str()).text), words(&text));
            prop_assert_eq!(normalised(html.as_str()), words(&text));
        }
    }
}
