//! Media that supporters sent, fetched as the Worker does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emulator::faults::{Course, Service, Verdict};
use emulator::http::{self, Model};
use hotline::effects::{self, Body, Medium};

use super::World;
use super::random_faults::Fate;
use super::wire::{header, on_the_wire};

/// Help Scout's limit for one attachment, above which the Worker reads no further (Attachments: 10 MB).
pub(super) const LARGEST_MEDIUM: usize = 10_000_000;

impl World {
    /// A medium, with credentials as far as Twilio's redirect and without them to where it leads.
    pub(super) fn fetch(&mut self, url: &str) -> Medium {
        let Some(target) = url.strip_prefix(self.config.twilio_api_url.as_str()) else { return Medium::Unavailable };
        let get = effects::Request {
            service: effects::Service::Twilio,
            method: effects::Method::Get,
            path: target.to_owned(),
            body: Body::Empty,
        };
        let secrets = &self.config.secrets;
        let pair = format!("{}:{}", secrets.twilio_account_sid, secrets.twilio_auth_token.expose());
        let request = on_the_wire(&get, format!("Basic {}", STANDARD.encode(pair)));
        let undisturbed = Verdict { hold_ms: 0, course: Course::Served, slow_ms: 0 };
        if self.fate(Service::Twilio, &request) != Fate::Verdict(undisturbed) {
            return Medium::Unavailable;
        }
        let redirect = self.twilio.handle(self.now.cast_unsigned(), &request);
        if target.contains("/Recordings/") {
            return taken(redirect, self.largest_medium);
        }
        let Some(link) = header(&redirect, "location").and_then(|link| link.strip_prefix("https://mms.twiliocdn.com"))
        else {
            return Medium::Unavailable;
        };
        let plain = http::Request { target: link.to_owned(), headers: Vec::new(), ..request };
        let file = self.twilio.media_host(self.now.cast_unsigned(), &plain);
        taken(file, self.largest_medium)
    }
}

fn taken(file: http::Response, largest: usize) -> Medium {
    match file.status {
        200 if file.body.len() > largest => Medium::TooLarge,
        200 => Medium::Fetched {
            content_type: header(&file, "content-type").unwrap_or_default().to_owned(),
            disposition: header(&file, "content-disposition").unwrap_or_default().to_owned(),
            bytes: file.body,
        },
        _ => Medium::Unavailable,
    }
}
