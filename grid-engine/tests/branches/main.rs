//! Branches and their merge: the three-way comparison against a plain model of what people mean by it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod forked;
mod model;
#[path = "../table/mod.rs"]
mod table;

use forked::{Forked, cell, delete, insert, key, plan, row, set, shift};
use grid_engine::doc::{Input, Op};
use grid_engine::plan::{Choice, Conflict, Difference, Direction, Kind, Place};
use grid_engine::refs::ColId;
use model::{Deed, Model, act, deeds, deeds_with_rows, order};
use proptest::prelude::*;
use table::{Table, measure, measure_id, person, sheet};

fn all(_: &Difference) -> Option<Choice> {
    Some(Choice::Theirs)
}

/// A measure's formula put on a side.
fn define(side: &mut Table, name: &str, formula: &str) {
    side.formula("demand", name, true, formula);
}

#[test]
fn definitions_of_measures_are_part_of_the_plan() {
    let mut plan = plan();
    define(&mut plan, "Consensus", "=[@Override]+[@Uplift]");
    let mut forked = Forked::of(&plan);
    // Another formula, a measure that is new with entries in it, and one that is gone.
    define(&mut forked.branch, "Consensus", "=[@Override]*2");
    let reserve = Op::PutMeasure { sheet: sheet("demand"), measure: measure("Reserve", true) };
    forked.branch.edit("bob", vec![reserve, set(cell("Reserve", "tea", 0), Some(Input::Number(5.0)))]);
    let place = |name: &str| Place::Measure(sheet("demand"), measure_id(name));
    let found = forked.differences(Direction::Merge);
    let measures: Vec<_> = found.iter().map(|found| (&found.place, found.kind)).collect();
    let changed = [(&place("Reserve"), Kind::Change), (&place("Consensus"), Kind::Change)];
    assert_eq!(measures[..2], changed, "{measures:?}");
    forked.take(Direction::Merge, all);
    assert_eq!(forked.told(Direction::Merge), Vec::<String>::new());
    forked.live.recalculate();
    assert_eq!(forked.live.number(cell("Consensus", "soap", 0)), 2.0);
    assert_eq!(forked.live.number(cell("Reserve", "tea", 0)), 5.0);
    // Both sides change one, and one side deletes what the other works with: a person decides.
    define(&mut forked.branch, "Consensus", "=[@Override]*3");
    define(&mut forked.live, "Consensus", "=[@Override]*4");
    let gone = Op::DeleteMeasure { sheet: sheet("demand"), measure: measure_id("Reserve") };
    forked.branch.edit("bob", vec![gone]);
    forked.live.edit("ada", vec![set(cell("Reserve", "soap", 0), Some(Input::Number(7.0)))]);
    let kinds: Vec<_> =
        forked.differences(Direction::Merge).into_iter().map(|found| (found.place, found.kind)).collect();
    let conflict = |name: &str, why| (place(name), Kind::Conflict(why));
    assert_eq!(
        kinds,
        [conflict("Reserve", Conflict::DeletedAgainstEdit), conflict("Consensus", Conflict::BothChanged)]
    );
    forked.take(Direction::Merge, all);
    assert!(forked.live.book.sheet(sheet("demand")).unwrap().measure(measure_id("Reserve")).is_none());
    // What was entered into a measure that is gone here has no place to go to.
    forked.live.edit("ada", vec![set(cell("Override", "tea", 0), Some(Input::Number(70.0)))]);
    forked.take(Direction::Rebase, all);
    assert_eq!(forked.told(Direction::Rebase), Vec::<String>::new());
}

