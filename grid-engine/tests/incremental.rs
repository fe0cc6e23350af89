//! Whatever people do, wherever they do it and whenever it arrives: values after many small recalculations are those of
//! one calculation from nothing, and all who have heard of everything see the same.
#![allow(clippy::unwrap_used)]

mod table;

use grid_engine::doc::{Guard, Measure, Op, Span};
use grid_engine::refs::{CellRef, ColId, MeasureId, RowId};
use grid_engine::workbook::{Facts, Side};
use proptest::prelude::*;
use table::{Table, additive, bucket, layer, measure, measure_id, months, person, sheet};

const FACTS: [(&str, &str); 1] = [("demand", "History")];
const MONTHS: [&str; 5] = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"];
const ITEMS: [&str; 3] = ["A", "B", "C"];

/// Something a person does.
#[derive(Clone, Debug)]
enum Step {
    Enter {
        by: u8,
        name: u8,
        item: u8,
        region: u8,
        month: u8,
        text: u8,
    },
    Price {
        item: u8,
        month: u8,
        number: u8,
    },
    Cell {
        row: u8,
        col: u8,
        text: u8,
    },
    AddRow {
        item: u8,
        region: u8,
    },
    DeleteRow {
        of: u8,
        row: u8,
    },
    RestoreRow {
        of: u8,
        row: u8,
    },
    MoveRow {
        of: u8,
        row: u8,
        after: u8,
    },
    InsertNote {
        after: u8,
        number: u8,
    },
    InsertCol {
        after: u8,
        number: u8,
    },
    DeleteCol {
        col: u8,
    },
    Facts {
        item: u8,
        region: u8,
        number: u8,
    },
    Formula {
        which: u8,
    },
    Undo {
        by: u8,
    },
    Recalculate,
    /// Left after so many formulas.
    RecalculateSome {
        formulas: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let byte = any::<u8>;
    prop_oneof![
        6 => (byte(), byte(), byte(), byte(), byte(), byte()).prop_map(|(by, name, item, region, month, text)| {
            Step::Enter { by, name, item, region, month, text }
        }),
        2 => (byte(), byte(), byte()).prop_map(|(item, month, number)| Step::Price { item, month, number }),
        6 => (byte(), byte(), byte()).prop_map(|(row, col, text)| Step::Cell { row, col, text }),
        1 => (byte(), byte()).prop_map(|(item, region)| Step::AddRow { item, region }),
        1 => (byte(), byte()).prop_map(|(of, row)| Step::DeleteRow { of, row }),
        1 => (byte(), byte()).prop_map(|(of, row)| Step::RestoreRow { of, row }),
        1 => (byte(), byte(), byte()).prop_map(|(of, row, after)| Step::MoveRow { of, row, after }),
        1 => (byte(), byte()).prop_map(|(after, number)| Step::InsertNote { after, number }),
        1 => (byte(), byte()).prop_map(|(after, number)| Step::InsertCol { after, number }),
        1 => byte().prop_map(|col| Step::DeleteCol { col }),
        1 => (byte(), byte(), byte()).prop_map(|(item, region, number)| Step::Facts { item, region, number }),
        1 => byte().prop_map(|which| Step::Formula { which }),
        1 => byte().prop_map(|by| Step::Undo { by }),
        4 => Just(Step::Recalculate),
        4 => (0_u8..12).prop_map(|formulas| Step::RecalculateSome { formulas }),
    ]
}

fn pick<T: Copy>(from: &[T], number: u8) -> T {
    from[number as usize % from.len()]
}

/// What measures can be made to say, in turn.
const FORMULAS: [(&str, &str); 10] = [
    ("Consensus", "=IF(ISBLANK([@Override]),[@Baseline],[@Override])+[@Uplift]"),
    ("Consensus", "=MAX([@Override],[@Baseline])+N([@Consensus:-1])/2"),
    ("Revenue", "=[@Consensus]*IFERROR(Prices[@Net price],1)"),
    ("Revenue", "=[@Consensus]*Prices[@Net price]"),
    ("Baseline", "=SUM([@History:all])+{1,2,3}"),
    ("Baseline", "=IF(Notes!A1>5,[@Consensus],[@History:-1]+1)"),
    ("Stock", "=[@Stock:-1]+10-[@Consensus]"),
    ("Stock", "=IFERROR([@Stock:-1],0)+[@Revenue]-[@Stock:+1]*0"),
    ("Total", "=SUM([@Consensus:all])"),
    ("Total", "=SUM(Demand[Consensus, 2026-03])-SUM([@Stock:all])"),
];

const NOTES: [&str; 16] = [
    "1",
    "7",
    "",
    "x",
    "=A1+1",
    "=SUM(A1:B4)",
    "=B2*2",
    "=SUM(Demand[Consensus])",
    "=SUM(Demand[Revenue, plan])",
    "={1,2}",
    "={4;5;6}",
    "=IF(A1>3,{1;2},0)",
    "=A1:A2*10",
    "=IFERROR(C3,\"-\")",
    "=SUM(B:B)",
    "=C1&A2",
];

const ENTRIES: [&str; 8] = ["5", "12", "", "", "+3", "=[@Baseline]*2", "=SUM([@History:all])", "=Notes!B1"];

fn start() -> Table {
    let mut table = Table::server();
    let others =
        [layer("History", true), Measure { span: Span::Plan, ..measure("Override", true) }, additive("Uplift")];
    let horizon = months("2026-01", 2, 3);
    table.planning("demand", "Demand", "demand", horizon, &["Item", "Region"], &others);
    table.planning("prices", "Prices", "prices", horizon, &["Item"], &[measure("Net price", true)]);
    table.free("notes", "Notes", 6, 4);
    for (name, timed) in [("Baseline", true), ("Consensus", true), ("Revenue", true), ("Stock", true), ("Total", false)]
    {
        table.formula("demand", name, timed, "=0");
    }
    for which in [4, 0, 3, 6, 8] {
        let (name, typed) = FORMULAS[which];
        table.formula("demand", name, true, typed);
    }
    for keys in [["A", "DE"], ["B", "DE"], ["A", "FR"]] {
        table.row("demand", &keys);
    }
    table.row("prices", &["A"]);
    table
}

fn sheet_name(of: u8) -> &'static str {
    pick(&["demand", "prices", "notes"], of)
}

