//! What many versions of a large plan take: the bytes of each, and the time to freeze, open, compare and bridge them.

use std::path::Path;
use std::time::Instant;

use futures_util::{SinkExt, StreamExt};
use grid_engine::calendar::{Bucket, Horizon};
use grid_engine::doc::Span;
use grid_engine::plan::{VersionInfo, VersionKind};
use grid_engine::refs::{ColId, MeasureId, RoomId, SheetId};
use grid_engine::wire::{FreezeVersion, ToPeer};
use tokio_tungstenite::tungstenite::Message;

use super::branch::{ask, ms};
use super::peer::{Socket, greet, join};
use super::plan::{LoadPlan, WORKBOOK, keep};
use super::server::ServerProcess;
use super::sync::Folder;
use super::wire::update_frame;
use crate::exchange::blueprint::{Blueprint, MeasureBlueprint, RowBlueprint, SheetBlueprint, row_id};
use crate::store::Store;

const SHEET: &str = "profit";
const MONTHS: usize = 18;
const REGIONS: usize = 10;
/// Cells of a row: demand, cost, served and revenue by month, override where somebody entered one.
const CELLS_OF_ROW: usize = 4 * MONTHS;
/// Values that follow from an override, itself included: override, served, revenue.
const CHANGED_BY_EDIT: usize = 3;
/// A time is the median of so many.
const TIMES: usize = 5;

/// What was measured.
pub struct VersionsResult {
    /// Bytes of the first version, whole.
    pub first_bytes: u64,
    /// Values that changed between versions, and the bytes that all later versions take.
    pub changed: usize,
    pub later_bytes: u64,
    /// Milliseconds.
    pub freeze_ms: f64,
    pub open_ms: f64,
    pub compare_ms: f64,
    pub compare_five_ms: f64,
    pub bridge_ms: f64,
}

/// Freezes a plan with this many cells so often, with this many overrides entered before each time.
pub async fn run(cells: usize, versions: usize, edits: usize) -> Result<VersionsResult, String> {
    let folder = Folder::make()?;
    let path = folder.0.clone();
    let made = tokio::task::spawn_blocking(move || make(&path, cells)).await;
    let plan = made.map_err(|error| error.to_string())??;
    let places = plan.rows.len() * plan.columns.len();
    if versions < 2 || (versions - 1) * edits > places {
        return Err(format!("{versions} versions of {edits} edits: there are {places} cells to enter, once each"));
    }
    let server = ServerProcess::start(&folder.0, None)?;
    let mut infos = vec![freeze(&server, &plan, 0)?];
    server.kill()?;
    let first_bytes = version_bytes(&folder.0)?;

    let server = ServerProcess::start(&folder.0, None)?;
    let mut writer = Writer::join(&server, &plan).await?;
    let mut freezes = Vec::new();
    for number in 1..versions {
        writer.enter(&plan, (number - 1) * edits, edits).await?;
        let started = Instant::now();
        infos.push(freeze(&server, &plan, number)?);
        freezes.push(ms(started));
    }
    let (first, last) = (infos[0].id, infos[versions - 1].id);
    let of = |version| format!("/api/workbooks/{WORKBOOK}/versions/{version}/sheets/{SHEET}");
    let compare = format!("/api/workbooks/{WORKBOOK}/compare?a={first}&b={last}&measure=served&by=Region");
    let [c, d, e] = [1, 2, 3].map(|at| infos[at * (versions - 1) / 4].id);
    let compare_five = format!("{compare}&c={c}&d={d}&e={e}");
    let bridge = format!("/api/workbooks/{WORKBOOK}/bridge?a={first}&b={last}&figure=profit&by=Region");
    let result = VersionsResult {
        first_bytes,
        changed: (versions - 1) * edits * CHANGED_BY_EDIT,
        later_bytes: 0,
        freeze_ms: median(freezes),
        open_ms: time(&server, &plan, |at| of(infos[at * (versions - 1) / TIMES].id))?,
        compare_ms: time(&server, &plan, |_| compare.clone())?,
        compare_five_ms: time(&server, &plan, |_| compare_five.clone())?,
        bridge_ms: time(&server, &plan, |_| bridge.clone())?,
    };
    server.kill()?;
    Ok(VersionsResult { later_bytes: version_bytes(&folder.0)?.saturating_sub(first_bytes), ..result })
}

