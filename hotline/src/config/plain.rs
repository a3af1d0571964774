//! What wrangler.toml says without secrets, for commands that set a deployment up.

use super::settings::Settings;
use super::{ConfigError, Customers, Hotline, Pool, Problems, Scope, Var, hotlines, pool, problems};

/// Twilio's hosts beside that of `TWILIO_API_URL`, by the variables that name them and their own addresses. The Worker asks
/// none of them.
const TWILIO_HOSTS: [(&str, &str); 5] = [
    ("TWILIO_MESSAGING_URL", "https://messaging.twilio.com"),
    ("TWILIO_VOICE_URL", "https://voice.twilio.com"),
    ("TWILIO_ROUTES_URL", "https://routes.twilio.com"),
    ("TWILIO_PRICING_URL", "https://pricing.twilio.com"),
    ("TWILIO_MONITOR_URL", "https://monitor.twilio.com"),
];

/// The plain variables that commands need.
#[derive(Clone, Debug)]
pub struct PlainConfig {
    /// Our origin as Twilio and Help Scout see it, without a slash at the end.
    pub public_url: String,
    /// Before `/2010-04-01/…`; no slash at the end, here and below.
    pub twilio_api_url: String,
    /// Before the Inbox API's `/v2/…`.
    pub helpscout_api_url: String,
    /// How people are named to Help Scout; `None` when that is wrong.
    pub customers: Option<Customers>,
    /// The inboxes and their senders.
    pub hotlines: Vec<Hotline>,
    /// Numbers at which two people reach each other.
    pub pools: Vec<Pool>,
    /// The address of each further host of Twilio by its variable; `None` for one that must not be asked.
    twilio_hosts: Vec<(&'static str, Option<String>)>,
}

impl PlainConfig {
    /// Reads the variables, all of which must be right.
    pub fn read(vars: &[(String, Var)]) -> Result<Self, Vec<ConfigError>> {
        let wrong = problems(vars, Scope::WithoutSecrets);
        Self::read_partly(vars).filter(|_| wrong.is_empty()).ok_or(wrong)
    }

    /// Reads what is right: hotlines whose tables are wrong are not there. `None` when an address is wrong that all need.
    pub fn read_partly(vars: &[(String, Var)]) -> Option<Self> {
        let unheard = Problems::default();
        let mut settings = Settings::new(vars, &unheard);
        let twilio_api_url = settings.twilio_api_url();
        let twilio_hosts = twilio_hosts(&mut settings, twilio_api_url.as_deref());
        let hotlines = hotlines::read_all(vars, &unheard).good;
        Some(Self {
            public_url: settings.public_url()?,
            twilio_api_url: twilio_api_url?,
            helpscout_api_url: settings.helpscout_api_url()?,
            customers: settings.customers(),
            pools: pool::read_all(vars, &hotlines, &unheard).0,
            hotlines,
            twilio_hosts,
        })
    }

    /// The address of the host that this variable names, if it may be asked.
    pub fn twilio_host(&self, variable: &str) -> Option<&str> {
        self.twilio_hosts.iter().find(|(name, _)| *name == variable)?.1.as_deref()
    }
}

/// Beside a look-alike of Twilio's API the real hosts are never asked, since they would learn its credentials.
pub(super) fn twilio_hosts(settings: &mut Settings<'_>, api: Option<&str>) -> Vec<(&'static str, Option<String>)> {
    let is_twilio = api.is_some_and(is_below_twilio);
    let host = |(name, default): (&'static str, &str)| {
        let named = settings.optional_address(name);
        (name, named.or_else(|| is_twilio.then(|| default.to_owned())))
    };
    TWILIO_HOSTS.into_iter().map(host).collect()
}

fn is_below_twilio(address: &str) -> bool {
    let host = address.strip_prefix("https://").and_then(|rest| rest.split(['/', ':']).next()).unwrap_or_default();
    host == "twilio.com" || host.ends_with(".twilio.com")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(more: &[(&str, &str)]) -> PlainConfig {
        let hotline = json!({"name": "Voters", "mailbox": 3003, "numbers": ["+15550100001"], "region": "US"});
        let mut vars = vec![
            ("PUBLIC_URL".to_owned(), Var::Text("https://hotline.example.org".into())),
            ("HELPSCOUT_CUSTOMERS".to_owned(), Var::Text("phone_only".into())),
            ("HOTLINE_VOTERS".to_owned(), Var::Json(hotline)),
        ];
        vars.extend(more.iter().map(|(name, value)| ((*name).to_owned(), Var::Text((*value).to_owned()))));
        PlainConfig::read(&vars).unwrap()
    }

    #[test]
    fn twilios_hosts_are_their_own_unless_a_look_alike_stands_for_the_api() {
        let messaging = |config: &PlainConfig| config.twilio_host("TWILIO_MESSAGING_URL").map(str::to_owned);
        let real = Some("https://messaging.twilio.com".to_owned());
        assert_eq!(messaging(&read(&[])), real);
        assert_eq!(messaging(&read(&[("TWILIO_API_URL", "https://api.dublin.ie1.twilio.com")])), real);
        for look_alike in ["http://127.0.0.1:8788/twilio", "https://twilio.com.example.org", "https://eviltwilio.com"] {
            assert_eq!(messaging(&read(&[("TWILIO_API_URL", look_alike)])), None, "{look_alike}");
        }
        let both = [
            ("TWILIO_API_URL", "http://127.0.0.1:8788/twilio"),
            ("TWILIO_MESSAGING_URL", "http://127.0.0.1:8788/messaging/"),
        ];
        assert_eq!(messaging(&read(&both)), Some("http://127.0.0.1:8788/messaging".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_told_field_by_field() {
        let wrong = PlainConfig::read(&[("TWILIO_PRICING_URL".to_owned(), Var::Text("pricing".into()))]).unwrap_err();
        assert!(wrong.iter().any(|error| error.field == "TWILIO_PRICING_URL"), "{wrong:?}");
    }
}
