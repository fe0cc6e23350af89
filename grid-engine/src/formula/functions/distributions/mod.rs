//! Probability distributions and their inverses, and what their arguments must be.

pub(super) mod counts;
pub(super) mod gamma;
pub(super) mod normal;

use super::Args;
use super::args::out_of_range;
use crate::value::CellError;

fn positive(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    let number = args.number(index)?;
    if number > 0.0 { Ok(number) } else { Err(out_of_range("the number must be above 0")) }
}

fn not_negative(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    let number = args.number(index)?;
    if number >= 0.0 { Ok(number) } else { Err(out_of_range("the number must not be negative")) }
}

fn probability(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    let number = args.number(index)?;
    if (0.0..=1.0).contains(&number) { Ok(number) } else { Err(out_of_range("a probability lies between 0 and 1")) }
}

fn half_open_probability(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    probability(args, index)
        .and_then(|p| if p < 1.0 { Ok(p) } else { Err(out_of_range("the probability must be below 1")) })
}

fn open_probability(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    half_open_probability(args, index)
        .and_then(|p| if p > 0.0 { Ok(p) } else { Err(out_of_range("the probability must be above 0")) })
}
