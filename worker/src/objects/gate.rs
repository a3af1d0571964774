//! An object as a Gate: it hands out turns, and for Help Scout it fetches the token.

use hotline::effect::{Ask, GateName, Report, Told, Turn};
use hotline::gate::{self, Reply};
use hotline::store::Stored;

use super::shell::Shell;
use crate::clock::now;
use crate::{log, outside, settings};

impl Shell {
    /// A turn; `None` when it could not be stored, or the configuration is wrong.
    pub(super) async fn turn(&self, name: &GateName, ask: &Ask) -> Option<Turn> {
        let config = settings::read(&self.env).ok()?;
        let once = || gate::ask(&self.store, &config, name, ask, now()).ok();
        gate::create_tables(&self.store).ok()?;
        let request = match once()? {
            Reply::Turn(turn) => return Some(turn),
            Reply::Fetch(request) => request,
        };
        let outcome = outside::send(&config, &request, "").await;
        if let Some(later) = gate::take_token(&self.store, &outcome, now()).ok()? {
            log::line("helpscout.token.refused", &[]);
            return Some(later);
        }
        match once()? {
            Reply::Turn(turn) => Some(turn),
            // Another asker's report voided the token in between: the asker comes again.
            Reply::Fetch(_) => Some(Turn::At(now())),
        }
    }

    pub(super) fn report(&self, report: &Report) -> Stored<Told> {
        gate::create_tables(&self.store)?;
        gate::report(&self.store, report, now()).map(|()| Told::Done)
    }
}
