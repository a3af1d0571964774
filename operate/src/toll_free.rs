//! Numbers whose owner pays for calls.

/// The codes that the North American Numbering Plan keeps for them.
const CODES: [&str; 7] = ["800", "833", "844", "855", "866", "877", "888"];

/// Whether a number in E.164 is one of North America's.
pub fn is(number: &str) -> bool {
    number.strip_prefix("+1").is_some_and(|rest| CODES.iter().any(|code| rest.starts_with(code)))
}
