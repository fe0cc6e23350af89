//! Scorecards of earlier programs, brought up to date when their workbook is opened: planners' own figures have a unit, a
//! direction and a rule, and every value is shown in its unit. Nobody has to enter anything, and what people have made of
//! their scorecard stays.

use grid_engine::doc::{Edit, Input, MeasureKind, SheetKind, is_reserved};
use grid_engine::refs::{ColId, PersonId, RoomId, SheetId};
use grid_engine::workbook::Workbook;

use crate::at_rest::opened;
use crate::clock::now_ms;
use crate::exchange::blueprint::{BlueprintError, Outdated, SheetBlueprint, measure_id};
use crate::exchange::plan_sheets::{in_units, scorecard};
use crate::store::{EditRecord, NewUpdate, Store, WorkbookId, person_id};

const WHY: &str =
    "Scorecard brought up to date: unit, direction and rule of figures of one's own, values in their unit.";
/// Writer ids are whole numbers that JavaScript holds exactly.
const LARGEST_WRITER: u64 = (1 << 53) - 1;

/// Whether a workbook's scorecard is of an earlier program.
pub fn is_due(workbook: &Workbook) -> bool {
    let Some(sheet) = find(workbook) else { return false };
    let standard = scorecard(&["KPI"]);
    standard.is_ahead_of(workbook) || !formatted(workbook, sheet, standard).formats_in(workbook).is_empty()
}

