//! Key figures read from the scorecard: live, of a frozen version, of a slice.
#![allow(clippy::unwrap_used)]

mod table;

use grid_engine::doc::{Measure, Op};
use grid_engine::kpi::Better;
use grid_engine::plan::{
    CellState, Headline, KpiLine, RankedFigure, ScenarioId, VersionInfo, VersionKind, VersionState, frames,
    scenario_table, summarise,
};
use grid_engine::refs::{CellRef, ColId, Id, RowId};
use grid_engine::value::{ErrorKind, Value};
use grid_engine::workbook::{Facts, VersionMeasure, VersionValues};
use table::{Table, measure, measure_id, months, person, sheet};

/// Sales of two items, and a scorecard with the revenue of both and of one.
fn plan() -> Table {
    let mut table = Table::server();
    table.planning("sales", "Sales", "", months("2026-01", 0, 2), &["Item"], &[measure("Units", true)]);
    table.planning("kpis", "KPIs", "kpis", months("2026-01", 0, 2), &["KPI", "Of"], &[measure("Value", false)]);
    for item in ["Tea", "Soap"] {
        table.row("sales", &[item]);
    }
    for (of, formula) in [
        ("", "=KPI(\"revenue\",Sales[Units, all],2)"),
        ("Tea", "=KPI(\"revenue\",FILTER(Sales[Units, all],Sales[Item]=[@Of]),2)"),
    ] {
        table.row("kpis", &["revenue", of]);
        table.enter(table.at("kpis", &["revenue", of], "Value", ""), formula);
    }
    table.enter(table.at("sales", &["Tea"], "Units", "2026-01"), "10");
    table.enter(table.at("sales", &["Soap"], "Units", "2026-02"), "5");
    table.free("own", "Own", 6, 1);
    table
}

#[test]
fn a_figure_is_read_where_it_is_calculated() {
    let mut table = plan();
    for (cell, formula) in [
        ("A1", "=KPI(\"revenue\")"),
        ("A2", "=KPI(\"Revenue\",,\"tea\")"),
        ("A3", "=KPI(\"revenue\",,\"Salt\")"),
        ("A4", "=KPI(\"otif\")"),
    ] {
        table.set("own", cell, formula);
    }
    assert_eq!(table.shown("own", "A1 A2"), "A1=30 A2=20");
    for (cell, of) in [("A3", "no row of Sales has ‘Salt’"), ("A4", "‘otif’")] {
        let error = table.book.value(table.a1("own", cell)).as_error().unwrap().clone();
        assert_eq!(error.kind, ErrorKind::Na);
        assert!(error.detail().unwrap().contains(of), "{error:?}");
    }
    // What has no row of its own is worked out of the figure of all.
    table.set("own", "A5", "=KPI(\"revenue\",,\"Soap\")");
    assert_eq!(table.shown("own", "A5"), "A5=10");
    // It follows what the figure follows from, though the total stays what it was.
    table.enter(table.at("sales", &["Tea"], "Units", "2026-01"), "4");
    table.enter(table.at("sales", &["Soap"], "Units", "2026-02"), "11");
    assert_eq!(table.shown("own", "A1 A2 A5"), "A1=30 A2=8 A5=22");
    // A figure that asks for itself is a circle, and what gives inputs is none.
    let of_tea = table.at("kpis", &["revenue", "Tea"], "Value", "");
    table.enter(of_tea, "=KPI(\"revenue\",,\"Tea\")");
    table.recalculate();
    assert_eq!(table.book.value(of_tea), &Value::from(ErrorKind::Circ));
}

