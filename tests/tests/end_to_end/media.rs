//! Files behind signed links (P13).

use std::io::ErrorKind;
use std::net::TcpListener;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emulator::faults::Service;
use emulator::server::{Entry, World};
use emulator::twilio::Status;
use hotline::media::MediaLink;
use ringside_tests::runtime::{Answer, HttpRequest, Stand, text_params};
use serde_json::json;

use crate::SAM;

/// A link that is good for a minute, or that ended a minute ago.
fn link(stand: &Stand, to: &MediaLink, good: bool) -> String {
    let now = i64::try_from(stand.world(World::now)).expect("a time");
    let address = to.address(&stand.config(), if good { now + 60_000 } else { now - 60_000 });
    address.strip_prefix(&stand.worker.url).expect("our own address").to_owned()
}

async fn open(stand: &Stand, target: &str, range: Option<&str>) -> Answer {
    let request = HttpRequest::plain("GET", target);
    stand.fetch(&range.into_iter().fold(request, |request, range| request.with("range", range))).await
}

/// A medium of a text, at Twilio.
fn texted(stand: &Stand, kind: &str, bytes: &[u8]) -> MediaLink {
    let message = stand.text_with(SAM, "Look", vec![(kind.to_owned(), bytes.to_vec())]);
    let medium = stand.world(|world| world.twilio.message(&message).expect("a message").media[0].clone());
    medium_of(stand, &message, &medium)
}

fn medium_of(stand: &Stand, message: &str, medium: &str) -> MediaLink {
    let api = stand.config().twilio_api_url;
    let account = stand.config().secrets.twilio_account_sid;
    MediaLink::Twilio { url: format!("{api}/2010-04-01/Accounts/{account}/Messages/{message}/Media/{medium}") }
}

/// An attachment of a reply, in Help Scout.
async fn attached(stand: &Stand, kind: &str, bytes: &[u8]) -> MediaLink {
    let talk = stand.first_contact(SAM, "Show me").await;
    let attachments = json!([{ "name": "file", "type": kind, "base64": STANDARD.encode(bytes) }]);
    stand.agent("note", json!({ "conversation": talk, "html": "For us", "attachments": attachments }));
    let attachment = stand.talk(talk).threads.iter().find_map(|it| it.attachments.first().copied());
    MediaLink::HelpScout { conversation: talk, attachment: attachment.expect("an attachment"), mime: kind.to_owned() }
}

#[tokio::test]
async fn a_picture_is_shown_and_played_in_parts() {
    let stand = Stand::start(|_| ()).await;
    for to in [attached(&stand, "audio/ogg", b"0123456789").await, texted(&stand, "audio/ogg", b"0123456789")] {
        let target = link(&stand, &to, true);
        let whole = open(&stand, &target, None).await;
        assert_eq!((whole.status, whole.text().as_str()), (200, "0123456789"), "{to:?}");
        assert_eq!((whole.header("content-type"), whole.header("content-disposition")), ("audio/ogg", "inline"));
        guarded(&whole);
        for (range, bytes, place) in [
            ("bytes=2-4", "234", "bytes 2-4/10"),
            ("bytes=8-", "89", "bytes 8-9/10"),
            ("bytes=-3", "789", "bytes 7-9/10"),
        ] {
            let part = open(&stand, &target, Some(range)).await;
            assert_eq!(
                (part.status, part.text().as_str(), part.header("content-range")),
                (206, bytes, place),
                "{to:?} {range}"
            );
            guarded(&part);
        }
        assert_eq!(open(&stand, &target, Some("bytes=50-60")).await.status, 416, "{to:?}");
    }
    let read = stand.requests(Service::HelpScout, "/attachments/");
    assert_eq!(read.len(), 1, "whoever opens a file again does not use up Help Scout's minute");
}

