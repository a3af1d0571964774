use proptest::prelude::*;

use super::*;

fn data(values: &[(&str, &str)]) -> Data {
    Data(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

fn wording(language: &str, text: &str) -> Wording {
    Wording { language: language.to_owned(), text: Text::parse(text).unwrap(), whatsapp: None }
}

fn filled(language: Option<&str>, wordings: &[(&str, &str)]) -> Filled {
    let wordings = wordings.iter().map(|(language, text)| wording(language, text)).collect();
    let template = Template { wordings, fields: Vec::new() };
    let language = language.map(str::to_owned);
    Filled { name: "hello".into(), version: 3, template, language, data: data(&[("first", "Sam")]) }
}

#[test]
fn a_text_is_literals_and_placeholders() {
    for (source, rendered) in [
        ("Hi {{first}}!", "Hi Sam!"),
        ("{{first}}{{first}}", "SamSam"),
        ("{{ first }}", "Sam"),
        ("Hi {{nobody}}.", "Hi ."),
        ("{first} } {", "{first} } {"),
        ("{{evil}}", "{{first}}"),
        ("}}{{first}}", "}}Sam"),
        ("", ""),
    ] {
        let text = Text::parse(source).unwrap();
        assert_eq!(text.render(&data(&[("first", "Sam"), ("evil", "{{first}}")])), rendered, "{source}");
        assert_eq!(text.source(), source);
    }
}

#[test]
fn what_is_no_placeholder_is_refused() {
    for (source, fault) in [
        ("Hi {{first", Malformed::NotClosed),
        ("Hi {{first}} and {{", Malformed::NotClosed),
        ("Hi {{}}", Malformed::NoName(String::new())),
        ("Hi {{fi rst}}", Malformed::NoName("fi rst".into())),
        ("Hi {{{first}}}", Malformed::NoName("{first".into())),
        ("Hi {{first {{last}}", Malformed::NoName("first {{last".into())),
    ] {
        assert_eq!(Text::parse(source), Err(fault), "{source}");
    }
}

/// Values, and what is wrong with them.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [(&'a str, DataFault)]);

#[test]
fn values_must_fit_the_fields() {
    let field = |name: &str, required, max| Field { name: name.to_owned(), required, max };
    let fields = vec![field("first", true, Some(3)), field("last", false, Some(3))];
    let template = Template { wordings: vec![wording("en", "Hi {{first}} {{last}}")], fields };
    let long = || DataFault::TooLong { characters: 4, most: 3 };
    let cases: [Case; 7] = [
        (&[("first", "Sam")], &[]),
        (&[("first", "äöü"), ("last", "")], &[]),
        (&[], &[("first", DataFault::Missing)]),
        (&[("first", " ")], &[("first", DataFault::Empty)]),
        (&[("first", "Anna"), ("last", "Bell")], &[("first", long()), ("last", long())]),
        (&[("first", "Sam"), ("middle", "")], &[("middle", DataFault::Unknown)]),
        (&[("other", "")], &[("first", DataFault::Missing), ("other", DataFault::Unknown)]),
    ];
    for (values, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|(name, fault)| ((*name).to_owned(), fault.clone())).collect();
        assert_eq!(template.data_faults(&data(values)), expected, "{values:?}");
    }
}

#[test]
fn the_language_is_the_one_that_was_asked_for_then_the_persons_then_the_first() {
    let wordings = [("en", "Hi {{first}}"), ("es", "Hola {{first}}"), ("pt-BR", "Oi {{first}}")];
    for (asked, persons, language, text) in [
        (Some("es"), None, "es", "Hola Sam"),
        (Some("ES"), Some("pt-BR"), "es", "Hola Sam"),
        (Some("es-MX"), None, "es", "Hola Sam"),
        (Some("pt"), Some("es"), "es", "Hola Sam"),
        (None, Some("pt-BR"), "pt-BR", "Oi Sam"),
        (None, None, "en", "Hi Sam"),
        (Some("de"), Some("fr"), "en", "Hi Sam"),
    ] {
        let rendered = filled(asked, &wordings).rendered(persons).unwrap();
        let used = UsedTemplate { name: "hello".into(), language: language.into(), version: 3, content: None };
        assert_eq!(rendered, Rendered { text: text.into(), used }, "{asked:?} {persons:?}");
    }
    assert_eq!(filled(Some("es-MX"), &wordings).candidates().len(), 1);
    assert_eq!(filled(Some("de"), &wordings).candidates().len(), 3);
}

#[test]
fn a_variable_of_whatsapp_is_one_line_and_never_empty() {
    let variables = [("1", "first"), ("2", "street"), ("3", "last")];
    let variables = variables.map(|(name, field)| (name.to_owned(), field.to_owned())).to_vec();
    let content = WhatsappContent { content_sid: "HX1".into(), variables };
    let mut filled = filled(None, &[("en", "Hi")]);
    filled.data = data(&[("first", "Sam"), ("street", "Main\n\tSt     1")]);
    filled.template.wordings[0].whatsapp = Some(content);
    let used = filled.rendered(None).unwrap().used;
    let expected = [("1", "Sam"), ("2", "Main St 1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(used.content, Some(Content { sid: "HX1".into(), variables: expected.to_vec() }));
}

#[test]
fn names_and_languages_have_their_letters() {
    for (word, is_good) in [("ballot_received-2", true), ("", false), ("Ballot", false), ("a.b", false), ("é", false)]
    {
        assert_eq!(is_name(word), is_good, "{word}");
    }
    assert!(is_name(&"a".repeat(64)) && !is_name(&"a".repeat(65)));
    assert!(is_field_name("firstName") && !is_field_name("first name") && !is_field_name(""));
    let good = ["en", "es-MX", "zh-Hant-TW", "sl-rozaj-1994", "de-CH-x-phonebk"];
    let bad =
        ["", "e", "english", "en_US", "en-", "-en", "e1", "en-toolongtag", "en-US-en-US-en-US-en-US-en-US-en-US-en"];
    assert!(good.into_iter().all(is_language));
    assert!(!bad.into_iter().any(is_language));
}

proptest! {
    #[test]
    fn a_value_is_never_expanded(before in "[^{]*", value in any::<String>(), after in "[^{]*") {
        let text = Text::parse(&format!("{before}{{{{a}}}}{after}")).unwrap();
        prop_assert_eq!(text.render(&data(&[("a", &value), ("b", "x")])), format!("{before}{value}{after}"));
    }

    #[test]
    fn a_text_without_placeholders_is_itself(source in any::<String>()) {
        if let Ok(text) = Text::parse(&source) && text.placeholders().next().is_none() {
            prop_assert_eq!(text.render(&Data::default()), source);
        }
    }

    #[test]
    fn a_text_in_a_row_stays_the_same(source in "([a-z {}]|\\{\\{a\\}\\})*") {
        if let Ok(text) = Text::parse(&source) {
            prop_assert_eq!(&crate::encoding::decode::<Text>(&crate::encoding::encode(&text)).unwrap(), &text);
        }
    }
}
