//! Where secrets are looked for: the environment, a file that is named, then `.dev.vars` beside wrangler.toml.

use std::collections::BTreeMap;
use std::path::Path;

use hotline::config::Secret;

use super::files::beside;
use crate::cli::Common;
use crate::failure::{Failure, Outcome};

/// The files, the first one that has a secret before the others.
pub(super) struct Secrets {
    files: Vec<BTreeMap<String, String>>,
}

impl Secrets {
    pub(super) fn read(config: &Path, common: &Common) -> Outcome<Self> {
        let mut files = Vec::new();
        if let Some(file) = &common.secrets_file {
            let unreadable = || format!("{} is not there", file.display());
            files.push(
                read(file)?.ok_or_else(|| Failure::new("secrets_unreadable", unreadable()).about("--secrets-file"))?,
            );
        }
        let of_env = common.env.as_ref().map(|env| format!(".dev.vars.{env}"));
        for name in of_env.into_iter().chain([".dev.vars".to_owned()]) {
            files.extend(read(&beside(config, &name))?);
        }
        Ok(Self { files })
    }

    /// An empty value counts as none.
    pub(super) fn get(&self, name: &str) -> Option<Secret> {
        let of_process = std::env::var(name).ok();
        let of_files = self.files.iter().filter_map(|file| file.get(name).cloned());
        of_process.into_iter().chain(of_files).find(|value| !value.is_empty()).map(|value| Secret::from(value.as_str()))
    }
}

/// The variables of a file; none when it is not there. What stands in it is not repeated in an error.
fn read(file: &Path) -> Outcome<Option<BTreeMap<String, String>>> {
    if !file.is_file() {
        return Ok(None);
    }
    let unreadable = || Failure::new("secrets_unreadable", format!("{}: a line is not NAME=\"value\"", file.display()));
    let lines = dotenvy::from_path_iter(file).map_err(|_| unreadable())?;
    lines.collect::<Result<_, _>>().map(Some).map_err(|_| unreadable())
}
