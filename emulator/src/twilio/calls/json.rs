//! The Call and Queue resources as JSON (Twilio, Call resource, Queue resource).

use serde_json::{Value, json};

use super::Call;
use super::call::CallStatus;
use super::queues::Queue;
use crate::twilio::API_VERSION;
use crate::twilio::json::rfc2822;
use crate::twilio::messages::account_path;

/// Sub-resources that a call's JSON leads to, with the ends of their paths.
const SUBRESOURCES: [(&str, &str); 9] = [
    ("notifications", "Notifications"),
    ("recordings", "Recordings"),
    ("payments", "Payments"),
    ("events", "Events"),
    ("siprec", "Siprec"),
    ("streams", "Streams"),
    ("transcriptions", "Transcriptions"),
    ("user_defined_message_subscriptions", "UserDefinedMessageSubscriptions"),
    ("user_defined_messages", "UserDefinedMessages"),
];

pub(super) fn call(account: &str, call: &Call) -> Value {
    let uri = format!("{}/Calls/{}", account_path(account), call.sid);
    let subresources: serde_json::Map<_, _> =
        SUBRESOURCES.iter().map(|(name, end)| ((*name).to_owned(), json!(format!("{uri}/{end}.json")))).collect();
    let begun = !matches!(call.status, CallStatus::Queued | CallStatus::Initiated);
    json!({
        "account_sid": account,
        "answered_by": null,
        "api_version": API_VERSION,
        "caller_name": null,
        "date_created": rfc2822(call.created),
        "date_updated": rfc2822(call.updated),
        "direction": call.direction.name(),
        "duration": call.ended.map(|_| call.duration().to_string()),
        "end_time": call.ended.map(rfc2822),
        "forwarded_from": null,
        "from": call.from,
        "from_formatted": formatted(&call.from),
        "group_sid": null,
        "parent_call_sid": call.parent,
        "phone_number_sid": null,
        "price": null,
        "price_unit": "USD",
        "queue_time": call.started.unwrap_or(call.created).saturating_sub(call.created).to_string(),
        "sid": call.sid,
        "start_time": call.answered.or(call.started).filter(|_| begun).map(rfc2822),
        "status": call.status.of_resource(),
        "subresource_uris": subresources,
        "to": call.to,
        "to_formatted": formatted(&call.to),
        "trunk_sid": null,
        "uri": format!("{uri}.json"),
    })
}

pub(super) fn queue(account: &str, queue: &Queue) -> Value {
    let uri = format!("{}/Queues/{}", account_path(account), queue.sid);
    json!({
        "account_sid": account,
        "average_wait_time": queue.average_wait_seconds(),
        "current_size": queue.members.len(),
        "date_created": rfc2822(queue.created),
        "date_updated": rfc2822(queue.updated),
        "friendly_name": queue.name,
        "max_size": queue.max_size,
        "sid": queue.sid,
        "uri": format!("{uri}.json"),
    })
}

/// `(555) 010-0101` for numbers of the North American plan, others as they are.
fn formatted(number: &str) -> String {
    let national = number.strip_prefix("+1").filter(|digits| digits.len() == 10 && digits.is_ascii());
    national
        .map_or_else(|| number.to_owned(), |digits| format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]))
}
