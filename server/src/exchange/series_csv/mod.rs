//! Time series in long form: one row per series and period, as CSV or gzipped CSV.
//!
//! Columns `series_id`, `period_index` or `date`, `value`; optional `dataset`, `split`, `horizon`, `seasonality`, and
//! regressors by the names they are asked for. Further columns are ignored. An empty value and a period without a row are
//! both missing, not zero. With regressors, rows after a series' last value are buckets to come.

mod columns;
mod order;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use csv::StringRecord;
use grid_engine::calendar::Date;
use grid_engine::forecast::Driver;

use columns::Columns;

/// What reading stops at, however small the compressed file: a gigabyte of text.
const MOST_BYTES: u64 = 1 << 30;
/// More buckets in one series are a mistyped period.
const MOST_BUCKETS: i64 = 100_000;
/// Bad rows listed before the rest is only counted.
const MOST_PROBLEMS: usize = 100;

/// One series as read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesRow {
    /// Empty where the file has no such column.
    pub dataset: String,
    pub id: String,
    /// From the first to the last period with a row, oldest first.
    pub history: Vec<Option<f64>>,
    /// The rows marked `test`, oldest first.
    pub test: Vec<Option<f64>>,
    /// From the file's columns.
    pub horizon: Option<usize>,
    pub season: Option<usize>,
    /// What it is grouped by, in the order asked for.
    pub keys: Vec<String>,
    /// What drives it, from the first period of `history` on, in the order asked for.
    pub drivers: Vec<Driver>,
    /// Further numbers, from the first period of `history` on, in the order asked for.
    pub optional: Vec<Vec<Option<f64>>>,
    /// Number of the first period, in the steps of [`SeriesFile::step`].
    pub first: i64,
}

/// What one step from period to period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `period_index` counts.
    Index,
    Month,
    Week,
    Day,
}

impl Step {
    /// Periods per season, where the kind of period says it.
    pub fn season(self) -> usize {
        match self {
            Self::Index => 1,
            Self::Month => 12,
            Self::Week => 52,
            Self::Day => 7,
        }
    }

    /// The period as the file would write it.
    pub fn label(self, number: i64) -> String {
        let day = |days: i64| i32::try_from(days).map_or_else(|_| days.to_string(), |d| Date::from_days(d).to_string());
        match self {
            Self::Index => number.to_string(),
            Self::Month => format!("{:04}-{:02}", number.div_euclid(12), number.rem_euclid(12) + 1),
            Self::Week => day(number * 7),
            Self::Day => day(number),
        }
    }
}

/// All series of a file, in the order of their first rows.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesFile {
    pub series: Vec<SeriesRow>,
    pub step: Step,
}

/// Columns beside the usual ones, by name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Further<'a> {
    /// Numbers that drive demand.
    pub regressors: &'a [String],
    /// Numbers that rows may leave empty.
    pub optional: &'a [Amount],
    /// What series are grouped by: texts that stay the same through a series.
    pub keys: &'a [String],
}

/// A column of numbers from 0 to a largest one.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    pub name: String,
    /// 1 for shares, infinite for quantities.
    pub most: f64,
}

/// Reads a file, gzipped or not.
///
/// # Errors
/// Every problem with its line and column; nothing is read in part.
pub fn read(path: &Path, further: Further) -> Result<SeriesFile, Vec<String>> {
    let source = open(path).map_err(|error| vec![format!("{}: {error}", path.display())])?;
    parse(source, further)
}

/// Opens a file, gzipped or not.
///
/// # Errors
/// Where it cannot be read.
pub fn open(path: &Path) -> std::io::Result<Box<dyn Read>> {
    let mut file = BufReader::new(File::open(path)?);
    let zipped = std::io::BufRead::fill_buf(&mut file)?.starts_with(&[0x1f, 0x8b]);
    Ok(if zipped { Box::new(flate2::bufread::MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// One row, before rows become series.
struct Row {
    series: usize,
    line: u64,
    period: i64,
    value: Option<f64>,
    test: bool,
    drivers: Vec<Option<f64>>,
}

fn parse(source: impl Read, further: Further) -> Result<SeriesFile, Vec<String>> {
    let mut limited = source.take(MOST_BYTES + 1);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&mut limited);
    let headers = reader.headers().map_err(|error| vec![reason(&error)])?.clone();
    let columns = Columns::find(&headers, further)?;
    let mut problems = Problems::default();
    let mut series: Vec<SeriesRow> = Vec::new();
    let mut by_name: HashMap<(String, String), usize> = HashMap::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                problems.add(reason(&error));
                if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                    break;
                }
                continue;
            }
        }
        let line = record.position().map_or(0, csv::Position::line);
        match columns.read(&record, &mut series, &mut by_name) {
            Ok(row) => rows.push(row),
            Err((column, what)) => problems.add(format!("line {line}, column {}: {what}", &headers[column])),
        }
    }
    drop(reader);
    if limited.limit() == 0 {
        problems.add(format!("the file holds more than {MOST_BYTES} bytes of text; split it"));
    }
    if rows.is_empty() && problems.total == 0 {
        problems.add("the file has no rows below its header".to_owned());
    }
    let step = step_of(&rows, columns.dated);
    for row in &mut rows {
        row.period = match step {
            Step::Index | Step::Day => row.period,
            Step::Week => row.period.div_euclid(7),
            Step::Month => month_of(row.period),
        };
    }
    let period_name = &headers[columns.period];
    order::fill(&mut series, rows, step, period_name, further, &mut problems);
    if problems.total > 0 { Err(problems.list()) } else { Ok(SeriesFile { series, step }) }
}

