//! What a hotline allows its agents to call, and what a sidebar is shown, statement by statement.

use std::rc::Rc;

use hotline::call::Start;
use hotline::config::Config;
use hotline::contact::{self, Contact};
use hotline::directory::{self, AgentSession, Dial, Directory, Facts};
use hotline::domain::phone::{Channel, Party};
use hotline::effects::{Effect, Input, Millis, ObjectReply};
use hotline::routing::HttpAnswer;
use hotline::twilio::inbound::InboundText;
use hotline::twilio::lookup::Phone;
use hotline::twilio::status::{Delivery, Status};
use proptest::prelude::*;
use ringside_tests::store::{SqliteStore, Switch};
use ringside_tests::world::stage::{Stage, VOTERS_NUMBERS};
use serde_json::{Value, json};

const ADA: i64 = 4004;
const SAM: &str = "+15550100150";
const TALK: u64 = 1001;
const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
/// An instant like any other.
const BEGIN: Millis = 1_790_000_000_000;

fn phone(number: &str, country: &str) -> Phone {
    Phone { number: number.to_owned(), country: country.to_owned() }
}

/// A hotline's object with Sam's conversation in its directory.
struct Office {
    config: Config,
    store: SqliteStore,
    directory: Directory,
    now: Millis,
}

impl Office {
    fn new(callback: Value) -> Self {
        let config = Stage::with("callback", callback).config();
        let store = SqliteStore::in_memory(&Rc::new(Switch::default())).unwrap();
        directory::migrate(&store).unwrap();
        let mut office = Self { config, store, directory: Directory::default(), now: BEGIN };
        office.tell(directory::Message::Conversation { id: TALK, contact: SAM.to_owned() });
        office
    }

    /// One in which Ada has a phone.
    fn with_ada(callback: Value) -> Self {
        let mut office = Self::new(callback);
        office.is(ADA, "Ada Byron", Some(phone("+15550100104", "US")));
        office
    }

    fn tell(&mut self, message: directory::Message) -> ObjectReply {
        let hotline = self.config.hotlines.iter().find(|hotline| hotline.name == "Voter hotline");
        let ctx = directory::StepContext { store: &self.store, config: &self.config, hotline, now: self.now };
        self.directory.step(&ctx, Input::Message(message)).unwrap().0
    }

    fn is(&mut self, id: i64, name: &str, phone: Option<Phone>) {
        self.tell(directory::Message::Agent { id, name: Some(name.to_owned()), phone, is_operator: None });
    }

    fn agent_session(&mut self, agent: i64, call: Option<&str>) -> AgentSession {
        let call = call.map(str::to_owned);
        match self.tell(directory::Message::AgentSession { conversation: TALK, agent, call, other: None }) {
            ObjectReply::AgentSession(session) => session,
            other => panic!("{other:?}"),
        }
    }

    /// Asks for a call as the route does: first without what others must be asked.
    fn dial(&mut self, id: &str, agent: i64, contact: &str, country: &str) -> Result<Start, (u32, String)> {
        let dial = Dial { id: id.to_owned(), agent, contact: contact.to_owned(), code: "0417".to_owned(), facts: None };
        let mut reply = self.tell(directory::Message::Dial(dial.clone()));
        if reply == ObjectReply::Later(0) {
            let facts = Facts { country: country.to_owned(), number: VOTERS_NUMBERS[0].to_owned(), theirs: None };
            reply = self.tell(directory::Message::Dial(Dial { facts: Some(facts), ..dial }));
        }
        match reply {
            ObjectReply::StartCall(start) => Ok(*start),
            ObjectReply::Refused(refused) => Err((refused.status.into(), refused.code)),
            other => panic!("{other:?}"),
        }
    }

    fn ended(&mut self, id: &str) {
        self.tell(directory::Message::CallEnded { id: id.to_owned() });
    }
}

fn us(per_hour: u32) -> Value {
    json!({"countries": ["US"], "per_agent_per_hour": per_hour})
}

fn refused(status: u32, code: &str) -> Result<Start, (u32, String)> {
    Err((status, code.to_owned()))
}

