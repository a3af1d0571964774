//! A history that nobody wrote: supporters and agents who do what comes to their minds.

use std::fmt::Write;

use emulator::helpscout::{ConversationState, EmbedThreads, Window};
use emulator::twilio::{DeliveryOutcome, FarEnd, Script};
use hotline::effects::Millis;
use serde_json::{Value, json};

use super::dice::Dice;
use super::ledger::Reply;
use super::random_faults::RandomFaults;
use super::stage::{DRIVERS, DRIVERS_NUMBER, NOON, OFFICE, Stage, VOTERS, VOTERS_NUMBERS};
use super::{Event, World, hazards};

/// Something that somebody does.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// A person texts.
    Text(&'static str),
    /// A person texts, and the same again at once.
    TextTwice(&'static str),
    /// A person calls, or somebody who withholds their number.
    Call(&'static str),
    /// An agent calls somebody back.
    CallBack,
    /// An agent texts from the sidebar.
    Write,
    /// The agent cancels it.
    Cancel(String),
    /// The hotline opens, or closes.
    Hours(bool),
    /// An agent does something somewhere.
    Agent,
    /// An agent takes a reply back.
    TakeBack(u64),
    /// An agent publishes a draft.
    Publish(u64),
    /// An agent undoes a reply and sends it again with other words.
    Correct(u64),
    /// A phone goes off or on.
    Phone(&'static str, DeliveryOutcome),
    /// An agent changes the customer of a conversation.
    ChangeCustomer,
    /// Help Scout's AI agent replies somewhere.
    AiReply,
    /// The bot user loses the hotline's inbox, or gets it back.
    HideInbox(bool),
    /// A program sends something.
    ProgramSends,
    /// It sends the same again, since it had no answer.
    ProgramTries(usize),
    /// A program wants somebody erased, for the so many-th time.
    ProgramErases(&'static str, usize),
    /// A program has somebody's number verified.
    ProgramVerifies(&'static str),
    /// Somebody gives a code back.
    TypesCode(usize),
    /// A later release is taken back.
    RollBack,
    /// It comes again.
    Upgrade,
    /// Release 0.1.0 is followed by this one.
    UpgradeFrom010,
}

/// The team's phones.
pub(super) const TEAM: [&str; 3] = ["+15550100201", "+15550100202", "+15550100203"];
pub(super) const PEOPLE: [&str; 4] = ["+15550100101", "+15550100102", "+447700900123", "+15550100104"];
/// Numbers that somebody claims who is paid for what is sent to them: a satellite network, premium rate, abroad.
pub(super) const STRANGERS: [&str; 3] = ["+882161234567", "+19005550100", "+252612345678"];
/// The agent who calls back.
const AGENT: i64 = 4004;
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
            ("missed", 200, json!("")),
            ("ring", 600, json!({"phones": TEAM, "seconds": 20})),
            ("ring", 200, json!({"phones": TEAM, "seconds": 10, "order": "in_turn"})),
            ("ring", 100, json!({"phones": TEAM, "seconds": 20, "accept": "none"})),
            ("hours", 200, json!({"time_zone": "UTC", "open": ["09:00-17:00"], "closed": "voicemail"})),
            ("hours", 100, json!({"time_zone": "UTC", "open": ["09:00-17:00"], "closed": "reject"})),
            ("voicemail", 200, json!({"say": "", "transcribe": false})),
        ] {
            if dice.happens(likely) {
                stage.hotline.push((field, value));
            }
        }
        let hazards = hazards::in_force();
        hazards::set_stage(&mut stage, &hazards, &mut dice);
        let end = NOON + dice.span(10 * MINUTE, 5 * HOUR);
        let random_faults = RandomFaults::draw(&mut dice, NOON, end);
        let mut world = Self::seeded(&stage, dice, random_faults);
        world.plan(end);
        world.plan_hazards(&hazards, &PEOPLE, end);
        world.plan_programs(&hazards, seed, end);
        world.plan_erasures(&hazards, seed, end);
        if !world.plan_lost_alarms(&hazards, seed) {
            world.plan_releases(&hazards, seed);
        }
        world
    }

    fn plan(&mut self, end: Millis) {
        let lag = *self.dice.pick(&[0, 0, 3_000, 20_000, 60_000]).unwrap_or(&0);
        self.helpscout.settings_mut().window = if self.dice.happens(500) { Window::Sliding } else { Window::Fixed };
        self.helpscout.settings_mut().limit_per_minute = *self.dice.pick(&[200, 400, 800]).unwrap_or(&400);
        self.helpscout.set_list_lag(lag);
        self.twilio.set_list_lag(lag);
        self.twilio.settings_mut().media_ready_after_ms = *self.dice.pick(&[0, 0, 4_000]).unwrap_or(&0);
        let people = self.dice.count(1, 3);
        for person in PEOPLE.iter().take(people) {
            let fate = *self
                .dice
                .pick(&[
                    DeliveryOutcome::Delivered,
                    DeliveryOutcome::Delivered,
                    DeliveryOutcome::Delivered,
                    DeliveryOutcome::NoReceipt,
                    DeliveryOutcome::UNREACHABLE,
                    DeliveryOutcome::LANDLINE,
                ])
                .unwrap_or(&DeliveryOutcome::Delivered);
            self.twilio.set_delivery_outcome(person, fate);
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
        self.plan_calls(end);
    }

    fn plan_calls(&mut self, end: Millis) {
        for phone in TEAM {
            let far_end = self.far_end();
            self.twilio.set_far_end(phone, far_end);
        }
        for person in PEOPLE {
            let far_end = self.far_end();
            self.twilio.set_far_end(person, far_end);
        }
        self.twilio.settings_mut().voice.dial_action_after_hangup = self.dice.happens(500);
        self.twilio.settings_mut().voice.calls_per_second = self.dice.within(1, 5);
        let hasty = self.dice.happens(300);
        for _ in 0..self.dice.within(0, 5) {
            let at = if hasty { NOON + self.dice.span(0, 60_000) } else { self.dice.span(NOON, end) };
            let who = *self.dice.pick(&[PEOPLE[0], PEOPLE[1], PEOPLE[3], "anonymous"]).unwrap_or(&PEOPLE[0]);
            self.at(at, Event::Act(Act::Call(who)));
        }
        if self.dice.happens(150) {
            let (who, mut at) = (*self.dice.pick(&STRANGERS).unwrap_or(&STRANGERS[0]), self.dice.span(NOON, end));
            for _ in 0..self.dice.within(1, 16) {
                self.at(at, Event::Act(Act::Call(who)));
                self.at(at, Event::Act(Act::Text(who)));
                at += self.dice.span(1_000, 90_000);
            }
        }
        for _ in 0..self.dice.within(0, 3) {
            let at = self.dice.span(NOON, end + HOUR);
            self.at(at, Event::Act(Act::CallBack));
            let at = self.dice.span(NOON, end + HOUR);
            self.at(at, Event::Act(Act::Write));
        }
        for open in [false, true] {
            let at = self.dice.span(NOON, end);
            self.at(at, Event::Act(Act::Hours(open)));
        }
    }

    /// What somebody of the team does when their phone rings.
    fn far_end(&mut self) -> FarEnd {
        let after = self.dice.within(1, 15);
        match self.dice.within(1, 10) {
            1..=4 => FarEnd::answers_after(after, Script::new().presses("1", self.dice.within(0, 8))),
            5 => FarEnd::answers_after(after, Script::new().presses("1", 1).hangs_up_at(self.dice.within(1, 40))),
            6 => FarEnd::answers_after(after, Script::new().presses("7", 1).presses("1", 1)),
            7 => FarEnd::voicemail(after),
            8 => FarEnd::Busy,
            9 => FarEnd::Invalid,
            _ => FarEnd::NoAnswer,
        }
    }

    /// An agent calls somebody back whom we know, and may think better of it.
    fn calls_back(&mut self) {
        let known = self.ledger.heard.iter().filter(|text| text.mailbox == VOTERS).map(|text| text.person.clone());
        let known: Vec<String> = known.filter(|person| person.starts_with('+')).collect();
        let (Some(person), Some(phone)) = (self.dice.pick(&known).cloned(), self.dice.pick(&TEAM).copied()) else {
            return;
        };
        let id = self.ledger.marker('B');
        let code = if self.dice.happens(200) { "4821" } else { "" };
        // The sidebar asks again with the same id when it hears nothing.
        while !self.call_back(&id, AGENT, phone, code, &person) {}
        self.ledger.called_back.push((id.clone(), person));
        if self.dice.happens(200) {
            let wait = self.dice.span(0, 60_000);
            self.after(wait, Event::Act(Act::Cancel(id)));
        }
    }

    /// An agent texts somebody whom we know; the sidebar asks again when it hears nothing.
    fn writes_from_sidebar(&mut self) {
        let known = self.ledger.heard.iter().filter(|text| text.mailbox == VOTERS).map(|text| text.person.clone());
        let known: Vec<String> = known.collect();
        let Some(person) = self.dice.pick(&known).cloned() else { return };
        let marker = self.ledger.marker('W');
        let mut status = 503;
        while status == 503 {
            status = self.write(&marker, &person, &format!("{marker} from the sidebar"));
        }
        if status == 202 {
            self.ledger.written.push((marker, person));
        }
    }

    /// Somebody calls: they speak or not, and hang up at some time.
    fn calls(&mut self, from: &'static str) {
        let number =
            *self.dice.pick(&[VOTERS_NUMBERS[0], VOTERS_NUMBERS[1], DRIVERS_NUMBER]).unwrap_or(&DRIVERS_NUMBER);
        let speaks = *self.dice.pick(&[0, 1, 5, 30]).unwrap_or(&5);
        let lasts = *self.dice.pick(&[3, 10, 20, 60, 120, 300]).unwrap_or(&60) + self.dice.within(0, 9);
        let script = Script::new().speaks(speaks).hangs_up_at(lasts);
        self.note(|| format!("{from} calls {number}: {script:?}"));
        let by_whatsapp = self.whatsapp_calls > 0 && PEOPLE.contains(&from) && self.dice.happens(self.whatsapp_calls);
        let call = if by_whatsapp {
            self.whatsapp_call(from, script)
        } else {
            self.twilio.call_in(self.now.cast_unsigned(), from, number, script)
        };
        self.ledger.patience.insert(call, self.now + lasts.cast_signed() * 1_000);
    }

    /// Lets the history happen, then mends everything and waits until all is done. Returns whether it came to rest.
    pub fn live(&mut self) -> bool {
        while let Some(at) =
            self.events.iter().filter(|(_, event)| matches!(event, Event::Act(_))).map(|(key, _)| key.0).max()
        {
            self.run_until(at);
        }
        self.run_for(10 * MINUTE);
        self.random_faults = RandomFaults { varies_latency: true, ..RandomFaults::default() };
        self.switch.mend();
        let rests = self.settle(5) || self.only_counts_codes();
        self.read_programs();
        self.read_erasures();
        rests
    }

    pub(super) fn act(&mut self, act: Act) {
        match act {
            Act::Text(person) => self.texts(person, 1),
            Act::TextTwice(person) => self.texts(person, 2),
            Act::Call(person) => self.calls(person),
            Act::CallBack => self.calls_back(),
            Act::Write => self.writes_from_sidebar(),
            Act::Cancel(id) => self.cancel(&id, AGENT),
            Act::Hours(open) => self.open = open,
            Act::Agent => self.agent(),
            Act::TakeBack(thread) => drop(self.play("undo_reply", &json!({"thread": thread}))),
            Act::Publish(thread) => self.publish(thread),
            Act::Correct(thread) => self.corrects(thread),
            Act::Phone(person, outcome) => self.twilio.set_delivery_outcome(person, outcome),
            Act::ChangeCustomer => self.changes_customer(),
            Act::AiReply => {
                if let Some(conversation) = self.some_conversation() {
                    self.writes(conversation, "ai_reply");
                }
            }
            Act::HideInbox(hidden) => self.hide_inbox(hidden),
            Act::ProgramSends => self.program_sends(),
            Act::ProgramTries(index) => self.program_tries(index),
            Act::ProgramErases(person, tries) => self.program_erases(person, tries),
            Act::ProgramVerifies(person) => self.program_verifies(person),
            Act::TypesCode(index) => self.types_code(index),
            Act::RollBack => self.roll_back(500),
            Act::Upgrade => self.upgrade(),
            Act::UpgradeFrom010 => drop(self.upgrade_from_0_1_0()),
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

    /// A conversation of the hotlines.
    fn some_conversation(&mut self) -> Option<u64> {
        let seen = |state| matches!(state, ConversationState::Published | ConversationState::Draft);
        let all: Vec<u64> = self
            .helpscout
            .conversations()
            .filter(|it| seen(it.state) && it.mailbox != OFFICE)
            .map(|it| it.id)
            .collect();
        self.dice.pick(&all).copied()
    }

    /// An agent looks at one of the conversations and does something.
    fn agent(&mut self) {
        let Some(conversation) = self.some_conversation() else { return };
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
                if let Some(into) = self.some_conversation().filter(|into| *into != conversation) {
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
            } else if self.corrects_replies && self.dice.happens(150) {
                reply.meddled = true;
                let wait = self.dice.span(UNDO.0, 30_000);
                self.after(wait, Event::Act(Act::Correct(thread)));
            } else if self.undoes_late && self.dice.happens(200) {
                reply.meddled = true;
                let wait = self.dice.span(UNDO.1, 4 * HOUR);
                let corrects = self.dice.happens(500);
                self.after(wait, Event::Act(if corrects { Act::Correct(thread) } else { Act::TakeBack(thread) }));
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

    fn corrects(&mut self, thread: u64) {
        if self.play("undo_reply", &json!({"thread": thread})).is_ok() {
            let wait = self.dice.span(2_000, 30_000);
            self.after(wait, Event::Act(Act::Publish(thread)));
        }
    }

    fn changes_customer(&mut self) {
        let customers: Vec<u64> = self.helpscout.customers().map(|it| it.id).collect();
        let (Some(conversation), Some(customer)) = (self.some_conversation(), self.dice.pick(&customers).copied())
        else {
            return;
        };
        self.meddle("change_customer", conversation, &json!({"conversation": conversation, "customer": customer}));
    }

    fn publish(&mut self, thread: u64) {
        let marker = self.ledger.marker('R');
        let html = format!("<p>{marker} thought about it</p>");
        drop(self.play("edit_thread", &json!({"thread": thread, "html": html})));
        let conversation = self.helpscout.thread(thread).map_or(0, |thread| thread.conversation);
        if self.is_there(conversation) && self.play("publish_draft", &json!({"thread": thread})).is_ok() {
            let corrected = self.ledger.replies.iter().any(|earlier| earlier.thread == thread);
            let customer = self.helpscout.thread(thread).map_or(0, |thread| thread.customer);
            let reply = Reply {
                thread,
                conversation,
                marker,
                customer,
                parts: 1,
                taken_back: false,
                meddled: false,
                corrected,
                taken_back_at: None,
            };
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
