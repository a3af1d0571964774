//! STOP and START. After a STOP nothing leaves for the person any more, not even a text that already waits: whoever queues a
//! text asks [`Person::may_be_texted_by`], and `sending.rs` asks it again in the step in which the text leaves (ARCHITECTURE.md,
//! promise P5).

use super::person::Person;
use super::sender::sender_of;
use super::{Contact, StepContext, TEXTS};
use crate::domain::html::Html;
use crate::domain::text::keywords::Keyword;
use crate::effects::Millis;
use crate::sidebar::person::{OptOut, Teller};
use crate::storage::Stored;

impl Person {
    /// Whether a text may leave from a sender: a STOP closes every sender of the hotline, a START opens the one that it was
    /// sent to.
    pub fn may_be_texted_by(&self, sender: &str) -> bool {
        self.opted_out.is_none() || self.opted_in_senders.iter().any(|open| open == sender)
    }

    /// They texted STOP, or Twilio says that they did. Returns whether that is news.
    pub fn opt_out(&mut self, since: Millis, by: Teller) -> bool {
        let news = self.opted_out.is_none() || !self.opted_in_senders.is_empty();
        self.opted_out = self.opted_out.filter(|_| !news).or(Some(OptOut { since, by }));
        self.opted_in_senders.clear();
        news
    }

    /// They texted START to one sender. Returns whether that is news.
    pub fn opt_in(&mut self, sender: &str, now: Millis) -> bool {
        self.opted_in_at = Some(now);
        let news = !self.may_be_texted_by(sender);
        if news {
            self.opted_in_senders.push(sender.to_owned());
        }
        news
    }
}

impl Contact {
    /// Obeys the keyword of an inbound text. Twilio itself answers the person.
    pub(super) fn apply_keyword(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        keyword: Option<Keyword>,
    ) -> Stored<()> {
        let Some(keyword) = keyword else { return Ok(()) };
        if keyword == Keyword::Stop {
            super::consents::withdraw_all(ctx, ctx.now)?;
            if person.opt_out(ctx.now, Teller::Person) {
                Self::share_consent(ctx, person, true)?;
                Self::note_opt_out(ctx, person, true)?;
            }
        } else if keyword.starts(person.opted_out.is_some()) {
            let sender = sender_of(ctx, person);
            if person.opt_in(&sender, ctx.now) {
                Self::share_consent(ctx, person, false)?;
                Self::note_opt_out(ctx, person, false)?;
            }
        }
        Ok(())
    }

    /// Twilio refused a text, which left at an instant, because the person had opted out there. Returns whether they
    /// have come back since.
    pub(super) fn on_opt_out_refusal(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        left_at: Option<Millis>,
    ) -> Stored<bool> {
        if person.opted_in_at.is_some_and(|opted_in_at| left_at.is_some_and(|left_at| left_at <= opted_in_at)) {
            return Ok(true);
        }
        super::consents::withdraw_all(ctx, ctx.now)?;
        if person.opt_out(ctx.now, Teller::Twilio) {
            Self::share_consent(ctx, person, true)?;
            Self::note_opt_out(ctx, person, true)?;
        }
        Ok(false)
    }

    /// The agent sees, and programs are told, that the person may no longer be texted, or may again.
    pub(super) fn note_opt_out(ctx: &StepContext, person: &Person, stopped: bool) -> Stored<()> {
        super::event_data::opted(ctx, person, stopped)?;
        let words = if stopped {
            "This person has opted out of texts (STOP). Replies will not be sent to them until they text START."
        } else {
            "This person has opted in to texts again (START). Replies are sent again."
        };
        Self::enqueue_note(ctx, TEXTS, None, &Html::text(words))
    }
}
