//! Whether the promises were kept, by what stands at the two services in the end.

mod calls;
mod erasures;
mod programs;
mod repeats;

use std::collections::{BTreeMap, BTreeSet};

use emulator::helpscout::{Conversation, ConversationState, Thread, ThreadKind};
use emulator::twilio::{Message, Status};
use hotline::config::Receipts;
use hotline::domain::html::normalised;
use hotline::effects::Millis;

use super::World;
use super::hazards::FORGED;
use super::ledger::{Heard, Reply, rank};
use super::life::STRANGERS;
use super::object::Name;
use super::stage::{GREETING, MISSED, TROUBLE, VOTERS};
use calls::is_call;

/// Segments that may leave one sender within a minute beyond its rate: latencies and crashes move turns by seconds.
const RATE_SLACK: usize = 8;

/// What was permitted before the rate limiter heard that all must wait may still leave.
const ON_THE_WAY: Millis = 200;

/// A conversation with so many threads is followed by another, and has no room for all receipts (hotline: 90, and it may
/// count one of its own more than there is).
const FULL: usize = 89;

/// Requests of one job within a minute. A thread whose answer was lost is looked for after 2 s, and then half as long again
/// each time: nine looks (hotline: `mark_uncertain`). The longest way of a look is four requests: a conversation is read in
/// four pages.
pub const MOST_ASKED: usize = 9 * 4;

/// What a thread of ours says when a conversation was made twice.
const TWIN: &str = "made twice";

impl World {
    /// Everything that was promised and not kept, in words.
    pub fn broken_promises(&self) -> Vec<String> {
        let mut broken = Vec::new();
        self.check_texts(&mut broken);
        self.check_greetings(&mut broken);
        self.check_strangers(&mut broken);
        self.check_replies(&mut broken);
        self.check_what_left(&mut broken);
        self.check_receipts(&mut broken);
        self.check_conversations(&mut broken);
        self.check_written(&mut broken);
        self.check_programs(&mut broken);
        self.check_erasures(&mut broken);
        self.check_repeats(&mut broken);
        self.check_calls(&mut broken);
        self.check_calls_back(&mut broken);
        self.check_rest(&mut broken);
        self.check_back_off(&mut broken);
        broken
    }

    fn is_twin(&self, conversation: u64) -> bool {
        self.notes(conversation).iter().any(|note| note.contains(TWIN)) || self.was_deleted_unknown(conversation)
    }

    /// Whether agents deleted a conversation before anybody of ours knew of it, since the answer to its create was lost: there
    /// was nothing to be found, and another one was made.
    fn was_deleted_unknown(&self, conversation: u64) -> bool {
        let state = self.helpscout.conversation(conversation).map(|it| it.state);
        state == Some(ConversationState::Deleted) && !self.rows_hold(&conversation.to_string())
    }

    /// P1 to P3: every text once, in order, with its person.
    fn check_texts(&self, broken: &mut Vec<String>) {
        let mut shown: BTreeMap<(u64, String), Vec<String>> = BTreeMap::new();
        for thread in self.all_threads(|thread| thread.kind == ThreadKind::Customer && thread.source.kind == "api") {
            let words = normalised(&thread.text);
            if is_call(&words) || words.contains(" called back at ") {
                continue;
            }
            let token = token(&words);
            let Some(person) = self.person_of(thread.customer) else { continue };
            if !self.is_twin(thread.conversation) {
                shown.entry((self.ledger.homes.get(&thread.id).copied().unwrap_or(0), person)).or_default().push(token);
            }
        }
        let mut expected: BTreeMap<(u64, String), Vec<String>> = BTreeMap::new();
        for text in &self.ledger.heard {
            expected.entry((text.mailbox, text.person.clone())).or_default().push(token(&text.body));
        }
        for (key, mut expected) in expected {
            let mut shown = shown.remove(&key).unwrap_or_default();
            self.put_last(&key, &mut expected);
            self.put_last(&key, &mut shown);
            if shown != expected {
                broken.push(format!("P1-P3: {key:?} said {expected:?}, Help Scout shows {shown:?}"));
            }
        }
        broken.extend(shown.into_iter().map(|found| format!("P4: nobody said {found:?}")));
    }

