//! Carries out a plan, one request for each resource. One that fails is told, the others go on.

use std::collections::BTreeMap;

use hotline::config::Hotline;
use serde_json::{Value, json};

use super::change::{Change, Resource, Status};
use super::webhook::Webhook;
use super::{state::TwilioState, wanted};
use crate::failure::{Failure, Outcome};
use crate::helpscout::HelpScout;
use crate::interrupt;
use crate::output::Output;
use crate::project::Project;
use crate::twilio::{Host, Twilio, Written};

/// What a write came to.
enum Done {
    Yes,
    No(String),
    /// There was no answer; what is there now says it.
    Unknown(String),
}

/// Both services, and Help Scout's webhook as it was read.
pub struct Services<'a> {
    pub project: &'a Project,
    pub twilio: &'a Twilio<'a>,
    pub helpscout: Option<(&'a HelpScout<'a>, &'a Webhook)>,
}

impl Services<'_> {
    /// Makes each change that is planned, in order, and reads back what is there then.
    pub fn carry_out(&self, changes: &mut [Change], hotlines: &[&Hotline], out: Output) -> Outcome {
        let mut lost = BTreeMap::new();
        for (at, change) in changes.iter_mut().enumerate() {
            if interrupt::requested() {
                change.status = Status::Skipped;
                continue;
            }
            change.status = match interrupt::held_off(|| self.write(change))? {
                Done::Yes => Status::Done,
                Done::No(reason) => Status::Failed(reason),
                Done::Unknown(reason) => {
                    out.say(&format!("no answer: {}; what is there now will say it", named(change)));
                    change.status = Status::Done;
                    lost.insert(at, reason);
                    continue;
                }
            };
            out.say(&line(change));
        }
        // All are read back: an answer of 200 does not say that every field was taken.
        let still = self.still_different(hotlines)?;
        for (at, change) in changes.iter_mut().enumerate().filter(|(_, change)| change.status == Status::Done) {
            let differs = still.iter().any(|it| it.resource == change.resource && it.name == change.name);
            let lost = lost.get(&at);
            if differs {
                change.status = Status::Failed(lost.map_or_else(
                    || "it was answered, and reads as before".to_owned(),
                    |reason| format!("there was no answer ({reason}), and it reads as before; run this again"),
                ));
            }
            if differs || lost.is_some() {
                out.say(&line(change));
            }
        }
        Ok(())
    }

    fn still_different(&self, hotlines: &[&Hotline]) -> Outcome<Vec<Change>> {
        let twilio = TwilioState::read(self.twilio, hotlines)?;
        let mut still = Vec::new();
        for hotline in hotlines {
            still.extend(twilio.changes(&self.project.config.public_url, hotline)?);
        }
        if let Some((helpscout, _)) = self.helpscout {
            still.extend(Webhook::read(helpscout, self.project, false)?.change());
        }
        Ok(still)
    }

    fn write(&self, change: &Change) -> Outcome<Done> {
        let sid = change.sid.as_deref().unwrap_or_default();
        let form = wanted::form(&change.fields);
        let written = match change.resource {
            Resource::HelpScoutWebhook => {
                let (helpscout, webhook) =
                    self.helpscout.ok_or_else(|| Failure::new("internal", "no webhook was read"))?;
                return Ok(match webhook.write(helpscout) {
                    Ok(true) => Done::Yes,
                    Ok(false) => Done::Unknown("Help Scout".to_owned()),
                    Err(reason) => Done::No(reason),
                });
            }
            Resource::MessagingService => self.twilio.post(Host::Messaging, &format!("v1/Services/{sid}"), form),
            Resource::MessagingServiceNumber => {
                self.twilio.post(Host::Messaging, &format!("v1/Services/{sid}/PhoneNumbers"), form)
            }
            Resource::WhatsAppSender => {
                let webhook: serde_json::Map<String, Value> =
                    form.into_iter().map(|(name, value)| (name, value.into())).collect();
                self.twilio.post_json(
                    Host::Messaging,
                    &format!("v2/Channels/Senders/{sid}"),
                    json!({"webhook": webhook}),
                )
            }
            Resource::Number => self.twilio.post(Host::Account, &format!("IncomingPhoneNumbers/{sid}.json"), form),
        };
        Ok(match written? {
            Written::Done(_) => Done::Yes,
            Written::Refused { status, code, message } => {
                Done::No(format!("Twilio answered {status}, error {code}: {message}"))
            }
            Written::Unknown(reason) => Done::Unknown(reason),
        })
    }
}

fn named(change: &Change) -> String {
    format!("{} {}", change.resource.as_str(), change.name)
}

fn line(change: &Change) -> String {
    let what = named(change);
    match &change.status {
        Status::Failed(reason) => format!("failed: {what}: {reason}"),
        _ => format!("done: {what}"),
    }
}