fn row_of(table: &Table, of: &str, row: u8) -> Option<RowId> {
    let rows = table.book.sheet(sheet(of)).unwrap().rows();
    (!rows.is_empty()).then(|| pick(rows, row))
}

/// Does a step if it can be done.
fn take(table: &mut Table, step: &Step) {
    let region = |number: u8| pick(&["DE", "FR"], number);
    let by = |number: u8| pick(&["ada", "bob"], number);
    let set = |table: &mut Table, person_id: &str, cell: CellRef, text: &str| {
        if let Ok(input) = table.book.read_entry(cell, person(person_id), text) {
            apply(table, person_id, vec![Op::SetCell { cell, input, guard: Guard::Always }]);
        }
    };
    match *step {
        Step::Enter { by: who, name, item, region: r, month, text } => {
            let name = pick(&["Override", "Uplift", "Consensus", "Baseline", "Stock"], name);
            let cell = table.at("demand", &[pick(&ITEMS, item), region(r)], name, pick(&MONTHS, month));
            set(table, by(who), cell, pick(&ENTRIES, text));
        }
        Step::Price { item, month, number } => {
            let cell = table.at("prices", &[pick(&ITEMS, item)], "Net price", pick(&MONTHS, month));
            set(table, "ada", cell, &(number % 5).to_string());
        }
        Step::Cell { row, col, text } => {
            let of = table.book.sheet(sheet("notes")).unwrap();
            if of.rows().is_empty() || of.cols().is_empty() {
                return;
            }
            let cell = CellRef { sheet: sheet("notes"), row: pick(of.rows(), row), col: pick(of.cols(), col) };
            set(table, "ada", cell, pick(&NOTES, text));
        }
        Step::AddRow { item, region: r } => {
            table.row("demand", &[pick(&ITEMS, item), region(r)]);
            table.row("prices", &[pick(&ITEMS, item)]);
        }
        Step::DeleteRow { of, row } => {
            let of = sheet_name(of);
            if let Some(row) = row_of(table, of, row) {
                apply(table, "ada", vec![Op::DeleteRows { sheet: sheet(of), rows: vec![row] }]);
            }
        }
        Step::RestoreRow { of, row } => {
            let of = sheet_name(of);
            let deleted = table.book.sheet(sheet(of)).unwrap().deleted_rows();
            if !deleted.is_empty() {
                let rows = vec![pick(&deleted, row).0];
                apply(table, "ada", vec![Op::RestoreRows { sheet: sheet(of), rows }]);
            }
        }
        Step::MoveRow { of, row, after } => {
            let of = sheet_name(of);
            if let (Some(row), Some(after)) = (row_of(table, of, row), row_of(table, of, after))
                && row != after
            {
                apply(table, "ada", vec![Op::MoveRows { sheet: sheet(of), after: Some(after), rows: vec![row] }]);
            }
        }
        Step::InsertNote { after, number } => {
            let after = row_of(table, "notes", after);
            let rows = vec![RowId::named(&format!("n{number}")).unwrap()];
            apply(table, "ada", vec![Op::InsertRows { sheet: sheet("notes"), part: None, after, rows }]);
        }
        Step::InsertCol { after, number } => {
            let cols = table.book.sheet(sheet("notes")).unwrap().cols();
            let after = (!cols.is_empty()).then(|| pick(cols, after));
            let cols = vec![ColId::fixed(MeasureId::named(&format!("m{}", number % 8)).unwrap())];
            apply(table, "ada", vec![Op::InsertCols { sheet: sheet("notes"), after, cols }]);
        }
        Step::DeleteCol { col } => {
            let cols = table.book.sheet(sheet("notes")).unwrap().cols();
            if cols.len() > 2 {
                let cols = vec![pick(cols, col)];
                apply(table, "ada", vec![Op::DeleteCols { sheet: sheet("notes"), cols }]);
            }
        }
        Step::Facts { item, region: r, number } => {
            let rows = vec![RowId::of_key(&[pick(&ITEMS, item), region(r)])];
            let values = vec![f64::from(number), f64::NAN];
            let facts = Facts { rows, first: Some(bucket("2026-01")), width: 2, values };
            table.book.set_facts(sheet("demand"), measure_id("History"), facts);
        }
        Step::Formula { which } => {
            let (name, typed) = pick(&FORMULAS, which);
            table.formula("demand", name, name != "Total", typed);
        }
        Step::Undo { by: who } => {
            if let Some(applied) = table.book.undo(person(by(who)), 0) {
                table.sent.extend(applied.updates);
            }
        }
        Step::Recalculate => {
            table.recalculate();
        }
        Step::RecalculateSome { formulas } => {
            let mut left = formulas;
            let mut may_go_on = || {
                left = left.saturating_sub(1);
                left > 0
            };
            table.book.recalculate_while(table::CLOCK, &mut may_go_on);
        }
    }
}

