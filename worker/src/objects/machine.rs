//! What differs between the objects that [`super::host::ObjectHost`] runs: their tables and their rules.

use hotline::api_key::{self, ApiKey};
use hotline::audience::{self, Audience};
use hotline::call::{self, Call};
use hotline::config::{Config, Hotline};
use hotline::contact::StepContext;
use hotline::contact::{self, Contact};
use hotline::directory::{self, Directory};
use hotline::domain::phone::Party;
use hotline::effects::{Effect, Input, Millis, ObjectReply};
use hotline::endpoint::{self, Endpoint};
use hotline::monitor::{self, Monitor};
use hotline::participant::{self, Participant};
use hotline::rate_limiter::{self, RateLimiter};
use hotline::storage::{Store, Stored};
use hotline::verification_limit::{self, VerificationLimit};

use super::requests::Address;

/// Where a step takes place.
pub struct Step<'a> {
    pub store: &'a dyn Store,
    pub config: &'a Config,
    pub to: &'a Address,
    pub now: Millis,
    /// Whether a sidebar is open.
    pub watched: bool,
}

impl<'a> Step<'a> {
    /// For the object of a person or of a call.
    fn context(&self) -> Result<StepContext<'a>, String> {
        let Self { store, config, now, watched, .. } = *self;
        Ok(StepContext { store, config, hotline: self.hotline()?, now, watched })
    }

    /// A hotline that is no longer configured keeps its jobs, and goes on when it is configured again.
    fn hotline(&self) -> Result<&'a Hotline, String> {
        self.config.by_mailbox(self.to.mailbox).ok_or_else(|| "this object's hotline is not configured".to_owned())
    }
}

/// The rules of one kind of object, and what it has under way in memory.
pub trait Machine: Default + 'static {
    /// What is said to it.
    type Message;

    /// The word for this kind in the row that says who an object is.
    const KIND: &'static str;

    /// Brings its tables to this release's version.
    fn migrate(store: &dyn Store) -> Stored<()>;

    /// Whether an alarm of the object has anything to do.
    fn has_work(store: &dyn Store) -> Stored<bool>;

    /// One step, whole or not at all.
    fn step(&mut self, step: Step, input: Input<Self::Message>) -> Result<(ObjectReply, Vec<Effect>), String>;
}

impl Machine for Contact {
    type Message = contact::Message;

    const KIND: &'static str = "contact";

    fn migrate(store: &dyn Store) -> Stored<()> {
        contact::migrate(store)
    }

    fn has_work(store: &dyn Store) -> Stored<bool> {
        contact::has_work(store)
    }

    fn step(&mut self, step: Step, input: Input<contact::Message>) -> Result<(ObjectReply, Vec<Effect>), String> {
        let party = Party::from_key(&step.to.name).ok_or("this object's name is no person")?;
        let ctx = step.context()?;
        self.step(&ctx, &party, input).map_err(|error| error.to_string())
    }
}

impl Machine for Call {
    type Message = call::Message;

    const KIND: &'static str = "call";

    fn migrate(store: &dyn Store) -> Stored<()> {
        call::migrate(store)
    }

    fn has_work(store: &dyn Store) -> Stored<bool> {
        call::has_work(store)
    }

    fn step(&mut self, step: Step, input: Input<call::Message>) -> Result<(ObjectReply, Vec<Effect>), String> {
        let ctx = step.context()?;
        self.step(&ctx, &step.to.name, input).map_err(|error| error.to_string())
    }
}

impl Machine for ApiKey {
    type Message = api_key::Message;

    const KIND: &'static str = "api_key";

    fn migrate(store: &dyn Store) -> Stored<()> {
        api_key::migrate(store)
    }

    fn has_work(store: &dyn Store) -> Stored<bool> {
        api_key::has_work(store)
    }

    fn step(&mut self, step: Step, input: Input<api_key::Message>) -> Result<(ObjectReply, Vec<Effect>), String> {
        let ctx = api_key::StepContext { store: step.store, now: step.now };
        self.step(&ctx, input).map_err(|error| error.to_string())
    }
}

impl Machine for Audience {
    type Message = audience::Message;

    const KIND: &'static str = "audience";

    fn migrate(store: &dyn Store) -> Stored<()> {
        audience::migrate(store)
    }

    fn has_work(store: &dyn Store) -> Stored<bool> {
        audience::has_work(store)
    }

    fn step(&mut self, step: Step, input: Input<audience::Message>) -> Result<(ObjectReply, Vec<Effect>), String> {
        let part = step.to.name.parse().map_err(|_| "this object's name is no part")?;
        let ctx = audience::StepContext { store: step.store, mailbox: step.to.mailbox, part, now: step.now };
        self.step(&ctx, input).map_err(|error| error.to_string())
    }
}

