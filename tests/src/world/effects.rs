//! How the Worker carries out what objects ask of the world, with every way in which that fails.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emulator::faults::{Course, Service, Verdict};
use emulator::http::{self, Model};
use hotline::alarm::Alarm;
use hotline::effects::{
    self, Completion, Effect, Input, Millis, ObjectMessage, ObjectReply, Outcome, PermitRequest, REQUEST_TIMEOUT,
    RateLimiterName, Report, Request, Ticket, ToObject,
};
use hotline::messages::MOST_MOVES;
use hotline::messages::endpoint::Delivery;
use hotline::messages::participant;
use hotline::storage::StoreError;
use hotline::{contact, directory, rate_limiter};

use super::object::Name;
use super::random_faults::Fate;
use super::wire::{as_read, brief, header, on_the_wire, shown};
use super::{Event, World};

/// Who asked, in which of its lives.
#[derive(Clone)]
pub(super) struct Asker {
    name: Name,
    life: u64,
    ticket: Ticket,
}

/// Something that was asked of the world, at one station of its way.
pub(super) enum PendingEffect {
    PermitRequest(Asker, RateLimiterName, PermitRequest),
    Arrive { service: Service, request: http::Request, asker: Asker, fate: Fate },
    Answered(Asker, Outcome),
    Fetch(Asker, Vec<String>),
    Deliver(Asker, Delivery),
    ToObject { asker: Asker, tell: ToObject, answer_lost: bool },
    Report(RateLimiterName, Report),
    PermitReady(effects::Asker),
    Back(Asker, Completion),
}

impl World {
    /// One step of an object: its rows are written or not, and what it asks for is on its way.
    pub(super) fn step(&mut self, name: &Name, input: Input<ObjectMessage>) -> Result<ObjectReply, Unanswered> {
        self.steps += 1;
        let begun = self.cpu_clock.map(|clock| clock());
        let mut object = match self.objects.remove(name) {
            Some(object) => object,
            None => self.begin_object(name)?,
        };
        // A step has some twenty statements; a later one that is meant does not fail.
        let spoilt = self.dice.happens(self.random_faults.statement);
        if spoilt {
            self.switch.fail_after(self.dice.within(1, 25));
        }
        let result = object.step(name, &self.config, self.now, input.clone());
        if let (Some(clock), Some(begun)) = (self.cpu_clock, begun) {
            self.cpu += clock().saturating_sub(begun);
        }
        if spoilt {
            self.switch.mend();
        }
        self.objects.insert(name.clone(), object);
        self.rest_of_the_crowd(name);
        self.note(|| match &result {
            Ok((reply, effects)) => format!("{name}: {} -> {reply:?}, {}", shown(&input), brief(effects)),
            Err(error) => format!("{name}: {} -> {error}", shown(&input)),
        });
        match result {
            Ok((reply, effects)) => self.carry_out(name, effects).map(|()| reply),
            Err(error) => {
                self.arm(name, Alarm::arm_again);
                Err(error.into())
            }
        }
    }

