//! What if: a plan with its prices, costs, capacity or demand changed by a share, to see what its profit hangs on.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::frame::FrameReader;
use super::scenario::CellState;
use super::version::{Headline, PlanSummary, SliceLine};
use crate::calendar::Bucket;
use crate::doc::{Guard, Input, Measure, Op};
use crate::refs::{CellRef, ColId};
use crate::value::order::sort_by;
use crate::wire::SheetFrame;

/// What can be changed by a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    Demand,
    Price,
    Materials,
    Production,
    Overtime,
    Freight,
    Holding,
    Capacity,
}

/// Where a driver stands: a sheet by its role, and a measure by its id or by its name as a column of the supply model;
/// the first timed measure where there is no name.
type Place = (&'static str, &'static str);

impl Driver {
    /// All of them, in the order people read them.
    pub const ALL: [Self; 8] = [
        Self::Demand,
        Self::Price,
        Self::Materials,
        Self::Production,
        Self::Overtime,
        Self::Freight,
        Self::Holding,
        Self::Capacity,
    ];

    /// Its name in addresses.
    pub fn id(self) -> &'static str {
        match self {
            Self::Demand => "demand",
            Self::Price => "price",
            Self::Materials => "materials",
            Self::Production => "production",
            Self::Overtime => "overtime",
            Self::Freight => "freight",
            Self::Holding => "holding",
            Self::Capacity => "capacity",
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Demand => "Demand",
            Self::Price => "Net prices",
            Self::Materials => "Material prices",
            Self::Production => "Production cost",
            Self::Overtime => "Overtime cost",
            Self::Freight => "Freight cost",
            Self::Holding => "Holding cost",
            Self::Capacity => "Capacity",
        }
    }

    fn places(self) -> &'static [Place] {
        match self {
            Self::Demand => &[("demand", "consensus")],
            Self::Price => &[("prices", "netprice")],
            Self::Materials => &[("supply.contracts", "unit_cost")],
            Self::Production => &[("supply.routings", "unit_cost"), ("supply.routing_cost_wide", "")],
            Self::Overtime => &[("supply.resources", "ot_cost_per_hour")],
            Self::Freight => &[("supply.lanes", "cost_per_m3"), ("supply.lanes", "cost_per_unit")],
            Self::Holding => &[("supply.stock_policy", "hold_cost")],
            Self::Capacity => &[("supply.capacity", "")],
        }
    }
}

/// A plan with drivers changed, and what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Varied {
    /// [`Changes`] as a text.
    pub changes: String,
    pub state: CellState,
    pub headline: Option<Headline>,
    /// Units served of those demanded.
    pub fill: Option<f64>,
}

impl Varied {
    /// How a change stands, with what its plan comes to.
    pub fn new(changes: &Changes, state: CellState, summary: Option<&PlanSummary>) -> Self {
        let units = |of: fn(&SliceLine) -> Option<f64>| {
            summary.and_then(|plan| plan.by_family.iter().filter_map(of).reduce(|sum, units| sum + units))
        };
        let fill = units(|line| line.served).zip(units(|line| line.demand)).filter(|(_, demand)| *demand > 0.0);
        Self {
            changes: changes.to_string(),
            state,
            headline: summary.map(|plan| plan.headline),
            fill: fill.map(|(served, demand)| served / demand),
        }
    }
}

/// What was asked for cannot be changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum VariationError {
    #[error("there is no driver ‘{0}’; there are: {all}", all = Driver::ALL.map(Driver::id).join(", "))]
    NoDriver(String),
    #[error("‘{0}’ is no change: write a driver, a colon and a percentage from -90 to 900, e.g. demand:-10")]
    NoShare(String),
    #[error("the plan has no numbers for {}", .0.name().to_lowercase())]
    Missing(Driver),
}

/// Drivers changed together, each by a share: `0.1` is ten percent more. As a text `demand:-10,price:5`, in percent.
///
/// ```
/// # use grid_engine::plan::{Changes, Driver};
/// let changes: Changes = "price:5, demand:-10".parse().unwrap();
/// assert_eq!(changes.of(Driver::Demand), -0.1);
/// assert_eq!(changes.to_string(), "demand:-10,price:5");
/// assert!("rain:5".parse::<Changes>().is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes(BTreeMap<Driver, f64>);

impl Changes {
    /// One driver changed.
    pub fn one(driver: Driver, share: f64) -> Self {
        Self::default().and(driver, share)
    }

