//! `<Gather>`: digits, while prompts are spoken and after them (TwiML, `<Gather>`). Speech is not heard.

use super::call::Activity;
use super::documents::params;
use super::heard::Heard;
use super::interpreter::Flow;
use super::verbs::Gather;
use crate::twilio::Twilio;

/// A `<Gather>` that runs.
#[derive(Clone, Debug)]
pub(super) struct Gathering {
    verb: Gather,
    digits: String,
    /// Prompts are over; only the timeout runs.
    quiet: bool,
}

impl Twilio {
    pub(super) fn gather(&mut self, now: u64, sid: &str, verb: Gather) -> Flow {
        self.prompted(now, sid);
        self.gather_on(now, sid, Gathering { verb, digits: String::new(), quiet: false });
        Flow::Waits
    }

    /// The next prompt, or the time in which the person may think.
    fn gather_on(&mut self, now: u64, sid: &str, mut gathering: Gathering) {
        let lasts = if let Some(prompt) = gathering.verb.prompts.pop_front() {
            self.utter(now, sid, &prompt)
        } else {
            gathering.quiet = true;
            self.let_hear(now, sid, Heard::Silence);
            gathering.verb.timeout_ms
        };
        self.wait(now + lasts, sid, Activity::Gathering(gathering));
    }

    pub(super) fn gather_timer(&mut self, now: u64, sid: &str, gathering: Gathering) {
        if gathering.quiet { self.gathered(now, sid, gathering) } else { self.gather_on(now, sid, gathering) }
    }

    /// A key is pressed: prompts stop, and the timeout begins anew.
    pub(super) fn gather_key(&mut self, now: u64, sid: &str, mut gathering: Gathering, key: char) {
        if gathering.verb.finish_on.contains(key) {
            return self.gathered(now, sid, gathering);
        }
        gathering.digits.push(key);
        gathering.verb.prompts.clear();
        if gathering.verb.digits.is_some_and(|wanted| gathering.digits.len() >= wanted) {
            return self.gathered(now, sid, gathering);
        }
        self.gather_on(now, sid, gathering);
    }

    fn gathered(&mut self, now: u64, sid: &str, gathering: Gathering) {
        let Gathering { verb, digits, .. } = gathering;
        if digits.is_empty() && !verb.action_on_empty {
            return self.proceed(now, sid);
        }
        self.fetch_document(now, sid, &verb.action, params([("Digits", digits)]));
    }
}
