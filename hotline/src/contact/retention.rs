//! Entries whose time is over lose their words, media and recordings, at Twilio and then here, once Help Scout has them.
//!
//! The directory says when it is this person's turn (`directory/retention.rs`), so that a text costs nothing for it. Three places in
//! the timeline say how far each kind has come; what is passed over, since it is not in Help Scout, is kept in mind.

use super::outgoing_text::OutgoingText;
use super::pending_request::PendingRequest;
use super::program_row::ProgramRow;
use super::removal::{self, StepEnd, Steps, note_entry};
use super::retained::{Parts, Retained, Run};
use super::timeline::{Entry, Kind};
use super::unposted::Unposted;
use super::work::{Detail, Fact, Job, Work, send_key};
use super::{Contact, StepContext, erasure};
use crate::answer::Answer;
use crate::config::retention::in_millis;
use crate::effects::{Millis, ObjectReply};
use crate::jobs::{self, Next};
use crate::storage::{Store, Stored, first, number, run};
use crate::twilio::status::Delivery;

/// How far each kind has come, and what was passed over.
pub(crate) const TABLES: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS retention (kind TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS held_entries (seq INTEGER PRIMARY KEY) STRICT",
    "CREATE TABLE IF NOT EXISTS retention_steps (
        resource TEXT PRIMARY KEY, kind TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS retention_steps_by_due ON retention_steps (due, resource)",
];

pub(super) const LANE: &str = "retention";

/// Entries that are looked at in one step.
const AT_ONCE: usize = 50;

/// When somebody is looked at again of whom something is not in Help Scout yet: at each run of the cron; and when it never will be.
const WAITING_AGAIN: Millis = 10 * 60_000;
const HELD_AGAIN: Millis = 86_400_000;

/// Something that is kept for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Text,
    Media,
    Recordings,
}

impl Kept {
    const ALL: [Self; 3] = [Self::Text, Self::Media, Self::Recordings];

    fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Media => "media",
            Self::Recordings => "recordings",
        }
    }

    /// For how long, where it is not kept for ever.
    fn keeps(self, ctx: &StepContext) -> Option<Millis> {
        let retention = &ctx.hotline.retention;
        let days = match self {
            Self::Text => retention.text_days,
            Self::Media => retention.media_days,
            Self::Recordings => retention.recordings_days,
        };
        days.map(in_millis)
    }

    fn of(self, parts: &mut Parts) -> &mut bool {
        match self {
            Self::Text => &mut parts.text,
            Self::Media => &mut parts.media,
            Self::Recordings => &mut parts.recordings,
        }
    }

    fn place(self, store: &dyn Store) -> Stored<i64> {
        number(store, "SELECT seq FROM retention WHERE kind = ?", &[self.as_str().into()])
    }

    fn put(self, store: &dyn Store, seq: i64) -> Stored<()> {
        let sql = "INSERT OR REPLACE INTO retention (kind, seq) VALUES (?, ?)";
        run(store, sql, &[self.as_str().into(), seq.into()])
    }

    /// The entry after its place, and when that was.
    fn next(self, store: &dyn Store) -> Stored<Option<(i64, Millis)>> {
        let sql = "SELECT seq, at FROM entries WHERE seq > ? ORDER BY seq LIMIT 1";
        let row = first(store, sql, &[self.place(store)?.into()])?;
        Ok(row.map(|row| (row.integer(0), row.integer(1))))
    }
}

impl Contact {
    /// It is this person's turn.
    pub(super) fn retain(ctx: &StepContext) -> Stored<ObjectReply> {
        if ctx.hotline.retention.is_set() && jobs::head_of::<Work>(ctx.store, LANE)?.is_none() {
            jobs::add(ctx.store, LANE, &Work::Retain { run: Run::default() }, ctx.now, ctx.now)?;
        }
        Ok(ObjectReply::Done)
    }

