//! Why a figure of the statements differs between two versions, by line of the statements.
//!
//! A figure is a function of what its lines come to. The part of a line is its Shapley value: what changing it to the second
//! version's makes, in the mean over all orders in which lines can be changed one after the other. Parts sum to the
//! difference, do not hang on an order, and of a sum are the lines' own differences (Shapley, A value for n-person games,
//! 1953; as a decomposition Sprumont, 1998, Shorrocks, 2013). Where horizons differ, lines are set beside one another over the
//! buckets both versions plan, and what the others add is told apart.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::bridge::{Bridge, BridgeError, Cause, NOTHING, parts};
use super::kpi_bridge::{check_shown, kpi_unit, shown};
use crate::calendar::Bucket;
use crate::finance::diluted_earnings;
use crate::wire::{Scalar, SheetFrame};

/// The role of the sheet with the statements.
const ROLE: &str = "statements";
/// Columns of the table before its buckets: the line's name, the plan's figure, the opening.
const PLAN: usize = 1;
const OPENING: usize = 2;
const BUCKETS: usize = 3;

/// A line a figure is made of, and what it stands for.
type Line = (&'static str, Cause);

const REVENUE: Line = ("Revenue", Cause::Earned);
const COGS: Line = ("COGS", Cause::Earned);
const INCOME: [Line; 6] = [
    REVENUE,
    COGS,
    ("Overheads", Cause::Earned),
    ("Interest", Cause::Earned),
    ("Tax", Cause::Earned),
    ("Depreciation", Cause::Earned),
];
const CASH: Line = ("Cash", Cause::Balance);
const RECEIVABLES: Line = ("Receivables", Cause::Balance);
const INVENTORY: Line = ("Inventory", Cause::Balance);
const PAYABLES: Line = ("Payables", Cause::Balance);
const FIXED_ASSETS: Line = ("Fixed assets", Cause::Balance);
/// No line of the statements: how many days the buckets have.
const DAYS: Line = ("Days", Cause::Horizon);

/// A figure of the statements.
struct Recipe {
    kpi: &'static str,
    lines: &'static [Line],
    /// Of the lines, in their order; `None` where there is nothing to divide by.
    figure: fn(&[Amount]) -> Option<f64>,
}

/// What a line comes to over a run of buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Amount {
    /// Of a flow.
    sum: f64,
    /// Of a balance, before the run and after it, and the mean of opening and closes.
    opening: f64,
    close: f64,
    mean: f64,
}

const RECIPES: [Recipe; 7] = [
    Recipe { kpi: "profit_margin", lines: &INCOME, figure: |it| share(net(it), it[0].sum) },
    Recipe {
        kpi: "nwc_ratio",
        lines: &[PAYABLES, CASH, RECEIVABLES, INVENTORY, FIXED_ASSETS],
        figure: |it| share(sum(&it[1..4], CLOSE) - it[0].close, sum(&it[1..], CLOSE)),
    },
    Recipe {
        kpi: "current_ratio",
        lines: &[PAYABLES, CASH, RECEIVABLES, INVENTORY],
        figure: |it| share(sum(&it[1..], CLOSE), it[0].close),
    },
    Recipe {
        kpi: "return_on_assets",
        lines: &[
            INCOME[0],
            INCOME[1],
            INCOME[2],
            INCOME[3],
            INCOME[4],
            INCOME[5],
            CASH,
            RECEIVABLES,
            INVENTORY,
            FIXED_ASSETS,
        ],
        figure: |it| share(net(it), sum(&it[6..], |line| line.mean)),
    },
    Recipe {
        kpi: "eps_diluted",
        lines: &[
            INCOME[0],
            INCOME[1],
            INCOME[2],
            INCOME[3],
            INCOME[4],
            INCOME[5],
            ("Preferred dividends", Cause::Earned),
            ("Dilutive add-back", Cause::Shares),
            ("Shares", Cause::Shares),
            ("Dilutive shares", Cause::Shares),
        ],
        figure: |it| diluted_earnings(net(it) - it[6].sum, it[7].sum, it[8].close, it[9].close),
    },
    Recipe {
        kpi: "cash_flow",
        lines: &[INCOME[0], INCOME[1], INCOME[2], INCOME[3], INCOME[4], RECEIVABLES, INVENTORY, PAYABLES],
        figure: |it| Some(before_depreciation(it) - sum(&it[5..7], GAIN) + GAIN(&it[7])),
    },
    Recipe {
        kpi: "cash_to_cash",
        lines: &[REVENUE, COGS, RECEIVABLES, INVENTORY, PAYABLES, DAYS],
        figure: |it| {
            let [revenue, cogs] = [it[0].sum, it[1].sum];
            let tied = share(it[2].mean, revenue)? + share(it[3].mean, cogs)? - share(it[4].mean, cogs)?;
            Some(it[5].sum * tied)
        },
    },
];