impl Machine for Endpoint {
    type Message = endpoint::Message;

    const KIND: &'static str = "endpoint";

    fn migrate(store: &dyn Store) -> Stored<()> {
        endpoint::migrate(store)
    }

    fn has_work(store: &dyn Store) -> Stored<bool> {
        endpoint::has_work(store)
    }

    fn step(&mut self, step: Step, input: Input<endpoint::Message>) -> Result<(ObjectReply, Vec<Effect>), String> {
        let Step { store, config, to, now, .. } = step;
        let ctx = endpoint::StepContext { store, config, name: &to.name, now };
        self.step(&ctx, input).map_err(|error| error.to_string())
    }
}

impl Machine for Participant {
    type Message = participant::Message;

    const KIND: &'static str = "participant";

    fn migrate(store: &dyn Store) -> Stored<()> {
        participant::migrate(store)
    }

    fn has_work(store: &dyn Store) -> Stored<bool> {
        participant::has_work(store)
    }

    fn step(&mut self, step: Step, input: Input<participant::Message>) -> Result<(ObjectReply, Vec<Effect>), String> {
        let Step { store, config, to, now, .. } = step;
        let number = participant::StepContext::number_of(&to.name);
        match participant::StepContext::find(store, config, &to.name, &number, now) {
            Some(ctx) => self.step(&ctx, input).map_err(|error| error.to_string()),
            // The pool's table is wrong, or gone for a while: nothing is lost until it is back.
            None => Ok((ObjectReply::Later(POOL_AWAITED), vec![Effect::Wake(now + POOL_AWAITED)])),
        }
    }
}

/// How soon an object looks again whose pool is not in the configuration.
const POOL_AWAITED: Millis = 600_000;

impl Machine for Monitor {
    type Message = monitor::Message;

    const KIND: &'static str = "monitor";

    fn migrate(store: &dyn Store) -> Stored<()> {
        monitor::migrate(store)
    }

    fn has_work(store: &dyn Store) -> Stored<bool> {
        monitor::has_work(store)
    }

    fn step(&mut self, step: Step, input: Input<monitor::Message>) -> Result<(ObjectReply, Vec<Effect>), String> {
        let Step { store, config, now, .. } = step;
        self.step(&monitor::StepContext { store, config, now }, input).map_err(|error| error.to_string())
    }
}

impl Machine for VerificationLimit {
    type Message = verification_limit::Message;

    const KIND: &'static str = "verification_limit";

    fn migrate(store: &dyn Store) -> Stored<()> {
        verification_limit::migrate(store)
    }

    fn has_work(store: &dyn Store) -> Stored<bool> {
        verification_limit::has_work(store)
    }

    fn step(
        &mut self,
        step: Step,
        input: Input<verification_limit::Message>,
    ) -> Result<(ObjectReply, Vec<Effect>), String> {
        let ctx = verification_limit::StepContext { store: step.store, now: step.now };
        self.step(&ctx, input).map_err(|error| error.to_string())
    }
}

impl Machine for Directory {
    type Message = directory::Message;

    const KIND: &'static str = "hotline";

    fn migrate(store: &dyn Store) -> Stored<()> {
        directory::migrate(store)
    }

    fn has_work(store: &dyn Store) -> Stored<bool> {
        directory::has_work(store)
    }

    fn step(&mut self, step: Step, input: Input<directory::Message>) -> Result<(ObjectReply, Vec<Effect>), String> {
        // While the hotline's table is wrong its events are kept here, and tried again until it is mended.
        let refused = step.config.refused_by_mailbox(step.to.mailbox).map(|refused| &refused.hotline);
        let hotline = step.config.by_mailbox(step.to.mailbox).or(refused);
        let ctx = directory::StepContext { store: step.store, config: step.config, hotline, now: step.now };
        self.step(&ctx, input).map_err(|error| error.to_string())
    }
}

impl Machine for RateLimiter {
    type Message = rate_limiter::Message;

    const KIND: &'static str = "rate_limiter";

    fn migrate(store: &dyn Store) -> Stored<()> {
        rate_limiter::migrate(store)
    }

    fn has_work(store: &dyn Store) -> Stored<bool> {
        rate_limiter::has_work(store)
    }

    fn step(&mut self, step: Step, input: Input<rate_limiter::Message>) -> Result<(ObjectReply, Vec<Effect>), String> {
        let ctx = rate_limiter::StepContext { store: step.store, config: step.config, now: step.now };
        self.step(&ctx, input).map_err(|error| error.to_string())
    }
}
