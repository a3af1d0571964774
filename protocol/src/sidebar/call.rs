//! `/sidebar/calls`: a call that an agent asks for.

use serde::{Deserialize, Serialize};

/// The body of `POST`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartCall {
    /// A UUID of the sidebar's making: the same one is the same call.
    pub id: String,
}

/// A call, as its agent sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The id that the sidebar gave it.
    pub id: String,
    /// How far it is.
    pub state: CallState,
    /// What it came to, once it is over.
    pub outcome: Option<CallOutcome>,
    /// How long agent and contact talked.
    pub seconds: Option<i64>,
    /// The code that shows that the phone is the agent's, where they must press one. Only its agent is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Call {
    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.state == CallState::Ended
    }

    /// Takes over what is now known of it. A call never goes back, and what does not say the code does not change it.
    pub fn advance(&mut self, news: Self) {
        if news.id == self.id && news.state >= self.state {
            let code = news.code.or_else(|| self.code.take());
            *self = Self { code, ..news };
        }
    }
}

/// How far a call is. The order is the rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// The agent's phone rings.
    RingingAgent = 1,
    /// The agent hears whom they are about to call, and what to press.
    Confirm,
    /// The contact's phone rings.
    RingingContact,
    /// They talk.
    Talking,
    /// It is over.
    Ended,
    /// A state of a later release, below all that are known.
    #[serde(other)]
    Unknown = 0,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// They talked.
    Completed,
    /// The agent ended it before they talked.
    Cancelled,
    /// The agent's phone was busy, or the call was declined there.
    AgentBusy,
    /// The agent did not answer.
    AgentNoAnswer,
    /// The agent's phone could not be reached.
    AgentFailed,
    /// Nobody pressed the key.
    NotConfirmed,
    /// The contact's phone was busy, or the call was declined there.
    ContactBusy,
    /// The contact did not answer.
    ContactNoAnswer,
    /// The contact's phone could not be reached.
    ContactFailed,
    /// An outcome of a later release.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str, state: CallState) -> Call {
        Call { id: id.to_owned(), state, outcome: None, seconds: None, code: None }
    }

    #[test]
    fn a_call_does_not_go_back_and_keeps_its_code() {
        let mut known = Call { code: Some("4821".to_owned()), ..call("1", CallState::RingingAgent) };
        known.advance(call("1", CallState::Confirm));
        assert_eq!((known.state, known.code.as_deref()), (CallState::Confirm, Some("4821")));
        known.advance(call("1", CallState::Ended));
        known.advance(call("1", CallState::Talking));
        known.advance(call("1", CallState::Unknown));
        known.advance(call("2", CallState::Ended));
        assert!(known.is_over() && known.id == "1");
    }
}
