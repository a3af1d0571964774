//! Signatures: what mail programs mark as one, the line that phones add, and what follows `--`.

use super::marks::Form;
use super::marks::How::{Begins, Is};
use super::pieces::Element;

/// How mail programs mark a signature.
const MARKS: &[Form] = &[
    // Gmail.
    Form::any(&[("class", Begins, "gmail_signature")]),
    Form::any(&[("data-smartmail", Is, "gmail_signature")]),
    // Outlook: web, Outlook.com, phone, Windows Mail.
    Form::any(&[("id", Is, "signature")]),
    Form::any(&[("id", Begins, "ms-outlook-mobile-signature")]),
    Form::any(&[("id", Begins, "ms-outlook-mobile-body-separator-line")]),
    Form::any(&[("data-signatureblock", Is, "true")]),
    Form::any(&[("class", Is, "elementtoproof"), ("id", Is, "signature")]),
    // Apple Mail.
    Form::any(&[("id", Begins, "applemailsignature")]),
    Form::any(&[("id", Is, "linebreakatbeginningofsignature")]),
    // Thunderbird.
    Form::any(&[("class", Is, "moz-signature")]),
    Form::any(&[("class", Is, "moz-txt-sig")]),
    // Yahoo and AOL.
    Form::any(&[("class", Is, "signature")]),
    Form::any(&[("id", Begins, "yahoosignature")]),
    // Samsung, AquaMail, BlueMail, Spark, Airmail.
    Form::any(&[("id", Is, "composer_signature")]),
    Form::any(&[("id", Begins, "aqm-signature")]),
    Form::any(&[("class", Is, "blue_signature")]),
    Form::any(&[("name", Is, "messagesignaturesection")]),
    Form::any(&[("class", Is, "bloop_sign")]),
    Form::any(&[("id", Begins, "bloop_sign")]),
    // Proton, GMX and WEB.DE, Zoho, Front, Missive, Roundcube, Zimbra, Help Scout.
    Form::any(&[("class", Begins, "protonmail_signature_block")]),
    Form::any(&[("name", Is, "signature")]),
    Form::any(&[("id", Begins, "zmail_signature")]),
    Form::any(&[("class", Is, "front-signature")]),
    Form::any(&[("class", Is, "missive_signature")]),
    Form::any(&[("id", Is, "_rc_sig")]),
    Form::any(&[("data-marker", Begins, "__sig_")]),
    Form::any(&[("class", Begins, "help-scout-signature")]),
    Form::any(&[("class", Is, "odoo_signature_wrapper")]),
];

/// Whether a mail program marks the element as a signature.
pub(super) fn is_signature(element: &Element) -> bool {
    MARKS.iter().any(|form| form.fits(element))
}

/// How phones and mail programs begin and end the line that they add: "Sent from my iPhone". In lower case, from the
/// texts of iOS, Samsung, Outlook, Windows Mail, Yahoo, GMX and Proton in their languages.
const SENT_FROM: &[(&str, &str)] = &[
    ("sent from ", ""),
    ("sent with ", ""),
    ("sent via ", ""),
    ("sent by ", ""),
    ("get outlook for ", ""),
    ("download outlook for ", ""),
    ("von ", " gesendet"),
    ("diese nachricht wurde von ", " gesendet"),
    ("gesendet von ", ""),
    ("gesendet mit ", ""),
    ("gesendet über ", ""),
    ("outlook für ", " beziehen"),
    ("holen sie sich outlook für ", ""),
    ("envoyé de ", ""),
    ("envoyé depuis ", ""),
    ("envoyé à partir ", ""),
    ("envoyé avec ", ""),
    ("envoyé via ", ""),
    ("obtenez outlook pour ", ""),
    ("télécharger outlook pour ", ""),
    ("enviado desde ", ""),
    ("enviado de ", ""),
    ("enviado do ", ""),
    ("enviado a partir ", ""),
    ("enviado con ", ""),
    ("enviado com ", ""),
    ("enviado mediante ", ""),
    ("enviado via ", ""),
    ("enviat des ", ""),
    ("enviado dende ", ""),
    ("obtener outlook para ", ""),
    ("obtén outlook para ", ""),
    ("obter o outlook para ", ""),
    ("obter outlook para ", ""),
    ("baixe o outlook para ", ""),
    ("inviato da", ""),
    ("inviato con ", ""),
    ("scarica outlook per ", ""),
    ("ottieni outlook per ", ""),
    ("verstuurd vanaf ", ""),
    ("verstuurd vanuit ", ""),
    ("verstuurd met ", ""),
    ("verzonden vanaf ", ""),
    ("verzonden vanuit ", ""),
    ("verzonden met ", ""),
    ("verzonden via ", ""),
    ("outlook voor ", " downloaden"),
    ("outlook voor ", " ophalen"),
    ("skickat från ", ""),
    ("skickades från ", ""),
    ("hämta outlook för ", ""),
    ("sendt fra ", ""),
    ("sendt via ", ""),
    ("sendt med ", ""),
    ("hent outlook ", ""),
    ("få outlook ", ""),
    ("lähetetty ", ""),
    ("hanki outlook", ""),
    ("sent úr ", ""),
    ("wysłane z", ""),
    ("wysłano z", ""),
    ("pobierz outlook", ""),
    ("odesláno z", ""),
    ("odoslané z", ""),
    ("získat outlook", ""),
    ("získať outlook", ""),
    ("poslano s", ""),
    ("poslano z", ""),
    ("poslano iz ", ""),
    ("trimis de pe ", ""),
    ("trimis din ", ""),
    ("", " küldve"),
    ("elküldve ", ""),
    ("отправлено с", ""),
    ("отправлено из ", ""),
    ("надіслано з", ""),
    ("изпратено от ", ""),
    ("στάλθηκε από ", ""),
    ("", " gönderildi"),
    ("", " gönderilmiştir"),
    ("נשלח מ", ""),
    ("أُرسلت من ", ""),
    ("أرسلت من ", ""),
    ("تم الإرسال من ", ""),
    ("ارسال شده از ", ""),
    ("dikirim dari ", ""),
    ("dihantar dari ", ""),
    ("gửi từ ", ""),
    ("đã gửi từ ", ""),
    ("ส่งจาก", ""),
    ("", " से भेजा गया"),
    ("", "から送信"),
    ("", "から送信されました"),
    ("发自", ""),
    ("來自", ""),
    ("从", "发送"),
    ("從", "傳送"),
    ("從", "寄出"),
    ("", "에서 보냄"),
    ("", "에서 보냈습니다"),
];

