//! After an erasure nothing that was said stands in any row, and nothing leaves that waited. A number is verified for the first time
//! once, whoever was erased meanwhile.

use std::collections::BTreeMap;

use crate::world::World;
use crate::world::object::Name;

impl World {
    /// Whether a program had somebody erased, who is a stranger since.
    pub(super) fn is_erased(&self, person: &str) -> bool {
        self.ledger.erased.iter().any(|erased| erased.person == person)
    }

    pub(super) fn check_erasures(&self, broken: &mut Vec<String>) {
        // What agents and programs said is known by its id too. An answer with an Idempotency-Key is kept for a day, byte for byte.
        let objects = self.objects.iter().filter(|(name, _)| !matches!(name, Name::ApiKey(_) | Name::Contact(..)));
        let elsewhere: Vec<(String, String)> =
            objects.map(|(name, object)| (name.to_string(), object.store.all_texts().join("\n"))).collect();
        for erased in &self.ledger.erased {
            let own = |name: &&Name| matches!(name, Name::Contact(mailbox, key) if *mailbox == super::VOTERS && *key == erased.person);
            let own = self.objects.iter().filter(|(name, _)| own(name));
            let own = own.map(|(name, object)| (name.to_string(), object.store.all_texts().join("\n")));
            for (name, texts) in own.chain(elsewhere.clone()) {
                let said =
                    erased.held.iter().filter(|marker| marker.starts_with('T') && texts.contains(marker.as_str()));
                broken.extend(
                    said.map(|marker| format!("{} was erased, and {name} still holds {marker}", erased.person)),
                );
            }
            for leaving in self.ledger.leaving.iter().filter(|leaving| leaving.order > erased.order) {
                let waited =
                    |marker: &&String| leaving.body.contains(marker.as_str()) && !erased.under_way.contains(marker);
                let marker = erased.held.iter().find(waited).filter(|_| leaving.person == erased.person);
                broken.extend(marker.map(|marker| format!("{} was erased, and {marker} left", erased.person)));
            }
        }
        let mut firsts: BTreeMap<&str, usize> = BTreeMap::new();
        for verified in self.ledger.verified.iter().filter(|verified| verified.is_first) {
            *firsts.entry(&verified.person).or_default() += 1;
        }
        let twice = firsts.into_iter().filter(|(_, count)| *count > 1);
        broken.extend(twice.map(|(person, count)| format!("{person} was verified for the first time {count} times")));
        let unfinished = self.ledger.erasure_ends.iter().filter(|(_, status)| status != "done");
        broken.extend(unfinished.map(|(person, status)| format!("the erasure of {person} is {status:?}")));
    }
}
