//! Matrices.

use super::args::{out_of_range, wrong};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{Array, CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare("MMULT(array1, array2)", "The product of two matrices.", "=MMULT(A1:B2,D1:E2)", Body::Whole(multiply)),
    declare("MINVERSE(array)", "The inverse of a square matrix.", "=MINVERSE(A1:B2)", Body::Whole(invert)),
    declare("MDETERM(array)", "The determinant of a square matrix.", "=MDETERM(A1:B2)", Body::Whole(determinant)),
    declare(
        "MUNIT(size)",
        "The unit matrix.",
        "=MUNIT(3)",
        Body::Whole(|args| {
            let size = args.number(0)?.trunc();
            if size < 1.0 {
                return Err(wrong("the size is at least 1"));
            }
            let size = size.min(1e6) as usize;
            args.evaluation.array(size, size, |row, col| Value::Number(f64::from(u8::from(row == col))))
        }),
    ),
];

/// The numbers row by row; anything else is `#VALUE!`.
pub(super) fn numbers(array: &Array) -> Result<Vec<f64>, CellError> {
    array
        .cells()
        .iter()
        .map(|value| match value {
            Value::Number(number) => Ok(*number),
            Value::Error(error) => Err(error.clone()),
            _ => Err(wrong("a matrix holds numbers only")),
        })
        .collect()
}

fn multiply(args: &Args<'_>) -> Outcome {
    let (a, b) = (args.array(0)?, args.array(1)?);
    if a.cols() != b.rows() {
        return Err(wrong("the first matrix needs as many columns as the second has rows"));
    }
    let (x, y, inner, width) = (numbers(&a)?, numbers(&b)?, a.cols(), b.cols());
    args.evaluation.spend(a.rows().saturating_mul(inner).saturating_mul(width).min(u32::MAX as usize))?;
    args.evaluation.array(a.rows(), width, |row, col| {
        Value::number((0..inner).map(|k| x[row * inner + k] * y[k * width + col]).sum())
    })
}

fn square(args: &Args<'_>) -> Result<(Vec<f64>, usize), CellError> {
    let array = args.array(0)?;
    if array.rows() != array.cols() || array.rows() > 300 {
        return Err(wrong("a square matrix of at most 300 rows is needed"));
    }
    Ok((numbers(&array)?, array.rows()))
}

/// Gauss–Jordan elimination with row pivoting of `matrix` beside `right` (`width` columns); the determinant.
pub(super) fn eliminate(matrix: &mut [f64], size: usize, right: &mut [f64], width: usize) -> f64 {
    let mut determinant = 1.0;
    let scale = matrix.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    for step in 0..size {
        let best = (step..size).max_by(|a, b| matrix[a * size + step].abs().total_cmp(&matrix[b * size + step].abs()));
        let best = best.unwrap_or(step);
        let pivot = matrix[best * size + step];
        if pivot.abs() <= scale * 1e-15 {
            return 0.0;
        }
        if best != step {
            (0..size).for_each(|col| matrix.swap(best * size + col, step * size + col));
            (0..width).for_each(|col| right.swap(best * width + col, step * width + col));
            determinant = -determinant;
        }
        determinant *= pivot;
        for row in (0..size).filter(|row| *row != step) {
            let factor = matrix[row * size + step] / pivot;
            if factor != 0.0 {
                (step..size).for_each(|col| matrix[row * size + col] -= factor * matrix[step * size + col]);
                (0..width).for_each(|col| right[row * width + col] -= factor * right[step * width + col]);
            }
        }
    }
    for row in 0..size {
        let pivot = matrix[row * size + row];
        (0..width).for_each(|col| right[row * width + col] /= pivot);
    }
    determinant
}

fn invert(args: &Args<'_>) -> Outcome {
    let (mut matrix, size) = square(args)?;
    let mut right: Vec<f64> = (0..size * size).map(|place| f64::from(u8::from(place / size == place % size))).collect();
    if eliminate(&mut matrix, size, &mut right, size) == 0.0 {
        return Err(out_of_range("the matrix has no inverse"));
    }
    args.evaluation.array(size, size, |row, col| Value::number(right[row * size + col]))
}

fn determinant(args: &Args<'_>) -> Outcome {
    let (mut matrix, size) = square(args)?;
    Ok(Value::number(eliminate(&mut matrix, size, &mut [], 0)))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn matrices() {
        check(&[
            ("MMULT({1,2;3,4},{5;6})", "{17;39}"),
            ("MMULT({1,2},{3,4})", "#VALUE!"),
            ("MINVERSE({4,7;2,6})", "{0.6,-0.7;-0.2,0.4}"),
            ("MINVERSE({1,2;2,4})", "#NUM!"),
            ("MDETERM({3,6;1,4})", "6"),
            ("MDETERM({1,2;2,4})", "0"),
            ("MDETERM({1,\"x\";2,4})", "#VALUE!"),
            ("MUNIT(2)", "{1,0;0,1}"),
        ]);
    }
}
