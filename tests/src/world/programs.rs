//! Programs, which send by `/v1`.

use emulator::http::Request;
use hotline::effects::ObjectMessage;
use hotline::monitor;
use serde_json::Value;

use super::World;
use super::object::Name;
use super::stage::AUDIT;

/// What a program is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body; null when it is no JSON.
    pub body: Value,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Answer {
    /// A header, or "".
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The `code` of a problem, or "".
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The fields that a problem names, with the code of each.
    pub fn errors(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = self.body["errors"].as_array().into_iter().flatten();
        errors.map(|error| (text(&error["field"]), text(&error["code"]))).collect()
    }
}

impl World {
    /// The object of a key is killed before it has stored its answers.
    pub fn forget_answers(&mut self, key: &str) {
        let name = Name::ApiKey(key.to_owned());
        if let Some(object) = self.objects.get_mut(&name) {
            object.store.alter("UPDATE answers SET status = NULL; DELETE FROM bodies");
            object.crash(&name);
        }
    }

    /// No alarm that any person's object has set will come.
    pub fn lose_alarms(&mut self) {
        for (_, object) in self.objects.iter_mut().filter(|(name, _)| matches!(name, Name::Contact(..))) {
            object.alarm = None;
        }
    }

    /// The cron comes; its run is over within five minutes.
    pub fn cron(&mut self) {
        self.note(|| "the cron comes".to_owned());
        // One that is not heard of is made good by the next.
        drop(self.request(&Name::Monitor, ObjectMessage::Monitor(monitor::Message::Run)));
    }

    /// The cron comes every ten minutes, so often.
    pub fn crons(&mut self, times: usize) {
        for _ in 0..times {
            self.cron();
            self.run_for(600_000);
        }
    }

    /// How the deployment fares, as an operator reads it.
    ///
    /// # Panics
    /// When it does not say so.
    pub fn health(&mut self) -> Value {
        let answer = self.program(AUDIT.1, "GET", "/v1/health", &Value::Null);
        assert!([200, 503].contains(&answer.status), "{answer:?}");
        assert_eq!(answer.status == 503, answer.body["status"] == "down", "{answer:?}");
        answer.body
    }

    /// How the voters' hotline fares.
    ///
    /// # Panics
    /// When it does not say so.
    pub fn voters_health(&mut self) -> Value {
        let health = self.health();
        let hotlines = health["hotlines"].as_array().expect("hotlines");
        hotlines.iter().find(|hotline| hotline["hotline"] == "VOTERS").expect("the voters' hotline").clone()
    }

    /// A program's request with its token.
    pub fn program(&mut self, token: &str, method: &str, target: &str, body: &Value) -> Answer {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.program_with(token, method, target, &[], body)
    }

    /// The same with further headers, and any bytes as the body.
    pub fn program_with(
        &mut self,
        token: &str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let authorization = ("authorization".to_owned(), format!("Bearer {token}"));
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers.chain([authorization]).collect(),
            body,
        };
        let answer = self.answer(&request);
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        Answer { status: answer.status, body, headers: answer.headers }
    }
}
