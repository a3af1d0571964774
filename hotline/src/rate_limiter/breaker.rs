//! The circuit breaker: that a service is not there is known once, and not once for each who waits.
//!
//! Reads and writes are told apart, since services often still show what they no longer take. And a request that fails
//! for a reason of its own, again and again, must not keep others from trying.

use serde::{Deserialize, Serialize};

use crate::effects::{Millis, REQUEST_TIMEOUT, Trouble};

/// Whether the service answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Breaker {
    /// Failures since the last answer: what failed to be read, and to be written.
    reads: u32,
    writes: u32,
    /// Who failed first, and whether others have failed since.
    by: String,
    several: bool,
    /// The numbers of the newest permits that were answered, as far as is known.
    answered_read: i64,
    answered_write: i64,
    open: Option<Open>,
}

/// Permits are not given, but for a probe now and then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Open {
    /// When the service was found to be away.
    pub since: Millis,
    /// What it did last.
    pub trouble: Trouble,
    /// When the next request may probe.
    probe_at: Millis,
    /// When the last one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    probed_at: Option<Millis>,
}

/// What the breaker says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Circuit {
    /// The service answers, as far as is known.
    Closed,
    /// Another request fails again and again; whether this one does too is to be seen.
    Trial,
    /// The service did not answer; this request may probe whether it does again.
    Probe,
    /// Not before.
    Open(Millis),
}

/// So many failures in a row: one or two are an accident of theirs, and a third within seconds seldom is.
const FAILURES: u32 = 3;

/// How often a request probes. With the request itself that lets the first waiting text leave within ten seconds.
const PROBE_EVERY: Millis = 5_000;

/// The same where people must mend something first, a wrong secret or a user without access, and for a single text that
/// the service fails to take while it answers everything else.
const PROBE_RARELY_EVERY: Millis = 60_000;

impl Trouble {
    fn needs_operator(self) -> bool {
        matches!(self, Self::TokenRefused | Self::NoToken(400..=499) | Self::AccountRefused)
    }

    /// For operators.
    pub(super) fn words(self) -> String {
        match self {
            Self::Unreachable => "no connection".to_owned(),
            Self::Silent => "no answer within 10 s".to_owned(),
            Self::Failing => "it answers with errors (5xx)".to_owned(),
            Self::TokenRefused => "it refuses the tokens that it gives (401): the app's user has no access".to_owned(),
            Self::NoToken(status @ 400..=499) => {
                format!("it gives no token ({status}): check HELPSCOUT_APP_ID and HELPSCOUT_APP_SECRET")
            }
            Self::NoToken(status) => format!("it gives no token ({status})"),
            Self::AccountRefused => "it takes nothing from our account (401 or 403)".to_owned(),
        }
    }
}

/// A request, as far as the breaker tells one from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    pub id: &'a str,
    /// It would change something.
    pub write: bool,
}

impl Breaker {
    /// Whether a request may go.
    pub fn circuit_for(&self, now: Millis, request: Request) -> Circuit {
        let Some(open) = &self.open else { return Circuit::Closed };
        if self.is_readable() && !request.write {
            return Circuit::Closed;
        }
        if !self.several && !self.by.is_empty() && self.by != request.id {
            return Circuit::Trial;
        }
        if open.probe_at <= now { Circuit::Probe } else { Circuit::Open(open.probe_at) }
    }

    /// Whether it is only writing that fails.
    pub fn is_readable(&self) -> bool {
        self.reads == 0 && self.writes > 0
    }

    /// When the next request may probe; `None` when all may go.
    pub fn probe_at(&self) -> Option<Millis> {
        self.open.as_ref().map(|open| open.probe_at)
    }

    /// Why nothing goes, and since when.
    pub fn open(&self) -> Option<&Open> {
        self.open.as_ref()
    }

    /// The clock was set back by so much.
    pub fn set_back(&mut self, by: Millis) {
        if let Some(open) = &mut self.open {
            open.since -= by;
            open.probe_at -= by;
            open.probed_at = open.probed_at.map(|at| at - by);
        }
    }

    /// Whether a request has left to look, and its answer may still come.
    pub fn is_probing(&self, now: Millis) -> bool {
        self.open.as_ref().is_some_and(|open| open.probed_at.is_some_and(|at| now - at < REQUEST_TIMEOUT))
    }

