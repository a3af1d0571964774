//! Which events somebody wants: types, or all types of a family.

use protocol::v1::EventType;

/// Families of types, also one whose first type is still to come.
const FAMILIES: [&str; 6] = ["message", "call", "voicemail", "person", "verification", "session"];

/// Whether a type happens by itself, and is not asked for.
fn happens(kind: EventType) -> bool {
    kind != EventType::EndpointTest
}

/// Whether this names a type, or a family by `message.*`, or all by `*`.
pub fn is_known(pattern: &str) -> bool {
    let family = pattern.strip_suffix(".*");
    pattern == "*"
        || family.is_some_and(|family| FAMILIES.contains(&family))
        || EventType::ALL.into_iter().any(|kind| happens(kind) && kind.as_str() == pattern)
}

/// What may be named, for whoever named something else.
pub fn known() -> String {
    let types = EventType::ALL.into_iter().filter(|kind| happens(*kind)).map(|kind| kind.as_str().to_owned());
    let families = FAMILIES.into_iter().map(|family| format!("{family}.*"));
    types.chain(families).chain(["*".to_owned()]).collect::<Vec<_>>().join(", ")
}

/// Whether a type is one of those.
pub fn matches(patterns: &[String], kind: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(family) => kind.starts_with(family),
        None => pattern == kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_families_are_known_and_nothing_else() {
        for pattern in ["message.received", "message.*", "session.*", "verification.approved", "*"] {
            assert!(is_known(pattern), "{pattern}");
        }
        for pattern in ["", "message", "message.", "mess*", "message.*.*", ".*", "**", "endpoint.test", "Message.*"] {
            assert!(!is_known(pattern), "{pattern}");
        }
    }

    #[test]
    fn a_family_has_its_own_types_alone() {
        let wanted =
            |patterns: &[&str], kind| matches(&patterns.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>(), kind);
        assert!(wanted(&["person.*", "message.updated"], "message.updated"));
        assert!(!wanted(&["person.*", "message.updated"], "message.received"));
        assert!(wanted(&["message.*"], "message.received") && wanted(&["*"], "call.ended"));
        assert!(!wanted(&[], "call.ended"));
    }
}