    /// The alarm is set in the same synchronous turn as the step's rows, so that no crash comes between the two. After a
    /// crash whoever waits for the object's answer sees an error, though the rows are written.
    fn carry_out(&mut self, name: &Name, effects: Vec<Effect>) -> Result<(), Unanswered> {
        for effect in &effects {
            if let Effect::Wake(at) = effect {
                self.arm(name, |alarm, now| alarm.arm(*at, now));
            }
        }
        let life = self.objects.get(name).map_or(0, |object| object.life);
        // A rate limiter hears what was reported before it is asked for the next permit.
        let mut reported = 0;
        for effect in effects {
            let is_quiet = matches!(&effect, Effect::ToObject(_, tell) if is_of_the_watchdog(tell));
            if !is_quiet && self.dice.happens(self.random_faults.crash) {
                self.crash(name);
                return Err(Unanswered::Crashed);
            }
            let asker = |ticket| Asker { name: name.clone(), life, ticket };
            match effect {
                Effect::Wake(_) | Effect::Log(_) => {}
                Effect::Push(frame) => self.ledger.pushed.push(frame),
                Effect::Permit(ticket, limiter, ask) => {
                    let wait = reported + self.latency(1, 15);
                    self.after(
                        wait,
                        Event::PendingEffect(Box::new(PendingEffect::PermitRequest(asker(ticket), limiter, ask))),
                    );
                }
                Effect::Send(ticket, request, token) => self.send(asker(ticket), &request, &token),
                Effect::Deliver(ticket, delivery) => self.leave_for_endpoint(asker(ticket), delivery),
                Effect::Fetch(ticket, urls) => self.effect((100, 2_000), PendingEffect::Fetch(asker(ticket), urls)),
                // Both are advice, and may be lost.
                Effect::Report(..) | Effect::PermitReady(_) if self.dice.happens(self.random_faults.unheard) => {}
                Effect::Report(limiter, report) => {
                    reported += self.latency(1, 15);
                    self.after(reported, Event::PendingEffect(Box::new(PendingEffect::Report(limiter, report))));
                }
                Effect::PermitReady(asker) => self.effect((1, 15), PendingEffect::PermitReady(asker)),
                Effect::ToObject(ticket, tell) if is_of_the_watchdog(&tell) => {
                    let said = PendingEffect::ToObject { asker: asker(ticket), tell, answer_lost: false };
                    self.after(1, Event::Watchdog(Box::new(said)));
                }
                Effect::ToObject(ticket, tell) => {
                    let (lost, answer_lost) =
                        (self.dice.happens(self.random_faults.unheard), self.dice.happens(self.random_faults.unheard));
                    if lost {
                        self.effect(
                            (1, 15),
                            PendingEffect::Back(asker(ticket), Completion::ObjectReply(ObjectReply::Unreachable)),
                        );
                    } else {
                        self.effect((1, 15), PendingEffect::ToObject { asker: asker(ticket), tell, answer_lost });
                    }
                }
            }
        }
        Ok(())
    }

    fn crash(&mut self, name: &Name) {
        self.ledger.crashed = true;
        let all = self.dice.happens(200);
        self.note(|| format!("{} crashes", if all { "everything".to_owned() } else { name.to_string() }));
        if all {
            self.crash_all();
        } else if let Some(object) = self.objects.get_mut(name) {
            object.crash(name);
        }
    }

    /// The process is killed and starts again.
    pub fn crash_all(&mut self) {
        for (name, object) in &mut self.objects {
            object.crash(name);
        }
    }

    pub(super) fn effect(&mut self, (from, to): (Millis, Millis), effect: PendingEffect) {
        let wait = self.latency(from, to);
        self.after(wait, Event::PendingEffect(Box::new(effect)));
    }

    /// Sets an object's alarm as the rules say; it fires some milliseconds late (Durable Objects, Alarms).
    pub(super) fn arm(&mut self, name: &Name, rule: impl FnOnce(&mut Alarm, Millis) -> Option<Millis>) {
        let now = self.now;
        let Some(object) = self.objects.get_mut(name) else { return };
        if let Some(at) = rule(&mut object.armed, now) {
            let at = at.max(now + 1);
            object.alarm = Some(at);
            self.at(at, Event::Alarm(name.clone(), at));
            self.alarms.entry(name.clone()).or_default().push((at, self.made));
        }
    }

    /// An alarm fires, as in the Worker's objects.
    pub(super) fn wake(&mut self, name: &Name, at: Millis) {
        let Some(object) = self.objects.get_mut(name).filter(|object| object.alarm == Some(at)) else { return };
        object.alarm = None;
        if matches!(name, Name::Contact(..)) && self.alarm_dice.happens(self.random_faults.lost_alarm) {
            self.ledger.lost_alarm = true;
            self.note(|| format!("{name}: its alarm is lost"));
            return;
        }
        let Some(object) = self.objects.get_mut(name) else { return };
        object.armed.fired();
        if !object.has_work(name).unwrap_or(true) {
            return;
        }
        self.arm(name, |alarm, now| Some(alarm.back_up(now)));
        // A step that fails has set the alarm.
        drop(self.step(name, Input::Wake));
        self.forget_idle_alarm(name);
    }

    /// Whether a directory has nothing to do but to wake people's objects.
    pub(super) fn is_watchdog_alarm(&self, name: &Name) -> bool {
        let directory = self.objects.get(name).filter(|_| matches!(name, Name::Directory(_)));
        directory.is_some_and(|directory| {
            let jobs = directory.store.jobs();
            !jobs.is_empty() && jobs.iter().all(|job| job.starts_with("wake "))
        })
    }

