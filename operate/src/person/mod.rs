//! `person`: all that is kept of somebody, and its end.

mod erase;
mod export;

use hotline::domain::phone::E164;
use hotline::form::percent_encode;

use crate::cli::Person;
use crate::failure::{Exit, Outcome};
use crate::http::Http;
use crate::output::Output;
use crate::project::Project;
use crate::worker::Worker;

/// One of the commands.
pub fn run(project: &Project, out: Output, command: &Person) -> Outcome<Exit> {
    let http = Http::default();
    let worker = Worker::new(&http, project)?;
    match command {
        Person::Export(args) => export::export(&worker, project, out, args).map(|()| Exit::Done),
        Person::Erase(args) => erase::erase(&worker, project, out, args),
    }
}

/// Where a person is, below `/v1`.
fn path(number: &E164) -> String {
    format!("people/{}", percent_encode(number.as_str()))
}