/// Brings a workbook's scorecard up to date in the store, as entries of their own in the edit log.
///
/// # Errors
/// In words.
pub fn upgrade(store: &Store, id: WorkbookId) -> Result<(), String> {
    let writer = std::iter::repeat_with(|| rand::random_range(1..=LARGEST_WRITER)).find(|writer| !is_reserved(*writer));
    let writer = writer.unwrap_or(LARGEST_WRITER);
    let (by, at) = (person_id("equipoise"), now_ms());
    let mut workbook = opened(store, id, writer)?;
    let made = updates(&mut workbook, by, at).map_err(|error| error.to_string())?;
    for ((room, body), from) in made.into_iter().zip(0..) {
        let record = EditRecord { writer, from, to: from + 1, cells: Vec::new(), others: 1 };
        let update = NewUpdate { room, by, at, body, record, first_use: true };
        store.append_updates(id, vec![update], Vec::new()).wait().map_err(|error| error.to_string())?;
        let clocks = (writer, from + 1);
        store.note_why(id, room, by, at, clocks, WHY.to_owned()).wait().map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn updates(workbook: &mut Workbook, by: PersonId, at: i64) -> Result<Vec<(RoomId, Vec<u8>)>, BlueprintError> {
    let Some(sheet) = find(workbook) else { return Ok(Vec::new()) };
    let standard = scorecard(&["KPI"]);
    let mut updates = Vec::new();
    if standard.is_ahead_of(workbook) {
        updates = standard.add_to(workbook, &outdated(), by, at)?;
    }
    let ops = formatted(workbook, sheet, standard).formats_in(workbook);
    if !ops.is_empty() {
        updates.extend(workbook.apply(&Edit { by, at, why: None, ops })?.updates);
    }
    Ok(updates)
}

/// Formulas that scorecards had before figures could be people's own.
fn outdated() -> [Outdated; 2] {
    [(measure_id("reading"), "=KPI.TEXT([@KPI],[@Value])"), (measure_id("definition"), "=KPI.DEFINITION([@KPI])")]
}

/// The scorecard that workbooks are made with.
fn find(workbook: &Workbook) -> Option<SheetId> {
    let own = SheetId(measure_id("kpis").0);
    let mut sheets = workbook.mirror().sheets().iter();
    let found = sheets.find(|info| info.role == "kpis" && info.kind == SheetKind::Planning && info.id == own)?;
    workbook.sheet(found.id).and_then(|sheet| sheet.measure(measure_id("value"))).map(|_| found.id)
}

/// The standard scorecard with the formats of a workbook's rows.
fn formatted(workbook: &Workbook, sheet: SheetId, standard: SheetBlueprint) -> SheetBlueprint {
    let keys = keys(workbook, sheet);
    in_units(standard, keys.iter().map(Vec::as_slice))
}

/// What stands in the keys of a sheet's rows.
fn keys(workbook: &Workbook, sheet: SheetId) -> Vec<Vec<String>> {
    let Some(sheet) = workbook.sheet(sheet) else { return Vec::new() };
    let keys = sheet.measures().iter().filter(|measure| matches!(measure.kind, MeasureKind::Key));
    let keys: Vec<ColId> = keys.map(|measure| ColId::fixed(measure.id)).collect();
    let text = |row, col: &ColId| match sheet.input(row, *col) {
        Some(Input::Text(text)) => text.to_string(),
        _ => String::new(),
    };
    sheet.rows().iter().map(|row| keys.iter().map(|col| text(*row, col)).collect()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use grid_engine::calendar::Horizon;
    use grid_engine::doc::{Guard, NumberFormat, Op, Span};
    use grid_engine::refs::{CellRef, RowId};
    use grid_engine::value::Value;
    use grid_engine::workbook::{Clock, Source};

    use super::*;
    use crate::exchange::blueprint::{Blueprint, Entry, MeasureBlueprint, RowBlueprint, row_id};
    use crate::store::NewWorkbook;

    fn demand() -> SheetBlueprint {
        let bucket = |text: &str| text.parse().unwrap();
        let horizon = Horizon { first: bucket("2026-01"), current: bucket("2026-01"), last: bucket("2026-02") };
        SheetBlueprint::planning("demand", "Demand", &["Item"])
            .horizon(horizon)
            .measure(MeasureBlueprint::input("asked", "Asked").timed(Span::Plan))
            .measure(MeasureBlueprint::input("done", "Done").timed(Span::Plan))
            .rows([RowBlueprint { key: vec!["Tea".into()], cells: Vec::new() }])
    }

    /// A scorecard as it was before figures could be people's own.
    fn earlier() -> SheetBlueprint {
        let text = |id: &str, name: &str, formula: &str| {
            MeasureBlueprint::formula(id, name, formula).shown(NumberFormat::Text, "")
        };
        let row = |kpi: &str, formula: &str| RowBlueprint {
            key: vec![kpi.to_owned()],
            cells: vec![(ColId::fixed(measure_id("value")), Entry::from(formula))],
        };
        SheetBlueprint::planning("kpis", "KPIs", &["KPI"])
            .role("kpis")
            .measure(text("name", "Name", "=KPI.NAME([@KPI])"))
            .measure(text("reading", "Reading", "=KPI.TEXT([@KPI],[@Value])"))
            .measure(MeasureBlueprint::input("target", "Target").shown(NumberFormat::General, ""))
            .measure(text("definition", "Definition", "=UPPER(KPI.DEFINITION([@KPI]))"))
            .measure(MeasureBlueprint::input("value", "Value").shown(NumberFormat::General, ""))
            .rows([
                row("unit_fill_rate", "=KPI(\"unit_fill_rate\",19,20)"),
                row("revenue", "=KPI(\"revenue\",84843655,1)"),
            ])
    }

    fn cell(row: RowId, measure: &str) -> CellRef {
        CellRef { sheet: SheetId(measure_id("kpis").0), row, col: ColId::fixed(measure_id(measure)) }
    }

    #[test]
    fn a_new_scorecard_shows_values_as_calculated_and_in_their_unit() {
        let sheets =
            vec![demand(), crate::exchange::plan_sheets::order_kpis(&[("revenue", "", "=KPI(\"revenue\",7,1)")])];
        let blueprint = Blueprint { title: "T".into(), currency: "EUR".into(), sheets };
        let mut workbook = blueprint.build(person_id("x"), 1).unwrap();
        workbook.recalculate(Clock { now: 46_000.0, seed: 1 });
        assert!(!is_due(&workbook), "what is made now is up to date");
        let revenue = cell(row_id(&["revenue", ""]), "value");
        let view = workbook.cell(revenue);
        assert_eq!((view.source, view.style), (Source::Formula, Some("whole")));
    }

    #[test]
    fn an_earlier_scorecard_is_brought_up_to_date_once_and_keeps_what_people_made_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let blueprint = Blueprint { title: "T".into(), currency: "EUR".into(), sheets: vec![demand(), earlier()] };
        let made = blueprint.build(person_id("x"), 1).unwrap();
        let id = WorkbookId::named("plan").unwrap();
        let room = |room| (room, made.encode_state(room, None).unwrap());
        let rooms = made.known_rooms().into_iter().map(room).collect();
        let (title, currency) = ("T".into(), "EUR".into());
        store.create_workbook(NewWorkbook { id, title, currency, rooms, facts: Vec::new() }).unwrap();
        assert!(is_due(&made));
        upgrade(&store, id).unwrap();
        let mut workbook = opened(&store, id, 7).unwrap();
        assert!(!is_due(&workbook));
        let fill = row_id(&["unit_fill_rate"]);
        let own = row_id(&["late"]);
        let edit = |ops| Edit { by: person_id("x"), at: 2, why: None, ops };
        let sheet = SheetId(measure_id("kpis").0);
        let set = |measure: &str, text: &str| Op::SetCell {
            cell: cell(own, measure),
            input: Some(Input::Text(text.into())),
            guard: Guard::Always,
        };
        let insert = Op::InsertRows { sheet, part: None, after: None, rows: vec![own] };
        workbook.apply(&edit(vec![insert, set("kpi", "late"), set("rule", "1 - unit_fill_rate")])).unwrap();
        workbook.recalculate(Clock { now: 46_000.0, seed: 1 });
        let shown = |row, measure: &str| workbook.value(cell(row, measure)).clone();
        assert_eq!(shown(fill, "value"), Value::Number(0.95));
        let view = workbook.cell(cell(fill, "value"));
        assert_eq!((view.source, view.style), (Source::Formula, Some("percent")));
        assert_eq!((shown(fill, "unit"), shown(fill, "reading")), (Value::text("%"), Value::text("95.0 %")));
        assert!(matches!(shown(own, "value"), Value::Number(late) if (late - 0.05).abs() < 1e-9));
        // A definition somebody has made another stays.
        let definition = shown(fill, "definition").to_text().unwrap();
        assert_eq!(definition.to_uppercase(), *definition);
        assert!(crate::store::verify_audit(folder.path()).is_ok());
    }
}
