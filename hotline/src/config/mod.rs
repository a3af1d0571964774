//! The configuration: plain variables, one table per hotline, secrets. Read whole or refused field by field.

mod alerts;
mod api_keys;
mod country;
mod fallback;
mod fields;
mod hotline;
mod hotlines;
mod hours;
mod parts;
mod paste_cleanup;
mod plain;
mod pool;
mod program_messages;
mod protection;
pub(crate) mod retention;
mod secrets;
mod settings;
mod sid;
mod verify;
mod words;

use std::cell::Cell;

use serde_json::Value;

pub use alerts::Alerts;
pub use api_keys::{ApiKey, ApiKeys, ApiScope, is_id as is_api_key_id};
pub use country::Country;
pub use fallback::Fallback;
pub use hotline::{Hotline, Receipts, Threading};
pub use hotlines::{ALREADY_BELONGS, CALLS_ITSELF, NO_HOTLINE_FIELD, RefusedHotline};
pub use hours::{Closed, Days, Hours, Opening};
pub(crate) use parts::CLICK_S;
pub use parts::{Accept, Callback, Limits, Prompt, Ring, RingOrder, Voice, Voicemail};
pub use plain::PlainConfig;
pub use pool::{Matching, Pool};
pub use program_messages::{Cap, ProgramMessages};
pub use protection::{AutoReply, RepeatedCalls};
pub use secrets::{Secret, Secrets, TwilioApiKey};
pub use settings::{is_address, is_loopback};
pub use sid::MessagingServiceSid;
pub use verify::Verify;
pub use words::Words;

use crate::domain::phone::E164;
use settings::Settings;

/// The size of one variable on Cloudflare, in bytes (Cloudflare, Workers limits: 5 KB).
const VARIABLE_MAX_BYTES: usize = 5 * 1024;

/// How the variables that hold a hotline's table begin.
const HOTLINE_PREFIX: &str = "HOTLINE_";

/// How the variables that hold a pool's table begin.
const POOL_PREFIX: &str = "POOL_";

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

/// Which version of the Worker runs, as the platform says it (Cloudflare, Workers, Version metadata).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: Option<String>,
    /// When it was uploaded, RFC 3339.
    pub uploaded_at: Option<String>,
    /// The versions of the tables that it writes.
    pub schema: protocol::health::Schema,
}

/// The whole configuration, without contradictions but in [`Config::refused`].
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
    /// Where operators are told that something is wrong.
    pub alerts: Alerts,
    /// Which version of the Worker runs.
    pub version: Version,
    /// What must not be seen.
    pub secrets: Secrets,
    /// No mailbox and no sender belongs to two.
    pub hotlines: Vec<Hotline>,
    /// Those whose tables are wrong; together with the others at least one.
    pub refused: Vec<RefusedHotline>,
    /// No number of theirs belongs to two, or to a hotline.
    pub pools: Vec<Pool>,
    /// Whether the table of any other pool is wrong.
    pub is_pool_refused: bool,
    /// What is wrong and stops a part of the work only: tables of hotlines, a secret that one route alone needs.
    pub faults: Vec<ConfigError>,
}

impl Config {
    /// Reads all variables and secrets; the error is the first that was met of those that stop everything.
    pub fn read(vars: &[(String, Var)]) -> Result<Self, ConfigError> {
        let (problems, faults) = (Problems::default(), Problems::default());
        let config = read_parts(vars, Scope::WithSecrets, &problems, &faults);
        match (config, problems.0.take().into_iter().next()) {
            (Some(config), None) => Ok(Self { faults: faults.0.take(), ..config }),
            (_, Some(error)) => Err(error),
            (None, None) => Err(ConfigError { field: "vars".to_owned(), problem: "cannot be read".to_owned() }),
        }
    }

    /// The hotline of a Help Scout inbox.
    pub fn by_mailbox(&self, mailbox: u64) -> Option<&Hotline> {
        self.hotlines.iter().find(|hotline| hotline.mailbox == mailbox)
    }

    /// The hotline whose table is `HOTLINE_` and this name.
    pub fn by_name(&self, name: &str) -> Option<&Hotline> {
        self.hotlines.iter().find(|hotline| hotline.api_name() == name)
    }

    /// The hotline that a sender belongs to.
    pub fn by_sender(&self, sender: Sender<'_>) -> Option<&Hotline> {
        self.hotlines.iter().find(|hotline| hotline.has_sender(sender))
    }

