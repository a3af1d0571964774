//! `hotline apply`: compares Twilio and Help Scout with wrangler.toml, shows what differs, and sets it once the person agrees.
//! It deletes nothing. Run again, it finds what is still different.

pub mod challenge;
mod change;
mod left;
mod run;
mod state;
mod wanted;
mod webhook;

use hotline::config::Hotline;
use serde_json::json;

pub use change::{Change, FieldChange, Status};
pub use state::TwilioState;
pub use wanted::{
    RETRIES, differences, form, messaging_service as service_settings, number as number_settings,
    whatsapp_sender as sender_settings,
};
pub use webhook::{EVENTS, HIDDEN};

use crate::cli::{Apply, Configure};
use crate::confirm;
use crate::failure::{Exit, Outcome};
use crate::helpscout::HelpScout;
use crate::http::Http;
use crate::output::Output;
use crate::project::Project;
use crate::twilio::Twilio;
use left::Left;
use run::Services;
use webhook::Webhook;

/// The command.
pub fn apply(project: &Project, out: Output, args: &Apply) -> Outcome<Exit> {
    project.must_pass_check()?;
    let http = Http::default();
    let hotlines = hotlines(project, &args.hotlines)?;
    let twilio = Twilio::new(&http, project)?;
    let helpscout = HelpScout::new(&http, project)?;
    if !args.force {
        challenge::ask(&http, project)?;
    }
    let webhook = Webhook::read(&helpscout, project, args.set_webhook_secret)?;
    let state = TwilioState::read(&twilio, &hotlines)?;
    let mut changes: Vec<Change> = webhook.change().into_iter().collect();
    for hotline in &hotlines {
        changes.extend(state.changes(&project.config.public_url, hotline)?);
    }
    // All services before all senders before all numbers, so that a number's service is right before its own addresses are.
    changes.sort_by_key(|change| change.resource as u8);
    let services = Services { project, twilio: &twilio, helpscout: Some((&helpscout, &webhook)) };
    let plan =
        Plan { changes, resources: resources(&hotlines) + 1, left: left::all(project, &hotlines, &twilio, &state) };
    plan.carry_out(
        &services,
        &hotlines,
        out,
        Wish { dry_run: args.dry_run, yes: args.yes, detailed: args.detailed_exitcode },
    )
}

/// `numbers configure`: the same for one number.
pub fn configure(project: &Project, out: Output, args: &Configure) -> Outcome<Exit> {
    let http = Http::default();
    let mut hotline = project.hotline(&args.hotline)?.clone();
    hotline.numbers = vec![args.number.clone()];
    (hotline.messaging_service, hotline.whatsapp) = (None, None);
    let twilio = Twilio::new(&http, project)?;
    let state = TwilioState::read(&twilio, &[&hotline])?;
    let changes = state.changes(&project.config.public_url, &hotline)?;
    let services = Services { project, twilio: &twilio, helpscout: None };
    let plan = Plan { changes, resources: 1, left: Vec::new() };
    plan.carry_out(&services, &[&hotline], out, Wish { dry_run: args.dry_run, yes: args.yes, detailed: false })
}

/// What the person wants done with a plan.
#[derive(Clone, Copy, Debug)]
struct Wish {
    dry_run: bool,
    yes: bool,
    detailed: bool,
}

struct Plan {
    changes: Vec<Change>,
    /// How many resources were compared.
    resources: usize,
    left: Vec<Left>,
}

impl Plan {
    fn carry_out(mut self, services: &Services, hotlines: &[&Hotline], out: Output, wish: Wish) -> Outcome<Exit> {
        let planned = self.changes.len();
        self.show(out);
        if wish.dry_run || planned == 0 {
            self.finish(out, wish.dry_run);
            let something = wish.dry_run && wish.detailed && planned > 0;
            return Ok(if something { Exit::SomethingToDo } else { Exit::Done });
        }
        let question =
            if planned == 1 { "Make this change?".to_owned() } else { format!("Make these {planned} changes?") };
        confirm::yes_or_no(&question, wish.yes)?;
        services.carry_out(&mut self.changes, hotlines, out)?;
        self.finish(out, false);
        let any = |wanted: fn(&Status) -> bool| self.changes.iter().any(|change| wanted(&change.status));
        if any(|status| *status == Status::Skipped) {
            return Ok(Exit::Interrupted);
        }
        Ok(if any(|status| matches!(status, Status::Failed(_))) { Exit::Failed } else { Exit::Done })
    }

    fn show(&self, out: Output) {
        if self.changes.is_empty() {
            out.say("Nothing to do.");
        }
        for line in self.changes.iter().flat_map(Change::lines) {
            out.say(&line);
        }
    }

    fn finish(&self, out: Output, dry_run: bool) {
        if !self.left.is_empty() {
            out.say("\nLeft for you, as far as can be seen from here:");
        }
        for line in self.left.iter().flat_map(Left::lines) {
            out.say(&line);
        }
        let count = |wanted: fn(&Status) -> bool| self.changes.iter().filter(|change| wanted(&change.status)).count();
        let changes: Vec<_> = self.changes.iter().flat_map(Change::json).collect();
        out.document(&json!({
            "format": 1, "dry_run": dry_run, "changes": changes, "left": self.left.iter().map(Left::json).collect::<Vec<_>>(),
            "unchanged": self.resources.saturating_sub(self.changes.len()),
            "summary": {
                "planned": self.changes.len(), "done": count(|status| *status == Status::Done),
                "failed": count(|status| matches!(status, Status::Failed(_))),
            },
        }));
    }
}

/// The hotlines that are named, or all.
fn hotlines<'a>(project: &'a Project, names: &[String]) -> Outcome<Vec<&'a Hotline>> {
    if names.is_empty() {
        return Ok(project.config.hotlines.iter().collect());
    }
    names.iter().map(|name| project.hotline(name)).collect()
}

/// How many resources these have at Twilio.
fn resources(hotlines: &[&Hotline]) -> usize {
    let of = |it: &&Hotline| {
        it.numbers.len() + usize::from(it.messaging_service.is_some()) + usize::from(it.whatsapp.is_some())
    };
    hotlines.iter().map(of).sum()
}
