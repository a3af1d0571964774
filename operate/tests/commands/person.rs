//! `person`, against the rules themselves: the Worker is the simulation's.

use std::fs;

use emulator::faults::{Kind, Service};
use serde_json::{Value, json};

use crate::hotline::{Rules, SAM};

#[test]
fn all_that_is_kept_of_somebody_is_written_with_its_files_and_without_a_link() {
    let rules = Rules::start(|world| {
        world.text_to(SAM, "+15550100001", "where do I vote?", &["image/png"]);
        world.settle(1);
    });
    let ran =
        rules.json(&format!("person export {SAM} --out {} --media {}", rules.file("sam.json"), rules.file("files")));
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    let written: Value = serde_json::from_str(&fs::read_to_string(rules.file("sam.json")).unwrap()).unwrap();
    assert_eq!(written, ran.json());
    assert_eq!(
        (&written["format"], &written["number"], &written["opt_out_hashes"]),
        (&json!(1), &json!(SAM), &json!(0))
    );
    let hotline = &written["hotlines"][0];
    assert_eq!(
        (&hotline["hotline"], hotline["helpscout"]["conversations"].as_array().unwrap().len()),
        (&json!("VOTERS"), 1)
    );
    let entry = &hotline["entries"][0];
    assert_eq!((&entry["text"], &entry["direction"]), (&json!("where do I vote?"), &json!("in")));
    assert_eq!(entry["sid"], entry["id"]);
    let file = entry["media"][0]["file"].as_str().unwrap();
    assert!(!fs::read(format!("{}/{file}", rules.file("files"))).unwrap().is_empty());
    assert!(!ran.stdout.contains("/media/"), "a signed link opens a file to whoever reads it");
}

#[test]
fn nothing_known_is_no_error() {
    let rules = Rules::start(|_| {});
    let ran = rules.json(&format!("person export {SAM}"));
    assert_eq!((ran.exit, ran.json()["hotlines"].clone()), (0, json!([])));
    let ran = rules.json(&format!("person erase {SAM} --confirm {SAM}"));
    assert_eq!((ran.exit, ran.json()["hotlines"].clone()), (0, json!([])));
}

#[test]
fn somebody_is_erased_once_they_are_typed_anew_and_twice_is_once() {
    let rules = Rules::start(|world| {
        world.text(SAM, "where do I vote?");
        world.settle(1);
    });
    for confirm in ["", " --yes", " --confirm +15550100199"] {
        let ran = rules.run(&format!("person erase {SAM}{confirm} --json"));
        assert_eq!(ran.exit, 3, "{confirm}: {}", ran.stderr);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(SAM), "{confirm}: {}", ran.stderr);
    }
    let ran = rules.json(&format!("person erase {SAM} --confirm {SAM} --wait 20"));
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    let removed = json!({"texts": 2, "media": 0, "recordings": 0});
    let hotline = json!({"hotline": "VOTERS", "status": "done", "waiting_for": null, "removed": removed});
    assert_eq!(ran.json(), json!({"format": 1, "number": "+1555…0150", "hotlines": [hotline]}));
    let again = rules.json(&format!("person erase {SAM} --confirm {SAM}"));
    assert_eq!((again.exit, again.json()["hotlines"].clone()), (0, json!([])));
}

#[test]
fn what_is_not_over_in_time_goes_on_and_says_for_whom_it_waits() {
    let rules = Rules::start(|world| {
        world.text(SAM, "where do I vote?");
        world.settle(1);
        world.faults.switch_on(Service::Twilio, Kind::Down { refuse: true });
    });
    let ran = rules.json(&format!("person erase {SAM} --confirm {SAM} --wait 1"));
    assert_eq!(ran.exit, 6, "{}", ran.stderr);
    assert_eq!(ran.json()["hotlines"][0]["waiting_for"], "twilio");
    // Asked again, the same erasure is waited for.
    let ran = rules.json(&format!("person erase {SAM} --confirm {SAM} --wait 1"));
    assert_eq!((ran.exit, ran.json()["hotlines"][0]["status"].clone()), (6, json!("waiting")));
}

#[test]
fn a_wrong_key_is_told_apart_from_a_wrong_call() {
    let rules = Rules::start(|_| {});
    rules.key("rk_crm_00000000000000000000000000000000");
    assert_eq!(rules.json(&format!("person export {SAM}")).error(), (4, "worker_key_refused".to_owned()));
    rules.key("");
    assert_eq!(rules.json(&format!("person export {SAM}")).error(), (1, "secret_missing".to_owned()));
    assert_eq!(rules.json("person export 5550100150").error(), (1, "usage".to_owned()));
    assert_eq!(rules.json(&format!("person erase {SAM} --helpscout burn")).error(), (1, "usage".to_owned()));
    assert_eq!(rules.json(&format!("person erase {SAM} --hotline NOBODY")).error().1, "secret_missing");
}
