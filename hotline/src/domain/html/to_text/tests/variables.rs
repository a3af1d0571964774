//! Variables of saved replies that were left over.

use super::super::to_text;
use super::texts;

#[test]
fn a_variable_says_what_it_falls_back_to() {
    texts(&[
        ("Hi {%customer.firstName,fallback=there%}, yes", "Hi there, yes"),
        ("Hi {% customer.firstName , fallback = there %}, yes", "Hi there, yes"),
        ("<p>Hi {%<b>customer.firstName</b>,fallback=my&nbsp;friend%}</p>", "Hi my friend"),
        ("{%customer.firstName,FALLBACK=you, all%}: {%user.firstName,fallback=A%}", "you, all: A"),
        ("Hi {%customer.firstName,fallback=%}, yes", "Hi, yes"),
        ("{%customer.firstName,fallback=%} Yes", "Yes"),
        ("a {%x.y,fallback=%}b", "a b"),
        ("<a href='https://example.org/{%customer.id,fallback=1%}'>here</a>", "here (https://example.org/1)"),
        ("<a href='https://example.org/%7B%25customer.id,fallback=1%25%7D'>here</a>", "here (https://example.org/1)"),
        ("Save 5 {% or 10 %} today {%", "Save 5 {% or 10 %} today {%"),
    ]);
    assert_eq!(to_text("Hi {%customer.firstName,fallback=there%}").left_over, None);
}

#[test]
fn a_variable_without_one_is_told() {
    for (html, left_over) in [
        ("Hi {%customer.firstName%}", "{%customer.firstName%}"),
        ("<p>Hi {%<i>customer.lastName</i>%}</p>", "{%customer.lastName%}"),
        ("{%a.b,fallback=x%} {%conversation.number,format=x%} {%c.d%}", "{%conversation.number,format=x%}"),
        ("<a href='https://example.org/{%customer.id%}'>x</a>", "{%customer.id%}"),
    ] {
        assert_eq!(to_text(html).left_over.as_deref(), Some(left_over), "{html}");
    }
    for html in
        ["a<br>--<br>{%user.firstName%}", "a<div class=gmail_quote>{%user.firstName%}</div>", "{%%} {% %} {%5%}"]
    {
        assert_eq!(to_text(html).left_over, None, "{html}");
    }
}
