//! The pieces of HTML that are seen or shape what is seen. The tokens are html5gum's, as the HTML standard has them.
//!
//! Two things differ from a browser, because losing an agent's words is worse than showing odd ones: what never ends (a
//! tag, a comment, a `<style>`) is text, and so is what has the form of a tag but the name of none, as in
//! `Ada <ada@example.org>`.

use html5gum::{DefaultEmitter, Error, Span, StartTag, State, Token, Tokenizer};

/// Text, with its character references decoded, or a tag.
pub(super) enum Piece {
    Text(String),
    Open(Element),
    Close(String),
}

impl Piece {
    /// What it says, if it is text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// An opening tag.
pub(super) struct Element {
    name: String,
    tag: StartTag<usize>,
}

/// Elements whose content is no markup to the tokenizer, and is not shown.
///
/// `<noscript>` is none of them: what stands in it was written to be read, and agents are told that it was left out.
const HIDDEN: [&str; 5] = ["iframe", "noembed", "script", "style", "title"];

impl Element {
    /// In lower case.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The value of an attribute, with its character references decoded; empty when it has none.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.tag.attributes.get(name.as_bytes()).and_then(|value| std::str::from_utf8(&value.value).ok())
    }
}

/// Reads some HTML, well-formed or not.
pub(super) fn pieces(html: &str) -> Vec<Piece> {
    let mut emitter = DefaultEmitter::new_with_span();
    emitter.naively_switch_states(true);
    let mut reader = Reader { html, pieces: Vec::new(), read: 0, hidden: None, ends: true };
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        reader.take(token);
    }
    reader.finish()
}

struct Reader<'a> {
    html: &'a str,
    pieces: Vec<Piece>,
    /// Bytes that stand in the tokens so far.
    read: usize,
    /// The hidden element that is open, and what stands in it.
    hidden: Option<(String, String)>,
    /// Whether the comment that comes next has its end.
    ends: bool,
}

impl Reader<'_> {
    fn take(&mut self, token: Token<usize>) {
        match token {
            Token::Error(error) => self.ends &= error.value != Error::EofInComment,
            Token::String(text) => {
                let value = String::from_utf8_lossy(&text.value);
                match &mut self.hidden {
                    Some((_, hidden)) => hidden.push_str(&value),
                    None => self.pieces.push(Piece::Text(value.into_owned())),
                }
                self.read = text.span.end;
            }
            Token::Comment(comment) => self.unseen(comment.span),
            Token::Doctype(doctype) => self.unseen(doctype.span),
            Token::StartTag(tag) => {
                let in_order = !tag.attributes.keys().any(|name| name.contains(&b'<'));
                match tag_name(&tag.name).filter(|_| in_order) {
                    None => self.text(tag.span),
                    Some(name) if HIDDEN.contains(&name.as_str()) => self.hidden = Some((name, String::new())),
                    Some(name) => {
                        self.read = tag.span.end;
                        self.pieces.push(Piece::Open(Element { name, tag }));
                        return;
                    }
                }
                self.read = tag.span.end;
            }
            Token::EndTag(tag) => {
                match tag_name(&tag.name) {
                    None => self.text(tag.span),
                    Some(name) if self.hidden.take_if(|(hidden, _)| *hidden == name).is_some() => {}
                    Some(name) => self.pieces.push(Piece::Close(name)),
                }
                self.read = tag.span.end;
            }
        }
    }

    /// A comment or a declaration, which is not shown when it ends.
    fn unseen(&mut self, span: Span<usize>) {
        let written = self.html.get(span.start..span.end).unwrap_or_default();
        if !self.ends || !written.ends_with('>') {
            self.text(span);
        }
        self.read = span.end;
    }

    /// What stands there is text after all.
    fn text(&mut self, span: Span<usize>) {
        self.pieces.push(Piece::Text(decoded(self.html.get(span.start..span.end).unwrap_or_default())));
    }

    fn finish(mut self) -> Vec<Piece> {
        if let Some((_, text)) = self.hidden.take() {
            self.pieces.push(Piece::Text(text));
        }
        if self.read < self.html.len() {
            self.text(Span { start: self.read, end: self.html.len() });
        }
        self.pieces
    }
}

/// The name, if it is one that an element may have, as in `h1`, `o:p` or `my-tag`.
fn tag_name(name: &[u8]) -> Option<String> {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':');
    (name.iter().all(is_name) && !name.ends_with(b":")).then(|| String::from_utf8_lossy(name).into_owned())
}

