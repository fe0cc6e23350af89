//! What people do together, told as tests.
#![allow(clippy::unwrap_used)]

use super::replicas::{cell, col, edit, id, input, measure, meet, replicas, row, set, text};
use super::*;
use crate::refs::*;

fn rows_of(documents: &Documents, sheet: &str) -> Vec<String> {
    documents.mirror().sheet(id(sheet)).unwrap().rows().iter().map(ToString::to_string).collect()
}

#[test]
fn a_plan_reads_the_same_everywhere() {
    let plan = replicas(2);
    for documents in &plan {
        let demand = documents.mirror().sheet(id("demand")).unwrap();
        // Parts stand in the order of their key values.
        assert_eq!(rows_of(documents, "demand"), ["at1", "at2", "at3", "de1", "de2", "de3"]);
        assert_eq!(demand.part_of(row("de2")), Some(id("de")));
        let cols: Vec<String> = demand.cols().iter().map(ToString::to_string).collect();
        assert_eq!(cols[..4], ["item", "region", "history@2026-01", "history@2026-02"]);
        assert_eq!(cols.len(), 2 + 4 * 6);
        assert_eq!(input(documents, cell("demand", "de1", "item")), Some(text("sku de1")));
        assert_eq!(demand.measures().len(), 6);
        assert_eq!(rows_of(documents, "summary"), ["r1", "r2", "r3", "r4"]);
        assert_eq!(documents.mirror().sheets().len(), 2);
        assert_eq!(documents.known_rooms().len(), 5);
    }
}

#[test]
fn a_row_inserted_into_a_block_survives_its_deletion() {
    let mut plan = replicas(2);
    let (sheet, rows) = (id("summary"), vec![row("r2"), row("r3")]);
    plan[0].apply(&edit("ada", vec![Op::DeleteRows { sheet, rows }])).unwrap();
    let insert = Op::InsertRows { sheet, part: None, after: Some(row("r2")), rows: vec![row("new")] };
    plan[1].apply(&edit("bob", vec![insert])).unwrap();
    meet(&mut plan);
    for documents in &plan {
        assert_eq!(rows_of(documents, "summary"), ["r1", "new", "r4"]);
        let deleted = documents.mirror().sheet(sheet).unwrap().deleted_rows();
        assert_eq!(deleted, [(row("r2"), 1), (row("r3"), 2)]);
    }
}

#[test]
fn a_block_moved_by_two_people_stays_one_block() {
    let mut plan = replicas(2);
    let sheet = id("summary");
    let block = vec![row("r2"), row("r3")];
    plan[0].apply(&edit("ada", vec![Op::MoveRows { sheet, after: None, rows: block.clone() }])).unwrap();
    plan[1].apply(&edit("bob", vec![Op::MoveRows { sheet, after: Some(row("r4")), rows: block }])).unwrap();
    meet(&mut plan);
    let merged = rows_of(&plan[0], "summary");
    assert_eq!(merged, rows_of(&plan[1], "summary"));
    assert!(merged == ["r2", "r3", "r1", "r4"] || merged == ["r1", "r4", "r2", "r3"], "{merged:?}");
}

#[test]
fn an_edit_in_a_row_that_is_deleted_meanwhile_comes_back_with_it() {
    let mut plan = replicas(2);
    let (sheet, place) = (id("demand"), cell("demand", "de1", "override@2026-04"));
    plan[0].apply(&edit("ada", vec![Op::DeleteRows { sheet, rows: vec![row("de1")] }])).unwrap();
    plan[1].apply(&edit("bob", vec![set(place, Input::Number(7.0))])).unwrap();
    meet(&mut plan);
    assert_eq!(input(&plan[1], place), None);
    assert!(plan[1].mirror().sheet(sheet).unwrap().is_deleted(row("de1")));
    plan[1].apply(&edit("bob", vec![Op::RestoreRows { sheet, rows: vec![row("de1")] }])).unwrap();
    meet(&mut plan);
    assert_eq!(input(&plan[0], place), Some(Input::Number(7.0)));
    assert_eq!(rows_of(&plan[0], "demand"), ["at1", "at2", "at3", "de1", "de2", "de3"]);
}