#[test]
fn a_change_of_one_side_is_taken_and_not_asked_about() {
    let mut forked = Forked::of(&plan());
    forked.branch.edit("bob", vec![set(cell("Override", "tea", 0), Some(Input::Number(50.0)))]);
    forked.live.edit("ada", vec![set(cell("Override", "soap", 0), Some(Input::Number(60.0)))]);
    assert_eq!(forked.told(Direction::Merge), ["tea.override 0 0 50 Change"]);
    assert_eq!(forked.told(Direction::Rebase), ["soap.override 1 1 60 Change"]);
    forked.take(Direction::Merge, all);
    assert_eq!(forked.told(Direction::Merge), Vec::<String>::new());
    assert_eq!(forked.told(Direction::Rebase), ["soap.override 1 1 60 Change"]);
    forked.take(Direction::Rebase, all);
    assert_eq!(forked.told(Direction::Rebase), Vec::<String>::new());
    // What was agreed is what both sides are compared with from now on.
    forked.live.edit("ada", vec![set(cell("Override", "tea", 0), Some(Input::Number(51.0)))]);
    forked.branch.edit("bob", vec![set(cell("Override", "soap", 0), Some(Input::Number(61.0)))]);
    assert_eq!(forked.told(Direction::Rebase), ["tea.override 50 50 51 Change"]);
    assert_eq!(forked.told(Direction::Merge), ["soap.override 60 60 61 Change"]);
}

#[test]
fn an_undone_merge_is_a_difference_again() {
    let mut forked = Forked::of(&plan());
    forked.branch.edit("bob", vec![set(cell("Override", "tea", 0), Some(Input::Number(50.0)))]);
    forked.branch.edit("bob", vec![set(cell("Uplift", "tea", 0), Some(Input::Number(4.0)))]);
    let before = forked.told(Direction::Merge);
    assert_eq!(before.len(), 2);
    forked.take(Direction::Merge, all);
    assert_eq!(forked.told(Direction::Merge), Vec::<String>::new());
    forked.live.book.undo(person("mia"), 10).unwrap();
    assert_eq!(forked.told(Direction::Merge), before, "one step takes all of it back");
}

#[test]
fn conflicts_say_what_they_are() {
    let mut forked = Forked::of(&plan());
    forked.branch.edit("bob", vec![set(cell("Override", "tea", 0), Some(Input::Number(50.0)))]);
    forked.live.edit("ada", vec![set(cell("Override", "tea", 0), Some(Input::Number(51.0)))]);
    forked.branch.edit("bob", vec![set(cell("Override", "soap", 0), Some(Input::Formula("=1+1".into())))]);
    forked.live.edit("ada", vec![set(cell("Override", "soap", 0), Some(Input::Number(5.0)))]);
    forked.branch.edit("bob", vec![set(cell("Override", "salt", 0), Some(Input::Number(70.0)))]);
    forked.live.edit("ada", vec![delete("salt")]);
    forked.branch.edit("bob", vec![delete("rice")]);
    forked.live.edit("ada", vec![set(cell("Override", "rice", 1), Some(Input::Number(9.0)))]);
    assert_eq!(
        forked.told(Direction::Merge),
        [
            "row rice there there - Conflict(DeletedAgainstEdit); rice.override - 9",
            "tea.override 0 51 50 Conflict(BothChanged)",
            "salt.override 2 - 70 Conflict(DeletedAgainstEdit)",
            "soap.override 1 5 =1+1 Conflict(FormulaAgainstValue)",
        ]
    );
    // Decided against the branch, they are not asked about again, whatever the plan becomes.
    forked.take(Direction::Merge, |_| Some(Choice::Ours));
    assert_eq!(forked.told(Direction::Merge), Vec::<String>::new());
    let mut forked = Forked { settled: Vec::new(), ..forked };
    forked.take(Direction::Merge, all);
    assert_eq!(forked.told(Direction::Merge), Vec::<String>::new());
    let demand = forked.live.book.sheet(sheet("demand")).unwrap();
    assert_eq!(demand.rows(), [row("tea"), row("soap"), row("salt")], "salt came back with the edit, rice went");
    assert_eq!(demand.input(row("salt"), cell("Override", "salt", 0).col), Some(&Input::Number(70.0)));
}

