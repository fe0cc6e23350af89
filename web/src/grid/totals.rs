//! Editing a group's total: it spreads down over the rows it adds up.

use grid_engine::doc::{Aggregate, MeasureKind, NumberFormat};
use grid_engine::refs::{CellRef, ColId};

use super::handle::Grid;
use super::layout::{Across, Line};
use super::selection::Spot;
use super::spread::spread;
use crate::locale;

/// The statistical forecast: what inputs are spread by.
const BASELINE: &str = "baseline";

/// The rows under a total at one column.
struct Leaves {
    cells: Vec<CellRef>,
    /// What the rows' shares follow: their baseline, or what they have there now.
    weights: Vec<f64>,
    decimals: Option<u32>,
}

impl Grid {
    /// Why a total takes no input; `None` where it spreads down.
    pub(super) fn total_lock(&self, at: Spot) -> Option<String> {
        self.leaves(at).err()
    }

    /// The texts that give the rows under a total their shares of `text`.
    pub(super) fn shares(&self, at: Spot, text: &str) -> Result<Vec<(CellRef, String)>, String> {
        let leaves = self.leaves(at)?;
        if text.trim().is_empty() {
            return Ok(leaves.cells.into_iter().map(|cell| (cell, String::new())).collect());
        }
        let total =
            locale::read(text).ok_or_else(|| "A total takes a number, which is spread over its rows.".to_owned())?;
        let shares = spread(total, &leaves.weights, leaves.decimals);
        Ok(leaves.cells.into_iter().zip(shares).map(|(cell, share)| (cell, locale::typed(share))).collect())
    }

    fn leaves(&self, at: Spot) -> Result<Leaves, String> {
        let refuse = |reason: &str| Err(reason.to_owned());
        let found = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let Line::Group { group, .. } = *layout.lines.get(at.line)? else { return None };
            let rows: Vec<_> =
                layout.groups.get(group as usize)?.rows.iter().filter_map(|&row| layout.row_at(row)).collect();
            let bucket = match layout.columns.get(at.col)?.across {
                Across::Time(bucket) => bucket,
                Across::Fixed(_) | Across::Free(_) => return None,
            };
            if !layout.in_span(at) {
                return Some(Err("This measure has no cells here.".to_owned()));
            }
            let baseline = layout.measures.iter().find(|measure| measure.id.to_string() == BASELINE);
            let baseline = baseline.map(|measure| ColId::timed(measure.id, bucket));
            Some(Ok((layout.sheet, rows, layout.measure(at.line)?.clone(), layout.col_id(at)?, baseline)))
        });
        let Some(found) = found.flatten() else {
            return refuse("This is the head of a group. Change one of its rows.");
        };
        let (sheet, rows, measure, col, baseline) = found?;
        if self.session.is_none() {
            return refuse("This version is frozen.");
        }
        if !matches!(measure.kind, MeasureKind::Input | MeasureKind::Formula(_)) {
            return Err(format!("{} is read-only: it comes from imported facts or the solver.", measure.name));
        }
        if !matches!(measure.aggregate, Aggregate::Sum | Aggregate::Last) {
            return Err(format!("{} does not add up over rows, so its total cannot be spread.", measure.name));
        }
        let Some(source) = self.source() else { return refuse("Nothing can be changed here.") };
        let all: Vec<CellRef> = rows.into_iter().map(|row| CellRef { sheet, row, col }).collect();
        let locked = all.iter().find_map(|cell| source.locked(*cell));
        if let Some(reason) = locked {
            // Spreading over some rows only would not make the total what was typed.
            return Err(format!("Not every row of this group is yours to change. {reason}"));
        }
        let numbers = |col: ColId| -> Vec<f64> {
            all.iter().map(|cell| source.value(CellRef { col, ..*cell }).as_number().unwrap_or(0.0)).collect()
        };
        // A formula has a value in every row; an input may have one in few, so it follows the baseline.
        let mut bases = vec![Some(col), baseline];
        if measure.kind == MeasureKind::Input {
            bases.reverse();
        }
        let weights = bases
            .into_iter()
            .flatten()
            .map(numbers)
            .find(|weights| weights.iter().any(|weight| *weight > 0.0))
            .unwrap_or_else(|| vec![0.0; all.len()]);
        let decimals = match measure.format {
            NumberFormat::Whole | NumberFormat::Money => Some(0),
            NumberFormat::Decimal | NumberFormat::Price => Some(2),
            _ => None,
        };
        Ok(Leaves { cells: all, weights, decimals })
    }
}
