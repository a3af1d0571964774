//! Signatures that mail programs mark, and the line that phones add.

use super::super::to_text;
use super::texts;

#[test]
fn a_signature_that_is_marked_as_one_is_cut() {
    for signature in [
        "<div class=\"gmail_signature\" data-smartmail=\"gmail_signature\"><div>Ada Byron</div><div>Tel. 555</div></div>",
        "<span class=\"gmail_signature_prefix\">-- </span><br><div dir=ltr class=gmail_signature>Ada</div>",
        "<div id=\"Signature\"><div>Ada Byron, Director</div><img src=logo></div>",
        "<div class=\"elementToProof\" id=\"Signature\">Ada</div>",
        "<div id=\"x_Signature\">Ada</div>",
        "<div id=\"ms-outlook-mobile-signature\"><div><br></div>Get <a href=\"https://aka.ms/o0ukef\">Outlook for iOS</a></div>",
        "<div id=\"AppleMailSignature\" dir=ltr>Sent from my iPhone</div>",
        "<br id=\"lineBreakAtBeginningOfSignature\"><div dir=ltr>Sent from my iPad</div>",
        "<div class=\"moz-signature\">-- <br>Ada</div>",
        "<pre class=\"moz-signature\" cols=72>-- \nAda</pre>",
        "<div class=\"protonmail_signature_block protonmail_signature_block-empty\">Ada</div>",
        "<div class=\"ydp1a2b3c4dsignature\">Ada</div>",
        "<div id=\"composer_signature\">Ada</div>",
        "<div name=\"messageSignatureSection\">Ada</div>",
        "<div data-marker=\"__SIG_PRE__\">Ada</div>",
        "<div id=\"_rc_sig\">-- <br>Ada</div>",
        "<div class=\"m_123456gmail_signature\">Ada</div>",
    ] {
        let reply = to_text(&format!("<div>Yes, at 8.</div><div><br></div>{signature}"));
        assert_eq!((reply.text.as_str(), reply.has_images), ("Yes, at 8.", false), "{signature}");
    }
    texts(&[
        ("<div class=gmail_signature>Ada</div>", ""),
        ("<div>Yes</div><div id=signature-form>no signature</div>", "Yes\nno signature"),
    ]);
}

#[test]
fn the_line_that_a_phone_adds_is_cut_in_each_language() {
    for line in [
        "Sent from my iPhone",
        "Sent from my iPad.",
        "Sent from my Samsung Galaxy smartphone.",
        "Sent from my Verizon, Samsung Galaxy smartphone",
        "Sent from my T-Mobile 4G LTE Device",
        "Sent from Outlook for Android",
        "Sent from Mail for Windows 10",
        "Sent from Yahoo Mail for iPhone",
        "Sent from Yahoo Mail on Android",
        "Sent with Proton Mail secure email.",
        "Sent from Proton Mail mobile",
        "Sent from AOL on Android",
        "Get Outlook for iOS",
        "Get <a href=\"https://aka.ms/o0ukef\">Outlook for iOS</a>",
        "Von meinem iPhone gesendet",
        "Von meinem Samsung Galaxy Smartphone gesendet.",
        "Gesendet von Outlook für iOS",
        "Diese Nachricht wurde von meinem Android-Gerät mit WEB.DE Mail gesendet.",
        "Envoyé de mon iPhone",
        "Envoyé à partir de Outlook pour Android",
        "Envoyé depuis mon smartphone Samsung Galaxy.",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Enviado a partir do Outlook para iOS",
        "Inviato da iPhone",
        "Inviato dal mio Galaxy",
        "Verstuurd vanaf mijn iPhone",
        "Verzonden vanuit Outlook voor iOS",
        "Skickat från min iPhone",
        "Sendt fra min iPhone",
        "Lähetetty iPhonesta",
        "Wysłane z iPhone'a",
        "Odesláno z iPhonu",
        "Poslano z mojega iPhona",
        "Trimis de pe iPhone-ul meu",
        "iPhone készülékemről küldve",
        "Отправлено с iPhone",
        "Надіслано з iPhone",
        "Στάλθηκε από το iPhone μου",
        "iPhone'umdan gönderildi",
        "נשלח מה-iPhone שלי",
        "أُرسلت من الـ iPhone",
        "iPhoneから送信",
        "发自我的iPhone",
        "從我的iPhone傳送",
        "나의 iPhone에서 보냄",
        "Gửi từ iPhone của tôi",
        "Dikirim dari iPhone saya",
        "ส่งจาก iPhone ของฉัน",
    ] {
        texts(&[
            (&format!("<div dir=\"ltr\">Yes, at 8.<div><br></div><div>{line}</div></div>"), "Yes, at 8."),
            (&format!("Yes, at 8.<br>{line}<br><div class=gmail_quote>old</div>"), "Yes, at 8."),
        ]);
    }
}

#[test]
fn such_words_elsewhere_are_the_agents_own() {
    for text in [
        "It was sent from my iPhone, so read it again.",
        "Sent from my iPhone\nRead it again.",
        "Sent from my heart",
        "Get your iPhone ready",
        "Sent by the sparkling office",
        "Enviado el formulario, mira en Outlook",
        "Did you get Outlook for iOS?",
    ] {
        assert_eq!(to_text(text).text, text);
    }
}
