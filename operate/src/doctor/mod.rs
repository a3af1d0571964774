//! `doctor`: looks at everything that a hotline needs, and changes nothing.
//!
//! Facts are read once, beside each other ([`twilio`], [`account`], [`helpscout`], [`worker`], [`dns`], [`fallbacks`]); then each
//! file judges its own. [`codes`] is the table of all that can be found.

mod account;
pub mod clock;
pub mod codes;
mod config;
mod dns;
mod fallbacks;
mod helpscout;
mod numbers;
mod registration;
mod report;
mod secrets;
mod senders;
mod services;
mod traffic;
mod twilio;
mod webhook;
mod worker;

use std::thread;
use std::time::{Duration, Instant};

use hotline::config::Hotline;

use crate::asked::Asked;
use crate::cli::{Common, Doctor};
use crate::failure::{Exit, Failure, Outcome};
use crate::http::{Http, joined};
use crate::output::Output;
use crate::project::{Files, Project, hotline_unknown};
use clock::Clocks;
use codes::{Code, Severity, Source};
pub use report::Report;

/// When the last request ends: the whole takes 30 s at most (OPERATE, doctor).
const LIMIT: Duration = Duration::from_secs(28);

/// The command.
pub fn run(common: &Common, out: Output, args: &Doctor) -> Outcome<Exit> {
    let begun = Instant::now();
    let report = examine(common, args, begun)?;
    for line in report.lines() {
        out.say(&line);
    }
    out.document(&report.json(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)));
    let failed = report.has(Severity::Error) || args.strict && report.has(Severity::Warning);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// Looks at everything. The last request ends within the limit of the command.
pub fn examine(common: &Common, args: &Doctor, begun: Instant) -> Outcome<Report> {
    let files = Files::read(common)?;
    let names = hotline_names(&files, &args.hotlines)?;
    let resolver = resolver(&files, args)?;
    let chosen = |code: &Code| (args.only.is_empty() || args.only.contains(code)) && !args.skip.contains(code);
    let mut report = Report::new(Code::ALL.iter().copied().filter(chosen).collect(), common.env.clone());
    secrets::judge(&files, &mut report);
    match Project::read_partly(files) {
        Ok(project) => {
            let is_named = |hotline: &&Hotline| names.is_empty() || names.iter().any(|name| name == hotline.api_name());
            let hotlines: Vec<&Hotline> = project.config.hotlines.iter().filter(is_named).collect();
            config::judge(project.files(), &hotlines, &names, &mut report);
            look(&Http::default().until(begun + LIMIT), &project, &hotlines, &resolver, &mut report);
        }
        Err(files) => {
            config::judge(&files, &[], &names, &mut report);
            report.skip_all_but(&[Source::Config, Source::Secrets], "the addresses in wrangler.toml are wrong");
        }
    }
    Ok(report)
}

/// Whether the Worker at PUBLIC_URL is ours and takes what both services sign: the codes of what is wrong.
pub fn probe(http: &Http, project: &Project) -> Vec<&'static str> {
    const PROBES: [Source; 4] = [Source::Challenge, Source::TwilioProbe, Source::WebhookProbe, Source::SidebarProbe];
    let is_probe = |code: &Code| PROBES.contains(&code.row().source);
    let mut report = Report::new(Code::ALL.iter().copied().filter(is_probe).collect(), None);
    let worker = worker::read(http, project, &Clocks::default(), &report);
    worker::judge(&worker, &[], project, &mut report);
    report.errors()
}

/// Asks everybody beside each other, then judges.
fn look(http: &Http, project: &Project, hotlines: &[&Hotline], resolver: &str, report: &mut Report) {
    let clocks = Clocks::default();
    let asked = &*report;
    let (worker, helpscout, domain, documents, (account, facts)) = thread::scope(|scope| {
        let worker = scope.spawn(|| worker::read(http, project, &clocks, asked));
        let helpscout = scope.spawn(|| helpscout::read(http, project, hotlines, &clocks, asked));
        let domain = scope.spawn(|| {
            let customers = project.config.customers.as_ref();
            Asked::when(asked.wants(&[Source::Domain]), || dns::read(http, resolver, customers))
        });
        let documents = scope.spawn(|| fallbacks::read(http, hotlines, asked));
        let (account, signed_in) = account::read(http, project, &clocks, asked);
        let facts = twilio::read(&signed_in, project, hotlines, asked);
        (joined(worker), joined(helpscout), joined(domain), joined(documents), (account, facts))
    });
    worker::judge(&worker, hotlines, project, report);
    worker::judge_strangers(&worker, project, report);
    account::judge(&account, project, report);
    numbers::judge(&facts, hotlines, project, report);
    services::judge(&facts, hotlines, project, report);
    registration::judge(&facts, hotlines, report);
    senders::judge(&facts, hotlines, project, report);
    senders::judge_countries(&facts, hotlines, report);
    traffic::judge_calls(&facts, hotlines, report);
    traffic::judge_texts(&facts, hotlines, report);
    traffic::judge_alerts(&facts, report);
    fallbacks::judge(&documents, report);
    helpscout::judge(&helpscout, hotlines, report);
    webhook::judge(&helpscout.webhooks, hotlines, project, report);
    webhook::judge_customers(&helpscout.customers, project, report);
    dns::judge(&domain, report);
    clocks.judge(report);
}

/// The hotlines that are named, without `HOTLINE_`; one whose table is wrong may be named as well.
fn hotline_names(files: &Files, given: &[String]) -> Outcome<Vec<String>> {
    let known: Vec<&str> = files.vars().iter().filter_map(|(name, _)| name.strip_prefix("HOTLINE_")).collect();
    let bare = |name: &String| name.strip_prefix("HOTLINE_").unwrap_or(name).to_owned();
    let names: Vec<String> = given.iter().map(bare).collect();
    match names.iter().find(|name| !known.contains(&name.as_str())) {
        Some(unknown) => Err(hotline_unknown(unknown, &known)),
        None => Ok(names),
    }
}

/// Who is asked for records: the flag, else the variable, else Cloudflare.
fn resolver(files: &Files, args: &Doctor) -> Outcome<String> {
    let named = args.dns.as_deref().map(|address| ("--dns", address));
    let named = named.or_else(|| files.text("DNS_URL").filter(|it| !it.is_empty()).map(|it| ("DNS_URL", it)));
    let Some((field, address)) = named else { return Ok(dns::RESOLVER.to_owned()) };
    let is_private = address.starts_with("https://") || hotline::config::is_loopback(address);
    if is_private && hotline::config::is_address(address) {
        return Ok(address.to_owned());
    }
    let message = format!("{field} must be an https address such as {}", dns::RESOLVER);
    Err(Failure::new("config_invalid", message).about(field))
}
