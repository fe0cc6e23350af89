//! Statements as a table of lines, and which inputs are missing where a line is blank.

use std::ops::Range;

use super::statements::{PlannedMoney, Position, Statements, statements};

/// An input of the statements, as people enter it.
#[derive(Clone, Copy, Debug)]
pub struct StatementInput {
    pub name: &'static str,
    pub meaning: &'static str,
    place: fn(&mut Position) -> &mut f64,
}

const fn input(name: &'static str, place: fn(&mut Position) -> &mut f64, meaning: &'static str) -> StatementInput {
    StatementInput { name, meaning, place }
}

/// Inputs in the order people enter them.
pub const STATEMENT_INPUTS: [StatementInput; 16] = [
    input("Opening cash", |it| &mut it.cash, "Cash at the beginning of the plan."),
    input("Opening receivables", |it| &mut it.receivables, "What customers owe at the beginning."),
    input(
        "Opening inventory",
        |it| &mut it.inventory,
        "Stock at cost at the beginning, as the stock policy values it.",
    ),
    input("Opening payables", |it| &mut it.payables, "What suppliers are owed at the beginning."),
    input("Fixed assets", |it| &mut it.fixed_assets, "Book value at the beginning."),
    input("Depreciation", |it| &mut it.depreciation, "A bucket, until nothing is left of the fixed assets."),
    input("Overheads", |it| &mut it.overheads, "Fixed costs a bucket, which the supply plan does not hold."),
    input("Debt", |it| &mut it.debt, "Long-term debt; it stays as it is."),
    input("Interest rate", |it| &mut it.interest_rate, "A year, as a share of debt."),
    input("Tax rate", |it| &mut it.tax_rate, "Share of profit; losses are set off against later profits of the plan."),
    input("Receivable days", |it| &mut it.receivable_days, "Days from invoice to payment by customers."),
    input("Payable days", |it| &mut it.payable_days, "Days from delivery to payment of what is made and bought."),
    input("Shares", |it| &mut it.shares, "Weighted average of ordinary shares."),
    input("Dilutive shares", |it| &mut it.dilutive_shares, "Shares that convertibles and options would add."),
    input(
        "Dilutive add-back",
        |it| &mut it.dilutive_add_back,
        "Interest after tax a bucket that conversion would save.",
    ),
    input("Preferred dividends", |it| &mut it.preferred_dividends, "A bucket, declared and paid."),
];

/// A set of inputs, a bit each in the order of [`STATEMENT_INPUTS`].
type Needs = u32;

const CASH: Needs = 1;
const RECEIVABLES: Needs = 1 << 1 | 1 << 10;
const INVENTORY: Needs = 1 << 2;
const PAYABLES: Needs = 1 << 3 | 1 << 11 | INVENTORY;
const FIXED_ASSETS: Needs = 1 << 4 | 1 << 5;
const OPERATING: Needs = FIXED_ASSETS | 1 << 6;
const DEBT: Needs = 1 << 7;
const INTEREST: Needs = DEBT | 1 << 8;
const NET_INCOME: Needs = OPERATING | INTEREST | 1 << 9;
const SHARES: Needs = 1 << 12;
const DILUTION: Needs = 1 << 13;
const ADD_BACK: Needs = 1 << 14;
const DIVIDENDS: Needs = 1 << 15;
const BOUND: Needs = RECEIVABLES | INVENTORY | PAYABLES;
const CASH_FLOW: Needs = NET_INCOME | BOUND;
/// Cash is what everything else leaves, and so are the totals it is part of.
const CURRENT_ASSETS: Needs = CASH | CASH_FLOW | DIVIDENDS;

/// How a line reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Money that flows in a bucket; of the whole plan it is the sum.
    Flow,
    /// What there is at a close, and before the first bucket.
    Balance,
    /// A share, shown as per cent.
    Share,
    /// A ratio, days, or shares of the company.
    Number,
}

type Figure = fn(&Statements, Range<usize>) -> Option<f64>;

