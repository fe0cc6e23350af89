//! Actuals as a table: the key columns of the demand sheet by their names, `bucket` (`2026-04`, `2026-W05`) or `date`,
//! and `quantity`. Lines of the same row and bucket are summed, so order lines need no summing beforehand.

use std::collections::{BTreeMap, BTreeSet};

use grid_engine::calendar::Bucket;
use grid_engine::doc::{Measure, MeasureKind, SheetMirror};
use grid_engine::refs::RowId;
use grid_engine::workbook::Workbook;

use super::plan_file::reading::rows_by_key;
use super::table_file::{Problems, TableFile, TableRow};

/// A table read and found good.
pub struct Actuals {
    pub lines: usize,
    /// By row and bucket.
    pub values: Vec<(RowId, Bucket, f64)>,
}

impl Actuals {
    /// The buckets there is something for, in order.
    pub fn buckets(&self) -> Vec<Bucket> {
        let buckets: BTreeSet<Bucket> = self.values.iter().map(|(_, bucket, _)| *bucket).collect();
        buckets.into_iter().collect()
    }

    /// What it is, for the edit log.
    pub fn told(&self) -> String {
        format!("{} lines of actuals for {} buckets", self.lines, self.buckets().len())
    }
}

/// Reads a table for a demand sheet.
///
/// # Errors
/// Every problem as line, column and reason; nothing is taken over from a table with problems.
pub fn read(bytes: &[u8], workbook: &Workbook, sheet: &SheetMirror) -> Result<Actuals, Vec<String>> {
    let mut problems = Problems::default();
    let keys: Vec<&Measure> = sheet.measures().iter().filter(|measure| measure.kind == MeasureKind::Key).collect();
    let columns: Vec<String> = keys.iter().map(|key| key.name.to_lowercase()).collect();
    let wanted: Vec<&str> = columns.iter().map(String::as_str).chain(["quantity"]).collect();
    let table = TableFile::of_bytes("actuals", bytes, &wanted, &mut problems);
    problems.into_result()?;
    let Some(horizon) = sheet.meta().horizon else {
        return Err(vec![format!("{} has no horizon, so nothing in it can have an actual", sheet.meta().title)]);
    };
    let is_dated = !table.header().iter().any(|name| name.eq_ignore_ascii_case("bucket"));
    if is_dated && !table.header().iter().any(|name| name.eq_ignore_ascii_case("date")) {
        return Err(vec!["actuals: has no column bucket (such as 2026-04) or date in its header row".to_owned()]);
    }
    let known = rows_by_key(workbook, sheet, &keys);
    let mut problems = Problems::default();
    let mut sums: BTreeMap<(RowId, Bucket), f64> = BTreeMap::new();
    let mut lines = 0;
    for line in table.rows() {
        lines += 1;
        let bucket = bucket_of(&line, is_dated, horizon.current, &mut problems);
        let key: Vec<String> = columns.iter().map(|column| line.text(column).trim().to_owned()).collect();
        let row = known.get(&key).copied();
        let title = &sheet.meta().title;
        let reason = match row {
            Some(Some(_)) => None,
            None => Some(format!("{title} has no row {}: add it first, or leave the line out", key.join(" / "))),
            Some(None) => Some(format!("{title} has several rows {}: delete those that are too many", key.join(" / "))),
        };
        if let Some(reason) = reason {
            line.problem(&columns.join(", "), &reason, &mut problems);
        }
        let quantity = line.number("quantity", 0.0, &mut problems);
        if let Some(outside) = bucket.filter(|bucket| *bucket < horizon.first || *bucket > horizon.last) {
            let reason = format!("{outside} lies outside the plan ({} to {})", horizon.first, horizon.last);
            line.problem(if is_dated { "date" } else { "bucket" }, &reason, &mut problems);
        } else if let (Some(bucket), Some(quantity), Some(row)) = (bucket, quantity, row.flatten()) {
            *sums.entry((row, bucket)).or_default() += quantity;
        }
    }
    problems.into_result()?;
    Ok(Actuals { lines, values: sums.into_iter().map(|((row, bucket), sum)| (row, bucket, sum)).collect() })
}

fn bucket_of(line: &TableRow<'_>, is_dated: bool, like: Bucket, problems: &mut Problems) -> Option<Bucket> {
    if is_dated {
        return line.date("date", problems).map(|day| Bucket::containing(day, like.grain()));
    }
    let text = line.text("bucket");
    let reason = match text.parse::<Bucket>() {
        Ok(bucket) if bucket.grain() == like.grain() => return Some(bucket),
        Ok(_) => format!("{text:?} is not of the plan's kind: write it like {like}"),
        Err(error) => format!("{text:?}: {error}"),
    };
    line.problem("bucket", &reason, problems);
    None
}
