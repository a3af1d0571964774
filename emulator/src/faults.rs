//! Fault injection: rules for API requests and webhooks. The server and the simulation apply the decisions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::{Delivery, Request, Response};

/// Service whose traffic a rule applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Twilio's REST API, Lookup and webhooks.
    Twilio,
    /// Help Scout's API and webhooks.
    HelpScout,
}

impl Service {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Twilio, Self::HelpScout];

    /// As addresses and JSON write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Twilio => "twilio",
            Self::HelpScout => "helpscout",
        }
    }

    /// The service of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }
}

/// A fault and the traffic it applies to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Assigned when the rule is added.
    #[serde(default)]
    pub id: u64,
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: Kind,
    /// Only requests with this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only requests whose path and query have this in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
    /// Number of uses, after which the rule is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// Kind of fault. The first seven apply to API requests, the next four to webhooks, the last one to lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Nothing is done: 503 at once, or the connection ends without an answer.
    Down {
        /// End the connection.
        #[serde(default)]
        refuse: bool,
    },
    /// Done at once, answered late.
    Slow {
        /// How late, in milliseconds.
        ms: u64,
    },
    /// Processed late, even if the caller has disconnected.
    Hold {
        /// How late, in milliseconds.
        ms: u64,
    },
    /// Nothing is done, and this is answered.
    Status {
        /// HTTP status.
        status: u16,
        /// More headers.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// The body: a JSON string as it is, anything else as JSON; without it the service's own form of an error.
        #[serde(default)]
        body: Value,
    },
    /// Done, and the connection ends without an answer.
    LostAnswer,
    /// Processed, and answered with an error, as by a gateway after its time-out (504).
    DoneStatus {
        /// HTTP status.
        status: u16,
    },
    /// Processed, and answered with an unreadable body.
    Unreadable {
        /// What stands there instead.
        #[serde(default)]
        body: Unreadable,
    },
    /// A webhook comes more than once.
    Duplicate {
        /// How often it comes in all.
        copies: usize,
    },
    /// Webhooks come in any order.
    Reorder {
        /// Each is late by a random time below this, in milliseconds.
        window_ms: u64,
    },
    /// Webhooks come late.
    Delay {
        /// How late, in milliseconds.
        ms: u64,
    },
    /// A webhook is lost on the way while its service believes that it was taken.
    Drop,
    /// Lists and searches do not show what is younger than this.
    ListLag {
        /// In milliseconds.
        ms: u64,
    },
}

/// Form of an unreadable 2xx response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// 200 with the HTML page of a proxy.
    #[default]
    Html,
    /// 200 with an empty body.
    Empty,
    /// The service's own answer without its second half.
    Cut,
}

/// Decision about one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Delay of the processing, in milliseconds.
    pub hold_ms: u64,
    /// Whether it is processed, and the response.
    pub course: Course,
    /// Delay of the response, in milliseconds.
    pub slow_ms: u64,
}

/// Whether a request is processed, and its response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course {
    /// Done and answered.
    Served,
    /// Not done; this is answered.
    Instead(Response),
    /// Done; this is answered.
    DoneInstead(Response),
    /// Done; the answer cannot be read.
    Unreadable(Unreadable),
    /// Not done; the connection ends.
    Refused,
    /// Done; the connection ends.
    AnswerLost,
}

impl Course {
    /// Whether the service processes the request.
    pub fn is_done(&self) -> bool {
        !matches!(self, Self::Instead(_) | Self::Refused)
    }

    /// Response to the caller, given the service's own; `None` closes the connection.
    pub fn answer(self, served: Option<Response>) -> Option<Response> {
        match self {
            Self::Served => served,
            Self::Instead(response) | Self::DoneInstead(response) => Some(response),
            Self::Unreadable(how) => served.map(|response| how.spoil(response)),
            Self::Refused | Self::AnswerLost => None,
        }
    }
}

impl Unreadable {
    /// Errors stay as they are.
    fn spoil(self, mut response: Response) -> Response {
        if !(200..300).contains(&response.status) {
            return response;
        }
        let html = ("content-type".to_owned(), "text/html; charset=utf-8".to_owned());
        match self {
            Self::Html => {
                Response { status: 200, headers: vec![html], body: b"<html><body>One moment</body></html>".to_vec() }
            }
            Self::Empty => Response { status: 200, headers: Vec::new(), body: Vec::new() },
            Self::Cut => {
                response.body.truncate(response.body.len() / 2);
                response
            }
        }
    }
}

