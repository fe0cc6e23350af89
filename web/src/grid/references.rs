//! References in a formula while it is written: where they stand in the text, what they point at, and how a cell one
//! points at is written.

use grid_engine::doc::{Measure, MeasureKind, NumberFormat};
use grid_engine::refs::a1::{column_index, column_letters};
use grid_engine::refs::{CellRef, ColId};

use super::layout::{Across, Layout, Line};
use super::selection::{Area, Extent, Spot};

/// How far what one points at reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Cells,
    /// All of the columns, as their headers stand for.
    Columns,
    /// All of the rows, as their numbers stand for.
    Rows,
}

impl Reach {
    /// The area of what is pointed at between two corners.
    pub fn of(self, area: Area, extent: Extent) -> Area {
        match self {
            Self::Cells => area,
            Self::Columns => Area { top: 0, bottom: extent.lines.saturating_sub(1), ..area },
            Self::Rows => Area { left: 0, right: extent.cols.saturating_sub(1), ..area },
        }
    }
}

/// A reference in a formula's text, by characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub start: usize,
    pub end: usize,
    pub text: String,
}

/// Whether a reference can stand at the caret: after `=`, an operator, a bracket or a separator.
pub fn takes_reference(text: &str, caret: usize) -> bool {
    let head: Vec<char> = text.chars().take(caret).collect();
    if head.first() != Some(&'=') || head.iter().filter(|c| **c == '"').count() % 2 == 1 {
        return false;
    }
    head.iter().rev().find(|c| !c.is_whitespace()).is_some_and(|c| "=+-*/^&(,;<>:{".contains(*c))
}

/// The references of a formula to its own sheet: addresses, ranges, and measures of the same row.
pub fn mentions(text: &str) -> Vec<Mention> {
    if !text.starts_with('=') {
        return Vec::new();
    }
    let characters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 1;
    while let Some(&character) = characters.get(at) {
        let rest = &characters[at..];
        let length = match character {
            '"' | '\'' => 1 + rest[1..].iter().position(|c| *c == character).map_or(rest.len() - 1, |end| end + 1),
            '[' => {
                let length = 1 + rest.iter().position(|c| *c == ']').unwrap_or(rest.len() - 1);
                // `Sheet[…]` is another sheet's.
                let own = !characters[at - 1].is_alphanumeric() && characters[at - 1] != '\'';
                if own && rest.get(1) == Some(&'@') {
                    found.push(Mention { start: at, end: at + length, text: rest[..length].iter().collect() });
                }
                length
            }
            c if c.is_alphanumeric() || c == '$' || c == '_' => {
                let part = |c: &&char| c.is_alphanumeric() || matches!(**c, '$' | '_' | '.' | ':');
                let length = rest.iter().take_while(part).count();
                let word: String = rest[..length].iter().collect();
                let foreign = characters[at - 1] == '!' || matches!(rest.get(length), Some('(' | '!' | '['));
                if !foreign && (range(&word).is_some() || whole(&word).is_some()) {
                    found.push(Mention { start: at, end: at + length, text: word });
                }
                length
            }
            _ => 1,
        };
        at += length.max(1);
    }
    found
}

/// What a mention points at, from the cell whose formula it stands in.
pub fn area_of(layout: &Layout, from: Spot, mention: &str) -> Option<Area> {
    let free = layout.columns.first().is_some_and(|column| matches!(column.across, Across::Free(_)));
    let Some(inside) = mention.strip_prefix("[@").and_then(|text| text.strip_suffix(']')) else {
        let extent = Extent { lines: layout.lines.len(), cols: layout.columns.len() };
        let whole = || whole(mention).map(|(reach, area)| reach.of(area, extent));
        return range(mention).or_else(whole).filter(|_| free).and_then(|area| layout.lines_of(area));
    };
    let (name, shift) = match inside.rsplit_once(':') {
        Some((name, shift)) => (name, shift.trim().parse::<isize>().ok()?),
        None => (inside, 0),
    };
    let wanted = name.trim().to_lowercase();
    let measure = layout.measures.iter().position(|measure| measure.name.to_lowercase() == wanted)?;
    let Line::Row { slot, .. } = *layout.lines.get(from.line)? else { return None };
    let first = from.line - usize::from(slot);
    let spot = match layout.slots.iter().position(|&known| known == measure) {
        Some(to) => {
            let col = beside(layout, from.col, to)?.checked_add_signed(shift)?;
            Spot { line: first + layout.line_of(to), col }
        }
        None => {
            Spot { line: first, col: layout.columns.iter().position(|column| column.across == Across::Fixed(measure))? }
        }
    };
    // Beyond the buckets of a measure other columns begin.
    let is_its = layout.col_id(spot)?.measure == layout.measures.get(measure)?.id;
    is_its.then(|| Area::between(spot, spot))
}

