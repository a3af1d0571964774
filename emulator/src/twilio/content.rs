//! Content templates: the text of one, with its variables filled in (Twilio, errors 21655, 21656 and 21658).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::json::ApiError;

/// Longest value of a variable in characters (error 21658).
const VALUE_LIMIT: usize = 1600;

/// Consecutive blanks that a value may have (error 21656).
const BLANKS: &str = "    ";

/// The text of the template `sid`. A variable without a value stays as it is.
pub(super) fn written_out(
    templates: &BTreeMap<String, String>,
    sid: &str,
    variables: &str,
) -> Result<String, ApiError> {
    let template = templates.get(sid).ok_or_else(|| ApiError::bad(21655, "The ContentSid is Invalid"))?;
    let variables = if variables.is_empty() { Map::new() } else { read(variables)? };
    Ok(filled(template, &variables))
}

fn read(variables: &str) -> Result<Map<String, Value>, ApiError> {
    let invalid = || ApiError::bad(21656, "The ContentVariables Parameter is invalid");
    let Ok(Value::Object(variables)) = serde_json::from_str(variables) else { return Err(invalid()) };
    for value in variables.values() {
        let value = value.as_str().ok_or_else(invalid)?;
        if value.is_empty() || value.contains(['\n', '\t']) || value.contains(&[BLANKS, " "].concat()) {
            return Err(invalid());
        }
        if value.chars().count() > VALUE_LIMIT {
            return Err(ApiError::bad(21658, "Parameter exceeded character limit"));
        }
    }
    Ok(variables)
}

/// What a value says is no variable.
fn filled(template: &str, variables: &Map<String, Value>) -> String {
    let mut text = String::new();
    let mut left = template;
    while let Some((before, after)) = left.split_once("{{") {
        let Some((name, rest)) = after.split_once("}}") else { break };
        let value = variables.get(name).and_then(Value::as_str);
        text.push_str(before);
        text.push_str(&value.map_or_else(|| format!("{{{{{name}}}}}"), str::to_owned));
        left = rest;
    }
    text + left
}
