//! Values as a release has stored them: every later release reads them, and so does the one before it.

use std::collections::BTreeSet;
use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{decode, encode};

/// Each line is read, is written again as it is, and is read with whatever fields a later release adds.
pub(crate) fn stays<T: DeserializeOwned + Serialize + Debug + PartialEq>(lines: &[&str]) {
    for line in lines {
        let value: T = decode(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(encode(&value), *line);
        let ignores = |added: Value| {
            let mut later = parse(line);
            add_everywhere(&mut later, &added);
            let read = decode::<T>(&later.to_string());
            prop_assert_eq!(read.as_ref(), Ok(&value), "{}", later);
            Ok(())
        };
        TestRunner::new(ProptestConfig::with_cases(32)).run(&any_value(), ignores).unwrap();
    }
}

/// Each line lacks fields that were added since it was written, and is read.
pub(crate) fn lacks<T: DeserializeOwned>(lines: &[&str]) {
    for line in lines {
        decode::<T>(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

/// The fields without which a line cannot be read. A release adds none: what it adds, the release before has not
/// written.
pub(crate) fn needs<T: DeserializeOwned>(line: &str, fields: &[&str]) {
    let mut needed = BTreeSet::new();
    for pointer in fields_of(&parse(line), "") {
        let mut without = parse(line);
        let (above, field) = pointer.rsplit_once('/').unwrap();
        without.pointer_mut(above).and_then(Value::as_object_mut).unwrap().remove(field);
        needed.extend(decode::<T>(&without.to_string()).is_err().then_some(pointer));
    }
    assert_eq!(needed, fields.iter().map(|field| (*field).to_owned()).collect(), "{line}");
}

fn parse(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// Every field of every struct, as a JSON pointer. What has one member alone is a variant with what it holds.
fn fields_of(value: &Value, at: &str) -> Vec<String> {
    let below = |(key, value): (String, &Value)| fields_of(value, &format!("{at}/{key}"));
    match value {
        Value::Array(items) => items.iter().enumerate().flat_map(|(n, item)| below((n.to_string(), item))).collect(),
        Value::Object(members) => {
            let own = members.keys().filter(|_| members.len() > 1).map(|key| format!("{at}/{key}"));
            own.chain(members.iter().flat_map(|(key, value)| below((key.clone(), value)))).collect()
        }
        _ => Vec::new(),
    }
}

fn add_everywhere(value: &mut Value, added: &Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| add_everywhere(item, added)),
        Value::Object(members) => {
            members.values_mut().for_each(|value| add_everywhere(value, added));
            if members.len() > 1 || members.contains_key("kind") {
                members.insert("later".to_owned(), added.clone());
            }
        }
        _ => {}
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((".{0,8}", inner), 0..3).prop_map(|members| members.into_iter().collect()),
        ]
    })
}
