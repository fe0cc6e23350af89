//! A solve in a process of its own: what it tells while it runs, and that cancelling ends it.

use std::path::Path;
use std::time::Duration;

use equipoise_server::exchange::blueprint::{Entry, MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id};
use grid_engine::calendar::{Bucket, Horizon};
use grid_engine::doc::Span;
use grid_engine::refs::ColId;
use grid_engine::value::NumberFormat;
use grid_engine::wire::{JobInfo, JobState, ToPeer};
use reqwest::Method;
use tempfile::TempDir;

use crate::peer::Peer;
use crate::plan::{self, bucket};
use crate::server::{PATIENCE, Server};

const WORKBOOK: &str = "lots";
const ITEMS: usize = 40;
const MONTHS: i32 = 24;

/// A table of the supply model with one key and what stands in its columns, row by row.
pub fn table(name: &str, keys: &[&str], columns: &[&str], rows: Vec<(Vec<String>, Vec<f64>)>) -> SheetBlueprint {
    let columns: Vec<_> = columns.iter().map(|column| (*column, NumberFormat::General, "")).collect();
    let cells = |numbers: Vec<f64>| {
        let column = |place: usize| ColId::fixed(measure_id(columns[place].0));
        // NAN: nothing is entered.
        let entered = numbers.into_iter().enumerate().filter(|(_, number)| number.is_finite());
        entered.map(|(place, number)| (column(place), Entry::Number(number))).collect()
    };
    let rows = rows.into_iter().map(|(key, numbers)| RowBlueprint { key, cells: cells(numbers) });
    SheetBlueprint::table(name, name, keys, &columns).rows(rows.collect::<Vec<_>>())
}

/// A table over time: one number for each row and month.
pub fn timed(sheet: SheetBlueprint, months: &[Bucket], rows: Vec<(Vec<String>, Vec<f64>)>) -> SheetBlueprint {
    let value = measure_id("value");
    let cell = |(month, number): (&Bucket, f64)| (ColId::timed(value, *month), Entry::Number(number));
    let row = |(key, numbers): (Vec<String>, Vec<f64>)| RowBlueprint {
        key,
        cells: months.iter().zip(numbers).map(cell).collect(),
    };
    sheet
        .horizon(Horizon { first: months[0], current: months[0], last: months[months.len() - 1] })
        .measure(MeasureBlueprint::input("value", "Value").timed(Span::Plan))
        .rows(rows.into_iter().map(row).collect::<Vec<_>>())
}

