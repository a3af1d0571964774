//! PATCH of conversations and threads: one JSON-Patch object, never an array (Update conversation and Update thread
//! pages).

use super::HelpScout;
use super::records::{Status, ThreadState};
use super::response::{ApiError, ApiResult, no_content};
use super::validation::{Validator, at, invalid};
use serde_json::Value;

impl HelpScout {
    pub(super) fn patch_conversation(&mut self, now: u64, id: u64, body: &Value) -> ApiResult {
        self.writable(id)?;
        let (op, path) = operation(body)?;
        let value = at(body, "value");
        let by = self.owner();
        match (op, path) {
            ("replace", "/subject") => {
                let mut check = Validator::default();
                let subject = check.text(body, "value");
                check.done()?;
                if let Some(it) = self.records.conversations.get_mut(&id) {
                    it.subject = subject;
                }
                self.changed(now, id);
            }
            ("replace", "/status") => {
                let status = value.as_str().and_then(Status::parse).ok_or_else(|| {
                    let message = "Expected one of these: 'active', 'spam', 'open', 'closed', 'pending'";
                    invalid("value", "EnumValue", message, value)
                })?;
                self.set_status(now, id, status, by, "api");
            }
            ("replace", "/primaryCustomer.id") => {
                let customer = known(value, |id| self.records.customers.contains_key(&id))?;
                if let Some(it) = self.records.conversations.get_mut(&id) {
                    it.customer = customer;
                }
                self.changed(now, id);
            }
            ("replace", "/mailboxId") => {
                let mailbox = known(value, |id| self.sees_inbox(id))?;
                self.move_to(now, id, mailbox, by, "api");
            }
            ("replace", "/assignTo") => {
                let user = known(value, |id| self.has_user(id))?;
                self.assign(now, id, Some(user), by, "api");
            }
            ("remove", "/assignTo") => self.assign(now, id, None, by, "api"),
            ("replace", "/draft") => self.changed(now, id),
            _ => return Err(invalid("path", "path", "cannot be patched", at(body, "path"))),
        }
        Ok(no_content())
    }

    pub(super) fn patch_thread(&mut self, now: u64, id: u64, thread: u64, body: &Value) -> ApiResult {
        self.writable(id)?;
        let (op, path) = operation(body)?;
        let it = self.records.threads.get_mut(&thread).filter(|it| it.conversation == id).ok_or(ApiError::NotFound)?;
        match (op, path, at(body, "value")) {
            ("replace", "/text", Value::String(text)) if !text.is_empty() => it.text.clone_from(text),
            ("replace", "/hidden", Value::Bool(true)) => it.state = ThreadState::Hidden,
            ("replace", "/hidden", Value::Bool(false)) => it.state = ThreadState::Published,
            (_, "/text" | "/hidden", value) => {
                return Err(invalid("value", "NotEmpty", "is not a value for this path", value));
            }
            _ => return Err(invalid("path", "path", "cannot be patched", at(body, "path"))),
        }
        self.changed(now, id);
        Ok(no_content())
    }
}

/// `op` and `path` of a patch.
pub(super) fn operation(body: &Value) -> Result<(&str, &str), ApiError> {
    if !body.is_object() {
        return Err(invalid("", "object", "expected one JSON-Patch object", &Value::Null));
    }
    let mut check = Validator::default();
    let op = check.required_word(body, "op", &["add", "replace", "remove", "move"]);
    check.text(body, "path");
    check.done()?;
    Ok((op.unwrap_or_default(), at(body, "path").as_str().unwrap_or_default()))
}

fn known(value: &Value, known: impl Fn(u64) -> bool) -> Result<u64, ApiError> {
    value.as_u64().filter(|id| known(*id)).ok_or_else(|| invalid("value", "identifier", "is not a known id", value))
}
