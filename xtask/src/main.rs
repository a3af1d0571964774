//! `cargo xtask`: everything a developer does with Ringside, without tools set up by hand.
#[cfg(not(unix))]
compile_error!("Ringside is developed on Linux or macOS. On Windows, work inside WSL.");

mod artifacts;
mod build;
mod dev;
mod lock;
mod npm;
mod playground;
mod process;
mod reference_page;
mod setup;
mod steps;
mod test;
mod widget_files;

use build::Mode;
use process::Outcome;
use std::{env, process::ExitCode};

const HELP: &str = "\
cargo xtask COMMAND

  dev [--port P] [--worker-port W]   Worker and emulator on this machine, with one page to try them
  test [FILTER]                      everything that is tested; with FILTER only the tests whose names contain it
  build [--dev | --profiling]        the Worker for Cloudflare, into worker/build, and the reference page of its API; --dev: quick
                                     to build, as the playground has it, without that page; --profiling: with the names of functions, for stack traces and perf
  bench                              size, cost and time, measured beside their budgets
  check [--config FILE] [--env NAME] refuses a wrong wrangler.toml, field by field; --json: for programs
  api-key new                        makes a key for a program that sends by /v1, and says what to do with it
  hotline apply                      sets up Twilio and Help Scout as wrangler.toml says, after showing what differs
  doctor                             looks at everything that a hotline needs, and changes nothing
  numbers COMMAND                    search, list, buy, configure, release: the numbers of the Twilio account
  deploy                             check, doctor, build, wrangler, and a look whether the new version answers
  person COMMAND                     export, erase: what is kept of somebody
  import-bling                       makes tables of wrangler.toml from the settings of a Bling
  import-conversations               goes on in conversations by phone that an inbox has from before
  set-up                             adds the build tools that are missing (the others do it by themselves)";

fn main() -> ExitCode {
    match command(env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn command(mut args: Vec<String>) -> Outcome<ExitCode> {
    if args.is_empty() {
        return Err(HELP.to_owned());
    }
    let word = args.remove(0);
    match word.as_str() {
        "dev" => {
            let emulator_port = port(&mut args, "--port")?;
            let worker_port = port(&mut args, "--worker-port")?;
            nothing_else(&args)?;
            dev::dev(emulator_port, worker_port)?;
        }
        "test" => {
            let filter = (!args.is_empty()).then(|| args.remove(0));
            nothing_else(&args)?;
            return Ok(test::test(filter.as_deref()));
        }
        "build" => {
            let mode = if flag(&mut args, "--dev") {
                Mode::Dev
            } else if flag(&mut args, "--profiling") {
                Mode::Profiling
            } else {
                Mode::Release
            };
            nothing_else(&args)?;
            build::build(mode)?;
        }
        "bench" => {
            nothing_else(&args)?;
            build::bench()?;
        }
        "check" => {
            return build::check(args);
        }
        "api-key" => build::api_key(args)?,
        "hotline" | "doctor" | "numbers" | "person" | "jobs" | "deploy" | "import-bling" | "import-conversations" => {
            return build::operate(&word, args);
        }
        "set-up" | "setup" => {
            nothing_else(&args)?;
            setup::for_tests()?;
        }
        "help" | "--help" | "-h" => println!("{HELP}"),
        unknown => return Err(format!("no command `{unknown}`\n\n{HELP}")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes `--name VALUE` or `--name=VALUE` out of the arguments.
fn option(args: &mut Vec<String>, name: &str) -> Outcome<Option<String>> {
    let joined = format!("{name}=");
    let Some(at) = args.iter().position(|arg| arg == name || arg.starts_with(&joined)) else { return Ok(None) };
    let arg = args.remove(at);
    match arg.strip_prefix(&joined) {
        Some(value) => Ok(Some(value.to_owned())),
        None if at < args.len() => Ok(Some(args.remove(at))),
        None => Err(format!("{name} wants a value")),
    }
}

/// Takes `--name` out of the arguments, if it is there.
fn flag(args: &mut Vec<String>, name: &str) -> bool {
    let at = args.iter().position(|arg| arg == name);
    at.map(|at| args.remove(at)).is_some()
}

fn port(args: &mut Vec<String>, name: &str) -> Outcome<Option<u16>> {
    option(args, name)?.map(|text| text.parse().map_err(|_| format!("{name}: `{text}` is not a port"))).transpose()
}

fn nothing_else(args: &[String]) -> Outcome {
    if args.is_empty() { Ok(()) } else { Err(format!("`{}` is not understood here\n\n{HELP}", args.join(" "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_taken_in_both_spellings_and_a_stranger_is_refused() {
        for words in ["--port 80", "--port=80"] {
            let mut args: Vec<String> = words.split(' ').map(str::to_owned).collect();
            assert_eq!(port(&mut args, "--port"), Ok(Some(80)));
            assert!(nothing_else(&args).is_ok());
        }
        for words in ["--port", "--port eighty", "--port 80 more"] {
            let mut args: Vec<String> = words.split(' ').map(str::to_owned).collect();
            assert!(port(&mut args, "--port").and_then(|_| nothing_else(&args)).is_err(), "{words}");
        }
    }
}
