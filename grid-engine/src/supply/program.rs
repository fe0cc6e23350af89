//! A linear program in numbers only: what a solver needs, and nothing a planner would recognise.

/// A column: one unknown quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Its share in the objective, per unit.
    pub cost: f64,
    pub lower: f64,
    /// Infinite where unlimited.
    pub upper: f64,
    pub integer: bool,
}

/// Bounds of a row's sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RowBound {
    Equal(f64),
    AtMost(f64),
    AtLeast(f64),
}

/// `minimise cost · x` where every row's sum keeps its bound and every column its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Columns stand in runs of so many, one a period; 0 where they do not.
    pub periods: usize,
    pub columns: Vec<Column>,
    pub rows: Vec<RowBound>,
    /// Where each row's entries begin in `entries`; one longer than `rows`, except when there are none.
    starts: Vec<usize>,
    entries: Vec<(u32, f64)>,
}

impl Program {
    /// An empty program whose columns will stand in runs of so many.
    pub fn of_periods(periods: usize) -> Self {
        Self { periods, ..Self::default() }
    }

    /// Adds a column and says its place.
    pub fn add_column(&mut self, cost: f64, lower: f64, upper: f64) -> usize {
        self.columns.push(Column { cost, lower, upper, integer: false });
        self.columns.len() - 1
    }

    /// Adds as many equal columns as there are periods.
    pub fn add_columns(&mut self, periods: usize, cost: f64, lower: f64, upper: f64) {
        let column = Column { cost, lower, upper, integer: false };
        self.columns.extend(std::iter::repeat_n(column, periods));
    }

    /// Adds a row and says its place. Entries without effect are left out.
    pub fn add_row(&mut self, bound: RowBound, entries: impl IntoIterator<Item = (usize, f64)>) -> usize {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        let filled = entries.into_iter().filter(|&(_, coefficient)| coefficient != 0.0);
        self.entries.extend(filled.map(|(column, coefficient)| (column as u32, coefficient)));
        self.starts.push(self.entries.len());
        self.rows.push(bound);
        self.rows.len() - 1
    }

    /// A row's entries: column and coefficient.
    pub fn row(&self, row: usize) -> impl ExactSizeIterator<Item = (usize, f64)> + '_ {
        let entries = &self.entries[self.starts[row]..self.starts[row + 1]];
        entries.iter().map(|&(column, coefficient)| (column as usize, coefficient))
    }

    /// Number of coefficients that are not zero.
    pub fn nonzeros(&self) -> usize {
        self.entries.len()
    }

    /// Whether some column must be whole.
    pub fn has_integers(&self) -> bool {
        self.columns.iter().any(|column| column.integer)
    }

    /// The objective at `values`.
    pub fn objective_at(&self, values: &[f64]) -> f64 {
        self.columns.iter().zip(values).map(|(column, value)| column.cost * value).sum()
    }

    /// A row's sum at `values`.
    pub fn row_at(&self, row: usize, values: &[f64]) -> f64 {
        self.row(row).map(|(column, coefficient)| coefficient * values[column]).sum()
    }

    /// The same program with every whole column held at its value in `values`: a linear program,
    /// whose prices are those of the plan found.
    pub fn with_integers_fixed(&self, values: &[f64]) -> Self {
        let mut fixed = self.clone();
        for (column, value) in fixed.columns.iter_mut().zip(values).filter(|(column, _)| column.integer) {
            (column.lower, column.upper, column.integer) = (value.round(), value.round(), false);
        }
        fixed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_entries_and_drop_zeros() {
        let mut program = Program::default();
        let (x, y) = (program.add_column(1.0, 0.0, 9.0), program.add_column(2.0, 0.0, f64::INFINITY));
        program.add_row(RowBound::AtMost(4.0), [(x, 1.0), (y, 0.0)]);
        program.add_row(RowBound::Equal(3.0), [(x, 1.0), (y, 2.0)]);
        assert_eq!(program.row(0).collect::<Vec<_>>(), [(x, 1.0)]);
        assert_eq!(program.nonzeros(), 3);
        assert_eq!(program.objective_at(&[3.0, 4.0]), 11.0);
        assert_eq!(program.row_at(1, &[3.0, 4.0]), 11.0);
    }

    #[test]
    fn fixing_holds_whole_columns_only() {
        let mut program = Program::default();
        let (free, whole) = (program.add_column(1.0, 0.0, 9.0), program.add_column(1.0, 0.0, 9.0));
        program.columns[whole].integer = true;
        let fixed = program.with_integers_fixed(&[1.5, 2.0000001]);
        assert!(!fixed.has_integers());
        assert_eq!((fixed.columns[whole].lower, fixed.columns[whole].upper), (2.0, 2.0));
        assert_eq!(fixed.columns[free], program.columns[free]);
    }
}