#[test]
fn a_frozen_versions_figure_is_asked_for_by_name() {
    let mut table = plan();
    table.set("own", "A1", "Consensus 2025-12");
    table.set("own", "A2", "=KPI(\"revenue\",A1)");
    table.set("own", "A3", "=KPI(\"revenue\",\"Consensus 2025-12\",\"Tea\")");
    table.recalculate();
    let of = VersionMeasure { version: "Consensus 2025-12".into(), sheet: sheet("kpis"), measure: measure_id("Value") };
    assert_eq!(table.book.take_wanted_versions(), std::slice::from_ref(&of));
    let rows = ["", "Tea"].map(|of| table.at("kpis", &["revenue", of], "Value", "").row).to_vec();
    table.book.set_version_facts(of, Ok(Facts { rows, first: None, width: 1, values: vec![26.0, f64::NAN] }.into()));
    assert_eq!(table.shown("own", "A2 A3"), "A2=26 A3=_");
    // What stands in a version's place may turn out to be an input.
    table.set("own", "A4", "7");
    table.set("own", "A5", "=KPI(\"revenue\",A4,3)");
    assert_eq!(table.shown("own", "A5"), "A5=21");
}

/// Sales by item and region with the family of each item, and a scorecard of the whole plan only.
fn sliced_plan() -> Table {
    let mut table = Table::server();
    table.planning(
        "sales",
        "Sales",
        "",
        months("2026-01", 1, 2),
        &["Item", "Region"],
        &[measure("Units", true), measure("Served", true)],
    );
    table.formula("sales", "Family", false, "=IF([@Item]=\"Soap\",\"Care\",\"Drinks\")");
    table.planning("kpis", "KPIs", "kpis", months("2026-01", 0, 2), &["KPI"], &[measure("Value", false)]);
    for (item, region, units, served) in [
        ("Tea", "DACH", "10", "9"),
        ("Tea", "UK", "20", "20"),
        ("Cola", "DACH", "30", "15"),
        ("Soap", "UK", "40", "38"),
    ] {
        table.row("sales", &[item, region]);
        table.enter(table.at("sales", &[item, region], "Units", "2026-02"), units);
        table.enter(table.at("sales", &[item, region], "Served", "2026-02"), served);
    }
    table.free("own", "Own", 12, 1);
    for (kpi, formula) in [
        ("unit_fill_rate", "=KPI(\"unit_fill_rate\",Sales[Served, plan],Sales[Units, plan])"),
        ("revenue", "=KPI(\"revenue\",Sales[Served, plan],2)"),
        ("ebit", "=KPI(\"revenue\")-SUM(Sales[Served, plan])"),
        ("wape", "=Own!A1"),
        ("bias", "=KPI(\"bias\",,\"DACH\")"),
    ] {
        table.row("kpis", &[kpi]);
        table.enter(table.at("kpis", &[kpi], "Value", ""), formula);
    }
    table
}

#[test]
fn a_figure_is_worked_out_for_any_key_or_attribute() {
    let mut table = sliced_plan();
    for (cell, formula) in [
        ("A1", "=KPI(\"unit_fill_rate\")"),
        ("A2", "=KPI(\"unit_fill_rate\",,\"DACH\")"),
        ("A3", "=KPI(\"unit_fill_rate\",,\"tea\")"),
        ("A4", "=KPI(\"revenue\",,\"Drinks\")"),
        ("A5", "=KPI(\"ebit\",,\"Care\")"),
        ("A6", "=KPI(\"wape\",,\"DACH\")"),
        ("A7", "=KPI(\"bias\",,\"UK\")"),
    ] {
        table.set("own", cell, formula);
    }
    assert_eq!(table.shown("own", "A1 A2 A3 A4 A5"), "A1=0.82 A2=0.6 A3=0.966666667 A4=88 A5=38");
    let reason = |table: &Table, cell: &str| {
        let error = table.book.value(table.a1("own", cell)).as_error().unwrap().clone();
        (error.kind, error.detail().unwrap().to_string())
    };
    let (kind, words) = reason(&table, "A6");
    assert!(kind == ErrorKind::Na && words.contains("refers to cells"), "{words}");
    // A figure that asks for a slice of itself ends, and so does who asks for it.
    assert!(table.book.value(table.a1("own", "A7")).as_error().is_some());
    // It follows cells of its rows, and rows that come.
    table.enter(table.at("sales", &["Cola", "DACH"], "Served", "2026-02"), "30");
    table.row("sales", &["Milk", "DACH"]);
    table.enter(table.at("sales", &["Milk", "DACH"], "Units", "2026-03"), "60");
    assert_eq!(table.shown("own", "A2 A4"), "A2=0.39 A4=118");
}

