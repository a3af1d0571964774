//! `import-conversations`: conversations by phone that an inbox has from before its hotline go on in it.

mod found;
mod number;

use std::thread;
use std::time::{Duration, Instant};

use hotline::config::Hotline;
use hotline::form::percent_encode;
use serde_json::{Value, json};

use crate::cli::ImportConversations;
use crate::confirm;
use crate::failure::{Exit, Outcome};
use crate::helpscout::HelpScout;
use crate::http::Http;
use crate::interrupt;
use crate::output::Output;
use crate::project::Project;
use crate::worker::Worker;
use found::{Found, Skipped};

/// Between two looks at what is being checked.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A conversation that is imported, and how far it is.
struct Import<'a> {
    hotline: &'a Hotline,
    found: Found,
    status: &'static str,
}

/// Looks for conversations at Help Scout, shows them, and has the Worker take them.
pub fn run(project: &Project, out: Output, args: &ImportConversations) -> Outcome<Exit> {
    let http = Http::default();
    let helpscout = HelpScout::new(&http, project)?;
    let worker = Worker::new(&http, project)?;
    let (mut imports, mut skipped) = (Vec::new(), Vec::new());
    for hotline in hotlines(project, args)? {
        let (found, left) = found::search(&helpscout, hotline, args.days, out)?;
        say_what_was_found(out, hotline, &found, &left);
        imports.extend(found.into_iter().map(|found| Import { hotline, found, status: "planned" }));
        skipped.extend(left);
    }
    if !args.dry_run && !imports.is_empty() {
        confirm::yes_or_no(&format!("Go on in these {} conversations?", imports.len()), args.yes)?;
        for import in &mut imports {
            interrupt::held_off(|| worker.put(&path(&import.found), &query(import.hotline)))?;
            import.status = "checking";
        }
        wait(&worker, &mut imports, Duration::from_secs(args.wait.into()))?;
    }
    Ok(report(out, &imports, &skipped))
}

fn hotlines<'a>(project: &'a Project, args: &ImportConversations) -> Outcome<Vec<&'a Hotline>> {
    match args.hotline.as_deref() {
        Some(name) => Ok(vec![project.hotline(name)?]),
        None => Ok(project.config.hotlines.iter().collect()),
    }
}

fn say_what_was_found(out: Output, hotline: &Hotline, found: &[Found], skipped: &[Skipped]) {
    let name = hotline.api_name();
    out.say(&format!("{name}: {} conversations to go on in, {} left out.", found.len(), skipped.len()));
    for it in found {
        out.say(&format!("  {}  conversation {}, changed {}", it.number.masked(), it.conversation, it.changed_at));
    }
    for it in skipped {
        out.say(&format!("  left out: conversation {}. {}", it.conversation, it.reason));
    }
}

/// Where a conversation of a person is, below `/v1`.
fn path(found: &Found) -> String {
    format!("people/{}/conversations/{}", percent_encode(found.number.as_str()), found.conversation)
}

fn query(hotline: &Hotline) -> [(&'static str, &str); 1] {
    [("hotline", hotline.api_name())]
}

/// Looks until the Worker has looked at all of them, or the time is over.
fn wait(worker: &Worker, imports: &mut [Import], longest: Duration) -> Outcome {
    let begun = Instant::now();
    loop {
        for import in imports.iter_mut().filter(|import| import.status == "checking") {
            let read = worker.read(&path(&import.found), &query(import.hotline))?;
            import.status = match read.as_ref().and_then(|read| read["status"].as_str()) {
                Some("theirs") => "imported",
                Some(_) => "checking",
                None => "refused",
            };
        }
        let is_over = imports.iter().all(|import| import.status != "checking");
        if is_over || begun.elapsed() >= longest || interrupt::requested() {
            return Ok(());
        }
        thread::sleep(LOOK_EVERY.min(longest.saturating_sub(begun.elapsed())));
    }
}

fn report(out: Output, imports: &[Import], skipped: &[Skipped]) -> Exit {
    let count = |status: &str| imports.iter().filter(|import| import.status == status).count();
    let (imported, checking, refused) = (count("imported"), count("checking"), count("refused"));
    if count("planned") == 0 {
        out.say(&format!("{imported} go on now, {checking} are still looked at, {refused} were refused."));
    }
    if refused > 0 {
        out.say("`cargo xtask jobs list --state failed` says why.");
    }
    let shown = |import: &Import| {
        json!({
            "hotline": import.hotline.api_name(), "number": import.found.number.masked(),
            "conversation": import.found.conversation, "status": import.status,
        })
    };
    let conversations: Vec<Value> = imports.iter().map(shown).collect();
    let skipped: Vec<Value> =
        skipped.iter().map(|it| json!({"conversation": it.conversation, "reason": it.reason})).collect();
    out.document(&json!({"format": 1, "conversations": conversations, "skipped": skipped}));
    match (refused, checking) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::NotYetOver,
        _ => Exit::Failed,
    }
}
