//! Days of a plan that several people work on at once, each repeatable by its seed.
//!
//! People edit, undo, lose the line and come back; their updates wait, arrive in pieces and out of order; the server
//! judges them, passes them on, and rebases rooms to their next epoch. In the evening everybody has the same
//! documents, the same mirrors and the same values, and nobody's own entries are lost or done twice.
//!
//! `EQUIPOISE_SEED=17 cargo test -p grid-engine --test simulation` repeats one day, `EQUIPOISE_SEEDS=100000` plays more.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../table/mod.rs"]
mod table;

mod alone;
mod deeds;
#[path = "../../src/doc/dice.rs"]
mod dice;
mod line;
mod plan;

use dice::Dice;
use line::Office;

/// Days of an ordinary test run: about half a minute.
const DAYS: u64 = 3000;
/// Deeds of one day.
const DEEDS: u32 = 100;

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn play(seed: u64) {
    let mut dice = Dice(seed);
    let mut office = Office::open(3 + dice.roll(3), seed);
    for serial in 0..DEEDS {
        let who = dice.roll(office.people.len());
        match dice.roll(40) {
            0..=19 => office.do_something(&mut dice, who, serial),
            20 => office.undo(who),
            21 => office.redo(who),
            22 => office.toggle_line(&mut dice, who),
            23 => office.rebase(&mut dice),
            24 => office.people[who].recalculate(),
            _ => office.pass_on(&mut dice),
        }
    }
    office.close(&mut dice);
}

#[test]
fn every_day_ends_with_one_plan() {
    if let Some(seed) = number_of("EQUIPOISE_SEED") {
        return play(seed);
    }
    let days = number_of("EQUIPOISE_SEEDS").unwrap_or(DAYS);
    let next = std::sync::atomic::AtomicU64::new(0);
    let work = || {
        loop {
            let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if seed >= days {
                return;
            }
            play(seed);
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (0..threads).for_each(|_| _ = scope.spawn(work));
    });
}
