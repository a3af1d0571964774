//! What happened to a hotline's people.

use protocol::v1::{Event, EventData, Page};
use schemars::json_schema;

use super::description::{Description, LIMIT, Parameter, schema_of};
use crate::routing::request::Method::Get;

const TAG: &str = "Events";

const OF_HOTLINE: Parameter = Parameter {
    name: "hotline",
    about: "Those of this hotline; without it those of all that the key has.",
    schema: |_| json_schema!({ "type": "string", "minLength": 1, "maxLength": 64 }),
};

const AFTER_EVENT: Parameter = Parameter {
    name: "after",
    about: "Those after the event of this id, whichever it is.",
    schema: |_| json_schema!({ "type": "string", "pattern": "^evt_[0-9A-Za-z]{0,60}$" }),
};

const TYPES: Parameter = Parameter {
    name: "types",
    about: "Those of these types, with commas between them; `message.*` stands for all that begin so.",
    schema: |_| json_schema!({ "type": "string" }),
};

pub(super) const OPERATIONS: &[Description] = &[Description {
    method: Get,
    path: "/events",
    id: "listEvents",
    tag: TAG,
    summary: "Read events",
    detail: "The oldest first. An event is shown two seconds after it was recorded, so that none comes later that would stand before \
             it: go on after the last id that you have.",
    parameters: &[OF_HOTLINE, AFTER_EVENT, TYPES, LIMIT],
    body: None,
    answers: &[(200, "A page of them.", schema_of::<Page<Event<EventData>>>)],
}];
