//! Many people in one sheet: how long an edit takes to everyone else, with durable acknowledgement and rights checked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use rand::Rng;
use tokio_tungstenite::tungstenite::Message;

use super::peer::{greet, join};
use super::plan::{LoadPlan, fill};
use super::server::ServerProcess;
use super::wire::{read_update, update_frame};

/// Edits of each peer.
const EVERY: Duration = Duration::from_millis(500);
/// Cells of the sheet people edit.
const CELLS: usize = 10_000;
/// How long stragglers may take after the last edit.
const SETTLE: Duration = Duration::from_secs(15);
/// Edits of the first moments meet cold caches and are not counted.
const WARM_UP: Duration = Duration::from_secs(2);

/// What one run found.
pub struct SyncResult {
    pub peers: usize,
    pub edits: u64,
    /// From sending an edit until another peer has read it, in milliseconds.
    pub p50: f64,
    pub p99: f64,
    pub longest: f64,
    /// Peers that have seen every edit of the others.
    pub converged: usize,
    pub frames: u64,
    pub rss_mb: f64,
    pub peak_mb: f64,
}

/// Shared by all peers of a run.
struct Run {
    started: Instant,
    sending: AtomicBool,
    sent: AtomicU64,
    frames: AtomicU64,
    /// Frames the generator could not read: its own fault.
    unread: AtomicU64,
    latencies: Latencies,
}

/// Counts by duration, in steps of two per cent.
struct Latencies(Vec<AtomicU64>);

const STEP: f64 = 1.02;
const STEPS: usize = 900;

impl Latencies {
    fn note(&self, micros: f64) {
        let at = (micros.max(1.0).ln() / STEP.ln()) as usize;
        self.0[at.min(STEPS - 1)].fetch_add(1, Ordering::Relaxed);
    }

    /// The duration in milliseconds below which this share lies.
    fn quantile(&self, share: f64) -> f64 {
        let counts: Vec<u64> = self.0.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        let wanted = (counts.iter().sum::<u64>() as f64 * share).ceil() as u64;
        let mut sum = 0;
        let at = counts.iter().position(|count| {
            sum += count;
            sum >= wanted.max(1)
        });
        at.map_or(0.0, |at| STEP.powi(at as i32 + 1) / 1000.0)
    }
}

/// Runs one size: `peers` people, each two edits a second for this long.
pub async fn run(peers: usize, lasts: Duration) -> Result<SyncResult, String> {
    let folder = Folder::make()?;
    let plan = Arc::new(fill(&folder.0, CELLS, false).await?);
    let server = ServerProcess::start(&folder.0, Some(0))?;
    let run = Arc::new(Run {
        started: Instant::now(),
        sending: AtomicBool::new(true),
        sent: AtomicU64::new(0),
        frames: AtomicU64::new(0),
        unread: AtomicU64::new(0),
        latencies: Latencies((0..STEPS).map(|_| AtomicU64::new(0)).collect()),
    });
    let mut joined = Vec::new();
    for number in 0..peers {
        let token = &plan.tokens[number % plan.tokens.len()];
        let (live, writer) = greet(&server.address, token).await?;
        let (room, _) = join(&server.address, token, &plan).await?;
        joined.push((live, room, writer));
    }
    let begin = Instant::now() + Duration::from_millis(200);
    let mut tasks = Vec::new();
    for (live, room, writer) in joined {
        let (run, plan) = (run.clone(), plan.clone());
        tasks.push(tokio::spawn(take_part(run, plan, live, room, writer, begin)));
    }
    tokio::time::sleep(Duration::from_millis(200) + WARM_UP + lasts).await;
    run.sending.store(false, Ordering::Relaxed);
    let (rss_mb, peak_mb) = server.memory_mb().unwrap_or_default();
    // Nobody sends any more once the slowest has noticed.
    tokio::time::sleep(2 * EVERY).await;
    let edits = run.sent.load(Ordering::Relaxed);
    let (mut converged, mut fewest) = (0, edits);
    for task in tasks {
        let seen = task.await.map_err(|error| error.to_string())?;
        converged += usize::from(seen.own + seen.others == edits);
        fewest = fewest.min(seen.own + seen.others);
    }
    if fewest < edits {
        eprintln!("equipoise: {edits} edits were sent, one peer has seen {fewest} only");
    }
    let unread = run.unread.load(Ordering::Relaxed);
    if unread > 0 {
        eprintln!("equipoise: {unread} frames were not read by the generator");
    }
    let quantile = |share| run.latencies.quantile(share);
    Ok(SyncResult {
        peers,
        edits,
        p50: quantile(0.5),
        p99: quantile(0.99),
        longest: quantile(1.0),
        converged,
        frames: run.frames.load(Ordering::Relaxed),
        rss_mb,
        peak_mb,
    })
}

