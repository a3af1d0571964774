//! The address of an endpoint that events are delivered to: `https` to a public name and to nothing else.
//!
//! Stricter than the URL standard, so that no two programs read the same address in two ways: letters, digits and hyphens in
//! the name, no user, no fragment, no escapes before the path. A test compares it with the crate `url`.

/// The longest address.
const LONGEST: usize = 1_000;

/// The longest name and the longest label (RFC 1035, 2.3.4).
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Names that lead nowhere outside: RFC 6761, RFC 6762, RFC 8375, RFC 7686, ICANN's `.internal`, and those that routers and
/// companies use.
const PRIVATE: [&str; 12] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "test",
    "invalid",
    "onion",
];

/// Such an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointUrl(String);

impl EndpointUrl {
    /// Reads an address; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > LONGEST {
            return Err("must have at most 1000 characters");
        }
        let rest = strip_scheme(text).ok_or("must begin with https://")?;
        if !rest.bytes().all(may_stand_in_an_address) {
            return Err("holds a character that must be escaped; a name with other letters is written as xn--…");
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err("must not hold a user or a password");
        }
        let (name, port) = authority.split_once(':').map_or((authority, None), |(name, port)| (name, Some(port)));
        if port.is_some_and(|port| !is_allowed_port(port)) {
            return Err("must have port 443 or one above 1023");
        }
        let name = name.to_ascii_lowercase();
        check_name(&name)?;
        let port = port.map(|port| [":", port].concat()).unwrap_or_default();
        Ok(Self(["https://", &name, &port, path].concat()))
    }

    /// As it is asked for.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn strip_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked("https://".len())?;
    scheme.eq_ignore_ascii_case("https://").then_some(rest)
}

fn may_stand_in_an_address(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte)
}

fn is_allowed_port(port: &str) -> bool {
    let is_plain = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    is_plain && port.parse::<u16>().is_ok_and(|port| port == 443 || port > 1023)
}

fn check_name(name: &str) -> Result<(), &'static str> {
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        is_plain && (1..=LONGEST_LABEL).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_public = |name: &str| !PRIVATE.iter().any(|it| name == *it || name.ends_with(&[".", *it].concat()));
    // What is read as a number is an address (URL standard, "ends in a number").
    let last = name.rsplit('.').next().unwrap_or_default();
    if !last.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err("must name a public host, not an address");
    }
    if name.len() > LONGEST_NAME || !name.split('.').all(is_label) {
        return Err("must name a public host: letters, digits and hyphens between dots");
    }
    if !name.contains('.') || !is_public(name) {
        return Err("must name a host that everybody can reach");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::{Host, Url};

    use super::*;

    /// Addresses as the crate `url` reads what we let through.
    fn judge(text: &str) {
        let Ok(ours) = EndpointUrl::parse(text) else { return };
        let theirs = Url::parse(text).unwrap();
        let Some(Host::Domain(name)) = theirs.host() else { panic!("{text} is an address") };
        assert!(ours.as_str().starts_with(&format!("https://{name}")), "{text}: {name}");
        assert_eq!(
            (theirs.scheme(), theirs.username(), theirs.password(), theirs.fragment()),
            ("https", "", None, None)
        );
        assert!(theirs.port_or_known_default().is_some_and(|port| port == 443 || port > 1023));
    }

    #[test]
    fn public_addresses_are_taken() {
        for text in [
            "https://hooks.example.org",
            "https://hooks.example.org/",
            "https://hooks.example.org:443/in?key=a%20b&c=d",
            "https://hooks.example.org:8443/in",
            "HTTPS://Hooks.Example.ORG/In",
            "https://xn--bcher-kva.example.com/a;b",
            "https://a-b.co",
            "https://1.example.com",
            "https://localhost.example.com",
            "https://internal.example.com",
            "https://hooks.example.org?only=query",
            "https://hooks.example.org/@name",
        ] {
            assert!(EndpointUrl::parse(text).is_ok(), "{text}: {:?}", EndpointUrl::parse(text));
            judge(text);
        }
        assert_eq!(
            EndpointUrl::parse("HTTPS://Hooks.Example.ORG/In").unwrap().as_str(),
            "https://hooks.example.org/In"
        );
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "https://",
            "https:///path",
            "http://hooks.example.org",
            "ftp://hooks.example.org",
            "//hooks.example.org",
            "https:hooks.example.org",
            "https:/hooks.example.org",
            " https://hooks.example.org",
            "https://hooks.example.org ",
            "https://hooks.example.org/a b",
            "https://hooks.example.org/#part",
            "https://hooks.example.org\n/",
            "https://hooks.example.org\\@evil.example.com",
            "https://user@hooks.example.org",
            "https://user:password@hooks.example.org",
            "https://hooks.example.org@10.0.0.1",
            // Addresses, however they are written.
            "https://127.0.0.1",
            "https://127.0.0.1.",
            "https://10.0.0.1:8443",
            "https://127.1",
            "https://2130706433",
            "https://0x7f000001",
            "https://0x7f.0.0.1",
            "https://0177.0.0.1",
            "https://0x7f.1",
            "https://169.254.169.254/latest/meta-data",
            "https://1.2.3.4.5",
            "https://hooks.example.0x1",
            "https://[::1]",
            "https://[::ffff:127.0.0.1]/",
            "https://[fd00::1]:8443",
            "https://%31%32%37.0.0.1",
            "https://127。0。0。1",
            "https://①②⑦.⓪.⓪.①",
            // Names that lead inside.
            "https://localhost",
            "https://localhost.",
            "https://LOCALHOST",
            "https://hooks.localhost",
            "https://hooks",
            "https://metadata.google.internal",
            "https://printer.local",
            "https://nas.home.arpa",
            "https://hooks.test",
            "https://hooks.lan",
            "https://hooks.example.org.",
            "https://hooks..example.org",
            "https://.example.org",
            "https://-hooks.example.org",
            "https://hooks-.example.org",
            "https://hooks_1.example.org",
            "https://hööks.example.org",
            "https://hooks.example.org%2eevil.com",
            // Ports.
            "https://hooks.example.org:22",
            "https://hooks.example.org:80",
            "https://hooks.example.org:1023",
            "https://hooks.example.org:0",
            "https://hooks.example.org:65536",
            "https://hooks.example.org:",
            "https://hooks.example.org:+443",
            "https://hooks.example.org:0443",
            "https://hooks.example.org:443:443",
            "https://hooks.example.org:٤٤٣",
        ] {
            assert!(EndpointUrl::parse(text).is_err(), "{text}");
        }
        assert!(EndpointUrl::parse(&format!("https://hooks.example.org/{}", "a".repeat(1_000))).is_err());
        assert!(EndpointUrl::parse(&format!("https://{}.org", "a".repeat(64))).is_err());
        assert!(EndpointUrl::parse(&format!("https://{}org", "a.".repeat(126))).is_err());
    }

    proptest! {
        #[test]
        fn what_is_taken_is_read_alike_by_others(text in "https://[a-zA-Z0-9.:@\\[\\]%_x/-]{1,24}(:[0-9]{0,5})?(/[!-~]{0,8})?") {
            judge(&text);
        }
    }
}
