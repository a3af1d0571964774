//! What supporters and agents do, and what they see.

use emulator::helpscout::{Conversation, ConversationState, Status, Thread, ThreadKind};
use emulator::twilio::{Heard, Message, Script};
use hotline::call;
use hotline::contact;
use hotline::directory;
use hotline::domain::html::normalised;
use hotline::effects::{ObjectMessage, ObjectReply, ToObject};
use hotline::helpscout::webhook::Event;
use hotline::messages::request::{KnownNumbers, Request as _};
use hotline::routing::HttpAnswer;
use hotline::twilio::inbound::InboundText;
use hotline::twilio::lookup::Phone;
use serde_json::{Value, json};

use super::World;
use super::ledger::Reply;
use super::object::Name;
use super::stage::{VOTERS, VOTERS_NUMBERS};

impl World {
    /// Somebody texts the voters' hotline.
    pub fn text(&mut self, from: &str, body: &str) -> String {
        self.text_to(from, VOTERS_NUMBERS[0], body, &[])
    }

    /// Somebody texts one of the numbers, with files of these types.
    pub fn text_to(&mut self, from: &str, to: &str, body: &str, files: &[&str]) -> String {
        let files = files.iter().map(|mime| ((*mime).to_owned(), b"a file".to_vec())).collect();
        self.note(|| format!("{from} texts {to}: {body:?}"));
        self.twilio.text_in(self.now.cast_unsigned(), from, to, body, files)
    }

    /// Somebody writes on WhatsApp.
    pub fn whatsapp(&mut self, from: &str, body: &str) -> String {
        let to = format!("whatsapp:{}", VOTERS_NUMBERS[0]);
        self.text_to(&format!("whatsapp:{from}"), &to, body, &[])
    }

    /// Somebody calls the voters' hotline and follows a script; the call's sid.
    pub fn call(&mut self, from: &str, script: Script) -> String {
        self.note(|| format!("{from} calls: {script:?}"));
        self.twilio.call_in(self.now.cast_unsigned(), from, VOTERS_NUMBERS[0], script)
    }

    /// Somebody calls the voters' WhatsApp sender and follows a script; the call's sid.
    pub fn whatsapp_call(&mut self, from: &str, script: Script) -> String {
        let (from, to) = (format!("whatsapp:{from}"), format!("whatsapp:{}", VOTERS_NUMBERS[0]));
        self.note(|| format!("{from} calls: {script:?}"));
        self.twilio.call_in(self.now.cast_unsigned(), &from, &to, script)
    }

    /// An agent calls somebody back, as the hotline's object has allowed it.
    ///
    /// Returns whether that was taken in.
    pub fn call_back(&mut self, id: &str, agent: i64, phone: &str, code: &str, contact: &str) -> bool {
        let start = call::Start {
            agent,
            agent_name: "Ada Byron".to_owned(),
            phone: phone.to_owned(),
            code: code.to_owned(),
            contact: contact.to_owned(),
            dialled: contact.to_owned(),
            number: VOTERS_NUMBERS[0].to_owned(),
        };
        !self.tell_call(id, call::Message::Start(start)).is_empty()
    }

    /// An agent presses Call back in the sidebar; the status of the answer. The contact's country is the agent's.
    pub fn asks_to_call(&mut self, id: &str, agent: i64, contact: &str) -> u32 {
        let known = KnownNumbers { contact: contact.to_owned() };
        let numbers = self.tell_object(VOTERS, known.message()).ok().and_then(|reply| KnownNumbers::reply(reply).ok());
        let theirs = numbers.and_then(|numbers| numbers.theirs);
        let facts = directory::Facts { country: "US".to_owned(), number: VOTERS_NUMBERS[0].to_owned(), theirs };
        let dial = directory::Dial {
            id: id.to_owned(),
            agent,
            contact: contact.to_owned(),
            code: String::new(),
            facts: Some(facts),
        };
        let allowed = self.request(&Name::Directory(VOTERS), ObjectMessage::Directory(directory::Message::Dial(dial)));
        match allowed {
            Ok(ObjectReply::StartCall(start)) => {
                self.tell_call(id, call::Message::Start(*start));
                201
            }
            Ok(ObjectReply::Refused(refused)) => refused.status.into(),
            _ => 503,
        }
    }