    pub(super) fn begin_retain(&mut self, ctx: &StepContext, job: &mut Job, mut done: Run) -> Stored<Next> {
        job.due = ctx.now;
        if let Some(step) = Steps::of_retention(ctx.store).next()? {
            if step.due > ctx.now {
                job.due = step.due;
                return Ok(Next::Wait);
            }
            return Ok(self.begin_removal(ctx, job, &step).unwrap_or(Next::Wait));
        }
        if done.entry > 0 {
            finish_entry(ctx, &mut done)?;
        }
        let unposted = Unposted::read(ctx)?;
        for _ in 0..AT_ONCE {
            let Some((seq, parts)) = next_entry(ctx, &mut done)? else {
                let retained = conclude(ctx, job, &done)?;
                self.tell_directory(ctx, Fact::Retained(retained))?;
                return Ok(Next::Done);
            };
            if begin_entry(ctx, &mut done, &unposted, seq, parts)? {
                break;
            }
        }
        job.work = Work::Retain { run: done };
        Ok(Next::Wait)
    }

    pub(super) fn on_removed(
        ctx: &StepContext,
        job: &mut Job,
        pending: &PendingRequest,
        answer: Answer,
    ) -> Stored<Next> {
        let end = removal::on_answer(ctx, Steps::of_retention(ctx.store), job, pending, answer)?;
        Ok(note_end(job, &end))
    }

    pub(super) fn on_removed_by_object(ctx: &StepContext, job: &mut Job, reply: &ObjectReply) -> Stored<Next> {
        let end = removal::on_reply(ctx, Steps::of_retention(ctx.store), job, reply)?;
        Ok(note_end(job, &end))
    }
}

fn note_end(job: &mut Job, end: &StepEnd) -> Next {
    if let (StepEnd::Refused, Work::Retain { run }) = (end, &mut job.work) {
        run.is_refused = true;
    }
    Next::Wait
}

/// The next entry of which something may be due: in the order of the timeline, and then those that were held before.
fn next_entry(ctx: &StepContext, done: &mut Run) -> Stored<Option<(i64, Parts)>> {
    let mut due: Option<i64> = None;
    for kept in Kept::ALL {
        let Some(keeps) = kept.keeps(ctx) else { continue };
        let next = kept.next(ctx.store)?.filter(|(_, at)| *at <= ctx.now - keeps);
        due = next.map(|(seq, _)| due.map_or(seq, |due| due.min(seq))).or(due);
    }
    let Some(seq) = due else {
        let sql = "SELECT seq FROM held_entries WHERE seq > ? ORDER BY seq LIMIT 1";
        let Some(row) = first(ctx.store, sql, &[done.held_to.into()])? else { return Ok(None) };
        done.held_to = row.integer(0);
        return Ok(Some((done.held_to, due_parts(ctx, done.held_to)?)));
    };
    for kept in Kept::ALL {
        let Some(keeps) = kept.keeps(ctx) else { continue };
        if kept.next(ctx.store)?.is_some_and(|(next, at)| next == seq && at <= ctx.now - keeps) {
            kept.put(ctx.store, seq)?;
        }
    }
    Ok(Some((seq, due_parts(ctx, seq)?)))
}

/// What of an entry is as old as that, up to the place of each kind.
fn due_parts(ctx: &StepContext, seq: i64) -> Stored<Parts> {
    let mut parts = Parts::default();
    for kept in Kept::ALL {
        *kept.of(&mut parts) = kept.keeps(ctx).is_some() && kept.place(ctx.store)? >= seq;
    }
    Ok(parts)
}

/// Begins to remove what is due of an entry. Returns whether there are steps to take, or it can be finished.
fn begin_entry(ctx: &StepContext, done: &mut Run, unposted: &Unposted, seq: i64, due: Parts) -> Stored<bool> {
    let Some(entry) = Entry::load(ctx.store, seq)? else { return release(ctx, seq).map(|()| false) };
    if erasure::last_erased_entry(ctx)?.is_some_and(|erased| seq <= erased) {
        return release(ctx, seq).map(|()| false);
    }
    let wanted = there_is(ctx, &entry, due)?;
    if wanted == Parts::default() {
        return release(ctx, seq).map(|()| false);
    }
    let may_go = in_help_scout(ctx, &entry, unposted)?;
    let parts = Parts {
        text: wanted.text && may_go.text,
        media: wanted.media && may_go.media,
        recordings: wanted.recordings && may_go.recordings,
    };
    if parts == wanted {
        release(ctx, seq)?;
    } else {
        run(ctx.store, "INSERT OR IGNORE INTO held_entries (seq) VALUES (?)", &[seq.into()])?;
    }
    if parts == Parts::default() {
        return Ok(false);
    }
    note_entry(ctx, Steps::of_retention(ctx.store), &entry, parts)?;
    (done.entry, done.parts, done.is_refused) = (seq, parts, false);
    Ok(true)
}

