//! Actions of agents, customers with e-mail, workflows and the AI agent in Help Scout itself.

use super::changes::{File, NewConversation, NewThread};
use super::json::parse_time;
use super::records::{ConversationState, Person, Status, Thread, ThreadKind, ThreadState};
use super::settings::{EmbedThreads, PayloadVersion, Window};
use super::{HelpScout, conversations};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

type ActionResult = Result<Value, String>;

impl HelpScout {
    /// Performs one action of Help Scout's own screen. Returns the new ids, or why it is not possible.
    ///
    /// | action | arguments (optional ones with `?`) |
    /// | --- | --- |
    /// | `reply` | `conversation`, `html`, `user?`, `attachments?` `[{name, type, base64}]`, `state?` (`published`, `draft`), `scheduled_for?` (ms or ISO 8601), `status?` |
    /// | `note` | `conversation`, `html`, `user?`, `attachments?` |
    /// | `customer_reply` | `conversation`, `html`, `attachments?`: an e-mail of the customer |
    /// | `workflow_reply`, `ai_reply` | `conversation`, `html` |
    /// | `publish_draft`, `undo_reply` | `thread` |
    /// | `edit_thread` | `thread`, `html` |
    /// | `hide_thread` | `thread`, `hidden?` |
    /// | `status` | `conversation`, `status`, `user?` |
    /// | `assign` | `conversation`, `to` (user or null), `user?` |
    /// | `tags` | `conversation`, `tags` |
    /// | `merge` | `from`, `into`, `user?` |
    /// | `move` | `conversation`, `mailbox`, `user?` |
    /// | `delete` | `conversation` |
    /// | `change_customer` | `conversation`, `customer` (id or `{email, …}`), `user?`: no event tells of it |
    /// | `merge_customers` | `from`, `into` |
    /// | `new_conversation` | `mailbox`, `customer` (id or `{email, …}`), `html`, `type?`, `subject?`, `user?`, `by_api?`: another application makes it of what the customer said |
    /// | `rename_customer` | `customer`, `first`, `last` |
    /// | `line_items` | `conversation`, `n` |
    /// | `remove_user` | `user` |
    /// | `spend_budget` | `requests`: another application of the account uses them |
    /// | `test_webhook`, `enable_webhooks`, `revoke_tokens` | none |
    /// | `settings` | any of `limit_per_minute`, `window` (`fixed`, `sliding`), `clock_ahead_ms`, `hidden_inboxes`, `webhook_delay_ms`, `retry_spacing_ms`, `payload_version` (`V2`, `V3`), `full_status`, `too_old_ms`, `token_seconds`, `embed_threads` (`no`, `yes`, `v1`), `merged_write_status` (404, 301), and the flags `rewrite_html`, `line_items_count`, `deleted_is_readable`, `api_marks_ai`, `merged_location_keeps_path` |
    pub fn agent_action(&mut self, now: u64, action: &str, args: &Value) -> ActionResult {
        let now = self.clock(now);
        self.publish_due(now);
        match action {
            "reply" => self.write_thread(now, args, ThreadKind::Message, "web"),
            "note" => self.write_thread(now, args, ThreadKind::Note, "web"),
            "customer_reply" => self.write_thread(now, args, ThreadKind::Customer, "email"),
            "workflow_reply" => self.write_thread(now, args, ThreadKind::Message, "workflows"),
            "ai_reply" => self.write_thread(now, args, ThreadKind::Message, "ai"),
            "publish_draft" | "undo_reply" | "edit_thread" | "hide_thread" => self.change_thread(now, action, args),
            "new_conversation" => self.start_conversation(now, args),
            "status" | "assign" | "tags" | "move" | "delete" | "merge" | "line_items" => {
                self.change_conversation(now, action, args)
            }
            "change_customer" => self.change_customer(now, args),
            "merge_customers" => self.merge_customers(now, args),
            "rename_customer" => self.rename_customer(now, args),
            "settings" => self.change_settings(args),
            _ => self.account_action(now, action, args),
        }
    }

