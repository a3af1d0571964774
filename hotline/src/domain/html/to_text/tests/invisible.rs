//! Signs that nobody sees.

use super::super::super::normalised;
use super::super::to_text;
use super::texts;

#[test]
fn signs_that_mean_nothing_are_taken_out() {
    texts(&[
        ("a\u{200b}b\u{2060}c\u{200e}d\u{feff}e\u{ad}f\u{200c}g\u{200d}h\u{fe0f}i", "abcdefghi"),
        ("a\u{a0}b\u{202f}c\u{2009}d\u{205f}e\u{2007}f", "a b c d e f"),
        ("\u{feff}<p>a\u{200b}</p><p>\u{200b}</p><p>b</p>", "a\n\nb"),
        ("a \u{200b} b", "a b"),
        ("\u{202a}+1 555 010 0001\u{202c}", "+1 555 010 0001"),
        ("\u{2068}Ann\u{2069}\u{61c}\u{200f} \u{fffc}x\u{34f}\u{180e}", "Ann x"),
        ("hi<br>--\u{200b}<br>sig", "hi"),
        ("hi<br>\u{200b}Sent from my iPhone\u{feff}", "hi"),
        ("👍\u{200d} ok", "👍 ok"),
    ]);
}

#[test]
fn signs_that_mean_something_stay() {
    for text in [
        "می\u{200c}خواهم",
        "שלום \u{200e}(5)\u{200f}",
        "\u{2067}مرحبا\u{2069}",
        "👨\u{200d}👩\u{200d}👧\u{200d}👦",
        "🏳\u{fe0f}\u{200d}🌈 ❤\u{fe0f} 1\u{fe0f}\u{20e3} ☺\u{fe0e}",
        "👩🏽\u{200d}🚀",
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        "क\u{94d}\u{200d}ष श\u{94d}\u{200c}र",
        "\u{5d0}\u{5b7}\u{5d1}",
    ] {
        assert_eq!(to_text(text).text, text);
        assert_eq!(to_text(&format!("<p>{text}</p>")).text, text);
    }
}

#[test]
fn they_are_no_reason_to_tell_what_was_sent() {
    for html in
        ["a\u{200e}b", "a&lrm;b&#8203;", "a\u{202f}b", "שלום\u{200e}", "👨\u{200d}👩", "a\u{200d}b", "x\u{fe0f}"]
    {
        assert_eq!(normalised(html), to_text(html).text, "{html}");
    }
}
