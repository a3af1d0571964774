//! The tables of the Worker that is deployed now, and of this one.

use std::collections::BTreeMap;

use crate::http::{Credentials, Http};
use crate::project::Project;

/// What is deployed now, as far as it says.
pub struct There {
    /// Nothing of ours answers there.
    pub is_first: bool,
    /// Its version's id.
    pub version: Option<String>,
    schema: Option<BTreeMap<String, u64>>,
}

/// Asks `/v1/health`, if there is a key for it.
pub fn read(http: &Http, project: &Project) -> There {
    let url = &project.config.public_url;
    let is_first = !http.get(&format!("{url}/healthz"), &Credentials::None).is_ok_and(|answer| answer.is_success());
    let health = project.secret("RINGSIDE_API_KEY").and_then(|key| {
        let answer = http.get(&format!("{url}/v1/health"), &Credentials::Bearer(key)).ok()?;
        answer.body["version"].is_object().then_some(answer.body)
    });
    let version = health.as_ref().and_then(|health| health["version"]["id"].as_str().map(str::to_owned));
    let schema = health.as_ref().and_then(|health| {
        let versions = health["version"]["schema"].as_object()?;
        versions.iter().map(|(object, version)| Some((object.clone(), version.as_u64()?))).collect()
    });
    There { is_first, version, schema }
}

/// The versions of this one's tables, by kind of object.
fn here() -> Vec<(&'static str, u64)> {
    let schema = hotline::schema();
    let versions = [schema.contact, schema.call, schema.directory, schema.rate_limiter];
    let versions = versions.map(|version| u64::try_from(version).unwrap_or(u64::MAX));
    ["contact", "call", "directory", "rate_limiter"].into_iter().zip(versions).collect()
}

impl There {
    /// What changes in storage, and whether the version there can be gone back to.
    pub fn words(&self) -> String {
        let here = here();
        let Some(there) = &self.schema else {
            let why =
                if self.is_first { "nothing is deployed there yet" } else { "the Worker there does not say its own" };
            let versions: Vec<_> = here.iter().map(|(object, version)| format!("{object} {version}")).collect();
            return format!("{}; {why}", versions.join(", "));
        };
        let there = |object: &str| there.get(object).copied().unwrap_or(0);
        let changed = |(object, version): &&(&str, u64)| there(object) != *version;
        let those = here.iter().filter(changed);
        let words: Vec<_> = those.map(|(object, version)| format!("{object} {} → {version}", there(object))).collect();
        let is_newer_there = here.iter().any(|(object, version)| there(object) > *version);
        let then = match (words.is_empty(), is_newer_there) {
            (true, _) => return "no table changes".to_owned(),
            (_, true) => {
                "the version there is newer: rows that this one does not know are quarantined until it is back"
            }
            (_, false) => "the version there reads what this one writes, and can be gone back to",
        };
        format!("{}; {then}", words.join(", "))
    }
}
