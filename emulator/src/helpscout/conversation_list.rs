//! List and search conversations (List conversations page).

use super::HelpScout;
use super::json::parse_time;
use super::query::{Query, Wanted};
use super::records::{Conversation, Status};
use super::request::ApiRequest;
use super::response::{ApiError, ApiResult, page};
use super::validation::invalid;

impl HelpScout {
    /// `status` is `active` when it is not given; `open` is active and pending.
    pub(super) fn list_conversations(&self, now: u64, request: &ApiRequest) -> ApiResult {
        let statuses = statuses(request.param("status").unwrap_or("active"))
            .ok_or_else(|| invalid("status", "EnumValue", "unknown status", &request.param("status").into()))?;
        let query = request.param("query").map(Query::parse).transpose()?;
        let since = modified_since(request)?;
        let any =
            |param, known: &dyn Fn(&str) -> bool| request.param(param).is_none_or(|list| list.split(',').any(known));
        let wanted = |it: &&Conversation| {
            statuses.contains(&it.status)
                && self.sees_inbox(it.mailbox)
                && any("mailbox", &|id| id == it.mailbox.to_string())
                && any("tag", &|tag| it.tags.iter().any(|known| known == tag))
                && any("number", &|number| number == it.number.to_string())
                && any("assigned_to", &|user| it.assignee.is_some_and(|id| id.to_string() == user))
                && since.is_none_or(|since| it.touched_at >= since)
                && query.as_ref().is_none_or(|query| query.holds(&|field, wanted| self.has(it, field, wanted)))
        };
        let mut found: Vec<&Conversation> = self.conversation_index.read(now).filter(wanted).collect();
        sort(&mut found, request.param("sortField").unwrap_or("createdAt"));
        if request.param("sortOrder") != Some("asc") {
            found.reverse();
        }
        let (view, embed) = (self.api_view(), request.param("embed") == Some("threads"));
        Ok(page(request, &self.settings.api_url, "conversations", 25, &found, |it| {
            if embed { view.conversation_with_threads(it) } else { view.conversation(it) }
        }))
    }

    fn has(&self, it: &Conversation, field: &str, wanted: &Wanted) -> bool {
        match field {
            "id" => wanted.is(&it.id.to_string()),
            "number" => wanted.is(&it.number.to_string()),
            "mailboxid" => wanted.is(&it.mailbox.to_string()),
            "customerIds" => wanted.is(&it.customer.to_string()),
            "subject" => wanted.is_in(&it.subject),
            "status" => wanted.is(it.status.word()),
            "tag" => it.tags.iter().any(|tag| wanted.is(tag)),
            "email" => {
                let customer = self.records.customers.get(&it.customer);
                customer.is_some_and(|customer| customer.emails.iter().any(|email| wanted.is(&email.value)))
            }
            "body" => self.records.threads_of(it.id).iter().any(|thread| wanted.is_in(&thread.text)),
            "attachment" => self.records.threads_of(it.id).iter().any(|thread| !thread.attachments.is_empty()),
            "createdAt" => wanted.spans(it.created_at),
            "modifiedAt" => wanted.spans(it.touched_at),
            _ => false,
        }
    }
}

/// `modifiedSince` in whole seconds of UTC; a finer instant is an error.
pub(super) fn modified_since(request: &ApiRequest) -> Result<Option<u64>, ApiError> {
    let Some(given) = request.param("modifiedSince") else { return Ok(None) };
    let instant = parse_time(given).filter(|_| given.ends_with('Z') && !given.contains('.'));
    let refusal = || invalid("modifiedSince", "date", "must be an ISO 8601 date without milliseconds", &given.into());
    instant.map(Some).ok_or_else(refusal)
}

fn statuses(word: &str) -> Option<Vec<Status>> {
    match word {
        "all" => Some(vec![Status::Active, Status::Pending, Status::Closed, Status::Spam]),
        "open" => Some(vec![Status::Active, Status::Pending]),
        word => Status::parse(word).map(|status| vec![status]),
    }
}

fn sort(found: &mut [&Conversation], field: &str) {
    match field {
        "modifiedAt" => found.sort_by_key(|it| (it.touched_at, it.id)),
        "number" => found.sort_by_key(|it| it.number),
        "subject" => found.sort_by(|a, b| a.subject.cmp(&b.subject)),
        "status" => found.sort_by_key(|it| it.status.word()),
        "mailboxid" => found.sort_by_key(|it| it.mailbox),
        _ => found.sort_by_key(|it| (it.created_at, it.id)),
    }
}