#[tokio::test]
async fn twilio_gets_a_replys_picture_though_help_scouts_minute_is_used_up_since_and_agents_see_it() {
    const LIMIT: u64 = 40;
    let stand = Stand::start_in(|world| world.helpscout.limit_per_minute = 40, |_| ()).await;
    let talk = stand.first_contact(SAM, "Where is it?").await;
    // Twilio fetches six seconds after the text has left.
    stand.spoil(Service::Twilio, json!({ "kind": "delay", "ms": 6_000, "path_contains": "/media/" }));
    let picture = json!([{ "name": "map.png", "type": "image/png", "base64": STANDARD.encode(b"a map") }]);
    stand.agent("reply", json!({ "conversation": talk, "html": "Here", "attachments": picture }));
    let asked = |it: &Stand| it.sent().into_iter().find(|message| !message.media_urls.is_empty());
    let message = stand.until("the text leaves", asked).await;
    for number in 0..30 {
        stand.text(&format!("+155501002{number:02}"), "Hello");
    }
    let used = |it: &Stand| {
        let all = it.requests(Service::HelpScout, "/v2/");
        let cost = |entry: &Entry| if entry.method == "GET" { 1 } else { 2 };
        all.iter().filter(|entry| !entry.target.contains("oauth2")).map(cost).sum::<u64>()
    };
    stand.until("the minute is used up", |it| (used(it) >= LIMIT - 2).then_some(())).await;
    assert!(
        stand.requests(Service::HelpScout, "/attachments/").is_empty(),
        "Twilio has not fetched it yet: {}",
        stand.story()
    );
    let fetched = |it: &Stand| it.sent().into_iter().find(|sent| sent.sid == message.sid && !sent.media.is_empty());
    stand.until("Twilio has the picture", fetched).await;
    // An agent opens it in the same minute.
    let target = message.media_urls[0].strip_prefix(&stand.worker.url).expect("our own address");
    for _ in 0..3 {
        assert_eq!(open(&stand, target, None).await.text(), "a map");
    }
    let delivered =
        |it: &Stand| it.sent().into_iter().find(|sent| sent.sid == message.sid && sent.status == Status::Delivered);
    stand.until("it is delivered", delivered).await;
    assert_eq!(stand.sent().iter().filter(|sent| sent.to == SAM && !sent.media_urls.is_empty()).count(), 1);
    let limited: Vec<_> =
        stand.requests(Service::HelpScout, "").into_iter().filter(|it| it.status == Some(429)).collect();
    assert!(limited.is_empty(), "{limited:?}");
}

#[tokio::test]
async fn what_could_carry_a_script_is_a_download() {
    let stand = Stand::start(|_| ()).await;
    for kind in ["image/svg+xml", "text/html", "application/xhtml+xml", "text/javascript"] {
        let answer = open(&stand, &link(&stand, &texted(&stand, kind, b"<script>alert(1)</script>"), true), None).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/octet-stream"), "{kind}");
        assert_eq!(answer.header("content-disposition"), "attachment", "{kind}");
        guarded(&answer);
    }
}

#[tokio::test]
async fn a_link_that_is_over_forged_or_empty_says_so() {
    let stand = Stand::start(|_| ()).await;
    let picture = texted(&stand, "image/png", b"png");
    let over = open(&stand, &link(&stand, &picture, false), None).await;
    assert_eq!((over.status, over.header("content-type")), (410, "text/html; charset=utf-8"));
    assert!(over.text().contains("This link has expired"), "{}", over.text());
    let good = link(&stand, &picture, true);
    for forged in [format!("{good}A"), good.replacen("/media/", "/media/A", 1), good[..good.len() - 2].to_owned()] {
        let answer = open(&stand, &forged, None).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "bad_link"));
    }
    let gone = medium_of(&stand, &format!("MM{:032x}", 1), &format!("ME{:032x}", 1));
    let answer = open(&stand, &link(&stand, &gone, true), None).await;
    assert_eq!((answer.status, answer.header("content-type")), (410, "text/html; charset=utf-8"));
    assert!(answer.text().contains("This file is gone"), "{}", answer.text());
}

#[tokio::test]
async fn a_medium_is_fetched_from_twilio_alone_and_credentials_go_with_the_first_request_alone() {
    let stand = Stand::start(|_| ()).await;
    // Somebody else's server, which is never asked.
    let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a listener");
    elsewhere.set_nonblocking(true).expect("a listener that does not wait");
    let address = format!("http://{}/2010-04-01/Media/ME1", elsewhere.local_addr().expect("an address"));
    let mut params = text_params("SM1", SAM, "Look");
    params[5] = ("NumMedia", "1");
    params.extend([("MediaUrl0", address.as_str()), ("MediaContentType0", "image/png")]);
    assert_eq!(stand.fetch(&stand.twilio("/twilio/messages", &params)).await.status, 200);
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await;
    assert!(talk.said()[0].contains("could not be fetched from Twilio"), "{:?}", talk.said());
    let shown = open(&stand, &link(&stand, &MediaLink::Twilio { url: address }, true), None).await;
    assert_eq!(shown.status, 502);
    assert_eq!(elsewhere.accept().map(|_| ()).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));

    // A redirect back to the API has no credentials either.
    let picture = texted(&stand, "image/png", b"png");
    let target = link(&stand, &picture, true);
    assert_eq!(open(&stand, &target, None).await.status, 200);
    let MediaLink::Twilio { url } = &picture else { panic!("at Twilio") };
    let other = format!("{}/MEffffffffffffffffffffffffffffffff", url.rsplit_once('/').expect("a path").0);
    let again = json!({ "location": other });
    let rule = json!({ "kind": "status", "status": 307, "headers": again, "path_contains": "/Media/", "times": 1 });
    stand.spoil(Service::Twilio, rule);
    assert_eq!(open(&stand, &target, None).await.status, 502);
    let asked = stand.requests(Service::Twilio, "/MEffff");
    assert_eq!(asked.iter().map(|entry| entry.status).collect::<Vec<_>>(), [Some(401)]);
}

fn guarded(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-security-policy").starts_with("sandbox"));
}
