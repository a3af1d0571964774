//! The description says what the routes do: no more, no less.

use std::collections::BTreeSet;

use protocol::v1::{
    CheckVerification, CreateSession, FieldError, GiveConsent, PreviewTemplate, Problem, PutEndpoint, ReplacePerson,
    ReplayEvents, SendMessage, StartVerification, StoreTemplate,
};

use super::description::{SchemaOf, schema_of};
use super::*;
use crate::config::{Config, Var};
use crate::routing::HttpAnswer;
use crate::routing::request::{Body, Method, Request};
use crate::routing::tests::variables;
use crate::routing::v1::fields::taken;
use crate::routing::v1::{Asked, admission};

const URL: &str = "https://hotline.example.org";

fn described() -> Value {
    serde_json::from_str(&document(URL)).expect("JSON")
}

#[test]
fn every_route_is_described_once() {
    let table = include_str!("../mod.rs");
    let rows = table.lines().filter(|line| line.trim_start().starts_with("([\"") && line.contains("=> Self::"));
    let all: Vec<&Description> = OPERATIONS.into_iter().flatten().collect();
    assert_eq!(rows.count(), all.len(), "each row of the route table has an operation in OPERATIONS");
    for operation in &all {
        assert!(operation.route().is_some(), "{} is no route", operation.path);
        assert!(TAGS.iter().any(|(tag, _)| *tag == operation.tag), "{} has no such tag", operation.path);
    }
    let (ids, ways): (BTreeSet<_>, BTreeSet<_>) =
        all.iter().map(|operation| (operation.id, (operation.path, operation.method_name()))).unzip();
    assert_eq!((ids.len(), ways.len()), (all.len(), all.len()));
}

#[test]
fn every_part_of_a_path_is_a_parameter() {
    for operation in OPERATIONS.into_iter().flatten() {
        for part in operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            assert!(operation.parameters.iter().any(|it| it.name == part), "{}: {part}", operation.path);
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn follow(document: &Value, value: &Value) {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').expect("a reference into the document");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        value.as_object().into_iter().flat_map(Map::values).for_each(|value| follow(document, value));
        value.as_array().into_iter().flatten().for_each(|value| follow(document, value));
    }
    follow(&described(), &described());
}

#[test]
fn every_problem_that_is_answered_is_described() {
    let described = described();
    for kind in crate::routing::v1::problem::ALL {
        let response = described.pointer(&format!("/components/responses/Problem{}/description", kind.status));
        assert!(response.and_then(Value::as_str).is_some_and(|words| words.contains(kind.code)), "{}", kind.code);
    }
}

#[test]
fn the_guide_explains_every_problem_and_every_rule() {
    let guide = include_str!("../../../../../docs/API.md");
    let rules = include_str!("../../../send_rules/decision.rs").lines();
    let rules =
        rules.filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => \"")?.1.strip_suffix("\","));
    let rules = rules.filter(|code| !code.contains(' '));
    assert!(rules.clone().count() > 10);
    for code in crate::routing::v1::problem::ALL.iter().map(|kind| kind.code).chain(rules).chain(["duplicate"]) {
        assert!(guide.contains(&format!("`{code}`")), "{code}");
    }
}

/// A request whose fields are read one by one: its schema, a good one, and what its reader answers.
struct Reader {
    schema: SchemaOf,
    good: Value,
    read: fn(&Asked) -> Option<HttpAnswer>,
}

fn requests() -> [Reader; 10] {
    const SAM: &str = "+15550100002";
    [
        Reader {
            schema: schema_of::<SendMessage>,
            good: json!({ "hotline": "VOTERS", "to": SAM, "class": "service", "body": "Hi" }),
            read: |asked| asked.send_messages().err(),
        },
        Reader {
            schema: schema_of::<StoreTemplate>,
            good: json!({ "versions": { "en": { "sms": "Hi" } } }),
            read: |asked| asked.put_template("hello").err(),
        },
        Reader {
            schema: schema_of::<PreviewTemplate>,
            good: json!({}),
            read: |asked| asked.preview_template("hello").err(),
        },
        Reader { schema: schema_of::<ReplacePerson>, good: json!({}), read: |asked| asked.replace_person(SAM).err() },
        Reader {
            schema: schema_of::<GiveConsent>,
            good: json!({ "class": "promotion", "granted": true, "source": "form" }),
            read: |asked| asked.give_consent(SAM).err(),
        },
        Reader {
            schema: schema_of::<StartVerification>,
            good: json!({ "hotline": "VOTERS", "to": SAM }),
            read: |asked| asked.start_verification().err(),
        },
        Reader {
            schema: schema_of::<CheckVerification>,
            good: json!({ "code": "012345" }),
            read: |asked| asked.read_code().err(),
        },
        Reader {
            schema: schema_of::<CreateSession>,
            good: json!({ "pool": "COURIERS", "participants": [{ "number": "+15550100111" }, { "number": "+15550100112" }] }),
            read: |asked| asked.create_session().err(),
        },
        Reader {
            schema: schema_of::<PutEndpoint>,
            good: json!({ "url": "https://crm.example.org/events", "events": ["message.*"], "hotlines": ["VOTERS"] }),
            read: |asked| asked.put_endpoint("crm").err(),
        },
        Reader {
            schema: schema_of::<ReplayEvents>,
            good: json!({ "since": "2026-11-03T13:00:00Z" }),
            read: |asked| asked.replay_endpoint("crm").err(),
        },
    ]
}

impl Reader {
    fn schema(&self) -> (Value, Value) {
        let mut generator = SchemaSettings::draft2020_12().for_deserialize().into_generator();
        let reference = (self.schema)(&mut generator).to_value();
        let definitions = Value::Object(generator.take_definitions(true));
        (resolved(&reference, &definitions), definitions)
    }

