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
    detail: "What is wrong and since when, what waits, what was given up, and what happened in two weeks, of the key's hotlines. It \
             comes from what is stored: nobody outside is asked for it.",
    parameters: &[],
    body: None,
    answers: &[
        (200, "How the hotlines fare.", schema_of::<Health>),
        (503, "The same, while the status is down.", schema_of::<Health>),
    ],
}];
