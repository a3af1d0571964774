//! The objects of two participants, told what a session needs in any order and any number of times.

use std::rc::Rc;

use hotline::config::Config;
use hotline::domain::phone::E164;
use hotline::effects::{Completion, Effect, Input, Millis, ObjectReply, Ticket, ToObject};
use hotline::messages::participant::{Hold, Message, SessionReply, object_name};
use hotline::participant::{self, Participant, StepContext};
use hotline::twilio::inbound::InboundText;
use protocol::v1::{Session, SessionStatus};
use ringside_tests::store::SqliteStore;
use ringside_tests::world::stage::{NOON, Stage};

const COURIER: &str = "+15550100101";
const SHOP: &str = "+15550100102";
const POOL: [&str; 2] = ["+15550100011", "+15550100012"];
const MINUTE: Millis = 60_000;

/// One of the two, and their object.
struct Side {
    number: &'static str,
    store: SqliteStore,
    object: Participant,
}

impl Side {
    fn new(number: &'static str) -> Self {
        let store = SqliteStore::in_memory(&Rc::default()).unwrap();
        participant::migrate(&store).unwrap();
        Self { number, store, object: Participant::default() }
    }

    fn hear(&mut self, config: &Config, now: Millis, message: Message) -> (ObjectReply, Vec<Message>) {
        let (reply, effects) = self.step(config, now, Input::Message(message));
        (reply, told(effects).into_iter().map(|(_, message)| message).collect())
    }

    fn step(&mut self, config: &Config, now: Millis, input: Input<Message>) -> (ObjectReply, Vec<Effect>) {
        let name = object_name("COURIERS", self.number);
        let number = E164::parse(self.number);
        let ctx = StepContext::find(&self.store, config, &name, &number, now).unwrap();
        self.object.step(&ctx, input).unwrap()
    }
}

/// What another participant's object is told.
fn told(effects: Vec<Effect>) -> Vec<(Ticket, Message)> {
    let told = effects.into_iter().filter_map(|effect| match effect {
        Effect::ToObject(ticket, ToObject::Of(_, to)) => match *to {
            ToObject::Participant(_, message) => Some((ticket, message)),
            _ => None,
        },
        _ => None,
    });
    told.collect()
}

fn config() -> Config {
    Stage { pool: POOL.into(), ..Stage::default() }.config()
}

fn hold(session: Option<&str>, other: &str, other_proxy: Option<&str>) -> Message {
    Message::Hold(Box::new(Hold {
        request: session.unwrap_or("crm/1").to_owned(),
        session: session.map(str::to_owned),
        name: String::new(),
        other_name: String::new(),
        other: other.to_owned(),
        other_proxy: other_proxy.map(str::to_owned),
        ttl: None,
        reference: None,
    }))
}

fn held(reply: ObjectReply) -> (i64, String, String) {
    let ObjectReply::Session(SessionReply::Held { number, id, proxy, .. }) = reply else { panic!("{reply:?}") };
    (number, id, proxy)
}

fn session(reply: ObjectReply) -> Session {
    let ObjectReply::Session(SessionReply::Is(session)) = reply else { panic!("{reply:?}") };
    *session
}

fn text(from: &str, to: &str) -> Message {
    let form = format!("MessageSid=SM1&From=%2B{}&To=%2B{}&Body=hello", &from[1..], &to[1..]);
    let (_, text) = InboundText::read(&hotline::form::Form::parse(form.as_bytes())).unwrap();
    Message::Text(Box::new(text))
}

