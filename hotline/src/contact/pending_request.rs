//! One request of a job: which rate limiter it needs, how it is built when the permit is there, and who reads its answer.

use super::person::Person;
use super::work::{Fact, Job, Work};
use super::{Awaiting, Contact, StepContext};
use crate::answer::{Answer, CLOCK_TOLERANCE, try_again};
use crate::effects::{Asker, Effect, Grant, Medium, PermitRequest, Priority, RateLimiterName, Request, Response};
use crate::helpscout::read::{self, Conversation, CustomerRecord, Thread};
use crate::helpscout::request;
use crate::jobs::{Next, State, Target};
use crate::json::Document;
use crate::storage::Stored;
use crate::twilio::calls::MadeCall;
use crate::twilio::request as twilio;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    /// Who is the customer of a conversation of theirs?
    PrimaryCustomer,
    CreateCustomer,
    FindCustomer,
    CreateConversation,
    FindConversation,
    /// Is the conversation still there, and still open, before something is added to it?
    CheckConversation,
    /// Can we see the hotline's inbox, in which something was not found?
    CheckInbox,
    Append,
    /// Is a thread, whose answer was lost, in the conversation?
    FindThread,
    Note,
    EditReceipt,
    Close,
    ReadReplies,
    /// Whose is the record of a customer to whom a reply was written?
    ReadRecord,
    /// Is the reply still as it was read, just before it leaves?
    Verify,
    SendText,
    FindText,
    /// How far has a text come for which no status callback came for long?
    AskState,
    /// The same, before a program's message is tried by its next channel.
    AskChannel,
    /// Call them, and say a code.
    CallCode,
    /// What did a program's message cost?
    AskPrice,
    /// Something at Twilio is removed; its resource stands in the place of the conversation.
    Remove,
    /// Which record is an erased person's?
    FindErased,
    /// Is this record still theirs?
    ReadErased,
    /// It is deleted.
    DeleteCustomer,
}

impl RequestKind {
    /// Whether it is about a conversation, which is found only where its inbox is seen.
    fn is_in_conversation(self) -> bool {
        match self {
            Self::PrimaryCustomer
            | Self::CheckConversation
            | Self::Append
            | Self::FindThread
            | Self::Note
            | Self::EditReceipt
            | Self::Close
            | Self::ReadReplies
            | Self::Verify => true,
            Self::CreateCustomer
            | Self::FindCustomer
            | Self::CreateConversation
            | Self::FindConversation
            | Self::CheckInbox
            | Self::ReadRecord
            | Self::SendText
            | Self::FindText
            | Self::AskState
            | Self::AskChannel
            | Self::CallCode
            | Self::AskPrice
            | Self::Remove
            | Self::FindErased
            | Self::ReadErased
            | Self::DeleteCustomer => false,
        }
    }

    fn is_create(self) -> bool {
        matches!(self, Self::CreateCustomer | Self::CreateConversation | Self::Append | Self::Note | Self::SendText)
    }

    fn is_change(self) -> bool {
        matches!(self, Self::EditReceipt | Self::Close | Self::DeleteCustomer)
    }

    /// Whether a 2xx holds what was asked for. A create is answered by what it made, a list by its page.
    pub fn is_answered_by(self, response: &Response) -> bool {
        match self {
            Self::CreateCustomer | Self::CreateConversation | Self::Append | Self::Note => response.made().is_some(),
            Self::EditReceipt | Self::Close | Self::Remove | Self::DeleteCustomer => {
                response.body.is_empty() || response.json().is_object()
            }
            Self::FindErased
            | Self::FindCustomer
            | Self::FindConversation
            | Self::FindThread
            | Self::ReadReplies
            | Self::Verify => read::is_page(&response.json()),
            Self::ReadRecord | Self::ReadErased => CustomerRecord::read(&response.json()).is_some(),
            Self::CheckInbox => response.json().at("id").number().is_some(),
            Self::CheckConversation | Self::PrimaryCustomer => Conversation::read(&response.json()).is_some(),
            Self::CallCode => MadeCall::read(&response.json()).is_some(),
            Self::SendText | Self::AskState | Self::AskChannel | Self::AskPrice => {
                twilio::Message::read(&response.json()).is_some()
            }
            Self::FindText => twilio::is_list(&response.json()),
        }
    }
}

