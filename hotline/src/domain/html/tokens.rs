//! Cutting HTML into texts and tags: once over the input, and what is no tag stays text.

/// A piece of HTML. Comments, declarations and elements that are never shown are left out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text as written, references not yet decoded.
    Text(&'a str),
    /// An opening tag: its name in lower case and its attributes as written.
    Open { name: String, attributes: &'a str },
    /// A closing tag.
    Close { name: String },
}

/// Elements whose content nobody sees, with the tag that ends each.
const HIDDEN: [(&str, &str); 4] =
    [("head", "</head>"), ("script", "</script>"), ("style", "</style>"), ("title", "</title>")];

/// The tokens of some HTML, well-formed or not.
///
/// What never ends (a comment, a tag, a `<style>`) is read as text, because losing an agent's words is worse than
/// showing odd ones. Each fruitless search is remembered, so that hostile input costs no more than its length.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    absent: Vec<&'static str>,
    quotes_hold: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(html: &'a str) -> Self {
        Self { rest: html, absent: Vec::new(), quotes_hold: true }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// The length up to and with the first `needle` at or after `from`.
    fn length_through(&mut self, needle: &'static str, from: usize) -> Option<usize> {
        if self.absent.contains(&needle) {
            return None;
        }
        let bytes = self.rest.as_bytes().get(from..)?;
        let found = bytes.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle.as_bytes()));
        if found.is_none() {
            self.absent.push(needle);
        }
        Some(from + found? + needle.len())
    }

    /// The length of a comment, a declaration or an XML instruction that starts here.
    fn unseen_markup(&mut self) -> Option<usize> {
        let after = self.rest.strip_prefix("<!").or_else(|| self.rest.strip_prefix("<?"))?;
        if after.starts_with("--") && self.rest.starts_with("<!") {
            return self.length_through("-->", "<!".len());
        }
        after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '[').then_some(())?;
        self.length_through(">", 0)
    }

    /// The tag that starts here, and its length.
    fn tag(&mut self) -> Option<(Token<'a>, usize)> {
        let after = self.rest.strip_prefix('<')?;
        let (closes, after) = after.strip_prefix('/').map_or((false, after), |after| (true, after));
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':');
        let (name, attributes) = after.split_at_checked(after.bytes().take_while(|b| is_name(b)).count())?;
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.ends_with(':');
        let delimited = attributes.starts_with(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>');
        if !named || !delimited {
            return None;
        }
        let attributes = attributes.get(..self.tag_end(attributes)?)?;
        let length = 1 + usize::from(closes) + name.len() + attributes.len() + 1;
        let name = name.to_ascii_lowercase();
        Some((if closes { Token::Close { name } } else { Token::Open { name, attributes } }, length))
    }

    fn tag_end(&mut self, attributes: &str) -> Option<usize> {
        if self.quotes_hold {
            let (end, leapt) = tag_end(attributes, true);
            if end.is_some() || !leapt {
                return end;
            }
            self.quotes_hold = false;
        }
        tag_end(attributes, false).0
    }
}

/// Where the tag ends, and whether a quoted value leapt over a `<` on the way.
fn tag_end(attributes: &str, heed_quotes: bool) -> (Option<usize>, bool) {
    let mut quote = None;
    let mut value_starts = false;
    let mut leapt = false;
    for (at, b) in attributes.bytes().enumerate() {
        match (quote, b) {
            (Some(open), b) if open == b => quote = None,
            (Some(_), b) => leapt |= b == b'<',
            (None, b'>') => return (Some(at), leapt),
            (None, b'<') => return (None, leapt),
            (None, b'"' | b'\'') if heed_quotes && value_starts => quote = Some(b),
            (None, b) => value_starts = b == b'=' || (value_starts && b.is_ascii_whitespace()),
        }
    }
    (None, leapt || quote.is_some())
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let text = self.rest.find('<').unwrap_or(self.rest.len());
            if text > 0 {
                return Some(Token::Text(self.take(text)));
            }
            if self.rest.is_empty() {
                return None;
            }
            if let Some(length) = self.unseen_markup() {
                self.take(length);
                continue;
            }
            let Some((token, length)) = self.tag() else {
                let text = self.rest.bytes().skip(1).position(|b| b == b'<').map_or(self.rest.len(), |at| at + 1);
                return Some(Token::Text(self.take(text)));
            };
            if let Token::Open { name, .. } = &token
                && let Some((_, end)) = HIDDEN.iter().find(|(hidden, _)| hidden == name)
                && let Some(length) = self.length_through(end, length)
            {
                self.take(length);
                continue;
            }
            self.take(length);
            return Some(token);
        }
    }
}

/// The value of an attribute as written, references not yet decoded.
pub(super) fn attribute<'a>(attributes: &'a str, wanted: &str) -> Option<&'a str> {
    let between = |c: char| c.is_ascii_whitespace() || c == '/';
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(between);
        if rest.is_empty() {
            return None;
        }
        let (name, after) = rest.split_at_checked(rest.find(|c| c == '=' || between(c)).unwrap_or(rest.len()))?;
        let mut value = "";
        rest = after;
        if let Some(after) = after.trim_start().strip_prefix('=') {
            (value, rest) = split_value(after.trim_start());
        }
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
    }
}

fn split_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    text.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> String {
        Tokens::new(html)
            .map(|token| match token {
                Token::Text(text) => text.to_owned(),
                Token::Open { name, .. } => format!("[{name}]"),
                Token::Close { name } => format!("[/{name}]"),
            })
            .collect()
    }

    #[test]
    fn tags_are_told_from_text() {
        for (html, tokens) in [
            ("<P>a</P >b<br/>", "[p]a[/p]b[br]"),
            ("I <3 you <> a < b > c </> <", "I <3 you <> a < b > c </> <"),
            ("Bob <bob@example.org> <https://example.org>", "Bob <bob@example.org> <https://example.org>"),
            ("<a href='x>y'>z</a>", "[a]z[/a]"),
            ("<p it's>a</p>", "[p]a[/p]"),
            ("<?xml version='1.0'?><!DOCTYPE html><!-- c > --><o:p>a</o:p><![endif]>", "[o:p]a[/o:p]"),
            ("<style>p > a {}</STYLE>a<script>if (a<b) {}</script>b<title>t</title><head><meta></head>", "ab"),
            ("a <b and <i>c</i>", "a <b and [i]c[/i]"),
            ("<a href=\"x>b <i>c</i>", "[a]b [i]c[/i]"),
            ("<!-- a", "<!-- a"),
            ("<style>a", "[style]a"),
            ("<!-->a<header>b", "a[header]b"),
            ("wow <! and <? too", "wow <! and <? too"),
        ] {
            assert_eq!(shown(html), tokens, "{html}");
        }
    }

    #[test]
    fn attributes_are_found_however_they_are_quoted() {
        for attributes in [" id=1 HREF=\"a b\"", " href = 'a b' /", "=x href='a b", " hidden href='a b'"] {
            assert_eq!(attribute(attributes, "href"), Some("a b"), "{attributes}");
        }
        assert_eq!(attribute(" href=https://example.org/ x", "href"), Some("https://example.org/"));
        assert_eq!(attribute(" data-href=x href", "href"), Some(""));
        assert_eq!(attribute(" title='href=x'", "href"), None);
    }
}