    /// The backup alarm of an object that has nothing more to do changes nothing: no story waits for it.
    fn forget_idle_alarm(&mut self, name: &Name) {
        let Some(object) = self.objects.get_mut(name) else { return };
        if object.armed == Alarm::default() && object.has_work(name) == Ok(false) {
            object.alarm = None;
            for alarm in self.alarms.remove(name).unwrap_or_default() {
                self.events.remove(&alarm);
            }
        }
    }

    pub(super) fn run_pending_effect(&mut self, effect: PendingEffect) {
        match effect {
            PendingEffect::PermitRequest(asker, limiter, ask) => self.ask_limiter(asker, limiter, ask),
            PendingEffect::Arrive { service, request, asker, fate } => self.arrive(service, &request, asker, fate),
            PendingEffect::Answered(asker, outcome) => self.come_back(asker, Completion::Response(outcome)),
            PendingEffect::Fetch(asker, urls) => {
                let media = urls.iter().map(|url| self.fetch(url)).collect();
                self.come_back(asker, Completion::Media(media));
            }
            PendingEffect::Deliver(asker, delivery) => self.arrive_at_endpoint(asker, delivery),
            PendingEffect::ToObject { asker, tell, answer_lost } => {
                let is_quiet = is_of_the_watchdog(&tell);
                let reply = self.tell(&asker.name, tell);
                let reply = if answer_lost { ObjectReply::Unreachable } else { reply };
                let back = PendingEffect::Back(asker, Completion::ObjectReply(reply));
                if is_quiet {
                    self.after(1, Event::Watchdog(Box::new(back)));
                } else {
                    self.effect((1, 15), back);
                }
            }
            PendingEffect::Report(limiter, report) => drop(self.report(limiter, report)),
            PendingEffect::PermitReady(effects::Asker { mailbox, contact, job }) => {
                let heard = match contact {
                    Some(key) if participant::of_asker(&key).is_some() => {
                        let name = participant::of_asker(&key).unwrap_or_default().to_owned();
                        self.request(
                            &Name::Participant(mailbox, name),
                            ObjectMessage::Participant(participant::Message::PermitReady { job }),
                        )
                    }
                    Some(key) => self.request(
                        &Name::Contact(mailbox, key),
                        ObjectMessage::Contact(contact::Message::PermitReady { job }),
                    ),
                    None => self.request(
                        &Name::Directory(mailbox),
                        ObjectMessage::Directory(directory::Message::PermitReady { job }),
                    ),
                };
                drop(heard);
            }
            PendingEffect::Back(asker, back) => self.come_back(asker, back),
        }
    }

    fn tell(&mut self, from: &Name, tell: ToObject) -> ObjectReply {
        let mailbox = match from {
            Name::Contact(mailbox, _)
            | Name::Call(mailbox, _)
            | Name::Directory(mailbox)
            | Name::Audience(mailbox, _)
            | Name::Participant(mailbox, _) => *mailbox,
            Name::VerificationLimit(_) | Name::Endpoint(_) | Name::Monitor => 0,
            Name::RateLimiter(_) | Name::ApiKey(_) => return ObjectReply::Unreachable,
        };
        self.tell_object(mailbox, tell).unwrap_or(ObjectReply::Unreachable)
    }