/// A sheet's title as formulas write it: in quotes where it could be read as something else.
fn quoted(title: &str) -> String {
    let is_plain = title.starts_with(char::is_alphabetic)
        && title.chars().all(|c| c.is_alphanumeric() || c == '_')
        && range(title).is_none();
    if is_plain { title.to_owned() } else { format!("'{}'", title.replace('\'', "''")) }
}

/// The column of another measure for the same bucket.
fn beside(layout: &Layout, col: usize, slot: usize) -> Option<usize> {
    match layout.columns.get(col)?.across {
        Across::Time(bucket) => layout.bucket_col(slot, bucket),
        Across::Fixed(_) | Across::Free(_) => Some(col),
    }
}

/// How a formula at `from` writes the area one points at, `None` standing for one on another sheet; `None` where
/// formulas have no words for it.
///
/// Planning sheets refer to measures: of the same row (`[@Price]`, one bucket earlier `[@Stock:-1]`), of another row by its keys
/// (`SUMIFS(Demand[Consensus, 2026-03], Demand[Item], "Tea")`), which `text` tells, or, for several rows, to all rows of a
/// bucket (`Demand[Consensus, 2026-03]`). Whole rows have no words there, nor has a column in which measures take turns.
pub fn reference_to(
    layout: &Layout,
    title: &str,
    from: Option<Spot>,
    area: Area,
    reach: Reach,
    text: &dyn Fn(CellRef) -> String,
) -> Option<String> {
    let corner = Spot { line: area.top, col: area.left };
    let column = layout.columns.get(corner.col)?;
    if let Across::Free(_) = column.across {
        let letters = |col: usize| column_letters(col as u32);
        let own = match reach {
            Reach::Columns => format!("{}:{}", letters(area.left), letters(area.right)),
            Reach::Rows => layout.rows_of(area).map(|area| format!("{}:{}", area.top + 1, area.bottom + 1))?,
            Reach::Cells => {
                let area = layout.rows_of(area)?;
                let first = format!("{}{}", letters(area.left), area.top + 1);
                let is_one = area.size() == (1, 1);
                if is_one { first } else { format!("{first}:{}{}", letters(area.right), area.bottom + 1) }
            }
        };
        return Some(if from.is_some() { own } else { format!("{}!{own}", quoted(title)) });
    }
    let takes_turns = || layout.slots.len() > 1 && layout.line_of(1) > 0;
    match (reach, column.across) {
        (Reach::Rows, _) => return None,
        (Reach::Columns, Across::Time(_)) if takes_turns() => return None,
        _ => {}
    }
    // A column is that of all rows, whichever the formula stands in.
    let row = layout.row(corner.line).filter(|_| reach == Reach::Cells);
    let same_row = from.filter(|from| row.is_some_and(|row| layout.row(from.line) == Some(row)));
    let title = quoted(title);
    let other_row = row.filter(|_| same_row.is_none() && area.size() == (1, 1));
    let keys: Vec<(String, String)> = other_row.map_or_else(Vec::new, |row| {
        let keys = layout.measures.iter().filter(|measure| measure.kind == MeasureKind::Key);
        let key = |measure: &Measure| {
            let key = text(CellRef { sheet: layout.sheet, row, col: ColId::fixed(measure.id) });
            (format!("{title}[{}]", measure.name), key.replace('"', "\"\""))
        };
        keys.map(key).collect()
    });
    let by_keys = |column: &str| {
        // What a key is written with stands for itself, where a criterion has signs.
        let criterion = |key: &str| {
            let sign = if key.starts_with(['<', '>', '=']) { "=" } else { "" };
            format!("{sign}{}", key.replace('~', "~~").replace('*', "~*").replace('?', "~?"))
        };
        let met: String = keys.iter().map(|(of, key)| format!(", {of}, \"{}\"", criterion(key))).collect();
        format!("SUMIFS({column}{met})")
    };
    match column.across {
        Across::Fixed(index) => {
            let measure = layout.measures.get(index)?;
            let column = format!("{title}[{}]", measure.name);
            Some(match same_row {
                Some(_) => format!("[@{}]", measure.name),
                None if keys.is_empty() || measure.kind == MeasureKind::Key => column,
                None if measure.format == NumberFormat::Text => {
                    let met: Vec<String> = keys.iter().map(|(of, key)| format!("({of}=\"{key}\")")).collect();
                    format!("INDEX(FILTER({column}, {}), 1)", met.join("*"))
                }
                None => by_keys(&column),
            })
        }
        Across::Time(bucket) => {
            let name = &layout.measure(corner)?.name;
            let here = layout.slot(corner).zip(same_row).and_then(|(slot, from)| beside(layout, from.col, slot));
            Some(match here.map(|here| corner.col as isize - here as isize) {
                Some(0) => format!("[@{name}]"),
                Some(shift) => format!("[@{name}:{shift}]"),
                None if keys.is_empty() => format!("{title}[{name}, {bucket}]"),
                None => by_keys(&format!("{title}[{name}, {bucket}]")),
            })
        }
        Across::Free(_) => None,
    }
}

