//! What a history of calls has to keep, looked at from outside when it is over.

use std::collections::{BTreeMap, BTreeSet};

use emulator::helpscout::Thread;
use emulator::twilio::{Call, CallDirection, Heard};
use hotline::domain::html::normalised;
use hotline::domain::phone::Party;

use crate::world::World;
use crate::world::object::Name;
use crate::world::stage::VOTERS;

/// Twilio waits fifteen seconds for a document (Webhooks connection overrides), and then for the fallback's.
const LONGEST_SILENCE: u64 = 31_000;
/// After so many calls of one number within so long, in milliseconds, further ones are rejected (`repeated_calls`); webhooks
/// come up to two minutes late here.
const MOST_CALLS: usize = 10;
const COUNTED: u64 = 17 * 60_000;
/// The webhook of a call may come so late (`random_faults.rs`), after those of calls that were made later.
const LATE_WEBHOOK: u64 = 60_000;
/// For a document that Twilio could not have in time (error 11200), and what leads to the next.
const LATE_DOCUMENT: u64 = 15_500;

impl World {
    /// No caller ends in silence, nobody gets a caller twice, no phone is left ringing, and the conversation says what
    /// every call came to.
    pub(super) fn check_calls(&self, broken: &mut Vec<String>) {
        let mut expected: BTreeMap<(u64, String), Vec<&str>> = BTreeMap::new();
        let mut broke_off: BTreeSet<String> = BTreeSet::new();
        for call in self.twilio.calls().iter().filter(|call| call.direction == CallDirection::Inbound) {
            if Party::parse(&call.from).1.phone().is_some_and(|number| self.config.is_own(number)) {
                // Where Twilio could not ask us, it answers by itself.
                let is_asked = self.twilio.debugger().iter().all(|it| it.message_sid != call.sid);
                if call.answered.is_some() && is_asked {
                    broken.push(format!("calls: the hotline has answered itself: {}", call.sid));
                }
                continue;
            }
            let heard: Vec<&Heard> = call.heard.iter().map(|(_, what)| what).collect();
            let met = |wanted: &dyn Fn(&Heard) -> bool| heard.iter().filter(|what| wanted(what)).count();
            let bridged = met(&|what| matches!(what, Heard::Bridged(_)));
            let messages = self.twilio.recordings().iter().filter(|it| it.call_sid == call.sid);
            // Twilio tells whole seconds; one is a click.
            let messages = messages.filter(|it| (it.duration_ms + 500) / 1_000 > 1).count();
            // Whoever is redirected while they speak has left two.
            let came = match (bridged, messages) {
                (0, 0) => vec![MISSED_CALL],
                (0, messages) => vec![VOICEMAIL; messages],
                (_, messages) => [vec![TAKEN], vec![VOICEMAIL; messages]].concat(),
            };
            if brief(&call.heard) {
                // Together for a moment: whether they have talked, nobody can say.
                broke_off.insert(Party::parse(&call.from).1.key());
            }
            if bridged > 1 {
                broken.push(format!("calls: {} was given away {bridged} times", call.sid));
            }
            let met = bridged > 0
                || heard.iter().any(|what| matches!(what, Heard::Beep | Heard::Busy | Heard::ApplicationError));
            let patience = self.ledger.patience.get(&call.sid).map(|until| until.cast_unsigned());
            if !met && call.ended < patience {
                broken.push(format!("calls: {} was cut off", call.sid));
            }
            let silence = self.twilio.longest_silence(self.now.cast_unsigned(), &call.sid);
            let late =
                self.twilio.debugger().iter().filter(|it| it.message_sid == call.sid && it.code == 11_200).count();
            if silence > LONGEST_SILENCE.max(LATE_DOCUMENT * late as u64) {
                broken.push(format!("calls: {} heard nothing for {silence} ms", call.sid));
            }
            if !call.status.is_final() {
                broken.push(format!("calls: {} never ends", call.sid));
            }
            let person = Party::parse(&call.from).1.key();
            match self.ledger.rejected.get(&call.sid) {
                None => {}
                Some(false) => drop(broke_off.insert(person.clone())),
                Some(true) if self.calls_before(call) >= MOST_CALLS => continue,
                Some(true) => broken.push(format!("calls: {} was rejected without reason", call.sid)),
            }
            expected.entry((self.mailbox_of_sender(&call.to), person)).or_default().extend(came);
        }
        broken.extend(self.twilio.ringing().map(|leg| format!("calls: {} is left ringing", leg.to)));
        let mut shown: BTreeMap<(u64, String), Vec<&str>> = BTreeMap::new();
        for thread in self.all_threads(|thread| thread.source.kind == "api" && !self.is_twin(thread.conversation)) {
            let words = normalised(&thread.text);
            let Some(came) = CAME.into_iter().find(|came| words.starts_with(came)) else { continue };
            if words.contains("answered by :") {
                broken.push(format!("calls: {words:?} does not say who answered"));
            }
            let person = self.ledger.about.get(&thread.id).cloned().unwrap_or_default();
            shown.entry((self.ledger.homes.get(&thread.id).copied().unwrap_or(0), person)).or_default().push(came);
        }
        for (whom, mut expected) in expected {
            let mut shown = shown.remove(&whom).unwrap_or_default();
            expected.sort_unstable();
            shown.sort_unstable();
            // A message whose file is told of late was taken for a missed call before.
            let late = expected.iter().filter(|came| **came == VOICEMAIL).count();
            let more = |which| shown.iter().filter(|came| **came == which).count();
            let missed = expected.iter().filter(|came| **came == MISSED_CALL).count();
            if (missed + 1..=missed + late).contains(&more(MISSED_CALL)) {
                expected.extend(vec![MISSED_CALL; more(MISSED_CALL) - missed]);
                expected.sort_unstable();
            }
            if shown != expected && !broke_off.contains(&whom.1) {
                broken.push(format!("calls: {whom:?} had {expected:?}, Help Scout shows {shown:?}"));
            }
        }
    }

