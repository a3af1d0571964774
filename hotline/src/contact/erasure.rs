//! A program asks that a person is erased: what they said and were told, what programs keep of them, and what waits for them. That
//! they do not want to be texted stays. What Twilio holds is erased by `erasure_at_twilio.rs`.
//!
//! Rows stay, empty: by their ids what comes twice is known.

use protocol::v1::{Class, Job as Shown, JobKind, JobProgress, JobStatus};

use super::consents;
use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::program_row::ProgramRow;
use super::resends::waiting_entries;
use super::timeline::Entry;
use super::work::{Job, Work, send_key};
use super::{Contact, RECEIPTS, StepContext, TEXTS, events};
use crate::domain::html::Html;
use crate::domain::message_id::MessagePlace;
use crate::domain::time::timestamp;
use crate::effects::{Millis, ObjectReply};
use crate::jobs;
use crate::storage::{Row, Store, Stored, any, first, run};

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS erasures (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, entry INTEGER NOT NULL, message INTEGER NOT NULL,
    erased_to INTEGER NOT NULL, messages_to INTEGER NOT NULL, total INTEGER NOT NULL, done INTEGER NOT NULL, failed INTEGER NOT NULL, ended_at INTEGER
) STRICT";

const COLUMNS: &str = "number, at, entry, message, erased_to, messages_to, total, done, failed, ended_at";

/// Entries that are erased in one step, so that none takes long; most people have fewer.
const AT_ONCE: usize = 200;

/// Remark on a text that waited.
const REMARK: &str = "The person was erased before it was sent.";

/// What a program reads of a message that waited.
const WHY: &str = "The person was erased before it left.";

pub(super) const LANE: &str = "erase";

/// An erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Erasure {
    pub number: i64,
    at: Millis,
    /// The last entry and the last program's message that it is about.
    entry: i64,
    message: i64,
    /// The last of each that is erased.
    erased_to: i64,
    messages_to: i64,
    total: i64,
    done: i64,
    failed: i64,
    ended_at: Option<Millis>,
}

impl Erasure {
    fn read(row: &Row) -> Self {
        Self {
            number: row.integer(0),
            at: row.integer(1),
            entry: row.integer(2),
            message: row.integer(3),
            erased_to: row.integer(4),
            messages_to: row.integer(5),
            total: row.integer(6),
            done: row.integer(7),
            failed: row.integer(8),
            ended_at: row.maybe_integer(9),
        }
    }

    pub fn load(store: &dyn Store, number: i64) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM erasures WHERE number = ?");
        Ok(first(store, &sql, &[number.into()])?.as_ref().map(Self::read))
    }

    fn last(store: &dyn Store) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM erasures WHERE number > 0 ORDER BY number DESC LIMIT 1");
        Ok(first(store, &sql, &[])?.as_ref().map(Self::read))
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let params = [
            self.number.into(),
            self.at.into(),
            self.entry.into(),
            self.message.into(),
            self.erased_to.into(),
            self.messages_to.into(),
            self.total.into(),
            self.done.into(),
            self.failed.into(),
            self.ended_at.into(),
        ];
        let sql = format!("INSERT OR REPLACE INTO erasures ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        run(store, &sql, &params)
    }

    /// Further steps at Twilio are known.
    pub fn found(&mut self, steps: i64) {
        self.total += steps;
    }

    /// One of them has come to its end.
    pub fn step_ended(&mut self, is_done: bool) {
        if is_done { self.done += 1 } else { self.failed += 1 }
    }

    pub fn is_all_erased_here(&self) -> bool {
        self.erased_to >= self.entry && self.messages_to >= self.message
    }

    /// Since when it is under way.
    pub fn began_at(&self) -> Millis {
        self.at
    }

    pub fn end(&mut self, now: Millis) {
        self.ended_at = Some(now);
    }

    fn shown(&self, ctx: &StepContext, person: &Person) -> Option<Shown> {
        let place =
            MessagePlace { mailbox: ctx.hotline.mailbox, person: person.party.phone()?.clone(), number: self.number };
        let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        Some(Shown {
            id: place.job_id(&ctx.config.secrets.twilio_account_sid)?,
            kind: JobKind::Erasure,
            status: match self.ended_at {
                None => JobStatus::Running,
                Some(_) if self.failed > 0 => JobStatus::Failed,
                Some(_) => JobStatus::Done,
            },
            progress: JobProgress { total: count(self.total), done: count(self.done), failed: count(self.failed) },
            created_at: timestamp(self.at),
            ended_at: self.ended_at.map(timestamp),
        })
    }
}