#[test]
fn a_slice_of_a_frozen_version_is_worked_out_of_its_values() {
    let mut table = sliced_plan();
    table.set("own", "A2", "=KPI(\"revenue\",\"Consensus 2025-12\",\"DACH\")");
    table.recalculate();
    let of = |sheet_id: &str, name: &str| VersionMeasure {
        version: "Consensus 2025-12".into(),
        sheet: sheet(sheet_id),
        measure: measure_id(name),
    };
    assert_eq!(table.book.take_wanted_versions(), [of("sales", "Served")]);
    let rows = [["Tea", "DACH"], ["Soap", "UK"]].map(|key| table.at("sales", &key, "Served", "2026-02").row).to_vec();
    let first = Some("2026-01".parse().unwrap());
    let values = vec![100.0, 7.0, 1.0, 100.0, 50.0, 50.0];
    // Its plan begins in February.
    let numbers = Facts { rows: rows.clone(), first, width: 3, values };
    table.book.set_version_facts(of("sales", "Served"), Ok(VersionValues { history: Some(1), ..numbers.into() }));
    hand_in_texts(&mut table, &rows);
    // Seven and one in the plan's buckets, at a price of two.
    assert_eq!(table.shown("own", "A2"), "A2=16");
    // Its rows are the version's, whatever becomes of the live ones.
    table.edit("ada", vec![Op::DeleteRows { sheet: sheet("sales"), rows: rows[..1].to_vec() }]);
    assert_eq!(table.shown("own", "A2"), "A2=16");
}

/// Hands in the keys and attributes that formulas ask for of a version with these rows: those of the live sheet.
fn hand_in_texts(table: &mut Table, rows: &[RowId]) {
    loop {
        table.recalculate();
        let wanted = table.book.take_wanted_versions();
        if wanted.is_empty() {
            return;
        }
        for of in wanted {
            let value =
                |&row| table.book.value(CellRef { sheet: of.sheet, row, col: ColId::fixed(of.measure) }).clone();
            let others = rows.iter().map(value).enumerate().collect();
            let numbers = Facts { rows: rows.to_vec(), first: None, width: 1, values: vec![f64::NAN; rows.len()] };
            table.book.set_version_facts(of, Ok(VersionValues { others, ..numbers.into() }));
        }
    }
}

/// What a slice confines is whole measures of the rows: not the scorecard's own row, nor figures that only say the text.
#[test]
fn a_slice_leaves_the_figures_own_row_as_it_is() {
    let mut table = sliced_plan();
    let id = sheet("kpis");
    table.edit("ada", vec![Op::PutMeasure { sheet: id, measure: Measure { order: 2, ..measure("Budget", true) } }]);
    table.row("kpis", &["attainment"]);
    for month in ["2026-01", "2026-02"] {
        table.enter(table.at("kpis", &["attainment"], "Budget", month), "6");
    }
    let value = table.at("kpis", &["attainment"], "Value", "");
    table.enter(value, "=SUM(Sales[Served, plan])/SUM([@Budget:all])");
    table.set("own", "A2", "=KPI(\"attainment\",,\"DACH\")");
    assert_eq!(table.shown("own", "A2"), "A2=2", "nine and fifteen of twice six");
    table.enter(table.at("sales", &["Soap", "UK"], "Units", "2026-01"), "DACH");
    assert_eq!(table.shown("own", "A2"), "A2=2", "a text among the months is no key");
}