#[test]
fn contributions_add_up() {
    let mut plan = replicas(3);
    let place = cell("demand", "at2", "uplift@2026-05");
    plan[0].apply(&edit("ada", vec![set(place, Input::Number(10.0))])).unwrap();
    plan[1].apply(&edit("bob", vec![set(place, Input::Number(10.0))])).unwrap();
    meet(&mut plan);
    for documents in &plan {
        assert_eq!(input(documents, place), Some(Input::Number(20.0)));
        let sheet = documents.mirror().sheet(id("demand")).unwrap();
        assert_eq!(sheet.contributions(place.row, place.col), [(id("ada"), 10.0), (id("bob"), 10.0)]);
    }
    // Whoever clears takes back the own contribution only.
    plan[2].apply(&edit("ada", vec![set(place, None)])).unwrap();
    meet(&mut plan);
    assert_eq!(input(&plan[0], place), Some(Input::Number(10.0)));
}

#[test]
fn blocks_inserted_at_once_do_not_interleave() {
    let mut plan = replicas(2);
    let sheet = id("summary");
    for (replica, by) in [(0, "ada"), (1, "bob")] {
        let rows: Vec<RowId> = (1..=5).map(|number| row(&format!("{by}{number}"))).collect();
        // Three in one gesture, then one by one below the last.
        let mut after = Some(row("r1"));
        for rows in [&rows[..3], &rows[3..4], &rows[4..]] {
            let insert = Op::InsertRows { sheet, part: None, after, rows: rows.to_vec() };
            plan[replica].apply(&edit(by, vec![insert])).unwrap();
            after = rows.last().copied();
        }
    }
    meet(&mut plan);
    let merged = rows_of(&plan[0], "summary").join(" ");
    assert_eq!(merged, rows_of(&plan[1], "summary").join(" "));
    assert_eq!(merged, "r1 ada1 ada2 ada3 ada4 ada5 bob1 bob2 bob3 bob4 bob5 r2 r3 r4");
}

#[test]
fn undo_leaves_alone_what_others_have_entered_since() {
    let mut plan = replicas(2);
    let (mine, theirs) = (cell("demand", "de1", "override@2026-03"), cell("demand", "de2", "override@2026-03"));
    plan[0].apply(&edit("ada", vec![set(mine, Input::Number(1.0)), set(theirs, Input::Number(2.0))])).unwrap();
    meet(&mut plan);
    plan[1].apply(&edit("bob", vec![set(theirs, Input::Number(3.0))])).unwrap();
    meet(&mut plan);
    let ada = id("ada");
    assert!(plan[0].undo(ada, 1).is_some());
    assert_eq!(input(&plan[0], mine), None);
    assert_eq!(input(&plan[0], theirs), Some(Input::Number(3.0)));
    assert!(plan[0].redo(ada, 2).is_some());
    assert_eq!(input(&plan[0], mine), Some(Input::Number(1.0)));
    assert_eq!(input(&plan[0], theirs), Some(Input::Number(3.0)));
    // What bob did is his to undo, where he did it.
    assert!(plan[0].undo(id("bob"), 3).is_none());
    assert!(plan[1].undo(id("bob"), 3).is_some());
    assert_eq!(input(&plan[1], theirs), Some(Input::Number(2.0)));
}

#[test]
fn undo_restores_notes_and_styles_only_while_they_are_ones_own() {
    let mut plan = replicas(2);
    let place = cell("summary", "r1", "a");
    let note = |text: &str| Op::SetNote { cell: place, text: Some(text.into()) };
    let style = |style: &str| Op::SetStyle { cell: place, style: Some(style.into()) };
    plan[0].apply(&edit("ada", vec![note("mine"), style("bold")])).unwrap();
    meet(&mut plan);
    plan[1].apply(&edit("bob", vec![note("theirs")])).unwrap();
    meet(&mut plan);
    plan[0].undo(id("ada"), 1).unwrap();
    let sheet = plan[0].mirror().sheet(id("summary")).unwrap();
    assert_eq!(sheet.note(place.row, place.col).map(|note| note.text.as_str()), Some("theirs"));
    assert_eq!(sheet.style(place.row, place.col), None);
}

