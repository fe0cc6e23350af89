//! What people type, and what they get to see when they begin to.

use super::Workbook;
use crate::doc::{Input, Measure, MeasureKind, Merge};
use crate::formula::{Formula, FormulaError};
use crate::refs::{CellRef, PersonId};
use crate::value::entry::{Entry, entry_text_in, read_entry_in, read_number_in};
use crate::value::{Locale, NumberFormat, Value};

/// A word of a style that is no number format: what stands over others, as on sheets a plan begins with.
pub const HEADING_STYLE: &str = "heading";

impl Workbook {
    /// Numbers, dates and the signs of formulas are typed and shown as a locale writes them; names of functions are the same everywhere.
    pub fn set_locale(&mut self, locale: Locale) {
        self.locale = locale;
    }

    /// How numbers and dates are typed and shown.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// Reads what a person typed into a cell: number, date, percentage, text, formula. `None` clears.
    ///
    /// Keys and text measures take everything but formulas as text. In a percentage, a plain `12` is 12 %. On an
    /// additive measure `+10` and `-10` add to what the person has contributed, and a plain number (`=-10` for a
    /// negative one) changes the contribution so that the cell's total becomes that number. On an allocation measure a
    /// number is the share the cell is to have; the others of its group keep their proportions.
    ///
    /// Errors: a formula that cannot be read, or anything but a number on an additive measure.
    pub fn read_entry(&self, cell: CellRef, by: PersonId, text: &str) -> Result<Option<Input>, FormulaError> {
        let measure = self.measure_at(cell);
        if measure.is_some_and(|measure| measure.merge == Merge::Additive) {
            return self.read_contribution(cell, by, text);
        }
        if measure.is_some_and(|measure| measure.merge.is_allocation()) {
            return self.read_share(cell, text);
        }
        let is_text = measure.is_some_and(|measure| measure.kind == MeasureKind::Key)
            || self.format_at(cell) == NumberFormat::Text;
        Ok(match read_entry_in(text, self.locale) {
            Entry::Clear => None,
            Entry::Formula(typed) => Some(Input::Formula(self.formula_stored(cell, &typed)?.into())),
            Entry::Value(Value::Text(text), _) => Some(Input::Text(text.into())),
            Entry::Value(..) if is_text => Some(Input::Text(text.trim().into())),
            Entry::Value(Value::Number(number), None) if self.format_at(cell) == NumberFormat::Percent => {
                Some(Input::Number(if number.abs() >= 1.0 { number / 100.0 } else { number }))
            }
            Entry::Value(Value::Number(_), Some(NumberFormat::Date))
                if measure.is_some() && !matches!(self.format_at(cell), NumberFormat::Date | NumberFormat::General) =>
            {
                return Err(FormulaError { at: 0, message: "this is a date, and the measure takes numbers".into() });
            }
            Entry::Value(Value::Number(number), _) => Some(Input::Number(number)),
            Entry::Value(Value::Bool(truth), _) => Some(Input::Bool(truth)),
            Entry::Value(Value::Error(error), _) => {
                Some(Input::Formula(self.formula_stored(cell, &format!("={}", error.kind.code()))?.into()))
            }
            Entry::Value(Value::Blank | Value::Array(_), _) => None,
        })
    }

    /// The style that the spelling of an entry asks for: the cell's own with a number format, where it has none and no measure
    /// says how its numbers are shown. A date typed into a free sheet is shown as one, and so is what a formula gives that
    /// counts on from a date.
    pub fn entry_style(&self, cell: CellRef, text: &str) -> Option<String> {
        let style = self.sheet(cell.sheet).and_then(|sheet| sheet.style(cell.row, cell.col)).unwrap_or_default();
        if format_of(style).is_some() || self.format_at(cell) != NumberFormat::General {
            return None;
        }
        let format = self.entry_format(cell, text)?;
        Some(if style.is_empty() { format.to_owned() } else { format!("{style} {format}") })
    }

