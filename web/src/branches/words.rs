//! Differences in words.

use grid_engine::doc::{Input, Measure, MeasureKind};
use grid_engine::plan::{Conflict, Difference, Direction, Held, Kind, LostEdit, NamedDifference, Place, PlaceName};
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
    let nothing = || if is_frame(place) { "deleted" } else { "empty" };
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

/// Whether a place is a row, a column or a measure, which is there or deleted.
fn is_frame(place: &Place) -> bool {
    matches!(place, Place::Row(..) | Place::Column(..) | Place::Measure(..))
}

/// What ours holds, where theirs changed something: a cell whose row or column is gone there is not merely empty.
pub fn held_by_ours(session: Session, difference: &Difference) -> String {
    let is_gone = difference.ours.is_none() && difference.kind == Kind::Conflict(Conflict::DeletedAgainstEdit);
    if is_gone { "deleted".to_owned() } else { held(session, &difference.place, difference.ours.as_ref()) }
}

/// What would go with a row, column or measure: each change as it was and as it is, and how many more there are.
pub fn lost(session: Session, named: &NamedDifference) -> Vec<(String, String, String)> {
    let of = &named.difference.place;
    let line = |(lost, name): (&LostEdit, &PlaceName)| {
        // The row is named by the line itself, unless a whole column goes.
        let row = (!matches!(of, Place::Row(..))).then(|| name.row.clone());
        let what = match lost.place {
            Place::Note(_) => format!("Note on {}", name.column),
            Place::Style(_) => format!("Format of {}", name.column),
            _ => name.column.clone(),
        };
        let name = row.into_iter().chain([what]).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
        let shown = |value: Option<&Held>| held(session, &lost.place, value);
        (name, shown(lost.base.as_ref()), shown(lost.ours.as_ref()))
    };
    named.difference.lost.iter().zip(&named.lost).map(line).collect()
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
