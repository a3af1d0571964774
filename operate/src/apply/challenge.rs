//! Whether PUBLIC_URL is this Worker: it answers a challenge with a proof that only it can make.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hotline::domain::challenge;

use crate::failure::{Failure, Outcome};
use crate::http::{Credentials, Http, NoAnswer};
use crate::project::Project;

/// Random bytes of a challenge, so that no proof can have been seen before.
const RANDOM_BYTES: usize = 24;

/// Asks, and judges the answer.
pub fn ask(http: &Http, project: &Project) -> Outcome {
    let public_url = &project.config.public_url;
    let secret = project.needed_secret("SESSION_SECRET")?;
    let mut bytes = [0; RANDOM_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Failure::new("random", format!("no random bytes: {error}")))?;
    let asked = URL_SAFE_NO_PAD.encode(bytes);
    let failed = |code: &str, message: String| Err(Failure::new(code, message).about("PUBLIC_URL"));
    let answer = match http.get(&format!("{public_url}/healthz?challenge={asked}"), &Credentials::None) {
        Ok(answer) => answer,
        Err(NoAnswer(reason)) => {
            return failed(
                "public_url_silent",
                format!("{public_url} does not answer: {reason}. Deploy the Worker first"),
            );
        }
    };
    match answer.status {
        300..400 => failed(
            "public_url_redirects",
            format!("{public_url} redirects, and a POST would lose its fields; write the address that it leads to"),
        ),
        500.. => failed(
            "public_url_silent",
            format!("{public_url} answers {}; {public_url}/healthz says what is wrong there", answer.status),
        ),
        _ if answer.body["proof"].as_str() == Some(&challenge::proof(secret.expose(), &asked, public_url)) => Ok(()),
        _ => failed(
            "public_url_other",
            format!(
                "{public_url} is another Worker, or has another SESSION_SECRET or PUBLIC_URL; deploy this one there"
            ),
        ),
    }
}
