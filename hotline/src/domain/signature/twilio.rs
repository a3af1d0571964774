//! `X-Twilio-Signature`: the scheme with the account's AuthToken, and the newer one with shared keys.

use std::collections::BinaryHeap;

use sha2::{Digest, Sha256};

use super::{Algorithm, Refusal, hex, same, usable};
use crate::form::{Form, has_too_many_fields};

/// The query parameter with which Twilio signs a body that is not a form (Twilio, Webhooks security).
const BODY_HASH: &str = "bodySHA256";

/// The secrets Twilio may have signed with; without `Debug`, so that none ends in a log.
#[derive(Clone, Default)]
pub struct TwilioKeys {
    /// The account's AuthToken and, while it is being changed, the next one.
    pub auth_tokens: Vec<String>,
    /// Id and secret of each shared key (Twilio, Webhooks configuration API, SharedKeys).
    pub shared_keys: Vec<(String, String)>,
}

/// What of a request its signature covers; without `Debug`, as it holds what people wrote.
#[derive(Clone, Copy, Default)]
pub struct SignedRequest<'a> {
    /// Path and query exactly as received.
    pub target: &'a str,
    /// `X-Twilio-Signature`.
    pub signature: Option<&'a str>,
    /// `X-Twilio-Webhooks-Signature-Settings`; absent under the scheme with the AuthToken.
    pub settings: Option<&'a str>,
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The body exactly as received.
    pub body: &'a [u8],
}

/// Believes a request that Twilio signed for our public address, which is configured (`https://host`, no slash at its
/// end) and never taken from `Host` (Twilio, Webhooks security).
pub fn verify(keys: &TwilioKeys, public_url: &str, request: &SignedRequest) -> Result<(), Refusal> {
    let (algorithm, secrets) = signers(keys, request.settings)?;
    let signature = request.signature.filter(|text| !text.is_empty()).ok_or(Refusal::MissingSignature)?;
    let (fields, body_hash) = signed_content(request)?;
    let ours = |secret, url: &str| algorithm.sign(secret, &[url.as_bytes(), fields.as_bytes()]);
    let signed = candidates(public_url, request.target)
        .iter()
        .any(|url| secrets.iter().any(|secret| same(ours(secret, url).as_bytes(), signature.as_bytes())));
    if !signed {
        return Err(Refusal::Forged);
    }
    let unchanged = body_hash.is_none_or(|hash| same(hex(&Sha256::digest(request.body)).as_bytes(), hash.as_bytes()));
    if unchanged { Ok(()) } else { Err(Refusal::BodyChanged) }
}

/// The signature that Twilio gives a form which it sends to this address, with the account's AuthToken: for probes of our own
/// deployment.
pub fn sign(auth_token: &str, url: &str, form: &Form) -> String {
    Algorithm::Sha1.sign(auth_token, &[url.as_bytes(), sorted_fields(form).as_bytes()])
}

/// The algorithm and the secrets that a request claims to be signed with.
fn signers<'a>(keys: &'a TwilioKeys, settings: Option<&str>) -> Result<(Algorithm, Vec<&'a str>), Refusal> {
    let Some(settings) = settings else {
        let tokens: Vec<&str> = usable(&keys.auth_tokens).collect();
        return if tokens.is_empty() { Err(Refusal::NoKeys) } else { Ok((Algorithm::Sha1, tokens)) };
    };
    let (key, algorithm) = parse_settings(settings).ok_or(Refusal::UnknownSettings)?;
    let known = keys.shared_keys.iter().filter(|(id, secret)| id == key && !secret.is_empty());
    let secrets: Vec<&str> = known.map(|(_, secret)| secret.as_str()).collect();
    if secrets.is_empty() { Err(Refusal::UnknownSettings) } else { Ok((algorithm, secrets)) }
}

/// Reads `key=webhooks_sharedkey_…,algorithm=HMAC_SHA256`.
fn parse_settings(settings: &str) -> Option<(&str, Algorithm)> {
    let (mut key, mut algorithm) = (None, None);
    for setting in settings.split(',') {
        let (name, value) = setting.split_once('=')?;
        let earlier = match name.trim() {
            "key" => key.replace(value.trim()),
            "algorithm" => algorithm.replace(value.trim()),
            _ => None,
        };
        if earlier.is_some() {
            return None;
        }
    }
    match algorithm? {
        "HMAC_SHA1" => Some((key?, Algorithm::Sha1)),
        "HMAC_SHA256" => Some((key?, Algorithm::Sha256)),
        _ => None,
    }
}

