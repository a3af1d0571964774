//! `hotline apply`.

use std::collections::BTreeMap;

use emulator::faults::{Kind, Rule, Service, Unreadable};
use emulator::twilio::MessagingService;
use serde_json::{Value, json};

use crate::deployment::Deployment;

const SERVICE: &str = "MG00000000000000000000000000000001";
const OTHER_SERVICE: &str = "MG00000000000000000000000000000002";

/// The changes of a document: resource, field, status.
fn changes(document: &Value) -> Vec<(String, String, String)> {
    let text = |it: &Value, name: &str| it[name].as_str().unwrap_or_default().to_owned();
    let of = |it: &Value| (text(it, "resource"), text(it, "field"), text(it, "status"));
    document["changes"].as_array().unwrap().iter().map(of).collect()
}

fn rule(kind: Kind, method: &str, path: &str, times: u32) -> Rule {
    Rule { id: 0, kind, method: Some(method.into()), path_contains: Some(path.into()), times: Some(times) }
}

fn service(sid: &str, senders: &[&str]) -> MessagingService {
    MessagingService {
        sid: sid.into(),
        senders: senders.iter().map(|it| (*it).into()).collect(),
        ..MessagingService::default()
    }
}

#[test]
fn a_new_hotline_is_set_up_by_one_command_and_the_next_finds_nothing_to_do() {
    let hotline = Deployment::fresh();
    let ran = hotline.json("hotline apply --yes");
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    let document = ran.json();
    assert_eq!(document["summary"], json!({"planned": 2, "done": 2, "failed": 0}));
    let old = document["changes"].as_array().unwrap().iter().find(|it| it["field"] == "sms_url").unwrap();
    let url = hotline.public_url();
    assert_eq!(
        (&old["old"], &old["new"]),
        (&json!("https://old.example/sms"), &json!(format!("{url}/twilio/messages#rc=3&rp=5xx,ct,rt")))
    );
    let texts_go_to = hotline.emulator.with(|world| world.twilio.settings_mut().senders[0].webhook.clone());
    assert_eq!(texts_go_to, format!("{url}/twilio/messages#rc=3&rp=5xx,ct,rt"));
    assert_eq!(hotline.writes().len(), 2);

    let again = hotline.json("hotline apply --yes");
    assert_eq!(
        (again.exit, again.json()["changes"].clone(), again.json()["unchanged"].clone()),
        (0, json!([]), json!(2))
    );
    assert!(again.stderr.starts_with("Nothing to do."), "{}", again.stderr);
    assert_eq!(hotline.writes().len(), 2, "nothing different, no write");
    assert_eq!(hotline.emulator.with(|world| world.twilio.violations().to_vec()), vec![]);
}

#[test]
fn nothing_is_changed_before_somebody_agrees() {
    let hotline = Deployment::fresh();
    let ran = hotline.json("hotline apply");
    assert_eq!(ran.error(), (3, "not_confirmed".to_owned()));
    let dry = hotline.json("hotline apply --dry-run");
    assert_eq!(dry.exit, 0);
    assert!(changes(&dry.json()).iter().all(|(.., status)| status == "planned"), "{}", dry.stdout);
    assert_eq!(hotline.json("hotline apply --dry-run --detailed-exitcode").exit, 2);
    assert_eq!(hotline.writes(), Vec::<String>::new());
}

#[test]
fn one_request_changes_what_differs_and_nothing_else() {
    let hotline = Deployment::fresh();
    hotline.run("hotline apply --yes");
    hotline.emulator.with(|world| {
        let number = &mut world.twilio.settings_mut().senders[0];
        number.voice_url = "https://old.example/voice".into();
        number.kept.insert("sms_application_sid".into(), format!("AP{}", "0".repeat(32)));
    });
    let ran = hotline.json("hotline apply --yes");
    let fields: Vec<_> = changes(&ran.json()).into_iter().map(|(_, field, _)| field).collect();
    assert_eq!(fields, ["sms_application_sid", "voice_url"]);
    let body = hotline.emulator.with(|world| world.requests().rfind(|it| it.method == "POST").unwrap().body.clone());
    assert!(body.starts_with("SmsApplicationSid=&VoiceUrl="), "{body}");
}

