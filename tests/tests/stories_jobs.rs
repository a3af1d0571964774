//! An operator looks at what was given up or is stuck, has it tried again, or drops it.

use std::collections::BTreeSet;

use emulator::faults::{Kind, Rule, Service};
use ringside_tests::world::World;
use ringside_tests::world::stage::{AUDIT, CRM, Stage};
use serde_json::{Value, json};

const SAM: &str = "+15550100150";
const ALEX: &str = "+15550100151";
const MINUTE: i64 = 60_000;
/// Longer than a person's object takes to tell the directory what it has left to do.
const TOLD: i64 = 15_000;

fn world() -> World {
    World::new(&Stage::default())
}

fn jobs(world: &mut World, state: &str) -> Vec<Value> {
    let page = world.program(AUDIT.1, "GET", &format!("/v1/jobs?hotline=VOTERS&state={state}"), &Value::Null);
    assert_eq!(page.status, 200, "{:?}", page.body);
    page.body["data"].as_array().expect("a page").clone()
}

fn turn(world: &mut World, job: &Value, how: &str) -> (u16, Value) {
    let id = job["id"].as_str().expect("an id");
    let answer = world.program(AUDIT.1, "POST", &format!("/v1/jobs/{id}/{how}"), &Value::Null);
    (answer.status, answer.body)
}

/// Help Scout refuses what is posted into a conversation, so many times.
fn refuse(world: &mut World, times: u32) {
    let kind = Kind::Status { status: 400, headers: [].into(), body: json!({"message": "Bad request"}) };
    let path = Some("/customer".to_owned());
    world.faults.add(Service::HelpScout, Rule { id: 0, kind, method: None, path_contains: path, times: Some(times) });
}

/// A text of theirs that Help Scout took in no form.
fn a_refused_text(world: &mut World, person: &str) {
    world.settled_text(person, "first");
    refuse(world, 3);
    world.text(person, "refused");
    world.run_for(MINUTE + TOLD);
}

#[test]
fn a_text_that_was_given_up_stands_in_the_list_and_reaches_the_team_when_it_is_tried_again() {
    let mut world = world();
    a_refused_text(&mut world, SAM);
    let failed = jobs(&mut world, "failed");
    assert_eq!(failed.len(), 1, "{failed:?}");
    let job = &failed[0];
    assert_eq!(
        (&job["object"], &job["kind"], &job["state"], &job["error"]["code"], &job["person"], &job["due_at"]),
        (
            &json!("contact"),
            &json!("post"),
            &json!("failed"),
            &json!("helpscout_refused"),
            &json!("+1555…0150"),
            &json!(null)
        )
    );
    assert_eq!(turn(&mut world, job, "retry"), (200, json!({"id": job["id"], "state": "retried"})));
    world.settle(1);
    let conversation = world.conversation(SAM);
    assert_eq!(world.said(conversation), ["first", "refused"]);
    world.run_for(TOLD);
    assert_eq!(jobs(&mut world, "failed"), Vec::<Value>::new());
    assert_eq!(turn(&mut world, job, "retry").0, 200, "twice is once");
    world.settle(1);
    assert_eq!(world.said(conversation), ["first", "refused"]);
}

#[test]
fn what_a_person_said_is_not_dropped_by_mistake() {
    let mut world = world();
    a_refused_text(&mut world, SAM);
    let job = jobs(&mut world, "failed").remove(0);
    let (status, problem) = turn(&mut world, &job, "drop");
    assert_eq!((status, &problem["code"]), (409, &json!("not_delivered")));
    assert_eq!(jobs(&mut world, "failed").len(), 1);
    assert_eq!(turn(&mut world, &job, "drop?force=true"), (200, json!({"id": job["id"], "state": "dropped"})));
    world.run_for(TOLD);
    assert_eq!(jobs(&mut world, "failed"), Vec::<Value>::new());
    assert_eq!(turn(&mut world, &job, "drop").0, 200, "twice is once");
}

#[test]
fn a_reply_that_waits_is_dropped_and_its_agent_is_told() {
    let mut world = world();
    world.settled_text(SAM, "hello");
    let conversation = world.conversation(SAM);
    let outage = world.faults.switch_on(Service::Twilio, Kind::Down { refuse: true });
    world.reply(conversation, "<p>Never mind.</p>");
    world.run_for(MINUTE);
    let waiting = jobs(&mut world, "waiting,uncertain");
    let send = waiting.iter().find(|job| job["kind"] == "send").expect("the text waits").clone();
    let mut dropped = turn(&mut world, &send, "drop");
    while dropped.1["code"] == "job_running" {
        world.run_for(7_000);
        dropped = turn(&mut world, &send, "drop");
    }
    assert_eq!(dropped.0, 200, "{dropped:?}");
    world.faults.clear(Service::Twilio, Some(outage));
    world.settle(2);
    assert_eq!(world.phone(SAM).iter().filter(|text| text.contains("Never mind")).count(), 0);
    let notes = world.notes(conversation).join("\n");
    assert!(notes.contains("The operator of this hotline has dropped it."), "{notes}");
}

#[test]
fn in_an_outage_every_page_has_other_jobs_and_no_number() {
    let mut world = world();
    world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    for person in 0..30 {
        world.text(&format!("+15550102{person:03}"), "help");
    }
    world.run_for(MINUTE);
    let (mut seen, mut after) = (BTreeSet::new(), String::new());
    for _ in 0..40 {
        let path = format!("/v1/jobs?hotline=VOTERS&state=waiting&limit=7{after}");
        let page = world.program(AUDIT.1, "GET", &path, &Value::Null).body;
        assert!(!page.to_string().contains("+15550102"), "{page}");
        for job in page["data"].as_array().expect("a page") {
            assert!(seen.insert(job["id"].to_string()), "{job} twice");
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert!(seen.len() >= 30, "{} jobs", seen.len());
}

#[test]
fn bad_requests_are_refused_with_their_reason() {
    let mut world = world();
    a_refused_text(&mut world, SAM);
    world.settled_text(ALEX, "hello");
    let job = jobs(&mut world, "failed").remove(0);
    let id = job["id"].as_str().expect("an id").to_owned();
    let other = id.replace("que_0", "que_1");
    for (key, method, path, status, code) in [
        (CRM, "GET", "/v1/jobs".to_owned(), 403, "scope_missing"),
        (CRM, "POST", format!("/v1/jobs/{id}/retry"), 403, "scope_missing"),
        (AUDIT, "GET", "/v1/jobs".to_owned(), 400, "invalid_request"),
        (AUDIT, "GET", "/v1/jobs?hotline=VOTERS&state=lost".to_owned(), 400, "invalid_request"),
        (AUDIT, "GET", "/v1/jobs?hotline=VOTERS&after=x".to_owned(), 400, "invalid_request"),
        (AUDIT, "GET", "/v1/jobs?hotline=NOBODY".to_owned(), 403, "hotline_forbidden"),
        (AUDIT, "POST", format!("/v1/jobs/{other}/retry"), 404, "not_found"),
        (AUDIT, "POST", format!("/v1/jobs/{id}/drop?force=yes"), 400, "invalid_request"),
        (AUDIT, "POST", "/v1/jobs/que_1/drop".to_owned(), 404, "not_found"),
        (AUDIT, "DELETE", "/v1/jobs".to_owned(), 405, "method_not_allowed"),
    ] {
        let answer = world.program(key.1, method, &path, &Value::Null);
        assert_eq!((answer.status, &answer.body["code"]), (status, &json!(code)), "{method} {path}");
    }
    assert_eq!(jobs(&mut world, "failed").len(), 1);
}
