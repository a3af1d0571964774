//! Calls with the person: what the conversation says of them, and the text that a caller gets.

use super::call::{Call, What};
use super::person::Person;
use super::timeline::{Entry, Kind};
use super::{Contact, PHONE, Scene, TEXTS};
use crate::calls::{Came, Report};
use crate::effect::Millis;
use crate::helpscout::read::rfc3339;
use crate::html::{Html, normalised};
use crate::media::{self, MediaLink};
use crate::phone::Channel;
use crate::queue::{self, Job, Next, Phase};
use crate::store::{Stored, any, number};
use crate::twilio::calls::recording_url;
use crate::twilio::inbound::MediumAt;
use crate::twilio::status::Delivery;

/// How seldom a caller is told that they were missed.
const MISSED_AGAIN: Millis = 86_400_000;

/// Twilio's codes for a number that cannot receive texts: not a mobile number, a landline (Twilio, errors 21614, 30006).
const NOT_A_MOBILE: &str = "21614, 30006";

impl Contact {
    /// A call is over; or its transcript has come since.
    pub(super) fn called(&mut self, scene: &Scene, person: &mut Person, report: &Report) -> Stored<()> {
        if let Some(known) = Entry::find(scene.store, &report.id)? {
            return Self::transcribed(scene, known, report);
        }
        let entry = Entry {
            at: report.at,
            kind: kind(report.came),
            inward: report.came != Came::Back,
            text: words(report),
            media: recorded(scene, report),
            delivery: Delivery::Delivered,
            agent: report.who.clone(),
            conversation: person.conversation.clone(),
            seconds: Some(report.seconds),
            transcript: report.transcript.clone(),
            ..Entry::outward(report.id.clone(), Channel::Sms, String::new(), scene.now)
        };
        let Some(seq) = entry.insert(scene.store)? else { return Ok(()) };
        Self::will_post(scene, seq)?;
        if report.came == Came::Back {
            return Ok(());
        }
        // Texts leave from the number that they called last.
        person.sender.clone_from(&report.number);
        person.channel = Channel::Sms;
        if Self::is_no_mobile(scene)? {
            return Ok(());
        }
        match report.came {
            Came::Voicemail => self.greet(scene, person, None),
            Came::Missed | Came::NoMessage | Came::Closed => Self::say_missed(scene, person),
            Came::Answered | Came::Back => Ok(()),
        }
    }

    fn is_no_mobile(scene: &Scene) -> Stored<bool> {
        any(scene.store, &format!("SELECT 1 FROM messages WHERE code IN ({NOT_A_MOBILE}) LIMIT 1"), &[])
    }

    fn say_missed(scene: &Scene, person: &Person) -> Stored<()> {
        let Some(words) = &scene.hotline.missed else { return Ok(()) };
        let last = number(scene.store, "SELECT MAX(at) FROM entries WHERE id GLOB 'missed:*'", &[])?;
        if scene.now - last < MISSED_AGAIN {
            return Ok(());
        }
        Self::say(scene, person, &format!("missed:{}", scene.now), words, PHONE)
    }

    /// The transcript goes into the voicemail's own thread.
    fn transcribed(scene: &Scene, mut entry: Entry, report: &Report) -> Stored<()> {
        if report.transcript.is_none() || report.transcript == entry.transcript {
            return Ok(());
        }
        entry.transcript.clone_from(&report.transcript);
        entry.save(scene.store)?;
        Self::will_receipt(scene, entry.seq, scene.now)
    }

    /// A voicemail is in the conversation; its transcript may have come meanwhile.
    pub(super) fn voicemail_posted(scene: &Scene, entry: &mut Entry, thread: Option<String>, said: &str) -> Stored<()> {
        entry.receipt = thread;
        said.clone_into(&mut entry.receipt_said);
        entry.save(scene.store)?;
        Self::will_receipt(scene, entry.seq, scene.now)
    }

