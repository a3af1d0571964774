//! The control API of the playground and of tests: `/_play/…` and `/_faults/…`.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::routes::{json_reply, reply};
use super::{World, control_calls, sidebar};
use crate::faults::{Rule, Service};
use crate::http::{Request, Response};
use crate::twilio::{DeliveryOutcome, PhoneMessage};

/// How many requests the page's log shows.
const RECENT: usize = 50;

/// `POST /_play/text`.
#[derive(Deserialize)]
struct Text {
    from: String,
    to: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    media: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    r#type: String,
    base64: String,
}

/// `POST /_play/settings`; what is left out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    /// By number. The playground's page calls them fates.
    #[serde(default, alias = "fates")]
    delivery_outcomes: BTreeMap<String, String>,
    #[serde(default)]
    profile_names: BTreeMap<String, String>,
    media_ready_after_ms: Option<u64>,
    sending_callbacks: Option<bool>,
    segments_per_second: Option<u64>,
    requests_per_minute: Option<u32>,
    #[serde(default)]
    calls: control_calls::Change,
}

/// Routes one request of the control API; `path` is without the query.
pub(super) fn serve(world: &mut World, request: &Request, path: &[&str], query: &str) -> Response {
    let outcome = match (request.method.as_str(), path) {
        ("POST", ["_play", "text"]) => text(world, &request.body),
        ("POST", ["_play", "call"]) => control_calls::call(world, &request.body),
        ("GET", ["_play", "calls"]) => Ok(control_calls::calls(world)),
        ("GET", ["_play", "calls", sid]) => control_calls::one(world, sid),
        ("POST", ["_play", "calls", sid, action]) => control_calls::action(world, sid, action, &request.body),
        ("GET", ["_play", "phone", number]) => Ok(phone(world, &unescaped(number))),
        ("GET", ["_play", "sidebar"]) => sidebar::frame(world, query),
        ("GET", ["_play", "state"]) => Ok(state(world)),
        ("GET", ["_play", "requests"]) => Ok(requests(world, query)),
        ("POST", ["_play", "settings"]) => change(world, &request.body),
        ("GET", ["_play", "media", sid]) => {
            return file(world.twilio.media(sid).map(|it| (it.content_type.clone(), it.bytes.clone())));
        }
        ("GET", ["_play", "attachment", id]) => {
            return file(id.parse().ok().and_then(|id| world.helpscout.attachment(id)));
        }
        ("POST", ["_play", "helpscout", action]) => helpscout(world, action, &request.body),
        (method, ["_faults", service, rest @ ..]) => match Service::named(service) {
            Some(service) => faults(world, method, service, rest, &request.body),
            None => Err("no such service".into()),
        },
        _ => return json_reply(404, &json!({"error": "not found"})),
    };
    match outcome {
        Ok(body) => json_reply(200, &body),
        Err(error) => json_reply(400, &json!({"error": error})),
    }
}

