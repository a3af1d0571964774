//! The sidebar's pages. Text gets into them only through escaping, since [`Html`] is all that they are made of.

use crate::config::Config;
use crate::html::Html;
use crate::phone::Party;

/// The first page: the person, and the token with which the widget asks for the rest.
pub fn person(token: &str, party: &Party) -> String {
    let meta = ["<meta name=\"ringside-session\" content=\"", Html::text(token).as_str(), "\">"].concat();
    document(&meta, "Ringside", &party.readable())
}

/// A page that says something and offers nothing.
pub fn words(title: &str, words: &str) -> String {
    document("", title, words)
}

fn document(head: &str, title: &str, words: &str) -> String {
    let (title, words) = (Html::text(title), Html::text(words));
    [
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\">",
        head,
        "<title>",
        title.as_str(),
        "</title></head><body><p>",
        words.as_str(),
        "</p></body></html>",
    ]
    .concat()
}

/// Who may frame the pages, and what may run and be shown in them: Help Scout, and ours. No `X-Frame-Options`, which
/// cannot name an origin (Help Scout, Apps; OWASP ASVS 5.0, 3.4.3 and 3.4.6).
pub fn policy(config: &Config) -> String {
    const OURS: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
                        img-src 'self'; media-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
                        frame-ancestors ";
    [OURS, &config.helpscout_app_origin].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_markup_is_shown_as_text() {
        let page = person("TOKEN", &Party::parse("<script>alert(1)</script>").1);
        assert!(page.contains("<meta name=\"ringside-session\" content=\"TOKEN\">"), "{page}");
        assert!(page.contains("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>") && !page.contains("<script"), "{page}");
        assert!(person("T", &Party::parse("+15550100100").1).contains("+1 555 010 0100"));
        assert!(!words("Not a hotline", "No").contains("ringside-session"));
    }
}