impl Contact {
    pub(super) fn read_erasure(ctx: &StepContext, person: &Person, number: i64) -> Stored<ObjectReply> {
        let shown = Erasure::load(ctx.store, number)?.and_then(|erasure| erasure.shown(ctx, person));
        Ok(shown.map_or(ObjectReply::NotFound, |job| ObjectReply::Job(Box::new(job))))
    }

    /// They are to be erased. Whom nothing is known of since the last time is erased already, or about to be.
    pub(super) fn erase(&mut self, ctx: &StepContext, person: &mut Person, program: &str) -> Stored<ObjectReply> {
        let last = Erasure::last(ctx.store)?;
        let (entry, message) = (last_entry(ctx)?, last_message(ctx)?);
        let is_new = last.is_none() || is_anything_new(ctx)? || is_anything_kept(ctx)?;
        let erasure = match last {
            Some(last) if !is_new => last,
            Some(running) if running.ended_at.is_none() => Erasure { entry, message, ..running },
            last => Erasure {
                number: last.as_ref().map_or(1, |last| last.number + 1),
                at: ctx.now,
                entry,
                message,
                erased_to: last.as_ref().map_or(0, |last| last.entry),
                messages_to: last.as_ref().map_or(0, |last| last.message),
                total: 0,
                done: 0,
                failed: 0,
                ended_at: None,
            },
        };
        if is_new {
            erasure.save(ctx.store)?;
            self.stop_all(ctx)?;
            forget_profile(ctx)?;
            forget_words_of_jobs(ctx)?;
            Self::tell_agents(ctx, person, program)?;
            person.forget();
            if jobs::head_of::<Work>(ctx.store, LANE)?.is_none() {
                jobs::add(ctx.store, LANE, &Work::Erase { erasure: erasure.number }, ctx.now, ctx.now)?;
            }
        }
        let shown = erasure.shown(ctx, person);
        Ok(shown.map_or(ObjectReply::NotFound, |job| ObjectReply::Job(Box::new(job))))
    }

    /// Nothing leaves for them that has not begun to.
    fn stop_all(&mut self, ctx: &StepContext) -> Stored<()> {
        let sql = "SELECT number FROM program_messages WHERE number > 0 AND state IN ('held', 'accepted')";
        for row in ctx.store.execute(sql, &[])? {
            if let Some(row) = ProgramRow::load(ctx.store, row.integer(0))? {
                self.take_back(ctx, row, WHY)?;
            }
        }
        for entry in waiting_entries(ctx)? {
            if let Some(mut entry) = Entry::load(ctx.store, entry)? {
                Self::stop_unsent(ctx, &mut entry, REMARK)?;
            }
        }
        Ok(())
    }

    /// In Help Scout stands what agents have read and written; that is theirs to delete.
    fn tell_agents(ctx: &StepContext, person: &Person, program: &str) -> Stored<()> {
        let Some(conversation) = &person.conversation else { return Ok(()) };
        let words = format!(
            "This person was erased from the hotline, as the program {program} has asked. Their texts and recordings are deleted \
             here and at Twilio. What stands in Help Scout is not: please delete it there if it must go too."
        );
        Self::enqueue_note(ctx, TEXTS, Some(conversation), &Html::text(&words))
    }

    /// Erases some more of their entries. What Twilio holds of them is noted.
    pub(super) fn erase_entries(ctx: &StepContext, erasure: &mut Erasure) -> Stored<()> {
        let sql = format!("SELECT seq FROM entries WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT {AT_ONCE}");
        let rows = ctx.store.execute(&sql, &[erasure.erased_to.into(), erasure.entry.into()])?;
        for row in &rows {
            let seq = row.integer(0);
            if let Some(entry) = Entry::load(ctx.store, seq)? {
                Self::note_at_twilio(ctx, erasure, &entry)?;
            }
            forget_entry(ctx, seq)?;
            erasure.erased_to = seq;
        }
        if rows.len() < AT_ONCE {
            erasure.erased_to = erasure.entry;
            forget_messages(ctx, erasure)?;
        }
        Ok(())
    }
}

fn last_entry(ctx: &StepContext) -> Stored<i64> {
    let sql = "SELECT seq FROM entries WHERE seq > 0 ORDER BY seq DESC LIMIT 1";
    Ok(first(ctx.store, sql, &[])?.map_or(0, |row| row.integer(0)))
}

