//! The timeline in pages, and what an open sidebar hears of.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hotline::sidebar::session::Session;
use ringside_tests::runtime::{INBOX, Stand};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::sidebar::{ADA, asks, json_of, token};
use crate::{ANN, SAM};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a socket as a browser does.
pub async fn connect(stand: &Stand, token: &str) -> Result<Socket, u16> {
    let url = format!("{}/sidebar/live", stand.worker.url.replacen("http", "ws", 1));
    let mut request = url.into_client_request().expect("a request");
    let offered = format!("ringside.v1, bearer.{token}").parse().expect("a header");
    request.headers_mut().insert("sec-websocket-protocol", offered);
    match connect_async(request).await {
        Ok((socket, response)) => {
            let chosen = response.headers().get("sec-websocket-protocol");
            assert_eq!(chosen.and_then(|it| it.to_str().ok()), Some("ringside.v1"));
            Ok(socket)
        }
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// What comes next.
async fn next(socket: &mut Socket) -> Message {
    let next = tokio::time::timeout(Duration::from_mins(1), socket.next()).await;
    next.expect("something comes").expect("the socket is open").expect("a message")
}

/// The next frame for which something holds.
pub async fn frame(socket: &mut Socket, holds: impl Fn(&Value) -> bool) -> Value {
    loop {
        if let Message::Text(text) = next(socket).await {
            let frame: Value = serde_json::from_str(&text).expect("JSON");
            if holds(&frame) {
                return frame;
            }
        }
    }
}

#[tokio::test]
async fn the_timeline_comes_in_pages_oldest_first() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Text 0").await;
    let texts: Vec<String> = (1..70).map(|at| format!("Text {at}")).collect();
    for text in &texts {
        stand.text(SAM, text);
    }
    let expected: Vec<&str> = std::iter::once("Text 0").chain(texts.iter().map(String::as_str)).collect();
    stand.until("all texts", |it| (it.talk(talk).said().len() == expected.len()).then_some(())).await;
    let token = token(&stand, talk, ADA).await;
    let (mut pages, mut target) = (Vec::new(), "/sidebar/timeline".to_owned());
    loop {
        let page = json_of(&stand.fetch(&asks("GET", &target, &token)).await);
        let entries = page["entries"].as_array().expect("entries").clone();
        pages.splice(0..0, entries.iter().filter(|it| it["direction"] == "in").map(|it| it["text"].clone()));
        let Some(cursor) = page["earlier"].as_str() else { break };
        assert_eq!(entries.len(), 30);
        target = format!("/sidebar/timeline?before={cursor}");
    }
    pages.sort_by_key(|text| text.as_str().and_then(|text| text[5..].parse::<u32>().ok()));
    assert_eq!(pages, expected);
}

#[tokio::test]
async fn an_entry_says_what_the_widget_shows() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello \"there\"").await;
    stand.text_with(SAM, "Look", vec![("image/png".to_owned(), b"png".to_vec())]);
    stand.reply(talk, "<p>On our way</p>");
    stand.until_told(talk, "Delivered").await;
    let token = token(&stand, talk, ADA).await;
    let page = json_of(&stand.fetch(&asks("GET", "/sidebar/timeline", &token)).await);
    let person = &page["person"];
    assert_eq!((&person["number"], &person["readable"]), (&json!(SAM), &json!("+1 555 010 0100")));
    assert_eq!(
        (&person["channel"], &person["opted_out"], &person["first_contact"]),
        (&json!("sms"), &Value::Null, &json!(true))
    );
    let entries = page["entries"].as_array().expect("entries");
    let entry = |text: &str| entries.iter().find(|it| it["text"] == text).unwrap_or_else(|| panic!("{text} {page}"));
    let hello = entry("Hello \"there\"");
    for (member, value) in [
        ("kind", json!("text")),
        ("direction", json!("in")),
        ("channel", json!("sms")),
        ("state", Value::Null),
        ("error", Value::Null),
        ("media", json!([])),
        ("agent", json!("")),
        ("conversation", json!(talk)),
        ("seconds", Value::Null),
        ("transcript", Value::Null),
    ] {
        assert_eq!(hello[member], value, "{member}");
    }
    let look = entry("Look");
    assert_eq!((&look["channel"], &look["media"][0]["type"]), (&json!("mms"), &json!("image/png")));
    let url =
        look["media"][0]["url"].as_str().and_then(|url| url.strip_prefix(&stand.worker.url)).expect("our address");
    let picture = stand.fetch(&ringside_tests::runtime::HttpRequest::plain("GET", url)).await;
    assert_eq!((picture.status, picture.text().as_str()), (200, "png"));
    let reply = entry("On our way");
    assert_eq!(
        (&reply["direction"], &reply["state"], &reply["error"]),
        (&json!("out"), &json!("delivered"), &Value::Null)
    );
    assert_ne!(reply["agent"], "");
}

