//! A program asks that a person is erased: what they said and were told, what programs keep of them, and what waits for them. That
//! they do not want to be texted stays. What they said and Help Scout does not have yet is posted first. The steps that take
//! longer are in `erasure_steps.rs`.
//!
//! Rows stay, empty: by their ids what comes twice is known.

use std::collections::BTreeSet;

use protocol::v1::{Class, Job as Shown, JobKind, JobProgress, JobStatus, Removed, WaitingFor};

use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::program_row::ProgramRow;
use super::removal::{MESSAGES, RECORDINGS, StepKind, Steps, note_entry};
use super::resends::waiting_entries;
use super::retained::Parts;
use super::timeline::{Entry, Kind as EntryKind};
use super::unposted::Unposted;
use super::work::Work;
use super::{Contact, RECEIPTS, StepContext, TEXTS, consents, events, verifications};
use crate::domain::html::Html;
use crate::domain::message_id::MessagePlace;
use crate::domain::time::timestamp;
use crate::effects::{Millis, ObjectReply};
use crate::jobs;
use crate::messages::program::AtHelpScout;
use crate::storage::{Row, Store, Stored, any, first, run};

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS erasures (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, entry INTEGER NOT NULL, message INTEGER NOT NULL,
    erased_to INTEGER NOT NULL, messages_to INTEGER NOT NULL, total INTEGER NOT NULL, done INTEGER NOT NULL, failed INTEGER NOT NULL, ended_at INTEGER
) STRICT";

/// Adds what is done in Help Scout, how much was removed, and who has asked for it.
pub(crate) const ADD_REMOVED: [&str; 5] = [
    "ALTER TABLE erasures ADD COLUMN helpscout TEXT NOT NULL DEFAULT 'note'",
    "ALTER TABLE erasures ADD COLUMN texts INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE erasures ADD COLUMN media INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE erasures ADD COLUMN recordings INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE erasures ADD COLUMN program TEXT NOT NULL DEFAULT ''",
];

const COLUMNS: &str = "number, at, entry, message, erased_to, messages_to, total, done, failed, ended_at, helpscout, texts, \
                       media, recordings, program";

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
    pub helpscout: AtHelpScout,
    removed: Removed,
    /// The id of the program's key.
    pub program: String,
}

fn few(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Erasure {
    fn read(row: &Row) -> Stored<Self> {
        Ok(Self {
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
            helpscout: row.word(10, "erasures.helpscout", AtHelpScout::read)?,
            removed: Removed {
                texts: few(row.integer(11)),
                media: few(row.integer(12)),
                recordings: few(row.integer(13)),
            },
            program: row.string(14),
        })
    }

    pub fn load(store: &dyn Store, number: i64) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM erasures WHERE number = ?");
        first(store, &sql, &[number.into()])?.as_ref().map(Self::read).transpose()
    }

    fn last(store: &dyn Store) -> Stored<Option<Self>> {
        let sql = format!("SELECT {COLUMNS} FROM erasures WHERE number > 0 ORDER BY number DESC LIMIT 1");
        first(store, &sql, &[])?.as_ref().map(Self::read).transpose()
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
            self.helpscout.as_str().into(),
            i64::from(self.removed.texts).into(),
            i64::from(self.removed.media).into(),
            i64::from(self.removed.recordings).into(),
            (&self.program).into(),
        ];
        let values = vec!["?"; params.len()].join(", ");
        run(store, &format!("INSERT OR REPLACE INTO erasures ({COLUMNS}) VALUES ({values})"), &params)
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

    /// When it was asked for.
    pub fn began_at(&self) -> Millis {
        self.at
    }

    pub fn end(&mut self, now: Millis) {
        self.ended_at = Some(now);
    }

    pub fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }

    fn shown(&self, ctx: &StepContext, person: &Person) -> Stored<Option<Shown>> {
        let Some(number) = person.number_of_keys() else { return Ok(None) };
        let place = MessagePlace { mailbox: ctx.hotline.mailbox, person: number, number: self.number };
        let Some(id) = place.job_id(&ctx.config.secrets.twilio_account_sid) else { return Ok(None) };
        let waiting_for = if self.has_ended() { None } else { waiting_for(ctx)? };
        Ok(Some(Shown {
            id,
            kind: JobKind::Erasure,
            status: match self.ended_at {
                None => JobStatus::Running,
                Some(_) if self.failed > 0 => JobStatus::Failed,
                Some(_) => JobStatus::Done,
            },
            progress: JobProgress { total: few(self.total), done: few(self.done), failed: few(self.failed) },
            waiting_for,
            removed: self.removed,
            created_at: timestamp(self.at),
            ended_at: self.ended_at.map(timestamp),
        }))
    }
}

