//! Counting, averages, extremes, ranks and spread.

use std::collections::HashMap;

use super::args::out_of_range;
use super::arithmetic::total;
use super::{Arg, Args, Body, Declared, Passing, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare("COUNT(value1, [value2], …)", "Counts numbers.", "=COUNT(B2:B9)", Body::Whole(count)),
    declare(
        "COUNTA(value1, [value2], …)",
        "Counts values that are not blank.",
        "=COUNTA(B2:B9)",
        Body::Whole(count_all),
    ),
    declare("COUNTBLANK(range)", "Counts blank cells and empty texts.", "=COUNTBLANK(B2:B9)", Body::Whole(count_blank)),
    declare(
        "AVERAGE(number1, [number2], …)",
        "The mean of numbers.",
        "=AVERAGE(B2:B9)",
        Body::Whole(|args| over(args.numbers(0)?, mean)),
    )
    .streaming(|numbers| match numbers.count {
        0 => Err(CellError::new(ErrorKind::Div0)),
        count => Ok(Value::number(numbers.total() / count as f64)),
    }),
    declare(
        "MIN(number1, [number2], …)",
        "The least number.",
        "=MIN(B2:B9)",
        Body::Whole(|args| Ok(least(args.numbers(0)?))),
    )
    .streaming(|numbers| Ok(Value::number(if numbers.count == 0 { 0.0 } else { numbers.least }))),
    declare(
        "MAX(number1, [number2], …)",
        "The greatest number.",
        "=MAX(B2:B9)",
        Body::Whole(|args| Ok(greatest(args.numbers(0)?))),
    )
    .streaming(|numbers| Ok(Value::number(if numbers.count == 0 { 0.0 } else { numbers.greatest }))),
    declare(
        "MEDIAN(number1, [number2], …)",
        "The middle number.",
        "=MEDIAN(B2:B9)",
        Body::Whole(|args| {
            let numbers = sorted(args.numbers(0)?);
            if numbers.is_empty() {
                Err(out_of_range("there is no number"))
            } else {
                Ok(Value::number(quantile(&numbers, 0.5)))
            }
        }),
    ),
];