/// Problems in the order found; beyond the limit only counted.
#[derive(Default)]
struct Problems {
    lines: Vec<String>,
    total: usize,
}

impl Problems {
    fn add(&mut self, problem: String) {
        self.total += 1;
        if self.lines.len() < MOST_PROBLEMS {
            self.lines.push(problem);
        }
    }

    fn list(mut self) -> Vec<String> {
        if self.total > self.lines.len() {
            self.lines.push(format!("and {} more problems", self.total - self.lines.len()));
        }
        self.lines
    }
}

/// A reader's error with its line.
fn reason(error: &csv::Error) -> String {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::Utf8 { err, .. } => format!("line {line}, column {}: not UTF-8 text", err.field() + 1),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("line {line}: {len} columns where the header has {expected_len}")
        }
        csv::ErrorKind::Io(error) => format!("line {line}: {error}"),
        _ => format!("line {line}: {error}"),
    }
}

fn month_of(days: i64) -> i64 {
    let (year, month, _) = Date::from_days(i32::try_from(days).unwrap_or(0)).ymd();
    i64::from(year) * 12 + i64::from(month) - 1
}

/// Months where all dates share their day of the month, or where it is the last one of months that have no such day; weeks
/// where they share their weekday.
fn step_of(rows: &[Row], dated: bool) -> Step {
    if !dated {
        return Step::Index;
    }
    let day_of_month = |days: i64| Date::from_days(i32::try_from(days).unwrap_or(0)).ymd().2;
    let latest = rows.iter().map(|row| day_of_month(row.period)).max();
    let ends_month = |days: i64| day_of_month(days + 1) == 1;
    let weekday = |row: &Row| row.period.rem_euclid(7);
    if rows.iter().all(|row| Some(day_of_month(row.period)) == latest || ends_month(row.period)) {
        Step::Month
    } else if rows.windows(2).all(|pair| weekday(&pair[0]) == weekday(&pair[1])) {
        Step::Week
    } else {
        Step::Day
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn problems(text: &str) -> Vec<String> {
        parse(text.as_bytes(), Further::default()).unwrap_err()
    }

    #[test]
    fn rows_become_series_in_time_order() {
        let file = parse(
            "\u{feff}series_id,date,value\nA,2024-03,3\nB,2024-01,7\nA,2024-01,1\n".as_bytes(),
            Further::default(),
        )
        .unwrap();
        assert_eq!(file.step, Step::Month);
        assert_eq!(file.series[0].history, [Some(1.0), None, Some(3.0)]);
        assert_eq!(file.step.label(file.series[0].first + 2), "2024-03");
        assert_eq!(file.series[1].history, [Some(7.0)]);
    }

    #[test]
    fn weeks_and_days_are_told_apart() {
        let weekly =
            parse("series_id,date,value\nA,2024-01-01,1\nA,2024-01-15,2\n".as_bytes(), Further::default()).unwrap();
        assert_eq!((weekly.step, weekly.series[0].history.len()), (Step::Week, 3));
        let daily =
            parse("series_id,date,value\nA,2024-01-01,1\nA,2024-01-03,2\n".as_bytes(), Further::default()).unwrap();
        assert_eq!((daily.step, daily.series[0].history.len()), (Step::Day, 3));
    }

    #[test]
    fn months_may_be_named_by_their_last_day() {
        let step = |dates: &[&str]| {
            let rows: String = dates.iter().map(|date| format!("A,{date},1\n")).collect();
            let file = parse(format!("series_id,date,value\n{rows}").as_bytes(), Further::default()).unwrap();
            (file.step, file.series[0].history.len())
        };
        assert_eq!(step(&["2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30"]), (Step::Month, 4));
        assert_eq!(step(&["2021-02-28", "2021-04-30"]), (Step::Month, 3));
        assert_eq!(step(&["2020-03-31", "2020-06-30", "2020-09-30"]), (Step::Month, 7));
        assert_eq!(step(&["2021-01-30", "2021-02-28", "2021-03-30"]), (Step::Month, 3));
        assert_eq!(step(&["2021-02-27", "2021-02-28", "2021-03-01"]).0, Step::Day);
        for weekday in 1..8 {
            let dates = [0, 7, 21].map(|days| Date::from_days(18_000 + weekday + days).to_string());
            assert_eq!(step(&dates.each_ref().map(String::as_str)), (Step::Week, 4));
        }
    }

    #[test]
    fn test_rows_stay_apart_and_datasets_part_series() {
        let text = "dataset,series_id,period_index,value,split,horizon,seasonality\n\
                    x,A,1,5,train,2,12\nx,A,2,6,test,2,12\ny,A,1,7,train,3,4\n";
        let file = parse(text.as_bytes(), Further::default()).unwrap();
        assert_eq!(file.series.len(), 2);
        assert_eq!((&file.series[0].history[..], &file.series[0].test[..]), (&[Some(5.0)][..], &[Some(6.0)][..]));
        assert_eq!((file.series[1].horizon, file.series[1].season), (Some(3), Some(4)));
    }

    #[test]
    fn every_bad_row_is_listed_with_its_place() {
        let text = "series_id,period_index,value,split\nA,1,5,train\nA,one,5,train\nA,2,\"1,5\",train\nA,3,inf,train\n\
                    ,4,5,train\nA,1,6,train\nA,5,6,later\nA,5\n";
        let found = problems(text);
        let starts = [
            "line 3, column period_index: \"one\" is not",
            "line 4, column value: \"1,5\": use a decimal point",
            "line 5, column value: \"inf\" is not a finite",
            "line 6, column series_id: empty",
            "line 8, column split: \"later\" is neither",
            "line 9: 2 columns where the header has 4",
            "line 7, column period_index: 1 of A is already on line 2",
        ];
        assert_eq!(found.len(), starts.len(), "{found:#?}");
        for (problem, start) in found.iter().zip(starts) {
            assert!(problem.starts_with(start), "{problem}");
        }
    }

    #[test]
    fn missing_columns_and_rows_are_named() {
        assert_eq!(
            problems("id,when\n"),
            ["line 1: no column series_id", "line 1: no column period_index or date", "line 1: no column value"]
        );
        assert_eq!(problems("series_id,date,value\n"), ["the file has no rows below its header"]);
        assert!(problems("series_id,period_index,value\nA,1,2\nA,999999999999,3\n")[0].contains("more than 100000"));
    }

    #[test]
    fn regressors_of_coming_rows_are_read_and_their_values_are_not() {
        let text =
            "series_id,period_index,value,split,price\nA,1,5,train,9\nA,3,7,train,8\nA,4,,train,6\nA,5,99,test,4\n";
        let file = parse(text.as_bytes(), Further { regressors: &["price".to_owned()], ..Further::default() }).unwrap();
        assert_eq!(file.series[0].history, [Some(5.0), None, Some(7.0)]);
        assert_eq!(file.series[0].drivers[0].values, [Some(9.0), None, Some(8.0), Some(6.0), Some(4.0)]);
        let missing =
            parse(text.as_bytes(), Further { regressors: &["promo".to_owned()], ..Further::default() }).unwrap_err();
        assert_eq!(missing, ["line 1: no column promo"]);
        let empty = text.replace("7,train,8", "7,train,").replace("train,6", "train,x");
        let found =
            parse(empty.as_bytes(), Further { regressors: &["price".to_owned()], ..Further::default() }).unwrap_err();
        assert!(found[0].starts_with("line 3, column price: empty;"), "{found:?}");
        assert!(found[1].starts_with("line 4, column price: \"x\" is not a number"), "{found:?}");
    }

    #[test]
    fn shares_and_amounts_keep_to_their_range() {
        let optional =
            [("in_stock", 1.0), ("known", f64::INFINITY)].map(|(name, most)| Amount { name: name.to_owned(), most });
        let further = Further { optional: &optional, ..Further::default() };
        let text = "series_id,period_index,value,in_stock,known\nA,1,5,0.5,\nA,2,7,,12\nA,3,6,1,0\n";
        assert_eq!(parse(text.as_bytes(), further).unwrap().series[0].optional[0], [Some(0.5), None, Some(1.0)]);
        let wrong = text.replace("0.5", "-0.5").replace("12", "-12").replace("1,0", "95,0");
        let reasons = [
            "line 2, column in_stock: -0.5 is outside 0 to 1; a share is meant, 0.95 for 95 %",
            "line 3, column known: -12 is negative",
            "line 4, column in_stock: 95 is outside 0 to 1; a share is meant, 0.95 for 95 %",
        ];
        assert_eq!(parse(wrong.as_bytes(), further).unwrap_err(), reasons);
    }

    #[test]
    fn keys_stay_the_same_through_a_series() {
        let text = "series_id,period_index,value,family\nA,1,5,Bikes\nA,2,7,Bikes\nB,1,2,Boats\n";
        let keys = ["family".to_owned()];
        let further = Further { keys: &keys, ..Further::default() };
        let file = parse(text.as_bytes(), further).unwrap();
        assert_eq!((&file.series[0].keys[0][..], &file.series[1].keys[0][..]), ("Bikes", "Boats"));
        let found = parse(text.replace("7,Bikes", "7,Cars").as_bytes(), further).unwrap_err();
        assert_eq!(found, ["line 3, column family: \"Cars\", but \"Bikes\" in an earlier row of A"]);
    }
}
