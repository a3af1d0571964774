//! A history that nobody wrote: supporters and agents who do what comes to their minds.

use std::fmt::Write;

use emulator::helpscout::{ConversationState, EmbedThreads};
use emulator::twilio::Fate;
use hotline::effect::Millis;
use serde_json::{Value, json};

use super::dice::Dice;
use super::stage::{DRIVERS, DRIVERS_NUMBER, NOON, OFFICE, Stage, VOTERS, VOTERS_NUMBERS};
use super::weather::Weather;
use super::{Event, World};

/// Something that somebody does.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// A person texts.
    Text(&'static str),
    /// A person texts, and the same again at once.
    TextTwice(&'static str),
    /// An agent does something somewhere.
    Agent,
    /// An agent takes a reply back.
    TakeBack(u64),
    /// An agent publishes a draft.
    Publish(u64),
}

const PEOPLE: [&str; 4] = ["+15550100101", "+15550100102", "+447700900123", "+15550100104"];
const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;

/// What one message holds (Twilio, Message resource: `Body`).
const LONGEST: usize = 1_600;

/// Within this a reply can be taken back without a trace: less than the hotline's delay of five seconds.
const UNDO: (Millis, Millis) = (1_000, 4_000);

impl World {
    /// A world with a history ahead of it, as the seed says.
    pub fn history(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut stage = Stage { phone_only: dice.happens(200), ..Stage::default() };
        stage.embed = dice.pick(&[EmbedThreads::No, EmbedThreads::No, EmbedThreads::Yes, EmbedThreads::V1]).copied();
        for (field, likely, value) in [
            ("threading", 150, json!("new_after_close")),
            ("threading", 100, json!({"days": 1})),
            ("receipts", 150, json!("failures")),
            ("reply_delay_seconds", 100, json!(30)),
        ] {
            if dice.happens(likely) {
                stage.hotline.push((field, value));
            }
        }
        let end = NOON + dice.span(10 * MINUTE, 5 * HOUR);
        let weather = Weather::draw(&mut dice, NOON, end);
        let mut world = Self::seeded(&stage, dice, weather);
        world.plan(end);
        world
    }

    fn plan(&mut self, end: Millis) {
        let lag = *self.dice.pick(&[0, 0, 3_000, 20_000, 60_000]).unwrap_or(&0);
        self.helpscout.set_list_lag(lag);
        self.twilio.settings_mut().media_ready_after_ms = *self.dice.pick(&[0, 0, 4_000]).unwrap_or(&0);
        let people = self.dice.count(1, 3);
        for person in PEOPLE.iter().take(people) {
            let fate = *self
                .dice
                .pick(&[
                    Fate::Delivered,
                    Fate::Delivered,
                    Fate::Delivered,
                    Fate::NoReceipt,
                    Fate::UNREACHABLE,
                    Fate::LANDLINE,
                ])
                .unwrap_or(&Fate::Delivered);
            self.twilio.set_fate(person, fate);
            if self.dice.happens(50) {
                self.twilio.block(VOTERS_NUMBERS[0], person);
            }
            for _ in 0..self.dice.within(1, 3) {
                let mut at = self.dice.span(NOON, end);
                for _ in 0..self.dice.within(1, 4) {
                    let twice = self.dice.happens(40);
                    self.at(at, Event::Act(if twice { Act::TextTwice(person) } else { Act::Text(person) }));
                    at += self.dice.span(0, 20_000);
                }
            }
        }
        for _ in 0..self.dice.within(1, 10) {
            let at = self.dice.span(NOON, end + HOUR);
            self.at(at, Event::Act(Act::Agent));
        }
    }

    /// Lets the history happen, then mends everything and waits until all is done. Returns whether it came to rest.
    pub fn live(&mut self) -> bool {
        while let Some(at) =
            self.events.iter().filter(|(_, event)| matches!(event, Event::Act(_))).map(|(key, _)| key.0).max()
        {
            self.run_until(at);
        }
        self.run_for(10 * MINUTE);
        self.weather = Weather { windy: true, ..Weather::default() };
        self.switch.mend();
        self.settle(5)
    }

    pub(super) fn act(&mut self, act: Act) {
        match act {
            Act::Text(person) => self.texts(person, 1),
            Act::TextTwice(person) => self.texts(person, 2),
            Act::Agent => self.agent(),
            Act::TakeBack(thread) => drop(self.play("undo_reply", &json!({"thread": thread}))),
            Act::Publish(thread) => self.publish(thread),
        }
    }

    fn texts(&mut self, person: &str, copies: usize) {
        let marker = self.ledger.marker('T');
        let words = [
            format!("{marker} where do I vote?"),
            format!("{marker} Tom & Jerry <b>\"it's\"</b>\nsecond line"),
            format!("{marker} ¿dónde? 👋🏽"),
        ];
        let ordinary = self.dice.pick(&words).cloned().unwrap_or_default();
        let keyword = ["STOP", "START", "YES", "HELP", "stop", ""];
        let body =
            if self.dice.happens(120) { (*self.dice.pick(&keyword).unwrap_or(&"STOP")).to_owned() } else { ordinary };
        let files: &[&str] =
            if body.contains(&marker) && self.dice.happens(150) { &["image/png", "audio/ogg"] } else { &[] };
        let numbers = [VOTERS_NUMBERS[0], VOTERS_NUMBERS[0], VOTERS_NUMBERS[1], DRIVERS_NUMBER];
        let number = *self.dice.pick(&numbers).unwrap_or(&VOTERS_NUMBERS[0]);
        let whatsapp = person == PEOPLE[2];
        let (from, to) = if whatsapp {
            (format!("whatsapp:{person}"), format!("whatsapp:{}", VOTERS_NUMBERS[0]))
        } else {
            (person.to_owned(), number.to_owned())
        };
        for _ in 0..copies {
            self.text_to(&from, &to, &body, files);
        }
    }

    /// An agent looks at one of the conversations and does something.
    fn agent(&mut self) {
        let seen = |state| matches!(state, ConversationState::Published | ConversationState::Draft);
        let all: Vec<u64> = self
            .helpscout
            .conversations()
            .filter(|it| seen(it.state) && it.mailbox != OFFICE)
            .map(|it| it.id)
            .collect();
        let Some(conversation) = self.dice.pick(&all).copied() else { return };
        match self.dice.within(1, 100) {
            1..=62 => self.replies(conversation),
            63..=67 => self.drafts(conversation),
            68..=72 => self.writes(conversation, "note"),
            73..=75 => self.writes(conversation, "workflow_reply"),
            76..=77 => self.writes(conversation, "customer_reply"),
            78..=86 => {
                let status = *self.dice.pick(&["closed", "closed", "pending", "spam"]).unwrap_or(&"closed");
                drop(self.play("status", &json!({"conversation": conversation, "status": status})));
            }
            87..=88 => self.meddle("delete", conversation, &json!({"conversation": conversation})),
            89..=90 => {
                let mailbox = *self.dice.pick(&[OFFICE, DRIVERS, VOTERS]).unwrap_or(&OFFICE);
                self.meddle("move", conversation, &json!({"conversation": conversation, "mailbox": mailbox}));
            }
            91..=95 => {
                if let Some(into) = self.dice.pick(&all).copied().filter(|into| *into != conversation) {
                    self.ledger.merged.push((conversation, into));
                    self.ledger.meddled.insert(into);
                    self.meddle("merge", conversation, &json!({"from": conversation, "into": into}));
                }
            }
            96..=97 => {
                let lines = self.dice.within(60, 97);
                drop(self.play("line_items", &json!({"conversation": conversation, "n": lines})));
            }
            _ => self.begins(),
        }
    }

    fn meddle(&mut self, action: &str, conversation: u64, arguments: &Value) {
        self.ledger.meddled.insert(conversation);
        drop(self.play(action, arguments));
    }

    fn replies(&mut self, conversation: u64) {
        for _ in 0..self.dice.within(1, 2) {
            let marker = self.ledger.marker('R');
            let html = match self.dice.within(1, 10) {
                1 => long(&marker),
                2 => format!("<p>{marker} you vote at the town hall.</p><p>-- <br>Ada</p>"),
                3 => format!(
                    "<div>{marker} see <a href=\"https://example.org/map\">the map</a></div><ul><li>one</li></ul>"
                ),
                _ => format!("<p>{marker} you vote at the town hall.</p>"),
            };
            let files: &[(&str, &str)] = if self.dice.happens(100) { &[("map.png", "image/png")] } else { &[] };
            let thread = self.reply_with(conversation, &html, &marker, files);
            let known = self.ledger.replies.last_mut().filter(|reply| reply.thread == thread && thread != 0);
            let Some(reply) = known else { continue };
            reply.parts = if html.len() > LONGEST { 2 } else { 1 };
            if self.dice.happens(60) {
                reply.taken_back = true;
                let wait = self.dice.span(UNDO.0, UNDO.1);
                self.after(wait, Event::Act(Act::TakeBack(thread)));
            } else if self.dice.happens(40) {
                reply.meddled = true;
                let wait = self.dice.span(UNDO.1, 30_000);
                self.after(wait, Event::Act(Act::TakeBack(thread)));
            }
        }
    }

    fn drafts(&mut self, conversation: u64) {
        let marker = self.ledger.marker('D');
        let html = format!("<p>{marker} still thinking</p>");
        let made = self.play("reply", &json!({"conversation": conversation, "html": html, "state": "draft"}));
        let thread = made.ok().and_then(|made| made["thread"].as_u64());
        if let Some(thread) = thread.filter(|_| self.dice.happens(500)) {
            let wait = self.dice.span(10_000, HOUR);
            self.after(wait, Event::Act(Act::Publish(thread)));
        }
    }

    fn publish(&mut self, thread: u64) {
        let marker = self.ledger.marker('R');
        let html = format!("<p>{marker} thought about it</p>");
        drop(self.play("edit_thread", &json!({"thread": thread, "html": html})));
        let conversation = self.helpscout.thread(thread).map_or(0, |thread| thread.conversation);
        if self.is_there(conversation) && self.play("publish_draft", &json!({"thread": thread})).is_ok() {
            let reply =
                super::ledger::Reply { thread, conversation, marker, parts: 1, taken_back: false, meddled: false };
            self.ledger.replies.push(reply);
        }
    }

    fn writes(&mut self, conversation: u64, action: &str) {
        let marker = self.ledger.marker('N');
        let html = format!("<p>{marker} not for the phone</p>");
        drop(self.play(action, &json!({"conversation": conversation, "html": html})));
    }

    /// Mail that has nothing to do with phones, or a conversation that an agent begins by hand.
    fn begins(&mut self) {
        let marker = self.ledger.marker('N');
        let kind = *self.dice.pick(&["email", "phone"]).unwrap_or(&"email");
        let customer = json!({"email": "kim@example.com", "firstName": "Kim"});
        let html = format!("<p>{marker} not for the phone</p>");
        drop(
            self.play(
                "new_conversation",
                &json!({"mailbox": VOTERS, "customer": customer, "html": html, "type": kind}),
            ),
        );
    }
}

/// A reply that needs two messages; its words are numbered, so that the order of the parts can be seen.
fn long(marker: &str) -> String {
    let mut html = String::from("<p>");
    for word in 0..170 {
        let _ = write!(html, "{marker}.{word:03} ");
    }
    html + "</p>"
}