/// Those fewer workbooks use.
pub(super) const FURTHER: &[Declared] = &[
    declare(
        "AVERAGEA(value1, [value2], …)",
        "The mean, with texts as 0 and TRUE as 1.",
        "=AVERAGEA(B2:B9)",
        Body::Whole(|args| over(all_values(args)?, mean)),
    ),
    declare(
        "MINA(value1, [value2], …)",
        "The least value, with texts as 0 and TRUE as 1.",
        "=MINA(B2:B9)",
        Body::Whole(|args| Ok(least(all_values(args)?))),
    ),
    declare(
        "MAXA(value1, [value2], …)",
        "The greatest value, with texts as 0 and TRUE as 1.",
        "=MAXA(B2:B9)",
        Body::Whole(|args| Ok(greatest(all_values(args)?))),
    ),
    declare("MODE(number1, [number2], …)", "The most frequent number.", "=MODE(B2:B9)", Body::Whole(mode)),
    declare("MODE.SNGL(number1, [number2], …)", "The most frequent number.", "=MODE.SNGL(B2:B9)", Body::Whole(mode)),
    declare(
        "MODE.MULT(number1, [number2], …)",
        "All numbers that occur most often.",
        "=MODE.MULT({1,2,2,3,3})",
        Body::Whole(modes),
    ),
    declare(
        "PERCENTOF(part, all)",
        "The share of a sum in another.",
        "=PERCENTOF({1,2},{1,2,3,4})",
        Body::Whole(|args| {
            let mut sums = [0.0; 2];
            for (sum, arg) in sums.iter_mut().zip(args.list()) {
                let mut numbers = Vec::new();
                super::args::collect_numbers(arg, &mut numbers)?;
                *sum = total(numbers);
            }
            if sums[1] == 0.0 { Err(CellError::new(ErrorKind::Div0)) } else { Ok(Value::number(sums[0] / sums[1])) }
        }),
    ),
    declare(
        "STDEV(number1, [number2], …)",
        "The standard deviation of a sample.",
        "=STDEV(B2:B9)",
        Body::Whole(|args| over(args.numbers(0)?, sample_deviation)),
    ),
    declare(
        "STDEV.S(number1, [number2], …)",
        "The standard deviation of a sample.",
        "=STDEV.S(B2:B9)",
        Body::Whole(|args| over(args.numbers(0)?, sample_deviation)),
    ),
    declare(
        "STDEV.P(number1, [number2], …)",
        "The standard deviation of a whole population.",
        "=STDEV.P(B2:B9)",
        Body::Whole(|args| over(args.numbers(0)?, population_deviation)),
    ),
    declare(
        "STDEVP(number1, [number2], …)",
        "The standard deviation of a whole population.",
        "=STDEVP(B2:B9)",
        Body::Whole(|args| over(args.numbers(0)?, population_deviation)),
    ),
    declare(
        "STDEVA(value1, [value2], …)",
        "The standard deviation of a sample, with texts as 0 and TRUE as 1.",
        "=STDEVA(B2:B9)",
        Body::Whole(|args| over(all_values(args)?, sample_deviation)),
    ),
    declare(
        "STDEVPA(value1, [value2], …)",
        "The standard deviation of a population, with texts as 0 and TRUE as 1.",
        "=STDEVPA(B2:B9)",
        Body::Whole(|args| over(all_values(args)?, population_deviation)),
    ),
    declare(
        "VAR(number1, [number2], …)",
        "The variance of a sample.",
        "=VAR(B2:B9)",
        Body::Whole(|args| over(args.numbers(0)?, sample_variance)),
    ),
    declare(
        "VAR.S(number1, [number2], …)",
        "The variance of a sample.",
        "=VAR.S(B2:B9)",
        Body::Whole(|args| over(args.numbers(0)?, sample_variance)),
    ),
    declare(
        "VAR.P(number1, [number2], …)",
        "The variance of a whole population.",
        "=VAR.P(B2:B9)",
        Body::Whole(|args| over(args.numbers(0)?, population_variance)),
    ),
    declare(
        "VARP(number1, [number2], …)",
        "The variance of a whole population.",
        "=VARP(B2:B9)",
        Body::Whole(|args| over(args.numbers(0)?, population_variance)),
    ),
    declare(
        "VARA(value1, [value2], …)",
        "The variance of a sample, with texts as 0 and TRUE as 1.",
        "=VARA(B2:B9)",
        Body::Whole(|args| over(all_values(args)?, sample_variance)),
    ),
    declare(
        "VARPA(value1, [value2], …)",
        "The variance of a population, with texts as 0 and TRUE as 1.",
        "=VARPA(B2:B9)",
        Body::Whole(|args| over(all_values(args)?, population_variance)),
    ),
    declare(
        "GEOMEAN(number1, [number2], …)",
        "The geometric mean of positive numbers.",
        "=GEOMEAN(1,2,4)",
        Body::Whole(|args| {
            positive_mean(args, |numbers| (total(numbers.iter().map(|x| x.ln())) / numbers.len() as f64).exp())
        }),
    ),
    declare(
        "HARMEAN(number1, [number2], …)",
        "The harmonic mean of positive numbers.",
        "=HARMEAN(1,2,4)",
        Body::Whole(|args| {
            positive_mean(args, |numbers| numbers.len() as f64 / total(numbers.iter().map(|x| 1.0 / x)))
        }),
    ),
    declare(
        "AVEDEV(number1, [number2], …)",
        "The mean distance from the mean.",
        "=AVEDEV(B2:B9)",
        Body::Whole(|args| {
            let numbers = args.numbers(0)?;
            let Some(mean) = mean(&numbers) else { return Err(out_of_range("there is no number")) };
            Ok(Value::number(total(numbers.iter().map(|x| (x - mean).abs())) / numbers.len() as f64))
        }),
    ),
    declare(
        "DEVSQ(number1, [number2], …)",
        "The sum of squared distances from the mean.",
        "=DEVSQ(B2:B9)",
        Body::Whole(|args| {
            let numbers = args.numbers(0)?;
            if numbers.is_empty() {
                Err(out_of_range("there is no number"))
            } else {
                Ok(Value::number(squared_distances(&numbers)))
            }
        }),
    ),
];

