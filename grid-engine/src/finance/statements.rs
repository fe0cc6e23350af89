//! The financial statements of a plan: income, balance sheet and cash flow, bucket by bucket.
//!
//! Definitions follow J. Wild, K. Shaw: *Financial and Managerial Accounting*, 9th ed., ch. 12 and 13. What is made or
//! bought in a bucket is what leaves stock at cost and what stock grows by (purchases = cost of goods sold + change of
//! inventory), so that the balance sheet and the plan's stock agree.

use std::ops::Range;

use super::terms::outstanding;

/// What a plan says of itself, per bucket; all slices are as long as `days`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlannedMoney<'a> {
    /// Days of the bucket.
    pub days: &'a [f64],
    /// Units served at net prices.
    pub revenue: &'a [f64],
    /// Cost of the units served.
    pub cogs: &'a [f64],
    /// Closing stock at cost.
    pub inventory: &'a [f64],
}

/// What a plan does not say: how the company stands at its beginning, and what it pays besides. Money in one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Position {
    pub cash: f64,
    pub receivables: f64,
    pub payables: f64,
    /// Stock at cost at the beginning.
    pub inventory: f64,
    /// Net of what has been depreciated.
    pub fixed_assets: f64,
    /// Long-term debt; it stays as it is.
    pub debt: f64,
    /// Fixed assets lose this in every bucket, until nothing is left of them.
    pub depreciation: f64,
    /// Fixed costs of every bucket: administration, sales force, rent.
    pub overheads: f64,
    /// Interest a year as a share of debt.
    pub interest_rate: f64,
    /// Tax as a share of profit; a loss is set off against what is earned later in the plan.
    pub tax_rate: f64,
    /// Customers pay so many days after they are invoiced.
    pub receivable_days: f64,
    /// What is made and bought is paid so many days later.
    pub payable_days: f64,
    /// Weighted average of ordinary shares outstanding.
    pub shares: f64,
    /// Ordinary shares that convertibles and options would add.
    pub dilutive_shares: f64,
    /// What converting them would save of a bucket's net income: interest after tax.
    pub dilutive_add_back: f64,
    /// Declared and paid in every bucket.
    pub preferred_dividends: f64,
}

/// What is earned in a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Income {
    pub revenue: f64,
    pub cogs: f64,
    pub overheads: f64,
    pub depreciation: f64,
    pub interest: f64,
    pub tax: f64,
}

impl Income {
    /// Revenue less cost of goods sold: all of a supply plan's cost follows volume.
    pub fn contribution(&self) -> f64 {
        self.revenue - self.cogs
    }

    /// Before interest and tax.
    pub fn operating(&self) -> f64 {
        self.contribution() - self.overheads - self.depreciation
    }

    /// Before tax.
    pub fn pre_tax(&self) -> f64 {
        self.operating() - self.interest
    }

    /// After all.
    pub fn net(&self) -> f64 {
        self.pre_tax() - self.tax
    }
}

/// What the company has and owes at a close.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Balance {
    /// Below nothing it is an overdraft.
    pub cash: f64,
    pub receivables: f64,
    pub inventory: f64,
    pub fixed_assets: f64,
    pub payables: f64,
    pub debt: f64,
    pub equity: f64,
}

impl Balance {
    pub fn current_assets(&self) -> f64 {
        self.cash + self.receivables + self.inventory
    }

    pub fn total_assets(&self) -> f64 {
        self.current_assets() + self.fixed_assets
    }

    /// Payables; debt is long-term.
    pub fn current_liabilities(&self) -> f64 {
        self.payables
    }

    /// Current assets less current liabilities.
    pub fn working_capital(&self) -> f64 {
        self.current_assets() - self.current_liabilities()
    }

    /// Working capital without cash, whose change is what a cash flow explains.
    pub fn operating_working_capital(&self) -> f64 {
        self.receivables + self.inventory - self.payables
    }

    /// Payables, debt and equity: what assets are paid with.
    pub fn liabilities_and_equity(&self) -> f64 {
        self.payables + self.debt + self.equity
    }
}

/// A plan's statements. Figures are of a run of buckets: of one, or of the whole plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Statements {
    position: Position,
    days: Vec<f64>,
    income: Vec<Income>,
    /// The opening balance, then one for each close.
    balances: Vec<Balance>,
}

