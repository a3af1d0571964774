//! Calls in the control API: `/_play/call`, `/_play/calls…`, and the phones in `/_play/settings`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::World;
use super::control::parse;
use crate::twilio::{Call, FarEnd, RecordingStatus, Script, Transcription};

/// `POST /_play/call`.
#[derive(Deserialize)]
struct Begin {
    from: String,
    to: String,
    #[serde(default)]
    script: Script,
}

/// `POST /_play/calls/{sid}/…`: what the person at the far end of that leg does.
#[derive(Deserialize)]
struct Action {
    /// For `press`.
    #[serde(default)]
    digits: String,
    /// For `speak`.
    #[serde(default)]
    ms: u64,
    /// For `answer`.
    #[serde(default)]
    script: Script,
}

/// `calls` in `POST /_play/settings`; what is left out stays as it is.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// What phones do when they are called, by number.
    #[serde(default)]
    far_ends: BTreeMap<String, FarEnd>,
    /// Transcription outcomes by number.
    #[serde(default)]
    transcriptions: BTreeMap<String, Transcription>,
    /// Phones that ring for a second call, by number.
    #[serde(default)]
    call_waiting: BTreeMap<String, bool>,
    /// What networks say of callers (`StirVerstat`), by number.
    #[serde(default)]
    stir_verdicts: BTreeMap<String, String>,
    calls_per_second: Option<u64>,
    dialing_ms: Option<u64>,
    play_ms: Option<u64>,
    recording_processing_ms: Option<u64>,
    recording_ready_after_ms: Option<u64>,
    dial_action_after_hangup: Option<bool>,
    transcription: Option<Transcription>,
}

pub(super) fn call(world: &mut World, body: &[u8]) -> Result<Value, String> {
    let Begin { from, to, script } = parse(body)?;
    let now = world.now();
    Ok(json!({"sid": world.twilio.call_in(now, &from, &to, script)}))
}

pub(super) fn calls(world: &mut World) -> Value {
    let now = world.now();
    world.twilio.calls().iter().map(|call| show(world, now, call)).collect()
}

pub(super) fn one(world: &mut World, sid: &str) -> Result<Value, String> {
    let now = world.now();
    world.twilio.call(sid).map(|call| show(world, now, call)).ok_or_else(|| no_such(sid))
}

pub(super) fn action(world: &mut World, sid: &str, action: &str, body: &[u8]) -> Result<Value, String> {
    let Action { digits, ms, script } = parse(if body.is_empty() { b"{}" } else { body })?;
    let now = world.now();
    if world.twilio.call(sid).is_none() {
        return Err(no_such(sid));
    }
    let twilio = &mut world.twilio;
    let done = match action {
        "press" => {
            twilio.press(now, sid, &digits);
            true
        }
        "speak" => {
            twilio.speak(now, sid, ms);
            true
        }
        "hang_up" => {
            twilio.hang_up(now, sid);
            true
        }
        "answer" => twilio.take_call(now, sid, script),
        "decline" => twilio.decline(now, sid),
        other => return Err(format!("no such action: {other}")),
    };
    if done { one(world, sid) } else { Err(format!("{sid} does not ring any more")) }
}

pub(super) fn change(world: &mut World, change: Change) {
    let twilio = &mut world.twilio;
    for (number, far_end) in change.far_ends {
        twilio.set_far_end(&number, far_end);
    }
    for (number, transcription) in change.transcriptions {
        twilio.set_transcription(&number, transcription);
    }
    for (number, on) in change.call_waiting {
        twilio.set_call_waiting(&number, on);
    }
    for (number, verdict) in change.stir_verdicts {
        twilio.set_stir_verdict(&number, &verdict);
    }
    let voice = &mut twilio.settings_mut().voice;
    let times = [
        (&mut voice.calls_per_second, change.calls_per_second),
        (&mut voice.dialing_ms, change.dialing_ms),
        (&mut voice.play_ms, change.play_ms),
        (&mut voice.recording_processing_ms, change.recording_processing_ms),
        (&mut voice.recording_ready_after_ms, change.recording_ready_after_ms),
    ];
    for (setting, wanted) in times {
        *setting = wanted.unwrap_or(*setting);
    }
    voice.dial_action_after_hangup = change.dial_action_after_hangup.unwrap_or(voice.dial_action_after_hangup);
    if let Some(transcription) = change.transcription {
        voice.transcription = transcription;
    }
}

/// A leg, and what the person at its far end heard.
fn show(world: &World, now: u64, call: &Call) -> Value {
    let heard = call.heard.iter().map(|(at, what)| {
        let (kind, words) = what.words();
        json!({"at": at, "kind": kind, "words": words})
    });
    let recordings: Vec<_> = world.twilio.recordings().iter().filter(|it| it.call_sid == call.sid).collect();
    let shown =
        recordings.iter().map(|it| json!({"sid": it.sid, "status": it.status.name(), "duration_ms": it.duration_ms}));
    json!({
        "sid": call.sid,
        "parent": call.parent,
        "direction": call.direction.name(),
        "from": call.from,
        "to": call.to,
        "phone": call.phone(),
        "status": call.status.name(),
        "created": call.created,
        "started": call.started,
        "answered": call.answered,
        "ended": call.ended,
        "duration": call.duration(),
        "peer": call.peer,
        "heard": heard.collect::<Vec<_>>(),
        "recording": recordings.iter().any(|it| it.status == RecordingStatus::InProgress),
        "recordings": shown.collect::<Vec<_>>(),
        "longest_silence_ms": world.twilio.longest_silence(now, &call.sid),
    })
}

fn no_such(sid: &str) -> String {
    format!("no such call: {sid}")
}
