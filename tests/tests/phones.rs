//! A phone of the team is in one call at a time: its rate limiter gives it away, and takes it back.

use std::rc::Rc;

use hotline::effects::{Input, Millis, ObjectReply, Permit, PermitRequest, Priority, RateLimiterName, Report};
use hotline::rate_limiter::{self, Message, RateLimiter, StepContext};
use ringside_tests::store::SqliteStore;
use ringside_tests::world::stage::{NOON, Stage};

/// A phone, and the instant.
struct Phone {
    store: SqliteStore,
    now: Millis,
}

impl Phone {
    fn new() -> Self {
        let store = SqliteStore::in_memory(&Rc::default()).unwrap();
        rate_limiter::migrate(&store).unwrap();
        Self { store, now: NOON }
    }

    fn step(&self, message: impl FnOnce(RateLimiterName) -> Message) -> ObjectReply {
        let name = RateLimiterName::Phone { number: "+15550100201".to_owned() };
        let config = Stage::default().config();
        let ctx = StepContext { store: &self.store, config: &config, now: self.now };
        RateLimiter::default().step(&ctx, Input::Message(message(name))).unwrap().0
    }

    /// Whether a call may ring it; else when it is free at the latest, in seconds from now.
    fn ask(&self, call: &str, seconds: i64) -> Result<(), i64> {
        let request = PermitRequest::now_or_never(call.to_owned(), seconds, Priority::Conversation);
        match self.step(|name| Message::Permit(name, request)) {
            ObjectReply::Permit(Permit::Granted(_)) => Ok(()),
            ObjectReply::Permit(Permit::ReservedAt(at)) => Err((at - self.now) / 1_000),
            other => panic!("{other:?}"),
        }
    }

    fn give_back(&self, call: &str) {
        let report = Report { over: Some(call.to_owned()), ..Report::default() };
        self.step(|name| Message::Report(name, report));
    }
}

#[test]
fn a_phone_rings_for_one_call_until_that_gives_it_back() {
    let phone = Phone::new();
    assert_eq!(phone.ask("one", 90), Ok(()));
    assert_eq!(phone.ask("two", 90), Err(90));
    phone.give_back("two");
    assert_eq!(phone.ask("two", 90), Err(90), "somebody else cannot give it back");
    phone.give_back("one");
    assert_eq!(phone.ask("two", 90), Ok(()));
}

#[test]
fn whoever_talks_holds_it_longer_and_nobody_holds_it_for_ever() {
    let mut phone = Phone::new();
    assert_eq!(phone.ask("one", 90), Ok(()));
    phone.now += 30_000;
    assert_eq!(phone.ask("one", 14_400), Ok(()));
    phone.now += 3_600_000;
    assert_eq!(phone.ask("two", 90), Err(10_800));
    phone.now += 10_800_000;
    assert_eq!(phone.ask("two", 90), Ok(()));
}
