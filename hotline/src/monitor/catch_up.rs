//! Replies that no webhook told us of: conversations that were modified are shown to the hotline's directory, which has those
//! looked at that are somebody's.

use super::StepContext;
use super::known::{Known, Scan};
use super::run::{Ask, Run};
use crate::api::{Request, Response};
use crate::effects::Millis;
use crate::helpscout::read::is_page;
use crate::helpscout::request::list_modified;
use crate::json::Document;
use crate::messages::directory::Modified;

/// Pages of one inbox that a run reads at most (OPERATE.md, section 4).
const MOST_PAGES: u32 = 10;

/// What was modified shortly before the last run is looked at again: lists lag, and clocks differ.
const OVERLAP: Millis = 5 * 60_000;

/// How far the first run looks back: the time between two runs.
const FIRST: Millis = 10 * 60_000;

/// How far an inbox was looked through, as a run begins.
fn scan(ctx: &StepContext, known: &mut Known, mailbox: u64) -> Scan {
    *known.scans.entry(mailbox).or_insert(Scan { since: ctx.now - FIRST - OVERLAP, began: ctx.now, page: 1 })
}

pub(super) fn list(ctx: &StepContext, known: &mut Known, mailbox: u64) -> Request {
    let scan = scan(ctx, known, mailbox);
    list_modified(mailbox, scan.since, scan.page)
}

/// A page has come: the directory is told of it. Newest first: what is modified while pages are read makes some of them come
/// twice, and none be missed.
pub(super) fn on_list(ctx: &StepContext, run: &mut Run, known: &mut Known, mailbox: u64, response: &Response) {
    if matches!(response.status, 403 | 404) {
        known.found.refused_inboxes.entry(mailbox).or_insert(ctx.now);
        return;
    }
    let list = response.json();
    if !response.is_success() || !is_page(&list) {
        return;
    }
    known.found.refused_inboxes.remove(&mailbox);
    let modified = list.at("_embedded").at("conversations").items().iter().filter_map(|conversation| {
        let (id, threads) = (conversation.at("id").number()?, conversation.at("threads").number());
        let mark = format!("{}/{}", conversation.at("userUpdatedAt").text(), threads.unwrap_or(0));
        Some(Modified { id, kind: conversation.string("type"), threads, mark })
    });
    let page = scan(ctx, known, mailbox).page;
    let more = list.at("page/totalPages").number().is_some_and(|pages| pages > u64::from(page));
    run.todo.push_front(Ask::Look { mailbox, modified: modified.collect(), more });
}

/// The directory has stored what it was told: the next page, or the next run begins where this one did.
pub(super) fn on_told(ctx: &StepContext, run: &mut Run, known: &mut Known, mailbox: u64, more: bool) {
    let scan = scan(ctx, known, mailbox);
    let began = if scan.page == 1 { run.began } else { scan.began };
    let next = if more {
        if !scan.page.is_multiple_of(MOST_PAGES) {
            run.todo.push_front(Ask::Conversations { mailbox });
        }
        Scan { page: scan.page + 1, began, ..scan }
    } else {
        Scan { since: began - OVERLAP, began, page: 1 }
    };
    known.scans.insert(mailbox, next);
}
