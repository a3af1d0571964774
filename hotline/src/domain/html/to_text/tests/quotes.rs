//! Earlier mail below a reply, as mail programs mark it.

use super::super::to_text;
use super::texts;

/// Of each, only the agent's "Yes, at 8." goes to the phone.
#[track_caller]
fn only_the_reply(htmls: &[&str]) {
    for html in htmls {
        assert_eq!(to_text(html).text, "Yes, at 8.", "{html}");
        let text = to_text(&format!("{html}<div>and what stands beside it</div>")).text;
        assert_eq!(text, "Yes, at 8.", "{html}");
    }
}

#[test]
fn outlook_on_the_web_marks_where_the_earlier_mail_begins() {
    // freescout #5544.
    only_the_reply(&[
        "<div>Yes, at 8.</div><div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\">\
         <div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri\"><b>From:</b> Ann &lt;ann@example.org&gt;<br>\
         <b>Sent:</b> Monday, May 4, 2026 9:00 AM<br><b>To:</b> Team<br><b>Subject:</b> When?</font></div>\
         <div>A colleague's note: do not tell them.</div>",
        "<div>Yes, at 8.</div><hr tabindex=-1 style='display:inline-block; width:98%'><div>old</div>",
        "<p>Yes, at 8.</p><div id=divRplyFwdMsg>From: Ann</div><p>old</p>",
        "<p>Yes, at 8.</p><div id=x_divRplyFwdMsg>From: Ann</div><p>old</p>",
        "<p>Yes, at 8.</p><div id=\"m_-123456789divRplyFwdMsg\">From: Ann</div><p>old</p>",
        "<p>Yes, at 8.</p><div id='mail-editor-reference-message-container'><div><b>From:</b> Ann</div>old</div>",
        "<p>Yes, at 8.</p><hr id=\"stopSpelling\">From: ann@example.org<br>old",
    ]);
}

#[test]
fn outlook_on_a_desktop_draws_a_line_above_it() {
    let block = "<p class=MsoNormal><b>From:</b> Ann<br><b>Sent:</b> Monday, May 4, 2026<br><b>Subject:</b> When?</p>";
    for style in [
        "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in",
        "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm",
        "border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in",
        "border:none;border-top:solid #E5E5E5 1.0pt;padding:3.0pt 0in 0in 0in",
        "border-right: none; border-bottom: none; border-left: none; border-top: 1pt solid rgb(225, 225, 225); padding: 3pt 0in 0in",
        "border-width: 1pt medium medium; border-style: solid none none; border-color: rgb(225, 225, 225); padding: 3pt 0cm 0cm",
    ] {
        only_the_reply(&[
            &format!(
                "<p class=MsoNormal>Yes, at 8.<o:p></o:p></p><div><div style='{style}'>{block}</div></div><p>old</p>"
            ),
            &format!("<p>Yes, at 8.</p><div style=\"{style}\"><p>Someone else</p></div><p>old</p>"),
        ]);
    }
    only_the_reply(&[
        &format!("<div class=WordSection1><p class=MsoNormal>Yes, at 8.</p>{block}<p>old</p></div>"),
        "<p>Yes, at 8.</p><p><a name=\"_MailOriginal\">old</a></p>",
        "<div>Yes, at 8.</div><span id=\"OLK_SRC_BODY_SECTION\"><div>From: Ann</div><div>old</div></span>",
    ]);
}

#[test]
fn outlook_on_a_phone_marks_it() {
    only_the_reply(&[
        "<div>Yes, at 8.</div><div id=\"ms-outlook-mobile-signature\">Get <a href=\"https://aka.ms/o0ukef\">Outlook for iOS</a></div>\
         <div id=\"mail-editor-reference-message-container\" class=\"ms-outlook-mobile-reference-message skipProofing\">old</div>",
        "<div>Yes, at 8.</div><div class=\"ms-outlook-mobile-reference-message\">old</div>",
    ]);
}

#[test]
fn gmail_and_those_who_write_like_it_mark_it() {
    only_the_reply(&[
        "<div dir=ltr>Yes, at 8.</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=ltr class=gmail_attr>\
         On Mon, May 4, 2026 at 9:00 AM Ann &lt;ann@example.org&gt; wrote:<br></div><blockquote class=gmail_quote>old</blockquote></div>",
        "<div>Yes, at 8.</div><div class=gmail_extra><br><div class=\"gmail_quote\">On Monday Ann wrote:<blockquote>old</blockquote></div></div>",
        "<div>Yes, at 8.</div><div class=\"x_gmail_quote\">old</div>",
        "<div>Yes, at 8.</div><div class=\"m_-8801234567890123456gmail_quote\">old</div>",
        "<div>Yes, at 8.</div><div class=mail_android_quote>On Monday Ann wrote:<blockquote>old</blockquote></div>",
    ]);
}