    fn write_thread(&mut self, now: u64, args: &Value, kind: ThreadKind, source: &'static str) -> ActionResult {
        let conversation = self.conversation_arg(args, "conversation")?;
        self.has_room(now, conversation).map_err(|_| "this conversation is full or too old".to_owned())?;
        let customer = self.conversation(conversation).map_or(0, |it| it.customer);
        let by = match (kind, source) {
            (ThreadKind::Customer, _) => Person::Customer(customer),
            (_, "workflows") => Person::System,
            (_, "ai") => Person::AiAgent,
            _ => self.user_arg(args)?,
        };
        // No kind of source names the AI agent (Get conversation page).
        let source = if source == "ai" { "web" } else { source };
        let scheduled = &args["scheduled_for"];
        let state =
            match (scheduled.as_u64().or_else(|| scheduled.as_str().and_then(parse_time)), args["state"].as_str()) {
                (Some(at), _) => ThreadState::Scheduled(at),
                (None, Some("draft")) => ThreadState::Draft,
                (None, _) => ThreadState::Published,
            };
        let new = NewThread {
            kind,
            state,
            text: text(args, "html")?,
            source,
            by,
            customer,
            created_at: now,
            files: files(&args["attachments"])?,
            imported: false,
            status: args["status"].as_str().and_then(Status::parse),
        };
        Ok(json!({ "conversation": conversation, "thread": self.add_thread(now, conversation, new) }))
    }

    fn change_thread(&mut self, now: u64, action: &str, args: &Value) -> ActionResult {
        let id = number(args, "thread")?;
        let it = self.records.threads.get_mut(&id).ok_or_else(|| format!("no thread {id}"))?;
        let conversation = it.conversation;
        match action {
            "publish_draft" => {
                if !matches!(it.state, ThreadState::Draft | ThreadState::Scheduled(_)) {
                    return Err(format!("thread {id} is not a draft"));
                }
                self.publish(now, id);
            }
            // The reply opens again in the editor; the e-mail had not left yet.
            "undo_reply" => {
                it.state = ThreadState::Draft;
                self.records.outbox.retain(|email| email.thread != Some(id));
            }
            "edit_thread" => it.text = text(args, "html")?,
            _ => {
                let hidden = args["hidden"].as_bool().unwrap_or(true);
                it.state = if hidden { ThreadState::Hidden } else { ThreadState::Published };
            }
        }
        self.changed(now, conversation);
        Ok(json!({ "conversation": conversation, "thread": id }))
    }

    fn start_conversation(&mut self, now: u64, args: &Value) -> ActionResult {
        let mailbox = number(args, "mailbox")?;
        if !self.has_inbox(mailbox) {
            return Err(format!("no inbox {mailbox}"));
        }
        let by = self.user_arg(args)?;
        let customer = self.customer_arg(now, args)?;
        let (kind, source, by) = if args["by_api"].as_bool().unwrap_or_default() {
            (ThreadKind::Customer, "api", Person::Customer(customer))
        } else {
            (ThreadKind::Message, "web", by)
        };
        let thread = NewThread {
            kind,
            state: ThreadState::Published,
            text: text(args, "html")?,
            source,
            by,
            customer,
            created_at: now,
            files: files(&args["attachments"])?,
            imported: false,
            status: None,
        };
        let new = NewConversation {
            kind: args["type"].as_str().unwrap_or("email").into(),
            subject: args["subject"].as_str().unwrap_or("A question").into(),
            status: Status::Active,
            mailbox,
            assignee: None,
            customer,
            by,
            source,
            created_at: now,
            tags: Vec::new(),
            fields: Vec::new(),
            auto_reply: false,
            threads: vec![thread],
        };
        let id = self.begin(now, new);
        let thread = self.threads(id).first().map(|thread| thread.id);
        Ok(json!({ "conversation": id, "thread": thread, "customer": customer }))
    }

