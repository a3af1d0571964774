//! `deploy`: check, doctor, build, what changes in storage, then wrangler, then a look whether the new version answers.

mod schema;
mod smoke;
mod wrangler;

use std::time::Instant;

use serde_json::{Value, json};

use crate::cli::{Common, Deploy, Doctor};
use crate::confirm;
use crate::doctor;
use crate::failure::{Exit, Failure, Outcome};
use crate::http::Http;
use crate::output::Output;
use crate::project::Project;

/// One part of a deployment, as `--json` says it.
struct Step {
    name: &'static str,
    status: &'static str,
    detail: String,
}

/// How far a deployment has come.
#[derive(Default)]
struct Progress {
    steps: Vec<Step>,
    /// The version that is deployed now, if wrangler said which.
    version: Option<String>,
    /// The version that was there before.
    previous: Option<String>,
    /// Cloudflare refuses to go back to it: this one has a new class (Cloudflare, Workers, Rollbacks: Limits).
    is_one_way: bool,
    live: bool,
}

/// Codes that a first deployment cannot be without: nothing is there yet.
const UNDEPLOYED: [&str; 2] = ["public_url_", "worker_"];

/// The command.
pub fn run(common: &Common, out: Output, args: &Deploy) -> Outcome<Exit> {
    let project = Project::read(common)?;
    let http = Http::default();
    let mut progress = Progress::default();
    let exit = steps(common, &project, &http, out, args, &mut progress);
    let exit = match exit {
        // Nothing went wrong: nobody said yes.
        Err(failure) if failure.exit == Exit::NotConfirmed => return Err(failure),
        Err(failure) => {
            out.say(&failure.message);
            failure.exit
        }
        Ok(exit) => exit,
    };
    if progress.live {
        out.say(&if progress.is_one_way {
            "There is no way back to the version before: this one has a new class. Mend what is wrong and deploy again."
                .to_owned()
        } else {
            format!("To go back: {}", progress.rollback(common))
        });
    }
    out.document(&progress.json(common));
    Ok(exit)
}

fn steps(
    common: &Common,
    project: &Project,
    http: &Http,
    out: Output,
    args: &Deploy,
    progress: &mut Progress,
) -> Outcome<Exit> {
    progress.done("check", project.must_pass_check().map(|()| "wrangler.toml is right".to_owned()), out)?;
    let there = schema::read(http, project);
    progress.previous.clone_from(&there.version);
    progress.is_one_way = !there.new_classes().is_empty();
    if args.skip_doctor {
        progress.add("doctor", "skipped", "--skip-doctor".to_owned(), out);
    } else {
        let examined = examine(common, there.is_first, out);
        progress.done("doctor", examined, out)?;
    }
    progress.done("build", wrangler::build(), out)?;
    progress.add("schema", "ok", there.words(), out);
    if args.dry_run {
        return Ok(Exit::Done);
    }
    confirm::yes_or_no(&format!("Deploy this to {}?", project.config.public_url), args.yes)?;
    let deployed = wrangler::deploy(common);
    if let Ok(version) = &deployed {
        (progress.live, progress.version) = (true, version.clone());
    }
    let words = |version: Option<String>| version.map_or("deployed".to_owned(), |it| format!("version {it}"));
    progress.done("deploy", deployed.map(words), out)?;
    let smoke = smoke::test(http, project);
    progress.done("smoke", smoke, out).map_err(|failure| failure.exit(Exit::SmokeTestFailed))?;
    Ok(Exit::Done)
}

/// An error that the doctor finds stops the deployment; of a first one the Worker is not there yet.
fn examine(common: &Common, is_first: bool, out: Output) -> Outcome<String> {
    let report = doctor::examine(common, &Doctor::default(), Instant::now())?;
    let stops = |code: &str| !(is_first && UNDEPLOYED.iter().any(|prefix| code.starts_with(prefix)));
    for line in report.lines() {
        out.say(&line);
    }
    let errors: Vec<&str> = report.errors().into_iter().filter(|code| stops(code)).collect();
    if errors.is_empty() {
        return Ok("nothing in the way".to_owned());
    }
    let message = format!("the doctor found {}; `cargo xtask doctor` says more", errors.join(", "));
    Err(Failure::new("doctor_found_errors", message))
}

impl Progress {
    fn add(&mut self, name: &'static str, status: &'static str, detail: String, out: Output) {
        out.say(&format!("{name}: {status}. {detail}"));
        self.steps.push(Step { name, status, detail });
    }

    /// Notes how a step ended; a failed one ends the deployment.
    fn done(&mut self, name: &'static str, ended: Outcome<String>, out: Output) -> Outcome {
        match ended {
            Ok(detail) => {
                self.add(name, "ok", detail, out);
                Ok(())
            }
            Err(failure) => {
                self.steps.push(Step { name, status: "failed", detail: failure.message.clone() });
                Err(failure)
            }
        }
    }

    /// How to go back, with the Worker's name from the same file. Without a version wrangler goes back to the last one.
    fn rollback(&self, common: &Common) -> String {
        let mut words = vec!["npx wrangler rollback".to_owned()];
        words.extend(self.previous.clone());
        words.extend(common.config.as_ref().map(|config| format!("--config {}", config.display())));
        words.extend(common.env.as_ref().map(|env| format!("--env {env}")));
        words.join(" ")
    }

    fn json(&self, common: &Common) -> Value {
        let step = |step: &Step| json!({"step": step.name, "status": step.status, "detail": step.detail});
        json!({
            "format": 1, "steps": self.steps.iter().map(step).collect::<Vec<_>>(), "version": self.version,
            "previous": self.previous, "live": self.live,
            "rollback": (!self.is_one_way).then(|| self.rollback(common)),
        })
    }
}
