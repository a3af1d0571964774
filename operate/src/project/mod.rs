//! A deployment as its wrangler.toml describes it, with the secrets that are at hand.

mod files;
mod secrets;

use hotline::config::{Hotline, PlainConfig, Secret};

pub use files::{Files, project_file};

use crate::cli::Common;
use crate::failure::{Failure, Outcome};

/// A deployment.
pub struct Project {
    /// The plain variables.
    pub config: PlainConfig,
    files: Files,
}

/// The numbers of a pool are set up and looked at as those of its hotline.
fn with_pools(mut config: PlainConfig) -> PlainConfig {
    for pool in &config.pools {
        if let Some(hotline) = config.hotlines.iter_mut().find(|hotline| hotline.mailbox == pool.mailbox) {
            hotline.numbers.extend(pool.numbers.iter().cloned());
        }
    }
    config
}

impl Project {
    /// Reads the files; the variables must be right.
    pub fn read(common: &Common) -> Outcome<Self> {
        let files = Files::read(common)?;
        let config = PlainConfig::read(files.vars()).map_err(|wrong| {
            let first = wrong.into_iter().next();
            let message = "wrangler.toml is wrong; `cargo xtask check` lists everything";
            first.map_or_else(
                || Failure::new("config_invalid", message),
                |error| {
                    Failure::new("config_invalid", format!("{}: {}", error.field, error.problem)).about(&error.field)
                },
            )
        })?;
        Ok(Self { config: with_pools(config), files })
    }

    /// What of a deployment is right; hotlines whose tables are wrong are not there. `None` when an address is wrong that all
    /// need.
    pub fn read_partly(files: Files) -> Result<Self, Box<Files>> {
        match PlainConfig::read_partly(files.vars()) {
            Some(config) => Ok(Self { config: with_pools(config), files }),
            None => Err(Box::new(files)),
        }
    }

    /// The files that it was read from.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Refuses a file in which `cargo xtask check` finds anything.
    pub fn must_pass_check(&self) -> Outcome {
        match self.files.problems().first() {
            None => Ok(()),
            Some(problem) => {
                let message = format!("{problem}; `cargo xtask check` lists everything");
                Err(Failure::new("config_invalid", message).about(&problem.field))
            }
        }
    }

    /// A secret, if it is anywhere.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.files.secret(name)
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
            hotline_unknown(bare, &known)
        })
    }
}

/// The refusal of a name that no hotline has.
pub fn hotline_unknown(name: &str, known: &[&str]) -> Failure {
    let message = format!("no hotline `{name}` in wrangler.toml; there are: {}", known.join(", "));
    Failure::new("hotline_unknown", message).about("--hotline")
}
