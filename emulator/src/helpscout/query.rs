//! The search language of `query=` (List conversations and List customers pages).

use super::json::parse_time;
use super::response::ApiError;
use super::validation::invalid;

/// A parsed query.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Query {
    Any(Vec<Query>),
    All(Vec<Query>),
    Not(Box<Query>),
    Field(String, Wanted),
}

/// What a field is compared with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Text(String),
    /// `[from TO to]` in ms since 1970; `*` is open.
    Span(Option<u64>, Option<u64>),
}

impl Wanted {
    pub(super) fn is(&self, value: &str) -> bool {
        matches!(self, Self::Text(text) if text.eq_ignore_ascii_case(value))
    }

    pub(super) fn is_in(&self, value: &str) -> bool {
        matches!(self, Self::Text(text) if value.to_lowercase().contains(&text.to_lowercase()))
    }

    pub(super) fn spans(&self, at: u64) -> bool {
        matches!(self, Self::Span(from, to) if from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to))
    }
}

impl Query {
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        let mut reader = Reader { rest: text };
        let query = reader.any();
        match query {
            Some(query) if reader.rest.trim().is_empty() => Ok(query),
            _ => Err(invalid("query", "query", "cannot be parsed", &text.into())),
        }
    }

    /// Evaluates the query with `field` as the test of one field.
    pub(super) fn holds(&self, field: &dyn Fn(&str, &Wanted) -> bool) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.holds(field)),
            Self::All(parts) => parts.iter().all(|part| part.holds(field)),
            Self::Not(part) => !part.holds(field),
            Self::Field(name, wanted) => field(name, wanted),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn any(&mut self) -> Option<Query> {
        let mut parts = vec![self.all()?];
        while self.take("OR") {
            parts.push(self.all()?);
        }
        Some(if parts.len() == 1 { parts.pop()? } else { Query::Any(parts) })
    }

    /// Parts side by side are joined by AND.
    fn all(&mut self) -> Option<Query> {
        let mut parts = vec![self.part()?];
        loop {
            let rest = self.rest.trim_start();
            if !self.take("AND") && (rest.is_empty() || rest.starts_with(')') || rest.starts_with("OR")) {
                break;
            }
            parts.push(self.part()?);
        }
        Some(if parts.len() == 1 { parts.pop()? } else { Query::All(parts) })
    }

    fn part(&mut self) -> Option<Query> {
        if self.take("NOT") {
            return Some(Query::Not(Box::new(self.part()?)));
        }
        if self.take("(") {
            let inner = self.any()?;
            return self.take(")").then_some(inner);
        }
        let (name, rest) = self.rest.trim_start().split_once(':')?;
        let (value, rest) = if let Some(quoted) = rest.strip_prefix('"') {
            let (text, rest) = quoted.split_once('"')?;
            (Wanted::Text(text.into()), rest)
        } else if let Some(span) = rest.strip_prefix('[') {
            let (span, rest) = span.split_once(']')?;
            let (from, to) = span.split_once(" TO ")?;
            (Wanted::Span(parse_time(from), parse_time(to)), rest)
        } else {
            let (text, rest) = rest.split_at(rest.find([' ', ')']).unwrap_or(rest.len()));
            (Wanted::Text(text.into()), rest)
        };
        self.rest = rest;
        name.chars().all(char::is_alphanumeric).then(|| Query::Field(name.into(), value))
    }

    fn take(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_hold_or_not() {
        let field = |name: &str, wanted: &Wanted| match name {
            "tag" => wanted.is("sms"),
            "number" => wanted.is("42"),
            "subject" => wanted.is_in("Text from Sam"),
            "createdAt" => wanted.spans(1_769_850_900_000),
            _ => false,
        };
        for (text, holds) in [
            (r#"(tag:"sms")"#, true),
            ("(number:42)", true),
            ("(number:43)", false),
            (r#"(subject:"sam")"#, true),
            (r#"(tag:"mms" OR number:42)"#, true),
            (r#"(tag:"mms") OR (number:42)"#, true),
            (r#"(tag:"sms" AND number:43)"#, false),
            (r#"(tag:"sms" NOT number:42)"#, false),
            ("(createdAt:[2026-01-01T00:00:00Z TO *])", true),
            ("(createdAt:[* TO 2026-01-01T00:00:00Z])", false),
            (r#"(phone:"+15550100100")"#, false),
        ] {
            assert_eq!(Query::parse(text).unwrap().holds(&field), holds, "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["(", "(tag)", "(tag:\"sms)", "(number:42) )"] {
            assert!(Query::parse(text).is_err(), "{text}");
        }
    }
}
