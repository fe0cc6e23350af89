//! Killed at random moments under load: is everything there that was said to be saved?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use grid_engine::refs::SheetId;
use grid_engine::wire::ToPeer;
use grid_engine::workbook::{Side, Workbook};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio_tungstenite::tungstenite::Message;

use super::peer::{Socket, greet, join};
use super::plan::{LoadPlan, WORKBOOK, fill};
use super::server::ServerProcess;
use super::sync::Folder;
use super::wire::update_frame;
use crate::store::{Store, verify_audit};

/// Writers at once.
const WRITERS: usize = 8;
const PAUSE: Duration = Duration::from_millis(2);
const CELLS: usize = 2000;

/// What the kills did.
pub struct KillResult {
    pub kills: usize,
    pub acknowledged: u64,
    pub lost: u64,
    pub audit_entries: i64,
}

/// By writer: what was said to be on disk.
type Acknowledged = Arc<Mutex<BTreeMap<u64, Said>>>;

/// What a writer was told.
struct Said {
    /// The clock that is on disk.
    clock: u64,
    /// The room's epoch before it began to write.
    began_in: u64,
}

/// A room knows the writers of its own epoch and of the one before; of earlier ones it holds what they wrote, not that
/// they did.
const EPOCHS_KNOWN: u64 = 2;

/// Kills the server this many times, at moments the seed picks, and looks each time at what is on disk.
pub async fn run(kills: usize, seed: u64) -> Result<KillResult, String> {
    let folder = Folder::make()?;
    let plan = Arc::new(fill(&folder.0, CELLS, false).await?);
    let mut dice = StdRng::seed_from_u64(seed);
    let acknowledged = Acknowledged::default();
    let (mut lost, mut epoch) = (0, 0);
    for kill in 0..kills {
        let server = ServerProcess::start(&folder.0, None)?;
        let mut tasks = Vec::new();
        for number in 0..WRITERS {
            let (plan, acknowledged) = (plan.clone(), acknowledged.clone());
            let (address, seed) = (server.address.clone(), dice.random());
            tasks.push(tokio::spawn(async move {
                // It ends in the middle of whatever it does.
                let _ = write(&address, number, &plan, seed, epoch, &acknowledged).await;
            }));
        }
        tokio::time::sleep(Duration::from_millis(dice.random_range(50..600))).await;
        server.kill()?;
        for task in tasks {
            let _ = task.await;
        }
        let missing;
        (missing, epoch) = look(&folder, &acknowledged)?;
        if missing > 0 {
            eprintln!("equipoise: kill {kill} (seed {seed}) lost {missing} acknowledged edits");
        }
        lost += missing;
    }
    let report = verify_audit(&folder.0).map_err(|error| error.to_string())?;
    let sum = acknowledged.lock().unwrap_or_else(PoisonError::into_inner).values().map(|said| said.clock).sum();
    Ok(KillResult { kills, acknowledged: sum, lost, audit_entries: report.entries })
}

async fn write(
    address: &str,
    number: usize,
    plan: &LoadPlan,
    seed: u64,
    epoch: u64,
    acknowledged: &Acknowledged,
) -> Result<(), String> {
    let token = &plan.tokens[number % plan.tokens.len()];
    let (live, writer) = greet(address, token).await?;
    let (mut room, _) = join(address, token, plan).await?;
    let listening = tokio::spawn(listen(live, writer, epoch, acknowledged.clone()));
    let mut dice = StdRng::seed_from_u64(seed);
    for clock in 0.. {
        let (row, column) = (dice.random_range(0..plan.rows.len()), dice.random_range(0..plan.columns.len()));
        let frame = update_frame(writer, clock, &[(&plan.columns[column], &plan.rows[row], clock as f64)]);
        if room.send(Message::binary(frame)).await.is_err() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    // What was said before the end is still to be heard.
    let _ = listening.await;
    Ok(())
}

async fn listen(mut live: Socket, writer: u64, epoch: u64, acknowledged: Acknowledged) {
    while let Some(Ok(message)) = live.next().await {
        let Message::Text(text) = message else { continue };
        let Ok(ToPeer::Saved { state, .. }) = serde_json::from_str(&text) else { continue };
        let clock = STANDARD.decode(state).ok().and_then(|state| clock_of(&state, writer));
        if let Some(clock) = clock {
            let mut acknowledged = acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
            let known = acknowledged.entry(writer).or_insert(Said { clock: 0, began_in: epoch });
            known.clock = clock.max(known.clock);
        }
    }
}

/// A writer's clock in an encoded state vector.
fn clock_of(state: &[u8], writer: u64) -> Option<u64> {
    let mut at = 0;
    let mut number = || {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = *state.get(at)?;
            at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    };
    for _ in 0..number()? {
        let (of, clock) = (number()?, number()?);
        if of == writer {
            return Some(clock);
        }
    }
    None
}

/// Acknowledged edits that are not on disk, and the room's epoch.
fn look(folder: &Folder, acknowledged: &Acknowledged) -> Result<(u64, u64), String> {
    let store = Store::open_checked(&folder.0).map_err(|error| error.to_string())?;
    let id = SheetId::named(WORKBOOK).map_err(|error| error.to_string())?;
    let mut workbook = Workbook::new(Side::Server, 1);
    let (mut found, mut epoch) = (Vec::new(), 0);
    for stored in store.load_rooms(id).map_err(|error| error.to_string())? {
        let damaged = |error: grid_engine::doc::DocError| error.to_string();
        workbook.open_room(stored.room, &stored.checkpoint).map_err(damaged)?;
        for update in &stored.updates {
            workbook.apply_update(stored.room, update).map_err(damaged)?;
        }
        found.extend(workbook.state_vector(stored.room));
        epoch = epoch.max(u64::from(workbook.epoch(stored.room)));
    }
    let acknowledged = acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
    let mut lost = 0;
    for (&writer, said) in acknowledged.iter() {
        let kept = found.iter().filter_map(|state| clock_of(state, writer)).max();
        let is_past = said.began_in + EPOCHS_KNOWN <= epoch;
        if kept.is_some() || !is_past {
            lost += said.clock.saturating_sub(kept.unwrap_or(0));
        }
    }
    Ok((lost, epoch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_found() {
        assert_eq!(clock_of(&[2, 5, 7, 0x80, 1, 9], 128), Some(9));
        assert_eq!(clock_of(&[1, 5, 7], 6), None);
        assert_eq!(clock_of(&[9, 5], 5), None);
    }
}
