//! Whether an agent still is one: Help Scout is asked at most every 15 minutes (P8), and its word counts, also that they
//! are gone. When it cannot say, an agent whom it knew within the last day is believed; when it was merely not asked,
//! nobody is.

use crate::answer::View;
use crate::effects::{Body, Method, Millis, PermitRequest, Priority, Refusal, Request, Service};
use crate::json::Document;
use crate::messages::directory::AgentSession;

/// How long Help Scout's word counts.
const COUNTS_FOR: Millis = 15 * 60_000;

/// How long an agent is believed whom Help Scout could not say anything about: a day, so that a hotline goes on through
/// an outage, and somebody who was let go during one does not.
const BELIEVED_FOR: Millis = 24 * 3_600_000;

/// Whether an agent may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentStatus {
    /// They may.
    Good,
    /// Help Scout knows them no more.
    Gone,
    /// Nobody knows.
    Unknown,
}

/// What Help Scout says of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// First and last name.
    pub name: String,
    /// The phone of the record; may be empty.
    pub phone: String,
    /// Whether they are an owner or an administrator.
    pub is_operator: bool,
}

/// Whether an agent is an owner or an administrator, as far as Help Scout has said so of late.
pub fn known_operator(session: &AgentSession, now: Millis) -> Option<bool> {
    session.is_operator.filter(|_| now - session.checked_at < COUNTS_FOR)
}

/// What is known without asking.
pub fn known(session: &AgentSession, now: Millis) -> Option<AgentStatus> {
    if now - session.gone_at < COUNTS_FOR {
        return Some(AgentStatus::Gone);
    }
    (now - session.checked_at < COUNTS_FOR).then_some(AgentStatus::Good)
}

/// The permit to ask Help Scout for an agent: the same for every page that they open.
pub fn permit(agent: i64) -> PermitRequest {
    PermitRequest::now_or_never(format!("agent/{agent}"), 1, Priority::View)
}

/// Asks Help Scout for an agent (Get User).
pub fn request(agent: i64) -> Request {
    let path = format!("/v2/users/{agent}");
    Request { service: Service::HelpScout, method: Method::Get, path, body: Body::Empty }
}

/// What Help Scout's answer says of an agent, and who they are.
pub fn judge(view: &View, session: &AgentSession, now: Millis) -> (AgentStatus, Option<User>) {
    let response = match view {
        View::Answered(response) => response,
        View::Away => return (believed(session, now), None),
        View::Busy => return (AgentStatus::Unknown, None),
    };
    match response.status {
        200 => {
            let user = response.json();
            if user.at("id").number().is_none() {
                return (believed(session, now), None);
            }
            let name = [user.at("firstName").text(), " ", user.at("lastName").text()].concat().trim().to_owned();
            let is_operator = matches!(user.at("role").text(), "owner" | "admin");
            (AgentStatus::Good, Some(User { name, phone: user.string("phone"), is_operator }))
        }
        404 => (AgentStatus::Gone, None),
        _ => (AgentStatus::Unknown, None),
    }
}

/// What is known of an agent when there was no permit to ask.
pub fn refused(refusal: Refusal, session: &AgentSession, now: Millis) -> AgentStatus {
    match refusal {
        Refusal::Away => believed(session, now),
        Refusal::Busy | Refusal::Starting => AgentStatus::Unknown,
    }
}

fn believed(session: &AgentSession, now: Millis) -> AgentStatus {
    if now - session.checked_at < BELIEVED_FOR { AgentStatus::Good } else { AgentStatus::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::Response;

    const NOW: Millis = 1_795_176_000_000;
    const HOUR: Millis = 3_600_000;

    fn session(checked: Millis, gone: Millis) -> AgentSession {
        AgentSession { checked_at: NOW - checked, gone_at: NOW - gone, ..AgentSession::default() }
    }

    fn answered(status: u16, body: &str) -> View {
        View::Answered(Response { status, body: body.as_bytes().to_vec(), ..Response::default() })
    }

    #[test]
    fn help_scouts_word_counts_for_a_quarter_of_an_hour() {
        let minute = 60_000;
        for (checked, gone, status) in [
            (14 * minute, NOW, Some(AgentStatus::Good)),
            (16 * minute, NOW, None),
            (NOW, 14 * minute, Some(AgentStatus::Gone)),
            (NOW, 16 * minute, None),
            (minute, minute, Some(AgentStatus::Gone)),
        ] {
            assert_eq!(known(&session(checked, gone), NOW), status, "{checked} {gone}");
        }
    }

    #[test]
    fn only_what_help_scout_failed_to_answer_is_believed() {
        let (yesterday, today) = (session(25 * HOUR, NOW), session(HOUR, NOW));
        for (view, then) in [
            (View::Away, AgentStatus::Good),
            (View::Busy, AgentStatus::Unknown),
            (answered(200, "<html>maintenance</html>"), AgentStatus::Good),
            (answered(403, "{}"), AgentStatus::Unknown),
            (answered(404, "{}"), AgentStatus::Gone),
        ] {
            assert_eq!(judge(&view, &today, NOW).0, then, "{view:?}");
        }
        assert_eq!(judge(&View::Away, &yesterday, NOW).0, AgentStatus::Unknown);
        assert_eq!(refused(Refusal::Away, &today, NOW), AgentStatus::Good);
        assert_eq!(refused(Refusal::Busy, &today, NOW), AgentStatus::Unknown);
        let ada = judge(&answered(200, "{\"id\":1,\"firstName\":\"Ada\",\"phone\":\"555\"}"), &yesterday, NOW);
        assert_eq!(
            ada,
            (AgentStatus::Good, Some(User { name: "Ada".to_owned(), phone: "555".to_owned(), is_operator: false }))
        );
    }

    #[test]
    fn owners_and_administrators_are_operators_as_long_as_help_scouts_word_counts() {
        for (role, is_operator) in [("owner", true), ("admin", true), ("user", false), ("", false), ("Owner?", false)] {
            let body = format!(r#"{{"id":1,"role":"{role}"}}"#);
            let user = judge(&answered(200, &body), &AgentSession::default(), NOW).1;
            assert_eq!(user.map(|user| user.is_operator), Some(is_operator), "{role}");
        }
        let known = |minutes: Millis, is_operator| {
            known_operator(&AgentSession { is_operator, ..session(minutes * 60_000, NOW) }, NOW)
        };
        assert_eq!((known(14, Some(true)), known(14, Some(false))), (Some(true), Some(false)));
        assert_eq!((known(16, Some(true)), known(14, None)), (None, None));
    }
}
