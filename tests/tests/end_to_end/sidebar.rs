//! The sidebar: who gets in, what they see, and what they hear of.

use emulator::faults::Service;
use emulator::helpscout::{self, User};
use emulator::server::World;
use hotline::sidebar::session::Session;
use ringside_tests::runtime::{Answer, HttpRequest, INBOX, Stand};
use serde_json::{Value, json};

use crate::sidebar_live::connect;
use crate::{ANN, SAM};

/// Agents at the emulator's Help Scout: Ada has a phone in her record, Max has none.
pub const ADA: i64 = 4004;
pub const MAX: i64 = 4005;

/// An administrator there, who has opened no sidebar yet.
const ADMINISTRATOR: i64 = 4001;

const SECRET: &str = "dev_sidebar_secret";

/// The address that Help Scout opens, signed as it signs: the parameters in their order, as a JSON object of strings.
fn address(secret: &str, mailbox: u64, conversation: u64, agent: i64) -> String {
    address_of(secret, mailbox, conversation, agent, 2002)
}

fn address_of(secret: &str, mailbox: u64, conversation: u64, agent: i64, customer: u64) -> String {
    let (mailbox, conversation, agent) = (mailbox.to_string(), conversation.to_string(), agent.to_string());
    let customer = customer.to_string();
    let params = [
        ("conversation-id", conversation.as_str()),
        ("conversation-number", "42"),
        ("customer-id", customer.as_str()),
        ("mailbox-id", &mailbox),
        ("user-id", &agent),
        ("application-slug", "1-ringside"),
    ];
    let json: Vec<String> = params.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    let signature = helpscout::signature(secret, format!("{{{}}}", json.join(",")).as_bytes());
    let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let query: Vec<String> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("/helpscout/sidebar?{}&X-HelpScout-Signature={signature}", query.join("&"))
}

/// Opens the sidebar beside a conversation as an agent.
pub async fn open(stand: &Stand, conversation: u64, agent: i64) -> Answer {
    stand.fetch(&page(conversation, agent)).await
}

/// The address that Help Scout opens beside a conversation.
pub fn page(conversation: u64, agent: i64) -> HttpRequest {
    HttpRequest::plain("GET", &address(SECRET, INBOX, conversation, agent))
}

/// The token in a page, or "".
fn token_in(page: &Answer) -> String {
    meta(page, "session")
}

fn meta(page: &Answer, name: &str) -> String {
    let text = page.text();
    let found = text.split(&format!("<meta name=\"ringside-{name}\" content=\"")).nth(1);
    found.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// The token of an agent's sidebar.
pub async fn token(stand: &Stand, conversation: u64, agent: i64) -> String {
    let page = open(stand, conversation, agent).await;
    assert_eq!(page.status, 200, "{}", page.text());
    token_in(&page)
}

pub fn asks(method: &'static str, target: &str, token: &str) -> HttpRequest {
    HttpRequest::plain(method, target).with("authorization", &format!("Bearer {token}"))
}

pub fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("no JSON: {} {}", answer.status, answer.text()))
}

fn now(stand: &Stand) -> i64 {
    i64::try_from(stand.world(World::now)).expect("a time")
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.code())
}

#[tokio::test]
async fn an_agent_sees_the_person_and_nobody_else_may_frame_the_page() {
    let stand = Stand::start(|vars| vars["HELPSCOUT_SIDEBAR_SECRET_NEXT"] = json!("the_next_sidebar_secret")).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    for (secret, status) in [(SECRET, 200), ("the_next_sidebar_secret", 200), ("another_secret", 401)] {
        let page = stand.fetch(&HttpRequest::plain("GET", &address(secret, INBOX, talk, ADA))).await;
        assert_eq!((page.status, !token_in(&page).is_empty()), (status, status == 200), "{secret}");
    }
    let page = open(&stand, talk, ADA).await;
    assert!(page.text().contains("+1 555 010 0100"), "{}", page.text());
    let policy = page.header("content-security-policy");
    assert!(policy.ends_with(&format!("frame-ancestors {}", stand.config().helpscout_app_origin)), "{policy}");
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'") && !policy.contains("unsafe-inline"), "{policy}");
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store, no-transform"),
        ("x-frame-options", ""),
        ("set-cookie", ""),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    // One question about each agent in a quarter of an hour.
    assert_eq!(stand.requests(Service::HelpScout, "/users/").len(), 1);
}

#[tokio::test]
async fn a_query_that_was_touched_or_stripped_opens_nothing_and_asks_nobody() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let before = stand.snapshot();
    let good = address(SECRET, INBOX, talk, ADA);
    for bad in [
        good.replace("user-id=4004", "user-id=4005"),
        good.split("&X-HelpScout").next().unwrap_or_default().to_owned(),
        "/helpscout/sidebar".to_owned(),
        format!("{good}&x=1"),
    ] {
        let answer = stand.fetch(&HttpRequest::plain("GET", &bad)).await;
        assert_eq!(refused(&answer), (401, "bad_signature".to_owned()), "{bad}");
    }
    assert_eq!(stand.fetch(&HttpRequest::plain("POST", &good)).await.status, 405);
    assert_eq!(stand.snapshot(), before);
}

