//! What is known of people, and their consent.

use protocol::v1::{Consent, GiveConsent, Job, Page, Person, PersonConversation, PersonExport, ReplacePerson};
use schemars::json_schema;

use super::description::{AFTER, Description, HOTLINE, LIMIT, Parameter, schema_of};
use crate::routing::request::Method::{Delete, Get, Put};

const TAG: &str = "People";

const NUMBER: Parameter = Parameter {
    name: "number",
    about: "Their number in E.164, with its `+` as `%2B`.",
    schema: |_| json_schema!({ "type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$" }),
};

const JOB: Parameter = Parameter {
    name: "id",
    about: "The job's id.",
    schema: |_| json_schema!({ "type": "string", "minLength": 1, "maxLength": 64 }),
};

const CONVERSATION: Parameter = Parameter {
    name: "conversation",
    about: "Help Scout's id of the conversation.",
    schema: |_| json_schema!({ "type": "integer", "minimum": 1, "maximum": 9_007_199_254_740_991_u64 }),
};

const HELPSCOUT: Parameter = Parameter {
    name: "helpscout",
    about: "In Help Scout: `note` says in their conversation that they were erased, `delete` deletes their record with its \
            conversations, `keep` does nothing.",
    schema: |_| json_schema!({ "type": "string", "enum": ["note", "delete", "keep"], "default": "note" }),
};

pub(super) const OPERATIONS: &[Description] = &[
    Description {
        method: Get,
        path: "/people/{number}",
        id: "readPerson",
        tag: TAG,
        summary: "Read a person",
        detail: "Somebody whom the hotline has never heard of is not found.",
        parameters: &[NUMBER, HOTLINE],
        body: None,
        answers: &[(200, "What is known.", schema_of::<Person>)],
    },
    Description {
        method: Put,
        path: "/people/{number}",
        id: "replacePerson",
        tag: TAG,
        summary: "Replace what is kept of a person",
        detail: "What is left out is forgotten.",
        parameters: &[NUMBER, HOTLINE],
        body: Some(schema_of::<ReplacePerson>),
        answers: &[(200, "What is known now.", schema_of::<Person>)],
    },
    Description {
        method: Delete,
        path: "/people/{number}",
        id: "erasePerson",
        tag: TAG,
        summary: "Erase a person",
        detail: "Their texts, media, recordings and fields, here and at Twilio; what waits for them is canceled. What they said and \
                 Help Scout does not have yet is posted first. That they opted out or withdrew a consent stays. The job goes on \
                 until Twilio has erased all of it.",
        parameters: &[NUMBER, HOTLINE, HELPSCOUT],
        body: None,
        answers: &[(202, "The job that does it.", schema_of::<Job>)],
    },
    Description {
        method: Get,
        path: "/people/{number}/export",
        id: "exportPerson",
        tag: TAG,
        summary: "Export a person",
        detail: "All that is kept of them, at the hotline that is named or at all of the key's. The links to media are good for 15 \
                 minutes. Of somebody of whom nothing is known the list is empty.",
        parameters: &[NUMBER, HOTLINE],
        body: None,
        answers: &[(200, "What is kept.", schema_of::<PersonExport>)],
    },
    Description {
        method: Get,
        path: "/jobs/{id}",
        id: "readJob",
        tag: TAG,
        summary: "Read a job",
        detail: "How far an erasure is.",
        parameters: &[JOB],
        body: None,
        answers: &[(200, "The job.", schema_of::<Job>)],
    },
    Description {
        method: Put,
        path: "/people/{number}/consent",
        id: "giveConsent",
        tag: TAG,
        summary: "Keep a consent, or its end",
        detail: "Their last word on the class counts.",
        parameters: &[NUMBER, HOTLINE],
        body: Some(schema_of::<GiveConsent>),
        answers: &[(200, "What is kept.", schema_of::<Consent>)],
    },
    Description {
        method: Get,
        path: "/people/{number}/consent",
        id: "readConsents",
        tag: TAG,
        summary: "Read what a person has said",
        detail: "All of it, the latest first.",
        parameters: &[NUMBER, HOTLINE, AFTER, LIMIT],
        body: None,
        answers: &[(200, "A page of it.", schema_of::<Page<Consent>>)],
    },
    Description {
        method: Put,
        path: "/people/{number}/conversations/{conversation}",
        id: "importConversation",
        tag: TAG,
        summary: "Go on in a conversation from before the hotline",
        detail: "It is theirs when Help Scout says that it is a conversation by phone in the hotline's inbox, with a customer who \
                 has this number. Replies in it reach them from then on, and their next text goes into it, unless they have \
                 another conversation already. Why one was not imported stands in the list of failed jobs.",
        parameters: &[NUMBER, CONVERSATION, HOTLINE],
        body: None,
        answers: &[(202, "It is looked at, or is theirs already.", schema_of::<PersonConversation>)],
    },
    Description {
        method: Get,
        path: "/people/{number}/conversations/{conversation}",
        id: "readConversation",
        tag: TAG,
        summary: "Read whether a conversation is a person's",
        detail: "One that is not theirs is not found.",
        parameters: &[NUMBER, CONVERSATION, HOTLINE],
        body: None,
        answers: &[(200, "It is theirs, or is looked at.", schema_of::<PersonConversation>)],
    },
];
