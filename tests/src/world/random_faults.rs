//! What goes wrong by itself. Every probability is in thousandths; by default nothing does.

use emulator::faults::{Course, Service, Unreadable, Verdict};
use emulator::http::Response;
use hotline::effects::Millis;

use super::dice::Dice;

/// A span in which a service does nothing.
#[derive(Clone, Debug)]
pub struct Outage {
    /// Whose.
    pub service: Service,
    /// Its first instant.
    pub from: Millis,
    /// The first instant after it.
    pub until: Millis,
    /// What is answered; connections are refused when it is none.
    pub status: Option<u16>,
}

/// How likely each fault is.
#[derive(Clone, Debug, Default)]
pub struct RandomFaults {
    /// A request does not reach its service.
    pub lost: u64,
    /// A request is done and its answer does not come back.
    pub answer_lost: u64,
    /// A request is done half a minute late.
    pub held: u64,
    /// A service answers 5xx without the deed.
    pub failing: u64,
    /// A service answers 500 or a gateway 504 after the deed.
    pub failing_after: u64,
    /// A service's answer is a page of HTML, nothing, or cut; what fails after the deed may be a gateway's 504.
    pub unreadable: u64,
    /// A service answers 429.
    pub limited: u64,
    /// All of Help Scout's tokens end.
    pub expired: u64,
    /// An object, or all of them, crash between two effects.
    pub crash: u64,
    /// A statement fails.
    pub statement: u64,
    /// The alarm of a person's object never comes.
    pub lost_alarm: u64,
    /// What is said to an object is heard, and the answer lost; or not even heard.
    pub unheard: u64,
    /// A webhook comes twice.
    pub twice: u64,
    /// A webhook comes late, up to a minute.
    pub late: u64,
    /// A callback about a call never comes (Twilio tries a few times at most).
    pub callback_lost: u64,
    /// A webhook's answer does not come back.
    pub webhook_answer_lost: u64,
    /// Times in which a service does nothing.
    pub outages: Vec<Outage>,
    /// Whether latencies vary.
    pub varies_latency: bool,
}

/// What becomes of a request beyond what the switchboard knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// As the verdict says.
    Verdict(Verdict),
    /// Done, and answered with an error all the same.
    FailedAfter(u16),
    /// Help Scout's tokens end before it comes.
    Expired,
}

impl RandomFaults {
    /// Random faults of one history: from none to many, with outages.
    pub fn draw(dice: &mut Dice, from: Millis, until: Millis) -> Self {
        let strength = *dice.pick(&[0, 1, 2, 5]).unwrap_or(&0);
        let mut random_faults = Self { varies_latency: true, ..Self::default() };
        let rates = [
            (&mut random_faults.lost, 15),
            (&mut random_faults.answer_lost, 15),
            (&mut random_faults.held, 10),
            (&mut random_faults.failing, 15),
            (&mut random_faults.failing_after, 8),
            (&mut random_faults.limited, 10),
            (&mut random_faults.expired, 3),
            (&mut random_faults.crash, 8),
            (&mut random_faults.statement, 4),
            (&mut random_faults.unheard, 20),
            (&mut random_faults.twice, 40),
            (&mut random_faults.late, 20),
            (&mut random_faults.webhook_answer_lost, 10),
            (&mut random_faults.callback_lost, 20),
        ];
        for (rate, most) in rates {
            *rate = dice.within(0, most * strength);
        }
        for _ in 0..dice.within(0, 2) {
            let service = if dice.happens(700) { Service::HelpScout } else { Service::Twilio };
            let begins = dice.span(from, until);
            let lasts = *dice.pick(&[60_000, 600_000, 3_600_000, 4 * 3_600_000]).unwrap_or(&0);
            let status = dice.pick(&[None, Some(500), Some(503)]).copied().flatten();
            random_faults.outages.push(Outage {
                service,
                from: begins,
                until: begins + dice.span(1_000, lasts),
                status,
            });
        }
        random_faults
    }

    /// What becomes of a request that the switchboard lets pass.
    pub fn meets(&self, dice: &mut Dice, service: Service, now: Millis) -> Fate {
        let outage =
            self.outages.iter().find(|outage| outage.service == service && (outage.from..outage.until).contains(&now));
        let verdict = |course, hold_ms| Fate::Verdict(Verdict { hold_ms, course, slow_ms: 0 });
        if let Some(outage) = outage {
            return verdict(outage.status.map_or(Course::Refused, |status| Course::Instead(error(status, None))), 0);
        }
        if dice.happens(self.lost) {
            verdict(Course::Refused, 0)
        } else if dice.happens(self.answer_lost) {
            verdict(Course::AnswerLost, 0)
        } else if dice.happens(self.held) {
            verdict(Course::Served, 30_000)
        } else if dice.happens(self.failing) {
            let status = *dice.pick(&[500, 502, 503, 504]).unwrap_or(&500);
            verdict(Course::Instead(error(status, None)), 0)
        } else if dice.happens(self.failing_after) {
            let timed_out = self.unreadable > 0 && dice.happens(500);
            Fate::FailedAfter(if timed_out { 504 } else { 500 })
        } else if dice.happens(self.unreadable) {
            let ways = [Unreadable::Html, Unreadable::Empty, Unreadable::Cut];
            verdict(Course::Unreadable(*dice.pick(&ways).unwrap_or(&Unreadable::Html)), 0)
        } else if dice.happens(self.limited) {
            verdict(Course::Instead(error(429, Some(dice.within(1, 60)))), 0)
        } else if service == Service::HelpScout && dice.happens(self.expired) {
            Fate::Expired
        } else {
            verdict(Course::Served, 0)
        }
    }
}

/// An answer that tells nothing but its status and how long to wait.
pub fn error(status: u16, retry_after: Option<u64>) -> Response {
    let headers = retry_after.map(|seconds| ("retry-after".to_owned(), seconds.to_string()));
    Response { status, headers: headers.into_iter().collect(), body: b"{\"message\":\"a fault\"}".to_vec() }
}
