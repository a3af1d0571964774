//! Messages that programs send.

use protocol::v1::{Canceled, Message, MessageOrMessages, MessageStatus, Page, SendMessage, Why};
use schemars::json_schema;

use super::description::{AFTER, Description, HOTLINE, LIMIT, Parameter, schema_of};
use crate::routing::request::Method::{Get, Post};

const TAG: &str = "Messages";

const ID: Parameter = Parameter {
    name: "id",
    about: "The message's id.",
    schema: |_| json_schema!({ "type": "string", "minLength": 1, "maxLength": 64 }),
};

const TO: Parameter = Parameter {
    name: "to",
    about: "Those to this number, E.164, with its `+` as `%2B`.",
    schema: |_| json_schema!({ "type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$" }),
};

const REFERENCE: Parameter =
    Parameter { name: "reference", about: "Those of this name.", schema: |_| json_schema!({ "type": "string" }) };

const TAG_OF: Parameter =
    Parameter { name: "tag", about: "Those with this tag.", schema: |_| json_schema!({ "type": "string" }) };

const STATUS: Parameter =
    Parameter { name: "status", about: "Those that have come so far.", schema: schema_of::<MessageStatus> };

const SINCE: Parameter = Parameter {
    name: "since",
    about: "Those that came at this instant or later.",
    schema: |_| json_schema!({ "type": "string", "format": "date-time" }),
};

pub(super) const OPERATIONS: &[Description] = &[
    Description {
        method: Post,
        path: "/messages",
        id: "sendMessages",
        tag: TAG,
        summary: "Send a message",
        detail: "To one person or to many. Each recipient has an item of their own with the decision of the rules, also who is refused; \
                 with `dry_run` that is all that happens.",
        parameters: &[],
        body: Some(schema_of::<SendMessage>),
        answers: &[
            (202, "An item for each recipient.", schema_of::<MessageOrMessages>),
            (
                200,
                "The same, where all of them were there before, by their `reference`.",
                schema_of::<MessageOrMessages>,
            ),
        ],
    },
    Description {
        method: Get,
        path: "/messages",
        id: "listMessages",
        tag: TAG,
        summary: "Find messages",
        detail: "Those of a hotline, the newest first.",
        parameters: &[HOTLINE, TO, REFERENCE, TAG_OF, STATUS, SINCE, AFTER, LIMIT],
        body: None,
        answers: &[(200, "A page of them.", schema_of::<Page<Message>>)],
    },
    Description {
        method: Get,
        path: "/messages/{id}",
        id: "readMessage",
        tag: TAG,
        summary: "Read a message",
        detail: "How far it has come. A status never moves down.",
        parameters: &[ID],
        body: None,
        answers: &[(200, "The message.", schema_of::<Message>)],
    },
    Description {
        method: Get,
        path: "/messages/{id}/why",
        id: "explainMessage",
        tag: TAG,
        summary: "Explain a message",
        detail: "Every decision about it, in words, the first one first.",
        parameters: &[ID],
        body: None,
        answers: &[(200, "The decisions.", schema_of::<Why>)],
    },
    Description {
        method: Post,
        path: "/messages/{id}/cancel",
        id: "cancelMessage",
        tag: TAG,
        summary: "Cancel a message",
        detail: "It does not leave, unless it has left.",
        parameters: &[ID],
        body: None,
        answers: &[(200, "Whether it was canceled.", schema_of::<Canceled>)],
    },
];
