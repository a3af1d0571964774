//! What histories contain beyond the usual. `RINGSIDE_HAZARDS`, names with commas between them, leaves out the others.

use emulator::faults::{Kind, Rule, Service};
use emulator::helpscout::{Merged, PayloadVersion};
use emulator::twilio::{DeliveryOutcome, FarEnd, RecordingStatus};
use hotline::effects::Millis;
use serde_json::json;

use super::dice::Dice;
use super::life::{Act, TEAM};
use super::random_faults::{Outage, RandomFaults};
use super::stage::{NOON, Stage, VOTERS, VOTERS_NUMBERS};
use super::{Event, World};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hazard {
    /// Answers are a page of HTML, nothing, or cut.
    UnreadableAnswers,
    /// A text is told as undelivered and arrives a minute later.
    LateDeliveries,
    /// Phones are off, or texts to them fail in a way that passes, for minutes or hours.
    PhonesOff,
    /// An agent takes a reply back, or corrects it, minutes or hours later.
    LateUndo,
    /// Twilio refuses the account for a while.
    RefusedAccount,
    /// Callers with numbers of premium ranges and expensive countries, which are forged.
    ForgedCallers,
    /// An agent undoes a reply, corrects it and sends it again; the thread keeps its id.
    CorrectedReplies,
    /// An agent changes the customer of a conversation.
    ChangedCustomers,
    /// Help Scout's AI agent replies.
    AiReplies,
    /// The bot user loses an inbox for some minutes.
    HiddenInbox,
    /// Help Scout's clock is ahead by minutes.
    ClockAhead,
    /// A write to a merged conversation answers 301, and `Location` keeps the rest of the path.
    MovedWrites,
    /// Webhooks of payload V2, which is still read.
    PayloadV2,
    /// The release that follows this one is taken back, and comes again.
    Rollback,
    /// Release 0.1.0 was at work until some instant.
    Upgrade,
    /// Several people call within seconds.
    CallBursts,
    /// A phone of the team forwards to the hotline.
    ForwardingPhones,
    /// Twilio loses what some people say on voicemail.
    LostRecordings,
    /// People call on WhatsApp.
    WhatsappCalls,
    /// Twilio takes no calls for a while, since there are too many requests.
    TooManyCalls,
    /// Alarms of people's objects never come.
    LostAlarms,
    /// Programs send by `/v1`.
    Programs,
    /// Programs verify numbers, and have people erased.
    Erasures,
}

/// Each by its name.
const ALL: [(&str, Hazard); 23] = [
    ("unreadable_answers", Hazard::UnreadableAnswers),
    ("late_deliveries", Hazard::LateDeliveries),
    ("phones_off", Hazard::PhonesOff),
    ("late_undo", Hazard::LateUndo),
    ("refused_account", Hazard::RefusedAccount),
    ("forged_callers", Hazard::ForgedCallers),
    ("corrected_replies", Hazard::CorrectedReplies),
    ("changed_customers", Hazard::ChangedCustomers),
    ("ai_replies", Hazard::AiReplies),
    ("hidden_inbox", Hazard::HiddenInbox),
    ("clock_ahead", Hazard::ClockAhead),
    ("moved_writes", Hazard::MovedWrites),
    ("payload_v2", Hazard::PayloadV2),
    ("rollback", Hazard::Rollback),
    ("upgrade", Hazard::Upgrade),
    ("call_bursts", Hazard::CallBursts),
    ("forwarding_phones", Hazard::ForwardingPhones),
    ("lost_recordings", Hazard::LostRecordings),
    ("whatsapp_calls", Hazard::WhatsappCalls),
    ("too_many_calls", Hazard::TooManyCalls),
    ("lost_alarms", Hazard::LostAlarms),
    ("programs", Hazard::Programs),
    ("erasures", Hazard::Erasures),
];

/// Callers whose numbers are forged: satellites, Somalia, a premium range.
pub const FORGED: [&str; 3] = ["+88213300900", "+25290100200", "+19005550100"];

const MINUTE: Millis = 60_000;

