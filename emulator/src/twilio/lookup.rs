//! Lookup v2's free base fields (Twilio, Lookup v2 API). National parsing is kept to the United States and Great Britain.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

/// Numbering plan of a country.
struct Plan {
    calling_code: &'static str,
    country: &'static str,
    /// How many digits follow the calling code.
    lengths: RangeInclusive<usize>,
}

/// Lengths by the national numbering plans that the ITU lists (E.164).
const PLANS: [Plan; 7] = [
    Plan { calling_code: "1", country: "US", lengths: 10..=10 },
    Plan { calling_code: "44", country: "GB", lengths: 9..=10 },
    Plan { calling_code: "33", country: "FR", lengths: 9..=9 },
    Plan { calling_code: "34", country: "ES", lengths: 9..=9 },
    Plan { calling_code: "49", country: "DE", lengths: 6..=11 },
    Plan { calling_code: "52", country: "MX", lengths: 10..=10 },
    Plan { calling_code: "61", country: "AU", lengths: 9..=9 },
];

/// What Lookup answers to `GET /v2/PhoneNumbers/{typed}`: always 200, with `valid` false where it is no number.
pub(super) fn answer(typed: &str, country: &str) -> Value {
    let found = international(typed, country).and_then(|digits| understand(&digits));
    let (plan, national, error) = match found {
        Ok((plan, national)) => (Some(plan), national, None),
        Err(error) => (None, String::new(), Some(error)),
    };
    let number = plan.map_or_else(|| typed.to_owned(), |plan| format!("+{}{national}", plan.calling_code));
    json!({
        "calling_country_code": plan.map(|plan| plan.calling_code),
        "country_code": plan.map(|plan| plan.country),
        "phone_number": number,
        "national_format": plan.map(|plan| spaced(plan, &national)),
        "valid": error.is_none(),
        "validation_errors": error.into_iter().collect::<Vec<_>>(),
        "caller_name": null, "sim_swap": null, "call_forwarding": null, "line_status": null,
        "line_type_intelligence": null, "identity_match": null, "reassigned_number": null, "sms_pumping_risk": null,
        "phone_number_quality_score": null, "pre_fill": null,
        "url": format!("https://lookups.twilio.com/v2/PhoneNumbers/{number}"),
    })
}

fn understand(digits: &str) -> Result<(&'static Plan, String), &'static str> {
    let plan = PLANS.iter().find(|plan| digits.starts_with(plan.calling_code)).ok_or("INVALID_COUNTRY_CODE")?;
    let national = &digits[plan.calling_code.len()..];
    match national.len() {
        length if length < *plan.lengths.start() => Err("TOO_SHORT"),
        length if length > *plan.lengths.end() => Err("TOO_LONG"),
        // 555 is no area code; tests and development live there, so here it is a good one, whatever follows.
        _ if plan.country == "US" && !national.starts_with("555") && !north_american(national) => {
            Err("INVALID_BUT_POSSIBLE")
        }
        _ => Ok((plan, national.to_owned())),
    }
}

/// The digits from the calling code on.
fn international(typed: &str, country: &str) -> Result<String, &'static str> {
    if typed.chars().any(|character| !(character.is_ascii_digit() || "+-.() /".contains(character))) {
        return Err("NOT_A_NUMBER");
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return Err("NOT_A_NUMBER");
    }
    if typed.trim_start().starts_with('+') {
        return Ok(digits);
    }
    match if country.is_empty() { "US" } else { country } {
        "US" if digits.len() == 11 && digits.starts_with('1') => Ok(digits),
        "US" | "CA" => Ok(format!("1{digits}")),
        "GB" => Ok(format!("44{}", digits.strip_prefix('0').unwrap_or(&digits))),
        _ => Err("INVALID_COUNTRY_CODE"),
    }
}

/// Neither the area nor the exchange begins with 0 or 1 (North American Numbering Plan).
fn north_american(national: &str) -> bool {
    [0, 3].into_iter().all(|at| national.as_bytes().get(at).is_some_and(|digit| *digit >= b'2'))
}

fn spaced(plan: &Plan, national: &str) -> String {
    match plan.country {
        "US" => format!("({}) {}-{}", &national[..3], &national[3..6], &national[6..]),
        "GB" => format!("0{} {}", &national[..4], &national[4..]),
        _ => national.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_agents_type_them() {
        let cases = [
            ("+15550100101", "", "+15550100101", None),
            ("(555) 010-0101", "US", "+15550100101", None),
            ("555.010.0101", "", "+15550100101", None),
            ("1 555 010 0101", "US", "+15550100101", None),
            ("07700 900123", "GB", "+447700900123", None),
            ("+44 7700 900123", "US", "+447700900123", None),
            ("010-0101", "US", "010-0101", Some("TOO_SHORT")),
            ("+155501001011", "", "+155501001011", Some("TOO_LONG")),
            ("+1 212 055 0101", "", "+1 212 055 0101", Some("INVALID_BUT_POSSIBLE")),
            ("call me", "US", "call me", Some("NOT_A_NUMBER")),
            ("+0123", "US", "+0123", Some("INVALID_COUNTRY_CODE")),
        ];
        for (typed, country, number, error) in cases {
            let answer = answer(typed, country);
            let expected = error.map_or(json!([number, true, []]), |error| json!([number, false, [error]]));
            assert_eq!(
                json!([answer["phone_number"], answer["valid"], answer["validation_errors"]]),
                expected,
                "{typed}"
            );
        }
        assert_eq!(answer("5550100101", "US")["national_format"], "(555) 010-0101");
    }
}
