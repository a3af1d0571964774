//! One request of a job: which Gate it needs, how it is built when its turn has come, and who reads its answer.

use super::person::Person;
use super::{Contact, Doing, Scene};
use crate::answer::Answer;
use crate::effect::{Ask, Effect, GateName, Medium, Millis, Priority, Report, Request};
use crate::helpscout::read::Thread;
use crate::helpscout::request;
use crate::queue::{Job, Next};
use crate::store::Stored;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    CreateCustomer,
    FindCustomer,
    CreateConversation,
    FindConversation,
    /// Is the conversation still there, and still open, before something is added to it?
    CheckConversation,
    Append,
    /// Is a thread, whose answer was lost, in the conversation?
    FindThread,
    Note,
    EditReceipt,
    Close,
    ReadReplies,
    /// Is the reply still as it was read, just before it leaves?
    Verify,
    SendText,
    FindText,
    /// How far has a text come of which we have not heard for long?
    AskState,
}

impl What {
    fn is_create(self) -> bool {
        matches!(self, Self::CreateCustomer | Self::CreateConversation | Self::Append | Self::Note | Self::SendText)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::CreateCustomer => "customer",
            Self::FindCustomer => "find-customer",
            Self::CreateConversation => "conversation",
            Self::FindConversation => "find-conversation",
            Self::CheckConversation => "check",
            Self::Append => "append",
            Self::FindThread => "find-thread",
            Self::Note => "note",
            Self::EditReceipt => "edit",
            Self::Close => "close",
            Self::ReadReplies => "read",
            Self::Verify => "verify",
            Self::SendText => "send",
            Self::FindText => "find-text",
            Self::AskState => "state",
        }
    }
}

/// A request of a job and what was gathered for it so far; lost in a crash, and then gathered again.
pub(super) struct Call {
    pub what: What,
    /// The conversation it is about.
    pub conversation: String,
    /// The page of a list, from 1.
    pub page: u32,
    /// The pages before.
    pub threads: Vec<Thread>,
    /// Media of the text, once fetched.
    pub files: Option<Vec<Medium>>,
    /// Whose turn it needs.
    pub gate: GateName,
    /// What it uses up of that.
    pub cost: i64,
    /// The token and what the Gate believed, once the turn was given.
    pub token: String,
    pub expected: (i64, i64),
}

impl Call {
    pub fn new(what: What) -> Box<Self> {
        Box::new(Self {
            what,
            conversation: String::new(),
            page: 1,
            threads: Vec::new(),
            files: None,
            gate: GateName::HelpScout,
            cost: if what.is_create() || matches!(what, What::EditReceipt | What::Close) { WRITE } else { READ },
            token: String::new(),
            expected: (0, 0),
        })
    }

    pub fn about(what: What, conversation: &str) -> Box<Self> {
        let mut call = Self::new(what);
        conversation.clone_into(&mut call.conversation);
        call
    }
}

impl Call {
    /// What the Gate should know of an answer.
    pub fn report(&self, answer: &Answer) -> Option<Effect> {
        let report = answer.report(self.expected.0, self.expected.1, &self.token);
        (report != Report::default()).then(|| Effect::Report(self.gate.clone(), report))
    }
}

impl Contact {
    /// Asks the Gate for a turn.
    pub(super) fn ask(&mut self, scene: &Scene, person: &Person, job: &Job, call: Box<Call>) -> Stored<Next> {
        let (gate, cost) = (call.gate.clone(), call.cost);
        let priority = if job.lane.starts_with(super::RECEIPTS) { Priority::Receipt } else { Priority::Conversation };
        let id = format!(
            "{}/{}/{}/{}/{}/{}/{}/{}",
            scene.hotline.mailbox,
            person.party.key(),
            job.since,
            job.seq,
            job.attempts,
            job.looks,
            call.what.name(),
            call.page
        );
        let ticket = self.flights.begin(job.seq, scene.now, Doing::Turn(call));
        Ok(Next::fly(Effect::Turn(ticket, gate, Ask { id, cost, priority })))
    }

