//! What the account holds: conversations, threads, customers, attachments.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A conversation.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Its id.
    pub id: u64,
    /// The short number agents see.
    pub number: u64,
    /// `chat`, `email` or `phone`.
    pub kind: String,
    /// Subject line.
    pub subject: String,
    /// Where agents find it.
    pub status: Status,
    /// Whether it exists for everyone.
    pub state: ConversationState,
    /// Inbox.
    pub mailbox: u64,
    /// User it is assigned to.
    pub assignee: Option<u64>,
    /// Primary customer.
    pub customer: u64,
    /// Author.
    pub created_by: Person,
    /// Source.
    pub source: Source,
    /// Milliseconds since 1970.
    pub created_at: u64,
    /// When it was closed, and by which user (none for an imported one).
    pub closed: Option<(u64, Option<u64>)>,
    /// Last change by a user or customer.
    pub touched_at: u64,
    /// Tags by name, in the order they were set.
    pub tags: Vec<String>,
    /// Values of custom fields by field id.
    pub fields: Vec<(u64, String)>,
}

/// `status` of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Help Scout's own words")]
pub enum Status {
    Active,
    Pending,
    Closed,
    Spam,
}

impl Status {
    /// The API's word; `open` is a filter, not a status.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Pending, Self::Closed, Self::Spam].into_iter().find(|status| status.word() == word)
    }

    /// The API's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Closed => "closed",
            Self::Spam => "spam",
        }
    }
}

/// `state` of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversationState {
    /// Visible.
    Published,
    /// Only a draft is in it.
    Draft,
    /// In the Deleted folder.
    Deleted,
    /// Its threads are in another conversation.
    Merged {
        /// The survivor.
        into: u64,
        /// When, in ms since 1970.
        at: u64,
    },
}

/// Author of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// A customer by id.
    Customer(u64),
    /// A user by id.
    User(u64),
    /// Help Scout itself: `system_user` in V3, a user in V2.
    System,
    /// Help Scout's AI agent: `system_user` in V3, like a user in V2.
    AiAgent,
}

/// `source` of a conversation or thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// `api`, `web`, `workflows`, …
    pub kind: String,
    /// `customer` or `user`.
    pub via: &'static str,
}

impl Source {
    /// `kind` with the side that `by` is on.
    pub fn of(kind: &str, by: Person) -> Self {
        Self { kind: kind.into(), via: if matches!(by, Person::Customer(_)) { "customer" } else { "user" } }
    }
}

/// A thread of a conversation.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Its id.
    pub id: u64,
    /// Where it is; a merge moves it.
    pub conversation: u64,
    /// What it is.
    pub kind: ThreadKind,
    /// Visibility.
    pub state: ThreadState,
    /// HTML as it was written.
    pub text: String,
    /// Source.
    pub source: Source,
    /// The conversation's customer at the time.
    pub customer: u64,
    /// Its author.
    pub created_by: Person,
    /// Milliseconds since 1970.
    pub created_at: u64,
    /// Attachments by id.
    pub attachments: Vec<u64>,
    /// No e-mail was sent for it.
    pub imported: bool,
    /// Action of a line item.
    pub action: Option<Action>,
}

/// `type` of a thread as it is read; a `reply` that is written reads as `message`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Help Scout's own words")]
pub enum ThreadKind {
    Customer,
    Message,
    Note,
    Phone,
    Chat,
    LineItem,
}

impl ThreadKind {
    /// From the word used when writing.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "customer" => Self::Customer,
            "reply" => Self::Message,
            "note" => Self::Note,
            "phone" => Self::Phone,
            "chat" => Self::Chat,
            _ => return None,
        })
    }

    /// The word used when reading.
    pub fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Message => "message",
            Self::Note => "note",
            Self::Phone => "phone",
            Self::Chat => "chat",
            Self::LineItem => "lineitem",
        }
    }
}

/// `state` of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadState {
    /// Everyone sees it.
    Published,
    /// Not sent.
    Draft,
    /// A draft that is published at this instant, in ms since 1970.
    Scheduled(u64),
    /// Hidden by an agent.
    Hidden,
}

