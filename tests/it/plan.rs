//! The plan of these tests: two items in two regions, three months back and three ahead.

use std::path::Path;

use equipoise_server::exchange::blueprint::{
    Blueprint, MeasureBlueprint, RowBlueprint, SheetBlueprint, part_id, row_id,
};
use equipoise_server::store::{NewPerson, NewWorkbook, Store, WorkbookId, person_id};
use grid_engine::calendar::{Bucket, Horizon};
use grid_engine::doc::Span;
use grid_engine::refs::{CellRef, ColId, MeasureId, RoomId, RowId, SheetId};
use grid_engine::value::NumberFormat;
use grid_engine::wire::Role;

pub const WORKBOOK: &str = "plan";
pub const PASSWORD: &str = "correct horse";

pub fn bucket(text: &str) -> Bucket {
    text.parse().unwrap()
}

pub fn sheet(id: &str) -> SheetId {
    SheetId::named(id).unwrap()
}

/// A cell of the demand sheet.
pub fn cell(measure: &str, item: &str, region: &str, month: &str) -> CellRef {
    CellRef {
        sheet: sheet("demand"),
        row: row_id(&[item, region]),
        col: ColId::timed(MeasureId::named(measure).unwrap(), bucket(month)),
    }
}

pub fn override_of(item: &str, region: &str) -> CellRef {
    cell("override", item, region, "2026-04")
}

/// A cell of the prices sheet.
pub fn price_of(item: &str) -> CellRef {
    CellRef { sheet: sheet("prices"), row: row_id(&[item]), col: ColId::fixed(MeasureId::named("netprice").unwrap()) }
}

pub fn part(region: &str) -> RoomId {
    RoomId::Part(sheet("demand"), part_id(region))
}

pub fn row(item: &str, region: &str) -> RowId {
    row_id(&[item, region])
}

/// Keeps a workbook of these sheets beside what a data folder holds.
pub fn keep(folder: &Path, id: &str, title: &str, sheets: Vec<SheetBlueprint>) {
    let blueprint = Blueprint { title: title.into(), currency: "EUR".into(), sheets };
    let workbook = blueprint.build(person_id("ada"), 1).unwrap();
    let state = |room| (room, workbook.encode_state(room, None).unwrap());
    let rooms = workbook.known_rooms().into_iter().map(state).collect();
    let id = WorkbookId::named(id).unwrap();
    let Blueprint { title, currency, .. } = blueprint;
    let new = NewWorkbook { id, title, currency, rooms, facts: Vec::new() };
    Store::open(folder).unwrap().create_workbook(new).unwrap();
}

/// What the plan earns: 2.5 for each unit of the consensus, less one.
pub fn profit() -> SheetBlueprint {
    let figure = |id: &str, name: &str, formula: &str| MeasureBlueprint::formula(id, name, formula).timed(Span::Plan);
    SheetBlueprint::planning("profit", "Profit", &["Plan"])
        .role("profit")
        .horizon(horizon())
        .measure(figure("revenue", "Revenue", "=SUM(Demand[Consensus])*2.5"))
        .measure(figure("supplycost", "Supply cost", "=SUM(Demand[Consensus])"))
        .rows([RowBlueprint { key: vec!["All".to_owned()], cells: Vec::new() }])
}

/// Three months back and three ahead.
fn horizon() -> Horizon {
    Horizon { first: bucket("2026-01"), current: bucket("2026-04"), last: bucket("2026-06") }
}

/// Fills a data folder with the plan and its people.
pub fn fill(folder: &Path) {
    fill_with(folder, Vec::new());
}

/// The same, with further sheets.
pub fn fill_with(folder: &Path, more: Vec<SheetBlueprint>) {
    let horizon = horizon();
    let keys = [["Tea", "North"], ["Tea", "South"], ["Soap", "North"], ["Soap", "South"]];
    let history = keys.iter().map(|key| (row_id(key), vec![100.0, 110.0, 120.0])).collect();
    let demand = SheetBlueprint::planning("demand", "Demand", &["Item", "Region"])
        .role("demand")
        .horizon(horizon)
        .partitioned_by("Region")
        .measure(MeasureBlueprint::layer("history", "History").timed(Span::History))
        .measure(MeasureBlueprint::formula("baseline", "Baseline", "=FORECAST([@History:all])").timed(Span::Plan))
        .measure(MeasureBlueprint::input("override", "Override").timed(Span::Plan))
        .measure(MeasureBlueprint::input("uplift", "Uplift").timed(Span::Plan).additive())
        .measure(
            MeasureBlueprint::formula(
                "consensus",
                "Consensus",
                "=IF(ISBLANK([@Override]),[@Baseline],[@Override])+[@Uplift]",
            )
            .timed(Span::Plan),
        )
        .rows(keys.iter().map(|key| RowBlueprint { key: key.map(str::to_owned).to_vec(), cells: Vec::new() }))
        .facts("history", Some(horizon.first), history);
    let net_price = ColId::fixed(MeasureId::named("netprice").unwrap());
    let prices = SheetBlueprint::planning("prices", "Prices", &["Item"])
        .role("prices")
        .measure(MeasureBlueprint::input("netprice", "Net price").shown(NumberFormat::Price, "EUR"))
        .rows(
            ["Tea", "Soap"]
                .map(|item| RowBlueprint { key: vec![item.to_owned()], cells: vec![(net_price, 2.5.into())] }),
        );
    let sheets = [demand, prices].into_iter().chain(more).collect();
    let blueprint = Blueprint { title: "Test plan".into(), currency: "EUR".into(), sheets };
    let workbook = blueprint.build(person_id("ada"), 1).unwrap();
    let state = |room| (room, workbook.encode_state(room, None).unwrap());
    let history = MeasureId::named("history").unwrap();
    let facts = workbook.facts(sheet("demand"), history).unwrap().clone();
    let store = Store::open(folder).unwrap();
    store
        .create_workbook(NewWorkbook {
            id: WorkbookId::named(WORKBOOK).unwrap(),
            title: blueprint.title,
            currency: blueprint.currency,
            rooms: workbook.known_rooms().into_iter().map(state).collect(),
            facts: vec![(sheet("demand"), history, facts)],
        })
        .unwrap();
    for (user, role, scope) in [
        ("ada", Role::Admin, None),
        ("dan", Role::Demand, None),
        ("nora", Role::Sales, Some("North")),
        ("sven", Role::Sales, Some("South")),
        ("fred", Role::Finance, None),
        ("eva", Role::Executive, None),
        ("vic", Role::Viewer, None),
    ] {
        let person = NewPerson {
            user: user.into(),
            password: PASSWORD.into(),
            name: user.to_uppercase(),
            title: String::new(),
            role,
            scope: scope.map(str::to_owned).into_iter().collect(),
            colour: "#345".into(),
            demo_password_shown: false,
        };
        store.put_person(person).unwrap();
    }
}
