//! Where links lead, said once.

use percent_encoding::percent_decode_str;

use super::pieces::Element;
use super::wrappers::{unwrapped, unwrapped_in};
use crate::domain::text::invisible::is_space;

/// Where a link leads, if a person with a phone can use it.
pub(super) enum Address {
    Web(String),
    Mail(String),
    Phone(String),
}

impl Address {
    pub(super) fn of(link: &Element) -> Option<Self> {
        let href = link.attribute("href")?;
        let href: String = href.chars().filter(|&c| !is_space(c) && !c.is_control()).collect();
        let href = unwrapped(&href, link.attribute("originalsrc")).unwrap_or(href);
        let (scheme, rest) = href.split_once(':')?;
        let direct = || {
            let direct = rest.trim_start_matches('/').split('?').next().unwrap_or_default();
            Some(percent_decode_str(direct).decode_utf8_lossy().into_owned()).filter(|direct| !direct.is_empty())
        };
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => Some(Self::Web(href)),
            "mailto" => direct().map(Self::Mail),
            "tel" | "sms" | "callto" => direct().map(Self::Phone),
            _ => None,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        let (Self::Web(address) | Self::Mail(address) | Self::Phone(address)) = self;
        address
    }

    /// Whether the link's words are the address itself, so that it need not be said twice.
    pub(super) fn is_said_by(&self, words: &str) -> bool {
        match self {
            Self::Web(address) => {
                let words = if words.to_ascii_lowercase().starts_with("http") {
                    words.to_owned()
                } else {
                    ["https://", words].concat()
                };
                let (address, words) = (bare(address), unwrapped_in(&words));
                match words.strip_suffix('…').or_else(|| words.strip_suffix("...")) {
                    // A long address may be shown shortened.
                    Some(begin) => begin.contains(['.', '/']) && address.starts_with(&bare(begin)),
                    None => address == bare(&words),
                }
            }
            Self::Mail(address) => {
                let words =
                    words.split_once(':').filter(|(scheme, _)| *scheme == "mailto").map_or(words, |(_, words)| words);
                address.to_lowercase() == percent_decode_str(words).decode_utf8_lossy().to_lowercase()
            }
            Self::Phone(address) => {
                // Ten digits may be said without the country code; fewer could be any number.
                let (address, words) = (digits(address), digits(words));
                address == words || (words.len() >= 10 && address.ends_with(&words))
            }
        }
    }
}

/// An address without what is the same however it is written: scheme, capitals, last slash, encoding.
fn bare(address: &str) -> String {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let address = decoded(address).to_lowercase();
    let (host, path) = address.split_at(address.find(['/', '?', '#']).unwrap_or(address.len()));
    let host: Vec<String> =
        host.split('.').map(|label| super::punycode::decoded(label).unwrap_or_else(|| label.to_owned())).collect();
    // Host names are told apart without their marks of writing; a path may end in one slash.
    let whole = [host.join(".").as_str(), path].concat();
    whole.strip_suffix('/').map_or(whole.clone(), str::to_owned)
}

/// Without the encoding of an address, and with each space as one.
fn decoded(address: &str) -> String {
    let decoded = percent_decode_str(address).decode_utf8_lossy();
    decoded.replace("&amp;", "&").split(|c| is_space(c) || c == '+').collect::<Vec<_>>().join(" ")
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
