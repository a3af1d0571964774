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
pub use secrets::{NEEDED as NEEDED_SECRETS, required as required_secrets};

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

/// Prints what is wrong in this file; fails when anything is.
pub fn check(path: &Path) -> Result<(), String> {
    let name = path.display();
    let mut problems = problems(&wrangler_toml::read(path)?);
    problems.extend(wrangler_toml::read_instead(path).map(|other| {
        Problem::new(other, "is what wrangler reads in place of wrangler.toml; remove one of the two".to_owned())
    }));
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("{name}: nothing wrong");
        return Ok(());
    }
    Err(format!("{name}: problems: {}", problems.len()))
}

/// Everything that is wrong in a configuration, with all its environments.
pub fn problems(config: &Table) -> Vec<Problem> {
    let mut found = keys::unknown(config);
    found.extend(level(config, config));
    for (name, environment) in tables(config, "env") {
        let inner = level(environment, config).into_iter();
        found.extend(inner.map(|it| Problem { field: format!("env.{name}.{}", it.field), ..it }));
    }
    found.extend(deployment::not_inherited(config));
    found
}

/// The top level, or one environment.
fn level(here: &Table, top: &Table) -> Vec<Problem> {
    let mut found = deployment::problems(here, top);
    found.extend(secrets::problems(here));
    found.extend(variables(here));
    found
}

/// What the Worker would say of these at run time. A hotline's table may be a secret, which nobody can read here.
fn variables(here: &Table) -> Vec<Problem> {
    let vars = vars(here);
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