const CLOSE: fn(&Amount) -> f64 = |line| line.close;
const GAIN: fn(&Amount) -> f64 = |line| line.close - line.opening;

fn sum(lines: &[Amount], of: fn(&Amount) -> f64) -> f64 {
    lines.iter().map(of).sum()
}

/// Of the first lines of [`INCOME`]: depreciation is the last.
fn before_depreciation(lines: &[Amount]) -> f64 {
    lines[0].sum - sum(&lines[1..5], |line| line.sum)
}

/// Net income of lines that begin with [`INCOME`].
fn net(lines: &[Amount]) -> f64 {
    before_depreciation(lines) - lines[5].sum
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole != 0.0).then(|| part / whole)
}

/// The roles of the sheets a figure is made of; `None` for what is no figure of the statements.
pub(super) fn roles(kpi: &str) -> Option<Vec<&'static str>> {
    RECIPES.iter().any(|recipe| recipe.kpi == kpi).then(|| vec![ROLE])
}

/// Bridges such a figure, see [`super::bridge_kpi`]; `None` for any other.
pub(super) fn bridge(a: &[SheetFrame], b: &[SheetFrame], kpi: &str) -> Option<Result<Bridge, BridgeError>> {
    RECIPES.iter().find(|recipe| recipe.kpi == kpi).map(|recipe| recipe.bridge(a, b))
}

impl Recipe {
    fn bridge(&self, a: &[SheetFrame], b: &[SheetFrame]) -> Result<Bridge, BridgeError> {
        let (first, second) = (Table::read(a)?, Table::read(b)?);
        let common = |one: &Table<'_>, other: &Table<'_>| {
            let is_common = |bucket: &Bucket| other.buckets.contains(bucket);
            let start = one.buckets.iter().position(is_common).unwrap_or(0);
            start..start + one.buckets.iter().filter(|bucket| is_common(bucket)).count()
        };
        let (run_a, run_b) = (common(&first, &second), common(&second, &first));
        if run_a.is_empty() {
            return Err(self.nothing());
        }
        let [whole_a, whole_b] = [self.amounts(&first, None)?, self.amounts(&second, None)?];
        let [common_a, common_b] = [self.amounts(&first, Some(run_a))?, self.amounts(&second, Some(run_b))?];
        let figure = |amounts: &[Amount]| (self.figure)(amounts).ok_or_else(|| self.nothing());
        let (from, to) = (figure(&whole_a)?, figure(&whole_b)?);
        check_shown(self.kpi, shown(a, self.kpi), from)?;
        check_shown(self.kpi, shown(b, self.kpi), to)?;
        let mut effects: BTreeMap<(Cause, Cow<'_, str>), f64> = BTreeMap::new();
        for (at, value) in self.effects(&common_a, &common_b)? {
            let (name, cause) = self.lines[at];
            *effects.entry((cause, name.into())).or_default() += value;
        }
        for (side, whole, sign) in [(&common_a, &whole_a, -1.0), (&common_b, &whole_b, 1.0)] {
            for (at, value) in self.effects(side, whole)? {
                *effects.entry((Cause::Horizon, self.lines[at].0.into())).or_default() += sign * value;
            }
        }
        let nothing = NOTHING * from.abs().max(to.abs());
        Ok(Bridge { from, to, unit: kpi_unit(self.kpi), parts: parts(effects, nothing) })
    }

    fn nothing(&self) -> BridgeError {
        BridgeError::NoCommon { kpi: self.kpi.to_owned() }
    }

    /// What the lines come to over a run of buckets; over all where none is named.
    fn amounts(&self, table: &Table<'_>, run: Option<Range<usize>>) -> Result<Vec<Amount>, BridgeError> {
        let run = run.unwrap_or(0..table.buckets.len());
        self.lines.iter().map(|(name, _)| table.amount(self.kpi, name, &run)).collect()
    }

    /// The Shapley value of each line that is another: its place among the lines, and its value.
    fn effects(&self, from: &[Amount], to: &[Amount]) -> Result<Vec<(usize, f64)>, BridgeError> {
        let moved: Vec<usize> = (0..from.len()).filter(|&at| from[at] != to[at]).collect();
        let mut figures = Vec::with_capacity(1 << moved.len());
        let mut mixed = from.to_vec();
        for set in 0..1_usize << moved.len() {
            for (bit, &at) in moved.iter().enumerate() {
                mixed[at] = if set >> bit & 1 == 1 { to[at] } else { from[at] };
            }
            figures.push((self.figure)(&mixed).ok_or_else(|| self.nothing())?);
        }
        let shares = shares_of_sizes(moved.len());
        let value = |bit: usize| {
            let others = (0..figures.len()).filter(|set| set >> bit & 1 == 0);
            others.map(|set| shares[set.count_ones() as usize] * (figures[set | 1 << bit] - figures[set])).sum()
        };
        Ok(moved.iter().enumerate().map(|(bit, &at)| (at, value(bit))).collect())
    }
}

/// The share of all orders of `count` lines in which a line comes right after a certain set of others, by the set's size.
fn shares_of_sizes(count: usize) -> Vec<f64> {
    // s! (n − 1 − s)! / n!, one from the one before.
    let mut share = 1.0 / count.max(1) as f64;
    let next = |size: usize| {
        let this = share;
        share *= (size + 1) as f64 / count.saturating_sub(1 + size).max(1) as f64;
        this
    };
    (0..count).map(next).collect()
}

/// The statements as their sheet has them.
struct Table<'a> {
    frame: &'a SheetFrame,
    buckets: Vec<Bucket>,
    /// The row of each line.
    rows: BTreeMap<&'a str, usize>,
}

