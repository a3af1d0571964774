//! `doctor`.

mod findings;
mod planted;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use emulator::faults::{Kind, Rule, Service};
use serde_json::{Value, json};

use crate::deployment::{Deployment, NUMBER, TOLL_FREE};
use planted::{codes, rule};

/// The time limit of the whole.
const LIMIT: Duration = Duration::from_secs(30);

#[test]
fn a_sound_hotline_is_ready_and_looking_changes_nothing() {
    let hotline = Deployment::sound();
    let writes = hotline.writes();
    let ran = hotline.json("doctor");
    let document = ran.json();
    assert_eq!((&document["findings"], &document["skipped"]), (&json!([]), &json!([])), "{}", ran.stderr);
    assert_eq!((ran.exit, &document["status"], &document["format"]), (0, &json!("ok"), &json!(1)));
    assert!(document["checked"].as_u64().unwrap() > 70 && document["took_ms"].is_u64(), "{document}");
    assert!(hotline.run("doctor").stdout.contains("Your hotline is ready."));
    assert_eq!(hotline.writes(), writes);
    assert_eq!(hotline.worker.touched(), [""; 0]);
    assert_eq!(hotline.emulator.with(|world| world.twilio.violations().to_vec()), vec![]);
}

#[test]
fn a_finding_says_where_what_and_what_to_do() {
    let hotline = Deployment::sound();
    hotline.emulator.with(|world| world.twilio.settings_mut().senders[0].webhook = "https://old.example/sms".into());
    let ran = hotline.json("doctor");
    let wanted = format!("{}/twilio/messages#rc=3&rp=5xx,ct,rt", hotline.public_url());
    let expected = json!({
        "code": "number_text_url", "severity": "error", "hotline": "VOTERS", "resource": "twilio_number", "name": NUMBER,
        "field": "sms_url", "found": "https://old.example/sms", "wanted": wanted, "why": "Texts go somewhere else, or nowhere",
        "repair": {"text": "Let the set-up correct it", "command": "cargo xtask hotline apply", "page": null},
    });
    assert_eq!(ran.json()["findings"], json!([expected]));
    assert_eq!((ran.exit, &ran.json()["status"]), (1, &json!("errors")));
    let address = "https://anna:sesame@old.example/sms?a=b@c";
    hotline.emulator.with(|world| world.twilio.settings_mut().senders[0].webhook = address.into());
    let found = hotline.json("doctor").json()["findings"][0]["found"].clone();
    assert_eq!(found, json!("https://…@old.example/sms?a=b@c"), "a password in an address is nobody's business");
    hotline.emulator.with(|world| world.twilio.settings_mut().senders[0].webhook = "https://old.example/sms".into());
    let words = hotline.run("doctor").stdout;
    for said in ["number_text_url", "VOTERS", "https://old.example/sms", &wanted, "cargo xtask hotline apply"] {
        assert!(words.contains(said), "{said}: {words}");
    }
    // The repair repairs.
    assert_eq!(hotline.run("hotline apply --yes").exit, 0);
    assert_eq!(hotline.json("doctor").json()["findings"], json!([]));
}

#[test]
fn errors_stand_first_and_flags_choose_what_is_looked_at() {
    let hotline = Deployment::sound();
    hotline.emulator.with(|world| {
        let twilio = world.twilio.settings_mut();
        twilio.account.kind = "Trial".into();
        twilio.senders[0].voice_url = "https://old.example/voice".into();
    });
    let run = |words: &str| {
        let ran = hotline.json(words);
        (ran.exit, codes(&ran.json()), ran.json()["status"].clone())
    };
    let both = vec!["number_voice_url".to_owned(), "twilio_trial".to_owned()];
    assert_eq!(run("doctor"), (1, both, json!("errors")));
    let trial = vec!["twilio_trial".to_owned()];
    assert_eq!(run("doctor --skip number_voice_url"), (0, trial.clone(), json!("warnings")));
    assert_eq!(run("doctor --skip number_voice_url --strict"), (1, trial.clone(), json!("warnings")));
    assert_eq!(run("doctor --only twilio_trial,number_fax"), (0, trial, json!("warnings")));
    assert_eq!(run("doctor --only config_invalid --only secret_missing"), (0, vec![], json!("ok")));
    let before = hotline.emulator.with(|world| world.requests().count());
    run("doctor --only config_invalid,secret_missing");
    assert_eq!(
        hotline.emulator.with(|world| world.requests().count()),
        before,
        "nobody is asked for what nobody wants"
    );
}

