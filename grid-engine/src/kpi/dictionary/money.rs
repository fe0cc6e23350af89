//! What was earned, and what it took.

use super::super::Better::{Higher, Lower};
use super::super::Unit::{Days, Money, MoneyPerShare, Percent, Times};
use super::super::{Definition, Formula, Native};
use super::{ACCOUNTING, SCOR, define, ratio};

pub(super) fn figures() -> Vec<Definition> {
    let fraction = |id, name, formula, words| ratio(id, name, Percent, Higher, formula, words, ACCOUNTING);
    vec![
        define(
            "revenue",
            "Revenue",
            Money,
            Higher,
            "quantity, price, fx=1",
            Formula::Native(Native::SumOfProducts),
            "Σ quantity · net price · exchange rate",
            ACCOUNTING,
        ),
        ratio(
            "gross_profit",
            "Gross profit",
            Money,
            Higher,
            "revenue - cogs",
            "Revenue − cost of goods sold",
            ACCOUNTING,
        ),
        fraction("gross_margin", "Gross profit margin", "revenue - cogs / revenue", "Gross profit ÷ revenue"),
        fraction("profit_margin", "Profit margin", "net_income / revenue", "Net income ÷ revenue"),
        fraction(
            "nwc_ratio",
            "Net working capital ratio",
            "current_assets - current_liabilities / total_assets",
            "(Current assets − current liabilities) ÷ total assets",
        ),
        ratio(
            "current_ratio",
            "Current ratio",
            Times,
            Higher,
            "current_assets / current_liabilities",
            "Current assets ÷ current liabilities",
            ACCOUNTING,
        ),
        define(
            "return_on_assets",
            "Return on assets",
            Percent,
            Higher,
            "net_income, total_assets",
            Formula::Native(Native::ReturnOnAssets),
            "Net income ÷ mean total assets",
            ACCOUNTING,
        ),
        define(
            "eps_diluted",
            "Earnings per share (diluted)",
            MoneyPerShare,
            Higher,
            "net_income, preferred_dividends, dilutive_add_back, shares, dilutive_shares=0",
            Formula::Native(Native::EarningsPerShare),
            "(Net income − preferred dividends + dilutive add-back) ÷ (weighted shares + dilutive shares); where conversion \
             would raise it, without add-back and dilutive shares",
            "Accounting (IAS 33)",
        ),
        ratio(
            "cash_flow",
            "Cash flow",
            Money,
            Higher,
            "net_income + depreciation - nwc_change",
            "Net income + depreciation − change of net working capital",
            ACCOUNTING,
        ),
        ratio(
            "cash_to_cash",
            "Cash-to-cash",
            Days,
            Lower,
            "inventory_days + receivable_days - payable_days",
            "Days of inventory + days of receivables − days of payables",
            SCOR,
        ),
        fraction("market_share", "Market share", "own / market", "Own sales ÷ market, in units or value"),
        ratio(
            "cost_to_serve",
            "Cost to serve",
            Percent,
            Lower,
            "cost / revenue",
            "Production, material, holding, transport, expedite and backlog cost of the slice ÷ its revenue",
            ACCOUNTING,
        ),
    ]
}
