//! What Twilio refuses, drops or does by itself, and a look-alike easily forgives: one line a rule, with the page it is from.

use super::*;

const FILE: &str = "https://hotline.example/media/1";
const OTHER_FILE: &str = "https://hotline.example/media/2";
const WHATSAPP_ID: &str = "whatsapp:US.13491208655302741918";

/// What came of a message to Anna: its error, the words that her phone shows, and how many files.
type Came = (Option<u32>, String, usize);

/// A message with files that are answered like this leaves for Anna.
fn came(whatsapp: bool, body: &str, files: &[&str], answers: Vec<Outcome>) -> Came {
    let mut fixture = Fixture::new(|_| {});
    let channel = if whatsapp { "whatsapp:" } else { "" };
    let (anna, hotline) = (format!("{channel}{ANNA}"), format!("{channel}{HOTLINE}"));
    if whatsapp {
        fixture.text(&anna, "Hi");
    }
    fixture.answers = answers;
    let mut form = vec![("To", anna.as_str()), ("From", hotline.as_str()), ("Body", body)];
    form.extend(files.iter().map(|file| ("MediaUrl", *file)));
    fixture.send(&form);
    fixture.settle();
    let shown = fixture.twilio.phone(ANNA).into_iter().rfind(|message| !message.mine);
    let (words, files) = shown.map_or_else(Default::default, |message| (message.body, message.media.len()));
    (fixture.twilio.sent()[0].error, words, files)
}

fn file(content_type: &str) -> Vec<Outcome> {
    vec![answer(200, content_type, "a file")]
}

#[test]
fn files_go_where_the_page_says() {
    const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    const PAGE: &str = "Accepted content types for media";
    const WHATSAPP: &str = "Sending and receiving media with WhatsApp";
    let big = || vec![answer(200, "image/png", &"x".repeat(6 * 1024 * 1024))];
    let both = || [file("image/png"), file("image/png")].concat();
    #[rustfmt::skip]
    let rules = [
        (PAGE, "a file of no named type is refused",         came(false, "Map", &[FILE], file("application/octet-stream")), (Some(30008), "", 0)),
        (PAGE, "MMS takes a PDF",                            came(false, "Map", &[FILE], file("application/pdf")),          (None, "Map", 1)),
        (PAGE, "MMS takes no document of Word's",            came(false, "Map", &[FILE], file(DOCX)),                       (Some(30008), "", 0)),
        (PAGE, "WhatsApp takes one",                         came(true, "", &[FILE], file(DOCX)),                           (None, "", 1)),
        (PAGE, "WhatsApp shows no words beside a GIF",       came(true, "Map", &[FILE], file("image/gif")),                 (None, "", 1)),
        (PAGE, "WhatsApp shows words beside a picture",      came(true, "Map", &[FILE], file("image/png")),                 (None, "Map", 1)),
        (PAGE, "more than 5 MB are refused",                 came(false, "Map", &[FILE], big()),                            (Some(30019), "", 0)),
        (WHATSAPP, "WhatsApp drops a second file",           came(true, "", &[FILE, OTHER_FILE], both()),                   (None, "", 1)),
        (PAGE, "MMS takes several",                          came(false, "", &[FILE, OTHER_FILE], both()),                  (None, "", 2)),
        ("error 63019", "WhatsApp cannot fetch a file",      came(true, "", &[FILE], vec![answer(404, "text/plain", "")]),  (Some(63019), "", 0)),
    ];
    for (page, rule, (error, words, files), expected) in rules {
        assert_eq!((error, words.as_str(), files), expected, "{rule} ({page})");
    }
}

/// WhatsApp, Business-scoped user IDs; error 21211.
#[test]
fn somebody_without_a_number_is_named_by_an_id_alone_and_some_accounts_cannot_text_them() {
    for (refuses, status) in [(false, 201), (true, 400)] {
        let mut fixture = Fixture::new(|settings| settings.refuses_whatsapp_ids = refuses);
        fixture.text(WHATSAPP_ID, "Hi");
        let told = |name| field(&fixture.heard[0], name);
        assert_eq!(
            (told("From"), told("ExternalUserId"), told("WaId")),
            (WHATSAPP_ID.into(), WHATSAPP_ID[9..].into(), String::new())
        );
        let form = [("To", WHATSAPP_ID), ("From", &format!("whatsapp:{HOTLINE}")), ("Body", "Hello")];
        assert_eq!(fixture.send(&form).0, status);
    }
}