#[tokio::test]
async fn what_is_not_the_hotlines_is_said_kindly_and_offers_nothing() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let elsewhere = stand.fetch(&HttpRequest::plain("GET", &address(SECRET, 3004, talk, ADA))).await;
    assert!(elsewhere.text().contains("not a hotline"), "{}", elsewhere.text());
    let mail = open(&stand, 999_999, ADA).await;
    assert!(mail.text().contains("did not come in through the hotline"), "{}", mail.text());
    for page in [elsewhere, mail] {
        assert_eq!((page.status, token_in(&page).as_str()), (200, ""));
        assert!(page.header("content-security-policy").contains(&stand.config().helpscout_app_origin));
    }
    let stranger = open(&stand, talk, 4999).await;
    assert_eq!((stranger.status, token_in(&stranger).as_str()), (401, ""));
}

#[tokio::test]
async fn an_agent_is_believed_for_a_while_when_help_scout_is_down_and_a_new_one_is_not() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    assert_eq!(open(&stand, talk, ADA).await.status, 200);
    stand.spoil(Service::HelpScout, json!({ "kind": "down" }));
    assert_eq!(open(&stand, talk, ADA).await.status, 200);
    let max = open(&stand, talk, MAX).await;
    assert_eq!((max.status, token_in(&max).as_str()), (503, ""));
    stand.mend(Service::HelpScout);
    assert_eq!(open(&stand, talk, MAX).await.status, 200);
}

#[tokio::test]
async fn a_token_opens_its_own_conversation_until_it_is_over_and_an_ageing_one_is_renewed() {
    let stand = Stand::start(|_| ()).await;
    let sam = stand.first_contact(SAM, "This is Sam").await;
    let ann = stand.first_contact(ANN, "This is Ann").await;
    let (config, minute) = (stand.config(), 60_000);
    let minted = |conversation, agent, age| Session::new(INBOX, conversation, agent).token(&config, now(&stand) - age);
    let page = token(&stand, sam, ADA).await;
    let timeline = |token: &str| asks("GET", "/sidebar/timeline", token);
    let seen = json_of(&stand.fetch(&timeline(&page)).await).to_string();
    assert!(seen.contains("This is Sam") && !seen.contains("Ann"), "{seen}");
    let seen = json_of(&stand.fetch(&timeline(&minted(ann, ADA, 0))).await).to_string();
    assert!(seen.contains("This is Ann") && !seen.contains("Sam"), "{seen}");

    let good = stand.fetch(&timeline(&minted(sam, ADA, 4 * minute))).await;
    assert_eq!((good.status, good.header("ringside-session")), (200, ""));
    let ageing = stand.fetch(&timeline(&minted(sam, ADA, 6 * minute))).await;
    let fresh = ageing.header("ringside-session").to_owned();
    assert_eq!((ageing.status, stand.fetch(&timeline(&fresh)).await.status), (200, 200));
    let gone = stand.fetch(&timeline(&minted(sam, 4999, 6 * minute))).await;
    assert_eq!(refused(&gone), (401, "agent_unknown".to_owned()));

    let unknown = minted(999_999, ADA, 0);
    let other_inbox = Session::new(3004, sam, ADA).token(&config, now(&stand));
    let picture = hotline::media::MediaLink::Twilio { url: String::new() }.address(&config, now(&stand) + minute);
    let picture = picture.rsplit('/').next().unwrap_or_default().to_owned();
    for bad in ["", "x", &minted(sam, ADA, 15 * minute), &unknown, &other_inbox, &format!("{page}A"), &picture] {
        assert_eq!(refused(&stand.fetch(&timeline(bad)).await), (401, "bad_session".to_owned()), "{bad}");
    }
    let bare = stand.fetch(&HttpRequest::plain("GET", "/sidebar/timeline")).await;
    assert_eq!(refused(&bare), (401, "bad_session".to_owned()));
}

#[tokio::test]
async fn a_deleted_agent_is_out_when_the_token_must_be_renewed() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let ageing = Session::new(INBOX, talk, MAX).token(&stand.config(), now(&stand) - 360_000);
    stand.spoil(Service::HelpScout, json!({ "kind": "status", "status": 404, "path_contains": "/users/" }));
    let answer = stand.fetch(&asks("GET", "/sidebar/agent", &ageing)).await;
    assert_eq!(refused(&answer), (401, "agent_unknown".to_owned()));
    assert_eq!(open(&stand, talk, MAX).await.status, 401);
}