/// A plan whose profit follows from overrides: nothing of it needs a solve, so what is measured is versions.
fn make(folder: &Path, cells: usize) -> Result<LoadPlan, String> {
    let bucket = |text: &str| text.parse::<Bucket>().map_err(|error| error.to_string());
    let horizon = Horizon { first: bucket("2026-01")?, current: bucket("2026-01")?, last: bucket("2027-06")? };
    let id = |name: &str| MeasureId::named(name).map_err(|error| error.to_string());
    let (demand, cost, over, price) = (id("demand")?, id("supplycost")?, id("override")?, id("netprice")?);
    let months: Vec<Bucket> = (0..MONTHS).map(|month| horizon.first.plus(month as i32)).collect();
    let timed = |name, title| MeasureBlueprint::input(name, title).timed(Span::All);
    let formula = |name, title, text| MeasureBlueprint::formula(name, title, text).timed(Span::All);
    let keys: Vec<[String; 2]> = (0..cells.div_ceil(CELLS_OF_ROW))
        .map(|row| [format!("Item {}", row / REGIONS), format!("Region {}", row % REGIONS)])
        .collect();
    let cells_of = |row: usize| {
        let number = move |month: usize| ((row * 37 + month * 11) % 997) as f64;
        let of = |measure: MeasureId, scale: f64| {
            months
                .iter()
                .enumerate()
                .map(move |(at, &month)| (ColId::timed(measure, month), (number(at) * scale).into()))
        };
        of(demand, 1.0).chain(of(cost, 1.25)).chain([(ColId::fixed(price), 2.5.into())]).collect()
    };
    let rows = keys.iter().enumerate().map(|(at, key)| RowBlueprint { key: key.to_vec(), cells: cells_of(at) });
    let profit = SheetBlueprint::planning(SHEET, "Profit", &["Item", "Region"])
        .role("profit")
        .horizon(horizon)
        .measure(MeasureBlueprint::input("netprice", "Net price"))
        .measure(timed("demand", "Demand"))
        .measure(timed("override", "Override"))
        .measure(formula("served", "Served", "=IF(ISBLANK([@Override]),[@Demand],[@Override])"))
        .measure(formula("revenue", "Revenue", "=[@Served]*[@Net price]"))
        .measure(timed("supplycost", "Supply cost"))
        .rows(rows.collect::<Vec<_>>());
    let blueprint = Blueprint { title: "Versions".into(), currency: "EUR".into(), sheets: vec![profit] };
    Ok(LoadPlan {
        room: RoomId::Sheet(SheetId::named(SHEET).map_err(|error| error.to_string())?),
        rows: keys.iter().map(|key| row_id(key).to_string()).collect(),
        columns: months.iter().map(|&month| format!("c:{}", ColId::timed(over, month))).collect(),
        tokens: keep(folder, blueprint)?,
    })
}

/// Somebody who enters overrides.
struct Writer {
    room: Socket,
    live: Socket,
    id: u64,
    clock: u64,
}

impl Writer {
    async fn join(server: &ServerProcess, plan: &LoadPlan) -> Result<Self, String> {
        let (live, id) = greet(&server.address, &plan.tokens[0]).await?;
        let (room, _) = join(&server.address, &plan.tokens[0], plan).await?;
        Ok(Self { room, live, id, clock: 0 })
    }

    /// Enters overrides into cells nobody has entered anything into, and waits until they are stored.
    async fn enter(&mut self, plan: &LoadPlan, from: usize, count: usize) -> Result<(), String> {
        let width = plan.columns.len();
        let place = |at: usize| (plan.columns[at % width].as_str(), plan.rows[at / width].as_str(), at as f64 + 0.5);
        let sets: Vec<_> = (from..from + count).map(place).collect();
        for some in sets.chunks(1000) {
            let frame = update_frame(self.id, self.clock, some);
            self.clock += some.len() as u64;
            self.room.send(Message::binary(frame)).await.map_err(|error| error.to_string())?;
            loop {
                let message = self.live.next().await.ok_or("the server closed")?.map_err(|error| error.to_string())?;
                let Message::Text(text) = message else { continue };
                match serde_json::from_str(&text) {
                    Ok(ToPeer::Saved { room, .. }) if room == plan.room => break,
                    Ok(ToPeer::Refused { message, .. }) => return Err(message),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

fn freeze(server: &ServerProcess, plan: &LoadPlan, number: usize) -> Result<VersionInfo, String> {
    let new = FreezeVersion { name: format!("Version {number}"), kind: VersionKind::Consensus, comment: String::new() };
    super::branch::post(server, plan, &format!("/api/workbooks/{WORKBOOK}/versions"), &new)
}

/// The median of answering a question so often, in milliseconds.
fn time(server: &ServerProcess, plan: &LoadPlan, path: impl Fn(usize) -> String) -> Result<f64, String> {
    let one = |at| {
        let started = Instant::now();
        ask(server, plan, &path(at)).map(|_| ms(started))
    };
    (0..TIMES).map(one).collect::<Result<Vec<_>, _>>().map(median)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The bytes of all versions in the store, once the server that wrote it has ended.
fn version_bytes(folder: &Path) -> Result<u64, String> {
    Store::open(folder).and_then(|store| store.version_bytes()).map_err(|error| error.to_string())
}
