//! People text the hotline, opt out, and use WhatsApp.

use super::*;

#[test]
fn a_text_from_anna_is_announced_and_signed() {
    let mut fixture = Fixture::new(|_| {});
    let sid = fixture.text(ANNA, "Hi, é 😀 & more");
    let heard = &fixture.heard[0];
    assert_eq!(
        (heard.url.as_str(), heard.request.target.as_str()),
        ("https://hotline.example/twilio/messages", "/twilio/messages")
    );
    assert_eq!(field(heard, "Body"), "Hi, é 😀 & more");
    assert_eq!(
        (field(heard, "From"), field(heard, "MessageSid"), field(heard, "NumMedia")),
        (ANNA.into(), sid, "0".into())
    );
    let params: Vec<_> = form_urlencoded::parse(&heard.request.body).into_owned().collect();
    let signed =
        signing::headers(&Signing::AuthToken, DEVELOPMENT_AUTH_TOKEN, signing::About::Messages, &heard.url, &params);
    assert_eq!(header(heard, "x-twilio-signature"), signed[0].1);
}

#[test]
fn pictures_are_behind_a_password_and_a_redirect() {
    let mut fixture = Fixture::new(|settings| settings.api_base = "http://api.example/twilio".into());
    let picture = ("image/png".to_owned(), b"png".to_vec());
    let sid = fixture.twilio.text_in(fixture.now, ANNA, HOTLINE, "", vec![picture]);
    fixture.settle();
    assert!(sid.starts_with("MM"));
    assert_eq!(
        (field(&fixture.heard[0], "NumMedia"), field(&fixture.heard[0], "MediaContentType0")),
        ("1".into(), "image/png".into())
    );
    let url = field(&fixture.heard[0], "MediaUrl0");
    let target = url.strip_prefix("http://api.example/twilio").unwrap();
    let naked = Request { method: "GET".into(), target: target.into(), headers: vec![], body: vec![] };
    assert_eq!(fixture.twilio.handle(fixture.now, &naked).status, 401);
    assert_eq!(fixture.call("GET", target, &[]).0, 307);
    assert_eq!(
        fixture.call("GET", &format!("{MESSAGES}/{sid}/Media.json"), &[]).1["media_list"][0]["content_type"],
        "image/png"
    );
    assert_eq!(fixture.call("DELETE", target, &[]).0, 204);
    assert_eq!(fixture.call("GET", target, &[]).0, 404);
}

#[test]
fn after_stop_anna_gets_one_answer_and_nothing_more_until_start() {
    let mut fixture = Fixture::new(|_| {});
    fixture.text(ANNA, "Stop");
    assert_eq!(fixture.twilio.block_list(), [(HOTLINE.to_owned(), ANNA.to_owned())]);
    assert!(fixture.bodies(ANNA)[0].starts_with("You have successfully been unsubscribed"));
    assert_eq!(
        (field(&fixture.heard[0], "Body"), field(&fixture.heard[0], "OptOutType")),
        ("Stop".into(), String::new())
    );
    let form = [("To", ANNA), ("From", HOTLINE), ("Body", "x")];
    assert_eq!(fixture.send(&form).1["code"], 21610);
    fixture.text(ANNA, "START");
    assert_eq!(fixture.send(&form).0, 201);
}

#[test]
fn a_stop_that_comes_while_a_text_waits_wins() {
    let mut fixture = Fixture::new(|_| {});
    fixture.send(&[("To", ANNA), ("From", HOTLINE), ("Body", "x"), ("StatusCallback", "https://hotline.example/s")]);
    fixture.text(ANNA, "STOP");
    let failed: Vec<_> = fixture.heard.iter().filter(|heard| field(heard, "MessageStatus") == "failed").collect();
    assert_eq!(field(failed[0], "ErrorCode"), "21610");
}

#[test]
fn whatsapp_closes_a_day_after_the_person_wrote_except_for_templates() {
    let mut fixture =
        Fixture::new(|settings| _ = settings.templates.insert("HX1".into(), "Dear {{1}}, may we write?".into()));
    let (anna, hotline) = (format!("whatsapp:{ANNA}"), format!("whatsapp:{HOTLINE}"));
    let text = [("To", anna.as_str()), ("From", hotline.as_str()), ("Body", "free text")];
    let template = [
        ("To", anna.as_str()),
        ("From", hotline.as_str()),
        ("ContentSid", "HX1"),
        ("ContentVariables", r#"{"1":"Anna"}"#),
    ];
    fixture.text(&anna, "Hi");
    assert_eq!(
        (field(&fixture.heard[0], "WaId"), field(&fixture.heard[0], "MessageType")),
        ("15550100100".into(), "text".into())
    );
    fixture.send(&text);
    fixture.settle();
    fixture.now += 24 * HOUR;
    fixture.send(&text);
    fixture.send(&template);
    fixture.settle();
    assert_eq!(fixture.bodies(ANNA), ["free text", "Dear Anna, may we write?"]);
    assert_eq!(fixture.twilio.sent().iter().filter_map(|message| message.error).collect::<Vec<_>>(), [63016]);
}

#[test]
fn people_on_whatsapp_call_themselves_as_they_like() {
    let mut fixture = Fixture::new(|_| {});
    let name = "🦄".repeat(40);
    fixture.twilio.set_profile_name(ANNA, &name);
    fixture.text(&format!("whatsapp:{ANNA}"), "Hi");
    assert_eq!(field(&fixture.heard[0], "ProfileName"), name);
}

#[test]
fn a_picture_that_whatsapp_cannot_fetch() {
    let mut fixture = Fixture::new(|_| {});
    let (anna, hotline) = (format!("whatsapp:{ANNA}"), format!("whatsapp:{HOTLINE}"));
    fixture.text(&anna, "Hi");
    fixture.answers.push(answer(404, "text/plain", ""));
    fixture.send(&[("To", &anna), ("From", &hotline), ("MediaUrl", "https://hotline.example/media/1")]);
    fixture.settle();
    assert_eq!(fixture.twilio.sent()[0].error, Some(63019));
    assert_eq!(fixture.twilio.debugger()[0].url, "https://hotline.example/media/1");
}
