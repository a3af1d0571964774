//! What one text and one reply cost, counted in the simulation's objects, whose statements are the Worker's.

use ringside_tests::world::World;
use ringside_tests::world::stage::Stage;

use crate::Table;
use crate::meter::{self, Meter};

const SAM: &str = "+15550100100";
const MINUTE: i64 = 60_000;

/// Budgets in the order of [`Budget::check`]: what is needed today, so that whoever needs more says so here. Five statements of a text,
/// and sixteen of a reply, are what health is told of them (`contact/facts.rs`) and what programs hear (`contact/events.rs`).
struct Budget {
    what: &'static str,
    help_scout: u64,
    twilio: u64,
    objects: u64,
    steps: u64,
    statements: u64,
    written: u64,
    returned: u64,
}

/// From Twilio's webhook until Help Scout has the thread.
const TEXT: Budget = Budget {
    what: "a further text",
    help_scout: 1,
    twilio: 0,
    objects: 3,
    steps: 5,
    statements: 23,
    written: 9,
    returned: 14,
};

/// From Help Scout's webhook until the note says that the reply was delivered.
const REPLY: Budget = Budget {
    what: "a reply",
    help_scout: 3,
    twilio: 1,
    objects: 10,
    steps: 24,
    statements: 170,
    written: 66,
    returned: 123,
};

impl Budget {
    fn check(&self, table: &mut Table, cost: &Meter) {
        for (counted, measured, at_most) in [
            ("requests to Help Scout for", cost.help_scout, self.help_scout),
            ("requests to Twilio for", cost.twilio, self.twilio),
            ("requests to objects for", cost.objects, self.objects),
            ("steps of objects for", cost.steps, self.steps),
            ("statements for", cost.statements, self.statements),
            ("rows written for", cost.written, self.written),
            ("rows that statements return for", cost.returned, self.returned),
        ] {
            table.count(&format!("{counted} {}", self.what), measured, at_most);
        }
        let cpu = format!("{} µs", cost.cpu.as_micros());
        table.time(&format!("CPU of the steps of {} (this program's profile)", self.what), &cpu, "");
    }
}

/// A person whom both services know, and whose objects have their statements prepared.
fn known() -> (World, u64) {
    let mut world = meter::world(&Stage::default());
    for words in ["first", "again"] {
        world.settled_text(SAM, words);
    }
    let conversation = world.conversation(SAM);
    world.reply(conversation, "<p>Good morning.</p>");
    world.settle(1);
    (world, conversation)
}

/// One further text of a known person.
pub fn of_a_text(table: &mut Table) {
    let (mut world, _) = known();
    let cost = Meter::during(&mut world, |world| {
        world.text(SAM, "second");
        world.run_for(MINUTE);
    });
    TEXT.check(table, &cost);
}

/// One further reply to them.
pub fn of_a_reply(table: &mut Table) {
    let (mut world, conversation) = known();
    let cost = Meter::during(&mut world, |world| {
        world.reply(conversation, "<p>At the library, until eight.</p>");
        world.run_for(MINUTE);
    });
    REPLY.check(table, &cost);
}