    /// How many calls the same person had made to the same hotline in the quarter of an hour before one was told of.
    fn calls_before(&self, call: &Call) -> usize {
        let to = self.mailbox_of_sender(&call.to);
        let same = |from: &str| Party::parse(from).1 == Party::parse(&call.from).1;
        let before = self.twilio.calls().iter().filter(|it| {
            it.direction == CallDirection::Inbound && same(&it.from) && self.mailbox_of_sender(&it.to) == to
        });
        before
            .filter(|it| {
                let counted = call.created.saturating_sub(COUNTED)..=call.created + LATE_WEBHOOK;
                it.sid != call.sid && counted.contains(&it.created)
            })
            .count()
    }

    /// Every call that an agent asked for has an end, and a note of it.
    pub(super) fn check_calls_back(&self, broken: &mut Vec<String>) {
        let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
        for (id, person) in &self.ledger.called_back {
            *expected.entry(person).or_default() += 1;
            let end = self.objects.get(&Name::Call(VOTERS, id.clone())).map(|call| call.store.holds("ended"));
            if end != Some(true) {
                broken.push(format!("calls: {id} to {person} has no end"));
            }
        }
        for (person, expected) in expected {
            let ours = |thread: &Thread| self.ledger.about.get(&thread.id).is_some_and(|about| about == person);
            let reply = self.all_threads(|thread| ours(thread) && thread.text.contains(" called back at "));
            let reply = reply.filter(|thread| !self.is_twin(thread.conversation)).count();
            if reply != expected {
                broken.push(format!("calls: {person} was called back {expected} times, Help Scout shows {reply}"));
            }
        }
    }
}

/// Whether two were connected for less than four seconds: what is known of the ends of both calls are whole seconds.
fn brief(heard: &[(u64, Heard)]) -> bool {
    let next = heard.iter().map(|(at, _)| *at).skip(1);
    heard.iter().zip(next).any(|((at, what), end)| matches!(what, Heard::Bridged(_)) && end < at + 4_000)
}

/// How a thread about a call begins.
const TAKEN: &str = "Call at ";
const MISSED_CALL: &str = "Missed call at ";
const VOICEMAIL: &str = "Voicemail at ";
const CAME: [&str; 3] = [TAKEN, MISSED_CALL, VOICEMAIL];

pub(super) fn is_call(words: &str) -> bool {
    CAME.iter().any(|came| words.starts_with(came))
}
