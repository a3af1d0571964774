//! A wrong configuration as it looks from outside: what is stopped, what runs on, and where it is said.

use emulator::faults::Service;
use ringside_tests::runtime::{GREETING, HttpRequest, INBOX, Stand, text_params};
use serde_json::{Value, json};

use crate::{BOB, SAM};

const API_KEY: &str = "an_api_key_of_32_bytes_0123456789";
const OTHER_NUMBER: &str = "+15550100003";
const OTHER_INBOX: u64 = INBOX + 7;

async fn health(stand: &Stand) -> (u16, String) {
    let answer = stand.fetch(&HttpRequest::plain("GET", "/healthz")).await;
    (answer.status, answer.text())
}

#[tokio::test]
async fn a_wrong_configuration_is_named_and_the_worker_is_alive() {
    type Change = fn(&mut Value);
    let wrong: [(&str, Change); 4] = [
        ("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", |vars| vars["HELPSCOUT_CUSTOMER_EMAIL_DOMAIN"] = json!("")),
        ("TWILIO_AUTH_TOKEN", |vars| vars["TWILIO_AUTH_TOKEN"] = json!("")),
        ("TWILIO_AUTH_TOKEN", |vars| vars["TWILIO_AUTH_TOKEN"] = json!("0123456789abcdef\u{200b}0123456789abcdef")),
        ("TWILIO_ACCOUNT_SID", |vars| vars["TWILIO_ACCOUNT_SID"] = json!("0123456789abcdef0123456789abcdef")),
    ];
    for (field, change) in wrong {
        let stand = Stand::start(change).await;
        let (status, words) = health(&stand).await;
        assert!(status == 503 && words.contains(field) && !words.contains("0123456789"), "{words}");
        for request in [
            stand.twilio("/twilio/messages", &text_params("SM1", SAM, "Hello")),
            stand.helpscout("convo.created", "{}"),
        ] {
            let answer = stand.fetch(&request).await;
            assert_eq!((answer.status, answer.code().as_str()), (500, "configuration"), "{field}");
            assert!(answer.text().contains(&format!("\"message\":\"{field}")), "{}", answer.text());
        }
        assert!(stand.requests(Service::HelpScout, "").is_empty() && stand.requests(Service::Twilio, "").is_empty());
    }
}

#[tokio::test]
async fn one_hotlines_slip_stops_that_hotline_alone() {
    for (slip, inbox) in [
        (json!({"name": "Others", "mailbox": OTHER_INBOX, "numbers": [OTHER_NUMBER], "greting": "Hi"}), OTHER_INBOX),
        // A secret, as `wrangler secret put` hands it over, cut off.
        (json!("{\"name\":\"Others\",\"mailbox\":"), 0),
    ] {
        let stand = Stand::start(|vars| {
            vars["API_KEYS"] = json!(API_KEY);
            vars["HOTLINE_OTHERS"] = slip.clone();
        })
        .await;
        let (status, words) = health(&stand).await;
        assert!(status == 503 && words.contains("HOTLINE_OTHERS"), "{words}");
        stand.first_contact(BOB, "The voters' hotline runs").await;
        stand.until_received(BOB, &[GREETING]).await;

        let mut text = text_params("SM77", SAM, "Is anybody there?");
        text[3] = ("To", OTHER_NUMBER);
        assert_eq!(stand.fetch(&stand.twilio("/twilio/messages", &text)).await.status, 503, "{slip}");
        let call = [("CallSid", "CA77"), ("From", SAM), ("To", OTHER_NUMBER), ("CallStatus", "ringing")];
        let words = stand.fetch(&stand.twilio("/twilio/calls", &call)).await;
        assert!(words.status == 200 && words.text().contains("cannot be connected"), "{}", words.text());

        let request = HttpRequest::plain("GET", "/v1/health").with("authorization", &format!("Bearer {API_KEY}"));
        let health: Value = serde_json::from_slice(&stand.fetch(&request).await.body).expect("JSON");
        let hotlines = health["hotlines"].as_array().into_iter().flatten();
        let mut of_inbox = hotlines.filter(|hotline| hotline["mailbox"] == inbox);
        // What belongs to no hotline stands beside them.
        let counts = of_inbox.next().map_or_else(|| health["counts"].to_string(), |it| it["counts"].to_string());
        assert!(counts.contains("\"text to ") && counts.contains("\"call to "), "{health}");
        let log = stand.worker.log();
        assert!(log.contains("configuration.wrong") && log.contains("HOTLINE_OTHERS"), "{log}");
    }
}

#[tokio::test]
async fn what_a_paste_puts_around_a_secret_is_no_part_of_it() {
    let stand = Stand::start(|vars| {
        for name in ["TWILIO_AUTH_TOKEN", "HELPSCOUT_APP_SECRET", "HELPSCOUT_WEBHOOK_SECRET"] {
            vars[name] = json!(format!("\u{feff}{}\r\n", vars[name].as_str().expect("text")));
        }
    })
    .await;
    assert_eq!(health(&stand).await.0, 200);
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.reply(talk, "Hi");
    stand.until_received(SAM, &[GREETING, "Hi"]).await;
}
