//! The demo company's workbook: its sheets, and what its people have entered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use grid_engine::calendar::{Bucket, Horizon};
use grid_engine::doc::{Edit, Guard, Input, NumberFormat, Op, Span};
use grid_engine::refs::{CellRef, ColId, PersonId, RowId, SheetId};
use grid_engine::workbook::Workbook;

use super::catalogue::{self, Item, Life};
use super::network;
use super::orders::{self, FORECAST_KNOWN, HISTORY, Row};
use crate::exchange::blueprint::{
    Blueprint, BlueprintError, Entry, MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id, row_id,
};
use crate::exchange::plan_sheets::{self, ASSUMPTIONS, Shape};
use crate::exchange::{policy_sheets, statement_sheets};

/// Months planned: the rest of this year and the whole of the next.
const PLANNED: i32 = 14;
const KEYS: [&str; 3] = ["Item", "Region", "Channel"];
const CURRENCY: &str = "EUR";

/// The company before its people have planned anything.
pub struct Company {
    pub blueprint: Blueprint,
    items: Vec<Item>,
    rows: Vec<Row>,
    horizon: Horizon,
}

/// Makes the company up. `current` is the first month to plan.
pub fn found(seed: u64, current: Bucket) -> Company {
    let horizon = Horizon { first: current.plus(-(HISTORY as i32)), current, last: current.plus(PLANNED - 1) };
    let items = catalogue::items(seed);
    let rows = orders::rows(seed, &items, horizon.first);
    let network = network::build(&items, &rows, horizon, CURRENCY);
    let shape = Shape { horizon, keys: &KEYS, partition: Some("Region"), unit: "cases", currency: CURRENCY };
    let keys = || rows.iter().map(|row| row.key(&items));
    let history =
        |values: fn(&Row) -> Vec<f64>| rows.iter().map(|row| (row_id(&row.key(&items)), values(row))).collect();
    let demand = plan_sheets::demand(&shape)
        .rows(keys().map(|key| RowBlueprint { key, cells: Vec::new() }))
        .facts("history", Some(horizon.first), history(|row| row.history.clone()))
        .facts("lag1", Some(current.plus(-(FORECAST_KNOWN as i32))), history(|row| row.forecast.clone()));
    let mut sheets = vec![
        demand,
        plan_sheets::summary(&shape),
        plan_sheets::supply(&shape, network.nodes.iter().cloned()),
        plan_sheets::profit(&shape, keys()),
        plan_sheets::utilisation(&shape, network.resources.iter().cloned()),
        statement_sheets::statements(&shape),
        plan_sheets::network(),
        plan_sheets::kpis(&shape, true),
        plan_sheets::prices(&shape).rows(items.iter().map(|item| prices(item, horizon))),
        budget(&items, &rows, horizon),
        statement_sheets::inputs(&shape, position(&items, &rows)),
    ];
    sheets.extend(policy_sheets::sheets(&shape, stocked(&items, &rows)));
    sheets.extend(network.sheets);
    let blueprint = Blueprint { title: "Consumer EMEA".to_owned(), currency: CURRENCY.to_owned(), sheets };
    Company { blueprint, items, rows, horizon }
}

/// Every item in each centre that serves a region it is sold in. The best known item is never to be missed in the north.
fn stocked(items: &[Item], rows: &[Row]) -> impl Iterator<Item = RowBlueprint> {
    let places: BTreeSet<(usize, &str)> = rows.iter().map(|row| (row.item, row.region.centre)).collect();
    places.into_iter().map(|(item, centre)| {
        let own = (item == 0 && centre == "DC Duisburg").then_some(0.995);
        policy_sheets::position(items[item].name, centre, own)
    })
}

/// Net prices: energy drinks go up by 3 % with the new year.
fn prices(item: &Item, horizon: Horizon) -> RowBlueprint {
    let planned = horizon.buckets().skip(horizon.current_index());
    let cells = planned.map(|bucket| {
        let new_year = bucket.year_and_part().0 > horizon.current.year_and_part().0;
        let rise = if item.family.name == "Energy drinks" && new_year { 1.03 } else { 1.0 };
        (ColId::timed(measure_id("netprice"), bucket), Entry::Number((item.price * rise * 100.0).round() / 100.0))
    });
    RowBlueprint { key: vec![item.name.to_owned()], cells: cells.collect() }
}

