//! `equipoise import`.

use std::fs::File;
use std::path::{Path, PathBuf};

use grid_engine::doc::{MAKER, SheetInfo};
use grid_engine::refs::{Id, SheetId};
use grid_engine::wire::MAX_ACTUALS_FILE;
use grid_engine::workbook::Workbook;

use super::versions;
use super::{Refused, read_whole};
use crate::actuals::{self, Come, Taken};
use crate::app;
use crate::at_rest::opened;
use crate::bundles::{Bringer, Unproven, bring_in, name_for, prove_seals, prove_values};
use crate::clock::{clock_at, now_ms};
use crate::exchange::order_tables;
use crate::store::{NewWorkbook, Store, StoreError, person_id};

/// Imports a folder of order and master data tables (CSV) as a workbook.
///
/// Which tables are read follows from the files there: demand (order lines in frePPLe's table names, with item, location,
/// and where known buffer, itemsupplier, itemdistribution); or orders and order_lines (dates of each order, what was
/// ordered, where known products); or sales_orders (days by product, where known deliveries, production, factory_issue,
/// products). `equipoise kpis` reads the scorecard afterwards.
///
/// With `--actuals` a table of actuals comes into a workbook that is there, with the checks of the page: the key columns of
/// its demand sheet, `bucket` (2026-04) or `date`, and `quantity`. Nothing of a table with a wrong line is taken over.
///
/// With `--bundle` a frozen version that was exported, here or elsewhere, comes into a workbook that is there: once it
/// verifies, as a draft, under its own name or `--name`. What another version of the engine froze and this one calculates
/// differently comes in with `--as-frozen`.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder; made when missing. For actuals and bundles no server may be using it.
    #[arg(long)]
    data: PathBuf,
    /// Name of the workbook; for actuals and bundles, its name or id.
    #[arg(long)]
    workbook: String,
    /// The currency of all money in it, as three letters.
    #[arg(long, default_value = "EUR")]
    currency: String,
    /// Table of actuals (CSV) for a workbook that is there.
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    actuals: Option<PathBuf>,
    /// A frozen version, as `export` writes it, for a workbook that is there.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["folder", "actuals"])]
    bundle: Option<PathBuf>,
    /// What the version is called here.
    #[arg(long, requires = "bundle")]
    name: Option<String>,
    /// Take a version of another engine as it was frozen, where this one calculates differently.
    #[arg(long, requires = "bundle")]
    as_frozen: bool,
    /// Folder with the tables as CSV files.
    #[arg(required_unless_present_any = ["actuals", "bundle"])]
    folder: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    match (&args.bundle, &args.actuals, &args.folder) {
        (Some(bundle), ..) => import_bundle(args, bundle),
        (None, Some(table), _) => import_actuals(args, table),
        (None, None, Some(folder)) => import_tables(args, folder),
        (None, None, None) => {
            Err(vec!["import takes a folder of tables, --actuals and a table, or --bundle and a version".to_owned()])
        }
    }
}

/// A workbook of a folder that no server uses, which would not know of what comes; held until the lock is dropped.
/// `instead` says what to do where a server uses it.
fn unused(args: &Args, instead: &str) -> Result<(Store, File, SheetId), Refused> {
    let say = |error: StoreError| vec![error.to_string()];
    let store = Store::open_existing(&args.data).map_err(say)?;
    let lock = app::lock(&args.data).map_err(|error| match error {
        app::StartError::InUse(folder) => {
            vec![format!("a server uses the data folder {folder}: {instead}, or stop it first")]
        }
        other => vec![other.to_string()],
    })?;
    let ids = [args.workbook.parse::<Id>().ok(), Some(Id::of_name(args.workbook.trim()))];
    let mut found = ids.into_iter().flatten().map(SheetId);
    let known = found.find_map(|id| store.workbook(id).map(|known| known.map(|_| id)).transpose());
    let none = || vec![format!("there is no workbook {:?} in {}", args.workbook, args.data.display())];
    let id = known.transpose().map_err(say)?.ok_or_else(none)?;
    Ok((store, lock, id))
}

