//! Messages to a person's object, and what follows from each at once.

use super::conversation_moves::Merge;
use super::event_data;
use super::outgoing_text::OutgoingText;
use super::person::Person;
use super::timeline::Entry;
use super::work::{Posted, Work};
use super::{Contact, Message, StepContext, TEXTS};
use crate::domain::phone::Channel;
use crate::domain::text::keywords::Keyword;
use crate::domain::text::quoted;
use crate::effects::ObjectReply;
use crate::helpscout::webhook::{Event, Happening};
use crate::jobs;
use crate::storage::Stored;
use crate::twilio::inbound::InboundText;
use crate::twilio::status::Delivery;

/// The most texts of one person that wait at once; whoever sends more in one outage is a machine.
const MAX_WAITING_TEXTS: i64 = 10_000;

impl Contact {
    pub(super) fn handle_message(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        message: Message,
    ) -> Stored<ObjectReply> {
        if let Some(moved) = Self::is_for(ctx, person, &message)? {
            return Ok(moved);
        }
        if matches!(message, Message::Text(_) | Message::Call(_)) && Self::waits_for_alias(ctx, person, &message)? {
            return Ok(ObjectReply::Done);
        }
        self.handle_here(ctx, person, message)
    }

    /// What a message leads to in the object that it is for.
    pub(super) fn handle_here(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        message: Message,
    ) -> Stored<ObjectReply> {
        match message {
            Message::Text(text) => self.receive(ctx, person, text),
            Message::Status(status) => self.on_status(ctx, person, &status).map(|()| ObjectReply::Done),
            Message::Event(event) => self.on_event(ctx, person, &event).map(|()| ObjectReply::Done),
            Message::Seen { conversation, opening, replied } => {
                self.adopt_conversation(ctx, person, conversation, &opening, replied)
            }
            Message::Reply { conversation, thread } => self.take_over_reply(ctx, conversation, thread),
            Message::Merged { from, into, at, ours } => {
                let merge = Merge { from: &from.to_string(), into: &into.to_string(), at, ours };
                self.on_merged(ctx, person, &merge).map(|()| ObjectReply::Done)
            }
            Message::CallComes { call, from } => {
                person.addresses.voice = Some(from).filter(|from| !from.is_empty()).or(person.addresses.voice.take());
                self.receive_call(ctx, &call)
            }
            Message::Call(report) => self.on_call_report(ctx, person, &report).map(|()| ObjectReply::Done),
            Message::Look { before } => super::sidebar_view::page(ctx, person, before),
            Message::Prerender { beside, phone, confirmed } => {
                super::sidebar_view::prerender(ctx, person, beside, &phone, confirmed)
            }
            Message::IsCustomer { conversation, customer } => {
                super::recipients::is_customer_in(ctx, person, conversation, customer)
            }
            Message::Customer { id } => self.accept_customer_record(ctx, person, id),
            Message::Person(request) => self.on_person_request(ctx, person, *request),
            Message::Program(request) => self.on_program_request(ctx, person, *request),
            Message::Verification(request) => self.on_verification_request(ctx, person, *request),
            Message::Jobs(request) => self.on_operator(ctx, person, &request),
            Message::Erased(erased) => self.on_erased_elsewhere(ctx, person, erased),
            Message::Retain => Self::retain(ctx),
            Message::Number => Ok(super::sidebar_view::number(ctx, person)),
            Message::Write(written) => Self::send_from_sidebar(ctx, person, &written),
            Message::Meet(other) => Self::meet(ctx, person, &other),
            Message::Consent { opted_out } => Self::on_consent(ctx, person, opted_out),
            Message::PermitReady { job } => crate::jobs::make_due(ctx.store, job, ctx.now).map(|()| ObjectReply::Done),
            // Passed on before they come here.
            Message::Push { .. } | Message::Wake => Ok(ObjectReply::Done),
        }
    }

