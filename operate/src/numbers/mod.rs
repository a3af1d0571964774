//! `numbers`: what is for sale, what the account has, buying and giving back.

mod buy;
mod list;
mod release;
mod search;

use crate::apply;
use crate::cli::Numbers;
use crate::failure::{Exit, Outcome};
use crate::http::Http;
use crate::output::Output;
use crate::project::Project;
use crate::twilio::{Host, Twilio};
use serde_json::Value;

/// One of the commands.
pub fn run(project: &Project, out: Output, command: &Numbers) -> Outcome<Exit> {
    let http = Http::default();
    let twilio = || Twilio::new(&http, project);
    match command {
        Numbers::Search(args) => search::search(&twilio()?, out, args).map(|()| Exit::Done),
        Numbers::List => list::list(&twilio()?, project, out).map(|()| Exit::Done),
        Numbers::Buy(args) => buy::buy(&twilio()?, project, out, args).map(|()| Exit::Done),
        Numbers::Configure(args) => apply::configure(project, out, args),
        Numbers::Release(args) => release::release(&twilio()?, project, out, args).map(|()| Exit::Done),
    }
}

/// A number of the account, if it has it.
fn owned(twilio: &Twilio, number: &str) -> Outcome<Option<Value>> {
    let rows = twilio.list(
        Host::Account,
        "IncomingPhoneNumbers.json",
        "incoming_phone_numbers",
        &[("PhoneNumber", number)],
    )?;
    // The filter is a pattern, so what it finds may be a longer number.
    Ok(rows.unwrap_or_default().into_iter().find(|it| it["phone_number"] == number))
}
