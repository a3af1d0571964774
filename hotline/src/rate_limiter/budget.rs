//! How much a service still takes: Help Scout a number of requests a minute, a sender so many segments a second.

use serde::{Deserialize, Serialize};

use crate::effects::{Millis, Priority, RateLimiterName};
use crate::messages::rate_limiter::is_less;

/// What one service takes, and what of that is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Budget {
    /// So many in any sixty seconds.
    Minute(Minute),
    /// So many a second, one after the other.
    Pace(Pace),
}

/// A window that slides: whatever minute the service counts by, none holds more than the limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Minute {
    limit: i64,
    /// What was used in each second of the last minute, by that second's first instant. At most as many as `HELD` has
    /// seconds.
    used: Vec<(Millis, i64)>,
    /// What the service has said is left, and until when that counts. After that it is not known for a while: others use
    /// it too.
    left: Option<(i64, Millis)>,
    /// While it is not known, one request goes at this instant.
    trial_at: Millis,
    /// Nobody goes before this.
    paused: Millis,
}

/// One after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pace {
    per_second: u32,
    /// When the sender has sent what it was given.
    free_at: Millis,
    paused: Millis,
}

/// What a minute holds before Help Scout has told (Rate limiting: its smallest plan).
const SMALLEST_PLAN: i64 = 200;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;

/// How long what was used in a second counts: that second, the minute after it, and one more second, since requests take
/// unequally long on their way.
const HELD: Millis = SECOND + MINUTE + SECOND;

/// How often one request goes while it is not known what is left. Mostly the first one's answer says it.
const TRIAL_EVERY: Millis = 5 * SECOND;

impl Default for Minute {
    fn default() -> Self {
        Self { limit: SMALLEST_PLAN, used: Vec::new(), left: None, trial_at: 0, paused: 0 }
    }
}

/// The part of the minute that each class may use up, in hundredths. The rest is there for the classes before it:
/// strict order alone would not help a text that comes when a minute has just been used up.
fn share(priority: Priority) -> i64 {
    match priority {
        Priority::Conversation | Priority::Alert => 100,
        Priority::Receipt => 80,
        Priority::File | Priority::View => 60,
        Priority::Service | Priority::Bulk => 40,
    }
}

impl Budget {
    /// What a service takes that nobody has asked yet.
    pub fn of(name: &RateLimiterName) -> Self {
        match name {
            RateLimiterName::HelpScout => Self::Minute(Minute::default()),
            _ => Self::Pace(Pace::default()),
        }
    }

    /// The configured rate, which may have changed.
    pub fn configure(&mut self, name: &RateLimiterName) {
        if let (Self::Pace(pace), RateLimiterName::Sender { per_second, .. }) = (self, name) {
            pace.per_second = *per_second;
        }
    }

    /// The first instant from `now` at which `cost` fits once `ahead` has been used too.
    pub fn first_fit(&self, now: Millis, ahead: i64, cost: i64, priority: Priority) -> Millis {
        match self {
            Self::Minute(minute) => minute.first_fit(now.max(minute.paused), ahead, cost, priority),
            Self::Pace(pace) => now.max(pace.paused).max(pace.free_at + pace.takes(ahead)),
        }
    }

    /// A permit was given.
    pub fn spend(&mut self, now: Millis, cost: i64) {
        match self {
            Self::Minute(minute) => minute.spend(now, cost),
            Self::Pace(pace) => pace.free_at = pace.free_at.max(now) + pace.takes(cost),
        }
    }

    /// Nothing goes until then. How much of its minute others have used, the service will say.
    pub fn pause(&mut self, until: Millis) {
        let (Self::Minute(Minute { paused, .. }) | Self::Pace(Pace { paused, .. })) = self;
        *paused = until.max(*paused);
        if let Self::Minute(minute) = self {
            (minute.left, minute.trial_at) = (Some((0, minute.paused)), minute.paused);
        }
    }

    /// How long so much takes, one after the other; of a minute nothing takes any time.
    pub fn takes(&self, cost: i64) -> Millis {
        if let Self::Pace(pace) = self { pace.takes(cost) } else { 0 }
    }

    /// Between two jobs that would be told the same instant, so that not all come at once: of a sender no more than what
    /// the second one sends takes, else the sender would stand idle.
    pub fn spacing(&self, cost: i64) -> Millis {
        const SPACING: Millis = 50;
        match self {
            Self::Minute(_) => SPACING,
            Self::Pace(pace) => pace.takes(cost).min(SPACING),
        }
    }

    /// Whether nothing goes yet.
    pub fn is_paused(&self, now: Millis) -> bool {
        let (Self::Minute(Minute { paused, .. }) | Self::Pace(Pace { paused, .. })) = self;
        now < *paused
    }

