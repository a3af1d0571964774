//! Templates of a hotline.

use protocol::v1::{Deleted, Preview, PreviewTemplate, StoreTemplate, Template};
use schemars::json_schema;

use super::description::{Description, HOTLINE, Parameter, schema_of};
use crate::routing::request::Method::{Delete, Get, Post, Put};

const TAG: &str = "Templates";

const NAME: Parameter = Parameter {
    name: "name",
    about: "The template's name.",
    schema: |_| json_schema!({ "type": "string", "pattern": "^[a-z0-9_-]{1,64}$" }),
};

pub(super) const OPERATIONS: &[Description] = &[
    Description {
        method: Put,
        path: "/templates/{name}",
        id: "storeTemplate",
        tag: TAG,
        summary: "Store a template",
        detail: "What differs from what is stored is the next version. A version never changes, and a message keeps the one with \
                 which it was accepted.",
        parameters: &[NAME, HOTLINE],
        body: Some(schema_of::<StoreTemplate>),
        answers: &[(200, "The template as it is stored.", schema_of::<Template>)],
    },
    Description {
        method: Get,
        path: "/templates/{name}",
        id: "readTemplate",
        tag: TAG,
        summary: "Read a template",
        detail: "Its latest version.",
        parameters: &[NAME, HOTLINE],
        body: None,
        answers: &[(200, "The template.", schema_of::<Template>)],
    },
    Description {
        method: Delete,
        path: "/templates/{name}",
        id: "deleteTemplate",
        tag: TAG,
        summary: "Delete a template",
        detail: "New messages cannot use it; those under way go on.",
        parameters: &[NAME, HOTLINE],
        body: None,
        answers: &[(200, "It is gone.", schema_of::<Deleted>)],
    },
    Description {
        method: Post,
        path: "/templates/{name}/preview",
        id: "previewTemplate",
        tag: TAG,
        summary: "Preview a template",
        detail: "What it would say with these values, and what that costs.",
        parameters: &[NAME, HOTLINE],
        body: Some(schema_of::<PreviewTemplate>),
        answers: &[(200, "The text.", schema_of::<Preview>)],
    },
];
