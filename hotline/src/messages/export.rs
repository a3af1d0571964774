//! What a person's object says when all that is kept of them is asked for, a page at a time.

use protocol::v1::HotlineExport;
use serde::{Deserialize, Serialize};

/// A page. What is no entry stands on the first one alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPage {
    /// What is known, with some entries.
    pub export: HotlineExport,
    /// Where the next page begins.
    #[serde(default)]
    pub next: Option<i64>,
    /// Other keys of the person whose objects have a history of their own.
    #[serde(default)]
    pub other_keys: Vec<String>,
}
