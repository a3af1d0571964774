use super::*;
use jiff::civil::Weekday;
use serde_json::{Value, json};

use protocol::v1::Class;

/// A JSON variable, as the platform hands it over.
fn table(value: &Value) -> Var {
    Var::Json(value.clone())
}

/// A configuration with every field said, as wrangler hands it over.
fn good() -> Vec<(String, Var)> {
    let texts = [
        ("PUBLIC_URL", "https://hotline.example.org/"),
        ("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", "sms.example.org"),
        ("TWILIO_API_URL", "http://127.0.0.1:4000/twilio/"),
        ("TWILIO_ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef"),
        ("TWILIO_AUTH_TOKEN", "\u{feff}5e5a3e015e5a3e015e5a3e015e5a3e01\r\n"),
        ("HELPSCOUT_APP_ID", "app"),
        ("HELPSCOUT_APP_SECRET", "sesame-2"),
        ("HELPSCOUT_WEBHOOK_SECRET", "sesame-3"),
        ("HELPSCOUT_SIDEBAR_SECRET", "sesame-6"),
        ("SESSION_SECRET", "sesame-4-of-32-random-bytes-at-least"),
        ("TWILIO_WEBHOOK_KEYS", r#"{"key-1":"sesame-5"}"#),
        ("ELSEWHERE", "not ours"),
    ];
    let mut vars: Vec<_> = texts.map(|(name, text)| (name.to_owned(), Var::Text(text.to_owned()))).into();
    vars.push(("HOTLINE_VOTERS".to_owned(), table(&voters())));
    vars
}

fn voters() -> Value {
    json!({
        "name": "Voter hotline", "mailbox": 3003, "numbers": ["+15550100001"], "messaging_service": "", "whatsapp": "+15550100002",
        "region": "US", "sends_per_second": 3, "greeting": "", "missed": "Sorry", "trouble": "Late", "trouble_after_minutes": 15,
        "threading": {"days": 7}, "receipts": "failures", "ai_replies": true, "reply_delay_seconds": 0,
        "language": "es-MX", "voice": "Polly.Mia",
        "ring": {"phones": ["+15550100101", "+15550100102"], "seconds": 20, "accept": "none", "order": "in_turn"},
        "voicemail": {"say": "", "play": "https://example.org/hi.mp3", "max_seconds": 60, "transcribe": false},
        "hours": {"time_zone": "America/New_York", "open": ["Mon-Fri 09:00-17:00", "22:00-06:00"], "except": ["2028-02-29"], "closed": "reject"},
        "words": {"thanks": "Gracias"},
        "blocked": ["+15550100666"],
        "callback": {"countries": ["US", "CA"], "per_agent_per_hour": 5},
        "limits": {"parts_per_reply": 4, "texts_per_agent_per_hour": 30, "waiting_texts_per_person": 20},
        "auto_reply": {"countries": ["US", "MX"], "per_hour": 40},
        "repeated_calls": {"minutes": 10, "voicemail_after": 3, "reject_after": 6},
        "send_countries": ["US", "MX"],
        "quiet": {"from": "20:00", "until": "09:00", "classes": ["promotion"]},
        "cap": {"promotion": {"count": 2, "days": 7}},
        "verify": {"per_hour": 40, "content_sid": "HX0123456789abcdef0123456789abcdef"},
    })
}

fn set(vars: &mut Vec<(String, Var)>, name: &str, var: Var) {
    vars.retain(|(known, _)| known != name);
    vars.push((name.to_owned(), var));
}

/// The good configuration with one variable changed.
fn with(name: &str, var: Var) -> Vec<(String, Var)> {
    let mut vars = good();
    set(&mut vars, name, var);
    vars
}

/// The good configuration with one field of the hotline changed, its path written with dots.
fn with_field(path: &str, value: Value) -> Vec<(String, Var)> {
    let mut hotline = voters();
    *path.split('.').fold(&mut hotline, |at, name| &mut at[name]) = value;
    with("HOTLINE_VOTERS", table(&hotline))
}

/// The first thing that is wrong, of everything or of one hotline.
fn first_error(vars: &[(String, Var)]) -> ConfigError {
    problems(vars, Scope::WithSecrets).remove(0)
}

fn number(text: &str) -> E164 {
    E164::parse(text).unwrap()
}

#[test]
fn everything_that_is_said_is_read() {
    let config = Config::read(&good()).unwrap();
    assert_eq!(config.public_url, "https://hotline.example.org");
    assert_eq!(config.customers, Customers::Email { domain: "sms.example.org".to_owned() });
    assert_eq!(config.twilio_api_url, "http://127.0.0.1:4000/twilio");
    assert_eq!(config.secrets.twilio_auth_token.expose(), "5e5a3e015e5a3e015e5a3e015e5a3e01");
    assert_eq!(config.secrets.twilio_webhook_keys, [("key-1".to_owned(), Secret::from("sesame-5"))]);
    let hotline = config.by_mailbox(3003).unwrap();
    assert_eq!(
        (hotline.name.as_str(), hotline.sends_per_second, hotline.trouble_after_minutes),
        ("Voter hotline", 3, 15)
    );
    assert_eq!((&hotline.greeting, hotline.missed.as_deref()), (&None, Some("Sorry")));
    assert_eq!((hotline.threading, hotline.receipts), (Threading::Days(7), Receipts::Failures));
    assert!(hotline.ai_replies);
    let ring = hotline.ring.as_ref().unwrap();
    assert_eq!((ring.phones.len(), ring.seconds, ring.accept, ring.order), (2, 20, Accept::Answer, RingOrder::InTurn));
    assert_eq!(hotline.voicemail.prompt, Prompt::Play("https://example.org/hi.mp3".to_owned()));
    let hours = hotline.hours.as_ref().unwrap();
    let weekdays = Opening { days: Days::parse("Mon-Fri").unwrap(), from: 540, until: 1020 };
    let nights = Opening { days: Days::ALL, from: 1320, until: 360 };
    assert_eq!((hours.open.as_slice(), hours.closed), ([weekdays, nights].as_slice(), Closed::Reject));
    assert_eq!(hours.except, [jiff::civil::date(2028, 2, 29)]);
    assert_eq!(
        hotline.callback.as_ref().unwrap().countries.iter().map(Country::as_str).collect::<Vec<_>>(),
        ["US", "CA"]
    );
    let limits = Limits { parts_per_reply: 4, texts_per_agent_per_hour: 30, waiting_texts_per_person: 20 };
    assert_eq!(hotline.limits, limits);
    assert_eq!((auto_countries(hotline), hotline.auto_reply.per_hour), (vec!["US", "MX"], 40));
    assert_eq!(hotline.repeated_calls, RepeatedCalls { minutes: 10, voicemail_after: 3, reject_after: 6 });
    let messages = &hotline.program_messages;
    assert!(messages.allows_country("MX") && messages.quiet_hours(Class::Promotion).is_some());
    assert_eq!(messages.cap(Class::Promotion), Some(Cap { count: 2, days: 7 }));
    let content_sid = Some("HX0123456789abcdef0123456789abcdef".to_owned());
    assert_eq!(hotline.verify, Verify { per_hour: 40, content_sid });
}

fn auto_countries(hotline: &Hotline) -> Vec<&str> {
    hotline.auto_reply.countries.iter().map(Country::as_str).collect()
}

#[test]
fn automatic_texts_go_to_the_region_and_where_agents_call_or_else_to_the_countries_of_the_own_numbers() {
    for (region, callback, numbers, expected) in [
        (json!("US"), json!({"countries": ["CA", "US"]}), json!(["+15550100001"]), &["CA", "US"][..]),
        (json!("US"), Value::Null, json!(["+447700900001"]), &["US"]),
        (Value::Null, json!({"countries": ["FR"]}), json!(["+15550100001"]), &["FR"]),
        (Value::Null, Value::Null, json!(["+15550100001", "+14165550101"]), &["CA", "US"]),
    ] {
        let table =
            json!({"name": "Voters", "mailbox": 3003, "numbers": numbers, "region": region, "callback": callback});
        let config = Config::read(&with("HOTLINE_VOTERS", Var::Text(table.to_string()))).unwrap();
        assert_eq!(auto_countries(&config.hotlines[0]), expected, "{table}");
    }
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_documentation() {
    let least = json!({"name": "Voters", "mailbox": 3003, "numbers": ["+15550100001"], "region": "US"});
    let mut vars = with("HOTLINE_VOTERS", Var::Text(least.to_string()));
    vars.retain(|(name, _)| !name.starts_with("TWILIO_API_URL") && !name.ends_with("WEBHOOK_KEYS"));
    set(&mut vars, "HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", Var::Text(String::new()));
    set(&mut vars, "HELPSCOUT_CUSTOMERS", Var::Text("phone_only".to_owned()));
    let config = Config::read(&vars).unwrap();
    assert_eq!(config.customers, Customers::PhoneOnly);
    assert_eq!(config.twilio_api_url, "https://api.twilio.com");
    assert_eq!(config.twilio_lookups_url, "https://lookups.twilio.com");
    assert_eq!(config.helpscout_api_url, "https://api.helpscout.net");
    assert_eq!(config.helpscout_app_origin, "https://secure.helpscout.net");
    let hotline = &config.hotlines[0];
    assert!(hotline.greeting.as_deref().unwrap().starts_with("Thanks, we got"));
    assert!(hotline.missed.is_some() && hotline.trouble.is_some());
    assert_eq!((hotline.sends_per_second, hotline.trouble_after_minutes, hotline.reply_delay_seconds), (1, 10, 5));
    assert_eq!((hotline.threading, hotline.receipts), (Threading::One, Receipts::All));
    assert!(!hotline.ai_replies);
    assert!(hotline.ring.is_none() && hotline.hours.is_none() && hotline.blocked.is_empty());
    assert_eq!((hotline.voicemail.max_seconds, hotline.voicemail.transcribe), (119, true));
    let callback = hotline.callback.as_ref().unwrap();
    assert_eq!((callback.countries[0].as_str(), callback.per_agent_per_hour), ("US", 30));
    let limits = Limits { parts_per_reply: 10, texts_per_agent_per_hour: 60, waiting_texts_per_person: 50 };
    assert_eq!(hotline.limits, limits);
    assert_eq!((auto_countries(hotline), hotline.auto_reply.per_hour), (vec!["US"], 100));
    assert_eq!(hotline.repeated_calls, RepeatedCalls { minutes: 15, voicemail_after: 5, reject_after: 10 });
    assert_eq!(hotline.verify, Verify { per_hour: 500, content_sid: None });
}

#[test]
fn a_sender_is_found_by_its_channel() {
    let service = "MG0123456789abcdef0123456789abcdef";
    let config = Config::read(&with_field("messaging_service", json!(service))).unwrap();
    let (text, whatsapp) = (number("+15550100001"), number("+15550100002"));
    for (sender, found) in [
        (Sender::Number(&text), true),
        (Sender::Whatsapp(&whatsapp), true),
        (Sender::MessagingService(service), true),
        (Sender::Number(&whatsapp), false),
        (Sender::Whatsapp(&text), false),
        (Sender::MessagingService(""), false),
    ] {
        assert_eq!(config.by_sender(sender).is_some(), found, "{sender:?}");
    }
}

#[test]
fn each_wrong_field_of_a_hotline_names_itself() {
    for (path, value) in [
        ("name", json!("")),
        ("name", json!(5)),
        ("mailbox", json!("3003")),
        ("mailbox", json!(0)),
        ("mailbox", json!(null)),
        ("numbers", json!("+15550100001")),
        ("messaging_service", json!("MG123")),
        ("whatsapp", json!("whatsapp:+15550100002")),
        ("region", json!("us")),
        ("sends_per_second", json!(0)),
        ("sends_per_second", json!(1.5)),
        ("greeting", json!(true)),
        ("trouble_after_minutes", json!(-1)),
        ("threading", json!("two")),
        ("threading.days", json!(0)),
        ("threading.weeks", json!(1)),
        ("receipts", json!("some")),
        ("language", json!("Spanish")),
        ("voice", json!("Mia <br>")),
        ("reply_delay_seconds", json!(86400)),
        ("ring", json!(["+15550100101"])),
        ("ring.phones", json!([])),
        ("ring.seconds", json!(1)),
        ("ring.accept", json!("press_2")),
        ("ring.order", json!(1)),
        ("ring.colour", json!("red")),
        ("voicemail.play", json!("hi.mp3")),
        ("voicemail.max_seconds", json!(4000)),
        ("voicemail.max_seconds", json!(1)),
        ("voicemail.say", json!("We are away. ".repeat(250))),
        ("voicemail.say", json!("é".repeat(800))),
        ("voicemail.play", json!("https://example.org/our greeting.mp3")),
        ("voicemail.play", json!("https:// example.org/hello.mp3")),
        ("voicemail.transcribe", json!("yes")),
        ("words.thanks", json!(1)),
        ("words.no_message", json!("We are away. ".repeat(250))),
        ("words.hello", json!("Hello")),
        ("hours.time_zone", json!("New York")),
        ("hours.time_zone", json!("America/New_Yorck")),
        ("hours.time_zone", json!("EST")),
        ("hours.time_zone", json!("Etc/Unknown")),
        ("hours.time_zone", json!("-05:00")),
        ("hours.time_zone", json!("../America/New_York")),
        ("hours.open", json!([])),
        ("hours.closed", json!("busy")),
        ("blocked", json!({})),
        ("callback.countries", json!("US")),
        ("callback.per_agent_per_hour", json!(0)),
        ("limits.parts_per_reply", json!(0)),
        ("limits.texts_per_agent_per_hour", json!("60")),
        ("limits.waiting_texts_per_person", json!(2_000)),
        ("limits.texts", json!(10)),
        ("auto_reply", json!(100)),
        ("auto_reply.countries", json!("US")),
        ("auto_reply.per_hour", json!(0)),
        ("auto_reply.per_day", json!(100)),
        ("repeated_calls", json!(5)),
        ("repeated_calls.minutes", json!(0)),
        ("repeated_calls.voicemail_after", json!("5")),
        ("repeated_calls.reject_after", json!(2)),
        ("repeated_calls.after", json!(5)),
        ("greetings", json!("Hi")),
    ] {
        let field = format!("HOTLINE_VOTERS.{path}");
        assert_eq!(first_error(&with_field(path, value.clone())).field, field, "{value}");
    }
}

#[test]
fn each_wrong_item_of_a_list_names_itself() {
    for (path, items, at) in [
        ("numbers", json!(["+15550100001", "15550100003"]), 1),
        ("numbers", json!(["+15550100001", "+15550100003", "+15550100001"]), 2),
        ("numbers", json!([15_550_100_001_u64]), 0),
        ("ring.phones", json!(["(555) 010-0101"]), 0),
        ("blocked", json!(["+1555010066x"]), 0),
        ("hours.open", json!(["Mon-Fri 09:00-17:00", "Mon-Fri 9-17"]), 1),
        ("hours.open", json!(["09:00-09:00"]), 0),
        ("hours.open", json!(["24:00-06:00"]), 0),
        ("hours.open", json!(["Mon 09:60-17:00"]), 0),
        ("hours.open", json!(["Funday 09:00-17:00"]), 0),
        ("hours.open", json!(["Mon 09:00-17:00 18:00-19:00"]), 0),
        ("hours.except", json!(["2027-02-29"]), 0),
        ("hours.except", json!(["25.12.2026"]), 0),
        ("hours.except", json!(["2026-12-25", "20261225"]), 1),
        ("hours.except", json!(["2026-12-25T00:00"]), 0),
        ("hours.except", json!(["2026-13-01"]), 0),
        ("callback.countries", json!(["US", "USA"]), 1),
        ("auto_reply.countries", json!(["US", "us"]), 1),
    ] {
        let field = format!("HOTLINE_VOTERS.{path}[{at}]");
        assert_eq!(first_error(&with_field(path, items.clone())).field, field, "{items}");
    }
}

#[test]
fn each_wrong_variable_names_itself() {
    for (name, text) in [
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "hotline.example.org"),
        ("PUBLIC_URL", "ftp://hotline.example.org"),
        ("PUBLIC_URL", "https://hotline.example.org/path"),
        ("PUBLIC_URL", "https://hotline.example.org?x=1"),
        ("PUBLIC_URL", "https://user@hotline.example.org"),
        ("PUBLIC_URL", "https://hotline.example.org:https"),
        ("PUBLIC_URL", "https://hotline.example.org//"),
        ("HELPSCOUT_APP_ORIGIN", "https://secure.helpscout.net/apps"),
        ("TWILIO_API_URL", "api.twilio.com"),
        ("TWILIO_LOOKUPS_URL", "https://lookups.twilio.com/?a"),
        ("HELPSCOUT_API_URL", "https://"),
        ("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", "a@sms.example.org"),
        ("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", ""),
        ("HELPSCOUT_CUSTOMERS", "phone_only"),
        ("HELPSCOUT_APP_SECRET", " "),
        ("TWILIO_ACCOUNT_SID", ""),
        ("SESSION_SECRET", ""),
        ("TWILIO_API_KEY_SID", "SK0123456789abcdef0123456789abcdef"),
        ("TWILIO_API_KEY_SECRET", "x"),
        ("TWILIO_WEBHOOK_KEYS", "[]"),
        ("TWILIO_WEBHOOK_KEYS", "{\"a\":\"\"}"),
        ("TWILIO_AUTH_TOKEN_NETX", "x"),
        ("HOTLINE_VOTERS", "name = \"Voters\""),
        ("HOTLINE_VOTERS", "[]"),
        ("HOTLINE_", "{}"),
    ] {
        let error = first_error(&with(name, Var::Text(text.to_owned())));
        let expected = match name {
            "TWILIO_API_KEY_SID" => "TWILIO_API_KEY_SECRET",
            "TWILIO_API_KEY_SECRET" => "TWILIO_API_KEY_SID",
            name => name,
        };
        assert_eq!(error.field, expected, "{text}");
    }
    for name in ["PUBLIC_URL", "SESSION_SECRET", "TWILIO_API_URL", "HOTLINE_VOTERS", "TWILIO_WEBHOOK_KEYS"] {
        assert_eq!(first_error(&with(name, table(&json!(5)))).field, name);
    }
}

#[test]
fn a_key_that_can_be_guessed_signs_nothing() {
    let good = "0123456789abcdef0123456789abcdef";
    for (name, key, opens) in [
        ("SESSION_SECRET", "x", false),
        ("SESSION_SECRET", &good[1..], false),
        ("SESSION_SECRET", good, true),
        ("SESSION_SECRET", &"abc".repeat(20), true),
        ("API_KEYS", "k", false),
        ("API_KEYS", &[good, ", k"].concat(), false),
        ("API_KEYS", &[good, ","].concat(), false),
        ("API_KEYS", &[good, ", ", &good.to_uppercase()].concat(), true),
    ] {
        let read = Config::read(&with(name, Var::Text(key.to_owned())));
        assert_eq!(
            read.map(|_| ()).map_err(|error| error.field),
            if opens { Ok(()) } else { Err(name.to_owned()) },
            "{key}"
        );
    }
}

#[test]
fn the_published_secrets_of_development_are_refused_off_loopback() {
    let names = [
        ("TWILIO_AUTH_TOKEN", "dev_twilio_auth_token"),
        ("TWILIO_AUTH_TOKEN_NEXT", "dev_next"),
        ("TWILIO_WEBHOOK_KEYS", "{\"key-1\":\"dev_key\"}"),
        ("HELPSCOUT_APP_SECRET", "dev_app_secret"),
        ("HELPSCOUT_WEBHOOK_SECRET", "dev_webhook_secret"),
        ("HELPSCOUT_WEBHOOK_SECRET_NEXT", "dev_next"),
        ("HELPSCOUT_SIDEBAR_SECRET", "dev_sidebar_secret"),
        ("HELPSCOUT_SIDEBAR_SECRET_NEXT", "dev_next"),
        ("SESSION_SECRET", "dev_session_secret_at_least_32_bytes_long"),
        ("API_KEYS", "0123456789abcdef0123456789abcdef,dev_key_of_at_least_32_bytes_0123"),
    ];
    for (name, secret) in names {
        let mut vars = with(name, Var::Text(secret.to_owned()));
        assert_eq!(Config::read(&vars).map(|_| ()).unwrap_err().field, name);
        for loopback in ["http://127.0.0.1:8787", "http://localhost:8787", "https://ringside.localhost"] {
            set(&mut vars, "PUBLIC_URL", Var::Text(loopback.to_owned()));
            assert!(Config::read(&vars).is_ok(), "{name} {loopback}");
        }
        for elsewhere in ["https://127.0.0.1.example.org", "https://localhost.example.org"] {
            set(&mut vars, "PUBLIC_URL", Var::Text(elsewhere.to_owned()));
            assert_eq!(Config::read(&vars).map(|_| ()).unwrap_err().field, name, "{elsewhere}");
        }
    }
}

#[test]
fn plain_http_leaves_no_machine() {
    for name in ["PUBLIC_URL", "HELPSCOUT_APP_ORIGIN", "TWILIO_API_URL", "TWILIO_LOOKUPS_URL", "HELPSCOUT_API_URL"] {
        for (host, open) in [
            ("127.0.0.1:4000", true),
            ("127.8.8.8", true),
            ("localhost:4000", true),
            ("LocalHost", true),
            ("a.localhost", true),
            ("example.org", false),
            ("127.0.0.1.example.org", false),
            ("localhost.example.org", false),
            ("notlocalhost", false),
            ("10.0.0.1", false),
        ] {
            let read = |scheme: &str| Config::read(&with(name, Var::Text([scheme, host].concat())));
            assert!(read("https://").is_ok(), "{name} {host}");
            assert_eq!(
                read("http://").map(|_| ()).map_err(|error| error.field),
                if open { Ok(()) } else { Err(name.to_owned()) },
                "{host}"
            );
        }
    }
}

#[test]
fn two_hotlines_share_nothing() {
    let service = "MG0123456789abcdef0123456789abcdef";
    for (field, own) in [
        ("mailbox", json!({"mailbox": 3003})),
        ("numbers[1]", json!({"numbers": ["+15550100009", "+15550100001"]})),
        ("whatsapp", json!({"whatsapp": "+15550100002"})),
        ("messaging_service", json!({"messaging_service": service})),
    ] {
        let mut vars = with_field("messaging_service", json!(service));
        let mut second = json!({"name": "Second", "mailbox": 4004, "numbers": ["+15550100009"]});
        second.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        set(&mut vars, "HOTLINE_SECOND", table(&second));
        let error = first_error(&vars);
        assert_eq!(error.field, format!("HOTLINE_SECOND.{field}"));
        assert!(error.problem.contains("HOTLINE_VOTERS"));
    }
}

#[test]
fn no_hotline_rings_a_hotline() {
    for own in ["+15550100001", "+15550100002", "+15550100009"] {
        let mut vars = with_field("ring.phones", json!(["+15550100101", own]));
        let second = json!({"name": "Second", "mailbox": 4004, "numbers": ["+15550100009"]});
        set(&mut vars, "HOTLINE_SECOND", table(&second));
        let error = first_error(&vars);
        assert_eq!(error.field, "HOTLINE_VOTERS.ring.phones[1]", "{own}");
    }
}

#[test]
fn a_country_whose_numbers_are_not_known_is_refused() {
    for (path, country) in
        [("region", json!("XX")), ("callback.countries", json!(["XX"])), ("auto_reply.countries", json!(["ZZ"]))]
    {
        let error = first_error(&with_field(path, country));
        assert!(error.field.starts_with(&format!("HOTLINE_VOTERS.{path}")), "{error:?}");
    }
}

#[test]
fn a_hotline_needs_a_sender_and_a_deployment_a_hotline() {
    let without = json!({"name": "Voters", "mailbox": 3003});
    let error = first_error(&with("HOTLINE_VOTERS", table(&without)));
    assert_eq!(error.field, "HOTLINE_VOTERS.numbers");
    let mut vars = good();
    vars.retain(|(name, _)| name != "HOTLINE_VOTERS");
    assert_eq!(first_error(&vars).field, "HOTLINE_…");
}

#[test]
fn transcripts_and_callbacks_know_their_limits() {
    let long = json!({"max_seconds": 120});
    assert_eq!(first_error(&with_field("voicemail", long)).field, "HOTLINE_VOTERS.voicemail.max_seconds");
    let anywhere = json!({"name": "V", "mailbox": 1, "numbers": ["+15550100001"], "callback": {}});
    let error = first_error(&with("HOTLINE_VOTERS", table(&anywhere)));
    assert_eq!(error.field, "HOTLINE_VOTERS.callback.countries");
    let nowhere = json!({"name": "V", "mailbox": 1, "numbers": ["+15550100001"]});
    let config = Config::read(&with("HOTLINE_VOTERS", table(&nowhere))).unwrap();
    assert!(config.hotlines[0].callback.is_none());
}

#[test]
fn a_variable_over_five_kilobytes_is_refused_before_cloudflare_does() {
    let vars = with_field("greeting", json!("x".repeat(5 * 1024)));
    assert_eq!(first_error(&vars).field, "HOTLINE_VOTERS");
}

#[test]
fn one_check_finds_every_problem_and_needs_no_secrets() {
    let mut vars = with_field("ring.seconds", json!(1));
    vars.retain(|(name, _)| !name.ends_with("SECRET") && !name.contains("TOKEN") && name != "PUBLIC_URL");
    let fields = |scope| problems(&vars, scope).into_iter().map(|error| error.field).collect::<Vec<_>>();
    assert_eq!(fields(Scope::WithoutSecrets), ["PUBLIC_URL", "HOTLINE_VOTERS.ring.seconds"]);
    assert_eq!(fields(Scope::WithSecrets).len(), 6);
    assert!(problems(&good(), Scope::WithSecrets).is_empty());
}

#[test]
fn a_number_with_blanks_is_read() {
    for written in
        ["+1 555 010 0001", "+1 (555) 010-0001", " +1.555.010.0001\u{200b}", "+1\u{a0}555\u{2011}010\u{2011}0001"]
    {
        let mut vars = with_field("numbers", json!([written]));
        let config = Config::read(&vars).unwrap();
        assert_eq!(config.hotlines[0].numbers, [number("+15550100001")], "{written:?}");
        vars.push((
            "HOTLINE_SECOND".to_owned(),
            table(&json!({"name": "S", "mailbox": 4, "numbers": ["+15550100001"]})),
        ));
        assert_eq!(first_error(&vars).field, "HOTLINE_SECOND.numbers[0]");
    }
    for path in ["whatsapp", "ring.phones", "blocked"] {
        let value = if path == "whatsapp" { json!("+1 555 010 0009") } else { json!(["+1 555 010 0009"]) };
        assert_eq!(problems(&with_field(path, value), Scope::WithSecrets), [], "{path}");
    }
}

#[test]
fn a_table_with_a_slip_is_set_aside_and_the_others_are_read() {
    for slip in
        [json!({"numbers": []}), json!("no table"), json!({"name": "S", "mailbox": 3003, "numbers": ["+15550100009"]})]
    {
        let mut vars = good();
        vars.push(("HOTLINE_SLIP".to_owned(), table(&slip)));
        let config = Config::read(&vars).unwrap();
        let good: Vec<_> = config.hotlines.iter().map(|it| it.mailbox).collect();
        let refused: Vec<_> = config.refused.iter().map(|it| it.hotline.variable.as_str()).collect();
        assert_eq!((good, refused), (vec![3003], vec!["HOTLINE_SLIP"]), "{slip}");
        assert!(config.faults.iter().all(|fault| fault.field.starts_with("HOTLINE_SLIP")));
        assert!(config.refused_by_mailbox(3003).is_none(), "an inbox that two name is the first one's");
    }
}

#[test]
fn a_secret_of_a_form_that_it_cannot_have_is_named() {
    let digits = "0123456789abcdef0123456789abcdef";
    let sid = |letters: &str| [letters, digits].concat();
    for (name, value) in [
        ("TWILIO_AUTH_TOKEN", digits[1..].to_owned()),
        ("TWILIO_AUTH_TOKEN", sid("AC")),
        ("TWILIO_AUTH_TOKEN", [&digits[..31], "g"].concat()),
        ("TWILIO_AUTH_TOKEN", [digits, "\n", digits].concat()),
        ("TWILIO_AUTH_TOKEN", [&digits[..16], "\u{200b}", &digits[16..]].concat()),
        ("TWILIO_AUTH_TOKEN", ["Bearer ", digits].concat()),
        ("TWILIO_AUTH_TOKEN_NEXT", "your_auth_token".to_owned()),
        ("TWILIO_ACCOUNT_SID", digits.to_owned()),
        ("TWILIO_ACCOUNT_SID", sid("SK")),
        ("TWILIO_ACCOUNT_SID", sid("ac")),
        ("TWILIO_ACCOUNT_SID", sid("AC")[..33].to_owned()),
        ("TWILIO_API_KEY_SID", sid("AC")),
        ("HELPSCOUT_WEBHOOK_SECRET", "ses\u{feff}ame".to_owned()),
        ("HELPSCOUT_APP_SECRET", "\"sesame".to_owned()),
        ("HELPSCOUT_APP_ID", "s\0e\0s\0".to_owned()),
        ("HELPSCOUT_SIDEBAR_SECRET", "ses\name".to_owned()),
        ("TWILIO_WEBHOOK_KEYS", "{\"key-1\":\"ses\u{200b}ame\"}".to_owned()),
    ] {
        let mut vars = with(name, Var::Text(value.clone()));
        if name == "TWILIO_API_KEY_SID" {
            vars.push(("TWILIO_API_KEY_SECRET".to_owned(), Var::Text("sesame".to_owned())));
        }
        let error = first_error(&vars);
        assert!(
            error.field == name && !error.problem.contains(&value) && !error.problem.contains("sesame"),
            "{value:?}: {error:?}"
        );
    }
    for around in [["\u{feff}", "\r\n"], ["\"", "\""], ["'", "'\n"], ["\u{200b}", "\u{a0}"], ["\u{ef}\u{bb}\u{bf}", ""]]
    {
        for (name, value) in [("TWILIO_AUTH_TOKEN", digits.to_owned()), ("TWILIO_ACCOUNT_SID", sid("AC"))] {
            let config = Config::read(&with(name, Var::Text(around.join(&value)))).unwrap();
            let read = [config.secrets.twilio_auth_token.expose(), &config.secrets.twilio_account_sid];
            assert!(read.contains(&value.as_str()), "{around:?}");
        }
        let vars = with("HOTLINE_VOTERS", Var::Text(around.join(&voters().to_string())));
        assert_eq!(problems(&vars, Scope::WithSecrets), [], "{around:?}");
    }
}

#[test]
fn a_secret_is_never_shown() {
    let shown = format!("{:?}", Config::read(&good()).unwrap());
    assert!(shown.contains("Voter hotline") && !shown.contains("sesame"));
    for (name, var) in [
        ("TWILIO_WEBHOOK_KEYS", Var::Text("sesame".to_owned())),
        ("SESSION_SECRET", table(&json!({"sesame": "sesame"}))),
        ("HOTLINE_VOTERS", Var::Text("sesame".to_owned())),
    ] {
        assert!(!first_error(&with(name, var)).problem.contains("sesame"));
    }
}

#[test]
fn days_are_read_as_people_write_them() {
    for (text, expected) in [
        ("Mon", "1......"),
        ("Mon-Fri", "12345.."),
        ("Fri-Mon", "1...567"),
        ("Tue,Sat-Sun", ".2...67"),
        ("sun", "......7"),
    ] {
        let days = Days::parse(text).unwrap();
        let week = Weekday::Monday.cycle_forward().zip("1234567".chars());
        let shown: String = week.map(|(day, number)| if days.contains(day) { number } else { '.' }).collect();
        assert_eq!(shown, expected, "{text}");
    }
    for text in ["", "Mon-", "Mon,", "Monday", "Mon-Tue-Wed"] {
        assert_eq!(Days::parse(text), None, "{text}");
    }
    assert!(Opening::parse("Sat 22:00-06:00").unwrap().spans_midnight());
    assert_eq!(
        Opening::parse("00:00-24:00").map(|day| (day.from, day.until, day.spans_midnight())),
        Some((0, 1440, false))
    );
}

#[test]
fn what_is_said_by_itself_is_in_the_language_of_the_hotline_unless_it_says_otherwise() {
    let hotline = |fields: Value| {
        let mut hotline =
            json!({ "name": "Voters", "mailbox": 3003, "numbers": ["+15550100001"], "language": "es-MX" });
        hotline.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        Config::read(&with("HOTLINE_VOTERS", table(&hotline))).unwrap().hotlines.remove(0)
    };
    let usual = hotline(json!({}));
    assert!(usual.greeting.unwrap().starts_with("Gracias"));
    assert_eq!(usual.words.thanks.as_deref(), Some("Gracias. Adiós."));
    assert!(!usual.voicemail.transcribe, "Twilio transcribes English alone");
    let own = hotline(json!({ "greeting": "¡Hola!", "words": { "thanks": "", "no_message": "Hasta luego." } }));
    assert_eq!(
        (own.greeting.as_deref(), own.words.thanks, own.words.no_message.as_deref()),
        (Some("¡Hola!"), None, Some("Hasta luego."))
    );
    assert!(own.words.not_connected.unwrap().starts_with("Lo sentimos"));
}