    /// Brings a voicemail's thread up to date.
    pub(super) fn begin_voicemail(
        &mut self,
        scene: &Scene,
        person: &Person,
        job: &mut Job,
        entry: &Entry,
    ) -> Stored<Next> {
        let Some(conversation) = entry.conversation.as_deref().filter(|_| !entry.receipt_said.is_empty()) else {
            return Ok(Next::Done);
        };
        if normalised(voicemail(scene, entry).as_str()) == entry.receipt_said {
            return Ok(Next::Done);
        }
        match entry.receipt.as_deref() {
            Some(super::receipts::GIVEN_UP) => Ok(Next::Done),
            Some(_) => self.ask(scene, person, job, Call::about(What::EditReceipt, conversation)),
            None => {
                // It came with its conversation, and nobody told us the thread's id.
                job.said.clone_from(&entry.receipt_said);
                conversation.clone_into(&mut job.target);
                job.phase = Phase::Unsettled;
                queue::save(scene.store, job)?;
                self.ask(scene, person, job, Call::about(What::FindThread, conversation))
            }
        }
    }

    /// Its thread cannot be edited, or is not found: the transcript goes into a further one.
    pub(super) fn transcript_apart(scene: &Scene, mut entry: Entry) -> Stored<Next> {
        entry.receipt = Some(super::receipts::GIVEN_UP.to_owned());
        entry.save(scene.store)?;
        let mut html = Html::text(&format!("About the voicemail of {}: ", clock(entry.at)));
        html.push(&transcript(&entry));
        Self::will_note(scene, TEXTS, entry.conversation.as_deref(), &html)?;
        Ok(Next::Done)
    }
}

fn kind(came: Came) -> Kind {
    match came {
        Came::Answered | Came::Back => Kind::Call,
        Came::Missed | Came::NoMessage | Came::Closed => Kind::MissedCall,
        Came::Voicemail => Kind::Voicemail,
    }
}

/// The recording is at Twilio, behind our credentials.
fn recorded(scene: &Scene, report: &Report) -> Vec<MediumAt> {
    if report.came != Came::Voicemail {
        return Vec::new();
    }
    vec![MediumAt { mime: "audio/mpeg".to_owned(), url: recording_url(scene.config, &report.recording) }]
}

/// What the conversation says of a call.
fn words(report: &Report) -> String {
    let (at, talked, who) = (clock(report.at), lasted(report.seconds), &report.who);
    match report.came {
        Came::Answered => format!("Call at {at}, answered by {who}: {talked}."),
        Came::Missed => format!("Missed call at {at}. They hung up before anybody answered."),
        Came::NoMessage => format!("Missed call at {at}. Nobody answered, and they left no message."),
        Came::Closed => format!("Missed call at {at}, outside opening hours."),
        Came::Voicemail => format!("Voicemail at {at}, {talked}."),
        Came::Back => {
            let who = if who.is_empty() { "An agent" } else { who.as_str() };
            let end = match report.outcome.as_str() {
                "completed" => format!("they talked for {talked}"),
                "contact_busy" => "the line was busy".to_owned(),
                "contact_no_answer" => "nobody answered".to_owned(),
                "contact_failed" => "the call could not be connected".to_owned(),
                "agent_busy" => "not connected, the agent's own phone was busy".to_owned(),
                "agent_no_answer" => "not connected, the agent's own phone was not answered".to_owned(),
                "agent_failed" => "not connected, the agent's own phone could not be reached".to_owned(),
                "not_confirmed" => "not connected, nobody pressed the key on the agent's own phone".to_owned(),
                _ => "cancelled".to_owned(),
            };
            format!("{who} called back at {at}: {end}.")
        }
    }
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
pub(super) fn voicemail(scene: &Scene, entry: &Entry) -> Html {
    let mut html = Html::text(&entry.text);
    html.push(&Html::text(" "));
    for medium in &entry.media {
        let until = scene.now + media::IN_THREADS;
        let address = MediaLink::Twilio { url: medium.url.clone() }.address(scene.config, until);
        html.push(&Html::link(&address, "Listen"));
    }
    if entry.transcript.is_some() {
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
