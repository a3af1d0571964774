//! What comes in about a person, and what follows from it at once.

use super::conversation_moves::Merge;
use super::person::Person;
use super::timeline::Entry;
use super::work::{Posted, Work};
use super::{Contact, Message, PHONE, StepContext, TEXTS};
use crate::domain::phone::Channel;
use crate::domain::text::keywords::Keyword;
use crate::effects::{Millis, ObjectReply};
use crate::helpscout::webhook::{Event, Happening};
use crate::jobs;
use crate::sidebar::person::Teller;
use crate::storage::Stored;
use crate::twilio::inbound::InboundText;
use crate::twilio::status::Delivery;

/// The most texts of one person that wait at once; whoever sends more in one outage is a machine.
const MOST_WAITING: i64 = 10_000;

impl Contact {
    pub(super) fn hear(&mut self, ctx: &StepContext, person: &mut Person, message: Message) -> Stored<ObjectReply> {
        match message {
            Message::Text(text) => self.receive(ctx, person, text),
            Message::Status(status) => self.status(ctx, person, &status).map(|()| ObjectReply::Done),
            Message::Event(event) => self.happened(ctx, person, &event).map(|()| ObjectReply::Done),
            Message::Seen { conversation, opening, replied } => self.seen(ctx, person, conversation, &opening, replied),
            Message::Reply { conversation, thread } => self.take_over(ctx, conversation, thread),
            Message::Merged { from, into, at, ours } => {
                let merge = Merge { from: &from.to_string(), into: &into.to_string(), at, ours };
                self.merged(ctx, person, &merge).map(|()| ObjectReply::Done)
            }
            Message::CallComes { call } => self.receive_call(ctx, &call),
            Message::Call(report) => self.called(ctx, person, &report).map(|()| ObjectReply::Done),
            Message::Look { before } => super::sidebar_view::page(ctx, person, before),
            Message::Prerender { beside, phone, confirmed } => {
                super::sidebar_view::prerender(ctx, person, beside, &phone, confirmed)
            }
            Message::IsCustomer { conversation, customer } => {
                super::recipients::is_customer_in(ctx, person, conversation, customer)
            }
            Message::Customer { id } => self.has_record(ctx, person, id),
            Message::Number => Ok(super::sidebar_view::number(ctx, person)),
            Message::Write(written) => Self::write(ctx, person, &written),
            Message::PermitReady { job } => {
                crate::jobs::bring_forward(ctx.store, job, ctx.now).map(|()| ObjectReply::Done)
            }
            // Passed on before it comes here.
            Message::Push { .. } => Ok(ObjectReply::Done),
        }
    }

    /// A text: onto the timeline once, into the queue, and greeted if it is the first.
    fn receive(&mut self, ctx: &StepContext, person: &mut Person, text: InboundText) -> Stored<ObjectReply> {
        if jobs::is_full(ctx.store, TEXTS, MOST_WAITING)? {
            return Ok(ObjectReply::Later(60_000));
        }
        let entry = Entry {
            inward: true,
            media: text.media.clone(),
            delivery: Delivery::Delivered,
            conversation: person.conversation.clone(),
            ..Entry::outward(text.sid.clone(), text.channel, text.body.replace('\0', ""), ctx.now)
        };
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(ObjectReply::Done) };
        person.channel = text.channel;
        person.sender = match text.channel {
            Channel::WhatsApp => format!("whatsapp:{}", text.to),
            Channel::Sms => text.to.clone(),
        };
        person.profile = text.profile.clone().or(person.profile.take());
        Self::will_post(ctx, seq, Posted::Message)?;
        let keyword = Keyword::read(&text.body, text.opt_out_type.as_deref());
        self.mind_keyword(ctx, person, keyword)?;
        self.greet(ctx, person, keyword)?;
        Ok(ObjectReply::Done)
    }

    /// What happened becomes a thread in Help Scout, in its order.
    pub(super) fn will_post(ctx: &StepContext, entry: i64, of: Posted) -> Stored<()> {
        jobs::add(ctx.store, TEXTS, &Work::post(entry, of), ctx.now, ctx.now)
    }

    fn mind_keyword(&mut self, ctx: &StepContext, person: &mut Person, keyword: Option<Keyword>) -> Stored<()> {
        let Some(keyword) = keyword else { return Ok(()) };
        if keyword == Keyword::Stop {
            if person.stop(ctx.now, Teller::Person) {
                Self::note_opt_out(ctx, true)?;
            }
        } else if keyword.starts(person.stopped.is_some()) {
            let sender = super::replies::sender_of(ctx, person);
            if person.start(&sender, ctx.now) {
                Self::note_opt_out(ctx, false)?;
            }
        }
        Ok(())
    }

    /// Twilio refused a text, which left at an instant, because the person had opted out there. Returns whether they
    /// have come back since.
    pub(super) fn learn_opt_out(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        left: Option<Millis>,
    ) -> Stored<bool> {
        if person.started.is_some_and(|started| left.is_some_and(|left| left <= started)) {
            return Ok(true);
        }
        if person.stop(ctx.now, Teller::Twilio) {
            Self::note_opt_out(ctx, true)?;
        }
        Ok(false)
    }

    /// First contact is acknowledged once. Twilio answers STOP and START itself, so we say nothing to those.
    pub(super) fn greet(&mut self, ctx: &StepContext, person: &mut Person, keyword: Option<Keyword>) -> Stored<()> {
        if person.greeted || matches!(keyword, Some(Keyword::Stop | Keyword::Start)) {
            return Ok(());
        }
        let sender = super::replies::sender_of(ctx, person);
        if !person.party.can_be_texted() || !person.may_be_texted_by(&sender) {
            return Ok(());
        }
        person.greeted = true;
        match &ctx.hotline.greeting {
            Some(words) => Self::say(ctx, person, "greeting", words, PHONE),
            None => Ok(()),
        }
    }

    /// Something happened to a conversation of theirs.
    fn happened(&mut self, ctx: &StepContext, person: &mut Person, event: &Event) -> Stored<()> {
        let conversation = event.conversation.to_string();
        if person.conversation.as_deref() == Some(conversation.as_str()) {
            person.threads = person.threads.max(event.threads.map_or(0, u64::cast_signed));
        }
        match event.happening {
            Happening::Replied => {
                Self::are_by_ai(ctx, &conversation, &event.ai_replies)?;
                let delay = i64::from(ctx.hotline.reply_delay_seconds) * 1_000;
                Self::will_read(ctx, &conversation, ctx.now + delay)
            }
            // The event's name is not signed: both are looked at.
            Happening::Moved if event.mailbox != Some(ctx.hotline.mailbox) => {
                Self::will_inspect(ctx, &conversation, ctx.now)
            }
            Happening::Deleted => Self::told_of_deletion(ctx, &conversation),
            Happening::Created | Happening::Moved | Happening::Merged => Ok(()),
        }
    }
}