    /// The agent wants no more of it.
    pub fn cancel(&mut self, id: &str, agent: i64) {
        self.tell_call(id, call::Message::Cancel { agent });
    }

    /// How far a call is, as its agent's sidebar asks.
    pub fn look(&mut self, id: &str, agent: i64) -> String {
        self.tell_call(id, call::Message::Look { agent })
    }

    fn tell_call(&mut self, id: &str, message: call::Message) -> String {
        let heard = self.request(&Name::Call(VOTERS, id.to_owned()), ObjectMessage::Call(message));
        match heard {
            Ok(ObjectReply::Call(call)) => serde_json::to_string(&call).unwrap_or_default(),
            reply => reply.map_or(String::new(), |reply| HttpAnswer::of_object(&reply).body),
        }
    }

    /// An agent whom Help Scout knows has shown that a phone is theirs.
    pub fn owns_phone(&mut self, agent: i64, name: &str, number: &str) {
        let phone = Phone { number: number.to_owned(), country: "US".to_owned() };
        for message in [
            directory::Message::Agent { id: agent, name: Some(name.to_owned()), phone: Some(phone), is_operator: None },
            directory::Message::Confirmed { agent, phone: number.to_owned() },
        ] {
            drop(self.request(&Name::Directory(VOTERS), ObjectMessage::Directory(message)));
        }
    }

    /// An agent texts somebody from the sidebar; the status of the answer.
    pub fn write(&mut self, id: &str, person: &str, text: &str) -> u32 {
        self.write_again(id, person, text, None)
    }

    /// An agent sends an entry again; the status of the answer.
    pub fn write_again(&mut self, id: &str, person: &str, text: &str, again: Option<&str>) -> u32 {
        self.answer_to(id, person, text, again).status.into()
    }

    /// What the sidebar of an agent who sends a text is answered.
    pub fn answer_to(&mut self, id: &str, person: &str, text: &str, again: Option<&str>) -> HttpAnswer {
        let written = contact::Written {
            id: id.to_owned(),
            agent: 4004,
            name: "Ada Byron".to_owned(),
            text: text.to_owned(),
            again: again.map(str::to_owned),
        };
        let may_text = directory::Message::MayText { agent: 4004, id: written.entry_id() };
        match self.request(&Name::Directory(VOTERS), ObjectMessage::Directory(may_text)) {
            Ok(ObjectReply::Done) => {}
            Ok(refused @ ObjectReply::Refused(_)) => return HttpAnswer::of_object(&refused),
            _ => return HttpAnswer::not_now(),
        }
        let input = ObjectMessage::Contact(contact::Message::Write(written));
        match self.request(&Name::Contact(VOTERS, person.to_owned()), input) {
            Ok(reply) => HttpAnswer::of_object(&reply),
            _ => HttpAnswer::not_now(),
        }
    }

    /// A text is taken under a key, as an older release took it.
    ///
    /// # Panics
    /// When it is not taken.
    pub fn older_release_takes(&mut self, key: &str, text: InboundText) {
        let taken =
            self.request(&Name::Contact(VOTERS, key.to_owned()), ObjectMessage::Contact(contact::Message::Text(text)));
        assert_eq!(taken.ok(), Some(ObjectReply::Done), "{key}");
    }

    /// The person as a sidebar shows them.
    pub fn shown(&mut self, person: &str) -> Option<protocol::sidebar::Person> {
        let look = ToObject::Contact(person.to_owned(), contact::Message::Look { before: None });
        match self.tell_object(VOTERS, look) {
            Ok(ObjectReply::Timeline(page)) => Some(page.person),
            _ => None,
        }
    }

