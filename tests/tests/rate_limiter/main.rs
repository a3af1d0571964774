//! What a rate limiter promises, whoever asks whenever: the real rules on real SQLite, and askers who come in time, late,
//! or never.

mod files;
mod harness;
mod outages;
mod permits;
mod properties;
mod survival;
