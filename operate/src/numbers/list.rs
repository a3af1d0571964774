//! The account's numbers, and whether each points here.

use hotline::config::Hotline;
use serde_json::{Value, json};

use crate::apply::{differences, number_settings};
use crate::failure::Outcome;
use crate::output::Output;
use crate::project::Project;
use crate::twilio::{Host, Twilio};

pub(super) fn list(twilio: &Twilio, project: &Project, out: Output) -> Outcome {
    let rows =
        twilio.list(Host::Account, "IncomingPhoneNumbers.json", "incoming_phone_numbers", &[])?.unwrap_or_default();
    let numbers: Vec<_> = rows.iter().map(|row| shown(row, project)).collect();
    if numbers.is_empty() {
        out.say("The account has no numbers. `cargo xtask numbers search` shows what is for sale.");
    }
    for it in &numbers {
        let hotline = it["hotline"].as_str().unwrap_or("no hotline");
        let points = if it["points_here"] == true { "points here" } else { "does not point here" };
        out.say(&format!("{}  {hotline}  {points}", it["number"].as_str().unwrap_or_default()));
    }
    out.document(&json!({"format": 1, "numbers": numbers}));
    Ok(())
}

fn shown(row: &Value, project: &Project) -> Value {
    let hotlines = &project.config.hotlines;
    let hotline =
        hotlines.iter().find(|hotline| hotline.numbers.iter().any(|number| row["phone_number"] == number.as_str()));
    let can = |what: &str| row["capabilities"][what] == true;
    let url = &project.config.public_url;
    let points_here = hotline.is_some_and(|hotline| differences(row, &number_settings(url, hotline)).is_empty());
    json!({
        "number": row["phone_number"], "sid": row["sid"], "name": row["friendly_name"],
        "hotline": hotline.map(Hotline::api_name),
        "capabilities": {"sms": can("sms"), "mms": can("mms"), "voice": can("voice")}, "points_here": points_here,
    })
}
