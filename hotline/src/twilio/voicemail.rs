//! The documents of voicemail. They need no state, so that they are there when state cannot be reached.

use crate::config::{Config, Hotline, Prompt};
use crate::twilio::calls::{Facts, Stage};
use crate::twilio::twiml::{Record, Verb};

/// What a caller meets at voicemail. It needs no state, so that it is there when state cannot be reached.
pub(crate) fn document(config: &Config, hotline: &Hotline, call: &str) -> Vec<Verb> {
    let address = |stage: Stage| stage.address(config, hotline.mailbox, call, None);
    let prompt = match &hotline.voicemail.prompt {
        Prompt::Say(words) => Some(Verb::SayIn(hotline.voice.clone(), words.clone())),
        Prompt::Play(address) => Some(Verb::Play(address.clone())),
        Prompt::Nothing => None,
    };
    let record = Record {
        action: address(Stage::Recorded),
        recording: address(Stage::Recording),
        transcript: hotline.voicemail.transcribe.then(|| address(Stage::Transcript)),
        max_length: hotline.voicemail.max_seconds,
    };
    prompt
        .into_iter()
        .chain([Verb::Record(record)])
        .chain(goodbye(hotline, hotline.words.no_message.as_deref()))
        .collect()
}

/// What whoever is on the line meets when the call's own state cannot be reached: callers leave a message, which finds
/// its conversation when its file comes.
pub fn without_state(stage: Stage, facts: &Facts, config: &Config, hotline: &Hotline, call: &str) -> Vec<Verb> {
    match stage {
        // They have talked.
        Stage::Queue if facts.result == "bridged" => vec![Verb::Hangup],
        Stage::Incoming | Stage::Queue | Stage::Voicemail => document(config, hotline, call),
        Stage::Wait => vec![Verb::Leave],
        Stage::Recorded => thanks(hotline),
        _ => goodbye(hotline, hotline.words.not_connected.as_deref()),
    }
}

/// What a caller hears after their message.
pub(crate) fn thanks(hotline: &Hotline) -> Vec<Verb> {
    goodbye(hotline, hotline.words.thanks.as_deref())
}

/// The last words to a caller, where there are any.
fn goodbye(hotline: &Hotline, last: Option<&str>) -> Vec<Verb> {
    let say = last.map(|words| Verb::SayIn(hotline.voice.clone(), words.to_owned()));
    say.into_iter().chain([Verb::Hangup]).collect()
}