#[tokio::test]
async fn an_open_sidebar_hears_of_texts_states_and_opt_outs_of_its_own_person() {
    let stand = Stand::start(|_| ()).await;
    let sam = stand.first_contact(SAM, "Hello").await;
    stand.first_contact(ANN, "Hello").await;
    let token = token(&stand, sam, ADA).await;
    let mut socket = connect(&stand, &token).await.expect("a socket");
    stand.text(ANN, "Not for Ada");
    stand.text(SAM, "Are you there?");
    let text = frame(&mut socket, |it| it["type"] == "entry" && it["direction"] == "in").await;
    assert_eq!((&text["text"], &text["kind"]), (&json!("Are you there?"), &json!("text")));
    stand.reply(sam, "<p>Yes</p>");
    let delivered = |it: &Value| it["type"] == "entry" && it["text"] == "Yes" && it["state"] == "delivered";
    frame(&mut socket, delivered).await;
    stand.text(SAM, "STOP");
    let person = frame(&mut socket, |it| it["type"] == "person").await;
    assert!(person["opted_out"]["since"].is_string(), "{person}");
    socket.send(Message::text("ping")).await.expect("sent");
    loop {
        if next(&mut socket).await == Message::text("pong") {
            break;
        }
    }
}

#[tokio::test]
async fn a_socket_lives_as_long_as_its_session_is_renewed() {
    let stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let session = Session::new(INBOX, talk, ADA);
    let config = stand.config();
    let now = || i64::try_from(stand.world(emulator::server::World::now)).expect("a time");
    // Two seconds are left of it.
    let short = || session.token(&config, now() - 15 * 60_000 + 2_000);
    token(&stand, talk, ADA).await;
    for bad in ["x", &session.token(&config, now() - 15 * 60_000)] {
        assert_eq!(connect(&stand, bad).await.err(), Some(401));
    }
    let mut ends = connect(&stand, &short()).await.expect("a socket");
    let mut stays = connect(&stand, &short()).await.expect("a socket");
    let mut cheats = connect(&stand, &short()).await.expect("a socket");
    let renew = |token: String| Message::text(json!({ "type": "renew", "token": token }).to_string());
    stays.send(renew(session.token(&config, now()))).await.expect("sent");
    let other = Session { agent: 4005, ..session.clone() };
    cheats.send(renew(other.token(&config, now()))).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    stand.text(SAM, "Still there?");
    assert_eq!(frame(&mut stays, |it| it["direction"] == "in").await["text"], "Still there?");
    for over in [&mut ends, &mut cheats] {
        match next(over).await {
            Message::Close(Some(close)) => assert_eq!(u16::from(close.code), 4001),
            other => panic!("{other:?}"),
        }
    }
}

/// How long a sidebar may ask for nothing, in milliseconds (`worker/src/objects/sockets.rs`).
const LONGEST_SILENCE_MS: u64 = 3 * 60_000;

/// How much of that silence passes in real time: short for a story, and many times as long as a busy machine takes to ask.
const LAST_OF_SILENCE_MS: u64 = 4_000;

/// How often a sidebar of this story asks; the widget does it every 25 seconds (`widget/src/live.rs`).
const ASKS: Duration = Duration::from_millis(250);

/// The Worker's clock is so far ahead of the platform's, which keeps when a sidebar has asked last: so long has each of
/// them been silent when it has just asked.
fn clock_ahead(milliseconds: u64) -> String {
    format!("\nconst clock = Date.now.bind(Date);\nDate.now = () => clock() + {milliseconds};\n")
}

/// Asks again and again, until this text comes.
async fn asks_until(socket: &mut Socket, text: &str) {
    let mut ticks = tokio::time::interval(ASKS);
    loop {
        tokio::select! {
            _ = ticks.tick() => socket.send(Message::text("ping")).await.expect("sent"),
            message = next(socket) => match message {
                Message::Text(frame) if frame.contains(text) => return,
                Message::Close(close) => panic!("it still asks, and is closed: {close:?}"),
                _ => {}
            },
        }
    }
}

#[tokio::test]
async fn a_sidebar_that_asks_no_more_is_closed_and_one_that_asks_hears_everything() {
    let mut stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.sabotage(&clock_ahead(LONGEST_SILENCE_MS - LAST_OF_SILENCE_MS)).await;
    let token = token(&stand, talk, ADA).await;
    let mut gone = connect(&stand, &token).await.expect("a socket");
    let mut asks = connect(&stand, &token).await.expect("a socket");
    gone.send(Message::text("ping")).await.expect("sent");
    assert_eq!(next(&mut gone).await, Message::text("pong"));
    let texting = async {
        tokio::time::sleep(Duration::from_millis(LAST_OF_SILENCE_MS + 1_000)).await;
        stand.text(SAM, "Are you there?");
    };
    tokio::join!(asks_until(&mut asks, "Are you there?"), texting);
    match next(&mut gone).await {
        Message::Close(Some(close)) => {
            assert_eq!((u16::from(close.code), close.reason.as_str()), (1001, "silent"));
        }
        other => panic!("{other:?}"),
    }
}
