//! An object as a RateLimiter: it hands out turns, and for Help Scout it fetches the token.

use hotline::effects::{ObjectReply, Permit, PermitRequest, RateLimiterName, Report};
use hotline::rate_limiter::{self, Reply};
use hotline::storage::Stored;

use super::host::ObjectHost;
use crate::clock::now;
use crate::{logging, outbound, settings};

impl ObjectHost {
    /// A turn; `None` when it could not be stored, or the configuration is wrong.
    pub(super) async fn permit(&self, name: &RateLimiterName, ask: &PermitRequest) -> Option<Permit> {
        let config = settings::read(&self.env).ok()?;
        let once = || rate_limiter::ask(&self.store, &config, name, ask, now()).ok();
        rate_limiter::migrate(&self.store).ok()?;
        let request = match once()? {
            Reply::Permit(turn) => return Some(turn),
            Reply::Fetch(request) => request,
        };
        let outcome = outbound::send(&config, &request, "").await;
        if let Some(later) = rate_limiter::take_token(&self.store, &outcome, now()).ok()? {
            logging::line("helpscout.token.refused", &[]);
            return Some(later);
        }
        match once()? {
            Reply::Permit(turn) => Some(turn),
            // Another asker's report voided the token in between: the asker comes again.
            Reply::Fetch(_) => Some(Permit::ReservedAt(now())),
        }
    }

    pub(super) fn report(&self, report: &Report) -> Stored<ObjectReply> {
        rate_limiter::migrate(&self.store)?;
        rate_limiter::report(&self.store, report, now()).map(|()| ObjectReply::Done)
    }
}
