//! One for each scarce outside resource: hands out its turns, and for Help Scout fetches the token.

use hotline::effect::{Ask, GateName, Turn};
use hotline::gate::{self, Reply};
use hotline::store::StoreError;
use worker::{DurableObject, Env, Error, Request, Response, State, durable_object};

use super::letters::ToGate;
use crate::clock::now;
use crate::outside;
use crate::settings;
use crate::store::SqlStore;

/// A Gate.
#[durable_object]
pub struct Gate {
    env: Env,
    store: SqlStore,
}

impl DurableObject for Gate {
    fn new(state: State, env: Env) -> Self {
        Self { env, store: SqlStore::new(&state.storage()) }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let letter: ToGate = request.json().await?;
        gate::create_tables(&self.store).map_err(failed)?;
        match letter {
            ToGate::Ask(name, ask) => Response::from_json(&self.ask(&name, &ask).await?),
            ToGate::Report(report) => {
                gate::report(&self.store, &report, now()).map_err(failed)?;
                Response::from_json(&())
            }
        }
    }
}

impl Gate {
    async fn ask(&self, name: &GateName, ask: &Ask) -> worker::Result<Turn> {
        let config = settings::read(&self.env).map_err(|error| Error::RustError(error.field))?;
        let request = match gate::ask(&self.store, &config, name, ask, now()).map_err(failed)? {
            Reply::Turn(turn) => return Ok(turn),
            Reply::Fetch(request) => request,
        };
        let outcome = outside::send(&config, &request, "").await;
        if let Some(later) = gate::take_token(&self.store, &outcome, now()).map_err(failed)? {
            crate::log::line("helpscout.token.refused", &[]);
            return Ok(later);
        }
        match gate::ask(&self.store, &config, name, ask, now()).map_err(failed)? {
            Reply::Turn(turn) => Ok(turn),
            // Another asker's report voided the token in between: the asker comes again.
            Reply::Fetch(_) => Ok(Turn::At(now())),
        }
    }
}

fn failed(error: StoreError) -> Error {
    Error::RustError(error.to_string())
}