/// How the company stands at the beginning, in proportion to what it sold in the last twelve months: it is owed 45 days of
/// sales and owes 40 days of what it makes, and its lines are written off over ten years.
fn position(items: &[Item], rows: &[Row]) -> impl Fn(&str) -> Option<f64> + use<> {
    let sales: f64 = rows.iter().map(|row| row.last_year() * items[row.item].price).sum();
    let of_sales = move |share: f64| (sales * share / 1000.0).round() * 1000.0;
    move |name| {
        Some(match name {
            "Opening cash" => of_sales(0.04),
            "Opening receivables" => of_sales(45.0 / 365.0),
            "Opening payables" => of_sales(0.5 * 40.0 / 365.0),
            "Fixed assets" => of_sales(0.4),
            "Depreciation" => of_sales(0.4 / 120.0),
            "Overheads" => of_sales(0.22 / 12.0),
            "Debt" => of_sales(0.18),
            "Interest rate" => 0.045,
            "Tax rate" => 0.25,
            "Receivable days" => 45.0,
            "Payable days" => 40.0,
            "Shares" => 4_000_000.0,
            "Dilutive shares" => 150_000.0,
            "Dilutive add-back" => of_sales(0.0001),
            "Preferred dividends" => of_sales(0.0005),
            _ => return None,
        })
    }
}

/// Last year's budget for the planned months, by family and region: five per cent above last year, in even thousands.
fn budget(items: &[Item], rows: &[Row], horizon: Horizon) -> SheetBlueprint {
    let mut budget: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for row in rows {
        let item = &items[row.item];
        let months = budget.entry((item.family.name, row.region.name)).or_insert_with(|| vec![0.0; PLANNED as usize]);
        for (place, month) in months.iter_mut().enumerate() {
            let last_year = row.history[HISTORY - 12 + place % 12];
            *month += if last_year.is_nan() { 0.0 } else { last_year * item.price * 1.05 };
        }
    }
    let rows = budget.into_iter().map(|((family, region), months)| RowBlueprint {
        key: vec![family.to_owned(), region.to_owned()],
        cells: months
            .iter()
            .enumerate()
            .map(|(place, money)| {
                let bucket = horizon.current.plus(place as i32);
                (ColId::timed(measure_id("revenue"), bucket), Entry::Number((money / 1000.0).round() * 1000.0))
            })
            .collect(),
    });
    SheetBlueprint::planning("budget", "Budget", &["Family", "Region"])
        .role("budget")
        .group(ASSUMPTIONS)
        .horizon(horizon)
        .measure(
            MeasureBlueprint::input("revenue", "Revenue")
                .timed(Span::Plan)
                .shown(NumberFormat::Money, CURRENCY)
                .help("The budget the board approved."),
        )
        .rows(rows)
}

impl Company {
    /// What people have entered this month, person by person.
    pub fn entries(
        &self,
        workbook: &Workbook,
        person: impl Fn(&str) -> PersonId,
        at: i64,
    ) -> Result<Vec<Edit>, BlueprintError> {
        let mut edits = Vec::new();
        let mut edit = |user: &str, why: &str, ops: Vec<Op>| {
            edits.push(Edit { by: person(user), at, why: Some(Arc::from(why)), ops });
        };
        let summer = self.month(|month| month == 6);
        let promotion = |region: &str, share: f64| self.promotion(region, summer, share);
        edit("jonas", "Summer promotion", promotion("DACH", 0.28));
        edit("owen", "Summer promotion", promotion("UK & Ireland", 0.22));
        edit("dana", "Television campaign on top of the leaflets", self.promotion("DACH", summer, 0.07));
        edit("ines", "Hotel season looks strong", self.hotel_season(workbook)?);
        edit("dana", "Launch plan agreed with marketing", self.launch());
        edit("dana", "Delisted", self.delisted());
        Ok(edits)
    }