#[test]
fn what_both_add_is_added_up_once() {
    let mut forked = Forked::of(&plan());
    let uplift = cell("Uplift", "tea", 0);
    forked.branch.edit("bob", vec![set(uplift, Some(Input::Number(10.0)))]);
    forked.live.edit("ada", vec![set(uplift, Some(Input::Number(11.0)))]);
    assert_eq!(forked.told(Direction::Merge), Vec::<String>::new(), "both stand at 11: nothing says they differ");
    forked.live.edit("ada", vec![set(uplift, Some(Input::Number(21.0)))]);
    assert_eq!(forked.told(Direction::Merge), ["tea.uplift 1 21 11 Addition"]);
    forked.take(Direction::Merge, all);
    let live =
        |forked: &Forked| forked.live.book.sheet(sheet("demand")).unwrap().input(uplift.row, uplift.col).cloned();
    assert_eq!(live(&forked), Some(Input::Number(31.0)));
    assert_eq!(forked.told(Direction::Merge), Vec::<String>::new());
    forked.live.edit("ada", vec![set(uplift, Some(Input::Number(22.0)))]);
    assert_eq!(forked.told(Direction::Merge), Vec::<String>::new(), "what was merged is not merged again");
}

#[test]
fn new_rows_stand_where_they_stood() {
    let mut forked = Forked::of(&plan());
    let keyed = |name: &str| set(key(name), Some(Input::Text(name.into())));
    forked.branch.edit("bob", vec![insert(Some("soap"), &["oil", "oats"]), keyed("oil"), keyed("oats")]);
    forked.branch.edit("bob", vec![set(cell("Override", "oats", 1), Some(Input::Number(3.0)))]);
    forked.branch.edit("bob", vec![shift(None, "rice")]);
    forked.take(Direction::Merge, all);
    let demand = forked.live.book.sheet(sheet("demand")).unwrap();
    assert_eq!(demand.rows(), ["rice", "tea", "soap", "oil", "oats", "salt"].map(row));
    assert_eq!(demand.input(row("oats"), key("oats").col), Some(&Input::Text("oats".into())));
    assert_eq!(demand.input(row("oats"), cell("Override", "oats", 1).col), Some(&Input::Number(3.0)));
    assert_eq!(forked.told(Direction::Merge), Vec::<String>::new());
    assert_eq!(forked.told(Direction::Rebase), Vec::<String>::new());
}

#[test]
fn widths_and_the_order_of_columns_are_merged_too() {
    let mut plan = plan();
    plan.free("own", "Own", 2, 4);
    let mut forked = Forked::of(&plan);
    let col = |name: &str| ColId::fixed(measure_id(name));
    let width = |of: &str, name: &str, width| Op::SetColWidth { sheet: sheet(of), col: col(name), width };
    let shift = |after: Option<&str>, name: &str| Op::MoveCols {
        sheet: sheet("own"),
        after: after.map(col),
        cols: vec![col(name)],
    };
    forked.branch.edit("bob", vec![width("own", "c1", Some(200)), width("demand", "Override", Some(90))]);
    forked.branch.edit("bob", vec![shift(None, "c4"), shift(Some("c1"), "c3")]);
    // The plan has another width of one and moves another.
    forked.live.edit("ada", vec![width("own", "c1", Some(120)), shift(None, "c3")]);
    let kinds = |forked: &Forked, direction| -> Vec<(Place, Kind)> {
        forked.differences(direction).into_iter().map(|found| (found.place, found.kind)).collect()
    };
    let found = kinds(&forked, Direction::Merge);
    let has = |place: Place, kind| assert!(found.contains(&(place.clone(), kind)), "{place:?}: {found:?}");
    has(Place::Width(sheet("own"), col("c1")), Kind::Conflict(Conflict::BothChanged));
    has(Place::Width(sheet("demand"), col("Override")), Kind::Change);
    has(Place::ColumnOrder(sheet("own"), col("c3")), Kind::Conflict(Conflict::Order));
    has(Place::ColumnOrder(sheet("own"), col("c4")), Kind::Change);
    forked.take(Direction::Merge, all);
    assert_eq!(kinds(&forked, Direction::Merge), []);
    let widths = |table: &Table| {
        let width = |of: &str, name: &str| table.book.sheet(sheet(of)).unwrap().width(col(name));
        (width("own", "c1"), width("demand", "Override"))
    };
    assert_eq!(widths(&forked.live), (Some(200), Some(90)));
    let order = |table: &Table| table.book.sheet(sheet("own")).unwrap().cols().to_vec();
    assert_eq!(order(&forked.live), order(&forked.branch));
    // They stand behind the same columns, wherever the merge has put them.
    assert_eq!(kinds(&forked, Direction::Rebase), []);
    // A width taken away is a difference; one of a column that is gone is told by the column.
    forked.branch.edit(
        "bob",
        vec![width("demand", "Override", None), Op::DeleteCols { sheet: sheet("own"), cols: vec![col("c1")] }],
    );
    let found = kinds(&forked, Direction::Merge);
    assert_eq!(
        found,
        [
            (Place::Column(sheet("own"), col("c1")), Kind::Change),
            (Place::Width(sheet("demand"), col("Override")), Kind::Change),
        ]
    );
    forked.take(Direction::Merge, all);
    assert_eq!(widths(&forked.live).1, None);
    // One step takes it back; decisions are void then, and the branch has the width it began with.
    forked.live.book.undo(person("mia"), 10).unwrap();
    assert_eq!(widths(&forked.live).1, Some(90));
    assert_eq!(kinds(&forked, Direction::Merge), found[..1]);
}

