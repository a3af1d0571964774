//! The commands and their flags.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use hotline::domain::phone::E164;

use crate::doctor::codes::Code;

/// Sets up hotlines at Twilio and Help Scout.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_version_flag = true)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Args, Debug)]
pub struct Common {
    /// A wrangler.toml in place of the project's
    #[arg(long, short, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Its table [env.NAME], as with wrangler
    #[arg(long, short, global = true, value_name = "NAME")]
    pub env: Option<String>,
    /// A file with secrets in the form of .dev.vars
    #[arg(long, global = true, value_name = "PATH")]
    pub secrets_file: Option<PathBuf>,
    /// Print one JSON document and nothing else
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up the hotlines of wrangler.toml
    #[command(subcommand)]
    Hotline(Hotline),
    /// Look at everything that the hotlines need, and change nothing
    Doctor(Doctor),
    /// Phone numbers of the Twilio account
    #[command(subcommand)]
    Numbers(Numbers),
    /// Check, build and deploy the Worker, and see that it answers
    Deploy(Deploy),
    /// What the Worker has still to do, or gave up
    #[command(subcommand)]
    Jobs(Jobs),
    /// What is kept of a person
    #[command(subcommand)]
    Person(Person),
    /// Make tables of wrangler.toml from the settings of a Bling
    ImportBling(ImportBling),
    /// Go on in conversations by phone that an inbox has from before its hotline
    ImportConversations(ImportConversations),
}

/// What the Worker has to do.
#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// What waits, was given up, cannot be read, or may have been done
    List(ListedJobs),
    /// Have jobs tried again now
    Retry(TurnedJobs),
    /// Drop jobs; it cannot be undone
    Drop(DroppedJobs),
}

#[derive(Args, Debug)]
pub struct ListedJobs {
    /// Only of this hotline
    #[arg(long, value_name = "NAME")]
    pub hotline: Option<String>,
    /// Only in these states, with commas between them
    #[arg(long = "state", value_enum, value_delimiter = ',')]
    pub states: Vec<State>,
    /// The most that are shown
    #[arg(long, default_value_t = 100, value_parser = limit)]
    pub limit: usize,
}

/// How far a job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum State {
    Waiting,
    Failed,
    Quarantined,
    Uncertain,
}

#[derive(Args, Debug)]
pub struct TurnedJobs {
    /// Ids, as `jobs list` shows them
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub ids: Vec<String>,
    /// All of a hotline that failed or cannot be read
    #[arg(long, requires = "hotline")]
    pub all: bool,
    /// The hotline of --all
    #[arg(long, value_name = "NAME")]
    pub hotline: Option<String>,
}

#[derive(Args, Debug)]
pub struct DroppedJobs {
    #[command(flatten)]
    pub jobs: TurnedJobs,
    /// Also what holds something that a person said and Help Scout never had
    #[arg(long)]
    pub force: bool,
    /// With --all: the hotline once more, in place of typing it
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
}

#[derive(Args, Debug)]
pub struct Deploy {
    /// End before anything is live
    #[arg(long)]
    pub dry_run: bool,
    /// Do not run the doctor first
    #[arg(long)]
    pub skip_doctor: bool,
    /// Deploy without a question
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct ImportBling {
    /// A file with Bling's variables, a line each; without it the environment
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Add the tables to wrangler.toml
    #[arg(long)]
    pub write: bool,
}

#[derive(Args, Debug)]
pub struct ImportConversations {
    /// Only this hotline (VOTERS for HOTLINE_VOTERS)
    #[arg(long, value_name = "NAME")]
    pub hotline: Option<String>,
    /// Those that changed in the last so many days
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub days: u16,
    /// Show what would be imported and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Import without a question
    #[arg(long, short)]
    pub yes: bool,
    /// Seconds to wait for the Worker, which looks at each conversation
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub wait: u16,
}

#[derive(Args, Debug, Default)]
pub struct Doctor {
    /// Only these codes, with commas between them
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = code)]
    pub only: Vec<Code>,
    /// Not these codes
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = code)]
    pub skip: Vec<Code>,
    /// Exit with 1 for a warning too
    #[arg(long)]
    pub strict: bool,
    /// Only this hotline (VOTERS for HOTLINE_VOTERS); may stand several times
    #[arg(long = "hotline", value_name = "NAME")]
    pub hotlines: Vec<String>,
    /// A resolver that answers by JSON over HTTPS, in place of DNS_URL
    #[arg(long, value_name = "URL")]
    pub dns: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Person {
    /// All that is kept of somebody, as JSON
    Export(Export),
    /// Erase somebody, here and at Twilio; it cannot be undone
    Erase(Erase),
}

