//! The built Worker in workerd with the emulator: every way of a text, and what must hold when things go wrong.

mod api_description;
mod api_examples;
mod attacks;
mod call_paths;
mod calls;
mod configuration;
mod conversation_moves;
mod cron;
mod crowds;
mod deploys;
mod endpoints;
mod kills;
mod lost_alarms;
mod lost_answers;
mod media;
mod nonsense;
mod operators;
mod opt_out;
mod outages;
mod programs;
mod proofs;
mod replies;
mod rollback;
mod routes;
mod sessions;
mod sidebar;
mod sidebar_calls;
mod sidebar_live;
mod texts;
mod traps;

/// Somebody with a phone.
const SAM: &str = "+15550100100";
/// Somebody else with a phone.
const ANN: &str = "+15550100102";
/// And one more.
const BOB: &str = "+15550100103";