fn count(args: &Args<'_>) -> Outcome {
    let countable = |arg: &Arg| match (&arg.value, arg.passing) {
        (Value::Array(array), _) => array.cells().iter().filter(|value| value.as_number().is_some()).count(),
        (Value::Number(_), _) => 1,
        (_, Passing::Reference) | (Value::Error(_), _) => 0,
        (value, _) => usize::from(value.to_number().is_ok()),
    };
    Ok(Value::number(args.list().iter().map(countable).sum::<usize>() as f64))
}

fn count_all(args: &Args<'_>) -> Outcome {
    let countable = |arg: &Arg| match &arg.value {
        Value::Array(array) => array.cells().iter().filter(|value| !value.is_blank()).count(),
        value => usize::from(!value.is_blank() || arg.passing == Passing::Omitted),
    };
    Ok(Value::number(args.list().iter().map(countable).sum::<usize>() as f64))
}

fn count_blank(args: &Args<'_>) -> Outcome {
    let blank = |value: &Value| value.is_blank() || value.as_text() == Some("");
    let count = match args.value(0) {
        Value::Array(array) => array.cells().iter().filter(|value| blank(value)).count(),
        value => usize::from(blank(value)),
    };
    Ok(Value::number(count as f64 + args.beyond(0) as f64))
}

/// Numbers as the functions ending in A see them: texts in cells are 0, truth values 0 or 1.
fn all_values(args: &Args<'_>) -> Result<Vec<f64>, CellError> {
    let mut numbers = Vec::new();
    for arg in args.list() {
        match (&arg.value, arg.passing) {
            (Value::Array(array), _) => {
                for value in array.cells().iter().filter(|value| !value.is_blank()) {
                    numbers.push(if value.as_text().is_some() { 0.0 } else { value.to_number()? });
                }
            }
            (Value::Blank, Passing::Reference) => {}
            (Value::Text(_), Passing::Reference) => numbers.push(0.0),
            (value, _) => numbers.push(value.to_number()?),
        }
    }
    Ok(numbers)
}

/// A statistic, or `#DIV/0!` where there are too few numbers for it.
pub(super) fn over(numbers: Vec<f64>, statistic: fn(&[f64]) -> Option<f64>) -> Outcome {
    statistic(&numbers).map(Value::number).ok_or_else(|| CellError::new(ErrorKind::Div0))
}

fn least(numbers: Vec<f64>) -> Value {
    Value::number(numbers.into_iter().reduce(f64::min).unwrap_or(0.0))
}

fn greatest(numbers: Vec<f64>) -> Value {
    Value::number(numbers.into_iter().reduce(f64::max).unwrap_or(0.0))
}

pub(super) fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| total(numbers.iter().copied()) / numbers.len() as f64)
}

pub(super) fn squared_distances(numbers: &[f64]) -> f64 {
    let mean = mean(numbers).unwrap_or(0.0);
    total(numbers.iter().map(|x| (x - mean) * (x - mean)))
}

pub(super) fn sample_variance(numbers: &[f64]) -> Option<f64> {
    (numbers.len() > 1).then(|| squared_distances(numbers) / (numbers.len() - 1) as f64)
}

pub(super) fn population_variance(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| squared_distances(numbers) / numbers.len() as f64)
}

pub(super) fn sample_deviation(numbers: &[f64]) -> Option<f64> {
    sample_variance(numbers).map(f64::sqrt)
}

pub(super) fn population_deviation(numbers: &[f64]) -> Option<f64> {
    population_variance(numbers).map(f64::sqrt)
}

fn positive_mean(args: &Args<'_>, f: fn(&[f64]) -> f64) -> Outcome {
    let numbers = args.numbers(0)?;
    if numbers.is_empty() || numbers.iter().any(|x| *x <= 0.0) {
        return Err(out_of_range("this mean needs positive numbers"));
    }
    Ok(Value::number(f(&numbers)))
}

