//! How the states of a call are said, and what a text costs.

use hotline::domain::text::segments::{self, Encoding};
use hotline::sidebar::words::length;

use crate::model::Call;

/// Where a call is, and what the agent is to do.
pub fn progress(call: &Call) -> String {
    match call.state.as_str() {
        "ringing_agent" => "Your phone rings…".to_owned(),
        "confirm" if call.code.is_empty() => "Press 1 on your phone to call them".to_owned(),
        "confirm" => ["Press ", &call.code, " on your phone, to show that it is yours"].concat(),
        "ringing_contact" => "Their phone rings…".to_owned(),
        "talking" => "You are talking".to_owned(),
        _ => outcome(call),
    }
}

/// What a call came to.
fn outcome(call: &Call) -> String {
    match call.outcome.as_str() {
        "completed" => match call.seconds {
            Some(seconds) => ["You talked for ", &length(seconds)].concat(),
            None => "The call is over".to_owned(),
        },
        "cancelled" => "The call was cancelled".to_owned(),
        "agent_busy" => "Your phone was busy".to_owned(),
        "agent_no_answer" => "You did not answer your phone".to_owned(),
        "agent_failed" => "Your phone could not be reached".to_owned(),
        "not_confirmed" => "Nobody pressed the key on your phone".to_owned(),
        "contact_busy" => "Their line was busy".to_owned(),
        "contact_no_answer" => "They did not answer".to_owned(),
        "contact_failed" => "The call could not be connected".to_owned(),
        _ => "The call is over".to_owned(),
    }
}

/// What a text costs, as far as an agent should know.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// `12 characters, 1 text`; "" when nothing is written.
    pub count: String,
    /// Why fewer characters fit than usual; "" when they do not.
    pub why: String,
}

/// What a text that is being written costs.
pub fn cost(text: &str) -> Cost {
    if text.is_empty() {
        return Cost::default();
    }
    let all = segments::count(text);
    let many = |number: usize, one: &str| {
        let plural = if number == 1 { "" } else { "s" };
        [&number.to_string(), " ", one, plural].concat()
    };
    let count = [&many(text.chars().count(), "character"), ", ", &many(all.segments, "text")].concat();
    let dear = |it: &char| segments::count(it.encode_utf8(&mut [0; 4])).encoding == Encoding::Ucs2;
    let why = match text.chars().find(dear).filter(|_| all.encoding == Encoding::Ucs2) {
        Some(sign) => ["With ", sign.encode_utf8(&mut [0; 4]), " in it a text holds 70 characters, not 160"].concat(),
        None => String::new(),
    };
    Cost { count, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_told_what_to_press_and_how_it_ended() {
        let call = |state: &str, outcome: &str, code: &str| Call {
            state: state.to_owned(),
            outcome: outcome.to_owned(),
            code: code.to_owned(),
            seconds: Some(190),
            ..Call::default()
        };
        assert!(progress(&call("confirm", "", "4821")).contains("4821"));
        assert!(progress(&call("confirm", "", "")).contains("Press 1"));
        assert_eq!(progress(&call("ended", "completed", "")), "You talked for 3:10");
        assert_eq!(progress(&call("ended", "contact_busy", "")), "Their line was busy");
    }

    #[test]
    fn the_counter_names_the_sign_that_makes_a_text_dear() {
        let told = |text: &str| cost(text);
        assert_eq!(told("Hello"), Cost { count: "5 characters, 1 text".to_owned(), why: String::new() });
        assert_eq!(told(""), Cost::default());
        assert_eq!(told(&"a".repeat(161)).count, "161 characters, 2 texts");
        assert!(told("It’s").why.contains('’') && told("😀").why.contains('😀'));
    }
}