/// Devices that such a line names. Words of many languages grow an ending.
const DEVICES: &[&str] = &[
    "iphon",
    "ipad",
    "ipod",
    "айфон",
    "apple watch",
    "vision pro",
    "android",
    "samsung",
    "galaxy",
    "huawei",
    "xiaomi",
    "redmi",
    "oneplus",
    "motorola",
    "nokia",
    "xperia",
    "blackberry",
    "windows phone",
    "mobile device",
    "mobile phone",
    "my mobile",
    "my phone",
    "my tablet",
    "smartphone",
    "my verizon",
    "my t-mobile",
    "my pixel",
    "google pixel",
];

/// Mail programs that such a line names.
const PROGRAMS: &[&str] = &[
    "mail for windows",
    "mail für windows",
    "mail pour windows",
    "correo para windows",
    "mail per windows",
    "mail voor windows",
    "windows mail",
    "windows 10",
    "windows 11",
    "outlook",
    "hotmail",
    "yahoo mail",
    "yahoo! mail",
    "aol",
    "gmail",
    "gmx",
    "web.de",
    "mail.com",
    "proton mail",
    "protonmail",
    "tuta",
    "tutanota",
    "thunderbird",
    "k-9 mail",
    "bluemail",
    "aquamail",
    "spark",
    "airmail",
    "fairemail",
    "icloud",
    "fastmail",
    "zoho mail",
    "mail.ru",
    "яндекс",
];

/// Most characters of such a line. The longest that we know has 75 ("Diese Nachricht wurde von meinem Android-Gerät mit
/// WEB.DE Mail gesendet."); some name the phone's model besides.
const LONGEST_SENT_FROM: usize = 100;

/// A text without the line that a phone or a mail program adds, where it is the last and stands alone. A phone and a
/// program on it may add one each.
pub(super) fn without_sent_from(text: &str) -> &str {
    let mut left = text;
    for _ in 0..2 {
        let (before, last) = left.rsplit_once('\n').unwrap_or(("", left));
        left = if is_sent_from(last) { before.trim_end() } else { left };
    }
    left
}

fn is_sent_from(line: &str) -> bool {
    // The program's name may be a link.
    let line = line.split_once(" (http").map_or(line, |(words, _)| words);
    let line: String = line.to_lowercase().chars().filter(|c| !matches!(c, '\u{200e}' | '\u{200f}')).collect();
    let line = line.trim_end_matches(['.', '!', '。', ' ']);
    let has_form = |(begin, end): &(&str, &str)| line.starts_with(begin) && line.ends_with(end);
    line.chars().count() <= LONGEST_SENT_FROM
        && !line.contains(['?', ';'])
        && SENT_FROM.iter().any(has_form)
        && (DEVICES.iter().any(|device| names(line, device, false))
            || PROGRAMS.iter().any(|name| names(line, name, true)))
}

/// Whether a line has a name that begins a word, and ends one if it is whole.
fn names(line: &str, name: &str, is_whole: bool) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line.get(at + name.len()..).and_then(|after| after.chars().next());
        let in_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        !(in_word(before) || (is_whole && in_word(after)))
    })
}

/// Where the last line that is only `--` starts.
///
/// The last one, because signatures stand at the end and what precedes may be the agent's own ruling. It may be the
/// first line of all: a signature alone is no message, and with a picture the picture is.
pub(super) fn signature_start(text: &str) -> Option<usize> {
    let mut end = text.len();
    for line in text.rsplit('\n') {
        let start = end - line.len();
        if line == "--" {
            return Some(start);
        }
        end = start.saturating_sub(1);
    }
    None
}
