//! `equipoise import`.

use std::path::PathBuf;

use grid_engine::doc::SheetInfo;
use grid_engine::refs::{Id, SheetId};
use grid_engine::workbook::Workbook;

use super::Refused;
use crate::clock::now_ms;
use crate::exchange::order_tables;
use crate::store::{NewWorkbook, Store, person_id};

/// Imports a folder of order and master data tables (CSV) as a workbook.
///
/// Which tables are read follows from the files there: demand (order lines in frePPLe's table names, with item, location,
/// and where known buffer, itemsupplier, itemdistribution); or orders and order_lines (dates of each order, what was
/// ordered, where known products); or sales_orders (days by product, where known deliveries, production, factory_issue,
/// products). `equipoise kpis` reads the scorecard afterwards.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder; made when missing.
    #[arg(long)]
    data: PathBuf,
    /// Name of the workbook.
    #[arg(long)]
    workbook: String,
    /// The currency of all money in it, as three letters.
    #[arg(long, default_value = "EUR")]
    currency: String,
    /// Folder with the tables as CSV files.
    folder: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let title = args.workbook.trim();
    if title.is_empty() || title.chars().count() > 60 || title.chars().any(char::is_control) {
        return Err(vec!["--workbook takes a name of 1 to 60 characters".to_owned()]);
    }
    let currency = args.currency.trim();
    if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
        return Err(vec!["--currency takes three capital letters, such as EUR or USD".to_owned()]);
    }
    let import = order_tables::read(&args.folder, title, currency)?;
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