    /// The same with another driver changed too; a driver that is there is changed further.
    pub fn and(mut self, driver: Driver, share: f64) -> Self {
        let before = self.of(driver);
        let changed = if before == 0.0 { share } else { (1.0 + before) * (1.0 + share) - 1.0 };
        if changed == 0.0 {
            self.0.remove(&driver);
        } else {
            self.0.insert(driver, changed);
        }
        self
    }

    /// Both together.
    pub fn with(self, other: &Self) -> Self {
        other.0.iter().fold(self, |sum, (&driver, &share)| sum.and(driver, share))
    }

    /// By how much a driver changes; 0 where it does not.
    pub fn of(&self, driver: Driver) -> f64 {
        self.0.get(&driver).copied().unwrap_or(0.0)
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What changes, for people: `Demand −10 %, Net prices +5 %`.
    pub fn words(&self) -> String {
        let word = |(driver, share): (&Driver, &f64)| {
            let sign = if *share < 0.0 { '−' } else { '+' };
            format!("{} {sign}{}\u{202f}%", driver.name(), percent(share.abs()))
        };
        self.0.iter().map(word).collect::<Vec<_>>().join(", ")
    }

    /// The steps that make these changes to a plan of these sheets, cell by cell.
    ///
    /// # Errors
    /// Where the plan has no numbers for a driver.
    pub fn steps(&self, frames: &[SheetFrame]) -> Result<Vec<Op>, VariationError> {
        let mut steps = Vec::new();
        for (&driver, share) in &self.0 {
            let before = steps.len();
            for &(role, measure) in driver.places() {
                for frame in frames.iter().filter(|frame| frame.info.role == role) {
                    scale(&FrameReader::new(frame), measure, 1.0 + share, &mut steps);
                }
            }
            if steps.len() == before {
                return Err(VariationError::Missing(driver));
            }
        }
        Ok(steps)
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (driver, share)) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{}:{}", driver.id(), percent(*share))?;
        }
        Ok(())
    }
}

/// A share in percent, to a thousandth of one: what was read comes out as it went in.
fn percent(share: f64) -> f64 {
    (share * 1e5).round() / 1e3
}

impl FromStr for Changes {
    type Err = VariationError;

    fn from_str(text: &str) -> Result<Self, VariationError> {
        let mut changes = Self::default();
        for change in text.split(',').map(str::trim).filter(|change| !change.is_empty()) {
            let no_share = || VariationError::NoShare(change.to_owned());
            let (driver, percent) = change.split_once(':').ok_or_else(no_share)?;
            let driver = Driver::ALL.into_iter().find(|known| known.id() == driver.trim());
            let driver = driver.ok_or_else(|| VariationError::NoDriver(change.to_owned()))?;
            let percent: f64 = percent.trim().parse().map_err(|_| no_share())?;
            if !(-90.0..=900.0).contains(&percent) {
                return Err(no_share());
            }
            changes = changes.and(driver, percent / 100.0);
        }
        Ok(changes)
    }
}

/// Steps that scale a measure's numbers, from the current bucket on where it has buckets.
fn scale(reader: &FrameReader<'_>, measure: &str, factor: f64, steps: &mut Vec<Op>) {
    let is_meant = |known: &&Measure| match measure {
        "" => known.timed,
        measure => known.id.to_string() == measure || known.name.to_lowercase().replace(' ', "_") == measure,
    };
    let frame = reader.frame();
    let Some(measure) = frame.measures.iter().find(is_meant) else { return };
    let (buckets, current) = reader.buckets();
    let places: Vec<Option<Bucket>> =
        if measure.timed { buckets.into_iter().skip(current).map(Some).collect() } else { vec![None] };
    for (place, &row) in frame.rows.iter().enumerate() {
        for &bucket in &places {
            let (col, number) = match bucket {
                Some(bucket) => (ColId::timed(measure.id, bucket), reader.at(measure.id, place, bucket)),
                None => (ColId::fixed(measure.id), reader.number(measure.id, place)),
            };
            if let Some(number) = number.filter(|number| *number != 0.0) {
                let cell = CellRef { sheet: frame.info.id, row, col };
                let input = Some(Input::Number(number * factor));
                steps.push(Op::SetCell { cell, input, guard: Guard::Always });
            }
        }
    }
}

/// A figure with a driver lower and higher than planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swing {
    pub driver: Driver,
    pub low: f64,
    pub high: f64,
}

impl Swing {
    /// How far the figure moves between the two.
    pub fn width(&self) -> f64 {
        (self.high - self.low).abs()
    }
}