/// An address or a range of two.
pub(super) fn range(word: &str) -> Option<Area> {
    let (first, last) = word.split_once(':').unwrap_or((word, word));
    Some(Area::between(address(first)?, address(last)?))
}

/// Columns, `B:D`, or rows, `3:5`, as a whole.
fn whole(word: &str) -> Option<(Reach, Area)> {
    let word = word.replace('$', "");
    let (first, last) = word.split_once(':')?;
    let row = |text: &str| text.parse::<usize>().ok()?.checked_sub(1);
    if let (Some(first), Some(last)) = (row(first), row(last)) {
        return Some((Reach::Rows, Area::between(Spot { line: first, col: 0 }, Spot { line: last, col: 0 })));
    }
    let col = |text: &str| column_index(text).map(|col| Spot { line: 0, col: col as usize });
    Some((Reach::Columns, Area::between(col(first)?, col(last)?)))
}

fn address(text: &str) -> Option<Spot> {
    let text = text.replace('$', "");
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = text.split_at_checked(letters)?;
    let line = digits.parse::<usize>().ok().filter(|_| digits.len() <= 7)?.checked_sub(1)?;
    Some(Spot { line, col: column_index(letters)? as usize })
}

#[cfg(test)]
mod tests {
    use super::super::layout::View;
    use super::super::layout::tests::demand;
    use super::*;

    #[test]
    fn a_reference_stands_after_an_operator() {
        for (text, caret, expected) in [
            ("=", 1, true),
            ("=A1+", 4, true),
            ("=SUM(", 5, true),
            ("=SUM(A1, ", 9, true),
            ("=A1", 3, false),
            ("=\"a+", 4, false),
            ("12+", 3, false),
        ] {
            assert_eq!(takes_reference(text, caret), expected, "{text}");
        }
    }

    #[test]
    fn references_are_found_in_the_text() {
        let texts = |formula: &str| mentions(formula).into_iter().map(|it| it.text).collect::<Vec<_>>();
        assert_eq!(texts("=SUM(A1:B$3)+C7*LOG10(2)"), ["A1:B$3", "C7"]);
        assert_eq!(texts("=SUM($B:D)+MAX(3:$5)+Other!A:A+A:1"), ["$B:D", "3:$5"]);
        assert_eq!(texts("=[@Price]*[@Stock:-1]+Demand[Consensus, 2026-03]"), ["[@Price]", "[@Stock:-1]"]);
        assert_eq!(texts("=\"A1\"&Other!B2&1E5"), Vec::<String>::new());
        assert_eq!(texts("A1"), Vec::<String>::new());
    }

    #[test]
    fn what_one_points_at_is_written_and_found_again() {
        let one = |(line, col)| Area { top: line, left: col, bottom: line, right: col };
        let other = "SUMIFS(Demand[override, 2026-02], Demand[item], \"=>5 ~* \"\"tea\"\"\")";
        let words = ["[@history]", "[@override:-1]", "[@item]", other];
        let key = |_: CellRef| ">5 * \"tea\"".to_owned();
        // The measures under each other, and side by side.
        for (is_flat, from, places) in [
            (false, Spot { line: 3, col: 6 }, [(2, 6), (3, 5), (2, 0), (7, 6)]),
            (true, Spot { line: 1, col: 15 }, [(1, 6), (1, 14), (1, 0), (3, 15)]),
        ] {
            let view = View { is_flat, ..View::default() };
            let layout = Layout::new(&demand(4), &view, 1400.0, 7.1, &|_, _| String::new());
            for (area, expected) in places.map(one).into_iter().zip(words) {
                let text = reference_to(&layout, "Demand", Some(from), area, Reach::Cells, &key).unwrap();
                assert_eq!(text, expected);
                if text.starts_with("[@") {
                    assert_eq!(area_of(&layout, from, &text), Some(area), "{text}");
                }
            }
            assert_eq!(area_of(&layout, from, "[@override:-5]"), None, "before the first bucket");
            // Over all rows where several are pointed at.
            let rows = Area { bottom: places[0].0 + 8, ..one(places[0]) };
            let from_elsewhere = reference_to(&layout, "Demand '27", None, rows, Reach::Cells, &key);
            assert_eq!(from_elsewhere.as_deref(), Some("'Demand ''27'[history, 2026-02]"));
            // By a header, where it is that of one measure.
            let by_header = |col| {
                let area = Reach::Columns.of(one((0, col)), Extent { lines: 8, cols: 99 });
                reference_to(&layout, "Demand", Some(from), area, Reach::Columns, &key)
            };
            assert_eq!(by_header(0).as_deref(), Some("Demand[item]"));
            assert_eq!(by_header(6).as_deref(), is_flat.then_some("Demand[history, 2026-02]"));
            assert_eq!(reference_to(&layout, "Demand", Some(from), rows, Reach::Rows, &key), None);
        }
        assert_eq!(range("B2:A1"), Some(Area { top: 0, left: 0, bottom: 1, right: 1 }));
    }
}
