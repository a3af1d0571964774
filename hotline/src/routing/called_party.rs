//! Whom somebody texts or calls. A hotline whose table is wrong takes nothing: a text is refused until the table is mended,
//! so that Twilio sends it again or its fallback answers, and a caller hears words. Both are counted.

use super::counts::{NO_HOTLINE, counted};
use super::{Decision, HttpAnswer};
use crate::config::{Config, Hotline, RefusedHotline, Sender};
use crate::domain::phone::{Channel, E164};
use crate::domain::spoken::{Sentence, sentence};
use crate::twilio::calls::{Facts, Stage};
use crate::twilio::twiml::Verb;
use crate::twilio::voicemail::without_state;

/// Whose sender it is.
pub(super) enum Called<'a> {
    /// A hotline's.
    Hotline(&'a Hotline),
    /// A hotline's whose table is wrong.
    Refused(&'a RefusedHotline),
    /// Nobody's; and when some table is wrong, its number may stand there with a slip.
    Nobody,
}

impl<'a> Called<'a> {
    /// By the number, else by the messaging service.
    pub(super) fn find(config: &'a Config, channel: Channel, number: Option<&E164>, service: Option<&str>) -> Self {
        let number = number.map(|number| match channel {
            Channel::Sms => Sender::Number(number),
            Channel::WhatsApp => Sender::Whatsapp(number),
        });
        for sender in number.into_iter().chain(service.map(Sender::MessagingService)) {
            if let Some(hotline) = config.by_sender(sender) {
                return Self::Hotline(hotline);
            }
            // A call to a number of a pool is the hotline's: sessions are by text.
            if let Sender::Number(number) = sender
                && let Some(hotline) = config.pool_of(number).and_then(|pool| config.by_mailbox(pool.mailbox))
            {
                return Self::Hotline(hotline);
            }
            if let Some(refused) = config.refused_by_sender(sender) {
                return Self::Refused(refused);
            }
        }
        Self::Nobody
    }

    /// By the inbox that stands in an address of our own making.
    pub(super) fn by_mailbox(config: &'a Config, mailbox: Option<&str>) -> Self {
        let Some(mailbox) = mailbox.and_then(|mailbox| mailbox.parse().ok()) else { return Self::Nobody };
        let good = config.by_mailbox(mailbox).map(Self::Hotline);
        good.or_else(|| config.refused_by_mailbox(mailbox).map(Self::Refused)).unwrap_or(Self::Nobody)
    }
}

/// The inbox under which a refused hotline is counted: its own, unless that is not known or another hotline's.
fn counted_under(config: &Config, refused: &RefusedHotline) -> u64 {
    let mailbox = refused.hotline.mailbox;
    if config.by_mailbox(mailbox).is_some() { NO_HOTLINE } else { mailbox }
}

/// A text, or word of one, to a hotline whose table is wrong.
pub(super) fn text_refused(config: &Config, refused: &RefusedHotline) -> Decision {
    counted(counted_under(config, refused), "text to a hotline whose table is wrong", HttpAnswer::empty(503))
}

/// A text to nobody's number, which some wrong table may have meant.
pub(super) fn text_perhaps_refused() -> Decision {
    counted(NO_HOTLINE, "text to an unknown number while a hotline's table is wrong", HttpAnswer::empty(503))
}

/// A call, or word of one, to a hotline whose table is wrong.
pub(super) fn call_refused(
    config: &Config,
    refused: &RefusedHotline,
    stage: Stage,
    facts: &Facts,
    call: &str,
) -> Decision {
    let talked = stage == Stage::Queue && facts.result == "bridged";
    let answer = match stage {
        stage if !stage.wants_twiml() => HttpAnswer::empty(503),
        // A message would find no conversation.
        Stage::Incoming | Stage::Queue | Stage::Voicemail if !talked => sorry(Some(&refused.hotline)),
        stage => HttpAnswer::verbs(&without_state(stage, facts, config, &refused.hotline, call)),
    };
    counted(counted_under(config, refused), "call to a hotline whose table is wrong", answer)
}

/// A call to nobody's number, which some wrong table may have meant.
pub(super) fn call_perhaps_refused(stage: Stage) -> Decision {
    let answer = if stage.wants_twiml() { sorry(None) } else { HttpAnswer::empty(503) };
    counted(NO_HOTLINE, "call to an unknown number while a hotline's table is wrong", answer)
}

/// What a caller hears of a hotline that takes no calls.
fn sorry(hotline: Option<&Hotline>) -> HttpAnswer {
    let voice = hotline.map(|hotline| hotline.voice.clone()).unwrap_or_default();
    let words = sentence(voice.language.as_deref(), Sentence::NotConnected);
    let say = words.map(|words| Verb::SayIn(voice, words.to_owned()));
    HttpAnswer::verbs(&say.into_iter().chain([Verb::Hangup]).collect::<Vec<_>>())
}
