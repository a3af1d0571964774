//! What was seen at the borders: which texts we said yes to, what left for the phones, what agents did.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use emulator::faults::Service;
use emulator::http::{Request, Response};
use hotline::effects::Millis;
use hotline::form::Form;
use serde_json::Value;

use super::erasure_life::{Erased, Verified};
use super::object::Name;
use super::program_life::Sent;

/// A text that we took in.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Its place among all that was seen: when it was answered 2xx.
    pub answered: Option<usize>,
    /// When it was first stored.
    pub at: Millis,
    /// Its sid.
    pub sid: String,
    /// The hotline's inbox.
    pub mailbox: u64,
    /// The person's key.
    pub person: String,
    /// What it says.
    pub body: String,
    /// The hotline's sender that was texted: a number, or `whatsapp:` and a number.
    pub to: String,
}

/// A text on its way to Twilio.
#[derive(Clone, Debug)]
pub struct Leaving {
    /// Its place among all that was seen.
    pub order: usize,
    /// When.
    pub at: Millis,
    /// To whom, without `whatsapp:`.
    pub person: String,
    /// The sender as it stands in the request.
    pub from: String,
    /// What it says.
    pub body: String,
}

/// A reply that an agent published.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its thread.
    pub thread: u64,
    /// Its conversation when it was published.
    pub conversation: u64,
    /// The word by which it is known on the phone.
    pub marker: String,
    /// The customer to whom it was written.
    pub customer: u64,
    /// How many messages it needs.
    pub parts: usize,
    /// It was taken back within the time in which that is allowed.
    pub taken_back: bool,
    /// It was changed, hidden or taken back later.
    pub meddled: bool,
    /// It has the words of a correction, which leaves in its first version's place while that waits.
    pub corrected: bool,
    /// When an agent took it back.
    pub taken_back_at: Option<Millis>,
}

/// Everything that was seen.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Texts that we took in, each once, in that order; nearly all of them were answered 2xx too.
    pub heard: Vec<Heard>,
    /// For which hotline each thread of ours was made.
    pub homes: BTreeMap<u64, u64>,
    /// About whom.
    pub about: BTreeMap<u64, String>,
    /// Requests that would make a message at Twilio.
    pub leaving: Vec<Leaving>,
    /// Requests that left for Twilio.
    pub twilio_requests: u64,
    /// When Twilio's list of messages was asked for.
    pub twilio_lists: Vec<Millis>,
    /// Until when each caller would have waited, by `CallSid`.
    pub patience: BTreeMap<String, Millis>,
    /// Calls of which there were too many, by `CallSid`, and whether their object could be told so.
    pub rejected: BTreeMap<String, bool>,
    /// Calls that agents asked for and that were taken in: ids and whom they call.
    pub called_back: Vec<(String, String)>,
    /// What open sidebars were told, as JSON.
    pub pushed: Vec<String>,
    /// Texts that agents wrote in the sidebar and that were taken in: the word by which each is known, and to whom.
    pub written: Vec<(String, String)>,
    /// What programs have sent.
    pub programs: Vec<Sent>,
    /// Whom programs had erased.
    pub erased: Vec<Erased>,
    /// What became of that.
    pub erasure_ends: Vec<(String, String)>,
    /// Verifications that programs have begun.
    pub verified: Vec<Verified>,
    /// Agents' replies.
    pub replies: Vec<Reply>,
    /// Conversations that agents merged, moved or deleted, or merged something into.
    pub meddled: BTreeSet<u64>,
    /// What was merged into what.
    pub merged: Vec<(u64, u64)>,
    /// When requests left for Help Scout, without those for a token.
    pub helpscout_requests: Vec<Millis>,
    /// When each job's requests left within the last minute.
    asking: BTreeMap<String, VecDeque<Millis>>,
    /// The most requests that one job sent within a minute, and which job that was.
    pub busiest: (usize, String),
    /// When requests left for Help Scout, and what each costs there: writes count as 2.
    pub helpscout_costs: Vec<(Millis, i64)>,
    /// How often Help Scout was asked for a token.
    pub token_requests: u64,
    /// People whose texts were told as undelivered and arrived all the same.
    pub late: BTreeSet<String>,
    /// From when until when Help Scout had said that all must wait.
    pub waits: Vec<(Millis, Millis)>,
    /// 429 by Help Scout's own count.
    pub limited: u64,
    /// An object crashed, and with it what it may have wanted to tell its rate limiter.
    pub crashed: bool,
    /// An alarm of a person's object was lost.
    pub lost_alarm: bool,
    /// Jobs that only the later release knows, while it is away.
    pub unknown_jobs: BTreeMap<Name, Vec<String>>,
    /// Objects that have lost any of them.
    pub lost_jobs: Vec<String>,
    /// Words whose jobs waited for it, and whose: what was said after them does not wait.
    pub delayed: Vec<(Name, String)>,
    /// Conversations that were being made by jobs that waited for it.
    pub delayed_conversations: usize,
    /// Receipts that said less than before.
    pub went_back: Vec<String>,
    receipts: BTreeMap<String, (i8, String)>,
    markers: u64,
    seen: usize,
}

