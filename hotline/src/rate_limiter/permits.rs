//! Who gets a permit now, and when the others do.

use super::breaker::Circuit;
use super::queue::{self, QueuePosition, Reservation};
use super::{BATCH_EVERY, Step};
use crate::effects::{Grant, Millis, Permit, PermitRequest, Priority, Refusal};
use crate::storage::Stored;

/// A permit that is to be had within this time is not worth a wake-up: the asker asks again by itself.
const RETRIES_ITSELF_WITHIN: Millis = 10_000;

/// When a waiting job asks again by itself: a fallback if the wake-up is lost.
pub(super) const FALLBACK_RETRY: Millis = 30 * 60_000;

/// So many jobs may wait: some lanes of each of 3,000 people. A job that finds the queue full asks again later.
pub(super) const MAX_WAITING_JOBS: i64 = 10_000;
const QUEUE_FULL_RETRY: Millis = 60_000;

/// Programs' messages leave a fifth of the queue to people who wait for an answer.
const MAX_WAITING_FOR_PROGRAMS: i64 = MAX_WAITING_JOBS * 4 / 5;

fn most_waiting(priority: Priority) -> i64 {
    if matches!(priority, Priority::Service | Priority::Bulk) { MAX_WAITING_FOR_PROGRAMS } else { MAX_WAITING_JOBS }
}

/// A caller that cannot wait may read the same item twice a minute, a file ten times (players fetch it in parts). So many
/// different items are remembered. Whoever has an address of ours may open it as often as they like, and Help Scout's minute
/// is for texts.
const MAX_VIEWS_PER_ITEM: usize = 2;
const MAX_OPENINGS_PER_FILE: usize = 10;
const MAX_ITEMS_VIEWED: usize = 100;
const MINUTE: Millis = 60_000;

/// Whether a request may leave.
enum Verdict {
    Now,
    /// It may probe whether the service is back.
    Probe,
    /// At this instant, which is near.
    At(Millis),
    /// The job will be woken. The instant is when the rate limiter decides again.
    Later(Refusal, Millis),
}