    /// What waited for a release that was taken back may come after what was said later.
    fn put_last(&self, (mailbox, person): &(u64, String), texts: &mut Vec<String>) {
        let whose = Name::Contact(*mailbox, person.clone());
        let is_delayed =
            |text: &String| self.ledger.delayed.iter().any(|(name, words)| *name == whose && token(words) == *text);
        let (mut delayed, rest): (Vec<String>, Vec<String>) = texts.drain(..).partition(is_delayed);
        delayed.sort();
        texts.extend(rest.into_iter().chain(delayed));
    }

    /// Threads by id, which is the order in which they were made.
    fn all_threads(&self, wanted: impl Fn(&Thread) -> bool) -> impl Iterator<Item = &Thread> {
        let conversations: Vec<u64> = self.helpscout.conversations().map(|it| it.id).collect();
        let mut threads: Vec<&Thread> = conversations.into_iter().flat_map(|id| self.helpscout.threads(id)).collect();
        threads.sort_by_key(|thread| thread.id);
        threads.into_iter().filter(move |thread| wanted(thread))
    }

    /// P2: one greeting for each person and hotline at most.
    fn check_greetings(&self, broken: &mut Vec<String>) {
        let mut greetings: BTreeMap<(String, u64), usize> = BTreeMap::new();
        for message in self.twilio.sent().into_iter().filter(|message| message.body == GREETING && is_alive(message)) {
            let mailbox = self.mailbox_of_sender(message.from.as_deref().unwrap_or_default());
            *greetings.entry((person(&message).to_owned(), mailbox)).or_default() += 1;
        }
        // Whoever was erased is greeted again.
        let erased = |whom: &str| self.ledger.erased.iter().filter(|erased| erased.person == whom).count();
        let twice = greetings.into_iter().filter(|((whom, _), count)| *count > 1 + erased(whom));
        broken.extend(twice.map(|(whom, count)| format!("P2: {whom:?} was greeted {count} times")));
    }

    /// No text that nobody wrote is made for a number that costs extra or is abroad.
    fn check_strangers(&self, broken: &mut Vec<String>) {
        let automatic = |body: &str| [GREETING, MISSED, TROUBLE].contains(&body);
        for message in self.twilio.sent().into_iter().filter(|message| automatic(&message.body)) {
            if STRANGERS.contains(&message.to.as_str()) {
                broken.push(format!("nobody may pay for {:?} to {}", message.body, message.to));
            }
        }
    }

    fn mailbox_of_sender(&self, sender: &str) -> u64 {
        let number = sender.trim_start_matches("whatsapp:");
        let owner =
            self.config.hotlines.iter().find(|hotline| hotline.numbers.iter().any(|own| own.as_str() == number));
        owner.map_or(0, |hotline| hotline.mailbox)
    }

    /// Who may get a reply: whom Help Scout says that it was written to, else the readers of its conversation.
    fn readers_of(&self, reply: &Reply) -> BTreeSet<String> {
        // A customer who was merged into another one has no record any more.
        let now = || self.helpscout.thread(reply.thread).and_then(|thread| self.person_of(thread.customer));
        let customer = self.person_of(reply.customer).or_else(now);
        let mut readers = customer.map_or_else(|| self.readers(reply.conversation), |person| BTreeSet::from([person]));
        if reply.taken_back_at.is_some() {
            // Whoever it was written to before it was published again.
            readers.extend(self.readers(reply.conversation));
        }
        readers
    }

    /// Who may get the replies of a conversation: its customer, or whoever was merged into a conversation of nobody.
    fn readers(&self, conversation: u64) -> BTreeSet<String> {
        let customer = self.helpscout.conversation(conversation).and_then(|it| self.person_of(it.customer));
        if let Some(person) = customer {
            return BTreeSet::from([person]);
        }
        let merged = self.ledger.merged.iter().filter(|(_, into)| *into == conversation);
        merged.flat_map(|(from, _)| self.readers(*from)).collect()
    }