struct Seen {
    own: u64,
    others: u64,
}

async fn take_part(
    run: Arc<Run>,
    plan: Arc<LoadPlan>,
    live: super::peer::Socket,
    room: super::peer::Socket,
    writer: u64,
    begin: Instant,
) -> Seen {
    let (mut sink, mut stream) = room.split();
    let listening = tokio::spawn(drain(live));
    let offset = EVERY.mul_f64(rand::random::<f64>());
    let mut next = tokio::time::Instant::from_std(begin + offset);
    let mut seen = Seen { own: 0, others: 0 };
    let mut silent_since: Option<tokio::time::Instant> = None;
    loop {
        let is_sending = run.sending.load(Ordering::Relaxed);
        if !is_sending {
            let since = *silent_since.get_or_insert_with(tokio::time::Instant::now);
            let is_complete = since.elapsed() > 2 * EVERY && seen.own + seen.others == run.sent.load(Ordering::Relaxed);
            if is_complete || since.elapsed() > SETTLE {
                break;
            }
        }
        let wake = if is_sending { next } else { tokio::time::Instant::now() + Duration::from_millis(50) };
        tokio::select! {
            message = stream.next() => {
                let Some(Ok(message)) = message else { break };
                if let Message::Binary(frame) = message {
                    run.frames.fetch_add(1, Ordering::Relaxed);
                    let now = run.started.elapsed();
                    let read = read_update(&frame, |by, ticks, sent_at| {
                        if by == writer {
                            return;
                        }
                        seen.others += ticks;
                        if let Some(sent_at) = sent_at.filter(|_| begin.elapsed() > WARM_UP) {
                            run.latencies.note(now.as_secs_f64() * 1e6 - sent_at);
                        }
                    });
                    run.unread.fetch_add(u64::from(read.is_none() && frame.starts_with(&[0, 2])), Ordering::Relaxed);
                }
            }
            () = tokio::time::sleep_until(wake) => {
                if is_sending {
                    next += EVERY;
                    let (row, column) = {
                        let mut dice = rand::rng();
                        (dice.random_range(0..plan.rows.len()), dice.random_range(0..plan.columns.len()))
                    };
                    let sent_at = run.started.elapsed().as_secs_f64() * 1e6;
                    let frame = update_frame(writer, seen.own, &[(&plan.columns[column], &plan.rows[row], sent_at)]);
                    if sink.send(Message::binary(frame)).await.is_err() {
                        break;
                    }
                    seen.own += 1;
                    run.sent.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
    listening.abort();
    seen
}

async fn drain(mut live: super::peer::Socket) {
    while let Some(Ok(_)) = live.next().await {}
}

/// Joins a sheet with this many entered cells; milliseconds until its state is here, and the state's size.
pub async fn join_time(cells: usize) -> Result<(f64, usize), String> {
    let folder = Folder::make()?;
    let plan = fill(&folder.0, cells, true).await?;
    let server = ServerProcess::start(&folder.0, Some(0))?;
    // The first visitor waits for the workbook to be opened; measured is everyone after.
    join(&server.address, &plan.tokens[0], &plan).await?;
    let mut best = f64::MAX;
    let mut size = 0;
    for token in plan.tokens.iter().take(5) {
        let started = Instant::now();
        let (_, state) = join(&server.address, token, &plan).await?;
        best = best.min(started.elapsed().as_secs_f64() * 1000.0);
        size = state.len();
    }
    Ok((best, size))
}

/// A folder that goes with this value.
pub(super) struct Folder(pub std::path::PathBuf);

impl Folder {
    pub fn make() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("equipoise-bench-{:016x}", rand::random::<u64>()));
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
