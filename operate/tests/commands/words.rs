//! What every command has in common.

use crate::deployment::Deployment;

#[test]
fn what_is_not_understood_is_refused_before_anybody_is_asked() {
    let hotline = Deployment::fresh();
    for wrong in [
        "hotline apply --sesame",
        "hotline",
        "numbers sesame",
        "numbers buy 5550100 --yes",
        "numbers search --country USA",
        "numbers search --limit 0",
        "numbers buy --max-price cheap",
        "numbers release",
        "numbers configure +15550100001",
    ] {
        let ran = hotline.json(wrong);
        assert_eq!(ran.error(), (1, "usage".to_owned()), "{wrong}: {}", ran.stderr);
    }
    assert_eq!(hotline.json("hotline apply --hotline NOBODY --yes").error(), (1, "hotline_unknown".to_owned()));
    assert_eq!(hotline.json("hotline apply --env nowhere --yes").error(), (1, "env_unknown".to_owned()));
    assert_eq!(hotline.emulator.with(|world| world.requests().count()), 0);
}

#[test]
fn help_is_no_error() {
    let hotline = Deployment::fresh();
    let ran = hotline.run("numbers buy --help");
    assert_eq!(ran.exit, 0);
    assert!(ran.stdout.contains("--max-price"), "{}", ran.stdout);
}

/// Beside a look-alike of Twilio the real hosts learn nothing.
#[test]
fn without_an_address_of_its_own_no_other_host_is_asked() {
    let hotline = Deployment::fresh();
    hotline.configure_without_hosts();
    let ran = hotline.json("numbers search --area 415 --limit 1");
    assert_eq!(ran.json()["numbers"][0]["price"], serde_json::Value::Null, "{}", ran.stderr);
}
