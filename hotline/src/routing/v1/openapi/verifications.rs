//! Codes that verify numbers.

use protocol::v1::{CheckVerification, StartVerification, Verification, VerificationCheck};
use schemars::json_schema;

use super::description::{Description, Parameter, schema_of};
use crate::routing::request::Method::{Get, Post};

const TAG: &str = "Verifications";

const ID: Parameter = Parameter {
    name: "id",
    about: "The verification's id.",
    schema: |_| json_schema!({ "type": "string", "minLength": 1, "maxLength": 64 }),
};

pub(super) const OPERATIONS: &[Description] = &[
    Description {
        method: Post,
        path: "/verifications",
        id: "startVerification",
        tag: TAG,
        summary: "Send a code",
        detail: "Six digits, good for 10 minutes, for 5 wrong tries and 5 sends. Quiet hours do not hold it.",
        parameters: &[],
        body: Some(schema_of::<StartVerification>),
        answers: &[
            (201, "The verification. Its code is on the way.", schema_of::<Verification>),
            (
                200,
                "One that was there before: its code for this number and purpose is good, or it has this `reference`. Nothing is \
                 sent.",
                schema_of::<Verification>,
            ),
        ],
    },
    Description {
        method: Get,
        path: "/verifications/{id}",
        id: "readVerification",
        tag: TAG,
        summary: "Read a verification",
        detail: "How far it has come.",
        parameters: &[ID],
        body: None,
        answers: &[(200, "The verification.", schema_of::<Verification>)],
    },
    Description {
        method: Post,
        path: "/verifications/{id}/check",
        id: "checkVerification",
        tag: TAG,
        summary: "Check a code",
        detail: "A wrong code is answered 200 too. What is no code is refused, and not counted.",
        parameters: &[ID],
        body: Some(schema_of::<CheckVerification>),
        answers: &[(200, "Whether it was the right one.", schema_of::<VerificationCheck>)],
    },
    Description {
        method: Post,
        path: "/verifications/{id}/resend",
        id: "resendVerification",
        tag: TAG,
        summary: "Send the code again",
        detail: "The same code, 30 seconds after the first time, and twice as long after each further one.",
        parameters: &[ID],
        body: None,
        answers: &[(200, "The verification. Its code is on the way.", schema_of::<Verification>)],
    },
    Description {
        method: Post,
        path: "/verifications/{id}/cancel",
        id: "cancelVerification",
        tag: TAG,
        summary: "Cancel a verification",
        detail: "Its code is no longer good. What has ended stays what it is.",
        parameters: &[ID],
        body: None,
        answers: &[(200, "The verification.", schema_of::<Verification>)],
    },
];
