//! A frozen version brought back to life, to prove that its values follow from its inputs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::freeze::{FrozenRead, REASONS, SCENARIOS, SHEETS, SUMMARY, VERSIONS, sheet_part};
use super::head::are_alike;
use super::row_shortages::shortages;
use super::summary::summarise;
use super::supply_page::ShortageLine;
use super::version::PlanSummary;
use crate::doc::{MeasureKind, SheetInfo};
use crate::refs::{ColId, MeasureId, RoomId, SheetId};
use crate::value::Value;
use crate::value::order::alike;
use crate::wire::{FrameColumn, Scalar, SheetFrame};
use crate::workbook::{Facts, ScenarioTable, Side, VersionValues, Workbook};

/// Why a bundle cannot be opened; each says which part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReopenError {
    #[error("the part {0} is missing")]
    Missing(String),
    #[error("the part {part} cannot be read: {reason}")]
    Unreadable { part: String, reason: String },
}

/// Whether the shortages a bundle tells of are those of the plan its workbook comes to, once that is calculated; what is
/// wrong in words.
///
/// # Errors
/// When the part cannot be read.
pub fn wrong_reasons(parts: &[(String, Vec<u8>)], workbook: &Workbook) -> Result<Option<String>, ReopenError> {
    if !parts.iter().any(|(name, _)| name == REASONS) {
        return Ok(None);
    }
    let frozen: Vec<ShortageLine> = read(parts, REASONS)?;
    let now = shortages(workbook).map(|(_, lines)| lines).unwrap_or_default();
    let names = |line: &ShortageLine| ShortageLine { units: 0.0, ..line.clone() };
    let same = |(a, b): (&ShortageLine, &ShortageLine)| names(a) == names(b) && alike(a.units, b.units);
    let wrong = frozen.iter().zip(&now).filter(|pair| !same(*pair)).count() + frozen.len().abs_diff(now.len());
    Ok((wrong > 0)
        .then(|| format!("{wrong} of {} shortages and their causes do not follow from its plan", frozen.len())))
}

/// The frames of a bundle's parts, in tab order.
///
/// # Errors
/// Names the part that is missing or damaged.
pub fn frozen_frames(parts: &[(String, Vec<u8>)]) -> Result<Vec<SheetFrame>, ReopenError> {
    let sheets: Vec<SheetInfo> = read(parts, SHEETS)?;
    sheets.iter().map(|info| read(parts, &sheet_part(info.id))).collect()
}

/// The workbook a bundle was frozen from: its documents, and its layers as they stand in the frames. Values are not
/// calculated yet.
///
/// # Errors
/// Names the part that is missing or damaged.
pub fn reopen(parts: &[(String, Vec<u8>)]) -> Result<Workbook, ReopenError> {
    let mut workbook = Workbook::new(Side::Server, 1);
    let mut rooms = Vec::new();
    for (name, bytes) in parts {
        if let Some(room) = name.strip_prefix("room:") {
            let room: RoomId = room.parse().map_err(|_| unreadable(name, "it names no room"))?;
            rooms.push((room, name, bytes));
        }
    }
    // The book first: it names the sheets, whose rooms say what their parts mean.
    rooms.sort_by_key(|(room, ..)| *room);
    for (room, name, bytes) in rooms {
        workbook.open_room(room, bytes).map_err(|error| unreadable(name, &error.to_string()))?;
    }
    for (sheet, measure, facts) in frozen_layers(parts)? {
        workbook.set_facts(sheet, measure, facts);
    }
    if parts.iter().any(|(name, _)| name == VERSIONS) {
        for read in read::<Vec<FrozenRead>>(parts, VERSIONS)? {
            let (of, values) = read.read();
            let numbers = &values.numbers;
            if numbers.values.len() != numbers.rows.len() * numbers.width {
                return Err(unreadable(VERSIONS, &format!("{} of {} is ragged", of.measure, of.version)));
            }
            workbook.set_version_facts(of, Ok(values));
        }
    }
    if parts.iter().any(|(name, _)| name == SCENARIOS) {
        workbook.set_scenarios(Arc::new(read::<ScenarioTable>(parts, SCENARIOS)?));
    }
    Ok(workbook)
}

/// The layers of a bundle, as they stand in its frames.
///
/// # Errors
/// Names the part that is missing or damaged.
pub fn frozen_layers(parts: &[(String, Vec<u8>)]) -> Result<Vec<(SheetId, MeasureId, Facts)>, ReopenError> {
    let mut layers = Vec::new();
    for frame in frozen_frames(parts)? {
        let measures = frame.measures.iter().filter(|measure| measure.kind == MeasureKind::Layer);
        layers.extend(measures.map(|measure| (frame.info.id, measure.id, layer(&frame, measure.id, measure.timed))));
    }
    Ok(layers)
}

/// A measure of a frame as its cells hold it; `None` where the sheet has no such measure.
pub fn frozen_measure(frame: &SheetFrame, measure: MeasureId) -> Option<VersionValues> {
    let timed = frame.measures.iter().find(|found| found.id == measure)?.timed;
    let numbers = layer(frame, measure, timed);
    let columns = columns_of(frame, measure, timed);
    let mut others = BTreeMap::new();
    for row in 0..frame.rows.len() {
        for (step, column) in columns.iter().enumerate() {
            match column.and_then(|column| column.values.get(row)) {
                None | Some(Scalar::Blank(()) | Scalar::Number(_)) => {}
                Some(value) => drop(others.insert(row * numbers.width + step, Value::from(value.clone()))),
            }
        }
    }
    let history = frame.meta.horizon.filter(|_| timed).map_or(0, |horizon| horizon.current_index());
    Some(VersionValues { numbers, others, history: Some(history) })
}

