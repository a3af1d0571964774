//! `jobs`: what the Worker has still to do or gave up, and what an operator has done about it.

use hotline::config::Hotline;
use serde_json::{Value, json};

use crate::cli::{Jobs, ListedJobs, State, TurnedJobs};
use crate::confirm;
use crate::failure::{Exit, Failure, Outcome};
use crate::http::Http;
use crate::interrupt;
use crate::output::Output;
use crate::project::Project;
use crate::worker::{Turned, Worker};

/// Jobs of one request.
const PAGE: usize = 100;

/// The most pages of one list: a page has the jobs of twenty objects, and an outage leaves jobs with thousands.
const MOST_PAGES: usize = 1_000;

/// Runs the command.
pub fn run(project: &Project, out: Output, command: &Jobs) -> Outcome<Exit> {
    let http = Http::default();
    let worker = Worker::new(&http, project)?;
    match command {
        Jobs::List(args) => list(&worker, project, out, args),
        Jobs::Retry(args) => turn(&worker, project, out, args, Turn::Retry),
        Jobs::Drop(args) => {
            let force = args.force;
            turn(&worker, project, out, &args.jobs, Turn::Drop { force, confirm: args.confirm.as_deref() })
        }
    }
}

/// What is to be done with jobs.
#[derive(Clone, Copy)]
enum Turn<'a> {
    Retry,
    Drop { force: bool, confirm: Option<&'a str> },
}

impl Turn<'_> {
    fn word(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Drop { .. } => "drop",
        }
    }

    /// What `--all` takes: what waits is tried anyway, and is not dropped by the dozen.
    fn states(self) -> &'static str {
        match self {
            Self::Retry => "failed,quarantined,uncertain",
            Self::Drop { .. } => "failed,quarantined",
        }
    }
}

fn list(worker: &Worker, project: &Project, out: Output, args: &ListedJobs) -> Outcome<Exit> {
    let states = args.states.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(",");
    let mut jobs = Vec::new();
    let mut next = Value::Null;
    for hotline in hotlines(project, args.hotline.as_deref())? {
        let room = args.limit - jobs.len();
        let page = of_hotline(worker, hotline.api_name(), &states, room)?;
        jobs.extend(page.0);
        if jobs.len() >= args.limit {
            next = page.1;
            break;
        }
    }
    for job in &jobs {
        out.say(&line(job));
    }
    if jobs.is_empty() {
        out.say("There are no such jobs.");
    }
    out.document(&json!({"format": 1, "jobs": jobs, "next": next}));
    Ok(Exit::Done)
}

/// At most so many jobs of a hotline, and the cursor behind them.
fn of_hotline(worker: &Worker, hotline: &str, states: &str, limit: usize) -> Outcome<(Vec<Value>, Value)> {
    let mut jobs = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let wanted = (limit - jobs.len()).min(PAGE).to_string();
        let mut query = vec![("hotline", hotline), ("limit", wanted.as_str())];
        query.extend((!states.is_empty()).then_some(("state", states)));
        query.extend(after.as_deref().map(|after| ("after", after)));
        let unknown = || Failure::new("worker_unknown", "PUBLIC_URL does not know jobs; deploy this release there");
        let page = worker.read("jobs", &query)?.ok_or_else(unknown)?;
        jobs.extend(page["data"].as_array().into_iter().flatten().cloned());
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() || jobs.len() >= limit {
            return Ok((jobs, page["next"].clone()));
        }
    }
    Err(Failure::new("list_too_long", format!("{hotline} has more than {MOST_PAGES} pages of objects with jobs")))
}

fn turn(worker: &Worker, project: &Project, out: Output, args: &TurnedJobs, turn: Turn) -> Outcome<Exit> {
    let ids = match (&args.all, args.hotline.as_deref()) {
        (true, Some(name)) => {
            let hotline = project.hotline(name)?;
            let (jobs, _) = of_hotline(worker, hotline.api_name(), turn.states(), usize::MAX / 2)?;
            let ids: Vec<String> = jobs.iter().filter_map(|job| job["id"].as_str().map(str::to_owned)).collect();
            out.say(&format!("{} jobs of {} ({}).", ids.len(), hotline.api_name(), turn.states()));
            if let Turn::Drop { confirm, .. } = turn {
                confirm::typed(hotline.api_name(), hotline.api_name(), confirm)?;
            }
            ids
        }
        (true, None) => return Err(Failure::new("usage", "--all needs --hotline NAME").about("--hotline")),
        (false, _) => args.ids.clone(),
    };
    let force = matches!(turn, Turn::Drop { force: true, .. });
    let query: &[(&str, &str)] = if force { &[("force", "true")] } else { &[] };
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for id in ids {
        match interrupt::held_off(|| worker.turn(&format!("jobs/{id}/{}", turn.word()), query))? {
            Turned::Done => {
                out.say(&format!("{id}: done"));
                done.push(id);
            }
            Turned::Refused { code, detail } => {
                out.say(&format!("{id}: refused ({code}). {detail}"));
                refused.push(json!({"id": id, "code": code}));
            }
        }
    }
    let exit = if refused.is_empty() { Exit::Done } else { Exit::Failed };
    out.document(&json!({"format": 1, "done": done, "refused": refused}));
    Ok(exit)
}

fn hotlines<'a>(project: &'a Project, name: Option<&str>) -> Outcome<Vec<&'a Hotline>> {
    match name {
        Some(name) => Ok(vec![project.hotline(name)?]),
        None => Ok(project.config.hotlines.iter().collect()),
    }
}

/// A job, for people.
fn line(job: &Value) -> String {
    let text = |field: &str| job[field].as_str().unwrap_or("-");
    let why = job["error"]["reason"].as_str().map_or(String::new(), |reason| format!(": {reason}"));
    let whose = job["person"].as_str().map_or(String::new(), |person| format!(" of {person}"));
    let (id, hotline, state, kind, since) = (text("id"), text("hotline"), text("state"), text("kind"), text("since"));
    format!("{id}  {hotline}  {state}  {kind}{whose}, since {since}, {} attempts{why}", job["attempts"])
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Quarantined => "quarantined",
            Self::Uncertain => "uncertain",
        }
    }
}