/// What is signed beside the URL: a form's fields, or else the hash in the query that the body must have.
fn signed_content(request: &SignedRequest) -> Result<(String, Option<String>), Refusal> {
    if is_form(request.content_type) {
        if has_too_many_fields(request.body) {
            return Err(Refusal::TooManyFields);
        }
        return Ok((sorted_fields(&Form::parse(request.body)), None));
    }
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let hash = Form::parse(without_fragment(query).as_bytes()).get(BODY_HASH).map(str::to_owned);
    if hash.is_none() && !request.body.is_empty() {
        return Err(Refusal::MissingBodyHash);
    }
    Ok((String::new(), hash))
}

fn is_form(content_type: Option<&str>) -> bool {
    let media_type = content_type.and_then(|text| text.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Each name followed by its value, in ordinal order; a pair that is repeated counts once, as in Twilio's own validators.
fn sorted_fields(form: &Form) -> String {
    // A heap sorts as well as `sort`, in a fifth of its code.
    let mut fields = form.all().iter().collect::<BinaryHeap<_>>().into_sorted_vec();
    fields.dedup();
    fields.into_iter().flat_map(|(name, value)| [name.as_str(), value]).collect()
}

/// The addresses that Twilio may have signed for what reached us, the likeliest first.
fn candidates(public_url: &str, target: &str) -> Vec<String> {
    let target = without_fragment(target);
    let mut targets = vec![target.to_owned()];
    if let Some((path, query)) = target.split_once('?') {
        // Twilio signs an apostrophe as it is, and in the address of a SIP caller these two as well; what stands between us
        // may have escaped them (twilio-node, issues 1059 and 1183, pull request 621).
        let with_apostrophes = query.replace("%27", "'");
        let plain = with_apostrophes.replace("%40", "@").replace("%3A", ":");
        targets.extend([with_apostrophes, plain].iter().map(|query| [path, "?", query].concat()));
    }
    if let Some(rest) = target.strip_prefix('/').filter(|rest| !rest.starts_with('/')) {
        if rest.is_empty() || rest.starts_with('?') {
            // A host alone is signed as it was set up (twilio-go, issue 25).
            targets.push(rest.to_owned());
        } else {
            // A slash too many before the path, which Cloudflare takes out on its way to us (Rules, URL normalization).
            targets.push(["//", rest].concat());
        }
    }
    targets.dedup();
    if public_url.starts_with("ws") {
        let slashed: Vec<String> = targets.iter().map(|target| with_other_slash(target)).collect();
        targets.extend(slashed);
    }
    let origins = [public_url.to_owned(), with_other_port(public_url)];
    targets.iter().flat_map(|target| origins.iter().map(move |origin| [origin.as_str(), target].concat())).collect()
}

/// Twilio keeps the fragment (its connection overrides) to itself.
fn without_fragment(text: &str) -> &str {
    text.split_once('#').map_or(text, |(before, _)| before)
}

/// The address without its port, which Twilio drops for calls over HTTPS, or else with the scheme's standard port.
fn with_other_port(public_url: &str) -> String {
    let (scheme, rest) = public_url.split_once("://").unwrap_or(("", public_url));
    let (authority, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
    let host_at = authority.rfind('@').map_or(0, |at| at + 1).max(authority.rfind(']').unwrap_or(0));
    let port_at = authority.rfind(':').filter(|&at| at >= host_at);
    let standard = if scheme.ends_with('s') { ":443" } else { ":80" };
    match port_at.and_then(|at| authority.get(..at)) {
        Some(host) => [scheme, "://", host, path].concat(),
        None => [scheme, "://", authority, standard, path].concat(),
    }
}

/// A WebSocket's address may be signed with a slash at the end of its path or without (Twilio, Webhooks security).
fn with_other_slash(target: &str) -> String {
    let (path, query) = target.find('?').and_then(|at| target.split_at_checked(at)).unwrap_or((target, ""));
    path.strip_suffix('/').map_or_else(|| [path, "/", query].concat(), |path| [path, query].concat())
}

#[cfg(test)]
mod tests;
