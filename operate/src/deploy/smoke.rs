//! Whether the new version answers, takes what Twilio and Help Scout sign, and is not down.

use std::thread;
use std::time::{Duration, Instant};

use crate::doctor;
use crate::failure::{Failure, Outcome};
use crate::http::{Credentials, Http};
use crate::project::Project;

/// Cloudflare may need so long until the new version answers everywhere (OPERATE, deploy).
const LIMIT: Duration = Duration::from_mins(1);

/// Between two tries.
const AGAIN: Duration = Duration::from_secs(3);

/// Tries until all is well or the time is over.
pub fn test(http: &Http, project: &Project) -> Outcome<String> {
    let begun = Instant::now();
    loop {
        let wrong = wrong(http, project);
        match wrong {
            None => return Ok("it answers, and takes what both services sign".to_owned()),
            Some(wrong) if begun.elapsed() + AGAIN >= LIMIT => {
                return Err(Failure::new("smoke_test_failed", format!("The new version is live, and {wrong}")));
            }
            Some(_) => thread::sleep(AGAIN),
        }
    }
}

/// What is not well.
fn wrong(http: &Http, project: &Project) -> Option<String> {
    let url = &project.config.public_url;
    let version = env!("CARGO_PKG_VERSION");
    let found = doctor::probe(http, project);
    if !found.is_empty() {
        return Some(format!("the doctor finds {}", found.join(", ")));
    }
    match http.get(&format!("{url}/healthz?challenge=ringside-smoke-test"), &Credentials::None) {
        Ok(answer) if answer.body["version"] == version => {}
        Ok(answer) => return Some(format!("{url} answers as version {}, not {version}", answer.body["version"])),
        Err(silent) => return Some(format!("{url} does not answer: {}", silent.0)),
    }
    let key = project.secret("RINGSIDE_API_KEY")?;
    let health = http.get(&format!("{url}/v1/health"), &Credentials::Bearer(key)).ok()?;
    (health.body["status"] == "down").then(|| "`/v1/health` says that it is down".to_owned())
}
