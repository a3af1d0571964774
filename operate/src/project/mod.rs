//! A deployment as its wrangler.toml describes it, with the secrets that are at hand.

mod secrets;

use std::path::{Path, PathBuf};

use hotline::config::{Hotline, PlainConfig, Secret, Var};
use toml::{Table, Value};
use xtask::wrangler_toml;

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use secrets::Secrets;

/// A deployment.
pub struct Project {
    /// The plain variables.
    pub config: PlainConfig,
    secrets: Secrets,
    file: Table,
}

impl Project {
    /// Reads the file and remembers where secrets are found.
    pub fn read(common: &Common) -> Outcome<Self> {
        let file = common.config.clone().unwrap_or_else(project_file);
        let table = wrangler_toml::read(&file).map_err(|problem| Failure::new("config_unreadable", problem))?;
        let level = level(&table, common.env.as_deref())?;
        let secrets = Secrets::read(&file, common)?;
        let mut vars = xtask_check::vars(level);
        let in_secret = xtask_check::required_secrets(level).filter(|name| name.starts_with("HOTLINE_"));
        for name in in_secret {
            vars.extend(secrets.get(name).map(|table| (name.to_owned(), Var::Text(table.expose().to_owned()))));
        }
        let config = PlainConfig::read(&vars).map_err(|wrong| {
            let first = wrong.into_iter().next();
            let message = "wrangler.toml is wrong; `cargo xtask check` lists everything";
            first.map_or_else(
                || Failure::new("config_invalid", message),
                |error| {
                    Failure::new("config_invalid", format!("{}: {}", error.field, error.problem)).about(&error.field)
                },
            )
        })?;
        Ok(Self { config, secrets, file: table })
    }

    /// Refuses a file in which `cargo xtask check` finds anything.
    pub fn must_pass_check(&self) -> Outcome {
        match xtask_check::problems(&self.file).first() {
            None => Ok(()),
            Some(problem) => {
                let message = format!("{problem}; `cargo xtask check` lists everything");
                Err(Failure::new("config_invalid", message).about(&problem.field))
            }
        }
    }

    /// A secret, if it is anywhere.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.secrets.get(name)
    }

    /// A secret without which the command cannot go on.
    pub fn needed_secret(&self, name: &str) -> Outcome<Secret> {
        self.secret(name).ok_or_else(|| {
            let message = format!(
                "{name} is nowhere: not in the environment, not in a file that --secrets-file names, not in .dev.vars beside \
                 wrangler.toml"
            );
            Failure::new("secret_missing", message).about(name)
        })
    }

    /// The hotline of this name, with or without `HOTLINE_`.
    pub fn hotline(&self, name: &str) -> Outcome<&Hotline> {
        let bare = name.strip_prefix("HOTLINE_").unwrap_or(name);
        let found = self.config.hotlines.iter().find(|hotline| hotline.api_name() == bare);
        found.ok_or_else(|| {
            let known: Vec<_> = self.config.hotlines.iter().map(Hotline::api_name).collect();
            let message = format!("no hotline `{bare}` in wrangler.toml; there are: {}", known.join(", "));
            Failure::new("hotline_unknown", message).about("--hotline")
        })
    }
}

/// The project's own file: in the workspace that cargo runs us from, else here.
pub fn project_file() -> PathBuf {
    let workspace = std::env::var_os("RINGSIDE_ROOT").map(PathBuf::from).unwrap_or_default();
    workspace.join(wrangler_toml::NAME)
}

/// The top of the file, or one environment: wrangler hands its variables down to no environment.
fn level<'a>(table: &'a Table, env: Option<&str>) -> Outcome<&'a Table> {
    let Some(name) = env else { return Ok(table) };
    let found = table.get("env").and_then(|all| all.get(name)).and_then(Value::as_table);
    found.ok_or_else(|| Failure::new("env_unknown", format!("wrangler.toml has no [env.{name}]")).about("--env"))
}

/// A file beside another one.
fn beside(file: &Path, name: &str) -> PathBuf {
    file.with_file_name(name)
}