/// A request of a job and what was gathered for it so far; lost in a crash, and then gathered again.
pub(super) struct PendingRequest {
    pub kind: RequestKind,
    /// The conversation it is about.
    pub conversation: String,
    /// Whether the conversation has refused what should have been added to it.
    pub after_refusal: bool,
    /// What was not found, while it is checked that we can see the inbox.
    pub not_found: Option<RequestKind>,
    /// The page of a list, from 1.
    pub page: u32,
    /// The pages before.
    pub threads: Vec<Thread>,
    /// Records of customers that were read so far, and the customer whose record is to be read.
    pub records: Vec<CustomerRecord>,
    pub customer: u64,
    /// Media of the text, once fetched.
    pub files: Option<Vec<Medium>>,
    /// The rate limiter whose permit it needs.
    pub limiter: RateLimiterName,
    /// What it costs there.
    pub cost: i64,
    /// Reads that follow from it and cannot wait: room for them is reserved with its permit.
    pub reserves: Vec<String>,
    /// What was asked of it, and its permit once that was given.
    permit: Option<PermitRequest>,
    grant: Option<Grant>,
}

impl PendingRequest {
    pub fn new(kind: RequestKind) -> Box<Self> {
        Box::new(Self {
            kind,
            conversation: String::new(),
            after_refusal: false,
            not_found: None,
            page: 1,
            threads: Vec::new(),
            records: Vec::new(),
            customer: 0,
            files: None,
            limiter: RateLimiterName::HelpScout,
            cost: if kind.is_create() || kind.is_change() { WRITE } else { READ },
            reserves: Vec::new(),
            permit: None,
            grant: None,
        })
    }

    pub fn about(kind: RequestKind, conversation: &str) -> Box<Self> {
        let mut pending = Self::new(kind);
        conversation.clone_into(&mut pending.conversation);
        pending
    }
}

impl PendingRequest {
    /// What the rate limiter should know of an answer.
    pub fn report(&self, answer: &Answer) -> Option<Effect> {
        let (permit, grant) = (self.permit.as_ref()?, self.grant.as_ref()?);
        let report = answer.report(&self.limiter, grant, permit);
        report.map(|report| Effect::Report(self.limiter.clone(), report))
    }
}

/// A request that is ready to leave.
pub(super) struct Outgoing {
    /// What it makes and says: its answer may be lost.
    makes: Option<(Target, String)>,
    request: Request,
}

impl Outgoing {
    pub fn create(target: Target, said: String, request: Request) -> Self {
        Self { makes: Some((target, said)), request }
    }
}

impl Contact {
    /// Asks the rate limiter for a permit.
    pub(super) fn request_permit(
        &mut self,
        ctx: &StepContext,
        person: &Person,
        job: &Job,
        mut pending: Box<PendingRequest>,
    ) -> Stored<Next> {
        let priority = priority(job);
        let asker = Asker { mailbox: ctx.hotline.mailbox, contact: Some(person.party.key()), job: job.id };
        let request = PermitRequest {
            reserves: pending.reserves.clone(),
            ..PermitRequest::waiting(asker, job.since, pending.cost, priority)
        };
        let limiter = pending.limiter.clone();
        pending.permit = Some(request.clone());
        let ticket = self.in_flight.begin(job.id, ctx.now, Awaiting::Permit(pending));
        Ok(Next::in_flight(Effect::Permit(ticket, limiter, request)))
    }

