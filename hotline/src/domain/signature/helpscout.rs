//! Help Scout's two proofs: the webhook's header, and the query with which it opens the sidebar.

use super::{Algorithm, Refusal, signed_by_any};
use crate::form::{Form, has_too_many_fields};

/// The parameter that carries the sidebar's signature (Help Scout, Apps, Signature validation).
const SIGNATURE: &str = "X-HelpScout-Signature";

/// The parameter in which our own page says which customer Help Scout shows by now. It is not signed, so it is a reason to
/// ask Help Scout and nothing else.
pub const CUSTOMER_SHOWN: &str = "ringside-customer";

/// Believes a webhook whose `X-HelpScout-Signature` is base64(HMAC-SHA1(secret, raw body)) (Help Scout, Webhooks).
pub fn verify_webhook(secrets: &[String], signature: Option<&str>, body: &[u8]) -> Result<(), Refusal> {
    signed_by_any(secrets, signature, body)
}

/// The signature that Help Scout gives a webhook's body: for probes of our own deployment.
pub fn sign_webhook(secret: &str, body: &[u8]) -> String {
    Algorithm::Sha1.sign(secret, &[body])
}

/// The query with which Help Scout opens the sidebar, signed: for probes of our own deployment.
pub fn sign_sidebar(secret: &str, form: &Form) -> String {
    let signature = Algorithm::Sha1.sign(secret, &[json(form).as_bytes()]);
    let pairs = form.all().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).append_pair(SIGNATURE, &signature).finish()
}

/// Believes the raw query of the sidebar's URL and hands back what was signed, which is all a caller may rely on.
///
/// Help Scout signs the parameters in the order sent, written as a JSON object of strings (Apps, Signature validation).
/// It signs no time: whoever holds such a URL holds it for ever, so exchange it for a token of ours at once.
pub fn verify_sidebar(secrets: &[String], query: &str) -> Result<Form, Refusal> {
    if has_too_many_fields(query.as_bytes()) {
        return Err(Refusal::TooManyFields);
    }
    let form = Form::parse(query.as_bytes());
    // A `+` that was not escaped decodes to a space, and base64 has no spaces of its own.
    let signature = form.get(SIGNATURE).map(|text| text.replace(' ', "+"));
    let signed = form.without(SIGNATURE).without(CUSTOMER_SHOWN);
    signed_by_any(secrets, signature.as_deref(), json(&signed).as_bytes())?;
    Ok(signed)
}

/// The form as PHP's `json_encode` writes an array of strings: no spaces, `\/`, and `\uXXXX` for all but ASCII.
fn json(form: &Form) -> String {
    let mut json = String::from("{");
    for (i, (name, value)) in form.all().iter().enumerate() {
        if i > 0 {
            json.push(',');
        }
        push_string(&mut json, name);
        json.push(':');
        push_string(&mut json, value);
    }
    json.push('}');
    json
}

