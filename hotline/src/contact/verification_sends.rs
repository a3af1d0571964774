//! A code leaves for the phone: the row of its text and its entry on the timeline say that there is one, and the digits are put in
//! when the request to Twilio is made.

use protocol::v1::{Class, VerificationChannel};

use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::timeline::Entry;
use super::verification_item::{is, item};
use super::verification_row::{MOST_SENDS, Sent, VerificationRow};
use super::work::{Job, Work};
use super::{CODES, Contact, StepContext};
use crate::domain::phone::{Channel, E164};
use crate::domain::spoken::{self, Sentence};
use crate::domain::template::Content;
use crate::domain::verification_code::VerificationCode;
use crate::jobs::{self, Next};
use crate::messages::program::Profile;
use crate::messages::verification::{CodeLimit, VerificationReply, WantedVerification};
use crate::messages::verification_limit::{self, prefix_of};
use crate::send_rules::{self, Decision};
use crate::storage::Stored;

/// What stands on the timeline, and in the row of the text, in place of the code.
const SHOWN: &str = "(A verification text with a code, which is not shown.)";

/// The same of a code that is said in a call.
const SHOWN_CALL: &str = "(A verification call that says a code, which is not shown.)";

/// Remark on a code that did not leave while it was good.
pub(super) const OVER: &str = "The code was no longer needed, or no longer good, when its turn came.";

/// How the id of an entry begins that is a code: after it the verification's number, a point, and which of its codes it is.
const CODE: &str = "verify:";

/// Jobs that tell a prefix of a code that was given back.
const APPROVALS: &str = "approvals";

/// The variable of a template for codes (WhatsApp, authentication templates: one variable, the code).
const VARIABLE: &str = "1";

impl Entry {
    /// The number of the verification whose code it is, and which of its codes.
    fn code(&self) -> Option<(i64, usize)> {
        let (number, send) = self.id.strip_prefix(CODE)?.split_once('.')?;
        Some((number.parse().ok()?, send.parse().ok()?))
    }

    /// Whether it is a code that verifies their number.
    pub fn is_code(&self) -> bool {
        self.code().is_some()
    }
}

/// The channels that are tried, in order.
fn channels(wanted: VerificationChannel) -> &'static [VerificationChannel] {
    match wanted {
        // Nobody is called who has not asked for it.
        VerificationChannel::Auto => &[VerificationChannel::Sms, VerificationChannel::WhatsApp],
        VerificationChannel::Sms => &[VerificationChannel::Sms],
        VerificationChannel::WhatsApp => &[VerificationChannel::WhatsApp],
        VerificationChannel::Call => &[VerificationChannel::Call],
    }
}

impl Contact {
    /// What the rules say of a code to this person now; by the first channel that is open, else what speaks against the first.
    pub(super) fn judge_code(ctx: &StepContext, person: &Person, wanted: &WantedVerification) -> Stored<Decision> {
        let mut first = None;
        for channel in channels(wanted.channel) {
            let decision = Self::judge_code_by(ctx, person, wanted, *channel)?;
            if matches!(decision, Decision::Send { .. }) {
                return Ok(decision);
            }
            first = first.or(Some(decision));
        }
        first.map_or_else(|| Self::judge_code_by(ctx, person, wanted, VerificationChannel::Sms), Ok)
    }

    fn judge_code_by(
        ctx: &StepContext,
        person: &Person,
        wanted: &WantedVerification,
        by: VerificationChannel,
    ) -> Stored<Decision> {
        let whatsapp = by == VerificationChannel::WhatsApp;
        let channel = if whatsapp { Channel::WhatsApp } else { Channel::Sms };
        let message = send_rules::Message {
            to: &wanted.to,
            channel,
            class: Class::Alert,
            has_content_sid: ctx.hotline.verify.content_sid.is_some(),
            send_at: None,
            expires_at: None,
        };
        let known = send_rules::Person {
            is_opted_out: person.opted_out.is_some(),
            opted_in_senders: &person.opted_in_senders,
            whatsapp_heard_at: if whatsapp { Entry::last_whatsapp(ctx.store)? } else { None },
            known_sender: Some(person.sender.as_str()),
            ..send_rules::Person::default()
        };
        let evaluate = match by {
            VerificationChannel::Call => send_rules::evaluate_code_call,
            _ => send_rules::evaluate_code,
        };
        Ok(evaluate(&message, &known, ctx.hotline, ctx.now))
    }

