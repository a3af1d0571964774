//! Which number of a pool stands for the other side of a session. The two sides are given theirs apart from each other, so a pool
//! needs as many numbers as the one person has sessions who has most.

use crate::config::{Matching, Pool};
use crate::domain::phone::E164;
use crate::effects::Millis;

/// When no number is free, one may be used again that rested so long.
const SHORTEST_REST: Millis = 3_600_000;

/// A number that was given to this participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub proxy: String,
    /// For whom it stands.
    pub other: String,
    /// When the session ended; `None` while it is open.
    pub ended_at: Option<Millis>,
}

/// The number that stands for `other`, if there is any: theirs from before, else the lowest that is free, else the one that rested
/// longest.
pub(super) fn choose(pool: &Pool, person: &E164, other: &str, given: &[Given], now: Millis) -> Option<E164> {
    let is_open = |number: &E164| given.iter().any(|it| it.proxy == number.as_str() && it.ended_at.is_none());
    let rested_since = |number: &E164| {
        let of_number = given.iter().filter(|it| it.proxy == number.as_str());
        of_number.filter_map(|it| it.ended_at).filter(|ended| now - ended < pool.rest).max()
    };
    let mut numbers: Vec<(u8, &E164)> =
        pool.numbers.iter().filter_map(|number| Some((rank(pool.matching, person, number)?, number))).collect();
    numbers.retain(|(_, number)| !is_open(number));
    numbers.sort_by_key(|(rank, number)| (*rank, number.digits().parse().unwrap_or(u64::MAX)));
    let is_theirs = |number: &E164| {
        let of_number = given.iter().filter(|it| it.proxy == number.as_str());
        let last = of_number.max_by_key(|it| it.ended_at);
        last.is_some_and(|last| last.other == other) && rested_since(number).is_some()
    };
    let theirs = numbers.iter().find(|(_, number)| is_theirs(number));
    let free = || numbers.iter().find(|(_, number)| rested_since(number).is_none());
    let longest = || {
        let resting = numbers.iter().filter_map(|(_, number)| Some((rested_since(number)?, *number)));
        resting.filter(|(since, _)| now - since >= SHORTEST_REST).min_by_key(|(since, _)| *since)
    };
    let chosen = theirs.or_else(free).map(|(_, number)| *number);
    chosen.or_else(|| longest().map(|(_, number)| number)).cloned()
}

/// How near a number is to a participant, 0 the nearest; `None` for one that they are not given.
fn rank(matching: Matching, person: &E164, number: &E164) -> Option<u8> {
    let is_of_country = person.country_code() == number.country_code();
    match matching {
        Matching::Any => Some(0),
        Matching::Country => is_of_country.then_some(0),
        Matching::Area if is_of_country && area(person) == area(number) => Some(0),
        Matching::Area if is_of_country => Some(1),
        Matching::Area => Some(2),
    }
}

/// The area code of North America's numbers; elsewhere a country is one area.
fn area(number: &E164) -> Option<&str> {
    number.digits().strip_prefix('1')?.get(..3)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_795_176_000_000;
    const HOUR: Millis = 3_600_000;
    const DAY: Millis = 24 * HOUR;

    fn number(text: &str) -> E164 {
        E164::parse(text).unwrap()
    }

    fn pool(matching: Matching, numbers: &[&str]) -> Pool {
        let numbers = numbers.iter().map(|text| number(text)).collect();
        Pool { variable: "POOL_A".to_owned(), mailbox: 3003, numbers, matching, rest: 7 * DAY }
    }

    fn given(proxy: &str, other: &str, ended_ago: Option<Millis>) -> Given {
        Given { proxy: proxy.to_owned(), other: other.to_owned(), ended_at: ended_ago.map(|ago| NOW - ago) }
    }

    fn chosen(pool: &Pool, given: &[Given]) -> Option<String> {
        choose(pool, &number("+15550100101"), "+15550100102", given, NOW).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn a_number_of_the_area_comes_first_then_one_of_the_country_and_no_other_unless_the_pool_says_so() {
        let numbers = ["+442079460001", "+12125550001", "+15550100012", "+15550100011"];
        for (matching, order) in [
            (Matching::Area, ["+15550100011", "+15550100012", "+12125550001", "+442079460001"].as_slice()),
            (Matching::Country, &["+12125550001", "+15550100011", "+15550100012"]),
            (Matching::Any, &["+12125550001", "+15550100011", "+15550100012", "+442079460001"]),
        ] {
            let (pool, mut taken) = (pool(matching, &numbers), Vec::new());
            while let Some(next) = chosen(&pool, &taken) {
                taken.push(given(&next, "+15550100199", None));
            }
            assert_eq!(taken.iter().map(|it| it.proxy.as_str()).collect::<Vec<_>>(), order, "{matching:?}");
        }
    }

    #[test]
    fn a_number_rests_and_the_same_two_have_theirs_again() {
        let (pool, other) = (pool(Matching::Any, &["+15550100011", "+15550100012"]), "+15550100199");
        let first = |ago| given("+15550100011", other, Some(ago));
        for (given, is) in [
            (vec![first(DAY)], Some("+15550100012")),
            (vec![first(8 * DAY)], Some("+15550100011")),
            (vec![given("+15550100012", "+15550100102", Some(DAY))], Some("+15550100012")),
            // None is free: the one that rested longest, if it rested an hour.
            (vec![first(DAY), given("+15550100012", other, Some(2 * DAY))], Some("+15550100012")),
            (vec![first(HOUR), given("+15550100012", other, None)], Some("+15550100011")),
            (vec![first(HOUR - 1), given("+15550100012", other, None)], None),
            (vec![given("+15550100011", other, None), given("+15550100012", other, None)], None),
            // What stood for somebody else since is not theirs any more.
            (
                vec![given("+15550100012", "+15550100102", Some(2 * DAY)), given("+15550100012", other, Some(DAY))],
                Some("+15550100011"),
            ),
        ] {
            assert_eq!(chosen(&pool, &given).as_deref(), is, "{given:?}");
        }
    }
}
