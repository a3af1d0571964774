//! An object as a Gate: it hands out turns, and for Help Scout it fetches the token.

use hotline::effect::{Ask, GateName, Report, Told, Turn};
use hotline::gate::{self, Reply};
use hotline::store::StoreError;
use hotline::wire;
use worker::Error;

use super::shell::Shell;
use crate::clock::now;
use crate::{log, outside, settings};

impl Shell {
    pub(super) async fn ask(&self, name: &GateName, ask: &Ask) -> worker::Result<Turn> {
        let config = settings::read(&self.env).map_err(|error| Error::from(error.field))?;
        gate::create_tables(&self.store).map_err(failed)?;
        let request = match gate::ask(&self.store, &config, name, ask, now()).map_err(failed)? {
            Reply::Turn(turn) => return Ok(turn),
            Reply::Fetch(request) => request,
        };
        let outcome = outside::send(&config, &request, "").await;
        if let Some(later) = gate::take_token(&self.store, &outcome, now()).map_err(failed)? {
            log::line("helpscout.token.refused", &[]);
            return Ok(later);
        }
        match gate::ask(&self.store, &config, name, ask, now()).map_err(failed)? {
            Reply::Turn(turn) => Ok(turn),
            // Another asker's report voided the token in between: the asker comes again.
            Reply::Fetch(_) => Ok(Turn::At(now())),
        }
    }

    pub(super) fn report(&self, report: &Report) -> worker::Result<String> {
        gate::create_tables(&self.store).map_err(failed)?;
        gate::report(&self.store, report, now()).map_err(failed)?;
        Ok(wire::write(&Told::Done))
    }
}

fn failed(error: StoreError) -> Error {
    Error::from(error.to_string())
}