#[test]
fn a_text_that_comes_before_the_session_is_open_is_passed_on_and_the_session_has_both_numbers() {
    let (config, mut courier, mut shop) = (config(), Side::new(COURIER), Side::new(SHOP));
    let (number, id, to_shop) = held(courier.hear(&config, NOON, hold(None, SHOP, None)).0);
    let (_, _, to_courier) = held(shop.hear(&config, NOON, hold(Some(&id), COURIER, Some(&to_shop))).0);
    // The shop has the number from an earlier session.
    let (_, said) = shop.hear(&config, NOON + 1, text(SHOP, &to_courier));
    let [pass @ Message::Pass(_)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(courier.hear(&config, NOON + 2, pass.clone()).0, ObjectReply::Done);
    let opened = session(courier.hear(&config, NOON + 3, Message::Open { number, other_proxy: to_courier.clone() }).0);
    assert_eq!((opened.participants[0].proxy.as_str(), &opened.participants[1].proxy), (to_shop.as_str(), &to_courier));
    let again = session(courier.hear(&config, NOON + 4, Message::Read { number }).0);
    assert_eq!(again.participants, opened.participants);
}

#[test]
fn a_number_is_held_for_a_minute_and_no_longer_and_no_id_comes_again() {
    let (config, mut courier) = (config(), Side::new(COURIER));
    let mut ids = Vec::new();
    for (request, now, proxy) in [("crm/1", NOON, 0), ("crm/2", NOON + MINUTE - 1, 1), ("crm/3", NOON + MINUTE, 0)] {
        let Message::Hold(mut hold) = hold(None, SHOP, None) else { unreachable!() };
        request.clone_into(&mut hold.request);
        let (_, id, given) = held(courier.hear(&config, now, Message::Hold(hold)).0);
        assert_eq!(given, POOL[proxy], "{request}");
        assert!(!ids.contains(&id), "{request}");
        ids.push(id);
    }
}

#[test]
fn each_of_it_may_be_said_twice() {
    let (config, mut courier, mut shop) = (config(), Side::new(COURIER), Side::new(SHOP));
    let twice = |side: &mut Side, message: Message| {
        let (first, _) = side.hear(&config, NOON, message.clone());
        let (second, _) = side.hear(&config, NOON, message);
        (first, second)
    };
    let (first, second) = twice(&mut courier, hold(None, SHOP, None));
    assert_eq!(first, second);
    let (number, id, to_shop) = held(first);
    let (first, second) = twice(&mut shop, hold(Some(&id), COURIER, Some(&to_shop)));
    assert_eq!(first, second);
    let (_, _, to_courier) = held(first);
    let (first, second) = twice(&mut courier, Message::Open { number, other_proxy: to_courier.clone() });
    assert_eq!(first, second);
    let (first, second) = twice(&mut shop, Message::Opened { session: id.clone() });
    assert_eq!((first, second), (ObjectReply::Done, ObjectReply::Done));
    let (first, second) = twice(&mut courier, Message::Close { number });
    assert_eq!(session(first).status, SessionStatus::Closed);
    assert_eq!(session(second).status, SessionStatus::Closed);
    twice(&mut shop, Message::Closed { session: id, at: NOON });
    let (_, said) = shop.hear(&config, NOON + 1, text(SHOP, &to_courier));
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn the_other_side_has_waited_too_long_so_the_session_is_closed_and_not_half_open() {
    let (config, mut courier, mut shop) = (config(), Side::new(COURIER), Side::new(SHOP));
    let (number, id, to_shop) = held(courier.hear(&config, NOON, hold(None, SHOP, None)).0);
    let (_, _, to_courier) = held(shop.hear(&config, NOON, hold(Some(&id), COURIER, Some(&to_shop))).0);
    let open = Message::Open { number, other_proxy: to_courier };
    let (_, effects) = courier.step(&config, NOON + 50_000, Input::Message(open));
    let [(ticket, opened)] = told(effects).try_into().unwrap();
    let late = shop.hear(&config, NOON + 2 * MINUTE, opened).0;
    assert_eq!(late, ObjectReply::NotFound);
    courier.step(&config, NOON + 2 * MINUTE, Input::Completed(ticket, Completion::ObjectReply(late)));
    let read = session(courier.hear(&config, NOON + 3 * MINUTE, Message::Read { number }).0);
    assert_eq!(read.status, SessionStatus::Closed);
}

#[test]
fn a_session_is_forgotten_400_days_after_its_end() {
    let (config, mut courier) = (config(), Side::new(COURIER));
    let (number, _, _) = held(courier.hear(&config, NOON, hold(None, SHOP, None)).0);
    courier.hear(&config, NOON, Message::Open { number, other_proxy: POOL[0].to_owned() });
    courier.hear(&config, NOON, Message::Close { number });
    for (days, is_known) in [(399, true), (400, false)] {
        let (reply, _) = courier.hear(&config, NOON + days * 24 * 60 * MINUTE, Message::Read { number });
        assert_eq!(reply != ObjectReply::NotFound, is_known, "{days} days");
    }
}
