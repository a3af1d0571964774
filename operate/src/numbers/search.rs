//! Numbers for sale, each with its price a month.

use serde_json::{Value, json};

use crate::cli::{Kind, Search};
use crate::failure::{Failure, Outcome};
use crate::output::Output;
use crate::price::Price;
use crate::twilio::{Host, Twilio};

impl Kind {
    /// As paths have it.
    fn path(self) -> &'static str {
        match self {
            Self::Local => "Local",
            Self::TollFree => "TollFree",
            Self::Mobile => "Mobile",
        }
    }

    /// As these commands have it.
    fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::TollFree => "toll_free",
            Self::Mobile => "mobile",
        }
    }

    /// As the list of prices has it.
    fn in_prices(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::TollFree => "toll free",
            Self::Mobile => "mobile",
        }
    }
}

/// A price a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Monthly {
    pub(super) amount: Price,
    currency: String,
}

impl Monthly {
    pub(super) fn json(&self) -> Value {
        json!({"amount": self.amount.to_string(), "currency": self.currency})
    }

    pub(super) fn words(&self) -> String {
        format!("{} {} a month", self.amount, self.currency)
    }
}

pub(super) fn search(twilio: &Twilio, out: Output, args: &Search) -> Outcome {
    let found = for_sale(twilio, args)?;
    let price = price(twilio, &args.country, args.kind)?;
    let cost = price.as_ref().map_or_else(|| "price unknown".to_owned(), Monthly::words);
    if found.is_empty() {
        out.say("No number fits. Look for another area, or leave out --sms, --mms, --voice or --contains.");
    }
    for it in &found {
        let place: Vec<_> = ["locality", "region"].iter().filter_map(|field| it[field].as_str()).collect();
        let can: Vec<_> = ["sms", "mms", "voice"].into_iter().filter(|what| it["capabilities"][what] == true).collect();
        out.say(&format!("{}  {}  {}  {cost}", text(&it["phone_number"]), place.join(", "), can.join(" ")));
    }
    let numbers: Vec<_> = found.iter().map(|it| shown(it, args.kind, price.as_ref())).collect();
    out.document(&json!({"format": 1, "numbers": numbers}));
    Ok(())
}

/// What Twilio offers, at most `limit`.
pub(super) fn for_sale(twilio: &Twilio, args: &Search) -> Outcome<Vec<Value>> {
    let mut query = vec![];
    query.extend(args.area.as_deref().map(|area| ("AreaCode", area)));
    query.extend(args.contains.as_deref().map(|pattern| ("Contains", pattern)));
    for (wanted, name) in [(args.sms, "SmsEnabled"), (args.mms, "MmsEnabled"), (args.voice, "VoiceEnabled")] {
        query.extend(wanted.then_some((name, "true")));
    }
    let path = format!("AvailablePhoneNumbers/{}/{}.json", args.country, args.kind.path());
    let found = twilio.list(Host::Account, &path, "available_phone_numbers", &query)?.ok_or_else(|| {
        let message = format!("Twilio has no numbers of type {} in {}", args.kind.word(), args.country);
        Failure::new("type_not_sold", message).about("--type")
    })?;
    Ok(found.into_iter().take(usize::from(args.limit)).collect())
}

/// What a number of this kind costs; `None` when Twilio does not say, or its list of prices must not be asked.
pub(super) fn price(twilio: &Twilio, country: &str, kind: Kind) -> Outcome<Option<Monthly>> {
    if !twilio.may_ask(Host::Pricing) {
        return Ok(None);
    }
    let Some(prices) = twilio.read(Host::Pricing, &format!("v1/PhoneNumbers/Countries/{country}"))? else {
        return Ok(None);
    };
    let mut rows = prices["phone_number_prices"].as_array().into_iter().flatten();
    let row = rows.find(|it| it["number_type"] == kind.in_prices());
    let amount = row.and_then(|it| Price::parse(it["current_price"].as_str()?).ok());
    Ok(amount.map(|amount| Monthly { amount, currency: text(&prices["price_unit"]).to_owned() }))
}

fn shown(it: &Value, kind: Kind, price: Option<&Monthly>) -> Value {
    let can = |what: &str| it["capabilities"][what] == true;
    json!({
        "number": it["phone_number"], "place": it["locality"], "region": it["region"], "country": it["iso_country"],
        "type": kind.word(), "capabilities": {"sms": can("sms"), "mms": can("mms"), "voice": can("voice")},
        "price": price.map(Monthly::json),
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