    /// P2 to P4: every reply once, in order, to its person, or the agent is told.
    fn check_replies(&self, broken: &mut Vec<String>) {
        let sent = self.twilio.sent();
        // A conversation that was given another customer has replies to two people, each in an order of their own.
        let mut places: BTreeMap<(u64, Option<&str>), Vec<ReplyAt>> = BTreeMap::new();
        for reply in &self.ledger.replies {
            let found: Vec<usize> = (0..sent.len()).filter(|at| sent[*at].body.contains(&reply.marker)).collect();
            let readers = self.readers_of(reply);
            for message in found.iter().map(|at| &sent[*at]) {
                if reply.taken_back {
                    broken.push(format!("P4: {} was taken back and sent", reply.marker));
                }
                if !readers.contains(person(message)) {
                    broken.push(format!("P4: {} went to {} and not to {readers:?}", reply.marker, message.to));
                }
            }
            let mut alive: Vec<&str> =
                found.iter().filter(|at| is_alive(&sent[**at])).map(|at| sent[*at].body.as_str()).collect();
            let count = alive.len();
            alive.sort_unstable();
            alive.dedup();
            if alive.len() != count {
                broken.push(format!("P2: {} was sent more than once", reply.marker));
            }
            let reader = found.first().map(|at| person(&sent[*at]));
            places.entry((reply.conversation, reader)).or_default().push((reply, found));
        }
        for ((conversation, _), mut replies) in places {
            replies.sort_by_key(|(reply, _)| self.helpscout.thread(reply.thread).map(|it| (it.created_at, it.id)));
            self.check_order(conversation, &replies, &sent, broken);
        }
    }

    /// Whether a part of what has this marker waited for a release that was taken back.
    fn is_delayed(&self, marker: &str) -> bool {
        self.ledger.delayed.iter().any(|(_, words)| words.contains(marker))
    }

    fn check_order(&self, conversation: u64, replies: &[ReplyAt], sent: &[Message], broken: &mut Vec<String>) {
        let mut last = 0;
        for (reply, found) in replies.iter().filter(|(reply, found)| {
            !reply.meddled && !reply.corrected && !self.is_delayed(&reply.marker) && !found.is_empty()
        }) {
            // A text that failed may be made anew later; the order is that of the first tries.
            let mut firsts: Vec<usize> = Vec::new();
            for at in found {
                if !firsts.iter().any(|first| sent[*first].body == sent[*at].body) {
                    firsts.push(*at);
                }
            }
            let words: Vec<&str> = firsts.iter().map(|at| sent[*at].body.as_str()).collect();
            if !words.is_sorted() || firsts.iter().any(|at| *at < last) {
                broken.push(format!("P3: {} of {conversation} left out of order", reply.marker));
            }
            last = firsts.last().copied().unwrap_or(last);
        }
    }

    /// P4 to P6: nothing left but what may, for nobody who said STOP, and not too fast.
    fn check_what_left(&self, broken: &mut Vec<String>) {
        for leaving in &self.ledger.leaving {
            let ours = leaving.body == GREETING
                || leaving.body == TROUBLE
                || leaving.body == MISSED
                || leaving.body.is_empty();
            let written = self.ledger.written.iter().any(|(marker, _)| leaving.body.contains(marker))
                || self.ledger.programs.iter().any(|sent| leaving.body.contains(&sent.marker))
                || is_code(&leaving.body);
            if !ours && !written && !self.ledger.replies.iter().any(|reply| leaving.body.contains(&reply.marker)) {
                broken.push(format!("P4: nobody may be texted {:?}", leaving.body));
            }
            if ours && FORGED.contains(&leaving.person.as_str()) {
                broken.push(format!("P6: {:?} went to {} by itself", leaving.body, leaving.person));
            }
            let mailbox = self.mailbox_of_sender(&leaving.from);
            // A START counts from when it is stored, a STOP from when we said that it is.
            let known = |text: &&Heard| {
                let starts = matches!(text.body.trim().to_uppercase().as_str(), "START" | "YES");
                (starts && text.at <= leaving.at) || text.answered.is_some_and(|at| at < leaving.order)
            };
            let heard = self.ledger.heard.iter().filter(known);
            let heard = heard.filter(|text| text.mailbox == mailbox && text.person == leaving.person);
            if !may_be_texted(heard, &leaving.from) {
                broken.push(format!("P5: {} said STOP and {:?} left", leaving.person, leaving.body));
            }
        }
        for (at, first) in self.ledger.leaving.iter().enumerate() {
            let minute = self.ledger.leaving.iter().skip(at).filter(|next| next.from == first.from);
            let minute = minute.take_while(|next| next.at < first.at + 60_000).count();
            if minute > 60 + RATE_SLACK {
                broken.push(format!("P6: {minute} texts left {} in a minute", first.from));
            }
        }
        if !self.ledger.crashed {
            for (from, until) in &self.ledger.waits {
                let early = self.ledger.helpscout_requests.iter().filter(|at| (from + ON_THE_WAY..*until).contains(at));
                broken.extend(early.map(|at| format!("P6: a request left {} ms too early", until - at)));
            }
        }
        if self.ledger.limited > 0 {
            broken.push(format!("P6: Help Scout had to say 429 {} times", self.ledger.limited));
        }
    }

