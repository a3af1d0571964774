//! A new release takes over the storage of an old one.

use std::collections::BTreeMap;

use hotline::storage::{Store, Stored};

use super::World;
use super::object::{Name, Object};
use crate::store::SqliteStore;

impl Name {
    /// The object that a fixture names, in the words of the release that wrote it.
    fn of_fixture(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(' ')?;
        Some(match kind {
            "contact" | "call" => {
                let (mailbox, key) = name.split_once('/')?;
                let (mailbox, key) = (mailbox.parse().ok()?, key.to_owned());
                if kind == "call" { Self::Call(mailbox, key) } else { Self::Contact(mailbox, key) }
            }
            "desk" => Self::Directory(name.parse().ok()?),
            "gate" => Self::RateLimiter(name.to_owned()),
            _ => return None,
        })
    }
}

impl World {
    /// Every object is replaced by one of today's release on the rows of an earlier one, and nothing is under way.
    ///
    /// # Panics
    /// When the fixture names an object of no kind, or its statements are none.
    pub fn take_over(&mut self, fixture: &BTreeMap<String, String>) -> Stored<()> {
        let life = self.objects.values().map(|object| object.life).max().unwrap_or(0) + 1;
        self.objects.clear();
        for (text, statements) in fixture {
            let name = Name::of_fixture(text).expect("the fixture names an object");
            let store = SqliteStore::in_memory(&self.switch)?;
            for statement in statements.split(";\n").filter(|statement| !statement.is_empty()) {
                store.execute(statement, &[])?;
            }
            let mut object = Object::on(&name, store)?;
            object.life = life;
            self.objects.insert(name.clone(), object);
            self.arm(&name, |alarm, now| alarm.arm(now + 1, now));
        }
        Ok(())
    }
}