fn push_string(json: &mut String, text: &str) {
    json.push('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'\n') => json.push_str("\\n"),
            Ok(b'\r') => json.push_str("\\r"),
            Ok(b'\t') => json.push_str("\\t"),
            Ok(8) => json.push_str("\\b"),
            Ok(12) => json.push_str("\\f"),
            Ok(byte @ (b'"' | b'\\' | b'/')) => json.extend(['\\', char::from(byte)]),
            Ok(byte @ 0x20..=0x7f) => json.push(char::from(byte)),
            _ => {
                json.push_str("\\u");
                let digit = |shift: u32| char::from_digit(u32::from(unit >> shift) & 15, 16);
                json.extend([12, 8, 4, 0].into_iter().filter_map(digit));
            }
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form;

    const SECRET: &str = "test-secret";
    const OPENED: &str = "conversation-id=1001&conversation-number=42&customer-id=2002&mailbox-id=3003&user-id=4004\
        &installation-ids=AbCdEfGhIjKl&application-id=MnOpQrStUvWx";

    fn secrets(secrets: &[&str]) -> Vec<String> {
        secrets.iter().map(|&secret| secret.to_owned()).collect()
    }

    #[test]
    fn a_webhook_is_believed_only_as_it_was_signed() {
        let jackie = r#"{"ticket":{"id":"1","number":"2"},"customer":{"id":"1","fname":"Jackie","lname":"Chan","email":"jackie.chan@somewhere.com","emails":["jackie.chan@somewhere.com"]}}"#;
        let phone = r#"{"id":1001,"threads":2,"number":42,"type":"phone","folderId":7,"status":"pending","state":"published","subject":"SMS from +1 555 010 0100","mailboxId":3003}"#;
        let (of_jackie, of_phone) = ("I1KlvGppYqvFTJgJ9jezdQMDiyI=", "26LZ5yxh1sCNiGVg+UMWbxRlobQ=");
        let spaced = phone.replace(',', ", ");
        for (held, signature, body, answer) in [
            (vec!["your secret key"], Some(of_jackie), jackie, Ok(())),
            (vec![SECRET], Some(of_phone), phone, Ok(())),
            (vec![SECRET, "next"], Some(of_phone), phone, Ok(())),
            (vec!["next", SECRET], Some(of_phone), phone, Ok(())),
            (vec!["wrong"], Some(of_phone), phone, Err(Refusal::Forged)),
            (vec![SECRET], Some(of_phone), &spaced, Err(Refusal::Forged)),
            (vec![SECRET], Some(of_jackie), phone, Err(Refusal::Forged)),
            (vec![SECRET], Some("26LZ5yxh1sCNiGVg+UMWbxRlobQ"), phone, Err(Refusal::Forged)),
            (vec![SECRET], Some("not base64!"), phone, Err(Refusal::Forged)),
            (vec![SECRET], Some("é"), phone, Err(Refusal::Forged)),
            (vec![SECRET], Some(""), phone, Err(Refusal::MissingSignature)),
            (vec![SECRET], None, phone, Err(Refusal::MissingSignature)),
            (vec![], Some(of_phone), phone, Err(Refusal::NoKeys)),
            (vec!["", ""], Some(of_phone), phone, Err(Refusal::NoKeys)),
        ] {
            assert_eq!(verify_webhook(&secrets(&held), signature, body.as_bytes()), answer, "{held:?} {signature:?}");
        }
    }

    #[test]
    fn an_agent_is_who_the_signed_query_says() {
        let escaped = "X-HelpScout-Signature=%2Bp4TufRPCfCKnX8ZWWqizvvy36k%3D";
        let raw = "X-HelpScout-Signature=+p4TufRPCfCKnX8ZWWqizvvy36k=";
        let accented = "X-HelpScout-Signature=uJHRo9sFxvKaOspDAneAu9C7%2BWk%3D";
        for query in [
            format!("{OPENED}&application-slug=1-bling&{escaped}"),
            format!("{OPENED}&application-slug=1-bling&{raw}"),
            format!("{escaped}&{OPENED}&application-slug=1-bling"),
            format!("{OPENED}&application-slug=1-sms%2F%C3%A9&{accented}"),
        ] {
            let signed = verify_sidebar(&secrets(&["old", SECRET]), &query).unwrap();
            assert_eq!((signed.get("user-id"), signed.get(SIGNATURE)), (Some("4004"), None), "{query}");
        }
    }

    #[test]
    fn a_sidebar_query_that_was_touched_opens_nothing() {
        let good = format!("{OPENED}&application-slug=1-bling&{SIGNATURE}=%2Bp4TufRPCfCKnX8ZWWqizvvy36k%3D");
        let unsigned = format!("{OPENED}&application-slug=1-bling");
        for (held, query, refusal) in [
            (SECRET, good.replace("user-id=4004", "user-id=4005"), Refusal::Forged),
            (
                SECRET,
                good.replace("customer-id=2002&mailbox-id=3003", "mailbox-id=3003&customer-id=2002"),
                Refusal::Forged,
            ),
            (SECRET, format!("{good}&extra=1"), Refusal::Forged),
            (SECRET, format!("{good}{}", "&extra=1".repeat(200)), Refusal::TooManyFields),
            (SECRET, format!("{SIGNATURE}=AAAA&{good}"), Refusal::Forged),
            (SECRET, good.replace("%3D", ""), Refusal::Forged),
            ("wrong", good.clone(), Refusal::Forged),
            (SECRET, unsigned, Refusal::MissingSignature),
            (SECRET, String::new(), Refusal::MissingSignature),
            (SECRET, format!("{OPENED}&{SIGNATURE}="), Refusal::MissingSignature),
            ("", good, Refusal::NoKeys),
        ] {
            assert_eq!(verify_sidebar(&secrets(&[held]), &query), Err(refusal), "{query}");
        }
    }

    #[test]
    fn parameters_are_written_as_php_writes_them() {
        let query = form::encode(&[("a\"b", "\\/\n\r\t\u{8}\u{c}\u{1}\u{7f}"), ("é", "😀")]);
        let written = r#"{"a\"b":"\\\/\n\r\t\b\f\u0001 ","\u00e9":"\ud83d\ude00"}"#.replace(' ', "\u{7f}");
        assert_eq!(json(&Form::parse(query.as_bytes())), written);
    }
}
