//! The route table as it looks from outside.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

mod refused;

use super::*;
use crate::config::Var;
use crate::domain::challenge;
use crate::domain::signature::Algorithm;
use crate::form::encode;
use crate::json;
use crate::messages::{call, contact, directory};
use crate::sidebar::session::Session;

const NOW: i64 = 1_795_176_000_000;
const HOST: &str = "https://hotline.example.org";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const WEBHOOK_SECRET: &str = "the_webhook_secret";
const SIDEBAR_SECRET: &str = "the_sidebar_secret";
const API_KEY: &str = "an_api_key_of_32_bytes_0123456789";
const SAM: &str = "+15550100002";
const BLOCKED: &str = "+15550100666";
const HOTLINE: &str = "+15550100001";
const OTHER_HOTLINE: &str = "+15550100003";
const UUID: &str = "3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21";

fn config() -> Config {
    Config::read(&variables().collect::<Vec<_>>()).unwrap()
}

pub(super) fn variables() -> impl Iterator<Item = (String, Var)> {
    let text = |name: &str, value: &str| (name.to_owned(), Var::Text(value.to_owned()));
    let hotline = r#"{"name":"Voters","mailbox":3003,"numbers":["+15550100001"],"blocked":["+15550100666"]}"#;
    let vars = [
        text("PUBLIC_URL", HOST),
        text("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", "sms.example.org"),
        text("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000"),
        text("TWILIO_AUTH_TOKEN", TOKEN),
        text("HELPSCOUT_APP_ID", "a"),
        text("HELPSCOUT_APP_SECRET", "s"),
        text("HELPSCOUT_WEBHOOK_SECRET", WEBHOOK_SECRET),
        text("HELPSCOUT_SIDEBAR_SECRET", SIDEBAR_SECRET),
        text("SESSION_SECRET", "a_session_secret_of_at_least_32_bytes"),
        text("API_KEYS", API_KEY),
        text("HOTLINE_VOTERS", hotline),
        text("POOL_COURIERS", r#"{"hotline":"VOTERS","numbers":["+15550100011"]}"#),
        text("HOTLINE_OTHERS", r#"{"name":"Others","mailbox":3004,"numbers":["+15550100003"]}"#),
    ];
    vars.into_iter()
}

/// A request of a test.
#[derive(Clone, Debug)]
struct Sent {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Sent {
    fn plain(method: &'static str, target: &str) -> Self {
        Self { method, target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// A form that Twilio posts.
    fn twilio(target: &str, fields: &[(&str, &str)]) -> Self {
        let mut sorted = fields.to_vec();
        sorted.sort_unstable();
        let url = format!("{HOST}{target}");
        let data: String = sorted.iter().flat_map(|(name, value)| [*name, *value]).collect();
        Self { body: encode(fields).into_bytes(), ..Self::plain("POST", target) }
            .with("content-type", "application/x-www-form-urlencoded")
            .with("x-twilio-signature", &sign(TOKEN, &[url.as_bytes(), data.as_bytes()]))
    }

    /// The same by GET: the fields follow the query of the address that was set up.
    fn twilio_get(target: &str, fields: &[(&str, &str)]) -> Self {
        let joint = if target.contains('?') { '&' } else { '?' };
        let target = format!("{target}{joint}{}", encode(fields));
        let signature = sign(TOKEN, &[format!("{HOST}{target}").as_bytes()]);
        Self::plain("GET", &target).with("x-twilio-signature", &signature)
    }

    fn helpscout(target: &str, event: &str, body: &str) -> Self {
        Self { body: body.as_bytes().to_vec(), ..Self::plain("POST", target) }
            .with("x-helpscout-event", event)
            .with("x-helpscout-signature", &sign(WEBHOOK_SECRET, &[body.as_bytes()]))
    }

    /// Routed, with the body when it is asked for.
    fn routed(&self) -> Routed {
        self.routed_by(Ok(&config()))
    }

    fn routed_by(&self, config: Result<&Config, &ConfigError>) -> Routed {
        match self.routed_as(Body::Unread, config) {
            Routed { decision: Decision::ReadBody(_), .. } => self.routed_as(Body::Read(&self.body), config),
            routed => routed,
        }
    }

    fn routed_with(&self, body: Body) -> Routed {
        self.routed_as(body, Ok(&config()))
    }

    fn routed_as(&self, body: Body, config: Result<&Config, &ConfigError>) -> Routed {
        let headers = |name: &str| self.headers.iter().find(|(known, _)| *known == name).map(|(_, it)| it.clone());
        let request = Request {
            method: self.method.into(),
            target: &self.target,
            headers: &headers,
            body,
            now: NOW,
            random: &|| Some([7; 32]),
        };
        route(&request, config)
    }

    fn decision(&self) -> Decision {
        self.routed().decision
    }

    /// Status, code of an error and `Allow` of an answer.
    fn refusal(&self) -> (u16, String, String) {
        let Decision::Answer(answer) = self.decision() else { return (0, String::new(), String::new()) };
        let problem = serde_json::from_str::<protocol::v1::Problem>(&answer.body).map(|it| it.code);
        let error = serde_json::from_str::<protocol::ErrorBody>(&answer.body).map(|it| it.error.code);
        let code = error.or(problem).unwrap_or(answer.body.clone());
        (answer.status, code, header(&answer, "allow"))
    }
}

fn sign(secret: &str, data: &[&[u8]]) -> String {
    STANDARD.encode(Algorithm::Sha1.hmac(secret, data))
}

fn header(answer: &HttpAnswer, name: &str) -> String {
    answer.headers.iter().find(|(known, _)| *known == name).map_or(String::new(), |(_, value)| value.clone())
}

const TEXT: [(&str, &str); 4] = [("MessageSid", "SM1"), ("From", SAM), ("To", HOTLINE), ("Body", "It's + me")];
const STATE: [(&str, &str); 3] = [("MessageSid", "SM1"), ("MessageStatus", "sent"), ("To", SAM)];
const CALL: [(&str, &str); 3] = [("CallSid", "CA1"), ("From", SAM), ("To", HOTLINE)];
const EVENT: &str = r#"{"id":1001,"mailboxId":3003,"type":"phone"}"#;

fn told(decision: Decision) -> Vec<(u64, ToObject)> {
    match decision {
        Decision::Tell(tell) => tell.messages,
        other => panic!("{other:?}"),
    }
}

fn count_of(decision: Decision) -> (u64, String) {
    match told(decision).as_slice() {
        [(mailbox, ToObject::Directory(directory::Message::Count { what }))] => (*mailbox, what.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_slash_too_many_and_a_signed_get_are_the_same_route() {
    let spellings = |path: &str| {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        let doubled = path.replace('/', "//");
        [path.to_owned(), format!("{path}/"), format!("/{path}"), doubled, format!("{path}//")].map(|it| it + &query)
    };
    for target in spellings("/twilio/messages") {
        for sent in [Sent::twilio(&target, &TEXT), Sent::twilio_get(&target, &TEXT)] {
            let told = told(sent.decision());
            let [(3003, ToObject::Contact(person, contact::Message::Text(text)))] = told.as_slice() else {
                panic!("{sent:?}: {told:?}")
            };
            assert_eq!((person.as_str(), text.body.as_str()), (SAM, "It's + me"), "{target}");
        }
    }
    for target in spellings("/twilio/messages/status?h=3003&m=1.0.0") {
        for sent in [Sent::twilio(&target, &STATE), Sent::twilio_get(&target, &STATE)] {
            let told = told(sent.decision());
            assert!(
                matches!(told.as_slice(), [(3003, ToObject::Contact(_, contact::Message::Status(state)))] if state.message == "1.0.0"),
                "{target}"
            );
        }
    }
    for target in spellings("/twilio/calls") {
        for sent in [Sent::twilio(&target, &CALL), Sent::twilio_get(&target, &CALL)] {
            assert!(
                matches!(sent.decision(), Decision::Call(call) if call.call == "CA1" && call.mailbox == 3003),
                "{target}"
            );
        }
    }
    for target in spellings("/twilio/calls/leg/pressed?h=3003&c=CA1&l=2") {
        for sent in [Sent::twilio(&target, &CALL), Sent::twilio_get(&target, &CALL)] {
            let Decision::Call(call) = sent.decision() else { panic!("{target}") };
            let ToObject::Call(_, call::Message::Twilio { stage, leg, .. }) = call.message(call::Reception::Usual)
            else {
                panic!("{target}")
            };
            assert_eq!((stage, leg), (Stage::Pressed, Some(2)), "{target}");
        }
    }
    for target in spellings("/helpscout/webhook") {
        let told = told(Sent::helpscout(&target, "convo.created", EVENT).decision());
        assert!(matches!(told.as_slice(), [(3003, ToObject::Directory(directory::Message::Event(_)))]), "{target}");
    }
    let get = Sent { method: "GET", ..Sent::helpscout("/helpscout/webhook/", "convo.created", "") };
    assert_eq!(count_of(get.decision()), (0, "unreadable event".to_owned()));
    for target in spellings(&format!("/helpscout/sidebar?{}", sidebar_query())) {
        assert!(
            matches!(Sent::plain("GET", &target).decision(), Decision::Page(page) if page.session.mailbox == 3003),
            "{target}"
        );
    }
}

fn sidebar_query() -> String {
    let signed = r#"{"conversation-id":"1001","mailbox-id":"3003","user-id":"4004"}"#;
    let signature = sign(SIDEBAR_SECRET, &[signed.as_bytes()]);
    encode(&[
        ("conversation-id", "1001"),
        ("mailbox-id", "3003"),
        ("user-id", "4004"),
        ("X-HelpScout-Signature", &signature),
    ])
}

#[test]
fn slashes_make_no_route_for_anybody_else() {
    for target in [
        "/healthz/",
        "//healthz",
        "/sidebar//timeline",
        "/sidebar/timeline/",
        "/media/",
        "/media//a",
        "/media/a/b",
        "//v1/health",
        "/",
        "/twilio",
        "/twilio/calls/elsewhere",
        "/helpscout",
        "/sidebar/calls/a/b",
    ] {
        for method in ["GET", "POST"] {
            assert_eq!(
                Sent::plain(method, target).refusal(),
                (404, "not_found".to_owned(), String::new()),
                "{method} {target}"
            );
        }
    }
}

#[test]
fn what_is_signed_and_meets_no_route_is_counted_and_logged() {
    let by = |who: &str| (0, format!("request to an unknown address, signed by {who}"));
    for target in
        ["/twilio/message", "/twilio/calls/elsewhere", "/sms", "/", "/voice.php?x=1", "//twilio", "/sidebar//timeline"]
    {
        for sent in [Sent::twilio(target, &TEXT), Sent::twilio_get(target, &TEXT)] {
            let routed = sent.routed();
            let log = routed.log.clone().expect("a line");
            assert_eq!((log.event, routed.route), ("signed.no_route", None), "{target}");
            assert!(log.subject.starts_with("Twilio /") && !log.subject.contains("5550100"), "{}", log.subject);
            let Decision::Tell(tell) = &routed.decision else { panic!("{target}") };
            assert_eq!((tell.stored.status, tell.stored.body.as_str(), &tell.stored), (404, "", &tell.not_stored));
            assert_eq!(count_of(routed.decision), by("Twilio"), "{target}");
        }
        for signature in ["c2lnbmVk", ""] {
            let forged = Sent::twilio(target, &TEXT).with("x-twilio-signature", signature);
            let line = forged.routed().log.map(|line| line.event);
            let logged = target.trim_start_matches('/').starts_with("twilio").then_some("request.no_route");
            assert_eq!((forged.refusal().0, line), (404, logged), "{target}");
        }
    }
    let sent = Sent::helpscout("/helpscout/webhooks", "convo.created", EVENT);
    assert_eq!(count_of(sent.decision()), by("Help Scout"));
    assert_eq!(sent.routed().log.map(|it| it.subject), Some("Help Scout /helpscout/webhooks".to_owned()));
    assert_eq!(sent.with("x-helpscout-signature", "c2lnbmVk").refusal().0, 404);
    let sent = Sent::plain("GET", &format!("/sidebar?{}", sidebar_query()));
    assert_eq!(count_of(sent.decision()), by("Help Scout"));
    // The number of somebody, and what may be a token, are in no line of the log.
    let subject = Sent::twilio("/sms/+15550100002/a%20b", &TEXT).routed().log.map(|it| it.subject);
    assert_eq!(subject.as_deref(), Some("Twilio /sms/????????????/a???b"));
}

#[test]
fn a_signed_request_by_a_method_that_no_route_takes_is_counted_too() {
    for method in ["PUT", "DELETE", "PATCH", "HEAD"] {
        let sent = Sent { method, ..Sent::twilio("/twilio/messages", &TEXT) };
        let Decision::Tell(tell) = sent.decision() else { panic!("{method}") };
        assert_eq!((tell.stored.status, header(&tell.stored, "allow").as_str()), (405, "POST"), "{method}");
        assert_eq!(sent.routed().log.map(|it| it.event), Some("signed.no_route"));
        assert_eq!(count_of(sent.decision()), (0, "request to an unknown address, signed by Twilio".to_owned()));
    }
    let sent = Sent { method: "PUT", ..Sent::helpscout("/helpscout/webhook", "convo.created", EVENT) };
    assert_eq!(count_of(sent.decision()), (0, "request to an unknown address, signed by Help Scout".to_owned()));
}

#[test]
fn what_finds_nothing_at_twilios_and_help_scouts_addresses_is_logged() {
    for (method, target, subject) in [
        ("POST", "/twilio/mesages", Some("404 /twilio/mesages")),
        ("GET", "/twilio", Some("404 /twilio")),
        ("POST", "//twilio/sms/+15550100002", Some("404 //twilio/sms/????????????")),
        ("GET", "/twilio/messages", Some("405 /twilio/messages")),
        ("PUT", "/twilio/calls/", Some("405 /twilio/calls/")),
        ("POST", "/helpscout/webhooks", Some("404 /helpscout/webhooks")),
        ("GET", "/helpscout/webhook", Some("405 /helpscout/webhook")),
        ("POST", "/twilio/messages", None),
        ("GET", "/favicon.ico", None),
        ("POST", "/healthz", None),
    ] {
        let line = Sent::plain(method, target).routed().log;
        assert_eq!(line.as_ref().map(|it| it.subject.as_str()), subject, "{method} {target}");
        assert!(line.is_none_or(|it| it.event == "request.no_route" && it.level == Level::Warning));
    }
}

#[test]
fn nobody_on_the_way_may_rewrite_an_answer() {
    let error = ConfigError { field: "PUBLIC_URL".to_owned(), problem: "is missing".to_owned() };
    let answers = [
        HttpAnswer::empty(503),
        HttpAnswer::no_twiml(),
        HttpAnswer::json(200, String::new()),
        HttpAnswer::misconfigured(500, &[error]),
        HttpAnswer::page(410, "Over", "This link has expired."),
        HttpAnswer::framed_words(&config(), 200, "Not a hotline", "This inbox is not a hotline's."),
        HttpAnswer::not_found(),
        health::faults(&[]),
    ];
    for answer in answers {
        assert_eq!(header(&answer, "cache-control"), "no-store, no-transform", "{answer:?}");
    }
}

#[test]
fn whoever_asks_by_a_challenge_learns_that_this_is_the_deployment() {
    let answered = |query: &str| match Sent::plain("GET", &format!("/healthz{query}")).routed_by(Ok(&config())).decision
    {
        Decision::Answer(answer) => (answer.status, json::parse(answer.body.as_bytes()).unwrap_or_default()),
        other => panic!("{other:?}"),
    };
    let (status, body) = answered("?challenge=AAAAAAAAAAAAAAAA");
    let secret = config().secrets.session_secret;
    let proof = challenge::proof(secret.expose(), "AAAAAAAAAAAAAAAA", &config().public_url);
    assert_eq!((status, body["status"].as_str(), body["proof"].as_str()), (200, Some("ok"), Some(proof.as_str())));
    assert!(body["version"].is_string());
    for wrong in ["?challenge=", "?challenge=short", "?challenge=AAAAAAAAAAAAAAA%0A"] {
        assert_eq!(
            (answered(wrong).0, answered(wrong).1["error"]["code"].as_str()),
            (400, Some("bad_challenge")),
            "{wrong}"
        );
    }
}

#[test]
fn a_body_is_read_only_behind_a_signature_and_within_limits() {
    for (target, header, from, statuses) in [
        ("/twilio/messages", "x-twilio-signature", BodyFrom::Twilio, [413, 408, 503]),
        ("/twilio/messages/status", "x-twilio-signature", BodyFrom::Twilio, [413, 408, 503]),
        ("/twilio/calls", "x-twilio-signature", BodyFrom::Twilio, [413, 408, 503]),
        ("/helpscout/webhook", "x-helpscout-signature", BodyFrom::HelpScout, [413, 408, 503]),
        ("/nowhere", "x-twilio-signature", BodyFrom::Twilio, [404; 3]),
        ("/nowhere", "x-helpscout-signature", BodyFrom::HelpScout, [404; 3]),
    ] {
        let unsigned = Sent::plain("POST", target);
        assert!(matches!(unsigned.decision(), Decision::Answer(_)), "{target}");
        assert!(matches!(unsigned.clone().with(header, "").decision(), Decision::Answer(_)), "{target}");
        let signed = unsigned.with(header, "c2lnbmVk");
        assert_eq!(signed.routed_with(Body::Unread).decision, Decision::ReadBody(from), "{target}");
        for (refusal, status) in [BodyRefusal::TooLarge, BodyRefusal::TooSlow, BodyRefusal::Busy].iter().zip(statuses) {
            match signed.routed_with(Body::Refused(*refusal)).decision {
                Decision::Answer(answer) => assert_eq!(answer.status, status, "{target}"),
                other => panic!("{other:?}"),
            }
        }
    }
    // Nobody may make us read for a GET.
    let get = Sent::plain("GET", "/twilio/messages").with("x-twilio-signature", "c2lnbmVk");
    assert_eq!(get.routed_with(Body::Unread).decision, Decision::Answer(HttpAnswer::empty(403)));
}

#[test]
fn what_is_refused_at_each_route() {
    let forged = |sent: Sent| sent.with("x-twilio-signature", "c2lnbmVk");
    let answer = |status, code: &str, allow: &str| (status, code.to_owned(), allow.to_owned());
    for (sent, refusal) in [
        (Sent::plain("POST", "/twilio/messages"), answer(403, "", "")),
        (forged(Sent::twilio("/twilio/messages", &TEXT)), answer(403, "", "")),
        (forged(Sent::twilio_get("/twilio/messages", &TEXT)), answer(403, "", "")),
        (Sent::plain("POST", "/twilio/calls/wait"), answer(403, "", "")),
        (Sent::plain("GET", "/twilio/messages"), answer(405, "", "POST")),
        (Sent::plain("GET", "/twilio/calls/"), answer(405, "", "POST")),
        (Sent::plain("PUT", "/twilio/calls/leg/pressed?h=3003"), answer(405, "", "POST")),
        (Sent::plain("HEAD", "/twilio/messages"), answer(405, "", "POST")),
        (Sent::plain("POST", "/helpscout/webhook"), answer(401, "bad_signature", "")),
        (
            Sent::helpscout("/helpscout/webhook", "x", "{}").with("x-helpscout-signature", "c2ln"),
            answer(401, "bad_signature", ""),
        ),
        (Sent::plain("GET", "/helpscout/webhook"), answer(405, "method_not_allowed", "POST")),
        (Sent::plain("PUT", "/helpscout/webhook"), answer(405, "method_not_allowed", "POST")),
        (Sent::plain("GET", "/helpscout/sidebar?user-id=1"), answer(401, "bad_signature", "")),
        (Sent::plain("POST", "/helpscout/sidebar"), answer(405, "method_not_allowed", "GET")),
        (Sent::plain("POST", "/healthz"), answer(405, "method_not_allowed", "GET")),
        (Sent::plain("GET", "/media/abc"), answer(401, "bad_link", "")),
        (Sent::plain("POST", "/media/abc"), answer(405, "method_not_allowed", "GET")),
        (Sent::plain("POST", "/v1/health"), answer(405, "method_not_allowed", "GET")),
        (Sent::plain("DELETE", "/sidebar/agent"), answer(405, "method_not_allowed", "GET, PUT")),
        (Sent::plain("GET", "/sidebar/calls"), answer(405, "method_not_allowed", "POST")),
        (Sent::plain("PUT", "/sidebar/calls/1"), answer(405, "method_not_allowed", "GET, DELETE")),
        (Sent::plain("GET", "/sidebar/messages"), answer(405, "method_not_allowed", "POST")),
        (Sent::plain("POST", "/sidebar/live"), answer(405, "method_not_allowed", "GET")),
        (Sent::plain("GET", "/sidebar/timeline"), answer(401, "bad_session", "")),
        (Sent::plain("GET", "/sidebar/live").with("authorization", "Bearer x"), answer(401, "bad_session", "")),
    ] {
        assert_eq!(sent.refusal(), refusal, "{sent:?}");
    }
}

#[test]
fn what_means_nothing_behind_a_good_proof_is_counted() {
    let text = |name: &str, value: &'static str| TEXT.map(|it| if it.0 == name { (it.0, value) } else { it });
    let call = |name: &str, value: &'static str| CALL.map(|it| if it.0 == name { (it.0, value) } else { it });
    for (sent, mailbox, what) in [
        (Sent::twilio("/twilio/messages", &text("MessageSid", "")), 0, "unreadable text"),
        (Sent::twilio("/twilio/messages", &text("To", "+15550109999")), 0, "text to an unknown number"),
        (Sent::twilio("/twilio/messages", &text("From", BLOCKED)), 3003, "text from a blocked number"),
        (Sent::twilio("/twilio/calls", &call("To", "+15550109999")), 0, "call to an unknown number"),
        (Sent::twilio("/twilio/calls/wait?h=1&c=CA1", &CALL), 0, "word of a call to an unknown number"),
        (Sent::twilio("/twilio/calls/wait?h=3003", &CALL), 0, "unreadable call"),
        (Sent::twilio("/twilio/calls", &call("From", BLOCKED)), 3003, "call from a blocked number"),
        (Sent::twilio("/twilio/calls", &call("From", OTHER_HOTLINE)), 3003, "call from a hotline's own number"),
        (Sent::twilio("/twilio/messages", &text("From", HOTLINE)), 3003, "text from a hotline's own number"),
        (Sent::helpscout("/helpscout/webhook", "convo.created", "{"), 0, "unreadable event"),
    ] {
        let decision = sent.decision();
        let Decision::Tell(tell) = &decision else { panic!("{what}") };
        assert!(matches!(tell.stored.status, 200 | 204) && tell.stored == tell.not_stored, "{what}");
        assert_eq!(count_of(decision), (mailbox, what.to_owned()));
    }
    for from in [BLOCKED, HOTLINE, OTHER_HOTLINE] {
        let rejected = Sent::twilio("/twilio/calls", &call("From", from)).decision();
        assert!(matches!(rejected, Decision::Tell(tell) if tell.stored.body.contains("<Reject")));
    }
}

#[test]
fn an_event_reaches_every_hotline_that_it_may_concern() {
    for (event, body, mailboxes) in [
        ("convo.created", EVENT, vec![3003]),
        ("convo.created", r#"{"id":1001,"type":"phone"}"#, vec![3003, 3004]),
        ("convo.created", r#"{"id":1001,"mailboxId":9,"type":"phone"}"#, vec![]),
        ("convo.moved", r#"{"id":1001,"mailboxId":9,"type":"phone"}"#, vec![3003, 3004]),
        ("convo.deleted", r#"{"id":1001,"mailboxId":9,"type":"phone"}"#, vec![3003, 3004]),
        ("convo.merged", r#"{"id":1001,"mailboxId":9,"type":"phone"}"#, vec![3003, 3004]),
    ] {
        let told = told(Sent::helpscout("/helpscout/webhook", event, body).decision());
        let mut to: Vec<u64> = told.iter().map(|(mailbox, _)| *mailbox).collect();
        to.sort_unstable();
        assert_eq!(to, mailboxes, "{event} {body}");
    }
}

#[test]
fn what_could_not_be_stored_is_asked_for_again() {
    let answers = |sent: Sent| match sent.decision() {
        Decision::Tell(tell) => {
            let (good, bad) = (ObjectReply::Done, ObjectReply::Unreachable);
            (
                tell.clone().answer(std::slice::from_ref(&good)).status,
                tell.clone().answer(&[good, bad]).status,
                tell.answer(&[ObjectReply::Later(1)]).status,
            )
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(answers(Sent::twilio("/twilio/messages", &TEXT)), (200, 503, 503));
    assert_eq!(answers(Sent::twilio("/twilio/messages/status?h=3003&m=1.0.0", &STATE)), (204, 503, 503));
    assert_eq!(answers(Sent::helpscout("/helpscout/webhook", "convo.moved", EVENT)), (204, 503, 503));
    let call = |target: &str| match Sent::twilio(target, &CALL).decision() {
        Decision::Call(call) => call.answer(ObjectReply::Unreachable, &config()),
        other => panic!("{other:?}"),
    };
    // A caller is on the line.
    assert!(call("/twilio/calls").body.contains("<Record"));
    assert_eq!(call("/twilio/calls/status").status, 503);
}

#[test]
fn a_sidebar_asks_with_its_token() {
    let config = config();
    let token = Session::new(3003, 1001, 4004).token(&config, NOW);
    let gone = Session::new(9, 1001, 4004).token(&config, NOW);
    let bearer = |token: &str| format!("Bearer {token}");
    let with = |method, target: &str| Sent::plain(method, target).with("authorization", &bearer(&token));
    let action = |sent: Sent| match sent.decision() {
        Decision::Sidebar(asked) => asked.action,
        other => panic!("{sent:?} {other:?}"),
    };
    let id = UUID.to_owned();
    assert_eq!(action(with("GET", "/sidebar/timeline")), SidebarAction::Timeline { before: None });
    assert_eq!(action(with("GET", "/sidebar/timeline?before=7")), SidebarAction::Timeline { before: Some(7) });
    assert_eq!(action(with("GET", "/sidebar/agent")), SidebarAction::ShowAgent);
    assert_eq!(action(with("PUT", "/sidebar/agent")), SidebarAction::SetPhone);
    assert_eq!(action(with("POST", "/sidebar/calls")), SidebarAction::StartCall);
    assert_eq!(action(with("GET", &format!("/sidebar/calls/{UUID}"))), SidebarAction::ShowCall { id: id.clone() });
    assert_eq!(action(with("DELETE", &format!("/sidebar/calls/{UUID}"))), SidebarAction::EndCall { id });
    assert_eq!(action(with("POST", "/sidebar/messages")), SidebarAction::SendText);
    assert_eq!(with("GET", "/sidebar/timeline?before=x").refusal().1, "bad_cursor");
    assert_eq!(with("GET", "/sidebar/calls/1").refusal().1, "bad_id");
    assert_eq!(Sent::plain("GET", "/sidebar/agent").with("authorization", &bearer(&gone)).refusal().1, "bad_session");

    let live =
        Sent::plain("GET", "/sidebar/live").with("sec-websocket-protocol", &format!("ringside.v1, bearer.{token}"));
    assert_eq!(live.refusal().1, "no_socket");
    assert_eq!(action(live.with("upgrade", "WebSocket")), SidebarAction::Live);
    assert_eq!(with("GET", "/sidebar/live").with("upgrade", "websocket").refusal().1, "bad_session");

    let bodies: [(&[u8], bool); 4] = [
        (b"{}", false),
        (b"[", false),
        (br#"{"id":"1"}"#, false),
        (br#"{"id":"3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21"}"#, true),
    ];
    for (body, good) in bodies {
        assert_eq!(SidebarRequest::read_call(Body::Read(body)).is_ok(), good);
    }
}

#[test]
fn an_operator_who_guesses_keys_is_not_listened_to() {
    let mut wrong_keys = crate::domain::wrong_keys::WrongKeys::default();
    let mut ask =
        |key: &str| match Sent::plain("GET", "/v1/health").with("authorization", &format!("Bearer {key}")).decision() {
            Decision::Api(operator, _) | Decision::ApiRefused(operator) => {
                operator.admit(&mut wrong_keys, NOW).map_err(|(_, refusal)| refusal.status)
            }
            other => panic!("{other:?}"),
        };
    assert_eq!(ask(API_KEY), Ok(()));
    for _ in 0..crate::domain::wrong_keys::MOST {
        assert_eq!(ask("guess"), Err(401));
    }
    assert_eq!(ask(API_KEY), Err(429));
}

#[test]
fn nothing_is_answered_while_the_configuration_is_wrong_and_health_says_why() {
    let error = ConfigError { field: "HOTLINE_VOTERS.name".to_owned(), problem: "is missing".to_owned() };
    for (target, status, event) in
        [("/healthz", 503, None), ("/v1/health", 500, Some("configuration.wrong")), ("/nowhere", 404, None)]
    {
        let request =
            Request { method: Method::Get, target, headers: &|_| None, body: Body::Unread, now: NOW, random: &|| None };
        let routed = route(&request, Err(&error));
        let Decision::Answer(answer) = routed.decision else { panic!("{target}") };
        assert_eq!((answer.status, routed.log.map(|line| line.event)), (status, event), "{target}");
        assert_eq!(answer.body.contains("HOTLINE_VOTERS.name: is missing"), status != 404, "{target}");
    }
}