/// The statements of a plan.
///
/// Opening equity is what opening assets leave over debts. Tax and interest are paid in their bucket. Cash flow is net income +
/// depreciation − change of receivables, inventory and payables; what is left of it after preferred dividends stays as cash.
///
/// ```
/// # use grid_engine::finance::{PlannedMoney, Position, statements};
/// let plan = PlannedMoney { days: &[30.0], revenue: &[100.0], cogs: &[60.0], inventory: &[25.0] };
/// let opening = Position { cash: 10.0, inventory: 20.0, overheads: 15.0, tax_rate: 0.2, ..Position::default() };
/// let year = statements(&plan, &opening);
/// assert_eq!(year.net_income(year.whole()), 20.0); // 100 − 60 − 15, less a fifth
/// assert_eq!(year.closing(year.whole()).cash, 10.0 + 20.0 - 5.0); // 5 went into stock
/// ```
pub fn statements(plan: &PlannedMoney<'_>, position: &Position) -> Statements {
    let mut income = Vec::with_capacity(plan.days.len());
    let (mut fixed_assets, mut loss) = (position.fixed_assets, 0.0);
    for (bucket, days) in plan.days.iter().enumerate() {
        let mut earned = Income {
            revenue: plan.revenue[bucket],
            cogs: plan.cogs[bucket],
            overheads: position.overheads,
            depreciation: position.depreciation.min(fixed_assets).max(0.0),
            interest: position.debt * position.interest_rate * days / YEAR_DAYS,
            tax: 0.0,
        };
        let taxed = earned.pre_tax() - loss;
        earned.tax = taxed.max(0.0) * position.tax_rate;
        loss = (-taxed).max(0.0);
        fixed_assets -= earned.depreciation;
        income.push(earned);
    }
    let before = |bucket: usize| bucket.checked_sub(1).map_or(position.inventory, |earlier| plan.inventory[earlier]);
    let purchases: Vec<f64> =
        (0..income.len()).map(|bucket| plan.cogs[bucket] + plan.inventory[bucket] - before(bucket)).collect();
    let receivables = outstanding(position.receivables, plan.revenue, plan.days, position.receivable_days);
    let payables = outstanding(position.payables, &purchases, plan.days, position.payable_days);
    let mut last = Balance {
        cash: position.cash,
        receivables: position.receivables,
        inventory: position.inventory,
        fixed_assets: position.fixed_assets,
        payables: position.payables,
        debt: position.debt,
        equity: 0.0,
    };
    last.equity = last.total_assets() - last.payables - last.debt;
    let mut balances = vec![last];
    for (bucket, earned) in income.iter().enumerate() {
        let mut close = Balance {
            receivables: receivables[bucket],
            inventory: plan.inventory[bucket],
            fixed_assets: last.fixed_assets - earned.depreciation,
            payables: payables[bucket],
            equity: last.equity + earned.net() - position.preferred_dividends,
            ..last
        };
        let bound = close.operating_working_capital() - last.operating_working_capital();
        close.cash = last.cash + earned.net() + earned.depreciation - bound - position.preferred_dividends;
        balances.push(close);
        last = close;
    }
    Statements { position: *position, days: plan.days.to_vec(), income, balances }
}

const YEAR_DAYS: f64 = 365.0;

impl Statements {
    /// All buckets.
    pub fn whole(&self) -> Range<usize> {
        0..self.income.len()
    }

    /// The income of a run of buckets.
    pub fn income(&self, run: Range<usize>) -> Income {
        self.income[run].iter().fold(Income::default(), |sum, one| Income {
            revenue: sum.revenue + one.revenue,
            cogs: sum.cogs + one.cogs,
            overheads: sum.overheads + one.overheads,
            depreciation: sum.depreciation + one.depreciation,
            interest: sum.interest + one.interest,
            tax: sum.tax + one.tax,
        })
    }

    /// Net income of a run of buckets.
    pub fn net_income(&self, run: Range<usize>) -> f64 {
        self.income(run).net()
    }

    /// The balance at the end of a run; of an empty one, before its first bucket.
    pub fn closing(&self, run: Range<usize>) -> &Balance {
        &self.balances[run.end]
    }

    fn opening(&self, run: &Range<usize>) -> &Balance {
        &self.balances[run.start]
    }

    /// What receivables, inventory and payables bind more at the end of a run than at its beginning.
    pub fn working_capital_change(&self, run: Range<usize>) -> f64 {
        let opening = self.opening(&run).operating_working_capital();
        self.closing(run).operating_working_capital() - opening
    }

    /// Net income + depreciation − change of working capital.
    pub fn cash_flow(&self, run: Range<usize>) -> f64 {
        let income = self.income(run.clone());
        income.net() + income.depreciation - self.working_capital_change(run)
    }

