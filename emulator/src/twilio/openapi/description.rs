//! The description, `twilio-openapi.json`, and matching of requests to operations.

use std::sync::LazyLock;

use serde_json::{Map, Value};

/// Twilio's description of 14 April 2026, reduced to the operations of this emulator.
static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../twilio-openapi.json")).expect("the description is JSON")
});

/// An operation's members of the description.
#[derive(Debug)]
pub(super) struct Operation {
    /// Method and URL template.
    pub(super) name: &'static str,
    pub(super) path: Option<&'static Map<String, Value>>,
    pub(super) query: Option<&'static Map<String, Value>>,
    pub(super) form: Option<&'static Map<String, Value>>,
    /// Type of the request's body.
    pub(super) content: &'static str,
    pub(super) required: Vec<&'static str>,
    /// Schemas by status.
    pub(super) responses: &'static Value,
}

/// The operation of a request.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) operation: Operation,
    /// Values of the template's parameters.
    pub(super) params: Vec<(&'static str, String)>,
    /// It asks for the file behind the resource, which the description leaves out.
    pub(super) file: bool,
}

/// The operation with this method and path.
pub(super) fn find(method: &str, path: &str) -> Option<Described> {
    let described = |path: &str, file| {
        let mut operations = DESCRIPTION["operations"].as_object()?.iter();
        operations.find_map(|(name, members)| {
            let params = matches(name, method, path)?;
            Some(Described { operation: operation(name, members), params, file })
        })
    };
    described(path, false).or_else(|| {
        let stem = path.strip_suffix(".mp3").or_else(|| path.strip_suffix(".wav")).unwrap_or(path);
        let has_file = method == "GET" && (path.contains("/Media/") || path.contains("/Recordings/"));
        has_file.then(|| described(&format!("{stem}.json"), true)).flatten()
    })
}

/// The schema that a `$ref` names, or the schema itself.
pub(super) fn resolve(schema: &Value) -> &Value {
    match schema["$ref"].as_str() {
        Some(name) => DESCRIPTION["schemas"].get(name).unwrap_or(&Value::Null),
        None => schema,
    }
}

fn operation(name: &'static str, members: &'static Value) -> Operation {
    Operation {
        name,
        path: members["path"].as_object(),
        query: members["query"].as_object(),
        form: members["form"].as_object(),
        content: members["content"].as_str().unwrap_or_default(),
        required: members["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        responses: &members["responses"],
    }
}

/// The template's parameters, when method and path fit it.
fn matches(name: &'static str, method: &str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let (described, url) = name.split_once(' ')?;
    let (_, template) = url.strip_prefix("https://")?.split_once('/')?;
    let (templates, segments): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.trim_start_matches('/').split('/').collect());
    if described != method || templates.len() != segments.len() {
        return None;
    }
    let mut params = Vec::new();
    for (template, segment) in templates.into_iter().zip(segments) {
        match template.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((param, end)) => params.push((param, decoded(segment.strip_suffix(end)?))),
            None if template == segment => {}
            None => return None,
        }
    }
    Some(params)
}

fn decoded(segment: &str) -> String {
    let pair = segment.replace('+', "%2B");
    form_urlencoded::parse(pair.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}