    /// Something is said to an object of the hotline of this inbox, or to a rate limiter.
    pub(super) fn tell_object(&mut self, mailbox: u64, said: ToObject) -> Result<ObjectReply, Unanswered> {
        match said {
            ToObject::Directory(message) => self.request(&Name::Directory(mailbox), ObjectMessage::Directory(message)),
            ToObject::Contact(mut key, message) => {
                for _ in 0..MOST_MOVES {
                    match self.request(&Name::Contact(mailbox, key), ObjectMessage::Contact(message.clone())) {
                        Ok(ObjectReply::Moved { to }) => key = to,
                        reply => return reply,
                    }
                }
                self.request(&Name::Contact(mailbox, key), ObjectMessage::Contact(message))
            }
            ToObject::Call(id, message) => self.request(&Name::Call(mailbox, id), ObjectMessage::Call(message)),
            ToObject::RateLimiter(limiter, report) => self.report(limiter, report),
            ToObject::Spread(limiter, spread) => {
                let name = Name::limiter(&limiter);
                self.request(&name, ObjectMessage::RateLimiter(rate_limiter::Message::Spread(limiter, spread)))
            }
            ToObject::Audience(part, message) => {
                self.request(&Name::Audience(mailbox, part), ObjectMessage::Audience(message))
            }
            ToObject::VerificationLimit(name, message) => {
                self.request(&Name::VerificationLimit(name), ObjectMessage::VerificationLimit(message))
            }
            ToObject::Endpoint(name, message) => self.request(&Name::Endpoint(name), ObjectMessage::Endpoint(message)),
            ToObject::ApiKey(id, message) => self.request(&Name::ApiKey(id), ObjectMessage::ApiKey(message)),
            ToObject::Participant(name, message) => {
                self.request(&Name::Participant(mailbox, name), ObjectMessage::Participant(message))
            }
            ToObject::LimiterHealth(limiter) => {
                let name = Name::limiter(&limiter);
                self.request(&name, ObjectMessage::RateLimiter(rate_limiter::Message::Health(limiter)))
            }
            ToObject::Monitor(message) => self.request(&Name::Monitor, ObjectMessage::Monitor(message)),
            ToObject::Of(mailbox, message) => self.tell_object(mailbox, *message),
        }
    }

    /// Something is said to an object from outside of it.
    pub(super) fn request(&mut self, name: &Name, said: ObjectMessage) -> Result<ObjectReply, Unanswered> {
        self.object_requests += 1;
        *self.requests_by_second.entry((name.clone(), self.now / 1_000)).or_default() += 1;
        self.step(name, Input::Message(said))
    }

    fn come_back(&mut self, Asker { name, life, ticket }: Asker, back: Completion) {
        if self.objects.get(&name).is_none_or(|object| object.life != life) {
            return;
        }
        // A step that fails changes nothing: its alarm finds the job as it was.
        if self.step(&name, Input::Completed(ticket, back)).is_err() {
            // What was answered just now, say that all must wait, nobody has heard.
            self.ledger.waits.retain(|(heard, _)| *heard != self.now);
        }
    }

    pub(super) fn report(&mut self, limiter: RateLimiterName, report: Report) -> Result<ObjectReply, Unanswered> {
        let name = Name::limiter(&limiter);
        self.request(&name, ObjectMessage::RateLimiter(rate_limiter::Message::Report(limiter, report)))
    }

    fn ask_limiter(&mut self, asker: Asker, limiter: RateLimiterName, request: PermitRequest) {
        let name = Name::limiter(&limiter);
        let message = rate_limiter::Message::Permit(limiter, request);
        // When it could not read or write its rows, the asker hears nothing and its lease runs out.
        if let Ok(ObjectReply::Permit(permit)) = self.request(&name, ObjectMessage::RateLimiter(message)) {
            self.effect((1, 15), PendingEffect::Back(asker, Completion::Permit(permit)));
        }
    }

    fn send(&mut self, asker: Asker, request: &Request, token: &str) {
        let service = match request.service {
            effects::Service::Twilio | effects::Service::Lookups => Service::Twilio,
            effects::Service::HelpScout => Service::HelpScout,
        };
        let credentials = &self.config.secrets;
        let authorization = match service {
            Service::Twilio => {
                let pair = format!("{}:{}", credentials.twilio_account_sid, credentials.twilio_auth_token.expose());
                format!("Basic {}", STANDARD.encode(pair))
            }
            Service::HelpScout => format!("Bearer {token}"),
        };
        let request = on_the_wire(request, authorization);
        self.ledger.leaves(self.now, service, &request);
        let job = self.objects.get(&asker.name).and_then(|object| object.store.job(asker.ticket.job));
        let (lane, since) = job.unwrap_or_default();
        self.ledger.asks(self.now, format!("{} {lane} {} of {since}", asker.name, asker.ticket.job), &request);
        let fate = self.fate(service, &request);
        self.note(|| {
            format!("  {} {} {:.300} {fate:?}", request.method, request.target, String::from_utf8_lossy(&request.body))
        });
        let (there, back) = (self.latency(40, 150), self.latency(40, 150));
        let lost = |course: &Course| matches!(course, Course::Refused | Course::AnswerLost);
        if let Fate::Verdict(Verdict { hold_ms, course, slow_ms }) = &fate {
            let answer = there + back + (hold_ms + slow_ms).cast_signed();
            let missed = if answer > REQUEST_TIMEOUT { Some((REQUEST_TIMEOUT, Outcome::TimedOut)) } else { None };
            let missed = missed.or(lost(course).then_some((answer, Outcome::Lost)));
            if let Some((wait, outcome)) = missed {
                self.after(wait, Event::PendingEffect(Box::new(PendingEffect::Answered(asker.clone(), outcome))));
            }
        }
        let hold = if let Fate::Verdict(verdict) = &fate { verdict.hold_ms.cast_signed() } else { 0 };
        self.after(
            there + hold,
            Event::PendingEffect(Box::new(PendingEffect::Arrive { service, request, asker, fate })),
        );
    }

