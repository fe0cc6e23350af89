//! Soft limits taken out of a program before it is solved, and put back into the answer.
//!
//! A soft limit is a row `x + u ≥ s` whose `u`, what is missing, is in no other row and costs something. With the surplus `g`
//! that lies above the limit, `x = s − u + g`, so that the row goes and `g` takes the place of `x`: safety stocks are a third
//! of a supply plan's rows, and inequalities that no presolve takes out. This is exact: whatever `x` is, `u` and `g` follow from it.

use super::Solved;
use crate::supply::program::{Column, Program, RowBound};

/// Less of what is missing is the solver's rounding.
const DUST: f64 = 1e-9;

/// A program without its soft limits.
#[derive(Clone, Debug)]
pub(super) struct Hardened {
    pub program: Program,
    soft: Vec<Soft>,
}

/// A soft limit of a program.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Soft {
    row: usize,
    /// The column that is limited, and where its surplus stands.
    limited: usize,
    missing: usize,
    limit: f64,
}

impl Hardened {
    /// Takes the soft limits out of a linear program.
    pub fn of(program: &Program) -> Self {
        let soft = soft_limits(program);
        let mut of_column: Vec<Option<Soft>> = vec![None; program.columns.len()];
        soft.iter().for_each(|one| of_column[one.limited] = Some(*one));
        let mut hardened = Program::default();
        hardened.columns.clone_from(&program.columns);
        for one in &soft {
            let Column { cost, lower, upper, .. } = program.columns[one.limited];
            let above = |least: f64| (least - one.limit).max(0.0);
            let below = |most: f64| (one.limit - most).max(0.0);
            let (surplus, missing) = (&mut hardened.columns[one.limited], one.missing);
            (surplus.lower, surplus.upper) = (above(lower), above(upper));
            let missing = &mut hardened.columns[missing];
            (missing.lower, missing.upper) = (below(upper), below(lower));
            missing.cost -= cost;
        }
        let mut left_out = soft.iter().map(|one| one.row).peekable();
        let mut entries = Vec::new();
        for (row, bound) in program.rows.iter().enumerate() {
            if left_out.next_if_eq(&row).is_some() {
                continue;
            }
            entries.clear();
            let mut shift = 0.0;
            for (column, coefficient) in program.row(row) {
                entries.push((column, coefficient));
                if let Some(one) = of_column[column] {
                    entries.push((one.missing, -coefficient));
                    shift += coefficient * one.limit;
                }
            }
            let bound = match *bound {
                RowBound::Equal(value) => RowBound::Equal(value - shift),
                RowBound::AtMost(value) => RowBound::AtMost(value - shift),
                RowBound::AtLeast(value) => RowBound::AtLeast(value - shift),
            };
            hardened.add_row(bound, entries.iter().copied());
        }
        Self { program: hardened, soft }
    }

    /// The answer to the program as it was, `program`, from that to this one.
    ///
    /// The price of a soft limit is that of its surplus, as far as it lies between nothing and the price of what is missing; the
    /// rest is the price of the limited column's own bounds.
    pub fn restore(&self, program: &Program, mut solved: Solved) -> Solved {
        let mut row_prices = Vec::with_capacity(program.rows.len());
        let mut kept = solved.row_prices.iter().copied();
        let mut soft = self.soft.iter().peekable();
        for row in 0..program.rows.len() {
            match soft.next_if(|one| one.row == row) {
                None => row_prices.extend(kept.next()),
                Some(one) => {
                    let penalty = program.columns[one.missing].cost;
                    let of_surplus = solved.column_prices[one.limited];
                    let price = match solved.values[one.missing] {
                        // One less of the limit would be missing less.
                        missing if missing > DUST => penalty,
                        // What must be there anyway is above the limit, which then binds nothing.
                        _ if program.columns[one.limited].lower > one.limit => 0.0,
                        _ => of_surplus.clamp(0.0, penalty),
                    };
                    row_prices.push(price);
                    solved.column_prices[one.limited] = of_surplus - price;
                    solved.column_prices[one.missing] = penalty - price;
                    solved.values[one.limited] += one.limit - solved.values[one.missing];
                }
            }
        }
        Solved { bound: program.objective_at(&solved.values), row_prices, ..solved }
    }
}

