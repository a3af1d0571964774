//! Changes to conversations from the API and the screen: effects on status, e-mails, events.

use super::HelpScout;
use super::records::{
    Action, Attachment, Conversation, ConversationState, Email, Person, Source, Status, Thread, ThreadKind, ThreadState,
};

/// A file on its way into a thread.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub filename: String,
    pub mime_type: String,
    pub bytes: Vec<u8>,
}

/// A thread on its way into a conversation.
#[derive(Clone, Debug)]
pub(super) struct NewThread {
    pub kind: ThreadKind,
    pub state: ThreadState,
    pub text: String,
    pub source: &'static str,
    pub by: Person,
    pub customer: u64,
    pub created_at: u64,
    pub files: Vec<File>,
    pub imported: bool,
    /// New status of the conversation, if the author sets one.
    pub status: Option<Status>,
}

/// A conversation on its way in, without threads.
#[derive(Clone, Debug)]
pub(super) struct NewConversation {
    pub kind: String,
    pub subject: String,
    pub status: Status,
    pub mailbox: u64,
    pub assignee: Option<u64>,
    pub customer: u64,
    pub by: Person,
    pub source: &'static str,
    pub created_at: u64,
    pub tags: Vec<String>,
    pub fields: Vec<(u64, String)>,
    pub auto_reply: bool,
    pub threads: Vec<NewThread>,
}

impl HelpScout {
    /// Makes a conversation; fires `convo.created`, and for an opening reply `convo.agent.reply.created` too.
    pub(super) fn begin(&mut self, now: u64, new: NewConversation) -> u64 {
        let id = self.records.next_id();
        let number = self.records.conversations.len() as u64 + 1;
        for tag in &new.tags {
            self.records.tag_id(tag);
        }
        let drafts_only = new.threads.iter().all(|thread| thread.state != ThreadState::Published);
        let conversation = Conversation {
            id,
            number,
            kind: new.kind,
            subject: new.subject,
            status: new.status,
            state: if drafts_only { ConversationState::Draft } else { ConversationState::Published },
            mailbox: new.mailbox,
            assignee: new.assignee,
            customer: new.customer,
            created_by: new.by,
            source: Source::of(new.source, new.by),
            created_at: new.created_at,
            closed: (new.status == Status::Closed).then_some((now, None)),
            touched_at: now,
            tags: new.tags,
            fields: new.fields,
        };
        self.records.conversations.insert(id, conversation);
        let mut replied = false;
        for thread in new.threads {
            replied |= thread.kind == ThreadKind::Message && thread.state == ThreadState::Published;
            let thread = self.insert(id, thread);
            self.mail(now, thread);
        }
        if new.auto_reply {
            self.mail_to_customer(now, id, None, "<p>Thanks, we got your message.</p>");
        }
        self.changed(now, id);
        self.emit(now, "convo.created", id);
        if replied {
            self.emit(now, "convo.agent.reply.created", id);
        }
        id
    }

    /// Adds a thread with its effects; the caller has made sure that the conversation takes it.
    pub(super) fn add_thread(&mut self, now: u64, conversation: u64, new: NewThread) -> u64 {
        let (state, status) = (new.state, new.status);
        let id = self.insert(conversation, new);
        self.changed(now, conversation);
        if state == ThreadState::Published {
            self.published(now, id, status);
        }
        id
    }

    /// Publishes a draft. It keeps its id, which may be smaller than the ids of older threads.
    pub(super) fn publish(&mut self, now: u64, thread: u64) {
        if let Some(it) = self.records.threads.get_mut(&thread) {
            it.state = ThreadState::Published;
            it.created_at = now;
            let conversation = it.conversation;
            if let Some(to) = self.records.conversations.get_mut(&conversation) {
                // It goes to whom the conversation belongs now.
                it.customer = to.customer;
                if to.state == ConversationState::Draft {
                    to.state = ConversationState::Published;
                }
            }
            self.changed(now, conversation);
            self.published(now, thread, None);
        }
    }