impl<'a> Table<'a> {
    fn read(frames: &'a [SheetFrame]) -> Result<Self, BridgeError> {
        let missing = || BridgeError::NoMeasure { sheet: ROLE.to_owned(), measure: REVENUE.0.to_owned() };
        let frame = frames.iter().find(|frame| frame.info.role == ROLE).ok_or_else(missing)?;
        let mut table = Self { frame, buckets: Vec::new(), rows: BTreeMap::new() };
        let is_head =
            |row: &usize| table.text(PLAN, *row) == Some("Plan") && table.text(OPENING, *row) == Some("Opening");
        let head = (0..frame.rows.len()).find(is_head).ok_or_else(missing)?;
        let headings = (BUCKETS..frame.columns.len()).map_while(|col| table.text(col, head)?.parse().ok());
        table.buckets = headings.collect();
        let lines = (head + 1..frame.rows.len()).map_while(|row| Some((table.text(0, row)?, row)));
        table.rows = lines.collect();
        Ok(table)
    }

    fn at(&self, col: usize, row: usize) -> Option<&'a Scalar> {
        self.frame.columns.get(col)?.values.get(row)
    }

    fn text(&self, col: usize, row: usize) -> Option<&'a str> {
        match self.at(col, row)? {
            Scalar::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    fn number(&self, col: usize, row: usize) -> Option<f64> {
        match self.at(col, row)? {
            Scalar::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn amount(&self, kpi: &str, line: &str, run: &Range<usize>) -> Result<Amount, BridgeError> {
        if line == DAYS.0 {
            let days = self.buckets[run.clone()].iter().map(|bucket| f64::from(bucket.days())).sum();
            return Ok(Amount { sum: days, ..Amount::default() });
        }
        let no_line = || BridgeError::NoMeasure { sheet: ROLE.to_owned(), measure: line.to_owned() };
        let row = *self.rows.get(line).ok_or_else(no_line)?;
        if let Some(lacks) = self.text(PLAN, row) {
            return Err(BridgeError::Lacks { kpi: kpi.to_owned(), what: format!("{line} {lacks}") });
        }
        let values: Vec<f64> = run.clone().map(|at| self.number(BUCKETS + at, row).unwrap_or(0.0)).collect();
        let before = if run.start == 0 { OPENING } else { BUCKETS + run.start - 1 };
        let opening = self.number(before, row).unwrap_or(0.0);
        let sum: f64 = values.iter().sum();
        let close = values.last().copied().unwrap_or(opening);
        Ok(Amount { sum, opening, close, mean: (opening + sum) / (values.len() + 1) as f64 })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::finance::{PlannedMoney, STATEMENT_INPUTS, StatementLine, statement_lines};
    use crate::plan::bridge_kpi;
    use crate::refs::RowId;

    const FIRST: &str = "2026-11";

    /// The line of the statements that is a figure of the scorecard.
    const WHOLE: [(&str, &str); 7] = [
        ("profit_margin", "Profit margin"),
        ("nwc_ratio", "Net working capital ratio"),
        ("current_ratio", "Current ratio"),
        ("return_on_assets", "Return on assets"),
        ("eps_diluted", "Earnings per share, diluted"),
        ("cash_flow", "Cash flow"),
        ("cash_to_cash", "Cash-to-cash days"),
    ];

    /// What a plan earns, costs and stores by month, and its inputs.
    #[derive(Clone, Debug)]
    struct Plan {
        later: i32,
        months: Vec<[f64; 3]>,
        inputs: [Option<f64>; STATEMENT_INPUTS.len()],
    }

    impl Plan {
        fn lines(&self) -> (Vec<Bucket>, Vec<StatementLine>) {
            let first: Bucket = FIRST.parse().unwrap();
            let buckets: Vec<Bucket> = (0..self.months.len()).map(|at| first.plus(self.later + at as i32)).collect();
            let days: Vec<f64> = buckets.iter().map(|bucket| f64::from(bucket.days())).collect();
            let of = |which: usize| self.months.iter().map(|month| month[which]).collect::<Vec<f64>>();
            let (revenue, cogs, inventory) = (of(0), of(1), of(2));
            let plan = PlannedMoney { days: &days, revenue: &revenue, cogs: &cogs, inventory: &inventory };
            (buckets, statement_lines(&plan, &self.inputs))
        }

        /// The sheet with the table under a line of text, as the workbook has it.
        fn frames(&self) -> Vec<SheetFrame> {
            let (buckets, lines) = self.lines();
            let number = |value: Option<f64>| value.map_or(json!(null), |value| json!(value));
            let plan = |line: &StatementLine| {
                let lacks = || json!(format!("needs {}", line.missing.join(", ")));
                if line.missing.is_empty() { number(line.whole) } else { lacks() }
            };
            let column = |head: serde_json::Value, of: &dyn Fn(&StatementLine) -> serde_json::Value| {
                let cells = [json!("Statements"), json!(null), head].into_iter().chain(lines.iter().map(of));
                cells.collect::<Vec<_>>()
            };
            let mut columns = vec![
                column(json!(""), &|line| json!(line.name)),
                column(json!("Plan"), &plan),
                column(json!("Opening"), &|line| number(line.opening)),
            ];
            for (at, bucket) in buckets.iter().enumerate() {
                columns.push(column(json!(bucket.to_string()), &|line| number(line.buckets[at])));
            }
            let columns = columns.into_iter().enumerate();
            vec![
                serde_json::from_value(json!({
                    "info": {"id": ROLE, "title": "Statements", "kind": "free", "position": "a", "role": ROLE},
                    "meta": {"kind": "free", "title": "Statements", "epoch": 0}, "measures": [],
                    "columns": columns.map(|(at, values)| json!({"col": format!("c{at}"), "values": values})).collect::<Vec<_>>(),
                    "rows": (0..lines.len() + 3).map(|row| RowId::of_key(&[&row.to_string()])).collect::<Vec<_>>(),
                }))
                .unwrap(),
            ]
        }

        fn whole(&self, kpi: &str) -> Option<f64> {
            let name = WHOLE.iter().find(|(id, _)| *id == kpi).unwrap().1;
            self.lines().1.into_iter().find(|line| line.name == name).unwrap().whole
        }
    }

    /// Revenue 100 a month at a cost of 60, nothing else but overheads of 20: a margin of 20 %.
    fn simple(revenue: f64, cogs: f64) -> Plan {
        let mut inputs = [Some(0.0); STATEMENT_INPUTS.len()];
        let overheads = STATEMENT_INPUTS.iter().position(|input| input.name == "Overheads").unwrap();
        inputs[overheads] = Some(20.0);
        Plan { later: 0, months: vec![[revenue, cogs, 10.0]; 2], inputs }
    }

    #[test]
    fn a_margin_moves_with_the_lines_of_the_income_statement() {
        let told = |after: Plan| {
            let found = bridge_kpi(&simple(100.0, 60.0).frames(), &after.frames(), "profit_margin", "Family").unwrap();
            let lines = found.parts.into_iter().flat_map(|part| {
                part.lines.into_iter().map(move |line| (part.cause, line.name, (line.value * 1e9).round() / 1e9))
            });
            lines.collect::<Vec<_>>()
        };
        assert_eq!(told(simple(100.0, 70.0)), [(Cause::Earned, "COGS".to_owned(), -0.1)]);
        // Of 40 + 40 of 200 against 20 of 100: 20 more from revenue first or last, 30 and 20 less from cost.
        let both = told(simple(200.0, 120.0));
        let sum: f64 = both.iter().map(|line| line.2).sum();
        assert_eq!((both.len(), (sum * 1e9).round() / 1e9), (2, 0.1), "{both:?}");
        assert_eq!(both[0], (Cause::Earned, "Revenue".to_owned(), 0.55), "{both:?}");
    }

    #[test]
    fn what_lacks_an_input_says_which() {
        let mut lacks = simple(100.0, 60.0);
        let tax = STATEMENT_INPUTS.iter().position(|input| input.name == "Tax rate").unwrap();
        lacks.inputs[tax] = None;
        let refused = bridge_kpi(&lacks.frames(), &simple(1.0, 1.0).frames(), "profit_margin", "").unwrap_err();
        assert!(refused.to_string().contains("Tax needs Tax rate"), "{refused}");
        let other = Plan { later: 9, ..simple(100.0, 60.0) };
        let refused = bridge_kpi(&simple(1.0, 1.0).frames(), &other.frames(), "cash_flow", "").unwrap_err();
        assert!(matches!(refused, BridgeError::NoCommon { .. }));
    }

    fn plans() -> impl Strategy<Value = Plan> {
        let month = prop::array::uniform3(100_u16..900).prop_map(|month| month.map(f64::from));
        let inputs = prop::array::uniform16(1_u16..90);
        (0..3_i32, prop::collection::vec(month, 3..6), inputs).prop_map(|(later, months, inputs)| {
            let is_rate = |at: usize| STATEMENT_INPUTS[at].name.ends_with("rate");
            let value = |at: usize| f64::from(inputs[at]) / if is_rate(at) { 100.0 } else { 1.0 };
            Plan { later, months, inputs: std::array::from_fn(|at| Some(value(at))) }
        })
    }

    proptest! {
        /// Figures are those of the statements, and fall apart by line.
        #[test]
        fn parts_sum_to_the_difference(a in plans(), b in plans()) {
            let (before, after) = (a.frames(), b.frames());
            for (kpi, _) in WHOLE {
                let found = match bridge_kpi(&before, &after, kpi, "Item") {
                    // Nobody is owed anything at a close.
                    Err(BridgeError::NoCommon { .. }) if kpi != "cash_flow" => continue,
                    found => found.unwrap(),
                };
                for (end, plan) in [(found.from, &a), (found.to, &b)] {
                    let whole = plan.whole(kpi).unwrap();
                    prop_assert!((whole - end).abs() < 1e-9 * whole.abs().max(1.0), "{kpi} {whole} {end}");
                }
                let largest = found.from.abs().max(found.to.abs()).max(1.0);
                let sum: f64 = found.parts.iter().map(|part| part.value).sum();
                prop_assert!((sum - (found.to - found.from)).abs() < 1e-9 * largest, "{kpi} {found:?}");
                let there = bridge_kpi(&after, &before, kpi, "Item").unwrap();
                for (one, other) in found.parts.iter().zip(&there.parts) {
                    prop_assert!((one.value + other.value).abs() < 1e-9 * largest, "the way back is the way there");
                }
            }
        }
    }
}
