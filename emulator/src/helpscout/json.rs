//! Conversations, threads, customers, users and inboxes as the API and the webhooks show them.

use super::html;
use super::records::{
    Attachment, Conversation, ConversationState, Customer, Entry, Person, Records, Thread, ThreadState,
};
use super::settings::{Inbox, PayloadVersion, Settings, User};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// `2026-01-31T09:15:00Z`: UTC, whole seconds.
pub(super) fn time(ms: u64) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let instant = i64::try_from(ms / 1000).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    instant.and_then(|instant| instant.format(format).ok()).unwrap_or_default()
}

/// `Sat, 31 Jan 2026 09:15:00 GMT`, as headers have it (RFC 9110, 5.6.7).
pub(super) fn http_date(ms: u64) -> String {
    let format =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    let instant = i64::try_from(ms / 1000).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    instant.and_then(|instant| instant.format(format).ok()).unwrap_or_default()
}

/// Milliseconds since 1970.
pub(super) fn parse_time(text: &str) -> Option<u64> {
    let instant = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(instant.unix_timestamp_nanos() / 1_000_000).ok()
}

/// Renders records as JSON, for one payload version.
#[derive(Clone, Copy, Debug)]
pub(super) struct JsonView<'a> {
    pub settings: &'a Settings,
    pub records: &'a Records,
    pub version: PayloadVersion,
}

