//! The sidebar's pages. Text gets into them only through escaping, since [`Html`] is all that they are made of.

use super::session::Session;
use crate::config::Config;
use crate::domain::html::Html;

/// Where the widget's two parts are. Their names carry a hash of their content, so that a page and its parts are always of
/// one build, whatever a deploy or a cache does between the requests for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidgetFiles {
    /// The script's path.
    pub script: String,
    /// The wasm's.
    pub wasm: String,
}

impl WidgetFiles {
    /// What starts the widget. Its parts are asked for at once, not one after the other.
    fn start(&self) -> String {
        let (script, wasm) = (Html::text(&self.script), Html::text(&self.wasm));
        [
            "<script type=\"module\" src=\"",
            script.as_str(),
            "\"></script><link rel=\"preload\" as=\"fetch\" crossorigin href=\"",
            wasm.as_str(),
            "\">",
        ]
        .concat()
    }
}

/// What the page says when nothing takes it over: no script, no WebAssembly, a part that does not come, an error. It is
/// there from the start and shows itself by CSS alone; the widget hides it, and `widget/start.js` says in it what it knows.
const FALLBACK: &str = "<div id=\"fallback\" class=\"fallback\" role=\"alert\" translate=\"no\">\
                        <p>The sidebar has not started. It needs a browser that runs scripts and WebAssembly, and a connection. \
                        Until it starts, use a reply in Help Scout.</p>\
                        <p><a href=\"\">Open it again</a></p></div>";

/// The place of the button that opens the health of the hotlines, until the widget has come.
const HEALTH: &str = "<footer translate=\"no\"><button class=\"link\" disabled>Hotline health</button></footer>";

/// What the first page shows, and to whom.
#[derive(Clone, Copy, Debug)]
pub struct FirstPage<'a> {
    /// Whose page it is.
    pub session: &'a Session,
    /// Their token.
    pub token: &'a str,
    /// Which of Help Scout's customers the person is, if that is known.
    pub customer: Option<u64>,
    /// Whether Help Scout last said that the agent is an owner or an administrator: they are offered the health of the
    /// hotlines. It guards nothing; who asks for it is looked at again.
    pub is_operator: bool,
    /// What the person's object prerendered.
    pub prerendered: &'a str,
}

/// The first page: what was prerendered, and what the widget needs to take its place.
pub fn first(config: &Config, widget: &WidgetFiles, page: FirstPage) -> String {
    let FirstPage { session, token, customer, is_operator, prerendered } = page;
    let meta = |name: &str, content: &str| {
        ["<meta name=\"ringside-", name, "\" content=\"", Html::text(content).as_str(), "\">"].concat()
    };
    let head = [
        meta("session", token),
        meta("host", &config.helpscout_app_origin),
        meta("conversation", &session.conversation.to_string()),
        meta("agent", &session.agent.to_string()),
        meta("customer", &customer.map_or_else(String::new, |id| id.to_string())),
        meta("operator", if is_operator { "yes" } else { "" }),
        widget.start(),
    ];
    let body =
        [FALLBACK, "<div id=\"prerendered\">", prerendered, if is_operator { HEALTH } else { "" }, "</div>"].concat();
    document(&head.concat(), "Ringside", "main id=\"sidebar\" aria-busy=\"true\"", &body)
}

/// A page that says something and offers nothing.
pub fn words(title: &str, words: &str) -> String {
    let mut said = Html::default();
    said.put("h1", title);
    said.put("p", words);
    document("", title, "main id=\"sidebar\"", said.as_str())
}

fn document(head: &str, title: &str, main: &str, body: &str) -> String {
    [
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/assets/sidebar.css\">",
        head,
        "<title>",
        Html::text(title).as_str(),
        "</title></head><body><",
        main,
        ">",
        body,
        "</main></body></html>",
    ]
    .concat()
}

/// Who may frame the pages, and what may run and be shown in them: Help Scout, and ours. No `X-Frame-Options`, which
/// cannot name an origin (Help Scout, Apps; OWASP ASVS 5.0, 3.4.3 and 3.4.6).
pub fn policy(config: &Config) -> String {
    const OURS: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
                        img-src 'self'; font-src data:; media-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
                        frame-ancestors ";
    [OURS, &config.helpscout_app_origin].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widget_finds_what_it_needs_and_only_where_it_may_start() {
        let config = crate::sidebar::session::tests::config("a_session_secret_of_at_least_32_bytes");
        let session = Session::new(3003, 1001, 4004);
        let (script, wasm) = ("/assets/widget.0a.js".to_owned(), "/assets/widget_bg.0b.wasm".to_owned());
        let widget = WidgetFiles { script, wasm };
        let ada = FirstPage {
            session: &session,
            token: "TOKEN",
            customer: Some(2002),
            is_operator: true,
            prerendered: "<h1>Sam</h1>",
        };
        let max = FirstPage { is_operator: false, ..ada };
        let page = first(&config, &widget, max);
        assert!(page.contains("<script type=\"module\" src=\"/assets/widget.0a.js\"></script>"), "{page}");
        assert!(page.contains("crossorigin href=\"/assets/widget_bg.0b.wasm\">"), "{page}");
        for meta in [
            "session\" content=\"TOKEN\">",
            "host\" content=\"https://secure.helpscout.net\">",
            "conversation\" content=\"1001\">",
            "agent\" content=\"4004\">",
            "customer\" content=\"2002\">",
            "operator\" content=\"\">",
        ] {
            assert!(page.contains(&["<meta name=\"ringside-", meta].concat()), "{page}");
        }
        assert!(page.contains("aria-busy=\"true\"><div id=\"fallback\""), "{page}");
        assert!(
            page.contains("Open it again</a></p></div><div id=\"prerendered\"><h1>Sam</h1></div></main>"),
            "{page}"
        );
        let operators = first(&config, &widget, ada);
        assert!(operators.contains("ringside-operator\" content=\"yes\">"), "{operators}");
        assert!(operators.contains("<button class=\"link\" disabled>Hotline health</button>"), "{operators}");
        assert!(!page.contains("Hotline health"), "{page}");
        let other = words("Not a hotline", "<b>No</b>");
        assert!(other.contains("<p>&lt;b&gt;No") && !other.contains("ringside-session") && !other.contains("script"));
    }
}