    /// Preferred dividends paid in a run.
    pub fn preferred_dividends(&self, run: Range<usize>) -> f64 {
        self.position.preferred_dividends * run.len() as f64
    }

    /// What converting all dilutive shares would add to a run's net income.
    pub fn dilutive_add_back(&self, run: Range<usize>) -> f64 {
        self.position.dilutive_add_back * run.len() as f64
    }

    /// Weighted ordinary shares, and what conversion would add to them.
    pub fn shares(&self) -> (f64, f64) {
        (self.position.shares, self.position.dilutive_shares)
    }

    /// The mean of a figure over a run's opening and closes.
    fn mean(&self, run: &Range<usize>, of: impl Fn(&Balance) -> f64) -> f64 {
        let balances = &self.balances[run.start..=run.end];
        balances.iter().map(of).sum::<f64>() / balances.len() as f64
    }

    /// Net income ÷ revenue.
    pub fn profit_margin(&self, run: Range<usize>) -> Option<f64> {
        let income = self.income(run);
        share(income.net(), income.revenue)
    }

    /// (Current assets − current liabilities) ÷ total assets at the close.
    pub fn working_capital_ratio(&self, run: Range<usize>) -> Option<f64> {
        let close = self.closing(run);
        share(close.working_capital(), close.total_assets())
    }

    /// Current assets ÷ current liabilities at the close.
    pub fn current_ratio(&self, run: Range<usize>) -> Option<f64> {
        let close = self.closing(run);
        share(close.current_assets(), close.current_liabilities())
    }

    /// Net income ÷ mean total assets of opening and closes; of a run's income, not of a year's.
    pub fn return_on_assets(&self, run: Range<usize>) -> Option<f64> {
        share(self.net_income(run.clone()), self.mean(&run, Balance::total_assets))
    }

    /// Earnings per share, diluted, see [`diluted_earnings`].
    pub fn earnings_per_share(&self, run: Range<usize>) -> Option<f64> {
        let ordinary = self.net_income(run.clone()) - self.preferred_dividends(run.clone());
        diluted_earnings(ordinary, self.dilutive_add_back(run), self.position.shares, self.position.dilutive_shares)
    }

    /// Days that mean inventory lasts at a run's cost of goods sold.
    pub fn inventory_days(&self, run: Range<usize>) -> Option<f64> {
        let cogs = self.income(run.clone()).cogs;
        self.in_days(&run, |balance| balance.inventory, cogs)
    }

    /// Days of revenue that mean receivables are.
    pub fn receivable_days(&self, run: Range<usize>) -> Option<f64> {
        let revenue = self.income(run.clone()).revenue;
        self.in_days(&run, |balance| balance.receivables, revenue)
    }

    /// Days of cost of goods sold that mean payables are.
    pub fn payable_days(&self, run: Range<usize>) -> Option<f64> {
        let cogs = self.income(run.clone()).cogs;
        self.in_days(&run, |balance| balance.payables, cogs)
    }

    /// Days of inventory + days of receivables − days of payables.
    pub fn cash_to_cash(&self, run: Range<usize>) -> Option<f64> {
        Some(self.inventory_days(run.clone())? + self.receivable_days(run.clone())? - self.payable_days(run)?)
    }

    /// Cost of goods sold a year ÷ mean inventory.
    pub fn inventory_turns(&self, run: Range<usize>) -> Option<f64> {
        share(YEAR_DAYS, self.inventory_days(run)?)
    }

    fn in_days(&self, run: &Range<usize>, of: impl Fn(&Balance) -> f64, flow: f64) -> Option<f64> {
        let days: f64 = self.days[run.clone()].iter().sum();
        share(self.mean(run, of) * days, flow)
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole != 0.0).then(|| part / whole)
}

