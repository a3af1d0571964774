//! Delivery states (Twilio, Message resource: status values; status callbacks come in any order).

use serde::{Deserialize, Serialize};

use crate::form::Form;

/// How far a message has come. The order is the rank: a state never goes down (P10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Delivery {
    /// With us.
    Waiting,
    /// Twilio did not answer, and its list does not show it: nobody knows whether it left. Whatever is heard of it later
    /// says more.
    Unknown,
    /// With Twilio.
    Queued,
    /// On its way to the carrier.
    Sending,
    /// With the carrier.
    Sent,
    /// It will not arrive.
    Failed,
    /// It arrived. Above `Failed`, since Twilio may learn of an arrival after it had given up.
    Delivered,
    /// It was opened.
    Read,
}

impl Delivery {
    /// Reads `MessageStatus` or a message's `status`; `None` for words that say nothing about delivery.
    pub fn read(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "accepted" | "scheduled" | "queued" => Self::Queued,
            "sending" => Self::Sending,
            "sent" => Self::Sent,
            "failed" | "undelivered" | "canceled" => Self::Failed,
            "delivered" | "partially_delivered" => Self::Delivered,
            "read" => Self::Read,
            _ => return None,
        })
    }

    /// For a row and for the timeline.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Unknown => "unknown",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// From a row.
    pub fn from_row(text: &str) -> Option<Self> {
        let ours = [Self::Waiting, Self::Unknown].into_iter().find(|delivery| delivery.as_str() == text);
        ours.or_else(|| Self::read(text))
    }

    /// Whether it is with Twilio or the carrier.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Queued | Self::Sending | Self::Sent)
    }

    /// Whether no better news is to be expected.
    pub fn is_final(self) -> bool {
        self >= Self::Failed
    }
}

impl From<Delivery> for protocol::sidebar::DeliveryState {
    fn from(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Waiting => Self::Waiting,
            Delivery::Unknown => Self::Unknown,
            Delivery::Queued => Self::Queued,
            Delivery::Sending => Self::Sending,
            Delivery::Sent => Self::Sent,
            Delivery::Failed => Self::Failed,
            Delivery::Delivered => Self::Delivered,
            Delivery::Read => Self::Read,
        }
    }
}

/// A status callback, as far as we use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Our own message id, from the callback's address.
    pub message: String,
    /// Twilio's id of it.
    pub sid: String,
    /// The state.
    pub delivery: Delivery,
    /// `ErrorCode`, for failures.
    pub code: Option<u32>,
}

impl Status {
    /// Reads a callback for the message whose id stood in its address; `None` when it says nothing about delivery.
    pub fn read(message: &str, form: &Form) -> Option<Self> {
        let word = form.get("MessageStatus").or_else(|| form.get("SmsStatus"))?;
        Some(Self {
            message: message.to_owned(),
            sid: form.get("MessageSid").or_else(|| form.get("SmsSid")).unwrap_or("").to_owned(),
            delivery: Delivery::read(word)?,
            code: form.get("ErrorCode").and_then(|code| code.trim().parse().ok()).filter(|code| *code != 0),
        })
    }
}
