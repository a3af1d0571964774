//! A program's key for a story.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A program's token.
pub const TOKEN: &str = "rk_shop_0123456789abcdef0123456789abcdef";

/// The secret `API_KEYS` with that program, which may do everything at the hotline.
pub fn api_keys() -> Value {
    let scopes = hotline::config::ApiScope::ALL.map(hotline::config::ApiScope::as_str);
    let sha256 = format!("{:x}", Sha256::digest(TOKEN));
    json!(json!([{ "id": "shop", "sha256": sha256, "scopes": scopes, "hotlines": ["VOTERS"] }]).to_string())
}