/// Swings as a tornado shows them: the widest on top (Clemen & Reilly, "Making Hard Decisions").
///
/// ```
/// # use grid_engine::plan::{Driver, Swing, tornado};
/// let swing = |driver, low, high| Swing { driver, low, high };
/// let order = tornado(vec![swing(Driver::Freight, 98.0, 96.0), swing(Driver::Price, 60.0, 140.0)]);
/// assert_eq!(order[0].driver, Driver::Price);
/// ```
pub fn tornado(mut swings: Vec<Swing>) -> Vec<Swing> {
    sort_by(&mut swings, |a, b| b.width().total_cmp(&a.width()));
    swings
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_read_as_they_are_written() {
        for text in ["", "demand:-10", "price:2.5,capacity:33.333", "materials:900"] {
            let changes: Changes = text.parse().unwrap();
            assert_eq!(changes.to_string(), text);
            assert_eq!(changes.to_string().parse::<Changes>().unwrap().to_string(), text);
        }
        assert_eq!(
            "price:2.5,demand:-10".parse::<Changes>().unwrap().words(),
            "Demand −10\u{202f}%, Net prices +2.5\u{202f}%"
        );
        // A driver named twice is changed twice; what comes back to where it was is no change.
        assert_eq!("price:10,price:10".parse::<Changes>().unwrap().to_string(), "price:21");
        assert!("price:100,price:-50".parse::<Changes>().unwrap().is_empty());
    }

    /// A demand sheet of three months of which the last two are planned, and the resources of a plant.
    fn plan() -> Vec<SheetFrame> {
        let horizon = json!({"first": "2026-01", "current": "2026-02", "last": "2026-03"});
        let measure = |id: &str, name: &str, kind: &str, timed: bool| json!({"id": id, "name": name, "kind": kind, "timed": timed, "order": 0});
        let sheet = |id: &str, role: &str, measures: Vec<serde_json::Value>, columns: Vec<serde_json::Value>| {
            serde_json::from_value(json!({
                "info": {"id": id, "title": id, "kind": "planning", "position": "a", "role": role},
                "meta": {"kind": "planning", "title": id, "epoch": 0, "horizon": horizon},
                "measures": measures,
                "columns": columns,
                "rows": ["r1", "r2"],
            }))
            .unwrap()
        };
        vec![
            sheet(
                "demand",
                "demand",
                vec![measure("consensus", "Consensus", "input", true)],
                vec![
                    json!({"col": "consensus@2026-01", "values": [70.0, 70.0]}),
                    json!({"col": "consensus@2026-02", "values": [100.0, null]}),
                    json!({"col": "consensus@2026-03", "values": [0.0, 40.0]}),
                ],
            ),
            sheet(
                "resources",
                "supply.resources",
                vec![measure("m1", "Ot cost per hour", "input", false)],
                vec![json!({"col": "m1", "values": [30.0, "none"]})],
            ),
        ]
    }

    /// The steps of changes, as cells and numbers.
    fn steps(changes: &str) -> Vec<(String, f64)> {
        let told = |step: &Op| match step {
            Op::SetCell { cell, input: Some(Input::Number(number)), .. } => {
                (format!("{}!{}:{}", cell.sheet, cell.row, cell.col), *number)
            }
            other => panic!("{other:?}"),
        };
        changes.parse::<Changes>().unwrap().steps(&plan()).unwrap().iter().map(told).collect()
    }

    #[test]
    fn planned_numbers_are_scaled_and_nothing_else() {
        assert_eq!(
            steps("demand:-10,overtime:50"),
            [
                ("demand!r1:consensus@2026-02".to_owned(), 90.0),
                ("demand!r2:consensus@2026-03".to_owned(), 36.0),
                ("resources!r1:m1".to_owned(), 45.0),
            ]
        );
        let missing = Changes::one(Driver::Freight, 0.1).steps(&plan());
        assert_eq!(missing, Err(VariationError::Missing(Driver::Freight)));
    }

    #[test]
    fn what_is_no_change_is_refused() {
        let said = |text: &str| text.parse::<Changes>().unwrap_err().to_string();
        assert!(said("rain:10").contains("there are: demand, price"), "{}", said("rain:10"));
        for text in ["price", "price:", "price:ten", "price:-91", "price:901", "price:NaN"] {
            assert!(said(text).contains("-90 to 900"), "{text}: {}", said(text));
        }
    }
}
