//! Key figures and lines of two versions in tables.

use std::cmp::Ordering;

use grid_engine::plan::{ComparisonLine, KpiLine};
use grid_engine::value::order::sort_by;
use leptos::prelude::*;

use crate::charts::Sparkline;
use crate::figures;
use crate::ui::{FiguresTable, Head, Tone};

/// Lines drawn at most; the rest is summed up in one.
const SHOWN: usize = 60;

#[component]
pub(super) fn KpiTable(kpis: Vec<(KpiLine, KpiLine)>, name_a: String, name_b: String) -> impl IntoView {
    let half = kpis.len() / 2;
    let rows = kpis
        .into_iter()
        .enumerate()
        .map(|(index, (a, b))| {
            // Lower rows open their tip upwards: the table cuts off what hangs out below.
            let tip = if index < half { "tip-start defined" } else { "tip-start tip-up defined" };
            let text = |kpi: &KpiLine| {
                kpi.value.map_or_else(|| figures::MISSING.to_owned(), |value| figures::in_unit(value, &kpi.unit))
            };
            let difference = a.value.zip(b.value).map(|(a, b)| b - a);
            let change = difference
                .map_or_else(|| figures::MISSING.to_owned(), |change| figures::difference_in_unit(change, &b.unit));
            // What is shown as no difference has no colour.
            let is_seen = change.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
            let tone = match a.value.zip(b.value) {
                Some((before, after)) if is_seen && b.better.is_improvement(before, after) => Tone::Good,
                Some(_) if is_seen => Tone::Bad,
                _ => Tone::Neutral,
            };
            view! {
                <tr>
                    <th scope="row">
                        <span data-tip=b.definition.clone() class=tip tabindex="0">{b.name.clone()}</span>
                    </th>
                    <td class="number">{text(&a)}</td>
                    <td class="number">{text(&b)}</td>
                    <td class=format!("number tone-{}", tone.class())>{change}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <FiguresTable
            label="Key figures of both versions"
            heads=vec![
                Head::words("Key figure"), Head::numbers(name_a), Head::numbers(name_b),
                Head::numbers("Difference"),
            ]
        >
            {rows}
        </FiguresTable>
    }
}

#[component]
pub(super) fn LineTable(
    lines: Vec<ComparisonLine>,
    noun: &'static str,
    name_a: String,
    name_b: String,
) -> impl IntoView {
    let mut lines = lines;
    let weight = |line: &ComparisonLine| (line.total_b - line.total_a).abs();
    sort_by(&mut lines, |a, b| weight(b).partial_cmp(&weight(a)).unwrap_or(Ordering::Equal));
    let total = sum_of("Total", &lines);
    let rest = (lines.len() > SHOWN).then(|| sum_of(&format!("{} others", lines.len() - SHOWN), &lines[SHOWN..]));
    lines.truncate(SHOWN);
    let widest = lines.iter().map(weight).fold(0.0, f64::max);
    let row = move |line: ComparisonLine| {
        let change = line.total_b - line.total_a;
        let share = figures::change(line.total_a, line.total_b);
        let width = if widest > 0.0 { (change.abs() / widest * 50.0).min(50.0) } else { 0.0 };
        let left = if change < 0.0 { 50.0 - width } else { 50.0 };
        let side = if change < 0.0 { "down" } else { "up" };
        let spark = |values: &[f64]| values.iter().map(|value| value.is_finite().then_some(*value)).collect::<Vec<_>>();
        view! {
            <tr>
                <th scope="row">{line.name.clone()}</th>
                <td class="spark">
                    <Sparkline values=spark(&line.a) second=spark(&line.b) label=format!("{} over time in both versions", line.name) />
                </td>
                <td class="number">{figures::compact(line.total_a)}</td>
                <td class="number">{figures::compact(line.total_b)}</td>
                <td class="diverging" aria-hidden="true">
                    <div><i class=side style=format!("left:{left:.2}%;width:{width:.2}%")></i></div>
                </td>
                <td class="number strong">{figures::signed(figures::compact(change), change)}</td>
                <td class="number">{share.map_or_else(|| figures::MISSING.to_owned(), |share| figures::signed(figures::percent(share), share))}</td>
            </tr>
        }
    };
    let rows = lines.into_iter().chain(rest).map(row).collect_view();
    view! {
        <FiguresTable
            label="Lines of both versions, largest difference first"
            heads=vec![
                Head::words(noun), Head::words("Over time"), Head::numbers(name_a), Head::numbers(name_b),
                Head::words(""), Head::numbers("Difference"), Head::numbers("%"),
            ]
            foot=row(total).into_any()
        >
            {rows}
        </FiguresTable>
    }
}

fn sum_of(name: &str, lines: &[ComparisonLine]) -> ComparisonLine {
    let mut sum = ComparisonLine { name: name.to_owned(), a: Vec::new(), b: Vec::new(), total_a: 0.0, total_b: 0.0 };
    let add = |into: &mut Vec<f64>, values: &[f64]| {
        into.resize(into.len().max(values.len()), 0.0);
        into.iter_mut().zip(values).for_each(|(sum, value)| *sum += if value.is_finite() { *value } else { 0.0 });
    };
    for line in lines {
        add(&mut sum.a, &line.a);
        add(&mut sum.b, &line.b);
        sum.total_a += line.total_a;
        sum.total_b += line.total_b;
    }
    sum
}
