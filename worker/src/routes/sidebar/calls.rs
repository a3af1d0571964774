//! Calls that an agent asks for: the hotline's object allows them, the call's own object makes them.

use hotline::call;
use hotline::config::Config;
use hotline::directory::{self, Dial, Facts};
use hotline::effects::ObjectReply;
use hotline::messages::request::{KnownNumbers, MayDial, Numbers, OfCall, RunningCall};
use hotline::routing::{HttpAnswer, SidebarRequest};
use hotline::sidebar::NO_SUCH_CALL;
use hotline::twilio::lookup::Found;
use protocol::sidebar::{Call, CallFrame, Frame, StartCall};
use worker::Env;

use super::agent_session::AgentSession;
use super::find;
use crate::fetch;
use crate::objects::requests;

const OK: u16 = 200;
const CREATED: u16 = 201;

/// An agent wants to call the person.
pub async fn start(env: &Env, config: &Config, agent_session: &AgentSession<'_>, start: StartCall) -> HttpAnswer {
    let StartCall { id } = start;
    let Some(code) = four_digits() else { return HttpAnswer::not_now() };
    let mut dial =
        Dial { id, agent: agent_session.session.agent, contact: agent_session.contact.clone(), code, facts: None };
    let mailbox = agent_session.session.mailbox;
    let mut allowed = requests::request(env, mailbox, MayDial(dial.clone())).await;
    if matches!(allowed, Err(ObjectReply::Later(_))) {
        dial.facts = match facts(env, config, agent_session).await {
            Ok(facts) => Some(facts),
            Err(refusal) => return refusal,
        };
        allowed = requests::request(env, mailbox, MayDial(dial.clone())).await;
    }
    match allowed {
        Ok(start) => shown(CREATED, of_call(env, agent_session, dial.id, call::Message::Start(*start)).await),
        Err(refused) => HttpAnswer::of_object(&refused),
    }
}

/// Where the person is, and which of our numbers they know.
async fn facts(env: &Env, config: &Config, agent_session: &AgentSession<'_>) -> Result<Facts, HttpAnswer> {
    let known = KnownNumbers { contact: agent_session.contact.clone() };
    let Numbers { ours, theirs } =
        requests::request(env, agent_session.session.mailbox, known).await.map_err(|_| HttpAnswer::not_now())?;
    let country = match find(config, agent_session.hotline, theirs.as_ref().unwrap_or(&agent_session.contact)).await {
        Found::Phone(phone) => phone.country,
        // A number that is none is in no country.
        Found::Nothing => String::new(),
        Found::Unknown => {
            return Err(SidebarRequest::cannot_look_up(
                "Twilio cannot be reached, so the call was not started. Please try again in a minute.",
            ));
        }
    };
    Ok(Facts { country, number: ours, theirs })
}

/// How far a call has come.
pub async fn see(env: &Env, agent_session: &AgentSession<'_>, id: String) -> HttpAnswer {
    let look = call::Message::Look { agent: agent_session.session.agent };
    ask(env, agent_session, id, look).await.unwrap_or_else(no_such_call)
}

/// The frame that tells a sidebar of the call that its agent has with this person, wherever it was begun; "" when there
/// is none.
pub async fn running(env: &Env, agent_session: &AgentSession<'_>) -> String {
    let (agent, contact) = (agent_session.session.agent, agent_session.contact.clone());
    let running = RunningCall { agent, contact };
    let Ok(id) = requests::request(env, agent_session.session.mailbox, running).await else { return String::new() };
    match of_call(env, agent_session, id, call::Message::Look { agent }).await {
        Ok(call) => hotline::sidebar::json(&Frame::Call(CallFrame { agent, call })),
        Err(_) => String::new(),
    }
}

/// An agent wants no more of it. One that never began does not keep the agent from the next.
pub async fn end(env: &Env, agent_session: &AgentSession<'_>, id: String) -> HttpAnswer {
    let cancel = call::Message::Cancel { agent: agent_session.session.agent };
    let Some(answer) = ask(env, agent_session, id.clone(), cancel).await else { return no_such_call() };
    if answer.status == 404 {
        requests::tell(env, agent_session.to_hotline(directory::Message::CallEnded { id })).await;
    }
    answer
}

/// Asks a call of this agent with this person; `None` when it is another's.
async fn ask(env: &Env, agent_session: &AgentSession<'_>, id: String, message: call::Message) -> Option<HttpAnswer> {
    if !agent_session.known.call {
        return None;
    }
    Some(shown(OK, of_call(env, agent_session, id, message).await))
}

fn no_such_call() -> HttpAnswer {
    HttpAnswer::of_object(&NO_SUCH_CALL.reply())
}

async fn of_call(
    env: &Env,
    agent_session: &AgentSession<'_>,
    call: String,
    message: call::Message,
) -> Result<Call, ObjectReply> {
    requests::request(env, agent_session.session.mailbox, OfCall { call, message }).await
}

fn shown(status: u16, call: Result<Call, ObjectReply>) -> HttpAnswer {
    call.map_or_else(
        |other| HttpAnswer::of_object(&other),
        |call| HttpAnswer::json(status, hotline::sidebar::json(&call)),
    )
}

/// Four digits that nobody can guess: enough for the few tries that a call allows.
fn four_digits() -> Option<String> {
    let mut random = [0; 4];
    fetch::global().crypto().ok()?.get_random_values_with_u8_array(&mut random).ok()?;
    Some(format!("{:04}", u32::from_le_bytes(random) % 10_000))
}
