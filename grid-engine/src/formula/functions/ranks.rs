//! Ranks, percentiles and quartiles.

use std::borrow::Cow;

use super::aggregate::{at_place, column, mean, over, quantile, sorted};
use super::args::out_of_range;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "LARGE(numbers, rank)",
        "The number of a rank, greatest first.",
        "=LARGE(B2:B9,2)",
        Body::Lifted(second, |args| ranked(args, true)),
    ),
    declare(
        "SMALL(numbers, rank)",
        "The number of a rank, least first.",
        "=SMALL(B2:B9,2)",
        Body::Lifted(second, |args| ranked(args, false)),
    ),
    declare(
        "RANK(number, numbers, [ascending])",
        "The rank of a number; equal numbers share the best.",
        "=RANK(B2,B2:B9)",
        Body::Lifted(first, |args| rank(args, false)),
    ),
    declare(
        "RANK.EQ(number, numbers, [ascending])",
        "The rank of a number; equal numbers share the best.",
        "=RANK.EQ(B2,B2:B9)",
        Body::Lifted(first, |args| rank(args, false)),
    ),
    declare(
        "RANK.AVG(number, numbers, [ascending])",
        "The rank of a number; equal numbers share the mean.",
        "=RANK.AVG(B2,B2:B9)",
        Body::Lifted(first, |args| rank(args, true)),
    ),
    declare(
        "PERCENTILE(numbers, share)",
        "The value below which a share of the numbers lies, ends included.",
        "=PERCENTILE(B2:B9,0.9)",
        Body::Lifted(second, percentile),
    ),
    declare(
        "PERCENTILE.INC(numbers, share)",
        "The value below which a share of the numbers lies, ends included.",
        "=PERCENTILE.INC(B2:B9,0.9)",
        Body::Lifted(second, percentile),
    ),
    declare(
        "PERCENTILE.EXC(numbers, share)",
        "The value below which a share of the numbers lies, ends excluded.",
        "=PERCENTILE.EXC(B2:B9,0.9)",
        Body::Lifted(second, |args| percentile_exclusive(&in_order(args)?, args.number(1)?)),
    ),
    declare(
        "QUARTILE(numbers, quarter)",
        "The value below which so many quarters of the numbers lie.",
        "=QUARTILE(B2:B9,1)",
        Body::Lifted(second, quartile),
    ),
    declare(
        "QUARTILE.INC(numbers, quarter)",
        "The value below which so many quarters of the numbers lie.",
        "=QUARTILE.INC(B2:B9,1)",
        Body::Lifted(second, quartile),
    ),
    declare(
        "QUARTILE.EXC(numbers, quarter)",
        "The same with the ends excluded.",
        "=QUARTILE.EXC(B2:B9,1)",
        Body::Lifted(second, |args| percentile_exclusive(&in_order(args)?, args.number(1)?.trunc() / 4.0)),
    ),
    declare(
        "PERCENTRANK(numbers, number, [digits])",
        "The share of numbers below one, ends included.",
        "=PERCENTRANK(B2:B9,B2)",
        Body::Lifted(second, |args| percent_rank(args, false)),
    ),
    declare(
        "PERCENTRANK.INC(numbers, number, [digits])",
        "The share of numbers below one, ends included.",
        "=PERCENTRANK.INC(B2:B9,B2)",
        Body::Lifted(second, |args| percent_rank(args, false)),
    ),
    declare(
        "PERCENTRANK.EXC(numbers, number, [digits])",
        "The share of numbers below one, ends excluded.",
        "=PERCENTRANK.EXC(B2:B9,B2)",
        Body::Lifted(second, |args| percent_rank(args, true)),
    ),
    declare(
        "TRIMMEAN(numbers, share)",
        "The mean without a share of extreme numbers.",
        "=TRIMMEAN(B2:B9,0.2)",
        Body::Lifted(second, trimmed_mean),
    ),
];

fn first(index: usize) -> bool {
    index == 0
}

fn second(index: usize) -> bool {
    index == 1
}

/// The numbers of the first argument, the least first.
fn in_order<'a>(args: &Args<'a>) -> Result<Cow<'a, [f64]>, CellError> {
    let known = match args.value(0) {
        Value::Array(array) => array.sorted_numbers(),
        _ => None,
    };
    known.map_or_else(|| Ok(Cow::Owned(sorted(column(args)?))), |numbers| Ok(Cow::Borrowed(numbers)))
}

fn ranked(args: &Args<'_>, from_top: bool) -> Outcome {
    let numbers = in_order(args)?;
    let rank = args.number(1)?.ceil();
    if rank < 1.0 || rank > numbers.len() as f64 {
        return Err(out_of_range("there are not so many numbers"));
    }
    let index = if from_top { numbers.len() - rank as usize } else { rank as usize - 1 };
    Ok(numbers.get(index).copied().map_or(Value::Blank, Value::number))
}

