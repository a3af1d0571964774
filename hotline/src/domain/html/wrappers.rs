//! Addresses that mail services wrap in one of their own, to look at what is clicked. Only known ones are unwrapped, by
//! their host: somebody else's redirection stays what it is.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use form_urlencoded::parse;
use percent_encoding::percent_decode_str;

/// How a service wraps an address.
#[derive(Clone, Copy)]
enum Way {
    /// In this parameter.
    Parameter(&'static str),
    /// In this parameter, `%` as `-` and `/` as `_`.
    Dashed(&'static str),
    /// In this parameter, in base64.
    Base64(&'static str),
    /// In this parameter, with the service's own parameters after it where it was encoded twice.
    Safe(&'static str),
    /// In the path between these marks.
    Between(&'static str, &'static str),
    /// In the path between `__` and `__;`, where `*` stands for characters that follow in base64.
    Starred,
    /// As the last part of the path, encoded.
    LastPart,
    /// In a place of its own service; only the link's `originalsrc` tells.
    Elsewhere,
}

/// A host (`.` first: all below it; `.` last: in any country), the beginning of its path, and how it wraps.
const WRAPPERS: &[(&str, &str, Way)] = &[
    // Microsoft's Safe Links, also in Teams, and the redirection of Outlook's web app.
    (".safelinks.protection.outlook.com", "/", Way::Safe("url")),
    (".safelinks.protection.office365.us", "/", Way::Safe("url")),
    (".safelinks.protection.partner.outlook.cn", "/", Way::Safe("url")),
    ("statics.teams.cdn.office.net", "/evergreen-assets/safelinks", Way::Parameter("url")),
    (".outlook.com", "/owa/redir.aspx", Way::Parameter("url")),
    (".live.com", "/owa/redir.aspx", Way::Parameter("url")),
    // Google's search, Docs and mail; YouTube.
    ("www.google.", "/url", Way::Parameter("q")),
    ("www.google.", "/url", Way::Parameter("url")),
    ("google.", "/url", Way::Parameter("q")),
    ("google.", "/url", Way::Parameter("url")),
    ("www.youtube.com", "/redirect", Way::Parameter("q")),
    // Proofpoint.
    ("urldefense.proofpoint.com", "/v1/url", Way::Parameter("u")),
    ("urldefense.proofpoint.com", "/v2/url", Way::Dashed("u")),
    ("urldefense.com", "/v3/", Way::Starred),
    ("urldefense.us", "/v3/", Way::Starred),
    ("urldefense.proofpoint.com", "/v3/", Way::Starred),
    // Barracuda, Cisco, Check Point, Trend Micro, Symantec, FireEye, Sophos, Mimecast.
    ("linkprotect.cudasvc.com", "/url", Way::Parameter("a")),
    ("secure-web.cisco.com", "/", Way::LastPart),
    ("protect.checkpoint.com", "/v2/", Way::Between("___", "___")),
    (".trendmicro.com", "/", Way::Parameter("url")),
    ("clicktime.symantec.com", "/", Way::Parameter("u")),
    (".fireeye.com", "/", Way::Parameter("u")),
    (".protection.sophos.com", "/", Way::Base64("u")),
    (".mimecast.com", "/s/", Way::Elsewhere),
    // Talk and search.
    ("l.facebook.com", "/l.php", Way::Parameter("u")),
    ("lm.facebook.com", "/l.php", Way::Parameter("u")),
    ("l.instagram.com", "/", Way::Parameter("u")),
    ("l.messenger.com", "/l.php", Way::Parameter("u")),
    ("www.linkedin.com", "/redir/", Way::Parameter("url")),
    ("www.linkedin.com", "/safety/go", Way::Parameter("url")),
    ("slack-redir.net", "/link", Way::Parameter("url")),
    ("out.reddit.com", "/", Way::Parameter("url")),
    ("duckduckgo.com", "/l/", Way::Parameter("uddg")),
    ("vk.com", "/away.php", Way::Parameter("to")),
];

/// How often an address may be wrapped: a mail that goes through several services is wrapped by each.
const MOST_TIMES: usize = 5;

/// The address that was wrapped; `None` when this is not a known wrapper of one. `original` is what the link's
/// `originalsrc` says.
pub(super) fn unwrapped(address: &str, original: Option<&str>) -> Option<String> {
    let mut found = None;
    for _ in 0..MOST_TIMES {
        let around = found.as_deref().unwrap_or(address);
        let original = original.filter(|_| found.is_none());
        let Some(within) = unwrapped_once(around, original) else { break };
        found = Some(within);
    }
    found
}

fn unwrapped_once(address: &str, original: Option<&str>) -> Option<String> {
    let after_scheme = after_scheme(address)?;
    let (host, path) = after_scheme.split_at(after_scheme.find(['/', '?', '#']).unwrap_or(after_scheme.len()));
    let host = host.to_ascii_lowercase();
    let path = if path.starts_with('/') { path.to_owned() } else { ["/", path].concat() };
    let mut ways =
        WRAPPERS.iter().filter(|(known, begin, _)| is_host(&host, known) && path.starts_with(begin)).peekable();
    ways.peek()?;
    if let Some(original) = original.filter(|original| is_address(original)) {
        return Some(original.trim().to_owned());
    }
    ways.find_map(|(.., way)| within(&path, *way)).filter(|within| is_address(within))
}

fn after_scheme(address: &str) -> Option<&str> {
    let (scheme, rest) = address.trim().split_once("://")?;
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")).then_some(rest)
}

/// Whether a person with a phone can use it: services wrap addresses of mail and telephones too.
fn is_address(address: &str) -> bool {
    let is_direct = || {
        let scheme = address.trim().split(':').next().unwrap_or_default().to_ascii_lowercase();
        matches!(scheme.as_str(), "mailto" | "tel" | "sms")
    };
    after_scheme(address).map_or_else(is_direct, |rest| rest.starts_with(|c: char| c.is_alphanumeric()))
}

fn is_host(host: &str, known: &str) -> bool {
    if known.starts_with('.') {
        return host.ends_with(known);
    }
    match known.strip_suffix('.') {
        // `com`, `de`, `co.uk`, `com.br`: no part of them is long.
        Some(_) => {
            host.strip_prefix(known).is_some_and(|country| country.split('.').count() <= 2 && country.len() <= 6)
        }
        None => host == known,
    }
}

fn within(path: &str, way: Way) -> Option<String> {
    let parameter = |name: &str| {
        let (_, query) = path.split_once('?')?;
        let query = query.split('#').next().unwrap_or_default();
        parse(query.as_bytes()).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.into_owned())
    };
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    match way {
        Way::Parameter(name) => parameter(name),
        Way::Dashed(name) => parameter(name).map(|value| decoded(&value.replace('-', "%").replace('_', "/"))),
        Way::Base64(name) => from_base64(&parameter(name)?),
        Way::Between(begin, end) => {
            let (_, from) = path.split_once(begin)?;
            let (address, _) = from.split_once(end)?;
            Some(with_slashes(address))
        }
        Way::Safe(name) => {
            // What follows `data` names the agent's own mail address.
            parameter(name).map(|value| value.split("&data=0").next().unwrap_or_default().to_owned())
        }
        Way::Starred => starred(path),
        Way::LastPart => path.rsplit('/').next().map(decoded),
        Way::Elsewhere => None,
    }
}

fn from_base64(text: &str) -> Option<String> {
    let text = text.trim_end_matches('=');
    let bytes = URL_SAFE_NO_PAD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok()?;
    String::from_utf8(bytes).ok()
}

/// Proxies on the way make one slash of two.
fn with_slashes(address: &str) -> String {
    match address.split_once(":/") {
        Some((scheme, rest)) if !rest.starts_with('/') => [scheme, "://", rest].concat(),
        _ => address.to_owned(),
    }
}

/// Proofpoint's third form: `*` stands for the next of the characters after the address, `**` and a letter for several.
fn starred(path: &str) -> Option<String> {
    const COUNTS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (_, from) = path.split_once("__")?;
    let (address, rest) = from.split_once("__;")?;
    let meant = from_base64(rest.split('!').next()?)?;
    let mut meant = meant.chars();
    let mut whole = String::with_capacity(address.len());
    let mut written = address.chars();
    while let Some(c) = written.next() {
        if c != '*' {
            whole.push(c);
        } else if written.as_str().starts_with('*') {
            // `A` counts two.
            let count = written.nth(1).and_then(|count| COUNTS.find(count))? + 2;
            whole.extend(meant.by_ref().take(count));
        } else {
            whole.push(meant.next()?);
        }
    }
    Some(with_slashes(&whole))
}

/// A text in which each wrapped address is the one that was wrapped.
pub(super) fn unwrapped_in(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let lower_case = text.to_ascii_lowercase();
    let mut rest = text;
    while let Some(at) = lower_case.get(text.len() - rest.len()..).and_then(|rest| rest.find("http")) {
        let (before, from) = rest.split_at(at);
        whole.push_str(before);
        let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '(' | ')');
        let address = from.split(ends).next().unwrap_or_default().trim_end_matches(['.', ',', ';', ':', '!', '?']);
        let (address, after) = from.split_at(address.len().max("http".len()));
        whole.push_str(&unwrapped(address, None).unwrap_or_else(|| address.to_owned()));
        rest = after;
    }
    whole + rest
}
