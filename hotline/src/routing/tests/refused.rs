//! One hotline's slip stops that hotline alone; whoever turns to it is neither lost nor left in silence.

use super::*;
use crate::config::Hotline;

const VOTERS: &str = r#"{"name":"Voters","mailbox":3003,"numbers":["+15550100001"]}"#;

/// The voters' hotline is good; the others' is what a test makes of it.
fn config(others: &str) -> Config {
    let text = |name: &str, value: &str| (name.to_owned(), Var::Text(value.to_owned()));
    let vars = variables().filter(|(name, _)| !name.starts_with("HOTLINE_"));
    let hotlines = [text("HOTLINE_OTHERS", others), text("HOTLINE_VOTERS", VOTERS)];
    Config::read(&vars.chain(hotlines).collect::<Vec<_>>()).unwrap()
}

fn decided(sent: &Sent, config: &Config) -> Decision {
    sent.routed_by(Ok(config)).decision
}

/// Under which inbox and name it is counted, and the answer.
fn counted(decision: Decision) -> (u64, String, HttpAnswer) {
    let Decision::Tell(tell) = &decision else { panic!("{decision:?}") };
    assert_eq!(tell.stored, tell.not_stored);
    let answer = tell.stored.clone();
    let (mailbox, what) = count_of(decision);
    (mailbox, what, answer)
}

fn to<const N: usize>(
    fields: [(&'static str, &'static str); N],
    number: &'static str,
) -> [(&'static str, &'static str); N] {
    fields.map(|(name, value)| if name == "To" { (name, number) } else { (name, value) })
}

#[test]
fn one_hotlines_slip_stops_that_hotline_alone() {
    let config =
        config(r#"{"name":"Others","mailbox":3004,"numbers":["+15550100003"],"greting":"Hi","language":"es-MX"}"#);
    assert_eq!(config.hotlines.iter().map(|it: &Hotline| it.mailbox).collect::<Vec<_>>(), [3003]);
    assert!(matches!(
        told(decided(&Sent::twilio("/twilio/messages", &TEXT), &config)).as_slice(),
        [(3003, ToObject::Contact(..))]
    ));
    assert!(
        matches!(decided(&Sent::twilio("/twilio/calls", &CALL), &config), Decision::Call(call) if call.mailbox == 3003)
    );

    let text = Sent::twilio("/twilio/messages", &to(TEXT, OTHER_HOTLINE));
    let (mailbox, what, answer) = counted(decided(&text, &config));
    assert_eq!((mailbox, what.as_str(), answer.status), (3004, "text to a hotline whose table is wrong", 503));
    let state = Sent::twilio("/twilio/messages/status?h=3004&m=1.0.0", &STATE);
    assert_eq!(counted(decided(&state, &config)).2.status, 503);

    let call = Sent::twilio("/twilio/calls", &to(CALL, OTHER_HOTLINE));
    let (mailbox, what, answer) = counted(decided(&call, &config));
    assert_eq!((mailbox, what.as_str(), answer.status), (3004, "call to a hotline whose table is wrong", 200));
    assert!(answer.body.contains("Lo sentimos") && answer.body.contains("<Hangup/>"), "{}", answer.body);
    for (target, status, words) in [
        ("/twilio/calls/queue?h=3004&c=CA1", 200, "Lo sentimos"),
        ("/twilio/calls/wait?h=3004&c=CA1", 200, "<Leave/>"),
        ("/twilio/calls/recorded?h=3004&c=CA1", 200, "Gracias"),
        ("/twilio/calls/recording?h=3004&c=CA1", 503, ""),
    ] {
        let answer = counted(decided(&Sent::twilio(target, &CALL), &config)).2;
        assert!(answer.status == status && answer.body.contains(words), "{target}: {}", answer.body);
    }

    let event = EVENT.replace("3003", "3004");
    let kept = told(decided(&Sent::helpscout("/helpscout/webhook", "convo.created", &event), &config));
    assert!(matches!(kept.as_slice(), [(3004, ToObject::Directory(directory::Message::Event(_)))]));
    let query = |mailbox: &str| {
        let signed = format!(r#"{{"conversation-id":"1001","mailbox-id":"{mailbox}","user-id":"4004"}}"#);
        let signature = sign(SIDEBAR_SECRET, &[signed.as_bytes()]);
        encode(&[
            ("conversation-id", "1001"),
            ("mailbox-id", mailbox),
            ("user-id", "4004"),
            ("X-HelpScout-Signature", &signature),
        ])
    };
    let page = |mailbox| decided(&Sent::plain("GET", &format!("/helpscout/sidebar?{}", query(mailbox))), &config);
    assert!(matches!(page("3004"), Decision::Answer(HttpAnswer { status: 503, .. })));
    assert!(matches!(page("3003"), Decision::Page(_)));
}

#[test]
fn a_table_that_says_not_even_its_number_loses_no_text() {
    for table in [r#"{"name":"Others""#, "", r#"{"name":"Others","mailbox":"3004","numbers":["+1555O100003"]}"#] {
        let config = config(table);
        let text = Sent::twilio("/twilio/messages", &to(TEXT, "+15550100003"));
        let (mailbox, what, answer) = counted(decided(&text, &config));
        assert_eq!(
            (mailbox, what.as_str(), answer.status),
            (0, "text to an unknown number while a hotline's table is wrong", 503),
            "{table}"
        );
        let answer = counted(decided(&Sent::twilio("/twilio/calls", &to(CALL, "+15550100003")), &config)).2;
        assert!(answer.status == 200 && answer.body.contains("<Say>Sorry"), "{}", answer.body);
        let event = Sent::helpscout("/helpscout/webhook", "convo.created", &EVENT.replace("3003", "3004"));
        assert_eq!(counted(decided(&event, &config)).2.status, 503);
        assert!(matches!(told(decided(&Sent::twilio("/twilio/messages", &TEXT), &config)).as_slice(), [(3003, _)]));
    }
}

#[test]
fn health_is_green_only_when_every_hotline_runs() {
    let health = |config: Result<&Config, &ConfigError>| match Sent::plain("GET", "/healthz").routed_by(config).decision
    {
        Decision::Answer(answer) => (answer.status, answer.body),
        other => panic!("{other:?}"),
    };
    let good = config(r#"{"name":"Others","mailbox":3004,"numbers":["+15550100003"]}"#);
    assert_eq!(health(Ok(&good)), (200, "{\"status\":\"ok\"}".to_owned()));
    let slip = config(r#"{"name":"Others","mailbox":3004,"numbers":["+15550100003"],"greeting":{"sesame":1}}"#);
    let (status, words) = health(Ok(&slip));
    assert!(
        status == 503 && words.contains("HOTLINE_OTHERS.greeting: must be") && !words.contains("sesame"),
        "{words}"
    );
    let missing = variables().filter(|(name, _)| name != "HELPSCOUT_SIDEBAR_SECRET").collect::<Vec<_>>();
    let (status, words) = health(Ok(&Config::read(&missing).unwrap()));
    assert!(status == 503 && words.contains("HELPSCOUT_SIDEBAR_SECRET"), "{words}");
    for name in
        ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "HELPSCOUT_APP_ID", "HELPSCOUT_APP_SECRET", "SESSION_SECRET"]
    {
        let missing = variables().filter(|(known, _)| known != name).collect::<Vec<_>>();
        let (status, words) = health(Err(&Config::read(&missing).unwrap_err()));
        assert!(status == 503 && words.contains(name), "{words}");
    }
}