#[tokio::test]
async fn a_fresh_token_ends_when_help_scout_says_that_the_agent_is_gone() {
    let stand = Stand::start(|_| ()).await;
    let sams = stand.first_contact(SAM, "Hello").await;
    let anns = stand.first_contact(ANN, "Hello").await;
    let config = stand.config();
    let minted = |talk, age| Session::new(INBOX, talk, MAX).token(&config, now(&stand) - age);
    let fresh = minted(sams, 60_000);
    assert_eq!(stand.fetch(&asks("GET", "/sidebar/timeline", &fresh)).await.status, 200);
    stand.agent("remove_user", json!({ "user": MAX }));
    // Another page of theirs, beside another conversation, brings the word of it.
    let ageing = stand.fetch(&asks("GET", "/sidebar/agent", &minted(anns, 360_000))).await;
    assert_eq!(refused(&ageing), (401, "agent_unknown".to_owned()));
    let call = format!("/sidebar/calls/{}", "3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21");
    for (method, target) in [
        ("GET", "/sidebar/timeline"),
        ("GET", "/sidebar/agent"),
        ("PUT", "/sidebar/agent"),
        ("POST", "/sidebar/messages"),
        ("POST", "/sidebar/calls"),
        ("GET", &call),
        ("DELETE", &call),
    ] {
        let answer = stand.fetch(&asks(method, target, &fresh)).await;
        assert_eq!(refused(&answer), (401, "agent_unknown".to_owned()), "{method} {target}");
    }
    assert_eq!(connect(&stand, &fresh).await.err(), Some(401));
}

#[tokio::test]
async fn how_the_hotlines_fare_is_shown_to_owners_and_administrators_alone() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    for (agent, offered, status) in [(ADA, "yes", 200), (MAX, "", 403)] {
        let page = open(&stand, talk, agent).await;
        assert_eq!(meta(&page, "operator"), offered, "{agent}");
        let answer = stand.fetch(&asks("GET", "/sidebar/health", &token_in(&page))).await;
        assert_eq!(answer.status, status, "{agent}");
        match status {
            200 => assert_eq!(json_of(&answer)["hotlines"][0]["hotline"], "VOTERS"),
            _ => assert_eq!(answer.code(), "operators_only"),
        }
    }
    let administrator = Session::new(INBOX, talk, ADMINISTRATOR).token(&stand.config(), now(&stand));
    stand.spoil(Service::HelpScout, json!({ "kind": "down", "path_contains": "/users/" }));
    let answer = stand.fetch(&asks("GET", "/sidebar/health", &administrator)).await;
    assert_eq!(refused(&answer), (403, "operators_only".to_owned()));
    assert!(answer.text().contains("Help Scout does not say"), "{}", answer.text());
}

#[tokio::test]
async fn the_routes_say_what_they_open_to() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let token = token(&stand, talk, ADA).await;
    let id = "3f2b8c1e-7a64-4d0b-9a51-0c8e5f6d7a21";
    let call = format!("/sidebar/calls/{id}");
    for (method, target, status, code) in [
        ("GET", "/sidebar/nothing", 404, "not_found"),
        ("GET", "/sidebar/calls/a/b", 404, "not_found"),
        ("POST", "/sidebar/timeline", 405, "method_not_allowed"),
        ("POST", "/sidebar/agent", 405, "method_not_allowed"),
        ("GET", "/sidebar/calls", 405, "method_not_allowed"),
        ("POST", call.as_str(), 405, "method_not_allowed"),
        ("GET", call.as_str(), 404, "not_found"),
        ("DELETE", call.as_str(), 404, "not_found"),
        ("GET", "/sidebar/calls/nonsense", 400, "bad_id"),
        ("GET", "/sidebar/timeline?before=x", 400, "bad_cursor"),
        ("GET", "/sidebar/live", 401, "bad_session"),
    ] {
        let answer = stand.fetch(&asks(method, target, &token)).await;
        assert_eq!(refused(&answer), (status, code.to_owned()), "{method} {target}");
    }
    let plain = HttpRequest::plain("GET", "/sidebar/live")
        .with("sec-websocket-protocol", &format!("ringside.v1, bearer.{token}"));
    assert_eq!(refused(&stand.fetch(&plain).await), (426, "no_socket".to_owned()));
    let large = asks("PUT", "/sidebar/agent", &token).saying(vec![b' '; (1 << 20) + 1]);
    assert_eq!(refused(&stand.fetch(&large).await), (413, "too_large".to_owned()));
    for (method, target, body, code) in [
        ("PUT", "/sidebar/agent", "", "bad_request"),
        ("PUT", "/sidebar/agent", "{\"phone\":5}", "bad_request"),
        ("POST", "/sidebar/calls", "{", "bad_id"),
        ("POST", "/sidebar/calls", "{\"id\":\"1\"}", "bad_id"),
    ] {
        let answer = stand.fetch(&asks(method, target, &token).saying(body)).await;
        assert_eq!(refused(&answer), (400, code.to_owned()), "{method} {target} {body}");
    }
}