/// For whom the steps wait that are left.
fn waiting_for(ctx: &StepContext) -> Stored<Option<WaitingFor>> {
    let steps = Steps::of_erasure(ctx.store);
    if steps.has_any(ENTRY)? || steps.has_any(CUSTOMER)? {
        return Ok(Some(WaitingFor::HelpScout));
    }
    let is_at_twilio = steps.has_any(MESSAGES)? || steps.has_any(RECORDINGS)?;
    Ok(Some(WaitingFor::Twilio).filter(|_| is_at_twilio))
}

/// How the names of steps begin that are not at Twilio: an entry's number follows, and the key of another object.
pub(super) const ENTRY: &str = "entry ";
pub(super) const OTHER_KEY: &str = "key ";
pub(super) const PERSON: &str = "person";
pub(super) const CUSTOMER: &str = "customer";

/// Who asks that a person is erased, and how.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// The id of the program's key.
    pub program: String,
    pub helpscout: AtHelpScout,
    /// The keys of the person whose objects are told by others.
    pub told: Vec<String>,
}

impl Contact {
    pub(super) fn read_erasure(ctx: &StepContext, person: &Person, number: i64) -> Stored<ObjectReply> {
        let Some(erasure) = Erasure::load(ctx.store, number)? else { return Ok(ObjectReply::NotFound) };
        let shown = erasure.shown(ctx, person)?;
        Ok(shown.map_or(ObjectReply::NotFound, |job| ObjectReply::Job(Box::new(job))))
    }

