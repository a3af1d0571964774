//! Stories across the parts: what one request or one agent's click does to everything else.

mod agents;
mod api;
mod customers;
mod lists;
mod webhooks;
