use serde_json::{Map, Value, json};

use super::super::fields::{Errors, object};
use super::*;

const SID: &str = "HX0123456789abcdef0123456789ABCDEF";

/// The template, or the fields that are wrong with the code of each.
fn read(body: &str) -> Result<Template, Vec<(String, String)>> {
    let errors = Errors::default();
    let read = object(body.as_bytes(), &errors).and_then(|it| template(body.as_bytes(), Fields::new(it, &errors)));
    errors.check(read).map_err(|errors| errors.into_iter().map(|it| (it.field, it.code)).collect())
}

fn faults(body: &Value) -> Vec<(String, String)> {
    read(&body.to_string()).err().unwrap_or_default()
}

/// A template that says this in English, with the field `first`.
fn english(wording: &Value) -> Value {
    json!({"versions": {"en": wording}, "fields": {"first": {}}})
}

fn whatsapp(content: &Value) -> Value {
    english(&json!({"sms": "Hi", "whatsapp": content}))
}

fn fields(fields: &Value) -> Value {
    json!({"versions": {"en": {"sms": "Hi"}}, "fields": fields})
}

/// So many members with names of two letters.
fn many(count: usize, value: &Value) -> Value {
    let names = ('a'..='z').flat_map(|first| ('a'..='z').map(move |second| format!("{first}{second}")));
    names.take(count).map(|name| (name, value.clone())).collect::<Map<_, _>>().into()
}

#[test]
fn a_template_is_read_with_its_languages_in_their_order() {
    let body = r#"{"versions": {"es": {"sms": "Hola {{first}}\r\n"}, "en": {"sms": "Hi", "whatsapp": {"content_sid": "SID",
        "variables": {"1": "first"}}}}, "fields": {"first": {"required": true, "max": 40}, "last": {}}}"#;
    let read = read(&body.replace("SID", SID)).unwrap();
    let languages: Vec<&str> = read.wordings.iter().map(|wording| wording.language.as_str()).collect();
    assert_eq!((languages, read.wordings[0].text.source()), (vec!["es", "en"], "Hola {{first}}\n"));
    let variables = vec![("1".to_owned(), "first".to_owned())];
    assert_eq!(read.wordings[1].whatsapp, Some(WhatsappContent { content_sid: SID.to_owned(), variables }));
    let field = |name: &str, required, max| Field { name: name.to_owned(), required, max };
    assert_eq!(read.fields, [field("first", true, Some(40)), field("last", false, None)]);
}

#[test]
fn each_fault_has_its_field_and_its_code() {
    let long = "x".repeat(1_601);
    #[rustfmt::skip]
    let cases = [
        (json!([]),                                                   "",                            "wrong_type"),
        (json!({}),                                                   "versions",                    "missing"),
        (json!({"versions": []}),                                     "versions",                    "wrong_type"),
        (json!({"versions": {}}),                                     "versions",                    "empty"),
        (json!({"versions": many(51, &json!({"sms": "Hi"}))}),        "versions",                    "too_many"),
        (json!({"versions": many(11, &json!({"sms": &long[..1_500]}))}), "versions",                 "too_long"),
        (json!({"versions": {"english": {"sms": "Hi"}}}),             "versions.english",            "unknown_language"),
        (json!({"versions": {"en": null}}),                           "versions.en",                 "missing"),
        (json!({"versions": {"en": "Hi"}}),                           "versions.en",                 "wrong_type"),
        (json!({"versions": {"en": {"sms": "Hi"}}, "name": "x"}),     "name",                        "unknown_field"),
        (english(&json!({})),                                         "versions.en.sms",             "missing"),
        (english(&json!({"sms": 7})),                                 "versions.en.sms",             "wrong_type"),
        (english(&json!({"sms": ""})),                                "versions.en.sms",             "empty"),
        (english(&json!({"sms": " \n"})),                             "versions.en.sms",             "empty"),
        (english(&json!({"sms": long})),                              "versions.en.sms",             "too_long"),
        (english(&json!({"sms": "a\u{0}b"})),                         "versions.en.sms",             "control_character"),
        (english(&json!({"sms": "Hi {{first"})),                      "versions.en.sms",             "malformed_placeholder"),
        (english(&json!({"sms": "Hi {{}}"})),                         "versions.en.sms",             "malformed_placeholder"),
        (english(&json!({"sms": "Hi {{fi rst}}"})),                   "versions.en.sms",             "malformed_placeholder"),
        (english(&json!({"sms": "Hi {{last}} {{last}}"})),            "versions.en.sms",             "undeclared_field"),
        (english(&json!({"sms": "Hi", "mms": "Hi"})),                 "versions.en.mms",             "unknown_field"),
        (whatsapp(&json!("HX")),                                      "versions.en.whatsapp",        "wrong_type"),
        (whatsapp(&json!({})),                                        "versions.en.whatsapp.content_sid", "missing"),
        (whatsapp(&json!({"content_sid": "HX1"})),                    "versions.en.whatsapp.content_sid", "not_a_content_sid"),
        (whatsapp(&json!({"content_sid": SID.replace('F', "G")})),    "versions.en.whatsapp.content_sid", "not_a_content_sid"),
        (whatsapp(&json!({"content_sid": SID, "x": 1})),              "versions.en.whatsapp.x",      "unknown_field"),
        (whatsapp(&json!({"content_sid": SID, "variables": ["first"]})), "versions.en.whatsapp.variables", "wrong_type"),
        (whatsapp(&json!({"content_sid": SID, "variables": {"1": "last"}})), "versions.en.whatsapp.variables.1", "undeclared_field"),
        (whatsapp(&json!({"content_sid": SID, "variables": {"1": 1}})), "versions.en.whatsapp.variables.1", "wrong_type"),
        (whatsapp(&json!({"content_sid": SID, "variables": {"a b": "first"}})), "versions.en.whatsapp.variables.a b", "not_a_name"),
        (fields(&json!("first")),                                     "fields",                      "wrong_type"),
        (fields(&many(51, &json!({}))),                               "fields",                      "too_many"),
        (fields(&json!({"fi rst": {}})),                              "fields.fi rst",               "not_a_name"),
        (fields(&json!({"first": null})),                             "fields.first",                "missing"),
        (fields(&json!({"first": true})),                             "fields.first",                "wrong_type"),
        (fields(&json!({"first": {"required": "yes"}})),              "fields.first.required",       "wrong_type"),
        (fields(&json!({"first": {"max": "40"}})),                    "fields.first.max",            "wrong_type"),
        (fields(&json!({"first": {"max": 1.5}})),                     "fields.first.max",            "wrong_type"),
        (fields(&json!({"first": {"max": 0}})),                       "fields.first.max",            "out_of_range"),
        (fields(&json!({"first": {"max": 1_601}})),                   "fields.first.max",            "out_of_range"),
        (fields(&json!({"first": {"min": 1}})),                       "fields.first.min",            "unknown_field"),
    ];
    for (body, field, code) in cases {
        assert_eq!(faults(&body), [(field.to_owned(), code.to_owned())], "{body}");
    }
    assert_eq!(read("{"), Err(vec![(String::new(), "not_json".to_owned())]));
}

#[test]
fn all_that_is_wrong_is_named_at_once() {
    let body =
        json!({"versions": {"en": {"sms": "{{"}, "e": {"sms": "{{last}}"}}, "fields": {"first": {"max": -1}}, "x": 1});
    let found = faults(&body);
    let found: BTreeSet<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(Vec::from_iter(found), ["fields.first.max", "versions.e", "versions.e.sms", "versions.en.sms", "x"]);
}
