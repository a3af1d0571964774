//! The words by which a person leaves and comes back (Twilio, Opt-out keywords).

use super::invisible::visible;
use crate::domain::phone::Channel;

/// A keyword that Twilio acts on and answers itself; it reaches us all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// No more texts.
    Stop,
    /// Texts again.
    Start,
    /// YES or UNSTOP: means [`Keyword::Start`] to Twilio, but only from somebody who had stopped.
    StartIfStopped,
    /// HELP or INFO.
    Help,
}

impl Keyword {
    /// Reads `Body` of an inbound text. `opt_out_type` is the parameter `OptOutType`, which Twilio sends when Advanced
    /// Opt-Out, with its own words in other languages, has already decided; it overrides the words.
    pub fn read(body: &str, opt_out_type: Option<&str>) -> Option<Self> {
        match opt_out_type {
            Some("STOP") => Some(Self::Stop),
            Some("START") => Some(Self::Start),
            Some("HELP") => Some(Self::Help),
            // Keyboards and pasted words bring marks that nobody sees.
            _ => Self::of_word(visible(body, false).trim()),
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        match word.to_ascii_uppercase().as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE" | "OPTOUT" => Some(Self::Stop),
            "START" => Some(Self::Start),
            "YES" | "UNSTOP" => Some(Self::StartIfStopped),
            "HELP" | "INFO" => Some(Self::Help),
            _ => None,
        }
    }

    /// Whether Twilio sends its own words in answer, so that a greeting would be one text too many. On WhatsApp it answers
    /// nothing.
    pub fn is_answered_by_twilio(self, channel: Channel, stopped: bool) -> bool {
        match (self, channel) {
            (Self::Help, Channel::WhatsApp) => false,
            (Self::Stop | Self::Help, _) => true,
            (Self::Start | Self::StartIfStopped, _) => self.starts(stopped),
        }
    }

    /// Whether texts may go out again after this word, from somebody who had stopped or not.
    pub fn starts(self, stopped: bool) -> bool {
        match self {
            Self::Start => true,
            Self::StartIfStopped => stopped,
            Self::Stop | Self::Help => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Keyword::{Help, Start, StartIfStopped, Stop};
    use super::*;

    #[test]
    fn a_word_alone_is_a_keyword_and_a_sentence_is_not() {
        for (body, keyword) in [
            ("STOP", Some(Stop)),
            (" stop\r\n", Some(Stop)),
            ("StopAll", Some(Stop)),
            ("unsubscribe", Some(Stop)),
            ("cancel", Some(Stop)),
            ("end", Some(Stop)),
            ("quit", Some(Stop)),
            ("revoke", Some(Stop)),
            ("optout", Some(Stop)),
            ("Start", Some(Start)),
            ("yes", Some(StartIfStopped)),
            ("unstop", Some(StartIfStopped)),
            ("help", Some(Help)),
            ("Info", Some(Help)),
            ("please stop", None),
            ("stop it", None),
            ("stop.", None),
            ("opt out", None),
            ("ſtop", None),
            ("yes please", None),
            ("", None),
        ] {
            assert_eq!(Keyword::read(body, None), keyword, "{body:?}");
        }
    }

    #[test]
    fn what_twilio_decided_overrides_the_word() {
        for (body, opt_out_type, keyword) in [
            ("ARRET", "STOP", Some(Stop)),
            ("YES", "START", Some(Start)),
            ("STOP", "HELP", Some(Help)),
            ("STOP", "", Some(Stop)),
            ("hello", "NEW_KIND", None),
        ] {
            assert_eq!(Keyword::read(body, Some(opt_out_type)), keyword, "{body} {opt_out_type}");
        }
    }

    #[test]
    fn whom_twilio_answers_is_not_greeted_on_top_of_it() {
        use Channel::{Sms, WhatsApp};
        for (keyword, channel, stopped, answered) in [
            (Stop, Sms, false, true),
            (Help, Sms, false, true),
            (Help, WhatsApp, false, false),
            (Start, Sms, false, true),
            (StartIfStopped, Sms, true, true),
            (StartIfStopped, Sms, false, false),
        ] {
            assert_eq!(keyword.is_answered_by_twilio(channel, stopped), answered, "{keyword:?} {channel:?} {stopped}");
        }
    }

    #[test]
    fn yes_is_an_answer_unless_they_had_stopped() {
        for (keyword, stopped, starts) in [
            (StartIfStopped, false, false),
            (StartIfStopped, true, true),
            (Start, false, true),
            (Start, true, true),
            (Stop, true, false),
            (Help, true, false),
        ] {
            assert_eq!(keyword.starts(stopped), starts, "{keyword:?} {stopped}");
        }
    }

    proptest! {
        #[test]
        fn case_and_surrounding_space_never_matter(word in "[sS][tT][oO][pP]", before in "\\s{0,3}", after in "\\s{0,3}") {
            prop_assert_eq!(Keyword::read(&[before.as_str(), &word, &after].concat(), None), Some(Stop));
        }

        #[test]
        fn more_than_one_word_is_never_a_keyword(first in "[a-z]{1,9}", second in "[a-z]{1,9}") {
            prop_assert_eq!(Keyword::read(&[first.as_str(), " ", &second].concat(), None), None);
        }
    }
}
