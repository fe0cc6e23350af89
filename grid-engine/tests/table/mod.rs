//! A workbook on the table: short ways to build one and to read it.
#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

use std::collections::BTreeMap;

use grid_engine::calendar::{Bucket, Horizon};
use grid_engine::doc::{
    Aggregate, Edit, Guard, Input, Measure, MeasureKind, Merge, Op, SheetInfo, SheetKind, SheetMeta, Span,
};
use grid_engine::refs::{CellRef, ColId, Id, MeasureId, PersonId, RoomId, RowId, SheetId};
use grid_engine::value::Value;
use grid_engine::workbook::{Applied, Clock, Recalculated, Side, Workbook};

pub const CLOCK: Clock = Clock { now: 46_000.5, seed: 7 };

pub struct Table {
    pub book: Workbook,
    /// Every update made here, for others to apply.
    pub sent: Vec<(RoomId, Vec<u8>)>,
}

pub fn sheet(id: &str) -> SheetId {
    SheetId::named(id).unwrap()
}

pub fn person(id: &str) -> PersonId {
    PersonId::named(id).unwrap()
}

pub fn measure_id(name: &str) -> MeasureId {
    MeasureId(Id::of_name(name))
}

pub fn bucket(text: &str) -> Bucket {
    text.parse().unwrap()
}

/// Months from `first` on: so many before the current one, so many from it on.
pub fn months(first: &str, history: i32, plan: i32) -> Horizon {
    let first = bucket(first);
    Horizon { first, current: first.plus(history), last: first.plus(history + plan - 1) }
}

/// A measure by its name, entered unless said otherwise.
pub fn measure(name: &str, timed: bool) -> Measure {
    Measure {
        id: measure_id(name),
        name: name.into(),
        kind: MeasureKind::Input,
        timed,
        span: Span::All,
        merge: Merge::Override,
        aggregate: Aggregate::Sum,
        format: Default::default(),
        unit: String::new(),
        order: 0,
        help: String::new(),
    }
}

pub fn layer(name: &str, timed: bool) -> Measure {
    Measure { kind: MeasureKind::Layer, ..measure(name, timed) }
}

pub fn additive(name: &str) -> Measure {
    Measure { merge: Merge::Additive, ..measure(name, true) }
}

impl Table {
    pub fn new(side: Side, client: u64) -> Self {
        let mut book = Workbook::new(side, client);
        book.open_room(RoomId::Book, &[]).unwrap();
        Self { book, sent: Vec::new() }
    }

    pub fn server() -> Self {
        Self::new(Side::Server, 1)
    }

    pub fn edit(&mut self, by: &str, ops: Vec<Op>) -> Applied {
        let edit = Edit { by: person(by), at: 0, why: None, ops };
        let applied = self.book.apply(&edit).unwrap();
        self.sent.extend(applied.updates.iter().cloned());
        applied
    }

    pub fn recalculate(&mut self) -> Recalculated {
        self.book.recalculate(CLOCK)
    }

    fn put_sheet(&mut self, id: &str, title: &str, role: &str, kind: SheetKind, horizon: Option<Horizon>) {
        let info = SheetInfo {
            id: sheet(id),
            title: title.into(),
            kind,
            position: format!("a{id}"),
            role: role.into(),
            group: String::new(),
            hidden: false,
            published: false,
            colour: None,
        };
        let meta = SheetMeta { kind, title: title.into(), epoch: 0, horizon, partition: None, parts: BTreeMap::new() };
        self.edit("ada", vec![Op::PutSheet { info, meta }]);
    }

    /// A planning sheet with key measures, then others.
    pub fn planning(&mut self, id: &str, title: &str, role: &str, horizon: Horizon, keys: &[&str], others: &[Measure]) {
        self.put_sheet(id, title, role, SheetKind::Planning, Some(horizon));
        let keys = keys.iter().map(|key| Measure { kind: MeasureKind::Key, ..measure(key, false) });
        let all = keys.chain(others.iter().cloned()).enumerate();
        let put = all.map(|(order, measure)| Op::PutMeasure {
            sheet: sheet(id),
            measure: Measure { order: order as u32, ..measure },
        });
        let put = put.collect();
        self.edit("ada", put);
    }

    /// Gives a measure a formula, adding the measure where it is not there.
    pub fn formula(&mut self, id: &str, name: &str, timed: bool, typed: &str) {
        let there = self.book.sheet(sheet(id)).and_then(|sheet| sheet.measure(measure_id(name))).cloned();
        let order = self.book.sheet(sheet(id)).map_or(0, |sheet| sheet.measures().len() as u32);
        let mut measure = there.unwrap_or(Measure { order, ..measure(name, timed) });
        self.edit("ada", vec![Op::PutMeasure { sheet: sheet(id), measure: measure.clone() }]);
        let stored = self.book.measure_formula_stored(sheet(id), typed).unwrap();
        measure.kind = MeasureKind::Formula(stored);
        self.edit("ada", vec![Op::PutMeasure { sheet: sheet(id), measure }]);
    }

