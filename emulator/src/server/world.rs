//! Both services, the injected faults and the request log.

use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::dns::Records;
use super::sidebar::App;
use crate::faults::{Faults, Service, Verdict};
use crate::helpscout::HelpScout;
use crate::http::{Delivery, Model, Outcome, Request, Response};
use crate::twilio::Twilio;

/// How many requests the log keeps; enough for a test, small enough for a week of `dev`.
const LOG_LIMIT: usize = 10_000;

/// An API request that a service received.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Which service.
    pub service: Service,
    /// Upper-case method.
    pub method: String,
    /// Path and query below the service's prefix.
    pub target: String,
    /// What was answered; none while it is not, and when the connection ended instead.
    pub status: Option<u16>,
    /// Time of arrival, in milliseconds.
    pub at: u64,
    /// The body as text.
    pub body: String,
    #[serde(skip)]
    number: u64,
}

/// Everything that the server holds.
#[derive(Debug)]
pub struct World {
    /// The emulated Twilio account.
    pub twilio: Twilio,
    /// The emulated Help Scout account.
    pub helpscout: HelpScout,
    /// Injected faults.
    pub faults: Faults,
    /// The app in Help Scout's sidebar.
    pub app: App,
    /// What the emulated resolver knows.
    pub dns: Records,
    log: VecDeque<Entry>,
    logged: u64,
    latest: u64,
}

impl World {
    pub(super) fn new(twilio: Twilio, helpscout: HelpScout, app: App) -> Self {
        Self {
            twilio,
            helpscout,
            faults: Faults::default(),
            app,
            dns: Records::default(),
            log: VecDeque::new(),
            logged: 0,
            latest: 0,
        }
    }

    /// Milliseconds since 1970; never less than before, whatever the machine's clock does.
    pub fn now(&mut self) -> u64 {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.latest = self.latest.max(u64::try_from(clock.as_millis()).unwrap_or(u64::MAX));
        self.latest
    }

    /// API requests so far, oldest first.
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.log.iter()
    }

    /// Logs a request and decides about faults.
    pub(super) fn receive(&mut self, service: Service, request: &Request) -> (u64, Verdict) {
        self.logged += 1;
        let at = self.now();
        self.log.push_back(Entry {
            service,
            method: request.method.clone(),
            target: request.target.clone(),
            status: None,
            at,
            body: String::from_utf8_lossy(&request.body).into_owned(),
            number: self.logged,
        });
        if self.log.len() > LOG_LIMIT {
            self.log.pop_front();
        }
        (self.logged, self.faults.on_request(service, request))
    }

    pub(super) fn note_status(&mut self, number: u64, status: u16) {
        if let Some(entry) = self.log.iter_mut().rev().find(|entry| entry.number == number) {
            entry.status = Some(status);
        }
    }

    pub(super) fn handle(&mut self, service: Service, request: &Request) -> Response {
        self.twilio.set_list_lag(self.faults.list_lag_ms(Service::Twilio));
        self.helpscout.set_list_lag(self.faults.list_lag_ms(Service::HelpScout));
        let now = self.now();
        self.model(service).handle(now, request)
    }

    pub(super) fn next_due(&self) -> Option<u64> {
        self.twilio.next_due().into_iter().chain(self.helpscout.next_due()).min()
    }

    /// Webhooks that are due, each with the delays of its copies.
    pub(super) fn take_due(&mut self) -> Vec<(Service, Delivery, Vec<u64>)> {
        let now = self.now();
        let mut due = Vec::new();
        for service in Service::ALL {
            for delivery in self.model(service).take_due(now) {
                let delays = self.faults.on_delivery(service, &delivery);
                due.push((service, delivery, delays));
            }
        }
        due
    }

    pub(super) fn answered(&mut self, service: Service, delivery: u64, outcome: Outcome) {
        let now = self.now();
        self.model(service).answered(now, delivery, outcome);
    }

    fn model(&mut self, service: Service) -> &mut dyn Model {
        match service {
            Service::Twilio => &mut self.twilio,
            Service::HelpScout => &mut self.helpscout,
        }
    }
}
