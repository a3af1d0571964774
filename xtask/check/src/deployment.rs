//! What Ringside needs of a deployment: its objects, its files, its build, logs that hold no address.
use super::{Problem, is, tables};
use toml::{Table, Value};

/// The Durable Objects, as (binding, class).
const OBJECTS: [(&str, &str); 10] = [
    ("CONTACT", "Contact"),
    ("CALL", "Call"),
    ("HOTLINE", "Hotline"),
    ("GATE", "Gate"),
    ("API_KEY", "ApiKey"),
    ("AUDIENCE", "Audience"),
    ("VERIFICATION_LIMIT", "VerificationLimit"),
    ("ENDPOINT", "Endpoint"),
    ("PARTICIPANT", "Participant"),
    ("MONITOR", "Monitor"),
];

/// Values that are the same for everybody, and why.
const FIXED: [(&[&str], &str, &str); 3] = [
    (&["main"], "worker/entry.mjs", "the entry that turns a trap into an error"),
    (&["assets", "directory"], "static", "where the build puts the sidebar"),
    (&["build", "command"], "cargo xtask build", "it builds the Worker and the sidebar"),
];

/// The runtime's behaviour that the tests run with; `wrangler.toml` ships it.
const TESTED: &str = "2026-10-01";

/// The problems of the top level, or of one environment. wrangler inherits all that is looked at here from the top level, whole
/// tables of it, but `durable_objects` (Wrangler, Configuration, Environments).
pub(super) fn problems(here: &Table, top: &Table) -> Vec<Problem> {
    let mut found = Vec::new();
    let inherited = |key: &str| here.get(key).or_else(|| top.get(key));
    objects(here, inherited("exports"), &mut found);
    for (path, wanted, why) in FIXED {
        let value = path.split_first().and_then(|(first, rest)| {
            rest.iter().fold(inherited(first), |value, key| value.and_then(|value| value.get(key)))
        });
        if value.and_then(Value::as_str).map(|value| value.trim_start_matches("./").trim_end_matches('/'))
            != Some(wanted)
        {
            found.push(Problem::new(&path.join("."), format!("must be \"{wanted}\": {why}")));
        }
    }
    compatibility_date(inherited("compatibility_date"), &mut found);
    if let Some(problem) = inherited("name").map_or(Some(MISSING_NAME), wrong_name) {
        found.push(Problem::new("name", problem.to_owned()));
    }
    if inherited("migrations").is_some() && inherited("exports").is_some() {
        found.push(Problem::new("migrations", "must go: wrangler takes them or `exports`, not both".to_owned()));
    }
    observability(inherited("observability"), "", &mut found);
    // Deployments of a branch for looking at, whose table replaces this one.
    if let Some(of_previews) = here.get("previews").and_then(|previews| previews.get("observability")) {
        observability(Some(of_previews), "previews.", &mut found);
    }
    found
}

fn objects(here: &Table, exports: Option<&Value>, found: &mut Vec<Problem>) {
    let bindings = here.get("durable_objects").and_then(|objects| objects.get("bindings")).and_then(Value::as_array);
    for (binding, class) in OBJECTS {
        let named: Vec<_> = bindings.into_iter().flatten().filter(|entry| is(entry, "name", binding)).collect();
        let problem = match named.as_slice() {
            [entry] if is(entry, "class_name", class) => None,
            [_, _, ..] => Some(format!("there are several of name = \"{binding}\"; keep one")),
            _ => Some(format!("add an entry with name = \"{binding}\" and class_name = \"{class}\"")),
        };
        found.extend(problem.map(|problem| Problem::new("durable_objects.bindings", problem)));
        let export = exports.and_then(|exports| exports.get(class));
        if !export.is_some_and(|export| is(export, "type", "durable-object") && is(export, "storage", "sqlite")) {
            let problem = "must be type = \"durable-object\", storage = \"sqlite\"";
            found.push(Problem::new(&format!("exports.{class}"), problem.to_owned()));
        }
    }
}

const MISSING_NAME: &str = "is missing; it names the Worker in the account, such as \"ringside\"";

/// What wrangler refuses (Wrangler, Configuration: name).
fn wrong_name(name: &Value) -> Option<&'static str> {
    let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let good = name.as_str().is_some_and(|name| (1..=63).contains(&name.len()) && name.bytes().all(is_letter));
    (!good).then_some("must be small letters, digits and dashes, at most 63")
}

fn compatibility_date(date: Option<&Value>, found: &mut Vec<Problem>) {
    let text = date.and_then(Value::as_str);
    let digits = |text: &str| {
        text.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
    };
    let problem = match text.filter(|text| text.len() == TESTED.len() && digits(text)) {
        None => format!("must be a day in quotes, such as \"{TESTED}\""),
        // As text, days of this form are in order.
        Some(day) if day < TESTED => {
            format!("must not be before \"{TESTED}\", the runtime's behaviour that the tests ran with")
        }
        Some(_) => return,
    };
    found.push(Problem::new("compatibility_date", problem));
}

/// Links of ours are signed, and whoever reads one may open it: no log of Cloudflare's may hold addresses.
fn observability(observability: Option<&Value>, of: &str, found: &mut Vec<Problem>) {
    let part = |name: &str| observability.and_then(|observability| observability.get(name));
    if part("logs").and_then(|logs| logs.get("invocation_logs")) != Some(&Value::Boolean(false)) {
        let problem = "must be false: those logs hold URLs";
        found.push(Problem::new(&format!("{of}observability.logs.invocation_logs"), problem.to_owned()));
    }
    let traces = part("traces").and_then(|traces| traces.get("enabled")).is_some_and(|on| on != &Value::Boolean(false));
    if traces && part("redact_query_string") != Some(&Value::Boolean(true)) {
        let problem = "must be false: traces hold URLs with their signatures and tokens; or set \
                       observability.redact_query_string = true, and read in docs/LOGGING.md what they hold then";
        found.push(Problem::new(&format!("{of}observability.traces.enabled"), problem.to_owned()));
    }
}

/// Environments that lack what wrangler does not hand down to them.
pub(super) fn not_inherited(top: &Table) -> Vec<Problem> {
    let mut found = Vec::new();
    for (name, environment) in tables(top, "env") {
        for key in ["vars", "durable_objects", "secrets"] {
            if top.contains_key(key) && !environment.contains_key(key) {
                let problem =
                    format!("is missing; wrangler does not inherit {key} from the top level, so repeat it here");
                found.push(Problem::new(&format!("env.{name}.{key}"), problem));
            }
        }
    }
    found
}
