//! Key figures and lines of the versions in tables: after the base, each has its figure and what it differs by.

use grid_engine::plan::{ComparisonLine, KpiLine};
use leptos::prelude::*;

use crate::charts::Sparkline;
use crate::figures;
use crate::ui::{FiguresTable, Head, Tone};

/// Lines drawn at most; the rest is summed up in one.
const SHOWN: usize = 60;

#[component]
pub(super) fn KpiTable(kpis: Vec<Vec<KpiLine>>, names: Vec<String>) -> impl IntoView {
    let half = kpis.len() / 2;
    let rows = kpis
        .into_iter()
        .enumerate()
        .filter_map(|(index, versions)| {
            // Lower rows open their tip upwards: the table cuts off what hangs out below.
            let tip = if index < half { "tip-start defined" } else { "tip-start tip-up defined" };
            let (base, last) = (versions.first()?.clone(), versions.last()?.clone());
            let further = versions.into_iter().skip(1).map(|kpi| kpi_cells(&base, kpi)).collect_view();
            Some(view! {
                <tr>
                    <th scope="row">
                        <span data-tip=last.definition class=tip tabindex="0">{last.name}</span>
                    </th>
                    <td class="number">{kpi_text(&base)}</td>
                    {further}
                </tr>
            })
        })
        .collect_view();
    let heads = heads(vec![Head::words("Key figure")], names, &["Difference"]);
    view! {
        <FiguresTable label="Key figures of the versions" heads>
            {rows}
        </FiguresTable>
    }
}

fn kpi_text(kpi: &KpiLine) -> String {
    kpi.value.map_or_else(|| figures::MISSING.to_owned(), |value| figures::in_unit(value, &kpi.unit))
}

/// A key figure in a version after the base, and what it differs by.
fn kpi_cells(base: &KpiLine, kpi: KpiLine) -> impl IntoView + use<> {
    let both = base.value.zip(kpi.value);
    let change = both.map_or_else(
        || figures::MISSING.to_owned(),
        |(before, after)| figures::difference_in_unit(after - before, &kpi.unit),
    );
    // What is shown as no difference has no colour.
    let is_seen = change.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let tone = match both {
        Some((before, after)) if is_seen && kpi.better.is_improvement(before, after) => Tone::Good,
        Some(_) if is_seen => Tone::Bad,
        _ => Tone::Neutral,
    };
    view! {
        <td class="number">{kpi_text(&kpi)}</td>
        <td class=format!("number tone-{}", tone.class())>{change}</td>
    }
}

#[component]
pub(super) fn LineTable(lines: Vec<ComparisonLine>, noun: String, names: Vec<String>) -> impl IntoView {
    let mut lines = lines;
    // Of two versions the difference is drawn, too; of more there is no room.
    let has_bar = names.len() == 2;
    let total = sum_of("Total", &lines);
    let rest = (lines.len() > SHOWN).then(|| sum_of(&format!("{} others", lines.len() - SHOWN), &lines[SHOWN..]));
    lines.truncate(SHOWN);
    let widest = lines.iter().map(ComparisonLine::largest_difference).fold(0.0, f64::max);
    let row = move |line: ComparisonLine| {
        let spark = |values: &[f64]| values.iter().map(|value| value.is_finite().then_some(*value)).collect::<Vec<_>>();
        let beside: Vec<_> = line.versions().skip(1).map(|(values, _)| spark(values)).collect();
        let base = line.total_a;
        let bar = has_bar.then(|| bar(line.total_b - base, widest));
        let mut bars = bar.into_iter();
        let further = line.versions().skip(1);
        let further = further.map(|(_, total)| line_cells(base, total, bars.next())).collect_view();
        view! {
            <tr>
                <th scope="row">{line.name.clone()}</th>
                <td class="spark">
                    <Sparkline values=spark(&line.a) beside label=format!("{} over time in the versions", line.name) />
                </td>
                <td class="number">{figures::compact(base)}</td>
                {further}
            </tr>
        }
    };
    let rows = lines.into_iter().chain(rest).map(row).collect_view();
    let first = vec![Head::words(noun), Head::words("Over time")];
    let heads = heads(first, names, if has_bar { &["", "Difference", "%"] } else { &["Difference", "%"] });
    view! {
        <FiguresTable label="Lines of the versions, largest difference first" heads foot=row(total).into_any()>
            {rows}
        </FiguresTable>
    }
}

/// A line in a version after the base: its total, the difference drawn and told, and its share of the base.
fn line_cells(base: f64, total: f64, bar: Option<impl IntoView>) -> impl IntoView {
    let change = total - base;
    let share = figures::change(base, total);
    view! {
        <td class="number">{figures::compact(total)}</td>
        {bar}
        <td class="number strong">{figures::signed(figures::compact(change), change)}</td>
        <td class="number">{share.map_or_else(|| figures::MISSING.to_owned(), |share| figures::signed(figures::percent(share), share))}</td>
    }
}

/// A difference drawn to either side of nothing; the widest fills its side.
fn bar(change: f64, widest: f64) -> impl IntoView {
    let width = if widest > 0.0 { (change.abs() / widest * 50.0).min(50.0) } else { 0.0 };
    let left = if change < 0.0 { 50.0 - width } else { 50.0 };
    let side = if change < 0.0 { "down" } else { "up" };
    view! {
        <td class="diverging" aria-hidden="true">
            <div><i class=side style=format!("left:{left:.2}%;width:{width:.2}%")></i></div>
        </td>
    }
}

/// What stands over the columns: of two versions all in one line, of more each version over its own columns.
fn heads(first: Vec<Head>, names: Vec<String>, differs: &[&'static str]) -> Vec<Head> {
    let (mut heads, are_two) = (first, names.len() == 2);
    for (place, name) in names.into_iter().enumerate() {
        let differs = differs.iter().map(|words| Head::numbers(*words));
        match place {
            0 => heads.push(Head::numbers(name)),
            _ if are_two => heads.extend([Head::numbers(name)].into_iter().chain(differs)),
            _ => heads.push(Head::over(name, [Head::numbers("Figure")].into_iter().chain(differs).collect())),
        }
    }
    heads
}

/// Several lines in one.
fn sum_of(name: &str, lines: &[ComparisonLine]) -> ComparisonLine {
    let mut sums: Vec<Vec<f64>> = Vec::new();
    for (version, (values, _)) in lines.iter().flat_map(|line| line.versions().enumerate()) {
        if sums.len() <= version {
            sums.push(Vec::new());
        }
        let sum = &mut sums[version];
        sum.resize(sum.len().max(values.len()), 0.0);
        sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += if value.is_finite() { *value } else { 0.0 });
    }
    ComparisonLine::of(name.to_owned(), sums)
}