fn last_message(ctx: &StepContext) -> Stored<i64> {
    let sql = "SELECT number FROM program_messages WHERE number > 0 ORDER BY number DESC LIMIT 1";
    Ok(first(ctx.store, sql, &[])?.map_or(0, |row| row.integer(0)))
}

/// Whether anything was said to, by or of them since they were erased.
pub(super) fn is_anything_new(ctx: &StepContext) -> Stored<bool> {
    let (entry, message) = Erasure::last(ctx.store)?.map_or((0, 0), |last| (last.entry, last.message));
    Ok(last_entry(ctx)? > entry || last_message(ctx)? > message)
}

/// Whether programs keep anything of them that an erasure takes away.
fn is_anything_kept(ctx: &StepContext) -> Stored<bool> {
    let sql = "SELECT 1 FROM consents WHERE number > 0 AND (granted = 1 OR evidence IS NOT NULL) LIMIT 1";
    Ok(crate::messages::program::Profile::exists(ctx.store)? || any(ctx.store, sql, &[])?)
}

/// Only that they have withdrawn a consent stays: without it they might be sent to again.
fn forget_profile(ctx: &StepContext) -> Stored<()> {
    run(ctx.store, "DELETE FROM profile WHERE id = 1", &[])?;
    let mut withdrawn = Vec::new();
    for class in Class::ALL {
        withdrawn.extend(consents::last(ctx.store, class)?.filter(|consent| !consent.granted));
    }
    run(ctx.store, "DELETE FROM consents WHERE number > 0", &[])?;
    for mut consent in withdrawn {
        consent.evidence = None;
        consents::add(ctx.store, &consent)?;
    }
    Ok(())
}

/// What was to be told of them in Help Scout is not, unless it is on its way.
fn forget_words_of_jobs(ctx: &StepContext) -> Stored<()> {
    for job in jobs::in_lane::<Work>(ctx.store, TEXTS)? {
        let has_words = matches!(job.work, Work::Post { .. } | Work::Note { .. });
        if has_words && job.is_pending() {
            jobs::remove(ctx.store, &job)?;
        }
    }
    jobs::forget_failed(ctx.store)
}

fn forget_entry(ctx: &StepContext, seq: i64) -> Stored<()> {
    let sql = "UPDATE entries SET text = '', media = '', agent = '', remark = '', conversation = NULL, receipt = NULL, \
               receipt_in = NULL, receipt_said = '', transcript = NULL, forgotten = 1 WHERE seq = ?";
    run(ctx.store, sql, &[seq.into()])?;
    ctx.store.changed(seq);
    // Who writes again is greeted again.
    let sql = "UPDATE entries SET id = id || ':' || seq WHERE seq = ? AND id = 'greeting'";
    run(ctx.store, sql, &[seq.into()])?;
    for text in OutgoingText::of_entry(ctx.store, seq)? {
        run(ctx.store, "UPDATE messages SET body = '', media = '' WHERE id = ?", &[(&text.id).into()])?;
    }
    for job in jobs::in_lane::<Work>(ctx.store, &format!("{RECEIPTS} {seq}"))? {
        if job.is_pending() {
            jobs::remove(ctx.store, &job)?;
        }
    }
    Ok(())
}

/// What programs sent them says nothing any more, also where programs ask for many.
fn forget_messages(ctx: &StepContext, erasure: &mut Erasure) -> Stored<()> {
    let sql =
        format!("SELECT number FROM program_messages WHERE number > ? AND number <= ? ORDER BY number LIMIT {AT_ONCE}");
    let rows = ctx.store.execute(&sql, &[erasure.messages_to.into(), erasure.message.into()])?;
    for row in &rows {
        erasure.messages_to = row.integer(0);
        let Some(mut row) = ProgramRow::load(ctx.store, erasure.messages_to)? else { continue };
        row.forget(ctx.store)?;
        Contact::enqueue_index(ctx, row.number)?;
    }
    if rows.len() < AT_ONCE {
        erasure.messages_to = erasure.message;
        events::forget_words(ctx)?;
    }
    Ok(())
}

/// Whether a text of theirs is under way, so that Twilio's id of it is not known yet.
pub(super) fn is_under_way(ctx: &StepContext, text: &OutgoingText) -> Stored<bool> {
    let jobs: Vec<Job> = jobs::find_by_key::<Work>(ctx.store, &send_key(&text.id))?;
    Ok(text.sid.is_none() && jobs.iter().any(|job| !job.is_pending()))
}