#[derive(Args, Debug)]
pub struct Export {
    #[arg(value_parser = number)]
    pub number: E164,
    /// Only this hotline
    #[arg(long, value_name = "NAME")]
    pub hotline: Option<String>,
    /// Write to this file in place of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Fetch pictures and recordings into this folder
    #[arg(long, value_name = "DIR")]
    pub media: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Erase {
    #[arg(value_parser = number)]
    pub number: E164,
    /// The number once more, in place of typing it
    #[arg(long, value_name = "NUMBER")]
    pub confirm: Option<String>,
    /// Only this hotline
    #[arg(long, value_name = "NAME")]
    pub hotline: Option<String>,
    /// What becomes of their record in Help Scout
    #[arg(long, value_enum, default_value_t = InHelpScout::Note)]
    pub helpscout: InHelpScout,
    /// Is not enough here: the number is typed anew, or stands in --confirm
    #[arg(long, short)]
    pub yes: bool,
    /// Seconds to wait until all of it is done
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub wait: u32,
}

/// What becomes of an erased person's record in Help Scout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InHelpScout {
    /// It stays, with a note that says what was done
    Note,
    /// It is deleted, with its conversations
    Delete,
    /// It stays as it is
    Keep,
}

impl InHelpScout {
    /// As the Worker reads it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Delete => "delete",
            Self::Keep => "keep",
        }
    }

    /// For whoever confirms it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Note => "in Help Scout all of it stays, with a note",
            Self::Delete => "in Help Scout their record is deleted with its conversations",
            Self::Keep => "in Help Scout all of it stays",
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Hotline {
    /// Compare Twilio and Help Scout with wrangler.toml, show what differs, and set it once you agree
    Apply(Apply),
}

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags are bools")]
pub struct Apply {
    /// Show what differs and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// With --dry-run: exit with 2 when something differs
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Change without a question
    #[arg(long, short)]
    pub yes: bool,
    /// Only this hotline (VOTERS for HOTLINE_VOTERS); may stand several times
    #[arg(long = "hotline", value_name = "NAME")]
    pub hotlines: Vec<String>,
    /// Send Help Scout the webhook's secret again
    #[arg(long)]
    pub set_webhook_secret: bool,
    /// Do not ask first whether PUBLIC_URL answers
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Subcommand)]
pub enum Numbers {
    /// Numbers for sale
    Search(Search),
    /// Numbers of the account
    List,
    /// Buy a number
    Buy(Buy),
    /// Point a number of the account to a hotline
    Configure(Configure),
    /// Give a number back; it cannot be undone
    Release(Release),
}

#[derive(Args, Debug)]
pub struct Search {
    /// Two letters
    #[arg(long, default_value = "US", value_parser = country)]
    pub country: String,
    /// An area code, such as 415
    #[arg(long)]
    pub area: Option<String>,
    /// Digits that it has; * stands for any
    #[arg(long)]
    pub contains: Option<String>,
    /// What kind of number
    #[arg(long = "type", value_enum, default_value_t = Kind::Local)]
    pub kind: Kind,
    /// Only numbers that can text
    #[arg(long)]
    pub sms: bool,
    /// Only numbers that can send pictures
    #[arg(long)]
    pub mms: bool,
    /// Only numbers that can call
    #[arg(long)]
    pub voice: bool,
    /// The most that are shown
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
}

/// Kinds of numbers, as Twilio sells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Kind {
    Local,
    TollFree,
    Mobile,
}

#[derive(Args, Debug)]
pub struct Buy {
    /// The number; without it the first that a search finds
    #[arg(value_parser = number)]
    pub number: Option<E164>,
    #[command(flatten)]
    pub search: Search,
    /// Do not buy above this price a month, such as 2.00
    #[arg(long, value_parser = crate::price::Price::parse)]
    pub max_price: Option<crate::price::Price>,
    /// Point it to this hotline at once
    #[arg(long, value_name = "NAME")]
    pub hotline: Option<String>,
    /// Buy without a question
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct Configure {
    #[arg(value_parser = number)]
    pub number: E164,
    /// The hotline that it is to point to
    #[arg(long, value_name = "NAME")]
    pub hotline: String,
    /// Show what differs and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Change without a question
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Args, Debug)]
pub struct Release {
    #[arg(value_parser = number)]
    pub number: E164,
    /// The number once more, in place of typing it
    #[arg(long, value_name = "NUMBER")]
    pub confirm: Option<String>,
}

fn number(text: &str) -> Result<E164, String> {
    E164::parse(text).ok_or_else(|| "write it with + and its country code, such as +15550100001".to_owned())
}

fn code(text: &str) -> Result<Code, String> {
    Code::named(text).ok_or_else(|| "there is no such code; docs/DOCTOR.md lists them".to_owned())
}

fn country(text: &str) -> Result<String, String> {
    let two_letters = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if two_letters { Ok(text.to_ascii_uppercase()) } else { Err("write two letters, such as US".to_owned()) }
}

fn limit(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|limit| (1..=100_000).contains(limit))
        .ok_or_else(|| "write a number from 1 to 100000".to_owned())
}
