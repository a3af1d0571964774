//! The account as the playground page shows it.

use super::HelpScout;
use super::html;
use super::records::{Conversation, ConversationState, Person, Thread, ThreadState};
use super::webhooks::Webhook;
use serde_json::{Value, json};

/// How many delivery attempts and e-mails the page lists.
const RECENT: usize = 20;

impl HelpScout {
    /// Inboxes, users, conversations with their threads (newest activity first), e-mails, webhooks. Times are in ms since 1970.
    pub fn state(&self, now: u64) -> Value {
        let mut conversations: Vec<&Conversation> = self.conversations().collect();
        conversations.sort_by_key(|it| std::cmp::Reverse((it.touched_at, it.id)));
        let attempts = self.deliveries().iter().rev().take(RECENT).map(|it| {
            json!({ "at": it.at, "event": it.event, "conversation": it.conversation, "attempt": it.attempt, "taken": format!("{:?}", it.taken) })
        });
        let emails = self.outbox().iter().rev().take(RECENT).map(|it| {
            json!({ "at": it.at, "to": it.to, "conversation": it.conversation, "thread": it.thread, "html": it.html })
        });
        json!({
            "now": now,
            "inboxes": self.settings.inboxes.iter().map(|it| json!({ "id": it.id, "name": it.name })).collect::<Vec<_>>(),
            "users": self.settings.users.iter().map(|it| json!({ "id": it.id, "name": format!("{} {}", it.first, it.last) })).collect::<Vec<_>>(),
            "conversations": conversations.into_iter().map(|it| self.show_conversation(it)).collect::<Vec<_>>(),
            "emails": emails.collect::<Vec<_>>(),
            "webhooks": self.webhooks.iter().map(Webhook::json).collect::<Vec<_>>(),
            "webhooks_waiting": self.delivery_queue.waiting(),
            "deliveries": attempts.collect::<Vec<_>>(),
        })
    }

    fn show_conversation(&self, it: &Conversation) -> Value {
        let (state, merged_into) = match it.state {
            ConversationState::Published => ("published", None),
            ConversationState::Draft => ("draft", None),
            ConversationState::Deleted => ("deleted", None),
            ConversationState::Merged { into, .. } => ("merged", Some(into)),
        };
        let customer = self.records.customers.get(&it.customer).map(|customer| {
            let phones: Vec<_> = customer.phones.iter().map(|phone| &phone.value).collect();
            let name = format!("{} {}", customer.first, customer.last);
            json!({ "id": customer.id, "name": name.trim(), "email": customer.email(), "phones": phones })
        });
        json!({
            "id": it.id, "number": it.number, "type": it.kind, "subject": it.subject, "status": it.status.word(), "state": state,
            "merged_into": merged_into, "mailbox": it.mailbox, "assignee": it.assignee, "tags": it.tags, "customer": customer,
            "updated_at": it.touched_at,
            "threads": self.threads(it.id).into_iter().map(|thread| self.show_thread(thread)).collect::<Vec<_>>(),
        })
    }

    fn show_thread(&self, it: &Thread) -> Value {
        let (state, scheduled_for) = match it.state {
            ThreadState::Published => ("published", None),
            ThreadState::Draft => ("draft", None),
            ThreadState::Scheduled(at) => ("scheduled", Some(at)),
            ThreadState::Hidden => ("hidden", None),
        };
        let author = self.view().person(it.created_by);
        let author =
            format!("{} {}", author["first"].as_str().unwrap_or_default(), author["last"].as_str().unwrap_or_default());
        let attachments = it.attachments.iter().filter_map(|id| self.file(*id)).map(|file| {
            json!({ "id": file.id, "name": file.filename, "type": file.mime_type, "size": file.bytes.len(), "url": format!("/_play/attachment/{}", file.id) })
        });
        json!({
            "id": it.id, "kind": it.kind.word(), "state": state, "scheduled_for": scheduled_for, "at": it.created_at,
            "by": match it.created_by { Person::Customer(_) => "customer", Person::User(_) => "user", Person::System | Person::AiAgent => "system" },
            "author": author.trim(), "source": it.source.kind, "imported": it.imported,
            "html": if self.settings.rewrite_html { html::rewrite(&it.text) } else { it.text.clone() },
            "text": it.action.as_ref().map(|action| &action.text),
            "attachments": attachments.collect::<Vec<_>>(),
        })
    }
}