/// A line of the statements: its name, how it reads, what it needs, and its figure of a run of buckets.
struct Line(&'static str, LineKind, Needs, Figure);

use LineKind::{Balance as Close, Flow, Number, Share};

const LINES: [Line; 39] = [
    Line("Revenue", Flow, 0, |it, run| Some(it.income(run).revenue)),
    Line("COGS", Flow, 0, |it, run| Some(it.income(run).cogs)),
    Line("Contribution", Flow, 0, |it, run| Some(it.income(run).contribution())),
    Line("Overheads", Flow, 1 << 6, |it, run| Some(it.income(run).overheads)),
    Line("Depreciation", Flow, FIXED_ASSETS, |it, run| Some(it.income(run).depreciation)),
    Line("Operating profit", Flow, OPERATING, |it, run| Some(it.income(run).operating())),
    Line("Interest", Flow, INTEREST, |it, run| Some(it.income(run).interest)),
    Line("Profit before tax", Flow, OPERATING | INTEREST, |it, run| Some(it.income(run).pre_tax())),
    Line("Tax", Flow, NET_INCOME, |it, run| Some(it.income(run).tax)),
    Line("Net income", Flow, NET_INCOME, |it, run| Some(it.net_income(run))),
    Line("Change of working capital", Flow, BOUND, |it, run| Some(it.working_capital_change(run))),
    Line("Cash flow", Flow, CASH_FLOW, |it, run| Some(it.cash_flow(run))),
    Line("Preferred dividends", Flow, DIVIDENDS, |it, run| Some(it.preferred_dividends(run))),
    Line("Dilutive add-back", Flow, ADD_BACK, |it, run| Some(it.dilutive_add_back(run))),
    Line("Cash", Close, CURRENT_ASSETS, |it, run| Some(it.closing(run).cash)),
    Line("Receivables", Close, RECEIVABLES, |it, run| Some(it.closing(run).receivables)),
    Line("Inventory", Close, INVENTORY, |it, run| Some(it.closing(run).inventory)),
    Line("Current assets", Close, CURRENT_ASSETS, |it, run| Some(it.closing(run).current_assets())),
    Line("Fixed assets", Close, FIXED_ASSETS, |it, run| Some(it.closing(run).fixed_assets)),
    Line("Total assets", Close, CURRENT_ASSETS, |it, run| Some(it.closing(run).total_assets())),
    Line("Payables", Close, PAYABLES, |it, run| Some(it.closing(run).payables)),
    Line("Current liabilities", Close, PAYABLES, |it, run| Some(it.closing(run).current_liabilities())),
    Line("Debt", Close, DEBT, |it, run| Some(it.closing(run).debt)),
    Line("Equity", Close, CURRENT_ASSETS, |it, run| Some(it.closing(run).equity)),
    Line("Liabilities and equity", Close, CURRENT_ASSETS, |it, run| Some(it.closing(run).liabilities_and_equity())),
    Line("Working capital without cash", Close, BOUND, |it, run| Some(it.closing(run).operating_working_capital())),
    Line("Net working capital", Close, CURRENT_ASSETS, |it, run| Some(it.closing(run).working_capital())),
    Line("Shares", Number, SHARES, |it, _| Some(it.shares().0)),
    Line("Dilutive shares", Number, DILUTION, |it, _| Some(it.shares().1)),
    Line("Profit margin", Share, NET_INCOME, Statements::profit_margin),
    Line("Net working capital ratio", Share, CURRENT_ASSETS, Statements::working_capital_ratio),
    Line("Current ratio", Number, CURRENT_ASSETS, Statements::current_ratio),
    Line("Return on assets", Share, CURRENT_ASSETS, Statements::return_on_assets),
    Line(
        "Earnings per share, diluted",
        Number,
        NET_INCOME | SHARES | DILUTION | ADD_BACK | DIVIDENDS,
        Statements::earnings_per_share,
    ),
    Line("Days of inventory", Number, INVENTORY, Statements::inventory_days),
    Line("Days of receivables", Number, RECEIVABLES, Statements::receivable_days),
    Line("Days of payables", Number, PAYABLES, Statements::payable_days),
    Line("Cash-to-cash days", Number, BOUND, Statements::cash_to_cash),
    Line("Inventory turns", Number, INVENTORY, Statements::inventory_turns),
];

/// One line of a plan's statements.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementLine {
    pub name: &'static str,
    /// Before the first bucket; balances alone have it.
    pub opening: Option<f64>,
    /// One for each bucket; `None` where a denominator is nought, and everywhere where an input is missing.
    pub buckets: Vec<Option<f64>>,
    /// Of the whole plan: the sum of a flow, the last balance, a ratio over all buckets.
    pub whole: Option<f64>,
    /// Names of the inputs without which there is no figure.
    pub missing: Vec<&'static str>,
}

