//! Where Alt+= writes sums, and of what.

use super::selection::{Area, Extent, Spot};

/// What a cell holds as far as sums are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Nothing,
    Number,
    Other,
}

/// The numbers above a cell, or else to its left; `None` where there are none.
pub fn beside(at: Spot, held: &dyn Fn(Spot) -> Held) -> Option<Area> {
    let number = |at: Spot| held(at) == Held::Number;
    let above = (0..at.line).rev().take_while(|&line| number(Spot { line, ..at })).last();
    let left = (0..at.col).rev().take_while(|&col| number(Spot { col, ..at })).last();
    match (above, left) {
        (Some(top), _) => Some(Area { top, left: at.col, bottom: at.line - 1, right: at.col }),
        (None, Some(left)) => Some(Area { top: at.line, left, bottom: at.line, right: at.col - 1 }),
        (None, None) => None,
    }
}

/// The sums of a selection of several cells: each cell to write, and the area it adds up.
///
/// A blank last line or column takes those of what is selected before it, blank cells alone those of the numbers beside
/// each. Numbers without such a line are added up in the first blank line below them; one line of them to its right.
pub fn sums(area: Area, extent: Extent, held: &dyn Fn(Spot) -> Held) -> Vec<(Spot, Area)> {
    let blank = |area: Area| area.spots().all(|at| held(at) == Held::Nothing);
    if blank(area) {
        return area.spots().filter_map(|at| Some((at, beside(at, held)?))).collect();
    }
    let below = area.bottom > area.top && blank(Area { top: area.bottom, ..area });
    let right = area.right > area.left && blank(Area { left: area.right, ..area });
    let block = Area { bottom: area.bottom - usize::from(below), right: area.right - usize::from(right), ..area };
    let of_line = |line: usize, col: usize| (Spot { line, col }, Area { top: line, bottom: line, ..block });
    let of_col = |line: usize, col: usize| (Spot { line, col }, Area { left: col, right: col, ..block });
    let is_one_line = area.top == area.bottom;
    let (line, col) = match (below, right) {
        (false, false) if is_one_line => {
            let is_free = |&col: &usize| held(Spot { line: area.top, col }) == Held::Nothing;
            (None, (area.right + 1..extent.cols).find(is_free))
        }
        (false, false) => {
            let is_free = |&line: &usize| blank(Area { top: line, bottom: line, ..area });
            ((area.bottom + 1..extent.lines).find(is_free), None)
        }
        _ => (below.then_some(area.bottom), right.then_some(area.right)),
    };
    let mut found = Vec::new();
    if let Some(line) = line {
        found.extend((block.left..=block.right).map(|col| of_col(line, col)));
    }
    if let Some(col) = col {
        found.extend((block.top..=block.bottom).map(|line| of_line(line, col)));
    }
    found.retain(|(_, of)| of.spots().any(|at| held(at) == Held::Number));
    if below && right {
        // The corner adds up the sums beside it.
        found.push(of_line(area.bottom, area.right));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::references::range;
    use super::*;

    /// Sums as `A4=A1:A3`, on a sheet whose lines hold numbers, blanks (`.`) and texts.
    fn written(sheet: &[&str], selected: &str) -> Vec<String> {
        let held = |at: Spot| match sheet.get(at.line).and_then(|line| line.split(' ').nth(at.col)) {
            None | Some(".") => Held::Nothing,
            Some(text) if text.parse::<f64>().is_ok() => Held::Number,
            Some(_) => Held::Other,
        };
        let name = |line: usize, col: usize| format!("{}{}", char::from(b'A' + col as u8), line + 1);
        let area = range(selected).unwrap_or(Area::between(Spot::default(), Spot::default()));
        sums(area, Extent { lines: 9, cols: 6 }, &held)
            .into_iter()
            .map(|(at, of)| {
                format!("{}={}:{}", name(at.line, at.col), name(of.top, of.left), name(of.bottom, of.right))
            })
            .collect()
    }

    #[test]
    fn sums_stand_where_spreadsheets_put_them() {
        let sheet = ["1 2 a", "3 4 b", ". . ."];
        for (selected, expected) in [
            // A blank line or column at the end takes them.
            ("A1:B3", vec!["A3=A1:A2", "B3=B1:B2"]),
            ("A1:D2", vec!["D1=A1:C1", "D2=A2:C2"]),
            // Blank cells alone: each takes the numbers beside it.
            ("A3:C3", vec!["A3=A1:A2", "B3=B1:B2"]),
            // Numbers alone: below, or to the right of a single line.
            ("A1:B2", vec!["A3=A1:A2", "B3=B1:B2"]),
            ("A1:A2", vec!["A3=A1:A2"]),
            ("A1:B1", vec!["D1=A1:B1"]),
            ("C1:C2", vec![]),
        ] {
            assert_eq!(written(&sheet, selected), expected, "{selected}");
        }
        let both = written(&["1 2 .", "3 4 .", ". . ."], "A1:C3");
        assert_eq!(both, ["A3=A1:A2", "B3=B1:B2", "C1=A1:B1", "C2=A2:B2", "C3=A3:B3"]);
    }
}