#[test]
fn figures_within_a_slice_are_of_its_version_unless_they_name_another() {
    let mut table = sliced_plan();
    table.row("kpis", &["growth"]);
    let growth = "=SUM(Sales[Served, plan])-SUM(Sales@'Old'[Served, plan])";
    table.enter(table.at("kpis", &["growth"], "Value", ""), growth);
    table.set("own", "A2", "=KPI(\"ebit\",\"New\",\"DACH\")");
    table.set("own", "A3", "=KPI(\"growth\",\"New\",\"DACH\")");
    table.recalculate();
    let rows = [["Tea", "DACH"], ["Soap", "UK"]].map(|key| table.at("sales", &key, "Served", "2026-02").row).to_vec();
    let first = Some("2026-01".parse().unwrap());
    for wanted in table.book.take_wanted_versions() {
        let scale = if &*wanted.version == "New" { 1.0 } else { 0.25 };
        let values = [100.0, 7.0, 1.0, 100.0, 50.0, 50.0].map(|value| value * scale).to_vec();
        let numbers = Facts { rows: rows.clone(), first, width: 3, values };
        table.book.set_version_facts(wanted, Ok(VersionValues { history: Some(1), ..numbers.into() }));
    }
    hand_in_texts(&mut table, &rows);
    // Eight at a price of two, less eight; eight less a quarter of them.
    assert_eq!(table.shown("own", "A2 A3"), "A2=8 A3=6");
}

#[test]
fn figures_of_slices_share_what_one_formula_may_take() {
    let mut table = sliced_plan();
    table.row("kpis", &["heavy"]);
    let heavy = ["SUM(SEQUENCE(1500,1000))"; 12].join("+");
    table.enter(table.at("kpis", &["heavy"], "Value", ""), &format!("={heavy}"));
    let of = |slices: &[&str]| {
        let asked: Vec<String> = slices.iter().map(|slice| format!("KPI(\"heavy\",,\"{slice}\")")).collect();
        format!("={}", asked.join("+"))
    };
    table.set("own", "A2", &of(&["DACH", "UK"]));
    table.set("own", "A3", &of(&["DACH", "UK", "Tea"]));
    table.recalculate();
    assert!(table.book.value(table.a1("own", "A2")).as_number().is_some());
    assert_eq!(table.book.value(table.a1("own", "A3")).as_error().map(|error| error.kind), Some(ErrorKind::Limit));
}

/// A scorecard as planners have it: what a row says of its own figure, and a rule that computes it.
fn own_figures() -> Table {
    let mut table = sliced_plan();
    for name in ["Name", "Definition", "Unit", "Better", "Rule"] {
        let order = table.book.sheet(sheet("kpis")).unwrap().measures().len() as u32;
        let measure = Measure { order, ..measure(name, false) };
        table.edit("ada", vec![Op::PutMeasure { sheet: sheet("kpis"), measure }]);
    }
    let order = table.book.sheet(sheet("kpis")).unwrap().measures().len() as u32;
    let target = Measure { order, ..measure("Target", false) };
    table.edit("ada", vec![Op::PutMeasure { sheet: sheet("kpis"), measure: target }]);
    table.formula("kpis", "Name", false, "=KPI.NAME([@KPI])");
    table.formula("kpis", "Definition", false, "=IF([@Rule]=\"\",KPI.DEFINITION([@KPI]),[@Rule])");
    table.formula("kpis", "Unit", false, "=KPI.UNIT([@KPI])");
    table.formula("kpis", "Better", false, "=KPI.BETTER([@KPI])");
    table.formula("kpis", "Value", false, "=KPI.RULE([@Rule])");
    table
}

fn rule(table: &mut Table, kpi: &str, text: &str) {
    table.row("kpis", &[kpi]);
    table.enter(table.at("kpis", &[kpi], "Rule", ""), text);
}

/// A figure as pages, files, comparisons, rankings and alerts have it.
fn line(table: &mut Table, id: &str) -> KpiLine {
    table.recalculate();
    let summary = summarise(&frames(&table.book), "Plan", "EUR");
    summary.kpis.into_iter().find(|line| line.id == id).unwrap()
}