    /// The pool that a number belongs to.
    pub fn pool_of(&self, number: &E164) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.numbers.contains(number))
    }

    /// The pool whose table is `POOL_` and this name.
    pub fn pool(&self, name: &str) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.api_name() == name)
    }

    /// Whether a number to which nobody belongs may stand with a slip in a table that is wrong.
    pub fn may_be_refused(&self) -> bool {
        !self.refused.is_empty() || self.is_pool_refused
    }

    /// Whether a number belongs to a hotline or a pool: whoever calls or texts from it is a hotline that answers itself.
    pub fn is_own(&self, number: &E164) -> bool {
        let refused = self.refused.iter().map(|refused| &refused.hotline);
        let is_of_pool = || self.pools.iter().flat_map(|pool| &pool.numbers).any(|own| own.is_same_phone(number));
        self.hotlines.iter().chain(refused).any(|hotline| hotline.owns(number)) || is_of_pool()
    }

    /// The inboxes of all hotlines, also of those whose tables are wrong as far as they say it; each once.
    pub fn mailboxes(&self) -> impl Iterator<Item = u64> {
        self.shown_hotlines().map(|hotline| hotline.mailbox)
    }

    /// The hotlines that operators see: also those whose tables are wrong, as far as they say their inbox.
    pub fn shown_hotlines(&self) -> impl Iterator<Item = &Hotline> {
        let refused = self.refused.iter().map(|refused| &refused.hotline);
        let refused = refused.filter(|hotline| hotline.mailbox != 0 && self.by_mailbox(hotline.mailbox).is_none());
        self.hotlines.iter().chain(refused)
    }

    /// The hotline of a Help Scout inbox, when its table is wrong. An inbox that two tables name is the first one's.
    pub fn refused_by_mailbox(&self, mailbox: u64) -> Option<&RefusedHotline> {
        let found = self.refused.iter().find(|refused| mailbox != 0 && refused.hotline.mailbox == mailbox);
        found.filter(|_| self.by_mailbox(mailbox).is_none())
    }

    /// The hotline that a sender belongs to, when its table is wrong.
    pub fn refused_by_sender(&self, sender: Sender<'_>) -> Option<&RefusedHotline> {
        self.refused.iter().find(|refused| refused.hotline.has_sender(sender))
    }
}

/// Everything that is wrong, what stops everything first; empty when the configuration is good.
pub fn problems(vars: &[(String, Var)], scope: Scope) -> Vec<ConfigError> {
    let (problems, faults) = (Problems::default(), Problems::default());
    read_parts(vars, scope, &problems, &faults);
    let mut all = problems.0.take();
    all.extend(faults.0.take());
    all
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

fn read_parts(vars: &[(String, Var)], scope: Scope, problems: &Problems, faults: &Problems) -> Option<Config> {
    let unheard = Problems::default();
    let (of_secrets, faults_of_secrets) = match scope {
        Scope::WithSecrets => (problems, faults),
        Scope::WithoutSecrets => (&unheard, &unheard),
    };
    let mut settings = Settings::new(vars, problems);
    let public_url = settings.public_url();
    let customers = settings.customers();
    let twilio_api_url = settings.twilio_api_url();
    let twilio_lookups_url = settings.address("TWILIO_LOOKUPS_URL", "https://lookups.twilio.com");
    let helpscout_api_url = settings.helpscout_api_url();
    let helpscout_app_origin = settings.origin("HELPSCOUT_APP_ORIGIN", Some("https://secure.helpscout.net"));
    plain::twilio_hosts(&mut settings, twilio_api_url.as_deref());
    let alerts = Alerts::read(&mut settings, public_url.as_deref(), problems);
    let hotlines = hotlines::read_all(vars, problems);
    for error in hotlines.refused.iter().flat_map(|refused| &refused.errors) {
        faults.add(&error.field, &error.problem);
    }
    let (pools, is_pool_refused) = pool::read_all(vars, &hotlines.good, faults);
    settings.report_to(of_secrets);
    let is_development = public_url.as_deref().is_none_or(is_loopback);
    let secrets = Secrets::read(&mut settings, is_development, faults_of_secrets);
    if let Some(secrets) = &secrets {
        secrets.api_keys.refuse_unknown_hotlines(vars, faults_of_secrets);
    }
    settings.report_to(problems);
    settings.refuse_unknown();
    Some(Config {
        public_url: public_url?,
        customers: customers?,
        twilio_api_url: twilio_api_url?,
        twilio_lookups_url: twilio_lookups_url?,
        helpscout_api_url: helpscout_api_url?,
        helpscout_app_origin: helpscout_app_origin?,
        alerts,
        version: Version::default(),
        secrets: secrets?,
        hotlines: hotlines.good,
        refused: hotlines.refused,
        pools,
        is_pool_refused,
        faults: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
