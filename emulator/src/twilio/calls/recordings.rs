//! The Recording resource: its states, callbacks, transcripts, and its media (Twilio, Recording resource; TwiML,
//! `<Record>`).

use serde_json::{Value, json};

use super::Step;
use super::audio;
use super::call::whole_seconds;
use super::documents::params;
use super::verbs::Address;
use crate::http::{Request, Response};
use crate::twilio::json::{ApiError, rfc2822};
use crate::twilio::media::part;
use crate::twilio::messages::account_path;
use crate::twilio::settings::Transcription;
use crate::twilio::{API_VERSION, Twilio};

/// Recordings are transcribed that are longer than two seconds and shorter than two minutes (TwiML, `<Record transcribe>`;
/// error 13617), in milliseconds.
const TRANSCRIBED_MS: std::ops::Range<u64> = 2_001..120_000;

/// How far a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingStatus {
    /// It runs.
    InProgress,
    /// It is over and not ready.
    Processing,
    /// It can be had.
    Completed,
    /// Silence only, or its file was lost.
    Absent,
    /// Its file could not be made. Callbacks only: the resource has `absent`, as the list of its states ends there.
    Failed,
}

impl RecordingStatus {
    /// As Twilio writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::InProgress => "in-progress",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Absent => "absent",
            Self::Failed => "failed",
        }
    }

    fn of_resource(self) -> &'static str {
        if self == Self::Failed { Self::Absent.name() } else { self.name() }
    }
}

/// What `<Record>` made.
#[derive(Clone, Debug)]
pub struct Recording {
    /// `RE…`
    pub sid: String,
    /// The leg that was recorded.
    pub call_sid: String,
    /// How far it is.
    pub status: RecordingStatus,
    /// When it began, in milliseconds.
    pub started: u64,
    /// How long it is, in milliseconds; 0 until it is over.
    pub duration_ms: u64,
    /// When it could be had.
    pub completed: Option<u64>,
    /// Whether it was deleted through the API.
    pub deleted: bool,
    pub(super) updated: u64,
    pub(super) callbacks: RecordingCallbacks,
    pub(super) transcript: String,
    /// Its transcript's id, once there is one, until it is deleted.
    pub transcript_sid: Option<String>,
}

/// Callbacks of a recording's states and transcript.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordingCallbacks {
    pub(super) callback: Address,
    pub(super) events: Vec<String>,
    /// `None`: no transcript is wanted.
    pub(super) transcript: Option<Address>,
}

/// Duration in whole seconds.
pub(super) fn seconds(ms: u64) -> u64 {
    whole_seconds(ms).max(1)
}

impl Twilio {
    pub(super) fn start_recording(&mut self, now: u64, call: &str, callbacks: RecordingCallbacks) -> String {
        let sid = self.sids.make("RE");
        self.calls.recordings.push(Recording {
            sid: sid.clone(),
            call_sid: call.to_owned(),
            status: RecordingStatus::InProgress,
            started: now,
            duration_ms: 0,
            completed: None,
            deleted: false,
            updated: now,
            callbacks,
            transcript: String::new(),
            transcript_sid: None,
        });
        self.tell_recording(now, &sid);
        sid
    }

    /// Stops with this duration, or `None` for silence. Returns the URL.
    pub(super) fn stop_recording(&mut self, now: u64, sid: &str, duration_ms: Option<u64>) -> String {
        let Some(recording) = self.calls.recordings.iter_mut().find(|it| it.sid == sid) else { return String::new() };
        recording.updated = now;
        if let Some(ms) = duration_ms {
            recording.status = RecordingStatus::Processing;
            recording.duration_ms = ms;
            self.after(now + self.settings.voice.recording_processing_ms, Step::Recorded(sid.to_owned()));
        } else {
            recording.status = RecordingStatus::Absent;
            self.tell_recording(now, sid);
        }
        self.recording_url(sid)
    }

    pub(super) fn recorded(&mut self, now: u64, sid: &str) {
        let Some(recording) = self.calls.recordings.iter().find(|it| it.sid == sid) else { return };
        let phone = self.calls.get(&recording.call_sid).map(|call| call.phone().to_owned()).unwrap_or_default();
        let Some(recording) = self.calls.recordings.iter_mut().find(|it| it.sid == sid) else { return };
        let lost = self.calls.lost_recordings.get(&phone).copied();
        recording.status = lost.unwrap_or(RecordingStatus::Completed);
        recording.updated = now;
        recording.completed = lost.is_none().then_some(now);
        let (length, wanted) = (recording.duration_ms, recording.callbacks.transcript.is_some());
        self.tell_recording(now, sid);
        if !wanted {
            return;
        }
        let set = self.calls.transcriptions.get(&phone).unwrap_or(&self.settings.voice.transcription);
        let (at, text) = match set {
            Transcription::Never => return,
            Transcription::Comes { after_ms, text } if lost.is_none() && TRANSCRIBED_MS.contains(&length) => {
                (now + after_ms, Some(text.clone()))
            }
            Transcription::Comes { .. } | Transcription::Fails => (now, None),
        };
        self.after(at, Step::Transcribed(sid.to_owned(), text));
    }

