//! A pool: numbers at which two people reach each other, so that neither sees the other's. It belongs to a hotline, which takes
//! what nobody else is meant to get.

use std::ops::RangeInclusive;

use super::fields::{Fields, NUMBER_WANTED, number};
use super::hotlines::{ALREADY_BELONGS, table};
use super::settings::refuse_oversize;
use super::{HOTLINE_PREFIX, Hotline, POOL_PREFIX, Problems, Sender, Var};
use crate::domain::phone::E164;
use crate::domain::time::{Millis, duration};

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;

/// A number rests an hour at least, since people answer late, and a year at most.
const REST: RangeInclusive<Millis> = HOUR..=366 * DAY;

const USUAL_REST: Millis = 7 * DAY;

/// Which of its numbers a participant is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// One of their area, else one of their country, else any.
    Area,
    /// One of their country, and no other.
    Country,
    /// Any.
    Any,
}

/// A pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The variable that holds it, `POOL_COURIERS`.
    pub variable: String,
    /// The inbox of its hotline.
    pub mailbox: u64,
    /// Its numbers.
    pub numbers: Vec<E164>,
    /// Which of them is given.
    pub matching: Matching,
    /// How long a number rests that was given, in milliseconds.
    pub rest: Millis,
}

impl Pool {
    /// What programs call it: what follows `POOL_` in its variable.
    pub fn api_name(&self) -> &str {
        self.variable.strip_prefix(POOL_PREFIX).unwrap_or(&self.variable)
    }
}

/// Reads every pool. What is wrong with one stops that pool alone. Also returns whether any is wrong.
pub(super) fn read_all(vars: &[(String, Var)], hotlines: &[Hotline], faults: &Problems) -> (Vec<Pool>, bool) {
    let mut pools: Vec<Pool> = Vec::new();
    let mut is_any_wrong = false;
    for (variable, var) in vars.iter().filter(|(name, _)| name.starts_with(POOL_PREFIX)) {
        let own = Problems::default();
        let pool = read(variable, var, hotlines, &own);
        if let Some(pool) = &pool {
            refuse_shared(pool, &pools, hotlines, &own);
        }
        let errors = own.0.take();
        for error in &errors {
            faults.add(&error.field, &error.problem);
        }
        is_any_wrong |= !errors.is_empty();
        pools.extend(pool.filter(|_| errors.is_empty()));
    }
    (pools, is_any_wrong)
}

fn read(variable: &str, var: &Var, hotlines: &[Hotline], problems: &Problems) -> Option<Pool> {
    refuse_oversize(variable, var, problems);
    if variable == POOL_PREFIX {
        problems.add(variable, "needs a name after it, such as POOL_COURIERS");
    }
    let Some(table) = table(var) else {
        problems.add(variable, "must be a table in wrangler.toml, or a secret holding the same as JSON");
        return None;
    };
    let mut fields = Fields::new(variable.to_owned(), table, problems);
    let hotline = fields.text("hotline");
    let name = hotline.as_deref().map(|name| name.strip_prefix(HOTLINE_PREFIX).unwrap_or(name));
    let hotline = name.and_then(|name| hotlines.iter().find(|hotline| hotline.api_name() == name));
    if hotline.is_none() {
        fields.problem("hotline", "must be what follows HOTLINE_ in the name of a hotline's table that is right");
    }
    let numbers = fields.list("numbers", number, NUMBER_WANTED);
    if numbers.is_empty() {
        fields.problem("numbers", "needs a number; docs/MASKING.md says how many");
    }
    let matching = fields.parsed(
        "match",
        |word| match word {
            "area" => Some(Matching::Area),
            "country" => Some(Matching::Country),
            "any" => Some(Matching::Any),
            _ => None,
        },
        "must be \"area\", \"country\" or \"any\"",
    );
    let rest = fields.parsed("rest", rest, "must be a duration of ISO 8601 from an hour to a year, such as P7D");
    fields.finish();
    Some(Pool {
        variable: variable.to_owned(),
        mailbox: hotline?.mailbox,
        numbers,
        matching: matching.unwrap_or(Matching::Area),
        rest: rest.unwrap_or(USUAL_REST),
    })
}

