//! The configuration: plain variables, one table per hotline, secrets. Read whole or refused field by field.

mod fields;
mod hotline;
mod hours;
mod parts;
mod protection;
mod secrets;
mod settings;

use std::cell::Cell;

use serde_json::Value;

pub use hotline::{Hotline, MessagingServiceSid, Receipts, Threading};
pub use hours::{Closed, Days, Hours, Opening};
pub(crate) use parts::CLICK_S;
pub use parts::{Accept, Callback, Country, Limits, Prompt, Ring, RingOrder, Voice, Voicemail};
pub use protection::{AutoReply, RepeatedCalls};
pub use secrets::{ApiKey, Secret, Secrets};
pub use settings::is_loopback;

use crate::domain::phone::E164;
use settings::Settings;

/// The size of one variable on Cloudflare, in bytes (Cloudflare, Workers limits: 5 KB).
const VARIABLE_MAX_BYTES: usize = 5 * 1024;

/// How the variables that hold a hotline's table begin.
const HOTLINE_PREFIX: &str = "HOTLINE_";

/// A variable or secret as the platform hands it over.
#[derive(Clone)]
pub enum Var {
    /// Text: a plain variable, or any secret.
    Text(String),
    /// A table or another value of wrangler.toml, which arrives as JSON.
    Json(Value),
}

/// What is wrong with one field, in words that never repeat the field's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The field, as `HOTLINE_VOTERS.ring.seconds`.
    pub field: String,
    /// What is wrong, and what to write instead.
    pub problem: String,
}

/// Whether secrets are looked at: they are not to be had where wrangler.toml is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything that runs.
    WithSecrets,
    /// Only what is plain text.
    WithoutSecrets,
}

/// How a person is named to Help Scout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Customers {
    /// By a synthetic address, the number's digits at this domain.
    Email {
        /// A domain that drops mail.
        domain: String,
    },
    /// By phone alone: made once, remembered by id.
    PhoneOnly,
}

/// One of a hotline's senders, as Twilio names it in `To` or `MessagingServiceSid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender<'a> {
    /// A number for texts and calls.
    Number(&'a E164),
    /// A WhatsApp sender.
    Whatsapp(&'a E164),
    /// A messaging service, by its SID.
    MessagingService(&'a str),
}

/// The whole configuration, without contradictions.
#[derive(Clone, Debug)]
pub struct Config {
    /// Our origin as Twilio and Help Scout see it, without a slash at the end.
    pub public_url: String,
    /// How people are named to Help Scout.
    pub customers: Customers,
    /// Before `/2010-04-01/…`; no slash at the end, here and below.
    pub twilio_api_url: String,
    /// Before Lookup's `/v2/…`.
    pub twilio_lookups_url: String,
    /// Before the Inbox API's `/v2/…`.
    pub helpscout_api_url: String,
    /// The origin that may frame the sidebar and speak to it.
    pub helpscout_app_origin: String,
    /// What must not be seen.
    pub secrets: Secrets,
    /// At least one; no mailbox and no sender belongs to two.
    pub hotlines: Vec<Hotline>,
}

impl Config {
    /// Reads all variables and secrets; the error is the first that was met.
    pub fn read(vars: &[(String, Var)]) -> Result<Self, ConfigError> {
        let problems = Problems::default();
        let config = read(vars, Scope::WithSecrets, &problems);
        match (config, problems.0.take().into_iter().next()) {
            (Some(config), None) => Ok(config),
            (_, Some(error)) => Err(error),
            (None, None) => Err(ConfigError { field: "vars".to_owned(), problem: "cannot be read".to_owned() }),
        }
    }

    /// The hotline of a Help Scout inbox.
    pub fn by_mailbox(&self, mailbox: u64) -> Option<&Hotline> {
        self.hotlines.iter().find(|hotline| hotline.mailbox == mailbox)
    }

    /// The hotline that a sender belongs to.
    pub fn by_sender(&self, sender: Sender<'_>) -> Option<&Hotline> {
        self.hotlines.iter().find(|hotline| hotline.has_sender(sender))
    }

    /// Whether a number belongs to a hotline: whoever calls or texts from it is a hotline that answers itself.
    pub fn is_own(&self, number: &E164) -> bool {
        self.hotlines.iter().any(|hotline| hotline.owns(number))
    }
}

/// Everything that is wrong, in the order of the variables' reading; empty when the configuration is good.
pub fn problems(vars: &[(String, Var)], scope: Scope) -> Vec<ConfigError> {
    let problems = Problems::default();
    read(vars, scope, &problems);
    problems.0.take()
}

/// The problems met so far. Readers share it and go on after a problem, so that one check finds all.
#[derive(Default)]
struct Problems(Cell<Vec<ConfigError>>);

impl Problems {
    fn add(&self, field: &str, problem: &str) {
        let mut all = self.0.take();
        all.push(ConfigError { field: field.to_owned(), problem: problem.to_owned() });
        self.0.set(all);
    }
}

fn read(vars: &[(String, Var)], scope: Scope, problems: &Problems) -> Option<Config> {
    let unheard = Problems::default();
    let mut settings = Settings::new(vars, problems);
    let public_url = settings.origin("PUBLIC_URL", None);
    let customers = settings.customers();
    let twilio_api_url = settings.address("TWILIO_API_URL", "https://api.twilio.com");
    let twilio_lookups_url = settings.address("TWILIO_LOOKUPS_URL", "https://lookups.twilio.com");
    let helpscout_api_url = settings.address("HELPSCOUT_API_URL", "https://api.helpscout.net");
    let helpscout_app_origin = settings.origin("HELPSCOUT_APP_ORIGIN", Some("https://secure.helpscout.net"));
    let hotlines = hotline::read_all(vars, problems);
    settings.report_to(if scope == Scope::WithSecrets { problems } else { &unheard });
    let is_development = public_url.as_deref().is_none_or(is_loopback);
    let secrets = Secrets::read(&mut settings, is_development);
    settings.report_to(problems);
    settings.refuse_unknown();
    Some(Config {
        public_url: public_url?,
        customers: customers?,
        twilio_api_url: twilio_api_url?,
        twilio_lookups_url: twilio_lookups_url?,
        helpscout_api_url: helpscout_api_url?,
        helpscout_app_origin: helpscout_app_origin?,
        secrets: secrets?,
        hotlines,
    })
}

#[cfg(test)]
mod tests;
