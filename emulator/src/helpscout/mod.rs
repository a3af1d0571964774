//! Emulates Help Scout: the Inbox API 2.0, webhooks, and the actions of agents on its screen.
//!
//! Written from developer.helpscout.com. What those pages leave open is a switch in [`Settings`].

mod agent_actions;
mod attachments;
mod changes;
mod conversation_list;
mod conversations;
mod customers;
mod delivery;
mod html;
mod json;
mod json_patch;
mod oauth;
mod query;
mod rate_limit;
mod records;
mod request;
mod response;
mod routes;
mod search_index;
mod settings;
mod state;
mod threads;
mod users;
mod validation;
mod webhooks;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod stories;

pub use delivery::{Attempt, AttemptResult, signature};
pub use records::{
    Action, Attachment, Conversation, ConversationState, Customer, Email, Entry, Person, Source, Status, Thread,
    ThreadKind, ThreadState,
};
pub use settings::{AiAgent, EmbedThreads, Inbox, Merged, PayloadVersion, Settings, User, WebhookSeed, Window};
pub use webhooks::EVENTS;

use crate::http::{Delivery, Model, Outcome, Request, Response};
use delivery::DeliveryQueue;
use json::JsonView;
use oauth::Tokens;
use rate_limit::Budget;
use records::Records;
use search_index::SearchIndex;
use webhooks::Webhook;

/// One Help Scout account.
#[derive(Debug)]
pub struct HelpScout {
    settings: Settings,
    records: Records,
    conversation_index: SearchIndex<Conversation>,
    customer_index: SearchIndex<Customer>,
    tokens: Tokens,
    budget: Budget,
    webhooks: Vec<Webhook>,
    delivery_queue: DeliveryQueue,
    answered_requests: u64,
}

impl HelpScout {
    /// An account without conversations.
    pub fn new(settings: Settings) -> Self {
        let mut records = Records::new(settings.first_id);
        let webhooks = settings.webhook.iter().map(|seed| Webhook::seeded(records.next_id(), seed)).collect();
        Self {
            records,
            webhooks,
            conversation_index: SearchIndex::default(),
            customer_index: SearchIndex::default(),
            tokens: Tokens::default(),
            budget: Budget::default(),
            delivery_queue: DeliveryQueue::default(),
            answered_requests: 0,
            settings,
        }
    }

    /// The switches; they can be turned while it runs.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// How far lists and searches lag behind writes, in ms.
    pub fn set_list_lag(&mut self, lag_ms: u64) {
        self.conversation_index.lag_ms = lag_ms;
        self.customer_index.lag_ms = lag_ms;
    }

    /// Ends every access token at once.
    pub fn revoke_tokens(&mut self) {
        self.tokens.revoke();
    }

    /// How many access tokens were given out.
    pub fn tokens_given(&self) -> u64 {
        self.tokens.given()
    }

    /// What another application of the account uses of this minute's requests.
    pub fn spend_budget(&mut self, now: u64, requests: u32) {
        let now = self.clock(now);
        self.budget.spend(now, requests);
    }

    /// Every conversation, merged and deleted ones included, by id.
    pub fn conversations(&self) -> impl Iterator<Item = &Conversation> {
        self.records.conversations.values()
    }

    /// One conversation.
    pub fn conversation(&self, id: u64) -> Option<&Conversation> {
        self.records.conversations.get(&id)
    }

    /// A conversation's threads, oldest first.
    pub fn threads(&self, conversation: u64) -> Vec<&Thread> {
        let mut threads = self.records.threads_of(conversation);
        threads.reverse();
        threads
    }

    /// Every customer, by id.
    pub fn customers(&self) -> impl Iterator<Item = &Customer> {
        self.records.customers.values()
    }

    /// A file of a thread.
    pub fn file(&self, attachment: u64) -> Option<&Attachment> {
        self.records.attachments.get(&attachment)
    }

    /// What a file is called.
    pub fn file_name(&self, id: u64) -> Option<String> {
        self.records.attachments.get(&id).map(|it| it.filename.clone())
    }

    /// Type and bytes of a file.
    pub fn attachment(&self, id: u64) -> Option<(String, Vec<u8>)> {
        self.file(id).map(|file| (file.mime_type.clone(), file.bytes.clone()))
    }

    /// Every attempt to deliver a webhook, oldest first.
    pub fn deliveries(&self) -> &[Attempt] {
        self.delivery_queue.log()
    }

    /// The e-mails that the real service would have sent.
    pub fn outbox(&self) -> &[Email] {
        &self.records.outbox
    }

    fn view(&self) -> JsonView<'_> {
        JsonView { settings: &self.settings, records: &self.records, version: PayloadVersion::V2 }
    }

    /// Threads as the API shows them.
    fn api_view(&self) -> JsonView<'_> {
        let version = if self.settings.ai_agent.marked_in_api { PayloadVersion::V3 } else { PayloadVersion::V2 };
        JsonView { version, ..self.view() }
    }

    /// Help Scout's own clock.
    fn clock(&self, now: u64) -> u64 {
        now.saturating_add_signed(self.settings.clock_ahead_ms)
    }

    /// What Help Scout's clock shows as everybody else's does.
    fn outside(&self, at: u64) -> u64 {
        at.saturating_add_signed(-self.settings.clock_ahead_ms)
    }

    /// Owner of the OAuth application: author of API writes without `user`.
    fn owner(&self) -> Person {
        self.settings.users.first().map_or(Person::System, |user| Person::User(user.id))
    }
}

impl Model for HelpScout {
    fn handle(&mut self, now: u64, request: &Request) -> Response {
        let now = self.clock(now);
        self.publish_due(now);
        self.route(now, request)
    }

    fn next_due(&self) -> Option<u64> {
        self.next_publication().into_iter().chain(self.delivery_queue.next_due()).min().map(|at| self.outside(at))
    }

    fn take_due(&mut self, now: u64) -> Vec<Delivery> {
        let now = self.clock(now);
        self.publish_due(now);
        self.delivery_queue.take_due(now, &self.webhooks)
    }

    fn answered(&mut self, now: u64, delivery: u64, outcome: Outcome) {
        let now = self.clock(now);
        self.delivery_queue.answered(now, delivery, &outcome, &self.settings.retry_spacing_ms, &mut self.webhooks);
    }
}
