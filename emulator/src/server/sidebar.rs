//! The app in Help Scout's right sidebar: signed iframe URL, frame name and context.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::World;
use crate::helpscout::signature;

/// An app as it was installed in the account (Manage, Apps, Create App).
#[derive(Clone, Debug)]
pub struct App {
    /// Its callback URL.
    pub url: String,
    /// Its secret key.
    pub secret: String,
}

/// The installation's id. Ids of installations have no hyphen, since the frame's name is taken apart at hyphens.
fn installation(app: &App) -> String {
    URL_SAFE_NO_PAD.encode(&app.url).replace(['-', '_'], "0").chars().rev().take(12).collect()
}

/// URL, name and context of the frame beside a conversation.
pub(super) fn frame(world: &World, query: &str) -> Result<Value, String> {
    let asked = |name: &str| {
        let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(asked, _)| asked == name)?;
        value.parse::<u64>().ok()
    };
    let conversation =
        asked("conversation").and_then(|id| world.helpscout.conversation(id)).ok_or("no conversation")?;
    let user = asked("user").ok_or("no user")?;
    let customer = world.helpscout.customers().find(|customer| customer.id == conversation.customer);
    let installation = installation(&world.app);
    // All are strings, and their order counts: the signature is over the JSON object in this order.
    let params = [
        ("conversation-id", conversation.id.to_string()),
        ("conversation-number", conversation.number.to_string()),
        ("customer-id", conversation.customer.to_string()),
        ("mailbox-id", conversation.mailbox.to_string()),
        ("user-id", user.to_string()),
        ("installation-ids", installation.clone()),
        ("application-id", "MnOpQrStUvWx".to_owned()),
        ("application-slug", "1-ringside".to_owned()),
    ];
    let signed: Map<String, Value> = params.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let signature = signature(&world.app.secret, Value::Object(signed).to_string().as_bytes());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(params.iter()).append_pair("X-HelpScout-Signature", &signature);
    let entries = |entries: &[crate::helpscout::Entry]| -> Value {
        entries.iter().map(|it| json!({"id": it.id, "value": it.value})).collect()
    };
    let customer = customer.map(|it| {
        json!({
            "id": it.id, "firstName": it.first, "lastName": it.last,
            "emails": entries(&it.emails), "phones": entries(&it.phones),
        })
    });
    Ok(json!({
        "url": format!("{}?{}", world.app.url, query.finish()),
        "name": format!("app-{installation}"),
        "context": {
            "conversation": {
                "id": conversation.id, "number": conversation.number, "subject": conversation.subject,
                "mailboxId": conversation.mailbox, "customerId": conversation.customer,
            },
            "customer": customer,
            "user": {"id": user},
        },
    }))
}