/// Errors 21655, 21656 and 21658.
#[test]
fn a_content_template_takes_values_that_its_pages_allow() {
    let anna = format!("whatsapp:{ANNA}");
    let long = format!("{{\"1\":\"{}\"}}", "x".repeat(1_601));
    for (sid, variables, status, code) in [
        ("HX1", r#"{"1":"Anna"}"#, 201, Value::Null),
        ("HX1", r#"{"1":"Anna","2":"{{1}}"}"#, 201, Value::Null),
        ("HX1", "", 201, Value::Null),
        ("HX2", r#"{"1":"Anna"}"#, 400, json!(21655)),
        ("HX1", "Anna", 400, json!(21656)),
        ("HX1", r#"["Anna"]"#, 400, json!(21656)),
        ("HX1", r#"{"1":null}"#, 400, json!(21656)),
        ("HX1", r#"{"1":""}"#, 400, json!(21656)),
        ("HX1", r#"{"1":"An\nna"}"#, 400, json!(21656)),
        ("HX1", r#"{"1":"An\tna"}"#, 400, json!(21656)),
        ("HX1", r#"{"1":"An     na"}"#, 400, json!(21656)),
        ("HX1", r#"{"1":"An    na"}"#, 201, Value::Null),
        ("HX1", &long, 400, json!(21658)),
    ] {
        let mut fixture = Fixture::new(|settings| _ = settings.templates.insert("HX1".into(), "{{2}} {{1}}".into()));
        let from = format!("whatsapp:{HOTLINE}");
        let mut form = vec![("To", anna.as_str()), ("From", &from), ("ContentSid", sid)];
        form.extend(Some(("ContentVariables", variables)).filter(|(_, variables)| !variables.is_empty()));
        let answer = fixture.send(&form);
        assert_eq!((answer.0, &answer.1["code"]), (status, &code), "{sid} {variables}");
    }
}

#[test]
fn a_value_is_no_variable_of_a_content_template() {
    let mut fixture = Fixture::new(|settings| _ = settings.templates.insert("HX1".into(), "{{1}}, {{2}} {{3}}".into()));
    let (to, from) = (format!("whatsapp:{ANNA}"), format!("whatsapp:{HOTLINE}"));
    let variables = ("ContentVariables", r#"{"1":"{{2}}","2":"Anna"}"#);
    fixture.send(&[("To", &to), ("From", &from), ("ContentSid", "HX1"), variables]);
    fixture.settle();
    assert_eq!(fixture.bodies(ANNA), ["{{2}}, Anna {{3}}"]);
}

/// Changelog of March 2026: opt-outs of SMS, MMS and RCS are one.
#[test]
fn a_stop_by_rcs_closes_sms() {
    let mut fixture = Fixture::new(|settings| {
        with_service(settings);
        let rcs = Sender { address: "rcs:hotline".into(), ..settings.senders[0].clone() };
        settings.services[0].senders.push(rcs.address.clone());
        settings.senders.push(rcs);
    });
    fixture.twilio.text_in(fixture.now, &format!("rcs:{ANNA}"), "rcs:hotline", "STOP", Vec::new());
    fixture.send(&[("To", ANNA), ("MessagingServiceSid", SERVICE), ("Body", "Hello")]);
    fixture.settle();
    assert_eq!(fixture.twilio.sent()[0].error, Some(21610));
}

/// Twilio support for opt-out keywords: HELP is answered on long codes, and by nobody on WhatsApp.
#[test]
fn help_is_answered_by_twilio_but_not_on_whatsapp() {
    for (from, answers) in [(ANNA.to_owned(), 1), (format!("whatsapp:{ANNA}"), 0)] {
        let mut fixture = Fixture::new(|_| {});
        fixture.text(&from, "HELP");
        assert_eq!(fixture.bodies(ANNA).len(), answers, "{from}");
    }
}