impl Step<'_> {
    pub(super) fn permit(&mut self, request: &PermitRequest) -> Stored<Permit> {
        let (store, now) = (self.ctx.store, self.ctx.now);
        let token = match self.token() {
            Ok(token) => token,
            Err(look) => {
                let away = self.state.breaker.open().is_some();
                let refusal = if away { Refusal::Away } else { Refusal::Starting };
                return self.wait(request, &Verdict::Later(refusal, look));
            }
        };
        let verdict = self.verdict(request)?;
        match &verdict {
            Verdict::Now | Verdict::Probe if request.waits.is_none() && !self.may_view(request) => {
                Ok(Permit::Refused(Refusal::Busy))
            }
            Verdict::Now => {
                if self.state.waiting > 0 {
                    self.state.waiting -= queue::remove(store, &request.id)?;
                }
                Ok(self.grant(request, token))
            }
            Verdict::Probe => {
                // A probe keeps its row until it is answered.
                let permit = self.grant(request, token);
                if request.waits.is_some() {
                    self.wait(request, &verdict)?;
                    queue::probe(store, now, &request.id, self.state.permit_sequence)?;
                }
                self.state.breaker.probe(now);
                Ok(permit)
            }
            Verdict::At(_) | Verdict::Later(..) => self.wait(request, &verdict),
        }
    }

    fn wait(&mut self, request: &PermitRequest, verdict: &Verdict) -> Stored<Permit> {
        let now = self.ctx.now;
        let Some(waits) = &request.waits else {
            return Ok(Permit::Refused(if let Verdict::Later(refusal, _) = verdict {
                *refusal
            } else {
                Refusal::Busy
            }));
        };
        let known = self.state.waiting > 0 && queue::is_waiting(self.ctx.store, &request.id)?;
        if !known && self.state.waiting >= most_waiting(request.priority) {
            return Ok(Permit::ReservedAt(now + QUEUE_FULL_RETRY.max(self.state.budget.takes(self.state.waiting))));
        }
        self.state.waiting += i64::from(!known);
        let (expected, told, look) = match verdict {
            Verdict::At(at) => (*at, *at, at + queue::RESERVED_FOR),
            Verdict::Later(_, look) => (0, now + FALLBACK_RETRY, *look),
            Verdict::Now | Verdict::Probe => (0, now + FALLBACK_RETRY, now + RETRIES_ITSELF_WITHIN),
        };
        let reserves = self.state.reserved.needs(now, request);
        queue::wait(self.ctx.store, request, reserves, waits, expected)?;
        self.wake_by(look);
        Ok(Permit::ReservedAt(told))
    }

    fn verdict(&self, request: &PermitRequest) -> Stored<Verdict> {
        let now = self.ctx.now;
        let since = request.waits.as_ref().map_or(now, |waits| waits.since);
        let place = QueuePosition { priority: request.priority, since, id: &request.id };
        let circuit = self.state.breaker.circuit_for(now, self.breaker_request(&request.id, request.cost));
        let behind = match circuit {
            Circuit::Open(until) => return Ok(Verdict::Later(Refusal::Away, until)),
            Circuit::Probe => return self.may_probe(&request.id),
            // Those who wait do so because of another one's failures.
            Circuit::Trial => false,
            // Room was reserved for it.
            Circuit::Closed if self.state.reserved.holds(now, &request.id) => return Ok(self.reserved(request)),
            Circuit::Closed => {
                self.state.waiting > 0 && queue::is_behind(self.ctx.store, now, self.permitted_kind(), place)?
            }
        };
        let (fit, last) = self.first_fit(place, request.cost + self.state.reserved.needs(now, request))?;
        Ok(match fit {
            _ if behind => Verdict::Later(Refusal::Busy, fit.max(now + BATCH_EVERY)),
            _ if fit <= now => Verdict::Now,
            _ if fit <= now + RETRIES_ITSELF_WITHIN && !self.state.budget.is_on_trial(fit) => {
                Verdict::At(fit.max(last + self.state.budget.spacing(request.cost)))
            }
            _ => Verdict::Later(Refusal::Busy, fit),
        })
    }

    /// When a request fits beside what is reserved for those who go before it, and when the last of them is expected.
    pub(super) fn first_fit(&self, place: QueuePosition, cost: i64) -> Stored<(Millis, Millis)> {
        let now = self.ctx.now;
        let none = Reservation { cost: 0, last: 0 };
        let kept = if self.state.waiting > 0 { queue::reserved_before(self.ctx.store, now, place)? } else { none };
        let ahead = kept.cost + self.state.reserved.cost_but(now, place.id);
        Ok((self.state.budget.first_fit(now, ahead, cost, place.priority), kept.last))
    }

    /// A read for which room was reserved goes at once, whoever waits, unless there is a pause. That others use the minute
    /// too may only seem so: requests under way at once are counted in any order. Twilio does not ask a second time.
    fn reserved(&self, request: &PermitRequest) -> Verdict {
        let now = self.ctx.now;
        if self.state.budget.is_paused(now) {
            return Verdict::Later(
                Refusal::Busy,
                self.state.budget.first_fit(now, 0, request.cost, Priority::Conversation),
            );
        }
        Verdict::Now
    }

    /// One request probes: that of the job that was woken for it, if there is one.
    fn may_probe(&self, id: &str) -> Stored<Verdict> {
        let anothers = if self.state.waiting > 0 {
            queue::probe_expected(self.ctx.store, self.ctx.now, self.probe_kind(), id)?
        } else {
            None
        };
        Ok(anothers.map_or(Verdict::Probe, |at| Verdict::Later(Refusal::Away, at)))
    }

    fn grant(&mut self, request: &PermitRequest, token: String) -> Permit {
        let (state, now) = (&mut self.state, self.ctx.now);
        state.budget.spend(now, request.cost);
        state.reserved.granted(now, request);
        state.permit_sequence += request.cost;
        let (left, limit) = state.budget.left(now);
        let confirm = state.breaker.is_in_doubt() || state.budget.is_shared(now);
        Permit::Granted(Grant { token, left, limit, number: state.permit_sequence, confirm })
    }

    /// Whether the same item may be read once more.
    fn may_view(&mut self, request: &PermitRequest) -> bool {
        let (viewed, now) = (&mut self.state.viewed, self.ctx.now);
        if self.state.reserved.holds(now, &request.id) {
            return true;
        }
        viewed.retain(|(_, at)| *at > now - MINUTE);
        let most = if request.priority == Priority::File { MAX_OPENINGS_PER_FILE } else { MAX_VIEWS_PER_ITEM };
        let often = viewed.iter().filter(|(other, _)| *other == request.id).count() >= most;
        if often || viewed.len() >= MAX_ITEMS_VIEWED {
            return false;
        }
        viewed.push((request.id.clone(), now));
        true
    }
}
