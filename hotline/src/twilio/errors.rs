//! Twilio's error codes in an agent's words, and what the send queue may do about each.

use crate::domain::time::Millis;
use RetryPolicy::{AfterConfiguration, Later, MaybeDelivered, Never, Retry};

/// Twilio's code for a recipient who has opted out (Twilio, error 21610).
pub const OPTED_OUT: u32 = 21610;

/// Twilio's code for credentials that it does not accept (Twilio, error 20003).
pub const NOT_AUTHORIZED: u32 = 20003;

/// Twilio's code for a message whose delivery has not ended, so that it can be neither emptied nor deleted (Twilio, error 20009).
pub const NOT_ENDED: u32 = 20009;

/// An error code explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Twilio's code; 0 when Twilio gave none.
    pub code: u32,
    /// What happened and what to do, for an agent; at most 140 characters, without the code. It promises nothing.
    pub words: &'static str,
    /// Whether and when the send queue tries again.
    pub retry: RetryPolicy,
}

impl Explanation {
    /// The words, and whether it is sent again: `is_resent` says that it will be.
    pub fn sentences(&self, is_resent: bool) -> String {
        let then = match self.retry {
            _ if is_resent => retry_promise(self.code),
            RetryPolicy::Retry { .. } | RetryPolicy::Later { .. } => {
                "It is not sent again. Please call, or write another time."
            }
            _ => return self.words.to_owned(),
        };
        format!("{} {then}", self.words)
    }
}

/// Whether, and when, a message that met an error may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryPolicy {
    /// Not at all: the same message would fail again.
    Never,
    /// Again by itself, at most `times`, first after `seconds` and then twice as long each time.
    Retry {
        /// Attempts after the first.
        times: u8,
        /// Wait before the first of them.
        seconds: u32,
    },
    /// Again by itself when a condition of Twilio's or a carrier's has passed, at most `times`, every so many `minutes`.
    Later {
        /// Attempts after the first.
        times: u8,
        /// Wait before each of them.
        minutes: u32,
    },
    /// When somebody has changed the Twilio account; until then every message of this sender fails the same way.
    AfterConfiguration,
    /// It may have reached the phone: never again before a look at Twilio's messages has shown that it was not taken.
    MaybeDelivered,
}

impl RetryPolicy {
    /// How long to wait before the next attempt after so many resends; `None` when there is no next one.
    pub fn wait(self, resends: i64) -> Option<Millis> {
        match self {
            Self::Retry { times, seconds } if resends < i64::from(times) => {
                Some((i64::from(seconds) * 1_000) << resends.clamp(0, i64::from(times)))
            }
            Self::Later { times, minutes } if resends < i64::from(times) => Some(i64::from(minutes) * 60_000),
            _ => None,
        }
    }
}

/// Explains a code (Twilio, Error and Warning Dictionary); a code it does not know, by its range.
pub fn explain(code: u32) -> Explanation {
    let (words, retry) = account(code)
        .or_else(|| recipient(code))
        .or_else(|| carrier(code))
        .or_else(|| whatsapp(code))
        .unwrap_or_else(|| unknown(code));
    Explanation { code, words, retry }
}

