//! A small plan that several people have open, for tests.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::calendar::Horizon;
use crate::refs::*;

pub(super) fn id<T: std::str::FromStr<Err = BadId>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(super) fn row(text: &str) -> RowId {
    id(text)
}

pub(super) fn col(text: &str) -> ColId {
    id(text)
}

pub(super) fn cell(sheet: &str, row: &str, col: &str) -> CellRef {
    CellRef { sheet: id(sheet), row: id(row), col: id(col) }
}

pub(super) fn edit(by: &str, ops: Vec<Op>) -> Edit {
    Edit { by: id(by), at: 1_700_000_000_000, why: None, ops }
}

pub(super) fn set(cell: CellRef, input: impl Into<Option<Input>>) -> Op {
    Op::SetCell { cell, input: input.into(), guard: Guard::Always }
}

pub(super) fn text(text: &str) -> Input {
    Input::Text(text.into())
}

pub(super) fn measure(name: &str, kind: MeasureKind, order: u32) -> Measure {
    Measure {
        id: MeasureId(Id::of_name(name)),
        name: name.to_owned(),
        timed: !matches!(kind, MeasureKind::Key),
        span: if name == "Override" { Span::Plan } else { Span::All },
        merge: if name == "Uplift" { Merge::Additive } else { Merge::Override },
        kind,
        aggregate: Aggregate::Sum,
        format: NumberFormat::Whole,
        unit: String::new(),
        order,
        help: String::new(),
    }
}

/// The demand sheet in two parts with three rows each, and a free sheet of 4 × 3.
pub(super) fn make_plan() -> Edit {
    let demand: SheetId = id("demand");
    let info = |sheet: &str, title: &str, kind| SheetInfo {
        id: id(sheet),
        title: title.to_owned(),
        kind,
        position: if sheet == "demand" { "a0".to_owned() } else { "a1".to_owned() },
        role: sheet.to_owned(),
        group: "Plan".to_owned(),
        hidden: false,
        published: false,
        colour: None,
    };
    let horizon = Horizon {
        first: "2026-01".parse().unwrap(),
        current: "2026-03".parse().unwrap(),
        last: "2026-06".parse().unwrap(),
    };
    let parts = [("de", "DE"), ("at", "AT")].map(|(part, label)| (id(part), label.to_owned())).into();
    let mut ops = vec![
        Op::PutSheet {
            info: info("demand", "Demand", SheetKind::Planning),
            meta: SheetMeta {
                kind: SheetKind::Planning,
                title: "Demand".to_owned(),
                epoch: 0,
                horizon: Some(horizon),
                partition: Some(id("region")),
                parts,
            },
        },
        Op::PutSheet {
            info: info("summary", "Summary", SheetKind::Free),
            meta: SheetMeta {
                kind: SheetKind::Free,
                title: "Summary".to_owned(),
                epoch: 0,
                horizon: None,
                partition: None,
                parts: Default::default(),
            },
        },
        Op::InsertRows {
            sheet: id("summary"),
            part: None,
            after: None,
            rows: ["r1", "r2", "r3", "r4"].map(row).into(),
        },
        Op::InsertCols { sheet: id("summary"), after: None, cols: ["a", "b", "c"].map(col).into() },
    ];
    for (order, (name, kind)) in [
        ("Item", MeasureKind::Key),
        ("Region", MeasureKind::Key),
        ("History", MeasureKind::Layer),
        ("Override", MeasureKind::Input),
        ("Uplift", MeasureKind::Input),
        ("Consensus", MeasureKind::Formula("=[@Override]+[@Uplift]".to_owned())),
    ]
    .into_iter()
    .enumerate()
    {
        ops.push(Op::PutMeasure { sheet: demand, measure: measure(name, kind, order as u32) });
    }
    for part in ["de", "at"] {
        let rows = ["1", "2", "3"].map(|number| row(&format!("{part}{number}")));
        ops.push(Op::InsertRows { sheet: demand, part: Some(id(part)), after: None, rows: rows.into() });
        for row in rows {
            let at = |col: &str| CellRef { sheet: demand, row, col: id(col) };
            ops.push(set(at("item"), text(&format!("sku {row}"))));
            ops.push(set(at("region"), text(&part.to_uppercase())));
        }
    }
    edit("ada", ops)
}

/// Replicas of the plan, connected by hand.
pub(super) fn replicas(count: u64) -> Vec<Documents> {
    let mut first = Documents::new(1);
    first.open_room(RoomId::Book, &[]).unwrap();
    first.apply(&make_plan()).unwrap();
    let mut all = vec![first];
    for client in 2..=count {
        let mut next = Documents::new(client);
        next.open_room(RoomId::Book, &all[0].encode_state(RoomId::Book, None).unwrap()).unwrap();
        for _ in 0..2 {
            for room in next.known_rooms() {
                next.open_room(room, &all[0].encode_state(room, None).unwrap()).unwrap();
            }
        }
        all.push(next);
    }
    all
}

/// Brings replicas to the same state through state vectors, as a reconnect does.
pub(super) fn meet(replicas: &mut [Documents]) {
    for _ in 0..2 {
        for from in 0..replicas.len() {
            for to in 0..replicas.len() {
                for room in replicas[from].known_rooms() {
                    let Some(since) = replicas[to].state_vector(room) else { continue };
                    let update = replicas[from].encode_state(room, Some(&since)).unwrap();
                    replicas[to].apply_update(room, &update).unwrap();
                }
            }
        }
    }
}

pub(super) fn input(documents: &Documents, cell: CellRef) -> Option<Input> {
    documents.mirror().sheet(cell.sheet)?.input(cell.row, cell.col).cloned()
}