impl JsonView<'_> {
    pub(super) fn link(&self, path: &str) -> Value {
        json!({ "href": format!("{}/v2/{path}", self.settings.api_url) })
    }

    /// The Conversation object (Get conversation page).
    pub(super) fn conversation(&self, it: &Conversation) -> Value {
        let mut body = json!({
            "id": it.id,
            "number": it.number,
            "threads": self.records.threads_of(it.id).len(),
            "type": it.kind,
            "folderId": 7,
            "status": it.status.word(),
            "state": conversation_state(it.state),
            "subject": it.subject,
            "preview": self.preview(it.id),
            "mailboxId": it.mailbox,
            "createdBy": self.person(it.created_by),
            "createdAt": time(it.created_at),
            "closedBy": it.closed.and_then(|(_, by)| by).unwrap_or(0),
            "userUpdatedAt": time(it.touched_at),
            "customerWaitingSince": { "time": time(it.touched_at), "friendly": "" },
            "source": { "type": it.source.kind, "via": it.source.via },
            "tags": it.tags.iter().map(|tag| self.tag(tag)).collect::<Vec<_>>(),
            "cc": [],
            "bcc": [],
            "primaryCustomer": self.person(Person::Customer(it.customer)),
            "customFields": it.fields.iter().map(|(id, value)| json!({ "id": id, "name": "", "value": value, "text": value })).collect::<Vec<_>>(),
            "_embedded": { "threads": [] },
            "_links": {
                "self": self.link(&format!("conversations/{}", it.id)),
                "mailbox": self.link(&format!("mailboxes/{}", it.mailbox)),
                "primaryCustomer": self.link(&format!("customers/{}", it.customer)),
                "threads": self.link(&format!("conversations/{}/threads/", it.id)),
                "web": { "href": format!("https://secure.helpscout.net/conversation/{}/{}", it.id, it.number) },
            },
        });
        if let Some(user) = it.assignee {
            body["assignee"] = self.person(Person::User(user));
        }
        if let Some((at, _)) = it.closed {
            body["closedAt"] = time(at).into();
        }
        body
    }

    /// The Conversation object with its newest threads embedded.
    pub(super) fn conversation_with_threads(&self, it: &Conversation) -> Value {
        let threads: Vec<_> = self.records.threads_of(it.id).into_iter().map(|thread| self.thread(thread)).collect();
        let mut body = self.conversation(it);
        body["_embedded"]["threads"] = threads.into();
        body
    }

    /// The Thread object (List threads page).
    pub(super) fn thread(&self, it: &Thread) -> Value {
        let attachments: Vec<_> = it
            .attachments
            .iter()
            .filter_map(|id| self.records.attachments.get(id))
            .map(|file| self.attachment(file))
            .collect();
        let conversation = self.records.conversations.get(&it.conversation);
        let action = it.action.as_ref().map_or_else(
            || json!({ "type": "default", "text": "", "associatedEntities": {} }),
            |action| {
                let merged = action.original_conversation.map(|id| json!({ "originalConversation": id }));
                json!({ "type": action.kind, "text": action.text, "associatedEntities": merged.unwrap_or_else(|| json!({})) })
            },
        );
        let mut body = json!({
            "id": it.id,
            "type": it.kind.word(),
            "status": conversation.map_or("nochange", |conversation| conversation.status.word()),
            "state": thread_state(it.state),
            "action": action,
            "body": if self.settings.rewrite_html { html::rewrite(&it.text) } else { it.text.clone() },
            "source": { "type": it.source.kind, "via": it.source.via },
            "customer": self.person(Person::Customer(it.customer)),
            "createdBy": self.person(it.created_by),
            "assignedTo": conversation.and_then(|conversation| conversation.assignee).map(|user| self.person(Person::User(user))),
            "savedReplyId": 0,
            "to": [], "cc": [], "bcc": [],
            "createdAt": time(it.created_at),
            "_embedded": { "attachments": attachments },
            "_links": {},
        });
        if let ThreadState::Scheduled(at) = it.state {
            body["scheduled"] = json!({ "scheduledFor": time(at), "createdAt": time(it.created_at), "unscheduleOnCustomerReply": false });
        }
        body
    }

    fn attachment(&self, it: &Attachment) -> Value {
        let data = self.link(&format!("conversations/{}/attachments/{}/data", it.conversation, it.id));
        json!({
            "id": it.id, "filename": it.filename, "mimeType": it.mime_type, "width": 0, "height": 0,
            "size": it.bytes.len(), "state": "valid",
            "_links": { "data": data, "web": { "href": format!("https://secure.helpscout.net/file/{}", it.id) } },
        })
    }

    /// A person, with the type of this payload version.
    pub(super) fn person(&self, person: Person) -> Value {
        match person {
            Person::Customer(id) => {
                let customer = self.records.customers.get(&id);
                let (first, last) = customer.map_or(("", ""), |it| (&it.first, &it.last));
                json!({ "id": id, "type": "customer", "first": first, "last": last, "email": customer.map_or("", Customer::email), "photoUrl": "" })
            }
            Person::User(id) => {
                let user = self.settings.users.iter().find(|user| user.id == id);
                let (first, last) = user.map_or(("unknown", "unknown"), |it| (&it.first, &it.last));
                json!({ "id": id, "type": "user", "first": first, "last": last, "email": user.map_or("unknown", |it| it.email.as_str()), "photoUrl": "" })
            }
            Person::System => {
                let kind = if self.version == PayloadVersion::V3 { "system_user" } else { "user" };
                json!({ "id": 1, "type": kind, "first": "Help", "last": "Scout", "email": "none@nowhere.com", "photoUrl": "" })
            }
            Person::AiAgent => {
                let User { id, first, last, email, .. } = &self.settings.ai_agent.user;
                let kind = if self.version == PayloadVersion::V3 { "system_user" } else { "user" };
                json!({ "id": id, "type": kind, "first": first, "last": last, "email": email, "photoUrl": "" })
            }
        }
    }

    fn tag(&self, tag: &str) -> Value {
        let id = self.records.tag_ids.iter().position(|known| known == tag);
        json!({ "id": id, "color": "#6cbd50", "tag": tag })
    }

    fn preview(&self, conversation: u64) -> String {
        let threads = self.records.threads_of(conversation);
        threads
            .iter()
            .find(|thread| !thread.text.is_empty())
            .map_or(String::new(), |thread| html::preview(&thread.text))
    }

    /// The Customer object (Get customer page): `age` and `gender` are strings, sub-resources are embedded.
    pub(super) fn customer(&self, it: &Customer) -> Value {
        let conversations =
            self.records.conversations.values().filter(|conversation| conversation.customer == it.id).count();
        let path = format!("customers/{}", it.id);
        let mut body = Map::new();
        body.insert("id".into(), it.id.into());
        body.insert("firstName".into(), it.first.clone().into());
        body.insert("lastName".into(), it.last.clone().into());
        body.insert("gender".into(), "Unknown".into());
        body.insert("photoType".into(), "default".into());
        body.insert("background".into(), "".into());
        body.insert("draft".into(), false.into());
        body.insert("conversationCount".into(), conversations.into());
        body.insert("createdAt".into(), time(it.created_at).into());
        body.insert("updatedAt".into(), time(it.updated_at).into());
        body.extend(it.details.clone());
        body.insert(
            "_embedded".into(),
            json!({
                "emails": it.emails.iter().map(entry).collect::<Vec<_>>(),
                "phones": it.phones.iter().map(entry).collect::<Vec<_>>(),
                "chats": [], "social_profiles": [], "websites": [], "properties": [],
            }),
        );
        body.insert(
            "_links".into(),
            json!({ "self": self.link(&path), "phones": self.link(&format!("{path}/phones")), "emails": self.link(&format!("{path}/emails")), "social-profiles": self.link(&format!("{path}/social-profiles")) }),
        );
        body.into()
    }

    /// The User object (Users pages).
    pub(super) fn user(&self, it: &User) -> Value {
        let initials: String = [&it.first, &it.last].iter().filter_map(|name| name.chars().next()).collect();
        json!({
            "id": it.id, "firstName": it.first, "lastName": it.last, "email": it.email, "role": it.role, "phone": it.phone,
            "timezone": "America/New_York", "photoUrl": "", "type": "user", "mention": it.first.to_lowercase(), "initials": initials,
            "jobTitle": "", "alternateEmails": [], "createdAt": time(0), "updatedAt": time(0),
            "_links": { "self": self.link(&format!("users/{}", it.id)) },
        })
    }

    /// The Mailbox object (Mailbox pages).
    pub(super) fn inbox(&self, it: &Inbox) -> Value {
        json!({
            "id": it.id, "name": it.name, "slug": format!("{:016x}", it.id), "email": it.email, "createdAt": time(0), "updatedAt": time(0),
            "_links": { "self": self.link(&format!("mailboxes/{}", it.id)) },
        })
    }
}

/// A phone or e-mail sub-resource.
pub(super) fn entry(it: &Entry) -> Value {
    json!({ "id": it.id, "value": it.value, "type": it.kind })
}

fn conversation_state(state: ConversationState) -> &'static str {
    match state {
        ConversationState::Published | ConversationState::Merged { .. } => "published",
        ConversationState::Draft => "draft",
        ConversationState::Deleted => "deleted",
    }
}

fn thread_state(state: ThreadState) -> &'static str {
    match state {
        ThreadState::Published => "published",
        ThreadState::Draft | ThreadState::Scheduled(_) => "draft",
        ThreadState::Hidden => "hidden",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_in_whole_seconds() {
        assert_eq!(time(1_769_850_900_999), "2026-01-31T09:15:00Z");
        assert_eq!(parse_time("2026-01-31T09:15:00Z"), Some(1_769_850_900_000));
        assert_eq!(parse_time("yesterday"), None);
    }
}