/// Codes about the account, its sender and what was asked of Twilio.
fn account(code: u32) -> Option<(&'static str, RetryPolicy)> {
    Some(match code {
        10001 | 30002 => (
            "The Twilio account is not active. Nothing can be sent until it is; please tell your admin.",
            AfterConfiguration,
        ),
        20003 => (
            "Twilio did not accept the hotline's password. Please tell your admin; nothing can be sent until then.",
            AfterConfiguration,
        ),
        // Refused before it was processed, so a repeat can never double it; together about four minutes.
        20429 => ("Twilio is busy.", Retry { times: 8, seconds: 1 }),
        20500 | 20503 => (
            "Twilio had a problem. The message may have been sent; please check with the person before repeating it.",
            MaybeDelivered,
        ),
        21212 | 21606 | 21703 | 21704 | 21705 => (
            "The hotline's number cannot send this. Please tell your admin to check the number in Twilio.",
            AfterConfiguration,
        ),
        21210 => (
            "The hotline's number may not make calls yet. Please tell your admin to check it in Twilio.",
            AfterConfiguration,
        ),
        21219 | 21608 => (
            "The Twilio account is a trial and may only reach numbers verified in Twilio. Please tell your admin.",
            AfterConfiguration,
        ),
        21215 | 13227 => (
            "Calls to this country are switched off in Twilio. Please tell your admin if they are needed.",
            AfterConfiguration,
        ),
        21408 => (
            "Texts to this country are switched off in Twilio. Please tell your admin if they are needed.",
            AfterConfiguration,
        ),
        21609 => ("Twilio did not accept the hotline's own address. Please tell your admin.", AfterConfiguration),
        // A long code's queue holds ten hours of messages, so room comes slowly.
        21611 | 30001 => ("Too many messages are waiting at this number.", Later { times: 20, minutes: 30 }),
        22005 => ("Too many calls are waiting. Please call again later.", Never),
        21617 => ("The message is too long for one text. Please send it in shorter parts.", Never),
        21602 | 21619 => ("The message was empty, so nothing was sent.", Never),
        // How long Help Scout may be too busy to hand out a file: its minute.
        11200 | 11205 | 12300 => ("The picture or file could not be fetched.", Retry { times: 2, seconds: 60 }),
        11751 => ("The picture or file is too big. Please send a smaller one.", Never),
        21620 | 21623 => ("The picture could not be sent. Please try fewer or other files, or send a link.", Never),
        30018 | 30024 | 30032 | 30033 | 30034 => {
            ("Carriers block this number until it is registered with them. Please tell your admin.", AfterConfiguration)
        }
        // Carriers take hours to know a new number; after a day something is wrong with it.
        30035 => ("The hotline's number is still being set up.", Later { times: 12, minutes: 120 }),
        _ => return None,
    })
}

/// Whether a code refuses everything that this account sends.
pub fn is_about_the_account(code: u32) -> bool {
    matches!(code, 10001 | NOT_AUTHORIZED)
}

/// Whether a message with files may have failed because of them. Twilio says of files that it could not fetch no more
/// than 30008, or the code of the request that failed.
pub fn is_about_files(code: u32) -> bool {
    matches!(code, 11200 | 11205 | 11751 | 12300 | 21620 | 21623 | 30008 | 30011 | 30019 | 63019 | 63034)
}

/// Whether a code is about the person's phone or their will, so that no other words would arrive either.
pub fn is_about_the_person(code: u32) -> bool {
    matches!(
        code,
        OPTED_OUT | 21201 | 21211 | 21214 | 21217 | 21603 | 21604 | 21612 | 21614 | 30004
            ..=30006 | 30640 | 63003 | 63024 | 63032 | 63033
    )
}

/// Codes about the person's number and their will.
fn recipient(code: u32) -> Option<(&'static str, RetryPolicy)> {
    Some(match code {
        OPTED_OUT => (
            "They asked for no more texts (STOP). They can text START to hear from us again; a call may still work.",
            Never,
        ),
        21201 | 21211 | 21217 | 21603 | 21604 => {
            ("This is not a number that can be reached. Please check it with the person.", Never)
        }
        21214 | 21612 => {
            ("The hotline's number cannot reach this number. Please try another way to contact them.", Never)
        }
        21216 => ("Twilio does not allow calls to this number. Please try a text.", Never),
        21220 => ("The call had already ended.", Never),
        21614 | 30006 => ("This number cannot get texts; it may be a landline. Please call instead.", Never),
        // A phone that is off at night is on again within hours: after 1, 3 and 7 hours.
        30003 => ("Their phone is off or out of reach.", Retry { times: 3, seconds: 3600 }),
        30004 => ("Their phone or phone company blocks our texts. Please call instead.", Never),
        30005 => ("This number seems not to be in use. Please check it with the person.", Never),
        30640 => ("Twilio does not allow texts to this number. Please call instead.", Never),
        _ => return None,
    })
}

