//! The XML that TwiML is written in.

/// An element of a parsed document.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// Its own text, without that of its children.
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

/// Why a document is refused (error 12100).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotTwiml;

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The `<Response>` of a document; refuses what is not well-formed or begins with something else.
pub(super) fn document(xml: &str) -> Result<Element, NotTwiml> {
    parse(xml).and_then(|root| if root.name == "Response" { Ok(root) } else { Err(NotTwiml) })
}

fn parse(xml: &str) -> Result<Element, NotTwiml> {
    let mut open = vec![Element::default()];
    let mut rest = xml.trim_start_matches('\u{feff}');
    while let Some(start) = rest.find('<') {
        open.last_mut().ok_or(NotTwiml)?.text.push_str(&decoded(&rest[..start])?);
        rest = &rest[start..];
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.split_once("-->").ok_or(NotTwiml)?.1;
        } else if let Some(after) = rest.strip_prefix("<![CDATA[") {
            let (text, after) = after.split_once("]]>").ok_or(NotTwiml)?;
            open.last_mut().ok_or(NotTwiml)?.text.push_str(text);
            rest = after;
        } else {
            let (tag, after) = rest[1..].split_once('>').ok_or(NotTwiml)?;
            take_tag(&mut open, tag)?;
            rest = after;
        }
    }
    let mut document = open.pop().filter(|_| open.is_empty()).ok_or(NotTwiml)?;
    let stray = !(document.text.trim().is_empty() && rest.trim().is_empty());
    let root = document.children.pop().ok_or(NotTwiml)?;
    if stray || !document.children.is_empty() { Err(NotTwiml) } else { Ok(root) }
}

/// `open` holds the document itself and every element that is not closed yet.
fn take_tag(open: &mut Vec<Element>, tag: &str) -> Result<(), NotTwiml> {
    if tag.starts_with(['?', '!']) {
        return Ok(());
    }
    if let Some(name) = tag.strip_prefix('/') {
        return close(open, name.trim());
    }
    let (tag, alone) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
    let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(NotTwiml);
    }
    open.push(Element { name: name.to_owned(), attributes: attributes_of(attributes)?, ..Element::default() });
    if alone { close(open, name) } else { Ok(()) }
}

fn close(open: &mut Vec<Element>, name: &str) -> Result<(), NotTwiml> {
    let element = open.pop().filter(|element| element.name == name).ok_or(NotTwiml)?;
    open.last_mut().ok_or(NotTwiml)?.children.push(element);
    Ok(())
}

fn attributes_of(mut text: &str) -> Result<Vec<(String, String)>, NotTwiml> {
    let mut attributes = Vec::new();
    while !text.trim_start().is_empty() {
        let (name, after) = text.split_once('=').ok_or(NotTwiml)?;
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\'')).ok_or(NotTwiml)?;
        let (value, after) = after[1..].split_once(quote).ok_or(NotTwiml)?;
        attributes.push((name.trim().to_owned(), decoded(value)?));
        text = after;
    }
    Ok(attributes)
}

fn decoded(text: &str) -> Result<String, NotTwiml> {
    let mut pieces = text.split('&');
    let mut decoded = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, after) = piece.split_once(';').ok_or(NotTwiml)?;
        decoded.push(entity(name).ok_or(NotTwiml)?);
        decoded.push_str(after);
    }
    Ok(decoded)
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
