//! What a person said becomes a thread in Help Scout.

use super::conversation_moves::ALWAYS;
use super::conversation_rollover::is_after_silence;
use super::customer_id::{names_customer, names_nothing};
use super::pending_request::{Outgoing, PendingRequest, RequestKind};
use super::person::{Person, Said};
use super::timeline::{Entry, Kind, entry_of};
use super::work::{Detail, Fact, Job, Work};
use super::{Awaiting, Contact, StepContext};
use crate::answer::{Answer, Loss, try_again};
use crate::config::Threading;
use crate::domain::file_ending::file_ending;
use crate::domain::html::{Html, normalised};
use crate::domain::phone::{Channel, Party};
use crate::effects::{Effect, Medium, Response};
use crate::helpscout::people::{Customer, NAMELESS, first_name};
use crate::helpscout::request::{self, File, LARGEST_FILE, NewConversation, NewThread};
use crate::jobs::{self, Failure, Next, State, Target};
use crate::media::{self, MediaLink};
use crate::storage::Stored;
use crate::twilio::inbound::MediumAt;

/// How often media that are not there yet are asked for before the text goes without them: with the back-off of the
/// queue that is about half a minute.
const MEDIA_TRIES: i64 = 4;

impl Contact {
    pub(super) fn begin_post(&mut self, ctx: &StepContext, person: &mut Person, job: &mut Job) -> Stored<Next> {
        let Some(entry) = entry_of(ctx, job)? else { return Ok(Next::Done) };
        if job.is_uncertain() {
            return self.begin_search(ctx, person, job);
        }
        if entry.forgotten {
            // They were erased before it was there.
            return Ok(Next::Done);
        }
        Self::leave_full_conversation(person);
        if let Some(before) = Self::before_post(ctx, person, &entry)? {
            return self.request_permit(ctx, person, job, before);
        }
        let Some(conversation) = person.conversation.clone() else {
            return self.fetch_media(ctx, person, job, &entry, PendingRequest::new(RequestKind::CreateConversation));
        };
        match ctx.hotline.threading {
            _ if entry.is_ours() => {
                self.request_permit(ctx, person, job, PendingRequest::about(RequestKind::Append, &conversation))
            }
            Threading::Days(_) if is_after_silence(ctx, &entry)? => {
                person.leave_conversation();
                self.fetch_media(ctx, person, job, &entry, PendingRequest::new(RequestKind::CreateConversation))
            }
            Threading::NewAfterClose => self.request_permit(
                ctx,
                person,
                job,
                PendingRequest::about(RequestKind::CheckConversation, &conversation),
            ),
            _ => self.fetch_media(ctx, person, job, &entry, PendingRequest::about(RequestKind::Append, &conversation)),
        }
    }

    /// Fetches the media first, so that no permit is used up while they come.
    pub(super) fn fetch_media(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        entry: &Entry,
        pending: Box<PendingRequest>,
    ) -> Stored<Next> {
        let wanted =
            job.work.detail() == Detail::Full && pending.kind != RequestKind::CreateCustomer && !entry.media.is_empty();
        if !wanted || pending.files.is_some() {
            return self.request_permit(ctx, person, job, pending);
        }
        let urls = entry.media.iter().map(|medium| medium.url.clone()).collect();
        let ticket = self.in_flight.begin(job.id, ctx.now, Awaiting::Media(pending));
        Ok(Next::in_flight(Effect::Fetch(ticket, urls)))
    }

    /// The media are here, or not: without a medium that may still come, the text waits a little.
    pub(super) fn on_media(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &mut Job,
        mut pending: Box<PendingRequest>,
        media: Vec<Medium>,
    ) -> Stored<Next> {
        if media.contains(&Medium::Unavailable) && job.attempts < MEDIA_TRIES {
            job.retry(ctx.now);
            return Ok(Next::Wait);
        }
        pending.files = Some(media);
        self.request_permit(ctx, person, job, pending)
    }