    /// P1, P9 and P10: what became of every reply stands in its conversation.
    fn check_receipts(&self, broken: &mut Vec<String>) {
        broken.extend(self.ledger.went_back.iter().map(|change| format!("P10: {change}")));
        let sent = self.twilio.sent();
        let deaf: BTreeSet<&str> = self.twilio.debugger().iter().map(|entry| entry.message_sid.as_str()).collect();
        let mut wanted: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
        for reply in self.ledger.replies.iter().filter(|reply| !reply.taken_back && !reply.meddled) {
            let Some(conversation) = self.helpscout.conversation(reply.conversation) else { continue };
            if !self.is_plain(conversation)
                || self.person_of(conversation.customer).is_some_and(|it| self.is_erased(&it))
            {
                continue;
            }
            let tries: Vec<&Message> = sent.iter().filter(|message| message.body.contains(&reply.marker)).collect();
            let counts = wanted.entry(conversation.id).or_default();
            let bodies = |wanted: &dyn Fn(&Message) -> bool| {
                tries
                    .iter()
                    .filter(|message| wanted(message))
                    .map(|message| &message.body)
                    .collect::<BTreeSet<_>>()
                    .len()
            };
            if tries.iter().any(|message| deaf.contains(message.sid.as_str())) {
                continue;
            }
            counts.0 += usize::from(bodies(&is_alive) < reply.parts);
            counts.1 += usize::from(bodies(&|message| message.status == Status::Delivered) == reply.parts);
        }
        for (conversation, (failed, delivered)) in wanted {
            let mailbox = self.helpscout.conversation(conversation).map_or(0, |it| it.mailbox);
            let all = self.config.by_mailbox(mailbox).is_some_and(|hotline| hotline.receipts == Receipts::All);
            let notes = self.helpscout.threads(conversation);
            let unsure = notes.iter().filter(|note| note.text.starts_with("Not sure")).count();
            let ranks: Vec<i8> = notes.into_iter().filter_map(|note| rank(&note.text)).collect();
            let told = ranks.iter().filter(|rank| **rank == 2).count() + unsure;
            let good = ranks.iter().filter(|rank| **rank >= 3).count();
            if told < failed || (all && good < delivered) {
                broken.push(format!(
                    "P9: {conversation}: {failed} replies were not sent and {told} receipts say so; {delivered} arrived and {good} receipts say so"
                ));
            }
        }
    }

    /// A conversation of ours that has room and in which nothing happened that changes whose it is.
    fn is_plain(&self, conversation: &Conversation) -> bool {
        conversation.source.kind == "api"
            && conversation.state == ConversationState::Published
            && self.config.by_mailbox(conversation.mailbox).is_some()
            && !self.ledger.meddled.contains(&conversation.id)
            && self.helpscout.threads(conversation.id).len() < FULL
    }