    /// A text: onto the timeline once, into the queue, and greeted if it is the first.
    fn receive(&mut self, ctx: &StepContext, person: &mut Person, text: InboundText) -> Stored<ObjectReply> {
        if self.room_for_texts <= 0 {
            self.room_for_texts = MAX_WAITING_TEXTS - jobs::count(ctx.store, TEXTS)?;
        }
        if self.room_for_texts <= 0 {
            return Ok(ObjectReply::Later(60_000));
        }
        self.room_for_texts -= 1;
        let entry = Entry {
            inward: true,
            media: text.media.clone(),
            delivery: Delivery::Delivered,
            conversation: person.conversation.clone(),
            ..Entry::outward(text.sid.clone(), text.channel, said(ctx, &text)?, ctx.now)
        };
        let Some(seq) = entry.insert(ctx.store)? else { return Ok(ObjectReply::Done) };
        person.channel = text.channel;
        person.sender = match text.channel {
            Channel::WhatsApp => format!("whatsapp:{}", text.to),
            Channel::Sms => text.to.clone(),
        };
        person.addresses.learn(&text);
        person.profile = text.profile.clone().or(person.profile.take());
        Self::enqueue_post(ctx, seq, Posted::Message)?;
        event_data::message_received(ctx, person, &entry)?;
        Self::note_what_is_answered(ctx, person)?;
        let keyword = Keyword::read(&text.body, text.opt_out_type.as_deref());
        let is_answered = keyword.is_some_and(|it| it.is_answered_by_twilio(text.channel, person.opted_out.is_some()));
        self.apply_keyword(ctx, person, keyword)?;
        if !is_answered {
            self.greet(ctx, person)?;
        }
        Ok(ObjectReply::Done)
    }

    /// What happened becomes a thread in Help Scout, in its order.
    pub(super) fn enqueue_post(ctx: &StepContext, entry: i64, of: Posted) -> Stored<()> {
        jobs::add(ctx.store, TEXTS, &Work::post(entry, of), ctx.now, ctx.now)
    }

    /// Something happened to a conversation of theirs.
    fn on_event(&mut self, ctx: &StepContext, person: &mut Person, event: &Event) -> Stored<()> {
        let conversation = event.conversation.to_string();
        if person.conversation.as_deref() == Some(conversation.as_str()) {
            person.threads = person.threads.max(event.threads.map_or(0, u64::cast_signed));
        }
        match event.happening {
            Happening::Replied => {
                Self::set_aside_ai_replies(ctx, &conversation, &event.ai_replies)?;
                let delay = i64::from(ctx.hotline.reply_delay_seconds) * 1_000;
                Self::enqueue_read(ctx, &conversation, ctx.now + delay)
            }
            // The event's name is not signed, so Help Scout is asked in both cases.
            Happening::Moved if event.mailbox != Some(ctx.hotline.mailbox) => {
                Self::enqueue_inspect(ctx, &conversation, ctx.now)
            }
            Happening::Deleted => Self::on_deletion_event(ctx, &conversation),
            Happening::Created | Happening::Moved | Happening::Merged => Ok(()),
        }
    }
}

/// All that a text says, as it stands on the timeline: what it replies to, its words, and what came with them.
fn said(ctx: &StepContext, text: &InboundText) -> Stored<String> {
    let mut lines = Vec::new();
    if let Some(sid) = &text.replied_to {
        lines.push(match words_of(ctx, sid)?.trim() {
            "" => "(In reply to an earlier message:)".to_owned(),
            words => format!("(In reply to {}:)", quoted(words)),
        });
    }
    lines.extend(Some(text.body.clone()).filter(|body| !body.is_empty()));
    lines.extend(text.details.iter().cloned());
    Ok(lines.join("\n").replace('\0', ""))
}

/// What a message said, theirs or ours, as far as it is known.
fn words_of(ctx: &StepContext, sid: &str) -> Stored<String> {
    if let Some(ours) = OutgoingText::of_sid(ctx.store, sid)? {
        return Ok(ours.body);
    }
    Ok(Entry::find(ctx.store, sid)?.map_or_else(String::new, |entry| entry.text))
}
