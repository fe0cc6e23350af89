//! `equipoise accuracy`.

use std::path::PathBuf;

use csv::StringRecord;
use grid_engine::calendar::Date;
use grid_engine::forecast::accuracy::Outcome;
use grid_engine::forecast::streams::{self, Entry, StreamAccuracy};

use super::{Refused, write_whole};

/// Scores lagged forecasts of several streams against what happened: WAPE, bias, MASE, tracking signal, value added.
#[derive(clap::Args)]
pub struct Args {
    /// CSV: series_id, period_index or date, stream, forecast, actual; optional lag (1 where there is none), person.
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
    let unreadable = |error: csv::Error| vec![format!("{}: {error}", args.input.display())];
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(&args.input).map_err(unreadable)?;
    let columns = Columns::find(reader.headers().map_err(unreadable)?)?;
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record.map_err(|error| error.to_string()).and_then(|record| columns.read(&record)) {
            Ok(entry) => entries.push(entry),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let steps: Vec<&str> = args.steps.iter().map(String::as_str).collect();
    let found = streams::score(&entries, &steps);
    if found.is_empty() {
        return Err(vec![format!("{}: no row has a stream of --steps {}", args.input.display(), steps.join(","))]);
    }
    match &args.output {
        Some(path) => write_whole(path, |out| {
            out.write_record(HEADER)?;
            found.iter().try_for_each(|one| out.write_record(cells(one)))
        }),
        None => {
            let rows = std::iter::once(HEADER.map(str::to_owned)).chain(found.iter().map(cells));
            for row in rows {
                let [stream, person, numbers @ ..] = row;
                let numbers: Vec<String> = numbers.iter().map(|cell| format!("{cell:>15}")).collect();
                println!("{stream:<16}{person:<16}{}", numbers.concat());
            }
            Ok(())
        }
    }
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

    fn read(&self, record: &StringRecord) -> Result<Entry, String> {
        let line = record.position().map_or(0, csv::Position::line);
        let number = |column: usize, name: &str| {
            let value = record[column].parse().ok().filter(|value: &f64| value.is_finite());
            value.ok_or_else(|| format!("line {line}, column {name}: {:?} is not a finite number", &record[column]))
        };
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
        Ok(Entry {
            series: record[self.series].to_owned(),
            period,
            lag,
            stream: record[self.stream].to_owned(),
            person: self.person.map(|at| record[at].to_owned()).unwrap_or_default(),
            outcome: Outcome { actual: number(self.actual, "actual")?, forecast: number(self.forecast, "forecast")? },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_bad_ones_named() {
        let headers = StringRecord::from(vec!["series_id", "date", "stream", "forecast", "actual", "person"]);
        let row = |cells: [&str; 6]| {
            let columns = Columns::find(&headers).map_err(|problems| problems.join("; "))?;
            columns.read(&StringRecord::from(cells.to_vec()))
        };
        let good = row(["A", "2024-02", "sales", "5", "6", "ann"]);
        assert!(good.is_ok_and(|entry| entry.lag == 1 && entry.person == "ann" && entry.outcome.actual == 6.0));
        let bad = row(["A", "2024-02", "sales", "five", "6", ""]);
        assert!(bad.is_err_and(|problem| problem.contains("column forecast: \"five\"")));
        assert!(Columns::find(&StringRecord::from(vec!["series_id", "date"])).is_err());
    }
}