#[test]
fn apple_mail_cites_it() {
    only_the_reply(&[
        "<div>Yes, at 8.</div><div><br><blockquote type=\"cite\"><div>On May 4, 2026, at 9:00 AM, Ann &lt;ann@example.org&gt; wrote:</div>old</blockquote></div>",
        "<div>Yes, at 8.<br><div><div>On 4 May 2026, at 09:00, Ann &lt;<a href=\"mailto:ann@example.org\">ann@example.org</a>&gt; wrote:</div>\
         <br class=\"Apple-interchange-newline\"><blockquote type=\"cite\" class=\"\">old</blockquote></div></div>",
        "<div dir=ltr>Yes, at 8.</div><div dir=ltr><br><blockquote type=CITE>Am 04.05.2026 um 09:00 schrieb Ann &lt;ann@example.org&gt;:<br>old</blockquote></div>",
        "<div>Yes, at 8.</div><div class=\"AppleOriginalContents\">old</div>",
        "<div>Yes, at 8.</div><div><br>Begin forwarded message:<blockquote type=cite>old</blockquote></div>",
    ]);
}

#[test]
fn the_others_mark_it_each_in_their_way() {
    only_the_reply(&[
        // GMX, WEB.DE, mail.com; chatmail/core #1560.
        "<div>Yes, at 8.</div><div name=\"quote\" style=\"margin:10px 5px 5px 10px; border-left:2px solid #C3D9E5\">\
         <div><b>Gesendet:</b> Montag<br><b>Von:</b> Ann</div><div name=\"quoted-content\">old</div></div>",
        "<div>Yes, at 8.</div><div name=\"quoted-content\">old</div>",
        // Yahoo, AOL; talon #254.
        "<div>Yes, at 8.</div><div id=\"yahoo_quoted_1234567890\" class=\"yahoo_quoted\"><div>On Monday, Ann wrote:</div>old</div>",
        "<div>Yes, at 8.</div><div id=\"ydp1a2b3c4dyahoo_quoted_123\" class=\"ydp1a2b3c4dyahoo_quoted\">old</div>",
        "<div>Yes, at 8.</div><div class=\"yiv1234567890yahoo_quoted\">old</div>",
        "<div>Yes, at 8.</div><div id=\"yqt12345\" class=\"yqt1234567890\">old</div>",
        // Thunderbird; osTicket #5548.
        "<p>Yes, at 8.</p><div class=\"moz-cite-prefix\">On 5/4/26 9:00, Ann wrote:<br></div><blockquote type=\"cite\" cite=\"mid:1\">old</blockquote>",
        "<p>Yes, at 8.</p><div class=\"moz-forward-container\">-------- Forwarded Message --------<br>old</div>",
        "<p>Yes, at 8.</p>Ann wrote:<br><blockquote cite=\"mid:1\" type=\"cite\">old</blockquote>",
        // Samsung.
        "<div>Yes, at 8.</div><div><br></div><div id=\"composer_signature\">Sent from my Galaxy</div><div><br></div>\
         <div><!-- originalMessage --><div>-------- Original message --------</div><div>From: Ann</div><div>old</div></div>",
        "<div>Yes, at 8.</div><div style=\"color:#000000\"><div>-------- Ursprüngliche Nachricht --------</div><div>Von: Ann</div></div>",
        // Proton, Tuta.
        "<div>Yes, at 8.</div><div class=\"protonmail_quote\">On Monday, Ann wrote:<blockquote class=protonmail_quote type=cite>old</blockquote></div>",
        "<div>Yes, at 8.</div><blockquote class=\"tutanota_quote\">old</blockquote>",
        // Zimbra, Zoho, Roundcube, Front, Spark, Help Scout.
        "<div>Yes, at 8.</div><hr id=\"zwchr\" data-marker=\"__DIVIDER__\"><div data-marker=\"__HEADERS__\">From: Ann</div>old",
        "<div>Yes, at 8.</div><div class=\"zmail_extra_hr\"></div><div class=\"zmail_extra\">old</div>",
        "<p>Yes, at 8.</p><p id=\"reply-intro\">On 2026-05-04 09:00, Ann wrote:</p><blockquote type=cite>old</blockquote>",
        "<p>Yes, at 8.</p><blockquote class=\"front-blockquote\">old</blockquote>",
        "<p>Yes, at 8.</p><div name=\"messageReplySection\">old</div>",
        "<p>Yes, at 8.</p><div class=\"help-scout-quoted-text\">old</div>",
    ]);
}