    /// Publishes what was scheduled until `now`.
    pub(super) fn publish_due(&mut self, now: u64) {
        let due = |thread: &&Thread| matches!(thread.state, ThreadState::Scheduled(at) if at <= now);
        let due: Vec<u64> = self.records.threads.values().filter(due).map(|thread| thread.id).collect();
        for thread in due {
            self.publish(now, thread);
        }
    }

    pub(super) fn next_publication(&self) -> Option<u64> {
        let at = |thread: &Thread| if let ThreadState::Scheduled(at) = thread.state { Some(at) } else { None };
        self.records.threads.values().filter_map(at).min()
    }

    fn insert(&mut self, conversation: u64, new: NewThread) -> u64 {
        let attachments = new.files.into_iter().map(|file| self.keep_file(conversation, file)).collect();
        let id = self.records.next_id();
        let thread = Thread {
            id,
            conversation,
            kind: new.kind,
            state: new.state,
            text: new.text,
            source: Source::of(new.source, new.by),
            customer: new.customer,
            created_by: new.by,
            created_at: new.created_at,
            attachments,
            imported: new.imported,
            action: None,
        };
        self.records.threads.insert(id, thread);
        id
    }

    pub(super) fn keep_file(&mut self, conversation: u64, file: File) -> u64 {
        let id = self.records.next_id();
        let File { filename, mime_type, bytes } = file;
        self.records.attachments.insert(id, Attachment { id, conversation, filename, mime_type, bytes });
        id
    }

    /// Customer threads re-open and replies re-activate, unless imported (Create thread pages).
    fn published(&mut self, now: u64, thread: u64, status: Option<Status>) {
        let Some(it) = self.records.threads.get(&thread) else { return };
        let (conversation, imported, by) = (it.conversation, it.imported, it.created_by);
        let (event, default) = match it.kind {
            ThreadKind::Customer => ("convo.customer.reply.created", Some(Status::Active)),
            ThreadKind::Message => ("convo.agent.reply.created", Some(Status::Active)),
            ThreadKind::Note => ("convo.note.created", None),
            ThreadKind::Phone | ThreadKind::Chat | ThreadKind::LineItem => return,
        };
        self.mail(now, thread);
        self.emit(now, event, conversation);
        if let Some(status) = status.or(default.filter(|_| !imported)) {
            self.take_status(now, conversation, status, by);
        }
    }

    fn mail(&mut self, now: u64, thread: u64) {
        if let Some(it) = self.records.threads.get(&thread)
            && it.kind == ThreadKind::Message
            && it.state == ThreadState::Published
            && !it.imported
        {
            let (conversation, html) = (it.conversation, it.text.clone());
            self.mail_to_customer(now, conversation, Some(thread), &html);
        }
    }

    fn mail_to_customer(&mut self, now: u64, conversation: u64, thread: Option<u64>, html: &str) {
        let customer = self.records.conversations.get(&conversation).map(|it| it.customer);
        let to = customer.and_then(|id| self.records.customers.get(&id)).map_or("", |it| it.email()).to_owned();
        if !to.is_empty() {
            self.records.outbox.push(Email { at: now, to, conversation, thread, html: html.into() });
        }
    }

    /// Sets the status and fires `convo.status` when it is another one; true when it is.
    fn take_status(&mut self, now: u64, conversation: u64, status: Status, by: Person) -> bool {
        let Some(it) = self.records.conversations.get_mut(&conversation) else { return false };
        if it.status == status {
            return false;
        }
        it.status = status;
        it.closed =
            (status == Status::Closed).then_some((now, if let Person::User(id) = by { Some(id) } else { None }));
        self.changed(now, conversation);
        self.emit(now, "convo.status", conversation);
        true
    }

    /// A user sets the status: with a line item.
    pub(super) fn set_status(&mut self, now: u64, conversation: u64, status: Status, by: Person, source: &str) {
        if self.take_status(now, conversation, status, by) {
            self.line_item(now, conversation, by, source, &format!("marked as {}", status.word()));
        }
    }

