//! `equipoise accuracy`.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::PathBuf;

use csv::StringRecord;
use grid_engine::calendar::Date;
use grid_engine::forecast::accuracy::Outcome;
use grid_engine::forecast::streams::{self, Entry, StreamAccuracy};

use super::{Refused, write_whole};
use crate::exchange::series_csv;

/// Scores lagged forecasts of several streams against what happened: WAPE, bias, MASE, tracking signal, value added.
#[derive(clap::Args)]
pub struct Args {
    /// CSV (or .csv.gz): series_id, period_index or date, stream, forecast, actual (empty where nothing has happened yet);
    /// optional lag (1 where there is none), person.
    #[arg(long)]
    input: PathBuf,
    /// The streams in the order in which each changes the one before; others are left out.
    #[arg(long, default_value = "statistical,sales,marketing,consensus", value_delimiter = ',')]
    steps: Vec<String>,
    /// CSV to write; without it, a table is printed.
    #[arg(long)]
    output: Option<PathBuf>,
}

const HEADER: [&str; 11] = [
    "stream",
    "person",
    "lag",
    "buckets",
    "wape",
    "bias",
    "mase",
    "tracking_signal",
    "value_added",
    "changed",
    "improved",
];

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    if let Some((_, twice)) = args.steps.iter().enumerate().find(|(at, step)| args.steps[..*at].contains(step)) {
        return Err(vec![format!("--steps: {twice} is named twice; each step changes the one before it")]);
    }
    let source = series_csv::open(&args.input).map_err(|error| vec![format!("{}: {error}", args.input.display())])?;
    let file = read(source, &args.steps)?;
    let steps: Vec<&str> = args.steps.iter().map(String::as_str).collect();
    let found = streams::score(&file.entries, &steps);
    if found.is_empty() {
        let streams = file.others.into_iter().collect::<Vec<_>>().join(", ");
        let there = if streams.is_empty() { String::new() } else { format!("; it has {streams}") };
        let name = args.input.display();
        return Err(vec![format!("{name}: no row with an actual has a stream of --steps {}{there}", steps.join(","))]);
    }
    match &args.output {
        Some(path) => write_whole(path, |out| {
            out.write_record(HEADER)?;
            found.iter().try_for_each(|one| out.write_record(cells(one)))
        })?,
        None => print!("{}", table(&found)),
    }
    match file.open {
        0 => {}
        1 => println!("1 row has no actual yet and is left out"),
        rows => println!("{rows} rows have no actual yet and are left out"),
    }
    if !file.others.is_empty() {
        let streams = file.others.into_iter().collect::<Vec<_>>().join(", ");
        println!("streams that --steps does not name are left out: {streams}");
    }
    Ok(())
}

/// What a file says.
#[derive(Default)]
struct Snapshots {
    entries: Vec<Entry>,
    /// Rows of buckets that have not ended yet.
    open: usize,
    /// Streams that are no step.
    others: BTreeSet<String>,
}

/// Reads all rows.
///
/// # Errors
/// Every problem with its line: two forecasts for one step of a bucket, and two different actuals of one, are problems too.
fn read(source: impl Read, steps: &[String]) -> Result<Snapshots, Refused> {
    let unreadable = |error: csv::Error| vec![error.to_string()];
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(source);
    let columns = Columns::find(reader.headers().map_err(unreadable)?)?;
    let (mut file, mut problems) = (Snapshots::default(), Vec::new());
    let mut forecasts: HashMap<(String, i64, u32, String), u64> = HashMap::new();
    let mut actuals: HashMap<(String, i64), (f64, u64)> = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(error.to_string());
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let entry = match columns.read(&record) {
            Ok(Some(entry)) => entry,
            Ok(None) => {
                file.open += 1;
                continue;
            }
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let (id, period) = (&entry.series, &record[columns.period.0]);
        if let Some(first) = forecasts.insert((id.clone(), entry.period, entry.lag, entry.stream.clone()), line) {
            let stream = &entry.stream;
            problems.push(format!(
                "line {line}: {stream} of {id}, {period} at lag {} is already on line {first}",
                entry.lag
            ));
        }
        let actual = entry.outcome.actual;
        let (known, first) = *actuals.entry((id.clone(), entry.period)).or_insert((actual, line));
        if known != actual {
            problems
                .push(format!("line {line}, column actual: {actual} for {id}, {period}, but {known} on line {first}"));
        }
        if !steps.contains(&entry.stream) {
            file.others.insert(entry.stream.clone());
        }
        file.entries.push(entry);
    }
    if problems.is_empty() { Ok(file) } else { Err(problems) }
}