/// The rules in force.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<(Service, Rule)>,
    made: u64,
    /// State of the random numbers, the same in every run.
    chance: u64,
}

impl Faults {
    /// Puts a rule in force; its id.
    pub fn add(&mut self, service: Service, rule: Rule) -> u64 {
        self.made += 1;
        self.rules.push((service, Rule { id: self.made, ..rule }));
        self.made
    }

    /// A rule for all of a service's traffic that the kind can meet.
    pub fn switch_on(&mut self, service: Service, kind: Kind) -> u64 {
        self.add(service, Rule { id: 0, kind, method: None, path_contains: None, times: None })
    }

    /// Ends one rule, or all of a service.
    pub fn clear(&mut self, service: Service, id: Option<u64>) {
        self.rules.retain(|(owner, rule)| *owner != service || id.is_some_and(|id| id != rule.id));
    }

    /// The rules of a service, oldest first.
    pub fn rules(&self, service: Service) -> Vec<Rule> {
        self.rules.iter().filter(|(owner, _)| *owner == service).map(|(_, rule)| rule.clone()).collect()
    }

    /// How far a service's lists lag, in milliseconds.
    pub fn list_lag_ms(&self, service: Service) -> u64 {
        let lag = |rule: Rule| if let Kind::ListLag { ms } = rule.kind { ms } else { 0 };
        self.rules(service).into_iter().map(lag).max().unwrap_or(0)
    }

    /// What happens to an API request. Delays add up; of the other faults the oldest rule wins.
    pub fn on_request(&mut self, service: Service, request: &Request) -> Verdict {
        let mut verdict = Verdict { hold_ms: 0, course: Course::Served, slow_ms: 0 };
        self.each_match(service, &request.method, &request.target, |kind| {
            let course = match kind {
                Kind::Slow { ms } => {
                    verdict.slow_ms += ms;
                    return true;
                }
                Kind::Hold { ms } => {
                    verdict.hold_ms += ms;
                    return true;
                }
                Kind::Down { refuse: true } => Course::Refused,
                Kind::Down { refuse: false } => Course::Instead(answer(service, 503, &BTreeMap::new(), &Value::Null)),
                Kind::Status { status, headers, body } => Course::Instead(answer(service, *status, headers, body)),
                Kind::DoneStatus { status } => {
                    Course::DoneInstead(answer(service, *status, &BTreeMap::new(), &Value::Null))
                }
                Kind::Unreadable { body } => Course::Unreadable(*body),
                Kind::LostAnswer => Course::AnswerLost,
                Kind::Duplicate { .. }
                | Kind::Reorder { .. }
                | Kind::Delay { .. }
                | Kind::Drop
                | Kind::ListLag { .. } => {
                    return false;
                }
            };
            let first = verdict.course == Course::Served;
            if first {
                verdict.course = course;
            }
            first
        });
        verdict
    }

    /// After how many milliseconds each copy of a webhook arrives; none when it is lost. The first copy's outcome is the
    /// one that its service hears.
    ///
    /// A GET is a media fetch, not a webhook, and has no faults.
    pub fn on_delivery(&mut self, service: Service, delivery: &Delivery) -> Vec<u64> {
        // A file is fetched once, sooner or later.
        let fetches = delivery.request.method == "GET";
        let mut chance = self.chance;
        let (mut copies, mut delay, mut window, mut lost) = (1, 0, 0, false);
        let Request { method, target, .. } = &delivery.request;
        self.each_match(service, method, target, |kind| {
            match kind {
                Kind::Delay { ms } => delay += ms,
                _ if fetches => return false,
                Kind::Duplicate { copies: more } => copies = copies.max(*more),
                Kind::Reorder { window_ms } => window = window.max(*window_ms),
                Kind::Drop => lost = true,
                _ => return false,
            }
            true
        });
        if lost {
            return Vec::new();
        }
        let delays = (0..copies).map(|_| delay + if window == 0 { 0 } else { random(&mut chance) % window }).collect();
        self.chance = chance;
        delays
    }

