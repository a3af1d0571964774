//! One hotline: its table.

use serde_json::Value;

use super::Sender;
use super::country::Country;
use super::fallback::Fallback;
use super::fields::{Fields, NUMBER_WANTED, number};
use super::hours::Hours;
use super::parts::{Callback, Limits, Ring, Voice, Voicemail};
use super::program_messages::ProgramMessages;
use super::protection::{AutoReply, RepeatedCalls};
use super::retention::Retention;
use super::sid::MessagingServiceSid;
use super::verify::Verify;
use super::words::Words;
use crate::domain::phone::{E164, Party};
use crate::domain::spoken::{self, Sentence};

/// Whether what a person says next joins the conversation there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threading {
    /// One conversation for ever.
    One,
    /// A new one after an agent closed it.
    NewAfterClose,
    /// A new one after this many days of silence.
    Days(u32),
}

/// Which replies get a receipt in Help Scout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipts {
    /// Every one.
    All,
    /// Those that did not arrive.
    Failures,
}

/// A hotline: a Help Scout inbox and the senders whose messages go there.
#[derive(Clone, Debug)]
pub struct Hotline {
    /// The variable that holds it, `HOTLINE_VOTERS`.
    pub variable: String,
    /// What agents call it.
    pub name: String,
    /// The Help Scout inbox; the hotline's identity.
    pub mailbox: u64,
    /// Numbers for texts and calls.
    pub numbers: Vec<E164>,
    /// Through which texts leave, if there is one.
    pub messaging_service: Option<MessagingServiceSid>,
    /// The WhatsApp sender.
    pub whatsapp: Option<E164>,
    /// The country of numbers that agents type without one.
    pub region: Option<Country>,
    /// Messages per second that each sender may send.
    pub sends_per_second: u32,
    /// Said on first contact.
    pub greeting: Option<String>,
    /// Said to a caller who left no voicemail, at most once a day.
    pub missed: Option<String>,
    /// Said once per outage, when a message has not reached Help Scout.
    pub trouble: Option<String>,
    /// How long that takes, in minutes.
    pub trouble_after_minutes: u32,
    /// When a new conversation begins.
    pub threading: Threading,
    /// Which replies get a receipt.
    pub receipts: Receipts,
    /// Whether what an AI agent of Help Scout writes is texted too.
    pub ai_replies: bool,
    /// How long a reply may still be undone, in seconds.
    pub reply_delay_seconds: u32,
    /// The team's phones; without them a call goes to voicemail at once.
    pub ring: Option<Ring>,
    /// How callers are spoken to.
    pub voice: Voice,
    /// What a caller meets whom nobody answers.
    pub voicemail: Voicemail,
    /// What callers hear beside.
    pub words: Words,
    /// When the phones ring; always, without them.
    pub hours: Option<Hours>,
    /// Callers who are turned away.
    pub blocked: Vec<E164>,
    /// Calls from the sidebar; none when no country is known.
    pub callback: Option<Callback>,
    /// How much agents may send.
    pub limits: Limits,
    /// Where texts go that nobody writes, and how many.
    pub auto_reply: AutoReply,
    /// Who calls again and again.
    pub repeated_calls: RepeatedCalls,
    /// What programs may have sent.
    pub program_messages: ProgramMessages,
    /// Codes that verify numbers.
    pub verify: Verify,
    /// Where Twilio turns when we do not answer.
    pub fallback: Fallback,
    /// How long what was said is kept.
    pub retention: Retention,
}

impl Hotline {
    /// What other programs call it: what follows `HOTLINE_` in its variable.
    pub fn api_name(&self) -> &str {
        self.variable.strip_prefix(super::HOTLINE_PREFIX).unwrap_or(&self.variable)
    }

    /// Whether somebody's texts and calls are turned away.
    pub fn blocks(&self, party: &Party) -> bool {
        let Party::Phone(number) = party else { return false };
        self.blocked.iter().any(|blocked| blocked.is_same_phone(number))
    }

    /// Whether a number is one of its senders, for texts or for WhatsApp.
    pub fn owns(&self, number: &E164) -> bool {
        self.numbers.iter().chain(&self.whatsapp).any(|own| own.is_same_phone(number))
    }

