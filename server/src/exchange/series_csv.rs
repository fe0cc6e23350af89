//! Time series in long form: one row per series and period, as CSV or gzipped CSV.
//!
//! Columns `series_id`, `period_index` or `date`, `value`; optional `dataset`, `split`, `horizon`, `seasonality`. Further
//! columns are ignored. An empty value and a period without a row are both missing, not zero.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use csv::StringRecord;
use grid_engine::calendar::Date;

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

/// Reads a file, gzipped or not.
///
/// # Errors
/// Every problem with its line and column; nothing is read in part.
pub fn read(path: &Path) -> Result<SeriesFile, Vec<String>> {
    let unreadable = |error: std::io::Error| vec![format!("{}: {error}", path.display())];
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let zipped = std::io::BufRead::fill_buf(&mut file).map_err(unreadable)?.starts_with(&[0x1f, 0x8b]);
    if zipped { parse(flate2::bufread::MultiGzDecoder::new(file)) } else { parse(file) }
}

/// One row, before rows become series.
struct Row {
    series: usize,
    line: u64,
    period: i64,
    value: Option<f64>,
    test: bool,
}

/// Where the columns are.
struct Columns {
    id: usize,
    period: usize,
    dated: bool,
    value: usize,
    dataset: Option<usize>,
    split: Option<usize>,
    horizon: Option<usize>,
    season: Option<usize>,
}

fn parse(source: impl Read) -> Result<SeriesFile, Vec<String>> {
    let mut limited = source.take(MOST_BYTES + 1);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&mut limited);
    let headers = reader.headers().map_err(|error| vec![reason(&error)])?.clone();
    let columns = Columns::find(&headers)?;
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
    fill(&mut series, rows, step, period_name, &mut problems);
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

impl Columns {
    fn find(headers: &StringRecord) -> Result<Self, Vec<String>> {
        let at = |name: &str| {
            headers.iter().position(|header| header.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name))
        };
        let need = |name: &str| at(name).ok_or_else(|| format!("line 1: no column {name}"));
        let period = at("period_index").map(|at| (at, false)).or_else(|| at("date").map(|at| (at, true)));
        let period = period.ok_or_else(|| "line 1: no column period_index or date".to_owned());
        match (need("series_id"), period, need("value")) {
            (Ok(id), Ok((period, dated)), Ok(value)) => Ok(Self {
                id,
                period,
                dated,
                value,
                dataset: at("dataset"),
                split: at("split"),
                horizon: at("horizon"),
                season: at("seasonality"),
            }),
            (id, period, value) => Err([id.err(), period.err(), value.err()].into_iter().flatten().collect()),
        }
    }

    /// The row, or the column and what is wrong there.
    fn read(
        &self,
        record: &StringRecord,
        series: &mut Vec<SeriesRow>,
        by_name: &mut HashMap<(String, String), usize>,
    ) -> Result<Row, (usize, String)> {
        let text = |column: Option<usize>| column.and_then(|at| record.get(at)).unwrap_or("");
        let (dataset, id) = (text(self.dataset), text(Some(self.id)));
        if id.is_empty() {
            return Err((self.id, "empty; every row names its series".to_owned()));
        }
        let period = period(text(Some(self.period)), self.dated).map_err(|what| (self.period, what))?;
        let value = value(text(Some(self.value))).map_err(|what| (self.value, what))?;
        let test = match text(self.split) {
            "" | "train" => false,
            "test" => true,
            other => return Err((self.split.unwrap_or(0), format!("{other:?} is neither train nor test"))),
        };
        let horizon = count(text(self.horizon)).map_err(|what| (self.horizon.unwrap_or(0), what))?;
        let season = count(text(self.season)).map_err(|what| (self.season.unwrap_or(0), what))?;
        let key = (dataset.to_owned(), id.to_owned());
        let number = *by_name.entry(key).or_insert_with_key(|(dataset, id)| {
            series.push(SeriesRow { dataset: dataset.clone(), id: id.clone(), ..SeriesRow::default() });
            series.len() - 1
        });
        let known = &mut series[number];
        for (kept, given, column) in
            [(&mut known.horizon, horizon, self.horizon), (&mut known.season, season, self.season)]
        {
            match (*kept, given) {
                (Some(before), Some(now)) if before != now => {
                    return Err((column.unwrap_or(0), format!("{now}, but {before} in an earlier row of {id}")));
                }
                (None, Some(now)) => *kept = Some(now),
                _ => {}
            }
        }
        let line = record.position().map_or(0, csv::Position::line);
        Ok(Row { series: number, line, period, value, test })
    }
}

