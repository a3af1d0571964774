//! What the rules say about a message.

use protocol::v1::Outcome;
use serde::{Deserialize, Serialize};

use crate::domain::time::Millis;

/// A rule, by the code that programs read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// There is no such phone.
    NumberInvalid,
    /// Its country is not one that the hotline sends to.
    CountryNotAllowed,
    /// The number costs extra.
    NumberPremium,
    /// The person opted out of every sender.
    OptedOut,
    /// The hotline blocks the number.
    Blocked,
    /// The class needs a consent that was not given.
    ConsentMissing,
    /// The consent was withdrawn.
    ConsentWithdrawn,
    /// The message came too late.
    Expired,
    /// The message is for later.
    SendAt,
    /// It is quiet where the person is.
    QuietHours,
    /// The person had enough of this class.
    FrequencyCap,
    /// WhatsApp takes templates only.
    WhatsappWindow,
    /// Nothing that it could leave from.
    NoSender,
}

impl Rule {
    /// The code, as in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::NumberInvalid => "number_invalid",
            Self::CountryNotAllowed => "country_not_allowed",
            Self::NumberPremium => "number_premium",
            Self::OptedOut => "opted_out",
            Self::Blocked => "blocked",
            Self::ConsentMissing => "consent_missing",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::Expired => "expired",
            Self::SendAt => "send_at",
            Self::QuietHours => "quiet_hours",
            Self::FrequencyCap => "frequency_cap",
            Self::WhatsappWindow => "whatsapp_window",
            Self::NoSender => "no_sender",
        }
    }
}

/// What happens to a message, with the rule that decided and a sentence for whoever asks why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may leave now.
    Send {
        /// From here.
        sender: String,
    },
    /// It waits.
    Hold {
        /// Why.
        rule: Rule,
        /// When the rule allows it; `None` when no instant is known and something must change first.
        until: Option<Millis>,
        /// What holds it, and what to do.
        detail: String,
    },
    /// It never leaves.
    Refuse {
        /// Why.
        rule: Rule,
        /// What is wrong, and what to do.
        detail: String,
    },
}

impl Decision {
    pub(super) fn refuse(rule: Rule, detail: impl Into<String>) -> Option<Self> {
        Some(Self::Refuse { rule, detail: detail.into() })
    }

    /// What happens to the message.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Send { .. } => Outcome::Send,
            Self::Hold { .. } => Outcome::Hold,
            Self::Refuse { .. } => Outcome::Refuse,
        }
    }

    /// The rule that said no.
    pub fn rule(&self) -> Option<Rule> {
        match self {
            Self::Send { .. } => None,
            Self::Hold { rule, .. } | Self::Refuse { rule, .. } => Some(*rule),
        }
    }

    /// Whether what speaks against it is its channel, so that it might go by another one.
    pub fn is_about_the_channel(&self) -> bool {
        matches!(self.rule(), Some(Rule::WhatsappWindow | Rule::NoSender))
    }

    /// Until when it is held, where that is known.
    pub fn until(&self) -> Option<Millis> {
        if let Self::Hold { until, .. } = self { *until } else { None }
    }

    /// The decision in words.
    pub fn detail(&self) -> &str {
        match self {
            Self::Send { .. } => "No rule speaks against it.",
            Self::Hold { detail, .. } | Self::Refuse { detail, .. } => detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_in_json() {
        for code in [
            "number_invalid",
            "country_not_allowed",
            "number_premium",
            "opted_out",
            "blocked",
            "consent_missing",
            "consent_withdrawn",
            "expired",
            "send_at",
            "quiet_hours",
            "frequency_cap",
            "whatsapp_window",
            "no_sender",
        ] {
            let rule: Rule = serde_json::from_value(code.into()).unwrap();
            assert_eq!((rule.code(), serde_json::to_value(rule).unwrap()), (code, code.into()));
        }
    }
}
