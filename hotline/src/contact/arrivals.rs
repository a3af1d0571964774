//! What comes in about a person, and what follows from it at once.

use super::person::Person;
use super::timeline::Entry;
use super::travels::Merge;
use super::{Contact, Message, PHONE, Scene, TEXTS};
use crate::effect::Told;
use crate::helpscout::webhook::{Event, Happening};
use crate::phone::Channel;
use crate::queue;
use crate::sidebar::person::Teller;
use crate::store::{Stored, number};
use crate::text::keywords::Keyword;
use crate::twilio::inbound::InboundText;
use crate::twilio::status::Delivery;

/// The most texts of one person that wait at once; whoever sends more in one outage is a machine.
const MOST_WAITING: i64 = 2_000;

impl Contact {
    pub(super) fn hear(&mut self, scene: &Scene, person: &mut Person, message: Message) -> Stored<Told> {
        match message {
            Message::Text(text) => self.receive(scene, person, text),
            Message::Status(status) => self.status(scene, person, &status).map(|()| Told::Done),
            Message::Event(event) => self.happened(scene, person, &event).map(|()| Told::Done),
            Message::Seen { conversation, opening, replied } => {
                self.seen(scene, person, conversation, &opening, replied)
            }
            Message::Merged { from, into, at, ours } => {
                let merge = Merge { from: &from.to_string(), into: &into.to_string(), at, ours };
                self.merged(scene, person, &merge).map(|()| Told::Done)
            }
            Message::Call(report) => self.called(scene, person, &report).map(|()| Told::Done),
            Message::Look { before } => super::looking::page(scene, person, before),
            Message::Paint { beside, phone, confirmed } => {
                super::looking::paint(scene, person, beside, &phone, confirmed)
            }
            Message::Number => Ok(super::looking::number(scene, person)),
            Message::Write(written) => Self::write(scene, person, &written),
            // Passed on before it comes here.
            Message::Push { .. } => Ok(Told::Done),
        }
    }

    /// A text: onto the timeline once, into the queue, and greeted if it is the first.
    fn receive(&mut self, scene: &Scene, person: &mut Person, text: InboundText) -> Stored<Told> {
        if waiting(scene)? >= MOST_WAITING {
            return Ok(Told::Later(60_000));
        }
        let entry = Entry {
            inward: true,
            media: text.media.clone(),
            delivery: Delivery::Delivered,
            conversation: person.conversation.clone(),
            ..Entry::outward(text.sid.clone(), text.channel, text.body.replace('\0', ""), scene.now)
        };
        let Some(seq) = entry.insert(scene.store)? else { return Ok(Told::Done) };
        person.channel = text.channel;
        person.sender = match text.channel {
            Channel::WhatsApp => format!("whatsapp:{}", text.to),
            Channel::Sms => text.to.clone(),
        };
        person.profile = text.profile.clone().or(person.profile.take());
        Self::will_post(scene, seq)?;
        let keyword = Keyword::read(&text.body, text.opt_out_type.as_deref());
        self.mind_keyword(scene, person, keyword)?;
        self.greet(scene, person, keyword)?;
        Ok(Told::Done)
    }

    /// What happened becomes a thread in Help Scout, in its order.
    pub(super) fn will_post(scene: &Scene, entry: i64) -> Stored<()> {
        queue::add(scene.store, TEXTS, "post", &entry.to_string(), scene.now, scene.now)
    }

    fn mind_keyword(&mut self, scene: &Scene, person: &mut Person, keyword: Option<Keyword>) -> Stored<()> {
        let Some(keyword) = keyword else { return Ok(()) };
        if keyword == Keyword::Stop {
            if person.stop(scene.now, Teller::Person) {
                Self::note_opt_out(scene, true)?;
            }
        } else if keyword.starts(person.stopped.is_some()) {
            let sender = super::replies::sender_of(scene, person);
            if person.start(&sender) {
                Self::note_opt_out(scene, false)?;
            }
        }
        Ok(())
    }

    /// Twilio refused a text because the person had opted out there.
    pub(super) fn learn_opt_out(&mut self, scene: &Scene, person: &mut Person) -> Stored<()> {
        if person.stop(scene.now, Teller::Twilio) {
            Self::note_opt_out(scene, true)?;
        }
        Ok(())
    }

    /// First contact is acknowledged once. Twilio answers STOP and START itself, so we say nothing to those.
    pub(super) fn greet(&mut self, scene: &Scene, person: &mut Person, keyword: Option<Keyword>) -> Stored<()> {
        if person.greeted || matches!(keyword, Some(Keyword::Stop | Keyword::Start)) {
            return Ok(());
        }
        let sender = super::replies::sender_of(scene, person);
        if !person.party.can_be_texted() || !person.may_be_texted_by(&sender) {
            return Ok(());
        }
        person.greeted = true;
        match &scene.hotline.greeting {
            Some(words) => Self::say(scene, person, "greeting", words, PHONE),
            None => Ok(()),
        }
    }

    /// Something happened to a conversation of theirs.
    fn happened(&mut self, scene: &Scene, person: &mut Person, event: &Event) -> Stored<()> {
        let conversation = event.conversation.to_string();
        if person.conversation.as_deref() == Some(conversation.as_str()) {
            person.threads = person.threads.max(event.threads.map_or(0, u64::cast_signed));
        }
        match event.happening {
            Happening::Replied => {
                let delay = i64::from(scene.hotline.reply_delay_seconds) * 1_000;
                Self::will_read(scene, &conversation, scene.now + delay)
            }
            Happening::Moved if event.mailbox != Some(scene.hotline.mailbox) => {
                self.moved(scene, person, &conversation)
            }
            Happening::Deleted => self.deleted(scene, person, &conversation),
            Happening::Created | Happening::Moved | Happening::Merged => Ok(()),
        }
    }
}

fn waiting(scene: &Scene) -> Stored<i64> {
    number(scene.store, "SELECT COUNT(*) FROM jobs WHERE lane = ?", &[TEXTS.into()])
}
