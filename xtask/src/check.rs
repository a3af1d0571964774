//! Refuses a wrong `wrangler.toml` before Cloudflare sees it: every mistake at once, each by its field.
use crate::process::Outcome;
use hotline::config::{self, ConfigError, Scope, Var};
use std::fmt::{Display, Formatter};
use std::fs;
use std::path::Path;
use toml::{Table, Value};

/// The Durable Objects, as (binding, class).
const OBJECTS: [(&str, &str); 4] = [("CONTACT", "Contact"), ("CALL", "Call"), ("HOTLINE", "Hotline"), ("GATE", "Gate")];

/// What `wrangler secret put` is for. `wrangler.toml` is in git, and its values are readable in the dashboard.
const SECRETS: [&str; 14] = [
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_AUTH_TOKEN_NEXT",
    "TWILIO_WEBHOOK_KEYS",
    "TWILIO_API_KEY_SID",
    "TWILIO_API_KEY_SECRET",
    "HELPSCOUT_APP_ID",
    "HELPSCOUT_APP_SECRET",
    "HELPSCOUT_WEBHOOK_SECRET",
    "HELPSCOUT_WEBHOOK_SECRET_NEXT",
    "HELPSCOUT_SIDEBAR_SECRET",
    "HELPSCOUT_SIDEBAR_SECRET_NEXT",
    "SESSION_SECRET",
    "API_KEYS",
];

/// One mistake: where, and what to do.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    field: String,
    problem: String,
}

impl Display for Problem {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.field, self.problem)
    }
}

/// Prints what is wrong in this file; fails when anything is.
pub(crate) fn check(file: &Path) -> Outcome {
    let name = file.display();
    let text = fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    let problems = problems(&text.parse().map_err(|error| format!("{name}: {error}"))?);
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("{name}: nothing wrong");
        return Ok(());
    }
    Err(format!("{name}: problems: {}", problems.len()))
}

fn problems(config: &Table) -> Vec<Problem> {
    let mut found = deployment(config, config);
    for (name, environment) in tables(config, "env") {
        let mine = deployment(environment, config);
        found.extend(
            mine.into_iter()
                .map(|Problem { field, problem }| Problem { field: format!("env.{name}.{field}"), problem }),
        );
    }
    found
}

/// The top level, or one environment. wrangler inherits `exports` and `observability` from the top level, but neither
/// `vars` nor `durable_objects` (Wrangler, Configuration, Environments).
fn deployment(here: &Table, top: &Table) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut refuse = |field: &str, problem: String| found.push(Problem { field: field.to_owned(), problem });
    let inherited = |key: &str| here.get(key).or_else(|| top.get(key));

    let bindings = here.get("durable_objects").and_then(|objects| objects.get("bindings")).and_then(Value::as_array);
    for (binding, class) in OBJECTS {
        let bound =
            bindings.into_iter().flatten().any(|entry| is(entry, "name", binding) && is(entry, "class_name", class));
        if !bound {
            refuse(
                "durable_objects.bindings",
                format!("add an entry with name = \"{binding}\" and class_name = \"{class}\""),
            );
        }
        let export = inherited("exports").and_then(|exports| exports.get(class));
        if !export.is_some_and(|export| is(export, "type", "durable-object") && is(export, "storage", "sqlite")) {
            refuse(&format!("exports.{class}"), "must be type = \"durable-object\", storage = \"sqlite\"".to_owned());
        }
    }
    let logs = inherited("observability").and_then(|observability| observability.get("logs"));
    if logs.and_then(|logs| logs.get("invocation_logs")) != Some(&Value::Boolean(false)) {
        refuse("observability.logs.invocation_logs", "must be false: those logs hold URLs".to_owned());
    }
    found.extend(variables(here.get("vars").and_then(Value::as_table).unwrap_or(&Table::new())));
    found
}

/// What the Worker would say of these at run time, and secrets that stand in the open.
fn variables(vars: &Table) -> Vec<Problem> {
    let open = vars.keys().filter(|name| SECRETS.contains(&name.as_str())).map(|name| Problem {
        field: name.clone(),
        problem: format!("is a secret: remove it here, and run `npx wrangler secret put {name}`"),
    });
    let vars: Vec<_> = vars.iter().map(|(name, value)| (name.clone(), variable(value))).collect();
    let wrong = config::problems(&vars, Scope::WithoutSecrets);
    open.chain(wrong.into_iter().map(|ConfigError { field, problem }| Problem { field, problem })).collect()
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
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../wrangler.toml");

    fn fields(config: &str) -> Vec<String> {
        problems(&config.parse().unwrap()).into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn the_shipped_file_has_nothing_wrong() {
        assert_eq!(problems(&SHIPPED.parse().unwrap()), []);
    }

    #[test]
    fn one_slip_is_one_problem_by_the_name_of_its_field() {
        let long = format!("greeting = \"{}\"", "Thanks. ".repeat(700));
        for (right, wrong, field) in [
            ("class_name = \"Gate\"", "class_name = \"Gates\"", "durable_objects.bindings"),
            ("[exports.Gate]", "[exports.Gates]", "exports.Gate"),
            ("invocation_logs = false", "invocation_logs = true", "observability.logs.invocation_logs"),
            ("[vars]", "[vars]\nTWILIO_AUTH_TOKEN = \"open\"", "TWILIO_AUTH_TOKEN"),
            ("[vars]", "[vars]\nTWILLIO = \"\"\nTWILIO_URL = \"\"", "TWILIO_URL"),
            ("mailbox = 3003", "mailbox = \"3003\"", "HOTLINE_VOTERS.mailbox"),
            ("blocked =", "bloked =", "HOTLINE_VOTERS.bloked"),
            ("America/New_York", "America/New_Yorck", "HOTLINE_VOTERS.hours.time_zone"),
            ("except = [\"2026-12-25\"]", "except = [2026-12-25]", "HOTLINE_VOTERS.hours.except[0]"),
            ("greeting = \"Thanks, we got your message and will get back to you soon.\"", &long, "HOTLINE_VOTERS"),
        ] {
            assert!(SHIPPED.contains(right), "{right}");
            assert_eq!(fields(&SHIPPED.replacen(right, wrong, 1)), [field], "{wrong}");
        }
    }

    #[test]
    fn an_environment_inherits_objects_and_logs_but_neither_bindings_nor_variables() {
        let found = fields(&format!("{SHIPPED}\n[env.staging]\nname = \"ringside-staging\""));
        assert!(found.iter().any(|field| field == "env.staging.PUBLIC_URL"), "{found:?}");
        assert_eq!(found.iter().filter(|field| *field == "env.staging.durable_objects.bindings").count(), 4);
        assert!(!found.iter().any(|field| field.contains("exports") || field.contains("observability")), "{found:?}");
    }
}
