//! Quantities of a solved supply plan, kept as decisions: which are meant, and the steps of the edit that writes them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::calendar::{Bucket, Horizon};
use crate::doc::{
    Aggregate, Guard, Input, Measure, MeasureKind, Merge, Mirror, NumberFormat, Op, SheetInfo, SheetKind, SheetMeta,
    SheetMirror, Span, position,
};
use crate::refs::{CellRef, ColId, Id, MeasureId, RowId, SheetId};
use crate::supply::column_named;
use crate::value::Value;

/// What the sheet of decisions is found by.
const ROLE: &str = "supply.decisions";
/// Columns of the table that say what is decided.
const COLUMNS: [&str; 3] = ["kind", "object", "item"];
/// Quantities that one edit may write: an edit with more steps could not be undone.
const MOST: usize = 20_000;

/// What a route starts, a contract brings or a lane carries of an item, as the table of decisions names it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedLine {
    /// `production`, `purchase` or `shipment`.
    pub kind: String,
    /// A route, contract or lane.
    pub object: String,
    pub item: String,
    /// Units by bucket.
    pub units: Vec<f64>,
}

/// Everything a plan does that people can decide.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedQuantities {
    pub buckets: Vec<Bucket>,
    pub lines: Vec<PlannedLine>,
}

/// Which of a plan's quantities are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Meant {
    /// One kind, or every.
    pub kind: Option<String>,
    /// One item, or every.
    pub item: Option<String>,
    /// The first and the last bucket, by their places.
    pub buckets: RangeInclusive<usize>,
    /// Whether what is not planned is kept at nothing: without it a later plan may add to what is kept.
    pub nothing: bool,
}

/// Quantities of one line to be decided.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptLine<'a> {
    pub line: &'a PlannedLine,
    pub units: Vec<(Bucket, f64)>,
}

/// The steps that write decisions, and what they come to.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionSteps {
    pub sheet: SheetId,
    pub ops: Vec<Op>,
    /// Quantities that are decided now and were not, or differently.
    pub written: usize,
    /// Quantities that were decided like this already.
    pub same: usize,
    /// Rows that come into the sheet.
    pub added: usize,
}

/// Why quantities cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeepError {
    #[error("This workbook has no sheet for decisions.")]
    NoSheet,
    #[error(
        "The sheet {0} is not made for decisions: it needs the keys Kind, Object and Item and one measure over time that people enter."
    )]
    Unfit(String),
    #[error("The sheet {sheet} has no cells in {bucket}: choose buckets of its horizon.")]
    NoBucket { sheet: String, bucket: Bucket },
    #[error("{0} quantities are more than one edit takes, {MOST}: choose fewer buckets or one item.")]
    TooMany(usize),
}

impl PlannedQuantities {
    /// Reads the answer to [`Study::Quantities`](crate::supply::study::Study::Quantities); `None` where it is another table.
    pub fn read(table: &[Vec<Value>]) -> Option<Self> {
        let text = |value: &Value| if let Value::Text(text) = value { Some(text.to_string()) } else { None };
        let (header, rows) = table.split_first()?;
        let buckets =
            header.get(COLUMNS.len()..)?.iter().map(|name| text(name)?.parse().ok()).collect::<Option<_>>()?;
        let line = |row: &Vec<Value>| {
            Some(PlannedLine {
                kind: text(row.first()?)?,
                object: text(row.get(1)?)?,
                item: text(row.get(2)?)?,
                units: row.get(COLUMNS.len()..)?.iter().map(Value::as_number).collect::<Option<_>>()?,
            })
        };
        Some(Self { buckets, lines: rows.iter().map(line).collect::<Option<_>>()? })
    }

    /// The lines of which something is meant, with their quantities.
    pub fn meant(&self, meant: &Meant) -> Vec<KeptLine<'_>> {
        self.lines.iter().filter_map(|line| self.of_line(line, meant)).collect()
    }

    fn of_line<'a>(&'a self, line: &'a PlannedLine, meant: &Meant) -> Option<KeptLine<'a>> {
        let is_meant = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
        if !is_meant(&meant.kind, &line.kind) || !is_meant(&meant.item, &line.item) {
            return None;
        }
        let chosen = self.buckets.iter().zip(&line.units).enumerate().filter(|(at, _)| meant.buckets.contains(at));
        let chosen = chosen.map(|(_, (bucket, units))| (*bucket, *units));
        let units: Vec<(Bucket, f64)> = chosen.filter(|(_, units)| meant.nothing || *units > 0.0).collect();
        (!units.is_empty()).then_some(KeptLine { line, units })
    }
}

