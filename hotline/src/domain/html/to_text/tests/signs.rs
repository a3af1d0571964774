//! References, fonts of pictures, rows, lines and quotation marks.

use super::super::to_text;
use super::texts;

#[test]
fn every_name_of_a_character_is_known() {
    texts(&[
        ("10 &asymp; 11 &infin; &ne;", "10 ≈ 11 ∞ ≠"),
        ("&check; &star; &spades; &rArr; &harr;", "✓ ☆ ♠ ⇒ ↔"),
        ("&alpha; &Omega; &pi; &permil; &sum; &radic;", "α Ω π ‰ ∑ √"),
        ("a &commat; b &num;1 &lpar;x&rpar;", "a @ b #1 (x)"),
        ("a&lrm;b&zwnj;c&zwj;d&NoBreak;e&ZeroWidthSpace;f&shy;g", "abcdefg"),
        ("a&nbsp;b&ensp;c&emsp;d&thinsp;e&hairsp;f&numsp;g&MediumSpace;h", "a b c d e f g h"),
        ("a&NewLine;b&Tab;c", "a\nb c"),
        ("<p>&fjlig; &bne; &acE;</p>", "fj =\u{20e5} ∾\u{333}"),
    ]);
    assert!(!to_text("<p dir=\"rtl\">שלום&rlm; 5&lrm;</p>").text.contains('&'));
}

#[test]
fn outlooks_pictures_are_not_letters() {
    texts(&[
        ("See you <span style=\"font-family:Wingdings\">J</span>", "See you 🙂"),
        ("See you <span style='font-family:Wingdings;color:#1F497D'>J</span><o:p></o:p>", "See you 🙂"),
        ("See you <font face=\"Wingdings\">J</font> <font face='wingdings, Arial'>L K</font>", "See you 🙂 🙁 😐"),
        ("<span style='font:11.0pt \"Wingdings\"'>J</span>", "🙂"),
        ("<span style='mso-ascii-font-family:Calibri;font-family: \"Wingdings\" !important'>\u{f04a}</span>", "🙂"),
        (
            "a <span style='font-family:Wingdings'>\u{e0}</span> b <span style='font-family:Wingdings'>\u{df}</span>",
            "a -> b <-",
        ),
        ("<span style='font-family:Wingdings'>\u{e8} \u{f3} \u{fc}</span>", "=> <=> ✓"),
        (
            "a<span style='font-family:Wingdings'>\u{7f}Z;</span>b <span style='font-family:Wingdings'>🎉</span>",
            "ab 🎉",
        ),
        ("<span style='font-family:Wingdings'><span style='font-family:Arial'>J</span></span>", "J"),
        ("<span style='font-family:Symbol'>a \u{b7} 5\u{a3}</span>", "α - 5≤"),
        ("<span style='font-family:\"Wingdings 2\"'>P</span> <span style='font-family:Webdings'>a</span>", "✓ ✓"),
        ("<i style='font-family:FontAwesome'>\u{f015}</i>home", "home"),
        ("<span style=\"font-family:Arial\">J</span>ohn, Room J", "John, Room J"),
        ("<span style=\"font-family:Arial,Wingdings\">J</span>", "J"),
    ]);
}

#[test]
fn words_own_lists_have_marks() {
    let item = |font: &str, mark: &str, words: &str| {
        format!(
            "<p class=MsoListParagraph style='text-indent:-.25in;mso-list:l0 level1 lfo1'><![if !supportLists]>\
             <span style='font-family:{font}'><span style='mso-list:Ignore'>{mark}<span style='font:7.0pt \"Times New Roman\"'>\
             &nbsp;&nbsp;&nbsp; </span></span></span><![endif]>{words}<o:p></o:p></p>"
        )
    };
    texts(&[
        (&item("Symbol", "·", "one"), "- one"),
        (&item("\"Courier New\"", "o", "one"), "- one"),
        (&item("Wingdings", "§", "one"), "- one"),
        (&item("Calibri", "1.", "one"), "1. one"),
        (&item("Calibri", "a)", "one"), "a) one"),
    ]);
}

#[test]
fn a_row_of_a_table_is_a_line() {
    texts(&[
        (
            "<table><tr><td><p>Mon</p></td><td><p>9-5</p></td></tr><tr><td><p>Tue</p></td><td><p>9-6</p></td></tr></table>",
            "Mon 9-5\nTue 9-6",
        ),
        ("<table><tr><td><div>Mon</div></td><td><div>9-5</div></td></tr></table>", "Mon 9-5"),
        (
            "<table><tbody><tr><th><p>Day<br>name</p></th>\n<td><h3>9</h3><div>5</div></td></tr></tbody></table>after",
            "Day name 9 5\nafter",
        ),
        ("a<table><tr><td><p>b</p><td><p>c</p><tr><td>d<td><p>e</p></table><p>f</p>", "a\nb c\nd e\n\nf"),
        // Tables that lay out a page.
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "a\n\nb"),
        ("<table><tr><td>&nbsp;</td><td><p>a</p><p>b</p></td><td></td></tr></table>", "a\n\nb"),
        (
            "<table><tr><td><table><tr><td><p>a</p></td><td><p>b</p></td></tr></table></td><td>c</td></tr></table>",
            "a b\nc",
        ),
        ("<table><tr><td><ul><li>a</li><li>b</li></ul></td><td>c</td></tr></table>", "- a\n- b\nc"),
    ]);
}

#[test]
fn line_ends_that_are_shown_are_kept() {
    texts(&[
        ("<div style=\"white-space: pre-wrap\">Bring:\npassport\nphoto</div>", "Bring:\npassport\nphoto"),
        ("<span style=\"white-space:pre-wrap;\">a\nb</span><br>c\nd", "a\nb\nc d"),
        ("<div style='WHITE-SPACE:PRE-LINE'>a\nb <b>c\nd</b></div>", "a\nb c\nd"),
        ("<div style='white-space:break-spaces'>a\r\nb</div><textarea>c\nd</textarea>", "a\nb\nc\nd"),
        ("<div style=\"white-space: normal\">a\nb</div><div style='white-space:nowrap'>c\nd</div>", "a b\nc d"),
        ("<pre>a\n<span style='white-space:normal'>b\nc</span></pre>", "a\nb c"),
        ("a\u{2028}b<br>c", "a\nb\nc"),
        ("<p>a</p><pre>\nb</pre>", "a\n\nb"),
        ("a<pre>\nb\n\nc</pre>", "a\nb\n\nc"),
    ]);
}

#[test]
fn quotation_marks_of_q_are_said() {
    texts(&[
        ("They said <q>yes</q> to it.", "They said \"yes\" to it."),
        ("<q>a <q>b</q> c</q>", "\"a 'b' c\""),
        ("a</q>b", "ab"),
        ("<del><q>no</q></del>yes", "yes"),
    ]);
}
