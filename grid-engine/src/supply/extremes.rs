//! The numbers of the tables that lie furthest apart: where to look when a solver gives up on them.

use std::sync::Arc;

use super::lint::Problem;

/// A solver has about so many digits to tell a small number beside a large one.
const FAR_APART: f64 = 1e9;

/// A number and where it stands.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    number: f64,
    table: Arc<str>,
    row: usize,
    column: Arc<str>,
}

/// The smallest and the largest number above zero; `None` without any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extremes(Option<(Found, Found)>);

impl Extremes {
    /// Takes a number into account; the first of equal ones stays.
    pub(super) fn note(&mut self, number: f64, table: &Arc<str>, row: usize, column: &str) {
        if number <= 0.0 {
            return;
        }
        let found = || Found { number, table: table.clone(), row, column: column.into() };
        match &mut self.0 {
            None => self.0 = Some((found(), found())),
            Some((least, _)) if number < least.number => *least = found(),
            Some((_, most)) if number > most.number => *most = found(),
            Some(_) => {}
        }
    }

    /// Both, as problems of their cells, where they are far enough apart to be why a solver gave up.
    pub(super) fn problems(&self) -> Option<[Problem; 2]> {
        let (least, most) = self.0.as_ref().filter(|(least, most)| most.number / least.number >= FAR_APART)?;
        let problem = |found: &Found, reason: String| Problem {
            table: found.table.clone(),
            row: Some(found.row),
            column: Some(found.column.clone()),
            reason,
        };
        let reason = format!(
            "{:e} is the largest number, too far from the smallest for the solver, which gave up: correct it if \
             it is mistyped, or use larger units",
            most.number
        );
        Some([problem(most, reason), problem(least, format!("{:e} is the smallest number above zero", least.number))])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_numbers_furthest_apart_are_named_where_they_are_far_apart() {
        let (prices, costs) = (Arc::from("products"), Arc::from("stock_policy"));
        let mut extremes = Extremes::default();
        extremes.note(0.0, &costs, 0, "hold_cost");
        assert_eq!(extremes.problems(), None);
        extremes.note(0.5, &costs, 1, "hold_cost");
        extremes.note(4e8, &prices, 2, "price");
        assert_eq!(extremes.problems(), None);
        extremes.note(1e12, &prices, 3, "price");
        let found = extremes.problems().unwrap().map(|problem| problem.to_string());
        assert!(found[0].starts_with("products, row 4, column price: 1e12 is the largest number"), "{found:?}");
        assert_eq!(found[1], "stock_policy, row 2, column hold_cost: 5e-1 is the smallest number above zero");
    }
}