#[test]
fn the_same_id_begins_the_same_call_whatever_has_changed_since() {
    let mut office = Office::with_ada(us(1));
    let start = office.dial("one", ADA, SAM, "US").unwrap();
    let expected = Start {
        agent: ADA,
        agent_name: "Ada Byron".to_owned(),
        phone: "+15550100104".to_owned(),
        code: "0417".to_owned(),
        contact: SAM.to_owned(),
        dialled: SAM.to_owned(),
        number: VOTERS_NUMBERS[0].to_owned(),
    };
    assert_eq!(start, expected);
    office.tell(directory::Message::Phone { agent: ADA, phone: phone("+15550100199", "US") });
    office.ended("one");
    office.now += 5 * HOUR;
    assert_eq!(office.dial("one", ADA, SAM, "GB"), Ok(expected));
    assert_eq!(office.dial("one", 4005, SAM, "US"), refused(404, "not_found"));
    assert_eq!(office.dial("one", ADA, "+15550100151", "US"), refused(404, "not_found"));
    assert!(office.agent_session(ADA, Some("one")).call);
    assert!(!office.agent_session(4005, Some("one")).call);
}

#[test]
fn each_refusal_is_counted_and_keeps_nobody_from_the_next_call() {
    let mut office = Office::with_ada(us(30));
    for (id, agent, contact, country, expected) in [
        ("a", 4005, SAM, "US", refused(409, "no_phone")),
        ("b", ADA, "alpha:ACME", "US", refused(409, "not_a_phone")),
        ("c", ADA, "anonymous", "US", refused(409, "not_a_phone")),
        ("d", ADA, "+447700900123", "GB", refused(403, "country_not_allowed")),
        ("e", ADA, "+881612345678", "", refused(403, "premium_number")),
        ("f", ADA, "+19005550100", "US", refused(403, "premium_number")),
        ("g", ADA, VOTERS_NUMBERS[1], "US", refused(403, "own_number")),
    ] {
        assert_eq!(office.dial(id, agent, contact, country), expected, "{id}");
        assert!(!office.agent_session(agent, Some(id)).call, "{id}");
    }
    assert_eq!(office.store.counted("call refused: not_a_phone"), 2);
    assert_eq!(office.store.counted("call refused: premium_number"), 2);
    let running = |office: &mut Office, contact: &str| {
        office.tell(directory::Message::Running { agent: ADA, contact: contact.to_owned() })
    };
    assert_eq!(running(&mut office, SAM), ObjectReply::Done, "none of them began");
    assert!(office.dial("h", ADA, SAM, "US").is_ok());
    assert_eq!(running(&mut office, SAM), ObjectReply::Running("h".to_owned()));
    assert_eq!(running(&mut office, "+15550100151"), ObjectReply::Done, "she is in a call with somebody else");
    assert_eq!(office.dial("i", ADA, SAM, "US"), refused(409, "call_running"));
    office.now += 4 * HOUR;
    assert!(office.dial("i", ADA, SAM, "US").is_ok(), "nobody told how the first one ended");
}

#[test]
fn a_phone_is_confirmed_until_it_is_another() {
    let mut office = Office::with_ada(us(30));
    let confirm = |phone: &str| directory::Message::Confirmed { agent: ADA, phone: phone.to_owned() };
    office.tell(confirm("+15550100199"));
    assert!(!office.agent_session(ADA, None).confirmed, "another phone was confirmed");
    office.tell(confirm("+15550100104"));
    assert_eq!(office.dial("one", ADA, SAM, "US").unwrap().code, "");
    for (number, confirmed) in [("+15550100104", true), ("+15550100105", false), ("+15550100104", false)] {
        let reply = office.tell(directory::Message::Phone { agent: ADA, phone: phone(number, "US") });
        let body = format!("{{\"phone\":\"{number}\",\"confirmed\":{confirmed}}}");
        assert_eq!(HttpAnswer::of_object(&reply).body, body);
    }
    office.is(ADA, "Ada Byron", Some(phone("+15550100177", "US")));
    assert_eq!(office.agent_session(ADA, None).phone, "+15550100104", "what she typed counts more than her record");
}

/// A supporter whose phone rang in an agent's place would hear whom the agent is about to call.
#[test]
fn an_agents_phone_is_not_that_of_somebody_who_has_turned_to_the_hotline() {
    let mut office = Office::new(us(30));
    let mut names =
        |number: &str| match office.tell(directory::Message::Phone { agent: ADA, phone: phone(number, "US") }) {
            ObjectReply::Refused(refused) => (refused.status, refused.code),
            ObjectReply::Agent(_) => (200, String::new()),
            other => panic!("{other:?}"),
        };
    assert_eq!(names(SAM), (403, "contacts_number".to_owned()));
    assert_eq!(names(VOTERS_NUMBERS[0]), (403, "own_number".to_owned()));
    assert_eq!(names("+15550100104"), (200, String::new()));
    office.is(4005, "Max Moss", Some(phone(SAM, "US")));
    assert_eq!(office.agent_session(4005, None).phone, "", "nor is it taken from Help Scout's record");
}

