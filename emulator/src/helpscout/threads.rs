//! Create and list threads (Threads endpoint pages).

use super::HelpScout;
use super::changes::NewThread;
use super::records::{Person, Status, ThreadKind, ThreadState};
use super::request::ApiRequest;
use super::response::{ApiError, ApiResult, created, page};
use super::validation::{Validator, at, flag, invalid};
use serde_json::Value;

/// A conversation holds at most 100 threads, and one that has 99 takes no more (Create thread pages).
pub(super) const THREADS_MOST: usize = 100;

impl HelpScout {
    /// `kind` is the last part of the path: `customer`, `reply`, `notes`, `phones` or `chats`.
    pub(super) fn create_thread(&mut self, now: u64, id: u64, kind: &str, body: &Value) -> ApiResult {
        let kind = match kind {
            "customer" => ThreadKind::Customer,
            "reply" => ThreadKind::Message,
            "notes" => ThreadKind::Note,
            "phones" => ThreadKind::Phone,
            "chats" => ThreadKind::Chat,
            _ => return Err(ApiError::NotFound),
        };
        let customer = self.writable(id)?.customer;
        let mut check = Validator::default();
        if kind != ThreadKind::Note {
            self.check_customer(&mut check, body, "customer");
        }
        // A reply names its customer by id alone (Create reply page).
        if kind == ThreadKind::Message && at(body, "customer.id").is_null() {
            check.fail("customer.id", "NotNull", "may not be null", &Value::Null);
        }
        self.check_thread(&mut check, body, "", kind, false);
        check.done()?;
        self.has_room(now, id)?;
        let customer =
            if kind == ThreadKind::Note { customer } else { self.find_or_make_customer(now, at(body, "customer"))? };
        let new = self.read_thread(now, body, kind, customer)?;
        let thread = self.add_thread(now, id, new);
        if let Some(assignee) = at(body, "assignTo").as_u64() {
            let by = self.owner();
            self.assign(now, id, Some(assignee), by, "api");
        }
        Ok(created(thread, format!("{}/v2/conversations/{id}/threads/{thread}", self.settings.api_url)))
    }

    pub(super) fn list_threads(&self, now: u64, id: u64, request: &ApiRequest) -> ApiResult {
        self.readable(now, id).map_err(|refusal| match refusal {
            ApiError::Merged(into, _) if self.settings.merged.location_keeps_path => ApiError::Merged(into, "/threads"),
            refusal => refusal,
        })?;
        let view = self.api_view();
        let threads = self.records.threads_of(id);
        Ok(page(request, &self.settings.api_url, "threads", 25, &threads, |thread| view.thread(thread)))
    }

    /// Refuses a new thread in a conversation that is full or too old to be re-opened.
    pub(super) fn has_room(&self, now: u64, id: u64) -> Result<(), ApiError> {
        let count =
            |thread: &&&super::records::Thread| self.settings.line_items_count || thread.kind != ThreadKind::LineItem;
        let full = self.records.threads_of(id).iter().filter(count).count() >= THREADS_MOST - 1;
        let made = self.records.conversations.get(&id).map_or(now, |it| it.created_at);
        let old = self.settings.too_old_ms.is_some_and(|most| made + most < now);
        if full || old { Err(ApiError::Full(self.settings.full_status)) } else { Ok(()) }
    }

    /// A published thread cannot be taken back by anybody (Help Scout answers 400); its text or its visibility can be
    /// changed.
    pub(super) fn delete_thread(&self, id: u64, thread: u64) -> ApiResult {
        self.writable(id)?;
        let it = self.records.threads.get(&thread).filter(|it| it.conversation == id);
        it.ok_or(ApiError::NotFound)?;
        Err(invalid("", "method", "threads cannot be deleted", &Value::Null))
    }

    pub(super) fn check_opening_thread(&self, check: &mut Validator, body: &Value, path: &str, imported: bool) {
        let kinds = ["customer", "reply", "note", "phone", "chat"];
        let kind = check.required_word(body, &format!("{path}.type"), &kinds).and_then(ThreadKind::parse);
        if let Some(kind) = kind {
            self.check_thread(check, body, &format!("{path}."), kind, imported);
            if at(body, &format!("{path}.customer")).is_object() {
                self.check_customer(check, body, &format!("{path}.customer"));
            }
        }
    }

    /// What is the same for a thread of its own and for one inside a new conversation; `prefix` ends with a dot or is empty.
    fn check_thread(&self, check: &mut Validator, body: &Value, prefix: &str, kind: ThreadKind, imported: bool) {
        check.text(body, &format!("{prefix}text"));
        check.id(body, &format!("{prefix}user"), |id| self.has_user(id));
        let imported = imported || flag(body, &format!("{prefix}imported"));
        if check.time(body, &format!("{prefix}createdAt")).is_some() && !imported {
            let path = format!("{prefix}createdAt");
            check.fail(&path, "imported", "needs imported", at(body, &path));
        }
        if matches!(kind, ThreadKind::Message | ThreadKind::Note) {
            let words = ["active", "all", "closed", "inbox_predefined", "open", "pending", "spam"];
            check.word(body, &format!("{prefix}status"), &words);
        }
        let path = format!("{prefix}attachments");
        for index in 0..at(body, &path).as_array().map_or(0, Vec::len) {
            super::attachments::check_file(check, body, &format!("{path}.{index}."));
        }
    }

    /// Reads a thread that has been checked.
    pub(super) fn read_thread(
        &self,
        now: u64,
        body: &Value,
        kind: ThreadKind,
        customer: u64,
    ) -> Result<NewThread, ApiError> {
        let imported = flag(body, "imported");
        let by = match (kind, at(body, "user").as_u64()) {
            (ThreadKind::Customer | ThreadKind::Phone | ThreadKind::Chat, _) => Person::Customer(customer),
            (_, Some(user)) => Person::User(user),
            (_, None) => self.owner(),
        };
        let draft = kind == ThreadKind::Message && flag(body, "draft");
        let created_at = at(body, "createdAt").as_str().and_then(super::json::parse_time);
        Ok(NewThread {
            kind,
            state: if draft { ThreadState::Draft } else { ThreadState::Published },
            text: at(body, "text").as_str().unwrap_or_default().into(),
            source: "api",
            by,
            customer,
            created_at: created_at.unwrap_or(now),
            files: super::attachments::read_files(at(body, "attachments"))?,
            imported,
            status: at(body, "status").as_str().and_then(Status::parse),
        })
    }
}

pub(super) fn kind_of(thread: &Value) -> Option<ThreadKind> {
    thread["type"].as_str().and_then(ThreadKind::parse)
}