#[test]
fn a_column_that_comes_brings_its_width_and_a_width_alone_has_no_place() {
    let (own, new) = (sheet("own"), ColId::fixed(measure_id("c9")));
    let forked = || {
        let mut plan = plan();
        plan.free("own", "Own", 2, 2);
        let mut forked = Forked::of(&plan);
        let insert = Op::InsertCols { sheet: own, after: None, cols: vec![new] };
        forked.branch.edit("bob", vec![insert, Op::SetColWidth { sheet: own, col: new, width: Some(70) }]);
        forked
    };
    let places = |forked: &Forked, direction| -> Vec<Place> {
        forked.differences(direction).into_iter().map(|found| found.place).collect()
    };
    let mut whole = forked();
    // Where it stands is told by the column itself.
    assert_eq!(places(&whole, Direction::Merge), [Place::Column(own, new), Place::Width(own, new)]);
    whole.take(Direction::Merge, all);
    let live = whole.live.book.sheet(own).unwrap();
    assert_eq!((live.cols()[0], live.width(new)), (new, Some(70)));
    for direction in [Direction::Merge, Direction::Rebase] {
        assert_eq!(places(&whole, direction), [], "{direction:?}");
    }
    let alone = |found: &Difference| matches!(found.place, Place::Width(..)).then_some(Choice::Theirs);
    assert_eq!(forked().take(Direction::Merge, alone).ops, []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever two sides did: merging gives what the model says, nothing is left to merge, one undo takes it back,
    /// and then the same differs as before.
    #[test]
    fn merging_is_what_people_mean(here in deeds(), there in deeds(), theirs_win in any::<bool>()) {
        let made = plan();
        let base = Model::of(&made);
        let mut forked = Forked::of(&made);
        act(&mut forked.live, "ada", &here);
        act(&mut forked.branch, "bob", &there);
        let (ours, theirs) = (Model::of(&forked.live), Model::of(&forked.branch));
        let conflicts = if theirs_win { Choice::Theirs } else { Choice::Ours };
        let before = forked.told(Direction::Merge);
        forked.take(Direction::Merge, |d| Some(if d.is_conflict() { conflicts } else { Choice::Theirs }));
        let expected = Model::merged(&base, &ours, &theirs, conflicts);
        let merged = Model::of(&forked.live);
        prop_assert_eq!(&merged.rows, &expected.rows);
        let in_kept = |(row, _): &&(usize, usize)| ours.rows.contains_key(row);
        for at in merged.cells.keys().chain(expected.cells.keys()).filter(in_kept) {
            prop_assert_eq!(merged.cells.get(at), expected.cells.get(at), "{:?}", at);
        }
        for at in merged.sums.keys().chain(expected.sums.keys()).filter(in_kept) {
            let sum = |model: &Model| model.sums.get(at).copied().unwrap_or(0);
            prop_assert_eq!(sum(&merged), sum(&expected), "{:?}", at);
        }
        prop_assert_eq!(forked.told(Direction::Merge), Vec::<String>::new());
        if merged != ours {
            prop_assert!(forked.live.book.undo(person("mia"), 10).is_some());
            prop_assert_eq!(Model::of(&forked.live), ours);
            if theirs_win {
                // Of what both sides have not, nothing says that it was undone.
                let shown = |told: Vec<String>| told.into_iter().filter(|line| !line.contains(" - - ")).collect::<Vec<_>>();
                prop_assert_eq!(shown(forked.told(Direction::Merge)), shown(before));
            }
        }
    }

    /// Rows that both sides add, move and delete: what each row holds is what the model says, the order stays where the branch
    /// left it, nothing is left to merge, and one undo takes all of it back.
    #[test]
    fn rows_of_both_sides_are_merged_as_people_mean_it(
        here in deeds_with_rows(),
        there in deeds_with_rows(),
        theirs_win in any::<bool>(),
    ) {
        let made = plan();
        let base = Model::of(&made);
        let mut forked = Forked::of(&made);
        act(&mut forked.live, "ada", &here);
        act(&mut forked.branch, "bob", &there);
        let (ours, theirs) = (Model::of(&forked.live), Model::of(&forked.branch));
        let before = order(&forked.live);
        let conflicts = if theirs_win { Choice::Theirs } else { Choice::Ours };
        forked.take(Direction::Merge, |d| Some(if d.is_conflict() { conflicts } else { Choice::Theirs }));
        let (expected, merged) = (Model::merged(&base, &ours, &theirs, conflicts), Model::of(&forked.live));
        prop_assert_eq!(&merged.rows, &expected.rows);
        // A row that was deleted here comes back with what it held then.
        let is_told = |row: &usize| ours.rows.contains_key(row) || !base.rows.contains_key(row) && !here.iter().any(|deed| deed.adds(*row));
        for at in merged.cells.keys().chain(expected.cells.keys()).filter(|(row, _)| is_told(row)) {
            prop_assert_eq!(merged.cells.get(at), expected.cells.get(at), "{:?}", at);
        }
        for at in merged.sums.keys().chain(expected.sums.keys()).filter(|(row, _)| is_told(row)) {
            let sum = |model: &Model| model.sums.get(at).copied().unwrap_or(0);
            prop_assert_eq!(sum(&merged), sum(&expected), "{:?}", at);
        }
        if !there.iter().any(Deed::is_of_rows) {
            let kept: Vec<String> = order(&forked.live).into_iter().filter(|row| before.contains(row)).collect();
            prop_assert_eq!(&kept, &before);
        }
        prop_assert_eq!(forked.told(Direction::Merge), Vec::<String>::new());
        if (merged, order(&forked.live)) != (ours.clone(), before.clone()) {
            prop_assert!(forked.live.book.undo(person("mia"), 10).is_some());
            prop_assert_eq!((Model::of(&forked.live), order(&forked.live)), (ours, before));
        }
    }

    /// Where the plan keeps its rows as they are, a merge brings the order of the branch.
    #[test]
    fn the_order_of_a_branch_is_merged(there in deeds_with_rows()) {
        let mut forked = Forked::of(&plan());
        act(&mut forked.branch, "bob", &there);
        forked.take(Direction::Merge, all);
        prop_assert_eq!(order(&forked.live), order(&forked.branch));
        prop_assert_eq!(forked.told(Direction::Rebase), Vec::<String>::new());
    }

    /// After a rebase nothing of the plan is missing in the branch, and what the branch changed is still its own.
    #[test]
    fn a_rebase_keeps_what_the_branch_changed(here in deeds(), there in deeds()) {
        let mut forked = Forked::of(&plan());
        act(&mut forked.live, "ada", &here);
        act(&mut forked.branch, "bob", &there);
        forked.take(Direction::Rebase, |d| Some(if d.is_conflict() { Choice::Ours } else { Choice::Theirs }));
        prop_assert_eq!(forked.told(Direction::Rebase), Vec::<String>::new());
        let conflicts = forked.differences(Direction::Merge).into_iter().filter(Difference::is_conflict);
        let asked: Vec<_> = conflicts.filter(|d| d.kind != Kind::Conflict(Conflict::DeletedAgainstEdit)).collect();
        prop_assert!(asked.is_empty(), "{:?}", asked);
    }
}
