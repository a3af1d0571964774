//! `import-bling`.

use std::fs;

use serde_json::json;

use crate::deployment::Deployment;

/// A file with Bling's variables.
fn bling(hotline: &Deployment, lines: &str) -> String {
    let file = hotline.folder.join("bling.env");
    fs::write(&file, lines).unwrap();
    file.display().to_string()
}

const TWO_INBOXES: &str = "BLING_MAILBOXES='twilio:(555) 010-0002:4004, twilio:+15550100003:4004, twilio:+15550100004:5005, \
                           mobilecommons:77:6006'\nTWILIO_AUTH_TOKEN=dev_twilio_auth_token\n";

#[test]
fn the_mailboxes_of_a_bling_become_hotlines() {
    let hotline = Deployment::fresh();
    let file = bling(&hotline, &format!("{TWO_INBOXES}BLACKHOLE_DOMAIN=sms.example.org\n"));
    let before = hotline.config_text();
    let ran = hotline.json(&format!("import-bling --from {file}"));
    let table = |mailbox: u64, numbers: &[&str]| json!({"name": format!("Inbox {mailbox}"), "mailbox": mailbox, "numbers": numbers});
    let read = ran.json();
    assert_eq!(
        read["vars"],
        json!({"HELPSCOUT_CUSTOMER_EMAIL_DOMAIN": "sms.example.org", "HOTLINE_4004": table(4004, &["+15550100002", "+15550100003"]),
               "HOTLINE_5005": table(5005, &["+15550100004"])})
    );
    assert_eq!(read["secrets"]["HELPSCOUT_APP_ID"], "HELPSCOUT_API_CLIENT_ID");
    assert_eq!((&read["skipped"][0]["entry"], read["skipped"].as_array().unwrap().len()), (&json!(4), 1));
    assert_eq!(hotline.config_text(), before, "nothing is written without --write");

    let ran = hotline.json(&format!("import-bling --from {file} --write"));
    assert_eq!(ran.json()["written"], json!(["HOTLINE_4004", "HOTLINE_5005"]), "{}", ran.stdout);
    assert!(hotline.config_text().starts_with(&before[..before.len() / 2]), "what stood there stays");
    assert_eq!(hotline.run("numbers list").exit, 0, "the tables can be read");
    let again = hotline.json(&format!("import-bling --from {file} --write"));
    assert_eq!((again.exit, again.json()["written"].clone()), (0, json!([])));
}

#[test]
fn a_variable_that_is_there_is_never_changed() {
    let hotline = Deployment::fresh();
    let file = bling(&hotline, &format!("{TWO_INBOXES}BLACKHOLE_DOMAIN=other.example.org\n"));
    let before = hotline.config_text();
    let ran = hotline.json(&format!("import-bling --from {file} --write"));
    assert_eq!(ran.error(), (1, "variable_exists".to_owned()));
    assert_eq!(ran.json()["error"]["field"], "HELPSCOUT_CUSTOMER_EMAIL_DOMAIN");
    assert_eq!(hotline.config_text(), before);
}

#[test]
fn settings_that_bling_would_not_start_with_are_refused_with_every_fault() {
    let hotline = Deployment::fresh();
    let file = bling(&hotline, "BLING_MAILBOXES='twilio:+15550100002,twilio:+15550100003:inbox'\n");
    let ran = hotline.json(&format!("import-bling --from {file}"));
    assert_eq!(ran.error(), (1, "bling_mailboxes_malformed".to_owned()));
    let message = ran.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("entry 1") && message.contains("entry 2"), "{message}");
    assert_eq!(hotline.json("import-bling").error(), (1, "bling_mailboxes_missing".to_owned()));
    assert_eq!(hotline.json("import-bling --from nowhere.env").error(), (1, "bling_unreadable".to_owned()));
}
