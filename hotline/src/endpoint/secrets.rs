//! The secrets of an endpoint: the newest one, and for a day those that it follows.

use serde::{Deserialize, Serialize};

use super::StepContext;
use crate::domain::webhook_secret::WebhookSecret;
use crate::effects::Millis;

/// How long a secret signs beside the one that follows it: 24 hours.
const OVERLAP: Millis = 86_400_000;

/// The most that sign at once, so that whoever rotates without end makes no header without end.
const MOST: usize = 5;

/// The secrets, the newest last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Secrets(Vec<Made>);

/// From what a secret is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    number: u32,
    at: Millis,
    /// By which it is known again.
    check: String,
    /// Until when it signs; `None` for the newest.
    #[serde(default)]
    until: Option<Millis>,
}

impl Made {
    fn new(ctx: &StepContext, number: u32) -> Self {
        let mut made = Self { number, at: ctx.now, check: String::new(), until: None };
        made.check = made.secret(ctx).check();
        made
    }

    fn secret(&self, ctx: &StepContext) -> WebhookSecret {
        WebhookSecret::of(ctx.config.secrets.session_secret.expose(), ctx.name, self.number, self.at)
    }

    /// `None` when the deployment's own secret is another one since.
    fn known(&self, ctx: &StepContext) -> Option<WebhookSecret> {
        Some(self.secret(ctx)).filter(|secret| secret.check() == self.check)
    }
}

impl Secrets {
    pub fn new(ctx: &StepContext) -> Self {
        Self(vec![Made::new(ctx, 1)])
    }

    /// The newest, as its program is shown it once.
    pub fn newest(&self, ctx: &StepContext) -> Option<String> {
        Some(self.0.last()?.known(ctx)?.shown())
    }

    /// A further one; those before sign beside it for a day.
    pub fn rotate(&mut self, ctx: &StepContext) {
        self.0.retain(|made| made.until.is_none_or(|until| until > ctx.now) && made.known(ctx).is_some());
        let number = self.0.last().map_or(1, |made| made.number + 1);
        for made in &mut self.0 {
            made.until.get_or_insert(ctx.now + OVERLAP);
        }
        self.0.push(Made::new(ctx, number));
        self.0.drain(..self.0.len().saturating_sub(MOST));
    }

    /// The signatures of a body; `None` when the newest secret cannot be made any more.
    pub fn sign(&self, ctx: &StepContext, id: &str, body: &str) -> Option<String> {
        let timestamp = ctx.now / 1_000;
        let newest = self.0.last()?.known(ctx)?;
        let older = self.0.iter().filter(|made| made.until.is_some_and(|until| until > ctx.now));
        let older = older.filter_map(|made| made.known(ctx));
        let signatures = std::iter::once(newest).chain(older).map(|secret| secret.sign(id, timestamp, body));
        Some(signatures.collect::<Vec<_>>().join(" "))
    }
}
