//! `jobs`, against the rules themselves: the Worker is the simulation's.

use emulator::faults::{Kind, Rule, Service};
use ringside_tests::world::stage::{AUDIT, CRM};
use serde_json::json;

use crate::hotline::{Rules, SAM};

/// A hotline at which Help Scout took one text in no form.
fn with_a_refused_text() -> Rules {
    let rules = Rules::start(|world| {
        world.settled_text(SAM, "first");
        let kind = Kind::Status { status: 400, headers: [].into(), body: json!({"message": "Bad request"}) };
        let path_contains = Some("/customer".to_owned());
        world.faults.add(Service::HelpScout, Rule { id: 0, kind, method: None, path_contains, times: Some(3) });
        world.text(SAM, "refused");
        world.run_for(90_000);
    });
    rules.key(AUDIT.1);
    rules
}

fn id(rules: &Rules) -> String {
    let ran = rules.json("jobs list --state failed");
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    let jobs = ran.json()["jobs"].as_array().unwrap().clone();
    assert_eq!((jobs.len(), &jobs[0]["person"], &jobs[0]["state"]), (1, &json!("+1555…0150"), &json!("failed")));
    assert!(!ran.stdout.contains(SAM));
    jobs[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn what_was_given_up_is_tried_again_and_twice_is_once() {
    let rules = with_a_refused_text();
    let id = id(&rules);
    for _ in 0..2 {
        let ran = rules.json(&format!("jobs retry {id}"));
        assert_eq!((ran.exit, ran.json()), (0, json!({"format": 1, "done": [id], "refused": []})));
    }
    for _ in 0..3 {
        rules.run("jobs list");
    }
    assert_eq!(rules.json("jobs list --state failed,quarantined").json()["jobs"], json!([]));
}

#[test]
fn what_a_person_said_is_dropped_only_by_force() {
    let rules = with_a_refused_text();
    let id = id(&rules);
    let ran = rules.json(&format!("jobs drop {id}"));
    assert_eq!((ran.exit, &ran.json()["refused"]), (1, &json!([{"id": id, "code": "not_delivered"}])));
    let all = "jobs drop --all --hotline VOTERS --force";
    assert_eq!(rules.json(all).error(), (3, "not_confirmed".to_owned()));
    assert_eq!(rules.json(&format!("{all} --confirm DRIVERS")).error(), (3, "not_confirmed".to_owned()));
    let ran = rules.json(&format!("{all} --confirm VOTERS"));
    assert_eq!((ran.exit, &ran.json()["done"]), (0, &json!([id])), "{}", ran.stderr);
}

#[test]
fn wrong_calls_and_keys_are_refused() {
    let rules = with_a_refused_text();
    for wrong in
        ["jobs retry", "jobs retry --all", "jobs list --state lost", "jobs list --limit 0", "jobs drop x --all"]
    {
        assert_eq!(rules.json(wrong).error(), (1, "usage".to_owned()), "{wrong}");
    }
    let ran = rules.json("jobs retry que_nothing");
    assert_eq!((ran.exit, &ran.json()["refused"][0]["code"]), (1, &json!("not_found")));
    rules.key(CRM.1);
    assert_eq!(rules.json("jobs list").error(), (4, "worker_key_refused".to_owned()));
}
