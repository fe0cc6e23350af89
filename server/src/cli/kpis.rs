//! `equipoise kpis`.

use std::path::PathBuf;

use grid_engine::doc::MAKER;
use grid_engine::plan::{KpiLine, PlanSummary, SUMMARY, VersionInfo, frames, summarise};
use grid_engine::refs::{Id, SheetId};
use tokio::sync::watch;

use super::{Refused, write_whole};
use crate::at_rest::opened;
use crate::clock::now_ms;
use crate::jobs::{Apart, InFlight, settle_apart};
use crate::store::{Store, StoreError};

/// Reads the key figures of a plan: of the live one, calculated afresh, or of a frozen version.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder; the server may be running.
    #[arg(long)]
    data: PathBuf,
    /// The workbook's id, as in its address.
    #[arg(long)]
    workbook: String,
    /// Name or id of a frozen version; without it, the live plan.
    #[arg(long)]
    version: Option<String>,
    /// CSV to write: id, name, value, unit, target, definition, reason; without it, a table is printed.
    #[arg(long)]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let lines = read(args).map_err(|problem| vec![problem])?;
    if lines.is_empty() {
        return Err(vec![format!("{} has no sheet of key figures", args.workbook)]);
    }
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    if let Some(path) = &args.output {
        return write_whole(path, |out| {
            out.write_record(["id", "name", "value", "unit", "target", "definition", "reason"])?;
            lines.iter().try_for_each(|line| {
                let (value, target) = (number(line.value), number(line.target));
                let reason = line.reason.as_deref().unwrap_or_default();
                out.write_record([&*line.id, &line.name, &value, &line.unit, &target, &line.definition, reason])
            })
        });
    }
    for line in &lines {
        let reading = match (line.value, &*line.unit) {
            (Some(value), unit @ ("%" | "pp")) => format!("{:.2} {unit}", value * 100.0),
            (Some(value), "money" | "") => format!("{value:.2}"),
            (Some(value), unit) => format!("{value:.2} {unit}"),
            (None, _) => line.reason.clone().unwrap_or_default(),
        };
        println!("{:<60}{reading:>20}", line.name);
    }
    Ok(())
}

fn read(args: &Args) -> Result<Vec<KpiLine>, String> {
    let say = |error: StoreError| error.to_string();
    let store = Store::open_existing(&args.data).map_err(say)?;
    let none = || format!("there is no workbook {:?} in {}", args.workbook, args.data.display());
    let id = SheetId(args.workbook.parse::<Id>().map_err(|_| none())?);
    let (title, currency) = store.workbook(id).map_err(say)?.ok_or_else(none)?;
    if let Some(wanted) = &args.version {
        let versions = store.versions(id).map_err(say)?;
        let found = named(&versions, wanted)?;
        let part = store.version_part(id, found.id, SUMMARY).map_err(say)?;
        let part = part.ok_or_else(|| format!("the version {wanted:?} has no summary"))?;
        let summary: PlanSummary = serde_json::from_slice(&part).map_err(|error| error.to_string())?;
        return Ok(summary.kpis);
    }
    let mut workbook = opened(&store, id, MAKER)?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let (in_flight, (_never, stop)) = (InFlight::default(), watch::channel(false));
    let apart = Apart { store: &store, workbook: id, program: &program, in_flight: &in_flight, stop };
    settle_apart(&mut workbook, crate::clock::clock_at(now_ms()), apart, |_| ())?;
    Ok(summarise(&frames(&workbook), &title, &currency).kpis)
}

/// A version by its name or id.
pub(super) fn named<'a>(versions: &'a [VersionInfo], wanted: &str) -> Result<&'a VersionInfo, String> {
    versions.iter().find(|info| info.name == wanted || info.id.to_string() == wanted).ok_or_else(|| {
        let known: Vec<&str> = versions.iter().map(|info| info.name.as_str()).collect();
        format!("there is no version {wanted:?}; there are: {}", known.join(", "))
    })
}