/// Makes a bundle a version.
fn import_bundle(args: &Args, path: &Path) -> Result<(), Refused> {
    let (store, _lock, id) = unused(args, "import the file on its versions panel")?;
    let home = store.branch(id).map_err(|error| vec![error.to_string()])?.map_or(id, |branch| branch.home);
    let place = path.display();
    let one = |error: &dyn std::fmt::Display| vec![format!("{place}: {error}")];
    let bundle = versions::read(path)?;
    prove_seals(&bundle).map_err(|reasons| versions::placed(&place, reasons))?;
    let given = args.name.as_deref().unwrap_or_default();
    let name = name_for(&store, home, &bundle, given).map_err(|error| one(&error))?;
    let proven = prove_values(&bundle);
    let unproven = match &proven {
        Err(unproven) if unproven.frozen_by.is_some() && args.as_frozen => Some(unproven),
        Err(Unproven { reasons, frozen_by }) => {
            let mut reasons = reasons.clone();
            reasons.extend(frozen_by.iter().map(|_| "with --as-frozen it comes in as it was frozen".to_owned()));
            return Err(versions::placed(&place, reasons));
        }
        Ok(_) => None,
    };
    let hash = bundle.info.hash.clone();
    let by = Bringer { person: person_id("import"), name: "import".to_owned() };
    let brought = bring_in(&store, home, bundle, name, by, unproven, now_ms()).map_err(|error| one(&error))?;
    brought.1.wait().map_err(|error| one(&error))?;
    match &proven {
        Ok(cells) => println!("{}: all {cells} values follow from its inputs (hash {hash})", brought.0.name),
        Err(Unproven { reasons, .. }) => {
            println!("{}: taken as it was frozen (hash {hash}); {}", brought.0.name, reasons.join("; "));
        }
    }
    println!("{}: brought in as a draft, with the hash {}", brought.0.name, brought.0.hash);
    Ok(())
}

/// Takes a table of actuals into a workbook.
fn import_actuals(args: &Args, table: &Path) -> Result<(), Refused> {
    let say = |error: StoreError| vec![error.to_string()];
    let (store, _lock, id) = unused(args, "import the table on its page of plan against actual")?;
    if store.branch(id).map_err(say)?.is_some() {
        return Err(vec![format!("{:?} is a branch: actuals belong to the plan it came from", args.workbook)]);
    }
    let bytes = read_whole(table, MAX_ACTUALS_FILE as u64, ": import it month by month")?;
    let mut workbook = opened(&store, id, MAKER).map_err(|problem| vec![problem])?;
    // Rows are known by what stands in their keys.
    workbook.recalculate(clock_at(now_ms()));
    let taken = actuals::take(&workbook, &bytes)?;
    let arrival = taken.arrival();
    let Taken { sheet, read, facts, .. } = taken;
    if let Some(facts) = facts {
        store.put_facts(id, vec![(sheet, actuals::layer(), facts.clone())]).wait().map_err(say)?;
        store.note(now_ms(), person_id("import"), "actuals", read.told()).wait().map_err(say)?;
        // Every state of the actuals is judged, whether anyone looks or not: alerts depend on what was before.
        let come = Come { facts, ..Come::of(&workbook) };
        let judged = actuals::judge(&store, id, &come, &arrival, ("", None)).map_err(say)?;
        if let Some(watch) = judged.news {
            store.put_watch(id, watch).wait().map_err(say)?;
        }
    }
    println!("{}, {} values", read.told(), read.values.len());
    Ok(())
}

fn import_tables(args: &Args, folder: &Path) -> Result<(), Refused> {
    let title = args.workbook.trim();
    if title.is_empty() || title.chars().count() > 60 || title.chars().any(char::is_control) {
        return Err(vec!["--workbook takes a name of 1 to 60 characters".to_owned()]);
    }
    let currency = args.currency.trim();
    if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
        return Err(vec!["--currency takes three capital letters, such as EUR or USD".to_owned()]);
    }
    let import = order_tables::read(folder, title, currency)?;
    let workbook = import.blueprint.build(person_id("import"), now_ms()).map_err(|error| vec![error.to_string()])?;
    let store = Store::open(&args.data).map_err(|error| vec![error.to_string()])?;
    let id = SheetId(Id::of_name(title));
    let new = stored(id, title, &import.blueprint.currency, &workbook).map_err(|problem| vec![problem])?;
    store.create_workbook(new).map_err(|error| vec![error.to_string()])?;
    println!("{}", import.told);
    let sheets: Vec<&SheetInfo> = workbook.mirror().sheets().iter().collect();
    println!("workbook {id} ({title}) with {} sheets is ready in {}", sheets.len(), args.data.display());
    Ok(())
}

/// A workbook as the store takes it: every room whole, and its layers.
pub(super) fn stored(id: SheetId, title: &str, currency: &str, workbook: &Workbook) -> Result<NewWorkbook, String> {
    let room = |room| Ok((room, workbook.encode_state(room, None).map_err(|error| error.to_string())?));
    let rooms = workbook.known_rooms().into_iter().map(room).collect::<Result<_, String>>()?;
    let sheets = workbook.mirror().sheets().iter().filter_map(|info| workbook.sheet(info.id));
    let layers = sheets.flat_map(|sheet| sheet.measures().iter().map(move |measure| (sheet.id(), measure.id)));
    let facts = layers.filter_map(|(sheet, measure)| Some((sheet, measure, workbook.facts(sheet, measure)?.clone())));
    Ok(NewWorkbook { id, title: title.to_owned(), currency: currency.to_owned(), rooms, facts: facts.collect() })
}
