//! What leaves late, and again: what was taken back does not, an older text does not after a newer one, and what is
//! promised is done.

use std::collections::BTreeMap;

use emulator::helpscout::ConversationState;
use hotline::effects::Millis;

use super::{is_alive, person};
use crate::world::World;
use crate::world::ledger::{Leaving, Reply};

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
    /// attempts say; not so those of a text that waited for a release that was taken back.
    fn check_nothing_old(&self, broken: &mut Vec<String>) {
        let sent = self.twilio.sent();
        let replies = self.ledger.replies.iter().map(|reply| reply.marker.as_str());
        let markers: Vec<&str> = replies.chain(self.ledger.written.iter().map(|(marker, _)| marker.as_str())).collect();
        let mut texts: BTreeMap<(u64, &str, &str), Vec<&Leaving>> = BTreeMap::new();
        for leaving in &self.ledger.leaving {
            let is_marked = |marker: &&&str| leaving.body.contains(**marker) && !self.is_delayed(marker);
            let Some(marker) = markers.iter().find(is_marked) else { continue };
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
        if self.objects.values().any(|object| object.store.jobs().iter().any(|job| self.is_left_to_next_word(job))) {
            return;
        }
        // Of whom is erased a note says that nothing that waited is sent.
        let is_erased = |customer: u64| self.person_of(customer).is_some_and(|person| self.is_erased(&person));
        let plain = self.helpscout.conversations().filter(|it| self.is_plain(it) && !is_erased(it.customer));
        for conversation in plain {
            let notes = self.notes(conversation.id);
            let promises = notes.into_iter().filter(|note| note.contains("by itself"));
            let promises = promises.filter(|note| !self.is_of_a_deleted_text(note));
            broken.extend(promises.map(|note| format!("P9: {} still promises: {note}", conversation.id)));
        }
    }

    /// Whether a note is about a text whose conversation agents deleted: what became of that is not told any more.
    fn is_of_a_deleted_text(&self, note: &str) -> bool {
        let is_gone = |conversation: u64| {
            self.ledger.meddled.contains(&conversation)
                && self.helpscout.conversation(conversation).is_none_or(|it| it.state == ConversationState::Deleted)
        };
        let of_reply = |reply: &Reply| note.contains(&reply.marker) && is_gone(reply.conversation);
        let customer = |id: u64| self.helpscout.conversation(id).and_then(|it| self.person_of(it.customer));
        let of_written = |(marker, person): &(String, String)| {
            let theirs = |id: &u64| is_gone(*id) && customer(*id).as_ref() == Some(person);
            note.contains(marker) && self.ledger.meddled.iter().any(theirs)
        };
        self.ledger.replies.iter().any(of_reply) || self.ledger.written.iter().any(of_written)
    }
}
