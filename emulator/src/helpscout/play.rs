//! What agents, customers with e-mail and workflows do in Help Scout itself, not through its API.

use super::deeds::{File, NewConversation, NewThread};
use super::json::parse_time;
use super::records::{ConversationState, Person, Status, Thread, ThreadKind, ThreadState};
use super::settings::EmbedThreads;
use super::{HelpScout, conversations};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

type Played = Result<Value, String>;

impl HelpScout {
    /// Does one action of Help Scout's own screen and returns the ids it made, or says why it cannot be done.
    ///
    /// | action | arguments (optional ones with `?`) |
    /// | --- | --- |
    /// | `reply` | `conversation`, `html`, `user?`, `attachments?` `[{name, type, base64}]`, `state?` (`published`, `draft`), `scheduled_for?` (ms or ISO 8601), `status?` |
    /// | `note` | `conversation`, `html`, `user?`, `attachments?` |
    /// | `customer_reply` | `conversation`, `html`, `attachments?`: an e-mail of the customer |
    /// | `workflow_reply` | `conversation`, `html` |
    /// | `publish_draft`, `undo_reply` | `thread` |
    /// | `edit_thread` | `thread`, `html` |
    /// | `hide_thread` | `thread`, `hidden?` |
    /// | `status` | `conversation`, `status`, `user?` |
    /// | `assign` | `conversation`, `to` (user or null), `user?` |
    /// | `tags` | `conversation`, `tags` |
    /// | `merge` | `from`, `into`, `user?` |
    /// | `move` | `conversation`, `mailbox`, `user?` |
    /// | `delete` | `conversation` |
    /// | `new_conversation` | `mailbox`, `customer` (id or `{email, …}`), `html`, `type?`, `subject?`, `user?` |
    /// | `rename_customer` | `customer`, `first`, `last` |
    /// | `line_items` | `conversation`, `n` |
    /// | `remove_user` | `user` |
    /// | `test_webhook`, `enable_webhooks`, `revoke_tokens` | none |
    /// | `settings` | any of `limit_per_minute`, `webhook_delay_ms`, `retry_spacing_ms`, `full_status`, `too_old_ms`, `token_seconds`, `embed_threads` (`no`, `yes`, `v1`), `rewrite_html`, `line_items_count`, `deleted_is_readable` |
    pub fn play(&mut self, now: u64, action: &str, args: &Value) -> Played {
        self.publish_due(now);
        match action {
            "reply" => self.play_thread(now, args, ThreadKind::Message, "web"),
            "note" => self.play_thread(now, args, ThreadKind::Note, "web"),
            "customer_reply" => self.play_thread(now, args, ThreadKind::Customer, "email"),
            "workflow_reply" => self.play_thread(now, args, ThreadKind::Message, "workflows"),
            "publish_draft" | "undo_reply" | "edit_thread" | "hide_thread" => self.play_change(now, action, args),
            "new_conversation" => self.play_beginning(now, args),
            "status" | "assign" | "tags" | "move" | "delete" | "merge" | "line_items" => {
                self.play_move(now, action, args)
            }
            "rename_customer" => self.play_rename(now, args),
            "settings" => self.play_settings(args),
            _ => self.play_account(now, action, args),
        }
    }

    fn play_thread(&mut self, now: u64, args: &Value, kind: ThreadKind, source: &'static str) -> Played {
        let conversation = self.played_conversation(args, "conversation")?;
        self.has_room(now, conversation).map_err(|_| "this conversation is full or too old".to_owned())?;
        let customer = self.conversation(conversation).map_or(0, |it| it.customer);
        let by = match (kind, source) {
            (ThreadKind::Customer, _) => Person::Customer(customer),
            (_, "workflows") => Person::System,
            _ => self.played_user(args)?,
        };
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

    fn play_change(&mut self, now: u64, action: &str, args: &Value) -> Played {
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

    fn play_beginning(&mut self, now: u64, args: &Value) -> Played {
        let mailbox = number(args, "mailbox")?;
        if !self.has_inbox(mailbox) {
            return Err(format!("no inbox {mailbox}"));
        }
        let by = self.played_user(args)?;
        let given = &args["customer"];
        let known = given.as_u64().filter(|id| self.records.customers.contains_key(id));
        let customer = match known {
            Some(id) => id,
            None if given.is_object() => {
                self.find_or_make_customer(now, given).map_err(|refusal| format!("{refusal:?}"))?
            }
            None => return Err("customer: an id or {email, …}".into()),
        };
        let thread = NewThread {
            kind: ThreadKind::Message,
            state: ThreadState::Published,
            text: text(args, "html")?,
            source: "web",
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
            source: "web",
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

    fn play_move(&mut self, now: u64, action: &str, args: &Value) -> Played {
        let id = self.played_conversation(args, if action == "merge" { "from" } else { "conversation" })?;
        let by = self.played_user(args)?;
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
                let into = self.played_conversation(args, "into")?;
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

    fn play_rename(&mut self, now: u64, args: &Value) -> Played {
        let id = number(args, "customer")?;
        let it = self.records.customers.get_mut(&id).ok_or_else(|| format!("no customer {id}"))?;
        it.first = args["first"].as_str().unwrap_or_default().into();
        it.last = args["last"].as_str().unwrap_or_default().into();
        self.customer_changed(now, id);
        self.emit_customer(now, id);
        Ok(json!({ "customer": id }))
    }

    fn play_account(&mut self, now: u64, action: &str, args: &Value) -> Played {
        match action {
            "remove_user" => {
                let id = number(args, "user")?;
                self.settings.users.retain(|user| user.id != id);
            }
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

    fn play_settings(&mut self, args: &Value) -> Played {
        let settings = &mut self.settings;
        for (name, value) in args.as_object().ok_or("an object of settings")? {
            let number = value.as_u64().ok_or_else(|| format!("{name}: a number"));
            let flag = value.as_bool().ok_or_else(|| format!("{name}: true or false"));
            match name.as_str() {
                "limit_per_minute" => settings.limit_per_minute = u32::try_from(number?).unwrap_or(u32::MAX),
                "webhook_delay_ms" => settings.webhook_delay_ms = number?,
                "retry_spacing_ms" => {
                    settings.retry_spacing_ms =
                        value.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
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
                _ => return Err(format!("no setting {name}")),
            }
        }
        Ok(json!({}))
    }

    fn played_conversation(&self, args: &Value, name: &str) -> Result<u64, String> {
        let id = number(args, name)?;
        match self.conversation(id).map(|it| it.state) {
            None => Err(format!("no conversation {id}")),
            Some(ConversationState::Merged { into, .. }) => Err(format!("conversation {id} was merged into {into}")),
            Some(ConversationState::Deleted) => Err(format!("conversation {id} was deleted")),
            Some(_) => Ok(id),
        }
    }

    /// The agent who acts: the first one who is not the owner of the OAuth application, unless one is named.
    fn played_user(&self, args: &Value) -> Result<Person, String> {
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