    /// Whether the next answer is worth knowing.
    pub fn is_in_doubt(&self) -> bool {
        self.open.is_some() || self.reads + self.writes > 0
    }

    fn probe_every(&self, trouble: Trouble) -> Millis {
        let one_text = self.is_readable() && !self.several;
        if one_text || trouble.needs_operator() { PROBE_RARELY_EVERY } else { PROBE_EVERY }
    }

    /// A request probes.
    pub fn probe(&mut self, now: Millis) {
        let Some(trouble) = self.open.as_ref().map(|open| open.trouble) else { return };
        let next = now + self.probe_every(trouble);
        if let Some(open) = &mut self.open {
            open.probe_at = next;
            open.probed_at = Some(now);
        }
    }

    /// The request with this permit failed. Returns whether that is why nothing goes any more. One that left before
    /// another that was answered says nothing.
    pub fn failed(&mut self, now: Millis, number: i64, request: Request, trouble: Trouble) -> bool {
        let write = request.write;
        let answered = if write { self.answered_write } else { self.answered_read.max(self.answered_write) };
        if number < answered {
            return false;
        }
        if self.by.is_empty() {
            request.id.clone_into(&mut self.by);
        }
        self.several |= self.by != request.id;
        let failures = if write { &mut self.writes } else { &mut self.reads };
        *failures = failures.saturating_add(1);
        let next = now + self.probe_every(trouble);
        if let Some(open) = &mut self.open {
            (open.trouble, open.probe_at) = (trouble, open.probe_at.min(next));
            return false;
        }
        if self.reads + self.writes < FAILURES && trouble != Trouble::AccountRefused {
            return false;
        }
        self.shut(now, trouble);
        true
    }

    /// There is no token to be had, so nothing can go. Returns whether that is news.
    pub fn without_token(&mut self, now: Millis, trouble: Trouble) -> bool {
        let since = self.open.as_ref().map(|open| open.since);
        self.shut(now, trouble);
        if let (Some(open), Some(since)) = (&mut self.open, since) {
            open.since = since;
        }
        since.is_none()
    }

    fn shut(&mut self, now: Millis, trouble: Trouble) {
        self.open = Some(Open { since: now, trouble, probe_at: now + self.probe_every(trouble), probed_at: None });
    }

    /// The request with this permit was answered. Returns whether the service was away until now.
    pub fn answered(&mut self, now: Millis, number: i64, request: Request) -> bool {
        let shows_again = std::mem::take(&mut self.reads) > 0;
        if request.write {
            self.writes = 0;
            self.answered_write = self.answered_write.max(number);
        } else {
            self.answered_read = self.answered_read.max(number);
        }
        if self.writes >= FAILURES {
            if shows_again {
                // Whether it takes something again is to be seen at once.
                self.look_at_once(now);
            }
            return false;
        }
        self.close()
    }

    /// There is a token. Returns whether that was all that was wrong.
    pub fn got_token(&mut self, now: Millis) -> bool {
        let alone = matches!(self.open, Some(Open { trouble: Trouble::NoToken(_), .. }));
        if alone || self.reads + self.writes < FAILURES {
            return self.close();
        }
        if self.open.as_ref().is_some_and(|open| open.trouble != Trouble::TokenRefused) {
            self.look_at_once(now);
        }
        false
    }

    fn look_at_once(&mut self, now: Millis) {
        if let Some(open) = &mut self.open {
            open.probe_at = open.probe_at.min(now);
        }
    }

    fn close(&mut self) -> bool {
        if self.writes == 0 {
            self.by.clear();
            self.several = false;
        }
        self.open.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_795_176_000_000;

    fn read(id: &str) -> Request<'_> {
        Request { id, write: false }
    }

