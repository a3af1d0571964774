//! What must not be seen: tokens and keys, set by `wrangler secret put`.

use serde_json::Value;

use super::api_keys::{self, ApiKeys};
use super::settings::Settings;
use super::sid::{is_auth_token, is_sid};
use super::{Problems, Var, paste_cleanup};
use crate::domain::webhook_secret::WebhookSecret;
use crate::json;

/// A text that no log may hold: it does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for signing and for `Authorization`.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// How long a key must be that signs for us or opens to programs: the output of SHA-256, below which a key is the weakest
/// part (RFC 2104, section 3).
const KEY_MIN_BYTES: usize = 32;

/// How the secrets of `.dev.vars.example` begin, which everybody can read.
const PUBLISHED: &str = "dev_";

const IS_PUBLISHED: &str = "is a secret of development, which everybody knows; make your own";

/// A Twilio API key (Twilio, API keys).
#[derive(Clone, Debug)]
pub struct TwilioApiKey {
    /// `SK…`.
    pub sid: String,
    /// Its password.
    pub secret: Secret,
}

/// All secrets of the deployment.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// `AC…`, the account whose REST resources we use.
    pub twilio_account_sid: String,
    /// Signs Twilio's webhooks; also for REST when there is no API key.
    pub twilio_auth_token: Secret,
    /// The secondary token, while the primary is being replaced.
    pub twilio_auth_token_next: Option<Secret>,
    /// Shared key id and secret of each key of Twilio's newer webhook signing.
    pub twilio_webhook_keys: Vec<(String, Secret)>,
    /// For REST instead of the auth token.
    pub twilio_api_key: Option<TwilioApiKey>,
    /// The OAuth client of our Help Scout app.
    pub helpscout_app_id: String,
    /// Its password.
    pub helpscout_app_secret: Secret,
    /// Signs Help Scout's webhooks.
    pub helpscout_webhook_secret: Secret,
    /// Its successor, during rotation.
    pub helpscout_webhook_secret_next: Option<Secret>,
    /// Signs the sidebar's address; without it there is no sidebar.
    pub helpscout_sidebar_secret: Option<Secret>,
    /// Its successor, during rotation.
    pub helpscout_sidebar_secret_next: Option<Secret>,
    /// Signs our own tokens and links.
    pub session_secret: Secret,
    /// The keys of other programs; without them there is no API.
    pub api_keys: ApiKeys,
    /// Signs alerts; without it none leaves.
    alert_webhook_secret: Option<Secret>,
    /// Its successor, during rotation: both sign.
    alert_webhook_secret_next: Option<Secret>,
}

impl Secrets {
    /// Reads them; those of development only where nobody else can come. A fault stops a part of the work only.
    pub(super) fn read(settings: &mut Settings<'_>, is_development: bool, faults: &Problems) -> Option<Self> {
        let twilio_account_sid = required(settings, "TWILIO_ACCOUNT_SID");
        let twilio_auth_token = required(settings, "TWILIO_AUTH_TOKEN");
        let helpscout_app_id = required(settings, "HELPSCOUT_APP_ID");
        let helpscout_app_secret = required(settings, "HELPSCOUT_APP_SECRET");
        let helpscout_webhook_secret = required(settings, "HELPSCOUT_WEBHOOK_SECRET");
        let session_secret = required(settings, "SESSION_SECRET");
        let api_keys = optional(settings, "API_KEYS");
        let secrets = Self {
            twilio_auth_token_next: optional(settings, "TWILIO_AUTH_TOKEN_NEXT"),
            twilio_webhook_keys: webhook_keys(settings),
            twilio_api_key: api_key(settings),
            helpscout_webhook_secret_next: optional(settings, "HELPSCOUT_WEBHOOK_SECRET_NEXT"),
            helpscout_sidebar_secret: optional(settings, "HELPSCOUT_SIDEBAR_SECRET"),
            helpscout_sidebar_secret_next: optional(settings, "HELPSCOUT_SIDEBAR_SECRET_NEXT"),
            api_keys: ApiKeys::read(api_keys.as_ref(), faults),
            alert_webhook_secret: optional(settings, "ALERT_WEBHOOK_SECRET"),
            alert_webhook_secret_next: optional(settings, "ALERT_WEBHOOK_SECRET_NEXT"),
            twilio_account_sid: twilio_account_sid?.to_owned(),
            twilio_auth_token: twilio_auth_token?.into(),
            helpscout_app_id: helpscout_app_id?.to_owned(),
            helpscout_app_secret: helpscout_app_secret?.into(),
            helpscout_webhook_secret: helpscout_webhook_secret?.into(),
            session_secret: session_secret?.into(),
        };
        if secrets.helpscout_sidebar_secret.is_none() {
            faults.add("HELPSCOUT_SIDEBAR_SECRET", &[MISSING, "; without it no sidebar opens"].concat());
        }
        secrets.refuse_malformed(settings);
        secrets.refuse_unreadable_alert_secrets(settings);
        secrets.refuse_weak(settings);
        if let Some(keys) = &api_keys {
            refuse_api_keys(keys, settings, is_development);
        }
        if !is_development {
            secrets.refuse_published(settings);
        }
        Some(secrets)
    }

