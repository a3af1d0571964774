//! Create, get, delete, tag a conversation (Conversations endpoint pages).

use super::HelpScout;
use super::changes::NewConversation;
use super::records::{Conversation, ConversationState, Person, Status, ThreadKind};
use super::request::ApiRequest;
use super::response::{ApiError, ApiResult, created, no_content, ok};
use super::threads::{THREADS_MOST, kind_of};
use super::validation::{Validator, at, flag, invalid};
use serde_json::Value;

/// A merged conversation redirects this long (Get conversation page).
const REDIRECT_MS: u64 = 60 * 24 * 3_600_000;

impl HelpScout {
    pub(super) fn create_conversation(&mut self, now: u64, body: &Value) -> ApiResult {
        let mut check = Validator::default();
        let subject = check.text(body, "subject");
        let kind = check.required_word(body, "type", &["chat", "email", "phone"]);
        let status = check.required_word(body, "status", &["active", "closed", "pending"]);
        let mailbox = check.id(body, "mailboxId", |id| self.sees_inbox(id));
        if at(body, "mailboxId").is_null() {
            check.fail("mailboxId", "NotNull", "may not be null", &Value::Null);
        }
        let assignee = check.id(body, "assignTo", |id| self.has_user(id));
        let user = check.id(body, "user", |id| self.has_user(id));
        let created_at = check.time(body, "createdAt");
        if !at(body, "closedAt").is_null() && !flag(body, "imported") {
            check.fail("closedAt", "imported", "needs imported", at(body, "closedAt"));
        }
        self.check_customer(&mut check, body, "customer");
        let threads = at(body, "threads").as_array().map_or(&[][..], Vec::as_slice);
        if !(1..=THREADS_MOST).contains(&threads.len()) {
            check.fail("threads", "Size", "size must be between 1 and 100", &Value::Null);
        }
        for index in 0..threads.len() {
            self.check_opening_thread(&mut check, body, &format!("threads.{index}"), flag(body, "imported"));
        }
        let opened_by_customer = threads.iter().any(|thread| kind_of(thread) == Some(ThreadKind::Customer));
        if flag(body, "autoReply") && !opened_by_customer {
            check.fail("autoReply", "AutoReply", "needs at least one customer thread", &Value::Bool(true));
        }
        check.done()?;

        let customer = self.find_or_make_customer(now, at(body, "customer"))?;
        let imported = flag(body, "imported");
        let threads = threads
            .iter()
            .map(|thread| {
                let kind = kind_of(thread).unwrap_or(ThreadKind::Note);
                let mut new = self.read_thread(now, thread, kind, customer)?;
                new.imported |= imported;
                Ok(new)
            })
            .collect::<Result<Vec<_>, ApiError>>()?;
        let by = match (user, opened_by_customer) {
            (Some(user), false) => Person::User(user),
            (_, true) => Person::Customer(customer),
            (None, false) => self.owner(),
        };
        let new = NewConversation {
            kind: kind.unwrap_or_default().into(),
            subject,
            status: status.and_then(Status::parse).unwrap_or(Status::Active),
            mailbox: mailbox.unwrap_or_default(),
            assignee,
            customer,
            by,
            source: "api",
            created_at: created_at.unwrap_or(now),
            tags: strings(at(body, "tags")),
            fields: fields(at(body, "fields")),
            auto_reply: flag(body, "autoReply") && !imported,
            threads,
        };
        let id = self.begin(now, new);
        Ok(created(id, format!("{}/v2/conversations/{id}", self.settings.api_url)))
    }

    pub(super) fn get_conversation(&self, now: u64, id: u64, request: &ApiRequest) -> ApiResult {
        let it = self.readable(now, id)?;
        let embed = request.param("embed") == Some("threads");
        Ok(ok(&if embed { self.api_view().conversation_with_threads(it) } else { self.api_view().conversation(it) }))
    }

    pub(super) fn delete_conversation(&mut self, now: u64, id: u64) -> ApiResult {
        self.writable(id)?;
        self.delete(now, id);
        Ok(no_content())
    }

    pub(super) fn put_tags(&mut self, now: u64, id: u64, body: &Value) -> ApiResult {
        self.writable(id)?;
        let Value::Array(_) = at(body, "tags") else {
            return Err(invalid("tags", "NotNull", "may not be null", at(body, "tags")));
        };
        self.set_tags(now, id, strings(at(body, "tags")));
        Ok(no_content())
    }

    pub(super) fn put_fields(&mut self, now: u64, id: u64, body: &Value) -> ApiResult {
        self.writable(id)?;
        if let Some(it) = self.records.conversations.get_mut(&id) {
            it.fields = fields(at(body, "fields"));
        }
        self.changed(now, id);
        Ok(no_content())
    }

    /// A conversation that can be read: a merged one redirects for 60 days.
    pub(super) fn readable(&self, now: u64, id: u64) -> Result<&Conversation, ApiError> {
        let it = self.visible(id)?;
        match it.state {
            ConversationState::Published | ConversationState::Draft => Ok(it),
            ConversationState::Deleted if self.settings.deleted_is_readable => Ok(it),
            ConversationState::Merged { into, at } if now < at + REDIRECT_MS => Err(ApiError::Merged(into, "")),
            ConversationState::Deleted | ConversationState::Merged { .. } => Err(ApiError::NotFound),
        }
    }

    /// A conversation that can be written: a deleted one is 404, a merged one 404 or 301.
    pub(super) fn writable(&self, id: u64) -> Result<&Conversation, ApiError> {
        let it = self.visible(id)?;
        match it.state {
            ConversationState::Published | ConversationState::Draft => Ok(it),
            ConversationState::Merged { into, .. } if self.settings.merged.write_status == 301 => {
                Err(ApiError::Merged(into, ""))
            }
            ConversationState::Deleted | ConversationState::Merged { .. } => Err(ApiError::NotFound),
        }
    }

    /// A conversation in an inbox that the owner of the OAuth application can see; others are 404.
    fn visible(&self, id: u64) -> Result<&Conversation, ApiError> {
        let it = self.records.conversations.get(&id).ok_or(ApiError::NotFound)?;
        if self.settings.hidden_inboxes.contains(&it.mailbox) { Err(ApiError::NotFound) } else { Ok(it) }
    }

    /// An inbox that the API shows.
    pub(super) fn sees_inbox(&self, id: u64) -> bool {
        self.has_inbox(id) && !self.settings.hidden_inboxes.contains(&id)
    }

    pub(super) fn has_inbox(&self, id: u64) -> bool {
        self.settings.inboxes.iter().any(|inbox| inbox.id == id)
    }

    pub(super) fn has_user(&self, id: u64) -> bool {
        self.settings.users.iter().any(|user| user.id == id)
    }
}

pub(super) fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(Into::into).collect()
}

fn fields(list: &Value) -> Vec<(u64, String)> {
    let value = |field: &Value| match &field["value"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    list.as_array().into_iter().flatten().filter_map(|field| Some((field["id"].as_u64()?, value(field)))).collect()
}