#[test]
fn undo_moves_back_only_rows_nobody_has_moved_since() {
    let mut plan = replicas(2);
    let sheet = id("summary");
    let to_top = Op::MoveRows { sheet, after: None, rows: vec![row("r3"), row("r4")] };
    plan[0].apply(&edit("ada", vec![to_top])).unwrap();
    meet(&mut plan);
    plan[1].apply(&edit("bob", vec![Op::MoveRows { sheet, after: Some(row("r1")), rows: vec![row("r4")] }])).unwrap();
    meet(&mut plan);
    plan[0].undo(id("ada"), 1).unwrap();
    assert_eq!(rows_of(&plan[0], "summary"), ["r1", "r4", "r2", "r3"]);
}

/// What gives a sheet another title.
fn titled(plan: &Documents, sheet: &str, title: &str) -> Op {
    let info = plan.mirror().sheets().iter().find(|info| info.id == id(sheet)).unwrap().clone();
    let meta = plan.mirror().sheet(id(sheet)).unwrap().meta().clone();
    Op::PutSheet { info: SheetInfo { title: title.into(), ..info }, meta: SheetMeta { title: title.into(), ..meta } }
}

#[test]
fn a_title_goes_back_only_while_it_is_ones_own() {
    let title = |plan: &Documents| plan.mirror().sheet(id("summary")).unwrap().meta().title.clone();
    let mut plan = replicas(2);
    let before = title(&plan[0]);
    let rename = titled(&plan[0], "summary", "Mine");
    plan[0].apply(&edit("ada", vec![rename])).unwrap();
    plan[0].undo(id("ada"), 1).unwrap();
    assert_eq!(title(&plan[0]), before);
    plan[0].redo(id("ada"), 2).unwrap();
    meet(&mut plan);
    let rename = titled(&plan[1], "summary", "Theirs");
    plan[1].apply(&edit("bob", vec![rename])).unwrap();
    meet(&mut plan);
    plan[0].undo(id("ada"), 3).unwrap();
    assert_eq!(title(&plan[0]), "Theirs");
}

#[test]
fn undoing_a_new_sheet_hides_it_with_what_others_have_entered_there() {
    let mut plan = replicas(2);
    let (sheet, place) = (id("own"), cell("own", "r1", "a"));
    let Op::PutSheet { info, meta } = titled(&plan[0], "summary", "Own") else { unreachable!() };
    let made = vec![
        Op::PutSheet { info: SheetInfo { id: sheet, ..info }, meta },
        Op::InsertCols { sheet, after: None, cols: vec![col("a")] },
        Op::InsertRows { sheet, part: None, after: None, rows: vec![row("r1")] },
        set(place, Input::Number(1.0)),
    ];
    plan[0].apply(&edit("ada", made)).unwrap();
    plan[1].open_room(RoomId::Sheet(sheet), &[]).unwrap();
    meet(&mut plan);
    let is_hidden = |plan: &Documents| plan.mirror().sheets().iter().find(|info| info.id == sheet).unwrap().hidden;
    plan[1].apply(&edit("bob", vec![set(place, Input::Number(2.0))])).unwrap();
    meet(&mut plan);
    plan[0].undo(id("ada"), 1).unwrap();
    assert!(is_hidden(&plan[0]));
    assert_eq!((rows_of(&plan[0], "own"), input(&plan[0], place)), (vec!["r1".to_owned()], Some(Input::Number(2.0))));
    plan[0].redo(id("ada"), 2).unwrap();
    assert!(!is_hidden(&plan[0]));
    assert_eq!(input(&plan[0], place), Some(Input::Number(2.0)));
}

