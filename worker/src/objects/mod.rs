//! The Durable Objects. For wrangler there are three classes, each with storage of its own; in Rust they are one, which
//! its letters tell what it is: every class of its own would add 10 KB of glue to the Worker.

mod gate;
pub mod letters;
mod machine;
mod shell;

use std::rc::Rc;

use worker::{DurableObject, Env, Request, Response, State, durable_object};

use letters::Letter;
use machine::Identity;
pub use machine::News;
use shell::Shell;

/// Any of our objects.
#[durable_object]
pub struct Durable {
    shell: Rc<Shell>,
}

impl DurableObject for Durable {
    fn new(state: State, env: Env) -> Self {
        Self { shell: Shell::new(state, env) }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let letter = hotline::wire::read(&request.text().await?);
        let answer = match letter.ok_or_else(|| worker::Error::from("unreadable letter"))? {
            Letter::Contact { mailbox, contact, message } => {
                self.shell.hear(Identity { mailbox, contact: Some(contact) }, News::ForContact(message)).await?
            }
            Letter::Hotline { mailbox, message } => {
                self.shell.hear(Identity { mailbox, contact: None }, News::ForHotline(message)).await?
            }
            Letter::Health { mailbox } => self.shell.health(Identity { mailbox, contact: None })?,
            Letter::Ask(name, ask) => hotline::wire::write(&self.shell.ask(&name, &ask).await?),
            Letter::Report(report) => self.shell.report(&report)?,
        };
        Response::ok(answer)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.shell.alarm().await?;
        Response::empty()
    }
}
