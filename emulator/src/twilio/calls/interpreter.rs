//! Interprets TwiML on one leg, verb by verb (TwiML for Programmable Voice).

use super::Step;
use super::call::{Activity, CallDirection, CallStatus, Frame, Program, Scope};
use super::heard::Heard;
use super::verbs::{self, Sound, Verb};
use crate::twilio::Twilio;

/// How fast `<Say>` speaks, in characters: an ordinary reading voice.
const CHARACTERS_PER_SECOND: u64 = 14;
/// How long one digit of `<Play digits>` sounds, in milliseconds.
const TONE_MS: u64 = 500;
/// How long the application error is spoken before Twilio hangs up, in milliseconds.
const APPLICATION_ERROR_MS: u64 = 4_000;
/// How long a caller hears why a call is rejected, in milliseconds.
const REJECTION_MS: u64 = 2_000;
/// A wait document in which nothing took time is asked for again after so long, in milliseconds; our choice.
const EMPTY_WAIT_MS: u64 = 1_000;

/// Whether a verb keeps the leg busy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    GoesOn,
    Waits,
}

impl Twilio {
    pub(super) fn start_program(&mut self, now: u64, sid: &str, program: Program) {
        let Some(call) = self.calls.live(sid) else { return };
        call.frames = vec![Frame::new(Scope::Main)];
        match program {
            Program::At(address) => self.fetch_document(now, sid, &address, Vec::new()),
            Program::Twiml(text) => self.run_text(now, sid, &text),
            Program::Dialled(_) => {}
        }
    }

    /// Runs inline TwiML.
    fn run_text(&mut self, now: u64, sid: &str, text: &str) {
        let Ok(document) = verbs::read(text) else {
            self.log_error(now, 12100, sid, "", "Document parse failure");
            return self.play_application_error(now, sid);
        };
        for words in document.ignored {
            self.log_error(now, 12200, sid, "", &format!("Schema validation warning: {words}"));
        }
        if let Some(frame) = self.calls.live(sid).and_then(|call| call.top()) {
            frame.verbs = document.verbs;
        }
        self.proceed(now, sid);
    }

    /// Runs verbs until one takes time.
    pub(super) fn proceed(&mut self, now: u64, sid: &str) {
        loop {
            let Some(call) = self.calls.live(sid) else { return };
            call.begin(Activity::Nothing);
            let Some(frame) = call.top() else { return };
            let Some(verb) = frame.verbs.pop_front() else { return self.document_over(now, sid) };
            if self.perform(now, sid, verb) == Flow::Waits {
                return;
            }
        }
    }

    fn perform(&mut self, now: u64, sid: &str, verb: Verb) -> Flow {
        let scope = self.calls.live(sid).and_then(|call| call.top().map(|frame| frame.scope.clone()));
        if !scope.is_some_and(|scope| may_stand(&verb, &scope)) {
            self.log_error(
                now,
                12200,
                sid,
                "",
                "Schema validation warning: this verb is not allowed in such a document",
            );
            return Flow::GoesOn;
        }
        if answers(&verb) {
            self.answer(now, sid);
        }
        match verb {
            Verb::Say(..) | Verb::Play(..) | Verb::Pause(_) => {
                let lasts = self.utter(now, sid, &verb);
                self.wait(now + lasts, sid, Activity::Speaking)
            }
            Verb::Gather(gather) => self.gather(now, sid, gather),
            Verb::Record(record) => self.record(now, sid, record),
            Verb::Dial(dial) => self.dial(now, sid, dial),
            Verb::Enqueue(enqueue) => self.enqueue(now, sid, enqueue),
            Verb::Redirect(address) => {
                self.fetch_document(now, sid, &address, Vec::new());
                Flow::Waits
            }
            Verb::Reject { busy } => self.reject(now, sid, busy),
            Verb::Hangup => {
                self.end(now, sid, CallStatus::Completed);
                Flow::Waits
            }
            Verb::Leave => {
                self.leave_queue(now, sid);
                Flow::Waits
            }
        }
    }

    /// Lets the person hear a verb; how long it lasts, in milliseconds.
    pub(super) fn utter(&mut self, now: u64, sid: &str, verb: &Verb) -> u64 {
        let (what, lasts) = match verb {
            Verb::Say(text, times) => {
                let once = (text.chars().count() as u64 * 1000 / CHARACTERS_PER_SECOND).max(1000);
                (Heard::Said(text.clone()), once * times)
            }
            Verb::Play(Sound::File(url), times) => {
                (Heard::Played(self.address_of(sid, url)), self.settings.voice.play_ms * times)
            }
            Verb::Play(Sound::Digits(digits), times) => {
                (Heard::Played(format!("digits:{digits}")), digits.len() as u64 * TONE_MS * times)
            }
            Verb::Pause(ms) => (Heard::Silence, *ms),
            _ => return 0,
        };
        // A caller who was not answered hears the ringing go on through a leading `<Pause>`.
        let unanswered = self.calls.live(sid).is_some_and(|call| call.status == CallStatus::Ringing);
        if !unanswered {
            self.let_hear(now, sid, what);
        }
        lasts
    }

