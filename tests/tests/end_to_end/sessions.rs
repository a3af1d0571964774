//! Two phones text each other through a pool in the real Worker.

use std::collections::BTreeSet;
use std::time::Duration;

use emulator::twilio::Sender;
use futures_util::future::join_all;
use ringside_tests::runtime::{Answer, HttpRequest, Stand, TOKEN, api_keys};
use serde_json::{Value, json};

use crate::{ANN, SAM};

const POOL: [&str; 3] = ["+15550100011", "+15550100012", "+15550100013"];

async fn stand() -> Stand {
    let world = |settings: &mut emulator::server::Settings| {
        let like = settings.twilio.senders[0].clone();
        let number = |number: &&str| Sender { address: (*number).to_owned(), ..like.clone() };
        let senders: Vec<Sender> = POOL.iter().map(number).collect();
        settings.twilio.senders.extend(senders);
    };
    Stand::start_in(world, |vars| {
        vars["API_KEYS"] = api_keys();
        vars["POOL_COURIERS"] = json!({"hotline": "VOTERS", "numbers": POOL});
    })
    .await
}

fn create(one: &str, other: &str, key: &str) -> HttpRequest {
    let body = json!({"pool": "COURIERS", "participants": [{"number": one, "name": "Carl"}, {"number": other}]});
    let request = HttpRequest::plain("POST", "/v1/sessions").saying(body.to_string());
    request.with("authorization", &format!("Bearer {TOKEN}")).with("idempotency-key", key)
}

/// Sends it until it is not being carried out by another copy.
async fn answered(stand: &Stand, request: &HttpRequest) -> Answer {
    loop {
        let answer = stand.fetch(request).await;
        if !matches!(answer.status, 409 | 503) || answer.problem() == "pool_exhausted" {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn proxy(session: &Answer, at: usize) -> String {
    let session: Value = serde_json::from_slice(&session.body).expect("a session");
    session["participants"][at]["proxy"].as_str().expect("a number").to_owned()
}

fn text(stand: &Stand, from: &str, to: &str, body: &str, media: Vec<(String, Vec<u8>)>) {
    stand.world(|world| {
        let now = world.now();
        world.twilio.text_in(now, from, to, body, media);
    });
}

#[tokio::test]
async fn two_phones_text_each_other_with_a_picture_and_neither_number_reaches_the_other() {
    let stand = stand().await;
    let session = answered(&stand, &create(SAM, ANN, "k-1")).await;
    assert_eq!(session.status, 201, "{}", session.text());
    let picture = vec![("image/png".to_owned(), b"\x89PNG\r\n\x1a\n".to_vec())];
    text(&stand, SAM, &proxy(&session, 0), "is it this one?", picture);
    stand.until_received(ANN, &["is it this one?"]).await;
    text(&stand, ANN, &proxy(&session, 1), "yes, that one", Vec::new());
    stand.until_received(SAM, &["yes, that one"]).await;
    for (phone, other) in [(SAM, ANN), (ANN, SAM)] {
        let got = stand.sent().into_iter().find(|message| message.to == phone).expect("a message");
        let all = format!("{:?} {} {:?} {:?}", got.from, got.body, got.media_urls, got.status_callback);
        assert!(!all.contains(&other[1..]) && !all.contains("Carl"), "{all}");
        assert!(POOL.contains(&got.from.as_deref().unwrap_or_default()));
    }
    assert_eq!(stand.talks().len(), 0, "nothing of it is in Help Scout");
}

#[tokio::test]
async fn a_hundred_copies_of_one_request_at_once_are_one_session() {
    let stand = stand().await;
    let request = create(SAM, ANN, "k-1");
    let answers = join_all((0..100).map(|_| answered(&stand, &request))).await;
    let ids: BTreeSet<String> = answers.iter().map(Answer::text).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
}

#[tokio::test]
async fn killed_in_the_middle_of_a_create_there_is_one_session_and_no_number_is_held_for_nobody() {
    let mut stand = stand().await;
    let request = create(SAM, ANN, "k-1");
    for wait in [5, 10, 15] {
        drop(join_all((0..5).map(|_| tokio::time::timeout(Duration::from_millis(wait), stand.fetch(&request)))).await);
        stand.worker.kill();
        stand.worker.restart().await;
    }
    let session = answered(&stand, &request).await;
    assert_eq!((session.status, proxy(&session, 0).as_str()), (201, POOL[0]));
    text(&stand, ANN, &proxy(&session, 1), "hello", Vec::new());
    stand.until_received(SAM, &["hello"]).await;
}

#[tokio::test]
async fn many_creates_at_once_for_one_person_give_each_a_number_of_its_own_or_none() {
    let stand = stand().await;
    let shops: Vec<String> = (0..20).map(|at| format!("+15550103{at:03}")).collect();
    let requests: Vec<HttpRequest> = shops.iter().map(|shop| create(SAM, shop, shop)).collect();
    let answers = join_all(requests.iter().map(|request| answered(&stand, request))).await;
    let made: Vec<String> =
        answers.iter().filter(|answer| answer.status == 201).map(|answer| proxy(answer, 0)).collect();
    let different: BTreeSet<&String> = made.iter().collect();
    assert_eq!((made.len(), different.len()), (POOL.len(), POOL.len()), "{made:?}");
    assert!(answers.iter().filter(|answer| answer.status != 201).all(|answer| answer.problem() == "pool_exhausted"));
}
