//! What Help Scout's editor makes of HTML: bodies do not read back as they were written.
//!
//! The real rules are not documented. These are plausible ones, so that no test compares bytes.

/// The body as it reads back.
pub(super) fn rewrite(text: &str) -> String {
    let text = without_element(text, "script");
    let text = without_element(&text, "style");
    let text = text.replace("\r\n", "\n").replace("<br/>", "<br>").replace("<br />", "<br>");
    let text = text.replace("&#39;", "'").replace("&#x27;", "'").replace("&quot;", "\"").replace("  ", "&nbsp; ");
    link_addresses(text.trim_end_matches("<br>"))
}

/// The first characters of the text without tags.
pub(super) fn preview(text: &str) -> String {
    let mut inside = false;
    let shown = text.chars().filter(|c| {
        let was_inside = inside;
        inside = (inside || *c == '<') && *c != '>';
        !was_inside && !inside
    });
    // 80 characters: about what the inbox list shows.
    shown.take(80).collect()
}

fn without_element(text: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, from)) = rest.split_once(&open) {
        kept.push_str(before);
        rest = from.split_once(&close).map_or("", |(_, after)| after);
    }
    kept + rest
}

/// Wraps bare addresses in links; those inside a tag or a link stay.
fn link_addresses(text: &str) -> String {
    let mut linked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("https://") {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| c.is_whitespace() || "<\"'".contains(c)).unwrap_or(from.len());
        let (address, after) = from.split_at(end);
        linked.push_str(before);
        let bare = linked.is_empty() || linked.ends_with(char::is_whitespace) || linked.ends_with("<br>");
        if bare {
            linked.extend(["<a href=\"", address, "\">", address, "</a>"]);
        } else {
            linked.push_str(address);
        }
        rest = after;
    }
    linked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_read_back_changed_but_with_the_same_words() {
        for (written, read) in [
            ("one<br/>two<br />three<br>", "one<br>two<br>three"),
            ("it&#39;s  &quot;here&quot;", "it's&nbsp; \"here\""),
            ("<style>p{}</style>a<script>x()</script>b", "ab"),
            ("see https://example.org/a now", "see <a href=\"https://example.org/a\">https://example.org/a</a> now"),
            (
                "<a href=\"https://example.org\">https://example.org</a>",
                "<a href=\"https://example.org\">https://example.org</a>",
            ),
        ] {
            assert_eq!(rewrite(written), read);
        }
    }

    #[test]
    fn a_preview_has_no_tags() {
        assert_eq!(preview("<p>Where do <b>I</b> vote?</p>"), "Where do I vote?");
    }
}
