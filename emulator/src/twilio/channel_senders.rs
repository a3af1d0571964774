//! WhatsApp senders as resources, `messaging.twilio.com/v2/Channels/Senders` (Twilio, Senders API).

use serde_json::{Value, json};

use super::Twilio;
use super::api::{Pairs, not_allowed};
use super::json::{ApiError, respond, v1_page};
use super::numbers::{is_callback_url, sid_of};
use super::settings::Sender;
use super::whatsapp::is_whatsapp;
use crate::http::{Request, Response};

/// Where the API lives; addresses in its answers begin so.
const HOST: &str = "https://messaging.twilio.com";

impl Twilio {
    /// Everything below `/v2/Channels/Senders`.
    pub(super) fn channel_senders_route(
        &mut self,
        path: &str,
        rest: &[&str],
        request: &Request,
        query: &Pairs,
    ) -> Result<Response, ApiError> {
        let Some((sid, [])) = rest.split_first() else {
            let given = query.iter().find(|(name, _)| name == "Channel").map(|(_, value)| value.as_str());
            if given != Some("whatsapp") {
                return Err(ApiError::bad(20001, "Invalid parameter: Channel"));
            }
            let rows: Vec<_> = self.settings.senders.iter().filter(|it| is_whatsapp(&it.address)).map(shown).collect();
            return if request.method == "GET" {
                Ok(v1_page(HOST, "senders", &rows, path, query))
            } else {
                Err(not_allowed(path))
            };
        };
        let mut senders = self.settings.senders.iter_mut();
        let found = senders.find(|it| is_whatsapp(&it.address) && sid_of("XE", &it.address) == *sid);
        let sender = found.ok_or_else(|| ApiError::not_found(path))?;
        match request.method.as_str() {
            "GET" => Ok(respond(200, &shown(sender))),
            "POST" => {
                let body: Value =
                    serde_json::from_slice(&request.body).map_err(|_| ApiError::bad(20001, "The body is not JSON"))?;
                update(sender, &body["webhook"])?;
                Ok(respond(202, &shown(sender)))
            }
            _ => Err(not_allowed(path)),
        }
    }
}

fn update(sender: &mut Sender, webhook: &Value) -> Result<(), ApiError> {
    let fields: Vec<_> = webhook.as_object().into_iter().flatten().collect();
    for (name, value) in &fields {
        let text = value.as_str().unwrap_or_default();
        let good = if name.ends_with("method") {
            matches!(text, "GET" | "POST" | "PUT")
        } else {
            text.is_empty() || is_callback_url(text)
        };
        if !good {
            return Err(ApiError::bad(20001, format!("Invalid parameter: webhook.{name}")));
        }
    }
    for (name, value) in fields {
        let place = match name.as_str() {
            "callback_url" => &mut sender.webhook,
            "fallback_url" => &mut sender.fallback,
            other => sender.kept.entry(other.to_owned()).or_default(),
        };
        value.as_str().unwrap_or_default().clone_into(place);
    }
    Ok(())
}

fn shown(sender: &Sender) -> Value {
    let sid = sid_of("XE", &sender.address);
    let kept = |name: &str| sender.kept.get(name).cloned();
    let method = |name: &str| kept(name).unwrap_or_else(|| "POST".to_owned());
    json!({
        "sid": sid, "sender_id": sender.address, "status": kept("status").unwrap_or_else(|| "ONLINE".to_owned()),
        "configuration": {}, "profile": {}, "properties": {},
        "webhook": {
            "callback_url": sender.webhook, "callback_method": method("callback_method"), "fallback_url": sender.fallback,
            "fallback_method": method("fallback_method"), "status_callback_url": kept("status_callback_url").unwrap_or_default(),
            "status_callback_method": method("status_callback_method"),
        },
        "url": format!("{HOST}/v2/Channels/Senders/{sid}"),
    })
}