fn rest(text: &str) -> Option<Millis> {
    duration(text).filter(|rest| REST.contains(rest))
}

/// A text to a number must have one meaning.
fn refuse_shared(pool: &Pool, others: &[Pool], hotlines: &[Hotline], problems: &Problems) {
    for (at, number) in pool.numbers.iter().enumerate() {
        let hotline = hotlines.iter().find(|hotline| hotline.has_sender(Sender::Number(number)));
        let other = others.iter().find(|other| other.numbers.contains(number)).map(|other| &other.variable);
        if let Some(owner) = other.or(hotline.map(|hotline| &hotline.variable)) {
            let field = format!("{}.numbers[{at}]", pool.variable);
            problems.add(&field, &[ALREADY_BELONGS, owner].concat());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::{PlainConfig, Scope, problems};

    fn vars(pools: &[(&str, Value)]) -> Vec<(String, Var)> {
        let hotline = json!({"name": "Voters", "mailbox": 3003, "numbers": ["+15550100001"]});
        let texts = [("PUBLIC_URL", "https://hotline.example.org"), ("HELPSCOUT_CUSTOMERS", "phone_only")];
        let texts = texts.map(|(name, text)| (name.to_owned(), Var::Text(text.to_owned())));
        let tables = [("HOTLINE_VOTERS", hotline)].into_iter().chain(pools.iter().cloned());
        texts.into_iter().chain(tables.map(|(name, table)| (name.to_owned(), Var::Json(table)))).collect()
    }

    #[test]
    fn a_pool_is_read_and_what_is_left_out_is_as_usual() {
        let couriers = json!({"hotline": "VOTERS", "numbers": ["+1 555 010 0011", "+15550100012"]});
        let shops =
            json!({"hotline": "HOTLINE_VOTERS", "numbers": ["+15550100013"], "match": "country", "rest": "PT12H"});
        let read = PlainConfig::read(&vars(&[("POOL_COURIERS", couriers), ("POOL_SHOPS", shops)])).unwrap();
        let [couriers, shops] = read.pools.as_slice() else { panic!("{:?}", read.pools) };
        assert_eq!((couriers.api_name(), couriers.mailbox, couriers.numbers.len()), ("COURIERS", 3003, 2));
        assert_eq!((couriers.matching, couriers.rest), (Matching::Area, 7 * DAY));
        assert_eq!((shops.matching, shops.rest), (Matching::Country, 12 * HOUR));
    }

    #[test]
    fn what_is_wrong_with_a_pool_is_said_by_its_field() {
        let good = || json!({"hotline": "VOTERS", "numbers": ["+15550100011"]});
        let with = |name: &str, value: Value| {
            let mut pool = good();
            pool[name] = value;
            pool
        };
        for (pool, field) in [
            (with("hotline", json!("DRIVERS")), "POOL_A.hotline"),
            (with("hotline", Value::Null), "POOL_A.hotline"),
            (with("numbers", json!([])), "POOL_A.numbers"),
            (with("numbers", json!(["+15550100012", "5550100011"])), "POOL_A.numbers[1]"),
            (with("numbers", json!(["+15550100011", "+15550100011"])), "POOL_A.numbers[1]"),
            (with("numbers", json!(["+15550100001"])), "POOL_A.numbers[0]"),
            (with("match", json!("town")), "POOL_A.match"),
            (with("rest", json!("PT59M")), "POOL_A.rest"),
            (with("rest", json!("P367D")), "POOL_A.rest"),
            (with("rest", json!("a week")), "POOL_A.rest"),
            (with("colour", json!("red")), "POOL_A.colour"),
            (json!("VOTERS"), "POOL_A"),
        ] {
            let found = problems(&vars(&[("POOL_A", pool.clone())]), Scope::WithoutSecrets);
            assert_eq!(found.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), [field], "{pool}");
        }
        let found = problems(&vars(&[("POOL_A", good()), ("POOL_B", good())]), Scope::WithoutSecrets);
        assert_eq!(found[0].problem, "already belongs to POOL_A");
        assert_eq!(found[0].field, "POOL_B.numbers[0]");
    }
}