    /// What the reader says of the good request.
    fn faults(&self) -> Vec<FieldError> {
        self.faults_of(&self.good)
    }

    fn faults_of(&self, body: &Value) -> Vec<FieldError> {
        let (config, body) = (config(), body.to_string());
        let request = Request {
            method: Method::Post,
            target: "/v1",
            headers: &|name| (name == "authorization").then(|| format!("Bearer {TOKEN}")),
            body: Body::Read(body.as_bytes()),
            now: 1_795_176_000_000,
            random: &|| Some([7; 32]),
        };
        let key = admission::key(&request, &config).expect("a key");
        let refusal = (self.read)(&Asked { request: &request, config: &config, key });
        let problem = refusal.map(|answer| serde_json::from_str::<Problem>(&answer.body).expect("a problem"));
        problem.map_or_else(Vec::new, |problem| problem.errors)
    }

    /// The codes of the faults at or below this field.
    fn codes(&self, name: &str, value: Value) -> Vec<String> {
        let below = format!("{name}.");
        let is_here = |error: &FieldError| error.field == name || error.field.starts_with(&below);
        let mut body = self.good.clone();
        body[name] = value;
        self.faults_of(&body).into_iter().filter(is_here).map(|error| error.code).collect()
    }
}

const TOKEN: &str = "rk_crm_0123456789abcdef";

fn config() -> Config {
    use sha2::{Digest, Sha256};
    let keys = json!([{
        "id": "crm", "sha256": format!("{:x}", Sha256::digest(TOKEN)), "scopes": ["messages:write"], "hotlines": ["VOTERS"],
    }]);
    let others = variables().filter(|(name, _)| name != "API_KEYS");
    Config::read(&others.chain([("API_KEYS".to_owned(), Var::Text(keys.to_string()))]).collect::<Vec<_>>())
        .expect("good")
}

fn resolved(schema: &Value, definitions: &Value) -> Value {
    let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    name.map_or_else(|| schema.clone(), |name| definitions[name].clone())
}

/// The schema, or what it may be one of.
fn variants(schema: &Value, definitions: &Value) -> Vec<Value> {
    let schema = resolved(schema, definitions);
    let inner = ["anyOf", "oneOf"].into_iter().filter_map(|name| schema[name].as_array());
    let inner: Vec<Value> = inner.flatten().flat_map(|inner| variants(inner, definitions)).collect();
    if inner.is_empty() { vec![schema] } else { inner }
}

#[test]
fn the_fields_of_a_request_are_those_that_its_reader_takes() {
    for request in requests() {
        let (schema, _) = request.schema();
        taken::all();
        assert_eq!(request.faults(), []);
        let is_refused = |name: &String| {
            let codes = request.codes(name, json!({}));
            codes.iter().any(|code| ["not_supported", "read_only"].contains(&code.as_str()))
        };
        let described: BTreeSet<String> = schema["properties"].as_object().expect("fields").keys().cloned().collect();
        let of_request = |name: &String| !name.contains('.');
        let taken =
            taken::all().into_iter().filter(of_request).filter(|name| described.contains(name) || !is_refused(name));
        assert_eq!(taken.collect::<BTreeSet<_>>(), described);
        for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert_eq!(request.codes(required, Value::Null), ["missing"], "{required}");
        }
    }
}

#[test]
fn the_limits_of_a_request_are_those_of_its_reader() {
    for request in requests() {
        let (schema, definitions) = request.schema();
        for (name, property) in schema["properties"].as_object().expect("fields") {
            assert_ne!(request.codes(name, json!(1.5)), [""; 0], "{name} is no number");
            for variant in variants(property, &definitions) {
                check(&request, name, &variant, &|value| value);
                if let Some(most) = variant["maxItems"].as_u64() {
                    let codes = request.codes(name, vec!["x"; usize::try_from(most).expect("few") + 1].into());
                    assert!(
                        codes.iter().any(|code| ["too_many", "not_supported"].contains(&code.as_str())),
                        "{name}: {codes:?}"
                    );
                    assert!(
                        !request
                            .codes(name, vec!["x"; usize::try_from(most).expect("few")].into())
                            .contains(&"too_many".into())
                    );
                }
                if let Some(most) = variant["maxProperties"].as_u64() {
                    let of = |count| (0..count).map(|at| (at.to_string(), json!("x"))).collect::<Map<_, _>>().into();
                    let is_refused = |count| request.codes(name, of(count)).contains(&"too_many".to_owned());
                    assert!(is_refused(most + 1) && !is_refused(most), "{name}");
                }
                check(&request, name, &variant["items"], &|value| json!([value]));
                check(&request, name, &variant["additionalProperties"], &|value| json!({ "x": value }));
            }
        }
    }
}

/// A word and a length, at a field or within its list.
fn check(request: &Reader, name: &str, schema: &Value, put: &dyn Fn(Value) -> Value) {
    if let Some(word) = schema["const"].as_str() {
        assert_eq!(request.codes(name, put(json!(word))), [""; 0], "{name}: {word}");
    }
    if let Some(most) = schema["maxLength"].as_u64() {
        let text = |more: u64| put(json!("x".repeat(usize::try_from(most + more).expect("short"))));
        assert!(request.codes(name, text(1)).contains(&"too_long".to_owned()), "{name}: {most}");
        assert!(!request.codes(name, text(0)).contains(&"too_long".to_owned()), "{name}: {most}");
    }
    if schema["minLength"].as_u64().is_some() {
        assert!(request.codes(name, put(json!(""))).contains(&"empty".to_owned()), "{name}");
    }
}
