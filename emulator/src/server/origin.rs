//! Keeps pages elsewhere in the browser from using the emulator, which listens without a password.

use crate::http::Request;

/// Why a request is refused; none for a program on this machine and for the emulator's own pages.
pub(super) fn refusal(request: &Request, segments: &[&str]) -> Option<&'static str> {
    let header = |name: &str| request.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let host = header("host").unwrap_or_default();
    // A name that a stranger's DNS leads here is not ours.
    if !is_loopback(host) {
        return Some("Host is not a loopback address");
    }
    if header("origin").is_some_and(|origin| origin.strip_prefix("http://") != Some(host)) {
        return Some("Origin is another page");
    }
    // Other types need no permission to be posted from elsewhere (Fetch, CORS-safelisted request-header).
    let kind = header("content-type").map_or("", |value| value.split(';').next().unwrap_or_default().trim());
    let control = matches!(segments.first(), Some(&("_play" | "_faults")));
    (control && !request.body.is_empty() && kind != "application/json")
        .then_some("Content-Type is not application/json")
}

fn is_loopback(host: &str) -> bool {
    let end = if host.starts_with('[') {
        host.find(']').map_or(host.len(), |at| at + 1)
    } else {
        host.find(':').unwrap_or(host.len())
    };
    let (name, port) = host.split_at(end);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
        && (port.is_empty()
            || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Headers = &'static [(&'static str, &'static str)];

    #[test]
    fn only_programs_and_our_own_pages_are_served() {
        let cases: [(Headers, &str, &str, bool); 12] = [
            (&[("host", "127.0.0.1:8790")], "/", "", true),
            (&[("host", "localhost:8790")], "/_play/state", "", true),
            (&[("host", "[::1]:8790")], "/_play/state", "", true),
            (&[], "/_play/state", "", false),
            (&[("host", "evil.example:8790")], "/_play/state", "", false),
            (&[("host", "127.0.0.1.evil.example")], "/twilio/x", "", false),
            (&[("host", "localhost:8790"), ("origin", "http://localhost:8790")], "/_play/calls/CA1/answer", "", true),
            (&[("host", "localhost:8790"), ("origin", "https://evil.example")], "/_play/calls/CA1/answer", "", false),
            (&[("host", "localhost:8790"), ("origin", "null")], "/_faults/twilio", "", false),
            (&[("host", "localhost"), ("content-type", "application/json; charset=utf-8")], "/_play/text", "{}", true),
            (&[("host", "localhost"), ("content-type", "text/plain")], "/_play/text", "{}", false),
            (&[("host", "localhost")], "/twilio/x", "To=1", true),
        ];
        for (headers, target, body, served) in cases {
            let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            let request = Request { method: "POST".into(), target: target.into(), headers, body: body.into() };
            let segments: Vec<_> = target.split('/').skip(1).collect();
            assert_eq!(refusal(&request, &segments).is_none(), served, "{request:?}");
        }
    }
}
