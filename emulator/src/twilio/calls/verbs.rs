//! The verbs of voice TwiML with their defaults and limits (TwiML for Programmable Voice, one page per verb).

use std::collections::VecDeque;

use super::schema;
use crate::twilio::xml::{self, Element, NotTwiml};

/// What a document asks for, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) verbs: VecDeque<Verb>,
    /// What is ignored, in words (warning 12200).
    pub(super) ignored: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// Text and number of repetitions.
    Say(String, u64),
    /// The address or the digits, and how often.
    Play(Sound, u64),
    /// In milliseconds.
    Pause(u64),
    Gather(Gather),
    Dial(Dial),
    Enqueue(Enqueue),
    Record(Record),
    Redirect(Address),
    /// Whether the caller hears that the line is busy.
    Reject {
        busy: bool,
    },
    Hangup,
    Leave,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sound {
    File(String),
    Digits(String),
}

/// URL and method of an action or a callback.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// Empty: the verb's default.
    pub(super) url: String,
    /// By GET instead of POST.
    pub(super) get: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gather {
    pub(super) prompts: VecDeque<Verb>,
    pub(super) action: Address,
    pub(super) timeout_ms: u64,
    pub(super) digits: Option<usize>,
    pub(super) finish_on: String,
    pub(super) action_on_empty: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dial {
    pub(super) target: Target,
    pub(super) action: Address,
    pub(super) timeout_ms: u64,
    pub(super) time_limit_ms: u64,
    pub(super) caller_id: String,
    pub(super) answer_on_bridge: bool,
    pub(super) hangup_on_star: bool,
    pub(super) sequential: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Numbers(VecDeque<Number>),
    Queue(String),
    Conference(Conference),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) to: String,
    pub(super) url: Address,
    pub(super) status_callback: Address,
    pub(super) events: Vec<String>,
    /// Where it is told who or what has answered; empty: nobody looks.
    pub(super) detection: Address,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conference {
    pub(super) name: String,
    pub(super) start_on_enter: bool,
    pub(super) end_on_exit: bool,
    /// `None`: Twilio's own music.
    pub(super) wait: Option<Address>,
    pub(super) status_callback: Address,
    pub(super) events: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Enqueue {
    pub(super) name: String,
    pub(super) action: Address,
    pub(super) max_size: usize,
    /// `None`: Twilio's own music.
    pub(super) wait: Option<Address>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) action: Address,
    pub(super) timeout_ms: u64,
    pub(super) max_ms: u64,
    pub(super) finish_on: String,
    pub(super) beep: bool,
    pub(super) trim: bool,
    pub(super) status_callback: Address,
    pub(super) events: Vec<String>,
    pub(super) transcribe: bool,
    pub(super) transcribe_callback: String,
}

/// Reads a document; refuses what is not well-formed or does not begin with `<Response>`.
pub(super) fn read(text: &str) -> Result<Document, NotTwiml> {
    let root = xml::document(text)?;
    Ok(Document { ignored: schema::deviations(&root), verbs: root.children.iter().filter_map(verb).collect() })
}

fn verb(it: &Element) -> Option<Verb> {
    // `loop="0"` is for ever; here a thousand times, which no call outlasts.
    let times = || match number(it, "loop", 1) {
        0 => 1000,
        times => times,
    };
    Some(match it.name.as_str() {
        "Say" => Verb::Say(words(it), times()),
        "Play" => match it.attribute("digits") {
            Some(digits) => Verb::Play(Sound::Digits(digits.to_owned()), times()),
            None => Verb::Play(Sound::File(it.text.trim().to_owned()), times()),
        },
        "Pause" => Verb::Pause(number(it, "length", 1) * 1000),
        "Gather" => Verb::Gather(gather(it)),
        "Dial" => Verb::Dial(dial(it)),
        "Enqueue" => Verb::Enqueue(enqueue(it)),
        "Record" => Verb::Record(record(it)),
        "Redirect" => Verb::Redirect(Address { url: it.text.trim().to_owned(), get: is(it, "method", "GET") }),
        "Reject" => Verb::Reject { busy: is(it, "reason", "busy") },
        "Hangup" => Verb::Hangup,
        "Leave" => Verb::Leave,
        _ => return None,
    })
}

fn gather(it: &Element) -> Gather {
    let spoken = |verb: &Verb| matches!(verb, Verb::Say(..) | Verb::Play(..) | Verb::Pause(_));
    Gather {
        prompts: it.children.iter().filter_map(verb).filter(spoken).collect(),
        action: address(it, "action", "method"),
        timeout_ms: number(it, "timeout", 5) * 1000,
        digits: it.attribute("numDigits").and_then(|digits| digits.parse().ok()),
        finish_on: it.attribute("finishOnKey").unwrap_or("#").to_owned(),
        action_on_empty: is(it, "actionOnEmptyResult", "true"),
    }
}

fn dial(it: &Element) -> Dial {
    let noun = |name: &str| it.children.iter().find(|child| child.name == name);
    let target = if let Some(queue) = noun("Queue") {
        Target::Queue(queue.text.trim().to_owned())
    } else if let Some(element) = noun("Conference") {
        Target::Conference(conference(element))
    } else {
        let mut numbers: VecDeque<_> =
            it.children.iter().filter(|child| child.name == "Number").map(number_noun).collect();
        let text = it.text.trim();
        if numbers.is_empty() && !text.is_empty() {
            numbers.push_back(Number { to: text.to_owned(), ..Number::default() });
        }
        Target::Numbers(numbers)
    };
    Dial {
        target,
        action: address(it, "action", "method"),
        timeout_ms: number(it, "timeout", 30).clamp(5, 600) * 1000,
        time_limit_ms: number(it, "timeLimit", 14_400) * 1000,
        caller_id: it.attribute("callerId").unwrap_or_default().to_owned(),
        answer_on_bridge: is(it, "answerOnBridge", "true"),
        hangup_on_star: is(it, "hangupOnStar", "true"),
        sequential: is(it, "sequential", "true"),
    }
}

fn number_noun(it: &Element) -> Number {
    Number {
        to: it.text.trim().to_owned(),
        url: address(it, "url", "method"),
        status_callback: address(it, "statusCallback", "statusCallbackMethod"),
        events: list(it, "statusCallbackEvent", "completed"),
        detection: match it.attribute("machineDetection") {
            Some("Enable" | "DetectMessageEnd") => address(it, "amdStatusCallback", "amdStatusCallbackMethod"),
            _ => Address::default(),
        },
    }
}

fn conference(it: &Element) -> Conference {
    Conference {
        name: it.text.trim().to_owned(),
        start_on_enter: !is(it, "startConferenceOnEnter", "false"),
        end_on_exit: is(it, "endConferenceOnExit", "true"),
        wait: it.attribute("waitUrl").map(|_| address(it, "waitUrl", "waitMethod")),
        status_callback: address(it, "statusCallback", "statusCallbackMethod"),
        events: list(it, "statusCallbackEvent", ""),
    }
}

fn enqueue(it: &Element) -> Enqueue {
    Enqueue {
        name: it.text.trim().to_owned(),
        action: address(it, "action", "method"),
        max_size: it.attribute("maxQueueSize").and_then(|size| size.parse().ok()).unwrap_or(1000),
        wait: it.attribute("waitUrl").map(|_| address(it, "waitUrl", "waitUrlMethod")),
    }
}

fn record(it: &Element) -> Record {
    let transcribe_callback = it.attribute("transcribeCallback").unwrap_or_default().to_owned();
    let transcribe = is(it, "transcribe", "true");
    // Nothing longer than two minutes is transcribed, so that is the longest then.
    let longest = if transcribe { 120 } else { 3600 };
    Record {
        action: address(it, "action", "method"),
        timeout_ms: number(it, "timeout", 5) * 1000,
        max_ms: number(it, "maxLength", longest).clamp(1, longest) * 1000,
        finish_on: it.attribute("finishOnKey").unwrap_or("1234567890*#").to_owned(),
        beep: !is(it, "playBeep", "false"),
        trim: !is(it, "trim", "do-not-trim"),
        status_callback: address(it, "recordingStatusCallback", "recordingStatusCallbackMethod"),
        events: list(it, "recordingStatusCallbackEvent", "completed"),
        transcribe,
        transcribe_callback,
    }
}

fn address(it: &Element, url: &str, method: &str) -> Address {
    Address { url: it.attribute(url).unwrap_or_default().trim().to_owned(), get: is(it, method, "GET") }
}

fn is(it: &Element, name: &str, value: &str) -> bool {
    it.attribute(name).is_some_and(|given| given.eq_ignore_ascii_case(value))
}

fn number(it: &Element, name: &str, default: u64) -> u64 {
    it.attribute(name).and_then(|value| value.trim().parse().ok()).unwrap_or(default)
}

fn list(it: &Element, name: &str, default: &str) -> Vec<String> {
    it.attribute(name).unwrap_or(default).split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The text with that of speech marks in it.
fn words(it: &Element) -> String {
    let inner = it.children.iter().map(words);
    std::iter::once(it.text.clone())
        .chain(inner)
        .collect::<Vec<_>>()
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_pages() {
        let document = read(
            "<Response><Gather><Say>Press <emphasis>one</emphasis></Say></Gather><Record/><Dial>+15550100101</Dial>\
             <Enqueue>q</Enqueue></Response>",
        )
        .unwrap();
        assert!(document.ignored.is_empty(), "{:?}", document.ignored);
        let verbs: Vec<_> = document.verbs.into_iter().collect();
        let [Verb::Gather(gather), Verb::Record(record), Verb::Dial(dial), Verb::Enqueue(enqueue)] = verbs.as_slice()
        else {
            panic!("four verbs in this order: {verbs:?}")
        };
        assert_eq!(gather.prompts, [Verb::Say("Press one".into(), 1)]);
        assert_eq!((gather.timeout_ms, gather.digits, gather.finish_on.as_str()), (5_000, None, "#"));
        assert_eq!((record.timeout_ms, record.max_ms, record.beep, record.trim), (5_000, 3_600_000, true, true));
        assert_eq!((dial.timeout_ms, dial.time_limit_ms, dial.answer_on_bridge), (30_000, 14_400_000, false));
        assert_eq!((enqueue.max_size, &enqueue.wait), (1000, &None));
    }

    #[test]
    fn what_the_schema_does_not_know_is_named_and_left_out() {
        let document =
            read("<Response><Sing/><Say volume='9' xml:lang='en'>Hi</Say><Gather><Dial/></Gather></Response>");
        let document = document.unwrap();
        assert_eq!(document.verbs.len(), 2);
        assert_eq!(
            document.ignored,
            [
                "element 'Sing' is not allowed in 'Response'",
                "attribute 'volume' is not allowed in 'Say'",
                "element 'Dial' is not allowed in 'Gather'"
            ]
        );
    }
}
