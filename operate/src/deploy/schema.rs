//! The tables of the Worker that is deployed now, and of this one.

use std::collections::{BTreeMap, BTreeSet};

use crate::http::{Credentials, Http};
use crate::project::Project;

/// What is deployed now, as far as it says.
pub struct There {
    /// Nothing of ours answers there.
    pub is_first: bool,
    /// Its version's id.
    pub version: Option<String>,
    schema: Option<BTreeMap<String, u64>>,
    /// Its classes of Durable Objects; none where it does not say them.
    classes: BTreeSet<String>,
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
    let classes = health.iter().flat_map(|health| health["version"]["classes"].as_array().into_iter().flatten());
    let classes = classes.filter_map(|class| class.as_str().map(str::to_owned)).collect();
    There { is_first, version, schema, classes }
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
        let mut words: Vec<_> =
            those.map(|(object, version)| format!("{object} {} → {version}", there(object))).collect();
        let new_classes = self.new_classes();
        words.extend((!new_classes.is_empty()).then(|| format!("new: {}", new_classes.join(", "))));
        let is_newer_there = here.iter().any(|(object, version)| there(object) > *version);
        let then = match (words.is_empty(), new_classes.is_empty(), is_newer_there) {
            (true, ..) => return "no table changes".to_owned(),
            (_, false, _) => "Cloudflare refuses to roll back past a new class (Workers, Rollbacks)",
            (.., true) => {
                "the version there is newer: rows that this one does not know are quarantined until it is back"
            }
            (.., false) => "the version there reads what this one writes, and can be gone back to",
        };
        format!("{}; {then}", words.join(", "))
    }

    /// Classes that the Worker there does not have, as far as it says which it has.
    pub fn new_classes(&self) -> Vec<&'static str> {
        let is_new = |class: &&str| !self.classes.is_empty() && !self.classes.contains(*class);
        hotline::CLASSES.into_iter().filter(is_new).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(classes: &[&str], contact: u64) -> There {
        let mut schema: BTreeMap<_, _> =
            here().into_iter().map(|(object, version)| (object.to_owned(), version)).collect();
        schema.insert("contact".to_owned(), contact);
        let classes = classes.iter().map(|class| (*class).to_owned()).collect();
        There { is_first: false, version: None, schema: Some(schema), classes }
    }

    #[test]
    fn who_deploys_hears_whether_they_can_go_back() {
        let now = u64::try_from(hotline::schema().contact).unwrap();
        let all = hotline::CLASSES;
        for (classes, contact, words) in [
            (&all[..], now, "no table changes"),
            (&[], now - 1, "can be gone back to"),
            (&all, now + 1, "the version there is newer"),
            (&all[1..], now, "new: Contact; Cloudflare refuses to roll back"),
            (&all[1..], now - 1, "new: Contact; Cloudflare refuses to roll back"),
        ] {
            let said = there(classes, contact).words();
            assert!(said.contains(words), "{said}");
        }
    }
}
