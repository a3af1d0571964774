//! Settings of the account, and switches for what Help Scout's documents leave open.

use std::collections::BTreeMap;

/// The account, and how the parts behave that Help Scout does not document.
#[derive(Clone, Debug)]
pub struct Settings {
    /// OAuth application id (My Apps page).
    pub app_id: String,
    /// OAuth application secret.
    pub app_secret: String,
    /// Life of an access token in seconds; 172,800 by the authentication page.
    pub token_seconds: u64,
    /// What links and `Location` headers begin with, without `/v2`.
    pub api_url: String,
    /// Requests a minute of the account; 200, 400 or 800 by plan.
    pub limit_per_minute: u32,
    /// When the budget of a minute comes back. Not documented.
    pub window: Window,
    /// How far Help Scout's clock is ahead of the others', in ms; negative: behind.
    pub clock_ahead_ms: i64,
    /// The inboxes.
    pub inboxes: Vec<Inbox>,
    /// The people. The first one owns the OAuth application, so API writes are theirs.
    pub users: Vec<User>,
    /// Help Scout's AI agent.
    pub ai_agent: AiAgent,
    /// Inboxes that the owner of the OAuth application cannot see.
    pub hidden_inboxes: Vec<u64>,
    /// Who may use an inbox, by their ids; one that is not named here is everybody's.
    pub inbox_users: BTreeMap<u64, Vec<u64>>,
    /// A webhook that exists from the start.
    pub webhook: Option<WebhookSeed>,
    /// Whether and how webhook bodies carry threads; sources disagree.
    pub embed_threads: EmbedThreads,
    /// From an event to its first delivery attempt, in ms. Not documented.
    pub webhook_delay_ms: u64,
    /// Pauses between delivery attempts, in ms; the last one repeats. Not documented.
    pub retry_spacing_ms: Vec<u64>,
    /// What a full or too old conversation answers to a new thread: 412 by the thread pages, 423 by the status page.
    pub full_status: u16,
    /// Whether line items count towards the 100 threads. Not documented.
    pub line_items_count: bool,
    /// Conversations older than this refuse new threads (the company's re-open policy), in ms.
    pub too_old_ms: Option<u64>,
    /// Bodies read back are the editor's HTML, not the bytes that were written.
    pub rewrite_html: bool,
    /// What a merged conversation answers.
    pub merged: Merged,
    /// A deleted conversation still answers GET, with `state: deleted`; otherwise 404. Not documented.
    pub deleted_is_readable: bool,
    /// The first id of everything. Real ones passed 2^31.
    pub first_id: u64,
    /// What access tokens are derived from.
    pub seed: u64,
}

/// When the budget of a minute comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// At the full minute, as counters of clock minutes do.
    Fixed,
    /// A minute after each request; no sixty seconds hold more than the limit.
    Sliding,
}

/// What a merged conversation answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// To a write: 404 by the conversation page, 301 with `Location` by the status page. Nothing is written either way.
    pub write_status: u16,
    /// `Location` of its `/threads` ends in `/threads` too. Not documented.
    pub location_keeps_path: bool,
}

/// An agent that is no person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AiAgent {
    /// What threads say of it; `/users` does not know it.
    pub user: User,
    /// The API marks it in threads, as webhooks of payload V3 do; otherwise it looks like a user. Sources disagree.
    pub marked_in_api: bool,
}

/// An inbox (`mailbox` in the API).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbox {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
}

/// A user (an agent, or the bot that owns the OAuth application).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: u64,
    /// First name.
    pub first: String,
    /// Last name.
    pub last: String,
    /// Sign-in address.
    pub email: String,
    /// `owner`, `admin` or `user`.
    pub role: String,
    /// What they entered as their phone, in any spelling.
    pub phone: String,
}

/// A webhook made in Help Scout's own screen.
#[derive(Clone, Debug)]
pub struct WebhookSeed {
    /// Receiver.
    pub url: String,
    /// Key of the signature, at most 40 characters.
    pub secret: String,
    /// Events; empty means all that this emulator sends.
    pub events: Vec<String>,
    /// Only these inboxes; empty means all.
    pub mailbox_ids: Vec<u64>,
    /// Payload version.
    pub version: PayloadVersion,
}

/// `payloadVersion` of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadVersion {
    /// The default.
    V2,
    /// Adds the person type `system_user`.
    V3,
}

/// Whether webhook bodies carry threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbedThreads {
    /// `threads` is a count and nothing is embedded.
    No,
    /// `_embedded.threads`, newest first.
    Yes,
    /// The body of the retired API v1: `mailbox` and `customer` objects, `threads` an array.
    V1,
}

impl Default for Settings {
    /// A small account for development: a hotline's inbox and one that no hotline has.
    fn default() -> Self {
        Self {
            app_id: "dev_app".into(),
            app_secret: "dev_app_secret".into(),
            token_seconds: 172_800,
            api_url: "https://api.helpscout.net".into(),
            limit_per_minute: 400,
            window: Window::Fixed,
            clock_ahead_ms: 0,
            inboxes: vec![
                inbox(3003, "Voter hotline", "hotline@example.org"),
                inbox(3004, "Office mail", "office@example.org"),
            ],
            users: vec![
                user(4001, "Hotline", "Bot", "bot@example.org", "admin", ""),
                user(4004, "Ada", "Byron", "ada@example.org", "owner", "+1 555 010 0104"),
                user(4005, "Max", "Moss", "max@example.org", "user", ""),
            ],
            ai_agent: AiAgent {
                user: user(4090, "AI", "Agent", "ai-agent@example.org", "user", ""),
                marked_in_api: true,
            },
            hidden_inboxes: Vec::new(),
            inbox_users: BTreeMap::new(),
            webhook: None,
            embed_threads: EmbedThreads::No,
            webhook_delay_ms: 200,
            retry_spacing_ms: vec![2_000, 5_000, 15_000, 60_000, 300_000],
            full_status: 412,
            line_items_count: true,
            too_old_ms: None,
            rewrite_html: true,
            merged: Merged { write_status: 404, location_keeps_path: false },
            deleted_is_readable: false,
            first_id: 3_000_000_001,
            seed: 1,
        }
    }
}

fn inbox(id: u64, name: &str, email: &str) -> Inbox {
    Inbox { id, name: name.into(), email: email.into() }
}

fn user(id: u64, first: &str, last: &str, email: &str, role: &str, phone: &str) -> User {
    User { id, first: first.into(), last: last.into(), email: email.into(), role: role.into(), phone: phone.into() }
}