    /// The clock was set back by so much.
    pub fn set_back(&mut self, by: Millis) {
        match self {
            Self::Minute(Minute { limit: _, used, left, trial_at, paused }) => {
                let instants = used.iter_mut().map(|(second, _)| second).chain(left.iter_mut().map(|(_, until)| until));
                for instant in instants.chain([trial_at, paused]) {
                    *instant -= by;
                }
            }
            Self::Pace(Pace { per_second: _, free_at, paused }) => {
                *free_at -= by;
                *paused -= by;
            }
        }
    }

    /// How many jobs are woken at once.
    pub fn batch(&self) -> i64 {
        /// A minute that is used up within ten seconds, at two batches a second.
        const BATCHES: i64 = 20;
        /// One alarm sends so many messages at most.
        const MOST: i64 = 50;
        match self {
            Self::Minute(minute) => (minute.limit / BATCHES).clamp(1, MOST),
            Self::Pace(_) => MOST,
        }
    }

    /// What a minute holds, and what is left of this one; `None` where no minute is counted.
    pub fn minute(&self, now: Millis) -> Option<(i64, i64)> {
        let (left, limit) = self.left(now);
        matches!(self, Self::Minute(_)).then_some((limit, left.max(0)))
    }

    /// What is left of the minute, and what a minute holds.
    pub fn left(&self, now: Millis) -> (i64, i64) {
        match self {
            Self::Minute(minute) => {
                let left = minute.limit - minute.used_at(now);
                (minute.left_at(now).map_or(left, |told| told.min(left)), minute.limit)
            }
            Self::Pace(_) => (0, 0),
        }
    }

    /// Whether others use what the service takes too, so that its next answer is worth knowing.
    pub fn is_shared(&self, now: Millis) -> bool {
        if let Self::Minute(minute) = self { minute.others(now).is_some() } else { false }
    }

    /// Whether what is left then is to be found out first, which may take less time than expected.
    pub fn is_on_trial(&self, at: Millis) -> bool {
        if let Self::Minute(minute) = self { minute.others(at) == Some(Others::Unknown) } else { false }
    }

    /// The service says what a minute holds.
    pub fn set_limit(&mut self, limit: i64) {
        if let (Self::Minute(minute), 1..) = (self, limit) {
            minute.limit = limit;
        }
    }

    /// The service says what is left of this minute: others may use it too. `permitted_after`: cost permitted after that
    /// request; the service may not have counted it. A minute later the service counts nothing of this any more.
    pub fn set_remaining(&mut self, now: Millis, remaining: i64, permitted_after: i64) {
        if let Self::Minute(minute) = self {
            let (left, known) = (remaining - permitted_after, minute.limit - minute.used_at(now));
            minute.left = is_less(left, known, minute.limit).then_some((left, now + MINUTE));
            minute.trial_at = now + MINUTE;
        }
    }
}

/// What others leave of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    Leave(i64),
    Unknown,
}

impl Minute {
    /// What others leave at an instant; `None` when there are none, as far as is known.
    fn others(&self, at: Millis) -> Option<Others> {
        let (left, until) = self.left.filter(|(_, until)| *until + MINUTE > at)?;
        Some(if at < until { Others::Leave(left) } else { Others::Unknown })
    }

    fn used_at(&self, at: Millis) -> i64 {
        self.used.iter().filter(|(second, _)| second + HELD > at).map(|(_, used)| used).sum()
    }

    fn left_at(&self, at: Millis) -> Option<i64> {
        self.left.filter(|(_, until)| *until > at).map(|(left, _)| left)
    }

    /// Whether others leave enough at an instant.
    fn is_left(&self, at: Millis, ahead: i64, cost: i64) -> bool {
        match self.others(at) {
            None => true,
            Some(Others::Leave(left)) => ahead + cost <= left,
            Some(Others::Unknown) if ahead > 0 => at >= self.trial_at + TRIAL_EVERY,
            Some(Others::Unknown) => at >= self.trial_at,
        }
    }

    fn first_fit(&self, from: Millis, ahead: i64, cost: i64, priority: Priority) -> Millis {
        // Whatever its share, a single request of a class may go when nothing else does.
        let budget = (self.limit * share(priority) / 100).max(cost);
        let fits = |at: &Millis| self.used_at(*at) + ahead + cost <= budget && self.is_left(*at, ahead, cost);
        if fits(&from) {
            return from;
        }
        let ends = self.used.iter().map(|(second, _)| second + HELD);
        let trials = self.left.map(|(_, until)| [until, self.trial_at, self.trial_at + TRIAL_EVERY, until + MINUTE]);
        let mut instants: Vec<Millis> = ends.chain(trials.into_iter().flatten()).filter(|end| *end > from).collect();
        instants.sort_unstable();
        // Those ahead may need more than one minute: how much of it is known when theirs have gone.
        let last = instants.last().copied().unwrap_or(from);
        instants.into_iter().find(fits).unwrap_or(last + SECOND)
    }

