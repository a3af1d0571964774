//! `<Dial><Conference>` (TwiML, `<Conference>`; names of the callback's parameters are from memory).

use super::call::{Doing, Scope};
use super::documents::{params, seen_from};
use super::heard::Heard;
use super::verbs::{Address, Conference, Dial};
use crate::twilio::{Twilio, json};

/// A Conference resource that is not over.
#[derive(Clone, Debug)]
pub(super) struct Room {
    sid: String,
    name: String,
    members: Vec<Seat>,
    running: bool,
    callback: Address,
    events: Vec<String>,
    told: u32,
}

/// A leg in a conference.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    call: String,
    room: String,
    start_on_enter: bool,
    end_on_exit: bool,
    pub(super) action: Address,
}

impl Twilio {
    /// Enters the room of that name, which is made on demand.
    pub(super) fn confer(&mut self, now: u64, sid: &str, verb: Dial, conference: Conference) {
        let base = self.calls.live(sid).and_then(|call| call.top().map(|frame| frame.base.clone()));
        let found = self.calls.rooms.iter().position(|room| room.name == conference.name);
        let at = found.unwrap_or_else(|| {
            let callback = Address {
                url: match conference.status_callback.url.as_str() {
                    "" => String::new(),
                    url => seen_from(base.as_deref().unwrap_or_default(), url),
                },
                ..conference.status_callback
            };
            self.calls.rooms.push(Room {
                sid: self.sids.make("CF"),
                name: conference.name.clone(),
                members: Vec::new(),
                running: false,
                callback,
                events: conference.events.clone(),
                told: 0,
            });
            self.calls.rooms.len() - 1
        });
        let Some(room) = self.calls.rooms.get_mut(at) else { return };
        let seat = Seat {
            call: sid.to_owned(),
            room: room.sid.clone(),
            start_on_enter: conference.start_on_enter,
            end_on_exit: conference.end_on_exit,
            action: verb.action,
        };
        room.members.push(seat.clone());
        let starts = !room.running && room.members.len() > 1 && room.members.iter().any(|seat| seat.start_on_enter);
        room.running |= starts;
        let (running, room_sid) = (room.running, room.sid.clone());
        if let Some(call) = self.calls.live(sid) {
            call.begin(Doing::Conferring(seat));
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

    /// Everybody in a running room hears another one, or nothing when alone.
    fn mix(&mut self, now: u64, room: &str) {
        let Some(room) = self.calls.rooms.iter().find(|it| it.sid == room) else { return };
        let members: Vec<_> = room.members.iter().map(|seat| seat.call.clone()).collect();
        for sid in &members {
            if let Some(call) = self.calls.live(sid) {
                call.frames.retain(|frame| !matches!(frame.scope, Scope::Wait(_)));
                call.stamp += 1;
            }
            let other = members.iter().find(|other| *other != sid);
            self.let_hear(now, sid, other.map_or(Heard::Silence, |other| Heard::Bridged(other.clone())));
        }
    }

    /// A leg leaves; the room ends with the last one, and with one for whom `endConferenceOnExit` is set.
    pub(super) fn leave_room(&mut self, now: u64, sid: &str, seat: &Seat) {
        let Some(room) = self.calls.rooms.iter_mut().find(|room| room.sid == seat.room) else { return };
        room.members.retain(|member| member.call != sid);
        let running = room.running;
        self.tell_room(now, &seat.room, "leave", "participant-leave", sid);
        let rest: Vec<_> = self.members(&seat.room);
        if !rest.is_empty() && !seat.end_on_exit {
            if running {
                self.mix(now, &seat.room);
            }
            return;
        }
        if running {
            self.tell_room(now, &seat.room, "end", "conference-end", sid);
        }
        self.calls.rooms.retain(|room| room.sid != seat.room);
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

    fn members(&self, room: &str) -> Vec<Seat> {
        self.calls.rooms.iter().find(|it| it.sid == room).map(|room| room.members.clone()).unwrap_or_default()
    }

    fn tell_room(&mut self, now: u64, room: &str, event: &str, name: &str, sid: &str) {
        let Some(room) = self.calls.rooms.iter_mut().find(|it| it.sid == room) else { return };
        if !room.events.iter().any(|wanted| wanted == event) {
            return;
        }
        let told = params([
            ("ConferenceSid", room.sid.clone()),
            ("FriendlyName", room.name.clone()),
            ("StatusCallbackEvent", name.to_owned()),
            ("SequenceNumber", room.told.to_string()),
            ("Timestamp", json::rfc2822(now)),
        ]);
        room.told += 1;
        let callback = room.callback.clone();
        self.report(now, sid, &callback, told);
    }
}