    /// Assigns, or takes the assignment away.
    pub(super) fn assign(&mut self, now: u64, conversation: u64, user: Option<u64>, by: Person, source: &str) {
        let name =
            self.settings.users.iter().find(|it| Some(it.id) == user).map(|it| format!("{} {}", it.first, it.last));
        if let Some(it) = self.records.conversations.get_mut(&conversation)
            && it.assignee != user
        {
            it.assignee = user;
            let text = name.map_or("unassigned".into(), |name| format!("assigned to {name}"));
            self.line_item(now, conversation, by, source, &text);
            self.emit(now, "convo.assigned", conversation);
        }
    }

    /// Replaces the whole set of tags (Update tags page).
    pub(super) fn set_tags(&mut self, now: u64, conversation: u64, tags: Vec<String>) {
        for tag in &tags {
            self.records.tag_id(tag);
        }
        if let Some(it) = self.records.conversations.get_mut(&conversation)
            && it.tags != tags
        {
            it.tags = tags;
            self.changed(now, conversation);
            self.emit(now, "convo.tags", conversation);
        }
    }

    /// Moves to another inbox. Webhooks of both inboxes get the event; which ones do is not documented.
    pub(super) fn move_to(&mut self, now: u64, conversation: u64, mailbox: u64, by: Person, source: &str) {
        let inbox = self.settings.inboxes.iter().find(|it| it.id == mailbox);
        let text = format!("moved to {}", inbox.map_or("another inbox", |it| it.name.as_str()));
        if let Some(it) = self.records.conversations.get_mut(&conversation)
            && it.mailbox != mailbox
        {
            let from = std::mem::replace(&mut it.mailbox, mailbox);
            self.line_item(now, conversation, by, source, &text);
            self.emit_in(now, "convo.moved", conversation, &[from, mailbox]);
        }
    }

    /// Merges `from` into `into`: its threads move, and a line item there names it (List threads page).
    pub(super) fn merge(&mut self, now: u64, from: u64, into: u64, by: Person) {
        for thread in self.records.threads.values_mut().filter(|thread| thread.conversation == from) {
            thread.conversation = into;
        }
        for file in self.records.attachments.values_mut().filter(|file| file.conversation == from) {
            file.conversation = into;
        }
        if let Some(it) = self.records.conversations.get_mut(&from) {
            it.state = ConversationState::Merged { into, at: now };
        }
        let item = self.line_item(now, into, by, "web", "merged another conversation into this one");
        if let Some(action) = self.records.threads.get_mut(&item).and_then(|thread| thread.action.as_mut()) {
            action.kind = "merged";
            action.original_conversation = Some(from);
        }
        self.changed(now, from);
        self.emit(now, "convo.merged", into);
    }

    /// Deletes; the webhook's body has the id only (Webhooks page).
    pub(super) fn delete(&mut self, now: u64, conversation: u64) {
        if let Some(it) = self.records.conversations.get_mut(&conversation) {
            it.state = ConversationState::Deleted;
            self.changed(now, conversation);
            self.emit(now, "convo.deleted", conversation);
        }
    }

    pub(super) fn line_item(&mut self, now: u64, conversation: u64, by: Person, source: &str, text: &str) -> u64 {
        let id = self.records.next_id();
        let customer = self.records.conversations.get(&conversation).map_or(0, |it| it.customer);
        let action = Some(Action { kind: "default", text: text.into(), original_conversation: None });
        let thread = Thread {
            id,
            conversation,
            kind: ThreadKind::LineItem,
            state: ThreadState::Published,
            text: String::new(),
            source: Source::of(source, by),
            customer,
            created_by: by,
            created_at: now,
            attachments: Vec::new(),
            imported: false,
            action,
        };
        self.records.threads.insert(id, thread);
        self.changed(now, conversation);
        id
    }

    /// Updates the search index. Call it after every change.
    pub(super) fn changed(&mut self, now: u64, conversation: u64) {
        if let Some(it) = self.records.conversations.get_mut(&conversation) {
            it.touched_at = now;
            let listed = matches!(it.state, ConversationState::Published | ConversationState::Draft);
            self.conversation_index.write(now, conversation, listed.then(|| it.clone()));
        }
    }
}
