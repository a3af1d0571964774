//! The rules of Ringside: every decision, and nothing that touches the world.
//!
//! Time, ids, random numbers and answers from outside come in as arguments; requests, replies and alarms go out as
//! values. Nothing here awaits, so that a simulation can run thousands of bad days in minutes.
//!
//! `P1` to `P13` in comments are promises, which ARCHITECTURE.md lists with their tests.
//!
//! | Module | Holds |
//! | --- | --- |
//! | [`routing`] | what a request from outside means |
//! | [`contact`] | a person's object: the only one who decides anything about that person |
//! | [`call`] | a call's object: who rings, who has the caller, what it came to |
//! | [`directory`] | a hotline's object: whose conversation is whose, events not yet placed, counts |
//! | [`monitor`] | the deployment's object: what the cron does, and what it has found |
//! | [`endpoint`] | an address of a program that events are delivered to |
//! | [`participant`] | somebody who takes part in masked sessions of a pool |
//! | [`rate_limiter`] | hands out permits for what is scarce outside, and knows whether it is there |
//! | [`verification_limit`] | counts codes that verify numbers, and stops them |
//! | [`messages`] | what objects say to each other |
//! | [`effects`], [`storage`], [`alarm`] | what a step asks of the world, its rows, and the one alarm |
//! | `jobs`, [`answer`] | the queue of each object; what a service's answer means for a job |
//! | [`log`] | log lines |
//! | [`encoding`] | how values travel between objects and stand in rows |
//! | [`send_rules`] | whether a message of a program may be sent, and from which sender |
//! | [`config`] | the configuration, read and refused field by field |
//! | [`api`], [`twilio`], [`helpscout`] | their requests, answers and webhooks |
//! | [`health`] | what is wrong with a deployment, and how that is shown |
//! | [`sidebar`] | an agent's window into a hotline: session and pages |
//! | [`domain`] | plain values: numbers, texts, markup, files, proofs |
//! | [`form`], [`json`] | formats of the web |
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod alarm;
pub mod answer;
pub mod api;
pub mod api_key;
pub mod audience;
pub mod call;
pub mod config;
pub mod contact;
mod deliveries;
pub mod directory;
pub mod domain;
pub mod effects;
pub mod encoding;
pub mod endpoint;
pub mod form;
pub mod health;
pub mod helpscout;
mod jobs;
pub mod json;
pub mod log;
pub mod media;
pub mod messages;
pub mod monitor;
pub mod participant;
pub mod rate_limiter;
pub mod routing;
pub mod send_rules;
pub mod sidebar;
mod step;
pub mod storage;
pub mod twilio;
pub mod verification_limit;

/// The Worker's classes of Durable Objects, as `wrangler.toml` exports them.
pub const CLASSES: [&str; 10] = [
    "Contact",
    "Call",
    "Hotline",
    "Gate",
    "ApiKey",
    "Audience",
    "VerificationLimit",
    "Endpoint",
    "Participant",
    "Monitor",
];

/// The versions of the tables that this release writes.
pub fn schema() -> protocol::health::Schema {
    protocol::health::Schema {
        contact: contact::SCHEMA,
        call: call::SCHEMA,
        directory: directory::SCHEMA,
        rate_limiter: rate_limiter::SCHEMA,
    }
}