fn release(ctx: &StepContext, seq: i64) -> Stored<()> {
    run(ctx.store, "DELETE FROM held_entries WHERE seq = ?", &[seq.into()])
}

/// What of the parts an entry has.
fn there_is(ctx: &StepContext, entry: &Entry, due: Parts) -> Stored<Parts> {
    let is_voicemail = entry.kind == Kind::Voicemail;
    // What is said of a call is ours, and names nobody's words.
    let has_words = is_voicemail || entry.kind == Kind::Text;
    let is_removed = entry.text_removed_at.is_some();
    let has_files = !entry.media.is_empty() || !OutgoingText::media_of(ctx.store, entry.seq)?.is_empty();
    let has_files = has_files && entry.media_removed_at.is_none();
    Ok(Parts {
        text: due.text && has_words && !is_removed,
        media: due.media && !is_voicemail && has_files,
        recordings: due.recordings && is_voicemail && has_files,
    })
}

/// What of an entry Help Scout has. Of what nobody posts, whether its delivery has ended.
fn in_help_scout(ctx: &StepContext, entry: &Entry, unposted: &Unposted) -> Stored<Parts> {
    const NOTHING: Parts = Parts { text: false, media: false, recordings: false };
    if unposted.has(entry.seq) {
        return Ok(NOTHING);
    }
    if entry.inward {
        let is_there = entry.conversation.is_some() && entry.delivery != Delivery::Failed || entry.forgotten;
        return Ok(match entry.posted_as {
            _ if !is_there => NOTHING,
            Detail::Full => Parts::ALL,
            Detail::TextOnly => Parts { text: true, ..NOTHING },
            Detail::Placeholder => NOTHING,
        });
    }
    for text in OutgoingText::of_entry(ctx.store, entry.seq)? {
        if jobs::has_key(ctx.store, &send_key(&text.id))? {
            return Ok(NOTHING);
        }
    }
    Ok(Parts::ALL)
}

/// Twilio holds nothing of it any more: now it goes here. What Twilio has refused stays, and is held.
fn finish_entry(ctx: &StepContext, done: &mut Run) -> Stored<()> {
    let seq = std::mem::take(&mut done.entry);
    if done.is_refused {
        return run(ctx.store, "INSERT OR IGNORE INTO held_entries (seq) VALUES (?)", &[seq.into()]);
    }
    let Some(entry) = Entry::load(ctx.store, seq)? else { return Ok(()) };
    if done.parts.media || done.parts.recordings {
        let files = entry.media.len() + OutgoingText::media_of(ctx.store, seq)?.len();
        let files = u32::try_from(files).unwrap_or(u32::MAX);
        let counted = if entry.kind == Kind::Voicemail { &mut done.voicemails } else { &mut done.files };
        *counted = counted.saturating_add(files);
        Entry::remove_media(ctx.store, seq, ctx.now)?;
    }
    if done.parts.text {
        done.texts += u32::from(entry.kind == Kind::Text);
        Entry::remove_words(ctx.store, seq, ctx.now)?;
        if let Some(mut row) = ProgramRow::of_entry(ctx.store, seq)? {
            row.forget_words(ctx.store)?;
            Contact::enqueue_index(ctx, row.number)?;
        }
    }
    Ok(())
}

/// What is told to the directory, and when it is this person's turn again.
fn conclude(ctx: &StepContext, job: &Job, done: &Run) -> Stored<Retained> {
    let held = number(ctx.store, "SELECT COUNT(*) FROM held_entries", &[])?;
    let shortest = ctx.hotline.retention.shortest().unwrap_or(HELD_AGAIN);
    // What comes from now on is due after that.
    let mut next_at = ctx.now + shortest;
    for kept in Kept::ALL {
        if let (Some(keeps), Some((_, at))) = (kept.keeps(ctx), kept.next(ctx.store)?) {
            next_at = next_at.min(at + keeps);
        }
    }
    if held > 0 {
        let waits = !Unposted::read(ctx)?.is_empty();
        next_at = next_at.min(ctx.now + if waits { WAITING_AGAIN } else { HELD_AGAIN });
    }
    let Run { texts, files: media, voicemails: recordings, .. } = *done;
    Ok(Retained { run: job.id, next_at, texts, media, recordings, held })
}