    /// Adds a row with its keys; its id follows from them.
    pub fn row(&mut self, id: &str, keys: &[&str]) -> RowId {
        let row = RowId::of_key(keys);
        let after = self.book.sheet(sheet(id)).and_then(|sheet| sheet.rows().last().copied());
        let measures: Vec<MeasureId> = self.book.sheet(sheet(id)).unwrap().measures().iter().map(|m| m.id).collect();
        let mut ops = vec![Op::InsertRows { sheet: sheet(id), part: None, after, rows: vec![row] }];
        ops.extend(keys.iter().zip(measures).map(|(key, measure)| Op::SetCell {
            cell: CellRef { sheet: sheet(id), row, col: ColId::fixed(measure) },
            input: Some(Input::Text((*key).into())),
            guard: Guard::Always,
        }));
        self.edit("ada", ops);
        row
    }

    /// A free sheet with columns A, B … and rows 1, 2 ….
    pub fn free(&mut self, id: &str, title: &str, rows: usize, cols: usize) {
        self.put_sheet(id, title, "", SheetKind::Free, None);
        let rows = (1..=rows).map(|row| RowId::named(&format!("r{row}")).unwrap()).collect();
        let cols = (1..=cols).map(|col| ColId::fixed(MeasureId::named(&format!("c{col}")).unwrap())).collect();
        self.edit(
            "ada",
            vec![
                Op::InsertRows { sheet: sheet(id), part: None, after: None, rows },
                Op::InsertCols { sheet: sheet(id), after: None, cols },
            ],
        );
    }

    /// The cell that A1 names now.
    pub fn a1(&self, id: &str, a1: &str) -> CellRef {
        let split = a1.find(|c: char| c.is_ascii_digit()).unwrap();
        let col = grid_engine::refs::a1::column_index(&a1[..split]).unwrap() as usize;
        let row = a1[split..].parse::<usize>().unwrap() - 1;
        let of = self.book.sheet(sheet(id)).unwrap();
        CellRef { sheet: sheet(id), row: of.rows()[row], col: of.cols()[col] }
    }

    /// A planning sheet's cell: row by key, measure by name, bucket or `""`.
    pub fn at(&self, id: &str, keys: &[&str], name: &str, when: &str) -> CellRef {
        let bucket = (!when.is_empty()).then(|| bucket(when));
        CellRef { sheet: sheet(id), row: RowId::of_key(keys), col: ColId { measure: measure_id(name), bucket } }
    }

    /// Types into a cell, as a person.
    pub fn type_as(&mut self, by: &str, cell: CellRef, text: &str) {
        let input = self.book.read_entry(cell, person(by), text).unwrap();
        self.edit(by, vec![Op::SetCell { cell, input, guard: Guard::Always }]);
    }

    /// Types into a planning sheet's cell.
    pub fn enter(&mut self, cell: CellRef, text: &str) {
        self.type_as("ada", cell, text);
    }

    /// Types into a free sheet's cell.
    pub fn set(&mut self, id: &str, a1: &str, text: &str) {
        let cell = self.a1(id, a1);
        self.type_as("ada", cell, text);
    }

    /// Cells of a free sheet as shown, after recalculating: `A1=3 B2=#N/A`.
    pub fn shown(&mut self, id: &str, cells: &str) -> String {
        self.recalculate();
        let show = |a1: &str| format!("{a1}={}", self.text(self.a1(id, a1)));
        cells.split(' ').map(show).collect::<Vec<_>>().join(" ")
    }

    /// A measure of a row as shown in all buckets, without recalculating.
    pub fn line(&self, id: &str, keys: &[&str], name: &str) -> String {
        let horizon = self.book.sheet(sheet(id)).unwrap().meta().horizon.unwrap();
        let texts = horizon.buckets().map(|bucket| self.text(self.at(id, keys, name, &bucket.to_string())));
        texts.collect::<Vec<_>>().join(" ")
    }

    pub fn text(&self, cell: CellRef) -> String {
        match self.book.value(cell) {
            Value::Blank => "_".to_owned(),
            Value::Text(text) => format!("{text:?}"),
            _ => self.book.display(cell),
        }
    }

    pub fn number(&self, cell: CellRef) -> f64 {
        self.book.value(cell).as_number().unwrap_or_else(|| panic!("{cell:?} is {:?}", self.book.value(cell)))
    }

    /// A workbook with the same documents, not yet calculated.
    pub fn copy(&self, side: Side, client: u64) -> Self {
        let mut copy = Self::new(side, client);
        for room in self.book.known_rooms() {
            copy.book.open_room(room, &self.book.encode_state(room, None).unwrap()).unwrap();
        }
        copy
    }

    /// Everything that documents hold here, hidden or not.
    pub fn picture(&self) -> String {
        format!("{:#?}", self.book.mirror())
    }

    /// A workbook with the same documents and facts, calculated from nothing.
    pub fn afresh(&self, facts: &[(&str, &str)]) -> Self {
        let mut fresh = self.copy(Side::Server, 99);
        for (id, name) in facts {
            if let Some(known) = self.book.facts(sheet(id), measure_id(name)) {
                fresh.book.set_facts(sheet(id), measure_id(name), known.clone());
            }
        }
        fresh.recalculate();
        fresh
    }

    /// The first cell whose value differs from the other workbook's.
    pub fn difference(&self, other: &Self) -> Option<String> {
        for info in self.book.mirror().sheets() {
            let of = self.book.sheet(info.id)?;
            for &row in of.rows() {
                for &col in of.cols() {
                    let cell = CellRef { sheet: info.id, row, col };
                    let (mine, theirs) = (self.book.value(cell), other.book.value(cell));
                    if mine != theirs {
                        return Some(format!("{cell:?}: {mine:?} here, {theirs:?} there"));
                    }
                }
            }
        }
        None
    }
}