#[test]
fn a_webhook_that_help_scout_switched_off_runs_again() {
    let hotline = Deployment::fresh();
    hotline.run("hotline apply --yes");
    hotline.emulator.with(|world| world.helpscout.disable_webhooks());
    let ran = hotline.json("hotline apply --yes");
    let change = &ran.json()["changes"][0];
    assert_eq!(
        (change["action"].as_str(), change["field"].as_str(), change["old"].as_str()),
        (Some("enable"), Some("state"), Some("disabled"))
    );
    assert_eq!(hotline.json("hotline apply --dry-run").json()["changes"], json!([]));
}

#[test]
fn a_secret_is_sent_again_when_asked_and_never_shown() {
    let hotline = Deployment::fresh();
    hotline.run("hotline apply --yes");
    let ran = hotline.json("hotline apply --yes --set-webhook-secret");
    let change = &ran.json()["changes"][0];
    assert_eq!(
        (change["field"].as_str(), change["old"].as_str(), change["new"].as_str()),
        (Some("secret"), Some("(secret)"), Some("(secret)"))
    );
}

#[test]
fn a_messaging_service_takes_the_texts_and_the_number_is_put_into_it() {
    let hotline = Deployment::fresh();
    hotline.configure(&format!("messaging_service = \"{SERVICE}\""));
    hotline.emulator.with(|world| world.twilio.settings_mut().services.push(service(SERVICE, &[])));
    let ran = hotline.json("hotline apply --yes");
    assert_eq!(ran.exit, 0, "{}", ran.stdout);
    let resources: Vec<_> = changes(&ran.json()).into_iter().map(|(resource, ..)| resource).collect();
    for wanted in ["helpscout_webhook", "twilio_messaging_service", "twilio_messaging_service_number", "twilio_number"]
    {
        assert!(resources.iter().any(|it| it == wanted), "{wanted}: {resources:?}");
    }
    let held = hotline.emulator.with(|world| world.twilio.settings_mut().services[0].clone());
    assert_eq!(held.senders, ["+15550100001"]);
    assert!(held.inbound_request_url.starts_with(hotline.public_url()));
    assert_eq!(hotline.json("hotline apply --dry-run").json()["changes"], json!([]));
    assert_eq!(hotline.emulator.with(|world| world.twilio.violations().to_vec()), vec![]);
}