#[test]
fn every_gesture_undoes_and_redoes_in_order() {
    let mut plan = replicas(1).remove(0);
    let sheet = id("summary");
    let place = |row: &str| cell("summary", row, "b");
    let gestures = [
        vec![set(place("r1"), text("=typed as text")), set(place("r2"), Input::Formula("=1+1".into()))],
        vec![Op::InsertRows { sheet, part: None, after: Some(row("r1")), rows: vec![row("x"), row("y")] }],
        vec![Op::MoveRows { sheet, after: None, rows: vec![row("r4"), row("x"), row("r2")] }],
        vec![Op::MoveRows { sheet, after: Some(row("r1")), rows: vec![row("x"), row("y")] }],
        vec![Op::DeleteRows { sheet, rows: vec![row("r2"), row("y")] }],
        vec![Op::MoveCols { sheet, after: None, cols: vec![col("c"), col("b")] }],
        vec![Op::DeleteCols { sheet, cols: vec![col("b")] }],
        vec![Op::SetColWidth { sheet, col: col("a"), width: Some(90) }],
        vec![Op::SetName { name: "vat".into(), formula: Some("=0.2".into()) }],
        vec![titled(&plan, "summary", "Overview")],
    ];
    // Rows that were inserted and taken back stay as tombstones, which nobody sees.
    let seen = |plan: &Documents| format!("{:?}", plan.mirror());
    let mut states = vec![seen(&plan)];
    for gesture in gestures {
        plan.apply(&edit("eve", gesture)).unwrap();
        states.push(seen(&plan));
    }
    let eve = id("eve");
    for (step, state) in states.iter().enumerate().rev().skip(1) {
        plan.undo(eve, 1).unwrap();
        assert_eq!(seen(&plan), *state, "undoing {step}");
    }
    assert!(plan.undo(eve, 1).is_none());
    for (step, state) in states.iter().enumerate().skip(1) {
        plan.redo(eve, 1).unwrap();
        assert_eq!(seen(&plan), *state, "redoing {step}");
    }
    plan.undo(eve, 1).unwrap();
    plan.apply(&edit("eve", vec![set(cell("summary", "r1", "c"), Input::Bool(true))])).unwrap();
    assert!(plan.redo(eve, 1).is_none(), "a new edit is a new future");
}

#[test]
fn an_edit_is_taken_whole_or_not_at_all() {
    let mut plan = replicas(1).remove(0);
    let before = format!("{:#?}", plan.mirror());
    let states: Vec<_> = plan.known_rooms().iter().map(|&room| plan.state_vector(room)).collect();
    let sheet = id("summary");
    let fine = [
        set(cell("summary", "r1", "a"), Input::Number(1.0)),
        Op::InsertRows { sheet, part: None, after: None, rows: vec![row("x")] },
        Op::DeleteRows { sheet, rows: vec![row("r3")] },
        Op::InsertRows { sheet: id("demand"), part: Some(id("de")), after: None, rows: vec![row("stray")] },
        Op::MoveCols { sheet, after: None, cols: vec![col("c")] },
        Op::SetName { name: "vat".into(), formula: Some("=0.2".into()) },
    ];
    let wrong = [
        set(cell("summary", "nowhere", "a"), Input::Number(1.0)),
        set(cell("summary", "r1", "nowhere"), Input::Number(1.0)),
        set(cell("summary", "r1", "a"), Input::Number(f64::NAN)),
        set(cell("summary", "r1", "a"), text(&"x".repeat(5000))),
        set(cell("demand", "de1", "history@2026-01"), Input::Number(1.0)),
        set(cell("demand", "de1", "override@2026-01"), Input::Number(1.0)),
        set(cell("demand", "de1", "override@2031-01"), Input::Number(1.0)),
        set(cell("demand", "de1", "override"), Input::Number(1.0)),
        set(cell("demand", "de1", "uplift@2026-04"), text("ten")),
        set(cell("demand", "de1", "item"), text("another sku")),
        set(cell("other", "r1", "a"), Input::Number(1.0)),
        set(cell("demand", "stray", "region"), text("AT")),
        Op::InsertRows { sheet: id("demand"), part: None, after: None, rows: vec![row("x")] },
        Op::InsertRows { sheet: id("demand"), part: Some(id("fr")), after: None, rows: vec![row("x")] },
        Op::InsertRows { sheet: id("demand"), part: Some(id("de")), after: Some(row("at1")), rows: vec![row("x")] },
        Op::MoveRows { sheet: id("demand"), after: None, rows: vec![row("at1"), row("de1")] },
        Op::MoveRows { sheet, after: Some(row("r1")), rows: vec![row("r1")] },
        Op::InsertCols { sheet: id("demand"), after: None, cols: vec![col("x")] },
        Op::PutMeasure { sheet: id("demand"), measure: measure("OVERRIDE", MeasureKind::Input, 9) }
            .renamed(id("other")),
        Op::SetName { name: "".into(), formula: None },
        Op::PutMeasure {
            sheet: id("demand"),
            measure: Measure { help: "x".repeat(5000), ..measure("Wordy", MeasureKind::Input, 9) },
        },
    ];
    for op in wrong {
        let ops = fine.iter().cloned().chain([op.clone()]).collect();
        assert!(plan.apply(&edit("eve", ops)).is_err(), "{op:?}");
        assert_eq!(format!("{:#?}", plan.mirror()), before, "{op:?}");
    }
    let after: Vec<_> = plan.known_rooms().iter().map(|&room| plan.state_vector(room)).collect();
    assert_eq!(states, after);
    plan.apply(&edit("eve", fine.into())).unwrap();
}