    pub(super) fn build_post(
        &self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        pending: &PendingRequest,
    ) -> Stored<Option<Outgoing>> {
        let Some(entry) = entry_of(ctx, job)? else { return Ok(None) };
        let conversation = person.conversation.as_deref().unwrap_or("");
        if conversation != pending.conversation {
            return Ok(None);
        }
        let here = || Target::Thread(conversation.to_owned());
        let (html, files) = content(ctx, person, &entry, job.work.detail(), pending.files.as_deref());
        let said = normalised(html.as_str());
        let is_plain = job.work.has_plain_customer();
        let named = self.customer(ctx, person, is_plain);
        // An agent whom Help Scout does not take any more is not named.
        let agent = entry.written_by().map(|agent| if job.work.detail() == Detail::Full { agent } else { 0 });
        let is_reply = agent.is_some() && pending.kind == RequestKind::Append;
        let customer = person.customer.filter(|_| is_reply).map_or(named, Customer::Id);
        let thread = NewThread { customer: &customer, agent, html: html.as_str(), files: &files };
        Ok(Some(match pending.kind {
            RequestKind::CreateCustomer => {
                let profile = person.profile.as_deref();
                let name = if is_plain { NAMELESS.to_owned() } else { first_name(&person.party, profile) };
                let phone = person.number().filter(|_| !is_plain).map(String::from);
                let request = request::create_customer(&name, phone.as_deref());
                Outgoing::create(Target::Customer, name, request)
            }
            RequestKind::CreateConversation => {
                let subject = subject(person, &entry);
                let new = NewConversation { mailbox: ctx.hotline.mailbox, subject: &subject, tag: tag(&entry), thread };
                Outgoing::create(Target::Conversation, said, request::create_conversation(&new))
            }
            _ if entry.kind == Kind::Call => {
                Outgoing::create(here(), said, request::create_note(conversation, html.as_str()))
            }
            _ if thread.agent.is_some() => Outgoing::create(here(), said, request::create_reply(conversation, &thread)),
            _ => Outgoing::create(here(), said, request::create_customer_thread(conversation, &thread)),
        }))
    }

    pub(super) fn on_post_answer(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        pending: Box<PendingRequest>,
        answer: Answer,
    ) -> Stored<Next> {
        match answer {
            Answer::Done(response) => self.on_created(ctx, person, job, pending.kind, response.made()),
            Answer::Lost(loss) => Ok(super::lost_answers::mark_uncertain(job, loss)),
            Answer::TooManyRequests(_) | Answer::TokenRefused | Answer::AccountRefused => {
                Ok(try_again(ctx.now, job, &answer))
            }
            Answer::Gone(_) if pending.kind == RequestKind::Append => {
                job.state = State::Pending;
                jobs::save(ctx.store, job)?;
                let mut check = PendingRequest::about(RequestKind::CheckConversation, &pending.conversation);
                check.after_refusal = true;
                self.request_permit(ctx, person, job, check)
            }
            Answer::ConversationFull if pending.kind == RequestKind::Append => {
                Ok(Self::on_conversation_full(person, job))
            }
            // There is no such thing as the place where conversations are made: that is no fault of the text either.
            Answer::Gone(_) => Ok(try_again(ctx.now, job, &Answer::AccountRefused)),
            Answer::Refused(response) => self.on_post_refused(ctx, person, job, pending.kind, Some(&response)),
            Answer::ConversationFull => self.on_post_refused(ctx, person, job, pending.kind, None),
        }
    }

