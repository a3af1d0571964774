//! Whether PUBLIC_URL is this Worker: it answers a challenge with a proof that only it can make.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hotline::domain::challenge;

use crate::failure::{Failure, Outcome};
use crate::http::{Answer, Credentials, Http, NoAnswer};
use crate::project::Project;

/// Random bytes of a challenge, so that no proof can have been seen before.
const RANDOM_BYTES: usize = 24;

/// What came of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It is this Worker.
    Right,
    /// There was no answer, or an error of the server; how.
    Silent(String),
    /// It leads elsewhere, with this status.
    Redirects(u16),
    /// It answers this status, without the right proof.
    Other(u16),
}

/// Asks; `look` sees the answer.
pub fn prove(http: &Http, project: &Project, look: impl FnOnce(&Answer)) -> Outcome<Proof> {
    let public_url = &project.config.public_url;
    let secret = project.needed_secret("SESSION_SECRET")?;
    let mut bytes = [0; RANDOM_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Failure::new("random", format!("no random bytes: {error}")))?;
    let asked = URL_SAFE_NO_PAD.encode(bytes);
    let answer = match http.get(&format!("{public_url}/healthz?challenge={asked}"), &Credentials::None) {
        Ok(answer) => answer,
        Err(NoAnswer(reason)) => return Ok(Proof::Silent(reason)),
    };
    look(&answer);
    let right = challenge::proof(secret.expose(), &asked, public_url);
    Ok(match answer.status {
        status @ 300..400 => Proof::Redirects(status),
        status @ 500.. => Proof::Silent(status.to_string()),
        _ if answer.body["proof"].as_str() == Some(&right) => Proof::Right,
        status => Proof::Other(status),
    })
}

/// Goes on only when it is this Worker.
pub fn ask(http: &Http, project: &Project) -> Outcome {
    let public_url = &project.config.public_url;
    let (code, message) = match prove(http, project, |_| ())? {
        Proof::Right => return Ok(()),
        Proof::Silent(how) => (
            "public_url_silent",
            format!(
                "{public_url} does not answer as it should: {how}. Deploy the Worker, or look at {public_url}/healthz"
            ),
        ),
        Proof::Redirects(_) => (
            "public_url_redirects",
            format!("{public_url} redirects, and a POST would lose its fields; write the address that it leads to"),
        ),
        Proof::Other(_) => (
            "public_url_other",
            format!(
                "{public_url} is another Worker, or has another SESSION_SECRET or PUBLIC_URL; deploy this one there"
            ),
        ),
    };
    Err(Failure::new(code, message).about("PUBLIC_URL"))
}