impl Op {
    /// The same measure under another id.
    fn renamed(self, id: MeasureId) -> Self {
        match self {
            Self::PutMeasure { sheet, measure } => Self::PutMeasure { sheet, measure: Measure { id, ..measure } },
            other => other,
        }
    }
}

#[test]
fn a_formula_measure_may_be_overridden_in_a_cell() {
    let mut plan = replicas(1).remove(0);
    let place = cell("demand", "de1", "consensus@2026-04");
    plan.apply(&edit("ada", vec![set(place, Input::Number(80.0))])).unwrap();
    assert_eq!(input(&plan, place), Some(Input::Number(80.0)));
    plan.undo(id("ada"), 1).unwrap();
    assert_eq!(input(&plan, place), None);
}

#[test]
fn a_closed_room_takes_its_rows_with_it() {
    let mut plan = replicas(1).remove(0);
    let part: RoomId = id("demand~de");
    let state = plan.encode_state(part, None).unwrap();
    assert_eq!(plan.close_room(part), [Change::Rows(id("demand")), Change::Forgotten(id("demand"))]);
    assert_eq!(rows_of(&plan, "demand"), ["at1", "at2", "at3"]);
    assert!(plan.known_rooms().contains(&part) && !plan.has_room(part));
    let write = edit("ada", vec![set(cell("demand", "de1", "override@2026-04"), Input::Number(1.0))]);
    assert!(matches!(plan.apply(&write), Err(EditError::NoCell(_))));
    plan.open_room(part, &state).unwrap();
    plan.apply(&write).unwrap();
    plan.close_room(id("demand"));
    assert!(plan.mirror().sheet(id("demand")).is_none());
}

#[test]
fn changes_name_what_was_touched_and_nothing_more() {
    let mut plan = replicas(2);
    let place = cell("demand", "de1", "uplift@2026-04");
    let applied = plan[0].apply(&edit("ada", vec![set(place, Input::Number(5.0))])).unwrap();
    assert_eq!(applied.changes, [Change::Cell(place)]);
    assert_eq!(applied.updates.len(), 1);
    let (room, update) = &applied.updates[0];
    assert_eq!(*room, id("demand~de"));
    assert!(update.len() < 80, "{} bytes for a cell", update.len());
    assert_eq!(plan[1].apply_update(*room, update), Ok(vec![Change::Cell(place)]));
    assert_eq!(plan[1].apply_update(*room, update), Ok(Vec::new()), "known already");
    let again = plan[0].apply(&edit("ada", vec![set(place, Input::Number(5.0))])).unwrap();
    assert_eq!((again.updates, again.changes), (Vec::new(), Vec::new()));
}

