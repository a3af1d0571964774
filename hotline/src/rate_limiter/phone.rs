//! A phone of the team is in one call at a time: who holds it, and until when at the latest.

use serde::{Deserialize, Serialize};

use crate::domain::hash::fnv1a;
use crate::effects::{Grant, Millis, Permit, PermitRequest};

/// Who holds a phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Phone {
    holder: String,
    until: Millis,
}

impl Phone {
    /// A phone that is held since the release before, which kept only a hash of its holder.
    pub fn released(hash: u32, until: Millis) -> Self {
        Self { holder: format!("#{hash}"), until }
    }

    fn is_held_by(&self, id: &str) -> bool {
        self.holder == id || self.holder.strip_prefix('#').is_some_and(|hash| hash == fnv1a(id).to_string())
    }

    /// The clock was set back by so much.
    pub fn set_back(&mut self, by: Millis) {
        self.until -= by;
    }

    /// A phone has one holder; who holds it already may hold it longer.
    pub fn hold(&mut self, request: &PermitRequest, now: Millis) -> Permit {
        if self.until > now && !self.is_held_by(&request.id) {
            return Permit::ReservedAt(self.until);
        }
        *self = Self { holder: request.id.clone(), until: now + request.cost * 1_000 };
        Permit::Granted(Grant::default())
    }

    /// Its holder gives it back; nobody else can.
    pub fn give_back(&mut self, id: &str) {
        if self.is_held_by(id) {
            *self = Self::default();
        }
    }
}
