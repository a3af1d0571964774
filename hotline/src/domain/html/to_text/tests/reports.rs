//! Public reports of other programs that read replies, each with the project and its number.

use super::super::to_text;
use super::texts;

#[test]
fn lines_that_say_who_wrote_may_be_broken_anywhere() {
    texts(&[
        // zapier/email-reply-parser #15, #4; github/email_reply_parser #77.
        ("Yes\n\n2014-12-11 23:51 GMT+02:00 Ann <ann@example.org>:\n> old", "Yes"),
        ("Yes\n\nOn 2 July 2013 15:21, <\nteam+bf2b64b6e34b11e2aeda@example.org>wrote:\n\nold", "Yes"),
        ("Yes\n\nOn Fri, Apr 3, 2020 at 12:32 PM Ann <\nann@example.org> wrote:\n\n> old", "Yes"),
        // crisp-oss/email-reply-parser #29, #46.
        ("Ja\n\nAnn Byron <ann@example.org> schrieb am So., 23.\nJuni 2024, 21:08:\n\n> alt", "Ja"),
        ("Ja\n\nAm Fr., 28. Nov. 2025 um 15:57 Uhr schrieb Ann <\nann@example.org>:\n\n> alt", "Ja"),
        ("Ja\n\nAm Fr., 28. Nov. 2025 schrieb Ann <ann@example.org>:\n\n> alt", "Ja"),
        // odysseus #1675.
        ("Yes\n\nOn Wed, Jan 1, 2025, Ann wrote:\n\n> old", "Yes"),
        // alfonsrv/mail-parser-reply #31.
        ("Ja\n\nDen mån 4 maj 2026 kl 09:00 skrev Ann Byron <ann@example.org\n>:\n\n> gammalt", "Ja"),
        ("Sí\n\nEl mié, 3 abr 2024 a las 12:32, Ann Byron (<ann@example.org>)\nescribió:\n\n> viejo", "Sí"),
        // The same before an element that quotes.
        (
            "<div>Ja</div><div>Ann &lt;ann@example.org&gt; schrieb am So., 23.<br>Juni 2024, 21:08:</div><blockquote type=cite>alt</blockquote>",
            "Ja",
        ),
        (
            "<div>Yes</div>On 2 July 2013 15:21, &lt;<br>ann@example.org&gt; wrote:<br><blockquote type=cite>old</blockquote>",
            "Yes",
        ),
        ("<div>Yes</div>On Monday, May 4<br>Ann wrote:<br><blockquote type=cite>old</blockquote>", "Yes"),
    ]);
}

#[test]
fn quoted_lines_in_odd_forms_are_dropped() {
    texts(&[
        // crisp-oss/email-reply-parser #32: some quoted lines begin with a space.
        (
            "Yes\n\n----------- Original Message -----------\nFrom: \"S.\"\nSubject: Sync\n\n> Hey\n >\n > Tuesday",
            "Yes",
        ),
        // chatwoot #10616: a scanner's line follows.
        ("Yes\n\nOn 12/23/24 at 10:29 Ann Byron wrote:\n>\n> old\n>\n\n-- \nThis e-mail has been scanned", "Yes"),
        // talonjs #2: the block in French.
        (
            "Oui\n\nDe : Ann [mailto:ann@example.org]\nEnvoyé : lundi 4 mai 2026\nÀ : Team\nObjet : Quand ?\n\nvieux",
            "Oui",
        ),
        // The block with its names in bold, in a table, with spaces that do not break.
        (
            "<p>Yes</p><table><tr><td><b>From:</b></td><td>Ann</td></tr><tr><td><b>Sent:</b></td><td>May 4</td></tr><tr><td><b>Subject:</b></td><td>x</td></tr></table>old",
            "Yes",
        ),
        ("<p>Oui</p><p>De&nbsp;: Ann<br>Date&nbsp;: lundi<br>Objet&nbsp;: x</p>vieux", "Oui"),
        // freescout #5545: a line is drawn above the block.
        ("Ja<br>-------------------------<br>Von: Team<br>Gesendet: Mittwoch<br>An: Ann<br>Betreff: x<br>alt", "Ja"),
        // freescout #461.
        ("Ja\n\n-- Bitte oberhalb dieser Linie antworten --\nalt", "Ja"),
        // email_reply_parser #46: the dashes may be bold.
        ("Yes<br><b>-- </b><br>Ann", "Yes"),
        // odoo #192875.
        ("<p>Yes</p><span data-o-mail-quote=1 class=odoo_signature_wrapper>-- <br>Ann</span>", "Yes"),
    ]);
}

#[test]
fn what_others_lost_is_kept() {
    for text in [
        // talon #129: words after a colon.
        "I sent something wrong. Here they are:-\n\nVisa\n\nAnn Byron\n\n4011 3000 1333 7555\n\n06/17",
        "Add these to your contacts:\n\nann@example.org\n\nkit@example.org",
        "Add these on 5/4/26 at 9:00 to the contacts of ann@example.org and call:\n555 010 0001",
        // email_reply_parser #9: a paragraph that begins with "On".
        "On Monday we are open from 9:00 to 5:00.\n\nOn May 4, 2026 we are closed, as Ann wrote.",
        "Ann wrote:\nyes\n\nKit wrote:\nno",
    ] {
        assert_eq!(to_text(text).text, text);
    }
    texts(&[
        // turbohtml #403: a list right in a list.
        ("<ul><li>A</li><ul><li>B</li><li>C</li></ul><li>D</li></ul>", "- A\n  - B\n  - C\n- D"),
        ("<ol><li>A</li><ol type=a><li>B</li></ol><li>C</li></ol>", "1. A\n  a. B\n2. C"),
        // html-to-text #190: items that are not closed.
        (
            "<ol><li>one</li><li>two<ol><li>in<li>bold</ol><li>three</ol><ul><li>x</ul>",
            "1. one\n2. two\n  1. in\n  2. bold\n3. three\n- x",
        ),
        // html-to-text #275, #179: what is hidden.
        ("<textarea style=\"display:none;\">&lt;style&gt;</textarea>yes", "yes"),
        ("<p><span class=text-only style=\"display: none;\">Sent by: </span>Ann</p>", "Ann"),
        // freescout #4460, #121: a quotation of the agent's own.
        ("<p>See what Kit wrote:</p><blockquote><p>come at 8</p></blockquote>", "See what Kit wrote:\n\n> come at 8"),
        ("<blockquote>Kit wrote:<br>come at 8</blockquote>", "> Kit wrote:\n> come at 8"),
        ("<p>Hi</p><blockquote><p>section 5</p></blockquote><p>Bye</p>", "Hi\n\n> section 5\n\nBye"),
        // freescout #3314: Thunderbird's answer below.
        (
            "<div class=moz-cite-prefix>Am 04.05.26 um 09:00 schrieb Ann:<br></div><blockquote type=cite><p>alt</p></blockquote><p>Ja</p>",
            "Ja",
        ),
        // zammad #1912, epadd #376: Outlook's smiley.
        ("<span style='font-size:11.0pt;font-family:Wingdings;color:#1F497D'>J</span>", "🙂"),
        // ecmarkup #516, whatwg/html #7685: raised digits.
        ("If x is 10<sup>21</sup> or 10<sup>6</sup>", "If x is 10^21 or 10^6"),
        // message-segment-calculator #46, #49: a joiner that joins nothing.
        ("Mit besten Grüßen\u{200c}", "Mit besten Grüßen"),
        // talon #20: Gmail puts the whole mail into its mark, and nothing is quoted in it.
        ("<div class=gmail_quote>old</div>", ""),
    ]);
}