#[test]
fn a_figure_of_ones_own_is_a_figure_like_any_other() {
    let mut table = own_figures();
    table.row("kpis", &["units_per_region"]);
    table.enter(table.at("kpis", &["units_per_region"], "Value", ""), "=SUM(Sales[Served, plan])/2");
    table.enter(table.at("kpis", &["units_per_region"], "Target", ""), "50");
    let of = line(&mut table, "units_per_region");
    assert_eq!(
        (&*of.name, of.value, of.target, of.better),
        ("Units per region", Some(41.0), Some(50.0), Better::Higher)
    );
    assert_eq!(of.definition, "=SUM(Sales[Served, plan])/2", "where no words are entered, the formula says what it is");
    // What the row says of itself counts.
    for (name, entered) in
        [("Name", "Units a region"), ("Definition", "Served ÷ regions"), ("Unit", "cases"), ("Better", "Lower")]
    {
        table.enter(table.at("kpis", &["units_per_region"], name, ""), entered);
    }
    let of = line(&mut table, "units_per_region");
    assert_eq!((&*of.name, &*of.definition, &*of.unit), ("Units a region", "Served ÷ regions", "cases"));
    assert!(!of.better.meets(41.0, 40.0));
    // It is read like those of the dictionary, of a slice too.
    table.set("own", "A2", "=KPI(\"units_per_region\")");
    table.set("own", "A3", "=KPI(\"Units per region\",,\"DACH\")");
    assert_eq!(table.shown("own", "A2 A3"), "A2=41 A3=12");
    // One of the dictionary stays what the dictionary says.
    let fill = line(&mut table, "unit_fill_rate");
    assert_eq!((&*fill.name, &*fill.unit, fill.value), ("Unit fill rate", "%", Some(0.82)));
    assert!(!fill.definition.is_empty());
}

#[test]
fn a_rule_makes_a_figure_of_others() {
    let mut table = own_figures();
    rule(&mut table, "per_unit", "revenue / ebit * 100");
    rule(&mut table, "twice", "2 * per_unit");
    let of = line(&mut table, "twice");
    assert_eq!((of.value, &*of.definition), (Some(400.0), "2 * per_unit"));
    // A slice of it is made of the slices of the others.
    rule(&mut table, "left", "revenue - ebit");
    table.set("own", "A2", "=KPI(\"left\",,\"DACH\")");
    assert_eq!(table.shown("own", "A2"), "A2=24");
    table.enter(table.at("sales", &["Tea", "DACH"], "Served", "2026-02"), "19");
    assert_eq!(line(&mut table, "left").value, Some(92.0), "it follows what the others follow from");
    table.set("own", "A3", "=KPI.RULE(\"unit_fill_rate > 0.5\")");
    assert_eq!(table.shown("own", "A3"), "A3=1");
}

#[test]
fn a_rule_without_a_value_says_why() {
    let mut table = own_figures();
    table.row("kpis", &["empty"]);
    let mut asked = Vec::new();
    for (kpi, text, words) in [
        ("unknown", "revenue / nothing_such", "the scorecard has no figure ‘nothing_such’"),
        ("nought", "1 / (ebit - ebit)", "divides by zero"),
        ("round", "roundabout + 1", "depends on its own result"),
        ("roundabout", "round", "depends on its own result"),
        ("unread", "revenue +", "cannot be read"),
        ("of_blank", "1 + empty", "empty is blank: neither a formula nor a rule"),
    ] {
        asked.push((kpi, words));
        rule(&mut table, kpi, text);
    }
    for (kpi, words) in asked {
        let of = line(&mut table, kpi);
        let reason = of.reason.unwrap_or_default();
        assert!(of.value.is_none() && reason.contains(words), "{kpi}: {reason}");
    }
}

#[test]
fn a_blank_figure_says_why_wherever_it_is_read() {
    let mut table = sliced_plan();
    for [item, region] in [["Tea", "DACH"], ["Tea", "UK"], ["Cola", "DACH"], ["Soap", "UK"]] {
        table.enter(table.at("sales", &[item, region], "Served", "2026-02"), "");
    }
    table.set("own", "A2", "=KPI(\"unit_fill_rate\")");
    table.set("own", "A3", "=KPI(\"unit_fill_rate\",,\"DACH\")");
    table.set("own", "A4", "=KPI(\"gross_profit\",100,A8)");
    assert_eq!(table.shown("own", "A2 A3 A4"), "A2=_ A3=_ A4=_");
    for (cell, reason) in [("A2", "served is empty"), ("A3", "served is empty"), ("A4", "cogs is empty")] {
        assert_eq!(table.book.why_blank(table.a1("own", cell)).as_deref(), Some(reason), "{cell}");
    }
    assert_eq!(table.book.why_blank(table.a1("own", "A8")), None, "an empty cell is no figure");
}