/// Applies an edit that may be refused.
fn apply(table: &mut Table, by: &str, ops: Vec<Op>) {
    let edit = grid_engine::doc::Edit { by: person(by), at: 0, why: None, ops };
    if let Ok(applied) = table.book.apply(&edit) {
        table.sent.extend(applied.updates);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 3000, ..ProptestConfig::default() })]

    #[test]
    fn incremental_equals_full(steps in prop::collection::vec(step(), 1..40)) {
        let mut table = start();
        for step in &steps {
            take(&mut table, step);
        }
        table.recalculate();
        let difference = table.difference(&table.afresh(&FACTS));
        prop_assert_eq!(difference, None);
        prop_assert!(table.recalculate().changed.is_empty(), "nothing changes when nothing was done");
    }
}

/// What happens among several people: one does something, or what one has done so far arrives at another.
#[derive(Clone, Debug)]
enum Act {
    Do { who: u8, step: Step },
    Arrive { from: u8, at: u8, most: u8 },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (any::<u8>(), step()).prop_map(|(who, step)| Act::Do { who, step }),
        2 => (any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(from, at, most)| Act::Arrive { from, at, most }),
    ]
}

/// Several workbooks, and how much each has heard of each.
struct Peers {
    tables: Vec<Table>,
    heard: Vec<Vec<usize>>,
}

impl Peers {
    fn new(count: usize) -> Self {
        let first = start();
        let table = |client: usize| first.copy(Side::Server, 10 + client as u64);
        Self { tables: (0..count).map(table).collect(), heard: vec![vec![0; count]; count] }
    }

    /// Hands over what `from` has done, in order, at most so many updates.
    fn arrive(&mut self, from: usize, at: usize, most: usize) {
        if from == at {
            return;
        }
        let known = self.heard[at][from];
        let news: Vec<_> = self.tables[from].sent.iter().skip(known).take(most).cloned().collect();
        self.heard[at][from] += news.len();
        for (room, update) in news {
            self.tables[at].book.apply_update(room, &update).unwrap();
        }
    }
}

/// Which rows and columns stand where.
fn orders(table: &Table) -> Vec<(Vec<RowId>, Vec<ColId>)> {
    let sheets = table.book.mirror().sheets().iter().filter_map(|info| table.book.sheet(info.id));
    sheets.map(|sheet| (sheet.rows().to_vec(), sheet.cols().to_vec())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn who_has_heard_of_everything_sees_the_same(count in 3_usize..=5, acts in prop::collection::vec(act(), 1..60)) {
        let mut peers = Peers::new(count);
        for act in &acts {
            match act {
                // Facts come from outside the documents.
                Act::Do { step: Step::Facts { .. }, .. } => {}
                Act::Do { who, step } => take(&mut peers.tables[*who as usize % count], step),
                Act::Arrive { from, at, most } => {
                    peers.arrive(*from as usize % count, *at as usize % count, *most as usize % 8);
                }
            }
        }
        for from in 0..count {
            (0..count).for_each(|at| peers.arrive(from, at, usize::MAX));
        }
        peers.tables.iter_mut().for_each(|table| _ = table.recalculate());
        let first = &peers.tables[0];
        prop_assert_eq!(first.difference(&first.afresh(&[])), None);
        for other in &peers.tables[1..] {
            prop_assert_eq!(orders(first), orders(other));
            prop_assert_eq!(first.difference(other), None);
        }
    }
}
