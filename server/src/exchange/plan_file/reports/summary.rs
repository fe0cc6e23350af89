//! What an executive reads of a version: its key figures, families and regions, buckets, capacity and shortages.

use grid_engine::calendar::Bucket;
use grid_engine::plan::{ItemLife, KpiLine, PlanSummary, SliceLine};
use grid_engine::value::NumberFormat;

use super::super::{Page, PageCell, Pages};
use super::{blank, figure, heads, number, page, text, unit};

impl Pages {
    /// The pages of a summary; those that would be empty are left out.
    pub fn of_summary(summary: &PlanSummary) -> Self {
        let pages = [
            key_figures(summary),
            slices("Families", "Family", &summary.by_family),
            slices("Regions", "Region", &summary.by_region),
            over_time(summary),
            capacity(summary),
            causes(summary),
            shortages(summary),
            lives(summary),
        ];
        Self { sheets: pages.into_iter().filter(|page| !page.rows.is_empty()).collect(), names: Vec::new() }
    }
}

/// Stands beside a figure that a version, being one side of a plan, does not hold.
const ABSENT: &str = "not part of this version";

fn key_figures(summary: &PlanSummary) -> Page {
    let money = |(name, value): (&str, Option<f64>)| {
        let words = if value.is_none() { text(ABSENT) } else { blank() };
        vec![text(name), text(&summary.currency), number(value, None), blank(), blank(), words]
    };
    let headline = summary.headline;
    let headline = [("Revenue", headline.revenue), ("Cost", headline.cost), ("Profit", headline.profit)];
    let mut rows: Vec<Vec<PageCell>> = headline.map(money).into();
    let line = |kpi: &KpiLine| {
        let of = if kpi.unit == "money" { &summary.currency } else { &kpi.unit };
        let judged = kpi.value.zip(kpi.target).map(|(value, target)| kpi.better.meets(value, target));
        let judged = judged.map_or("", |meets| if meets { "yes" } else { "no" });
        let words = kpi.reason.as_deref().unwrap_or(&kpi.definition);
        let cells = [text(&kpi.name), unit(of), figure(kpi.value, &kpi.unit), figure(kpi.target, &kpi.unit)];
        cells.into_iter().chain([text(judged), text(words)]).collect()
    };
    rows.extend(summary.kpis.iter().map(line));
    page("Key figures", heads(["Key figure", "Unit", "Value", "Target", "Meets target", "Meaning"]), 1, rows)
}

fn slices(title: &str, noun: &str, lines: &[SliceLine]) -> Page {
    let row = |line: &SliceLine| {
        let margin = line.profit.zip(line.revenue.filter(|revenue| *revenue != 0.0));
        let margin = margin.map(|(profit, revenue)| profit / revenue);
        let figures = [line.demand, line.served, line.revenue, line.cost, line.profit].map(|value| number(value, None));
        [text(&line.name)]
            .into_iter()
            .chain(figures)
            .chain([number(margin, Some(NumberFormat::Percent)), number(line.history, None), number(line.budget, None)])
            .collect()
    };
    let heads =
        heads([noun, "Demand", "Served", "Revenue", "Cost", "Profit", "Margin", "Units a year before", "Budget"]);
    page(title, heads, 1, lines.iter().map(row).collect())
}

fn over_time(summary: &PlanSummary) -> Page {
    let row = |line: &grid_engine::plan::BucketLine| {
        let figures = [line.history, line.baseline, line.consensus, line.served];
        let money = [line.revenue, line.cost, line.profit, line.budget];
        let cells = figures.into_iter().chain(money).map(|value| number(value, None));
        [text(&line.bucket.to_string())].into_iter().chain(cells).collect()
    };
    let heads = heads(["Bucket", "History", "Baseline", "Consensus", "Served", "Revenue", "Cost", "Profit", "Budget"]);
    page("Over time", heads, 1, summary.by_bucket.iter().map(row).collect())
}

/// Resources by rows, buckets by columns.
fn capacity(summary: &PlanSummary) -> Page {
    let mut buckets: Vec<_> =
        summary.utilisation.iter().flat_map(|line| line.by_bucket.iter().map(|(bucket, _)| *bucket)).collect();
    buckets.sort_unstable();
    buckets.dedup();
    let heads = ["Resource".to_owned()].into_iter().chain(buckets.iter().map(ToString::to_string)).collect();
    let row = |line: &grid_engine::plan::UtilisationLine| {
        let used = |bucket| line.by_bucket.iter().find(|(other, _)| other == bucket).map(|(_, used)| *used);
        let used = buckets.iter().map(|bucket| number(used(bucket), Some(NumberFormat::Percent)));
        [text(&line.resource)].into_iter().chain(used).collect()
    };
    page("Capacity used", heads, 1, summary.utilisation.iter().map(row).collect())
}

/// All units late or lost by what stands in the way; the page of shortages comes to the same.
fn causes(summary: &PlanSummary) -> Page {
    let row = |(cause, units): &(String, f64)| vec![text(cause), number(*units, None)];
    page("Shortages by cause", heads(["Cause", "Short or late"]), 1, summary.causes.iter().map(row).collect())
}

fn shortages(summary: &PlanSummary) -> Page {
    let row = |line: &grid_engine::plan::Shortage| -> Vec<PageCell> {
        let bucket = line.bucket.to_string();
        let keys = [line.item.as_str(), &line.region, &bucket].map(text);
        keys.into_iter().chain([number(line.quantity, None), text(&line.cause)]).collect()
    };
    let heads = heads(["Item", "Region", "Bucket", "Short or late", "Cause"]);
    page("Shortages", heads, 3, summary.shortages.iter().map(row).collect())
}

fn lives(summary: &PlanSummary) -> Page {
    let row = |line: &ItemLife| -> Vec<PageCell> {
        let bucket = |bucket: Option<Bucket>| bucket.map_or_else(blank, |bucket| text(&bucket.to_string()));
        vec![
            text(&line.item),
            bucket(line.begins),
            bucket(line.ends),
            number(line.sold, None),
            number(line.planned, None),
        ]
    };
    let heads = heads(["Item", "First bucket", "Last bucket", "Units sold in the season before", "Units planned"]);
    page("New and ending items", heads, 1, summary.lives.iter().map(row).collect())
}