pub(super) fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// The numbers of the first argument alone.
pub(super) fn column(args: &Args<'_>) -> Result<Vec<f64>, CellError> {
    let mut numbers = Vec::new();
    if let Some(arg) = args.list().first() {
        super::args::collect_numbers(arg, &mut numbers)?;
    }
    Ok(numbers)
}

/// Linear interpolation between sorted numbers, ends included; 0 of none.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    at_place(sorted, place)
}

pub(super) fn at_place(sorted: &[f64], place: f64) -> f64 {
    let low = place.floor() as usize;
    let (Some(&a), part) = (sorted.get(low), place - place.floor()) else {
        return sorted.last().copied().unwrap_or(0.0);
    };
    let b = sorted.get(low + 1).copied().unwrap_or(a);
    a + (b - a) * part
}

/// What a number is counted under: zero has no sign there.
fn key(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

/// How often each number occurs.
fn counts(numbers: &[f64]) -> HashMap<u64, usize> {
    let mut counts = HashMap::new();
    for number in numbers {
        *counts.entry(key(*number)).or_default() += 1;
    }
    counts
}

fn mode(args: &Args<'_>) -> Outcome {
    let numbers = args.numbers(0)?;
    let counts = counts(&numbers);
    let times = |number: &f64| counts.get(&key(*number)).copied().unwrap_or(0);
    let most = numbers.iter().map(times).max().unwrap_or(0);
    match numbers.iter().find(|number| times(number) == most) {
        Some(number) if most > 1 => Ok(Value::number(*number)),
        _ => Err(CellError::because(ErrorKind::Na, "no number occurs twice")),
    }
}

/// All numbers that occur most often, in order of appearance.
fn modes(args: &Args<'_>) -> Outcome {
    let numbers = args.numbers(0)?;
    let mut counts = counts(&numbers);
    let most = counts.values().copied().max().unwrap_or(0);
    if most < 2 {
        return Err(CellError::because(ErrorKind::Na, "no number occurs twice"));
    }
    // Each is taken out where it stands first.
    let is_mode = |number: &f64| counts.get(&key(*number)) == Some(&most) && counts.remove(&key(*number)).is_some();
    let modes: Vec<f64> = numbers.into_iter().filter(is_mode).collect();
    args.evaluation.array(modes.len(), 1, |row, _| Value::number(modes[row]))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::{Mock, check};
    use crate::value::Value;

    #[test]
    fn counting() {
        let mock = Mock::with_rows(&[[1.0.into(), "x".into(), Value::Blank, true.into(), "".into(), "7".into()]]);
        mock.check(&[
            ("COUNT(A1:F1)", "1"),
            ("COUNT(A1:F1,\"3\",TRUE,\"x\")", "3"),
            ("COUNTA(A1:F1)", "5"),
            ("COUNTA(1,,\"\")", "3"),
            ("COUNTBLANK(A1:F1)", "2"),
            ("AVERAGEA(A1:F1)", "0.4"),
            ("AVERAGE(B1:C1)", "#DIV/0!"),
            ("MAX(B1:C1)", "0"),
            ("MIN(A1:F1,-3)", "-3"),
            ("MAXA(A1:F1)", "1"),
        ]);
    }

    #[test]
    fn statistics_of_one_sample() {
        check(&[
            ("MEDIAN(1,2,3,10)", "2.5"),
            ("MODE.MULT({3,1,3,1,2})", "{3;1}"),
            ("MODE(4,1,1,4)", "4"),
            ("MODE(1,2,2,3,3)", "2"),
            ("MODE(1,2)", "#N/A"),
            ("STDEV(2,4,4,4,5,5,7,9)", "2.138089935299395"),
            ("STDEV.P(2,4,4,4,5,5,7,9)", "2"),
            ("VAR.S(1)", "#DIV/0!"),
            ("VAR.P(1,3)", "1"),
            ("GEOMEAN(1,2,4)", "2"),
            ("HARMEAN(1,2,4)", "12/7"),
            ("AVEDEV(1,2,3)", "2/3"),
            ("DEVSQ(1,2,3)", "2"),
        ]);
    }
}
