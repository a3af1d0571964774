//! A phone of the team is in one call at a time: who holds it, until when at the latest, and which callers wait for it.

use serde::{Deserialize, Serialize};

use crate::domain::hash::fnv1a;
use crate::effects::{Grant, Millis, Permit, PermitRequest, Waits};
use crate::messages::rate_limiter::BUSY_AGAIN;

/// How soon a caller asks again for a phone that rings for somebody else.
const ASKS_AGAIN: Millis = 1_000;

/// A caller who has not asked for so long waits no more: requests were lost, or they have gone. A request may take a second
/// longer than the one before it.
const STOPS_WAITING: Millis = BUSY_AGAIN + 1_000;

/// Who holds a phone, and who waits for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Phone {
    holder: String,
    until: Millis,
    /// Its holder talks, and does not only ring it.
    talks: bool,
    waiting: Vec<Waiting>,
}

/// A caller for whom the phone is to ring next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    id: String,
    /// When they called: the oldest goes first.
    since: Millis,
    asked_at: Millis,
}

impl Phone {
    /// A phone that is held since the release before, which kept only a hash of its holder.
    pub fn released(hash: u32, until: Millis) -> Self {
        Self { holder: format!("#{hash}"), until, ..Self::default() }
    }

    fn is_held_by(&self, id: &str) -> bool {
        self.holder == id || self.holder.strip_prefix('#').is_some_and(|hash| hash == fnv1a(id).to_string())
    }

    /// The clock was set back by so much. Who waits asks again.
    pub fn set_back(&mut self, by: Millis) {
        self.until -= by;
        self.waiting.clear();
    }

    /// A phone has one holder; who holds it already may hold it longer. Requests that wait are those of callers, for whom
    /// the phone is to ring. A phone that only rings is free within seconds, and goes to the oldest of the callers who wait
    /// for it.
    pub fn hold(&mut self, request: &PermitRequest, now: Millis) -> Permit {
        let is_free = self.until <= now;
        let is_holder = !is_free && self.is_held_by(&request.id);
        self.waiting.retain(|other| other.id != request.id && now - other.asked_at < STOPS_WAITING);
        if !is_holder {
            if let Some(until) = self.wait(request, now, is_free) {
                return Permit::ReservedAt(until);
            }
            self.talks = false;
            self.holder.clone_from(&request.id);
        }
        self.talks |= request.talks;
        self.until = now + request.cost * 1_000;
        Permit::Granted(Grant::default())
    }

    /// Until when somebody waits who does not hold the phone; `None` when it is theirs now.
    fn wait(&mut self, request: &PermitRequest, now: Millis, is_free: bool) -> Option<Millis> {
        let Some(Waits { since, .. }) = request.waits else { return (!is_free).then_some(self.until) };
        let is_next = self.waiting.iter().all(|other| (since, &request.id) < (other.since, &other.id));
        if is_free && is_next {
            return None;
        }
        self.waiting.push(Waiting { id: request.id.clone(), since, asked_at: now });
        Some(if self.talks && !is_free { self.until } else { now + ASKS_AGAIN })
    }

    /// Its holder gives it back; nobody else can. Who waits for it waits no more.
    pub fn give_back(&mut self, id: &str) {
        self.waiting.retain(|other| other.id != id);
        if self.is_held_by(id) {
            *self = Self { waiting: std::mem::take(&mut self.waiting), ..Self::default() };
        }
    }
}
