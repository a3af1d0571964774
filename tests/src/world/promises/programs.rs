//! P1 to P4 of what programs send: once at most, to its person, and with an end that says what became of it.

use emulator::twilio::Message;

use super::{is_alive, person};
use crate::world::World;
use crate::world::program_life::{End, Sent};

/// Why another channel is tried when the text by the first one never left.
const NOT_LEFT: &str = "it did not leave within";

impl World {
    pub(super) fn check_programs(&self, broken: &mut Vec<String>) {
        let sent = self.twilio.sent();
        for program in &self.ledger.programs {
            let marker = &program.marker;
            broken.extend(program.contradictions.iter().map(|it| format!("P2: {marker} was answered {it}")));
            if !program.is_taken {
                broken.push(format!("P1: {marker} was never taken"));
            }
            let texts: Vec<&Message> = sent.iter().filter(|message| message.body.contains(marker)).collect();
            for text in texts.iter().filter(|text| program.items.iter().all(|(to, _)| to != person(text))) {
                broken.push(format!("P4: {marker} went to {}", text.to));
            }
            // What was erased says nothing at Twilio any more.
            for (to, id) in program.items.iter().filter(|(to, _)| !self.is_erased(to)) {
                let texts: Vec<&Message> = texts.iter().copied().filter(|text| person(text) == to).collect();
                self.check_end(program, (to, id), &texts, broken);
            }
        }
    }

    fn check_end(&self, program: &Sent, (to, id): (&str, &str), texts: &[&Message], broken: &mut Vec<String>) {
        let marker = &program.marker;
        let alive = texts.iter().filter(|text| is_alive(text)).count();
        let (untold, known) = (End::default(), program.ends.iter().find(|end| end.id == id));
        let end = known.unwrap_or(&untold);
        let by_whatsapp = texts.iter().filter(|text| text.to.starts_with("whatsapp:")).count();
        if by_whatsapp > 1 || texts.len() - by_whatsapp > 1 {
            broken.push(format!("P2: {marker} was sent to {to} {} times", texts.len()));
        }
        // Two may arrive where the first takes long, or after it was given up; not where it was believed not to have left.
        if texts.len() > 1 && (end.why.contains(NOT_LEFT) || !end.why.contains("next_channel")) {
            broken.push(format!("P2: {marker} was sent to {to} by both channels: {}", end.why));
        }
        let end = end.status.as_str();
        let is_told = match end {
            "refused" | "expired" | "canceled" => texts.is_empty(),
            "failed" => alive == 0,
            "unknown" => true,
            "queued" | "sending" | "sent" | "delivered" | "read" => alive > 0,
            _ => false,
        };
        if !is_told {
            broken.push(format!("P9: {marker} to {to} is {end:?}, and {alive} of {} texts live", texts.len()));
        }
    }
}
