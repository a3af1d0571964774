//! Reads `via`: the channels that a message is tried by, one after another.

use protocol::v1::ViaUntil;

use super::fields::Fields;
use crate::domain::phone::Channel;
use crate::effects::Millis;
use crate::messages::program::ViaStep;

/// Each channel there is, once.
const MOST: usize = 2;

/// The least that a person needs to get a message, and the most for which it is news.
const WITHIN: std::ops::RangeInclusive<Millis> = 5_000..=86_400_000;

/// The longest text of a duration that can be within a day: its shortest unit is a nanosecond.
const LONGEST: usize = 32;

const CHANNELS: [(&str, Channel); 2] = [("sms", Channel::Sms), ("whatsapp", Channel::WhatsApp)];

const UNTIL: [(&str, ViaUntil); 3] =
    [("sent", ViaUntil::Sent), ("delivered", ViaUntil::Delivered), ("read", ViaUntil::Read)];

/// The steps; none where a message is a text and nothing else.
pub(super) fn read(fields: &mut Fields) -> Option<Vec<ViaStep>> {
    if !fields.has("via") {
        fields.take("via");
        return Some(Vec::new());
    }
    let steps = fields.inner_list("via", MOST)?;
    let last = steps.len().saturating_sub(1);
    let mut read: Vec<Option<ViaStep>> = Vec::new();
    for (at, fields) in steps.into_iter().enumerate() {
        let earlier: Vec<Channel> = read.iter().flatten().map(|step| step.channel).collect();
        read.push(step(fields, at == last, &earlier));
    }
    read.into_iter().collect()
}

fn step(mut fields: Fields, is_last: bool, earlier: &[Channel]) -> Option<ViaStep> {
    let channel = fields.required_word("channel", &CHANNELS);
    let given = ["until", "within"].map(|name| fields.has(name));
    let (until, within) = (fields.word("until", &UNTIL), within(&mut fields));
    match given {
        _ if is_last => {
            for (name, _) in ["until", "within"].into_iter().zip(given).filter(|(_, is_given)| *is_given) {
                fields.error(name, "no_next_channel", "is for a channel that has a next one");
            }
        }
        [true, false] => fields.error("within", "missing", "is required beside until"),
        [false, true] => fields.error("until", "missing", "is required beside within"),
        _ => {}
    }
    if channel.is_some_and(|channel| earlier.contains(&channel)) {
        fields.error("channel", "duplicate", "stands in the list before");
    }
    fields.finish();
    Some(ViaStep { channel: channel?, until, within })
}

/// How long a channel is waited for.
fn within(fields: &mut Fields) -> Option<Millis> {
    let words = ["PT2M", "must be 5 seconds to 24 hours: PT5S to PT24H"];
    fields.duration("within", 1..=LONGEST, WITHIN, words)
}
