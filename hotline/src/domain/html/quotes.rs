//! How mail programs mark the earlier mail below a reply. What the program calls things changes with its releases, so
//! each form stays here also when a newer one has another.

use super::marks::Form;
use super::marks::How::{Begins, Contains, Is};
use super::pieces::Element;

/// A mark of earlier mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// The element holds all of the earlier mail.
    Within,
    /// The earlier mail begins with the element and goes on beside it.
    FromHere,
}

const WITHIN: &[Form] = &[
    // Gmail, and K-9, Outlook for Android, GMX for Android and others that write like it.
    Form::any(&[("class", Begins, "gmail_quote")]),
    Form::any(&[("class", Begins, "gmail_attr")]),
    Form::any(&[("class", Begins, "mail_android_quote")]),
    // Apple Mail, Thunderbird, iCloud, Fastmail, Roundcube, Evolution, Airmail.
    Form::of("blockquote", &[("type", Is, "cite")]),
    Form::any(&[("class", Begins, "appleoriginalcontents")]),
    Form::any(&[("class", Begins, "moz-cite-prefix")]),
    Form::any(&[("class", Begins, "moz-forward-container")]),
    Form::any(&[("class", Begins, "moz-email-headers-table")]),
    Form::any(&[("id", Is, "reply-intro")]),
    Form::any(&[("class", Begins, "bloop_original_html")]),
    // Yahoo and AOL.
    Form::any(&[("class", Begins, "yahoo_quoted")]),
    Form::any(&[("id", Begins, "yahoo_quoted")]),
    Form::any(&[("class", Begins, "yqt")]),
    // GMX, WEB.DE and mail.com.
    Form::of("div", &[("name", Is, "quote")]),
    Form::of("div", &[("name", Is, "quoted-content")]),
    // Proton, Tuta.
    Form::any(&[("class", Begins, "protonmail_quote")]),
    Form::any(&[("class", Begins, "proton-quote")]),
    Form::any(&[("class", Begins, "tutanota_quote")]),
    // Outlook's phone app, and what its web app has since 2023.
    Form::any(&[("class", Begins, "ms-outlook-mobile-reference-message")]),
    Form::any(&[("id", Is, "mail-editor-reference-message-container")]),
    // Outlook for Mac.
    Form::any(&[("id", Is, "olk_src_body_section")]),
    // Zoho, Front, Missive, Spark, AquaMail, Help Scout.
    Form::any(&[("id", Begins, "blockquote_zmail")]),
    Form::any(&[("class", Begins, "zmail_extra")]),
    Form::any(&[("class", Begins, "front-blockquote")]),
    Form::any(&[("class", Begins, "missive_quote")]),
    Form::any(&[("name", Is, "messagereplysection")]),
    Form::any(&[("id", Begins, "aqm-original")]),
    Form::any(&[("class", Begins, "help-scout-quote")]),
    Form::any(&[("data-marker", Is, "__quoted_text__")]),
];

const FROM_HERE: &[Form] = &[
    // Outlook's web app, Outlook.com, and Outlook since 2023.
    Form::any(&[("id", Is, "appendonsend")]),
    Form::any(&[("id", Is, "divrplyfwdmsg")]),
    Form::of("hr", &[("id", Is, "stopspelling")]),
    Form::of("hr", &[("tabindex", Is, "-1"), ("style", Contains, "width:98%")]),
    Form::of("a", &[("name", Is, "_mailoriginal")]),
    // Outlook for Windows and for Mac, Windows Mail: a line above who wrote it, in the colours of their releases.
    Form::of("div", &[("style", Contains, "border-top:solid#e1e1e1"), ("style", Contains, "padding:3")]),
    Form::of("div", &[("style", Contains, "border-top:solid#b5c4df"), ("style", Contains, "padding:3")]),
    Form::of("div", &[("style", Contains, "border-top:solid#e5e5e5"), ("style", Contains, "padding:3")]),
    Form::of("div", &[("style", Contains, "border-top:solidwindowtext"), ("style", Contains, "padding:3")]),
    Form::of("div", &[("style", Contains, "border-top:1ptsolid"), ("style", Contains, "padding:3pt")]),
    Form::of("div", &[("style", Contains, "border-top:1.0ptsolid"), ("style", Contains, "padding:3")]),
    Form::of("div", &[("style", Contains, "border-style:solidnonenone"), ("style", Contains, "padding:3pt")]),
    // Zimbra, Zoho.
    Form::of("hr", &[("id", Is, "zwchr")]),
    Form::of("hr", &[("data-marker", Is, "__divider__")]),
    Form::any(&[("class", Begins, "zmail_extra_hr")]),
];

impl Quote {
    pub(super) fn of(element: &Element) -> Option<Self> {
        let is_one_of = |forms: &[Form]| forms.iter().any(|form| form.fits(element));
        if is_one_of(FROM_HERE) {
            return Some(Self::FromHere);
        }
        is_one_of(WITHIN).then_some(Self::Within)
    }
}
