//! Which columns a sheet has, how wide they are, and which of them stay in view.

use grid_engine::calendar::{Bucket, Grain};
use grid_engine::doc::{Measure, MeasureKind, NumberFormat, SheetKind, Span};
use grid_engine::refs::ColId;
use grid_engine::refs::a1::column_letters;
use grid_engine::value::order::{sort_by, sort_by_key};

use super::super::arrange::Cells;
use super::super::source::Shape;
use super::{Across, Column, NARROW_KEY, View};
use crate::figures::MONTHS;

const BUCKET: f64 = 76.0;
const FREE: f64 = 96.0;
/// Frozen columns may take this share of the view before they scroll like the others.
const FROZEN_SHARE: f64 = 0.45;
/// The same of columns that a person froze.
const CHOSEN_SHARE: f64 = 0.7;
/// Narrower than this a key says too little of its row.
const LEAST_KEY: f64 = 64.0;

pub(super) fn columns(
    shape: &Shape,
    view: &View,
    slots: &[usize],
    is_flat: bool,
    character: f64,
    cells: &dyn Cells,
) -> Vec<Column> {
    let given = |col: ColId| shape.widths.iter().find(|(known, _)| *known == col).map(|&(_, width)| f64::from(width));
    let column =
        |across, width: f64, title: String, over: String| Column { across, width, left: 0.0, slot: 0, title, over };
    if shape.kind == SheetKind::Free {
        return shape
            .cols
            .iter()
            .enumerate()
            .map(|(index, &col)| {
                let next = shape.cols.get(index + 1).copied();
                let width = given(col).unwrap_or_else(|| free_width(shape, col, next, character, cells));
                column(Across::Free(col), width, column_letters(index as u32), String::new())
            })
            .collect();
    }
    let mut columns: Vec<Column> = shape
        .measures
        .iter()
        .enumerate()
        .filter(|(_, measure)| !measure.timed && !view.hidden.contains(&measure.id))
        .map(|(index, measure)| {
            let width =
                given(ColId::fixed(measure.id)).unwrap_or_else(|| fixed_width(shape, measure, character, cells));
            column(Across::Fixed(index), width, measure.name.clone(), measure.unit.clone())
        })
        .collect();
    // Keys first: they name the row.
    sort_by_key(&mut columns, |column| match column.across {
        Across::Fixed(index) => shape.measures.get(index).is_none_or(|measure| measure.kind != MeasureKind::Key),
        _ => true,
    });
    let Some(horizon) = shape.horizon else { return columns };
    let spans: Vec<Span> = slots.iter().filter_map(|&slot| shape.measures.get(slot)).map(|one| one.span).collect();
    // Buckets in which no measure of theirs has cells are left out.
    let buckets = |spans: &[Span]| {
        let past = spans.iter().any(|span| *span != Span::Plan);
        let ahead = spans.iter().any(|span| *span != Span::History);
        let shown = move |bucket: &Bucket| if *bucket < horizon.current { past } else { ahead };
        horizon.buckets().filter(shown).map(|bucket| (bucket, bucket_title(bucket)))
    };
    if is_flat {
        for (slot, span) in spans.iter().enumerate() {
            let name = slots.get(slot).and_then(|&slot| shape.measures.get(slot)).map(|one| one.name.as_str());
            columns.extend(buckets(&[*span]).map(|(bucket, (year, part))| {
                let title = format!("{part} {}", year.get(year.len().saturating_sub(2)..).unwrap_or_default());
                let over = name.unwrap_or_default().to_owned();
                Column { slot: slot as u16, ..column(Across::Time(bucket), BUCKET, title, over) }
            }));
        }
    } else if !spans.is_empty() {
        columns.extend(buckets(&spans).map(|(bucket, (year, part))| column(Across::Time(bucket), BUCKET, part, year)));
    }
    columns
}

/// Wide enough for the numbers of a free column, and for texts that have a filled neighbour to their right.
fn free_width(shape: &Shape, col: ColId, next: Option<ColId>, character: f64, cells: &dyn Cells) -> f64 {
    const SAMPLE: usize = 120;
    const WIDEST: f64 = 260.0;
    let longest = shape
        .rows
        .iter()
        .take(SAMPLE)
        .filter_map(|&row| {
            let here = cells.text(row, col.measure);
            let crowded = next.is_some_and(|next| !cells.text(row, next.measure).is_empty());
            (!here.is_empty() && crowded).then(|| here.chars().count())
        })
        .max()
        .unwrap_or(0);
    (longest as f64 * character + 20.0).clamp(FREE, WIDEST).ceil()
}

