//! `cargo xtask check`: refuses a wrong `wrangler.toml` before Cloudflare sees it.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;
use xtask_check::Problem;

const USAGE: &str = "\
cargo xtask check [--config FILE] [--env NAME] [--json]

  --config, -c    a wrangler.toml in place of the project's
  --env, -e       its table [env.NAME] alone, with what it inherits; without it everything
  --secrets-file  taken as by the other commands, and not read: no secret is looked at here
  --json          print one JSON document and nothing else";

fn main() -> ExitCode {
    let is_json = std::env::args().any(|arg| arg == "--json");
    let checked = Wanted::read(std::env::args().skip(1)).map_err(|reason| ("usage", reason)).and_then(|wanted| {
        let problems = xtask_check::check(&wanted.file, wanted.env.as_deref())?;
        Ok((wanted.file, problems))
    });
    match checked {
        Ok((file, problems)) => {
            tell(&file, &problems, is_json);
            if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err((code, message)) => {
            if is_json {
                println!("{}", json!({"format": 1, "error": {"code": code, "message": message}}));
            }
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn tell(file: &std::path::Path, problems: &[Problem], is_json: bool) {
    let count = problems.len();
    if is_json {
        let all: Vec<_> = problems.iter().map(|it| json!({"field": it.field, "problem": it.problem})).collect();
        println!("{}", json!({"format": 1, "problems": all}));
        return;
    }
    for problem in problems {
        println!("{problem}");
    }
    let name = file.display();
    if count == 0 {
        println!("{name}: nothing wrong");
    } else {
        eprintln!("{name}: problems: {count}");
    }
}

/// What is to be checked.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    file: PathBuf,
    env: Option<String>,
}

impl Wanted {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut file, mut env) = (project_file(), None);
        while let Some(arg) = args.next() {
            let (name, mut given) = match arg.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (arg, None),
            };
            let mut value =
                || given.take().or_else(|| args.next()).ok_or_else(|| format!("{name} wants a value\n\n{USAGE}"));
            match name.as_str() {
                "--config" | "-c" => file = value()?.into(),
                "--env" | "-e" => env = Some(value()?),
                "--secrets-file" => drop(value()?),
                "--json" if given.is_none() => {}
                unknown => return Err(format!("`{unknown}` is not understood here\n\n{USAGE}")),
            }
        }
        Ok(Self { file, env })
    }
}

/// The project's own file: in the workspace that cargo runs us from, else here.
fn project_file() -> PathBuf {
    let workspace = std::env::var_os("RINGSIDE_ROOT").map(PathBuf::from).unwrap_or_default();
    workspace.join(xtask::wrangler_toml::NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Wanted, String> {
        Wanted::read(words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned))
    }

    #[test]
    fn flags_are_read_in_both_spellings_and_strangers_are_refused() {
        let wanted = Wanted { file: "w.toml".into(), env: Some("staging".into()) };
        for words in ["--config w.toml --env staging", "-c w.toml -e staging --json", "--env=staging --config=w.toml"] {
            assert_eq!(read(words).as_ref(), Ok(&wanted), "{words}");
        }
        assert_eq!(read("").unwrap().env, None);
        for wrong in ["--env", "--config", "staging", "--sesame", "--json=yes", "--jsn"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
