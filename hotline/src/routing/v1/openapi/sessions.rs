//! Masked sessions.

use protocol::v1::{CreateSession, Session};
use schemars::json_schema;

use super::description::{Description, Parameter, schema_of};
use crate::routing::request::Method::{Get, Post};

const TAG: &str = "Sessions";

const ID: Parameter = Parameter {
    name: "id",
    about: "The session's id.",
    schema: |_| json_schema!({ "type": "string", "minLength": 1, "maxLength": 64 }),
};

pub(super) const OPERATIONS: &[Description] = &[
    Description {
        method: Post,
        path: "/sessions",
        id: "createSession",
        tag: TAG,
        summary: "Let two people reach each other",
        detail: "Each of them is given a number of the pool, at which their texts reach the other. Neither sees the other's number.",
        parameters: &[],
        body: Some(schema_of::<CreateSession>),
        answers: &[
            (201, "The session.", schema_of::<Session>),
            (200, "The session that has this `reference`.", schema_of::<Session>),
        ],
    },
    Description {
        method: Get,
        path: "/sessions/{id}",
        id: "readSession",
        tag: TAG,
        summary: "Read a session",
        detail: "As it is now.",
        parameters: &[ID],
        body: None,
        answers: &[(200, "The session.", schema_of::<Session>)],
    },
    Description {
        method: Post,
        path: "/sessions/{id}/close",
        id: "closeSession",
        tag: TAG,
        summary: "Close a session",
        detail: "The two no longer reach each other. One that has ended stays what it is.",
        parameters: &[ID],
        body: None,
        answers: &[(200, "The session.", schema_of::<Session>)],
    },
];