#[test]
fn a_figure_is_worked_out_for_one_bucket() {
    let mut table = sliced_plan();
    table.enter(table.at("sales", &["Tea", "UK"], "Units", "2026-03"), "8");
    table.enter(table.at("sales", &["Tea", "UK"], "Served", "2026-03"), "2");
    table.row("kpis", &["shelf"]);
    table.enter(table.at("kpis", &["shelf"], "Value", ""), "=SUM(Sales[Served, plan])/ROWS(Sales[Family])");
    for (cell, formula) in [
        ("A2", "=KPI(\"unit_fill_rate\",,\"2026-02\")"),
        ("A3", "=KPI(\"unit_fill_rate\",,\"2026-03\")"),
        ("A4", "=DATE(2026,3,20)"),
        ("A5", "=KPI(\"unit_fill_rate\",,A4)"),
        ("A6", "=KPI(\"ebit\",,\"2026-03\")"),
        ("A7", "=KPI(\"unit_fill_rate\",,\"2026-01\")"),
        ("A8", "=KPI(\"shelf\",,\"2026-03\")"),
    ] {
        table.set("own", cell, formula);
    }
    assert_eq!(table.shown("own", "A2 A3 A5 A6 A7 A8"), "A2=0.82 A3=0.25 A5=0.25 A6=2 A7=_ A8=_");
    let why = |cell: &str| table.book.why_blank(table.a1("own", cell)).unwrap();
    assert_eq!(why("A7"), "Served of Sales is not read in 2026-01 here", "the figure is of the plan, that is history");
    assert_eq!(why("A8"), "Family of Sales has no values by bucket");
}

#[test]
fn scenarios_are_told_with_what_is_known_of_them_and_ranked_among_those_done() {
    let version = |name: &str| VersionInfo {
        id: Id::of_name(name),
        name: name.into(),
        kind: VersionKind::Consensus,
        state: VersionState::Consensus,
        comment: String::new(),
        by: person("ada"),
        by_name: "Ada".into(),
        at: 1,
        hash: String::new(),
        headline: Headline::default(),
        history: Vec::new(),
        log: None,
        logs: Vec::new(),
        seals: Vec::new(),
    };
    let figure = |id: &str, value: f64| RankedFigure {
        id: id.into(),
        name: id.to_uppercase(),
        unit: String::new(),
        value: Some(value),
        target: None,
        better: Better::Higher,
    };
    let of = |demand: &str, state: CellState, figures: Option<Vec<RankedFigure>>| {
        let other = Id::of_name("High");
        (ScenarioId { demand: Id::of_name(demand), supply: other, cost: other }, state, figures)
    };
    let table = scenario_table(
        &[version("Low"), version("High")],
        vec![
            of("Low", CellState::Waiting, None),
            of("Low", CellState::Done, Some(vec![figure("profit", 5.0), figure("otif", 0.9)])),
            of("gone", CellState::Done, Some(vec![figure("profit", 9.0)])),
            of("High", CellState::Done, Some(vec![figure("profit", 7.0)])),
        ],
    );
    let figures: Vec<&str> = table.figures.iter().map(|(id, _)| &**id).collect();
    assert_eq!(figures, ["otif", "profit"], "money stands last");
    let lines: Vec<_> =
        table.lines.iter().map(|line| (&*line.demand, &*line.status, line.values.clone(), line.rank)).collect();
    // One of a version that is gone is left out, and takes no rank.
    assert_eq!(
        lines,
        [
            ("Low", "waiting", vec![None, None], None),
            ("Low", "done", vec![Some(0.9), Some(5.0)], Some(2)),
            ("High", "done", vec![None, Some(7.0)], Some(1)),
        ]
    );
}
