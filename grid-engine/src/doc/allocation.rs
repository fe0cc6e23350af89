//! Measures whose cells are shares of a whole: whatever is entered, and by however many at once, a group adds up to
//! 100 %.
//!
//! The document holds what people entered, as weights; a cell's share is its weight divided by the sum of its group's.
//! So two people who change two shares at the same time both have their say, and no third has to be written.

use std::collections::BTreeMap;

use super::hash::IdMap;
use super::schema::{Input, Merge};
use super::sheet_mirror::SheetMirror;
use crate::refs::{ColId, MeasureId, RowId};

/// The shares of one column, by row: the weights of each group divided by their sum.
pub(super) fn shares(sheet: &SheetMirror, col: ColId, within: Option<MeasureId>) -> IdMap<RowId, Input> {
    let mut groups: BTreeMap<String, Vec<(RowId, f64)>> = BTreeMap::new();
    for &row in sheet.rows() {
        if let Some(weight) = sheet.weight(row, col) {
            groups.entry(group_of(sheet, row, within)).or_default().push((row, weight));
        }
    }
    let mut shares = IdMap::default();
    for members in groups.into_values() {
        let sum: f64 = members.iter().map(|(_, weight)| weight).sum();
        // Where nothing is handed out, nobody has a share of it.
        let share = |weight: f64| if sum > 0.0 { weight / sum } else { 0.0 };
        shares.extend(members.iter().map(|&(row, weight)| (row, Input::Number(share(weight)))));
    }
    shares
}

/// Rows of one group share a whole: those with the same value in this key, or all.
fn group_of(sheet: &SheetMirror, row: RowId, within: Option<MeasureId>) -> String {
    match within.and_then(|key| sheet.input(row, ColId::fixed(key))) {
        Some(Input::Text(text) | Input::Formula(text)) => text.to_string(),
        Some(Input::Number(number)) => number.to_string(),
        Some(Input::Bool(truth)) => truth.to_string(),
        None => String::new(),
    }
}

impl SheetMirror {
    /// The weight to enter into a cell so that its share becomes `share`, the other weights of its group staying as
    /// they are. `None`: no weight does that, because the others would have to lose theirs, or it is no share.
    pub fn weight_for_share(&self, row: RowId, col: ColId, share: f64) -> Option<f64> {
        let Merge::Allocation { within } = self.measure(col.measure)?.merge else { return None };
        let group = group_of(self, row, within);
        let members = self.rows().iter().filter(|other| **other != row && group_of(self, **other, within) == group);
        let others: f64 = members.filter_map(|&other| self.weight(other, col)).sum();
        let weight = if others > 0.0 { share * others / (1.0 - share) } else { share };
        (weight.is_finite() && weight >= 0.0).then_some(weight)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::replicas::{cell, edit, id, input, measure, meet, replicas, row, set};
    use crate::doc::{Change, Documents, Input, Measure, MeasureKind, Merge, Op};
    use crate::refs::CellRef;

    const MONTH: &str = "share@2026-04";

    /// The plan with a measure of shares within each region.
    fn plan() -> Vec<Documents> {
        let mut plan = replicas(2);
        let within = Some(id("region"));
        let share = Measure { merge: Merge::Allocation { within }, ..measure("Share", MeasureKind::Input, 9) };
        plan[0].apply(&edit("ada", vec![Op::PutMeasure { sheet: id("demand"), measure: share }])).unwrap();
        meet(&mut plan);
        plan
    }

    fn place(row: &str) -> CellRef {
        cell("demand", row, MONTH)
    }

    fn enter(documents: &mut Documents, by: &str, entries: &[(&str, f64)]) -> Vec<Change> {
        let ops = entries.iter().map(|(row, weight)| set(place(row), Input::Number(*weight))).collect();
        documents.apply(&edit(by, ops)).unwrap().changes
    }

    fn share(documents: &Documents, row: &str) -> Option<f64> {
        match input(documents, place(row)) {
            Some(Input::Number(share)) => Some((share * 1e6).round() / 1e6),
            _ => None,
        }
    }

    #[test]
    fn shares_entered_at_once_add_up_to_one() {
        let mut plan = plan();
        enter(&mut plan[0], "ada", &[("de1", 0.6), ("at1", 5.0)]);
        enter(&mut plan[1], "bob", &[("de2", 0.6)]);
        meet(&mut plan);
        for documents in &plan {
            assert_eq!(
                ["de1", "de2", "de3", "at1"].map(|row| share(documents, row)),
                [Some(0.5), Some(0.5), None, Some(1.0)]
            );
        }
    }

    #[test]
    fn one_share_moves_the_others_and_says_so() {
        let mut plan = plan();
        enter(&mut plan[0], "ada", &[("de1", 1.0), ("de2", 1.0)]);
        let sheet = plan[0].mirror().sheet(id("demand")).unwrap();
        let weight = sheet.weight_for_share(row("de3"), place("de3").col, 0.2).unwrap();
        assert_eq!(sheet.weight_for_share(row("de3"), place("de3").col, 1.0), None, "the others hold something");
        assert_eq!(sheet.weight_for_share(row("at1"), place("at1").col, 1.0), Some(1.0));
        let changes = enter(&mut plan[0], "ada", &[("de3", weight)]);
        assert_eq!(["de1", "de2", "de3"].map(|row| share(&plan[0], row)), [Some(0.4), Some(0.4), Some(0.2)]);
        let cells = ["de1", "de2", "de3"].map(|row| Change::Cell(place(row)));
        assert!(cells.iter().all(|cell| changes.contains(cell)), "{changes:?}");
        let undone = plan[0].undo(id("ada"), 1).unwrap();
        assert_eq!(["de1", "de2", "de3"].map(|row| share(&plan[0], row)), [Some(0.5), Some(0.5), None]);
        assert!(cells.iter().all(|cell| undone.changes.contains(cell)));
    }

    #[test]
    fn who_goes_leaves_its_share_to_the_others() {
        let mut plan = plan();
        enter(&mut plan[0], "ada", &[("de1", 1.0), ("de2", 3.0)]);
        let rows = vec![row("de2")];
        let gone = plan[0].apply(&edit("ada", vec![Op::DeleteRows { sheet: id("demand"), rows }])).unwrap();
        assert_eq!(share(&plan[0], "de1"), Some(1.0));
        assert!(gone.changes.contains(&Change::Cell(place("de1"))));
        meet(&mut plan);
        assert_eq!(share(&plan[1], "de1"), Some(1.0));
        plan[0].undo(id("ada"), 1).unwrap();
        assert_eq!(["de1", "de2"].map(|row| share(&plan[0], row)), [Some(0.25), Some(0.75)]);
    }

    #[test]
    fn a_share_is_a_number_and_not_negative() {
        let mut plan = plan();
        for wrong in [Input::Number(-0.1), Input::Text("half".into()), Input::Formula("=1/2".into())] {
            assert!(plan[0].apply(&edit("ada", vec![set(place("de1"), wrong)])).is_err());
        }
    }
}
