//! `equipoise forecast`.

mod rows;
mod tree;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use grid_engine::forecast::{Explanation, Forecast, ForecastError, Member, Models, Options, Treatment};

use super::{Refused, write_whole};
use crate::exchange::series_csv::{self, Further, SeriesFile, SeriesRow};

/// Forecasts the series of a CSV file.
#[derive(clap::Args)]
pub struct Args {
    /// CSV (or .csv.gz) in long form: series_id, period_index or date, value; optional dataset, split (rows marked
    /// test are ignored), horizon, seasonality.
    #[arg(long)]
    input: PathBuf,
    /// CSV to write: series_id, step, mean, and lo_L, hi_L for every level L.
    #[arg(long)]
    output: PathBuf,
    /// Periods to forecast; else the file's column horizon.
    #[arg(long)]
    horizon: Option<usize>,
    /// Periods per season, 1 for none; else the file's column seasonality, else 12 for months, 52 for weeks, 7 for days.
    #[arg(long)]
    season: Option<usize>,
    /// Levels of the prediction intervals in per cent.
    #[arg(long, default_value = "80,95", value_delimiter = ',')]
    level: Vec<f64>,
    /// `auto`; `local` for each series by its own history alone; or names of methods separated by commas. With 60 series
    /// or more, `auto` also learns one model from all of them (`global`) and gives it the weight that helped in the backtest.
    #[arg(long, default_value = "auto")]
    models: String,
    /// For the global model, which learns from random parts of the histories: the same input and seed always give the same
    /// output.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// CSV to write with one row per series: class, season, weights, backtest errors, outliers, effects of
    /// regressors.
    #[arg(long)]
    explain: Option<PathBuf>,
    /// Columns with drivers of demand (price, promotion, events), known for every bucket to forecast: from rows without
    /// value after the last one, or marked test. Without --horizon and a column horizon, as many buckets as they reach.
    #[arg(long, value_delimiter = ',')]
    regressors: Vec<String>,
    /// What is done to histories before they are forecast: `outliers` reads them as what their neighbours suggest,
    /// `shifts` brings what precedes a lasting change of level to the new one. Both are found and told in any case.
    #[arg(long, default_value = "none")]
    treat: String,
    /// Column with the share of each period in which the item was in stock, from 0 to 1; empty for 1, 0 beside sales where it
    /// ran out and nobody knows when. Demand of such periods is estimated from the others.
    #[arg(long)]
    in_stock: Option<String>,
    /// Column with the ids of similar items, separated by |. Series where it is filled are new: they are forecast by the
    /// others' course after their launch, and the more by their own sales the more of these there are.
    #[arg(long)]
    like: Option<String>,
    /// Column with the family of each series. Series sold for less than two seasons are new: they take the season and the
    /// course after the launch of those of their family that were sold for a season longer, if there are any.
    #[arg(long)]
    family: Option<String>,
    /// Column with what is already ordered, or sold, of the periods to come: the nearest ones follow it.
    #[arg(long, requires = "known_share")]
    known: Option<String>,
    /// Column with the share of a period's demand that is usually known as long before its end, from 0 to 1.
    #[arg(long, requires = "known")]
    known_share: Option<String>,
    /// Columns that group series (family, region, …): their total and every combination are forecast too, and all brought
    /// into agreement.
    #[arg(long, value_delimiter = ',')]
    hierarchy: Vec<String>,
    /// How series and groups are brought into agreement: sums of the series; the total spread over them; or all by their past
    /// errors (MinT with shrinkage).
    #[arg(long, value_enum, default_value_t = Reconcile::BottomUp, requires = "hierarchy")]
    reconcile: Reconcile,
    /// CSV with values that are to stay: series_id (or a group's name as in the output), step, value.
    #[arg(long, requires = "hierarchy")]
    held: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Reconcile {
    BottomUp,
    TopDown,
    Mint,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let models: Models = args.models.parse().map_err(|error: ForecastError| vec![format!("--models: {error}")])?;
    check_levels(&args.level)?;
    for (option, path) in [("--output", Some(&args.output)), ("--explain", args.explain.as_ref())] {
        if path.is_some_and(|path| is_same_file(path, &args.input)) {
            return Err(vec![format!(
                "{option} would write over the input, {}: name another file",
                args.input.display()
            )]);
        }
    }
    let start = Instant::now();
    let (optional, keys) = (rows::optional_columns(args), rows::text_columns(args));
    let further = Further { regressors: &args.regressors, optional: &optional, keys: &keys };
    let mut file = series_csv::read(&args.input, further)?;
    let series = file.series.len();
    let treatment = args.treat.parse().map_err(|error: ForecastError| vec![format!("--treat: {error}")])?;
    let options = options(args, &file, &models, treatment)?;
    let forecasts = if args.hierarchy.is_empty() {
        rows::forecast_rows(args, &file, &options)?
    } else {
        tree::forecast(args, &mut file, &options)?
    };
    let mut failures: Vec<String> = Vec::new();
    for (series, result) in file.series.iter().zip(&forecasts) {
        if let Err(error) = result {
            failures.push(format!("series {}: {}", series.id, in_periods(error, series, &file)));
        }
    }
    write_whole(&args.output, |out| write_forecasts(out, &file, &forecasts, &args.level))?;
    if let Some(path) = &args.explain {
        write_whole(path, |out| write_explanations(out, &file, &forecasts))?;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} series, {} failures, {seconds:.2} seconds, {:.0} series per second",
        series,
        failures.len(),
        series as f64 / seconds.max(1e-9)
    );
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

/// A level twice would be the same columns twice.
fn check_levels(levels: &[f64]) -> Result<(), Refused> {
    let twice = levels.iter().enumerate().find(|(at, level)| levels[..*at].contains(level));
    twice.map_or(Ok(()), |(_, level)| Err(vec![format!("--level: {level} is named twice")]))
}

/// Whether two paths lead to one file that is there.
fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// The reason with the period as the file writes it.
fn in_periods(error: &ForecastError, series: &SeriesRow, file: &SeriesFile) -> String {
    let (driver, at) = match error {
        ForecastError::DriverShort { driver, given, .. } => (driver, *given),
        ForecastError::DriverMissing { driver, at } => (driver, *at),
        _ => return error.to_string(),
    };
    let period = file.step.label(series.first + at as i64);
    format!("column {driver} has no value for {period}; every bucket of the history and of the horizon needs one")
}

/// What to forecast for every series; the command line goes before the file.
fn options(args: &Args, file: &SeriesFile, models: &Models, treatment: Treatment) -> Result<Vec<Options>, Refused> {
    let mut without: Vec<&str> = Vec::new();
    let mut all = Vec::with_capacity(file.series.len());
    for series in &file.series {
        let Some(horizon) = args.horizon.or(series.horizon).or_else(|| known_ahead(series)) else {
            without.push(&series.id);
            continue;
        };
        let season = args.season.or(series.season).unwrap_or_else(|| file.step.season());
        all.push(Options { horizon, season, levels: args.level.clone(), models: models.clone(), treatment });
    }
    match without.first() {
        None => Ok(all),
        Some(first) => Err(vec![format!(
            "no horizon for {} series, {first} first; give --horizon, or a column horizon",
            without.len()
        )]),
    }
}

/// How many buckets to come the drivers are known for.
fn known_ahead(series: &SeriesRow) -> Option<usize> {
    let reach = series.drivers.iter().map(|driver| driver.values.len()).min()?;
    reach.checked_sub(series.history.len()).filter(|ahead| *ahead > 0)
}

fn write_forecasts(
    out: &mut csv::Writer<impl Write>,
    file: &SeriesFile,
    forecasts: &[Result<Forecast, ForecastError>],
    levels: &[f64],
) -> csv::Result<()> {
    let datasets = several_datasets(&file.series);
    let mut header = vec!["series_id".to_owned(), "step".to_owned(), "mean".to_owned()];
    header.extend(levels.iter().flat_map(|level| [format!("lo_{level}"), format!("hi_{level}")]));
    if datasets {
        header.push("dataset".to_owned());
    }
    out.write_record(&header)?;
    for (series, forecast) in file.series.iter().zip(forecasts) {
        let Ok(forecast) = forecast else { continue };
        for (step, mean) in forecast.mean.iter().enumerate() {
            let mut row = vec![series.id.clone(), (step + 1).to_string(), mean.to_string()];
            for interval in &forecast.intervals {
                row.extend([interval.lower[step].to_string(), interval.upper[step].to_string()]);
            }
            if datasets {
                row.push(series.dataset.clone());
            }
            out.write_record(&row)?;
        }
    }
    Ok(())
}

/// Whether ids alone do not name the series.
fn several_datasets(series: &[SeriesRow]) -> bool {
    series.windows(2).any(|pair| pair[0].dataset != pair[1].dataset)
}

fn write_explanations(
    out: &mut csv::Writer<impl Write>,
    file: &SeriesFile,
    forecasts: &[Result<Forecast, ForecastError>],
) -> csv::Result<()> {
    out.write_record([
        "series_id",
        "class",
        "season",
        "seasonal",
        "points",
        "weights",
        "backtest_smape",
        "backtest_mase",
        "outliers",
        "notes",
        "dataset",
        "effects",
        "shifts",
        "changes",
    ])?;
    for (series, forecast) in file.series.iter().zip(forecasts) {
        let points = series.history.iter().flatten().count().to_string();
        let row = match forecast {
            Ok(forecast) => explanation_row(series, &points, &forecast.explanation, file),
            Err(error) => {
                let mut row = vec![String::new(); 14];
                (row[0], row[4], row[9]) = (series.id.clone(), points, error.to_string());
                row[10].clone_from(&series.dataset);
                row
            }
        };
        out.write_record(&row)?;
    }
    Ok(())
}

fn explanation_row(series: &SeriesRow, points: &str, explanation: &Explanation, file: &SeriesFile) -> Vec<String> {
    let by_method = |figure: &dyn Fn(&Member) -> Option<f64>| {
        let parts = explanation
            .members
            .iter()
            .filter_map(|member| Some(format!("{}={:.4}", member.method.name(), figure(member)?)));
        parts.collect::<Vec<_>>().join(";")
    };
    let outliers = explanation.outliers.iter().map(|outlier| {
        let period = file.step.label(series.first + outlier.at as i64);
        format!("{period}:{} (expected {:.3})", outlier.value, outlier.expected)
    });
    let shifts = explanation.shifts.iter().map(|shift| {
        let period = file.step.label(series.first + shift.at as i64);
        format!("{period}: {:.3} to {:.3}", shift.before, shift.after)
    });
    let changes = explanation.changes.iter().map(|change| {
        let period = file.step.label(series.first + change.at as i64);
        let recorded = change.recorded.map_or_else(|| "missing".to_owned(), |value| value.to_string());
        format!("{period}:{recorded} read as {:.3} ({})", change.used, change.cause)
    });
    let notes = explanation.notes.iter().map(ToString::to_string);
    vec![
        series.id.clone(),
        explanation.class.name().to_owned(),
        explanation.season.to_string(),
        if explanation.seasonal { "yes" } else { "no" }.to_owned(),
        points.to_owned(),
        by_method(&|member| Some(member.weight)),
        by_method(&|member| member.backtest_smape.map(|smape| smape * 100.0)),
        by_method(&|member| member.backtest_mase),
        outliers.collect::<Vec<_>>().join(";"),
        notes.collect::<Vec<_>>().join("; "),
        series.dataset.clone(),
        explanation.effects.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        shifts.collect::<Vec<_>>().join(";"),
        changes.collect::<Vec<_>>().join(";"),
    ]
}
