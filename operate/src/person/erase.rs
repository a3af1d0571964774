//! `person erase`: shows what would go, has the number typed anew, asks the Worker, and waits until Twilio has let go of it too.

use std::thread;
use std::time::{Duration, Instant};

use hotline::config::Hotline;
use serde_json::{Value, json};

use super::path;
use crate::cli::Erase;
use crate::confirm;
use crate::failure::{Exit, Outcome};
use crate::interrupt;
use crate::output::Output;
use crate::project::Project;
use crate::worker::Worker;

/// Between two looks at a job.
const LOOK_EVERY: Duration = Duration::from_secs(2);

pub(super) fn erase(worker: &Worker, project: &Project, out: Output, args: &Erase) -> Outcome<Exit> {
    let number = args.number.as_str();
    let hotline = args.hotline.as_deref().map(|name| project.hotline(name)).transpose()?;
    let names = known_at(worker, project, hotline, args, out)?;
    if names.is_empty() {
        out.say("Nothing is known of this number.");
        out.document(&json!({"format": 1, "number": args.number.masked(), "hotlines": []}));
        return Ok(Exit::Done);
    }
    out.say(&format!("All of it goes, here and at Twilio; {}. This cannot be undone.", args.helpscout.words()));
    confirm::typed(number, &args.number.masked(), args.confirm.as_deref())?;
    let mut jobs: Vec<(String, Value)> = Vec::new();
    for name in names {
        let query = [("hotline", name.as_str()), ("helpscout", args.helpscout.as_str())];
        let job = interrupt::held_off(|| worker.delete(&path(&args.number), &query))?;
        jobs.push((name, job));
    }
    wait(worker, &mut jobs, Duration::from_secs(args.wait.into()))?;
    let hotlines: Vec<Value> = jobs.iter().map(|(name, job)| shown(name, job)).collect();
    for hotline in &hotlines {
        out.say(&line(hotline));
    }
    out.document(&json!({"format": 1, "number": args.number.masked(), "hotlines": hotlines}));
    let is = |status: &str| hotlines.iter().any(|hotline| hotline["status"] == status);
    Ok(match (is("failed"), is("waiting")) {
        (true, _) => Exit::Failed,
        (_, true) => Exit::NotYetOver,
        _ => Exit::Done,
    })
}

/// The hotlines that know the number, with what each has.
fn known_at(
    worker: &Worker,
    project: &Project,
    hotline: Option<&Hotline>,
    args: &Erase,
    out: Output,
) -> Outcome<Vec<String>> {
    let query: Vec<(&str, &str)> = hotline.iter().map(|hotline| ("hotline", hotline.api_name())).collect();
    let export = match worker.read(&format!("{}/export", path(&args.number)), &query) {
        Err(failure) if failure.message.contains("(scope_missing)") => {
            out.say("RINGSIDE_API_KEY lacks the scope people:read, so what goes cannot be counted.");
            let all = project.config.hotlines.iter().map(|hotline| hotline.api_name().to_owned());
            return Ok(hotline.map_or_else(|| all.collect(), |hotline| vec![hotline.api_name().to_owned()]));
        }
        read => read?.unwrap_or_default(),
    };
    let hotlines = export["hotlines"].as_array().cloned().unwrap_or_default();
    for hotline in &hotlines {
        let entries = hotline["entries"].as_array().cloned().unwrap_or_default();
        let of_kind = |kind: &str| entries.iter().filter(|entry| entry["kind"] == kind).count();
        let media: usize = entries.iter().map(|entry| entry["media"].as_array().map_or(0, Vec::len)).sum();
        let waiting = hotline["waiting"].as_array().map_or(0, Vec::len);
        out.say(&format!(
            "{}: {} texts, {media} files and recordings, {} calls and voicemails, {waiting} jobs that wait.",
            hotline["hotline"].as_str().unwrap_or_default(),
            of_kind("text"),
            entries.len() - of_kind("text"),
        ));
    }
    let name = |hotline: &Value| hotline["hotline"].as_str().map(str::to_owned);
    Ok(hotlines.iter().filter_map(name).collect())
}

/// Looks until all jobs have ended, or the time is over.
fn wait(worker: &Worker, jobs: &mut [(String, Value)], longest: Duration) -> Outcome {
    let begun = Instant::now();
    loop {
        let running: Vec<&mut (String, Value)> =
            jobs.iter_mut().filter(|(_, job)| job["status"] == "running").collect();
        if running.is_empty() || begun.elapsed() >= longest {
            return Ok(());
        }
        thread::sleep(LOOK_EVERY.min(longest.saturating_sub(begun.elapsed())));
        for (_, job) in running {
            let path = format!("jobs/{}", job["id"].as_str().unwrap_or_default());
            if let Some(now) = worker.read(&path, &[])? {
                *job = now;
            }
        }
    }
}

fn shown(hotline: &str, job: &Value) -> Value {
    let status =
        job["status"].as_str().map_or("waiting", |status| if status == "running" { "waiting" } else { status });
    let removed = &job["removed"];
    json!({"hotline": hotline, "status": status, "waiting_for": job["waiting_for"], "removed": {
        "texts": removed["texts"], "media": removed["media"], "recordings": removed["recordings"]}})
}

fn line(hotline: &Value) -> String {
    let name = hotline["hotline"].as_str().unwrap_or_default();
    let removed = &hotline["removed"];
    let counts =
        format!("{} texts, {} files, {} recordings", removed["texts"], removed["media"], removed["recordings"]);
    match (hotline["status"].as_str(), hotline["waiting_for"].as_str()) {
        (Some("done"), _) => format!("{name}: erased. {counts}."),
        (Some("failed"), _) => {
            format!("{name}: {counts}. A part was refused by Twilio or Help Scout and is still there.")
        }
        (_, Some(whom)) => format!("{name}: {counts} so far; it waits for {whom} and goes on by itself."),
        _ => format!("{name}: {counts} so far; it goes on by itself."),
    }
}
