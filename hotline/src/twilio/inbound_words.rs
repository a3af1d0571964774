//! What somebody said, in words, whichever way they said it (Twilio, Messaging webhook request: parameters of WhatsApp and
//! other rich channels).

use serde_json::Value;

use crate::domain::text::invisible::is_blank;
use crate::form::Form;

/// What a form answered in WhatsApp carries beside the answers (Meta, WhatsApp Flows: response of a flow).
const FORM_TOKEN: &str = "flow_token";

/// A parameter that says something.
pub(super) fn filled<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.get(name).map(str::trim).filter(|value| !is_blank(value))
}

/// The words of a message: its body as it came, else what was pressed or picked. Empty when nobody could see any.
pub(super) fn body(form: &Form) -> String {
    let body = form.get("Body").filter(|body| !is_blank(body));
    let chosen = || ["ButtonText", "ListTitle"].iter().find_map(|name| filled(form, name));
    body.or_else(chosen).unwrap_or_default().to_owned()
}

/// What came with the words, a line each; what no line is made of is at least named.
pub(super) fn details(form: &Form, says_nothing: bool) -> Vec<String> {
    let mut lines: Vec<String> = [location(form), advertisement(form), forwarded(form)].into_iter().flatten().collect();
    lines.extend(filled(form, "FlowData").map(answers).unwrap_or_default());
    if says_nothing && lines.is_empty() {
        lines.extend(filled(form, "InteractiveData").map(answers).unwrap_or_default());
    }
    if says_nothing && lines.is_empty() {
        let kind = filled(form, "MessageType").filter(|kind| !kind.eq_ignore_ascii_case("text"));
        lines.extend(
            kind.map(|kind| format!("(They sent something of the kind “{kind}”, which cannot be shown here.)")),
        );
    }
    lines
}

fn location(form: &Form) -> Option<String> {
    let (latitude, longitude) = (filled(form, "Latitude")?, filled(form, "Longitude")?);
    let map = format!("https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude} ({latitude},{longitude})");
    let names = ["Label", "Address"].iter().filter_map(|name| filled(form, name));
    Some(format!("Location: {}", names.chain([map.as_str()]).collect::<Vec<_>>().join(", ")))
}

/// The advertisement or post from which they wrote (click to WhatsApp). Its picture is not at Twilio, so it is a link.
fn advertisement(form: &Form) -> Option<String> {
    let parts = ["ReferralHeadline", "ReferralBody", "ReferralSourceUrl", "ReferralMediaUrl"];
    let said: Vec<&str> = parts.iter().filter_map(|name| filled(form, name)).collect();
    let kind = match filled(form, "ReferralSourceType") {
        Some("post") => "a post",
        _ => "an advertisement",
    };
    (!said.is_empty()).then(|| format!("(They write from {kind}: {})", said.join(" – ")))
}

fn forwarded(form: &Form) -> Option<String> {
    let is = |name| filled(form, name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    (is("Forwarded") || is("FrequentlyForwarded")).then(|| "(They forwarded this message.)".to_owned())
}

/// Names and values of a JSON object, a line each; what is none is said as it stands.
fn answers(json: &str) -> Vec<String> {
    let Ok(Value::Object(fields)) = serde_json::from_str(json) else { return vec![json.to_owned()] };
    let is_answer = |name: &str| name != FORM_TOKEN;
    let lines =
        fields.iter().filter(|(name, _)| is_answer(name)).map(|(name, value)| format!("{name}: {}", shown(value)));
    lines.collect()
}

/// Text as it is, several values with commas between them.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name} {}", shown(value))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::encode;

    fn said(fields: &[(&str, &str)]) -> (String, Vec<String>) {
        let form = Form::parse(encode(fields).as_bytes());
        let body = body(&form);
        let details = details(&form, body.is_empty());
        (body, details)
    }

    #[test]
    fn whatever_somebody_meant_is_said() {
        for (fields, words, lines) in [
            (vec![("Body", "Hello")], "Hello", vec![]),
            (vec![("Body", ""), ("ButtonText", "Yes, please"), ("ButtonPayload", "yes")], "Yes, please", vec![]),
            (vec![("Body", " "), ("ListTitle", "Monday"), ("ListId", "1")], "Monday", vec![]),
            (vec![("Body", "Yes"), ("ButtonText", "Yes")], "Yes", vec![]),
            (
                vec![
                    ("Body", "here"),
                    ("Latitude", "52.5"),
                    ("Longitude", "13.4"),
                    ("Label", "Town Hall"),
                    ("Address", "1 Main St"),
                ],
                "here",
                vec!["Location: Town Hall, 1 Main St, https://www.openstreetmap.org/?mlat=52.5&mlon=13.4 (52.5,13.4)"],
            ),
            (
                vec![
                    ("Body", "I want this"),
                    ("ReferralHeadline", "Ride with us"),
                    ("ReferralBody", "Free ride"),
                    ("ReferralSourceType", "ad"),
                    ("ReferralSourceUrl", "https://example.org/ad/7"),
                    ("ReferralNumMedia", "0"),
                ],
                "I want this",
                vec!["(They write from an advertisement: Ride with us – Free ride – https://example.org/ad/7)"],
            ),
            (vec![("Body", "Hi"), ("ReferralNumMedia", "0")], "Hi", vec![]),
            (vec![("Body", "look"), ("FrequentlyForwarded", "true")], "look", vec!["(They forwarded this message.)"]),
            (
                vec![
                    ("FlowData", r#"{"rating":"Excellent","days":["Mon","Tue"],"age":41,"flow_token":"x"}"#),
                    ("MessageType", "interactive"),
                ],
                "",
                vec!["rating: Excellent", "days: Mon, Tue", "age: 41"],
            ),
            (vec![("FlowData", "not JSON {"), ("MessageType", "interactive")], "", vec!["not JSON {"]),
            (
                vec![("InteractiveData", r#"{"list_reply":{"id":"1","title":"Monday"}}"#)],
                "",
                vec!["list_reply: id 1, title Monday"],
            ),
            (
                vec![("MessageType", "sticker")],
                "",
                vec!["(They sent something of the kind “sticker”, which cannot be shown here.)"],
            ),
            (vec![("MessageType", "text"), ("Body", "\u{200b}")], "", vec![]),
        ] {
            let (body, mut details) = said(&fields);
            let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
            // Which order the fields of a JSON object have, the build decides (feature `preserve_order`).
            details.sort();
            lines.sort();
            assert_eq!((body.as_str(), details), (words, lines), "{fields:?}");
        }
    }

    #[test]
    fn what_nobody_can_see_is_nothing() {
        for blank in ["", " ", "\n", "\u{200b}", "\u{2800}", "\u{feff}", "\u{fffc}", "\u{a0}\u{200d}"] {
            assert_eq!(said(&[("Body", blank)]), (String::new(), vec![]), "{blank:?}");
        }
        assert_eq!(said(&[("Body", " 👋🏽 ")]).0, " 👋🏽 ");
    }
}
