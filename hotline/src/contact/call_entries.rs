//! Calls with the person: what the conversation says of them, and the text that a caller gets.

use protocol::sidebar;

use super::conversation_moves::ALWAYS;
use super::event_data;
use super::pending_request::{PendingRequest, RequestKind};
use super::person::Person;
use super::timeline::{Entry, Kind, NOT_EDITABLE};
use super::work::{Fact, Job, Posted};
use super::{Contact, StepContext, TEXTS};
use crate::domain::html::{Html, normalised};
use crate::domain::phone::Channel;
use crate::effects::Millis;
use crate::helpscout::read::rfc3339;
use crate::jobs::{self, Create, Next, Search, State, Target};
use crate::media::{self, MediaLink};
use crate::messages::call::{CallOutcome, Report};
use crate::storage::{Stored, any};
use crate::twilio::calls::{AnsweredBy, recording_url};
use crate::twilio::inbound::MediumAt;
use crate::twilio::status::Delivery;

/// Twilio's codes for a number that cannot receive texts: not a mobile number, a landline (Twilio, errors 21614, 30006).
const NOT_A_MOBILE: &str = "21614, 30006";

impl Contact {
    /// A call is over; or its transcript has come since.
    pub(super) fn on_call_report(&mut self, ctx: &StepContext, person: &mut Person, report: &Report) -> Stored<()> {
        match Entry::find(ctx.store, &report.id)? {
            // They were erased, or its time is over: what comes of it now is not taken.
            Some(known) if known.forgotten || known.is_removed() => return Ok(()),
            Some(lost) if lost.kind == Kind::Voicemail && lost.media.is_empty() && !report.file_lost => {
                return Self::on_late_recording(ctx, person, lost, report);
            }
            Some(known) => return Self::on_transcript(ctx, person, known, report),
            None => {}
        }
        let entry = Entry {
            at: report.at,
            kind: kind(report.came),
            inward: report.came != CallOutcome::Callback,
            text: words(report),
            media: recorded(ctx, report),
            delivery: Delivery::Delivered,
            agent: report.who.clone(),
            conversation: person.conversation.clone(),
            seconds: Some(report.seconds),
            transcript: report.transcript.clone(),
            ..Entry::outward(report.id.clone(), Channel::Sms, String::new(), ctx.now)
        };
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(()) };
        Self::erase_latecomer(ctx, seq, report.at)?;
        event_data::call_ended(ctx, person, report)?;
        let posted = match entry.kind {
            Kind::Voicemail | Kind::Text => Posted::Message,
            Kind::MissedCall => Posted::MissedCall,
            Kind::Call => Posted::Ours,
        };
        Self::enqueue_post(ctx, seq, posted)?;
        if report.came == CallOutcome::Callback {
            return Ok(());
        }
        // Texts leave from the number that they called last. Who writes or calls on WhatsApp goes on there.
        if report.is_whatsapp && person.sender.is_empty() {
            person.channel = Channel::WhatsApp;
        }
        if person.channel == Channel::Sms && !report.is_whatsapp {
            person.sender.clone_from(&report.number);
        }
        if Self::is_no_mobile(ctx)? {
            return Ok(());
        }
        if report.caller_id_failed {
            // Whoever it is, the text would go to somebody else.
            let words = "automatic text refused: caller_id_failed";
            return self.tell_directory(ctx, Fact::Count(words.to_owned()));
        }
        match report.came {
            CallOutcome::Voicemail => self.greet(ctx, person),
            CallOutcome::Missed | CallOutcome::NoMessage | CallOutcome::Closed => Self::text_missed_caller(ctx, person),
            CallOutcome::Answered | CallOutcome::Callback => Ok(()),
        }
    }

    fn is_no_mobile(ctx: &StepContext) -> Stored<bool> {
        any(ctx.store, &format!("SELECT 1 FROM messages WHERE code IN ({NOT_A_MOBILE}) LIMIT 1"), &[])
    }

    /// The file of a voicemail that was called lost is there: a further note has it. A thread that is still to be posted
    /// brings it itself.
    fn on_late_recording(ctx: &StepContext, person: &Person, mut entry: Entry, report: &Report) -> Stored<()> {
        event_data::voicemail_transcribed(ctx, person, report)?;
        entry.text = words(report);
        entry.media = recorded(ctx, report);
        entry.transcript.clone_from(&report.transcript);
        entry.save_recording(ctx.store)?;
        if entry.receipt_said.is_empty() {
            return Ok(());
        }
        let before = Html::text(&format!("The recording of the voicemail of {} is there after all. ", clock(entry.at)));
        Self::enqueue_note(ctx, TEXTS, entry.conversation.as_deref(), &with_recording(ctx, &entry, before))
    }

    /// The transcript goes into the voicemail's own thread.
    fn on_transcript(ctx: &StepContext, person: &Person, mut entry: Entry, report: &Report) -> Stored<()> {
        if report.transcript.is_none() || report.transcript == entry.transcript {
            return Ok(());
        }
        event_data::voicemail_transcribed(ctx, person, report)?;
        entry.transcript.clone_from(&report.transcript);
        entry.save(ctx.store)?;
        Self::enqueue_receipt(ctx, entry.seq, ctx.now)
    }

    /// A voicemail is in the conversation; its transcript may have come meanwhile.
    pub(super) fn on_voicemail_posted(
        ctx: &StepContext,
        entry: &mut Entry,
        thread: Option<String>,
        said: &str,
    ) -> Stored<()> {
        entry.receipt = thread;
        said.clone_into(&mut entry.receipt_said);
        entry.save(ctx.store)?;
        Self::enqueue_receipt(ctx, entry.seq, ctx.now)
    }

    /// Brings a voicemail's thread up to date.
    pub(super) fn begin_voicemail(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &mut Job,
        entry: &Entry,
    ) -> Stored<Next> {
        let Some(conversation) = entry.conversation.as_deref().filter(|_| !entry.receipt_said.is_empty()) else {
            return Ok(Next::Done);
        };
        if normalised(voicemail(ctx, entry).as_str()) == entry.receipt_said {
            return Ok(Next::Done);
        }
        match entry.receipt.as_deref() {
            Some(NOT_EDITABLE) => Ok(Next::Done),
            Some(_) => {
                self.request_permit(ctx, person, job, PendingRequest::about(RequestKind::EditReceipt, conversation))
            }
            None => {
                // It came with its conversation, and nobody told us the thread's id.
                let target = Target::Thread(conversation.to_owned());
                let create = Create { at: ALWAYS, target, said: entry.receipt_said.clone() };
                job.state = State::Uncertain(create, Search { searches: 0, until: ctx.now });
                jobs::save(ctx.store, job)?;
                self.request_permit(ctx, person, job, PendingRequest::about(RequestKind::FindThread, conversation))
            }
        }
    }

    /// Its thread cannot be edited, or is not found: the transcript goes into a further one.
    pub(super) fn transcript_apart(ctx: &StepContext, mut entry: Entry) -> Stored<Next> {
        entry.receipt = Some(NOT_EDITABLE.to_owned());
        entry.save(ctx.store)?;
        let mut html = Html::text(&format!("About the voicemail of {}: ", clock(entry.at)));
        html.push(&transcript(&entry));
        Self::enqueue_note(ctx, TEXTS, entry.conversation.as_deref(), &html)?;
        Ok(Next::Done)
    }
}

