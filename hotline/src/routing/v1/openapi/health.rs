//! How the hotlines fare.

use protocol::health::Health;

use super::description::{Description, schema_of};
use crate::routing::request::Method::Get;

pub(super) const OPERATIONS: &[Description] = &[Description {
    method: Get,
    path: "/health",
    id: "readHealth",
    tag: "Deployment",
    summary: "Read the health of the hotlines",
    detail: "By inbox: what was given up, refused or not understood, how often, and since when anything waits.",
    parameters: &[],
    body: None,
    answers: &[(200, "The health of every hotline.", schema_of::<Health>)],
}];