    /// The create was done: now, or it was found after its answer was lost.
    pub(super) fn on_created(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        kind: RequestKind,
        id: Option<String>,
    ) -> Stored<Next> {
        let id = id.filter(|id| !id.is_empty());
        let create = job.create().cloned();
        let said = create.as_ref().map_or("", |create| create.said.as_str());
        let place = create.as_ref().and_then(|create| match &create.target {
            Target::Thread(conversation) => Some(conversation.clone()),
            _ => None,
        });
        match (kind, id.clone()) {
            (RequestKind::CreateCustomer, Some(id)) => {
                person.customer = id.parse().ok();
                self.tell_directory(ctx, Fact::Customer(id.parse().unwrap_or(0)))?;
                job.start_again(ctx.now);
                return Ok(Next::Wait);
            }
            (RequestKind::CreateConversation, Some(id)) => {
                person.made_conversation(&id, job.work.entry(), &Said::new(ctx.config, said));
                self.save_conversation(ctx, &id, "current", ALWAYS)?;
                self.tell_directory(ctx, Fact::Conversation(id.parse().unwrap_or(0)))?;
                Entry::stands_in(ctx.store, job.work.entry(), &id)?;
            }
            (RequestKind::CreateCustomer | RequestKind::CreateConversation, None) => {
                // Made, but Help Scout did not say as what: look it up as if the answer had been lost.
                return Ok(super::lost_answers::mark_uncertain(job, Loss::Error));
            }
            (_, ref id) => person.made_thread(place.as_deref().unwrap_or_default(), id.clone()),
        }
        let place = place.or_else(|| person.conversation.clone());
        if let Some(mut entry) = entry_of(ctx, job)? {
            if entry.inward && entry.kind == Kind::Text {
                person.facts.reached_helpscout(entry.at, ctx.now);
            }
            if entry.conversation != place {
                entry.conversation = place;
                entry.save(ctx.store)?;
            }
            if entry.written_by().is_some() {
                Self::enqueue_receipt(ctx, entry.seq, ctx.now)?;
            }
            if job.work.detail() != Detail::Full {
                Entry::mark_posted_as(ctx.store, entry.seq, job.work.detail())?;
            }
            if entry.kind == Kind::Voicemail && job.work.detail() < Detail::Placeholder {
                let thread = id.filter(|_| kind == RequestKind::Append);
                Self::on_voicemail_posted(ctx, &mut entry, thread, said)?;
            }
        }
        self.reached_help_scout(ctx, person, job.work.entry())?;
        Ok(Next::Done)
    }

    /// Help Scout will never take it like this: it is posted in less detail, and at last dropped, so that the person's later
    /// texts go on.
    fn on_post_refused(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        kind: RequestKind,
        response: Option<&Response>,
    ) -> Stored<Next> {
        job.start_again(ctx.now);
        if let (Some(response), Some(entry)) = (response, entry_of(ctx, job)?)
            && self.forget_refused_customer_id(ctx, person, job, &entry, response)
        {
            return Ok(Next::Wait);
        }
        if let Work::Post { detail, plain_customer, .. } = &mut job.work {
            let is_about_customer = kind == RequestKind::CreateCustomer || response.is_some_and(names_customer);
            if is_about_customer && !*plain_customer {
                *plain_customer = true;
                return Ok(Next::Wait);
            }
            if let Some(less) = detail.next() {
                // Where nothing says what a refusal is about, it may be the customer.
                *plain_customer |= response.is_none_or(names_nothing);
                *detail = less;
                return Ok(Next::Wait);
            }
        }
        if let Some(mut entry) = entry_of(ctx, job)? {
            if entry.written_by().is_some() {
                // Whether it arrived is another matter, and its receipt says so.
                Self::enqueue_receipt(ctx, entry.seq, ctx.now)?;
            } else {
                entry.delivery = crate::twilio::status::Delivery::Failed;
                entry.save(ctx.store)?;
            }
        }
        self.tell_directory(ctx, Fact::Failed("text".to_owned()))?;
        self.reached_help_scout(ctx, person, job.work.entry())?;
        let status =
            response.map_or("the conversation is full".to_owned(), |response| format!("HTTP {}", response.status));
        let reason = format!("Help Scout takes it in no form, not even without its content ({status}).");
        Ok(Next::Failed(Failure::new("helpscout_refused", reason)))
    }
}