    pub(super) fn wait(&mut self, until: u64, sid: &str, activity: Activity) -> Flow {
        if let Some(call) = self.calls.live(sid) {
            let stamp = call.begin(activity);
            self.after(until, Step::Timer(sid.to_owned(), stamp));
        }
        Flow::Waits
    }

    /// A leg's timer has elapsed.
    pub(super) fn time_is_up(&mut self, now: u64, sid: &str, stamp: u64) {
        let Some(call) = self.calls.live(sid).filter(|call| call.stamp == stamp) else { return };
        call.hops = 0;
        match call.activity().cloned() {
            Some(Activity::Speaking) => self.proceed(now, sid),
            Some(Activity::Gathering(gathering)) => self.gather_timer(now, sid, gathering),
            Some(Activity::Recording(active)) => self.finish_recording(now, sid, &active, None),
            Some(Activity::Dialing(_)) => self.finish_dial(now, sid, "no-answer", None),
            Some(Activity::Rejecting(status)) => self.end(now, sid, status),
            Some(Activity::Failing) => self.end(now, sid, CallStatus::Completed),
            Some(Activity::Nothing) => self.wait_again(now, sid),
            Some(Activity::Fetching(_) | Activity::Queued(_) | Activity::InConference(_)) | None => {}
        }
    }

    fn document_over(&mut self, now: u64, sid: &str) {
        let Some(call) = self.calls.live(sid) else { return };
        let quick = call.hops > 0;
        match call.top().map(|frame| frame.scope.clone()) {
            Some(Scope::Main) => {
                self.answer(now, sid);
                self.end(now, sid, CallStatus::Completed);
            }
            Some(Scope::Screen) => {
                call.frames.clear();
                self.accepted(now, sid);
            }
            Some(Scope::Wait(_)) if quick => {
                self.let_hear(now, sid, Heard::Silence);
                self.wait(now + EMPTY_WAIT_MS, sid, Activity::Nothing);
            }
            Some(Scope::Wait(_)) => self.wait_again(now, sid),
            None => {}
        }
    }

    fn wait_again(&mut self, now: u64, sid: &str) {
        let scope = self.calls.live(sid).and_then(|call| call.top().map(|frame| frame.scope.clone()));
        if let Some(Scope::Wait(address)) = scope {
            let extra = self.wait_params(now, sid);
            self.fetch_document(now, sid, &address, extra);
        }
    }

    /// `<Reject>` counts only as the first thing that a caller meets; elsewhere it is ignored.
    fn reject(&mut self, now: u64, sid: &str, busy: bool) -> Flow {
        let Some(call) = self.calls.live(sid) else { return Flow::Waits };
        if call.direction != CallDirection::Inbound || call.answered.is_some() {
            self.log_error(now, 12200, sid, "", "Schema validation warning: Reject must be the first verb");
            return Flow::GoesOn;
        }
        // The page names `busy` and, for `rejected`, a message that the number is not in service.
        let (what, status) = if busy {
            (Heard::Busy, CallStatus::Busy)
        } else {
            (Heard::Said("The number you have dialed is not in service.".into()), CallStatus::NoAnswer)
        };
        self.let_hear(now, sid, what);
        self.wait(now + REJECTION_MS, sid, Activity::Rejecting(status))
    }

    /// "An application error has occurred": the end of a call whose documents cannot be had.
    pub(super) fn play_application_error(&mut self, now: u64, sid: &str) {
        self.answer(now, sid);
        self.let_hear(now, sid, Heard::ApplicationError);
        self.wait(now + APPLICATION_ERROR_MS, sid, Activity::Failing);
    }
}

/// What may stand in wait documents (TwiML, `<Enqueue>`, `<Conference>`) and in screening documents (`<Number>`).
fn may_stand(verb: &Verb, scope: &Scope) -> bool {
    let spoken = matches!(verb, Verb::Say(..) | Verb::Play(..) | Verb::Pause(_) | Verb::Gather(_));
    match scope {
        Scope::Main => true,
        Scope::Screen => spoken || matches!(verb, Verb::Redirect(_) | Verb::Hangup),
        Scope::Wait(_) => spoken || matches!(verb, Verb::Redirect(_) | Verb::Hangup | Verb::Leave),
    }
}

/// Verbs before which Twilio picks up. A leading `<Pause>` lets it ring on, `<Reject>` never picks up, and `<Dial
/// answerOnBridge>` does when somebody is there.
fn answers(verb: &Verb) -> bool {
    match verb {
        Verb::Pause(_) | Verb::Reject { .. } | Verb::Redirect(_) => false,
        Verb::Dial(dial) => !dial.answer_on_bridge,
        _ => true,
    }
}
