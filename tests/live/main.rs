//! Days of a server whose network loses, delays and repeats, whose disk fails and whose process is killed at any
//! moment, each repeatable by its seed.
//!
//! What decides is the server's own [`Replica`](equipoise_server::sync::Replica); network, disk and clock are made up
//! here. Whatever happens: what was called saved is on disk, nobody sees what is not, an edit is there whole or not at
//! all, and once all is quiet everybody holds the same as the disk.
//!
//! `EQUIPOISE_SEED=17 cargo test --test live` repeats one day, `EQUIPOISE_SEEDS=100000` plays more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod client;
mod connection;
mod dice;
mod disk;
mod plan;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use disk::Honesty;
use world::{Tally, World};

/// Days of an ordinary test run.
const DAYS: u64 = 10_000;
/// What happens on one day.
const STEPS: usize = 160;

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn play(seed: u64, honesty: Honesty) -> Result<Tally, String> {
    let mut world = World::new(seed, honesty)?;
    for _ in 0..STEPS {
        world.step()?;
    }
    world.close()
}

/// Plays days until one goes wrong: its seed and what is wrong; or else what happened on all of them.
fn play_all(days: u64, honesty: Honesty) -> Result<Tally, (u64, String)> {
    let next = AtomicU64::new(0);
    let sum: Mutex<Result<Tally, (u64, String)>> = Mutex::new(Ok(Tally::default()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= days || sum.lock().unwrap().is_err() {
                return;
            }
            let outcome = std::panic::catch_unwind(|| play(seed, honesty));
            let outcome = outcome.unwrap_or_else(|_| Err("it panicked, see above".to_owned()));
            let mut sum = sum.lock().unwrap();
            match (outcome, sum.as_mut()) {
                (Ok(tally), Ok(sum)) => sum.add(tally),
                (Err(wrong), Ok(_)) => *sum = Err((seed, wrong)),
                (_, Err(_)) => {}
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (0..threads).for_each(|_| _ = scope.spawn(work));
    });
    sum.into_inner().unwrap()
}

#[test]
fn d1_d4_whatever_fails_nothing_saved_is_lost_and_all_agree() {
    if let Some(seed) = number_of("EQUIPOISE_SEED") {
        let tally = play(seed, Honesty::Honest).unwrap();
        return println!("{tally:?}");
    }
    let days = number_of("EQUIPOISE_SEEDS").unwrap_or(DAYS);
    match play_all(days, Honesty::Honest) {
        Ok(tally) => {
            println!("{days} days: {tally:?}");
            let Tally { saved, crashes_at_work, crashes_at_checkpoints, failures, folds, rebases, sent_away } = tally;
            let common = [saved, crashes_at_work, failures, folds, rebases, sent_away];
            let enough = common.iter().all(|count| *count as u64 >= days / 10);
            assert!(enough && crashes_at_checkpoints as u64 >= days / 100, "too little happened: {tally:?}");
        }
        Err((seed, wrong)) => panic!("seed {seed}: {wrong} (EQUIPOISE_SEED={seed} repeats it)"),
    }
}

/// Rows B2, B3 and B8. The corpus of the fuzz target `connection`, as it is and spoiled.
#[test]
fn whatever_is_sent_the_workbook_goes_on_and_its_disk_holds_what_it_holds() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/connection");
    let mut files: Vec<_> = std::fs::read_dir(corpus).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let scripts: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let stored: usize = scripts.iter().map(|script| connection::play(script)).sum();
    assert!(stored >= 8, "{stored} updates of the corpus are good ones");
    for seed in 0..number_of("EQUIPOISE_SEEDS").unwrap_or(3_000) {
        let mut dice = dice::Dice(seed);
        let mut script = scripts[dice.roll(scripts.len())].clone();
        script.extend_from_slice(&scripts[dice.roll(scripts.len())]);
        for _ in 0..1 + dice.roll(6) {
            let at = dice.roll(script.len());
            match dice.roll(4) {
                0 => script[at] ^= 1 << dice.roll(8),
                1 => script[at] = dice.roll(256) as u8,
                2 => _ = script.remove(at),
                _ => script.insert(at, [0, 1, 0x7f, 0x80, 0xff][dice.roll(5)]),
            }
        }
        let outcome = std::panic::catch_unwind(|| connection::play(&script));
        assert!(outcome.is_ok(), "seed {seed}");
    }
}

/// The simulation can fail: where saved means not stored, it says so.
#[test]
fn a_disk_that_lies_is_found_out() {
    let (_, wrong) = play_all(50, Honesty::Lying).expect_err("a lost edit is noticed");
    assert!(wrong.contains("not on disk"), "{wrong}");
}

/// Row B9.
#[test]
fn b9_a_workbook_has_so_many_connections() {
    use equipoise_server::sync::{Input, Output, PeerNumber, Replica};
    let kept = disk::Disk::new(Honesty::Honest).kept();
    let clock = grid_engine::workbook::Clock { now: 46_000.0, seed: 1 };
    let mut replica = Replica::open(plan::workbook_id(), kept, 1, clock, Default::default()).unwrap();
    let me = plan::me(0);
    let mut closed = Vec::new();
    for number in 0..20_002 {
        let (peer, room) = (PeerNumber(number), plan::rooms()[0].0);
        replica.take(Input::JoinRoom { peer, me: me.clone(), room, writers: Vec::new() });
        closed.extend(replica.outputs().into_iter().filter_map(|output| match output {
            Output::Close { peer, closing } => Some((peer.0, closing.code, closing.reason)),
            _ => None,
        }));
    }
    let full = |number| (number, 4429, "room.full".to_owned());
    assert_eq!(closed, [full(20_000), full(20_001)]);
    assert_eq!(replica.peer_count(), 20_000);
}
