//! Gives a number back. Twilio may sell it to anybody then, so it is typed anew.

use serde_json::json;

use super::owned;
use crate::cli::Release;
use crate::confirm;
use crate::failure::{Failure, Outcome};
use crate::interrupt;
use crate::output::Output;
use crate::project::Project;
use crate::twilio::{Host, Twilio, Written};

pub(super) fn release(twilio: &Twilio, project: &Project, out: Output, args: &Release) -> Outcome {
    let number = args.number.as_str();
    if let Some(hotline) = project.config.hotlines.iter().find(|hotline| hotline.owns(&args.number)) {
        let message =
            format!("{} still names {number}; take it out of wrangler.toml and deploy first", hotline.variable);
        return Err(Failure::new("number_in_use", message).about(&format!("{}.numbers", hotline.variable)));
    }
    let Some(there) = owned(twilio, number)? else {
        out.say(&format!("{number} is not in the account."));
        out.document(&json!({"format": 1, "released": null}));
        return Ok(());
    };
    let sid = there["sid"].as_str().unwrap_or_default();
    out.say(&format!("{number} ({sid}) goes back to Twilio. This cannot be undone."));
    confirm::typed(number, number, args.confirm.as_deref())?;
    let gone = interrupt::held_off(|| twilio.delete(Host::Account, &format!("IncomingPhoneNumbers/{sid}.json")))?;
    match gone {
        Written::Refused { code, message, .. } => {
            return Err(Failure::new("not_released", format!("Twilio keeps {number}: error {code}, {message}")));
        }
        Written::Unknown(reason) if owned(twilio, number)?.is_some() => {
            let message = format!("there was no answer ({reason}), and {number} is still in the account; try again");
            return Err(Failure::new("no_answer", message));
        }
        Written::Done(_) | Written::Unknown(_) => {}
    }
    out.say("Released.");
    out.document(&json!({"format": 1, "released": {"number": number, "sid": sid}}));
    Ok(())
}
