//! Messaging TwiML: `<Message>` and `<Redirect>` (TwiML for Programmable Messaging).

use super::xml::{self, Element, NotTwiml};

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

/// Reads a document; refuses what is not well-formed or does not begin with `<Response>`.
pub(super) fn read(xml: &str) -> Result<Document, NotTwiml> {
    let root = xml::document(xml)?;
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
    let attribute = |name: &str| verb.attribute(name).unwrap_or_default().to_owned();
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
