//! What happens in a world, counted.

use std::ops::Sub;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use ringside_tests::world::World;
use ringside_tests::world::stage::Stage;

/// How much there was of everything, up to an instant or between two.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meter {
    /// Requests to Help Scout, without those for a token.
    pub help_scout: u64,
    /// Requests to Twilio.
    pub twilio: u64,
    /// Requests to objects.
    pub objects: u64,
    /// Steps of objects.
    pub steps: u64,
    /// SQL statements.
    pub statements: u64,
    /// Rows that they wrote, as the platform bills them.
    pub written: u64,
    /// Rows that they returned.
    pub returned: u64,
    /// Operations of SQLite's virtual machine.
    pub sqlite_steps: u64,
    /// Processor's time of the objects' steps alone, in this program's own profile.
    pub cpu: Duration,
}

impl Meter {
    /// Everything up to now.
    pub fn of(world: &World) -> Self {
        Self {
            help_scout: world.ledger.helpscout_requests.len() as u64,
            twilio: world.ledger.twilio_requests,
            objects: world.object_requests,
            steps: world.steps,
            statements: world.switch.statements(),
            written: world.objects.values().map(|object| object.store.rows_written()).sum(),
            returned: world.switch.rows_returned(),
            sqlite_steps: world.switch.sqlite_steps(),
            cpu: world.cpu,
        }
    }

    /// What an action brings about.
    pub fn during(world: &mut World, action: impl FnOnce(&mut World)) -> Self {
        let before = Self::of(world);
        action(world);
        Self::of(world) - before
    }
}

impl Sub for Meter {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            help_scout: self.help_scout - before.help_scout,
            twilio: self.twilio - before.twilio,
            objects: self.objects - before.objects,
            steps: self.steps - before.steps,
            statements: self.statements - before.statements,
            written: self.written - before.written,
            returned: self.returned - before.returned,
            sqlite_steps: self.sqlite_steps - before.sqlite_steps,
            cpu: self.cpu.saturating_sub(before.cpu),
        }
    }
}

/// A world without faults whose steps are timed. Ten thousand texts have some million events.
pub fn world(stage: &Stage) -> World {
    let mut world = World::new(stage);
    world.most_events = u64::MAX;
    world.cpu_clock = Some(cpu);
    world
}

/// The time for which this thread had a processor: what others do on the machine is not in it.
fn cpu() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}
