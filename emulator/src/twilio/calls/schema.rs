//! Which elements and attributes voice TwiML has (TwiML for Programmable Voice, one page per verb).

use crate::twilio::xml::Element;

/// An element, its attributes, and what may stand in it.
type Rule = (&'static str, &'static [&'static str], &'static [&'static str]);

/// Nouns and verbs of Twilio's that are not here are treated as unknown ones.
const RULES: [Rule; 15] = [
    (
        "Response",
        &[],
        &["Say", "Play", "Pause", "Gather", "Dial", "Enqueue", "Record", "Hangup", "Redirect", "Reject", "Leave"],
    ),
    (
        "Say",
        &["voice", "language", "loop"],
        &["break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"],
    ),
    ("Play", &["loop", "digits"], &[]),
    ("Pause", &["length"], &[]),
    (
        "Gather",
        &[
            "input",
            "action",
            "method",
            "timeout",
            "speechTimeout",
            "maxSpeechTime",
            "numDigits",
            "finishOnKey",
            "actionOnEmptyResult",
            "hints",
            "language",
            "speechModel",
            "profanityFilter",
            "bargeIn",
            "partialResultCallback",
            "partialResultCallbackMethod",
            "enhanced",
            "debug",
        ],
        &["Say", "Play", "Pause"],
    ),
    (
        "Dial",
        &[
            "action",
            "method",
            "timeout",
            "timeLimit",
            "callerId",
            "callReason",
            "answerOnBridge",
            "hangupOnStar",
            "record",
            "recordingStatusCallback",
            "recordingStatusCallbackMethod",
            "recordingStatusCallbackEvent",
            "recordingTrack",
            "recordingConfigurationId",
            "trim",
            "ringTone",
            "sequential",
            "referUrl",
            "referMethod",
            "events",
            "passports",
        ],
        &["Number", "Queue", "Conference"],
    ),
    (
        "Number",
        &[
            "url",
            "method",
            "sendDigits",
            "statusCallback",
            "statusCallbackEvent",
            "statusCallbackMethod",
            "machineDetection",
            "machineDetectionTimeout",
            "machineDetectionSpeechThreshold",
            "machineDetectionSpeechEndThreshold",
            "machineDetectionSilenceTimeout",
            "amdStatusCallback",
            "amdStatusCallbackMethod",
            "byoc",
        ],
        &[],
    ),
    ("Queue", &["url", "method", "reservationSid", "postWorkActivitySid"], &[]),
    (
        "Conference",
        &[
            "startConferenceOnEnter",
            "endConferenceOnExit",
            "beep",
            "muted",
            "waitUrl",
            "waitMethod",
            "maxParticipants",
            "record",
            "recordingStatusCallback",
            "recordingStatusCallbackMethod",
            "recordingStatusCallbackEvent",
            "recordingConfigurationId",
            "statusCallback",
            "statusCallbackMethod",
            "statusCallbackEvent",
            "coach",
            "participantLabel",
            "region",
            "jitterBufferSize",
            "trim",
            "eventCallbackUrl",
        ],
        &[],
    ),
    ("Enqueue", &["action", "method", "maxQueueSize", "waitUrl", "waitUrlMethod", "workflowSid"], &[]),
    (
        "Record",
        &[
            "action",
            "method",
            "timeout",
            "finishOnKey",
            "maxLength",
            "playBeep",
            "trim",
            "recordingStatusCallback",
            "recordingStatusCallbackMethod",
            "recordingStatusCallbackEvent",
            "transcribe",
            "transcribeCallback",
            "recordingConfigurationId",
        ],
        &[],
    ),
    ("Redirect", &["method"], &[]),
    ("Reject", &["reason"], &[]),
    ("Hangup", &[], &[]),
    ("Leave", &[], &[]),
];

/// What deviates from the schema, in words (warning 12200); all of it is ignored when the document runs.
pub(super) fn deviations(element: &Element) -> Vec<String> {
    let Some((_, attributes, children)) = RULES.iter().find(|(name, ..)| *name == element.name) else {
        return Vec::new();
    };
    let known = |name: &str| name.starts_with("xml") || attributes.contains(&name);
    let strange = element.attributes.iter().map(|(name, _)| name).filter(|name| !known(name));
    let mut found: Vec<_> =
        strange.map(|name| format!("attribute '{name}' is not allowed in '{}'", element.name)).collect();
    for child in &element.children {
        if children.contains(&child.name.as_str()) {
            found.extend(deviations(child));
        } else {
            found.push(format!("element '{}' is not allowed in '{}'", child.name, element.name));
        }
    }
    found
}
