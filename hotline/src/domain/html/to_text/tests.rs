use super::to_text;
use proptest::prelude::*;

mod addresses;
mod invisible;
mod left_out;
mod numbers;
mod pictures;
mod quotes;
mod reports;
mod signatures;
mod signs;
mod variables;

fn texts(cases: &[(&str, &str)]) {
    for (html, text) in cases {
        assert_eq!(to_text(html).text, *text, "{html}");
    }
}

#[test]
fn lines_stand_as_a_browser_shows_them() {
    texts(&[
        (" abc <p>foo <br /> bar</p>  ", "abc\n\nfoo\nbar"),
        ("line1<br>line2", "line1\nline2"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div>a<br></div><div><br></div><div>b</div>", "a\n\nb"),
        ("<p>a</p>\n<p>&nbsp;</p>\n<p></p>\n<p>b</p>", "a\n\nb"),
        ("<h2>Polls</h2>open<br>\n<br>\n<br>\ntoday", "Polls\n\nopen\n\ntoday"),
        ("<div>a</div><div>&nbsp;</div><div>b</div>", "a\n\nb"),
        ("one\n  two&nbsp; three <b>f</b>our", "one two three four"),
        ("<table><tr><td>Mon</td><td>9-5</td></tr><tr><td>Tue</td><td>9-6</td></tr></table>", "Mon 9-5\nTue 9-6"),
        ("<pre>a\n b</pre>c\nd", "a\nb\nc d"),
        ("<br><div> <br></div>", ""),
    ]);
}

#[test]
fn lists_keep_their_marks() {
    texts(&[
        ("Bring:<ul><li>a</li>\n<li>b</li></ul>Bye", "Bring:\n- a\n- b\nBye"),
        ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
        ("<ol start=9><li>a</li><li><p>b</p></li></ol>", "9. a\n10. b"),
        ("<ul><li>a<ul><li>b<br>c</li></ul></li><li>d<ol><li>e</li></ol></li></ul>", "- a\n  - b\n    c\n- d\n  1. e"),
        ("<p>a</p><ul><li></li><li>b</li></ul><p>c</p>", "a\n\n- b\n\nc"),
        ("<li>a</li>", "- a"),
    ]);
}

#[test]
fn a_link_says_where_it_leads_once() {
    texts(&[
        (
            "See <a href=\"https://example.org/a?b=1&amp;c=2\">the <b>map</b></a>.",
            "See the map (https://example.org/a?b=1&c=2).",
        ),
        ("<a href=\"https://example.org/\">https://example.org</a>", "https://example.org/"),
        ("<a href='https://example.org'>Example.org</a>!", "https://example.org!"),
        ("<ul><li><a href='https://example.org/x'>example.org/x</a></li></ul>", "- https://example.org/x"),
        ("<a href='mailto:a@example.org?subject=x'>a@example.org</a>", "a@example.org"),
        ("<a href='mailto:a@example.org'>write us</a>", "write us (a@example.org)"),
        ("<a href='tel:+15550100001'>(555) 010-0001</a>", "(555) 010-0001"),
        ("<a href='tel:+15550100001'>call us</a>", "call us (+15550100001)"),
        ("<a href='javascript:x()'>a</a> <a href='#b'>b</a> <a name=c>c</a>", "a b c"),
        ("<a href='https://example.org'></a>", "https://example.org"),
        ("<a href='https://example.org'>never closed", "never closed (https://example.org)"),
        ("<a href='https://example.org/1'><div>a</div></a><div>b</div>", "a (https://example.org/1)\nb"),
    ]);
}

#[test]
fn earlier_mail_is_dropped_and_an_agents_own_quote_is_kept() {
    texts(&[
        ("<blockquote>You asked<br>where</blockquote>Here", "> You asked\n> where\nHere"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n> > b"),
        ("yes<blockquote type=\"cite\"><p>old <blockquote>older</blockquote></p></blockquote>bye", "yes"),
        ("yes<div class=\"gmail_quote gmail_quote_container\">On Monday <div>old</div></div>", "yes"),
        ("yes <span class=yahoo_quoted><ul><li><a href='https://example.org'>old</span> and no", "yes"),
        ("yes<div class=\"help-scout-quoted-text\">old</div>", "yes"),
        ("yes<div class=gmail_quote>never closed", "yes"),
    ]);
}

#[test]
fn the_signature_is_cut_at_the_last_line_of_two_dashes() {
    texts(&[
        ("foo\nbar -- baz\n-- bax\n--\nsome signature", "foo\nbar -- baz\n-- bax"),
        ("hi<br>--<br>sig", "hi"),
        ("hi<br>-- <br>sig", "hi"),
        ("<p>hi</p><p>--&nbsp;</p><p>sig</p>", "hi"),
        ("<div>hi</div><div>--</div><div>sig<br>more</div>", "hi"),
        ("hi\r\n-- \r\nsig", "hi"),
        ("hi\n--", "hi"),
        ("a\n--\nb\n--\nc", "a\n--\nb"),
        ("a -- b<br>---<br>-- c", "a -- b\n---\n-- c"),
        ("<ul><li>--</li></ul>", "- --"),
    ]);
}

#[test]
fn a_reply_that_is_only_a_signature_says_nothing() {
    texts(&[("--\nsig", ""), ("<img src=map.png><br>--<br>sig", "")]);
}

#[test]
fn hidden_parts_are_not_sent() {
    texts(&[
        ("<style>p {}</style>hi<script>let a = '<b>';</script>", "hi"),
        ("<html><head><title>t</title></head><body>hi<!-- <p>no</p> --></body></html>", "hi"),
        ("<p>hi</p><!--[if mso]><p>no</p><![endif]--><![CDATA[no]]>", "hi"),
        ("<p title=\"<b>no</b>\" data-x='>no'>hi</p>", "hi"),
        ("<p>hi<noscript><a href='https://example.org'>no</a></noscript>", "hi"),
        ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n<p>hi</p>", "hi"),
    ]);
}

#[test]
fn plain_text_keeps_its_lines_and_its_angle_brackets() {
    texts(&[
        ("Tom &amp; Jerry\n\n\n\nbye  now\r\n", "Tom & Jerry\n\nbye now"),
        ("I <3 you", "I <3 you"),
        ("a < b > c", "a < b > c"),
        ("<>", "<>"),
        ("AT&T &hellip; &#x1F600;\u{200b}", "AT&T … 😀"),
    ]);
}

#[test]
fn references_are_decoded_once() {
    texts(&[
        ("<p>&amp;lt;b&amp;gt; &lt;b&gt;</p>", "&lt;b&gt; <b>"),
        ("<a href='https://example.org/?a=1&amp;lt=2'>x</a>", "x (https://example.org/?a=1&lt=2)"),
        ("<p>&lt;a href='https://example.org'&gt;x&lt;/a&gt;</p>", "<a href='https://example.org'>x</a>"),
    ]);
}

#[test]
fn tags_that_are_not_closed_lose_nothing() {
    texts(&[
        ("<p>a<p>b<div>c", "a\n\nb\nc"),
        ("<b>a<i>b</b>c", "abc"),
        ("<table><tr><td>a<td>b<tr><td>c", "a b\nc"),
        ("a</p></div></ul></blockquote>b", "a\n\nb"),
        ("<p>a</p>see <b", "a\n\nsee <b"),
    ]);
}

#[test]
fn pictures_are_reported_and_emoji_are_words() {
    for (html, text, has_images) in [
        ("<img src='a.png' alt='A map'>", "", true),
        ("hi <img class=\"emoji\" alt=\":)\">", "hi :)", false),
        ("hi <img alt=\"👋🏽\" src=x>!", "hi 👋🏽!", false),
        ("<div>hi</div><div><img src=a></div>--<br>sig<img src=logo>", "hi", true),
        ("hi<br>--<br>sig <img src=logo>", "hi", false),
        ("<img src=a><br>--<br>sig <img src=logo>", "", true),
        ("hi<div class=gmail_quote><img src=old></div>", "hi", false),
    ] {
        let reply = to_text(html);
        assert_eq!((reply.text.as_str(), reply.has_images), (text, has_images), "{html}");
    }
}

#[test]
fn hostile_input_costs_no_more_than_its_length() {
    let parts = [
        "<",
        "<a",
        "<a ",
        "<!--",
        "<style>",
        "<a b=\"",
        "<a =\"<a \"",
        "<a ='\"'",
        "</",
        "<?x",
        "<ul><li>x",
        "<blockquote>x",
        "&",
        "&#x",
        "<div class=gmail_quote>x</div>",
        "<a href=https://example.org>x",
        "<b/",
        "--\n",
        "<pre>\n",
        "<!x",
        "<head><title>",
        "<![CDATA[",
        "<!--[if mso]>x",
        "<script><!--<script>",
        "&CounterClockwiseContourIntegra",
        "<p a=1 ",
        "<a b='&amp;",
        "<noscript></noscript>",
        "\r",
        "<b><s>x",
        "<i></b>x",
        "<p><s>x",
        "<table><tr><td>x",
        "<ol reversed><li>x",
        "<span style='display:none;color:x'>",
        "<sup>1",
        "<q>x",
        "{%a",
        "{%a,fallback=%}",
        "https://www.google.com/url?q=",
        "On 1/1/2026 a@example.org\n",
        "From: x\n",
        "a\u{200d}\u{200e}",
    ];
    let each = parts.iter().map(|part| part.repeat(200_000 / part.len()));
    let all = parts.concat();
    for html in each.chain([all.repeat(1_000_000 / all.len())]) {
        // Quadratic behaviour would take minutes; the size of the answer shows that no margin grows either.
        assert!(to_text(&html).text.len() <= 8 * html.len(), "{}", html.get(..20).unwrap_or_default());
    }
}

/// Well-formed HTML and its words in order.
fn well_formed() -> impl Strategy<Value = (String, Vec<String>)> {
    let word = "[a-z0-9]{1,6}".prop_map(|word| (format!(" {word} "), vec![word]));
    word.prop_recursive(5, 40, 5, |inner| {
        let elements = ["b", "p", "div", "ul", "ol", "li", "h1", "tr", "td", "blockquote", "span", "a", "pre", "o:p"];
        (prop::sample::select(elements.to_vec()), prop::collection::vec(inner, 0..5)).prop_map(|(element, children)| {
            let inner: String =
                children.iter().map(|(html, _)| html.as_str()).collect::<Vec<_>>().join("<br/><!-- no -->");
            let words = children.into_iter().flat_map(|(_, words)| words).collect();
            (format!("<{element} title=\"a > b\">{inner}</{element}>"), words)
        })
    })
}

proptest! {
    #[test]
    fn words_survive_in_order_and_tags_do_not((html, words) in well_formed()) {
        let text = to_text(&html).text;
        prop_assert!(!text.contains('<') && !text.contains("title") && !text.contains("\n\n\n"));
        let is_mark = |word: &&str| matches!(*word, ">" | "-") || word.ends_with('.');
        let kept: Vec<_> = text.split_whitespace().filter(|word| !is_mark(word)).collect();
        prop_assert_eq!(kept, words);
    }

    #[test]
    fn garbage_never_panics(html in "(<|>|</|<!--|-->|\"|'|=|&|;|#|--|\n|<a href=|<li>|<ul>|</ul>|<div class=gmail_quote>|</div>|<blockquote>|<style>|é|😀|x| ){0,40}") {
        let text = to_text(&html).text;
        prop_assert_eq!(text.trim(), &text);
        super::super::normalised(&html);
    }

    #[test]
    fn any_text_at_all_never_panics(html in any::<String>()) {
        to_text(&html);
    }
}
