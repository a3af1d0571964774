//! `/v1/sessions`: two people reach each other without seeing each other's numbers.

use std::ops::RangeInclusive;

use protocol::v1::FieldError;

use super::Asked;
use super::fields::{self, Errors, Fields};
use super::problem::{self, Problems};
use super::progress::Progress;
use crate::config::{Config, Pool};
use crate::domain::message_id::MessagePlace;
use crate::domain::phone::{E164, Party};
use crate::effects::{Millis, ObjectReply, ToObject};
use crate::json;
use crate::messages::audience::{self, part_of};
use crate::messages::participant::{Hold, Message, SessionReply, object_name};
use crate::routing::HttpAnswer;

/// The longest name of a pool and of a participant, and a number is shorter.
const LONGEST_NAME: usize = 64;
const LONGEST_REFERENCE: usize = 255;

const MINUTE: Millis = 60_000;

/// How long nothing may be said in a session: a minute to 366 days.
const TTL: RangeInclusive<Millis> = MINUTE..=366 * 24 * 60 * MINUTE;

/// What stands before a program's own name for a session where those for messages are kept too. No name holds it.
const KIND: &str = "session\0";

/// How often an object that was not reached is asked.
const ATTEMPTS: usize = 3;

/// One of the two, as the request names them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Side {
    number: E164,
    name: String,
}

/// A session that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CreateSession {
    mailbox: u64,
    pool: String,
    sides: [Side; 2],
    ttl: Option<Millis>,
    reference: Option<String>,
    request: String,
    stage: Stage,
    attempts: usize,
}

/// How far a request has come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// Whose its name is, is asked.
    Claiming,
    /// The session of somebody else that has its name is asked for.
    FindingClaimed,
    /// A number is held for the first.
    HoldingFirst,
    /// One is held for the second.
    HoldingSecond { number: i64, id: String, proxy: String },
    /// The first is told the second's.
    Opening { number: i64, proxy: String },
    /// It was there before.
    Reading { number: i64 },
    /// The first gives its number back.
    Releasing { id: String },
}

impl Asked<'_> {
    /// Reads a request for a session.
    pub(super) fn create_session(&self) -> Result<CreateSession, HttpAnswer> {
        let errors = Errors::default();
        let Some(object) = fields::object(self.body()?, &errors) else { return Err(self.invalid(errors)) };
        let mut fields = Fields::new(object, &errors);
        let pool = fields.required_text("pool", 1..=LONGEST_NAME);
        let pool = pool.and_then(|name| {
            let pool = self.config.pool(name.strip_prefix("POOL_").unwrap_or(&name));
            if pool.is_none() {
                fields.error("pool", "unknown_pool", "must be what follows POOL_ in the name of a pool's table");
            }
            pool
        });
        if let Some(pool) = pool
            && !self.opens(pool.mailbox)
        {
            let detail = format!("The key {} may not use the pool of another hotline.", self.key.id);
            return Err(self.problems().answer(problem::HOTLINE_FORBIDDEN, detail));
        }
        let sides = sides(&mut fields);
        let ttl = ttl(&mut fields);
        let reference = fields.text("reference", 1..=LONGEST_REFERENCE);
        modes(&mut fields);
        fields.finish();
        let read = pool.zip(sides);
        let (pool, sides) = errors.check(read).map_err(|errors| self.problems().invalid(errors))?;
        let sides = self.participants(pool, sides)?;
        Ok(CreateSession {
            mailbox: pool.mailbox,
            pool: pool.api_name().to_owned(),
            sides,
            ttl,
            reference,
            request: String::new(),
            stage: Stage::Claiming,
            attempts: 0,
        })
    }

    /// The two, if they may take part.
    fn participants(&self, pool: &Pool, sides: [(String, String); 2]) -> Result<[Side; 2], HttpAnswer> {
        let [first, second] = sides;
        let hotline = self.config.by_mailbox(pool.mailbox);
        let mut faults = Vec::new();
        let mut read = |at: usize, (number, name): (String, String)| {
            let mut fault = |code: &str, detail: &str| {
                let field = format!("participants.{at}.number");
                faults.push(FieldError { field, code: code.to_owned(), detail: detail.to_owned() });
            };
            let Some(number) = E164::parse(&number).map(E164::canonical) else {
                fault("number_invalid", "is no phone number; write it in E.164, with its country: +15550100123");
                return None;
            };
            if self.config.is_own(&number) {
                fault("participant_ours", "is a number of a hotline or a pool");
            } else if hotline.is_some_and(|hotline| hotline.blocks(&Party::Phone(number.clone()))) {
                fault("participant_blocked", "is turned away by the hotline");
            }
            Some(Side { number, name })
        };
        let both = read(0, first).zip(read(1, second));
        if let Some((first, second)) = &both
            && first.number.is_same_phone(&second.number)
        {
            let detail = "is the number of the other participant too".to_owned();
            let field = "participants.1.number".to_owned();
            faults.push(FieldError { field, code: "participant_same".to_owned(), detail });
        }
        match both.filter(|_| faults.is_empty()) {
            Some((first, second)) => Ok([first, second]),
            None => Err(self.problems().refused(faults)),
        }
    }

    /// A session by its id. One of another hotline is not found.
    pub(super) fn one_session(&self, id: &str, close: bool) -> Result<OneSession, HttpAnswer> {
        let place = MessagePlace::of_session_id(&self.config.secrets.twilio_account_sid, id);
        let place = place.filter(|place| self.opens(place.mailbox)).ok_or_else(|| self.not_found())?;
        let pools = self.config.pools.iter().filter(|pool| pool.mailbox == place.mailbox);
        let pools = pools.map(|pool| pool.api_name().to_owned()).collect();
        Ok(OneSession { place, pools, id: id.to_owned(), close })
    }
}

