//! Programs in a history that nobody wrote: they send, and send again what they had no answer to.

use emulator::twilio::DeliveryOutcome;
use hotline::effects::Millis;
use serde_json::{Value, json};

use super::dice::Dice;
use super::hazards::Hazard;
use super::life::{Act, PEOPLE};
use super::stage::{CRM, NOON};
use super::{Event, World};

const MINUTE: Millis = 60_000;

/// After a minute without an answer a program gives up.
const TRIES: usize = 20;

/// What a program sends, and what it was answered.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// The word by which it is known on the phone.
    pub marker: String,
    body: Value,
    tries: usize,
    /// Whether it was answered 2xx.
    pub is_taken: bool,
    /// The id of each recipient's message.
    pub items: Vec<(String, String)>,
    /// Answers to the same request that were not the same.
    pub contradictions: Vec<String>,
    /// What became of each message.
    pub ends: Vec<End>,
}

/// What a program reads of a message in the end.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// Its id.
    pub id: String,
    /// Its status.
    pub status: String,
    /// Why it has come to that, in words.
    pub why: String,
}

/// The template of messages that go by two channels.
const TEMPLATE: &str = "/v1/templates/ballot";
const CONTENT_SID: &str = "HX0123456789abcdef0123456789abcdef";

impl World {
    /// In some histories programs send. They have dice of their own: without them a history is what it would be.
    pub(super) fn plan_programs(&mut self, hazards: &[Hazard], seed: u64, end: Millis) {
        self.program_dice = Dice::new(seed.rotate_left(31));
        if !hazards.contains(&Hazard::Programs) || !self.program_dice.happens(150) {
            return;
        }
        for _ in 0..self.program_dice.within(1, 5) {
            let at = self.program_dice.span(NOON, end);
            self.at(at, Event::Act(Act::ProgramSends));
        }
    }

    pub(super) fn program_sends(&mut self) {
        let marker = self.ledger.marker('M');
        let people: Vec<&str> = PEOPLE.iter().copied().filter(|_| self.program_dice.happens(500)).collect();
        let to = if people.is_empty() { json!(PEOPLE[0]) } else { json!(people) };
        let class = *self.program_dice.pick(&["alert", "service"]).unwrap_or(&"alert");
        let conversation = *self.program_dice.pick(&["on_reply", "note", "none"]).unwrap_or(&"none");
        let mut body = json!({"hotline": "VOTERS", "to": to, "class": class, "body": format!("{marker} your ballot"),
            "conversation": conversation});
        let later = |at: Millis| protocol::Timestamp::from_millisecond(at).expect("an instant").to_string();
        if self.program_dice.happens(300) {
            body["send_at"] = json!(later(self.now + self.program_dice.span(MINUTE, 60 * MINUTE)));
        }
        if self.program_dice.happens(200) {
            body["expires_at"] = json!(later(self.now + self.program_dice.span(61 * MINUTE, 120 * MINUTE)));
        }
        if self.program_dice.happens(300) {
            body["reference"] = json!(marker);
        }
        if self.program_dice.happens(400) {
            self.goes_by_two_channels(&marker, &people, &mut body);
        }
        self.ledger.programs.push(Sent { marker, body, ..Sent::default() });
        let index = self.ledger.programs.len() - 1;
        self.program_tries(index);
        for _ in 0..self.program_dice.within(0, 2) {
            let wait = self.program_dice.span(0, MINUTE);
            self.after(wait, Event::Act(Act::ProgramTries(index)));
        }
    }

    /// It is tried by WhatsApp first, or last. Whoever is on WhatsApp gets it there soon, late, or after it was given up.
    fn goes_by_two_channels(&mut self, marker: &str, people: &[&str], body: &mut Value) {
        let within = *self.program_dice.pick(&["PT5S", "PT30S", "PT2M", "PT10M"]).unwrap_or(&"PT5S");
        let until = *self.program_dice.pick(&["sent", "delivered", "read"]).unwrap_or(&"sent");
        let mut via = [json!({"channel": "whatsapp"}), json!({"channel": "sms"})];
        if self.program_dice.happens(200) {
            via.reverse();
        }
        if self.program_dice.happens(800) {
            (via[0]["until"], via[0]["within"]) = (json!(until), json!(within));
        }
        body["via"] = json!(via);
        self.twilio.settings_mut().templates.insert(CONTENT_SID.to_owned(), "{{1}} your ballot".to_owned());
        let whatsapp = json!({"content_sid": CONTENT_SID, "variables": {"1": "marker"}});
        let wording = json!({"sms": "{{marker}} your ballot", "whatsapp": whatsapp});
        let template = json!({"versions": {"en": wording}, "fields": {"marker": {"required": true}}});
        if self.program(CRM.1, "PUT", TEMPLATE, &template).status == 200 {
            body["template"] = json!({"name": "ballot", "data": {"marker": marker}});
            body.as_object_mut().expect("an object").remove("body");
        }
        // Agents write to this one on WhatsApp, and must hear of it.
        for person in people.iter().filter(|person| **person != PEOPLE[2]) {
            const NOT_THERE: DeliveryOutcome = DeliveryOutcome::Undelivered(63024);
            let outcomes = [
                DeliveryOutcome::Delivered,
                DeliveryOutcome::Read,
                DeliveryOutcome::NoReceipt,
                DeliveryOutcome::LATE,
                NOT_THERE,
            ];
            let outcome = self.program_dice.pick(&outcomes).copied().unwrap_or_default();
            self.twilio.set_whatsapp_outcome(person, outcome);
        }
    }

    /// The request, also once more; without an answer it comes again after a while. The object of the key may have been killed
    /// before it heard the answer to the one before, or everything.
    pub(super) fn program_tries(&mut self, index: usize) {
        match self.program_dice.within(1, 10) {
            1..=3 => self.forget_answers(CRM.0),
            4 => {
                self.ledger.crashed = true;
                self.crash_all();
            }
            _ => {}
        }
        let Sent { marker, body, .. } = self.ledger.programs[index].clone();
        let key = [("idempotency-key", marker.as_str())];
        let answer = self.program_with(CRM.1, "POST", "/v1/messages", &key, body.to_string().into_bytes());
        let is_taken = answer.status < 300;
        let sent = &mut self.ledger.programs[index];
        sent.tries += 1;
        if !is_taken {
            let again = sent.tries < TRIES && !sent.is_taken;
            if again {
                self.after(3_000, Event::Act(Act::ProgramTries(index)));
            }
            return;
        }
        let single = [answer.body.clone()];
        let items = answer.body["data"].as_array().map_or(&single[..], Vec::as_slice);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let items: Vec<_> = items.iter().map(|item| (text(&item["to"]), text(&item["id"]))).collect();
        if sent.is_taken && sent.items != items {
            sent.contradictions.push(format!("{items:?} and {:?}", sent.items));
        }
        (sent.is_taken, sent.items) = (true, items);
    }

    /// How far everything that programs have sent has come.
    pub(super) fn read_programs(&mut self) {
        for index in 0..self.ledger.programs.len() {
            for (_, id) in self.ledger.programs[index].items.clone() {
                let path = format!("/v1/messages/{id}");
                let item = self.program(CRM.1, "GET", &path, &Value::Null).body;
                let status = item["status"].as_str().unwrap_or_default().to_owned();
                let why = self.program(CRM.1, "GET", &format!("{path}/why"), &Value::Null).body.to_string();
                self.ledger.programs[index].ends.push(End { id, status, why });
            }
        }
    }
}