    fn change_conversation(&mut self, now: u64, action: &str, args: &Value) -> ActionResult {
        let id = self.conversation_arg(args, if action == "merge" { "from" } else { "conversation" })?;
        let by = self.user_arg(args)?;
        match action {
            "status" => {
                let status = Status::parse(&text(args, "status")?).ok_or("status: active, pending, closed or spam")?;
                self.set_status(now, id, status, by, "web");
            }
            "assign" => self.assign(now, id, args["to"].as_u64().filter(|user| self.has_user(*user)), by, "web"),
            "tags" => self.set_tags(now, id, conversations::strings(&args["tags"])),
            "move" => {
                let mailbox = number(args, "mailbox")?;
                if !self.has_inbox(mailbox) {
                    return Err(format!("no inbox {mailbox}"));
                }
                self.move_to(now, id, mailbox, by, "web");
            }
            "delete" => self.delete(now, id),
            "merge" => {
                let into = self.conversation_arg(args, "into")?;
                if into == id {
                    return Err("a conversation cannot be merged into itself".into());
                }
                self.merge(now, id, into, by);
                return Ok(json!({ "from": id, "into": into }));
            }
            _ => {
                for index in 0..number(args, "n")? {
                    self.line_item(now, id, by, "web", &format!("change {}", index + 1));
                }
            }
        }
        Ok(json!({ "conversation": id }))
    }

    /// Change customer. Existing threads keep their customer. No event is sent.
    fn change_customer(&mut self, now: u64, args: &Value) -> ActionResult {
        let id = self.conversation_arg(args, "conversation")?;
        let by = self.user_arg(args)?;
        let customer = self.customer_arg(now, args)?;
        if let Some(it) = self.records.conversations.get_mut(&id) {
            it.customer = customer;
        }
        self.line_item(now, id, by, "web", "changed the customer");
        Ok(json!({ "conversation": id, "customer": customer }))
    }

    /// Merges one customer into another, which removes the first.
    fn merge_customers(&mut self, now: u64, args: &Value) -> ActionResult {
        let (from, into) = (number(args, "from")?, number(args, "into")?);
        if from == into || !self.records.customers.contains_key(&into) {
            return Err(format!("no other customer {into}"));
        }
        let gone = self.records.customers.remove(&from).ok_or_else(|| format!("no customer {from}"))?;
        self.customer_index.write(now, from, None);
        if let Some(it) = self.records.customers.get_mut(&into) {
            it.emails.extend(gone.emails);
            it.phones.extend(gone.phones);
        }
        let touched = self.records.give_to(from, into);
        for conversation in touched {
            self.changed(now, conversation);
        }
        self.customer_changed(now, into);
        self.emit_customer(now, into);
        Ok(json!({ "customer": into }))
    }

    fn customer_arg(&mut self, now: u64, args: &Value) -> Result<u64, String> {
        let given = &args["customer"];
        match given.as_u64().filter(|id| self.records.customers.contains_key(id)) {
            Some(id) => Ok(id),
            None if given.is_object() => {
                self.find_or_make_customer(now, given).map_err(|refusal| format!("{refusal:?}"))
            }
            None => Err("customer: an id or {email, …}".into()),
        }
    }

    fn rename_customer(&mut self, now: u64, args: &Value) -> ActionResult {
        let id = number(args, "customer")?;
        let it = self.records.customers.get_mut(&id).ok_or_else(|| format!("no customer {id}"))?;
        it.first = args["first"].as_str().unwrap_or_default().into();
        it.last = args["last"].as_str().unwrap_or_default().into();
        self.customer_changed(now, id);
        self.emit_customer(now, id);
        Ok(json!({ "customer": id }))
    }

    fn account_action(&mut self, now: u64, action: &str, args: &Value) -> ActionResult {
        match action {
            "remove_user" => {
                let id = number(args, "user")?;
                self.settings.users.retain(|user| user.id != id);
            }
            "spend_budget" => self.budget.spend(now, u32::try_from(number(args, "requests")?).unwrap_or(u32::MAX)),
            "test_webhook" => self.emit_test(now),
            "enable_webhooks" => {
                for hook in &mut self.webhooks {
                    (hook.enabled, hook.dropped) = (true, 0);
                }
            }
            "revoke_tokens" => self.tokens.revoke(),
            _ => return Err(format!("no action {action}")),
        }
        Ok(json!({}))
    }

