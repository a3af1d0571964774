//! Create message: synchronous errors and their codes (Twilio, Message resource and its error pages).

use super::Twilio;
use super::json::ApiError;
use super::messages::{Direction, Message, Status};
use super::whatsapp::{is_whatsapp, user_id};
use super::{MAGIC_SENDER, content, segments};

/// Longest body in characters (error 21617).
const BODY_LIMIT: usize = 1600;
/// Most media of a message (error 21623).
const MEDIA_LIMIT: usize = 10;
/// Longest callback address (error 21609).
const CALLBACK_LIMIT: usize = 4000;
/// How long a message may wait for its sender (Twilio, message queueing: ten hours; error 21611).
const QUEUE_LIMIT_MS: u64 = 10 * 3_600_000;

/// Results that test numbers of `From` stand for (Twilio, Test Credentials).
const MAGIC_FROM: [(&str, u32, &str); 3] = [
    ("+15005550001", 21212, "The 'From' number is not a valid phone number"),
    ("+15005550007", 21606, "The 'From' phone number is not a valid, SMS-capable number for your account"),
    ("+15005550008", 21611, "This 'From' number has exceeded the maximum number of queued messages"),
];

/// Results that test numbers of `To` stand for (Twilio, Test Credentials).
const MAGIC_TO: [(&str, u32, &str); 5] = [
    ("+15005550001", 21211, "Invalid 'To' Phone Number"),
    ("+15005550002", 21612, "The 'To' phone number is not currently reachable"),
    ("+15005550003", 21408, "Permission to send an SMS has not been enabled for the region"),
    ("+15005550004", 21610, "Attempt to send to unsubscribed recipient"),
    ("+15005550009", 21614, "'To' number is not a valid mobile number"),
];

/// The parameters of a create that this emulator reads; others are ignored.
struct MessageParams {
    to: String,
    from: String,
    service: String,
    body: String,
    content_sid: String,
    content_variables: String,
    media_urls: Vec<String>,
    status_callback: String,
}

impl MessageParams {
    fn read(form: &[(String, String)]) -> Self {
        let all =
            |name: &str| form.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect::<Vec<_>>();
        let one = |name: &str| all(name).pop().unwrap_or_default();
        Self {
            to: one("To"),
            from: one("From"),
            service: one("MessagingServiceSid"),
            body: one("Body"),
            content_sid: one("ContentSid"),
            content_variables: one("ContentVariables"),
            media_urls: all("MediaUrl"),
            status_callback: one("StatusCallback"),
        }
    }
}

impl Twilio {
    /// `POST …/Messages.json`: the sid of the new message.
    pub(super) fn create(&mut self, now: u64, form: &[(String, String)]) -> Result<String, ApiError> {
        let mut wanted = MessageParams::read(form);
        check_form(&wanted)?;
        wanted.body = self.written_out(&wanted)?;
        self.check_sender(&wanted)?;
        check_receiver(&wanted)?;
        self.check_whatsapp_id(&wanted)?;
        self.check_blocked(&wanted)?;
        self.add_outbound(now, wanted, Direction::OutboundApi)
    }

    /// A `<Message>` in TwiML that answered a webhook.
    pub(super) fn reply(
        &mut self,
        now: u64,
        from: &str,
        to: &str,
        message: &super::twiml::Message,
    ) -> Result<String, ApiError> {
        let wanted = MessageParams {
            to: to.to_owned(),
            from: from.to_owned(),
            service: String::new(),
            body: message.body.clone(),
            content_sid: String::new(),
            content_variables: String::new(),
            media_urls: message.media.clone(),
            status_callback: message.action.clone(),
        };
        check_form(&wanted)?;
        self.check_sender(&wanted)?;
        check_receiver(&wanted)?;
        self.check_blocked(&wanted)?;
        self.add_outbound(now, wanted, Direction::OutboundReply)
    }

    fn check_whatsapp_id(&self, wanted: &MessageParams) -> Result<(), ApiError> {
        let refused = self.settings.refuses_whatsapp_ids && user_id(&wanted.to).is_some();
        if refused { Err(no_such_number(&wanted.to)) } else { Ok(()) }
    }

    fn add_outbound(&mut self, now: u64, mut wanted: MessageParams, direction: Direction) -> Result<String, ApiError> {
        let from = self.pick_sender(&wanted)?;
        let segments = segments::count(&wanted.body);
        let turn = self.turn(now, &from);
        if wanted.service.is_empty() && turn > now + QUEUE_LIMIT_MS {
            return Err(ApiError::bad(
                21611,
                format!("This 'From' number {from} has exceeded the maximum number of queued messages"),
            ));
        }
        if is_whatsapp(&wanted.to) {
            // Any further medium is ignored (Twilio help, Sending and receiving media with WhatsApp).
            wanted.media_urls.truncate(1);
        }
        let sid = self.sids.make(if wanted.media_urls.is_empty() { "SM" } else { "MM" });
        self.take_turn(&from, turn, segments);
        let given = |text: String| (!text.is_empty()).then_some(text);
        let status = if wanted.service.is_empty() { Status::Queued } else { Status::Accepted };
        self.messages.add(Message {
            sid: sid.clone(),
            direction,
            from: Some(from),
            to: wanted.to,
            body: wanted.body,
            media: Vec::new(),
            media_urls: wanted.media_urls,
            messaging_service_sid: given(wanted.service),
            content_sid: given(wanted.content_sid),
            status_callback: given(wanted.status_callback),
            status,
            error: None,
            segments,
            created: now,
            updated: now,
            sent: None,
            turn,
        });
        self.begin(now, &sid);
        Ok(sid)
    }

