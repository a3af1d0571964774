//! The description itself.

use serde_json::{Map, Value};

use super::description::{Description, schema_of};
use crate::routing::request::Method::Get;

pub(super) const OPERATIONS: &[Description] = &[Description {
    method: Get,
    path: "/openapi.json",
    id: "readDescription",
    tag: "Deployment",
    summary: "Read this description",
    detail: "OpenAPI 3.1.",
    parameters: &[],
    body: None,
    answers: &[(200, "The description.", schema_of::<Map<String, Value>>)],
}];
