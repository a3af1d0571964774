//! What `xtask` and its checker share.

pub mod wrangler_toml;