    /// The last page of a person's timeline, as a sidebar reads it.
    pub fn timeline(&mut self, person: &str) -> Vec<Value> {
        let look = ObjectMessage::Contact(contact::Message::Look { before: None });
        let Ok(ObjectReply::Timeline(page)) = self.request(&Name::Contact(VOTERS, person.to_owned()), look) else {
            return Vec::new();
        };
        let page = serde_json::to_value(page).unwrap_or_default();
        page["entries"].as_array().cloned().unwrap_or_default()
    }

    /// What the person at the far end of a call heard, as kinds and words, without what lasted no time.
    pub fn heard(&self, sid: &str) -> Vec<String> {
        let call = self.twilio.call(sid);
        let shown = |(_, what): &(u64, Heard)| {
            let (kind, words) = what.words();
            if words.is_empty() || kind == "bridged" { kind.to_owned() } else { format!("{kind} {words}") }
        };
        call.map(|call| call.heard.iter().map(shown).collect()).unwrap_or_default()
    }

    /// A webhook with Help Scout's signature comes, whatever the header says that has happened.
    pub fn hears_event(&mut self, event: &Event) {
        drop(
            self.request(&Name::Directory(VOTERS), ObjectMessage::Directory(directory::Message::Event(event.clone()))),
        );
    }

    /// An agent does something in Help Scout's own screen.
    pub fn play(&mut self, action: &str, arguments: &Value) -> Result<Value, String> {
        self.note(|| format!("an agent: {action} {arguments}"));
        let played = self.helpscout.agent_action(self.now.cast_unsigned(), action, arguments);
        if action == "undo_reply" && played.is_ok() {
            self.ledger.takes_back(arguments["thread"].as_u64().unwrap_or(0), self.now);
        }
        played
    }

    /// An agent replies; the thread.
    pub fn reply(&mut self, conversation: u64, html: &str) -> u64 {
        self.reply_with(conversation, html, "", &[])
    }

    /// An agent replies with files; `marker` is a word of the reply by which the promises know it.
    pub fn reply_with(&mut self, conversation: u64, html: &str, marker: &str, files: &[(&str, &str)]) -> u64 {
        let files: Vec<Value> =
            files.iter().map(|(name, mime)| json!({"name": name, "type": mime, "base64": "YSBmaWxl"})).collect();
        let arguments = json!({"conversation": conversation, "html": html, "attachments": files});
        let Ok(made) = self.play("reply", &arguments) else { return 0 };
        let thread = made["thread"].as_u64().unwrap_or(0);
        let marker = if marker.is_empty() { normalised(html) } else { marker.to_owned() };
        let (taken_back, meddled, corrected) = (false, false, false);
        let customer = self.helpscout.thread(thread).map_or(0, |thread| thread.customer);
        self.ledger.replies.push(Reply {
            thread,
            conversation,
            marker,
            customer,
            parts: 1,
            taken_back,
            meddled,
            corrected,
            taken_back_at: None,
        });
        thread
    }

    /// The person whose customer this is, by the address or by the phone.
    pub fn person_of(&self, customer: u64) -> Option<String> {
        let customer = self.helpscout.customers().find(|known| known.id == customer)?;
        let digits = customer.email().strip_suffix("@sms.example.org");
        let by_address = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let by_phone = || customer.phones.first().map(|phone| phone.value.clone());
        by_address.map(|digits| format!("+{digits}")).or_else(by_phone)
    }

    /// The conversations that we made for a person, oldest first.
    pub fn conversations(&self, person: &str) -> Vec<u64> {
        let ours =
            |it: &&Conversation| it.source.kind == "api" && self.person_of(it.customer).as_deref() == Some(person);
        self.helpscout.conversations().filter(ours).map(|it| it.id).collect()
    }

    /// Somebody's text, with all that follows; the conversation that it stands in.
    pub fn settled_text(&mut self, person: &str, words: &str) -> u64 {
        self.text(person, words);
        self.settle(1);
        self.conversation(person)
    }

