//! Checks values against schemas: text in requests, JSON in responses.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

use super::description::resolve;

/// What is wrong with a parameter's text.
pub(super) fn text_problem(schema: &Value, text: &str) -> Option<String> {
    let schema = resolve(schema);
    let good = match schema["type"].as_str() {
        Some("array") => return text_problem(&schema["items"], text),
        Some("integer") => text.parse::<i64>().is_ok_and(|number| in_bounds(schema, number)),
        Some("number") => text.parse::<f64>().is_ok(),
        Some("boolean") => matches!(text, "true" | "false"),
        Some("string") => return string_problem(schema, text, true),
        _ => true,
    };
    (!good).then(|| format!("is {text:?}, not {}", article(schema["type"].as_str().unwrap_or_default())))
}

/// Adds what is wrong with an answer's value; `name` is where it stands.
pub(super) fn json_problems(schema: &Value, value: &Value, name: &str, problems: &mut Vec<String>) {
    let by_name = !schema["$ref"].is_null();
    let schema = resolve(schema);
    let kind = schema["type"].as_str();
    // OpenAPI 3.0 cannot say `nullable` beside a `$ref`; Twilio leaves objects null that were not asked for.
    let nullable = schema["nullable"] == true || (by_name && kind == Some("object"));
    if value.is_null() && (nullable || kind.is_none()) {
        return;
    }
    match (kind, value) {
        (Some("object"), Value::Object(members)) => object_problems(schema, members, name, problems),
        (Some("array"), Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                json_problems(&schema["items"], item, &format!("{name}[{at}]"), problems);
            }
        }
        (Some("string"), Value::String(text)) => {
            problems.extend(string_problem(schema, text, false).map(|problem| format!("`{name}` {problem}")));
        }
        (Some("integer"), value) if value.as_i64().is_some_and(|number| in_bounds(schema, number)) => {}
        (Some("number"), Value::Number(_)) | (Some("boolean"), Value::Bool(_)) | (None, _) => {}
        (Some(kind), value) => problems.push(format!("`{name}` is {value}, not {}", article(kind))),
    }
}

/// Twilio's answers have every described member, and no others.
fn object_problems(schema: &Value, members: &Map<String, Value>, name: &str, problems: &mut Vec<String>) {
    let Some(known) = schema["properties"].as_object() else { return };
    let place = |member: &str| if name.is_empty() { member.to_owned() } else { format!("{name}.{member}") };
    for (member, schema) in known {
        match members.get(member) {
            Some(value) => json_problems(schema, value, &place(member), problems),
            None => problems.push(format!("`{}` is missing", place(member))),
        }
    }
    let unknown = members.keys().filter(|member| !known.contains_key(*member));
    problems.extend(unknown.map(|member| format!("unknown member `{}`", place(member))));
}

fn string_problem(schema: &Value, text: &str, from_caller: bool) -> Option<String> {
    if let Some(words) = schema["enum"].as_array()
        && !words.iter().any(|word| word == text)
    {
        let words: Vec<_> = words.iter().map(Value::to_string).collect();
        return Some(format!("is {text:?}, not one of {}", words.join(", ")));
    }
    if let Some(pattern) = schema["pattern"].as_str()
        && !is_sid(pattern, text)
    {
        return Some(format!("is {text:?}, not {pattern}"));
    }
    let format = schema["format"].as_str()?;
    (!has_format(format, text, from_caller)).then(|| format!("is {text:?}, not {}", article(format)))
}

/// Every pattern of the description is `^XX[0-9a-fA-F]{32}$`, with one prefix or several.
fn is_sid(pattern: &str, text: &str) -> bool {
    let Some(prefixes) = prefixes(pattern) else { return false };
    prefixes
        .iter()
        .filter_map(|prefix| text.strip_prefix(prefix))
        .any(|digits| digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

fn prefixes(pattern: &str) -> Option<Vec<&str>> {
    let prefix = pattern.strip_prefix('^')?.strip_suffix("[0-9a-fA-F]{32}$")?;
    Some(prefix.trim_matches(['(', ')']).split('|').collect())
}

fn has_format(format: &str, text: &str, from_caller: bool) -> bool {
    let upper = |letters: usize| text.len() == letters && text.bytes().all(|letter| letter.is_ascii_uppercase());
    let absolute = text.starts_with("https://") || text.starts_with("http://");
    match format {
        // Twilio's lists link to their pages by path.
        "uri" => absolute || (!from_caller && text.starts_with('/')),
        "date-time-rfc-2822" => OffsetDateTime::parse(text, &Rfc2822).is_ok(),
        // Filters take a day as well (Message resource, `DateSent`).
        "date-time" => OffsetDateTime::parse(text, &Rfc3339).is_ok() || is_day(text),
        "currency" => upper(3),
        "iso-country-code" => upper(2),
        "http-method" => matches!(text, "GET" | "POST"),
        // Whether it can be reached is an answer of Twilio's, not a matter of form.
        "phone-number" | "endpoint" | "twiml" => !text.is_empty(),
        _ => true,
    }
}

fn is_day(text: &str) -> bool {
    OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339).is_ok()
}

fn in_bounds(schema: &Value, number: i64) -> bool {
    let bound = |name: &str| schema[name].as_i64();
    bound("minimum").is_none_or(|least| number >= least) && bound("maximum").is_none_or(|most| number <= most)
}

fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Visits every pattern and format of the description.
    fn visit(value: &Value, see: &mut impl FnMut(&str, &str)) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    if let ("pattern" | "format", Value::String(text)) = (name.as_str(), value) {
                        see(name, text);
                    }
                    visit(value, see);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
            _ => {}
        }
    }

    #[test]
    fn every_pattern_and_format_of_the_description_is_understood() {
        let description: Value = serde_json::from_str(include_str!("../../../twilio-openapi.json")).unwrap();
        let known = [
            "uri",
            "date-time-rfc-2822",
            "date-time",
            "currency",
            "iso-country-code",
            "http-method",
            "phone-number",
            "phone-number-capabilities",
            "endpoint",
            "twiml",
            "uri-map",
            "int32",
            "int64",
        ];
        let mut seen = 0;
        visit(&description, &mut |kind, text| {
            seen += 1;
            assert!(if kind == "pattern" { prefixes(text).is_some() } else { known.contains(&text) }, "{kind} {text}");
        });
        assert!(seen > 100, "{seen}");
    }
}
