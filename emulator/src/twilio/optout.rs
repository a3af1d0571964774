//! Opt-out keywords and the block list (Twilio, "Twilio support for opt-out keywords" and "Advanced Opt-Out").

use std::collections::BTreeSet;

/// The words that Twilio itself acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Stop,
    Start,
    Help,
}

impl Keyword {
    /// As `OptOutType` says it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Stop => "STOP",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }
}

/// How keywords are handled on a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handling {
    /// Twilio, on long codes.
    LongCode,
    /// The carriers, on toll-free numbers.
    TollFree,
    /// Twilio's Advanced Opt-Out, on every sender of the service.
    Advanced,
    /// Not handled: short codes and WhatsApp.
    Nobody,
}

/// Area codes of toll-free numbers (North American Numbering Plan).
const TOLL_FREE: [&str; 7] = ["800", "833", "844", "855", "866", "877", "888"];

impl Handling {
    pub(super) fn of(sender: &str, advanced: bool) -> Self {
        match sender.strip_prefix('+') {
            _ if advanced => Self::Advanced,
            None => Self::Nobody,
            Some(digits)
                if digits.strip_prefix('1').is_some_and(|rest| TOLL_FREE.iter().any(|code| rest.starts_with(code))) =>
            {
                Self::TollFree
            }
            Some(_) => Self::LongCode,
        }
    }

    /// The keyword, if the whole body is one, in any case.
    pub(super) fn keyword(self, body: &str) -> Option<Keyword> {
        let word = body.trim().to_uppercase();
        let (stop, start, help): (&[&str], &[&str], &[&str]) = match self {
            Self::LongCode | Self::Advanced => (
                &["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"],
                &["START", "YES", "UNSTOP"],
                &["HELP", "INFO"],
            ),
            Self::TollFree => (&["STOP"], &["START", "UNSTOP"], &[]),
            Self::Nobody => (&[], &[], &[]),
        };
        [(Keyword::Stop, stop), (Keyword::Start, start), (Keyword::Help, help)]
            .into_iter()
            .find(|(_, words)| words.contains(&word.as_str()))
            .map(|(keyword, _)| keyword)
    }

    /// Twilio's (or the carriers') own reply.
    fn reply(self, keyword: Keyword) -> &'static str {
        match (self, keyword) {
            (Self::TollFree, Keyword::Stop) => {
                "NETWORK MSG: You replied with the word \"stop\" which blocks all texts sent from this number. \
                 Text back \"unstop\" to receive messages again."
            }
            (Self::TollFree, _) => {
                "NETWORK MSG: You have replied \"unstop\" and will begin receiving messages again from this number."
            }
            (_, Keyword::Stop) => {
                "You have successfully been unsubscribed. You will not receive any more messages from this number. \
                 Reply START to resubscribe."
            }
            (_, Keyword::Start) => {
                "You have successfully been re-subscribed to messages from this number. Reply HELP for help. \
                 Reply STOP to unsubscribe. Msg&Data Rates May Apply."
            }
            (_, Keyword::Help) => "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
        }
    }
}

/// Pairs that must not be texted: a sender (or the service it is in) and a person's address.
#[derive(Debug, Default)]
pub(super) struct BlockList {
    pairs: BTreeSet<(String, String)>,
}

impl BlockList {
    pub(super) fn has(&self, sender: &str, person: &str) -> bool {
        self.pairs.contains(&(sender.to_owned(), person.to_owned()))
    }

    pub(super) fn add(&mut self, sender: &str, person: &str) {
        self.pairs.insert((sender.to_owned(), person.to_owned()));
    }

    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        self.pairs.iter().cloned().collect()
    }

    /// Updates the block list. Returns the automatic reply.
    ///
    /// A word that changes nothing is not answered again, except HELP; an opted-out person's HELP is not answered by
    /// Advanced Opt-Out.
    pub(super) fn hear(
        &mut self,
        handling: Handling,
        keyword: Keyword,
        sender: &str,
        person: &str,
    ) -> Option<&'static str> {
        let pair = (sender.to_owned(), person.to_owned());
        let answered = match keyword {
            Keyword::Stop => self.pairs.insert(pair),
            Keyword::Start => self.pairs.remove(&pair),
            Keyword::Help => handling != Handling::Advanced || !self.pairs.contains(&pair),
        };
        answered.then(|| handling.reply(keyword))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_acts_on_which_word() {
        use Keyword::{Help, Start, Stop};
        let cases = [
            ("+15550100001", false, " stop ", Some(Stop)),
            ("+15550100001", false, "OptOut", Some(Stop)),
            ("+15550100001", false, "yes", Some(Start)),
            ("+15550100001", false, "info", Some(Help)),
            ("+15550100001", false, "please stop", None),
            ("+18885550101", false, "STOP", Some(Stop)),
            ("+18885550101", false, "UNSTOP", Some(Start)),
            ("+18885550101", false, "YES", None),
            ("+18885550101", false, "QUIT", None),
            ("55501", false, "STOP", None),
            ("55501", true, "STOP", Some(Stop)),
            ("whatsapp:+15550100001", false, "STOP", None),
            ("whatsapp:+15550100001", true, "STOP", Some(Stop)),
        ];
        for (sender, advanced, body, keyword) in cases {
            assert_eq!(Handling::of(sender, advanced).keyword(body), keyword, "{sender} {body}");
        }
    }

    #[test]
    fn stop_is_answered_once_and_start_only_after_it() {
        let mut list = BlockList::default();
        let mut hear = |keyword| list.hear(Handling::LongCode, keyword, "+15550100001", "+15550100100").is_some();
        let words = [Keyword::Start, Keyword::Stop, Keyword::Stop, Keyword::Help, Keyword::Start];
        assert_eq!(words.map(&mut hear), [false, true, false, true, true]);
        assert!(list.pairs().is_empty());
    }
}
