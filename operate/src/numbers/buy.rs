//! Buys a number. The price is shown before, and a limit is kept whatever the person answers.

use hotline::domain::numbering;
use serde_json::{Value, json};

use super::owned;
use super::search::{Monthly, for_sale, price};
use crate::apply::{differences, form, number_settings};
use crate::cli::{Buy, Kind};
use crate::confirm;
use crate::failure::{Failure, Outcome};
use crate::interrupt;
use crate::output::Output;
use crate::project::Project;
use crate::toll_free;
use crate::twilio::{Host, Twilio, Written};

pub(super) fn buy(twilio: &Twilio, project: &Project, out: Output, args: &Buy) -> Outcome {
    let hotline = args.hotline.as_deref().map(|name| project.hotline(name)).transpose()?;
    let number = match &args.number {
        Some(number) => number.as_str().to_owned(),
        None => first_for_sale(twilio, args)?,
    };
    if owned(twilio, &number)?.is_some() {
        out.say(&format!("{number} is already yours."));
        out.document(&json!({"format": 1, "bought": null, "already": true}));
        return Ok(());
    }
    let price = price_of(twilio, &number, args)?;
    let cost = price
        .as_ref()
        .map_or_else(|| "at a price that Twilio does not say".to_owned(), |it| format!("for {}", it.words()));
    refuse_above(args, price.as_ref())?;
    out.say(&format!("{number} {cost}"));
    confirm::yes_or_no("Buy it?", args.yes)?;
    let mut fields = vec![("PhoneNumber".to_owned(), number.clone())];
    if let Some(hotline) = hotline {
        fields.extend(form(&differences(&Value::Null, &number_settings(&project.config.public_url, hotline))));
    }
    let sid = interrupt::held_off(|| order(twilio, &number, fields))?;
    out.say(&format!("Bought. Add it to wrangler.toml:\n  numbers = [\"{number}\"]"));
    let price = price.as_ref().map(Monthly::json);
    out.document(&json!({"format": 1, "bought": {"number": number, "sid": sid, "price": price}, "already": false}));
    Ok(())
}

/// The first that the flags find.
fn first_for_sale(twilio: &Twilio, args: &Buy) -> Outcome<String> {
    let found = for_sale(twilio, &args.search)?;
    let first = found.first().and_then(|it| it["phone_number"].as_str());
    first.map(str::to_owned).ok_or_else(|| Failure::new("none_for_sale", "no number for sale fits; nothing was bought"))
}

/// A number that was named says by itself where it is; its kind is what the flags say, or toll-free by its digits.
fn price_of(twilio: &Twilio, number: &str, args: &Buy) -> Outcome<Option<Monthly>> {
    let of_number = args.number.as_ref().and_then(numbering::country);
    let country = of_number.unwrap_or(&args.search.country);
    let kind = if toll_free::is(number) { Kind::TollFree } else { args.search.kind };
    price(twilio, country, kind)
}

fn refuse_above(args: &Buy, price: Option<&Monthly>) -> Outcome {
    let Some(most) = args.max_price else { return Ok(()) };
    match price {
        None => {
            let message = "Twilio does not say what it costs, so --max-price cannot be kept; nothing was bought";
            Err(Failure::new("price_unknown", message).about("--max-price"))
        }
        Some(price) if price.amount > most => {
            let message = format!("it costs {}, above --max-price {most}; nothing was bought", price.words());
            Err(Failure::new("price_too_high", message).about("--max-price"))
        }
        Some(_) => Ok(()),
    }
}

/// The order. When its answer is lost, the account's numbers say whether it was taken.
fn order(twilio: &Twilio, number: &str, fields: Vec<(String, String)>) -> Outcome<Value> {
    match twilio.post(Host::Account, "IncomingPhoneNumbers.json", fields)? {
        Written::Done(bought) => Ok(bought["sid"].clone()),
        Written::Refused { code, message, .. } => {
            Err(Failure::new("not_sold", format!("Twilio does not sell {number}: error {code}, {message}")))
        }
        Written::Unknown(reason) => owned(twilio, number)?.map(|it| it["sid"].clone()).ok_or_else(|| {
            let message =
                format!("there was no answer to the order ({reason}), and {number} is not in the account; try again");
            Failure::new("no_answer", message)
        }),
    }
}