    fn entry_format(&self, cell: CellRef, text: &str) -> Option<&'static str> {
        match read_entry_in(text, self.locale) {
            Entry::Value(Value::Number(number), Some(NumberFormat::Date)) if number >= 1.0 => Some("date"),
            Entry::Formula(text) => {
                let stored = self.formula_stored(cell, &text).ok()?;
                let is_date = |cell| self.format_at(cell) == NumberFormat::Date;
                Formula::from_stored(&stored).ok()?.gives_date(&is_date).then_some("date")
            }
            Entry::Value(Value::Number(_), Some(NumberFormat::Percent)) => Some("percent"),
            Entry::Value(Value::Number(_), Some(NumberFormat::Price | NumberFormat::Money)) => Some("price"),
            _ => None,
        }
    }

    fn read_contribution(&self, cell: CellRef, by: PersonId, text: &str) -> Result<Option<Input>, FormulaError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let refused = || FormulaError {
            at: 0,
            message: "contributions are added up here: enter a total, or +10 or -10 to change yours".into(),
        };
        let (own, total) = self.own_and_total(cell, by);
        let number = |text: &str| read_number_in(text, self.locale).map(|(number, _)| number).ok_or_else(refused);
        let contribution = match text.as_bytes()[0] {
            b'=' => own + number(&text[1..])? - total,
            b'+' => own + number(&text[1..])?,
            b'-' => own + number(text)?,
            _ => own + number(text)? - total,
        };
        Ok((contribution != 0.0).then_some(Input::Number(contribution)))
    }

    /// What a person has to contribute for an additive cell to become `total`; `None`: nothing.
    pub(super) fn contribution_for(&self, cell: CellRef, by: PersonId, total: f64) -> Option<Input> {
        let (own, now) = self.own_and_total(cell, by);
        let contribution = own + total - now;
        (contribution != 0.0).then_some(Input::Number(contribution))
    }

    /// A person's contribution to an additive cell, and everybody's.
    fn own_and_total(&self, cell: CellRef, by: PersonId) -> (f64, f64) {
        self.sheet(cell.sheet).map_or((0.0, 0.0), |sheet| {
            let all = sheet.contributions(cell.row, cell.col);
            let own = all.iter().find(|(person, _)| *person == by).map_or(0.0, |(_, number)| *number);
            (own, all.iter().map(|(_, number)| number).sum())
        })
    }

    fn read_share(&self, cell: CellRef, text: &str) -> Result<Option<Input>, FormulaError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let refused = |message: &str| FormulaError { at: 0, message: message.into() };
        let (number, _) = read_number_in(text, self.locale)
            .ok_or_else(|| refused("a share of the whole is a number, such as 30%"))?;
        let share = if number > 1.0 && self.format_at(cell) == NumberFormat::Percent { number / 100.0 } else { number };
        let weight = self.sheet(cell.sheet).and_then(|sheet| sheet.weight_for_share(cell.row, cell.col, share));
        let message =
            "a share lies between 0 and 100 %, and others of the group have theirs: clear or lower those first";
        weight.map(|weight| Some(Input::Number(weight))).ok_or_else(|| refused(message))
    }

    /// What the editor of a cell starts with: what was entered, or the measure's formula.
    pub fn entry_text(&self, cell: CellRef) -> String {
        let input = self.sheet(cell.sheet).and_then(|sheet| sheet.input(cell.row, cell.col));
        let format = self.format_at(cell);
        let entry_text = |value: &Value, format| entry_text_in(value, format, self.locale);
        match input {
            Some(Input::Formula(stored)) => self.formula_text(cell, stored),
            Some(Input::Number(number)) => entry_text(&Value::Number(*number), format),
            Some(Input::Bool(truth)) => entry_text(&Value::Bool(*truth), format),
            Some(Input::Text(text)) => entry_text(&Value::text(text), format),
            None => match self.measure_at(cell).map(|measure| &measure.kind) {
                Some(MeasureKind::Formula(stored)) => self.formula_text(cell, stored),
                Some(MeasureKind::Layer) => entry_text(self.value(cell), format),
                _ => String::new(),
            },
        }
    }

    /// A cell's value as the grid shows it, by its own number format or its measure's.
    pub fn display(&self, cell: CellRef) -> String {
        self.locale.display(self.value(cell), self.format_at(cell))
    }

    /// What copying a cell, or filling from it, enters at another: the same value, or the formula with its relative
    /// references shifted as in Excel. `None`: nothing was entered there.
    pub fn entry_moved(&self, from: CellRef, to: CellRef) -> Option<Input> {
        let input = self.sheet(from.sheet)?.input(from.row, from.col)?;
        let Input::Formula(stored) = input else { return Some(input.clone()) };
        match Formula::from_stored(stored) {
            Ok(formula) => Some(Input::Formula(formula.moved(self, from, to).to_stored().into())),
            Err(_) => Some(input.clone()),
        }
    }

    fn measure_at(&self, cell: CellRef) -> Option<&Measure> {
        self.sheet(cell.sheet)?.measure(cell.col.measure)
    }

    /// The number format a person gave the cell, or its measure's.
    pub fn format_at(&self, cell: CellRef) -> NumberFormat {
        let style = self.sheet(cell.sheet).and_then(|sheet| sheet.style(cell.row, cell.col));
        style.and_then(format_of).or_else(|| self.measure_at(cell).map(|measure| measure.format)).unwrap_or_default()
    }
}

/// The number format among the words of a style, by the name it has in documents.
pub fn format_of(style: &str) -> Option<NumberFormat> {
    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};
    let named = |word: &str| {
        let name: StrDeserializer<'_, Error> = word.into_deserializer();
        NumberFormat::deserialize(name).ok()
    };
    style.split(' ').find_map(named)
}