    fn tell_recording(&mut self, now: u64, sid: &str) {
        let url = self.recording_url(sid);
        let Some(recording) = self.calls.recordings.iter().find(|it| it.sid == sid) else { return };
        let RecordingCallbacks { callback, events, .. } = recording.callbacks.clone();
        // No event is called `failed`: who wants to hear of recordings that are absent hears of it.
        if callback.url.is_empty() || !events.iter().any(|event| event == recording.status.of_resource()) {
            return;
        }
        let mut told = params([
            ("RecordingSid", recording.sid.clone()),
            ("RecordingStatus", recording.status.name().to_owned()),
            ("RecordingStartTime", rfc2822(recording.started)),
            ("RecordingChannels", "1".to_owned()),
            ("RecordingTrack", "both".to_owned()),
            ("RecordingSource", "RecordVerb".to_owned()),
        ]);
        if recording.status != RecordingStatus::InProgress {
            let length = if recording.duration_ms == 0 { 0 } else { seconds(recording.duration_ms) };
            told.extend(params([("RecordingUrl", url), ("RecordingDuration", length.to_string())]));
        }
        let call_sid = recording.call_sid.clone();
        self.tell_about(now, &call_sid, &callback, told);
    }

    /// Callbacks about recordings know the account and the call, and nothing else of it (Recording resource).
    fn tell_about(&mut self, now: u64, call_sid: &str, to: &Address, told: Vec<(String, String)>) {
        let mut all = params([
            ("AccountSid", self.settings.account_sid.clone()),
            ("CallSid", call_sid.to_owned()),
            ("ApiVersion", API_VERSION.to_owned()),
        ]);
        all.extend(told);
        self.report_only(now, call_sid, to, all);
    }

    pub(super) fn transcribed(&mut self, now: u64, sid: &str, text: Option<String>) {
        let (transcript_sid, url) = (self.sids.make("TR"), self.recording_url(sid));
        let Some(recording) = self.calls.recordings.iter_mut().find(|it| it.sid == sid) else { return };
        let Some(to) = recording.callbacks.transcript.clone() else { return };
        recording.transcript = text.clone().unwrap_or_default();
        recording.transcript_sid = Some(transcript_sid.clone());
        let call_sid = recording.call_sid.clone();
        let path = account_path(&self.settings.account_sid);
        let told = params([
            ("TranscriptionSid", transcript_sid.clone()),
            ("TranscriptionStatus", if text.is_some() { "completed" } else { "failed" }.to_owned()),
            ("TranscriptionText", text.unwrap_or_default()),
            ("TranscriptionType", "fast".to_owned()),
            (
                "TranscriptionUrl",
                format!("{}{path}/Recordings/{sid}/Transcriptions/{transcript_sid}", self.settings.api_base),
            ),
            ("RecordingSid", sid.to_owned()),
            ("RecordingUrl", url),
        ]);
        self.report(now, &call_sid, &to, told);
    }

    fn recording_url(&self, sid: &str) -> String {
        format!("{}{}/Recordings/{sid}", self.settings.api_base, account_path(&self.settings.account_sid))
    }

    /// The media of a recording; `extension` is empty or `wav` for the one file, `mp3` for the other.
    pub(super) fn recording_media(
        &self,
        now: u64,
        recording: &Recording,
        extension: &str,
        request: &Request,
    ) -> Result<Response, ApiError> {
        let ready = recording.completed.map(|at| at + self.settings.voice.recording_ready_after_ms);
        if recording.deleted || ready.is_none_or(|ready| ready > now) {
            return Err(ApiError::not_found(&request.target));
        }
        Ok(match extension {
            "mp3" => part("audio/mpeg", &audio::mp3(recording.duration_ms), request),
            _ => part("audio/x-wav", &audio::wav(recording.duration_ms), request),
        })
    }

    /// The transcripts of a recording; `<Record transcribe>` makes one.
    pub(super) fn transcripts(&self, recording: &Recording) -> Vec<Value> {
        let account = &self.settings.account_sid;
        let show = |sid: &String| {
            json!({
                "account_sid": account,
                "api_version": API_VERSION,
                "date_created": rfc2822(recording.updated),
                "date_updated": rfc2822(recording.updated),
                "duration": seconds(recording.duration_ms).to_string(),
                "price": null,
                "price_unit": "USD",
                "recording_sid": recording.sid,
                "sid": sid,
                "status": if recording.transcript.is_empty() { "failed" } else { "completed" },
                "transcription_text": recording.transcript,
                "type": "fast",
                "uri": format!("{}/Recordings/{}/Transcriptions/{sid}.json", account_path(account), recording.sid),
            })
        };
        recording.transcript_sid.iter().map(show).collect()
    }

    pub(super) fn show_recording(&self, recording: &Recording) -> Value {
        let account = &self.settings.account_sid;
        let uri = format!("{}/Recordings/{}", account_path(account), recording.sid);
        let over = !matches!(recording.status, RecordingStatus::InProgress | RecordingStatus::Processing);
        let length = if recording.duration_ms == 0 { 0 } else { seconds(recording.duration_ms) };
        json!({
            "account_sid": account,
            "api_version": API_VERSION,
            "call_sid": recording.call_sid,
            "conference_sid": null,
            "channels": 1,
            "date_created": rfc2822(recording.started),
            "date_updated": rfc2822(recording.updated),
            "start_time": rfc2822(recording.started),
            "price": null,
            "price_unit": "USD",
            "duration": over.then(|| length.to_string()),
            "sid": recording.sid,
            "source": "RecordVerb",
            "status": if recording.deleted { "deleted" } else { recording.status.of_resource() },
            "error_code": null,
            "encryption_details": null,
            "media_url": self.recording_url(&recording.sid),
            "uri": format!("{uri}.json"),
            "subresource_uris": {
                "add_on_results": format!("{uri}/AddOnResults.json"),
                "transcriptions": format!("{uri}/Transcriptions.json"),
            },
        })
    }
}
