//! `X-Twilio-Signature` (Twilio, "Security: Validating Requests are coming from Twilio").

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::settings::Signing;

/// What a webhook is about; calls and messages treat ports differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// SMS, MMS, WhatsApp and their states: the port stays in the signed URL.
    Messages,
    /// Calls: over HTTPS the port is dropped from the signed URL.
    Calls,
}

/// The headers that sign a form POST (or, without `params`, a GET) to `url`.
pub fn headers(
    signing: &Signing,
    auth_token: &str,
    about: About,
    url: &str,
    params: &[(String, String)],
) -> Vec<(String, String)> {
    let data = data(&signed_url(about, url), params);
    match signing {
        Signing::AuthToken => vec![("x-twilio-signature".into(), sha1(auth_token, &data))],
        Signing::SharedKey { id, secret } => vec![
            ("x-twilio-webhooks-signature-settings".into(), format!("key={id},algorithm=HMAC_SHA256")),
            ("x-twilio-signature".into(), sha256(secret, &data)),
        ],
    }
}

/// The URL with the `bodySHA256` that Twilio adds when the body is no form; sign it without parameters.
pub fn with_body_hash(url: &str, body: &[u8]) -> String {
    let (rest, fragment) =
        url.split_once('#').map_or((url, String::new()), |(rest, fragment)| (rest, format!("#{fragment}")));
    let joint = if rest.contains('?') { '&' } else { '?' };
    format!("{rest}{joint}bodySHA256={}{fragment}", super::sids::hex(&Sha256::digest(body), 32))
}

/// The URL as it is signed: without fragment and credentials, for calls over HTTPS without port.
fn signed_url(about: About, url: &str) -> String {
    let bare = without_credentials(url.split('#').next().unwrap_or_default());
    if about == About::Messages || !bare.starts_with("https://") {
        return bare;
    }
    let (scheme, authority, rest) = split(&bare);
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    format!("{scheme}{host}{rest}")
}

/// The URL without `user:password@`; Twilio sends those in a header and leaves them out of the signature.
pub(super) fn without_credentials(url: &str) -> String {
    let (scheme, authority, rest) = split(url);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}{host}{rest}")
}

/// `https://`, `user@host:443`, `/path?query`.
pub(super) fn split(url: &str) -> (&str, &str, &str) {
    let host = url.find("://").map_or(0, |at| at + 3);
    let path = url[host..].find(['/', '?', '#']).map_or(url.len(), |at| host + at);
    (&url[..host], &url[host..path], &url[path..])
}

/// The URL, then every name with each of its different values, both in byte order.
fn data(url: &str, params: &[(String, String)]) -> String {
    let sorted: BTreeSet<_> = params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    sorted.into_iter().fold(url.to_owned(), |data, (name, value)| data + name + value)
}

fn sha1(key: &str, data: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(data.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn sha256(key: &str, data: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(data.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const CALL: [(&str, &str); 5] = [
        ("To", "+18005551212"),
        ("From", "+14158675309"),
        ("Digits", "1234"),
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
    ];

    type Pairs<'a> = &'a [(&'a str, &'a str)];

    fn sign(about: About, url: &str, params: Pairs) -> String {
        let params: Vec<_> = params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        headers(&Signing::AuthToken, "12345", about, url, &params).remove(0).1
    }

    #[test]
    fn the_vectors_of_the_official_libraries() {
        let bindings = [("MessagingBinding.Address", "+1415xxxxxxx"), ("MessagingBinding.Address", "+1325xxxxxxx")];
        let with_port = |scheme: &str, port: &str| format!("{scheme}://mycompany.com{port}/myapp.php?foo=1&bar=2");
        let cases: [(String, Pairs, &str); 9] = [
            (URL.into(), &CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            (URL.into(), &[], "zYQTYrRWXE7LtzbG4PfP7/bkkGo="),
            ("https://mycompany.com/myapp.php".into(), &CALL, "1xaxFBvyzXYvWplzNOSs28HWO94="),
            (with_port("http", ":1234"), &CALL, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
            (with_port("https", ":1234"), &CALL, "CYn1h0gLBdNxDGkKJg6hYohgeD8="),
            (with_port("https", ":443"), &CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
            (with_port("http", ":80"), &CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            (URL.into(), &bindings, "83O6e2vORAoJHUNzJjDWN1jz+BA="),
            (
                URL.into(),
                &[("CallSid", "CA1234567890ABCDE"), ("Digits", ""), ("EmptyParam", "")],
                "9HHp/OqQMEwdrVebHDdA/+tqjX8=",
            ),
        ];
        for (url, params, signature) in cases {
            assert_eq!(sign(About::Messages, &url, params), signature, "{url}");
        }
    }

    #[test]
    fn a_json_body_is_signed_by_its_hash() {
        let url = with_body_hash(URL, br#"{"property": "value", "boolean": true}"#);
        assert_eq!(sign(About::Messages, &url, &[]), "a9nBmqA0ju/hNViExpshrM61xv4=");
        assert!(with_body_hash("https://h/p#rc=1", b"{}").ends_with("ff8a#rc=1"));
    }

    #[test]
    fn fragment_and_credentials_and_the_port_of_a_secure_call_are_not_signed() {
        let plain = sign(About::Messages, URL, &CALL);
        let dressed = "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2#rc=3&rp=5xx";
        assert_eq!(sign(About::Messages, dressed, &CALL), plain);
        let ported = "https://mycompany.com:1234/myapp.php?foo=1&bar=2";
        assert_eq!(sign(About::Calls, ported, &CALL), plain);
        assert_ne!(sign(About::Messages, ported, &CALL), plain);
        let insecure = "http://mycompany.com:1234/myapp.php?foo=1&bar=2";
        assert_eq!(sign(About::Calls, insecure, &CALL), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=");
    }

    #[test]
    fn a_shared_key_is_announced() {
        let key = Signing::SharedKey { id: "webhooks_sharedkey_1".into(), secret: "12345".into() };
        let params: Vec<_> = CALL.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let headers = headers(&key, "unused", About::Messages, URL, &params);
        assert_eq!(headers[0].1, "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256");
        assert_eq!(headers[1].1, "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=");
    }
}