    /// Passes every matching rule to `apply`, which returns whether the rule counts as used.
    fn each_match(&mut self, service: Service, method: &str, target: &str, mut apply: impl FnMut(&Kind) -> bool) {
        self.rules.retain_mut(|(owner, rule)| {
            let meets = *owner == service
                && rule.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && rule.path_contains.as_ref().is_none_or(|part| target.contains(part.as_str()));
            if !meets || !apply(&rule.kind) {
                return true;
            }
            rule.times = rule.times.map(|times| times.saturating_sub(1));
            rule.times != Some(0)
        });
    }
}

fn answer(service: Service, status: u16, more: &BTreeMap<String, String>, body: &Value) -> Response {
    let mut headers: Vec<_> = more.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
    if !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".into(), "application/json".into()));
    }
    let body = match body {
        Value::Null => usual_error(service, status).to_string(),
        Value::String(text) => text.clone(),
        body => body.to_string(),
    };
    Response { status, headers, body: body.into_bytes() }
}

/// Twilio's general errors are 20000 and the status (20429, 20500, 20503), but 20003 when the account is the problem;
/// Help Scout's have a message.
fn usual_error(service: Service, status: u16) -> Value {
    let message = "A fault is switched on";
    match service {
        Service::Twilio => {
            let code = if matches!(status, 401 | 403) { 20_003 } else { 20_000 + u32::from(status) };
            let more_info = format!("https://www.twilio.com/docs/errors/{code}");
            json!({"code": code, "message": message, "more_info": more_info, "status": status})
        }
        Service::HelpScout => json!({"message": message}),
    }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators").
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, target: &str) -> Request {
        Request { method: method.into(), target: target.into(), headers: vec![], body: vec![] }
    }

    fn faults(rules: &[Value]) -> Faults {
        let mut faults = Faults::default();
        for rule in rules {
            faults.add(Service::Twilio, serde_json::from_value(rule.clone()).unwrap());
        }
        faults
    }

    #[test]
    fn requests_meet_their_faults() {
        let body = json!({"code": 20503, "message": "A fault is switched on",
            "more_info": "https://www.twilio.com/docs/errors/20503", "status": 503});
        let json = ("content-type".to_owned(), "application/json".to_owned());
        let down = Response { status: 503, headers: vec![json.clone()], body: body.to_string().into_bytes() };
        let wait = ("x-ratelimit-retry-after".to_owned(), "3".to_owned());
        let limited = Response { status: 429, headers: vec![wait, json], body: b"slow down".to_vec() };
        let served = || Course::Served;
        let cases = [
            (json!({"kind": "down"}), 0, Course::Instead(down), 0),
            (json!({"kind": "down", "refuse": true}), 0, Course::Refused, 0),
            (json!({"kind": "slow", "ms": 30_000}), 0, served(), 30_000),
            (json!({"kind": "hold", "ms": 30_000}), 30_000, served(), 0),
            (
                json!({"kind": "status", "status": 429, "headers": {"X-RateLimit-Retry-After": "3"}, "body": "slow down"}),
                0,
                Course::Instead(limited),
                0,
            ),
            (json!({"kind": "unreadable", "body": "cut"}), 0, Course::Unreadable(Unreadable::Cut), 0),
            (json!({"kind": "lost_answer", "method": "post"}), 0, Course::AnswerLost, 0),
            (json!({"kind": "lost_answer", "method": "GET"}), 0, served(), 0),
            (json!({"kind": "lost_answer", "path_contains": "/Media"}), 0, served(), 0),
            (json!({"kind": "duplicate", "copies": 3}), 0, served(), 0),
        ];
        for (rule, hold_ms, course, slow_ms) in cases {
            let verdict =
                faults(std::slice::from_ref(&rule)).on_request(Service::Twilio, &request("POST", "/Messages.json"));
            assert_eq!(verdict, Verdict { hold_ms, course, slow_ms }, "{rule}");
            let other =
                faults(std::slice::from_ref(&rule)).on_request(Service::HelpScout, &request("POST", "/Messages.json"));
            assert_eq!(other.course, Course::Served, "{rule}");
        }
    }

    #[test]
    fn an_answer_is_served_replaced_spoilt_or_lost() {
        let served = || Response { status: 201, headers: vec![("a".into(), "b".into())], body: b"{\"id\":1}".to_vec() };
        let gateway = Response { status: 504, headers: vec![], body: vec![] };
        let page = Unreadable::Html.spoil(served());
        assert_eq!((page.status, page.body.starts_with(b"<html>"), page.headers.len()), (200, true, 1));
        let refusal = Response { status: 404, ..served() };
        let cases = [
            (Course::Served, true, Some(served())),
            (Course::Instead(gateway.clone()), false, Some(gateway.clone())),
            (Course::DoneInstead(gateway.clone()), true, Some(gateway)),
            (Course::Unreadable(Unreadable::Html), true, Some(page)),
            (
                Course::Unreadable(Unreadable::Empty),
                true,
                Some(Response { status: 200, headers: vec![], body: vec![] }),
            ),
            (Course::Unreadable(Unreadable::Cut), true, Some(Response { body: b"{\"id".to_vec(), ..served() })),
            (Course::Refused, false, None),
            (Course::AnswerLost, true, None),
        ];
        for (course, done, answer) in cases {
            assert_eq!(course.is_done(), done, "{course:?}");
            let kept = course.clone().answer(Some(refusal.clone()));
            assert_eq!(course.clone().answer(Some(served())), answer, "{course:?}");
            assert!(!matches!(course, Course::Unreadable(_)) || kept == Some(refusal.clone()));
        }
    }

    #[test]
    fn twilio_names_an_account_problem_20003() {
        for (status, code) in [(401, 20_003), (403, 20_003), (429, 20_429), (503, 20_503)] {
            assert_eq!(usual_error(Service::Twilio, status)["code"], code);
        }
    }

    #[test]
    fn a_rule_ends_after_its_times_and_the_oldest_wins() {
        let mut faults = faults(&[json!({"kind": "lost_answer", "times": 2}), json!({"kind": "down", "refuse": true})]);
        let mut next = || faults.on_request(Service::Twilio, &request("POST", "/")).course;
        assert_eq!([next(), next(), next()], [Course::AnswerLost, Course::AnswerLost, Course::Refused]);
        assert_eq!(faults.rules(Service::Twilio).len(), 1);
    }

    #[test]
    fn webhooks_meet_theirs() {
        let delivery = Delivery { id: 1, url: "https://h/m".into(), request: request("POST", "/m") };
        let cases = [
            (vec![], vec![0]),
            (vec![json!({"kind": "down"})], vec![0]),
            (vec![json!({"kind": "delay", "ms": 5_000})], vec![5_000]),
            (vec![json!({"kind": "duplicate", "copies": 3}), json!({"kind": "delay", "ms": 10})], vec![10, 10, 10]),
            (vec![json!({"kind": "drop"})], vec![]),
            (vec![json!({"kind": "drop", "path_contains": "/status"})], vec![0]),
        ];
        for (rules, delays) in cases {
            assert_eq!(faults(&rules).on_delivery(Service::Twilio, &delivery), delays, "{rules:?}");
        }
        let fetch = Delivery { request: request("GET", "/media/1"), ..delivery.clone() };
        assert_eq!(faults(&[json!({"kind": "drop"})]).on_delivery(Service::Twilio, &fetch), [0]);
        let mut shuffled = faults(&[json!({"kind": "reorder", "window_ms": 1_000})]);
        let delays: Vec<_> = (0..50).flat_map(|_| shuffled.on_delivery(Service::Twilio, &delivery)).collect();
        assert!(delays.iter().all(|delay| *delay < 1_000));
        assert!(!delays.is_sorted());
    }

    #[test]
    fn the_longest_list_lag_counts_until_it_is_cleared() {
        let mut faults = faults(&[json!({"kind": "list_lag", "ms": 5_000}), json!({"kind": "list_lag", "ms": 9_000})]);
        assert_eq!(faults.list_lag_ms(Service::Twilio), 9_000);
        faults.clear(Service::Twilio, Some(2));
        assert_eq!(faults.list_lag_ms(Service::Twilio), 5_000);
        faults.clear(Service::Twilio, None);
        assert_eq!(faults.list_lag_ms(Service::Twilio), 0);
    }
}