fn subject(person: &Person, entry: &Entry) -> String {
    let way = match (entry.kind, entry.channel) {
        (Kind::Text, channel) => channel.name(),
        _ if person.party == Party::Anonymous => return "Unknown caller".to_owned(),
        (Kind::Voicemail, _) => "Voicemail",
        (Kind::Call | Kind::MissedCall, _) => "Call",
    };
    format!("{way} from {}", person.party.readable())
}

fn tag(entry: &Entry) -> &'static str {
    match entry.channel {
        _ if entry.kind == Kind::Voicemail => "voicemail",
        _ if entry.kind != Kind::Text => "call",
        Channel::Sms if !entry.media.is_empty() => "mms",
        channel => channel.as_str(),
    }
}

/// The thread's text and files in this much detail; what is left out is named, with a link that fetches it.
fn content(
    ctx: &StepContext,
    person: &Person,
    entry: &Entry,
    detail: Detail,
    media: Option<&[Medium]>,
) -> (Html, Vec<File>) {
    if detail == Detail::Placeholder {
        let way = if entry.inward { "from" } else { "to" };
        let words = format!(
            "A message {way} {} could not be shown here: Help Scout refused its content. It is {} characters long and has {} \
             attachments.",
            person.party.readable(),
            entry.text.chars().count(),
            entry.media.len()
        );
        return (Html::text(&words), Vec::new());
    }
    let is_voicemail = entry.kind == Kind::Voicemail;
    let mut html = if is_voicemail { super::call_entries::voicemail(ctx, entry) } else { Html::text(&entry.text) };
    let mut files = Vec::new();
    for (at, medium) in entry.media.iter().enumerate() {
        match media.and_then(|media| media.get(at)) {
            Some(fetched @ Medium::Fetched { bytes, .. }) if bytes.len() <= LARGEST_FILE => {
                let name = if is_voicemail { "voicemail" } else { "attachment" };
                files.extend(file(name, at, medium, fetched));
            }
            // Its link is there already.
            _ if is_voicemail => {}
            other => {
                if !html.as_str().is_empty() {
                    html.push(&Html::line_break());
                }
                html.push(&missing(ctx, at, medium, other));
            }
        }
    }
    if html.as_str().is_empty() {
        html = Html::text(if files.is_empty() { "(empty message)" } else { "(no text)" });
    }
    (html, files)
}

/// A medium that could not be attached: what it is, why, and where to get it.
fn missing(ctx: &StepContext, at: usize, medium: &MediumAt, why: Option<&Medium>) -> Html {
    let reason = match why {
        Some(Medium::TooLarge | Medium::Fetched { .. }) => "is too large to attach",
        Some(Medium::Unavailable) => "could not be fetched from Twilio",
        None => "could not be attached",
    };
    let kind = if medium.mime.is_empty() { "a file" } else { medium.mime.as_str() };
    let mut html = Html::text(&format!("[Attachment {} ({kind}) {reason}. ", at + 1));
    let address = MediaLink::Twilio { url: medium.url.clone() }.address(ctx.config, ctx.now + media::IN_THREADS);
    html.push(&Html::link(&address, "Open it"));
    html.push(&Html::text("]"));
    html
}

fn file(name: &str, at: usize, medium: &MediumAt, fetched: &Medium) -> Option<File> {
    let Medium::Fetched { content_type, disposition, bytes } = fetched else { return None };
    let given = if content_type.is_empty() { medium.mime.as_str() } else { content_type };
    let mime = given.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let mime = if mime.is_empty() { "application/octet-stream".to_owned() } else { mime };
    let name = format!("{name}-{}.{}", at + 1, file_ending(&mime, disposition));
    Some(File { name, mime, bytes: bytes.clone() })
}
