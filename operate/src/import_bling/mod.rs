//! `cargo xtask import-bling`: the settings of a Bling become tables of wrangler.toml.

mod mailboxes;
mod write;

use std::collections::BTreeMap;
use std::path::Path;

use hotline::domain::phone::E164;
use serde_json::{Map, Value, json};

use crate::cli::{Common, ImportBling};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::Output;
use mailboxes::Mailboxes;

const MAILBOXES: &str = "BLING_MAILBOXES";
const EMAIL_DOMAIN: &str = "HELPSCOUT_CUSTOMER_EMAIL_DOMAIN";

/// Our secrets, and the variables of Bling that hold the same.
const SECRETS: [(&str, &str); 5] = [
    ("HELPSCOUT_APP_ID", "HELPSCOUT_API_CLIENT_ID"),
    ("HELPSCOUT_APP_SECRET", "HELPSCOUT_API_CLIENT_SECRET"),
    ("HELPSCOUT_WEBHOOK_SECRET", "HELPSCOUT_WEBHOOK_SECRET"),
    ("TWILIO_ACCOUNT_SID", "TWILIO_ACCOUNT_SID"),
    ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN"),
];

/// Reads Bling's settings, prints ours, and with `--write` adds them to the file.
pub fn run(common: &Common, out: Output, args: &ImportBling) -> Outcome<Exit> {
    let bling = settings(args.from.as_deref())?;
    let given = |name: &str| bling.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let variable = given(MAILBOXES).ok_or_else(|| {
        let place = args.from.as_ref().map_or("the environment".to_owned(), |file| file.display().to_string());
        Failure::new("bling_mailboxes_missing", format!("{MAILBOXES} is not in {place}")).about(MAILBOXES)
    })?;
    let Mailboxes { numbers, mut skipped } = mailboxes::read(variable).map_err(|malformed| {
        let message = format!("{MAILBOXES} is wrong, and nothing was read: {}", malformed.join("; "));
        Failure::new("bling_mailboxes_malformed", message).about(MAILBOXES)
    })?;
    skipped.sort_by_key(|skipped| skipped.entry);
    let vars = variables(given("BLACKHOLE_DOMAIN"), &numbers);
    let file = common.config.clone().unwrap_or_else(crate::project::project_file);
    let added = if args.write { write::append(&file, common.env.as_deref(), &vars)? } else { Vec::new() };

    out.say(&write::as_toml(&vars));
    for skipped in &skipped {
        out.say(&format!("{MAILBOXES}, entry {}: left out. {}.", skipped.entry, skipped.reason));
    }
    out.say("Secrets: set each by hand to what Bling has in the variable on the right.");
    for (ours, theirs) in SECRETS {
        out.say(&format!("  npx wrangler secret put {ours:<26} # {theirs}"));
    }
    out.say("Bling has none of these: HELPSCOUT_SIDEBAR_SECRET, SESSION_SECRET (README, Secrets).");
    say_what_was_written(out, args.write, &file, &added);
    let skipped: Vec<Value> = skipped.iter().map(|it| json!({"entry": it.entry, "reason": it.reason})).collect();
    let secrets: Map<String, Value> =
        SECRETS.into_iter().map(|(ours, theirs)| (ours.to_owned(), theirs.into())).collect();
    out.document(&json!({"format": 1, "vars": vars, "secrets": secrets, "skipped": skipped, "written": added}));
    Ok(Exit::Done)
}

fn say_what_was_written(out: Output, write: bool, file: &Path, added: &[String]) {
    let file = file.display();
    out.say(&match (write, added) {
        (false, _) => format!("Nothing was written. --write adds the tables to {file}."),
        (true, []) => format!("{file} has all of it already."),
        (true, added) => {
            format!("{file} has them now: {}. `cargo xtask check` says what is still to fill in.", added.join(", "))
        }
    });
}

/// Bling's variables: those of a file, else of the environment.
fn settings(file: Option<&Path>) -> Outcome<BTreeMap<String, String>> {
    let Some(file) = file else { return Ok(std::env::vars().collect()) };
    let unreadable = |why: &str| Failure::new("bling_unreadable", format!("{}: {why}", file.display())).about("--from");
    if !file.is_file() {
        return Err(unreadable("is not there"));
    }
    let wrong = |_| unreadable("a line is not NAME=value");
    dotenvy::from_path_iter(file).map_err(wrong)?.collect::<Result<_, _>>().map_err(wrong)
}

/// Ours, by their names in `[vars]`.
fn variables(domain: Option<&str>, numbers: &BTreeMap<u64, Vec<E164>>) -> Map<String, Value> {
    let mut vars = Map::new();
    vars.extend(domain.map(|domain| (EMAIL_DOMAIN.to_owned(), domain.into())));
    for (mailbox, numbers) in numbers {
        let numbers: Vec<_> = numbers.iter().map(E164::as_str).collect();
        let table = json!({"name": format!("Inbox {mailbox}"), "mailbox": mailbox, "numbers": numbers});
        vars.insert(format!("HOTLINE_{mailbox}"), table);
    }
    vars
}