    /// The permit is there: look once more, write that it leaves, and let it leave.
    pub(super) fn send_with_permit(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        mut pending: Box<PendingRequest>,
        grant: Grant,
    ) -> Stored<Next> {
        let Some(Outgoing { makes, request }) = self.build(ctx, person, job, &pending)? else {
            // What it was for has changed while it waited: the job starts again.
            return Ok(Next::Wait);
        };
        if pending.kind == RequestKind::SendText {
            Self::on_departure(ctx, person, job)?;
        }
        if let Some((target, said)) = makes {
            job.mark_sent(target, said, ctx.now);
            crate::jobs::save(ctx.store, job)?;
        }
        pending.files = None;
        pending.grant = Some(grant);
        Ok(self.send(ctx, job, pending, request))
    }

    pub(super) fn send(
        &mut self,
        ctx: &StepContext,
        job: &Job,
        pending: Box<PendingRequest>,
        request: Request,
    ) -> Next {
        let token = pending.grant.as_ref().map_or_else(String::new, |grant| grant.token.clone());
        let ticket = self.in_flight.begin(job.id, ctx.now, Awaiting::Answer(pending));
        Next::in_flight(Effect::Send(ticket, request, token))
    }

    /// The request; `None` when it must not leave (any more).
    fn build(
        &self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        pending: &PendingRequest,
    ) -> Stored<Option<Outgoing>> {
        let plain = |request| Ok(Some(Outgoing { makes: None, request }));
        let conversation = pending.conversation.as_str();
        match pending.kind {
            RequestKind::CreateCustomer | RequestKind::CreateConversation | RequestKind::Append => {
                self.build_post(ctx, person, job, pending)
            }
            RequestKind::Note => self.build_note(ctx, person, job, pending),
            RequestKind::EditReceipt => self.build_edit(ctx, person, job, pending),
            RequestKind::SendText => self.build_send(ctx, person, job),
            RequestKind::FindCustomer => {
                plain(request::list_customers_since(job.sent_at() - CLOCK_TOLERANCE, pending.page))
            }
            RequestKind::FindConversation => {
                let customer = self.customer(ctx, person, job.work.has_plain_customer());
                plain(request::list_conversations(ctx.hotline.mailbox, &customer, 1))
            }
            RequestKind::CheckConversation | RequestKind::PrimaryCustomer => {
                plain(request::get_conversation(conversation))
            }
            RequestKind::ReadRecord => plain(request::get_customer(pending.customer)),
            RequestKind::CheckInbox => plain(request::get_inbox(ctx.hotline.mailbox)),
            RequestKind::Close => plain(request::close_conversation(conversation)),
            RequestKind::FindThread | RequestKind::ReadReplies | RequestKind::Verify => {
                plain(request::list_threads(conversation, pending.page))
            }
            RequestKind::FindText
            | RequestKind::AskState
            | RequestKind::AskChannel
            | RequestKind::CallCode
            | RequestKind::AskPrice
            | RequestKind::Remove => Ok(None),
            RequestKind::FindErased | RequestKind::ReadErased | RequestKind::DeleteCustomer => {
                plain(Self::customer_request(ctx, person, pending))
            }
        }
    }

    /// Reads the answer.
    pub(super) fn on_answer(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        pending: Box<PendingRequest>,
        answer: Answer,
    ) -> Stored<Next> {
        let answer = match (pending.not_found, answer) {
            (Some(_), Answer::Gone(_) | Answer::Refused(_) | Answer::ConversationFull) => Answer::AccountRefused,
            (_, answer) => answer,
        };
        if matches!(answer, Answer::AccountRefused) && job.attempts == 0 {
            let words = "account: refused by the service (403, or its inbox is gone)";
            self.tell_directory(ctx, Fact::Failed(words.to_owned()))?;
        }
        match (pending.not_found, answer) {
            // The inbox is there, so the conversation is not.
            (Some(kind), Answer::Done(_)) => {
                let mut about = PendingRequest::about(kind, &pending.conversation);
                about.after_refusal = pending.after_refusal;
                self.dispatch_answer(ctx, person, job, about, Answer::Gone(None))
            }
            (Some(_), other) => Ok(try_again(ctx.now, job, &other)),
            (None, Answer::Gone(None)) if pending.kind.is_in_conversation() => {
                if matches!(job.state, State::Sent(_)) {
                    job.state = State::Pending;
                    crate::jobs::save(ctx.store, job)?;
                }
                let mut inbox = PendingRequest::about(RequestKind::CheckInbox, &pending.conversation);
                (inbox.not_found, inbox.after_refusal) = (Some(pending.kind), pending.after_refusal);
                self.request_permit(ctx, person, job, inbox)
            }
            (None, answer) => self.dispatch_answer(ctx, person, job, pending, answer),
        }
    }

