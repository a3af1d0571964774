//! TwiML for voice: documents are made of verbs, and only this writer knows XML (Twilio, TwiML for Programmable Voice).

use std::fmt::Write;

use crate::config::Voice;

/// What a caller or an agent meets next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Speaks to a caller in the hotline's voice.
    SayIn(Voice, String),
    /// Speaks to the team.
    Say(String),
    /// Plays what is at an address.
    Play(String),
    /// Waits for keys while it speaks.
    Gather {
        /// Where the keys are told.
        action: String,
        /// How many.
        digits: usize,
        /// Seconds of silence after which it goes on.
        timeout: u32,
        /// Said meanwhile.
        prompt: String,
    },
    /// Records a message.
    Record(Record),
    /// Lets the caller wait.
    Enqueue {
        /// The queue's name, at most 64 characters.
        queue: String,
        /// What comes after the queue.
        action: String,
        /// What is heard in it.
        wait_url: String,
    },
    /// Takes the caller out of a queue.
    DialQueue {
        /// The queue's name.
        queue: String,
        /// What comes after the talk.
        action: String,
        /// Seconds to wait for somebody in the queue.
        timeout: u32,
        /// The longest talk in seconds.
        time_limit: u32,
    },
    /// Calls a number.
    DialNumber {
        /// E.164.
        number: String,
        /// Shown to them; one of our numbers.
        caller_id: String,
        /// What comes after the talk.
        action: String,
        /// Where the states of that call are told.
        status_callback: String,
        /// Where it is told who or what has answered.
        answered_by_callback: String,
        /// Seconds it rings.
        timeout: u32,
        /// The longest talk in seconds.
        time_limit: u32,
    },
    /// Out of the queue, on to its `action`.
    Leave,
    /// Ends the call.
    Hangup,
    /// Does not answer; a busy tone.
    Reject,
}

/// How a message is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What comes after it.
    pub action: String,
    /// Where the file's coming is told.
    pub recording: String,
    /// Where the transcript's coming is told; without it none is made.
    pub transcript: Option<String>,
    /// The longest message in seconds.
    pub max_length: u32,
}

/// Seconds of silence that end a message: twice Twilio's default, since people who are upset pause (Twilio, Record verb:
/// timeout).
const SILENCE: u32 = 10;

/// Writes a document. Without verbs it hangs up.
pub fn document(verbs: &[Verb]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response");
    if verbs.is_empty() {
        xml.push_str("/>");
        return xml;
    }
    xml.push('>');
    for verb in verbs {
        verb.write(&mut xml);
    }
    xml.push_str("</Response>");
    xml
}

impl Verb {
    fn write(&self, xml: &mut String) {
        match self {
            Self::Say(words) => element(xml, "Say", &[], words),
            Self::SayIn(voice, words) => {
                let (language, name) = (voice.language.as_deref(), voice.name.as_deref());
                let fields: Vec<_> = [("language", language), ("voice", name)]
                    .into_iter()
                    .filter_map(|(field, value)| Some((field, value?)))
                    .collect();
                element(xml, "Say", &fields, words);
            }
            Self::Play(address) => element(xml, "Play", &[], address),
            Self::Gather { action, digits, timeout, prompt } => {
                let (digits, timeout) = (digits.to_string(), timeout.to_string());
                let fields = [("action", action.as_str()), ("numDigits", &digits), ("timeout", &timeout)];
                open(xml, "Gather", &fields);
                element(xml, "Say", &[], prompt);
                xml.push_str("</Gather>");
            }
            Self::Record(record) => record.write(xml),
            Self::Enqueue { queue, action, wait_url } => {
                element(xml, "Enqueue", &[("action", action), ("waitUrl", wait_url)], queue);
            }
            Self::DialQueue { queue, action, timeout, time_limit } => {
                let (timeout, time_limit) = (timeout.to_string(), time_limit.to_string());
                open(xml, "Dial", &[("action", action), ("timeout", &timeout), ("timeLimit", &time_limit)]);
                element(xml, "Queue", &[], queue);
                xml.push_str("</Dial>");
            }
            Self::DialNumber {
                number,
                caller_id,
                action,
                status_callback,
                answered_by_callback,
                timeout,
                time_limit,
            } => {
                let (timeout, time_limit) = (timeout.to_string(), time_limit.to_string());
                let fields = [
                    ("callerId", caller_id.as_str()),
                    // The agent hears the ringing, and no answer before there is one.
                    ("answerOnBridge", "true"),
                    ("action", action),
                    ("timeout", &timeout),
                    ("timeLimit", &time_limit),
                ];
                open(xml, "Dial", &fields);
                let events = ("statusCallbackEvent", "initiated ringing answered completed");
                // They are connected at once: nobody waits for what Twilio finds out.
                let fields = [
                    ("statusCallback", status_callback.as_str()),
                    events,
                    ("machineDetection", "Enable"),
                    ("amdStatusCallback", answered_by_callback),
                ];
                element(xml, "Number", &fields, number);
                xml.push_str("</Dial>");
            }
            Self::Leave => xml.push_str("<Leave/>"),
            Self::Hangup => xml.push_str("<Hangup/>"),
            Self::Reject => xml.push_str("<Reject reason=\"busy\"/>"),
        }
    }
}

impl Record {
    fn write(&self, xml: &mut String) {
        let (max_length, silence) = (self.max_length.to_string(), SILENCE.to_string());
        let mut fields = vec![
            ("action", self.action.as_str()),
            ("maxLength", &max_length),
            ("timeout", &silence),
            // Any other key would end the message by accident (Twilio, Record verb: finishOnKey, by default every key).
            ("finishOnKey", "#"),
            ("recordingStatusCallback", &self.recording),
            ("recordingStatusCallbackEvent", "completed absent"),
        ];
        if let Some(transcript) = &self.transcript {
            fields.extend([("transcribe", "true"), ("transcribeCallback", transcript)]);
        }
        open(xml, "Record", &fields);
        xml.push_str("</Record>");
    }
}

fn open(xml: &mut String, name: &str, fields: &[(&str, &str)]) {
    xml.push('<');
    xml.push_str(name);
    for (field, value) in fields {
        xml.push(' ');
        xml.push_str(field);
        xml.push_str("=\"");
        escape(xml, value);
        xml.push('"');
    }
    xml.push('>');
}

fn element(xml: &mut String, name: &str, fields: &[(&str, &str)], text: &str) {
    open(xml, name, fields);
    escape(xml, text);
    xml.push_str("</");
    xml.push_str(name);
    xml.push('>');
}

/// Characters that XML 1.0 cannot hold at all are left out: one of them would make Twilio drop the call (error 12100).
fn escape(xml: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a string does not fail.
                let _ = write!(xml, "&#{};", u32::from(character));
            }
            '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => xml.push(character),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_configuration_stay_words() {
        let say = |words: &str| document(&[Verb::Say(words.to_owned())]);
        let around =
            |words: &str| format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Say>{words}</Say></Response>");
        assert_eq!(say("Ben & \"Jo\" <3"), around("Ben &#38; &#34;Jo&#34; &#60;3"));
        assert_eq!(say("bell\u{7}\u{0}\u{fffe} é 🙂"), around("bell é 🙂"));
    }

    #[test]
    fn an_empty_document_hangs_up() {
        assert_eq!(document(&[]), "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>");
    }
}