/// The names of the lines and how they read, in their order.
pub fn statement_names() -> impl Iterator<Item = (&'static str, LineKind)> {
    LINES.iter().map(|line| (line.0, line.1))
}

/// The statements of a plan, line by line. `entered` holds what is known of the inputs, in their order; what lacks one is
/// blank, and everything else is there.
pub fn statement_lines(plan: &PlannedMoney<'_>, entered: &[Option<f64>; STATEMENT_INPUTS.len()]) -> Vec<StatementLine> {
    let mut position = Position::default();
    let mut lacking: Needs = 0;
    for (at, (input, entered)) in STATEMENT_INPUTS.iter().zip(entered).enumerate() {
        match entered {
            Some(value) => *(input.place)(&mut position) = *value,
            None => lacking |= 1 << at,
        }
    }
    let found = statements(plan, &position);
    LINES.iter().map(|line| line.of(&found, lacking)).collect()
}

impl Line {
    fn of(&self, found: &Statements, lacking: Needs) -> StatementLine {
        let Self(name, kind, needs, figure) = self;
        let named = STATEMENT_INPUTS.iter().enumerate().filter(|(at, _)| needs & lacking & (1 << at) != 0);
        let missing: Vec<&'static str> = named.map(|(_, input)| input.name).collect();
        let known = |run: Range<usize>| if missing.is_empty() { figure(found, run) } else { None };
        StatementLine {
            name,
            opening: if *kind == Close { known(0..0) } else { None },
            buckets: found.whole().map(|bucket| known(bucket..bucket + 1)).collect(),
            whole: known(found.whole()),
            missing,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const PLAN: PlannedMoney<'_> =
        PlannedMoney { days: &[30.0, 31.0], revenue: &[90.0, 80.0], cogs: &[50.0, 45.0], inventory: &[20.0, 30.0] };

    fn line(lines: &[StatementLine], name: &str) -> StatementLine {
        lines.iter().find(|line| line.name == name).unwrap().clone()
    }

    /// Every input in turn is left out: lines that say they need it are blank, and no other line changes.
    #[test]
    fn a_missing_input_leaves_blank_what_needs_it_and_nothing_else() {
        let entered = std::array::from_fn(|at| Some(3.0 + at as f64));
        let whole = statement_lines(&PLAN, &entered);
        assert!(whole.iter().all(|line| line.missing.is_empty() && line.whole.is_some()), "{whole:?}");
        for (at, input) in STATEMENT_INPUTS.iter().enumerate() {
            let mut fewer = entered;
            fewer[at] = None;
            let mut blanks = 0;
            for (found, expected) in statement_lines(&PLAN, &fewer).iter().zip(&whole) {
                if found.missing.is_empty() {
                    assert_eq!(found, expected, "without {}", input.name);
                } else {
                    assert_eq!((found.missing.as_slice(), found.whole), ([input.name].as_slice(), None));
                    assert!(found.buckets.iter().all(Option::is_none));
                    blanks += 1;
                }
            }
            assert!(blanks > 0, "nothing needs {}", input.name);
        }
    }

    #[test]
    fn flows_add_up_and_balances_close() {
        let lines = statement_lines(&PLAN, &[Some(1.0); STATEMENT_INPUTS.len()]);
        let revenue = line(&lines, "Revenue");
        assert_eq!((revenue.opening, revenue.whole), (None, Some(170.0)));
        let inventory = line(&lines, "Inventory");
        assert_eq!(
            (inventory.opening, inventory.buckets, inventory.whole),
            (Some(1.0), vec![Some(20.0), Some(30.0)], Some(30.0))
        );
        let names: std::collections::BTreeSet<&str> = statement_names().map(|(name, _)| name).collect();
        assert_eq!(names.len(), LINES.len(), "every line has a name of its own");
    }
}