/// The steps that write quantities into the sheet of decisions: into the row that decides on the same already, or else into a
/// new one.
///
/// # Errors
/// See [`KeepError`].
pub fn keep_as_decisions(mirror: &Mirror, lines: &[KeptLine<'_>]) -> Result<DecisionSteps, KeepError> {
    let count = lines.iter().map(|line| line.units.len()).sum();
    if count > MOST {
        return Err(KeepError::TooMany(count));
    }
    let decisions = Decisions::find(mirror)?;
    let (sheet, id) = (decisions.sheet, decisions.sheet.id());
    let known = decisions.rows();
    let mut steps = DecisionSteps { sheet: id, ops: Vec::new(), written: 0, same: 0, added: 0 };
    let mut fresh: Vec<RowId> = Vec::new();
    let mut cells: Vec<Op> = Vec::new();
    let set = |cell: CellRef, input: Option<Input>| Op::SetCell { cell, input, guard: Guard::Always };
    for KeptLine { line, units } in lines {
        let found = known.get(&decisions.name(&line.kind, &line.object, &line.item)).copied();
        let row = found.unwrap_or_else(|| decisions.new_row(line));
        let kept: Vec<(ColId, f64)> = units
            .iter()
            .map(|(bucket, units)| Ok((decisions.column(*bucket)?, *units)))
            .collect::<Result<_, KeepError>>()?;
        if found.is_none() {
            fresh.push(row);
            for (col, text) in decisions.columns.iter().zip([&line.kind, &line.object, &line.item]) {
                cells.push(set(CellRef { sheet: id, row, col: *col }, Some(Input::Text(text.as_str().into()))));
            }
            // A row that was deleted comes back with what was decided in it.
            if sheet.is_deleted(row) {
                let others = decisions.all_columns().filter(|col| kept.iter().all(|(known, _)| known != col));
                cells.extend(others.map(|col| set(CellRef { sheet: id, row, col }, None)));
            }
        }
        for (col, units) in kept {
            if found.is_some() && sheet.input(row, col) == Some(&Input::Number(units)) {
                steps.same += 1;
                continue;
            }
            steps.written += 1;
            cells.push(set(CellRef { sheet: id, row, col }, Some(Input::Number(units))));
        }
    }
    steps.added = fresh.len();
    if !fresh.is_empty() {
        steps.ops.push(Op::InsertRows { sheet: id, part: None, after: sheet.rows().last().copied(), rows: fresh });
    }
    steps.ops.extend(cells);
    Ok(steps)
}

/// The sheet of decisions, and where in it what stands.
struct Decisions<'a> {
    sheet: &'a SheetMirror,
    title: &'a str,
    /// Those of kind, object and item.
    columns: [ColId; 3],
    units: MeasureId,
}

impl<'a> Decisions<'a> {
    fn find(mirror: &'a Mirror) -> Result<Self, KeepError> {
        let info = mirror.sheets().iter().find(|info| info.role == ROLE).ok_or(KeepError::NoSheet)?;
        let sheet = mirror.sheet(info.id).ok_or(KeepError::NoSheet)?;
        let unfit = || KeepError::Unfit(info.title.clone());
        let named = |name: &str| {
            let found = sheet.measures().iter().find(|one| !one.timed && &*column_named(&one.name) == name);
            found.map(|measure| ColId::fixed(measure.id)).ok_or_else(unfit)
        };
        let columns = [named(COLUMNS[0])?, named(COLUMNS[1])?, named(COLUMNS[2])?];
        let is_named = |key: &Measure| columns.iter().any(|col| col.measure == key.id);
        let mut keys = sheet.measures().iter().filter(|measure| measure.kind == MeasureKind::Key);
        let timed = sheet.measures().iter().find(|measure| measure.timed);
        let units =
            timed.filter(|one| one.kind == MeasureKind::Input && one.merge == Merge::Override).ok_or_else(unfit)?;
        // Rows of a sheet with other keys or with parts are named by more than a plan knows.
        if sheet.meta().partition.is_some() || !keys.all(is_named) {
            return Err(unfit());
        }
        Ok(Self { sheet, title: &info.title, columns, units: units.id })
    }

    /// What a decision is found by. A route or contract has one item, which its row may leave blank.
    fn name(&self, kind: &str, object: &str, item: &str) -> String {
        let item = if kind == "shipment" { item } else { "" };
        // Names of one line each.
        [kind, object, item].join("\n")
    }