    /// The secrets that sign alerts.
    pub fn alert_webhook_secrets(&self) -> impl Iterator<Item = WebhookSecret> {
        let secrets = [self.alert_webhook_secret.as_ref(), self.alert_webhook_secret_next.as_ref()];
        secrets.into_iter().flatten().filter_map(|secret| WebhookSecret::parse(secret.expose()))
    }

    /// What has the form of Standard Webhooks.
    fn refuse_unreadable_alert_secrets(&self, settings: &Settings<'_>) {
        let secrets = [
            ("ALERT_WEBHOOK_SECRET", self.alert_webhook_secret.as_ref()),
            ("ALERT_WEBHOOK_SECRET_NEXT", self.alert_webhook_secret_next.as_ref()),
        ];
        for (name, secret) in secrets {
            if secret.is_some_and(|secret| WebhookSecret::parse(secret.expose()).is_none()) {
                let problem = "must be whsec_ and 24 to 64 bytes in base64, as your receiver shows it; else make it with \
                               `echo whsec_$(openssl rand -base64 32)`";
                settings.problem(name, problem);
            }
        }
    }

    /// What has a form of Twilio's and has another here: cut off, pasted into the wrong secret, or with something around it.
    fn refuse_malformed(&self, settings: &Settings<'_>) {
        let tokens = [
            ("TWILIO_AUTH_TOKEN", Some(&self.twilio_auth_token)),
            ("TWILIO_AUTH_TOKEN_NEXT", self.twilio_auth_token_next.as_ref()),
        ];
        for (name, token) in tokens {
            // Those of development are the emulator's.
            let is_wrong = |token: &str| !is_auth_token(token) && !token.starts_with(PUBLISHED);
            if token.is_some_and(|token| is_wrong(token.expose())) {
                settings.problem(name, "must be 32 hexadecimal digits, as Twilio's console shows the auth token");
            }
        }
        let sids = [
            ("TWILIO_ACCOUNT_SID", "AC", Some(&self.twilio_account_sid)),
            ("TWILIO_API_KEY_SID", "SK", self.twilio_api_key.as_ref().map(|key| &key.sid)),
        ];
        for (name, letters, sid) in sids {
            if sid.is_some_and(|sid| !is_sid(letters, sid)) {
                settings.problem(
                    name,
                    &["must be ", letters, " and 32 hexadecimal digits, as Twilio's console shows it"].concat(),
                );
            }
        }
    }

    fn refuse_weak(&self, settings: &Settings<'_>) {
        if is_weak(self.session_secret.expose()) {
            let problem = "must be at least 32 random characters; make it with `openssl rand -hex 32`";
            settings.problem("SESSION_SECRET", problem);
        }
    }

    fn refuse_published(&self, settings: &Settings<'_>) {
        let (shared, api_key) = (&self.twilio_webhook_keys, &self.twilio_api_key);
        let all = [
            ("TWILIO_AUTH_TOKEN", Some(&self.twilio_auth_token)),
            ("TWILIO_AUTH_TOKEN_NEXT", self.twilio_auth_token_next.as_ref()),
            ("TWILIO_API_KEY_SECRET", api_key.as_ref().map(|key| &key.secret)),
            ("HELPSCOUT_APP_SECRET", Some(&self.helpscout_app_secret)),
            ("HELPSCOUT_WEBHOOK_SECRET", Some(&self.helpscout_webhook_secret)),
            ("HELPSCOUT_WEBHOOK_SECRET_NEXT", self.helpscout_webhook_secret_next.as_ref()),
            ("HELPSCOUT_SIDEBAR_SECRET", self.helpscout_sidebar_secret.as_ref()),
            ("HELPSCOUT_SIDEBAR_SECRET_NEXT", self.helpscout_sidebar_secret_next.as_ref()),
            ("SESSION_SECRET", Some(&self.session_secret)),
        ];
        let shared = shared.iter().map(|(_, secret)| ("TWILIO_WEBHOOK_KEYS", Some(secret)));
        for (name, secret) in all.into_iter().chain(shared) {
            if secret.is_some_and(|secret| secret.expose().starts_with(PUBLISHED)) {
                settings.problem(name, IS_PUBLISHED);
            }
        }
    }
}

