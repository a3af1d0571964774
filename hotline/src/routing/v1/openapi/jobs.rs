//! What the objects of a hotline have still to do.

use protocol::v1::{Page, QueuedJob, TurnedJob};
use schemars::json_schema;

use super::description::{AFTER, Description, HOTLINE, LIMIT, Parameter, schema_of};
use crate::routing::request::Method::{Get, Post};

const TAG: &str = "Deployment";

const STATE: Parameter = Parameter {
    name: "state",
    about: "Only jobs in these states, with commas between them: `waiting`, `failed`, `quarantined`, `uncertain`.",
    schema: |_| json_schema!({ "type": "string" }),
};

const ID: Parameter = Parameter {
    name: "id",
    about: "The job's id.",
    schema: |_| json_schema!({ "type": "string", "minLength": 1, "maxLength": 64 }),
};

const FORCE: Parameter = Parameter {
    name: "force",
    about: "Drop it even if what a person said then never reaches the team.",
    schema: |_| json_schema!({ "type": "boolean", "default": false }),
};

pub(super) const OPERATIONS: &[Description] = &[
    Description {
        method: Get,
        path: "/jobs",
        id: "listJobs",
        tag: TAG,
        summary: "List jobs",
        detail: "What waits, was given up, cannot be read by this release, or may have been done. A page may be short while `next` says \
                 that there are more.",
        parameters: &[HOTLINE, STATE, AFTER, LIMIT],
        body: None,
        answers: &[(200, "A page of jobs.", schema_of::<Page<QueuedJob>>)],
    },
    Description {
        method: Post,
        path: "/jobs/{id}/retry",
        id: "retryJob",
        tag: TAG,
        summary: "Try a job again",
        detail: "It is due now, as if it had never been tried. What may have been done is looked up first. One that was done is left alone.",
        parameters: &[ID],
        body: None,
        answers: &[(200, "It is tried again, or was done.", schema_of::<TurnedJob>)],
    },
    Description {
        method: Post,
        path: "/jobs/{id}/drop",
        id: "dropJob",
        tag: TAG,
        summary: "Drop a job",
        detail: "It is never done. One that holds what a person said, and Help Scout never had, is not dropped without `force`.",
        parameters: &[ID, FORCE],
        body: None,
        answers: &[(200, "It is dropped, or was done.", schema_of::<TurnedJob>)],
    },
];