    fn spend(&mut self, now: Millis, cost: i64) {
        let second = now - now.rem_euclid(SECOND);
        self.used.retain(|(second, _)| second + HELD > now);
        match self.others(now) {
            None => self.left = None,
            Some(Others::Leave(_)) => self.left = self.left.map(|(left, until)| (left - cost, until)),
            Some(Others::Unknown) => self.trial_at = now + TRIAL_EVERY,
        }
        match self.used.last_mut() {
            // A clock that was set back does not make a second of its own.
            Some((last, used)) if *last >= second => *used += cost,
            _ => self.used.push((second, cost)),
        }
    }
}

impl Pace {
    fn takes(&self, segments: i64) -> Millis {
        segments * SECOND / i64::from(self.per_second.max(1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: Millis = 1_795_176_000_000;

    fn minute(limit: i64) -> Budget {
        Budget::Minute(Minute { limit, ..Minute::default() })
    }

    fn priority() -> impl Strategy<Value = Priority> {
        prop_oneof![Just(Priority::Conversation), Just(Priority::Receipt), Just(Priority::View), Just(Priority::Bulk)]
    }

    proptest! {
        #[test]
        fn no_sixty_seconds_hold_more_than_the_limit(
            limit in 2..60i64,
            requests in prop::collection::vec((0..9_000i64, 1..3i64, priority()), 1..300),
        ) {
            let (mut budget, mut now) = (minute(limit), NOON);
            let mut spent: Vec<(Millis, i64)> = Vec::new();
            for (wait, cost, priority) in requests {
                now += wait;
                if budget.first_fit(now, 0, cost, priority) <= now {
                    budget.spend(now, cost);
                    spent.push((now, cost));
                }
            }
            for (end, _) in &spent {
                let held: i64 = spent.iter().filter(|(at, _)| *at <= *end && *at > end - 60_000).map(|(_, cost)| cost).sum();
                prop_assert!(held <= limit, "{held} of {limit} in the minute that ends at {end}");
            }
        }

        #[test]
        fn what_is_told_to_fit_then_fits_then_and_not_before(
            limit in 4..60i64,
            spent in prop::collection::vec((0..2_000i64, 1..3i64), 0..80),
            ahead in 0..4i64,
        ) {
            let (mut budget, mut now) = (minute(limit), NOON);
            for (wait, cost) in spent {
                now += wait;
                budget.spend(now, cost);
            }
            let fit = budget.first_fit(now, ahead.min(limit - 2), 2, Priority::Conversation);
            prop_assert_eq!(budget.first_fit(fit, ahead.min(limit - 2), 2, Priority::Conversation), fit);
            if fit > now {
                prop_assert!(budget.first_fit(fit - 1, ahead.min(limit - 2), 2, Priority::Conversation) == fit);
            }
        }

        #[test]
        fn the_window_does_not_grow(waits in prop::collection::vec(0..3_000i64, 0..1_000)) {
            let (mut budget, mut now) = (minute(1_000_000), NOON);
            for wait in waits {
                now += wait;
                budget.spend(now, 1);
            }
            let Budget::Minute(minute) = budget else { return Ok(()) };
            prop_assert!(minute.used.len() <= 63, "{} seconds", minute.used.len());
        }
    }

    #[test]
    fn lower_classes_leave_a_part_of_the_minute_to_those_before_them() {
        let mut budget = minute(100);
        let mut used = 0;
        for (priority, end) in
            [(Priority::Bulk, 40), (Priority::View, 60), (Priority::Receipt, 80), (Priority::Conversation, 100)]
        {
            while budget.first_fit(NOON, 0, 1, priority) == NOON {
                budget.spend(NOON, 1);
                used += 1;
            }
            assert_eq!(used, end, "{priority:?}");
        }
    }

    #[test]
    fn what_others_use_counts_once_and_passes() {
        let mut budget = minute(200);
        budget.spend(NOON, 10);
        // Two answers tell of the same 100 that another program used; two more permits left since the first was asked for.
        budget.set_remaining(NOON + 300, 200 - 110, 0);
        budget.spend(NOON + 310, 4);
        budget.set_remaining(NOON + 350, 200 - 110, 4);
        assert_eq!(budget.left(NOON + 400), (86, 200));
        assert_eq!(budget.left(NOON + 63_000), (200, 200));
    }

    #[test]
    fn a_sender_sends_one_after_the_other_at_its_rate() {
        let name = RateLimiterName::Sender { sender: "+15550100001".to_owned(), per_second: 2 };
        let mut budget = Budget::of(&name);
        budget.configure(&name);
        assert_eq!(budget.first_fit(NOON, 0, 3, Priority::Conversation), NOON);
        budget.spend(NOON, 3);
        assert_eq!(budget.first_fit(NOON, 0, 1, Priority::Conversation), NOON + 1_500);
        assert_eq!(budget.first_fit(NOON, 1, 1, Priority::Conversation), NOON + 2_000);
        budget.pause(NOON + 9_000);
        assert_eq!(budget.first_fit(NOON, 0, 1, Priority::Conversation), NOON + 9_000);
    }
}
