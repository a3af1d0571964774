//! A world of so many people that their objects cannot all be open at once: they rest between their steps.

use std::collections::VecDeque;

use hotline::storage::Stored;

use super::World;
use super::object::{Name, Object};
use crate::store::SqliteStore;

/// So many objects of people are open: those to whom something leaves within ten seconds, at a hundred a second, twice over.
const OPEN: usize = 2_000;

/// What a world of many people keeps of them.
#[derive(Default)]
pub(super) struct Crowd {
    /// The people's objects that stepped last.
    open: VecDeque<Name>,
    /// The tables of a person's object, as its migrations leave them: to carry them out a hundred thousand times shows nothing new.
    tables: Option<Vec<u8>>,
}

impl World {
    /// From now on the objects of people rest between their steps.
    pub fn expect_a_crowd(&mut self) {
        self.crowd = Some(Crowd::default());
    }

    /// An object that is there for the first time.
    pub(super) fn begin_object(&mut self, name: &Name) -> Stored<Object> {
        let Some(crowd) = self.crowd.as_mut().filter(|_| matches!(name, Name::Contact(..))) else {
            return Object::new(name, &self.switch);
        };
        let Some(tables) = &crowd.tables else {
            let mut object = Object::on(name, SqliteStore::small(&self.switch)?)?;
            object.store.rest();
            crowd.tables = Some(object.store.image().to_vec());
            return Ok(object);
        };
        Object::on(name, SqliteStore::of_image(tables.clone(), &self.switch))
    }

    /// An object has stepped: the one for which that is longest ago rests.
    pub(super) fn rest_of_the_crowd(&mut self, name: &Name) {
        let Some(crowd) = self.crowd.as_mut().filter(|_| matches!(name, Name::Contact(..))) else { return };
        crowd.open.push_back(name.clone());
        if crowd.open.len() > OPEN
            && let Some(oldest) = crowd.open.pop_front()
            && let Some(object) = self.objects.get_mut(&oldest)
        {
            object.store.rest();
        }
    }
}
