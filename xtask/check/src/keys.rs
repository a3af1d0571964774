//! The tables and keys that wrangler knows. It only warns of others, and goes on as if they were not there.
use super::Problem;
use serde_json::{Map, Value as Json};
use std::sync::LazyLock;
use toml::{Table, Value};

/// Of the pinned wrangler, by `xtask/wrangler_keys.py`.
static KNOWN: LazyLock<Map<String, Json>> = LazyLock::new(|| {
    let known: Json = serde_json::from_str(include_str!("wrangler_keys.json")).unwrap_or_default();
    known.as_object().cloned().unwrap_or_default()
});

/// How many letters a slip of the pen may have: one in a word of four.
const LETTERS_A_SLIP: usize = 4;

/// Every key that is not known.
pub(super) fn unknown(config: &Table) -> Vec<Problem> {
    let mut found = Vec::new();
    let top = config.iter().filter(|(name, _)| *name != "env");
    walk(top, &KNOWN, "", &mut found);
    let of_environments = KNOWN.get("env").and_then(Json::as_object).cloned().unwrap_or_default();
    let known: Map<String, Json> = of_environments
        .into_iter()
        .map(|(name, _)| (name.clone(), KNOWN.get(&name).cloned().unwrap_or_default()))
        .collect();
    for (name, environment) in super::tables(config, "env") {
        walk(environment.iter(), &known, &format!("env.{name}."), &mut found);
    }
    found
}

fn walk<'a>(
    table: impl Iterator<Item = (&'a String, &'a Value)>,
    known: &Map<String, Json>,
    path: &str,
    found: &mut Vec<Problem>,
) {
    for (name, value) in table {
        let field = format!("{path}{name}");
        let Some(inner) = known.get(name).or_else(|| known.get("*")) else {
            let likely = likely(name, known).map_or(String::new(), |likely| format!("; did you mean {likely}?"));
            found.push(Problem { field, problem: format!("is nothing that wrangler knows here{likely}") });
            continue;
        };
        let Some(inner) = inner.as_object() else { continue };
        match value {
            Value::Table(table) => walk(table.iter(), inner, &format!("{field}."), found),
            Value::Array(list) => {
                for (at, table) in list.iter().enumerate().filter_map(|(at, value)| Some((at, value.as_table()?))) {
                    walk(table.iter(), inner, &format!("{field}[{at}]."), found);
                }
            }
            _ => {}
        }
    }
}

/// The known word that is nearest, if it is near.
pub(super) fn likely<'a>(name: &str, known: impl IntoIterator<Item = (&'a String, &'a Json)>) -> Option<&'a str> {
    let distance = |known: &str| strsim::osa_distance(&known.to_lowercase(), &name.to_lowercase());
    let nearest = known.into_iter().map(|(known, _)| (distance(known), known.as_str())).min()?;
    (nearest.0 <= name.len().div_ceil(LETTERS_A_SLIP)).then_some(nearest.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_or_key_that_wrangler_does_not_know_is_named_with_the_likely_one() {
        for (slip, field, likely) in [
            ("[asets]\ndirectory = \"static\"", "asets", "did you mean assets?"),
            ("[secret]\nrequired = []", "secret", "did you mean secrets?"),
            ("[observability.log]\nenabled = true", "observability.log", "did you mean logs?"),
            ("[assets]\ndirectry = \"static\"", "assets.directry", "did you mean directory?"),
            ("[[durable_objects.bindings]]\nnam = \"A\"", "durable_objects.bindings[0].nam", "did you mean name?"),
            ("[exports.Call]\nstorge = \"sqlite\"", "exports.Call.storge", "did you mean storage?"),
            ("compatability_date = \"2026-10-01\"", "compatability_date", "did you mean compatibility_date?"),
            ("[env.staging.var]\nA = 1", "env.staging.var", "did you mean vars?"),
            ("[env.staging]\nsend_metrics = false", "env.staging.send_metrics", "is nothing that wrangler knows here"),
            ("[hotline]\nname = \"Voters\"", "hotline", "is nothing that wrangler knows here"),
        ] {
            let found = unknown(&slip.parse().unwrap());
            let [Problem { field: named, problem }] = found.as_slice() else { panic!("{slip}: {found:?}") };
            assert!(named == field && problem.contains(likely), "{slip}: {problem}");
        }
        assert_eq!(unknown(&"[vars.ANY]\nthing = 1\n[triggers]\ncrons = []\n[env.a.vars]\nB = 1".parse().unwrap()), []);
    }
}