#[test]
fn earlier_mail_that_only_its_words_mark_is_dropped() {
    texts(&[
        // email_reply_parser #40: nothing before the lines that are quoted.
        ("Yes\n\nOn Tuesday, February 10, 2015 4:25 PM, Ann <ann@example.org> wrote:\n\nold", "Yes"),
        ("Yes\n\nOn Oct 6, 2015, at 9:36 PM, Ann <ann@example.org<mailto:ann@example.org>> wrote:\n\nold", "Yes"),
        ("Yes\n\nOn Mon, May 4, 2026 at 9:00 AM Ann Byron\n<ann@example.org> wrote:\n> old", "Yes"),
        ("Ja\n\nAm 04.05.2026 um 09:00 schrieb Ann Byron:\n> alt", "Ja"),
        ("Oui\n\nLe lun. 4 mai 2026 à 09:00, Ann <ann@example.org> a écrit :\n> vieux", "Oui"),
        ("Sí\n\nEl lun, 4 may 2026 a las 9:00, Ann (<ann@example.org>) escribió:\n> viejo", "Sí"),
        ("Sì\n\nIl giorno lun 4 mag 2026 alle ore 09:00 Ann <ann@example.org> ha scritto:\n> vecchio", "Sì"),
        ("Да\n\n04.05.2026, 09:00, \"Ann\" <ann@example.org>:\n> old", "Да"),
        ("Yes\n\n-----Original Message-----\nFrom: Ann\nold", "Yes"),
        ("Yes\n\n---------- Forwarded message ---------\nold", "Yes"),
        ("Oui\n\n-------- Message d'origine --------\nvieux", "Oui"),
        (
            "Yes\n\n________________________________\nFrom: Ann <ann@example.org>\nSent: Monday\nTo: Team\nSubject: When?\n\nold",
            "Yes",
        ),
        ("Yes<br>From: Ann<br>Subject: When?<br>Date: May 4, 2026<br>To: Team<br><br>old", "Yes"),
        ("Ja<br>Gesendet: Montag<br>Von: \"Ann\"<br>An: Team<br>Betreff: Wann?<br>alt", "Ja"),
        ("はい<br>差出人: Ann<br>送信日時: 2026年5月4日<br>宛先: Team<br>件名: いつ<br>old", "はい"),
        ("Ja<br><br>Von: Ann<br>Gesendet: Montag<br>An: Team<br>Betreff: Wann?<br><br>alt", "Ja"),
        (
            "<p>Oui</p><p><b>De :</b> Ann<br><b>Envoyé :</b> lundi<br><b>À :</b> Team<br><b>Objet :</b> Quand ?</p>vieux",
            "Oui",
        ),
        ("Yes, on May 4, 2026.\nOn Mon, May 4, 2026 at 9:00 AM Ann wrote:\n> old", "Yes, on May 4, 2026."),
        (
            "Yes<br>On Mon, May 4, 2026 at 9:00 AM Ann &lt;ann@example.org&gt; wrote:<br><blockquote>old</blockquote>",
            "Yes",
        ),
    ]);
}

#[test]
fn words_that_only_look_like_a_quotation_are_kept() {
    for text in [
        "From: Oak Street\nTo: Town hall",
        "Write a mail.\nFrom: you\nTo: board@example.org\nSubject: My vote",
        "Date: May 4\nFrom: 9:00\nTo: 5:00",
        "You wrote:\nI cannot come. Why?",
        "In your mail of May 4 you wrote:\n> where?\nAt the town hall.",
        "-- Original --\nmessage",
        "On May 4 at 9:00 Ann will be there:\nroom 5",
        "The subject: voting\nfrom: Monday",
    ] {
        assert_eq!(to_text(text).text, text);
    }
    texts(&[
        ("<hr><p>a</p><hr><p>b</p>", "a\n\nb"),
        ("<div style='border-top:1px solid #ccc;padding:3px'>a</div>b", "a\nb"),
        ("<div class=quote>a</div><div id=quoted>b</div>", "a\nb"),
    ]);
}

#[test]
fn a_reply_below_the_quotation_is_sent() {
    // osTicket-1.7 #787: where nothing precedes the quotation, the reply follows it.
    texts(&[
        ("<blockquote type=cite>old</blockquote><div>Yes</div>", "Yes"),
        (
            "<div>On May 4, 2026, Ann &lt;ann@example.org&gt; wrote:</div><blockquote type=cite>old</blockquote><div>Yes</div>",
            "Yes",
        ),
        (
            "<div class=moz-cite-prefix>On 5/4/26 9:00, Ann wrote:</div><blockquote type=cite>old</blockquote><p>Yes</p>",
            "Yes",
        ),
        ("<div class=gmail_quote>old</div><div>Yes</div><div class=gmail_quote>older</div>no", "Yes"),
        ("On Mon, May 4, 2026 at 9:00 AM Ann wrote:\n> old\n> older\n\nYes\nAnn", "Yes\nAnn"),
        ("<div id=divRplyFwdMsg>From: Ann</div>old", ""),
    ]);
}
