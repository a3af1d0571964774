//! What leaves late, and again: what was taken back does not, an older text does not after a newer one, and what is
//! promised is done.

use std::collections::BTreeMap;

use hotline::effects::Millis;

use super::{is_alive, person};
use crate::world::World;
use crate::world::ledger::Leaving;

/// A reply is read just before it leaves, at most ten seconds (hotline: `FRESH`), and the answer to that reading may have
/// taken ten (hotline: `REQUEST_TIMEOUT`).
const READ_BEFORE: Millis = 20_500;

impl World {
    pub(super) fn check_repeats(&self, broken: &mut Vec<String>) {
        self.check_taken_back(broken);
        self.check_nothing_old(broken);
        self.check_no_promise_is_left(broken);
    }

    /// P4: what an agent took back before an attempt never leaves with it.
    fn check_taken_back(&self, broken: &mut Vec<String>) {
        for reply in &self.ledger.replies {
            let Some(taken_back) = reply.taken_back_at else { continue };
            let left = self.ledger.leaving.iter().filter(|leaving| leaving.body.contains(&reply.marker));
            let after = left.map(|leaving| leaving.at - taken_back).filter(|after| *after > READ_BEFORE);
            broken.extend(after.map(|after| format!("P4: {} left {after} ms after it was taken back", reply.marker)));
        }
    }

    /// P3: an older text of the agents never leaves after a newer one that may have arrived. Which is newer, their first
    /// attempts say.
    fn check_nothing_old(&self, broken: &mut Vec<String>) {
        let sent = self.twilio.sent();
        let replies = self.ledger.replies.iter().map(|reply| reply.marker.as_str());
        let markers: Vec<&str> = replies.chain(self.ledger.written.iter().map(|(marker, _)| marker.as_str())).collect();
        let mut texts: BTreeMap<(u64, &str, &str), Vec<&Leaving>> = BTreeMap::new();
        for leaving in &self.ledger.leaving {
            let Some(marker) = markers.iter().find(|marker| leaving.body.contains(**marker)) else { continue };
            let mailbox = self.mailbox_of_sender(&leaving.from);
            texts.entry((mailbox, &leaving.person, marker)).or_default().push(leaving);
        }
        for ((mailbox, whom, older), attempts) in
            texts.iter().filter(|((_, whom, _), _)| !self.ledger.late.contains(*whom))
        {
            let newer = texts.iter().filter(|((other, person, _), newer)| {
                other == mailbox && person == whom && newer[0].order > attempts[0].order
            });
            for ((_, _, newer), _) in newer {
                let arrived = |at: Millis| {
                    sent.iter().any(|it| {
                        let before = it.created.cast_signed() <= at;
                        person(it) == *whom && it.body.contains(newer) && is_alive(it) && before
                    })
                };
                if let Some(late) = attempts.iter().find(|attempt| arrived(attempt.at)) {
                    broken
                        .push(format!("P3: {older} left at {} after {newer} to {whom}", super::super::clock(late.at)));
                }
            }
        }
    }

    /// P9: when all is done, no note says that something is still to come.
    fn check_no_promise_is_left(&self, broken: &mut Vec<String>) {
        for conversation in self.helpscout.conversations().filter(|it| self.is_plain(it)) {
            let notes = self.notes(conversation.id);
            let promises = notes.into_iter().filter(|note| note.contains("by itself"));
            broken.extend(promises.map(|note| format!("P9: {} still promises: {note}", conversation.id)));
        }
    }
}