#[test]
fn a_number_in_somebody_elses_service_is_left_to_the_person() {
    let hotline = Deployment::fresh();
    hotline.emulator.with(|world| world.twilio.settings_mut().services.push(service(OTHER_SERVICE, &["+15550100001"])));
    let ran = hotline.json("hotline apply --yes");
    let document = ran.json();
    let left: Vec<_> = document["left"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(left, ["sidebar_app", "geo_permissions", "a2p", "fallback_bin", "service_takes_texts"]);
    let held = hotline.emulator.with(|world| world.twilio.settings_mut().services[0].clone());
    assert_eq!(held.senders, ["+15550100001"], "it deletes nothing");
}

#[test]
fn a_whatsapp_sender_announces_its_texts_here() {
    let hotline = Deployment::fresh();
    hotline.configure("whatsapp = \"+15550100001\"");
    let ran = hotline.json("hotline apply --yes");
    assert_eq!(ran.exit, 0, "{}", ran.stdout);
    let goes_to = hotline.emulator.with(|world| world.twilio.settings_mut().senders[1].webhook.clone());
    assert!(goes_to.starts_with(hotline.public_url()), "{goes_to}");
    assert_eq!(hotline.json("hotline apply --dry-run").json()["changes"], json!([]));
}

#[test]
fn given_fallbacks_are_posted_to_and_none_is_left_to_be_made() {
    let hotline = Deployment::fresh();
    hotline.configure(
        "fallback = { text = \"https://handler.twilio.com/twiml/EH1\", voice = \"https://handler.twilio.com/twiml/EH2\" }",
    );
    let document = hotline.json("hotline apply --yes").json();
    assert!(!document["left"].as_array().unwrap().iter().any(|it| it["code"] == "fallback_bin"));
    let number = hotline.emulator.with(|world| world.twilio.settings_mut().senders[0].clone());
    assert_eq!(number.fallback, "https://handler.twilio.com/twiml/EH1");
    assert!(!number.kept.values().any(|method| method == "GET"), "{:?}", number.kept);
}

/// Whatever happens to a request, the next run finds what is still different, and nothing is made twice.
#[test]
fn one_that_fails_is_told_and_the_others_go_on() {
    let lost = Kind::LostAnswer;
    let gateway = Kind::DoneStatus { status: 504 };
    let refused = Kind::Status { status: 400, headers: BTreeMap::new(), body: json!({"code": 21502, "message": "no"}) };
    let number = ("POST", "/IncomingPhoneNumbers/");
    let webhook = ("POST", "/v2/webhooks");
    let cases = [
        (Service::Twilio, lost.clone(), number, 0, 0),
        (Service::Twilio, gateway.clone(), number, 0, 0),
        (Service::Twilio, refused, number, 1, 1),
        (Service::Twilio, Kind::Down { refuse: true }, number, 1, 1),
        (Service::HelpScout, lost, webhook, 0, 0),
        (Service::HelpScout, gateway, webhook, 0, 0),
        (Service::HelpScout, Kind::Down { refuse: false }, webhook, 1, 1),
    ];
    for (service, kind, (method, path), exit, failed) in cases {
        let hotline = Deployment::fresh();
        hotline.emulator.with(|world| world.faults.add(service, rule(kind.clone(), method, path, 1)));
        let ran = hotline.json("hotline apply --yes");
        assert_eq!(
            (ran.exit, ran.json()["summary"]["failed"].as_u64()),
            (exit, Some(failed)),
            "{kind:?}: {}",
            ran.stdout
        );
        let said = |what: &str| ran.stderr.lines().filter(|line| line.starts_with(what)).count();
        assert_eq!(
            (said("failed: "), said("done: ")),
            (exit.unsigned_abs() as usize, 2 - exit.unsigned_abs() as usize),
            "{kind:?}"
        );
        let again = hotline.json("hotline apply --yes");
        assert_eq!(
            (again.exit, again.json()["summary"]["planned"].as_u64()),
            (0, Some(failed)),
            "{kind:?}: {}",
            again.stdout
        );
        assert_eq!(hotline.emulator.with(|world| world.helpscout.webhook_count()), 1, "{kind:?}");
    }
}

#[test]
fn what_cannot_be_read_whole_is_an_error_and_never_nothing_there() {
    let unreadable = || Kind::Unreadable { body: Unreadable::default() };
    let status = |status| Kind::Status { status, headers: BTreeMap::new(), body: Value::Null };
    let cases = [
        (Service::Twilio, unreadable(), "/IncomingPhoneNumbers.json", (1, "twilio_unreadable")),
        (Service::Twilio, status(401), "/IncomingPhoneNumbers.json", (4, "twilio_token_refused")),
        (Service::Twilio, Kind::Down { refuse: true }, "/IncomingPhoneNumbers.json", (1, "twilio_unreachable")),
        (Service::HelpScout, unreadable(), "/webhooks", (1, "helpscout_unreadable")),
        (Service::HelpScout, status(403), "/webhooks", (4, "helpscout_app_refused")),
        (Service::HelpScout, status(500), "/webhooks", (1, "helpscout_refused")),
    ];
    for (service, kind, path, (exit, code)) in cases {
        let hotline = Deployment::fresh();
        hotline.emulator.with(|world| world.faults.add(service, rule(kind.clone(), "GET", path, 9)));
        assert_eq!(hotline.json("hotline apply --yes").error(), (exit, code.to_owned()), "{kind:?}");
        assert_eq!(hotline.writes(), Vec::<String>::new(), "{kind:?}");
    }
}

#[test]
fn who_presses_ctrl_c_sees_the_request_under_way_to_its_end_and_may_go_on_later() {
    let hotline = Deployment::fresh();
    let slow = rule(Kind::Slow { ms: 1_000 }, "POST", "/v2/webhooks", 1);
    hotline.emulator.with(|world| world.faults.add(Service::HelpScout, slow));
    let ran = hotline.interrupted("hotline apply --yes");
    assert_eq!(ran.exit, 130, "{}", ran.stderr);
    let of = |wanted: &str| {
        changes(&ran.json()).into_iter().filter(|(.., status)| status == wanted).map(|(it, ..)| it).next()
    };
    assert_eq!(of("done").as_deref(), Some("helpscout_webhook"));
    assert_eq!(of("skipped").as_deref(), Some("twilio_number"));
    assert_eq!(hotline.json("hotline apply --yes").json()["summary"], json!({"planned": 1, "done": 1, "failed": 0}));
}

#[test]
fn a_busy_service_is_asked_again() {
    let hotline = Deployment::fresh();
    let headers = [("retry-after".to_owned(), "0".to_owned())].into();
    let busy = Kind::Status { status: 429, headers, body: Value::Null };
    hotline.emulator.with(|world| world.faults.add(Service::Twilio, rule(busy, "POST", "/IncomingPhoneNumbers/", 2)));
    assert_eq!(hotline.json("hotline apply --yes").exit, 0);
}

#[test]
fn no_number_is_pointed_at_an_address_that_is_not_this_worker() {
    let hotline = Deployment::fresh();
    hotline.secret("SESSION_SECRET", "another_session_secret_of_32_bytes_and_more");
    assert_eq!(hotline.json("hotline apply --yes").error(), (1, "public_url_other".to_owned()));
    assert_eq!(hotline.writes(), Vec::<String>::new());
    assert_eq!(hotline.json("hotline apply --yes --force").exit, 0);
}

#[test]
fn wrong_credentials_a_foreign_number_and_a_slip_change_nothing() {
    type Plant = fn(&Deployment);
    let cases: [(&str, Plant, (i32, &str)); 5] = [
        ("token", |it| it.secret("TWILIO_AUTH_TOKEN", "wrong"), (4, "twilio_token_refused")),
        ("app", |it| it.secret("HELPSCOUT_APP_SECRET", "wrong"), (4, "helpscout_app_refused")),
        ("no token", |it| it.secret("TWILIO_AUTH_TOKEN", ""), (1, "secret_missing")),
        ("foreign number", |it| it.configure("blocked = []\nwhatsapp = \"+15550100009\""), (1, "sender_not_ours")),
        ("slip", |it| it.configure("sesame = 1"), (1, "config_invalid")),
    ];
    for (name, plant, (exit, code)) in cases {
        let hotline = Deployment::fresh();
        plant(&hotline);
        assert_eq!(hotline.json("hotline apply --yes").error(), (exit, code.to_owned()), "{name}");
        assert_eq!(hotline.writes(), Vec::<String>::new(), "{name}");
    }
}

/// What `left` says must be done by hand, by code.
fn left(document: &Value) -> Vec<String> {
    let all = document["left"].as_array().unwrap().iter();
    all.map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_registered_and_allowed_is_not_left_to_do() {
    let hotline = Deployment::sound();
    assert_eq!(left(&hotline.json("hotline apply").json()), ["sidebar_app"]);
    hotline.emulator.with(|world| {
        let twilio = world.twilio.settings_mut();
        twilio.services[0].campaign = None;
        twilio.toll_free_verifications.clear();
        twilio.countries_not_called.push("US".into());
    });
    let document = hotline.json("hotline apply").json();
    assert_eq!(left(&document), ["sidebar_app", "geo_permissions", "a2p", "toll_free_verification"]);
    let values = |at: usize, name: &str| document["left"][at]["values"][name].clone();
    assert_eq!(
        (values(1, "Countries"), values(2, "Numbers"), values(3, "Numbers")),
        (json!("US"), json!("+15550100001"), json!("+18005550100"))
    );
}
