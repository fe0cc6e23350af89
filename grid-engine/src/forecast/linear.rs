//! Symmetric positive definite systems, as regressions and reconciliations have them.

/// The lower triangle L of L·Lᵀ = A.
#[derive(Clone, Debug)]
pub(super) struct Cholesky {
    size: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors a matrix given row by row; `None` where it is not positive definite beyond rounding.
    pub fn new(matrix: &[f64], size: usize) -> Option<Self> {
        let mut lower = matrix.to_vec();
        for row in 0..size {
            for column in 0..=row {
                let mut value = lower[row * size + column];
                for before in 0..column {
                    value -= lower[row * size + before] * lower[column * size + before];
                }
                if row > column {
                    lower[row * size + column] = value / lower[column * size + column];
                } else {
                    // What rounding leaves of a dependent column is no pivot.
                    if value.is_nan() || value <= 1e-12 * matrix[row * size + row].abs() || value <= 0.0 {
                        return None;
                    }
                    lower[row * size + row] = value.sqrt();
                }
            }
        }
        Some(Self { size, lower })
    }

    /// x of A·x = b.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = self.size;
        let mut x = right.to_vec();
        for row in 0..size {
            for before in 0..row {
                x[row] -= self.lower[row * size + before] * x[before];
            }
            x[row] /= self.lower[row * size + row];
        }
        for row in (0..size).rev() {
            for after in row + 1..size {
                x[row] -= self.lower[after * size + row] * x[after];
            }
            x[row] /= self.lower[row * size + row];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn solves_by_hand() {
        // 4x + 2y = 10, 2x + 3y = 11.
        let factor = Cholesky::new(&[4.0, 2.0, 2.0, 3.0], 2).unwrap();
        let x = factor.solve(&[10.0, 11.0]);
        assert!((x[0] - 1.0).abs() < 1e-12 && (x[1] - 3.0).abs() < 1e-12, "{x:?}");
    }

    #[test]
    fn dependent_columns_are_refused() {
        assert!(Cholesky::new(&[1.0, 2.0, 2.0, 4.0], 2).is_none());
        assert!(Cholesky::new(&[f64::NAN], 1).is_none());
    }
}
