//! What was found, and what could not be looked at.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::codes::{Code, Repair, Severity, Source};
use crate::asked::Asked;

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The kind of resource.
    pub resource: &'static str,
    /// Whose it is; `None` for what all share.
    pub hotline: Option<String>,
    /// What people know it by, such as a number or a SID.
    pub name: Option<String>,
    /// The field that is wrong.
    pub field: String,
}

impl Place {
    /// A field of what all hotlines share.
    pub fn new(resource: &'static str, field: &str) -> Self {
        Self { resource, hotline: None, name: None, field: field.to_owned() }
    }

    /// The same of a hotline.
    #[must_use]
    pub fn of(self, hotline: &str) -> Self {
        Self { hotline: Some(hotline.to_owned()), ..self }
    }

    /// The same of something that has a name.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    code: Code,
    severity: Severity,
    place: Place,
    found: Value,
    wanted: Value,
    /// The environment that was named.
    env: Option<String>,
}

impl Finding {
    fn json(&self) -> Value {
        let (row, Place { resource, hotline, name, field }) = (self.code.row(), &self.place);
        let Repair { text, page, .. } = row.repair;
        json!({
            "code": row.name, "severity": self.severity.as_str(), "hotline": hotline, "resource": resource, "name": name,
            "field": field, "found": self.found, "wanted": self.wanted, "why": row.why,
            "repair": {"text": text, "command": self.command(), "page": page},
        })
    }

    fn command(&self) -> Option<String> {
        let command = self.code.row().repair.command?.replace("{field}", &self.place.field);
        // A key is made for whichever environment.
        let env = self.env.as_ref().filter(|_| !command.contains("api-key"));
        Some(env.map_or_else(|| command.clone(), |env| format!("{command} --env {env}")))
    }

    /// Lines for people.
    fn lines(&self) -> Vec<String> {
        let (row, Place { resource, hotline, name, field }) = (self.code.row(), &self.place);
        let words = [Some(*resource), name.as_deref(), Some(field.as_str())];
        let what = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let whose = hotline.as_ref().map_or(String::new(), |hotline| format!(" ({hotline})"));
        let mut lines = vec![format!("{} {}: {what}{whose}", self.severity.as_str(), row.name)];
        let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if !self.found.is_null() {
            lines.push(format!("    found: {}", shown(&self.found)));
        }
        if !self.wanted.is_null() {
            lines.push(format!("    wanted: {}", shown(&self.wanted)));
        }
        lines.push(format!("    {}.", row.why));
        let ways = [Some(row.repair.text.to_owned()), self.command(), row.repair.page.map(str::to_owned)];
        lines.push(format!("    {}", ways.into_iter().flatten().collect::<Vec<_>>().join(": ")));
        lines
    }
}

/// An address that somebody set up may hold a name and a password, which nobody is told.
fn without_password(found: Value) -> Value {
    let shown = found.as_str().and_then(|text| {
        let (scheme, rest) = text.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next()?;
        let (password, _) = host.rsplit_once('@')?;
        Some(format!("{scheme}://…{}", rest.strip_prefix(password)?))
    });
    shown.map_or(found, Value::from)
}

/// The report of one run.
#[derive(Debug)]
pub struct Report {
    selected: Vec<Code>,
    env: Option<String>,
    findings: Vec<Finding>,
    skipped: Vec<(Code, String)>,
}

impl Report {
    /// A report of these codes, about this environment.
    pub fn new(selected: Vec<Code>, env: Option<String>) -> Self {
        Self { selected, env, findings: Vec::new(), skipped: Vec::new() }
    }

    /// Whether any of these sources is needed.
    pub fn wants(&self, sources: &[Source]) -> bool {
        self.selected.iter().any(|code| sources.contains(&code.row().source))
    }

    /// Something is wrong.
    pub fn find(&mut self, code: Code, place: Place, found: impl Into<Value>, wanted: impl Into<Value>) {
        self.find_as(code, code.row().severity, place, found, wanted);
    }

    /// The same, worse or better than usual.
    pub fn find_as(
        &mut self,
        code: Code,
        severity: Severity,
        place: Place,
        found: impl Into<Value>,
        wanted: impl Into<Value>,
    ) {
        if self.selected.contains(&code) {
            let (found, wanted, env) = (without_password(found.into()), wanted.into(), self.env.clone());
            self.findings.push(Finding { code, severity, place, found, wanted, env });
        }
    }

    /// What is judged by this source was not, or not all of it.
    pub fn skip(&mut self, source: Source, reason: &str) {
        let of_source = self.selected.iter().copied().filter(|code| code.row().source == source);
        for code in of_source.collect::<Vec<_>>() {
            self.skip_code(code, reason);
        }
    }

    /// What is judged by any other source was not.
    pub fn skip_all_but(&mut self, sources: &[Source], reason: &str) {
        let others = self.selected.iter().copied().filter(|code| !sources.contains(&code.row().source));
        for code in others.collect::<Vec<_>>() {
            self.skip_code(code, reason);
        }
    }

    /// The same of one code.
    pub fn skip_code(&mut self, code: Code, reason: &str) {
        if self.selected.contains(&code) && self.skipped.iter().all(|(known, _)| *known != code) {
            self.skipped.push((code, reason.to_owned()));
        }
    }

    /// The answer, if there is one; else what is judged by it is skipped.
    pub fn take<'a, T>(&mut self, asked: &'a Asked<T>, source: Source) -> Option<&'a T> {
        if let Asked::Failed(reason) = asked {
            self.skip(source, reason);
        }
        asked.answer()
    }

    /// Whether something of this severity was found.
    pub fn has(&self, severity: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity == severity)
    }

    /// The codes of all errors.
    pub fn errors(&self) -> Vec<&'static str> {
        let errors = self.sorted().into_iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| finding.code.row().name).collect()
    }

    /// Errors first, then in the table's order.
    fn sorted(&self) -> Vec<&Finding> {
        let mut all: Vec<_> = self.findings.iter().collect();
        all.sort_by_key(|finding| (finding.severity, finding.code as usize));
        all
    }

    /// The document.
    pub fn json(&self, took_ms: u64) -> Value {
        let status = match () {
            () if self.has(Severity::Error) => "errors",
            () if self.has(Severity::Warning) => "warnings",
            () => "ok",
        };
        let skipped = self.skipped.iter().map(|(code, reason)| json!({"code": code.row().name, "reason": reason}));
        json!({
            "format": 1, "status": status, "took_ms": took_ms, "checked": self.selected.len() - self.skipped.len(),
            "findings": self.sorted().into_iter().map(Finding::json).collect::<Vec<_>>(), "skipped": skipped.collect::<Vec<_>>(),
        })
    }

    /// Lines for people.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.sorted().into_iter().flat_map(Finding::lines).collect();
        if lines.is_empty() {
            lines.push("Your hotline is ready.".to_owned());
        }
        let reasons: BTreeSet<&str> = self.skipped.iter().map(|(_, reason)| reason.as_str()).collect();
        for reason in reasons {
            let codes = self.skipped.iter().filter(|(_, why)| why == reason).map(|(code, _)| code.row().name);
            lines.push(format!("not looked at ({reason}): {}", codes.collect::<Vec<_>>().join(", ")));
        }
        lines
    }
}
