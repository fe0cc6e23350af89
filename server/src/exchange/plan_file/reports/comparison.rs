//! A comparison of versions as pages: every version's figure, and what those after the base differ by.

use grid_engine::plan::{Comparison, ComparisonLine, KpiLine};
use grid_engine::value::NumberFormat;

use super::super::{Page, PageCell, Pages};
use super::{figure, number, page, text, unit};

impl Pages {
    /// The lines with their totals, the lines bucket by bucket, and the key figures.
    pub fn of_comparison(comparison: &Comparison) -> Self {
        let pages = vec![lines(comparison), buckets(comparison), key_figures(comparison)];
        Self { sheets: pages, names: Vec::new() }
    }
}

fn lines(comparison: &Comparison) -> Page {
    let heads = [comparison.by.clone()].into_iter().chain(beside_base(comparison, &["Difference", "Difference %"]));
    let row = |line: &ComparisonLine| {
        let base = line.total_a;
        let mut cells = vec![text(&line.name), number(base, None)];
        for (_, total) in line.versions().skip(1) {
            let share = (base != 0.0).then(|| (total - base) / base.abs());
            cells.extend([number(total, None), number(total - base, None)]);
            cells.push(number(share, Some(NumberFormat::Percent)));
        }
        cells
    };
    page("Lines", heads.collect(), 1, comparison.lines.iter().map(row).collect())
}

fn buckets(comparison: &Comparison) -> Page {
    let heads = [comparison.by.clone(), "Version".to_owned()];
    let heads = heads.into_iter().chain(comparison.buckets.iter().map(ToString::to_string));
    let of_line = |line: &ComparisonLine| -> Vec<Vec<PageCell>> {
        let version = |(values, name): (&[f64], &str)| {
            let values = values.iter().map(|value| number(*value, None));
            [text(&line.name), text(name)].into_iter().chain(values).collect()
        };
        line.versions().map(|(values, _)| values).zip(comparison.names()).map(version).collect()
    };
    page("By bucket", heads.collect(), 2, comparison.lines.iter().flat_map(of_line).collect())
}

fn key_figures(comparison: &Comparison) -> Page {
    let heads = ["Key figure", "Unit"].map(str::to_owned).into_iter().chain(beside_base(comparison, &["Difference"]));
    let row = |versions: &Vec<KpiLine>| {
        let base = versions.first()?;
        let cell = |value: Option<f64>| figure(value, &base.unit);
        let mut cells = vec![text(&base.name), unit(&base.unit), cell(base.value)];
        for version in &versions[1..] {
            cells.extend([cell(version.value), cell(version.value.zip(base.value).map(|(value, base)| value - base))]);
        }
        Some(cells)
    };
    page("Key figures", heads.collect(), 1, comparison.kpis.iter().filter_map(row).collect())
}

/// Headings of the versions: the base alone, the others each with what they differ by.
fn beside_base(comparison: &Comparison, differs: &[&str]) -> Vec<String> {
    let mut heads = Vec::new();
    for (place, name) in comparison.names().enumerate() {
        heads.push(name.to_owned());
        heads.extend(differs.iter().filter(|_| place > 0).map(|words| format!("{name}: {words}")));
    }
    heads
}
