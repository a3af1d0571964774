//! REST routes `…/Calls`, `…/Recordings`, `…/Queues` (Twilio, Call, Recording and Queue resources).

use std::cmp::Reverse;

use serde_json::Value;

use super::{Call, Recording, json as shapes};
use crate::http::{Request, Response};
use crate::twilio::Twilio;
use crate::twilio::api::{Pairs, not_allowed, only};
use crate::twilio::json::{ApiError, empty, page, respond};
use crate::twilio::messages::compare;

impl Twilio {
    /// `rest` is the path below the account.
    pub(in crate::twilio) fn call_route(
        &mut self,
        now: u64,
        path: &str,
        rest: &[&str],
        request: &Request,
        query: &Pairs,
        form: &Pairs,
    ) -> Result<Response, ApiError> {
        let now = self.tick(now);
        let method = request.method.as_str();
        match rest {
            ["Calls.json"] if method == "POST" => self.create_call(now, form).map(|sid| self.show_call(201, &sid)),
            ["Calls.json"] => only(method, "GET", path).map(|()| self.list_calls(now, path, query)),
            ["Calls", name] => self.one_call(now, path, name, method, form),
            ["Recordings.json"] => only(method, "GET", path).map(|()| self.list_recordings(path, query)),
            ["Recordings", recording, "Transcriptions.json"] => {
                only(method, "GET", path)?;
                let recording = self.recording(recording).ok_or_else(|| ApiError::not_found(path))?;
                Ok(respond(200, &page("transcriptions", &self.transcripts(recording), path, query)))
            }
            ["Recordings", recording, "Transcriptions", name] => {
                only(method, "DELETE", path)?;
                self.delete_transcript(path, recording, name.strip_suffix(".json").unwrap_or(name))
            }
            ["Recordings", name] => self.one_recording(now, path, name, request),
            ["Queues.json"] => only(method, "GET", path).map(|()| {
                let rows: Vec<_> =
                    self.calls.queues.iter().map(|it| shapes::queue(&self.settings.account_sid, it)).collect();
                respond(200, &page("queues", &rows, path, query))
            }),
            ["Queues", name] => self.one_queue(path, name, method),
            _ => Err(ApiError::not_found(path)),
        }
    }

    fn one_call(&mut self, now: u64, path: &str, name: &str, method: &str, form: &Pairs) -> Result<Response, ApiError> {
        let sid = name.strip_suffix(".json").unwrap_or(name);
        if self.calls.get(sid).is_none() {
            return Err(ApiError::not_found(path));
        }
        match method {
            "GET" => Ok(self.show_call(200, sid)),
            "POST" => self.update_call(now, sid, form).map(|()| self.show_call(200, sid)),
            _ => Err(not_allowed(path)),
        }
    }

    fn show_call(&self, status: u16, sid: &str) -> Response {
        let body = self.calls.get(sid).map(|call| shapes::call(&self.settings.account_sid, call));
        respond(status, &body.unwrap_or_default())
    }

    /// Newest first; calls younger than the lag are not listed yet.
    fn list_calls(&self, now: u64, path: &str, query: &Pairs) -> Response {
        let mut rows: Vec<_> = self
            .calls
            .rows
            .iter()
            .rev()
            .filter(|call| call.created + self.list_lag_ms <= now && matches(call, query))
            .collect();
        rows.sort_by_key(|call| Reverse(call.created));
        let rows: Vec<Value> = rows.into_iter().map(|call| shapes::call(&self.settings.account_sid, call)).collect();
        respond(200, &page("calls", &rows, path, query))
    }

    fn list_recordings(&self, path: &str, query: &Pairs) -> Response {
        let wanted = |call: &str| query.iter().all(|(name, value)| name != "CallSid" || value == call);
        let rows = self.calls.recordings.iter().rev().filter(|it| !it.deleted && wanted(&it.call_sid));
        let rows: Vec<Value> = rows.map(|it| self.show_recording(it)).collect();
        respond(200, &page("recordings", &rows, path, query))
    }

    fn recording(&self, sid: &str) -> Option<&Recording> {
        self.calls.recordings.iter().find(|it| it.sid == sid && !it.deleted)
    }

    fn delete_transcript(&mut self, path: &str, recording: &str, sid: &str) -> Result<Response, ApiError> {
        let mut all = self.calls.recordings.iter_mut();
        let found = all.find(|it| it.sid == recording && it.transcript_sid.as_deref() == Some(sid));
        let recording = found.ok_or_else(|| ApiError::not_found(path))?;
        recording.transcript_sid = None;
        recording.transcript.clear();
        Ok(empty(204))
    }

    /// The media under the bare sid, `.wav` and `.mp3`; the resource under `.json`.
    fn one_recording(&mut self, now: u64, path: &str, name: &str, request: &Request) -> Result<Response, ApiError> {
        let (sid, extension) = name.split_once('.').unwrap_or((name, ""));
        let place = self.calls.recordings.iter().position(|it| it.sid == sid && !it.deleted);
        let Some(recording) = place.and_then(|place| self.calls.recordings.get_mut(place)) else {
            return Err(ApiError::not_found(path));
        };
        if request.method == "DELETE" {
            recording.deleted = true;
            return Ok(empty(204));
        }
        let recording = recording.clone();
        only(&request.method, "GET", path)?;
        match extension {
            "json" => Ok(respond(200, &self.show_recording(&recording))),
            "" | "wav" | "mp3" => self.recording_media(now, &recording, extension, request),
            _ => Err(ApiError::not_found(path)),
        }
    }

    /// A queue in which somebody waits cannot be deleted; the page gives no code for that, so the general one is used.
    fn one_queue(&mut self, path: &str, name: &str, method: &str) -> Result<Response, ApiError> {
        let sid = name.strip_suffix(".json").unwrap_or(name);
        let queue = self.calls.queues.iter().find(|it| it.sid == sid).ok_or_else(|| ApiError::not_found(path))?;
        match method {
            "GET" => Ok(respond(200, &shapes::queue(&self.settings.account_sid, queue))),
            "DELETE" if !queue.members.is_empty() => Err(ApiError::bad(20001, "Cannot delete a queue with members")),
            "DELETE" => {
                self.calls.queues.retain(|it| it.sid != sid);
                Ok(empty(204))
            }
            _ => Err(not_allowed(path)),
        }
    }
}

fn matches(call: &Call, query: &Pairs) -> bool {
    let is = |at: Option<u64>, value: &str, holds: fn(std::cmp::Ordering) -> bool| {
        at.is_some_and(|at| holds(compare(at, value)))
    };
    // A call that still waits for its turn has not started, and no filter by start time finds it.
    let started = |value: &str, holds: fn(std::cmp::Ordering) -> bool| is(call.answered.or(call.started), value, holds);
    let ended = |value: &str, holds: fn(std::cmp::Ordering) -> bool| is(call.ended, value, holds);
    query.iter().all(|(name, value)| match name.as_str() {
        "To" => call.to == *value,
        "From" => call.from == *value,
        "Status" => call.status.of_resource() == value,
        "ParentCallSid" => call.parent.as_ref() == Some(value),
        "StartTime" => started(value, std::cmp::Ordering::is_eq),
        "StartTime<" => started(value, std::cmp::Ordering::is_le),
        "StartTime>" => started(value, std::cmp::Ordering::is_ge),
        "EndTime" => ended(value, std::cmp::Ordering::is_eq),
        "EndTime<" => ended(value, std::cmp::Ordering::is_le),
        "EndTime>" => ended(value, std::cmp::Ordering::is_ge),
        _ => true,
    })
}
