//! Going to a cell by words of its row, `SKU-014 DE 2026-03`, or by a name whose formula is a place.

use grid_engine::refs::MeasureId;

use super::layout::{Across, Layout, Line};
use super::references::range;
use super::selection::{Area, Spot};

/// Where a name leads within a sheet; `None` where nothing is called so.
///
/// All words must occur among the keys of a row; a word may also name a bucket (`2026-03`) or a measure.
pub fn find_place(layout: &Layout, name: &str, text: &dyn Fn(usize, MeasureId) -> String) -> Option<Spot> {
    let mut words: Vec<String> = name.split([' ', '/', '·', ',']).map(|word| word.trim().to_lowercase()).collect();
    words.retain(|word| !word.is_empty());
    let bucket = |word: &str| {
        layout.columns.iter().find_map(|column| match column.across {
            Across::Time(bucket) => (bucket.to_string().to_lowercase() == word).then_some(bucket),
            _ => None,
        })
    };
    let slot = |word: &str| {
        let named = |&measure: &usize| layout.measures.get(measure).is_some_and(|it| it.name.to_lowercase() == word);
        layout.slots.iter().position(named)
    };
    let wanted = words.iter().find_map(|word| bucket(word));
    let measure = words.iter().find_map(|word| slot(word));
    words.retain(|word| bucket(word).is_none() && slot(word).is_none());
    if words.is_empty() && wanted.is_none() && measure.is_none() {
        return None;
    }
    let measure = measure.unwrap_or(0);
    let untimed: Vec<MeasureId> = layout.measures.iter().filter(|it| !it.timed).map(|it| it.id).collect();
    let line = (0..layout.lines.len()).find(|&line| {
        let Some(Line::Row { slot, .. }) = layout.lines.get(line) else { return false };
        usize::from(*slot) == layout.line_of(measure) && {
            let keys: Vec<String> = untimed.iter().map(|&id| text(line, id).to_lowercase()).collect();
            words.iter().all(|word| keys.iter().any(|key| key.contains(word.as_str())))
        }
    })?;
    let col = wanted.and_then(|bucket| layout.bucket_col(measure, bucket)).or(layout.current_col(measure));
    Some(Spot { line, col: col.unwrap_or(0) })
}

/// The sheet's title, where it is named, and the cells that a formula stands for which is nothing but a reference:
/// `=Prices!$B$2:$B$9`.
pub fn place_in(formula: &str) -> Option<(Option<String>, Area)> {
    let text = formula.strip_prefix('=')?.trim();
    let Some((title, cells)) = text.rsplit_once('!') else { return Some((None, range(text)?)) };
    Some((Some(unquoted(title)), range(cells)?))
}

/// A sheet's title as it is, where a formula may have put it between apostrophes.
pub fn unquoted(title: &str) -> String {
    let quoted = title.strip_prefix('\'').and_then(|title| title.strip_suffix('\''));
    quoted.map_or_else(|| title.to_owned(), |title| title.replace("''", "'"))
}

#[cfg(test)]
mod tests {
    use super::super::layout::View;
    use super::super::layout::tests::demand;
    use super::*;

    #[test]
    fn a_name_of_cells_leads_to_them() {
        let area = |top, bottom| Area { top, left: 1, bottom, right: 1 };
        assert_eq!(place_in("=Prices!$B$2:$B$9"), Some((Some("Prices".to_owned()), area(1, 8))));
        assert_eq!(place_in("='Bob''s 2027'!$B$2"), Some((Some("Bob's 2027".to_owned()), area(1, 1))));
        assert_eq!(place_in("=$B$2"), Some((None, area(1, 1))));
        assert_eq!(place_in("=Prices!$B$2*2"), None);
        assert_eq!(place_in("=0.2"), None);
    }

    #[test]
    fn words_find_a_row_a_measure_and_a_bucket() {
        let layout = Layout::new(&demand(20), &View::default(), 900.0, 7.1, &|_, _| String::new());
        let text = |line: usize, _: MeasureId| format!("SKU-{:03} DE", line / 2);
        let find = |name: &str| find_place(&layout, name, &text);
        assert_eq!(find("sku-003"), Some(Spot { line: 6, col: layout.current_col(0).unwrap() }));
        assert_eq!(find("SKU-003 / DE override 2026-02").map(|at| at.line), Some(7));
        assert_eq!(find("SKU-003 2025-10").map(|at| at.col), Some(2));
        assert_eq!(find("SKU-999"), None);
        assert_eq!(find("  "), None);
    }
}
