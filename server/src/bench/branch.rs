//! What a branch of a large plan takes: the time until it is there, and the bytes it adds to the store.

use std::path::Path;
use std::time::Instant;

use grid_engine::plan::{BranchInfo, NewBranch};

use super::plan::{LoadPlan, WORKBOOK, fill};
use super::server::ServerProcess;
use super::sync::Folder;
use crate::store::Store;

/// Branches that are made: their bytes are too few to be seen of one.
const BRANCHES: usize = 20;

/// What was measured.
pub struct BranchResult {
    /// Milliseconds until a branch is there: in the middle, and the longest.
    pub median_ms: f64,
    pub longest_ms: f64,
    /// Bytes in use in the data file before, and what each branch added.
    pub store_bytes: u64,
    pub bytes_each: u64,
    /// Milliseconds of comparing a branch with the plan: the first time, which opens both, and after that.
    pub first_compare_ms: f64,
    pub compare_ms: f64,
}

/// Makes branches of a plan with this many entered cells.
pub async fn run(cells: usize) -> Result<BranchResult, String> {
    let folder = Folder::make()?;
    let plan = fill(&folder.0, cells, true).await?;
    // The first branch has what it shares moved to where it can be shared.
    let server = ServerProcess::start(&folder.0, None)?;
    make(&server, &plan, "first")?;
    server.kill()?;
    let store_bytes = used_bytes(&folder.0)?;
    let server = ServerProcess::start(&folder.0, None)?;
    // Whoever makes a branch has the plan open.
    ask(&server, &plan, &format!("/api/workbooks/{WORKBOOK}/versions/live/sheets"))?;
    let mut times = Vec::new();
    let mut last = None;
    for number in 0..BRANCHES {
        let started = Instant::now();
        last = Some(make(&server, &plan, &format!("Branch {number}"))?);
        times.push(ms(started));
    }
    let last = last.ok_or("no branch was made")?;
    let path = format!("/api/workbooks/{}/branch/differences?direction=merge", last.id);
    let compare = || {
        let started = Instant::now();
        ask(&server, &plan, &path).map(|_| ms(started))
    };
    let (first_compare_ms, compare_ms) = (compare()?, compare()?);
    server.kill()?;
    let bytes_each = used_bytes(&folder.0)?.saturating_sub(store_bytes) / BRANCHES as u64;
    times.sort_by(f64::total_cmp);
    let longest_ms = times.last().copied().unwrap_or(0.0);
    Ok(BranchResult {
        median_ms: times[times.len() / 2],
        longest_ms,
        store_bytes,
        bytes_each,
        first_compare_ms,
        compare_ms,
    })
}

fn make(server: &ServerProcess, plan: &LoadPlan, name: &str) -> Result<BranchInfo, String> {
    let new = NewBranch { name: name.to_owned(), ..NewBranch::default() };
    post(server, plan, &format!("/api/workbooks/{WORKBOOK}/branches"), &new)
}

/// Sends a request with a JSON body, and reads its answer.
pub(super) fn post<T: serde::de::DeserializeOwned>(
    server: &ServerProcess,
    plan: &LoadPlan,
    path: &str,
    body: &impl serde::Serialize,
) -> Result<T, String> {
    let body = serde_json::to_string(body).map_err(|error| error.to_string())?;
    let url = format!("http://{}{path}", server.address);
    let request = ureq::post(&url).header("authorization", bearer(plan)).header("content-type", "application/json");
    let mut answer = request.send(body).map_err(|error| format!("{path}: {error}"))?;
    let text = answer.body_mut().read_to_string().map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

pub(super) fn ask(server: &ServerProcess, plan: &LoadPlan, path: &str) -> Result<String, String> {
    let url = format!("http://{}{path}", server.address);
    let mut answer =
        ureq::get(&url).header("authorization", bearer(plan)).call().map_err(|error| format!("{path}: {error}"))?;
    answer.body_mut().read_to_string().map_err(|error| error.to_string())
}

fn bearer(plan: &LoadPlan) -> String {
    format!("Bearer {}", plan.tokens[0])
}

/// What the data file holds, once the server that wrote it has ended.
fn used_bytes(folder: &Path) -> Result<u64, String> {
    Store::open(folder).and_then(|store| store.used_bytes()).map_err(|error| error.to_string())
}

pub(super) fn ms(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}