#[test]
fn what_is_not_understood_is_refused_before_anybody_is_asked() {
    let hotline = Deployment::sound();
    let before = hotline.emulator.with(|world| world.requests().count());
    for (wrong, code) in [
        ("doctor --only sesame", "usage"),
        ("doctor --skip number_fax,sesame", "usage"),
        ("doctor --sesame", "usage"),
        ("doctor --hotline NOBODY", "hotline_unknown"),
        ("doctor --env nowhere", "env_unknown"),
        ("doctor --dns http://dns.example.org/query", "config_invalid"),
    ] {
        assert_eq!(hotline.json(wrong).error(), (1, code.to_owned()), "{wrong}");
    }
    assert_eq!(hotline.emulator.with(|world| world.requests().count()), before);
}

#[test]
fn credentials_of_a_look_alike_never_reach_a_host_that_is_not_named() {
    let hotline = Deployment::sound();
    hotline.edit(|config| {
        let vars = config["vars"].as_table_mut().unwrap();
        for host in ["MESSAGING", "VOICE", "ROUTES", "MONITOR"] {
            vars.remove(&format!("TWILIO_{host}_URL"));
        }
    });
    let document = hotline.json("doctor").json();
    assert_eq!(document["findings"], json!([]));
    let skipped: BTreeMap<&str, &str> = document["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["code"].as_str().unwrap(), it["reason"].as_str().unwrap()))
        .collect();
    for (code, host) in [
        ("service_unknown", "TWILIO_MESSAGING_URL"),
        ("service_takes_texts", "TWILIO_MESSAGING_URL"),
        ("a2p_unregistered", "TWILIO_MESSAGING_URL"),
        ("whatsapp_unknown", "TWILIO_MESSAGING_URL"),
        ("tollfree_unverified", "TWILIO_MESSAGING_URL"),
        ("geo_voice_off", "TWILIO_VOICE_URL"),
        ("number_region", "TWILIO_ROUTES_URL"),
        ("webhook_errors", "TWILIO_MONITOR_URL"),
    ] {
        assert!(skipped.get(code).is_some_and(|reason| reason.contains(host)), "{code}: {skipped:?}");
    }
}

#[test]
fn hosts_that_never_answer_end_within_the_limit() {
    let hotline = Deployment::sound();
    for service in Service::ALL {
        let kind = Kind::Hold { ms: 60_000 };
        hotline.emulator.with(|world| {
            world.faults.add(service, Rule { id: 0, kind, method: None, path_contains: None, times: None })
        });
    }
    let begun = Instant::now();
    let document = hotline.json("doctor").json();
    assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
    assert_eq!(codes(&document), ["twilio_unreachable", "helpscout_unreachable"]);
}

#[test]
fn hosts_that_are_slow_end_within_the_limit_too() {
    let hotline = Deployment::sound();
    let slow = Rule { id: 0, kind: Kind::Slow { ms: 8_000 }, method: None, path_contains: None, times: None };
    hotline.emulator.with(|world| world.faults.add(Service::Twilio, slow));
    let begun = Instant::now();
    let document = hotline.json("doctor").json();
    assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
    assert_eq!(codes(&document), [""; 0], "what could not be read is no finding: {document}");
    let skipped = document["skipped"].as_array().unwrap().iter().any(|it| it["code"] == "a2p_unregistered");
    assert!(skipped, "{document}");
}

#[test]
fn a_refused_key_is_found_and_the_token_still_opens_the_rest() {
    let hotline = Deployment::sound();
    hotline.secret("TWILIO_API_KEY_SID", &format!("SK{}", "0".repeat(32)));
    hotline.secret("TWILIO_API_KEY_SECRET", "of_another_account");
    hotline.emulator.with(|world| world.twilio.settings_mut().senders[0].voice_url.clear());
    assert_eq!(codes(&hotline.json("doctor").json()), ["twilio_api_key_refused", "number_voice_url"]);
}

#[test]
fn a_refused_token_beside_a_good_key_is_found_since_it_proves_webhooks() {
    let hotline = Deployment::sound();
    let sid = format!("SK{}", "0".repeat(32));
    hotline.secret("TWILIO_API_KEY_SID", &sid);
    hotline.secret("TWILIO_API_KEY_SECRET", "good");
    hotline.emulator.with(|world| {
        let twilio = world.twilio.settings_mut();
        twilio.api_keys.push((sid, "good".into()));
        twilio.auth_token = "another".into();
        twilio.senders[0].voice_url.clear();
    });
    assert_eq!(codes(&hotline.json("doctor").json()), ["twilio_token_refused", "number_voice_url"]);
}

#[test]
fn one_of_several_hotlines_can_be_looked_at_alone() {
    let hotline = Deployment::sound();
    planted::second_hotline(&hotline);
    assert_eq!(hotline.json("doctor").json()["findings"], json!([]));
    hotline.emulator.with(|world| {
        let twilio = world.twilio.settings_mut();
        twilio.senders.iter_mut().for_each(|sender| sender.webhook = "https://old.example/sms".into());
    });
    let found = |words: &str| {
        let document = hotline.json(words).json();
        document["findings"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(found("doctor --hotline OFFICE"), [json!("whatsapp:+15550100002")]);
    assert_eq!(
        found("doctor --hotline HOTLINE_VOTERS"),
        [json!(NUMBER), json!(TOLL_FREE), json!("whatsapp:+15550100001")]
    );
}

#[test]
fn an_environment_is_looked_at_alone_and_repairs_name_it() {
    let hotline = Deployment::sound();
    hotline.edit(|config| {
        let mut staging = toml::Table::new();
        for key in ["vars", "durable_objects", "secrets"] {
            staging.insert(key.into(), config[key].clone());
        }
        staging.insert("name".into(), "ringside-staging".into());
        config.insert("env".into(), toml::Table::from_iter([("staging".to_owned(), staging.into())]).into());
        // What is wrong elsewhere is no fault of this one.
        config["vars"].as_table_mut().unwrap().remove("PUBLIC_URL");
    });
    assert_eq!(hotline.json("doctor --env staging").json()["findings"], json!([]));
    hotline.edit(|config| {
        let vars = config["env"]["staging"]["vars"].as_table_mut().unwrap();
        vars.insert("TWILIO_AUTH_TOKEN_NEXT".into(), "open".into());
        vars["HOTLINE_VOTERS"].as_table_mut().unwrap().insert("sesame".into(), 1.into());
    });
    let document = hotline.json("doctor --env staging --only secret_in_vars,config_invalid").json();
    let found = |at: usize, name: &str| document["findings"][at][name].clone();
    assert_eq!((found(0, "field"), found(0, "hotline")), (json!("env.staging.HOTLINE_VOTERS.sesame"), json!("VOTERS")));
    let command = document["findings"][1]["repair"]["command"].clone();
    assert_eq!(command, json!("npx wrangler secret put TWILIO_AUTH_TOKEN_NEXT --env staging"));
}

#[test]
fn a_list_that_cannot_be_read_is_no_empty_list() {
    let hotline = Deployment::sound();
    let odd = rule(200, "/Services", json!({"unexpected": true}));
    hotline.emulator.with(|world| world.faults.add(Service::Twilio, odd));
    let odd = rule(200, "/webhooks", json!("not JSON"));
    hotline.emulator.with(|world| world.faults.add(Service::HelpScout, odd));
    let document = hotline.json("doctor").json();
    assert_eq!(codes(&document), [""; 0]);
    let skipped: Vec<_> =
        document["skipped"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    for code in ["service_unknown", "service_lacks_number", "a2p_unregistered", "webhook_missing"] {
        assert!(skipped.contains(&code), "{code}: {skipped:?}");
    }
}
