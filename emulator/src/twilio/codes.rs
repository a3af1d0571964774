//! What Twilio's error codes mean, as callbacks and the Message resource word it (Twilio, Error and Warning Dictionary).

/// The words of a code that a message can fail with.
pub(super) fn meaning(code: u32) -> &'static str {
    match code {
        11200 => "HTTP retrieval failure",
        12300 => "Invalid Content-Type",
        21610 => "Attempt to send to unsubscribed recipient",
        30001 => "Queue overflow",
        30002 => "Account suspended",
        30003 => "Unreachable destination handset",
        30004 => "Message blocked",
        30005 => "Unknown destination handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        30008 => "Unknown error",
        30017 => "Carrier network congestion",
        30019 => "Content size exceeds carrier limit",
        30022 => "US A2P 10DLC - Rate Limits Exceeded",
        30034 => "US A2P 10DLC - Message from an Unregistered Number",
        30410 => "Provider timeout error",
        63016 => "Failed to send freeform message because you are outside the allowed window. Please use a template.",
        63019 => "Media failed to download",
        _ => "Error",
    }
}
