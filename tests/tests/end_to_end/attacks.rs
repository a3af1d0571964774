//! What strangers do without any proof, or with a session that is over: it costs no memory, and nobody else waits.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use emulator::faults::Service;
use futures_util::{SinkExt, StreamExt};
use hotline::media::MediaLink;
use hotline::sidebar::session::Session;
use ringside_tests::runtime::{HttpRequest, INBOX, Stand};
use serde_json::json;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::sidebar::{ADA, MAX, asks, token};
use crate::sidebar_live::connect;
use crate::{ANN, BOB, SAM};

const MIB: usize = 1 << 20;

/// A connection on which a request begins whose body does not end.
struct Upload(TcpStream);

impl Upload {
    /// Announces `announced` bytes and sends some of them.
    fn begin(stand: &Stand, target: &str, header: &str, announced: usize, sent: &[u8]) -> Self {
        Self::with_method("POST", stand, target, header, announced, sent)
    }

    fn with_method(method: &str, stand: &Stand, target: &str, header: &str, announced: usize, sent: &[u8]) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", stand.worker.port())).expect("the Worker listens");
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             {header}content-length: {announced}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("the Worker hears");
        // A refusal may come while the body is still being sent.
        let _ = stream.write_all(sent);
        Self(stream)
    }

    /// The status of the answer, if one comes in time.
    fn status(&mut self, within: Duration) -> Option<u16> {
        self.0.set_read_timeout(Some(within)).expect("a time-out");
        let mut head = [0; 12];
        match self.0.read_exact(&mut head) {
            Ok(()) => std::str::from_utf8(&head).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok(),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

const ROUTES: [(&str, &str); 3] = [
    ("/twilio/messages", "x-twilio-signature: c2lnbmVk\r\n"),
    ("/twilio/calls", "x-twilio-signature: c2lnbmVk\r\n"),
    ("/helpscout/webhook", "x-helpscout-signature: c2lnbmVk\r\n"),
];

/// How long a bystander's text took from Twilio to Help Scout, in milliseconds, while `attack` went on.
async fn delay_of_a_bystander(stand: &Stand, talk: u64, words: &str, attack: impl Future<Output = ()>) -> u64 {
    let begun = stand.world(emulator::server::World::now);
    let arrives = async {
        stand.text(ANN, words);
        stand.until("the bystander's text", |it| it.talk(talk).said().contains(&words).then_some(())).await;
        let talk = stand.talk(talk);
        let thread = talk.threads.iter().find(|thread| thread.text.contains(words)).expect("their text");
        thread.created_at - begun
    };
    tokio::join!(attack, arrives).1
}

/// What an attack may delay a bystander's text by: nobody is told to wait for more without being sent word
/// (hotline, rate limiter: a permit within ten seconds is not worth a message). It is no matter of how quick a machine is:
/// used permits would take a minute to come back.
const DELAY_MS: u64 = 10_000;

#[tokio::test]
async fn a_departed_agents_signed_address_opened_fifteen_hundred_times_delays_nobody() {
    let stand = Stand::start_in(|world| world.helpscout.limit_per_minute = 60, |_| ()).await;
    let sams = stand.first_contact(SAM, "Hello").await;
    let anns = stand.first_contact(ANN, "Hello").await;
    stand.agent("remove_user", json!({ "user": MAX }));
    let alone = delay_of_a_bystander(&stand, anns, "Nobody attacks", async {}).await;
    let attack = async {
        for _ in 0..30 {
            let page = crate::sidebar::page(sams, MAX);
            let pages = stand.fetch_at_once(vec![page; 50]).await;
            assert!(pages.iter().all(|page| matches!(page.status, 401 | 503)), "{pages:?}");
        }
    };
    let attacked = delay_of_a_bystander(&stand, anns, "Somebody attacks", attack).await;
    let after = delay_of_a_bystander(&stand, anns, "Somebody has attacked", async {}).await;
    assert!(attacked < alone + DELAY_MS && after < alone + DELAY_MS, "{alone} ms alone, {attacked}, then {after}");
    // Two of the first ones may have asked at the same time.
    let asked = stand.requests(Service::HelpScout, "/users/").len();
    assert!(asked <= 2, "Help Scout was asked {asked} times");
}

#[tokio::test]
async fn one_link_to_a_file_opened_three_hundred_times_delays_nobody() {
    let stand = Stand::start_in(|world| world.helpscout.limit_per_minute = 60, |_| ()).await;
    let sams = stand.first_contact(SAM, "Hello").await;
    let anns = stand.first_contact(ANN, "Hello").await;
    // It is not there any more, so nothing of it is kept.
    let link = MediaLink::HelpScout { conversation: sams, attachment: 999, mime: "image/png".to_owned() };
    let until = i64::try_from(stand.world(emulator::server::World::now)).expect("a time") + 60_000;
    let address = link.address(&stand.config(), until);
    let target = address.strip_prefix(&stand.worker.url).expect("our own address").to_owned();
    let attack = async {
        for _ in 0..30 {
            let answers = stand.fetch_at_once(vec![HttpRequest::plain("GET", &target); 10]).await;
            assert!(answers.iter().all(|answer| answer.status == 502), "{answers:?}");
        }
    };
    let attacked = delay_of_a_bystander(&stand, anns, "Is anybody there?", attack).await;
    assert!(attacked < DELAY_MS, "{attacked} ms");
    let asked = stand.requests(Service::HelpScout, "/attachments/").len();
    assert!(asked <= 10, "Help Scout was asked {asked} times");
}

/// Holds while what happened since `before` took less memory than this.
fn grew_less_than(stand: &Stand, before: usize, most: usize) {
    let grown = stand.worker.resident_bytes().saturating_sub(before);
    assert!(grown < most, "{} MiB more, {} allowed", grown / MIB, most / MIB);
}

/// Some people text, so that what the runtime compiles at first use is there before memory is measured.
async fn warm_up(stand: &Stand) {
    stand.first_contact(SAM, "Hello").await;
    for person in 0..5 {
        stand.first_contact(&format!("+1555010011{person}"), "Hello").await;
    }
}

#[tokio::test]
async fn a_body_without_a_signature_is_not_waited_for() {
    let stand = Stand::start(|_| ()).await;
    for target in
        ["/twilio/messages", "/twilio/messages/status", "/twilio/calls", "/helpscout/webhook", "/sidebar/messages"]
    {
        for header in ["", "x-twilio-signature: \r\nx-helpscout-signature: \r\nauthorization: Bearer x\r\n"] {
            let refused = Upload::begin(&stand, target, header, 60_000, b"a").status(Duration::from_secs(5));
            assert_eq!(refused, Some(if target.starts_with("/twilio") { 403 } else { 401 }), "{target} {header}");
        }
    }
    for target in ["/v1/health", "/media/x", "/helpscout/sidebar"] {
        // The answer may come before all of it is sent, so it is not waited until then.
        let refused = Upload::with_method("GET", &stand, target, "", 2 * MIB, b"a").status(Duration::from_secs(5));
        assert_eq!(refused, Some(401), "{target}");
    }
}

#[tokio::test]
async fn announced_bodies_take_no_memory_and_keep_nobody_waiting() {
    let stand = Stand::start(|_| ()).await;
    warm_up(&stand).await;
    let before = stand.worker.resident_bytes();
    let mut uploads = Vec::new();
    for header in [true, false] {
        for (target, signature) in ROUTES {
            // The largest that each route waits for at all.
            let announced = if target.starts_with("/twilio") { 64 << 10 } else { 10 * MIB };
            let header = if header { signature } else { "" };
            uploads.extend((0..14).map(|_| Upload::begin(&stand, target, header, announced, b"a")));
        }
    }
    let talk = stand.first_contact(ANN, "Is anybody there?").await;
    stand.until_said(talk, &["Is anybody there?"]).await;
    grew_less_than(&stand, before, 14 * 10 * MIB / 4);
    // They end by themselves.
    for upload in &mut uploads {
        assert!(matches!(upload.status(Duration::from_secs(20)), Some(401 | 403 | 408)));
    }
}

#[tokio::test]
async fn bodies_with_a_junk_signature_share_a_bounded_memory_and_end_in_time() {
    let stand = Stand::start(|_| ()).await;
    warm_up(&stand).await;
    let (target, header) = ROUTES[2];
    let sent = vec![b'a'; 4 * MIB];
    let before = stand.worker.resident_bytes();
    let mut uploads: Vec<_> = (0..30).map(|_| Upload::begin(&stand, target, header, 10 * MIB, &sent)).collect();
    let talk = stand.first_contact(ANN, "Is anybody there?").await;
    stand.until_said(talk, &["Is anybody there?"]).await;
    grew_less_than(&stand, before, 30 * sent.len());
    let ends: Vec<_> = uploads.iter_mut().map(|upload| upload.status(Duration::from_secs(20))).collect();
    let count = |status| ends.iter().filter(|end| **end == Some(status)).count();
    assert_eq!((count(503) + count(408), count(503) >= 20, count(408) >= 1), (30, true, true), "{ends:?}");
    largest_event_is_taken(&stand).await;
}

#[tokio::test]
async fn bodies_that_break_off_give_their_share_back() {
    let stand = Stand::start(|_| ()).await;
    stand.first_contact(SAM, "Hello").await;
    let (target, header) = ROUTES[2];
    let sent = vec![b'a'; 4 * MIB];
    for _ in 0..40 {
        drop(Upload::begin(&stand, target, header, 10 * MIB, &sent));
    }
    largest_event_is_taken(&stand).await;
}

/// Help Scout's own events are still read, the largest too; waits until what is under way is over.
async fn largest_event_is_taken(stand: &Stand) {
    let event = json!({ "id": 1, "mailboxId": INBOX + 1, "type": "email", "preview": "a".repeat(9 * MIB) }).to_string();
    let request = stand.helpscout("convo.created", event);
    for _ in 0..100 {
        match stand.fetch(&request).await.status {
            204 => return,
            503 => tokio::time::sleep(Duration::from_millis(200)).await,
            other => panic!("{other}"),
        }
    }
    panic!("an event is never taken");
}

#[tokio::test]
async fn a_frame_of_thirty_megabytes_is_not_read() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let session = Session { mailbox: INBOX, conversation: talk, agent: ADA, customer_override: None };
    let good = token(&stand, talk, ADA).await;
    let now = i64::try_from(stand.world(emulator::server::World::now)).expect("a time");
    // One second is left of it.
    let short = session.token(&stand.config(), now - 15 * 60_000 + 1_000);
    let mut live = connect(&stand, &good).await.expect("a socket");
    let mut over = connect(&stand, &short).await.expect("a socket");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let frame = ["[0", &",0".repeat(15 * MIB - 1), "]"].concat();
    let announced = 2 * frame.len();
    let before = stand.worker.resident_bytes();
    for (socket, code) in [(&mut over, 4001), (&mut live, 1009)] {
        // It may be refused while it is still being sent.
        let _ = socket.send(Message::text(frame.as_str())).await;
        let close = tokio::time::timeout(Duration::from_mins(1), async {
            loop {
                match socket.next().await {
                    Some(Ok(Message::Close(Some(close)))) => return Some(u16::from(close.code)),
                    Some(Ok(_)) => {}
                    Some(Err(Error::ConnectionClosed)) | None => return None,
                    Some(Err(error)) => panic!("{error}"),
                }
            }
        });
        assert_eq!(close.await.expect("the socket is closed"), Some(code));
    }
    grew_less_than(&stand, before, 4 * announced);
    let mut bytes = connect(&stand, &good).await.expect("a socket");
    bytes.send(Message::binary(vec![0; 10])).await.expect("sent");
    assert!(matches!(bytes.next().await, Some(Ok(Message::Close(Some(close)))) if u16::from(close.code) == 1009));
    let talk = stand.first_contact(BOB, "Is anybody there?").await;
    stand.until_said(talk, &["Is anybody there?"]).await;
}

#[tokio::test]
async fn sockets_whose_session_is_over_keep_nobody_out() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let good = token(&stand, talk, ADA).await;
    let session = Session { mailbox: INBOX, conversation: talk, agent: ADA, customer_override: None };
    let begun = i64::try_from(stand.world(emulator::server::World::now)).expect("a time");
    let until = begun + 20_000;
    let short = session.token(&stand.config(), until - 15 * 60_000);
    let mut sockets = Vec::new();
    for _ in 0..100 {
        sockets.push(connect(&stand, &short).await.expect("a socket"));
    }
    assert_eq!(connect(&stand, &good).await.err(), Some(429));
    let left = until - i64::try_from(stand.world(emulator::server::World::now)).expect("a time");
    tokio::time::sleep(Duration::from_millis(u64::try_from(left.max(0)).unwrap() + 100)).await;
    connect(&stand, &good).await.expect("a socket");
}

#[tokio::test]
async fn a_token_that_would_live_for_a_day_opens_nothing() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    token(&stand, talk, ADA).await;
    let session = Session { mailbox: INBOX, conversation: talk, agent: ADA, customer_override: None };
    let now = i64::try_from(stand.world(emulator::server::World::now)).expect("a time");
    for (minted, status) in [(now, 200), (now + 86_400_000, 401)] {
        let token = session.token(&stand.config(), minted);
        assert_eq!(stand.fetch(&asks("GET", "/sidebar/timeline", &token)).await.status, status);
    }
}
