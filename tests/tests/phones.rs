//! A phone of the team is in one call at a time: its rate limiter gives it away, and takes it back.

use std::rc::Rc;

use hotline::effects::{
    Asker, Input, Millis, ObjectReply, Permit, PermitRequest, Priority, RateLimiterName, Report, Waits,
};
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

    /// Whether a call may have it; else when to ask again, in seconds from now.
    fn ask(&self, call: &str, seconds: i64) -> Result<(), i64> {
        self.request(PermitRequest::now_or_never(call.to_owned(), seconds, Priority::Conversation))
    }

    /// Whether a call that has it may hold it for a talk.
    fn talk(&self, call: &str) -> Result<(), i64> {
        let request = PermitRequest::now_or_never(call.to_owned(), 14_400, Priority::Conversation);
        self.request(PermitRequest { talks: true, ..request })
    }

    /// Whether it may ring for a caller who has called so many seconds after noon.
    fn ring(&self, call: &str, called: i64) -> Result<(), i64> {
        let asker = Asker { mailbox: 3003, contact: None, job: 1 };
        let waits = Some(Waits { asker, since: NOON + called * 1_000 });
        let request = PermitRequest::now_or_never(call.to_owned(), 90, Priority::Conversation);
        self.request(PermitRequest { waits, ..request })
    }

    fn request(&self, request: PermitRequest) -> Result<(), i64> {
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
    assert_eq!(phone.talk("one"), Ok(()));
    phone.now += 3_600_000;
    assert_eq!(phone.ask("two", 90), Err(10_800));
    phone.now += 10_800_000;
    assert_eq!(phone.ask("two", 90), Ok(()));
}

#[test]
fn a_phone_that_rings_goes_to_the_caller_who_has_waited_longest() {
    let mut phone = Phone::new();
    assert_eq!(phone.ring("Ann", 0), Ok(()));
    assert_eq!((phone.ring("Cem", 4), phone.ring("Bea", 2)), (Err(1), Err(1)));
    phone.now += 1_000;
    phone.give_back("Ann");
    assert_eq!(phone.ring("Cem", 4), Err(1), "it is Bea's");
    assert_eq!(phone.ring("Bea", 2), Ok(()));
    assert_eq!(phone.ring("Cem", 4), Err(1));
}

#[test]
fn a_caller_who_hangs_up_holds_nobody_up() {
    let mut phone = Phone::new();
    assert_eq!(phone.ring("Ann", 0), Ok(()));
    assert_eq!((phone.ring("Bea", 2), phone.ring("Cem", 4)), (Err(1), Err(1)));
    phone.give_back("Ann");
    phone.now += 2_000;
    assert_eq!(phone.ring("Cem", 4), Err(1), "Bea may still ask");
    phone.now += 1_000;
    assert_eq!(phone.ring("Cem", 4), Ok(()));
}

#[test]
fn a_caller_who_says_that_they_wait_no_more_holds_nobody_up_at_all() {
    let phone = Phone::new();
    assert_eq!(phone.ring("Ann", 0), Ok(()));
    assert_eq!((phone.ring("Bea", 2), phone.ring("Cem", 4)), (Err(1), Err(1)));
    phone.give_back("Ann");
    phone.give_back("Bea");
    assert_eq!(phone.ring("Cem", 4), Ok(()));
}

#[test]
fn a_phone_that_talks_is_busy_for_every_caller() {
    let mut phone = Phone::new();
    assert_eq!(phone.ring("Ann", 0), Ok(()));
    assert_eq!(phone.ring("Bea", 2), Err(1));
    assert_eq!(phone.talk("Ann"), Ok(()));
    assert_eq!(phone.ring("Bea", 2), Err(14_400));
    phone.now += 60_000;
    phone.give_back("Ann");
    assert_eq!(phone.ask("an agent who calls back", 90), Ok(()));
    assert_eq!(phone.ring("Bea", 2), Err(1), "it only rings");
}

#[test]
fn who_asks_again_to_ring_a_phone_does_not_talk_on_it() {
    let phone = Phone::new();
    assert_eq!((phone.ask("an agent who calls back", 90), phone.ask("an agent who calls back", 90)), (Ok(()), Ok(())));
    assert_eq!(phone.ring("Bea", 2), Err(1), "it only rings");
}