fn sides(fields: &mut Fields) -> Option<[(String, String); 2]> {
    if !fields.has("participants") {
        fields.error("participants", "missing", "is required");
    }
    let both = fields.inner_list("participants", 2)?;
    if both.len() != 2 {
        fields.error("participants", "too_few", "must have two items");
    }
    let mut read = both.into_iter().map(|mut side| {
        let number = side.required_text("number", 1..=LONGEST_NAME);
        let name = side.text("name", 1..=LONGEST_NAME).unwrap_or_default();
        side.finish();
        Some((number?, name))
    });
    let (first, second) = (read.next().flatten(), read.next().flatten());
    Some([first?, second?])
}

fn ttl(fields: &mut Fields) -> Option<Millis> {
    fields.duration("ttl", 1..=LONGEST_NAME, TTL, ["PT24H", "must be a minute to 366 days: PT1M to P366D"])
}

/// Texts alone, for now.
fn modes(fields: &mut Fields) {
    let Some(modes) = fields.texts("mode", 1, 1..=LONGEST_NAME) else { return };
    for (at, mode) in modes.iter().enumerate().filter(|(_, mode)| *mode != "text") {
        let (code, detail) = match mode.as_str() {
            "voice" => ("not_available", "calls are not connected in sessions yet"),
            _ => ("unknown_word", "must be text"),
        };
        fields.error(&format!("mode.{at}"), code, detail);
    }
}

impl CreateSession {
    pub(super) fn begin(&mut self, request: &str) -> Progress {
        request.clone_into(&mut self.request);
        let Some(reference) = &self.reference else { return self.hold_first() };
        let reference = [KIND, reference].concat();
        let part = part_of(&reference);
        let [first, _] = &self.sides;
        let person = object_name(&self.pool, first.number.as_str());
        Progress::Ask(vec![(self.mailbox, ToObject::Audience(part, audience::Message::Claim { reference, person }))])
    }

    fn tell(&self, side: &Side, message: Message) -> Progress {
        let name = object_name(&self.pool, side.number.as_str());
        Progress::Ask(vec![(self.mailbox, ToObject::Participant(name, message))])
    }

    fn hold_first(&mut self) -> Progress {
        self.stage = Stage::HoldingFirst;
        let [first, second] = &self.sides;
        let hold = Hold {
            request: self.request.clone(),
            session: None,
            name: first.name.clone(),
            other_name: second.name.clone(),
            other: second.number.as_str().to_owned(),
            other_proxy: None,
            ttl: self.ttl,
            reference: self.reference.clone(),
        };
        self.tell(first, Message::Hold(Box::new(hold)))
    }

    fn hold_second(&mut self, number: i64, id: String, proxy: String) -> Progress {
        let [first, second] = &self.sides;
        let hold = Hold {
            request: id.clone(),
            session: Some(id.clone()),
            name: second.name.clone(),
            other_name: first.name.clone(),
            other: first.number.as_str().to_owned(),
            other_proxy: Some(proxy.clone()),
            ttl: self.ttl,
            reference: None,
        };
        let progress = self.tell(second, Message::Hold(Box::new(hold)));
        self.stage = Stage::HoldingSecond { number, id, proxy };
        progress
    }

    fn open(&mut self, number: i64, proxy: String) -> Progress {
        let [first, _] = &self.sides;
        let progress = self.tell(first, Message::Open { number, other_proxy: proxy.clone() });
        self.stage = Stage::Opening { number, proxy };
        progress
    }