    /// The code goes onto the timeline, without its digits, and waits for its turn.
    pub(super) fn send_code(
        ctx: &StepContext,
        person: &Person,
        row: &mut VerificationRow,
        sender: &str,
        request: String,
    ) -> Stored<()> {
        let channel = if sender.starts_with("whatsapp:") { Channel::WhatsApp } else { Channel::Sms };
        let by_call = row.wanted.channel == VerificationChannel::Call;
        let send = row.progress.sends.len();
        let id = format!("{CODE}{}.{send}", row.number);
        let shown = if by_call { SHOWN_CALL } else { SHOWN };
        let entry = Entry {
            agent: row.wanted.program.clone(),
            conversation: person.conversation.clone(),
            ..Entry::outward(id, channel, shown.to_owned(), ctx.now)
        };
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(()) };
        if by_call {
            let call = Work::CallCode { verification: row.number, send, from: sender.to_owned() };
            jobs::add(ctx.store, CODES, &call, ctx.now, ctx.now)?;
        } else {
            OutgoingText::new(seq, 0, sender, SHOWN.to_owned()).queue(ctx.store, CODES, ctx.now, ctx.now)?;
        }
        let language = Profile::load(ctx.store)?.and_then(|profile| profile.language);
        let language = language.or_else(|| ctx.hotline.voice.language.clone());
        row.progress.sends.push(Sent { request, at: ctx.now, channel, by_call, language, entry: seq });
        row.save(ctx.store)
    }

    /// The same code once more. The same request again sends nothing more.
    pub(super) fn resend_code(
        ctx: &StepContext,
        person: &Person,
        mut row: VerificationRow,
        request: String,
        asks_only: bool,
    ) -> Stored<VerificationReply> {
        if row.progress.sends.iter().any(|sent| sent.request == request) {
            return is(ctx, person, &row, true);
        }
        if !row.is_pending(ctx.now) {
            return Ok(VerificationReply::Over(Box::new(item(ctx, person, &row)?)));
        }
        if row.progress.sends.len() >= MOST_SENDS {
            let wait = row.expires_at() - ctx.now;
            return Ok(VerificationReply::TooMany { limit: CodeLimit::Sends, wait });
        }
        if let Some(at) = row.resend_at().filter(|at| *at > ctx.now) {
            return Ok(VerificationReply::TooMany { limit: CodeLimit::Resend, wait: at - ctx.now });
        }
        match Self::judge_code(ctx, person, &row.wanted)? {
            Decision::Send { .. } if asks_only => {
                return Ok(VerificationReply::MayLeave { verification: row.wanted.request });
            }
            Decision::Send { sender } => Self::send_code(ctx, person, &mut row, &sender, request)?,
            Decision::Hold { rule, detail, .. } | Decision::Refuse { rule, detail } => {
                return Ok(VerificationReply::Refused { rule, detail });
            }
        }
        is(ctx, person, &row, true)
    }

    /// The prefix of their number is told that somebody has given a code back.
    pub(super) fn count_approval(ctx: &StepContext, row: &VerificationRow) -> Stored<()> {
        let Some(number) = E164::parse(&row.wanted.to) else { return Ok(()) };
        let limit = verification_limit::of_prefix(&prefix_of(&number.canonical()));
        let requests = row.progress.sends.iter().map(|sent| sent.request.clone()).collect();
        jobs::add(ctx.store, APPROVALS, &Work::CountApproval { limit, requests }, ctx.now, ctx.now)
    }

    /// The turn of a text has come: a code that is no longer good does not leave. `None` when it may leave, or is none.
    pub(super) fn drop_old_code(
        &mut self,
        ctx: &StepContext,
        job: &Job,
        text: &OutgoingText,
        entry: &Entry,
    ) -> Stored<Option<Next>> {
        if !entry.is_code() || row_of(ctx, entry)?.is_some_and(|row| row.is_pending(ctx.now)) {
            return Ok(None);
        }
        self.give_up(ctx, job, text.clone(), None, OVER).map(Some)
    }

    /// The same in the step in which it leaves.
    pub(super) fn may_code_leave(ctx: &StepContext, entry: i64) -> Stored<bool> {
        let entry = Entry::load(ctx.store, entry)?;
        let Some(entry) = entry.filter(Entry::is_code) else { return Ok(true) };
        Ok(row_of(ctx, &entry)?.is_some_and(|row| row.is_pending(ctx.now)))
    }

    /// What a text says at Twilio: that of a code stands in no row.
    pub(super) fn words_of_text(ctx: &StepContext, job: &Job, text: &OutgoingText) -> Stored<String> {
        if job.lane != CODES {
            return Ok(text.body.clone());
        }
        let Some(entry) = Entry::load(ctx.store, text.entry)? else { return Ok(text.body.clone()) };
        let (Some(row), Some((_, send))) = (row_of(ctx, &entry)?, entry.code()) else { return Ok(text.body.clone()) };
        let language = row.progress.sends.get(send).and_then(|sent| sent.language.as_deref());
        Ok(words(&code_of(ctx, &row), row.wanted.origin.as_deref(), language))
    }

    /// The approved template that a code leaves as on WhatsApp.
    pub(super) fn code_content(ctx: &StepContext, text: &OutgoingText) -> Stored<Option<Content>> {
        let Some(sid) = ctx.hotline.verify.content_sid.clone() else { return Ok(None) };
        let Some(entry) = Entry::load(ctx.store, text.entry)? else { return Ok(None) };
        let row = row_of(ctx, &entry)?;
        Ok(row.map(|row| {
            let code = code_of(ctx, &row).as_str().to_owned();
            Content { sid, variables: vec![(VARIABLE.to_owned(), code)] }
        }))
    }
}