fn refuse_api_keys(secret: &Secret, settings: &Settings<'_>, is_development: bool) {
    api_keys::refuse_unreadable(secret, settings);
    if api_keys::plain_tokens(secret.expose()).any(is_weak) {
        let problem = "must be keys of at least 32 random characters; make each with `cargo xtask api-key new`";
        settings.problem("API_KEYS", problem);
    }
    if !is_development && api_keys::plain_tokens(secret.expose()).any(|key| key.starts_with(PUBLISHED)) {
        settings.problem("API_KEYS", IS_PUBLISHED);
    }
}

fn is_weak(key: &str) -> bool {
    key.len() < KEY_MIN_BYTES
}

/// What a secret says that is not there.
const MISSING: &str = "is missing or empty; set it with `npx wrangler secret put`, or in .dev.vars";

/// What a secret says that no service would take for its own.
const MARKED: &str = "holds a quote of which the other is missing, a line end or a character that nobody sees; set it again, \
                      typed or pasted at the prompt of `npx wrangler secret put`";

fn required<'a>(settings: &mut Settings<'a>, name: &'static str) -> Option<&'a str> {
    let text = settings.required(name, MISSING)?;
    unmarked(settings, name, text)
}

fn optional(settings: &mut Settings<'_>, name: &'static str) -> Option<Secret> {
    text(settings, name).map(Secret::from)
}

fn text<'a>(settings: &mut Settings<'a>, name: &'static str) -> Option<&'a str> {
    let text = settings.text(name)?;
    unmarked(settings, name, text)
}

fn unmarked<'a>(settings: &Settings<'_>, name: &str, text: &'a str) -> Option<&'a str> {
    if paste_cleanup::is_marked(text) {
        settings.problem(name, MARKED);
        return None;
    }
    Some(text)
}

fn api_key(settings: &mut Settings<'_>) -> Option<TwilioApiKey> {
    const NAMES: (&str, &str) = ("TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET");
    let (sid, secret) = (text(settings, NAMES.0), text(settings, NAMES.1));
    match (sid, secret) {
        (Some(sid), Some(secret)) => return Some(TwilioApiKey { sid: sid.to_owned(), secret: secret.into() }),
        (Some(_), None) => settings.problem(NAMES.1, "is missing, though TWILIO_API_KEY_SID is set"),
        (None, Some(_)) => settings.problem(NAMES.0, "is missing, though TWILIO_API_KEY_SECRET is set"),
        (None, None) => {}
    }
    None
}

fn webhook_keys(settings: &mut Settings<'_>) -> Vec<(String, Secret)> {
    const NAME: &str = "TWILIO_WEBHOOK_KEYS";
    let keys = match settings.var(NAME) {
        None | Some(Var::Json(Value::Null)) => return Vec::new(),
        Some(Var::Text(text)) if paste_cleanup::stripped(text).is_empty() => return Vec::new(),
        Some(Var::Text(text)) => json::parse(paste_cleanup::stripped(text).as_bytes()),
        Some(Var::Json(value)) => Some(value.clone()),
    };
    let whole = keys.as_ref().and_then(Value::as_object).and_then(|keys| {
        let key = |(id, secret): (&String, &Value)| {
            let secret = secret
                .as_str()
                .map(paste_cleanup::stripped)
                .filter(|text| !text.is_empty() && !paste_cleanup::is_marked(text))?;
            Some((paste_cleanup::stripped(id).to_owned(), Secret::from(secret)))
        };
        keys.iter().map(key).collect()
    });
    whole.unwrap_or_else(|| {
        settings.problem(NAME, "must be JSON such as {\"shared key id\":\"secret\"}");
        Vec::new()
    })
}
