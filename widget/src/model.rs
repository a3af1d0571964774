//! What the widget knows of the agent.

/// The phone on which the agent is rung.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// E.164; "" when none is known.
    pub phone: String,
    /// Whether they have shown that it is theirs.
    pub confirmed: bool,
}

/// A call that the agent asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The id that we gave it.
    pub id: String,
    /// Where it is.
    pub state: String,
    /// What it came to.
    pub outcome: String,
    /// How long they talked.
    pub seconds: Option<i64>,
    /// What shows that the phone is the agent's; "" when nothing must.
    pub code: String,
}

impl Call {
    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.state == "ended"
    }

    /// How far a state is; what is told late does not take a call back.
    fn rank(&self) -> usize {
        let states = ["ringing_agent", "confirm", "ringing_contact", "talking", "ended"];
        states.iter().position(|state| *state == self.state).unwrap_or(0)
    }

    /// What is now known of it. The code is told to its agent only, when they ask.
    pub fn advance(&mut self, mut news: Self) {
        if news.id == self.id && news.rank() >= self.rank() {
            if news.code.is_empty() {
                news.code = std::mem::take(&mut self.code);
            }
            *self = news;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_does_not_go_back_and_keeps_its_code() {
        let told = |state: &str| Call { id: "1".to_owned(), state: state.to_owned(), ..Call::default() };
        let mut call = Call { code: "4821".to_owned(), ..told("ringing_agent") };
        call.advance(told("confirm"));
        assert_eq!((call.state.as_str(), call.code.as_str()), ("confirm", "4821"));
        call.advance(told("ended"));
        call.advance(told("talking"));
        call.advance(Call { id: "2".to_owned(), ..told("ended") });
        assert!(call.is_over() && call.id == "1");
    }
}