/// Codes from the carriers on the way.
fn carrier(code: u32) -> Option<(&'static str, RetryPolicy)> {
    Some(match code {
        30007 => {
            ("A phone company took this for spam. Please call, or write it in other words and without links.", Never)
        }
        30008 => ("The phone company gave no reason.", Retry { times: 2, seconds: 300 }),
        30010 => ("This message costs more than is allowed for the hotline. Please tell your admin.", Never),
        30011 => ("Pictures cannot be sent to this number. Please send a link instead.", Never),
        30012 => ("The message waited too long and was not sent. Please send it again.", Never),
        30017 => ("The phone network is crowded.", Retry { times: 4, seconds: 300 }),
        30019 => ("The picture or file is too big. Please send a smaller one.", Never),
        30022 => ("We send faster than the phone companies allow.", Retry { times: 5, seconds: 60 }),
        // The cap is lifted at midnight in California, at most a day away.
        30023 | 30027 => ("Today's limit of a phone company is reached.", Later { times: 26, minutes: 60 }),
        30047 => ("Twilio could not plan this text for an allowed hour.", Retry { times: 3, seconds: 600 }),
        30410 => (
            "The phone company did not answer. The text may have arrived; please ask before sending it again.",
            MaybeDelivered,
        ),
        30450 => ("Twilio blocked this text to protect against fraud. Please call, or tell your admin.", Never),
        // Quiet hours last from 21 to 8 o'clock at most (Twilio, Compliance Toolkit).
        30610 => ("Texts are not allowed at this hour where they live.", Later { times: 14, minutes: 60 }),
        31480 => ("Their phone could not be reached. Please call again in a while.", Never),
        31486 => ("Their line was busy. Please call again in a while.", Never),
        _ => return None,
    })
}

/// Codes of WhatsApp.
fn whatsapp(code: u32) -> Option<(&'static str, RetryPolicy)> {
    Some(match code {
        63016 => (
            "WhatsApp: over 24 hours since they last wrote. Ask them to write first, or send an approved template from Twilio.",
            Never,
        ),
        63003 | 63024 => ("This number is not on WhatsApp. Please send a text or call.", Never),
        63032 | 63033 => ("WhatsApp does not let us write to this person. Please send a text or call.", Never),
        63005 | 63006 | 63013 | 63014 => {
            ("WhatsApp refused this message for what is in it. Please word it differently.", Never)
        }
        63010 | 63012 => ("WhatsApp had a problem.", Retry { times: 3, seconds: 60 }),
        63017 | 63018 => ("We send faster than WhatsApp allows.", Retry { times: 5, seconds: 60 }),
        63019 => ("WhatsApp could not fetch the picture. Please send it again, or send a link.", Never),
        63034 => ("The picture or file is too big for WhatsApp. Please send a smaller one.", Never),
        // The limit is of a rolling day.
        63038 => ("Today's limit of messages is reached.", Later { times: 26, minutes: 60 }),
        63001 | 63007 | 63015 | 63020 | 63021 | 63051 => {
            ("The hotline's WhatsApp is not set up right. Please tell your admin.", AfterConfiguration)
        }
        63027 | 63028 | 63040..=63042 => {
            ("The WhatsApp template is missing or not approved. Please tell your admin.", AfterConfiguration)
        }
        _ => return None,
    })
}

/// That it is sent again, and when, for the codes whose policy says so.
fn retry_promise(code: u32) -> &'static str {
    match code {
        21611 | 30001 => "It is sent again by itself when there is room.",
        30003 => "It is sent again by itself, a few times over some hours.",
        30008 => "It is sent again by itself, once or twice.",
        30022 | 63017 | 63018 => "It is sent again by itself, more slowly.",
        30023 | 30027 => "It is sent again by itself after midnight Pacific time.",
        30035 => "It is sent again by itself in some hours.",
        30610 => "It is sent again by itself when they are.",
        10001 | NOT_AUTHORIZED => "It is sent by itself as soon as that is mended.",
        _ => "It is sent again by itself.",
    }
}

