//! What callers hear of the hotline itself, in the languages that it speaks.

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
}

/// The language of a hotline that names none.
const DEFAULT: &str = "en";

/// The primary subtag of a language tag (BCP 47): `es` of `es-MX`.
fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or(language)
}

/// A sentence in a language; `None` where it is not translated, and nothing is better than English.
pub fn sentence(language: Option<&str>, sentence: Sentence) -> Option<&'static str> {
    use Sentence::{LeaveMessage, NoMessage, NotConnected, Thanks};
    Some(match (primary(language.unwrap_or(DEFAULT)), sentence) {
        ("en", LeaveMessage) => "Please leave a message after the tone.",
        ("en", NoMessage) => "We did not hear a message. Goodbye.",
        ("en", Thanks) => "Thank you. Goodbye.",
        ("en", NotConnected) => "Sorry, this call cannot be connected right now. Goodbye.",

        ("es", LeaveMessage) => "Por favor, deje su mensaje después del tono.",
        ("es", NoMessage) => "No hemos oído ningún mensaje. Adiós.",
        ("es", Thanks) => "Gracias. Adiós.",
        ("es", NotConnected) => "Lo sentimos, en este momento no podemos conectar su llamada. Adiós.",

        ("fr", LeaveMessage) => "Veuillez laisser un message après le bip.",
        ("fr", NoMessage) => "Nous n'avons entendu aucun message. Au revoir.",
        ("fr", Thanks) => "Merci. Au revoir.",
        ("fr", NotConnected) => "Désolé, cet appel ne peut pas être établi pour le moment. Au revoir.",

        ("de", LeaveMessage) => "Bitte hinterlassen Sie nach dem Ton eine Nachricht.",
        ("de", NoMessage) => "Wir haben keine Nachricht gehört. Auf Wiederhören.",
        ("de", Thanks) => "Vielen Dank. Auf Wiederhören.",
        ("de", NotConnected) => "Dieser Anruf kann gerade leider nicht verbunden werden. Auf Wiederhören.",

        ("pt", LeaveMessage) => "Por favor, deixe uma mensagem após o sinal.",
        ("pt", NoMessage) => "Não ouvimos nenhuma mensagem. Até logo.",
        ("pt", Thanks) => "Obrigado. Até logo.",
        ("pt", NotConnected) => "Desculpe, não é possível completar esta chamada agora. Até logo.",

        ("it", LeaveMessage) => "Per favore, lasci un messaggio dopo il segnale acustico.",
        ("it", NoMessage) => "Non abbiamo sentito alcun messaggio. Arrivederci.",
        ("it", Thanks) => "Grazie. Arrivederci.",
        ("it", NotConnected) => "Ci dispiace, al momento la chiamata non può essere collegata. Arrivederci.",
        _ => return None,
    })
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
    fn language_tags_are_read_as_twilio_writes_them() {
        for tag in ["en", "en-US", "es-419", "cmn-Hans-CN", "arb"] {
            assert!(is_language_tag(tag), "{tag}");
        }
        for other in ["", "English", "EN-us", "en_US", "e", "en-", "en US"] {
            assert!(!is_language_tag(other), "{other}");
        }
    }
}
