//! The vectors of Twilio's own libraries, all with the AuthToken `12345`, and what must be refused.

use super::*;
use crate::form::encode;

const HOST: &str = "https://mycompany.com";
const U: &str = "/myapp.php?foo=1&bar=2";
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const JSON: Option<&str> = Some("application/json");
const P: &str = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
const OF_P: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
const OF_P_SHA256: &str = "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=";
const PROPERTY: &str = r#"{"property": "value", "boolean": true}"#;
const U_WITH_HASH: &str =
    "/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
const OF_PROPERTY: &str = "a9nBmqA0ju/hNViExpshrM61xv4=";

fn keys() -> TwilioKeys {
    TwilioKeys {
        auth_tokens: vec!["next".to_owned(), "12345".to_owned()],
        shared_keys: vec![("webhooks_sharedkey_1".to_owned(), "12345".to_owned())],
    }
}

fn check(
    public_url: &str,
    target: &str,
    content_type: Option<&str>,
    body: &str,
    signature: &str,
) -> Result<(), Refusal> {
    let signature = Some(signature);
    verify(
        &keys(),
        public_url,
        &SignedRequest { target, signature, settings: None, content_type, body: body.as_bytes() },
    )
}

#[test]
fn forms_are_believed_as_every_official_library_signs_them() {
    let plain = "/myapp.php";
    let ignored = "/myapp.php?foo=1&bar=2&type=thiswontbeusedinthesignaturegeneratorandsoshouldbeignored";
    let gist = P.replace("%2B14158675309", "%2B12349013030");
    let explicit = "kvajT1Ptam85bY51eRf/AJRuM3w=";
    for (row, base, target, body, signature) in [
        (1, HOST, U, P, OF_P),
        (2, HOST, U, "", "zYQTYrRWXE7LtzbG4PfP7/bkkGo="),
        (3, HOST, plain, P, "1xaxFBvyzXYvWplzNOSs28HWO94="),
        (7, "http://mycompany.com:1234", U, P, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (8, "https://mycompany.com:1234", U, P, "CYn1h0gLBdNxDGkKJg6hYohgeD8="),
        (9, "https://mycompany.com:443", U, P, explicit),
        (9, HOST, U, P, explicit),
        (10, "http://mycompany.com:80", U, P, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (10, "http://mycompany.com", U, P, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (11, "https://user:pass@mycompany.com", U, P, "CukzLTc1tT5dXEDIHm/tKBanW10="),
        (12, "https://user@mycompany.com", U, P, "2YRLlVAflCqxaNicjMpJcSTgzSs="),
        (
            16,
            HOST,
            U,
            "MessagingBinding.Address=%2B1325xxxxxxx&MessagingBinding.Address=%2B1415xxxxxxx",
            "83O6e2vORAoJHUNzJjDWN1jz+BA=",
        ),
        (
            16,
            HOST,
            U,
            "MessagingBinding.Address=%2B1415xxxxxxx&MessagingBinding.Address=%2B1325xxxxxxx&MessagingBinding.Address=%2B1415xxxxxxx",
            "83O6e2vORAoJHUNzJjDWN1jz+BA=",
        ),
        (21, HOST, U, "property=value&boolean=true", "NBdBDr/T/lgjI+tlgpXjKZQZs/k="),
        (22, HOST, ignored, P, "hYkNsTBttoNGkyCS0p+wWmQoRTg="),
        (23, HOST, "/myapp.php?foo=hello%20world&bar=test%2Bvalue", P, "er2tvAP1Wx+iuTTE2BPgvEaN1cs="),
        (25, HOST, U, "EmptyParam=&Digits=&CallSid=CA1234567890ABCDE", "9HHp/OqQMEwdrVebHDdA/+tqjX8="),
        (26, HOST, U, "CallSid=CA1234567890ABCDE&NullParam&Digits", "L9lTTwIlxM1xGAtLRwhOSZggRhM="),
        (32, "https://MyCompany.com:1234", U, P, "PCqOZm8cnu/L6+u5i5fuEd+Iac4="),
        (33, "http://MyCompany.com", U, P, "XY7AlKOKL6im4yWyX84gldUrtis="),
        (33, "http://MyCompany.com:80", U, P, "XY7AlKOKL6im4yWyX84gldUrtis="),
        (34, "http://username:password@MyCompany.com", U, P, "PJ08CxXr7KLPjEQCTc8LkUSMwSM="),
        (34, "http://username:password@MyCompany.com:80", U, P, "PJ08CxXr7KLPjEQCTc8LkUSMwSM="),
        (37, HOST, U, &gist, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        // Beyond the vectors: Twilio drops the port of a call over HTTPS, and never signs a fragment.
        (1, "https://mycompany.com:443", U, P, OF_P),
        (1, "https://mycompany.com:1234", U, P, OF_P),
        (1, HOST, "/myapp.php?foo=1&bar=2#rc=3&rp=5xx,all", P, OF_P),
    ] {
        assert_eq!(check(base, target, FORM, body, signature), Ok(()), "row {row}: {base}{target}");
    }
    assert_eq!(check(HOST, U, Some("Application/X-WWW-Form-Urlencoded; charset=UTF-8"), P, OF_P), Ok(()));
}

#[test]
fn other_bodies_are_believed_by_their_signed_hash() {
    let empty = "/myapp.php?foo=1&bar=2&bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let (only, of_only) = (U_WITH_HASH.replace("foo=1&bar=2&", ""), "y77kIzt2vzLz71DgmJGsen2scGs=");
    for (row, target, content_type, body, signature, answer) in [
        (2, U, None, "", "zYQTYrRWXE7LtzbG4PfP7/bkkGo=", Ok(())),
        (2, U, JSON, "", "zYQTYrRWXE7LtzbG4PfP7/bkkGo=", Ok(())),
        (4, U_WITH_HASH, JSON, PROPERTY, OF_PROPERTY, Ok(())),
        (4, U_WITH_HASH, None, PROPERTY, OF_PROPERTY, Ok(())),
        (5, &only, JSON, PROPERTY, of_only, Ok(())),
        (6, empty, JSON, "{}", "Ldidvp12m26NI7eqEvxnEpkd9Hc=", Ok(())),
        (6, empty, JSON, "{}", "rw/jVviOgicj2+kHZULvebnA4ag=", Ok(())),
        (4, U_WITH_HASH, JSON, "{}", OF_PROPERTY, Err(Refusal::BodyChanged)),
        (4, U_WITH_HASH, JSON, "", OF_PROPERTY, Err(Refusal::BodyChanged)),
        (4, &U_WITH_HASH.replace("0a1f", "0a1e"), JSON, PROPERTY, OF_PROPERTY, Err(Refusal::Forged)),
        (4, U_WITH_HASH, FORM, PROPERTY, OF_PROPERTY, Err(Refusal::Forged)),
        (2, U, JSON, PROPERTY, "zYQTYrRWXE7LtzbG4PfP7/bkkGo=", Err(Refusal::MissingBodyHash)),
        (1, U, None, P, OF_P, Err(Refusal::MissingBodyHash)),
    ] {
        assert_eq!(
            check(HOST, target, content_type, body, signature),
            answer,
            "row {row}: {target} {content_type:?} {body}"
        );
    }
}

#[test]
fn a_form_that_was_touched_is_refused() {
    for (base, target, body, signature, refusal) in [
        (HOST, U, P.replace("1234&", "1235&"), OF_P, Refusal::Forged),
        (HOST, U, P.replace("Digits=1234", "Digits=1234+"), OF_P, Refusal::Forged),
        (HOST, U, P.replace("CallSid", "Callsid"), OF_P, Refusal::Forged),
        (HOST, U, format!("{P}&New=1"), OF_P, Refusal::Forged),
        (HOST, U, format!("{P}{}", "&New=1".repeat(200)), OF_P, Refusal::TooManyFields),
        (HOST, U, String::new(), OF_P, Refusal::Forged),
        (HOST, "/myapp.php?foo=1&bar=3", P.to_owned(), OF_P, Refusal::Forged),
        (HOST, "/myapp.php?bar=2&foo=1", P.to_owned(), OF_P, Refusal::Forged),
        ("https://evil.example.org", U, P.to_owned(), OF_P, Refusal::Forged),
        ("http://mycompany.com", U, P.to_owned(), OF_P, Refusal::Forged),
        ("mycompany.com", U, P.to_owned(), OF_P, Refusal::Forged),
        (HOST, U, P.to_owned(), "RSOYDt4T1cUTdK1PDd93/VVr8B8", Refusal::Forged),
        (HOST, U, P.to_owned(), "\u{e9}", Refusal::Forged),
        (HOST, U, P.to_owned(), "", Refusal::MissingSignature),
    ] {
        assert_eq!(check(base, target, FORM, &body, signature), Err(refusal), "{base}{target} {body} {signature}");
    }
}

#[test]
fn shared_keys_are_announced_by_the_settings_header() {
    use Refusal::{Forged, UnknownSettings};
    for (settings, signature, answer) in [
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", OF_P_SHA256, Ok(())),
        ("algorithm=HMAC_SHA256, key=webhooks_sharedkey_1", OF_P_SHA256, Ok(())),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA1", OF_P, Ok(())),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256,zone=eu", OF_P_SHA256, Ok(())),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA1", OF_P_SHA256, Err(Forged)),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", OF_P, Err(Forged)),
        ("key=webhooks_sharedkey_2,algorithm=HMAC_SHA256", OF_P_SHA256, Err(UnknownSettings)),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA512", OF_P_SHA256, Err(UnknownSettings)),
        ("key=webhooks_sharedkey_1,algorithm=hmac_sha256", OF_P_SHA256, Err(UnknownSettings)),
        ("key=webhooks_sharedkey_1", OF_P_SHA256, Err(UnknownSettings)),
        ("algorithm=HMAC_SHA256", OF_P_SHA256, Err(UnknownSettings)),
        ("key=a,key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", OF_P_SHA256, Err(UnknownSettings)),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256,", OF_P_SHA256, Err(UnknownSettings)),
        ("", OF_P, Err(UnknownSettings)),
    ] {
        let request = SignedRequest {
            target: U,
            signature: Some(signature),
            settings: Some(settings),
            content_type: FORM,
            body: P.as_bytes(),
        };
        assert_eq!(verify(&keys(), HOST, &request), answer, "{settings}");
    }
}

#[test]
fn without_keys_nobody_is_believed() {
    let legacy = SignedRequest {
        target: U,
        signature: Some(OF_P),
        content_type: FORM,
        body: P.as_bytes(),
        ..Default::default()
    };
    let shared = SignedRequest { settings: Some("key=webhooks_sharedkey_1,algorithm=HMAC_SHA1"), ..legacy };
    let unsigned = SignedRequest { signature: None, ..legacy };
    let nameless = SignedRequest { settings: Some("key=,algorithm=HMAC_SHA1"), ..legacy };
    let only_shared = TwilioKeys { auth_tokens: vec![], ..keys() };
    let only_tokens = TwilioKeys { shared_keys: vec![], ..keys() };
    let blank = TwilioKeys { auth_tokens: vec![String::new()], shared_keys: vec![(String::new(), String::new())] };
    for (case, held, request, answer) in [
        ("token", &keys(), legacy, Ok(())),
        ("shared key", &only_shared, shared, Ok(())),
        ("token not held", &only_shared, legacy, Err(Refusal::NoKeys)),
        ("shared key not held", &only_tokens, shared, Err(Refusal::UnknownSettings)),
        ("blank token", &blank, legacy, Err(Refusal::NoKeys)),
        ("blank shared key", &blank, nameless, Err(Refusal::UnknownSettings)),
        ("nothing held", &TwilioKeys::default(), legacy, Err(Refusal::NoKeys)),
        ("no signature", &keys(), unsigned, Err(Refusal::MissingSignature)),
    ] {
        assert_eq!(verify(held, HOST, &request), answer, "{case}");
    }
}

fn signed_by_twilio(url: &str, fields: &[(&str, &str)], target: &str, public_url: &str) -> Result<(), Refusal> {
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let data: String = sorted.iter().flat_map(|(name, value)| [*name, *value]).collect();
    let signature = Algorithm::Sha1.sign("12345", &[url.as_bytes(), data.as_bytes()]);
    check(public_url, target, FORM, &encode(fields), &signature)
}

#[test]
fn characters_escaped_on_the_way_are_signed_as_they_were() {
    for (signed, received) in [("q=it's", "q=it%27s"), ("to=a@b:c", "to=a%40b%3Ac"), ("q=it%27s", "q=it%27s")] {
        let url = format!("{HOST}:443/in?{signed}");
        assert_eq!(signed_by_twilio(&url, &[], &format!("/in?{received}"), HOST), Ok(()), "{signed}");
    }
    assert_eq!(signed_by_twilio(&format!("{HOST}/it's"), &[], "/it%27s", HOST), Err(Refusal::Forged));
}

/// Public reports of good signatures that were refused: how Twilio signed, how the request arrived.
#[test]
fn addresses_that_others_refused_are_believed() {
    for (report, signed, received) in [
        ("twilio-node 1183: an apostrophe and a space", "/in?name=William+O'hara", "/in?name=William+O%27hara"),
        ("twilio-node 1059: a town", "/in?FromCity=Trezzo+Sull'Adda", "/in?FromCity=Trezzo+Sull%27Adda"),
        ("twilio-ruby 528: a text by GET", "/in?Body=it's+10%3A30+%40+home", "/in?Body=it%27s+10%3A30+%40+home"),
        ("twilio-node 621: SIP", "/in?Caller=sip:1@192.0.2.1", "/in?Caller=sip%3A1%40192.0.2.1"),
        ("twilio-csharp 27: a plus sign", "/in?From=%2B15550100100", "/in?From=%2B15550100100"),
        ("yap 1629: the order is Twilio's", "/in?z=1&a=2&B=3", "/in?z=1&a=2&B=3"),
        ("twilio-node 145: a query of ours", "/in?foo=1", "/in?foo=1"),
        ("twilio-go 25: a host alone", "", "/"),
        ("twilio-go 25: a host alone", "?foo=1", "/?foo=1"),
        ("a slash at the end", "/in/", "/in/"),
        ("two slashes", "//in//it", "//in//it"),
        ("two slashes, of which Cloudflare takes one", "//in?foo=1", "/in?foo=1"),
    ] {
        for (base, origin) in [(HOST, HOST), (HOST, "https://mycompany.com:443"), ("https://mycompany.com:8443", HOST)]
        {
            let signed = format!("{origin}{signed}");
            assert_eq!(signed_by_twilio(&signed, &[], received, base), Ok(()), "{report}: {base} {signed}");
        }
    }
    for (signed, received) in [("/in", "/in/"), ("/in/", "/in"), ("/in//it", "/in/it"), ("/in", "//in")] {
        assert_eq!(signed_by_twilio(&format!("{HOST}{signed}"), &[], received, HOST), Err(Refusal::Forged), "{signed}");
    }
}

#[test]
fn a_field_of_json_is_covered_as_it_is() {
    // twilio-php 458: `AddOns` holds JSON.
    let fields = [("AddOns", r#"{"status":"successful","results":{}}"#), ("Body", "It's here")];
    assert_eq!(signed_by_twilio(&format!("{HOST}/in"), &fields, "/in", HOST), Ok(()));
}

#[test]
fn a_web_socket_may_be_signed_with_a_slash_or_without() {
    for (signed, received) in [("/live/?a=1", "/live?a=1"), ("/live?a=1", "/live/?a=1"), ("/live", "/live")] {
        let (url, base) = (format!("wss://mycompany.com:443{signed}"), "wss://mycompany.com");
        assert_eq!(signed_by_twilio(&url, &[], received, base), Ok(()), "{signed}");
    }
    assert_eq!(signed_by_twilio(&format!("{HOST}/live/"), &[], "/live", HOST), Err(Refusal::Forged));
}

#[test]
fn every_space_and_letter_of_a_text_is_covered() {
    let fields =
        [("Body", "  Grüße 😀 &=+%\r\n "), ("CALLSID", "1"), ("callSid", "3"), ("CallSid", "2"), ("Empty", "")];
    assert_eq!(signed_by_twilio(&format!("{HOST}/in"), &fields, "/in", HOST), Ok(()));
}

#[test]
fn ports_are_found_in_every_kind_of_address() {
    for (url, other) in [
        ("https://h", "https://h:443"),
        ("http://h/base", "http://h:80/base"),
        ("https://h:8443/base", "https://h/base"),
        ("wss://h", "wss://h:443"),
        ("https://u:p@h", "https://u:p@h:443"),
        ("https://[::1]", "https://[::1]:443"),
        ("https://[::1]:443", "https://[::1]"),
    ] {
        assert_eq!(with_other_port(url), other);
    }
}
