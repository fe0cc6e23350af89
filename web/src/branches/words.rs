//! Differences in words.

use grid_engine::doc::{Input, Measure, MeasureKind};
use grid_engine::plan::{Conflict, Direction, Held, Kind, NamedDifference, Place};
use grid_engine::value::format::display;
use grid_engine::value::{NumberFormat, Value};

use crate::state::Session;

/// What the two sides are called, ours first.
pub fn sides(direction: Direction, branch: &str, parent: &str) -> (String, String) {
    match direction {
        Direction::Merge => (parent.to_owned(), branch.to_owned()),
        Direction::Rebase => (branch.to_owned(), parent.to_owned()),
    }
}

/// What stands at a place, as people read it.
pub fn held(session: Session, place: &Place, held: Option<&Held>) -> String {
    let nothing = || match place {
        Place::Row(..) | Place::Column(..) | Place::Measure(..) => "deleted",
        _ => "empty",
    };
    match held {
        None => nothing().to_owned(),
        Some(Held::Input(input)) => entered(session, place, input),
        Some(Held::Row { .. } | Held::Column { .. }) => "there".to_owned(),
        Some(Held::After { row: None, .. } | Held::Behind { col: None, .. }) => "first".to_owned(),
        Some(Held::After { .. } | Held::Behind { .. }) => "moved".to_owned(),
        Some(Held::Width(width)) => format!("{width} px"),
        Some(Held::Text(text)) => text.to_string(),
        Some(Held::Measure(measure)) => match &measure.kind {
            MeasureKind::Formula(_) => formula_of(session, place, measure).unwrap_or_else(|| measure.name.clone()),
            _ => measure.name.clone(),
        },
        Some(Held::Rule(rule)) => if rule.strict { "a strict rule" } else { "a rule" }.to_owned(),
        Some(Held::Sheet(sheet)) => sheet.0.title.clone(),
    }
}

/// A measure's formula as people read it, `Name: =…`.
fn formula_of(session: Session, place: &Place, measure: &Measure) -> Option<String> {
    let MeasureKind::Formula(stored) = &measure.kind else { return None };
    let text = session.read(|book| Some(book.measure_formula_text(place.sheet()?, stored)));
    Some(format!("{}: {}", measure.name, text.flatten()?))
}

fn entered(session: Session, place: &Place, input: &Input) -> String {
    let shown = session.read(|book| {
        let cell = place.cell()?;
        let measure = book.sheet(cell.sheet).and_then(|sheet| sheet.measure(cell.col.measure));
        let format = measure.map_or(NumberFormat::General, |measure| measure.format);
        Some(match input {
            Input::Formula(stored) => book.formula_text(cell, stored),
            Input::Number(number) => display(&Value::number(*number), format),
            Input::Bool(truth) => truth.to_string().to_uppercase(),
            Input::Text(text) => text.to_string(),
        })
    });
    shown.flatten().unwrap_or_default()
}

/// What a difference is about, besides its row: the measure and bucket, or what is done to the row.
pub fn what(named: &NamedDifference) -> String {
    let column = &named.name.column;
    match &named.difference.place {
        Place::Cell(_) => column.clone(),
        Place::Note(_) => format!("Note on {column}"),
        Place::Style(_) => format!("Format of {column}"),
        Place::Row(..) if named.difference.theirs.is_none() => "Row deleted".to_owned(),
        Place::Row(..) => "Row added".to_owned(),
        Place::Order(..) => "Row moved".to_owned(),
        Place::Column(..) if named.difference.theirs.is_none() => format!("Column {column} deleted"),
        Place::Column(..) => format!("Column {column} added"),
        Place::ColumnOrder(..) => format!("Column {column} moved"),
        Place::Width(..) => format!("Width of {column}"),
        Place::Measure(..) if named.difference.theirs.is_none() => format!("Measure {column} deleted"),
        Place::Measure(..) if named.difference.ours.is_none() => format!("Measure {column} added"),
        Place::Measure(..) => format!("Measure {column}"),
        Place::Rule(..) => format!("Rule of {column}"),
        Place::Name(_) => "Defined name".to_owned(),
        Place::Sheet(_) => "Sheet".to_owned(),
    }
}

/// Why a person has to decide.
pub fn conflict(kind: Kind) -> Option<&'static str> {
    let Kind::Conflict(conflict) = kind else { return None };
    Some(match conflict {
        Conflict::BothChanged => "Changed on both sides",
        Conflict::FormulaAgainstValue => "Formula against value",
        Conflict::DeletedAgainstEdit => "Deleted on one side, edited on the other",
        Conflict::Order => "Moved on both sides",
    })
}

/// `1 change`, `12 changes`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    }
}
