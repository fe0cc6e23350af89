//! `equipoise bench` of a running server: many people, kills, ill will, branches and versions.

use std::time::Duration;

use crate::bench::{branch, hostile, kill, sync, versions};
use crate::cli::Refused;

/// What comparable servers reach on such a machine without storing before they acknowledge and without checking
/// rights, as p99 in milliseconds at 50, 200 and 500 people; `None`: it collapsed.
const SYNC_RIVALS: [(&str, [Option<f64>; 3]); 3] = [
    ("y-websocket", [Some(4.4), Some(17.6), None]),
    ("Hocuspocus", [Some(4.5), Some(6.0), Some(15.0)]),
    ("y-sweet", [Some(38.9), None, None]),
];

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())
}

pub(super) fn branch(cells: usize) -> Result<(), String> {
    let found = runtime()?.block_on(branch::run(cells))?;
    println!("branches of a plan with {cells} entered cells");
    println!("  made in          {:>8.1} ms, longest {:.1} ms", found.median_ms, found.longest_ms);
    println!("  each adds        {:>8} bytes to a store of {}", found.bytes_each, found.store_bytes);
    println!("  compared in      {:>8.1} ms, {:.1} ms the first time", found.compare_ms, found.first_compare_ms);
    Ok(())
}

pub(super) fn be_hostile() -> Result<(), String> {
    let (results, grown) = runtime()?.block_on(hostile::run())?;
    println!("{:<34} {:>8}  {:<16} {:>9} {:>9}", "update", "bytes", "refused with", "median ms", "max ms");
    for found in results {
        let hostile::HostileResult { name, bytes, code, median_ms, longest_ms } = found;
        println!("{name:<34} {bytes:>8}  {code:<16} {median_ms:>9.2} {longest_ms:>9.2}");
    }
    if let Some(grown) = grown {
        println!("the server's memory after all of them: {grown:+.1} MB");
    }
    Ok(())
}

pub(super) fn freeze_all(cells: usize, versions: usize, edits: usize) -> Result<(), String> {
    let found = runtime()?.block_on(versions::run(cells, versions, edits))?;
    let each = found.later_bytes as f64 / found.changed as f64;
    println!("{versions} versions of a plan with {cells} cells, {edits} entered before each");
    println!("  the first takes  {:>8} bytes", found.first_bytes);
    println!(
        "  the others       {:>8} bytes, {each:.1} for each of {} changed values",
        found.later_bytes, found.changed
    );
    println!("  frozen in        {:>8.1} ms", found.freeze_ms);
    println!("  a sheet opened   {:>8.1} ms", found.open_ms);
    println!("  two compared     {:>8.1} ms, five {:.1} ms", found.compare_ms, found.compare_five_ms);
    println!("  two bridged      {:>8.1} ms", found.bridge_ms);
    Ok(())
}

pub(super) fn sync(peers: &[usize], seconds: u64, join_cells: usize) -> Result<(), String> {
    let runtime = runtime()?;
    println!(
        "{:>6} {:>8} {:>9} {:>9} {:>9} {:>11} {:>9} {:>8} {:>8}",
        "peers", "edits", "p50 ms", "p99 ms", "max ms", "converged", "frames", "RSS MB", "peak MB"
    );
    for &peers in peers {
        let found = runtime.block_on(sync::run(peers, Duration::from_secs(seconds)))?;
        println!(
            "{:>6} {:>8} {:>9.2} {:>9.2} {:>9.2} {:>5}/{:<5} {:>9} {:>8.0} {:>8.0}",
            found.peers,
            found.edits,
            found.p50,
            found.p99,
            found.longest,
            found.converged,
            found.peers,
            found.frames,
            found.rss_mb,
            found.peak_mb
        );
    }
    if join_cells > 0 {
        let (milliseconds, bytes) = runtime.block_on(sync::join_time(join_cells))?;
        println!("joining {join_cells} cells: {milliseconds:.0} ms, {:.1} MB", bytes as f64 / 1e6);
    }
    println!("\np99 of others at 50, 200 and 500 people, acknowledged before stored, no rights checked:");
    for (name, figures) in SYNC_RIVALS {
        let text = figures.map(|p99| p99.map_or_else(|| "collapsed".to_owned(), |p99| format!("{p99:.1}")));
        println!("  {name:<12} {}", text.map(|text| format!("{text:>10}")).concat());
    }
    Ok(())
}

pub(super) fn kill(times: usize, seed: u64) -> Result<(), Refused> {
    let one = |problem: String| vec![problem];
    let found = runtime().map_err(one)?.block_on(kill::run(times, seed)).map_err(one)?;
    println!(
        "{} kills (seed {seed}): {} edits acknowledged, {} lost; the edit log is whole with {} entries",
        found.kills, found.acknowledged, found.lost, found.audit_entries
    );
    if found.lost == 0 { Ok(()) } else { Err(vec![format!("{} acknowledged edits were lost", found.lost)]) }
}
