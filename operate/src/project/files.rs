//! wrangler.toml and where secrets are found: read, and not judged yet.

use std::path::{Path, PathBuf};

use hotline::config::{Secret, Var};
use toml::{Table, Value};
use xtask::wrangler_toml;
use xtask_check::Problem;

use super::secrets::Secrets;
use crate::cli::Common;
use crate::failure::{Failure, Outcome};

/// How the variables begin that hold a hotline's table.
const HOTLINE: &str = "HOTLINE_";

/// The files of a deployment.
pub struct Files {
    table: Table,
    env: Option<String>,
    secrets: Secrets,
    /// The plain variables, and tables of hotlines that are secrets.
    vars: Vec<(String, Var)>,
    /// The latter alone.
    held: Vec<(String, Var)>,
}

impl Files {
    /// Reads them.
    pub fn read(common: &Common) -> Outcome<Self> {
        let file = common.config.clone().unwrap_or_else(project_file);
        let table = wrangler_toml::read(&file).map_err(|problem| Failure::new("config_unreadable", problem))?;
        let secrets = Secrets::read(&file, common)?;
        let level = level(&table, common.env.as_deref())?;
        let names = xtask_check::required_secrets(level).filter(|name| name.starts_with(HOTLINE));
        let table_of = |name: &str| Some((name.to_owned(), Var::Text(secrets.get(name)?.expose().to_owned())));
        let held: Vec<_> = names.filter_map(table_of).collect();
        let mut vars = xtask_check::vars(level);
        vars.extend_from_slice(&held);
        Ok(Self { env: common.env.clone(), secrets, vars, held, table })
    }

    /// The plain variables, and tables of hotlines that are secrets and at hand.
    pub fn vars(&self) -> &[(String, Var)] {
        &self.vars
    }

    /// The text of a plain variable.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.vars.iter().find_map(|(known, var)| match var {
            Var::Text(text) if known == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// A secret, if it is anywhere.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.secrets.get(name)
    }

    /// What `cargo xtask check` says: of the environment that was named, else of everything.
    pub fn problems(&self) -> Vec<Problem> {
        xtask_check::problems_of(&self.table, self.env.as_deref(), &self.held)
    }

    /// How the fields of the environment begin in [`Self::problems`].
    pub fn prefix(&self) -> String {
        self.env.as_ref().map_or(String::new(), |name| format!("env.{name}."))
    }

    /// The secrets that the file names as needed beside those that every deployment needs.
    pub fn required_secrets(&self) -> Vec<&str> {
        self.level().map(|level| xtask_check::required_secrets(level).collect()).unwrap_or_default()
    }

    /// A key of the environment, or of the top level, from which wrangler hands it down.
    pub fn inherited(&self, key: &str) -> Option<&Value> {
        self.level().and_then(|level| level.get(key)).or_else(|| self.table.get(key))
    }

    fn level(&self) -> Option<&Table> {
        level(&self.table, self.env.as_deref()).ok()
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
pub(super) fn beside(file: &Path, name: &str) -> PathBuf {
    file.with_file_name(name)
}
