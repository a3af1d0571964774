//! People text the hotline, opt out, and use WhatsApp.

use super::*;

#[test]
fn a_text_from_anna_is_announced_and_signed() {
    let mut stage = Stage::new(|_| {});
    let sid = stage.text(ANNA, "Hi, é 😀 & more");
    let heard = &stage.heard[0];
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
    let mut stage = Stage::new(|settings| settings.api_base = "http://api.example/twilio".into());
    let picture = ("image/png".to_owned(), b"png".to_vec());
    let sid = stage.twilio.text_in(stage.now, ANNA, HOTLINE, "", vec![picture]);
    stage.settle();
    assert!(sid.starts_with("MM"));
    assert_eq!(
        (field(&stage.heard[0], "NumMedia"), field(&stage.heard[0], "MediaContentType0")),
        ("1".into(), "image/png".into())
    );
    let url = field(&stage.heard[0], "MediaUrl0");
    let target = url.strip_prefix("http://api.example/twilio").unwrap();
    let naked = Request { method: "GET".into(), target: target.into(), headers: vec![], body: vec![] };
    assert_eq!(stage.twilio.handle(stage.now, &naked).status, 401);
    assert_eq!(stage.call("GET", target, &[]).0, 307);
    assert_eq!(
        stage.call("GET", &format!("{MESSAGES}/{sid}/Media.json"), &[]).1["media_list"][0]["content_type"],
        "image/png"
    );
    assert_eq!(stage.call("DELETE", target, &[]).0, 204);
    assert_eq!(stage.call("GET", target, &[]).0, 404);
}

#[test]
fn after_stop_anna_gets_one_answer_and_nothing_more_until_start() {
    let mut stage = Stage::new(|_| {});
    stage.text(ANNA, "Stop");
    assert_eq!(stage.twilio.block_list(), [(HOTLINE.to_owned(), ANNA.to_owned())]);
    assert!(stage.bodies(ANNA)[0].starts_with("You have successfully been unsubscribed"));
    assert_eq!((field(&stage.heard[0], "Body"), field(&stage.heard[0], "OptOutType")), ("Stop".into(), String::new()));
    let form = [("To", ANNA), ("From", HOTLINE), ("Body", "x")];
    assert_eq!(stage.send(&form).1["code"], 21610);
    stage.text(ANNA, "START");
    assert_eq!(stage.send(&form).0, 201);
}

#[test]
fn a_stop_that_comes_while_a_text_waits_wins() {
    let mut stage = Stage::new(|_| {});
    stage.send(&[("To", ANNA), ("From", HOTLINE), ("Body", "x"), ("StatusCallback", "https://hotline.example/s")]);
    stage.text(ANNA, "STOP");
    let failed: Vec<_> = stage.heard.iter().filter(|heard| field(heard, "MessageStatus") == "failed").collect();
    assert_eq!(field(failed[0], "ErrorCode"), "21610");
}

#[test]
fn whatsapp_closes_a_day_after_the_person_wrote_except_for_templates() {
    let mut stage =
        Stage::new(|settings| _ = settings.templates.insert("HX1".into(), "Dear {{1}}, may we write?".into()));
    let (anna, hotline) = (format!("whatsapp:{ANNA}"), format!("whatsapp:{HOTLINE}"));
    let text = [("To", anna.as_str()), ("From", hotline.as_str()), ("Body", "free text")];
    let template = [
        ("To", anna.as_str()),
        ("From", hotline.as_str()),
        ("ContentSid", "HX1"),
        ("ContentVariables", r#"{"1":"Anna"}"#),
    ];
    stage.text(&anna, "Hi");
    assert_eq!(
        (field(&stage.heard[0], "WaId"), field(&stage.heard[0], "MessageType")),
        ("15550100100".into(), "text".into())
    );
    stage.send(&text);
    stage.settle();
    stage.now += 24 * HOUR;
    stage.send(&text);
    stage.send(&template);
    stage.settle();
    assert_eq!(stage.bodies(ANNA), ["free text", "Dear Anna, may we write?"]);
    assert_eq!(stage.twilio.sent().iter().filter_map(|message| message.error).collect::<Vec<_>>(), [63016]);
}

#[test]
fn people_on_whatsapp_call_themselves_as_they_like() {
    let mut stage = Stage::new(|_| {});
    let name = "🦄".repeat(40);
    stage.twilio.set_profile_name(ANNA, &name);
    stage.text(&format!("whatsapp:{ANNA}"), "Hi");
    assert_eq!(field(&stage.heard[0], "ProfileName"), name);
}

#[test]
fn a_picture_that_whatsapp_cannot_fetch() {
    let mut stage = Stage::new(|_| {});
    let (anna, hotline) = (format!("whatsapp:{ANNA}"), format!("whatsapp:{HOTLINE}"));
    stage.text(&anna, "Hi");
    stage.answers.push(answer(404, "text/plain", ""));
    stage.send(&[("To", &anna), ("From", &hotline), ("MediaUrl", "https://hotline.example/media/1")]);
    stage.settle();
    assert_eq!(stage.twilio.sent()[0].error, Some(63019));
    assert_eq!(stage.twilio.debugger()[0].url, "https://hotline.example/media/1");
}