/// The columns of a measure, bucket by bucket; a column without any value may be left out.
fn columns_of(frame: &SheetFrame, measure: MeasureId, timed: bool) -> Vec<Option<&FrameColumn>> {
    let columns: HashMap<ColId, &FrameColumn> = frame.columns.iter().map(|column| (column.col, column)).collect();
    match frame.meta.horizon.filter(|_| timed) {
        Some(horizon) => horizon.buckets().map(|bucket| columns.get(&ColId::timed(measure, bucket)).copied()).collect(),
        None => vec![columns.get(&ColId::fixed(measure)).copied()],
    }
}

/// The numbers of a measure.
fn layer(frame: &SheetFrame, measure: MeasureId, timed: bool) -> Facts {
    let columns = columns_of(frame, measure, timed);
    let value = |column: &Option<&FrameColumn>, row: usize| match column.and_then(|column| column.values.get(row)) {
        Some(Scalar::Number(number)) => *number,
        _ => f64::NAN,
    };
    Facts {
        rows: frame.rows.clone(),
        first: frame.meta.horizon.filter(|_| timed).map(|horizon| horizon.first),
        width: columns.len(),
        values: (0..frame.rows.len()).flat_map(|row| columns.iter().map(move |column| value(column, row))).collect(),
    }
}

/// Where two states of a plan differ: at most `most` cells, each as `Sheet, row, column: frozen …, now …`, and how many
/// there are in all. Errors are the same by their kind.
pub fn differences(frozen: &[SheetFrame], now: &[SheetFrame], most: usize) -> (usize, Vec<String>) {
    let (mut count, mut told) = (0, Vec::new());
    let mut tell = |words: &dyn Fn() -> String| {
        count += 1;
        if told.len() < most {
            told.push(words());
        }
    };
    for frame in frozen {
        let title = &frame.info.title;
        let Some(other) = now.iter().find(|other| other.info.id == frame.info.id) else {
            tell(&|| format!("the sheet {title} is not there any more"));
            continue;
        };
        if frame.rows != other.rows {
            tell(&|| format!("{title} has other rows"));
            continue;
        }
        let columns: HashMap<ColId, &FrameColumn> = other.columns.iter().map(|column| (column.col, column)).collect();
        for column in &frame.columns {
            let found = columns.get(&column.col);
            for (place, value) in column.values.iter().enumerate() {
                let again = found.and_then(|found| found.values.get(place));
                if again.is_none_or(|again| !same(value, again)) {
                    let row = &frame.rows[place];
                    tell(&|| format!("{title}, row {row}, {}: frozen {value:?}, now {again:?}", column.col));
                }
            }
        }
    }
    (count, told)
}

/// The headline and key figures of a bundle's summary that do not follow from its frames, in words.
///
/// # Errors
/// Names the part that is missing or damaged.
pub fn wrong_figures(parts: &[(String, Vec<u8>)], frames: &[SheetFrame]) -> Result<Vec<String>, ReopenError> {
    let frozen: PlanSummary = read(parts, SUMMARY)?;
    let now = summarise(frames, &frozen.workbook, &frozen.currency);
    let headline = [
        ("Revenue", frozen.headline.revenue, now.headline.revenue),
        ("Cost", frozen.headline.cost, now.headline.cost),
        ("Profit", frozen.headline.profit, now.headline.profit),
    ];
    let wrong = headline.into_iter().filter(|(_, frozen, now)| !are_alike(*frozen, *now));
    let wrong = wrong.map(|(name, frozen, now)| (name.to_owned(), frozen, now));
    let kpis = frozen.kpis.iter().map(|kpi| {
        let again = now.kpis.iter().find(|again| again.id == kpi.id);
        (kpi.name.clone(), kpi.value, again.and_then(|again| again.value))
    });
    let kpis = kpis.filter(|(_, frozen, now)| match (frozen, now) {
        (Some(frozen), Some(now)) => !alike(*frozen, *now),
        (frozen, now) => frozen != now,
    });
    Ok(wrong.chain(kpis).map(|(name, frozen, now)| format!("{name}: frozen {frozen:?}, now {now:?}")).collect())
}

fn same(a: &Scalar, b: &Scalar) -> bool {
    match (a, b) {
        (Scalar::Number(a), Scalar::Number(b)) => alike(*a, *b),
        (Scalar::Error { error: a, .. }, Scalar::Error { error: b, .. }) => a == b,
        (a, b) => a == b,
    }
}

pub(super) fn read<T: serde::de::DeserializeOwned>(parts: &[(String, Vec<u8>)], part: &str) -> Result<T, ReopenError> {
    let (_, bytes) =
        parts.iter().find(|(name, _)| name == part).ok_or_else(|| ReopenError::Missing(part.to_owned()))?;
    serde_json::from_slice(bytes).map_err(|error| unreadable(part, &error.to_string()))
}

pub(super) fn unreadable(part: &str, reason: &str) -> ReopenError {
    ReopenError::Unreadable { part: part.to_owned(), reason: reason.to_owned() }
}