    pub(super) fn on_replies(&mut self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        let reply = replies.into_iter().next().unwrap_or(ObjectReply::Unreachable);
        if matches!(reply, ObjectReply::Unreachable | ObjectReply::Later(_)) {
            self.attempts += 1;
            return if self.attempts < ATTEMPTS { self.again() } else { Progress::Unavailable };
        }
        let [first, _] = self.sides.clone();
        match (self.stage.clone(), reply) {
            (Stage::Claiming, ObjectReply::Claimed { person }) => {
                let Some(reference) = self.reference.clone() else { return Progress::Unavailable };
                if person == object_name(&self.pool, first.number.as_str()) {
                    return self.hold_first();
                }
                self.stage = Stage::FindingClaimed;
                Progress::Ask(vec![(self.mailbox, ToObject::Participant(person, Message::OfReference { reference }))])
            }
            (Stage::FindingClaimed, ObjectReply::NotFound) => {
                let detail = "Another request with this reference, for other participants, has not come to its end.";
                let refusal = Problems { config }.answer(problem::STILL_RUNNING, detail);
                Progress::Answer(refusal.with("retry-after", "1"))
            }
            (Stage::FindingClaimed | Stage::Reading { .. }, ObjectReply::Session(SessionReply::Is(session))) => {
                Progress::Answer(HttpAnswer::json(200, json::written(&session)))
            }
            (Stage::HoldingFirst, ObjectReply::Session(SessionReply::Held { number, is_open: true, .. })) => {
                self.stage = Stage::Reading { number };
                self.tell(&first, Message::Read { number })
            }
            (Stage::HoldingFirst, ObjectReply::Session(SessionReply::Held { number, id, proxy, .. })) => {
                self.hold_second(number, id, proxy)
            }
            (Stage::HoldingSecond { number, .. }, ObjectReply::Session(SessionReply::Held { proxy, .. })) => {
                self.open(number, proxy)
            }
            (Stage::HoldingSecond { id, .. }, ObjectReply::Session(SessionReply::Exhausted)) => {
                self.stage = Stage::Releasing { id: id.clone() };
                self.tell(&first, Message::Release { session: id })
            }
            (Stage::HoldingFirst, ObjectReply::Session(SessionReply::Exhausted)) | (Stage::Releasing { .. }, _) => {
                Progress::Answer(self.exhausted(config))
            }
            (Stage::Opening { .. }, ObjectReply::Session(SessionReply::Is(session))) => {
                Progress::Answer(HttpAnswer::json(201, json::written(&session)))
            }
            _ => Progress::Unavailable,
        }
    }

    /// The same is asked once more.
    fn again(&mut self) -> Progress {
        let [first, _] = self.sides.clone();
        match self.stage.clone() {
            Stage::Claiming | Stage::FindingClaimed => {
                let request = self.request.clone();
                self.stage = Stage::Claiming;
                self.begin(&request)
            }
            Stage::HoldingFirst => self.hold_first(),
            Stage::HoldingSecond { number, id, proxy } => self.hold_second(number, id, proxy),
            Stage::Opening { number, proxy } => self.open(number, proxy),
            Stage::Reading { number } => self.tell(&first, Message::Read { number }),
            Stage::Releasing { id } => self.tell(&first, Message::Release { session: id }),
        }
    }

    fn exhausted(&self, config: &Config) -> HttpAnswer {
        let detail = format!(
            "Every number of the pool {} is in use for one of the two, or has rested less than an hour. Add numbers, or close sessions.",
            self.pool
        );
        Problems { config }.answer(problem::POOL_EXHAUSTED, detail)
    }
}

/// A session that is read or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OneSession {
    place: MessagePlace,
    /// The pools in which it may be; an id names none.
    pools: Vec<String>,
    id: String,
    close: bool,
}

impl OneSession {
    pub(super) fn begin(&self) -> Progress {
        let message = |close| {
            let number = self.place.number;
            if close { Message::Close { number } } else { Message::Read { number } }
        };
        let ask = |pool: &String| {
            let name = object_name(pool, self.place.person.as_str());
            (self.place.mailbox, ToObject::Participant(name, message(self.close)))
        };
        Progress::Ask(self.pools.iter().map(ask).collect())
    }

    pub(super) fn on_replies(&self, config: &Config, replies: Vec<ObjectReply>) -> Progress {
        let mut is_known = !replies.is_empty();
        for reply in replies {
            match reply {
                ObjectReply::Session(SessionReply::Is(session)) if session.id == self.id => {
                    return Progress::Answer(HttpAnswer::json(200, json::written(&session)));
                }
                ObjectReply::NotFound | ObjectReply::Session(_) => {}
                _ => is_known = false,
            }
        }
        if !is_known && !self.pools.is_empty() {
            return Progress::Unavailable;
        }
        let detail = "There is no such session, or it is none of this key's hotlines'.";
        Progress::Answer(Problems { config }.answer(problem::NOT_FOUND, detail))
    }
}