    /// Its turn has come: look once more, write that it leaves, and let it leave.
    pub(super) fn go(
        &mut self,
        scene: &Scene,
        person: &mut Person,
        job: &mut Job,
        mut call: Box<Call>,
        token: &str,
        expected: (i64, i64),
    ) -> Stored<Next> {
        let Some((target, said, request)) = self.build(scene, person, job, &call)? else {
            // What it was for has changed while it waited: begin anew.
            return Ok(Next::Wait);
        };
        if call.what.is_create() || call.what == What::EditReceipt {
            job.leaves(&target, said, scene.now);
            crate::queue::save(scene.store, job)?;
        }
        call.files = None;
        token.clone_into(&mut call.token);
        call.expected = expected;
        Ok(self.send(scene, job, call, request))
    }

    pub(super) fn send(&mut self, scene: &Scene, job: &Job, call: Box<Call>, request: Request) -> Next {
        let token = call.token.clone();
        let ticket = self.flights.begin(job.seq, scene.now, Doing::Answer(call));
        Next::fly(Effect::Send(ticket, request, token))
    }

    /// The request, where its create makes something, and what that says; `None` when it must not leave (any more).
    fn build(
        &self,
        scene: &Scene,
        person: &mut Person,
        job: &mut Job,
        call: &Call,
    ) -> Stored<Option<(String, String, Request)>> {
        let plain = |request| Ok(Some((String::new(), String::new(), request)));
        let conversation = call.conversation.as_str();
        match call.what {
            What::CreateCustomer | What::CreateConversation | What::Append => self.build_post(scene, person, job, call),
            What::Note => self.build_note(scene, person, job, call),
            What::EditReceipt => self.build_edit(scene, person, job, call),
            What::SendText => self.build_send(scene, person, job),
            What::FindCustomer => plain(request::list_customers_since(job.sent_at - MAKING, call.page)),
            What::FindConversation => {
                plain(request::list_conversations(scene.hotline.mailbox, &self.customer(scene, person)))
            }
            What::CheckConversation => plain(request::get_conversation(conversation)),
            What::Close => plain(request::close_conversation(&job.subject)),
            What::FindThread | What::ReadReplies | What::Verify => {
                plain(request::list_threads(conversation, call.page))
            }
            What::FindText | What::AskState => Ok(None),
        }
    }

    /// Reads the answer.
    pub(super) fn answered(
        &mut self,
        scene: &Scene,
        person: &mut Person,
        job: &mut Job,
        call: Box<Call>,
        answer: Answer,
    ) -> Stored<Next> {
        if matches!(answer, Answer::AccountRefused) && job.attempts == 0 {
            self.learn(scene, "failed account: refused by the service (403, or its inbox is gone)")?;
        }
        match call.what {
            What::CreateCustomer | What::CreateConversation | What::Append => {
                self.posted(scene, person, job, call, answer)
            }
            What::FindCustomer | What::FindConversation | What::FindThread => {
                self.looked(scene, person, job, call, answer)
            }
            What::CheckConversation => self.checked(scene, person, job, call, answer),
            What::Note => self.noted(scene, person, job, &call, answer),
            What::EditReceipt => self.edited(scene, job, answer),
            What::Close => Ok(Self::closed(scene, job, &answer)),
            What::ReadReplies => self.read(scene, person, job, call, answer),
            What::Verify => self.verified(scene, person, job, call, answer),
            What::SendText => self.sent(scene, person, job, answer),
            What::FindText => self.found_text(scene, person, job, answer),
            What::AskState => self.state_told(scene, person, job, answer),
        }
    }
}

/// What a request takes of Help Scout's minute (Rate limiting: POST, PUT, PATCH and DELETE count as 2).
const WRITE: i64 = 2;
const READ: i64 = 1;

/// How much earlier than our own clock says something of ours may have been made by theirs.
pub(super) const MAKING: Millis = 120_000;
