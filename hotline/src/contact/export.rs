//! All that this object keeps of a person, a page of entries at a time. Of somebody who was erased that is what has come since.

use std::collections::BTreeMap;

use protocol::v1::{AtHelpScout, ExportedEntry, ExportedVerification, HotlineExport, Person as Known, WaitingJob};

use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::sidebar_view::show;
use super::timeline::{Entry, Kind};
use super::verification_row::VerificationRow;
use super::{Contact, StepContext, erasure, program_people};
use crate::domain::time::timestamp;
use crate::effects::ObjectReply;
use crate::jobs;
use crate::messages::export::ExportPage;
use crate::storage::Stored;

/// Entries of a page: with the longest texts some 400 KB.
const PAGE: usize = 200;

/// Verifications and jobs that are listed at most; nobody has as many.
const MOST_LISTED: usize = 1_000;

impl Contact {
    /// A page of what is kept, or that nothing is.
    pub(super) fn export(ctx: &StepContext, person: &Person, after: Option<i64>) -> Stored<ObjectReply> {
        let erased = erasure::last_erased_entry(ctx)?;
        let verifications = if after.is_none() { verifications(ctx)? } else { Vec::new() };
        let is_known = !verifications.is_empty() || program_people::is_known(ctx)? || erasure::is_running(ctx)?;
        if after.is_none() && !is_known {
            let is_opted_out = person.opted_out.is_some();
            return Ok(if is_opted_out && erased.is_some() { ObjectReply::OnlyOptOut } else { ObjectReply::NotFound });
        }
        let from = after.or(erased).unwrap_or(0);
        let mut entries = Entry::after(ctx.store, from, PAGE + 1)?;
        let is_last = entries.len() <= PAGE;
        entries.truncate(PAGE);
        let next = entries.last().filter(|_| !is_last).map(|last| last.seq);
        let entries: Stored<Vec<_>> = entries.iter().map(|entry| exported(ctx, entry)).collect();
        let Known { opted_out, consent, zone, language, fields, .. } = program_people::view(ctx, person)?;
        let is_first = after.is_none();
        let export = HotlineExport {
            hotline: ctx.hotline.api_name().to_owned(),
            opted_out,
            consent: if is_first { consent } else { BTreeMap::new() },
            zone,
            language,
            fields: if is_first { fields } else { BTreeMap::new() },
            helpscout: if is_first { at_help_scout(ctx, person)? } else { AtHelpScout::default() },
            entries: entries?,
            waiting: if is_first { waiting(ctx)? } else { Vec::new() },
            verifications,
        };
        let other_keys = person.aliases.iter().filter(|alias| is_first && alias.has_history);
        let other_keys = other_keys.map(|alias| alias.key.clone()).collect();
        Ok(ObjectReply::Export(Box::new(ExportPage { export, next, other_keys })))
    }
}

fn exported(ctx: &StepContext, entry: &Entry) -> Stored<ExportedEntry> {
    let sid = match (entry.kind, entry.inward) {
        (Kind::Text, false) => OutgoingText::of_entry(ctx.store, entry.seq)?.into_iter().find_map(|text| text.sid),
        _ => Some(entry.id.clone()),
    };
    Ok(ExportedEntry { entry: show(ctx, entry)?, sid })
}

/// The conversations that are theirs, in the order in which they were made.
fn at_help_scout(ctx: &StepContext, person: &Person) -> Stored<AtHelpScout> {
    let rows = ctx.store.execute("SELECT id FROM conversations WHERE role <> 'guest'", &[])?;
    let mut conversations: Vec<u64> = rows.iter().filter_map(|row| row.text(0).parse().ok()).collect();
    conversations.sort_unstable();
    Ok(AtHelpScout { customer: person.customer, conversations })
}

fn waiting(ctx: &StepContext) -> Stored<Vec<WaitingJob>> {
    let kinds = jobs::kinds(ctx.store, MOST_LISTED)?.into_iter();
    Ok(kinds.map(|(kind, since)| WaitingJob { kind, since: timestamp(since) }).collect())
}

/// Those that an erasure has not emptied.
fn verifications(ctx: &StepContext) -> Stored<Vec<ExportedVerification>> {
    let rows = VerificationRow::last(ctx.store, MOST_LISTED)?.into_iter();
    let known = rows.filter(|row| !row.wanted.to.is_empty());
    Ok(known
        .map(|row| ExportedVerification {
            purpose: row.wanted.purpose.clone(),
            at: timestamp(row.at),
            status: row.status(ctx.now),
        })
        .collect())
}