#[test]
fn an_update_without_its_predecessors_waits_or_is_judged_unfit() {
    let mut plan = replicas(3);
    let place = |number: u32| cell("summary", &format!("r{number}"), "a");
    let mut send = |number| {
        let applied = plan[0].apply(&edit("ada", vec![set(place(number), Input::Number(1.0))])).unwrap();
        applied.updates[0].clone()
    };
    let (first, second) = (send(1), send(2));
    assert_eq!(plan[1].examine(second.0, &second.1).err().unwrap().code, "update.gap");
    assert_eq!(input(&plan[1], place(2)), None);
    for (room, update) in [&first, &second] {
        let examined = plan[1].examine(*room, update).unwrap();
        plan[1].stage(*room, examined);
    }
    plan[1].apply_staged(first.0).unwrap();
    plan[2].apply_update(second.0, &second.1).unwrap();
    plan[2].encode_state(second.0, None).unwrap();
    plan[2].apply_update(first.0, &first.1).unwrap();
    assert_eq!(format!("{:#?}", plan[1].mirror()), format!("{:#?}", plan[2].mirror()));
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let mut plan = replicas(1);
    let (sheet, place) = (id("summary"), cell("summary", "r1", "a"));
    for op in [
        set(place, None),
        Op::SetNote { cell: place, text: None },
        Op::SetStyle { cell: place, style: None },
        Op::RestoreRows { sheet, rows: vec![row("r1")] },
        Op::SetColWidth { sheet, col: col("a"), width: None },
        Op::SetName { name: "vat".into(), formula: None },
    ] {
        let before = plan[0].state_vector(RoomId::Sheet(sheet));
        assert_eq!(plan[0].apply(&edit("ada", vec![op.clone()])).unwrap().updates, [], "{op:?}");
        assert_eq!(plan[0].state_vector(RoomId::Sheet(sheet)), before, "{op:?}");
    }
}

#[test]
fn what_undoing_did_can_be_made_again() {
    let mut plan = replicas(2);
    let (ada, place) = (id("ada"), cell("summary", "r1", "a"));
    for value in [1.0, 2.0] {
        let made = plan[0].apply(&edit("ada", vec![set(place, Input::Number(value))])).unwrap();
        assert_eq!(made.step, None);
    }
    meet(&mut plan);
    let undone = plan[0].undo(ada, 1).unwrap().step.unwrap();
    let redone = plan[0].redo(ada, 2).unwrap().step.unwrap();
    for (step, value) in [(&undone, 1.0), (&redone, 2.0), (&undone, 1.0)] {
        plan[1].apply(step).unwrap();
        assert_eq!(input(&plan[1], place), Some(Input::Number(value)));
    }
    // Somebody else has written there since.
    plan[1].apply(&edit("bob", vec![set(place, Input::Number(9.0))])).unwrap();
    assert_eq!(plan[1].apply(&redone).unwrap().updates, []);
    assert_eq!(input(&plan[1], place), Some(Input::Number(9.0)));
}

#[test]
fn what_a_closed_page_wrote_goes_on_where_all_it_builds_on_is() {
    let mut plan = replicas(3);
    let place = cell("summary", "r1", "a");
    let mut write =
        |value| plan[1].apply(&edit("bob", vec![set(place, Input::Number(value))])).unwrap().updates.remove(0);
    let (room, first) = write(1.0);
    let (_, second) = write(2.0);
    // Another page of the same person, with a writer id of its own.
    let page = &mut plan[2];
    assert_eq!((page.is_ready(room, &first), page.is_ready(room, &second)), (true, false));
    page.apply_update(room, &first).unwrap();
    assert!(page.is_ready(room, &second));
    page.apply_update(room, &second).unwrap();
    assert_eq!(input(page, place), Some(Input::Number(2.0)));
    let after = page.state_vector(room);
    page.apply_update(room, &first).unwrap();
    assert_eq!((input(page, place), page.state_vector(room)), (Some(Input::Number(2.0)), after), "nothing twice");
    assert!(!page.is_ready(id("nowhere"), &first), "no such room");
}