    /// Whether the phones ring at an instant, in Unix milliseconds.
    pub fn is_open(&self, now_ms: i64) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.is_open(now_ms))
    }

    pub(super) fn has_sender(&self, sender: Sender<'_>) -> bool {
        match sender {
            Sender::Number(number) => self.numbers.contains(number),
            Sender::Whatsapp(number) => self.whatsapp.as_ref() == Some(number),
            Sender::MessagingService(sid) => self.messaging_service.as_ref().is_some_and(|own| own.as_str() == sid),
        }
    }

    /// Reads the table. What is wrong in it is reported, and stands here as if it were left out; `mailbox` is then 0.
    pub(super) fn read(variable: &str, mut fields: Fields<'_>) -> Self {
        let name = fields.text("name");
        if name.is_none() {
            fields.problem("name", "is missing; say what agents call this hotline");
        }
        let mailbox = fields.take("mailbox").and_then(|value| value.as_u64()).filter(|&id| id > 0);
        if mailbox.is_none() {
            fields.problem("mailbox", "must be the number of a Help Scout inbox, such as 3003");
        }
        let region = fields.read("region", Country::read);
        let numbers = fields.list("numbers", number, NUMBER_WANTED);
        let callback = Callback::read(&mut fields, region.as_ref());
        let auto_reply = fields.table("auto_reply");
        let voice = Voice::read(&mut fields);
        let language = voice.language.as_deref();
        let hotline = Self {
            variable: variable.to_owned(),
            name: name.unwrap_or_default(),
            mailbox: mailbox.unwrap_or_default(),
            auto_reply: AutoReply::read(auto_reply, region.as_ref(), callback.as_ref(), &numbers),
            repeated_calls: RepeatedCalls::read(fields.table("repeated_calls")),
            program_messages: ProgramMessages::read(&mut fields, region.as_ref()),
            verify: Verify::read(fields.table("verify")),
            fallback: Fallback::read(fields.table("fallback")),
            retention: Retention::read(fields.table("retention")),
            numbers,
            messaging_service: fields.parsed(
                "messaging_service",
                MessagingServiceSid::parse,
                "must be the SID of a Twilio messaging service: MG and 32 hexadecimal digits",
            ),
            whatsapp: fields.parsed("whatsapp", number, NUMBER_WANTED),
            // The fastest senders (short codes) start at 100 messages a second (Twilio, rate limits).
            sends_per_second: fields.whole("sends_per_second", 1..=100, 1),
            greeting: fields.text_or("greeting", spoken::text(language, Sentence::Greeting)),
            missed: fields.text_or("missed", spoken::text(language, Sentence::Missed)),
            trouble: fields.text_or("trouble", spoken::text(language, Sentence::Trouble)),
            // After a day the words would come too late to help.
            trouble_after_minutes: fields.whole("trouble_after_minutes", 1..=1440, 10),
            threading: threading(&mut fields),
            receipts: fields.word("receipts", ("all", Receipts::All), ("failures", Receipts::Failures)),
            ai_replies: fields.flag("ai_replies", false),
            // An undo is offered for seconds; a longer wait would only slow the talk down.
            reply_delay_seconds: fields.whole("reply_delay_seconds", 0..=300, 5),
            ring: fields.table("ring").map(Ring::read),
            voicemail: Voicemail::read(fields.table("voicemail"), language),
            words: Words::read(fields.table("words"), language),
            voice,
            hours: fields.table("hours").and_then(Hours::read),
            blocked: fields.list("blocked", number, NUMBER_WANTED),
            callback,
            limits: Limits::read(fields.table("limits")),
            region,
        };
        if hotline.numbers.is_empty() && hotline.messaging_service.is_none() && hotline.whatsapp.is_none() {
            fields.problem("numbers", "needs a number, unless there is a messaging_service or a whatsapp sender");
        }
        fields.finish();
        hotline
    }
}

fn threading(fields: &mut Fields<'_>) -> Threading {
    const NAME: &str = "threading";
    match fields.take(NAME) {
        None => Threading::One,
        Some(Value::String(word)) if word == "one" => Threading::One,
        Some(Value::String(word)) if word == "new_after_close" => Threading::NewAfterClose,
        Some(Value::Object(table)) => {
            let mut table = fields.inner(NAME, table);
            // A year of silence is as good as for ever.
            let days = table.whole("days", 1..=365, 0);
            if days == 0 {
                table.problem("days", "is missing; say after how many days of silence, such as 7");
            }
            table.finish();
            Threading::Days(days)
        }
        Some(_) => {
            fields.problem(NAME, "must be \"one\", \"new_after_close\" or a number of days as { days = 7 }");
            Threading::One
        }
    }
}