    fn rows(&self) -> BTreeMap<String, RowId> {
        let text = |row: RowId, col: ColId| match self.sheet.input(row, col) {
            Some(Input::Text(text)) => text.to_string(),
            Some(Input::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let name = |row: RowId| {
            let [kind, object, item] = self.columns.map(|col| text(row, col));
            self.name(&kind, &object, &item)
        };
        // Of two rows for the same the first stands: the plan refuses the second.
        self.sheet.rows().iter().rev().map(|&row| (name(row), row)).collect()
    }

    /// The row's id is made of its keys, in their order.
    fn new_row(&self, line: &PlannedLine) -> RowId {
        let texts = [line.kind.as_str(), &line.object, &line.item];
        let keys = self.sheet.measures().iter().filter(|measure| measure.kind == MeasureKind::Key);
        let of_key = |key: &Measure| self.columns.iter().zip(texts).find(|(col, _)| col.measure == key.id);
        RowId::of_key(&keys.filter_map(|key| of_key(key).map(|(_, text)| text)).collect::<Vec<_>>())
    }

    fn column(&self, bucket: Bucket) -> Result<ColId, KeepError> {
        let col = ColId::timed(self.units, bucket);
        self.all_columns()
            .find(|known| *known == col)
            .ok_or_else(|| KeepError::NoBucket { sheet: self.title.to_owned(), bucket })
    }

    /// Where quantities can be decided.
    fn all_columns(&self) -> impl Iterator<Item = ColId> + '_ {
        let covers = |col: &ColId| {
            let measure = self.sheet.measure(self.units);
            measure.is_some_and(|measure| measure.span.covers(*col, self.sheet.meta()))
        };
        let horizon = self.sheet.meta().horizon;
        horizon
            .into_iter()
            .flat_map(|horizon| horizon.buckets())
            .map(|bucket| ColId::timed(self.units, bucket))
            .filter(covers)
    }
}

/// The steps that add an empty sheet of decisions, over the horizon of the demand sheet and beside the supply tables.
///
/// `None` where no sheet has a horizon.
pub fn new_decisions_sheet(mirror: &Mirror, id: SheetId) -> Option<Vec<Op>> {
    let infos = mirror.sheets();
    let horizon_of = |info: &SheetInfo| mirror.sheet(info.id)?.meta().horizon;
    let of_demand = infos.iter().filter(|info| info.role == "demand").find_map(horizon_of);
    let horizon: Horizon = of_demand.or_else(|| infos.iter().find_map(horizon_of))?;
    let beside = infos.iter().rposition(|info| info.role.starts_with("supply."));
    let place = |at: Option<usize>| at.and_then(|at| infos.get(at)).map(|info| info.position.as_str());
    let above = beside.or(infos.len().checked_sub(1));
    let is_taken = |title: &String| infos.iter().any(|info| info.title == *title);
    let numbered = (2..).map(|number| format!("Decisions {number}"));
    let title = std::iter::once("Decisions".to_owned()).chain(numbered).find(|title| !is_taken(title))?;
    let info = SheetInfo {
        id,
        title: title.clone(),
        kind: SheetKind::Planning,
        position: position::between(place(above), place(above.map(|at| at + 1))),
        role: ROLE.to_owned(),
        group: beside.map(|at| infos[at].group.clone()).unwrap_or_default(),
        hidden: false,
        published: false,
        colour: None,
    };
    let meta = SheetMeta {
        kind: SheetKind::Planning,
        title,
        epoch: 0,
        horizon: Some(horizon),
        partition: None,
        parts: BTreeMap::new(),
    };
    let measure = |name: &str, kind: MeasureKind, order: u32| Measure {
        id: MeasureId(Id::of_name(name)),
        name: name.to_owned(),
        timed: kind == MeasureKind::Input,
        kind,
        span: Span::Plan,
        merge: Merge::Override,
        aggregate: Aggregate::Sum,
        format: NumberFormat::Whole,
        unit: String::new(),
        order,
        help: String::new(),
    };
    let keys =
        ["Kind", "Object", "Item"].into_iter().zip(0..).map(|(name, order)| measure(name, MeasureKind::Key, order));
    let units = Measure { unit: "units".to_owned(), ..measure("Units", MeasureKind::Input, 3) };
    let mut ops = vec![Op::PutSheet { info, meta }];
    ops.extend(keys.chain([units]).map(|measure| Op::PutMeasure { sheet: id, measure }));
    Some(ops)
}
