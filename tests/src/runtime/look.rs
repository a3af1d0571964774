//! What can be seen from outside: phones, conversations, requests.

use emulator::faults::Service;
use emulator::helpscout::{Conversation, ConversationState, Customer, Thread, ThreadKind};
use emulator::server::Entry;
use emulator::twilio::Message;
use serde_json::{Value, json};

use super::{GREETING, Stand};

/// A conversation as agents see it.
#[derive(Clone, Debug)]
pub struct Talk {
    /// The conversation itself.
    pub conversation: Conversation,
    /// Its customer.
    pub customer: Customer,
    /// Its threads, oldest first.
    pub threads: Vec<Thread>,
}

impl Talk {
    /// Its id.
    pub fn id(&self) -> u64 {
        self.conversation.id
    }

    /// What the threads of a kind say, as it was written.
    pub fn words(&self, kind: ThreadKind) -> Vec<&str> {
        self.threads.iter().filter(|thread| thread.kind == kind).map(|thread| thread.text.as_str()).collect()
    }

    /// What the supporter said.
    pub fn said(&self) -> Vec<&str> {
        self.words(ThreadKind::Customer)
    }

    /// What agents are told.
    pub fn notes(&self) -> Vec<&str> {
        self.words(ThreadKind::Note)
    }

    /// Whether a note has these words in it.
    pub fn tells(&self, words: &str) -> bool {
        self.notes().iter().any(|note| note.contains(words))
    }
}

impl Stand {
    /// Every conversation that is neither merged into another nor deleted, oldest first.
    pub fn talks(&self) -> Vec<Talk> {
        self.world(|world| {
            let here = |it: &&Conversation| it.state == ConversationState::Published;
            let all: Vec<Conversation> = world.helpscout.conversations().filter(here).cloned().collect();
            all.into_iter().filter_map(|conversation| talk(world, conversation)).collect()
        })
    }

    /// One conversation.
    pub fn talk(&self, id: u64) -> Talk {
        self.world(|world| {
            let conversation = world.helpscout.conversation(id).cloned().expect("a conversation");
            talk(world, conversation).expect("its customer")
        })
    }

    /// What a phone received, in order.
    pub fn received(&self, number: &str) -> Vec<String> {
        self.world(|world| {
            let all = world.twilio.phone(number);
            let received = all.iter().filter(|message| !message.mine);
            received.map(|message| message.body.clone()).collect()
        })
    }

    /// Every message that was made at Twilio, in the order of making.
    pub fn sent(&self) -> Vec<Message> {
        self.world(|world| world.twilio.sent())
    }

    /// The API requests that a service received and whose method and path have these words in them, as in
    /// `POST /v2/conversations`.
    pub fn requests(&self, service: Service, words: &str) -> Vec<Entry> {
        self.world(|world| {
            let meant = |entry: &&Entry| {
                entry.service == service && format!("{} {}", entry.method, entry.target).contains(words)
            };
            world.requests().filter(meant).cloned().collect()
        })
    }

    /// Somebody texts for the first time; their conversation, once they were greeted and it is there.
    pub async fn first_contact(&self, from: &str, body: &str) -> u64 {
        let talk = self.contact_from_abroad(from, body).await;
        self.until_received(from, &[GREETING]).await;
        talk
    }

    /// The same of somebody whom the hotline does not greet: from abroad, or with a number that costs extra.
    pub async fn contact_from_abroad(&self, from: &str, body: &str) -> u64 {
        let before = self.talks().len();
        self.text(from, body);
        self.until("a conversation", |it| it.talks().into_iter().nth(before)).await.id()
    }

    /// Waits until a phone has received exactly this, in this order.
    pub async fn until_received(&self, number: &str, expected: &[&str]) {
        let what = format!("{number} receives {expected:?}");
        self.until(&what, |it| (it.received(number).len() >= expected.len()).then_some(())).await;
        assert_eq!(self.received(number), expected, "{}", self.story());
    }

    /// Waits until the supporter has said exactly this in a conversation, in this order.
    pub async fn until_said(&self, conversation: u64, expected: &[&str]) {
        let what = format!("{conversation} shows {expected:?}");
        self.until(&what, |it| (it.talk(conversation).said().len() >= expected.len()).then_some(())).await;
        assert_eq!(self.talk(conversation).said(), expected, "{}", self.story());
    }

    /// Waits until a note of a conversation has these words in it.
    pub async fn until_told(&self, conversation: u64, words: &str) {
        let what = format!("a note in {conversation} says {words:?}");
        self.until(&what, |it| it.talk(conversation).tells(words).then_some(())).await;
    }

    /// All that is in the outside world and that a request could change, without the times.
    pub fn snapshot(&self) -> Value {
        self.world(|world| {
            let mut state = world.helpscout.state(0);
            state["deliveries"] = Value::Null;
            state["webhooks_waiting"] = Value::Null;
            let phones: Vec<_> =
                world.twilio.phones().into_iter().map(|phone| world.twilio.phone(&phone).len()).collect();
            json!({ "helpscout": state, "phones": phones, "requests": world.requests().count() })
        })
    }

    /// What happened so far, for somebody who wants to know why a story failed.
    pub fn story(&self) -> String {
        let world = self.world(|world| {
            let requests: Vec<String> = world
                .requests()
                .map(|it| {
                    format!(
                        "{} {} {} {:?} {}",
                        it.at,
                        it.method,
                        it.target,
                        it.status,
                        it.body.chars().take(200).collect::<String>()
                    )
                })
                .collect();
            let conversations = world.helpscout.state(0)["conversations"].clone();
            format!("{conversations:#}\n{}\n{:?}", requests.join("\n"), world.twilio.debugger())
        });
        format!("{world}\n{}", self.worker.log())
    }
}

fn talk(world: &emulator::server::World, conversation: Conversation) -> Option<Talk> {
    let customer = world.helpscout.customers().find(|customer| customer.id == conversation.customer)?.clone();
    let threads = world.helpscout.threads(conversation.id).into_iter().cloned().collect();
    Some(Talk { conversation, customer, threads })
}