/// For people: shares in per cent, columns as wide as they need.
fn table(found: &[StreamAccuracy]) -> String {
    let percent = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{:.1}%", 100.0 * value));
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
    let row = |one: &StreamAccuracy| {
        [
            one.stream.clone(),
            one.person.clone().unwrap_or_default(),
            one.lag.to_string(),
            one.buckets.to_string(),
            percent(one.wape),
            percent(one.bias),
            number(one.mase),
            number(one.tracking_signal),
            percent(one.value_added),
            one.changed.to_string(),
            one.improved.to_string(),
        ]
    };
    let rows: Vec<[String; HEADER.len()]> =
        std::iter::once(HEADER.map(|name| name.replace('_', " "))).chain(found.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEADER.len()).map(width).collect();
    let line = |row: &[String; HEADER.len()]| {
        let cell = |(at, (text, width)): (usize, (&String, &usize))| {
            if at < 2 { format!("{text:<width$}") } else { format!("{text:>width$}") }
        };
        let cells: Vec<String> = row.iter().zip(&widths).enumerate().map(cell).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn cells(one: &StreamAccuracy) -> [String; 11] {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.4}"));
    [
        one.stream.clone(),
        one.person.clone().unwrap_or_default(),
        one.lag.to_string(),
        one.buckets.to_string(),
        number(one.wape),
        number(one.bias),
        number(one.mase),
        number(one.tracking_signal),
        number(one.value_added),
        one.changed.to_string(),
        one.improved.to_string(),
    ]
}

/// Where the columns are.
struct Columns {
    series: usize,
    period: (usize, bool),
    stream: usize,
    forecast: usize,
    actual: usize,
    lag: Option<usize>,
    person: Option<usize>,
}

impl Columns {
    fn find(headers: &StringRecord) -> Result<Self, Refused> {
        let at = |name: &str| {
            headers.iter().position(|header| header.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name))
        };
        let need = |name: &str| at(name).ok_or_else(|| vec![format!("line 1: no column {name}")]);
        let period = at("period_index").map(|at| (at, false)).or_else(|| at("date").map(|at| (at, true)));
        Ok(Self {
            series: need("series_id")?,
            period: period.ok_or_else(|| vec!["line 1: no column period_index or date".to_owned()])?,
            stream: need("stream")?,
            forecast: need("forecast")?,
            actual: need("actual")?,
            lag: at("lag"),
            person: at("person"),
        })
    }

    /// `None` where nothing has happened yet.
    fn read(&self, record: &StringRecord) -> Result<Option<Entry>, String> {
        let line = record.position().map_or(0, csv::Position::line);
        let number = |column: usize, name: &str| {
            let value = record[column].parse().ok().filter(|value: &f64| value.is_finite());
            value.ok_or_else(|| format!("line {line}, column {name}: {:?} is not a finite number", &record[column]))
        };
        for (column, name) in [(self.series, "series_id"), (self.stream, "stream")] {
            if record[column].is_empty() {
                return Err(format!("line {line}, column {name} is empty"));
            }
        }
        if record[self.actual].is_empty() {
            return Ok(None);
        }
        let (at, dated) = self.period;
        let text = &record[at];
        let period = if dated {
            let day = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
            let date = day.parse::<Date>().map_err(|what| format!("line {line}, column date: {text:?}: {what}"))?;
            i64::from(date.days())
        } else {
            text.parse().map_err(|_| format!("line {line}, column period_index: {text:?} is not a whole number"))?
        };
        let lag = match self.lag.map(|at| &record[at]).filter(|text| !text.is_empty()) {
            None => 1,
            Some(text) => text
                .parse()
                .map_err(|_| format!("line {line}, column lag: {text:?} is not a whole number from 0 on"))?,
        };
        Ok(Some(Entry {
            series: record[self.series].to_owned(),
            period,
            lag,
            stream: record[self.stream].to_owned(),
            person: self.person.map(|at| record[at].to_owned()).unwrap_or_default(),
            outcome: Outcome { actual: number(self.actual, "actual")?, forecast: number(self.forecast, "forecast")? },
        }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const HEADERS: &str = "series_id,date,stream,forecast,actual,person\n";

    fn steps() -> Vec<String> {
        ["statistical", "sales"].map(str::to_owned).to_vec()
    }

    fn of(rows: &str) -> Result<Snapshots, Refused> {
        read(format!("{HEADERS}{rows}").as_bytes(), &steps())
    }

    #[test]
    fn rows_are_read_and_bad_ones_named() {
        let file = of("A,2024-02,sales,5,6,ann\nA,2024-03,sales,5,,ann\nA,2024-02,gossip,5,6,\n").unwrap();
        let first = &file.entries[0];
        assert!(first.lag == 1 && first.person == "ann" && first.outcome.actual == 6.0);
        assert_eq!((file.open, file.others.into_iter().collect::<Vec<_>>()), (1, vec!["gossip".to_owned()]));
        let bad = of("A,2024-02,sales,five,6,\n").err().unwrap();
        assert!(bad[0].contains("line 2, column forecast: \"five\""), "{bad:?}");
        assert_eq!(of("A,2024-02,,5,6,\n").err().unwrap(), ["line 2, column stream is empty"]);
        assert_eq!(of(",2024-02,sales,5,,\n").err().unwrap(), ["line 2, column series_id is empty"]);
        assert!(read("series_id,date\n".as_bytes(), &steps()).is_err());
    }

    #[test]
    fn what_is_told_twice_is_refused() {
        let twice = of("A,2024-02,sales,5,6,ann\nA,2024-02,sales,7,6,bob\n").err().unwrap();
        assert_eq!(twice, ["line 3: sales of A, 2024-02 at lag 1 is already on line 2"]);
        let other = of("A,2024-02,statistical,5,6,\nA,2024-02,sales,7,8,\n").err().unwrap();
        assert_eq!(other, ["line 3, column actual: 8 for A, 2024-02, but 6 on line 2"]);
        // Said at two lags, of two buckets or two series, it is not twice the same.
        let apart = "series_id,period_index,stream,forecast,actual,lag\nA,3,sales,5,6,1\nA,3,sales,7,6,2\n\
                     A,4,sales,7,9,1\nB,3,sales,7,8,1\n";
        assert_eq!(read(apart.as_bytes(), &steps()).unwrap().entries.len(), 4);
    }

    #[test]
    fn the_table_is_as_wide_as_its_names() {
        let rows = "A,2024-02,statistical,90,100,\nA,2024-02,sales,105,100,a person with quite a long name\n";
        let found = streams::score(&of(rows).unwrap().entries, &["statistical", "sales"]);
        let text = table(&found);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].ends_with("changed  improved") && lines[1].contains("10.0%"), "{text}");
        assert!(lines[3].contains("long name    1        1   5.0%"), "{text}");
    }
}
