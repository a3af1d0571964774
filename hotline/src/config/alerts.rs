//! Where operators are told that something is wrong, and from when on it is.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::settings::{Settings, is_address, is_loopback};
use super::{Problems, Var};
use crate::domain::endpoint_url::EndpointUrl;

const NAME: &str = "ALERTS";

/// How long the oldest job may wait before the hotline counts as degraded: as long as a supporter waits before they are told of
/// trouble, unless their hotline says otherwise.
const WAITING_MINUTES: u32 = 10;

/// The table `ALERTS`; without it nobody is told, and health says it all the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Alerts {
    /// Where alerts are posted to.
    pub webhook: Option<String>,
    /// The Help Scout inbox in which they stand.
    pub mailbox: Option<u64>,
    /// How long the oldest job may wait.
    pub waiting_minutes: u32,
    /// Below which balance Twilio's account counts as low, in its currency.
    pub balance_below: Option<f64>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { webhook: None, mailbox: None, waiting_minutes: WAITING_MINUTES, balance_below: None }
    }
}

impl Alerts {
    /// Reads the table. Addresses of this machine are for development.
    pub(super) fn read(settings: &mut Settings<'_>, public_url: Option<&str>, problems: &Problems) -> Self {
        let Some(values) = table(settings) else { return Self::default() };
        let mut fields = Fields::new(NAME.to_owned(), values, problems);
        let is_development = public_url.is_some_and(is_loopback);
        let alerts = Self {
            webhook: fields.read("webhook", |text| address(text, is_development)),
            mailbox: inbox(&mut fields),
            // A day without a word of it is no alert any more.
            waiting_minutes: fields.whole("waiting_minutes", 1..=1_440, WAITING_MINUTES),
            balance_below: amount(&mut fields),
        };
        fields.finish();
        alerts
    }
}

fn table(settings: &mut Settings<'_>) -> Option<Map<String, Value>> {
    let value = match settings.var(NAME)? {
        Var::Json(value) => Some(value.clone()),
        Var::Text(text) if text.trim().is_empty() => return None,
        Var::Text(text) => serde_json::from_str(text).ok(),
    };
    match value {
        Some(Value::Object(values)) => Some(values),
        Some(Value::Null) => None,
        _ => {
            settings.problem(NAME, "must be a table such as { webhook = \"https://…\", mailbox = 3099 }");
            None
        }
    }
}

fn address(text: &str, is_development: bool) -> Result<String, &'static str> {
    if is_development && is_loopback(text) && is_address(text) {
        return Ok(text.to_owned());
    }
    EndpointUrl::parse(text).map(|url| url.as_str().to_owned())
}

fn inbox(fields: &mut Fields<'_>) -> Option<u64> {
    let inbox = fields.take("mailbox")?;
    let id = inbox.as_u64().filter(|id| *id > 0);
    if id.is_none() {
        fields.problem("mailbox", "must be the id of a Help Scout inbox, the number in its address");
    }
    id
}

fn amount(fields: &mut Fields<'_>) -> Option<f64> {
    let amount = fields.take("balance_below")?;
    let number = amount.as_f64().filter(|number| *number >= 0.0);
    if number.is_none() {
        fields.problem("balance_below", "must be an amount such as 10, in the currency of the Twilio account");
    }
    number
}