    /// An agent does something in Help Scout, and a minute goes by; what came of it.
    ///
    /// # Panics
    /// When Help Scout does not know it.
    pub fn agent_acts(&mut self, action: &str, arguments: &Value) -> Value {
        let played = self.play(action, arguments).expect(action);
        self.run_for(60_000);
        played
    }

    /// The newest of them.
    ///
    /// # Panics
    /// When there is none.
    pub fn conversation(&self, person: &str) -> u64 {
        *self.conversations(person).last().unwrap_or_else(|| panic!("{person} has no conversation"))
    }

    fn words(&self, conversation: u64, wanted: impl Fn(&Thread) -> bool) -> Vec<String> {
        let threads = self.helpscout.threads(conversation);
        threads.into_iter().filter(|thread| wanted(thread)).map(|thread| normalised(&thread.text)).collect()
    }

    /// What the customer said in a conversation.
    pub fn said(&self, conversation: u64) -> Vec<String> {
        self.words(conversation, |thread| thread.kind == ThreadKind::Customer)
    }

    /// The notes that we wrote in a conversation.
    pub fn notes(&self, conversation: u64) -> Vec<String> {
        self.words(conversation, |thread| thread.kind == ThreadKind::Note && thread.source.kind == "api")
    }

    /// Names and types of the files in a conversation.
    pub fn files(&self, conversation: u64) -> Vec<(String, String)> {
        let threads = self.helpscout.threads(conversation);
        let ids = threads.iter().flat_map(|thread| &thread.attachments);
        ids.filter_map(|id| Some((self.helpscout.file_name(*id)?, self.helpscout.attachment(*id)?.0))).collect()
    }

    /// Whether a conversation is closed.
    pub fn is_closed(&self, conversation: u64) -> bool {
        self.helpscout.conversation(conversation).is_some_and(|it| it.status == Status::Closed)
    }

    /// Whether agents can still see a conversation.
    pub fn is_there(&self, conversation: u64) -> bool {
        let state = self.helpscout.conversation(conversation).map(|it| it.state);
        matches!(state, Some(ConversationState::Published | ConversationState::Draft))
    }

    /// What arrived on a phone from us; Twilio's own answers to keywords are not from us.
    pub fn phone(&self, person: &str) -> Vec<String> {
        let shown = self.twilio.phone(person);
        shown.into_iter().filter(|message| !message.mine && message.sid.is_some()).map(|message| message.body).collect()
    }

    /// How often the hotlines' objects counted something.
    pub fn counted(&self, what: &str) -> i64 {
        let directories = self.objects.iter().filter(|(name, _)| matches!(name, Name::Directory(_)));
        directories.map(|(_, directory)| directory.store.counted(what)).sum()
    }

    /// What a hotline's directory has still to do.
    pub fn directory_jobs(&self, mailbox: u64) -> Vec<String> {
        self.objects.get(&Name::Directory(mailbox)).map(|directory| directory.store.jobs()).unwrap_or_default()
    }

    /// The alarm that a hotline's directory has set never comes.
    pub fn lose_directory_alarm(&mut self, mailbox: u64) {
        if let Some(directory) = self.objects.get_mut(&Name::Directory(mailbox)) {
            directory.alarm = None;
        }
    }

    /// The cron asks that what is older than a hotline keeps is removed.
    pub fn begin_retention(&mut self, mailbox: u64) {
        let asked = ObjectMessage::Directory(directory::Message::Retention);
        drop(self.request(&Name::Directory(mailbox), asked));
    }

    /// Whether any object's rows still hold these words.
    pub fn rows_hold(&self, words: &str) -> bool {
        self.objects.values().any(|object| object.store.holds(words))
    }

    /// Messages that were made at Twilio for a person.
    pub fn made_for(&self, person: &str) -> Vec<Message> {
        let to = |message: &Message| message.to.trim_start_matches("whatsapp:") == person;
        self.twilio.sent().into_iter().filter(to).collect()
    }
}
