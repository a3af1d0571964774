//! Webhooks: how they are managed (Webhooks endpoint pages) and what their bodies hold.

use super::HelpScout;
use super::json::{JsonView, time};
use super::records::{Conversation, Person, Thread, ThreadKind};
use super::request::ApiRequest;
use super::response::{ApiError, ApiResult, created, no_content, ok, page};
use super::settings::{EmbedThreads, PayloadVersion, WebhookSeed};
use super::validation::{Validator, at, flag};
use crate::http::Response;
use serde_json::{Value, json};

/// The events that this emulator sends; Help Scout has more.
pub const EVENTS: [&str; 11] = [
    "convo.created",
    "convo.agent.reply.created",
    "convo.customer.reply.created",
    "convo.note.created",
    "convo.status",
    "convo.assigned",
    "convo.tags",
    "convo.moved",
    "convo.merged",
    "convo.deleted",
    "customer.updated",
];

/// `secret` is at most 40 characters (Create webhook page).
const SECRET_MOST: usize = 40;

/// A webhook.
#[derive(Clone, Debug)]
pub(super) struct Webhook {
    pub id: u64,
    pub url: String,
    pub secret: String,
    pub events: Vec<String>,
    pub mailbox_ids: Vec<u64>,
    pub version: PayloadVersion,
    pub notification: bool,
    pub label: String,
    pub enabled: bool,
    /// Events given up on since it was last enabled.
    pub dropped: u32,
}

impl Webhook {
    pub(super) fn seeded(id: u64, seed: &WebhookSeed) -> Self {
        let all = || EVENTS.iter().map(|event| (*event).to_owned()).collect();
        Self {
            id,
            url: seed.url.clone(),
            secret: seed.secret.clone(),
            events: if seed.events.is_empty() { all() } else { seed.events.clone() },
            mailbox_ids: seed.mailbox_ids.clone(),
            version: seed.version,
            notification: false,
            label: String::new(),
            enabled: true,
            dropped: 0,
        }
    }

    /// Whether it wants an event of these inboxes; events without an inbox cannot be filtered.
    fn wants(&self, event: &str, mailboxes: &[u64]) -> bool {
        let inbox = self.mailbox_ids.is_empty()
            || mailboxes.is_empty()
            || mailboxes.iter().any(|id| self.mailbox_ids.contains(id));
        self.enabled && inbox && self.events.iter().any(|wanted| wanted == event)
    }

    /// As the API shows it: without the secret, which the page's GET does not have.
    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.id, "url": self.url, "events": self.events, "label": self.label, "notification": self.notification,
            "payloadVersion": if self.version == PayloadVersion::V3 { "V3" } else { "V2" },
            "mailboxIds": self.mailbox_ids, "state": if self.enabled { "enabled" } else { "disabled" },
        })
    }

    fn read(id: u64, body: &Value) -> Result<Self, ApiError> {
        let mut check = Validator::default();
        let (url, secret) = (check.text(body, "url"), check.text(body, "secret"));
        if secret.chars().count() > SECRET_MOST {
            check.fail("secret", "Size", format!("size must be between 1 and {SECRET_MOST}"), at(body, "secret"));
        }
        let strings = at(body, "events").as_array().map_or(&[][..], Vec::as_slice);
        if strings.is_empty() {
            check.fail("events", "NotEmpty", "may not be empty", at(body, "events"));
        }
        let v3 = check.word(body, "payloadVersion", &["V2", "V3"]) == Some("V3");
        check.done()?;
        Ok(Self {
            id,
            url,
            secret,
            events: strings.iter().filter_map(Value::as_str).map(Into::into).collect(),
            mailbox_ids: at(body, "mailboxIds").as_array().into_iter().flatten().filter_map(Value::as_u64).collect(),
            version: if v3 { PayloadVersion::V3 } else { PayloadVersion::V2 },
            notification: flag(body, "notification"),
            label: at(body, "label").as_str().unwrap_or_default().into(),
            enabled: true,
            dropped: 0,
        })
    }
}

impl HelpScout {
    /// How many webhooks there are.
    pub fn webhook_count(&self) -> usize {
        self.webhooks.len()
    }

    /// Switches all off, as Help Scout does with one that is not answered.
    pub fn disable_webhooks(&mut self) {
        for hook in &mut self.webhooks {
            hook.enabled = false;
        }
    }

    pub(super) fn list_webhooks(&self, request: &ApiRequest) -> Response {
        page(request, &self.settings.api_url, "webhooks", 50, &self.webhooks, Webhook::json)
    }

    pub(super) fn get_webhook(&self, id: u64) -> ApiResult {
        self.webhooks.iter().find(|hook| hook.id == id).map(|hook| ok(&hook.json())).ok_or(ApiError::NotFound)
    }

    pub(super) fn create_webhook(&mut self, body: &Value) -> ApiResult {
        let hook = Webhook::read(0, body)?;
        let id = self.records.next_id();
        self.webhooks.push(Webhook { id, ..hook });
        Ok(created(id, format!("{}/v2/webhooks/{id}", self.settings.api_url)))
    }

