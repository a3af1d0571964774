//! A release is taken back and comes again, on the storage of both: what the operator does is what docs/OPERATE.md says, under "Go
//! back to an earlier version".

use std::time::Duration;

use emulator::faults::Service;
use ringside_tests::runtime::{HttpRequest, Stand, TOKEN, api_keys, text_params};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::SAM;

/// A kind of job that this release knows, and what the later one calls it.
const KNOWN: &str = r#""kind":"post""#;
const LATER: &str = r#""kind":"later_post""#;

/// What the later release may do (CONTRIBUTING.md): a version more of the tables, a column, a kind of job.
const WRITTEN_BY_THE_LATER: &str = "UPDATE schema_version SET version = version + 1;
    ALTER TABLE queue ADD COLUMN later TEXT NOT NULL DEFAULT 'later'";

/// Works on the storage of each person's object while the Worker is down.
fn in_storage(stand: &Stand, work: impl Fn(&Connection)) {
    let mut people = 0;
    for file in stand.worker.databases() {
        let connection = Connection::open(file).expect("SQLite");
        let is_persons = "SELECT 1 FROM sqlite_schema WHERE name = 'entries'";
        if connection.query_row(is_persons, [], |_| Ok(())).is_ok() {
            people += 1;
            work(&connection);
        }
    }
    assert!(people > 0, "nobody has storage");
}

fn rename(connection: &Connection, from: &str, to: &str) -> usize {
    connection.execute("UPDATE queue SET work = replace(work, ?1, ?2)", [from, to]).expect("a queue")
}

async fn text(stand: &Stand, sid: &str, body: &str) {
    assert_eq!(stand.fetch(&stand.twilio("/twilio/messages", &text_params(sid, SAM, body))).await.status, 200);
}

async fn ask(stand: &Stand, method: &'static str, path: &str) -> Value {
    let asked = HttpRequest::plain(method, path).with("authorization", &format!("Bearer {TOKEN}"));
    let answer = stand.fetch(&asked).await;
    assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// Health shows within seconds how many rows nobody can read.
async fn until_quarantined(stand: &Stand, count: u64) {
    for _ in 0..1_200 {
        if ask(stand, "GET", "/v1/health").await["hotlines"][0]["quarantined"] == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("health never showed {count} quarantined rows");
}

#[tokio::test]
async fn what_a_later_release_left_waits_through_a_rollback_and_is_done_when_that_release_is_back() {
    let mut stand = Stand::start(|vars| vars["API_KEYS"] = api_keys()).await;
    let talk = stand.first_contact(SAM, "Before").await;
    stand.spoil(Service::HelpScout, json!({"kind": "down", "refuse": true}));
    text(&stand, "SM1", "Left by the later release").await;

    stand.worker.kill();
    in_storage(&stand, |connection| {
        connection.execute_batch(WRITTEN_BY_THE_LATER).expect("what the later release may write");
        assert!(rename(connection, KNOWN, LATER) > 0, "a text waits");
    });
    stand.mend(Service::HelpScout);
    stand.worker.restart().await;

    // Taken back: people are served, nothing is lost, and the operator sees what waits for the later release.
    text(&stand, "SM2", "After the rollback").await;
    stand.until_said(talk, &["Before", "After the rollback"]).await;
    until_quarantined(&stand, 1).await;
    let listed = ask(&stand, "GET", "/v1/jobs?hotline=VOTERS&state=quarantined").await;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "{listed}");

    stand.worker.kill();
    in_storage(&stand, |connection| {
        rename(connection, LATER, KNOWN);
    });
    stand.worker.restart().await;

    // It comes again, and has what it left done.
    let id = listed["data"][0]["id"].as_str().expect("an id").to_owned();
    ask(&stand, "POST", &format!("/v1/jobs/{id}/retry")).await;
    stand.until_said(talk, &["Before", "After the rollback", "Left by the later release"]).await;
    until_quarantined(&stand, 0).await;
}