    fn month(&self, wanted: impl Fn(u32) -> bool) -> Bucket {
        let mut planned = self.horizon.buckets().skip(self.horizon.current_index());
        planned.find(|bucket| wanted(bucket.year_and_part().1)).unwrap_or(self.horizon.current)
    }

    fn rows_where<'a>(
        &'a self,
        wanted: impl Fn(&Item, &Row) -> bool + 'a,
    ) -> impl Iterator<Item = (&'a Row, RowId)> + 'a {
        self.rows
            .iter()
            .filter(move |row| wanted(&self.items[row.item], row))
            .map(|row| (row, row_id(&row.key(&self.items))))
    }

    /// An uplift as a share of last year's average month, with a note on its first row.
    fn promotion(&self, region: &str, bucket: Bucket, share: f64) -> Vec<Op> {
        let rows = self.rows_where(|item, row| {
            item.family.name == "Sparkling water" && row.region.name == region && row.channel.name == "Retail"
        });
        let mut ops = Vec::new();
        for (row, id) in rows {
            let cases = (row.last_year() / 12.0 * share / 50.0).round() * 50.0;
            ops.push(set(id, "uplift", bucket, Input::Number(cases)));
        }
        if let Some(Op::SetCell { cell, .. }) = ops.first() {
            ops.push(Op::SetNote {
                cell: *cell,
                text: Some(Arc::from("Leaflets in weeks 23 to 26, second placement agreed")),
            });
        }
        ops
    }

    /// Iberia overrides the baseline of its food service by a fifth for half a year, as it does every year.
    fn hotel_season(&self, workbook: &Workbook) -> Result<Vec<Op>, BlueprintError> {
        let formula = "=ROUND([@Baseline]*1.2,-1)";
        let mut ops = Vec::new();
        let rows = self.rows_where(|item, row| {
            row.region.name == "Iberia" && row.channel.name == "Foodservice" && item.family.intermittent.is_none()
        });
        for (_, id) in rows {
            for bucket in (4..10).map(|month| self.horizon.current.plus(month)) {
                let cell = CellRef { sheet: demand(), row: id, col: ColId::timed(measure_id("override"), bucket) };
                let stored = workbook.formula_stored(cell, formula).map_err(|error| BlueprintError::Formula {
                    place: "Demand, Override".to_owned(),
                    formula: formula.to_owned(),
                    error,
                })?;
                ops.push(Op::SetCell { cell, input: Some(Input::Formula(stored.into())), guard: Guard::Always });
            }
        }
        Ok(ops)
    }

    /// The newest item has too little history: people say what it will sell.
    fn launch(&self) -> Vec<Op> {
        let rows = self.rows_where(|item, row| item.life == Life::New(5) && row.channel.name == "Retail");
        let level = |row: &Row| row.history.last().copied().unwrap_or(0.0).max(10.0);
        rows.flat_map(|(row, id)| {
            (0..6).map(move |month| {
                let cases = level(row) * (1.0 + 0.12 * f64::from(month));
                set(id, "override", self.horizon.current.plus(month), Input::Number((cases / 10.0).round() * 10.0))
            })
        })
        .collect()
    }

    fn delisted(&self) -> Vec<Op> {
        let rows = self.rows_where(|item, _| matches!(item.life, Life::Ending(_)));
        rows.flat_map(|(_, id)| {
            (0..PLANNED).map(move |month| set(id, "override", self.horizon.current.plus(month), Input::Number(0.0)))
        })
        .collect()
    }
}

fn demand() -> SheetId {
    SheetId(measure_id("demand").0)
}

fn set(row: RowId, measure: &str, bucket: Bucket, input: Input) -> Op {
    let cell = CellRef { sheet: demand(), row, col: ColId::timed(measure_id(measure), bucket) };
    Op::SetCell { cell, input: Some(input), guard: Guard::Always }
}
