mod properties;
mod sender;
mod story;
mod timing;

use serde_json::{Value, json};

use super::Decision;
use crate::domain::time::timestamp;
use story::{Story, hotline};

/// Judges stories by a hotline: a sender, `refuse` and a rule, or `hold`, a rule and until when.
fn judge(different: Value, cases: &[(&str, &str)]) {
    let hotline = hotline(different);
    for (words, expected) in cases {
        let decision = Story::read(words).decide(&hotline);
        let rule = decision.rule().map_or("", |rule| rule.code());
        let found = match &decision {
            Decision::Send { sender } => sender.clone(),
            Decision::Refuse { .. } => ["refuse ", rule].concat(),
            Decision::Hold { until: Some(until), .. } => format!("hold {rule} {}", timestamp(*until)),
            Decision::Hold { until: None, .. } => ["hold ", rule].concat(),
        };
        assert_eq!(found, *expected, "{words}: {decision:?}");
        assert!(decision.detail().ends_with('.'), "{decision:?}");
    }
}

const FIRST: &str = "+15550100001";
const SECOND: &str = "+15550100002";
const WHATSAPP: &str = "whatsapp:+15550100009";

#[test]
fn a_number_must_be_one_that_may_be_sent_to() {
    judge(
        json!({}),
        &[
            ("", FIRST),
            ("to=12125550123", "refuse number_invalid"),
            ("to=2125550123", "refuse number_invalid"),
            ("to=+1-212-555-0123", "refuse number_invalid"),
            ("to=whatsapp:+12125550123", "refuse number_invalid"),
            ("to=", "refuse number_invalid"),
            ("to=ACME", "refuse number_invalid"),
            ("to=+1212555012", "refuse number_invalid"),
            ("to=+121255501234", "refuse number_invalid"),
            ("to=+11125550123", "refuse number_invalid"),
            // ANONYMOUS, on a keypad.
            ("to=+266696687", "refuse number_invalid"),
            ("to=+15550100002", "refuse number_invalid"),
            ("to=+15550100009", "refuse number_invalid"),
            ("to=+14165550123", FIRST),
            ("to=+447700900123", FIRST),
            ("to=+33612345678", "refuse country_not_allowed"),
            ("to=+18765550123", "refuse country_not_allowed"),
            ("to=+882161234567", "refuse country_not_allowed"),
            ("to=+80012345678", "refuse country_not_allowed"),
            ("to=+19005550123", "refuse number_premium"),
            ("to=+447012345678", "refuse number_premium"),
        ],
    );
    judge(json!({"send_countries": []}), &[("", FIRST), ("to=+14165550123", "refuse country_not_allowed")]);
    judge(json!({"send_countries": null, "region": null}), &[("", "refuse country_not_allowed")]);
}

#[test]
fn who_opted_out_is_sent_to_only_from_where_they_came_back() {
    judge(
        json!({}),
        &[
            ("stop", "refuse opted_out"),
            ("stop start=+15550100002", SECOND),
            ("stop start=+15550100002 known=+15550100001", SECOND),
            ("stop start=+15550100002 paused=+15550100002", "hold no_sender"),
            ("stop start=+15550100003", "refuse opted_out"),
            ("stop start=+15550100002 whatsapp template", "refuse opted_out"),
            ("stop start=whatsapp:+15550100009 whatsapp template", WHATSAPP),
            ("to=+12125550666", "refuse blocked"),
        ],
    );
}

#[test]
fn a_promotion_needs_consent_and_nothing_is_sent_against_it() {
    judge(
        json!({}),
        &[
            ("class=promotion", "refuse consent_missing"),
            ("class=promotion granted", FIRST),
            ("class=promotion withdrawn", "refuse consent_withdrawn"),
            ("class=service withdrawn", "refuse consent_withdrawn"),
            ("class=alert withdrawn", "refuse consent_withdrawn"),
            ("class=alert", FIRST),
        ],
    );
}

#[test]
fn of_two_rules_that_say_no_the_first_decides() {
    let night = "now=2026-11-21T03:00:00Z";
    let cases = [
        ("to=+33612345678 stop", "refuse country_not_allowed"),
        ("to=+447012345678 stop", "refuse number_premium"),
        ("to=+12125550666 stop", "refuse opted_out"),
        ("to=+12125550666 withdrawn", "refuse blocked"),
        ("withdrawn expires_at=2026-11-20T00:00:00Z", "refuse consent_withdrawn"),
        ("expires_at=2026-11-20T00:00:00Z send_at=2026-11-22T00:00:00Z", "refuse expired"),
        ("send_at=2026-11-22T00:00:00Z", "hold send_at 2026-11-22T00:00:00Z"),
        ("class=promotion granted left=2026-11-20T17:00:00Z", "hold quiet_hours 2026-11-21T13:00:00Z"),
        ("whatsapp", "hold quiet_hours 2026-11-21T13:00:00Z"),
        ("paused=+15550100001 paused=+15550100002", "hold quiet_hours 2026-11-21T13:00:00Z"),
    ];
    let cases = cases.map(|(words, expected)| ([words, " ", night].concat(), expected));
    let cases: Vec<(&str, &str)> = cases.iter().map(|(words, expected)| (words.as_str(), *expected)).collect();
    judge(json!({}), &cases);
    let capped = "class=alert left=2026-11-20T14:00:00Z left=2026-11-20T15:00:00Z left=2026-11-20T16:00:00Z";
    judge(json!({}), &[([capped, " whatsapp"].concat().as_str(), "hold frequency_cap 2026-11-21T14:00:00Z")]);
    judge(json!({"whatsapp": null}), &[("whatsapp", "refuse whatsapp_window")]);
}