    /// What becomes of a request: what a story switched on, else a random fault.
    pub(super) fn fate(&mut self, service: Service, request: &http::Request) -> Fate {
        let verdict = self.faults.on_request(service, request);
        if verdict != (Verdict { hold_ms: 0, course: Course::Served, slow_ms: 0 }) {
            return Fate::Verdict(verdict);
        }
        self.random_faults.meets(&mut self.dice, service, self.now)
    }

    /// The request is at its service.
    fn arrive(&mut self, service: Service, request: &http::Request, asker: Asker, fate: Fate) {
        let mut slow = 0;
        let response = match fate {
            Fate::Verdict(Verdict { course, hold_ms, slow_ms }) => {
                let served = course.is_done().then(|| self.serve(service, request, &asker));
                let in_time = hold_ms.cast_signed() < REQUEST_TIMEOUT;
                let Some(response) = course.answer(served).filter(|_| in_time) else { return };
                slow = slow_ms;
                response
            }
            Fate::FailedAfter(status) => {
                self.serve(service, request, &asker);
                super::random_faults::error(status, None)
            }
            Fate::Expired => {
                self.helpscout.revoke_tokens();
                self.serve(service, request, &asker)
            }
        };
        if slow.cast_signed() >= REQUEST_TIMEOUT {
            return;
        }
        self.note(|| {
            format!("  {} answers {} {:.200}", service.name(), response.status, String::from_utf8_lossy(&response.body))
        });
        let back = self.latency(40, 150) + slow.cast_signed();
        if let (429, Service::HelpScout, Some(seconds)) =
            (response.status, service, header(&response, "retry-after").and_then(|wait| wait.parse::<Millis>().ok()))
        {
            self.ledger.waits.push((self.now + back, self.now + seconds * 1_000));
        }
        self.after(
            back,
            Event::PendingEffect(Box::new(PendingEffect::Answered(asker, Outcome::Answered(as_read(response))))),
        );
    }

    /// The deed itself.
    fn serve(&mut self, service: Service, request: &http::Request, asker: &Asker) -> http::Response {
        let now = self.now.cast_unsigned();
        if service == Service::Twilio {
            return self.twilio.handle(now, request);
        }
        let response = self.helpscout.handle(now, request);
        self.ledger.served(request, &response);
        if let (201, Name::Contact(mailbox, key)) = (response.status, &asker.name) {
            let made = header(&response, "resource-id").and_then(|id| id.parse().ok()).unwrap_or(0);
            self.ledger.homes.insert(made, *mailbox);
            self.ledger.about.insert(made, key.clone());
            for thread in self.helpscout.threads(made) {
                self.ledger.homes.insert(thread.id, *mailbox);
                self.ledger.about.insert(thread.id, key.clone());
            }
        }
        response
    }
}

/// Why whoever waits for an object hears nothing.
pub(super) enum Unanswered {
    /// Its storage refused the step.
    Refused,
    /// It crashed after its step was stored.
    Crashed,
}

impl From<StoreError> for Unanswered {
    fn from(_: StoreError) -> Self {
        Self::Refused
    }
}

/// Whether a person's object and the directory speak of work that is left.
fn is_of_the_watchdog(tell: &ToObject) -> bool {
    matches!(
        tell,
        ToObject::Directory(directory::Message::WorkLeft { .. } | directory::Message::Facts { .. })
            | ToObject::Contact(_, contact::Message::Wake)
    )
}
