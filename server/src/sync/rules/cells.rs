//! Cells: which of them a person may write, and what they may hold.

use grid_engine::doc::{Entered, Input, Measure, MeasureKind, Merge, SheetKind};
use grid_engine::refs::{CellRef, PersonId, RoomId};
use grid_engine::value::{NumberFormat, is_unseen};

use super::super::admission::Refused;
use super::Rules;

/// Whole numbers beyond it are not exact, and no plan has them.
const LARGEST: f64 = 9_007_199_254_740_992.0;
/// The largest number of a free sheet, as in Excel.
const LARGEST_OF_ALL: f64 = 9.999_999_999_999_99e307;

impl Rules<'_> {
    /// The cell must be one of the sheet's, here and in this person's scope.
    pub(super) fn check_place(&self, cell: CellRef) -> Result<(), Refused> {
        let refuse = |why: &str| Err(Refused::at("acl.write", why, [cell]));
        self.check_known(cell.row, "acl.write", Some(cell))?;
        let known_col = match self.sheet.meta().kind {
            SheetKind::Planning => self.sheet.col_index(cell.col).is_some(),
            SheetKind::Free => {
                self.sheet.col_index(cell.col).is_some()
                    || self.fresh_cols.contains(&cell.col)
                    || self.sheet.deleted_cols().iter().any(|(col, _)| *col == cell.col)
            }
        };
        if !known_col {
            return refuse("There is no such column.");
        }
        if !self.scope.has_measure(cell.col.measure) {
            return refuse("The measure is not one of yours.");
        }
        self.check_scope(cell.row, Some(cell))
    }

    pub(super) fn check_cell(&self, cell: CellRef, person: Option<PersonId>, to: &Entered) -> Result<(), Refused> {
        self.check_place(cell)?;
        let measure = match self.sheet.meta().kind {
            SheetKind::Planning => self.sheet.measure(cell.col.measure),
            SheetKind::Free => None,
        };
        let code = if *to == Entered::Nothing { "acl.delete" } else { "acl.write" };
        let read_only = |why: &str| Err(Refused::at(code, why, [cell]));
        let is_additive = measure.is_some_and(|measure| measure.merge == Merge::Additive);
        if person.is_some_and(|person| person != self.me.person) {
            return read_only("It is somebody else's contribution.");
        }
        if is_additive != person.is_some() {
            return Err(Refused::at(
                "cell.type",
                "Contributions belong to additive measures, and to a person.",
                [cell],
            ));
        }
        match measure.map(|measure| &measure.kind) {
            Some(MeasureKind::Layer) => return read_only("Its values come from outside and are not entered."),
            Some(MeasureKind::Key) => return self.check_key(cell, to),
            _ => {}
        }
        if measure.is_some_and(|measure| !measure.span.covers(cell.col, self.sheet.meta())) {
            return read_only("Its measure has no cells in this bucket.");
        }
        match to {
            Entered::Nothing => Ok(()),
            Entered::Input(input) => self.check_input(cell, measure, input),
            Entered::Record(_) | Entered::Other => {
                Err(Refused::at("cell.type", "A cell holds a number, a truth value or a text.", [cell]))
            }
        }
    }

    /// A row's key comes with the row and stays as it is.
    fn check_key(&self, cell: CellRef, to: &Entered) -> Result<(), Refused> {
        let before = self.sheet.input(cell.row, cell.col);
        let refuse = |code, why: &str| Err(Refused::at(code, why, [cell]));
        match to {
            Entered::Input(input) if before.is_none() || before == Some(input) => {
                if let Input::Formula(_) = input {
                    return refuse("cell.type", "A key is a text or a number, not a formula.");
                }
                let meta = self.sheet.meta();
                if let (RoomId::Part(_, part), Input::Text(text)) = (self.room, input)
                    && meta.partition == Some(cell.col.measure)
                    && meta.parts.get(&part).is_some_and(|label| **label != **text)
                {
                    return refuse("acl.write", "The row's key is that of another part.");
                }
                self.check_input(cell, None, input)
            }
            Entered::Nothing if before.is_none() => Ok(()),
            Entered::Nothing => refuse("acl.delete", "A row's key stays as it is."),
            _ => refuse("acl.write", "A row's key stays as it is: insert a row with the new key instead."),
        }
    }

    fn check_input(&self, cell: CellRef, measure: Option<&Measure>, input: &Input) -> Result<(), Refused> {
        let refuse = |code, why: &str| Err(Refused::at(code, why, [cell]));
        let is_numeric = measure.is_some_and(|measure| {
            measure.merge == Merge::Additive
                || !matches!(measure.format, NumberFormat::General | NumberFormat::Text | NumberFormat::Date)
        });
        if let Some(objection) =
            self.sheet.validation(cell.col.measure).filter(|rule| rule.strict).and_then(|rule| rule.objection(input))
        {
            return Err(Refused::at("cell.rule", objection, [cell]));
        }
        let is_share = measure.is_some_and(|measure| measure.merge.is_allocation());
        match input {
            Input::Number(number) if !number.is_finite() => refuse("cell.range", "A cell holds finite numbers only."),
            Input::Number(number) if number.abs() > LARGEST_OF_ALL => {
                refuse("cell.range", "The number is larger than any a spreadsheet holds.")
            }
            Input::Number(number) if measure.is_some() && number.abs() >= LARGEST => {
                refuse("cell.range", "The number is too large to be exact.")
            }
            Input::Number(number) if *number < 0.0 && self.is_demand(measure) => {
                refuse("cell.range", "Demand is not negative.")
            }
            Input::Number(number) if *number < 0.0 && is_share => refuse("cell.range", "A share is not negative."),
            Input::Number(_) => Ok(()),
            _ if is_share => refuse("cell.type", "A share is a number."),
            Input::Formula(_) if measure.is_some_and(|measure| measure.merge == Merge::Additive) => {
                refuse("cell.type", "Contributions are numbers.")
            }
            Input::Bool(_) | Input::Text(_) if is_numeric => refuse("cell.type", "The measure takes numbers."),
            Input::Text(text) | Input::Formula(text) if text.chars().any(is_unseen) => {
                refuse("cell.type", "The text has control or invisible characters.")
            }
            _ => Ok(()),
        }
    }

    /// Quantities people will want; what they add or take away may be negative.
    fn is_demand(&self, measure: Option<&Measure>) -> bool {
        self.role == "demand" && measure.is_some_and(|measure| measure.timed && measure.merge == Merge::Override)
    }
}