/// Many goods on one machine that is set up anew for each in each month: nobody finds the best plan within minutes.
fn fill(folder: &Path) {
    plan::fill(folder);
    let months: Vec<Bucket> = (0..MONTHS).map(|month| bucket("2026-01").plus(month)).collect();
    let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let item = |index: usize| format!("I{index}");
    let each = |numbers: &dyn Fn(usize) -> Vec<f64>, key: &dyn Fn(usize) -> Vec<String>| {
        (0..ITEMS).map(|index| (key(index), numbers(index))).collect::<Vec<_>>()
    };
    let wanted = |index: usize, month: usize| ((index * 37 + month * 61 + index * month * 13) % 97) as f64;
    let series = |index: usize| (0..months.len()).map(|month| wanted(index, month)).collect::<Vec<_>>();
    let hours = vec![ITEMS as f64 * 50.0; months.len()];
    let sheets = vec![
        table(
            "products",
            &["item", "family"],
            &["volume", "price"],
            each(&|_| vec![0.1, 50.0], &|i| texts(&[&item(i), "F"])),
        ),
        table("locations", &["loc", "type"], &["storage_m3"], vec![(texts(&["P", "plant"]), vec![f64::NAN])]),
        table(
            "stock_policy",
            &["item", "loc"],
            &["initial", "safety", "hold_cost", "ss_penalty", "max"],
            each(&|i| vec![0.0, 0.0, 1.0 + (i % 7) as f64 / 3.0, 0.0, f64::NAN], &|i| texts(&[&item(i), "P"])),
        ),
        table(
            "routings",
            &["route", "item", "loc"],
            &["lead_time", "unit_cost"],
            each(&|_| vec![0.0, 2.0], &|i| texts(&[&format!("R{i}"), &item(i), "P"])),
        ),
        table(
            "routing_resources",
            &["route", "resource"],
            &["hours_per_unit"],
            each(&|_| vec![1.0], &|i| texts(&[&format!("R{i}"), "M"])),
        ),
        table(
            "routing_lot",
            &["route"],
            &["fixed_cost", "setup_hours", "min_run", "max_run"],
            each(&|i| vec![150.0 + (i * 29 % 83) as f64, 8.0 + (i % 5) as f64, f64::NAN, f64::NAN], &|i| {
                vec![format!("R{i}")]
            }),
        ),
        table("resources", &["resource", "loc"], &["ot_cost_per_hour"], vec![(texts(&["M", "P"]), vec![9.0])]),
        timed(
            SheetBlueprint::planning("capacity", "capacity", &["resource", "kind"]).role("supply.capacity"),
            &months,
            vec![
                (texts(&["M", "regular_hours"]), hours),
                (texts(&["M", "max_overtime_hours"]), vec![0.0; months.len()]),
            ],
        ),
        table(
            "streams",
            &["stream", "region", "channel", "loc"],
            &["allow_backlog"],
            vec![(texts(&["S", "DE", "Shop", "P"]), vec![0.0])],
        ),
        table(
            "service_cost",
            &["item", "channel"],
            &["late_cost", "lost_cost"],
            each(&|_| vec![5.0, 90.0], &|i| texts(&[&item(i), "Shop"])),
        ),
        timed(
            SheetBlueprint::planning("demand", "Demand", &["Item", "Region", "Channel"]).role("demand"),
            &months,
            each(&series, &|i| texts(&[&item(i), "DE", "Shop"])),
        ),
        SheetBlueprint::free("summary", "Summary").cell(0, 0, "=SUPPLY.SOLVE(Demand[Value])"),
    ];
    plan::keep(folder, WORKBOOK, "Lots", sheets);
}

/// The newest word about the solve.
fn told(peer: &Peer) -> Option<&JobInfo> {
    peer.notices.iter().rev().find_map(|notice| match notice {
        ToPeer::Job { job } if job.title == "Solving supply" => Some(job),
        _ => None,
    })
}

/// Processes that a process has started and that have not ended.
pub fn children(of: u32) -> Vec<u32> {
    let parent = |stat: &str| stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok();
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let stat = |process: &u32| std::fs::read_to_string(format!("/proc/{process}/stat")).ok();
    processes.filter(|process| stat(process).as_deref().and_then(parent) == Some(of)).collect()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_solve_tells_its_steps_and_cancelling_ends_its_process() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    tokio::task::spawn_blocking(move || fill(&path)).await.unwrap();
    let server = Server::serve(folder).await;
    let mut peer = Peer::join_workbook(&server, "ada", WORKBOOK).await;
    peer.until("bounds of the search", |peer| told(peer).is_some_and(|job| job.message.starts_with("Best plan ")))
        .await;
    let running = told(&peer).unwrap().clone();
    assert_eq!(running.state, JobState::Running);
    assert_eq!(children(server.pid()).len(), 1);

    let cookie = server.sign_in("ada").await;
    let cancel = format!("/api/workbooks/{WORKBOOK}/jobs/{}/cancel", running.id);
    assert!(server.request(Method::POST, &cancel, &cookie).send().await.unwrap().status().is_success());
    peer.until("the end", |peer| told(peer).is_some_and(|job| job.state == JobState::Cancelled)).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !children(server.pid()).is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "the process goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Nobody's inputs change, and still it is tried again where somebody says so.
    let post = |path: String| server.request(Method::POST, &path, &cookie).send();
    assert!(post(format!("/api/workbooks/{WORKBOOK}/jobs/again")).await.unwrap().status().is_success());
    let is_another = |job: &JobInfo| job.state == JobState::Running && job.id != running.id;
    peer.until("another job", |peer| told(peer).is_some_and(is_another)).await;
    let another = told(&peer).unwrap().id;
    assert!(post(format!("/api/workbooks/{WORKBOOK}/jobs/{another}/cancel")).await.unwrap().status().is_success());
    assert!(server.is_well().await);
}