    fn change_settings(&mut self, args: &Value) -> ActionResult {
        let settings = &mut self.settings;
        let numbers = |value: &Value| value.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
        for (name, value) in args.as_object().ok_or("an object of settings")? {
            let number = value.as_u64().ok_or_else(|| format!("{name}: a number"));
            let flag = value.as_bool().ok_or_else(|| format!("{name}: true or false"));
            match name.as_str() {
                "limit_per_minute" => settings.limit_per_minute = u32::try_from(number?).unwrap_or(u32::MAX),
                "webhook_delay_ms" => settings.webhook_delay_ms = number?,
                "retry_spacing_ms" => settings.retry_spacing_ms = numbers(value),
                "hidden_inboxes" => settings.hidden_inboxes = numbers(value),
                "window" => {
                    settings.window = match value.as_str() {
                        Some("fixed") => Window::Fixed,
                        Some("sliding") => Window::Sliding,
                        _ => return Err("window: fixed or sliding".into()),
                    }
                }
                "clock_ahead_ms" => settings.clock_ahead_ms = value.as_i64().ok_or("clock_ahead_ms: a number")?,
                "merged_write_status" => settings.merged.write_status = u16::try_from(number?).unwrap_or(404),
                "payload_version" => {
                    let version = match value.as_str() {
                        Some("V2") => PayloadVersion::V2,
                        Some("V3") => PayloadVersion::V3,
                        _ => return Err("payload_version: V2 or V3".into()),
                    };
                    self.webhooks.iter_mut().for_each(|hook| hook.version = version);
                }
                "full_status" => settings.full_status = u16::try_from(number?).unwrap_or(412),
                "too_old_ms" => settings.too_old_ms = value.as_u64(),
                "token_seconds" => settings.token_seconds = number?,
                "embed_threads" => {
                    settings.embed_threads = match value.as_str() {
                        Some("no") => EmbedThreads::No,
                        Some("yes") => EmbedThreads::Yes,
                        Some("v1") => EmbedThreads::V1,
                        _ => return Err("embed_threads: no, yes or v1".into()),
                    }
                }
                "rewrite_html" => settings.rewrite_html = flag?,
                "line_items_count" => settings.line_items_count = flag?,
                "deleted_is_readable" => settings.deleted_is_readable = flag?,
                "api_marks_ai" => settings.ai_agent.marked_in_api = flag?,
                "merged_location_keeps_path" => settings.merged.location_keeps_path = flag?,
                _ => return Err(format!("no setting {name}")),
            }
        }
        Ok(json!({}))
    }

    fn conversation_arg(&self, args: &Value, name: &str) -> Result<u64, String> {
        let id = number(args, name)?;
        match self.conversation(id).map(|it| it.state) {
            None => Err(format!("no conversation {id}")),
            Some(ConversationState::Merged { into, .. }) => Err(format!("conversation {id} was merged into {into}")),
            Some(ConversationState::Deleted) => Err(format!("conversation {id} was deleted")),
            Some(_) => Ok(id),
        }
    }

    /// The acting agent: the named one, else the first who does not own the OAuth application.
    fn user_arg(&self, args: &Value) -> Result<Person, String> {
        match args["user"].as_u64() {
            Some(id) if self.has_user(id) => Ok(Person::User(id)),
            Some(id) => Err(format!("no user {id}")),
            None => Ok(self.settings.users.get(1).map_or(self.owner(), |user| Person::User(user.id))),
        }
    }

    /// A thread by its id.
    pub fn thread(&self, id: u64) -> Option<&Thread> {
        self.records.threads.get(&id)
    }
}

fn number(args: &Value, name: &str) -> Result<u64, String> {
    args[name].as_u64().ok_or_else(|| format!("{name}: a number"))
}

fn text(args: &Value, name: &str) -> Result<String, String> {
    args[name].as_str().map(Into::into).ok_or_else(|| format!("{name}: a text"))
}

fn files(list: &Value) -> Result<Vec<File>, String> {
    let file = |it: &Value| {
        let bytes = BASE64_STANDARD.decode(text(it, "base64")?).map_err(|_| "attachments: not base64".to_owned())?;
        Ok(File { filename: text(it, "name")?, mime_type: text(it, "type")?, bytes })
    };
    list.as_array().into_iter().flatten().map(file).collect()
}