/// A period as written: a whole number, or the days since 1970-01-01 of a date.
fn period(text: &str, dated: bool) -> Result<i64, String> {
    if !dated {
        return text.parse().map_err(|_| format!("{text:?} is not a whole number"));
    }
    let day = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
    let date: Date = day.parse().map_err(|what| format!("{text:?}: {what} (or YYYY-MM)"))?;
    Ok(i64::from(date.days()))
}

fn value(text: &str) -> Result<Option<f64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        Ok(_) => Err(format!("{text:?} is not a finite number; leave it empty where the value is missing")),
        Err(_) if text.contains(',') => Err(format!("{text:?}: use a decimal point and no thousands separators")),
        Err(_) => Err(format!("{text:?} is not a number")),
    }
}

fn count(text: &str) -> Result<Option<usize>, String> {
    match text.parse() {
        _ if text.is_empty() => Ok(None),
        Ok(count) if count > 0 => Ok(Some(count)),
        _ => Err(format!("{text:?} is not a whole number above zero")),
    }
}

fn month_of(days: i64) -> i64 {
    let (year, month, _) = Date::from_days(i32::try_from(days).unwrap_or(0)).ymd();
    i64::from(year) * 12 + i64::from(month) - 1
}

/// Months where all dates share their day of the month, weeks where they share their weekday.
fn step_of(rows: &[Row], dated: bool) -> Step {
    if !dated {
        return Step::Index;
    }
    let day_of_month = |row: &Row| Date::from_days(i32::try_from(row.period).unwrap_or(0)).ymd().2;
    let shared = |part: &dyn Fn(&Row) -> i64| rows.windows(2).all(|pair| part(&pair[0]) == part(&pair[1]));
    if shared(&|row| i64::from(day_of_month(row))) {
        Step::Month
    } else if shared(&|row| row.period.rem_euclid(7)) {
        Step::Week
    } else {
        Step::Day
    }
}

/// Puts rows in the order of their periods, with missing periods as missing values.
fn fill(series: &mut [SeriesRow], mut rows: Vec<Row>, step: Step, column: &str, problems: &mut Problems) {
    rows.sort_by_key(|row| (row.series, row.test, row.period, row.line));
    for pair in rows.windows(2) {
        if (pair[0].series, pair[0].period, pair[0].test) == (pair[1].series, pair[1].period, pair[1].test) {
            let label = step.label(pair[1].period);
            let (id, line, first) = (&series[pair[1].series].id, pair[1].line, pair[0].line);
            problems.add(format!("line {line}, column {column}: {label} of {id} is already on line {first}"));
        }
    }
    for group in rows.chunk_by(|a, b| a.series == b.series && a.test == b.test) {
        let [first, .., last] = group else {
            let row = &group[0];
            let target = &mut series[row.series];
            if row.test {
                target.test.push(row.value);
            } else {
                target.first = row.period;
                target.history.push(row.value);
            }
            continue;
        };
        let target = &mut series[first.series];
        if last.period.saturating_sub(first.period) >= MOST_BUCKETS {
            let (label, id) = (step.label(last.period), &target.id);
            problems.add(format!(
                "line {}, column {column}: {label} of {id} is more than {MOST_BUCKETS} periods after its first",
                last.line
            ));
            continue;
        }
        let mut values = vec![None; (last.period - first.period) as usize + 1];
        for row in group {
            values[(row.period - first.period) as usize] = row.value;
        }
        if first.test {
            target.test = values;
        } else {
            target.first = first.period;
            target.history = values;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn problems(text: &str) -> Vec<String> {
        parse(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn rows_become_series_in_time_order() {
        let file = parse("\u{feff}series_id,date,value\nA,2024-03,3\nB,2024-01,7\nA,2024-01,1\n".as_bytes()).unwrap();
        assert_eq!(file.step, Step::Month);
        assert_eq!(file.series[0].history, [Some(1.0), None, Some(3.0)]);
        assert_eq!(file.step.label(file.series[0].first + 2), "2024-03");
        assert_eq!(file.series[1].history, [Some(7.0)]);
    }

    #[test]
    fn weeks_and_days_are_told_apart() {
        let weekly = parse("series_id,date,value\nA,2024-01-01,1\nA,2024-01-15,2\n".as_bytes()).unwrap();
        assert_eq!((weekly.step, weekly.series[0].history.len()), (Step::Week, 3));
        let daily = parse("series_id,date,value\nA,2024-01-01,1\nA,2024-01-03,2\n".as_bytes()).unwrap();
        assert_eq!((daily.step, daily.series[0].history.len()), (Step::Day, 3));
    }

    #[test]
    fn test_rows_stay_apart_and_datasets_part_series() {
        let text = "dataset,series_id,period_index,value,split,horizon,seasonality\n\
                    x,A,1,5,train,2,12\nx,A,2,6,test,2,12\ny,A,1,7,train,3,4\n";
        let file = parse(text.as_bytes()).unwrap();
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
}
