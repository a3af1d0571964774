//! How far a message that may go by several channels has come through them: a column of its row.

use protocol::v1::ViaUntil;
use serde::{Deserialize, Serialize};

use crate::effects::Millis;
use crate::encoding;
use crate::messages::program::ViaStep;
use crate::storage::{Row, Stored};
use crate::twilio::status::Delivery;

pub(crate) const ADD_CHAIN: &str = "ALTER TABLE program_messages ADD COLUMN chain TEXT";

/// Its way through the channels. A message that has one alone has the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Chain {
    /// The channels before the present one, each with the entry of the timeline that it became by it.
    #[serde(default)]
    pub past: Vec<Past>,
    /// When it might leave by the present one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Millis>,
    /// Whether its create was under way, or its answer lost, when the time was over: it begins anew once that is settled.
    #[serde(default)]
    pub is_unsettled: bool,
    /// Whether no further channel is tried, whatever happens.
    #[serde(default)]
    pub is_over: bool,
    /// How far it had come by a channel by which it has failed since: its status does not go back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Delivery>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Past {
    #[serde(default)]
    pub entry: Option<i64>,
}

impl Chain {
    pub fn read(row: &Row, at: usize) -> Stored<Self> {
        if row.maybe_text(at).is_none() { Ok(Self::default()) } else { row.json(at, "program_messages.chain") }
    }

    /// For a row: nothing where there is nothing to say.
    pub fn written(&self) -> Option<String> {
        (*self != Self::default()).then(|| encoding::encode(self))
    }
}

impl ViaStep {
    /// Whether a message has come as far as this channel is waited for. By one that is not waited for it must arrive.
    pub(super) fn is_reached(self, delivery: Delivery) -> bool {
        match self.until.unwrap_or(ViaUntil::Delivered) {
            ViaUntil::Sent => delivery == Delivery::Sent || delivery >= Delivery::Delivered,
            ViaUntil::Delivered => delivery >= Delivery::Delivered,
            ViaUntil::Read => delivery == Delivery::Read,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::golden::{lacks, needs, stays};

    #[test]
    fn chains_in_rows_stay_readable() {
        let chain =
            r#"{"past":[{"entry":7},{"entry":null}],"since":1,"is_unsettled":true,"is_over":true,"reached":"Sent"}"#;
        stays::<Chain>(&[chain]);
        needs::<Chain>(chain, &[]);
        lacks::<Chain>(&["{}"]);
    }

    #[test]
    fn a_channel_is_waited_for_until_its_word_holds() {
        use Delivery::{Delivered, Failed, Read, Sending, Sent};
        for (until, reached) in [
            (Some(ViaUntil::Sent), vec![Sent, Delivered, Read]),
            (Some(ViaUntil::Delivered), vec![Delivered, Read]),
            (Some(ViaUntil::Read), vec![Read]),
            (None, vec![Delivered, Read]),
        ] {
            let step = ViaStep { channel: crate::domain::phone::Channel::WhatsApp, until, within: Some(5_000) };
            let all = [Sending, Sent, Failed, Delivered, Read];
            assert_eq!(all.into_iter().filter(|it| step.is_reached(*it)).collect::<Vec<_>>(), reached, "{until:?}");
        }
    }
}