pub(super) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn text(world: &mut World, body: &[u8]) -> Result<Value, String> {
    let text: Text = parse(body)?;
    let decode = |file: File| Ok((file.r#type, STANDARD.decode(file.base64).map_err(|error| error.to_string())?));
    let media = text.media.into_iter().map(decode).collect::<Result<_, String>>()?;
    let now = world.now();
    Ok(json!({"sid": world.twilio.text_in(now, &text.from, &text.to, &text.body, media)}))
}

fn helpscout(world: &mut World, action: &str, body: &[u8]) -> Result<Value, String> {
    let now = world.now();
    world.helpscout.agent_action(now, action, &parse(body)?)
}

/// A phone's messages in order, seen from the phone: `out` it sent, `in` it received.
fn phone(world: &World, number: &str) -> Value {
    world.twilio.phone(number).iter().map(|message| phone_message(world, message)).collect()
}

fn phone_message(world: &World, message: &PhoneMessage) -> Value {
    let media = message.media.iter().filter_map(|sid| world.twilio.media(sid));
    let resource = message.sid.as_ref().and_then(|sid| world.twilio.message(sid));
    json!({
        "direction": if message.mine { "out" } else { "in" },
        "with": message.with,
        "channel": if message.whatsapp { "whatsapp" } else { "sms" },
        "body": message.body,
        "media": media.map(|it| json!({"url": format!("/_play/media/{}", it.sid), "type": it.content_type})).collect::<Vec<_>>(),
        "sid": message.sid,
        "status": resource.map(|it| it.status.name()),
        "at": message.at,
    })
}

fn state(world: &mut World) -> Value {
    let now = world.now();
    let calls = control_calls::calls(world);
    let phones: serde_json::Map<_, _> =
        world.twilio.phones().into_iter().map(|number| (number.clone(), phone(world, &number))).collect();
    let debugger =
        world.twilio.debugger().iter().map(
            |it| json!({"at": it.at, "code": it.code, "text": it.text, "url": it.url, "message_sid": it.message_sid}),
        );
    let recent = world.requests().rev().take(RECENT).map(|it| {
        json!({"service": it.service.name(), "method": it.method, "target": it.target, "status": it.status, "at": it.at})
    });
    json!({
        "now": now,
        "phones": phones,
        "calls": calls,
        "helpscout": world.helpscout.state(now),
        "faults": {"twilio": world.faults.rules(Service::Twilio), "helpscout": world.faults.rules(Service::HelpScout)},
        "debugger": debugger.collect::<Vec<_>>(),
        "blocked": world.twilio.block_list(),
        "requests": recent.collect::<Vec<_>>(),
    })
}

fn requests(world: &World, query: &str) -> Value {
    let wanted = query.strip_prefix("service=").and_then(Service::named);
    world
        .requests()
        .filter(|entry| wanted.is_none_or(|service| service == entry.service))
        .map(|entry| json!(entry))
        .collect()
}

fn change(world: &mut World, body: &[u8]) -> Result<Value, String> {
    let change: Change = parse(body)?;
    for (number, name) in &change.delivery_outcomes {
        world.twilio.set_delivery_outcome(
            number,
            DeliveryOutcome::named(name).ok_or_else(|| format!("no such outcome: {name}"))?,
        );
    }
    for (number, name) in &change.profile_names {
        world.twilio.set_profile_name(number, name);
    }
    let settings = world.twilio.settings_mut();
    settings.media_ready_after_ms = change.media_ready_after_ms.unwrap_or(settings.media_ready_after_ms);
    settings.sending_callbacks = change.sending_callbacks.unwrap_or(settings.sending_callbacks);
    if let Some(rate) = change.segments_per_second {
        settings.senders.iter_mut().for_each(|sender| sender.segments_per_second = rate);
    }
    if let Some(limit) = change.requests_per_minute {
        world.helpscout.settings_mut().limit_per_minute = limit;
    }
    control_calls::change(world, change.calls);
    Ok(json!({}))
}

/// `GET` lists, `POST` adds, `DELETE` ends all or the one named.
fn faults(world: &mut World, method: &str, service: Service, rest: &[&str], body: &[u8]) -> Result<Value, String> {
    match (method, rest) {
        ("GET", []) => {}
        ("POST", []) => {
            let rule: Rule = parse(body)?;
            world.faults.add(service, rule);
        }
        ("DELETE", []) => world.faults.clear(service, None),
        ("DELETE", [id]) => world.faults.clear(service, Some(id.parse().map_err(|_| "no such rule")?)),
        _ => return Err("GET, POST or DELETE".into()),
    }
    Ok(json!(world.faults.rules(service)))
}

fn file(found: Option<(String, Vec<u8>)>) -> Response {
    match found {
        // What strangers sent must not run in the playground's origin.
        Some((content_type, bytes)) => {
            let mut response = reply(200, &content_type, bytes);
            response.headers.push(("content-security-policy".into(), "sandbox".into()));
            response.headers.push(("x-content-type-options".into(), "nosniff".into()));
            response
        }
        None => json_reply(404, &json!({"error": "no such file"})),
    }
}

/// A number in a path, in which the plus may be escaped.
fn unescaped(number: &str) -> String {
    number.replace("%2B", "+").replace("%2b", "+").replace("%3A", ":")
}
