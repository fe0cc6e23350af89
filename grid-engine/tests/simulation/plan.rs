//! The plan everybody works on: a demand sheet in two parts, and a free sheet that reads it.

use std::collections::BTreeMap;

use grid_engine::doc::{Measure, MeasureKind, Merge, Op, SheetInfo, SheetKind, SheetMeta, Span};
use grid_engine::refs::{ColId, PartId, RowId};

use crate::table::{Table, additive, layer, measure, measure_id, months, sheet};

pub const PEOPLE: [&str; 5] = ["ada", "bob", "cleo", "dan", "eve"];
pub const MONTHS: [&str; 4] = ["2026-03", "2026-04", "2026-05", "2026-06"];

pub fn part(id: &str) -> PartId {
    PartId::named(id).unwrap()
}

pub fn row(id: &str) -> RowId {
    RowId::named(id).unwrap()
}

pub fn col(id: &str) -> ColId {
    id.parse().unwrap()
}

/// The measure that only one person writes.
pub fn own_measure(by: &str) -> String {
    format!("Own {by}")
}

/// The plan as its maker leaves it.
pub fn make() -> Table {
    let mut table = Table::server();
    let others = [layer("History", true), measure("Override", true), additive("Uplift")].into_iter();
    let share = Measure { merge: Merge::Allocation { within: Some(measure_id("Region")) }, ..measure("Share", true) };
    let others = others.chain([share]);
    let own = PEOPLE.iter().map(|by| measure(&own_measure(by), true));
    let others: Vec<_> = others.chain(own).map(|measure| Measure { span: Span::Plan, ..measure }).collect();
    table.planning("demand", "Demand", "demand", months("2026-01", 2, 4), &["Item", "Region"], &others);
    let info = table.book.mirror().sheets()[0].clone();
    let parts: BTreeMap<PartId, String> = [("de", "DE"), ("at", "AT")].map(|(id, key)| (part(id), key.into())).into();
    let meta = SheetMeta {
        partition: Some(measure_id("Region")),
        parts,
        ..table.book.sheet(sheet("demand")).unwrap().meta().clone()
    };
    table.edit("ada", vec![Op::PutSheet { info, meta }]);
    table.formula("demand", "Consensus", true, "=IF(ISBLANK([@Override]),10,[@Override])+[@Uplift]");
    table.formula("demand", "Part", true, "=[@Share]*100");
    table.formula("demand", "Total", false, "=SUM([@Consensus:all])");
    for (id, key) in [("de", "DE"), ("at", "AT")] {
        let rows: Vec<RowId> = (1..=3).map(|number| row(&format!("{id}{number}"))).collect();
        let mut ops =
            vec![Op::InsertRows { sheet: sheet("demand"), part: Some(part(id)), after: None, rows: rows.clone() }];
        for row in rows {
            ops.extend(keys_of(row, key));
        }
        table.edit("ada", ops);
    }
    table.free("notes", "Notes", 6, 4);
    for (a1, text) in [("A1", "=SUM(Demand[Consensus])"), ("B1", "=A1*2"), ("C1", "=SUM(A2:B5)"), ("D1", "=SUM(C2:C6)")]
    {
        table.set("notes", a1, text);
    }
    table
}

/// The entries of a row's keys.
pub fn keys_of(row: RowId, region: &str) -> [Op; 2] {
    [("Item", row.to_string()), ("Region", region.to_owned())].map(|(name, text)| Op::SetCell {
        cell: grid_engine::refs::CellRef { sheet: sheet("demand"), row, col: ColId::fixed(measure_id(name)) },
        input: Some(grid_engine::doc::Input::Text(text.into())),
        guard: Default::default(),
    })
}

/// A further sheet.
pub fn new_sheet(id: &str) -> (SheetInfo, SheetMeta) {
    let info = SheetInfo {
        id: sheet(id),
        title: id.to_owned(),
        kind: SheetKind::Free,
        position: format!("z{id}"),
        role: String::new(),
        group: String::new(),
        hidden: false,
        published: false,
        colour: None,
    };
    let meta = SheetMeta {
        kind: SheetKind::Free,
        title: id.to_owned(),
        epoch: 0,
        horizon: None,
        partition: None,
        parts: BTreeMap::new(),
    };
    (info, meta)
}

/// What the measure `Consensus` may say, in turn.
pub const FORMULAS: [&str; 4] = [
    "=IF(ISBLANK([@Override]),10,[@Override])+[@Uplift]",
    "=MAX([@Override],[@Uplift])+N([@Consensus:-1])",
    "=[@Uplift]+N(Notes!B1)*0",
    "=[@Override]*2",
];

pub fn is_formula(kind: &MeasureKind) -> bool {
    matches!(kind, MeasureKind::Formula(_))
}