    /// A full replacement, which also re-enables.
    pub(super) fn replace_webhook(&mut self, id: u64, body: &Value) -> ApiResult {
        let place = self.webhooks.iter_mut().find(|hook| hook.id == id).ok_or(ApiError::NotFound)?;
        *place = Webhook::read(id, body)?;
        Ok(no_content())
    }

    pub(super) fn delete_webhook(&mut self, id: u64) -> ApiResult {
        let place = self.webhooks.iter().position(|hook| hook.id == id).ok_or(ApiError::NotFound)?;
        self.webhooks.remove(place);
        Ok(no_content())
    }

    /// Fires an event of a conversation in its own inbox.
    pub(super) fn emit(&mut self, now: u64, event: &'static str, conversation: u64) {
        let mailbox = self.records.conversations.get(&conversation).map(|it| it.mailbox);
        self.emit_in(now, event, conversation, mailbox.as_slice());
    }

    /// Fires an event of a conversation to the webhooks of these inboxes.
    pub(super) fn emit_in(&mut self, now: u64, event: &'static str, conversation: u64, mailboxes: &[u64]) {
        let Some(it) = self.records.conversations.get(&conversation) else { return };
        let due = now + self.settings.webhook_delay_ms;
        let body = |hook: &Webhook| payload(&JsonView { version: hook.version, ..self.view() }, hook, event, it);
        let bodies: Vec<_> = self
            .webhooks
            .iter()
            .filter(|hook| hook.wants(event, mailboxes))
            .map(|hook| (hook.id, body(hook)))
            .collect();
        for (hook, body) in bodies {
            self.delivery_queue.enqueue(due, hook, event, Some(conversation), &body);
        }
    }

    /// Fires `customer.updated`, which no inbox filters.
    pub(super) fn emit_customer(&mut self, now: u64, customer: u64) {
        let Some(it) = self.records.customers.get(&customer) else { return };
        let body = self.view().customer(it);
        let hooks = self.webhooks.iter().filter(|hook| hook.wants("customer.updated", &[]));
        for hook in hooks.map(|hook| hook.id).collect::<Vec<_>>() {
            self.delivery_queue.enqueue(now + self.settings.webhook_delay_ms, hook, "customer.updated", None, &body);
        }
    }

    /// The button "Send a test" of the webhook's page: reaches every enabled webhook.
    pub(super) fn emit_test(&mut self, now: u64) {
        let hooks: Vec<u64> = self.webhooks.iter().filter(|hook| hook.enabled).map(|hook| hook.id).collect();
        for hook in hooks {
            self.delivery_queue.enqueue(now, hook, "helpscout.test", None, &json!({ "id": 1 }));
        }
    }
}

fn payload(view: &JsonView, hook: &Webhook, event: &str, it: &Conversation) -> Value {
    if event == "convo.deleted" {
        return json!({ "id": it.id });
    }
    if hook.notification {
        return json!({ "uri": format!("{}/v2/conversations/{}", view.settings.api_url, it.id) });
    }
    match view.settings.embed_threads {
        EmbedThreads::No => {
            let mut body = view.conversation(it);
            if let Some(body) = body.as_object_mut() {
                body.shift_remove("_embedded");
            }
            body
        }
        EmbedThreads::Yes => {
            let mut body = view.conversation_with_threads(it);
            // The merge's line item is not embedded.
            if let Some(threads) = body["_embedded"]["threads"].as_array_mut() {
                threads.retain(|thread| thread["action"]["type"] != "merged");
            }
            body
        }
        EmbedThreads::V1 => payload_v1(view, it),
    }
}

/// The body that API v1 webhooks had; the official PHP client still tests one.
fn payload_v1(view: &JsonView, it: &Conversation) -> Value {
    let customer = view.records.customers.get(&it.customer);
    let phone = customer.and_then(|customer| customer.phones.first()).map(|entry| entry.value.clone());
    let person = |person: Person| {
        let person = view.person(person);
        json!({ "id": person["id"], "firstName": person["first"], "lastName": person["last"], "email": person["email"], "type": person["type"] })
    };
    let mut from = person(Person::Customer(it.customer));
    from["phone"] = phone.into();
    let thread = |thread: &Thread| {
        let kind = if thread.kind == ThreadKind::Customer { "customer" } else { thread.kind.word() };
        let it = view.thread(thread);
        json!({
            "id": it["id"], "type": kind, "status": it["status"], "state": it["state"], "body": it["body"], "source": it["source"],
            "createdAt": it["createdAt"], "createdBy": person(thread.created_by), "attachments": it["_embedded"]["attachments"],
        })
    };
    let threads: Vec<_> = view.records.threads_of(it.id).into_iter().map(thread).collect();
    let inbox = view.settings.inboxes.iter().find(|inbox| inbox.id == it.mailbox);
    json!({
        "id": it.id, "type": it.kind, "number": it.number, "threadCount": threads.len(), "status": it.status.word(),
        "subject": it.subject, "mailbox": { "id": it.mailbox, "name": inbox.map(|inbox| &inbox.name) }, "customer": from,
        "createdBy": person(it.created_by), "createdAt": time(it.created_at), "tags": it.tags, "threads": threads,
    })
}
