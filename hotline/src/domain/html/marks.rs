//! The marks that mail programs leave on elements, compared with tables of known ones.

use super::pieces::Element;

/// A mark: the element's name, where only one has it, and what its attributes say, all of it.
pub(super) struct Form {
    pub(super) element: Option<&'static str>,
    pub(super) tests: &'static [Test],
}

/// An attribute's name, how it is compared, and the value in lower case.
pub(super) type Test = (&'static str, How, &'static str);

/// How an attribute is compared.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// One of its words is this one.
    Is,
    /// One of its words begins so.
    Begins,
    /// It contains this, white space aside: for styles.
    Contains,
}

impl Form {
    pub(super) const fn any(tests: &'static [Test]) -> Self {
        Self { element: None, tests }
    }

    pub(super) const fn of(element: &'static str, tests: &'static [Test]) -> Self {
        Self { element: Some(element), tests }
    }

    pub(super) fn fits(&self, element: &Element) -> bool {
        self.element.is_none_or(|name| name == element.name())
            && self.tests.iter().all(|(name, how, value)| {
                element.attribute(name).is_some_and(|written| is_said(&written.to_ascii_lowercase(), *how, value))
            })
    }
}

fn is_said(written: &str, how: How, value: &str) -> bool {
    match how {
        How::Is => written.split_ascii_whitespace().any(|word| without_prefix(word, value).is_some_and(str::is_empty)),
        How::Begins => written.split_ascii_whitespace().any(|word| without_prefix(word, value).is_some()),
        How::Contains => written.split_ascii_whitespace().collect::<String>().contains(value),
    }
}

/// What follows the value in a word. Mail programs put something before the names of a mail that they show or quote:
/// `x_` (Outlook), `m_-123` (Gmail), `yiv123` and `ydp1a2b` (Yahoo), `ex-` (Help Scout).
fn without_prefix<'a>(word: &'a str, value: &str) -> Option<&'a str> {
    let (prefix, rest) = word.split_once(value)?;
    let is_prefix = prefix.is_empty()
        || prefix.ends_with(|c: char| matches!(c, '_' | '-') || c.is_ascii_digit())
        || prefix.starts_with("ydp");
    is_prefix.then_some(rest)
}