    /// The body, or the template with its variables filled in.
    fn written_out(&self, wanted: &MessageParams) -> Result<String, ApiError> {
        if wanted.content_sid.is_empty() {
            return Ok(wanted.body.clone());
        }
        content::written_out(&self.settings.templates, &wanted.content_sid, &wanted.content_variables)
    }

    fn check_sender(&self, wanted: &MessageParams) -> Result<(), ApiError> {
        let MessageParams { from, to, service, .. } = wanted;
        if !service.is_empty() {
            let service = self
                .settings
                .service(service)
                .ok_or_else(|| ApiError::bad(21705, "The Messaging Service Sid is invalid"))?;
            if service.senders.is_empty() {
                return Err(ApiError::bad(21704, "The Messaging Service contains no phone numbers"));
            }
        }
        if from.is_empty() || from == MAGIC_SENDER {
            return Ok(());
        }
        if let Some((_, code, message)) = MAGIC_FROM.iter().find(|(number, ..)| number == from) {
            return Err(ApiError::bad(*code, *message));
        }
        if is_whatsapp(from) != is_whatsapp(to) {
            return Err(ApiError::bad(21910, "Invalid From and To pair. From and To should be of the same channel"));
        }
        if from == to {
            let code = if is_whatsapp(from) { 63031 } else { 21266 };
            return Err(ApiError::bad(code, "'To' and 'From' number cannot be the same"));
        }
        if self.settings.sender(from).is_none() {
            return Err(if is_whatsapp(from) {
                ApiError::bad(63007, "Twilio could not find a Channel with the specified From address")
            } else {
                ApiError::bad(
                    21606,
                    format!(
                        "The 'From' phone number provided ({from}) is not a valid message-capable Twilio phone number for this destination/account"
                    ),
                )
            });
        }
        Ok(())
    }

    /// With a service the block list speaks later, in the message's state.
    fn check_blocked(&self, wanted: &MessageParams) -> Result<(), ApiError> {
        let blocked = wanted.service.is_empty() && self.blocked(&wanted.from, &wanted.to);
        if blocked { Err(ApiError::bad(21610, "Attempt to send to unsubscribed recipient")) } else { Ok(()) }
    }

    /// The sender named, or the first of the service's pool that speaks the receiver's channel.
    fn pick_sender(&self, wanted: &MessageParams) -> Result<String, ApiError> {
        if !wanted.from.is_empty() {
            return Ok(wanted.from.clone());
        }
        let pool = self.settings.service(&wanted.service).into_iter().flat_map(|service| &service.senders);
        let same_channel = |sender: &&String| is_whatsapp(sender) == is_whatsapp(&wanted.to);
        let none =
            || ApiError::bad(21703, "The Messaging Service does not have a phone number available to send a message");
        pool.into_iter().find(same_channel).cloned().ok_or_else(none)
    }
}

fn check_form(wanted: &MessageParams) -> Result<(), ApiError> {
    let http = |url: &String| url.starts_with("http://") || url.starts_with("https://");
    let callback = &wanted.status_callback;
    let problems = [
        (wanted.to.is_empty(), 21604, "A 'To' phone number is required."),
        (wanted.from.is_empty() && wanted.service.is_empty(), 21603, "A 'From' phone number is required."),
        (
            wanted.body.is_empty() && wanted.media_urls.is_empty() && wanted.content_sid.is_empty(),
            21602,
            "Message body is required.",
        ),
        (
            wanted.body.chars().count() > BODY_LIMIT,
            21617,
            "The concatenated message body exceeds the 1600 character limit.",
        ),
        (
            !callback.is_empty() && (!http(callback) || callback.len() > CALLBACK_LIMIT),
            21609,
            "The 'StatusCallback' URL is not a valid URL.",
        ),
        (wanted.media_urls.len() > MEDIA_LIMIT, 21623, "The number of media files exceeds the limit of 10."),
        (!wanted.media_urls.iter().all(http), 21620, "Invalid media URL(s)"),
    ];
    match problems.into_iter().find(|(found, ..)| *found) {
        Some((_, code, message)) => Err(ApiError::bad(code, message)),
        None => Ok(()),
    }
}

fn no_such_number(to: &str) -> ApiError {
    ApiError::bad(21211, format!("Invalid 'To' Phone Number: {to}"))
}

fn check_receiver(wanted: &MessageParams) -> Result<(), ApiError> {
    if let Some((number, code, message)) = MAGIC_TO.iter().find(|(number, ..)| *number == wanted.to) {
        return Err(ApiError::bad(*code, format!("{message}: {number}")));
    }
    if textable(&wanted.to) || user_id(&wanted.to).is_some() {
        return Ok(());
    }
    Err(no_such_number(&wanted.to))
}

/// E.164 (at most 15 digits, ITU-T), with or without a channel, or a short code of three to eight digits.
fn textable(to: &str) -> bool {
    let bare = to.strip_prefix("whatsapp:").unwrap_or(to);
    let digits = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    match bare.strip_prefix('+') {
        Some(number) => digits(number, 7..=15) && !number.starts_with('0'),
        None => bare == to && digits(to, 3..=8),
    }
}