    /// Reads an answer that is known to mean what it says.
    fn dispatch_answer(
        &mut self,
        ctx: &StepContext,
        person: &mut Person,
        job: &mut Job,
        pending: Box<PendingRequest>,
        answer: Answer,
    ) -> Stored<Next> {
        match pending.kind {
            RequestKind::CreateCustomer | RequestKind::CreateConversation | RequestKind::Append => {
                self.on_post_answer(ctx, person, job, pending, answer)
            }
            RequestKind::FindCustomer | RequestKind::FindConversation | RequestKind::FindThread => {
                self.on_search_answer(ctx, person, job, pending, answer)
            }
            RequestKind::CheckConversation | RequestKind::CheckInbox => {
                self.on_conversation_checked(ctx, person, job, pending, answer)
            }
            RequestKind::Note => self.on_note_answer(ctx, person, job, &pending, answer),
            RequestKind::EditReceipt => self.on_edit_answer(ctx, job, answer),
            RequestKind::Close => Ok(Self::on_close_answer(ctx, job, &answer)),
            RequestKind::ReadReplies => self.on_threads_read(ctx, person, job, pending, answer),
            RequestKind::PrimaryCustomer => self.on_primary_customer_read(ctx, person, job, &pending, answer),
            RequestKind::ReadRecord if matches!(job.work, Work::Post { .. }) => {
                self.on_primary_record_read(ctx, person, job, &pending, answer)
            }
            RequestKind::ReadRecord if matches!(job.work, Work::ImportConversation { .. }) => {
                self.on_import_record(ctx, person, job, answer)
            }
            RequestKind::ReadRecord => self.on_record_read(ctx, person, job, pending, answer),
            RequestKind::Verify => self.on_reread(ctx, person, job, pending, answer),
            RequestKind::SendText => self.on_send_answer(ctx, person, job, answer),
            RequestKind::FindText => self.on_text_list(ctx, person, job, answer),
            RequestKind::CallCode => Self::on_code_call_answer(ctx, job, answer),
            RequestKind::AskState => self.on_delivery_polled(ctx, person, job, answer),
            RequestKind::Remove if matches!(job.work, Work::Retain { .. }) => {
                Self::on_removed(ctx, job, &pending, answer)
            }
            RequestKind::Remove => Self::on_erased(ctx, job, &pending, answer),
            RequestKind::FindErased | RequestKind::ReadErased | RequestKind::DeleteCustomer => {
                self.on_customer_step(ctx, person, job, &pending, answer)
            }
            RequestKind::AskPrice => self.on_price_asked(ctx, person, job, answer),
            RequestKind::AskChannel => self.on_channel_asked(ctx, person, job, answer),
        }
    }
}

/// Who goes first at a rate limiter.
fn priority(job: &Job) -> Priority {
    match super::program_turns::priority_of_lane(&job.lane) {
        Some(priority) => priority,
        None if job.lane == super::CODES => Priority::Alert,
        None if job.lane.starts_with(super::RECEIPTS) || job.lane.starts_with(super::IMPORT) => Priority::Receipt,
        None => Priority::Conversation,
    }
}

/// What a request takes of Help Scout's minute (Rate limiting: POST, PUT, PATCH and DELETE count as 2).
const WRITE: i64 = 2;
const READ: i64 = 1;