#[test]
fn what_help_scout_knows_of_an_agent_counts_until_it_says_that_they_are_gone() {
    let mut office = Office::with_ada(us(30));
    let ada = office.agent_session(ADA, None);
    assert_eq!((ada.checked_at, ada.contact.as_deref()), (BEGIN, Some(SAM)));
    office.is(4005, "Max Moss", Some(phone("+447700900123", "GB")));
    assert_eq!(office.agent_session(4005, None).phone, "", "a record's phone that may not be rung is none");
    office.tell(directory::Message::Agent { id: ADA, name: None, phone: None, is_operator: None });
    assert_eq!(
        office.agent_session(ADA, None),
        AgentSession { contact: Some(SAM.to_owned()), gone_at: BEGIN, ..AgentSession::default() }
    );
    assert_eq!(office.dial("one", ADA, SAM, "US"), refused(409, "no_phone"));
    office.is(ADA, "Ada Byron", None);
    assert_eq!(office.agent_session(ADA, None).gone_at, 0, "she is back");
}

#[test]
fn without_countries_nobody_is_called() {
    let mut office = Office::with_ada(Value::Null);
    assert_eq!(office.dial("one", ADA, SAM, "US"), refused(409, "calls_off"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_agent_is_ever_in_two_calls_nor_calls_more_often_than_allowed(steps in proptest::collection::vec((0..3i64, 0..4u8, 0..30i64), 1..60)) {
        let mut office = Office::new(us(5));
        let mut allowed: Vec<(i64, Millis, String, bool)> = Vec::new();
        for agent in 0..3 {
            office.is(agent, "Somebody", Some(phone(&format!("+1555010010{agent}"), "US")));
        }
        for (at, (agent, deed, minutes)) in steps.into_iter().enumerate() {
            office.now += minutes * MINUTE;
            if deed == 0 {
                for call in allowed.iter_mut().filter(|call| call.0 == agent && !call.3) {
                    call.3 = true;
                    office.ended(&call.2);
                }
                continue;
            }
            let id = format!("call {at}");
            let (hour, long) = (office.now - HOUR, office.now - 4 * HOUR);
            let running = allowed.iter().any(|call| call.0 == agent && !call.3 && call.1 > long);
            let called = allowed.iter().any(|call| !call.3 && call.1 > long);
            let lately = allowed.iter().filter(|call| call.0 == agent && call.1 > hour).count();
            let expected = if running {
                Some("call_running")
            } else if called {
                Some("called_by_another")
            } else if lately >= 5 {
                Some("too_many_calls")
            } else {
                None
            };
            let answer = office.dial(&id, agent, SAM, "US");
            prop_assert_eq!(answer.as_ref().err().map(|(_, code)| code.as_str()), expected);
            if answer.is_ok() {
                allowed.push((agent, office.now, id, false));
            }
        }
    }
}

/// A person's object.
struct Sam {
    config: Config,
    store: SqliteStore,
    contact: Contact,
}

impl Sam {
    fn new() -> Self {
        let store = SqliteStore::in_memory(&Rc::new(Switch::default())).unwrap();
        contact::migrate(&store).unwrap();
        Self { config: Stage::default().config(), store, contact: Contact::default() }
    }

    fn tell(&mut self, message: contact::Message, now: Millis) -> (ObjectReply, Vec<Value>) {
        let hotline = self.config.hotlines.iter().find(|hotline| hotline.name == "Voter hotline").unwrap();
        let ctx = contact::StepContext { store: &self.store, config: &self.config, hotline, now, watched: true };
        let party = Party::from_key(SAM).unwrap();
        let (reply, effects) = self.contact.step(&ctx, &party, Input::Message(message)).unwrap();
        let frame = |effect| match effect {
            Effect::Push(frame) => Some(serde_json::from_str(&frame).unwrap()),
            _ => None,
        };
        (reply, effects.into_iter().filter_map(frame).collect())
    }

    fn texts(&mut self, sid: &str, body: &str, to: &str) -> Vec<Value> {
        let text = InboundText {
            sid: sid.to_owned(),
            channel: Channel::Sms,
            from: SAM.to_owned(),
            external_id: None,
            to: to.to_owned(),
            service: None,
            body: body.to_owned(),
            details: Vec::new(),
            replied_to: None,
            media: Vec::new(),
            profile: None,
            opt_out_type: None,
        };
        self.tell(contact::Message::Text(text), BEGIN).1
    }

    fn page(&mut self, before: Option<i64>, now: Millis) -> Value {
        match self.tell(contact::Message::Look { before }, now) {
            (ObjectReply::Timeline(page), _) => serde_json::to_value(page).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_entry_is_on_one_page_and_every_text_comes_through_whole(texts in proptest::collection::vec("[^\\u{0}]{1,20}|[\\u{1}-\\u{7f}]{1,9}", 1..75)) {
        let mut sam = Sam::new();
        let mut shown = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            for frame in sam.texts(&format!("SM{at}"), text, VOTERS_NUMBERS[0]) {
                if frame["type"] == "entry" && frame["direction"] == "in" {
                    shown.push(frame["text"].as_str().unwrap().to_owned());
                }
            }
        }
        prop_assert_eq!(&shown, &texts);
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = sam.page(before, BEGIN);
            let entries = page["entries"].as_array().unwrap().clone();
            prop_assert!(!entries.is_empty() && entries.len() <= 30);
            seen.splice(0..0, entries);
            match page["earlier"].as_str() {
                Some(cursor) => before = cursor.parse().ok(),
                None => break,
            }
        }
        let said: Vec<&str> = seen.iter().filter(|it| it["direction"] == "in").filter_map(|it| it["text"].as_str()).collect();
        prop_assert_eq!(said, texts);
    }
}

#[test]
fn the_person_is_new_for_a_day_and_opted_out_until_they_start_again() {
    let mut sam = Sam::new();
    let frames = sam.texts("SM1", "Hello", VOTERS_NUMBERS[1]);
    assert_eq!(frames.iter().filter(|it| it["type"] == "entry").count(), 2, "the text and the greeting: {frames:?}");
    assert!(sam.texts("SM1", "Hello", VOTERS_NUMBERS[1]).is_empty(), "the same text again is no news");
    let person = |sam: &mut Sam, now| sam.page(None, now)["person"].clone();
    let expected = json!({"number": SAM, "readable": "+1 555 010 0150", "channel": "sms",
        "since": "2026-09-21T14:13:20Z", "opted_out": null, "first_contact": true});
    assert_eq!(person(&mut sam, BEGIN), expected);
    assert_eq!(person(&mut sam, BEGIN + 24 * HOUR)["first_contact"], false);
    let number = sam.tell(contact::Message::Number, BEGIN).0;
    let known = ObjectReply::Numbers { ours: VOTERS_NUMBERS[1].to_owned(), theirs: Some(SAM.to_owned()) };
    assert_eq!(number, known, "the one that they know");
    let reply = |frames: Vec<Value>| frames.iter().find(|it| it["type"] == "person").cloned().unwrap_or_default();
    let by = |who: &str| json!({"since": "2026-09-21T14:13:20Z", "by": who});
    assert_eq!(reply(sam.texts("SM2", "STOP", VOTERS_NUMBERS[1]))["opted_out"], by("person"));
    assert_eq!(reply(sam.texts("SM3", "START", VOTERS_NUMBERS[1]))["opted_out"], Value::Null);
    let refused =
        Status { message: "2.0".to_owned(), sid: "SM9".to_owned(), delivery: Delivery::Failed, code: Some(21_610) };
    assert_eq!(reply(sam.tell(contact::Message::Status(refused), BEGIN).1)["opted_out"], by("twilio"));
}

#[test]
fn the_page_shows_what_was_said_before_any_script_runs() {
    let mut sam = Sam::new();
    for at in 0..31 {
        sam.texts(&format!("SM{at}"), &format!("Text <{at}>"), VOTERS_NUMBERS[0]);
    }
    let paint = contact::Message::Prerender { beside: TALK, phone: "+15550100104".to_owned(), confirmed: true };
    let (ObjectReply::Html(body), _) = sam.tell(paint, BEGIN + 5 * MINUTE) else { panic!("no page") };
    assert!(body.contains("Text &lt;30&gt;") && body.contains("5 min ago") && body.contains(">Earlier<"), "{body}");
    assert_eq!(body.matches("<li").count(), 30, "{body}");
}
