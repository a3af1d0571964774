//! Messaging TwiML, as far as it is obeyed: `<Message>` and `<Redirect>` (TwiML for Programmable Messaging).

/// What a document asks for, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) messages: Vec<Message>,
    /// Address of the first `<Redirect>`; nothing after it runs.
    pub(super) redirect: Option<String>,
    /// Names of elements that are no messaging verbs (warning 12200).
    pub(super) unknown: Vec<String>,
}

/// A `<Message>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) to: String,
    pub(super) from: String,
    pub(super) action: String,
    pub(super) body: String,
    pub(super) media: Vec<String>,
}

/// An element of a parsed document.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

/// Why a document is refused (error 12100).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotTwiml;

/// Reads a document; refuses what is not well-formed or does not begin with `<Response>`.
pub(super) fn read(xml: &str) -> Result<Document, NotTwiml> {
    let root = parse(xml)?;
    if root.name != "Response" {
        return Err(NotTwiml);
    }
    let mut document = Document::default();
    for verb in root.children {
        match verb.name.as_str() {
            "Message" => document.messages.push(message(verb)),
            "Redirect" => {
                document.redirect = Some(verb.text.trim().to_owned());
                break;
            }
            _ => document.unknown.push(verb.name),
        }
    }
    Ok(document)
}

fn message(verb: Element) -> Message {
    let attribute = |name: &str| {
        verb.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let mut message =
        Message { to: attribute("to"), from: attribute("from"), action: attribute("action"), ..Message::default() };
    verb.text.trim().clone_into(&mut message.body);
    for noun in verb.children {
        match noun.name.as_str() {
            "Body" => message.body.push_str(noun.text.trim()),
            "Media" => message.media.push(noun.text.trim().to_owned()),
            _ => {}
        }
    }
    message
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

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> Message {
        Message { body: body.into(), ..Message::default() }
    }

    #[test]
    fn documents_are_read() {
        let full = Message {
            to: "+15550100100".into(),
            from: "+15550100001".into(),
            action: "/s?a=1&b=2".into(),
            body: "one".into(),
            media: vec!["https://h/1.png".into()],
        };
        let cases: [(&str, &[Message]); 6] = [
            ("<Response/>", &[]),
            ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response></Response>\n", &[]),
            ("<Response><Message>a &amp; b &#x1F600;</Message></Response>", &[said("a & b 😀")]),
            (
                "<Response><!-- <x> --><Message><Body>a</Body></Message><Message><![CDATA[<b>]]></Message></Response>",
                &[said("a"), said("<b>")],
            ),
            ("<Response><Message/></Response>", &[said("")]),
            (
                "<Response><Message to=\"+15550100100\" from='+15550100001' action=\"/s?a=1&amp;b=2\"><Body>one</Body>\
                 <Media>https://h/1.png</Media></Message></Response>",
                &[full],
            ),
        ];
        for (xml, messages) in cases {
            assert_eq!(read(xml).map(|document| document.messages), Ok(messages.to_vec()), "{xml}");
        }
    }

    #[test]
    fn nothing_after_a_redirect_runs_and_foreign_verbs_are_named() {
        let document = read("<Response><Dial/><Redirect>/b</Redirect><Message>no</Message></Response>").unwrap();
        assert_eq!(document, Document { messages: vec![], redirect: Some("/b".into()), unknown: vec!["Dial".into()] });
    }

    #[test]
    fn what_is_not_twiml_is_refused() {
        let cases = [
            "",
            "ok",
            "<html/>",
            "<Response>",
            "<Response></Message>",
            "<Response/><Response/>",
            "<Response>a & b</Response>",
            "<Response a=b/>",
        ];
        for xml in cases {
            assert_eq!(read(xml), Err(NotTwiml), "{xml}");
        }
    }
}