/// The soft limits of a program, in the order of its rows.
fn soft_limits(program: &Program) -> Vec<Soft> {
    let mut uses = vec![0_u32; program.columns.len()];
    (0..program.rows.len()).for_each(|row| program.row(row).for_each(|(column, _)| uses[column] += 1));
    let is_free_slack = |at: usize| {
        let Column { cost, lower, upper, integer } = program.columns[at];
        uses[at] == 1 && cost >= 0.0 && lower == 0.0 && upper == f64::INFINITY && !integer
    };
    let mut is_limited = vec![false; program.columns.len()];
    let mut found = Vec::new();
    for (row, bound) in program.rows.iter().enumerate() {
        let RowBound::AtLeast(limit) = *bound else { continue };
        let mut entries = program.row(row);
        let (2, Some((limited, 1.0)), Some((missing, 1.0))) = (entries.len(), entries.next(), entries.next()) else {
            continue;
        };
        let Column { lower, upper, integer, .. } = program.columns[limited];
        let is_sound = limit.is_finite() && lower.is_finite() && upper >= lower && !integer;
        if is_sound && uses[limited] > 1 && is_free_slack(missing) && !std::mem::replace(&mut is_limited[limited], true)
        {
            found.push(Soft { row, limited, missing, limit });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::enabled::{Method, range, solve_by};
    use super::super::{Limits, SolveClock, solve_program};
    use super::*;
    use proptest::prelude::*;

    const NO_LIMITS: Limits =
        Limits { seconds: None, mip_gap: 1e-6, log: false, presolve: true, clock: SolveClock(None) };

    /// What a place holds and asks in a bucket.
    #[derive(Clone, Debug)]
    struct Bucket {
        demand: f64,
        hours: f64,
        safety: f64,
        stock: (f64, f64),
        penalty: f64,
    }

    /// Stock of one item from bucket to bucket: made within hours, held, safety stock wanted, lost at a cost.
    fn program(buckets: &[Bucket]) -> Program {
        let mut program = Program::default();
        let mut before: Option<usize> = None;
        for bucket in buckets {
            let (least, more) = bucket.stock;
            let stock = program.add_column(0.5, least, least + more);
            let missing = program.add_column(bucket.penalty, 0.0, f64::INFINITY);
            let made = program.add_column(1.0, 0.0, bucket.hours);
            let lost = program.add_column(20.0, 0.0, f64::INFINITY);
            let gone = program.add_column(50.0, 0.0, f64::INFINITY);
            program.add_row(RowBound::AtLeast(bucket.safety), [(stock, 1.0), (missing, 1.0)]);
            let flows = [(stock, -1.0), (made, 1.0), (lost, 1.0), (gone, -1.0)];
            let carried = before.map(|before| (before, 1.0));
            program.add_row(RowBound::Equal(bucket.demand), flows.into_iter().chain(carried));
            program.add_row(RowBound::AtMost(12.0), [(stock, 1.0), (made, 0.25)]);
            before = Some(stock);
        }
        program
    }

    fn bucket() -> impl Strategy<Value = Bucket> {
        let safety = prop_oneof![1 => Just(0.0), 4 => 0.0..9.0_f64];
        let penalty = prop_oneof![1 => Just(0.0), 4 => 0.0..6.0_f64];
        let stock =
            (prop_oneof![3 => Just(0.0), 1 => 0.0..4.0_f64], prop_oneof![1 => Just(f64::INFINITY), 2 => 0.0..8.0_f64]);
        (0.0..9.0_f64, 0.0..9.0_f64, safety, stock, penalty)
            .prop_map(|(demand, hours, safety, stock, penalty)| Bucket { demand, hours, safety, stock, penalty })
    }

    /// What is wrong with prices: each column's must be its cost less what its rows charge, and every price of a limit that
    /// does not bind is nothing.
    fn wrong_prices(program: &Program, solved: &Solved) -> Vec<String> {
        const NEAR: f64 = 1e-6;
        let mut charged: Vec<f64> = program.columns.iter().map(|column| column.cost).collect();
        let mut wrong = Vec::new();
        for (row, bound) in program.rows.iter().enumerate() {
            let price = solved.row_prices[row];
            program.row(row).for_each(|(column, coefficient)| charged[column] -= coefficient * price);
            let (sum, (least, most)) = (program.row_at(row, &solved.values), range(*bound));
            let binds =
                if price > NEAR { (sum - least).abs() < NEAR } else { price > -NEAR || (sum - most).abs() < NEAR };
            if !binds || sum < least - NEAR || sum > most + NEAR {
                wrong.push(format!("row {row}: {sum} at a price of {price}"));
            }
        }
        for (at, (column, charged)) in program.columns.iter().zip(charged).enumerate() {
            let (value, price) = (solved.values[at], solved.column_prices[at]);
            let binds = match price {
                price if price > NEAR => (value - column.lower).abs() < NEAR,
                price if price < -NEAR => (value - column.upper).abs() < NEAR,
                _ => true,
            };
            if !binds || (price - charged).abs() > NEAR || value < column.lower - NEAR || value > column.upper + NEAR {
                wrong.push(format!("column {at}: {value} at a price of {price}, charged {charged}"));
            }
        }
        wrong
    }

    proptest! {
        #[test]
        fn plan_and_prices_are_those_of_the_program_as_it_was(buckets in prop::collection::vec(bucket(), 1..7)) {
            let program = program(&buckets);
            prop_assert_eq!(Hardened::of(&program).program.rows.len(), program.rows.len() - buckets.len());
            let whole = solve_by(Method::Simplex, &program, NO_LIMITS);
            let solved = solve_program(&program, NO_LIMITS);
            prop_assert_eq!(whole.is_ok(), solved.is_ok());
            if let (Ok(whole), Ok(solved)) = (whole, solved) {
                let [whole, found] = [&whole, &solved].map(|solved| program.objective_at(&solved.values));
                prop_assert!((whole - found).abs() <= 1e-6 * whole.abs().max(1.0), "{} {}", whole, found);
                prop_assert_eq!(wrong_prices(&program, &solved), Vec::<String>::new());
            }
        }
    }

    /// One column is limited from below twice: one of the limits stays a row.
    #[test]
    fn of_two_limits_of_a_column_one_is_taken_out() {
        let mut program = Program::default();
        let stock = program.add_column(1.0, 0.0, 9.0);
        for (limit, penalty) in [(4.0, 3.0), (6.0, 0.5)] {
            let missing = program.add_column(penalty, 0.0, f64::INFINITY);
            program.add_row(RowBound::AtLeast(limit), [(stock, 1.0), (missing, 1.0)]);
        }
        assert_eq!(Hardened::of(&program).program.rows.len(), 1);
        let solved = solve_program(&program, NO_LIMITS).unwrap();
        assert_eq!(solved.values, [4.0, 0.0, 2.0]);
        assert_eq!(wrong_prices(&program, &solved), Vec::<String>::new());
    }
}
