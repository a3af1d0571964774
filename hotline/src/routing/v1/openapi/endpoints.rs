//! Where events are delivered to.

use protocol::v1::{Deleted, Endpoint, PutEndpoint, ReplayEvents, TestEvent};
use schemars::json_schema;

use super::description::{Description, Parameter, schema_of};
use crate::routing::request::Method::{Delete, Get, Post, Put};

const TAG: &str = "Events";

const NAME: Parameter = Parameter {
    name: "name",
    about: "The endpoint's name.",
    schema: |_| json_schema!({ "type": "string", "pattern": "^[a-z0-9_-]{1,64}$" }),
};

pub(super) const OPERATIONS: &[Description] = &[
    Description {
        method: Put,
        path: "/endpoints/{name}",
        id: "putEndpoint",
        tag: TAG,
        summary: "Make or change an endpoint",
        detail: "Events are delivered to it as Standard Webhooks from now on. Its secret stands in the first answer alone. One that was \
                 switched off is on again, and gets what it has missed.",
        parameters: &[NAME],
        body: Some(schema_of::<PutEndpoint>),
        answers: &[(200, "The endpoint.", schema_of::<Endpoint>)],
    },
    Description {
        method: Get,
        path: "/endpoints/{name}",
        id: "readEndpoint",
        tag: TAG,
        summary: "Read an endpoint",
        detail: "Whether it is on, and what went wrong.",
        parameters: &[NAME],
        body: None,
        answers: &[(200, "The endpoint.", schema_of::<Endpoint>)],
    },
    Description {
        method: Delete,
        path: "/endpoints/{name}",
        id: "deleteEndpoint",
        tag: TAG,
        summary: "Delete an endpoint",
        detail: "Nothing more is delivered; what is under way may still arrive.",
        parameters: &[NAME],
        body: None,
        answers: &[(200, "It is gone.", schema_of::<Deleted>)],
    },
    Description {
        method: Post,
        path: "/endpoints/{name}/rotate",
        id: "rotateSecret",
        tag: TAG,
        summary: "Make another secret",
        detail: "It signs beside those before it, which sign for 24 hours more.",
        parameters: &[NAME],
        body: None,
        answers: &[(200, "The endpoint with its new secret.", schema_of::<Endpoint>)],
    },
    Description {
        method: Post,
        path: "/endpoints/{name}/test",
        id: "testEndpoint",
        tag: TAG,
        summary: "Test an endpoint",
        detail: "It is sent an event `endpoint.test`.",
        parameters: &[NAME],
        body: None,
        answers: &[(202, "The event.", schema_of::<TestEvent>)],
    },
    Description {
        method: Post,
        path: "/endpoints/{name}/replay",
        id: "replayEvents",
        tag: TAG,
        summary: "Deliver events again",
        detail: "Those that were recorded since an instant, with the same ids.",
        parameters: &[NAME],
        body: Some(schema_of::<ReplayEvents>),
        answers: &[(202, "The endpoint.", schema_of::<Endpoint>)],
    },
];
