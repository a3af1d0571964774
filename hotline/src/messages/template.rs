//! What is said to a hotline's object about its templates.

use serde::{Deserialize, Serialize};

use crate::domain::template::Template;
use crate::domain::time::Millis;

/// What is wanted of a template. The answer is `ObjectReply::Template`, or `ObjectReply::NotFound`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TemplateRequest {
    /// It says this from now on. What it says already makes no new version. Past the hotline's limit: `ObjectReply::Refused`.
    Put {
        /// Its name.
        name: String,
        /// What it says.
        template: Template,
    },
    /// What does it say?
    Read {
        /// Its name.
        name: String,
    },
    /// It is no longer to be used. The answer is what it said.
    Delete {
        /// Its name.
        name: String,
    },
}

/// The newest version of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTemplate {
    /// The number of the version, from 1.
    pub version: u32,
    /// When it was made.
    pub at: Millis,
    /// What it says.
    pub template: Template,
}
