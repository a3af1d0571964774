//! `cargo xtask hotline | doctor | numbers | person | jobs | deploy | import-…`: sets up a hotline at Twilio and Help Scout,
//! looks whether all is well, and looks after what is kept.
//!
//! | Module | Holds |
//! | --- | --- |
//! | [`cli`] | commands and flags |
//! | [`project`] | wrangler.toml and the secrets that are at hand |
//! | [`apply`] | `hotline apply` |
//! | [`doctor`] | `doctor` |
//! | [`numbers`] | `numbers` |
//! | [`import_bling`] | `import-bling` |
//! | [`import_conversations`] | `import-conversations` |
//! | [`person`] | `person` |
//! | [`twilio`], [`helpscout`], [`worker`], [`http`] | requests to both, and to the Worker |
//! | [`permissions`] | what carriers and Twilio must have allowed |
//! | [`output`], [`confirm`], [`interrupt`], [`failure`] | words, questions, Ctrl-C, exit codes |
// Indexing is for answers: a field that is not there reads as null.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]
// The modules of a program are nobody else's.
#![allow(missing_docs)]

mod apply;
mod asked;
mod cli;
mod confirm;
mod deploy;
mod doctor;
mod failure;
mod helpscout;
mod http;
mod import_bling;
mod import_conversations;
mod interrupt;
mod jobs;
mod numbers;
mod output;
mod permissions;
mod person;
mod price;
mod project;
mod toll_free;
mod twilio;
mod worker;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use cli::{Cli, Command, Hotline};
use failure::{Exit, Failure, Outcome};
use output::Output;
use project::Project;

fn main() -> ExitCode {
    let out = Output::new(std::env::args().any(|arg| arg == "--json"));
    let exit = match Cli::try_parse() {
        Ok(cli) => run(&cli, out).unwrap_or_else(|failure| {
            out.document(&failure.json());
            eprintln!("{}", failure.message);
            failure.exit
        }),
        Err(help) if matches!(help.kind(), ErrorKind::DisplayHelp) => {
            println!("{help}");
            Exit::Done
        }
        Err(wrong) => {
            out.document(&Failure::new("usage", wrong.to_string()).json());
            eprintln!("{wrong}");
            Exit::Failed
        }
    };
    ExitCode::from(exit as u8)
}

fn run(cli: &Cli, out: Output) -> Outcome<Exit> {
    interrupt::listen()?;
    let project = || Project::read(&cli.common);
    match &cli.command {
        Command::Deploy(args) => deploy::run(&cli.common, out, args),
        Command::Doctor(args) => doctor::run(&cli.common, out, args),
        Command::Hotline(Hotline::Apply(args)) => apply::apply(&project()?, out, args),
        Command::Jobs(command) => jobs::run(&project()?, out, command),
        Command::Numbers(command) => numbers::run(&project()?, out, command),
        Command::Person(command) => person::run(&project()?, out, command),
        Command::ImportConversations(args) => import_conversations::run(&project()?, out, args),
        // There may be no hotline in the file yet.
        Command::ImportBling(args) => import_bling::run(&cli.common, out, args),
    }
}
