//! What supporters hear and read of the hotline itself, in the languages that it speaks.

/// A sentence of the hotline's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// Before the tone, unless the hotline says it otherwise.
    LeaveMessage,
    /// Nothing was said after the tone.
    NoMessage,
    /// After a message.
    Thanks,
    /// Something of ours has failed.
    NotConnected,
    /// Texted on first contact.
    Greeting,
    /// Texted to who called and left no message.
    Missed,
    /// Texted when their message has not reached the team for long.
    Trouble,
    /// Texted after a code that verifies their number. Letters of GSM-7 alone, so that it stays one segment.
    Code,
    /// Said before the digits of a code.
    SayCode,
}

/// The language of a hotline that names none.
const DEFAULT: &str = "en";

/// The primary subtag of a language tag (BCP 47): `es` of `es-MX`.
fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or(language)
}

/// A sentence in a language; `None` where it is not translated: an English voice reads no other language, and a language's
/// voice no English.
pub fn sentence(language: Option<&str>, sentence: Sentence) -> Option<&'static str> {
    use Sentence::{Code, Greeting, LeaveMessage, Missed, NoMessage, NotConnected, SayCode, Thanks, Trouble};
    Some(match (primary(language.unwrap_or(DEFAULT)), sentence) {
        ("en", LeaveMessage) => "Please leave a message after the tone.",
        ("en", NoMessage) => "We did not hear a message. Goodbye.",
        ("en", Thanks) => "Thank you. Goodbye.",
        ("en", NotConnected) => "Sorry, this call cannot be connected right now. Goodbye.",
        ("en", SayCode) => "Your verification code is",
        ("en", Code) => "is your verification code. Do not share it with anybody.",
        ("en", Greeting) => "Thanks, we got your message and will get back to you soon.",
        ("en", Missed) => "Sorry we missed your call. You can also text us at this number.",
        ("en", Trouble) => "We have your message, but our team may see it late. If it is urgent, please call.",

        ("es", LeaveMessage) => "Por favor, deje su mensaje después del tono.",
        ("es", NoMessage) => "No hemos oído ningún mensaje. Adiós.",
        ("es", Thanks) => "Gracias. Adiós.",
        ("es", NotConnected) => "Lo sentimos, en este momento no podemos conectar su llamada. Adiós.",
        ("es", SayCode) => "Su clave es",
        ("es", Code) => "es su clave. No la comparta con nadie.",
        ("es", Greeting) => "Gracias, hemos recibido su mensaje y le responderemos pronto.",
        ("es", Missed) => "Lamentamos no haber podido atender su llamada. También puede escribirnos a este número.",
        ("es", Trouble) => {
            "Tenemos su mensaje, pero nuestro equipo puede tardar en verlo. Si es urgente, por favor llame."
        }

        ("fr", LeaveMessage) => "Veuillez laisser un message après le bip.",
        ("fr", NoMessage) => "Nous n'avons entendu aucun message. Au revoir.",
        ("fr", Thanks) => "Merci. Au revoir.",
        ("fr", NotConnected) => "Désolé, cet appel ne peut pas être établi pour le moment. Au revoir.",
        ("fr", SayCode) => "Votre code est",
        ("fr", Code) => "est votre code de vérification. Ne le donnez à personne.",
        ("fr", Greeting) => "Merci, nous avons reçu votre message et vous répondrons bientôt.",
        ("fr", Missed) => "Désolé d'avoir manqué votre appel. Vous pouvez aussi nous écrire à ce numéro.",
        ("fr", Trouble) => {
            "Nous avons votre message, mais notre équipe le verra peut-être avec du retard. Si c'est urgent, appelez-nous."
        }

        ("de", LeaveMessage) => "Bitte hinterlassen Sie nach dem Ton eine Nachricht.",
        ("de", NoMessage) => "Wir haben keine Nachricht gehört. Auf Wiederhören.",
        ("de", Thanks) => "Vielen Dank. Auf Wiederhören.",
        ("de", NotConnected) => "Dieser Anruf kann gerade leider nicht verbunden werden. Auf Wiederhören.",
        ("de", SayCode) => "Ihr Code lautet",
        ("de", Code) => "ist Ihr Code zur Bestätigung. Geben Sie ihn niemandem weiter.",
        ("de", Greeting) => "Danke, wir haben Ihre Nachricht erhalten und melden uns bald.",
        ("de", Missed) => "Leider haben wir Ihren Anruf verpasst. Sie können uns an diese Nummer auch schreiben.",
        ("de", Trouble) => {
            "Wir haben Ihre Nachricht, unser Team sieht sie aber vielleicht erst später. Wenn es dringend ist, rufen Sie bitte an."
        }

        ("pt", LeaveMessage) => "Por favor, deixe uma mensagem após o sinal.",
        ("pt", NoMessage) => "Não ouvimos nenhuma mensagem. Até logo.",
        ("pt", Thanks) => "Obrigado. Até logo.",
        ("pt", NotConnected) => "Desculpe, não é possível completar esta chamada agora. Até logo.",
        ("pt", SayCode) => "O seu PIN é",
        ("pt", Code) => "verifica o seu telefone. Nunca o partilhe.",
        ("pt", Greeting) => "Obrigado, recebemos a sua mensagem e responderemos em breve.",
        ("pt", Missed) => "Lamentamos não ter atendido a sua chamada. Também pode escrever-nos para este número.",
        ("pt", Trouble) => {
            "Temos a sua mensagem, mas a nossa equipe pode demorar a vê-la. Se for urgente, por favor ligue."
        }

        ("it", LeaveMessage) => "Per favore, lasci un messaggio dopo il segnale acustico.",
        ("it", NoMessage) => "Non abbiamo sentito alcun messaggio. Arrivederci.",
        ("it", Thanks) => "Grazie. Arrivederci.",
        ("it", NotConnected) => "Ci dispiace, al momento la chiamata non può essere collegata. Arrivederci.",
        ("it", SayCode) => "Il suo codice è",
        ("it", Code) => "verifica il suo numero. Non lo condivida con nessuno.",
        ("it", Greeting) => "Grazie, abbiamo ricevuto il suo messaggio e le risponderemo presto.",
        ("it", Missed) => "Ci dispiace di aver perso la sua chiamata. Può anche scriverci a questo numero.",
        ("it", Trouble) => {
            "Abbiamo il suo messaggio, ma il nostro team potrebbe vederlo in ritardo. Se è urgente, per favore chiami."
        }
        _ => return None,
    })
}