impl Ledger {
    /// How much was seen so far.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// The words by which texts of a person, and those that may be to them, are known.
    pub fn markers_of(&self, person: &str) -> Vec<String> {
        let heard = self.heard.iter().filter(|text| text.person == person);
        let heard = heard.filter_map(|text| text.body.split_whitespace().next());
        let heard = heard.filter(|word| word.len() == 6 && word.starts_with('T')).map(str::to_owned);
        let programs = self.programs.iter().map(|sent| sent.marker.clone());
        let written = self.written.iter().map(|(marker, _)| marker.clone());
        heard.chain(programs).chain(written).chain(self.replies.iter().map(|reply| reply.marker.clone())).collect()
    }

    fn order(&mut self) -> usize {
        self.seen += 1;
        self.seen
    }

    /// A word that stands in no other text.
    pub fn marker(&mut self, kind: char) -> String {
        self.markers += 1;
        format!("{kind}{:05}", self.markers)
    }

    pub(super) fn takes_back(&mut self, thread: u64, at: Millis) {
        for reply in self.replies.iter_mut().filter(|reply| reply.thread == thread) {
            reply.taken_back_at.get_or_insert(at);
        }
    }

    pub(super) fn heard(&mut self, text: Heard, answered: bool) {
        let order = answered.then(|| self.order());
        match self.heard.iter_mut().find(|known| known.sid == text.sid) {
            Some(known) => known.answered = known.answered.or(order),
            None => self.heard.push(Heard { answered: order, ..text }),
        }
    }

    pub(super) fn leaves(&mut self, at: Millis, service: Service, request: &Request) {
        self.twilio_requests += u64::from(service == Service::Twilio);
        if service == Service::HelpScout {
            if request.target.contains("oauth2") {
                self.token_requests += 1;
            } else {
                self.helpscout_requests.push(at);
                self.helpscout_costs.push((at, if request.method == "GET" { 1 } else { 2 }));
            }
        } else if request.method == "GET" {
            self.twilio_lists.extend(request.target.contains("/Messages.json").then_some(at));
        } else if request.method == "POST" {
            let form = Form::parse(&request.body);
            let field = |name: &str| form.get(name).unwrap_or_default().to_owned();
            let person = field("To").trim_start_matches("whatsapp:").to_owned();
            let from = if field("From").is_empty() { field("MessagingServiceSid") } else { field("From") };
            let (order, body) = (self.order(), field("Body"));
            self.leaving.push(Leaving { order, at, person, from, body });
        }
    }

    /// A job asks the outside world for something.
    pub(super) fn asks(&mut self, at: Millis, job: String, request: &Request) {
        // An erasure deletes one thing after the other: each is asked for by itself.
        let job = if request.method == "DELETE" { format!("{job} {}", request.target) } else { job };
        let asked = self.asking.entry(job.clone()).or_default();
        while asked.front().is_some_and(|first| *first <= at - 60_000) {
            asked.pop_front();
        }
        asked.push_back(at);
        if asked.len() > self.busiest.0 {
            self.busiest = (asked.len(), format!("{job}, at last {} {}", request.method, request.target));
        }
    }

    /// Watches what Help Scout answers by itself, and how receipts change.
    pub(super) fn served(&mut self, request: &Request, response: &Response) {
        self.limited += u64::from(response.status == 429);
        if !(200..300).contains(&response.status) {
            return;
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let path = request.target.as_str();
        if request.method == "POST" && path.ends_with("/notes") {
            let id = super::wire::header(response, "resource-id").unwrap_or_default().to_owned();
            self.receipt(id, body["text"].as_str().unwrap_or_default());
        } else if request.method == "PATCH" && path.contains("/threads/") {
            let id = path.rsplit('/').next().unwrap_or_default().to_owned();
            self.receipt(id, body["value"].as_str().unwrap_or_default());
        }
    }

    fn receipt(&mut self, id: String, text: &str) {
        let Some(rank) = rank(text) else { return };
        if let Some((before, earlier)) = self.receipts.insert(id, (rank, text.to_owned()))
            && rank < before
        {
            self.went_back.push(format!("{earlier} -> {text}"));
        }
    }
}

/// How far a receipt says that a text has come.
pub fn rank(receipt: &str) -> Option<i8> {
    let words = [
        ("Sending as", 0),
        ("Waiting to be", 0),
        ("Not sure", 0),
        ("Sent as", 1),
        ("<strong>Not ", 2),
        ("Delivered as", 3),
    ];
    let rank = words.iter().find(|(beginning, _)| receipt.starts_with(beginning)).map(|(_, rank)| *rank)?;
    let before_the_text = receipt.split('“').next().unwrap_or_default();
    Some(if before_the_text.contains(", and read") { 4 } else { rank })
}