/// What the ranges of the dictionary say of a code that has no line here.
fn unknown(code: u32) -> (&'static str, RetryPolicy) {
    match code {
        10000..=19999 => {
            ("Something in the Twilio account needs care. Please tell your admin the code.", AfterConfiguration)
        }
        20000..=29999 => ("Twilio did not accept this. Please tell your admin the code.", Never),
        30000..=39999 => {
            ("The phone company did not deliver this. Please try a call, or tell your admin the code.", Never)
        }
        63000..=63999 => {
            ("WhatsApp did not deliver this. Please try a text or a call, or tell your admin the code.", Never)
        }
        _ => ("This could not be sent. Please try again, or tell your admin the code.", Never),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_explanation_is_short_and_plain() {
        for code in 0..70_000 {
            let Explanation { code: same, words, .. } = explain(code);
            assert_eq!(same, code);
            assert!(words.chars().count() <= 140 && words.ends_with('.'), "{code}: {words}");
            for jargon in ["API", "HTTP", "MMS", "webhook", "10DLC", "A2P", "carrier ", "null", "SID", "payload"] {
                assert!(!words.contains(jargon), "{code}: {words}");
            }
        }
    }

    #[test]
    fn the_queue_knows_what_it_may_do() {
        for (codes, expected) in [
            (&[OPTED_OUT, 21211, 21614, 30004, 30005, 30006, 30007, 63016, 0, 29999, 39999, 63999, 99999][..], Never),
            (&[20003, 21408, 21606, 30032, 30034, 63007, 12345], AfterConfiguration),
            (&[20500, 20503, 30410], MaybeDelivered),
            (&[20429], Retry { times: 8, seconds: 1 }),
            (&[30003], Retry { times: 3, seconds: 3600 }),
            (&[30008], Retry { times: 2, seconds: 300 }),
            (&[21611, 30001], Later { times: 20, minutes: 30 }),
        ] {
            for &code in codes {
                assert_eq!(explain(code).retry, expected, "{code}");
            }
        }
    }

    #[test]
    fn no_other_words_help_where_the_phone_takes_none() {
        for code in (0..70_000).filter(|code| is_about_the_person(*code)) {
            let Explanation { words, retry, .. } = explain(code);
            let known = unknown(code) != (words, retry);
            assert!(known && retry == Never, "{code}: {words}");
        }
    }

    #[test]
    fn an_agent_is_told_what_to_do() {
        for (code, telling) in [
            (OPTED_OUT, "START"),
            (30006, "landline"),
            (30007, "spam"),
            (30410, "may have arrived"),
            (63016, "Ask them to write first"),
        ] {
            assert!(explain(code).words.contains(telling), "{code}");
        }
    }

    #[test]
    fn a_repeat_is_promised_only_while_there_is_one() {
        for code in 0..70_000 {
            let explanation = explain(code);
            let promises = |text: &str| text.contains("again by itself") || text.contains("tried again");
            assert!(!promises(explanation.words) && !promises(&explanation.sentences(false)), "{code}");
            let repeats = matches!(explanation.retry, Retry { .. } | Later { .. });
            assert_eq!(explanation.sentences(false).contains("not sent again"), repeats, "{code}");
            assert!(!repeats || promises(&explanation.sentences(true)), "{code}");
        }
    }

    #[test]
    fn a_repeat_waits_ever_longer_or_always_as_long() {
        const HOUR: Millis = 3_600_000;
        let waits = |code: u32| (0..30).map_while(|repeats| explain(code).retry.wait(repeats)).collect::<Vec<_>>();
        assert_eq!(waits(30003), [HOUR, 2 * HOUR, 4 * HOUR]);
        assert_eq!(waits(30023), [HOUR; 26]);
        assert_eq!(waits(30006), [0; 0]);
    }
}
