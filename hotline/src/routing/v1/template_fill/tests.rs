use serde_json::{Value, json};

use super::super::fields::{self, Errors};
use super::*;
use crate::domain::template::{Field, Template, Text, Wording};

fn stored() -> StoredTemplate {
    let wording = |language: &str, text: &str| Wording {
        language: language.to_owned(),
        text: Text::parse(text).unwrap(),
        whatsapp: None,
    };
    let field = |name: &str, required, max| Field { name: name.to_owned(), required, max };
    let wordings = vec![wording("en", "{{first}}{{last}}"), wording("es", "{{first}}{{first}}")];
    let fields = vec![field("first", false, None), field("last", false, Some(4))];
    StoredTemplate { version: 2, at: 0, template: Template { wordings, fields } }
}

/// The template as it is sent, or the fields that are wrong with the code of each.
fn filled(wanted: &Value) -> Result<Filled, Vec<(String, String)>> {
    let errors = Errors::default();
    let object = fields::object(wanted.to_string().as_bytes(), &errors).unwrap();
    let mut all = Fields::new(object, &errors);
    let wanted = all.inner("template").and_then(WantedTemplate::read_named);
    let wanted = errors.check(wanted);
    let filled = wanted.and_then(|wanted| wanted.fill(stored(), false));
    filled.map_err(|faults| faults.into_iter().map(|it| (it.field, it.code)).collect())
}

#[test]
fn each_fault_has_its_field_and_its_code() {
    let long = "x".repeat(900);
    let en = |data: Value| json!({"name": "a", "language": "en", "data": data});
    #[rustfmt::skip]
    let cases = [
        (json!("a"),                                              "template",            "wrong_type"),
        (json!({}),                                               "template.name",       "missing"),
        (json!({"name": 1}),                                      "template.name",       "wrong_type"),
        (json!({"name": "A"}),                                    "template.name",       "not_a_name"),
        (json!({"name": "a", "version": 1}),                      "template.version",    "unknown_field"),
        (json!({"name": "a", "language": "english"}),             "template.language",   "unknown_language"),
        (json!({"name": "a", "language": 1}),                     "template.language",   "wrong_type"),
        (json!({"name": "a", "data": []}),                        "template.data",       "wrong_type"),
        (en(json!({"first": 1})),                                 "template.data.first", "wrong_type"),
        (en(json!({"first": "\u{7}"})),                           "template.data.first", "control_character"),
        (en(json!({"first": "a", "last": "abcde"})),              "template.data.last",  "too_long"),
        (en(json!({"first": "a", "middle": "b"})),                "template.data.middle", "unknown_field"),
        (en(json!({"first": " "})),                               "template.data",       "empty"),
        (json!({"name": "a", "data": {"first": long}}),           "template.data",       "too_long"),
        (json!({"name": "a", "language": "de", "data": {"first": long}}), "template.data", "too_long"),
        (en(json!({"first": "x".repeat(1_599), "last": "ab"})),   "template.data",       "too_long"),
    ];
    for (template, field, code) in cases {
        let faults = filled(&json!({ "template": template })).unwrap_err();
        assert_eq!(faults, [(field.to_owned(), code.to_owned())], "{template}");
    }
}

#[test]
fn the_language_that_was_asked_for_alone_is_judged_and_sent() {
    let long = "x".repeat(900);
    let wanted = json!({"template": {"name": "a", "language": "en", "data": {"first": long, "last": null}}});
    let filled = filled(&wanted).unwrap();
    assert_eq!((filled.version, filled.template.wordings.len()), (2, 1));
    assert_eq!(filled.rendered(Some("es")).unwrap().text, long);
}
