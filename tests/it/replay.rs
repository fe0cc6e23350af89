//! Our documents and Yjs say the same of the same log, whatever met whatever in it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::Stdio;

use grid_engine::doc::{Edit, Guard, Input, Op};
use grid_engine::refs::{CellRef, PersonId, RoomId};
use grid_engine::workbook::{Side, Workbook};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::plan::{cell, part};
use crate::server::Server;
use equipoise_tests::node_folder;

/// SplitMix64: the seed that fails is printed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// One person's replica, and what it has not heard yet.
struct Replica {
    by: PersonId,
    workbook: Workbook,
    unheard: Vec<Vec<u8>>,
}

/// Three people edit at once and hear of each other late; the log in the order the server would keep.
fn play(seed: u64, room: RoomId, states: &[(RoomId, Vec<u8>)]) -> (Vec<Vec<u8>>, Workbook) {
    let mut dice = Dice(seed);
    let open = |client: u64| {
        let mut workbook = Workbook::new(Side::Browser, client);
        states.iter().for_each(|(room, state)| workbook.open_room(*room, state).unwrap());
        workbook
    };
    let mut replicas: Vec<Replica> = (0..3)
        .map(|n| Replica { by: PersonId::of_key(&[&n.to_string()]), workbook: open(100 + n), unheard: Vec::new() })
        .collect();
    let mut log = vec![states.iter().find(|(known, _)| *known == room).unwrap().1.clone()];
    for _ in 0..120 {
        let who = dice.roll(3) as usize;
        if dice.roll(4) == 0 {
            let unheard = std::mem::take(&mut replicas[who].unheard);
            unheard.iter().for_each(|update| replicas[who].workbook.apply_update(room, update).unwrap());
            continue;
        }
        let month = ["2026-04", "2026-05", "2026-06"][dice.roll(3) as usize];
        let measure = ["override", "uplift"][dice.roll(2) as usize];
        let place = cell(measure, ["Tea", "Soap"][dice.roll(2) as usize], "North", month);
        let input = (dice.roll(4) > 0).then(|| Input::Number(dice.roll(1000) as f64 / 4.0));
        let ops = vec![Op::SetCell { cell: place, input, guard: Guard::Always }];
        let edit = Edit { by: replicas[who].by, at: 1, why: None, ops };
        for (_, update) in replicas[who].workbook.apply(&edit).unwrap().updates {
            let others = replicas.iter_mut().enumerate().filter(|(other, _)| *other != who);
            others.for_each(|(_, replica)| replica.unheard.push(update.clone()));
            log.push(update);
        }
    }
    // The server judges and applies in turns of a few updates.
    let mut server = open(1);
    for turn in log[1..].chunks(1 + dice.roll(5) as usize) {
        for update in turn {
            let examined = server.examine(room, update).unwrap();
            server.stage(room, examined);
        }
        server.apply_staged(room).unwrap();
    }
    (log, server)
}

async fn in_yjs(log: &[Vec<u8>], folder: &std::path::Path) -> BTreeMap<String, BTreeMap<String, serde_json::Value>> {
    let lines = log.iter().fold(String::new(), |mut text, update| {
        update.iter().for_each(|byte| write!(text, "{byte:02x}").unwrap());
        text + "\n"
    });
    let mut node = Command::new("node")
        .arg("replay.mjs")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = node.stdin.take().unwrap();
    stdin.write_all(lines.as_bytes()).await.unwrap();
    drop(stdin);
    serde_json::from_slice(&node.wait_with_output().await.unwrap().stdout).unwrap()
}

#[tokio::test]
async fn a_log_replayed_in_yjs_gives_the_same_cells() {
    let Some(folder) = node_folder().await else { return };
    let server = Server::start().await;
    let room = part("North");
    let store = equipoise_server::store::Store::open(server.folder()).unwrap();
    let id = grid_engine::refs::SheetId::named(crate::plan::WORKBOOK).unwrap();
    let mut states: Vec<(RoomId, Vec<u8>)> =
        store.load_rooms(id).unwrap().into_iter().map(|stored| (stored.room, stored.checkpoint)).collect();
    states.sort_by_key(|(room, _)| *room);
    for seed in 0..12 {
        let (log, ours) = play(seed, room, &states);
        let theirs = in_yjs(&log, &folder).await;
        let mut compared = 0;
        for (root, keys) in &theirs {
            let col = root.strip_prefix("c:").unwrap().parse().unwrap();
            let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
            for (key, value) in keys {
                let Some(number) = value.as_f64() else { continue };
                *sums.entry(key.split('+').next().unwrap()).or_default() += number;
            }
            for row in ["Tea", "Soap"].map(|item| crate::plan::row(item, "North")) {
                let place = CellRef { sheet: room.sheet().unwrap(), row, col };
                let input = ours.sheet(place.sheet).unwrap().input(row, col);
                let number = match input {
                    Some(Input::Number(number)) => Some(*number),
                    _ => None,
                };
                assert_eq!(number, sums.get(row.to_string().as_str()).copied(), "seed {seed}: {place:?}");
                compared += usize::from(number.is_some());
            }
        }
        assert!(compared > 0, "seed {seed}: nothing was compared");
    }
}