/// `action` of a line item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// `default` or `merged`.
    pub kind: &'static str,
    /// What agents read.
    pub text: String,
    /// For a merge: the conversation that was merged in.
    pub original_conversation: Option<u64>,
}

/// A customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Its id.
    pub id: u64,
    /// First name.
    pub first: String,
    /// Last name.
    pub last: String,
    /// E-mail addresses; each belongs to one customer only.
    pub emails: Vec<Entry>,
    /// Phones; not unique.
    pub phones: Vec<Entry>,
    /// The other scalars: `jobTitle`, `background`, `organization`, …
    pub details: Map<String, Value>,
    /// Milliseconds since 1970.
    pub created_at: u64,
    /// Milliseconds since 1970.
    pub updated_at: u64,
}

impl Customer {
    /// The address replies are mailed to.
    pub fn email(&self) -> &str {
        self.emails.first().map_or("", |entry| entry.value.as_str())
    }
}

/// A phone or an e-mail address of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: u64,
    /// `work`, `home`, `mobile`, …
    pub kind: String,
    /// The address or number as it was typed.
    pub value: String,
}

/// A file of a thread.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Its id.
    pub id: u64,
    /// Where it is.
    pub conversation: u64,
    /// Its name.
    pub filename: String,
    /// MIME type as given by the sender.
    pub mime_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// An e-mail that the real service would have sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// Milliseconds since 1970.
    pub at: u64,
    /// Address.
    pub to: String,
    /// Conversation it belongs to.
    pub conversation: u64,
    /// The thread that was mailed; none for the inbox's auto reply.
    pub thread: Option<u64>,
    /// Its HTML.
    pub html: String,
}

/// Everything the account holds, without rules.
#[derive(Debug)]
pub(super) struct Records {
    pub conversations: BTreeMap<u64, Conversation>,
    pub threads: BTreeMap<u64, Thread>,
    pub customers: BTreeMap<u64, Customer>,
    pub attachments: BTreeMap<u64, Attachment>,
    pub outbox: Vec<Email>,
    pub tag_ids: Vec<String>,
    next_id: u64,
}

impl Records {
    pub(super) fn new(first_id: u64) -> Self {
        Self {
            conversations: BTreeMap::new(),
            threads: BTreeMap::new(),
            customers: BTreeMap::new(),
            attachments: BTreeMap::new(),
            outbox: Vec::new(),
            tag_ids: Vec::new(),
            next_id: first_id,
        }
    }

    /// Ids of all kinds come from one counter, so that mixing two kinds up cannot go unnoticed.
    pub(super) fn next_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Makes everything of one customer another's; the conversations that changed.
    pub(super) fn give_to(&mut self, from: u64, into: u64) -> Vec<u64> {
        for thread in self.threads.values_mut() {
            if thread.customer == from {
                thread.customer = into;
            }
            if thread.created_by == Person::Customer(from) {
                thread.created_by = Person::Customer(into);
            }
        }
        let theirs = self.conversations.values_mut().filter(|it| it.customer == from);
        theirs
            .map(|it| {
                it.customer = into;
                it.id
            })
            .collect()
    }

    /// A conversation's threads, newest first (List threads page).
    pub(super) fn threads_of(&self, conversation: u64) -> Vec<&Thread> {
        let mut threads: Vec<_> = self.threads.values().filter(|thread| thread.conversation == conversation).collect();
        threads.sort_by_key(|thread| std::cmp::Reverse((thread.created_at, thread.id)));
        threads
    }

    /// A tag's id: tags are made by their first use.
    pub(super) fn tag_id(&mut self, tag: &str) -> usize {
        self.tag_ids.iter().position(|known| known == tag).unwrap_or_else(|| {
            self.tag_ids.push(tag.into());
            self.tag_ids.len() - 1
        })
    }

    /// The customer who has this address.
    pub(super) fn customer_by_email(&self, email: &str) -> Option<u64> {
        let has = |customer: &&Customer| customer.emails.iter().any(|entry| entry.value.eq_ignore_ascii_case(email));
        self.customers.values().find(has).map(|customer| customer.id)
    }
}
