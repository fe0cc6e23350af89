//! Updates that mean ill, against a running server: how long each takes to be refused, and what is left of it in memory.

use std::time::Instant;

use futures_util::{SinkExt, StreamExt};
use grid_engine::wire::ToPeer;
use tokio_tungstenite::tungstenite::Message;

use super::branch::ms;
use super::peer::{Socket, greet, join};
use super::plan::{LoadPlan, fill};
use super::server::ServerProcess;
use super::sync::Folder;
use super::wire::{SETS_KEY, framed, number, text};

const CELLS: usize = 20_000;
const TIMES: usize = 20;
/// What a key may hold.
const LIST: u8 = 117;
const OBJECT: u8 = 118;
const NULL: u8 = 126;
const STRING: u8 = 119;

/// What became of one kind of update.
pub struct HostileResult {
    pub name: &'static str,
    pub bytes: usize,
    /// The code it was refused with.
    pub code: String,
    pub median_ms: f64,
    pub longest_ms: f64,
}

/// Sends each kind some times; and by how many MB the server's memory has grown after all.
pub async fn run() -> Result<(Vec<HostileResult>, Option<f64>), String> {
    let folder = Folder::make()?;
    let plan = fill(&folder.0, CELLS, true).await?;
    let server = ServerProcess::start(&folder.0, Some(0))?;
    // The workbook is opened, and connections have come and gone, before memory is compared.
    attack(&server, &plan, "a clock ahead of its time", &ahead(&plan)).await?;
    let before = server.memory_mb().map(|(now, _)| now);
    let mut results = Vec::new();
    for (name, update) in updates(&plan) {
        results.push(attack(&server, &plan, name, &update).await?);
    }
    let after = server.memory_mb().map(|(now, _)| now);
    server.kill()?;
    Ok((results, before.zip(after).map(|(before, after)| after - before)))
}

async fn attack(
    server: &ServerProcess,
    plan: &LoadPlan,
    name: &'static str,
    update: &[u8],
) -> Result<HostileResult, String> {
    let frame = framed(update);
    let mut times = Vec::new();
    let mut code = String::new();
    for time in 0..TIMES {
        // Whoever sends what cannot be read is sent away the second time.
        let token = &plan.tokens[time % plan.tokens.len()];
        let (mut live, _) = greet(&server.address, token).await?;
        let (mut room, _) = join(&server.address, token, plan).await?;
        let started = Instant::now();
        room.send(Message::binary(frame.clone())).await.map_err(|error| error.to_string())?;
        code = refusal(&mut live).await.map_err(|error| format!("{name}: {error}"))?;
        times.push(ms(started));
        // The server may have closed them already.
        let _ = (room.close(None).await, live.close(None).await);
    }
    times.sort_by(f64::total_cmp);
    let (median_ms, longest_ms) = (times[TIMES / 2], times[TIMES - 1]);
    Ok(HostileResult { name, bytes: update.len(), code, median_ms, longest_ms })
}

async fn refusal(live: &mut Socket) -> Result<String, String> {
    while let Some(message) = live.next().await {
        if let Message::Text(text) = message.map_err(|error| error.to_string())?
            && let Ok(ToPeer::Refused { code, .. }) = serde_json::from_str(&text)
        {
            return Ok(code);
        }
    }
    Err("the server closed without a refusal".to_owned())
}

/// An update of one block by one writer: a key of a column of the sheet, with these raw content bytes.
fn cell(plan: &LoadPlan, clock: u64, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![1, 1, 9];
    number(&mut bytes, clock);
    bytes.extend([SETS_KEY, 1]);
    text(&mut bytes, &plan.columns[0]);
    text(&mut bytes, &plan.rows[0]);
    bytes.extend(content);
    bytes.push(0);
    bytes
}

fn ahead(plan: &LoadPlan) -> Vec<u8> {
    cell(plan, 1 << 40, &[1, NULL])
}

fn updates(plan: &LoadPlan) -> Vec<(&'static str, Vec<u8>)> {
    let lists = |levels: usize| [vec![1], [LIST, 1].repeat(levels), vec![NULL]].concat();
    let objects = |levels: usize| [vec![1], [OBJECT, 1, 1, b'k'].repeat(levels), vec![NULL]].concat();
    let long_text = |length: usize| {
        let mut bytes = vec![1, STRING];
        text(&mut bytes, &"x".repeat(length));
        bytes
    };
    // Writers with one skipped tick each.
    let writers = |count: u64| {
        let mut bytes = Vec::new();
        number(&mut bytes, count);
        for writer in 0..count {
            bytes.push(1);
            number(&mut bytes, 1_000_000 + writer);
            bytes.extend([0, 10, 1]);
        }
        bytes.push(0);
        bytes
    };
    let deletions = |count: u64| {
        let mut bytes = vec![0, 1, 9];
        number(&mut bytes, count);
        for place in 0..count {
            number(&mut bytes, 2 * place);
            bytes.push(1);
        }
        bytes
    };
    vec![
        ("lists 8,000 deep", cell(plan, 0, &lists(8_000))),
        ("lists 120,000 deep", cell(plan, 0, &lists(120_000))),
        ("objects 60,000 deep", cell(plan, 0, &objects(60_000))),
        ("a claim of 200 million writers", vec![0xff, 0xff, 0xff, 0x7f]),
        ("a claim of 200 million deletions", vec![0, 0xff, 0xff, 0xff, 0x7f]),
        ("a claim of a billion ticks", vec![1, 1, 9, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x03, 0]),
        ("35,000 writers", writers(35_000)),
        ("60,000 ranges to delete", deletions(60_000)),
        ("a text of 200 kB", cell(plan, 0, &long_text(200_000))),
        ("a clock ahead of its time", ahead(plan)),
        ("bytes without meaning", [0xd7, 0x3a, 0x11].repeat(60_000)),
    ]
}