fn kind(came: CallOutcome) -> Kind {
    match came {
        CallOutcome::Answered | CallOutcome::Callback => Kind::Call,
        CallOutcome::Missed | CallOutcome::NoMessage | CallOutcome::Closed => Kind::MissedCall,
        CallOutcome::Voicemail => Kind::Voicemail,
    }
}

/// The recording is at Twilio, behind our credentials.
fn recorded(ctx: &StepContext, report: &Report) -> Vec<MediumAt> {
    if report.came != CallOutcome::Voicemail || report.file_lost {
        return Vec::new();
    }
    vec![MediumAt { mime: "audio/mpeg".to_owned(), url: recording_url(ctx.config, &report.recording) }]
}

/// What the conversation says of a call.
fn words(report: &Report) -> String {
    let (at, talked, who) = (clock(report.at), lasted(report.seconds), &report.who);
    match report.came {
        CallOutcome::Answered => format!("Call at {at}, answered by {who}: {talked}."),
        CallOutcome::Missed => format!("Missed call at {at}. They hung up before anybody answered."),
        CallOutcome::NoMessage => format!("Missed call at {at}. Nobody answered, and they left no message."),
        CallOutcome::Closed => format!("Missed call at {at}, outside opening hours."),
        CallOutcome::Voicemail if report.file_lost => {
            format!(
                "Voicemail at {at}, {talked}. The phone company lost the recording: it cannot be played. Please call back."
            )
        }
        // A message of which only the transcript was told.
        CallOutcome::Voicemail if report.seconds == 0 => format!("Voicemail at {at}."),
        CallOutcome::Voicemail => format!("Voicemail at {at}, {talked}."),
        CallOutcome::Callback => {
            let who = if who.is_empty() { "An agent" } else { who.as_str() };
            format!("{who} called back at {at}: {}.", ended(report, &talked))
        }
    }
}

