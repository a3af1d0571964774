//! Pictures that are words, and pictures that show nothing.

use super::super::to_text;

#[test]
fn emoji_that_are_pictures_are_said() {
    for (html, text) in [
        (
            "<img alt=\"🙂\" data-emoji=\"🙂\" class=\"an1\" src=\"https://fonts.gstatic.com/s/e/notoemoji/15.0/1f642/72.png\">",
            "🙂",
        ),
        ("<img src=\"https://mail.google.com/mail/e/1f642\" goomoji=\"1f642\" data-goomoji=\"1f642\">", "🙂"),
        ("<img src=\"https://example.org/emoji/72x72/1f468-200d-1f469-200d-1f467.png\">", "👨\u{200d}👩\u{200d}👧"),
        ("<img src=\"https://example.org/noto/emoji_u1f642.svg?v=1\">", "🙂"),
        ("<img alt=\"1️⃣\">", "1️⃣"),
        ("<img alt='©️'>", "©️"),
        ("<img alt=':)' class='wp-smiley' width=1 height=1>", ":)"),
        ("<img alt='(smile)' class='Emoticon'>", "(smile)"),
        ("<img alt='🙂' itemtype='http://schema.skype.com/Emoji' itemid=smile>", "🙂"),
        ("<img data-stringify-emoji=':smile:' class='c-emoji' src=x>", ":smile:"),
        ("<img data-plain-text='👍' alt='' class='wa'>", "👍"),
        ("<emoji alt='🙂' title=Smile></emoji>", "🙂"),
    ] {
        let reply = to_text(&format!("hi {html}"));
        assert_eq!((reply.text, reply.has_images), (format!("hi {text}"), false), "{html}");
    }
}

#[test]
fn a_picture_in_a_signature_is_no_part_of_the_reply() {
    for html in ["--<br><img src=logo>", "hi<br>--<br><img src=logo>", "hi<br>Sent from my iPhone<img src=logo>"] {
        assert!(!to_text(html).has_images, "{html}");
    }
    for html in ["<img src=map>--<br>x", "hi<img src=map><br>--<br>x", "hi<br><img src=map><br>Sent from my iPhone"] {
        assert!(to_text(html).has_images, "{html}");
    }
}

#[test]
fn a_picture_that_shows_nothing_is_none() {
    for html in [
        "<img src=\"https://t.example.org/o.gif\" width=\"1\" height=\"1\">",
        "<img src=\"https://t.example.org/o.gif\" width=1px height=1px>",
        "<img src=\"https://t.example.org/o.gif\" style=\"display:none\">",
        "<img src=\"https://t.example.org/o.gif\" style=\"visibility:hidden\">",
        "<img src=\"https://t.example.org/o.gif\" width=0 height=0 alt=\"\">",
        "<img src=\"https://t.example.org/o.gif\" style=\"width: 1px; HEIGHT: 1px !important\">",
        "<img src=\"https://t.example.org/o.gif\" style='max-height:0;opacity:0'>",
        "<img src=spacer.gif width=600 height=1>",
        "<img src=x hidden>",
        "<div style='display:none'><img src=map.png></div>",
        "<s><img src=map.png></s>",
    ] {
        assert!(!to_text(&format!("Yes{html}")).has_images, "{html}");
    }
    for html in [
        "<img src=map.png width=320 height=200>",
        "<img src=map.png style='width:1.5in;max-width:100%;height:auto'>",
        "<img src=map.png width='100%'>",
        "<img src=map.png width='1%'>",
        "<img src=map.png border=0 alt='map 1'>",
    ] {
        assert!(to_text(&format!("Yes{html}")).has_images, "{html}");
    }
}
