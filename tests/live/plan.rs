//! The plan everybody works on: a demand sheet in two parts, with a measure of each person's own.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use equipoise_server::exchange::blueprint::{
    Blueprint, MeasureBlueprint, RowBlueprint, SheetBlueprint, part_id, row_id,
};
use equipoise_server::store::WorkbookId;
use grid_engine::calendar::Horizon;
use grid_engine::doc::{Input, Span};
use grid_engine::refs::{CellRef, ColId, MeasureId, PersonId, RoomId, SheetId};
use grid_engine::wire::{Me, Role};
use grid_engine::workbook::Workbook;

pub const PEOPLE: usize = 3;
pub const KEYS: [[&str; 2]; 4] = [["Tea", "North"], ["Tea", "South"], ["Soap", "North"], ["Soap", "South"]];
/// Two months that are always written together, and one on its own.
pub const PAIR: [&str; 2] = ["2026-04", "2026-05"];
pub const SINGLE: &str = "2026-06";

pub fn workbook_id() -> WorkbookId {
    WorkbookId::named("plan").unwrap()
}

pub fn demand() -> SheetId {
    SheetId::named("demand").unwrap()
}

pub fn cell(measure: &str, key: usize, month: &str) -> CellRef {
    let col = ColId::timed(MeasureId::named(measure).unwrap(), month.parse().unwrap());
    CellRef { sheet: demand(), row: row_id(&KEYS[key]), col }
}

/// The room of a row.
pub fn room_of(key: usize) -> RoomId {
    RoomId::Part(demand(), part_id(KEYS[key][1]))
}

/// The measure only this person writes.
pub fn own(who: usize) -> String {
    format!("own{who}")
}

pub fn me(who: usize) -> Arc<Me> {
    Arc::new(Me {
        person: PersonId::of_key(&[&who.to_string()]),
        name: format!("Person {who}"),
        role: Role::Demand,
        scope: Vec::new(),
        colour: "#345".into(),
        may_freeze: false,
        may_mark_consensus: false,
        may_read_live: true,
    })
}

/// The rooms as they are first stored.
pub fn rooms() -> &'static [(RoomId, Vec<u8>)] {
    static ROOMS: OnceLock<Vec<(RoomId, Vec<u8>)>> = OnceLock::new();
    ROOMS.get_or_init(|| {
        let bucket = |text: &str| text.parse().unwrap();
        let horizon = Horizon { first: bucket("2026-01"), current: bucket("2026-04"), last: bucket("2026-06") };
        let mut demand = SheetBlueprint::planning("demand", "Demand", &["Item", "Region"])
            .role("demand")
            .horizon(horizon)
            .partitioned_by("Region")
            .measure(MeasureBlueprint::input("override", "Override").timed(Span::Plan))
            .measure(MeasureBlueprint::input("uplift", "Uplift").timed(Span::Plan).additive());
        for who in 0..PEOPLE {
            demand = demand.measure(MeasureBlueprint::input(&own(who), &format!("Own {who}")).timed(Span::Plan));
        }
        let rows = KEYS.iter().map(|key| RowBlueprint { key: key.map(str::to_owned).to_vec(), cells: Vec::new() });
        let notes = SheetBlueprint::free("notes", "Notes").cell(0, 0, 1.0).cell(1, 1, 2.0);
        let sheets = vec![demand.rows(rows), notes];
        let blueprint = Blueprint { title: "Plan".into(), currency: "EUR".into(), sheets };
        let workbook = blueprint.build(PersonId::of_key(&["maker"]), 1).unwrap();
        workbook.known_rooms().into_iter().map(|room| (room, workbook.encode_state(room, None).unwrap())).collect()
    })
}

/// All that is entered into a workbook, contributions one by one.
pub fn picture(workbook: &Workbook) -> BTreeMap<String, String> {
    let mut picture = BTreeMap::new();
    for info in workbook.mirror().sheets() {
        let Some(sheet) = workbook.sheet(info.id) else { continue };
        for (cell, input) in sheet.inputs() {
            picture.insert(format!("{cell:?}"), format!("{input:?}"));
            for (person, number) in sheet.contributions(cell.row, cell.col) {
                picture.insert(format!("{cell:?} of {person}"), number.to_string());
            }
        }
        picture.insert(format!("rows of {}", info.id), format!("{:?}", sheet.rows()));
    }
    picture
}

pub fn input(workbook: &Workbook, cell: CellRef) -> Option<Input> {
    workbook.sheet(cell.sheet)?.input(cell.row, cell.col).cloned()
}