fn row_of(ctx: &StepContext, entry: &Entry) -> Stored<Option<VerificationRow>> {
    entry.code().map_or(Ok(None), |(number, _)| VerificationRow::load(ctx.store, number))
}

fn code_of(ctx: &StepContext, row: &VerificationRow) -> VerificationCode {
    VerificationCode::derive(ctx.config.secrets.session_secret.expose(), &row.nonce)
}

/// The text. Its last line binds the code to its origin, as browsers read it (WICG, Origin-bound one-time codes).
fn words(code: &VerificationCode, origin: Option<&str>, language: Option<&str>) -> String {
    let code = code.as_str();
    let said = format!("{code} {}", spoken::text(language, Sentence::Code));
    origin.map_or_else(|| said.clone(), |origin| format!("{said}\n\n@{origin} #{code}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::segments::{Encoding, count};

    #[test]
    fn the_longest_text_of_every_language_is_one_segment() {
        let code = VerificationCode::derive("secret", "nonce");
        // As long as a request may name it.
        let origin = "a".repeat(80);
        for language in ["en", "es", "fr", "de", "pt", "it", "uk"] {
            let counted = count(&words(&code, Some(&origin), Some(language)));
            assert_eq!((counted.segments, counted.encoding), (1, Encoding::Gsm7), "{language}");
        }
    }

    #[test]
    fn the_last_line_binds_the_code_to_its_origin() {
        let code = VerificationCode::derive("secret", "nonce");
        let text = words(&code, Some("example.org"), None);
        assert_eq!(text.lines().last(), Some(format!("@example.org #{}", code.as_str()).as_str()));
        assert!(text.starts_with(code.as_str()) && !words(&code, None, None).contains('@'));
    }
}