/// A text in a language; in English where it is not translated, which can at least be read.
pub fn text(language: Option<&str>, text: Sentence) -> &'static str {
    sentence(language, text).or_else(|| sentence(None, text)).unwrap_or_default()
}

/// Whether Twilio's transcripts of voicemails are in this language: they are English alone (Twilio, Record verb: transcribe).
pub fn is_transcribed(language: Option<&str>) -> bool {
    primary(language.unwrap_or(DEFAULT)) == DEFAULT
}

/// Whether a word can be a language tag (BCP 47): letters and digits between hyphens, a language of two or three letters
/// first.
pub fn is_language_tag(text: &str) -> bool {
    let is_subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let language = primary(text);
    text.split('-').all(is_subtag)
        && matches!(language.len(), 2 | 3)
        && language.bytes().all(|b| b.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_without_a_translation_has_silence_and_no_english() {
        assert_eq!(sentence(None, Sentence::Thanks), Some("Thank you. Goodbye."));
        assert_eq!(sentence(Some("en-GB"), Sentence::Thanks), Some("Thank you. Goodbye."));
        assert_eq!(sentence(Some("es-MX"), Sentence::Thanks), Some("Gracias. Adiós."));
        assert_eq!(sentence(Some("uk-UA"), Sentence::Thanks), None);
    }

    #[test]
    fn a_code_is_said_in_letters_that_do_not_cost_more_in_every_language() {
        use crate::domain::text::segments::{Encoding, count};
        for language in ["en", "es", "fr", "de", "pt", "it", "uk"] {
            assert_eq!(count(text(Some(language), Sentence::Code)).encoding, Encoding::Gsm7, "{language}");
        }
    }

    #[test]
    fn a_text_without_a_translation_is_english() {
        assert!(text(Some("es-419"), Sentence::Missed).starts_with("Lamentamos"));
        assert!(text(Some("uk-UA"), Sentence::Missed).starts_with("Sorry"));
    }

    #[test]
    fn language_tags_are_read_as_twilio_writes_them() {
        for tag in ["en", "en-US", "es-419", "cmn-Hans-CN", "arb"] {
            assert!(is_language_tag(tag), "{tag}");
        }
        for other in ["", "English", "EN-us", "en_US", "e", "en-", "en US"] {
            assert!(!is_language_tag(other), "{other}");
        }
    }
}
