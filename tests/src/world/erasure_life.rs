//! Programs verify people and have them erased, in a history that nobody wrote.

use hotline::effects::Millis;
use hotline::form::percent_encode;
use serde_json::{Value, json};

use super::dice::Dice;
use super::hazards::Hazard;
use super::life::{Act, PEOPLE};
use super::object::Name;
use super::stage::{CRM, NOON, VOTERS};
use super::{Event, World};

const MINUTE: Millis = 60_000;

/// After a minute without an answer a program gives up.
const TRIES: usize = 20;

/// How long somebody types a code.
const TYPED_AFTER: Millis = 40_000;

/// A person was erased.
#[derive(Clone, Debug)]
pub struct Erased {
    /// Their key.
    pub person: String,
    /// How much had been seen before.
    pub order: usize,
    /// The words by which their texts, and those to them, are known that their object held then.
    pub held: Vec<String>,
    /// Those of them that were on their way to Twilio.
    pub under_way: Vec<String>,
    /// Where the job can be read.
    pub job: String,
}

/// A verification that was begun.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Whose number.
    pub person: String,
    /// Its id.
    pub id: String,
    /// Whether a check said that it is the first time.
    pub is_first: bool,
}

impl World {
    /// In some histories people are verified and erased. They have dice of their own: without them a history is what it would be.
    pub(super) fn plan_erasures(&mut self, hazards: &[Hazard], seed: u64, end: Millis) {
        self.erasure_dice = Dice::new(seed.rotate_left(23));
        if !hazards.contains(&Hazard::Erasures) || !self.erasure_dice.happens(150) {
            return;
        }
        for _ in 0..self.erasure_dice.within(1, 4) {
            let (at, person) = (self.erasure_dice.span(NOON, end), self.somebody());
            self.at(at, Event::Act(Act::ProgramErases(person, 0)));
            let (at, person) = (self.erasure_dice.span(NOON, end), self.somebody());
            self.at(at, Event::Act(Act::ProgramVerifies(person)));
        }
    }

    /// Whether nothing is left but to forget, some days later, how many codes went to a prefix.
    pub(super) fn only_counts_codes(&self) -> bool {
        let is_of_codes = |event: &Event| matches!(event, Event::Alarm(Name::VerificationLimit(_), _));
        self.next() == self.events.keys().map(|(at, _)| *at).next() && self.events.values().all(is_of_codes)
    }

    fn somebody(&mut self) -> &'static str {
        self.erasure_dice.pick(&PEOPLE[..3]).copied().unwrap_or(PEOPLE[0])
    }

    /// A program asks that a person is erased, and again when it has no answer.
    pub(super) fn program_erases(&mut self, person: &'static str, tries: usize) {
        let (held, under_way) = (self.markers_held(person), self.markers_under_way(person));
        let order = self.ledger.seen();
        let path = format!("/v1/people/{}", percent_encode(person));
        let answer = self.program(CRM.1, "DELETE", &path, &Value::Null);
        if answer.status == 202 {
            let job = answer.header("location").to_owned();
            self.ledger.erased.push(Erased { person: person.to_owned(), order, held, under_way, job });
        } else if tries < TRIES {
            self.after(3_000, Event::Act(Act::ProgramErases(person, tries + 1)));
        }
    }

    /// The markers that the person's object holds.
    fn markers_held(&self, person: &str) -> Vec<String> {
        let Some(object) = self.objects.get(&Name::Contact(VOTERS, person.to_owned())) else { return Vec::new() };
        let texts = object.store.all_texts().join("\n");
        self.ledger.markers_of(person).into_iter().filter(|marker| texts.contains(marker.as_str())).collect()
    }

    /// Those of texts whose requests have left and have no answer, so that nobody knows whether they are sent.
    fn markers_under_way(&self, person: &str) -> Vec<String> {
        let Some(object) = self.objects.get(&Name::Contact(VOTERS, person.to_owned())) else { return Vec::new() };
        // An object of the first release that has not begun since has other tables.
        if object.store.texts("SELECT name FROM sqlite_master WHERE name = 'queue'").is_empty() {
            return Vec::new();
        }
        let sql = "SELECT messages.body FROM queue JOIN messages ON queue.key = 'send ' || messages.id \
                   WHERE queue.state IS NOT NULL";
        let bodies = object.store.texts(sql).join("\n");
        self.ledger.markers_of(person).into_iter().filter(|marker| bodies.contains(marker.as_str())).collect()
    }

    /// A program has a number verified; whoever has the phone gives the code back.
    pub(super) fn program_verifies(&mut self, person: &'static str) {
        let wanted = json!({"hotline": "VOTERS", "to": person, "channel": "sms", "purpose": "sign-up", "unique_for": "discount"});
        let begun = self.program(CRM.1, "POST", "/v1/verifications", &wanted);
        let Some(id) = begun.body["id"].as_str().filter(|_| begun.status < 300) else { return };
        let verified = Verified { person: person.to_owned(), id: id.to_owned(), is_first: false };
        self.ledger.verified.push(verified);
        let index = self.ledger.verified.len() - 1;
        self.after(TYPED_AFTER, Event::Act(Act::TypesCode(index)));
        if self.erasure_dice.happens(500) {
            self.after(TYPED_AFTER + MINUTE, Event::Act(Act::TypesCode(index)));
        }
    }

    /// The code in the last text of its kind on their phone.
    pub(super) fn types_code(&mut self, index: usize) {
        let Verified { person, id, .. } = self.ledger.verified[index].clone();
        let is_code = |text: &&String| text.contains(" is your verification code");
        let Some(code) = self.phone(&person).iter().rfind(is_code).and_then(|text| text.get(..6).map(str::to_owned))
        else {
            return;
        };
        let path = format!("/v1/verifications/{id}/check");
        let checked = self.program(CRM.1, "POST", &path, &json!({ "code": code }));
        if checked.body["first_time"] == json!(true) {
            self.ledger.verified[index].is_first = true;
        }
    }

    /// How far all erasures have come.
    pub(super) fn read_erasures(&mut self) {
        for erased in self.ledger.erased.clone() {
            let job = self.program(CRM.1, "GET", &erased.job, &Value::Null).body;
            self.ledger.erasure_ends.push((erased.person, job["status"].as_str().unwrap_or_default().to_owned()));
        }
    }
}
