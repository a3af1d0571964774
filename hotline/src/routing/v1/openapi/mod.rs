//! The description of `/v1`, OpenAPI 3.1: made from the route table, the types of [`protocol::v1`] and the problems.

mod answers;
mod description;
mod endpoints;
mod events;
mod health;
mod itself;
mod jobs;
mod messages;
mod people;
mod sessions;
mod templates;
#[cfg(test)]
mod tests;
mod verifications;

use description::Description;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// Every operation, in the order of the reference page.
const OPERATIONS: [&[Description]; 10] = [
    messages::OPERATIONS,
    templates::OPERATIONS,
    people::OPERATIONS,
    verifications::OPERATIONS,
    sessions::OPERATIONS,
    events::OPERATIONS,
    endpoints::OPERATIONS,
    health::OPERATIONS,
    jobs::OPERATIONS,
    itself::OPERATIONS,
];

/// What an operation belongs to, and what that is.
const TAGS: [(&str, &str); 7] = [
    ("Messages", "Send to people, and read what became of it."),
    ("Templates", "What is said again and again, in several languages, with fields that each message fills."),
    ("People", "What is known of a person at a hotline, and what they have said about each class of messages."),
    ("Verifications", "Codes that show that a number is somebody's."),
    ("Sessions", "Two people reach each other by text, and neither sees the other's number."),
    ("Events", "What happened to the people of a hotline, in its order, for 30 days."),
    ("Deployment", "About the hotlines and this API."),
];

const ABOUT: &str = "\
Your own programs send by the numbers of a hotline, within its rules: opt-outs, consent, quiet hours and caps.\n\n\
**Keys.** Every request has the header `Authorization: Bearer rk_…`. `cargo xtask api-key new` makes a key; it opens some scopes \
and some hotlines.\n\n\
**Twice is once.** With an `Idempotency-Key` the same request has one effect and one answer for 24 hours. A `reference` is your \
own name for a message: a second request with it is answered with what has it already.\n\n\
**Errors** are problem documents (RFC 9457); `code` is stable, and `type` is a page that explains it.\n\n\
**Rate.** A key may make 600 requests at once, and 10 a second from then on. Each answer says what is left.\n\n\
Times are RFC 3339 in UTC. Answers may gain members at any time; a request with a member that is unknown is refused.";

/// The description, as the Worker at this address serves it.
pub(in crate::routing) fn document(public_url: &str) -> String {
    let schemas =
        || SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
    // What may be left out differs between what is read and what is written.
    let mut requests = schemas().for_deserialize().into_generator();
    let mut answers = schemas().for_serialize().into_generator();
    let mut paths = Map::new();
    for operation in OPERATIONS.into_iter().flatten() {
        let path = paths.entry(format!("/v1{}", operation.path)).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(operation.method_name().to_owned(), operation.json(&mut requests, &mut answers));
        }
    }
    let problems = answers::problems(&mut answers);
    let mut schemas = requests.take_definitions(true);
    schemas.extend(answers.take_definitions(true));
    let tags = TAGS.map(|(name, about)| json!({ "name": name, "description": about }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ringside",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT or Apache-2.0", "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": public_url }],
        "tags": tags,
        "security": [{ "key": [] }],
        "paths": paths,
        "components": {
            "schemas": Value::Object(schemas),
            "responses": problems,
            "headers": answers::headers(),
            "parameters": { "IdempotencyKey": {
                "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
                "description": "Makes a request that is sent again the same request: it is carried out once.",
            }},
            "securitySchemes": { "key": {
                "type": "http", "scheme": "bearer", "description": "A key that `cargo xtask api-key new` has made.",
            }},
        },
    })
    .to_string()
}
