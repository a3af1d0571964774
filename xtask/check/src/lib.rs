//! Refuses a wrong `wrangler.toml` before Cloudflare sees it: every mistake at once, each by its field.
mod deployment;
mod keys;
mod secrets;

use hotline::config::{self, ConfigError, Scope, Var};
use std::fmt::{Display, Formatter};
use std::path::Path;
use toml::{Table, Value};
use xtask::wrangler_toml;

/// The secrets without which the Worker does not run.
pub use secrets::{NEEDED as NEEDED_SECRETS, OPTIONAL as OPTIONAL_SECRETS, is_secret, required as required_secrets};

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub field: String,
    /// What to do.
    pub problem: String,
}

impl Problem {
    fn new(field: &str, problem: String) -> Self {
        Self { field: field.to_owned(), problem }
    }
}

impl Display for Problem {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.field, self.problem)
    }
}

/// Everything that is wrong in this file: in one environment with what it inherits, or in all of it. The error says why it
/// cannot be read, by a code and in words.
pub fn check(path: &Path, env: Option<&str>) -> Result<Vec<Problem>, (&'static str, String)> {
    let config = wrangler_toml::read(path).map_err(|reason| ("config_unreadable", reason))?;
    if let Some(name) = env.filter(|name| tables(&config, "env").all(|(known, _)| known != name)) {
        return Err(("env_unknown", format!("wrangler.toml has no [env.{name}]")));
    }
    let mut problems = problems_of(&config, env, &[]);
    problems.extend(wrangler_toml::read_instead(path).map(|other| {
        Problem::new(other, "is what wrangler reads in place of wrangler.toml; remove one of the two".to_owned())
    }));
    Ok(problems)
}

/// Everything that is wrong in a configuration, with all its environments.
pub fn problems(config: &Table) -> Vec<Problem> {
    problems_of(config, None, &[])
}

/// The same of one environment, with what it inherits, or of everything. `held` are tables of hotlines that are secrets and at
/// hand.
pub fn problems_of(config: &Table, env: Option<&str>, held: &[(String, Var)]) -> Vec<Problem> {
    let path = |name: &str| format!("env.{name}.");
    let mut found = keys::unknown(config);
    let levels = std::iter::once((None, config)).chain(tables(config, "env").map(|(name, level)| (Some(name), level)));
    for (name, here) in levels {
        let name = name.map(String::as_str);
        if env.is_none() || env == name {
            let inner = level(here, config, if env == name { held } else { &[] }).into_iter();
            let prefix = name.map(path).unwrap_or_default();
            found.extend(inner.map(|it| Problem { field: format!("{prefix}{}", it.field), ..it }));
        }
    }
    found.extend(deployment::not_inherited(config));
    let other = |field: &str| env.is_some_and(|name| field.starts_with("env.") && !field.starts_with(&path(name)));
    found.retain(|problem| !other(&problem.field));
    found
}

/// The top level, or one environment.
fn level(here: &Table, top: &Table, held: &[(String, Var)]) -> Vec<Problem> {
    let mut found = deployment::problems(here, top);
    found.extend(secrets::problems(here));
    found.extend(variables(here, held));
    found
}

/// What the Worker would say of these at run time. A hotline's table may be a secret, which nobody can read here.
fn variables(here: &Table, held: &[(String, Var)]) -> Vec<Problem> {
    let mut vars = vars(here);
    vars.extend_from_slice(held);
    let in_secret = secrets::required(here).any(|name| name.starts_with(secrets::HOTLINE));
    let wrong = config::problems(&vars, Scope::WithoutSecrets).into_iter();
    let wrong = wrong.filter(|error| !(in_secret && error.field == config::NO_HOTLINE_FIELD));
    wrong.map(|ConfigError { field, problem }| Problem { field, problem }).collect()
}

/// The plain variables of the top level, or of one environment.
pub fn vars(here: &Table) -> Vec<(String, Var)> {
    let vars = here.get("vars").and_then(Value::as_table).into_iter().flatten();
    vars.map(|(name, value)| (name.clone(), variable(value))).collect()
}

/// The value as wrangler hands it to the Worker: a text as it is, anything else as JSON.
fn variable(value: &Value) -> Var {
    match value {
        Value::String(text) => Var::Text(text.clone()),
        other => Var::Json(serde_json::to_value(other).unwrap_or_default()),
    }
}

fn is(entry: &Value, key: &str, wanted: &str) -> bool {
    entry.get(key).and_then(Value::as_str) == Some(wanted)
}

/// The tables inside the table of this name.
fn tables<'a>(config: &'a Table, name: &str) -> impl Iterator<Item = (&'a String, &'a Table)> {
    let entries = config.get(name).and_then(Value::as_table).into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name, value.as_table()?)))
}

#[cfg(test)]
mod tests;
