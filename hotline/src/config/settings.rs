//! The plain variables: text by name, addresses, how customers are named.

use std::net::Ipv4Addr;

use serde_json::Value;

use super::{Customers, HOTLINE_PREFIX, POOL_PREFIX, Problems, VARIABLE_MAX_BYTES, Var, paste_cleanup};

/// Refuses a variable that Cloudflare would not take.
pub(super) fn refuse_oversize(name: &str, var: &Var, problems: &Problems) {
    let bytes = match var {
        Var::Text(text) => text.len(),
        Var::Json(json) => json.to_string().len(),
    };
    if bytes > VARIABLE_MAX_BYTES {
        problems.add(name, "is over the 5 KB that Cloudflare allows a variable; shorten its texts");
    }
}

/// Names with these beginnings are ours, so an unknown one is a slip of the pen.
const OUR_PREFIXES: [&str; 2] = ["TWILIO_", "HELPSCOUT_"];

/// Variables by name; it remembers which were asked for.
pub(super) struct Settings<'a> {
    vars: &'a [(String, Var)],
    problems: &'a Problems,
    asked: Vec<&'static str>,
}

impl<'a> Settings<'a> {
    pub(super) fn new(vars: &'a [(String, Var)], problems: &'a Problems) -> Self {
        // A hotline's or pool's table is looked at where it is read: what is wrong with it is its own.
        let is_table = |name: &str| name.starts_with(HOTLINE_PREFIX) || name.starts_with(POOL_PREFIX);
        for (name, var) in vars.iter().filter(|(name, _)| !is_table(name)) {
            refuse_oversize(name, var, problems);
        }
        Self { vars, problems, asked: Vec::new() }
    }

    /// Where problems go from here on.
    pub(super) fn report_to(&mut self, problems: &'a Problems) {
        self.problems = problems;
    }

    pub(super) fn problem(&self, field: &str, problem: &str) {
        self.problems.add(field, problem);
    }

    pub(super) fn var(&mut self, name: &'static str) -> Option<&'a Var> {
        self.asked.push(name);
        self.vars.iter().find(|(known, _)| known == name).map(|(_, var)| var)
    }

    /// The text, if there is any, without what a paste has put around it.
    pub(super) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        match self.var(name)? {
            Var::Text(text) => Some(paste_cleanup::stripped(text)).filter(|text| !text.is_empty()),
            Var::Json(Value::Null) => None,
            Var::Json(_) => {
                self.problem(name, "must be text in quotes");
                None
            }
        }
    }

    pub(super) fn required(&mut self, name: &'static str, problem: &str) -> Option<&'a str> {
        let text = self.text(name);
        if text.is_none() {
            self.problem(name, problem);
        }
        text
    }

    pub(super) fn public_url(&mut self) -> Option<String> {
        self.origin("PUBLIC_URL", None)
    }

    pub(super) fn twilio_api_url(&mut self) -> Option<String> {
        self.address("TWILIO_API_URL", "https://api.twilio.com")
    }

    pub(super) fn helpscout_api_url(&mut self) -> Option<String> {
        self.address("HELPSCOUT_API_URL", "https://api.helpscout.net")
    }

    /// An address as below, if it is given.
    pub(super) fn optional_address(&mut self, name: &'static str) -> Option<String> {
        self.text(name)?;
        self.address(name, "")
    }

    /// An http(s) address that may have a path.
    pub(super) fn address(&mut self, name: &'static str, default: &str) -> Option<String> {
        let text = self.text(name).unwrap_or(default);
        let address = text.strip_suffix('/').unwrap_or(text);
        if parts(address).is_none() {
            self.problem(name, "must be an address such as https://api.example.org, without a question mark or #");
            return None;
        }
        self.encrypted(name, address)
    }

    /// An http(s) address of a host and nothing more; required when there is no default.
    pub(super) fn origin(&mut self, name: &'static str, default: Option<&str>) -> Option<String> {
        const WANTED: &str = "must be an address such as https://hotline.example.org, without a path";
        let text = match default {
            Some(default) => self.text(name).unwrap_or(default),
            None => self.required(name, WANTED)?,
        };
        let address = text.strip_suffix('/').unwrap_or(text);
        if parts(address).is_none_or(|(_, path)| !path.is_empty()) {
            self.problem(name, WANTED);
            return None;
        }
        self.encrypted(name, address)
    }

    /// The address, unless what goes there could be read on the way.
    fn encrypted(&self, name: &str, address: &str) -> Option<String> {
        if address.starts_with("http://") && !is_loopback(address) {
            self.problem(name, "must begin with https://; plain http:// is for this machine alone, as in development");
            return None;
        }
        Some(address.to_owned())
    }

    pub(super) fn customers(&mut self) -> Option<Customers> {
        const DOMAIN: &str = "HELPSCOUT_CUSTOMER_EMAIL_DOMAIN";
        let (domain, kind) = (self.text(DOMAIN), self.text("HELPSCOUT_CUSTOMERS"));
        match (domain, kind) {
            (Some(domain), None) if is_domain(domain) => Some(Customers::Email { domain: domain.to_ascii_lowercase() }),
            (None, Some("phone_only")) => Some(Customers::PhoneOnly),
            (Some(_), None) => {
                self.problem(DOMAIN, "must be a domain such as sms.example.org, without an @");
                None
            }
            (Some(_), Some(_)) => {
                self.problem(
                    "HELPSCOUT_CUSTOMERS",
                    "contradicts HELPSCOUT_CUSTOMER_EMAIL_DOMAIN; leave out one of the two",
                );
                None
            }
            (None, Some(_)) => {
                self.problem("HELPSCOUT_CUSTOMERS", "can only be \"phone_only\"");
                None
            }
            (None, None) => {
                self.problem(
                    DOMAIN,
                    "is missing; give a domain that drops mail, or say HELPSCOUT_CUSTOMERS = \"phone_only\"",
                );
                None
            }
        }
    }

    /// Names that begin like ours and mean nothing.
    pub(super) fn refuse_unknown(&self) {
        for (name, _) in self.vars {
            let ours = OUR_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
            if ours && !self.asked.contains(&name.as_str()) {
                self.problem(name, "is not a setting; look for a slip of the pen in its name");
            }
        }
    }
}

/// Whether this is an http(s) address of a host and perhaps a path.
pub fn is_address(text: &str) -> bool {
    parts(text).is_some()
}

/// The host (with port) and the path of an http(s) address, if it has only these.
fn parts(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let (host, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    let numbered = port.parse::<u16>().is_ok();
    let clean = path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#'));
    (named && numbered && clean && !path.ends_with('/')).then_some((host, path))
}

/// Whether an address never leaves the machine (RFC 6761, section 6.3: `localhost` and below; RFC 1122: 127.0.0.0/8).
pub fn is_loopback(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest);
    let name = authority.split(':').next().unwrap_or(authority).to_ascii_lowercase();
    let by_number = name.parse::<Ipv4Addr>().is_ok_and(|number| number.is_loopback());
    let by_name = name == "localhost" || name.ends_with(".localhost");
    !authority.contains('@') && (by_number || by_name)
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.contains('.') && text.split('.').all(is_label)
}
