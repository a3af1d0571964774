//! How long things take in a call.

use crate::effects::Millis;

/// How long after a phone has taken the caller they are at the latest together: what Twilio waits for somebody in the
/// queue, and a request each way.
pub(super) const COUNTS_AS_TALK_AFTER: Millis = 20_000;

/// How soon everything that Twilio tells about the end of a talk has come; it tells it in any order.
pub(super) const CALLBACK_GRACE: Millis = 10_000;

/// How long somebody who answers may take to press a key: the question twice, and the silence after it.
pub(super) const PROMPT: Millis = 20_000;

/// How often it is looked whether a talk goes on: should all that Twilio tells about its end be lost, the phone counts as
/// in use for so long at most.
pub(super) const CHECKED_EVERY: Millis = 300_000;

/// How soon Twilio tells of a call that it has made and that need not wait for its turn (`initiated` comes at once). When
/// the answer was lost, Twilio's list is looked at then.
pub(super) const TOLD_WITHIN: Millis = 3_000;

/// How long an agent's own phone rings; most carriers go to voicemail after that.
pub(super) const AGENT_RINGS_S: u32 = 30;

/// How long the contact's phone rings.
pub(super) const CONTACT_RINGS_S: u32 = 40;

/// What Twilio adds to the seconds that a phone rings, and requests each way (Twilio, Call resource: Timeout).
const SLACK: Millis = 15_000;

/// How long it takes at the longest until each step of a call back is heard of.
pub(super) const AGENT_ANSWERS_WITHIN: Millis = AGENT_RINGS_S as Millis * 1_000 + SLACK;
pub(super) const CONFIRMED_WITHIN: Millis = PROMPT + SLACK;
pub(super) const CONTACT_ANSWERS_WITHIN: Millis = CONTACT_RINGS_S as Millis * 1_000 + SLACK;

/// How long it takes at the longest until agent and contact talk: two phones ring and a key is pressed, thrice over.
pub(super) const LONGEST_RINGING: Millis = 600_000;

/// How long after a message its file may take to be told of; then what is known of it has to do.
pub(super) const FILED: Millis = 30_000;
