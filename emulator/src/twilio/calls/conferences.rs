//! `<Dial><Conference>` (TwiML, `<Conference>`; names of the callback's parameters are from memory).

use super::call::{Activity, Scope};
use super::documents::{params, seen_from};
use super::heard::Heard;
use super::verbs::{Address, Conference, Dial};
use crate::twilio::{Twilio, json};

/// A Conference resource that is not over.
#[derive(Clone, Debug)]
pub(super) struct ConferenceState {
    sid: String,
    name: String,
    members: Vec<Participant>,
    running: bool,
    callback: Address,
    events: Vec<String>,
    told: u32,
}

/// A leg in a conference.
#[derive(Clone, Debug)]
pub(super) struct Participant {
    call: String,
    state: String,
    start_on_enter: bool,
    end_on_exit: bool,
    pub(super) action: Address,
}

impl Twilio {
    /// Enters the conference of that name, which is made on demand.
    pub(super) fn confer(&mut self, now: u64, sid: &str, verb: Dial, conference: Conference) {
        let base = self.calls.live(sid).and_then(|call| call.top().map(|frame| frame.base.clone()));
        let found = self.calls.conferences.iter().position(|state| state.name == conference.name);
        let at = found.unwrap_or_else(|| {
            let callback = Address {
                url: match conference.status_callback.url.as_str() {
                    "" => String::new(),
                    url => seen_from(base.as_deref().unwrap_or_default(), url),
                },
                ..conference.status_callback
            };
            self.calls.conferences.push(ConferenceState {
                sid: self.sids.make("CF"),
                name: conference.name.clone(),
                members: Vec::new(),
                running: false,
                callback,
                events: conference.events.clone(),
                told: 0,
            });
            self.calls.conferences.len() - 1
        });
        let Some(state) = self.calls.conferences.get_mut(at) else { return };
        let participant = Participant {
            call: sid.to_owned(),
            state: state.sid.clone(),
            start_on_enter: conference.start_on_enter,
            end_on_exit: conference.end_on_exit,
            action: verb.action,
        };
        state.members.push(participant.clone());
        let starts = !state.running
            && state.members.len() > 1
            && state.members.iter().any(|participant| participant.start_on_enter);
        state.running |= starts;
        let (running, room_sid) = (state.running, state.sid.clone());
        if let Some(call) = self.calls.live(sid) {
            call.begin(Activity::InConference(participant));
        }
        if starts {
            self.tell_room(now, &room_sid, "start", "conference-start", sid);
        }
        self.tell_room(now, &room_sid, "join", "participant-join", sid);
        if running {
            self.mix(now, &room_sid);
        } else {
            self.wait_with(now, sid, conference.wait);
        }
    }

    /// Everybody in a running conference hears another one, or nothing when alone.
    fn mix(&mut self, now: u64, state: &str) {
        let Some(state) = self.calls.conferences.iter().find(|it| it.sid == state) else { return };
        let members: Vec<_> = state.members.iter().map(|participant| participant.call.clone()).collect();
        for sid in &members {
            if let Some(call) = self.calls.live(sid) {
                call.frames.retain(|frame| !matches!(frame.scope, Scope::Wait(_)));
                call.stamp += 1;
            }
            let other = members.iter().find(|other| *other != sid);
            self.let_hear(now, sid, other.map_or(Heard::Silence, |other| Heard::Bridged(other.clone())));
        }
    }

    /// A leg leaves; the conference ends with the last one, and with one for whom `endConferenceOnExit` is set.
    pub(super) fn leave_room(&mut self, now: u64, sid: &str, participant: &Participant) {
        let Some(state) = self.calls.conferences.iter_mut().find(|state| state.sid == participant.state) else {
            return;
        };
        state.members.retain(|member| member.call != sid);
        let running = state.running;
        self.tell_room(now, &participant.state, "leave", "participant-leave", sid);
        let rest: Vec<_> = self.members(&participant.state);
        if !rest.is_empty() && !participant.end_on_exit {
            if running {
                self.mix(now, &participant.state);
            }
            return;
        }
        if running {
            self.tell_room(now, &participant.state, "end", "conference-end", sid);
        }
        self.calls.conferences.retain(|state| state.sid != participant.state);
        for other in rest {
            if let Some(call) = self.calls.live(&other.call) {
                call.frames.retain(|frame| !matches!(frame.scope, Scope::Wait(_)));
            }
            if other.action.url.is_empty() {
                self.proceed(now, &other.call);
            } else {
                self.fetch_document(
                    now,
                    &other.call,
                    &other.action,
                    params([("DialCallStatus", "answered".to_owned())]),
                );
            }
        }
    }

    fn members(&self, state: &str) -> Vec<Participant> {
        self.calls.conferences.iter().find(|it| it.sid == state).map(|state| state.members.clone()).unwrap_or_default()
    }

    fn tell_room(&mut self, now: u64, state: &str, event: &str, name: &str, sid: &str) {
        let Some(state) = self.calls.conferences.iter_mut().find(|it| it.sid == state) else { return };
        if !state.events.iter().any(|wanted| wanted == event) {
            return;
        }
        let told = params([
            ("ConferenceSid", state.sid.clone()),
            ("FriendlyName", state.name.clone()),
            ("StatusCallbackEvent", name.to_owned()),
            ("SequenceNumber", state.told.to_string()),
            ("Timestamp", json::rfc2822(now)),
        ]);
        state.told += 1;
        let callback = state.callback.clone();
        self.report(now, sid, &callback, told);
    }
}