    /// P11: a second conversation has a reason.
    fn check_conversations(&self, broken: &mut Vec<String>) {
        let mut owned: BTreeMap<(u64, String), Vec<&Conversation>> = BTreeMap::new();
        for conversation in self.helpscout.conversations().filter(|it| self.is_plain(it)) {
            if let Some(person) = self.person_of(conversation.customer) {
                owned.entry((conversation.mailbox, person)).or_default().push(conversation);
            }
        }
        let renews = self.config.hotlines[0].threading != hotline::config::Threading::One;
        for ((mailbox, person), conversations) in owned {
            let single = conversations.iter().filter(|it| !self.is_twin(it.id)).count();
            let begins_anew = mailbox == VOTERS && (renews || self.is_erased(&person));
            if single > 1 + self.ledger.delayed_conversations && !begins_anew {
                let ids: Vec<u64> = conversations.iter().map(|it| it.id).collect();
                broken.push(format!("P11: {person} has {single} current conversations in {mailbox}: {ids:?}"));
            }
        }
    }

    /// What agents write in the sidebar is sent once at most, and shown once.
    fn check_written(&self, broken: &mut Vec<String>) {
        let sent = self.twilio.sent();
        for (marker, whom) in &self.ledger.written {
            let alive: Vec<&Message> = sent.iter().filter(|it| it.body.contains(marker) && is_alive(it)).collect();
            if alive.len() > 1 || alive.iter().any(|message| person(message) != whom) {
                broken.push(format!("P2, P4: {marker} was sent {} times, to {:?}", alive.len(), alive.first()));
            }
            let shown = self.all_threads(|thread| thread.source.kind == "api" && thread.text.contains(marker));
            let shown = shown.filter(|it| it.kind == ThreadKind::Message && !self.is_twin(it.conversation)).count();
            if shown != 1 {
                broken.push(format!("P2: {marker} stands in Help Scout {shown} times"));
            }
        }
    }

    /// No job asks and asks.
    fn check_back_off(&self, broken: &mut Vec<String>) {
        let (most, job) = &self.ledger.busiest;
        if *most > MOST_ASKED {
            broken.push(format!("{most} requests within a minute by {job}"));
        }
    }

    /// Whose alarm is lost before a text is asked after for the first time, before its price is read, before a list of programs'
    /// messages is told of it, or before the directory is told how they fare, does so at the next word to it: of these alone the
    /// directory is not told that work is left.
    fn is_left_to_next_word(&self, job: &str) -> bool {
        let left =
            ["price ", "index ", "facts"].iter().any(|kind| job.starts_with(kind)) || job.contains("poll_delivery");
        self.ledger.lost_alarm && left
    }

    /// Nothing is left to do.
    fn check_rest(&self, broken: &mut Vec<String>) {
        broken.extend(self.ledger.lost_jobs.iter().map(|name| format!("{name} has lost jobs of a later release")));
        for (name, object) in &self.objects {
            let jobs = object.store.jobs().into_iter().filter(|job| !self.is_left_to_next_word(job));
            broken.extend(jobs.map(|job| format!("{name} still has to do: {job}")));
        }
    }
}

/// What a text is recognised by: its marker, or all of it when it has none.
fn token(text: &str) -> String {
    let is_marker =
        |word: &&str| word.len() == 6 && word.starts_with('T') && word[1..].bytes().all(|b| b.is_ascii_digit());
    let whole = if text.is_empty() { "(empty message)" } else { text };
    text.split_whitespace().next().filter(is_marker).unwrap_or(whole).to_owned()
}

/// A reply, and where it stands among all that was sent.
type ReplyAt<'a> = (&'a Reply, Vec<usize>);

fn person(message: &Message) -> &str {
    message.to.trim_start_matches("whatsapp:")
}

/// Whether it is a text with a code.
fn is_code(body: &str) -> bool {
    body.contains(" is your verification code")
}

/// Whether a message did not fail, as far as anybody knows.
fn is_alive(message: &Message) -> bool {
    !matches!(message.status, Status::Failed | Status::Undelivered)
}

/// P5, told anew: STOP closes all senders of a hotline, START the one that it was sent to opens.
fn may_be_texted<'a>(heard: impl Iterator<Item = &'a Heard>, sender: &str) -> bool {
    let (mut stopped, mut opened): (bool, Vec<&str>) = (false, Vec::new());
    for text in heard {
        match text.body.trim().to_uppercase().as_str() {
            "STOP" => (stopped, opened) = (true, Vec::new()),
            "START" | "YES" => opened.push(&text.to),
            _ => {}
        }
    }
    !stopped || opened.contains(&sender)
}