/// How a call back ended.
fn ended(report: &Report, talked: &str) -> String {
    use sidebar::CallOutcome as Outcome;
    let words = match report.outcome {
        Outcome::Completed => {
            return match report.answered_by {
                AnsweredBy::Human => format!("they talked for {talked}"),
                AnsweredBy::Machine => format!("connected for {talked}, by the sound of it with an answering machine"),
                // Nobody knows whether somebody was there.
                AnsweredBy::Unknown => format!("connected for {talked}"),
            };
        }
        Outcome::ContactBusy => "the line was busy, or the call was declined",
        Outcome::ContactNoAnswer => "nobody answered",
        Outcome::ContactFailed => "the call could not be connected",
        Outcome::AgentBusy => "not connected, the agent's own phone was busy, or the call was declined",
        Outcome::AgentNoAnswer => "not connected, the agent's own phone was not answered",
        Outcome::AgentFailed => "not connected, the agent's own phone could not be reached",
        Outcome::NotConfirmed => "not connected, nobody pressed the key on the agent's own phone",
        Outcome::Cancelled | Outcome::Unknown => "cancelled",
    };
    words.to_owned()
}

/// `2026-11-20 09:44 UTC`: agents may be anywhere.
fn clock(at: Millis) -> String {
    let text = rfc3339(at).replace('T', " ");
    format!("{} UTC", text.get(..16).unwrap_or(&text))
}

/// `3 min 12 s`
fn lasted(seconds: i64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// A voicemail's thread: a link that plays it without a password, and the transcript once there is one.
pub(super) fn voicemail(ctx: &StepContext, entry: &Entry) -> Html {
    let mut before = Html::text(&entry.text);
    before.push(&Html::text(" "));
    with_recording(ctx, entry, before)
}

/// Words, then the link, and the transcript once there is one.
fn with_recording(ctx: &StepContext, entry: &Entry, mut html: Html) -> Html {
    for medium in &entry.media {
        let until = ctx.now + media::IN_THREADS;
        let address = MediaLink::Twilio { url: medium.url.clone() }.address(ctx.config, until);
        html.push(&Html::link(&address, "Listen"));
    }
    // Nobody is asked to listen to a message that is lost.
    let is_lost = entry.media.is_empty() && entry.transcript.as_deref() == Some("");
    if entry.transcript.is_some() && !is_lost {
        html.push(&Html::line_break());
        html.push(&transcript(entry));
    }
    html
}

fn transcript(entry: &Entry) -> Html {
    match entry.transcript.as_deref() {
        Some("") | None => Html::text("The transcript could not be made. Please listen to the message."),
        Some(words) => Html::text(&format!("Transcript: {words}")),
    }
}
