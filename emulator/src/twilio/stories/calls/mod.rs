//! Calls: callers, the team's phones, and an owner whose pages are TwiML.

use std::collections::BTreeMap;

use super::*;

mod callbacks;
mod chance;
mod dialing;
mod documents;
mod recording;
mod rest;
mod verbs;
mod waiting;

const BERT: &str = "+15550100201";
const CARLA: &str = "+15550100202";
const CALLS: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Calls";
const START: u64 = 1_692_853_305_000;

/// Twilio, the pages of an account's owner by their paths, and the time.
struct Line {
    fixture: Fixture,
    /// What a path answers, in turn; the last one again and again.
    pages: BTreeMap<&'static str, Vec<Outcome>>,
    /// Requests that have come, with the second of their coming.
    asked: Vec<(u64, Delivery)>,
}

fn twiml(verbs: &str) -> Outcome {
    answer(200, "text/xml", &format!("<Response>{verbs}</Response>"))
}

impl Line {
    /// The hotline answers its calls with these verbs.
    fn new(verbs: &str) -> Self {
        Self { fixture: Fixture::new(|_| {}), pages: BTreeMap::new(), asked: Vec::new() }.page("/twilio/calls", [verbs])
    }

    fn page<const N: usize>(self, path: &'static str, verbs: [&str; N]) -> Self {
        self.answering(path, verbs.map(twiml))
    }

    fn answering<const N: usize>(mut self, path: &'static str, answers: [Outcome; N]) -> Self {
        self.pages.insert(path, answers.into());
        self
    }

    fn far_end(mut self, number: &str, far_end: FarEnd) -> Self {
        self.fixture.twilio.set_far_end(number, far_end);
        self
    }

    fn twilio(&mut self) -> &mut Twilio {
        &mut self.fixture.twilio
    }

    /// Anna calls the hotline.
    fn call(&mut self, script: Script) -> String {
        let now = self.fixture.now;
        self.fixture.twilio.call_in(now, ANNA, HOTLINE, script)
    }

    /// The same, and everything happens that happens by itself.
    fn hear_out(&mut self, script: Script) -> String {
        let sid = self.call(script);
        self.until(86_400);
        sid
    }

    /// Lets time pass until that second of the story.
    fn until(&mut self, second: u64) {
        let end = START + second * 1000;
        while let Some(due) = self.fixture.twilio.next_due().filter(|due| *due <= end) {
            self.fixture.now = self.fixture.now.max(due);
            for delivery in self.fixture.twilio.take_due(self.fixture.now) {
                self.asked.push(((self.fixture.now - START) / 1000, delivery.clone()));
                let path = delivery.request.target.split('?').next().unwrap_or_default();
                let outcome = match self.pages.get_mut(path) {
                    Some(answers) if answers.len() > 1 => answers.remove(0),
                    Some(answers) => answers[0].clone(),
                    None => ok(),
                };
                self.fixture.twilio.answered(self.fixture.now, delivery.id, outcome);
            }
        }
        self.fixture.now = self.fixture.now.max(end);
    }

    /// What the far end of a call heard: `second words`.
    fn heard(&self, sid: &str) -> Vec<String> {
        let call = self.fixture.twilio.call(sid).unwrap();
        let line = |(at, what): &(u64, Heard)| {
            let (kind, words) = what.words();
            let words = match what {
                Heard::Bridged(sid) => self.fixture.twilio.call(sid).map_or("", |other| other.phone()),
                _ => words,
            };
            format!("{} {kind} {words}", (at - START) / 1000).trim_end().to_owned()
        };
        call.heard.iter().map(line).collect()
    }

    fn status(&self, sid: &str) -> &'static str {
        self.fixture.twilio.call(sid).unwrap().status.name()
    }

    /// The one leg to a phone.
    fn leg_to(&self, phone: &str) -> String {
        self.fixture.twilio.calls().iter().rfind(|call| call.to == phone).unwrap().sid.clone()
    }

    /// A form field of every request to a path, in their order.
    fn told(&self, path: &str, name: &str) -> Vec<String> {
        let of_path = self.asked.iter().filter(|(_, asked)| asked.request.target.split('?').next() == Some(path));
        of_path.map(|(_, asked)| field(asked, name)).collect()
    }

    fn codes(&self) -> Vec<u32> {
        self.fixture.twilio.debugger().iter().map(|entry| entry.code).collect()
    }

    fn post(&mut self, path: &str, form: Form) -> (u16, Value) {
        self.fixture.call("POST", path, form)
    }

    /// Makes a call from the hotline; its sid.
    fn create(&mut self, to: &str, more: Form) -> String {
        let form = [&[("To", to), ("From", HOTLINE)], more].concat();
        let (status, made) = self.post(&format!("{CALLS}.json"), &form);
        assert_eq!(status, 201, "{made}");
        made["sid"].as_str().unwrap().to_owned()
    }
}