    fn write(id: &str) -> Request<'_> {
        Request { id, write: true }
    }

    /// A service that does nothing any more, for whomever.
    fn away() -> Breaker {
        let mut breaker = Breaker::default();
        assert!(!breaker.failed(NOW, 1, write("Sam"), Trouble::Silent));
        assert!(!breaker.failed(NOW, 2, read("Kim"), Trouble::Silent));
        assert_eq!(breaker.circuit_for(NOW, read("Ann")), Circuit::Closed);
        assert!(breaker.failed(NOW, 3, read("Sam"), Trouble::Silent));
        breaker
    }

    #[test]
    fn three_failures_in_a_row_open_it_and_a_probe_goes_every_five_seconds() {
        let mut breaker = away();
        assert_eq!(breaker.circuit_for(NOW, read("Ann")), Circuit::Open(NOW + 5_000));
        assert_eq!(breaker.circuit_for(NOW + 5_000, read("Ann")), Circuit::Probe);
        breaker.probe(NOW + 5_000);
        assert_eq!(breaker.circuit_for(NOW + 5_001, write("Ann")), Circuit::Open(NOW + 10_000));
        assert!(!breaker.failed(NOW + 6_000, 4, read("Ann"), Trouble::Failing), "it was away before");
        assert_eq!(breaker.circuit_for(NOW + 9_999, read("Ann")), Circuit::Open(NOW + 10_000));
        assert!(breaker.answered(NOW + 10_000, 5, read("Ann")));
        assert_eq!(breaker.circuit_for(NOW + 10_000, write("Sam")), Circuit::Closed);
    }

    #[test]
    fn an_answer_in_between_begins_the_count_anew() {
        let mut breaker = Breaker::default();
        for number in 0..20 {
            assert!(!breaker.failed(NOW, number * 2, write("Sam"), Trouble::Failing));
            assert!(!breaker.failed(NOW, number * 2, write("Kim"), Trouble::Failing));
            breaker.answered(NOW, number * 2 + 1, write("Ann"));
        }
        assert_eq!(breaker.circuit_for(NOW, write("Sam")), Circuit::Closed);
    }

    #[test]
    fn what_left_before_the_last_answer_does_not_open_it_again() {
        let mut breaker = away();
        assert!(breaker.answered(NOW, 60, write("Ann")));
        // Fifty requests of before time out now.
        (4..54).for_each(|number| assert!(!breaker.failed(NOW, number, read("Kim"), Trouble::Silent)));
        assert_eq!(breaker.circuit_for(NOW, write("Sam")), Circuit::Closed);
    }

    #[test]
    fn a_service_that_shows_and_does_not_take_is_read_from_and_not_written_to() {
        let mut breaker = Breaker::default();
        for number in 0..3 {
            breaker.failed(NOW, number * 2, write(&number.to_string()), Trouble::Failing);
            breaker.answered(NOW, number * 2 + 1, read(&number.to_string()));
        }
        breaker.answered(NOW, 7, read("Kim"));
        assert_eq!(breaker.circuit_for(NOW, write("Ann")), Circuit::Open(NOW + 5_000));
        assert_eq!(breaker.circuit_for(NOW, read("Ann")), Circuit::Closed);
        assert!(breaker.answered(NOW, 9, write("Ann")));
    }

    #[test]
    fn one_text_that_always_fails_keeps_nobody_else_from_trying() {
        let mut breaker = Breaker::default();
        for number in 1..4 {
            breaker.failed(NOW, number, write("poison"), Trouble::Failing);
        }
        assert_eq!(breaker.circuit_for(NOW, write("poison")), Circuit::Open(NOW + 60_000));
        assert_eq!(breaker.circuit_for(NOW, write("Ann")), Circuit::Trial);
        breaker.failed(NOW, 5, write("Ann"), Trouble::Failing);
        assert_eq!(breaker.circuit_for(NOW, write("Sam")), Circuit::Open(NOW + 5_000), "now it is more than one text");
        breaker.probe(NOW + 5_000);
        assert_eq!(breaker.probe_at(), Some(NOW + 10_000));
    }

    #[test]
    fn who_must_mend_something_is_not_asked_every_five_seconds() {
        let mut breaker = Breaker::default();
        assert!(breaker.without_token(NOW, Trouble::NoToken(401)));
        assert!(!breaker.without_token(NOW + 60_000, Trouble::NoToken(401)));
        assert_eq!(breaker.probe_at(), Some(NOW + 120_000));
        assert_eq!(breaker.open().map(|open| open.since), Some(NOW));
        assert!(breaker.got_token(NOW));
        assert_eq!(breaker.circuit_for(NOW, write("Sam")), Circuit::Closed);
    }

    #[test]
    fn a_token_says_little_of_an_api_that_fails() {
        let mut breaker = away();
        assert!(!breaker.got_token(NOW + 1));
        assert_eq!(breaker.circuit_for(NOW + 1, read("Ann")), Circuit::Probe);
    }
}