/// The hazards of this run.
pub fn in_force() -> Vec<Hazard> {
    let wanted = std::env::var("RINGSIDE_HAZARDS").ok();
    let asked = |name: &str| wanted.as_ref().is_none_or(|names| names.split(',').any(|it| it == name));
    ALL.iter().filter(|(name, _)| asked(name)).map(|(_, hazard)| *hazard).collect()
}

/// What hazards change in the accounts.
pub(super) fn set_stage(stage: &mut Stage, hazards: &[Hazard], dice: &mut Dice) {
    if hazards.contains(&Hazard::Programs) || hazards.contains(&Hazard::Erasures) {
        stage.hotline.push(("send_countries", json!(["US", "GB"])));
    }
    if hazards.contains(&Hazard::MovedWrites) && dice.happens(500) {
        stage.merged = Some(Merged { write_status: 301, location_keeps_path: dice.happens(500) });
    }
    if hazards.contains(&Hazard::ClockAhead) && dice.happens(300) {
        stage.clock_ahead_ms = dice.span(MINUTE, 5 * MINUTE);
    }
    if hazards.contains(&Hazard::PayloadV2) && dice.happens(300) {
        stage.payload = Some(PayloadVersion::V2);
    }
}

impl World {
    /// What hazards add to a history that lasts until `end`.
    pub(super) fn plan_hazards(&mut self, hazards: &[Hazard], people: &[&'static str], end: Millis) {
        for hazard in hazards {
            match hazard {
                Hazard::UnreadableAnswers => self.random_faults.unreadable = self.dice.within(0, 20),
                Hazard::LateDeliveries if self.dice.happens(300) => {
                    if let Some(person) = self.dice.pick(people).copied() {
                        self.twilio.set_delivery_outcome(person, DeliveryOutcome::LATE);
                        self.ledger.late.insert(person.to_owned());
                    }
                }
                Hazard::PhonesOff => self.plan_phones(people, end),
                Hazard::LateUndo => self.undoes_late = true,
                Hazard::RefusedAccount if self.dice.happens(150) => {
                    let from = self.dice.span(NOON, end);
                    let until = from + self.dice.span(MINUTE, 2 * 60 * MINUTE);
                    let status = self.dice.pick(&[401, 403]).copied();
                    self.random_faults.outages.push(Outage { service: Service::Twilio, from, until, status });
                }
                Hazard::ForgedCallers => {
                    self.plan_some(end, 300, |dice| Act::Call(dice.pick(&FORGED).unwrap_or(&FORGED[0])));
                }
                Hazard::CallBursts if self.dice.happens(300) => {
                    let at = self.dice.span(NOON, end);
                    for _ in 0..self.dice.within(2, 8) {
                        let person = *self.dice.pick(people).unwrap_or(&FORGED[0]);
                        let soon = at + self.dice.span(0, 20_000);
                        self.at(soon, Event::Act(Act::Call(person)));
                    }
                }
                Hazard::ForwardingPhones if self.dice.happens(200) => {
                    if let Some(phone) = self.dice.pick(&TEAM) {
                        self.twilio.set_far_end(phone, FarEnd::Forwards { to: VOTERS_NUMBERS[0].to_owned() });
                    }
                }
                Hazard::LostRecordings if self.dice.happens(300) => {
                    let status = *self
                        .dice
                        .pick(&[RecordingStatus::Absent, RecordingStatus::Failed])
                        .unwrap_or(&RecordingStatus::Absent);
                    if let Some(person) = self.dice.pick(people) {
                        self.twilio.lose_recordings(person, status);
                    }
                }
                Hazard::WhatsappCalls => self.whatsapp_calls = 100,
                Hazard::TooManyCalls if self.dice.happens(200) => {
                    let body = json!({"code": 20429, "message": "Too Many Requests", "status": 429});
                    let kind = Kind::Status { status: 429, headers: [].into(), body };
                    let (method, path_contains) = (Some("POST".into()), Some("/Calls.json".into()));
                    let times = u32::try_from(self.dice.within(1, 8)).ok();
                    self.faults.add(Service::Twilio, Rule { id: 0, kind, method, path_contains, times });
                }
                Hazard::CorrectedReplies => self.corrects_replies = true,
                Hazard::ChangedCustomers => self.plan_some(end, 200, |_| Act::ChangeCustomer),
                Hazard::AiReplies => self.plan_some(end, 300, |_| Act::AiReply),
                Hazard::HiddenInbox if self.dice.happens(200) => {
                    let at = self.dice.span(NOON, end);
                    self.at(at, Event::Act(Act::HideInbox(true)));
                    let until = at + self.dice.span(MINUTE, 10 * MINUTE);
                    self.at(until, Event::Act(Act::HideInbox(false)));
                }
                _ => {}
            }
        }
    }

    /// Phones go off and on; a person's texts may come to all ends before the last.
    fn plan_phones(&mut self, people: &[&'static str], end: Millis) {
        const PASSING: [u32; 7] = [30003, 30003, 30003, 30001, 30008, 30022, 30610];
        for person in people {
            while self.dice.happens(400) {
                let code = *self.dice.pick(&PASSING).unwrap_or(&30003);
                let leaves = self.dice.happens(700);
                let off = if leaves { DeliveryOutcome::Undelivered(code) } else { DeliveryOutcome::Failed(code) };
                let at = self.dice.span(NOON, end);
                self.at(at, Event::Act(Act::Phone(person, off)));
                let until = at + self.dice.span(MINUTE, 5 * 60 * MINUTE);
                self.at(until, Event::Act(Act::Phone(person, DeliveryOutcome::Delivered)));
            }
        }
    }

    /// In some histories alarms are lost, and nothing else fails in our own objects, nor does a release change: who loses what
    /// is under way and the alarm at once waits for the next word to it. They have dice of their own.
    pub(super) fn plan_lost_alarms(&mut self, hazards: &[Hazard], seed: u64) -> bool {
        self.alarm_dice = Dice::new(seed.rotate_left(17));
        let is_planned = hazards.contains(&Hazard::LostAlarms) && self.alarm_dice.happens(250);
        if is_planned {
            let lost_alarm = self.alarm_dice.within(20, 300);
            let faults = std::mem::take(&mut self.random_faults);
            self.random_faults = RandomFaults { lost_alarm, crash: 0, statement: 0, unheard: 0, ..faults };
        }
        is_planned
    }

    /// Releases come and go in half the histories each. They have dice of their own: until then a history is what it
    /// would be without them.
    pub(super) fn plan_releases(&mut self, hazards: &[Hazard], seed: u64) {
        self.release_dice = Dice::new(!seed);
        if hazards.contains(&Hazard::Rollback) && self.release_dice.happens(500) {
            let at = self.shortly_after_something();
            self.at(at, Event::Act(Act::RollBack));
            let until = at + self.release_dice.span(MINUTE, 3 * 60 * MINUTE);
            self.at(until, Event::Act(Act::Upgrade));
        }
        if hazards.contains(&Hazard::Upgrade) && self.release_dice.happens(500) {
            let at = self.shortly_after_something();
            self.at(at, Event::Act(Act::UpgradeFrom010));
        }
    }

    /// An instant at which there is something to do.
    fn shortly_after_something(&mut self) -> Millis {
        let planned: Vec<Millis> = self.events.keys().map(|(at, _)| *at).collect();
        self.release_dice.pick(&planned).copied().unwrap_or(self.now) + self.release_dice.span(0, 10_000)
    }

    fn plan_some(&mut self, end: Millis, likely: u64, mut act: impl FnMut(&mut Dice) -> Act) {
        while self.dice.happens(likely) {
            let (at, act) = (self.dice.span(NOON, end), act(&mut self.dice));
            self.at(at, Event::Act(act));
        }
    }

    /// The bot user loses the inbox of the voters' hotline, or gets it back.
    pub(super) fn hide_inbox(&mut self, hidden: bool) {
        let inboxes = if hidden { json!([VOTERS]) } else { json!([]) };
        drop(self.play("settings", &json!({ "hidden_inboxes": inboxes })));
    }
}