/// Text in which nothing is a tag, with its character references decoded.
fn decoded(text: &str) -> String {
    // The same kind of tokenizer as above: another kind would be compiled a second time, 200 KB of the Worker.
    let mut tokenizer = Tokenizer::new_with_emitter(text, DefaultEmitter::<usize>::new_with_span());
    tokenizer.set_state(State::RcData);
    let strings = tokenizer.filter_map(|token| match token {
        Ok(Token::String(text)) => Some(text.value.0),
        _ => None,
    });
    String::from_utf8_lossy(&strings.collect::<Vec<_>>().concat()).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(html: &str) -> String {
        let piece = |piece| match piece {
            Piece::Text(text) => text,
            Piece::Open(element) => format!("[{}]", element.name()),
            Piece::Close(name) => format!("[/{name}]"),
        };
        pieces(html).into_iter().map(piece).collect()
    }

    #[test]
    fn tags_are_told_from_text() {
        for (html, expected) in [
            ("<P>a</P >b<br/>", "[p]a[/p]b[br]"),
            ("I <3 you <> a < b > c <", "I <3 you <> a < b > c <"),
            ("Bob <bob@example.org> <https://example.org>", "Bob <bob@example.org> <https://example.org>"),
            ("Bob </bob@example.org>", "Bob </bob@example.org>"),
            ("<a href='x>y'>z</a>", "[a]z[/a]"),
            ("<p it's>a</p>", "[p]a[/p]"),
            ("a <b and <i>c</i>", "a <b and <i>c[/i]"),
            ("<p a=1 a=2 b>c", "[p]c"),
            ("a</>b", "ab"),
        ] {
            assert_eq!(shown(html), expected, "{html}");
        }
    }

    #[test]
    fn comments_and_declarations_are_not_shown() {
        for (html, expected) in [
            ("<?xml version='1.0'?><!DOCTYPE html><!-- c > --><o:p>a</o:p><![endif]>", "[o:p]a[/o:p]"),
            ("<!-->a<!--->b<!-- c --!>d<!----e-->f", "abdf"),
            // Outlook's: hidden from all others, and shown to all others (Frappe Helpdesk #3563, Premailer #110).
            ("<!--[if gte mso 9]><xml><o:p>96</o:p></xml><![endif]-->a", "a"),
            ("<!--[if !mso]><!--><p>a</p><!--<![endif]-->", "[p]a[/p]"),
            ("<![if !mso]><p>a</p><![endif]>", "[p]a[/p]"),
            ("<!--[if !mso]><style>v\\:* {}</style><![endif]-->a", "a"),
            // A browser ends a CDATA section in HTML at its first `>`.
            ("<![CDATA[a]]>b", "b"),
            ("<![CDATA[a <b>c</b> ]]>d", "c[/b] ]]>d"),
        ] {
            assert_eq!(shown(html), expected, "{html}");
        }
    }

    #[test]
    fn scripts_and_styles_are_not_shown() {
        for (html, expected) in [
            (
                "<style>p > a {}</STYLE>a<script>if (a<b) {}</script>b<title>t</title><head><meta></head>",
                "ab[head][meta][/head]",
            ),
            ("<script>let a = '<!-- <script>'; '</script>'</script>b", "b"),
            ("<style>a</b>c</style >d", "d"),
            ("<noscript><p>a</p></noscript>b<iframe><p>c</p></iframe>", "[noscript]<p>a</p>[/noscript]b"),
            ("<xmp><b></xmp><textarea><i></textarea>", "[xmp]<b>[/xmp][textarea]<i>[/textarea]"),
        ] {
            assert_eq!(shown(html), expected, "{html}");
        }
    }

    #[test]
    fn what_never_ends_is_text() {
        for (html, expected) in [
            ("<!-- a", "<!-- a"),
            ("a <!-- b <p>c</p>", "a <!-- b <p>c</p>"),
            ("<style>a", "a"),
            ("<title>a &amp; b", "a & b"),
            ("if a<b &amp; c", "if a<b & c"),
            ("<a href=\"x>b <i>c</i>", "<a href=\"x>b <i>c</i>"),
            ("<p>wow <! and <? too", "[p]wow <! and <? too"),
            ("a</p", "a</p"),
            ("<!DOCTYPE html", "<!DOCTYPE html"),
            ("a</>", "a</>"),
        ] {
            assert_eq!(shown(html), expected, "{html}");
        }
    }

    #[test]
    fn references_become_what_a_browser_shows() {
        for (html, expected) in [
            ("Tom &amp; Jerry", "Tom & Jerry"),
            ("&lt;b&gt; &quot;&apos;&#39;", "<b> \"''"),
            ("&nbsp;&yuml;&szlig;&Agrave;&deg;&eacute;", "\u{a0}ÿßÀ°é"),
            ("&hellip;&mdash;&lsquo;&rsquo;&ldquo;&bull;&trade;&euro;", "…—‘’“•™€"),
            ("&check;&starf;&NotEqualTilde;&zopf;", "✓★≂\u{338}𝕫"),
            ("&#8217;&#x2019;&#X2019;&#128512;&#x1F600;", "’’’😀😀"),
            ("&#146;&#128;", "’€"),
            ("&#0;&#xD800;&#1114112;&#99999999999;", "����"),
            ("&amp;lt;b&amp;gt; &amp;amp;", "&lt;b&gt; &amp;"),
            ("AT&T a & b; &; &#; &#x; &nosuch; &am; &é;", "AT&T a & b; &; &#; &#x; &nosuch; &am; &é;"),
            ("&copy 2026 &notit;", "© 2026 ¬it;"),
        ] {
            assert_eq!(shown(html), expected, "{html}");
        }
    }

    #[test]
    fn attributes_are_found_however_they_are_quoted() {
        let attribute = |attributes: &str, name: &str| {
            let pieces = pieces(&format!("<a{attributes}>"));
            let [Piece::Open(element)] = pieces.as_slice() else { panic!("{attributes}") };
            element.attribute(name).map(str::to_owned)
        };
        for attributes in
            [" id=1 HREF=\"a > b\"", " href = 'a > b' /", " HREF='a > b'title=c", " hidden href='a &gt; b'"]
        {
            assert_eq!(attribute(attributes, "href").as_deref(), Some("a > b"), "{attributes}");
        }
        for (attributes, expected) in [
            (" href=https://example.org/ x", Some("https://example.org/")),
            (" href='?a=1&copy=2&lt;&amp;b'", Some("?a=1&copy=2<&b")),
            (" data-href=x href", Some("")),
            (" title='href=x'", None),
            (" href=1 href=2", Some("1")),
        ] {
            assert_eq!(attribute(attributes, "href").as_deref(), expected, "{attributes}");
        }
    }

    proptest! {
        #[test]
        fn text_without_markup_is_itself(text in "[^<&\\r\\x00]{0,40}") {
            prop_assert_eq!(shown(&text), text);
        }
    }
}
