//! Whether a text costs more the more there is already: in one person's history, in their backlog, in everybody's.

use emulator::faults::{Kind, Service};
use ringside_tests::world::World;
use ringside_tests::world::stage::Stage;
use serde_json::json;

use crate::Table;
use crate::meter::{self, Meter};

/// Texts are counted by so many, so that what happens now and then is in it.
const WINDOW: u64 = 50;

/// One text a second: Help Scout takes more.
const APART: i64 = 1_000;

/// How many there are when a window begins.
const SIZES: [u64; 3] = [100, 1_000, 3_000];

/// People who text for the first time in an outage. The first thousand make it one that the rate limiter knows.
const CROWD: [u64; 2] = [1_000, 3_000];

/// The last window against the first, in hundredths: a fifth is left for what happens now and then, such as a try of somebody
/// who has waited for long.
const AT_MOST: u64 = 120;

const SAM: &str = "+15550100100";

/// Prints the table and judges what is counted.
pub fn show(table: &mut Table) {
    println!();
    println!(
        "{:<38} {:>7} {:>11} {:>8} {:>9} {:>13} {:>9}",
        "growth: each further text, with", "there", "statements", "written", "returned", "SQLite steps", "CPU"
    );
    let mut grown = Vec::new();
    for (what, windows) in [
        ("a history of one person", one_person(false)),
        ("a backlog of one person", one_person(true)),
        ("a crowd whose first texts wait", crowd()),
    ] {
        for (there, cost) in &windows {
            line(what, *there, cost);
        }
        if let (Some((_, first)), Some((_, last))) = (windows.first(), windows.last()) {
            grown.push((what, *first, *last));
        }
    }
    println!();
    crate::row("what", "measured", "at most", "");
    for (what, first, last) in grown {
        for (counted, first, last) in [
            ("statements", first.statements, last.statements),
            ("rows written", first.written, last.written),
            ("SQLite steps", first.sqlite_steps, last.sqlite_steps),
        ] {
            table.count(&format!("{counted}, last against first (%): {what}"), hundredths(last, first), AT_MOST);
        }
        let cpu = last.cpu.as_secs_f64() / first.cpu.as_secs_f64();
        table.time(&format!("CPU, last against first: {what}"), &format!("{cpu:.2}"), "1.3");
    }
}

fn hundredths(of: u64, against: u64) -> u64 {
    of * 100 / against.max(1)
}

fn line(what: &str, there: u64, cost: &Meter) {
    // Counts of a window are far below 2^52.
    #[expect(clippy::cast_precision_loss)]
    let each = |count: u64| count as f64 / WINDOW as f64;
    let micros = (cost.cpu / u32::try_from(WINDOW).unwrap_or(1)).as_micros();
    println!(
        "{what:<38} {there:>7} {:>11.1} {:>8.1} {:>9.1} {:>13.0} {micros:>6} µs",
        each(cost.statements),
        each(cost.written),
        each(cost.returned),
        each(cost.sqlite_steps),
    );
}

/// Nobody is greeted: a greeting is a text of its own.
fn stage(down: bool) -> World {
    let mut world = meter::world(&Stage::with("greeting", json!("")));
    if down {
        world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    }
    world
}

fn texts(world: &mut World, count: u64, from: impl Fn(u64) -> String) {
    for number in 0..count {
        world.text(&from(number), &format!("This is message number {number}. Where do I vote?"));
        world.run_for(APART);
    }
}

/// One person texts; with `down`, all of it waits for Help Scout.
fn one_person(down: bool) -> Vec<(u64, Meter)> {
    let mut world = stage(down);
    let mut there = 0;
    SIZES
        .map(|size| {
            texts(&mut world, size - there, |_| SAM.to_owned());
            there = size + WINDOW;
            (size, Meter::during(&mut world, |world| texts(world, WINDOW, |_| SAM.to_owned())))
        })
        .into()
}

/// Everybody texts once, and Help Scout cannot be reached.
fn crowd() -> Vec<(u64, Meter)> {
    let mut world = stage(true);
    let mut there = 0;
    let person = |number: u64| format!("+1555300{number:04}");
    CROWD
        .map(|size| {
            texts(&mut world, size - WINDOW - there, |number| person(there + number));
            let before = size - WINDOW;
            there = size;
            (size, Meter::during(&mut world, |world| texts(world, WINDOW, |number| person(before + number))))
        })
        .into()
}