fn rank(args: &Args<'_>, shared: bool) -> Outcome {
    let (number, ascending) = (args.number(0)?, args.number_or(2, 0.0)? != 0.0);
    let numbers = args.array(1)?;
    let (below, equal, above) = match numbers.sorted_numbers() {
        Some(sorted) => {
            let below = sorted.partition_point(|other| *other < number);
            let to = sorted.partition_point(|other| *other <= number);
            (below, to - below, sorted.len() - to)
        }
        None => {
            let numbers = || numbers.cells().iter().filter_map(Value::as_number);
            let count =
                |is_counted: fn(&f64, &f64) -> bool| numbers().filter(|other| is_counted(other, &number)).count();
            (count(f64::lt), count(f64::eq), count(f64::gt))
        }
    };
    let before = if ascending { below } else { above };
    if equal == 0 {
        return Err(CellError::because(ErrorKind::Na, "the number is not among the numbers"));
    }
    let offset = if shared { (equal as f64 - 1.0) / 2.0 } else { 0.0 };
    Ok(Value::number(before as f64 + 1.0 + offset))
}

fn percentile(args: &Args<'_>) -> Outcome {
    inclusive(&in_order(args)?, args.number(1)?)
}

fn quartile(args: &Args<'_>) -> Outcome {
    inclusive(&in_order(args)?, args.number(1)?.trunc() / 4.0)
}

fn inclusive(numbers: &[f64], share: f64) -> Outcome {
    if numbers.is_empty() || !(0.0..=1.0).contains(&share) {
        return Err(out_of_range("the share lies between 0 and 1, of at least one number"));
    }
    Ok(Value::number(quantile(numbers, share)))
}

fn percentile_exclusive(numbers: &[f64], share: f64) -> Outcome {
    let place = share * (numbers.len() as f64 + 1.0);
    if place < 1.0 || place > numbers.len() as f64 {
        return Err(out_of_range("there are too few numbers for this share"));
    }
    Ok(Value::number(at_place(numbers, place - 1.0)))
}

fn percent_rank(args: &Args<'_>, exclusive: bool) -> Outcome {
    let (numbers, number, digits) = (in_order(args)?, args.number(1)?, args.integer_or(2, 3)?);
    let (Some(&low), Some(&high)) = (numbers.first(), numbers.last()) else {
        return Err(out_of_range("there is no number"));
    };
    if digits < 1 {
        return Err(out_of_range("at least one digit is needed"));
    }
    if number < low || number > high {
        return Err(CellError::because(ErrorKind::Na, "the number lies outside the numbers"));
    }
    let below = numbers.partition_point(|other| *other < number);
    let place = match numbers.get(below) {
        Some(&next) if next != number && below > 0 => {
            let previous = numbers.get(below - 1).copied().unwrap_or(next);
            below as f64 - 1.0 + (number - previous) / (next - previous)
        }
        _ => below as f64,
    };
    let count = numbers.len() as f64;
    let share = if exclusive {
        (place + 1.0) / (count + 1.0)
    } else if count == 1.0 {
        1.0
    } else {
        place / (count - 1.0)
    };
    let scale = 10_f64.powi(digits.min(15) as i32);
    Ok(Value::number((share * scale + 1e-9).floor() / scale))
}

fn trimmed_mean(args: &Args<'_>) -> Outcome {
    let (numbers, share) = (in_order(args)?, args.number(1)?);
    if !(0.0..1.0).contains(&share) || numbers.is_empty() {
        return Err(out_of_range("the share lies between 0 and 1"));
    }
    let cut = (numbers.len() as f64 * share / 2.0).floor() as usize;
    over(numbers.get(cut..numbers.len() - cut).unwrap_or_default().to_vec(), mean)
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn ranks_and_shares() {
        check(&[
            ("LARGE({3,5,1},2)", "3"),
            ("SMALL({3,5,1},{1,2,3})", "{1,3,5}"),
            ("LARGE({1},2)", "#NUM!"),
            ("RANK(3,{1,3,5,3})", "2"),
            ("RANK(3,{1,3,5,3},1)", "2"),
            ("RANK.AVG(3,{1,3,5,3})", "2.5"),
            ("PERCENTILE({1,2,3,4},0.3)", "1.9"),
            ("PERCENTILE.EXC({1,2,3,4},0.3)", "1.5"),
            ("PERCENTILE({1,2},2)", "#NUM!"),
            ("QUARTILE({1,2,4,7,8,9,10,12},1)", "3.5"),
            ("PERCENTRANK({1,2,3,4},2.5)", "0.5"),
            ("TRIMMEAN({1,2,3,100},0.5)", "2.5"),
        ]);
    }
}
