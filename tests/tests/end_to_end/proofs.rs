//! Who is believed: two secrets during a rotation, shared keys, bodies that are no forms.

use emulator::twilio::Signing;
use ringside_tests::runtime::{GREETING, Stand, text_params};
use serde_json::json;

use crate::SAM;

const TEXTS: &str = "/twilio/messages";

#[tokio::test]
async fn both_secrets_are_good_while_one_replaces_the_other() {
    let stand = Stand::start(|vars| {
        vars["TWILIO_AUTH_TOKEN_NEXT"] = json!("fedcba9876543210fedcba9876543210");
        vars["HELPSCOUT_WEBHOOK_SECRET_NEXT"] = json!("the_next_webhook_secret");
    })
    .await;
    for (token, status) in [
        ("dev_twilio_auth_token", 200),
        ("fedcba9876543210fedcba9876543210", 200),
        ("00112233445566778899aabbccddeeff", 403),
    ] {
        let text = stand.twilio_signed(&Signing::AuthToken, token, TEXTS, &text_params(token, SAM, "Hello"));
        assert_eq!(stand.fetch(&text).await.status, status, "{token}");
    }
    for (secret, status) in [("dev_webhook_secret", 204), ("the_next_webhook_secret", 204), ("another_secret", 401)] {
        assert_eq!(
            stand.fetch(&stand.helpscout_signed(secret, "convo.created", "{}")).await.status,
            status,
            "{secret}"
        );
    }
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await;
    stand.until_said(talk.id(), &["Hello", "Hello"]).await;
}

#[tokio::test]
async fn a_shared_key_signs_as_well() {
    let key = |id: &str, secret: &str| Signing::SharedKey { id: id.to_owned(), secret: secret.to_owned() };
    let stand = Stand::start_in(
        |world| world.twilio.signing = key("webhooks_sharedkey_1", "the_shared_secret"),
        |vars| vars["TWILIO_WEBHOOK_KEYS"] = json!(r#"{"webhooks_sharedkey_1":"the_shared_secret"}"#),
    )
    .await;
    let talk = stand.first_contact(SAM, "Hello").await;
    let cases = [
        (key("webhooks_sharedkey_1", "the_shared_secret"), 200),
        (key("webhooks_sharedkey_2", "the_shared_secret"), 403),
        (key("webhooks_sharedkey_1", "another_secret"), 403),
    ];
    for (signing, status) in cases {
        let text = stand.twilio_signed(&signing, "", TEXTS, &text_params("SM1", SAM, "More"));
        assert_eq!(stand.fetch(&text).await.status, status, "{signing:?}");
    }
    let settings = "x-twilio-webhooks-signature-settings";
    let good = stand.twilio_signed(
        &key("webhooks_sharedkey_1", "the_shared_secret"),
        "",
        TEXTS,
        &text_params("SM2", SAM, "No"),
    );
    for nonsense in ["", "key=webhooks_sharedkey_1", "key=webhooks_sharedkey_1,algorithm=NONE", "algorithm=HMAC_SHA256"]
    {
        assert_eq!(stand.fetch(&good.clone().with(settings, nonsense)).await.status, 403, "{nonsense}");
    }
    assert_eq!(stand.fetch(&good.without(settings)).await.status, 403, "it is no signature with the AuthToken");
    stand.until_said(talk, &["Hello", "More"]).await;
}

#[tokio::test]
async fn a_query_is_signed_as_twilio_sees_it() {
    let stand = Stand::start(|_| ()).await;
    for (sid, query) in [("SM1", "?team=a%20b"), ("SM2", "?team='a'@b:c"), ("SM3", "?")] {
        let text = stand.twilio(&format!("{TEXTS}{query}"), &text_params(sid, SAM, sid));
        assert_eq!(stand.fetch(&text).await.status, 200, "{query}");
    }
}

#[tokio::test]
async fn an_api_key_is_what_twilio_is_asked_with() {
    let signing = Signing::SharedKey { id: "webhooks_sharedkey_1".to_owned(), secret: "the_shared_secret".to_owned() };
    let stand = Stand::start_in(
        |world| {
            world.twilio.signing = signing;
            world.twilio.api_keys =
                vec![("SK00000000000000000000000000000001".to_owned(), "the_api_key_secret".to_owned())];
        },
        |vars| {
            vars["TWILIO_WEBHOOK_KEYS"] = json!({ "webhooks_sharedkey_1": "the_shared_secret" });
            vars["TWILIO_AUTH_TOKEN"] = json!("00112233445566778899aabbccddeeff");
            vars["TWILIO_API_KEY_SID"] = json!("SK00000000000000000000000000000001");
            vars["TWILIO_API_KEY_SECRET"] = json!("the_api_key_secret");
        },
    )
    .await;
    stand.text_with(SAM, "Look", vec![("image/png".to_owned(), b"png".to_vec())]);
    let talk = stand.until("a conversation", |it| it.talks().into_iter().next()).await;
    assert_eq!((talk.said(), talk.threads[0].attachments.len()), (vec!["Look"], 1));
    stand.until_received(SAM, &[GREETING]).await;
}