/// Earnings per share if everything dilutive were converted: (`ordinary` + add-back) ÷ (shares + dilutive shares), where
/// `ordinary` is net income less preferred dividends.
///
/// What would raise earnings per share, or lower a loss per share, is antidilutive and left out (IAS 33, 41 to 44): then it
/// is `ordinary` ÷ shares. `None` without shares.
///
/// ```
/// # use grid_engine::finance::diluted_earnings;
/// assert_eq!(diluted_earnings(95.0, 5.0, 40.0, 10.0), Some(2.0)); // instead of 2.375
/// assert_eq!(diluted_earnings(80.0, 30.0, 40.0, 10.0), Some(2.0)); // 3 a new share would raise it
/// assert_eq!(diluted_earnings(-80.0, 0.0, 40.0, 10.0), Some(-2.0)); // more shares would lower the loss of each
/// ```
pub fn diluted_earnings(ordinary: f64, add_back: f64, shares: f64, dilutive_shares: f64) -> Option<f64> {
    let basic = share(ordinary, shares)?;
    let diluted = share(ordinary + add_back, shares + dilutive_shares);
    Some(diluted.map_or(basic, |diluted| basic.min(diluted)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    /// Two months of 30 days, worked by hand.
    ///
    /// | | opening | 1 | 2 |
    /// | --- | --- | --- | --- |
    /// | revenue | | 1,000 | 1,200 |
    /// | cost of goods sold | | 600 | 700 |
    /// | overheads | | 200 | 200 |
    /// | depreciation | | 50 | 50 |
    /// | interest: 1,460 · 10 % · 30 ÷ 365 | | 12 | 12 |
    /// | before tax | | 138 | 238 |
    /// | tax 25 % | | 34.5 | 59.5 |
    /// | net income | | 103.5 | 178.5 |
    /// | purchases: cost + change of inventory | | 600 + 40 = 640 | 700 − 10 = 690 |
    /// | receivables, 45 days: the month, half of the month before; a third of the opening is left after 30 of 45 days | 900 | 1,000 + 300 = 1,300 | 1,200 + 500 = 1,700 |
    /// | inventory | 400 | 440 | 430 |
    /// | payables, 15 days: half of the month | 300 | 320 | 345 |
    /// | working capital without cash | 1,000 | 1,420 | 1,785 |
    /// | cash flow | | 103.5 + 50 − 420 = −266.5 | 178.5 + 50 − 365 = −136.5 |
    /// | cash, preferred dividends of 10 paid | 800 | 523.5 | 377 |
    /// | fixed assets | 2,000 | 1,950 | 1,900 |
    /// | total assets | 4,100 | 4,213.5 | 4,407 |
    /// | debt | 1,460 | 1,460 | 1,460 |
    /// | equity | 2,340 | 2,433.5 | 2,602 |
    #[test]
    fn a_worked_example_comes_out_as_by_hand() {
        let position = Position {
            cash: 800.0,
            receivables: 900.0,
            payables: 300.0,
            inventory: 400.0,
            fixed_assets: 2000.0,
            debt: 1460.0,
            depreciation: 50.0,
            overheads: 200.0,
            interest_rate: 0.10,
            tax_rate: 0.25,
            receivable_days: 45.0,
            payable_days: 15.0,
            shares: 100.0,
            dilutive_shares: 25.0,
            dilutive_add_back: 4.0,
            preferred_dividends: 10.0,
        };
        let plan = PlannedMoney {
            days: &[30.0, 30.0],
            revenue: &[1000.0, 1200.0],
            cogs: &[600.0, 700.0],
            inventory: &[440.0, 430.0],
        };
        let found = statements(&plan, &position);
        let (first, second, whole) = (0..1, 1..2, found.whole());
        for (run, contribution, before_tax, tax, net) in
            [(first.clone(), 400.0, 138.0, 34.5, 103.5), (second.clone(), 500.0, 238.0, 59.5, 178.5)]
        {
            let income = found.income(run);
            near(income.contribution(), contribution);
            near(income.pre_tax(), before_tax);
            near(income.tax, tax);
            near(income.net(), net);
        }
        let closes = [
            (0..0, [800.0, 900.0, 400.0, 2000.0, 300.0, 1460.0, 2340.0]),
            (first.clone(), [523.5, 1300.0, 440.0, 1950.0, 320.0, 1460.0, 2433.5]),
            (second.clone(), [377.0, 1700.0, 430.0, 1900.0, 345.0, 1460.0, 2602.0]),
        ];
        for (run, [cash, receivables, inventory, fixed_assets, payables, debt, equity]) in closes {
            let close = found.closing(run);
            let expected = Balance { cash, receivables, inventory, fixed_assets, payables, debt, equity };
            near(close.cash, expected.cash);
            near(close.equity, expected.equity);
            assert_eq!(Balance { cash, equity, ..*close }, expected);
        }
        near(found.working_capital_change(first.clone()), 420.0);
        near(found.cash_flow(first), -266.5);
        near(found.cash_flow(second), -136.5);
        near(found.cash_flow(whole.clone()), -403.0);
        // 282 ÷ 2,200; (377 + 1,700 + 430 − 345) ÷ 4,407; 2,507 ÷ 345; 282 ÷ mean(4,100, 4,213.5, 4,407).
        near(found.profit_margin(whole.clone()).unwrap(), 282.0 / 2200.0);
        near(found.working_capital_ratio(whole.clone()).unwrap(), 2162.0 / 4407.0);
        near(found.current_ratio(whole.clone()).unwrap(), 2507.0 / 345.0);
        near(found.return_on_assets(whole.clone()).unwrap(), 282.0 / (12720.5 / 3.0));
        // Basic (282 − 20) ÷ 100 = 2.62; diluted (262 + 8) ÷ 125 = 2.16.
        near(found.earnings_per_share(whole.clone()).unwrap(), 2.16);
        // Mean inventory 1,270 ÷ 3 at 1,300 in 60 days; mean receivables 1,300 at 2,200; mean payables 965 ÷ 3 at 1,300.
        let (inventory, receivable, payable) =
            (1270.0 / 3.0 * 60.0 / 1300.0, 1300.0 * 60.0 / 2200.0, 965.0 / 3.0 * 60.0 / 1300.0);
        near(found.inventory_days(whole.clone()).unwrap(), inventory);
        near(found.cash_to_cash(whole.clone()).unwrap(), inventory + receivable - payable);
        near(found.inventory_turns(whole).unwrap(), 365.0 / inventory);
    }

    /// A loss of 100, then profits of 60 and 90: taxed is nothing, nothing, and 50.
    #[test]
    fn a_loss_is_set_off_against_later_profits() {
        let plan =
            PlannedMoney { days: &[30.0; 3], revenue: &[0.0, 160.0, 190.0], cogs: &[0.0; 3], inventory: &[0.0; 3] };
        let found = statements(&plan, &Position { overheads: 100.0, tax_rate: 0.3, ..Position::default() });
        assert_eq!([0, 1, 2].map(|bucket| found.income(bucket..bucket + 1).tax), [0.0, 0.0, 15.0]);
    }

    #[test]
    fn nothing_depreciates_below_nothing() {
        let plan = PlannedMoney { days: &[30.0; 3], revenue: &[0.0; 3], cogs: &[0.0; 3], inventory: &[0.0; 3] };
        let found = statements(&plan, &Position { fixed_assets: 50.0, depreciation: 30.0, ..Position::default() });
        assert_eq!([0, 1, 2].map(|bucket| found.income(bucket..bucket + 1).depreciation), [30.0, 20.0, 0.0]);
        assert_eq!((found.profit_margin(0..3), found.earnings_per_share(0..3)), (None, None));
    }

    proptest! {
        #[test]
        fn the_balance_sheet_balances_in_every_bucket(
            buckets in prop::collection::vec((0_u32..5000, 0_u32..5000, 0_u32..5000, 7_u8..32), 1..20),
            opening in prop::array::uniform6(0_u32..9000),
            terms in prop::array::uniform2(0_u16..150),
            rest in prop::array::uniform4(0_u8..100),
        ) {
            let column = |of: fn(&(u32, u32, u32, u8)) -> f64| buckets.iter().map(of).collect::<Vec<f64>>();
            let (revenue, cogs) = (column(|it| it.0.into()), column(|it| it.1.into()));
            let (inventory, days) = (column(|it| it.2.into()), column(|it| it.3.into()));
            let [cash, receivables, payables, stock, fixed_assets, debt] = opening.map(f64::from);
            let [depreciation, overheads, share, preferred_dividends] = rest.map(f64::from);
            let position = Position {
                cash, receivables, payables, inventory: stock, fixed_assets, debt, depreciation, overheads,
                interest_rate: share / 500.0, tax_rate: share / 200.0, receivable_days: terms[0].into(),
                payable_days: terms[1].into(), preferred_dividends, ..Position::default()
            };
            let plan = PlannedMoney { days: &days, revenue: &revenue, cogs: &cogs, inventory: &inventory };
            let found = statements(&plan, &position);
            let mut cash_flows = 0.0;
            for bucket in 0..=buckets.len() {
                let close = found.closing(0..bucket);
                prop_assert!((close.total_assets() - close.liabilities_and_equity()).abs() < 1e-6, "{close:?}");
                if bucket < buckets.len() {
                    cash_flows += found.cash_flow(bucket..bucket + 1);
                }
            }
            let paid = found.preferred_dividends(found.whole());
            prop_assert!((found.closing(found.whole()).cash - (cash + cash_flows - paid)).abs() < 1e-6);
            // What customers owe is never more than was ever invoiced and not yet paid.
            prop_assert!(found.closing(found.whole()).receivables <= receivables + revenue.iter().sum::<f64>() + 1e-6);
        }
    }
}
