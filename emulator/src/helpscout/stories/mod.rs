//! Tests across modules: one request or one action, and all of its effects.

mod agents;
mod api;
mod customers;
mod lists;
mod strictness;
mod webhooks;
