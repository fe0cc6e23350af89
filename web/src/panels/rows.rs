//! Several selected rows over time: the plan of each, and what they come to together.

use std::cmp::Ordering;

use leptos::prelude::*;

use super::series::{SeriesFigures, facts, facts_list};
use crate::charts::{Mark, Series, TimeChart};

/// What tells lines apart; where there are more rows, the last stands for all that have none of their own.
const COLOURS: [&str; 8] = [
    "var(--chart-1)",
    "var(--chart-2)",
    "var(--chart-3)",
    "var(--chart-4)",
    "var(--chart-5)",
    "var(--chart-6)",
    "var(--chart-7)",
    "var(--chart-8)",
];

/// Rows over time; all lines are as long as the total's buckets.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsFigures {
    /// All rows together.
    total: SeriesFigures,
    /// How many rows they are.
    count: usize,
    /// What came, then what is planned, of each row: of the largest ones and of all others together where they are many.
    lines: Vec<(String, Vec<Option<f64>>)>,
}

impl RowsFigures {
    /// Rows of one sheet; `None` of fewer than two.
    pub fn of(rows: Vec<SeriesFigures>) -> Option<Self> {
        let count = rows.len();
        let mut lines: Vec<_> = rows.iter().map(|row| (row.title.clone(), line(row))).collect();
        let (first, others) = rows.split_first().filter(|(_, others)| !others.is_empty())?;
        let mut total = SeriesFigures { title: format!("{count} rows"), forecast_at: None, ..first.clone() };
        for row in others {
            add(&mut total.history, &row.history);
            add(&mut total.baseline, &row.baseline);
            add(&mut total.consensus, &row.consensus);
        }
        if count > COLOURS.len() {
            let size = |line: &[Option<f64>]| line.iter().flatten().map(|value| value.abs()).sum::<f64>();
            lines.sort_by(|a, b| size(&b.1).partial_cmp(&size(&a.1)).unwrap_or(Ordering::Equal));
            let small = lines.split_off(COLOURS.len() - 1);
            let mut together = vec![None; total.buckets.len()];
            small.iter().for_each(|(_, values)| add(&mut together, values));
            lines.push((format!("{} others together", small.len()), together));
        }
        Some(Self { total, count, lines })
    }
}

/// What came of a row, then what is planned.
fn line(row: &SeriesFigures) -> Vec<Option<f64>> {
    row.consensus.iter().zip(&row.history).map(|(plan, came)| plan.or(*came)).collect()
}

/// Adds values bucket by bucket; what is blank in both stays so.
fn add(sum: &mut [Option<f64>], values: &[Option<f64>]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum = match (*sum, *value) {
            (Some(sum), Some(value)) => Some(sum + value),
            (sum, value) => sum.or(value),
        };
    }
}

/// Chart of the rows and key figures of all of them together.
#[component]
pub fn SeveralRows(rows: RowsFigures) -> impl IntoView {
    let RowsFigures { total, count, lines } = rows;
    let facts = facts(&total);
    let coloured = lines.into_iter().zip(COLOURS);
    let series = coloured.map(|((name, values), colour)| Series { name, colour, mark: Mark::Line, values }).collect();
    let title = format!("{} of {count} rows", total.plan_name);
    let from = total.plan_from.or(total.buckets.last().copied());
    view! {
        <div class="panel-body">
            <header class="panel-head">
                <h3 class="truncate">{title.clone()}</h3>
                <span class="muted">{total.unit}</span>
            </header>
            {from.map(|from| view! { <TimeChart title=title buckets=total.buckets series=series plan_from=from height=220.0 /> })}
            {facts_list(facts)}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use grid_engine::calendar::Bucket;
    use grid_engine::refs::{Id, RowId, SheetId};

    use super::*;

    /// A row of four months, the last two of them planned.
    fn row(title: &str, came: f64, planned: Option<f64>) -> SeriesFigures {
        let id = Id::from_number(1);
        SeriesFigures {
            title: title.to_owned(),
            unit: "t".to_owned(),
            buckets: (1..=4).map(|month| Bucket::month(2026, month).unwrap()).collect(),
            plan_from: Bucket::month(2026, 3),
            history: vec![Some(came), Some(came), None, None],
            baseline: vec![None; 4],
            consensus: vec![None, None, planned, planned],
            plan_name: "Consensus".to_owned(),
            row: (SheetId(id), RowId(id)),
            forecast_at: None,
        }
    }

    #[test]
    fn rows_keep_their_lines_and_add_up() {
        assert_eq!(RowsFigures::of(vec![row("a", 1.0, None)]), None, "one row is no several");
        let rows = RowsFigures::of(vec![row("a", 1.0, Some(5.0)), row("b", 2.0, None)]).unwrap();
        assert_eq!(rows.lines[0], ("a".to_owned(), vec![Some(1.0), Some(1.0), Some(5.0), Some(5.0)]));
        assert_eq!(rows.lines[1], ("b".to_owned(), vec![Some(2.0), Some(2.0), None, None]));
        assert_eq!(rows.total.history, [Some(3.0), Some(3.0), None, None]);
        assert_eq!(rows.total.consensus, [None, None, Some(5.0), Some(5.0)], "a blank takes nothing from the sum");
    }

    #[test]
    fn of_many_the_largest_have_lines_and_the_rest_one() {
        let many = (1..=10).map(|size| row(&size.to_string(), f64::from(size), Some(f64::from(size)))).collect();
        let rows = RowsFigures::of(many).unwrap();
        let names: Vec<&str> = rows.lines.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["10", "9", "8", "7", "6", "5", "4", "3 others together"]);
        assert_eq!(rows.lines[7].1, [Some(6.0); 4]);
        let all: f64 = rows.lines.iter().filter_map(|(_, values)| values[3]).sum();
        assert_eq!(Some(all), rows.total.consensus[3], "nothing is counted twice or left out");
    }
}