#[tokio::test]
async fn an_agents_phone_is_taken_from_help_scout_or_as_they_type_it() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let (ada, max) = (token(&stand, talk, ADA).await, token(&stand, talk, MAX).await);
    let asked = |token: &str| asks("GET", "/sidebar/agent", token);
    let phone = |phone: Option<&str>| json!({ "phone": phone, "confirmed": false });
    assert_eq!(json_of(&stand.fetch(&asked(&ada)).await), phone(Some("+15550100104")));
    assert_eq!(json_of(&stand.fetch(&asked(&max)).await), phone(None));
    let names = |typed: &str| asks("PUT", "/sidebar/agent", &max).saying(json!({ "phone": typed }).to_string());
    for typed in ["+15550100105", "(555) 010-0105", "555.010.0105", "1 555 010 0105", " +1 555 010 0105 "] {
        assert_eq!(json_of(&stand.fetch(&names(typed)).await), phone(Some("+15550100105")), "{typed}");
    }
    for (typed, status, code) in [
        ("", 400, "not_a_number"),
        ("my phone", 400, "not_a_number"),
        ("010-0105", 400, "not_a_number"),
        ("+44 7700 900123", 403, "country_not_allowed"),
        ("+1 900 555 0105", 403, "premium_number"),
        ("+15550100001", 403, "own_number"),
    ] {
        assert_eq!(refused(&stand.fetch(&names(typed)).await), (status, code.to_owned()), "{typed}");
    }
    stand.spoil(Service::Twilio, json!({ "kind": "down", "path_contains": "/PhoneNumbers/" }));
    assert_eq!(refused(&stand.fetch(&names("+15550100106")).await), (503, "lookup_unavailable".to_owned()));
    assert_eq!(json_of(&stand.fetch(&asked(&max)).await), phone(Some("+15550100105")));
}

/// Somebody who works with the hotline from now on.
pub fn user(id: u64, phone: &str) -> User {
    let text = |text: &str| text.to_owned();
    User {
        id,
        first: text("Eve"),
        last: text("Ash"),
        email: text("eve@example.org"),
        role: text("user"),
        phone: text(phone),
    }
}

#[tokio::test]
async fn the_sidebar_opens_for_whom_the_conversation_belongs_to_now() {
    let stand = Stand::start(|_| ()).await;
    let sams = stand.first_contact(SAM, "This is Sam").await;
    let anns = stand.first_contact(ANN, "This is Ann").await;
    let customer = |talk| stand.world(|it| it.helpscout.conversation(talk).expect("a conversation").customer);
    let (sam, ann) = (customer(sams), customer(anns));
    let open = |shown: u64, again: &'static str| {
        let address = address_of(SECRET, INBOX, sams, ADA, shown) + again;
        let stand = &stand;
        async move { stand.fetch(&HttpRequest::plain("GET", &address)).await }
    };
    let person = |page: &Answer| {
        let timeline = asks("GET", "/sidebar/timeline", &token_in(page));
        let stand = &stand;
        async move { json_of(&stand.fetch(&timeline).await)["person"]["number"].as_str().unwrap_or_default().to_owned() }
    };
    let page = open(sam, "").await;
    assert_eq!((meta(&page, "customer"), person(&page).await), (sam.to_string(), SAM.to_owned()));

    // The agents give Sam's conversation to Ann; the address is still the one that was signed for Sam.
    stand.agent("change_customer", json!({ "conversation": sams, "customer": ann }));
    let stale = open(sam, "").await;
    assert_eq!((meta(&stale, "customer"), person(&stale).await), (sam.to_string(), SAM.to_owned()));
    for page in [open(sam, "&ringside-customer=1").await, open(ann, "").await] {
        assert_eq!((meta(&page, "customer"), person(&page).await), (ann.to_string(), ANN.to_owned()));
    }
    // Another record of Sam's, and somebody whom the hotline does not know.
    let made = |given: Value| {
        stand.agent("change_customer", json!({ "conversation": sams, "customer": given }))["customer"]
            .as_u64()
            .expect("an id")
    };
    let real = made(json!({ "email": "sam@example.com", "phone": SAM }));
    let page = open(real, "").await;
    assert_eq!((meta(&page, "customer"), person(&page).await), (real.to_string(), SAM.to_owned()));
    let stranger = made(json!({ "email": "lee@example.com" }));
    let page = open(stranger, "").await;
    assert_eq!((page.status, token_in(&page).as_str()), (200, ""));
    assert!(page.text().contains("another customer"), "{}", page.text());
}
