//! What is said to the object of a program's key, and its answers.

use serde::{Deserialize, Serialize};

use crate::domain::time::Millis;

/// What is said to the object of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// A request of the key has come. The answer is `ObjectReply::Begun`.
    Begin {
        /// What makes it the same request as another one; `None` when every one is for itself.
        #[serde(default)]
        idempotency: Option<Idempotency>,
    },
    /// A request with an `Idempotency-Key` has come to its end.
    Finish {
        /// [`Idempotency::id`].
        id: String,
        /// The answer for whoever sends it again; `None` when it may be tried again.
        answer: Option<KeptAnswer>,
    },
}

/// What makes two requests the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idempotency {
    /// Hash of the path and the `Idempotency-Key`.
    pub id: String,
    /// Hash of what the request says.
    pub fingerprint: String,
}

/// The answer to a request, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// What the bucket of a key holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Requests that the bucket holds when it is full.
    pub limit: u32,
    /// Requests that it holds now.
    pub remaining: u32,
    /// Milliseconds until it is full.
    pub full_in: Millis,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Begun {
    /// It is carried out.
    Go {
        /// No other request of the key has this number.
        number: i64,
        /// What is left.
        quota: Quota,
    },
    /// The bucket is empty for so many milliseconds.
    TooMany {
        /// Until there is room for one.
        wait: Millis,
        /// What is left.
        quota: Quota,
    },
    /// It was answered before.
    Replayed {
        /// That answer.
        answer: KeptAnswer,
        /// What is left.
        quota: Quota,
    },
    /// Its `Idempotency-Key` was used for a request that says something else.
    Conflict {
        /// What is left.
        quota: Quota,
    },
    /// Another copy of it is being carried out.
    Running {
        /// What is left.
        quota: Quota,
    },
}