    /// They are to be erased. Whom nothing is known of since the last time is erased already, or about to be.
    pub(super) fn erase(&mut self, ctx: &StepContext, person: &mut Person, wish: &Wish) -> Stored<ObjectReply> {
        let last = Erasure::last(ctx.store)?;
        let (entry, message) = (last_entry(ctx)?, last_message(ctx)?);
        let is_record_left =
            |last: &Erasure| last.helpscout != AtHelpScout::Delete && wish.helpscout == AtHelpScout::Delete;
        let is_new = last.as_ref().is_none_or(is_record_left) || is_anything_new(ctx)? || is_anything_kept(ctx)?;
        let mut erasure = match last {
            Some(last) if !is_new => last,
            Some(running) if !running.has_ended() => {
                let program = wish.program.clone();
                Erasure { entry, message, helpscout: wish.helpscout, program, ..running }
            }
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
                helpscout: wish.helpscout,
                removed: Removed::default(),
                program: wish.program.clone(),
            },
        };
        if is_new {
            self.stop_all(ctx)?;
            forget_profile(ctx)?;
            verifications::forget_all(ctx)?;
            jobs::forget_failed(ctx.store)?;
            Self::plan_erasure(ctx, person, &mut erasure, wish)?;
            erasure.save(ctx.store)?;
        }
        let shown = erasure.shown(ctx, person)?;
        Ok(shown.map_or(ObjectReply::NotFound, |job| ObjectReply::Job(Box::new(job))))
    }

    /// Notes what takes longer.
    fn plan_erasure(ctx: &StepContext, person: &mut Person, erasure: &mut Erasure, wish: &Wish) -> Stored<()> {
        let steps = Steps::of_erasure(ctx.store);
        match wish.helpscout {
            AtHelpScout::Note => Self::tell_agents(ctx, person, &wish.program)?,
            AtHelpScout::Delete => erasure.found(steps.add(CUSTOMER, StepKind::Customer, ctx.now)?),
            AtHelpScout::Keep => {}
        }
        let others = person.aliases.iter().map(|alias| alias.key.clone()).chain(person.home.clone());
        for key in others.filter(|key| !wish.told.contains(key)).collect::<BTreeSet<_>>() {
            erasure.found(steps.add(&format!("{OTHER_KEY}{key}"), StepKind::OtherKey, ctx.now)?);
        }
        if Unposted::read(ctx)?.is_empty() {
            person.forget();
        } else {
            // What waits is posted as theirs, in their conversation.
            erasure.found(steps.add(PERSON, StepKind::Person, ctx.now)?);
        }
        Self::run_erasure(ctx, erasure.number)
    }

    pub(super) fn run_erasure(ctx: &StepContext, number: i64) -> Stored<()> {
        if jobs::head_of::<Work>(ctx.store, LANE)?.is_some() {
            return Ok(());
        }
        jobs::add(ctx.store, LANE, &Work::Erase { erasure: number }, ctx.now, ctx.now)
    }

    /// Nothing leaves for them that has not begun to.
    fn stop_all(&mut self, ctx: &StepContext) -> Stored<()> {
        let sql = "SELECT number FROM program_messages WHERE number > 0 AND state IN ('held', 'accepted')";
        for row in ctx.store.execute(sql, &[])? {
            if let Some(row) = ProgramRow::load(ctx.store, row.integer(0))? {
                self.take_back(ctx, row, WHY)?;
            }
        }
        self.cancel_pending_verifications(ctx)?;
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
             here and at Twilio, and nothing that waited for them is sent. What stands in Help Scout is not deleted: please delete it \
             there if it must go too."
        );
        Self::enqueue_note(ctx, TEXTS, Some(conversation), &Html::text(&words))
    }

    /// Erases some more of their entries. What is not in Help Scout yet is a step for later.
    pub(super) fn erase_entries(ctx: &StepContext, erasure: &mut Erasure) -> Stored<()> {
        let sql = format!("SELECT seq FROM entries WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT {AT_ONCE}");
        let rows = ctx.store.execute(&sql, &[erasure.erased_to.into(), erasure.entry.into()])?;
        let unposted = Unposted::read(ctx)?;
        for row in &rows {
            let seq = row.integer(0);
            if unposted.has(seq) {
                let found = Steps::of_erasure(ctx.store).add(&format!("{ENTRY}{seq}"), StepKind::Entry, ctx.now)?;
                erasure.found(found);
            } else {
                Self::erase_entry(ctx, erasure, seq)?;
            }
            erasure.erased_to = seq;
        }
        if rows.len() < AT_ONCE {
            erasure.erased_to = erasure.entry;
            forget_messages(ctx, erasure)?;
        }
        Ok(())
    }

    /// One entry says nothing any more. What Twilio holds of it is noted.
    pub(super) fn erase_entry(ctx: &StepContext, erasure: &mut Erasure, seq: i64) -> Stored<()> {
        if let Some(entry) = Entry::load(ctx.store, seq)? {
            erasure.found(note_entry(ctx, Steps::of_erasure(ctx.store), &entry, Parts::ALL)?);
            count_removed(ctx, &entry, &mut erasure.removed)?;
        }
        forget_entry(ctx, seq)
    }

    /// Something of theirs from before they were erased has come only now: it goes the same way, when Help Scout has it.
    pub(super) fn erase_latecomer(ctx: &StepContext, seq: i64, said_at: Millis) -> Stored<()> {
        let Some(mut last) = Erasure::last(ctx.store)?.filter(|last| said_at <= last.at) else { return Ok(()) };
        let found = Steps::of_erasure(ctx.store).add(&format!("{ENTRY}{seq}"), StepKind::Entry, ctx.now)?;
        last.found(found);
        last.ended_at = None;
        last.save(ctx.store)?;
        Self::run_erasure(ctx, last.number)
    }
}

/// When they were last erased.
pub(super) fn last_erased_at(ctx: &StepContext) -> Stored<Option<Millis>> {
    Ok(Erasure::last(ctx.store)?.map(|last| last.at))
}

/// Whether an erasure is not over.
pub(super) fn is_running(ctx: &StepContext) -> Stored<bool> {
    Ok(Erasure::last(ctx.store)?.is_some_and(|last| !last.has_ended()))
}

/// The last entry that was erased, or is about to be.
pub(super) fn last_erased_entry(ctx: &StepContext) -> Stored<Option<i64>> {
    Ok(Erasure::last(ctx.store)?.map(|last| last.entry))
}

fn count_removed(ctx: &StepContext, entry: &Entry, removed: &mut Removed) -> Stored<()> {
    let of_reply = OutgoingText::media_of(ctx.store, entry.seq)?.len();
    let files = few(i64::try_from(entry.media.len() + of_reply).unwrap_or(i64::MAX));
    match entry.kind {
        EntryKind::Voicemail => removed.recordings += files,
        _ => removed.media += files,
    }
    removed.texts += u32::from(entry.kind == EntryKind::Text && !entry.text.is_empty());
    Ok(())
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