/// The year over it, and the name of a bucket within its year.
fn bucket_title(bucket: Bucket) -> (String, String) {
    let (year, part) = bucket.year_and_part();
    let name = match bucket.grain() {
        Grain::Month => MONTHS.get(part as usize - 1).map_or_else(String::new, |name| (*name).to_owned()),
        Grain::Week => format!("W{part:02}"),
    };
    (year.to_string(), name)
}

fn fixed_width(shape: &Shape, measure: &Measure, character: f64, cells: &dyn Cells) -> f64 {
    // Enough rows to be right nearly always, few enough to cost nothing.
    const SAMPLE: usize = 200;
    let step = (shape.rows.len() / SAMPLE).max(1);
    let longest = shape
        .rows
        .iter()
        .step_by(step)
        .map(|&row| cells.text(row, measure.id).chars().count())
        // Headings are bold, which takes about a letter more.
        .chain([measure.name.chars().count() + 1, measure.unit.chars().count()])
        .max()
        .unwrap_or(0);
    let narrowest = if matches!(measure.format, NumberFormat::Text | NumberFormat::General) { 56.0 } else { 76.0 };
    // Whole pixels: edges between columns are sharp.
    (longest as f64 * character + 22.0).clamp(narrowest, 180.0).ceil()
}

pub(super) fn label_width(shape: &Shape, slots: &[usize], character: f64) -> f64 {
    let longest = slots
        .iter()
        .filter_map(|&slot| shape.measures.get(slot))
        .map(|measure| {
            let unit = measure.unit.chars().count();
            measure.name.chars().count() + if unit == 0 { 0 } else { unit + 2 }
        })
        .max()
        .unwrap_or(0);
    (longest as f64 * character * 0.96 + 26.0).clamp(84.0, 210.0).ceil()
}

/// Takes from the widest keys what is too much for all to stay in view: rows that differ in a key that is out of view
/// look the same. Where they would become too narrow to read, and where a person chose the width, they keep theirs.
fn narrow_keys(keys: &mut [Column], room: f64, is_chosen: impl Fn(usize) -> bool) {
    let mut widths: Vec<f64> = (0..keys.len()).filter(|index| !is_chosen(*index)).map(|at| keys[at].width).collect();
    sort_by(&mut widths, |a, b| b.total_cmp(a));
    // With the `count` widest made the same, what is left for each.
    let left = |count: usize| {
        let others = keys.iter().map(|key| key.width).sum::<f64>() - widths[..count].iter().sum::<f64>();
        (room - others) / count as f64
    };
    let widest = (1..=widths.len()).map(|count| (left(count), widths.get(count).copied().unwrap_or(0.0)));
    let Some((widest, _)) = widest.into_iter().find(|(left, next)| left >= next) else { return };
    if widest >= LEAST_KEY {
        for (_, key) in keys.iter_mut().enumerate().filter(|(index, _)| !is_chosen(*index)) {
            key.width = key.width.min(widest.floor());
        }
    }
}

/// Decides which leading columns stay, and places all columns within their zones.
pub(super) fn freeze(columns: &mut [Column], shape: &Shape, view: &View, width: f64) -> usize {
    let fixed = columns.iter().take_while(|column| matches!(column.across, Across::Fixed(_))).count();
    let keys = columns
        .iter()
        .take_while(|column| {
            matches!(column.across, Across::Fixed(index)
                if shape.measures.get(index).is_some_and(|measure| measure.kind == MeasureKind::Key))
        })
        .count();
    // A flat sheet freezes its keys, a stacked one its attributes too, as long as time keeps its room.
    let wanted = if fixed == columns.len() { keys } else { fixed };
    let chosen = view.freeze.col.and_then(|col| columns.iter().position(|column| column.across == Across::Free(col)));
    let (wanted, share) = chosen.map_or((wanted, FROZEN_SHARE), |last| (last + 1, CHOSEN_SHARE));
    let room = (width * share).max(NARROW_KEY);
    narrow_keys(&mut columns[..keys], room, |index| view.widths.iter().any(|(chosen, _)| *chosen == index));
    let mut frozen = 0;
    let mut taken = 0.0;
    while frozen < wanted && taken + columns[frozen].width <= room {
        taken += columns[frozen].width;
        frozen += 1;
    }
    let mut left = 0.0;
    for (index, column) in columns.iter_mut().enumerate() {
        if index == frozen {
            left = 0.0;
        }
        column.left = left;
        left += column.width;
    }
    frozen
}
