//! The formulas of a sheet's XML.

use std::collections::{BTreeMap, HashMap};

use grid_engine::formula::Hidden;
use grid_engine::refs::a1::column_index;
use grid_engine::value::Value;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::agreement::error_named;
use super::container::{attribute, push_entity};
use super::{Extent, FileFormula};

/// Most formulas of one sheet.
const MAX_FORMULAS: usize = 5_000_000;
/// Rows and columns of a sheet, by the format's own limits.
const MAX_ROWS: u32 = 1_048_576;
const MAX_COLS: u32 = 16_384;

/// What calamine does not hand out: formulas, and errors whatever their kind, by zero-based row and column.
#[derive(Debug, Default)]
pub struct Marks {
    pub formulas: HashMap<(u32, u32), FileFormula>,
    pub errors: HashMap<(u32, u32), Value>,
    /// Rows that are not shown.
    pub hidden: BTreeMap<u32, Hidden>,
    /// What-if tables: the cells each fills.
    pub data_tables: Vec<String>,
}

/// A cell being read.
#[derive(Default)]
struct Open {
    place: (u32, u32),
    is_error: bool,
    /// Its value has more to it than older programs can read: they are given `#VALUE!`.
    is_rich: bool,
    /// It carries the mark of a formula whose result may spill.
    spills: bool,
    formula: Option<FileFormula>,
}

/// Reads a sheet.
pub fn read(xml: Vec<u8>) -> Result<Marks, String> {
    let mut reader = Reader::from_reader(xml.as_slice());
    reader.config_mut().expand_empty_elements = true;
    let damaged = |error: quick_xml::Error| format!("its XML is damaged ({error}): save the file again");
    let (mut marks, mut open, mut text) = (Marks::default(), Open::default(), String::new());
    let mut next = (0_u32, 0_u32);
    let mut filtered: Option<std::ops::RangeInclusive<u32>> = None;
    // Only formulas and values are kept: what stands between elements may be as long as the file.
    let mut keeps = false;
    loop {
        match reader.read_event().map_err(damaged)? {
            Event::Start(element) => {
                text.clear();
                keeps = matches!(element.local_name().as_ref(), "f" | "v");
                match element.local_name().as_ref() {
                    "row" => {
                        let row = attribute(&element, "r").map_err(damaged)?;
                        let row = row.map(|r| r.parse().ok().and_then(row_index).ok_or_else(|| nowhere(&r)));
                        next = (row.transpose()?.unwrap_or(next.0), 0);
                        if attribute(&element, "hidden").map_err(damaged)?.is_some_and(|it| it == "1" || it == "true") {
                            marks.hidden.insert(next.0, Hidden::ByHand);
                        }
                    }
                    "autoFilter" => {
                        filtered = attribute(&element, "ref").map_err(damaged)?.and_then(|area| rows_below(&area));
                    }
                    // The filter hides rows only where one of its columns has a condition.
                    "filterColumn" => {
                        if let Some(rows) = filtered.take() {
                            marks.hidden.range_mut(rows).for_each(|(_, hidden)| *hidden = Hidden::ByFilter);
                        }
                    }
                    "dimension" => {
                        let area = attribute(&element, "ref").map_err(damaged)?;
                        if let Some(area) = area.filter(|area| area.split(':').any(|corner| position(corner).is_none()))
                        {
                            return Err(nowhere(&area));
                        }
                    }
                    "c" => {
                        let r = attribute(&element, "r").map_err(damaged)?;
                        let place = r.map(|r| position(&r).ok_or_else(|| nowhere(&r))).transpose()?.unwrap_or(next);
                        open = start_cell(&element, place).map_err(damaged)?;
                        next = (open.place.0, open.place.1 + 1);
                    }
                    // A what-if table names its cells; they hold values.
                    "f" if attribute(&element, "t").map_err(damaged)?.as_deref() == Some("dataTable") => {
                        marks.data_tables.extend(attribute(&element, "ref").map_err(damaged)?);
                    }
                    "f" => open.formula = Some(start_formula(&element, open.spills).map_err(damaged)?),
                    _ => {}
                }
            }
            Event::Text(part) if keeps => text.push_str(&part.xml10_content()),
            Event::CData(part) if keeps => text.push_str(&part.xml10_content()),
            Event::GeneralRef(entity) if keeps => push_entity(&entity, &mut text).map_err(damaged)?,
            Event::End(element) => {
                keeps = false;
                match element.local_name().as_ref() {
                    "row" => next = (next.0 + 1, 0),
                    "f" => {
                        if let Some(formula) = &mut open.formula {
                            formula.text = std::mem::take(&mut text);
                        }
                    }
                    "v" if open.is_error => {
                        let newer = open.is_rich && text.trim() == "#VALUE!";
                        if let Some(error) = error_named(if newer { "#CALC!" } else { text.trim() }) {
                            marks.errors.insert(open.place, error);
                        }
                    }
                    "c" => {
                        if let Some(formula) = open.formula.take() {
                            marks.formulas.insert(open.place, formula);
                        }
                        if marks.formulas.len() > MAX_FORMULAS {
                            return Err(format!("more than {MAX_FORMULAS} formulas: split the sheet"));
                        }
                    }
                    _ => {}
                }
            }
            Event::Eof => return Ok(marks),
            _ => {}
        }
    }
}

/// What is no position here is one elsewhere: calamine would count its letters beyond all numbers.
fn nowhere(reference: &str) -> String {
    let shown: String = reference.chars().take(20).collect();
    format!("its XML is damaged ({shown:?} is no place on a sheet): save the file again")
}

fn start_cell(element: &BytesStart<'_>, place: (u32, u32)) -> Result<Open, quick_xml::Error> {
    let is_error = attribute(element, "t")?.as_deref() == Some("e");
    // The only metadata Excel puts on cells marks dynamic arrays.
    let spills = attribute(element, "cm")?.is_some_and(|mark| mark != "0");
    let is_rich = attribute(element, "vm")?.is_some();
    Ok(Open { place, is_error, is_rich, spills, formula: None })
}

fn start_formula(element: &BytesStart<'_>, spills: bool) -> Result<FileFormula, quick_xml::Error> {
    let kind = attribute(element, "t")?;
    let extent = if kind.as_deref() == Some("array") {
        let (rows, cols) = attribute(element, "ref")?.and_then(|text| size(&text)).unwrap_or((1, 1));
        if spills { Extent::Spilling { rows, cols } } else { Extent::Fixed { rows, cols } }
    } else {
        Extent::One
    };
    let group = if kind.as_deref() == Some("shared") { attribute(element, "si")? } else { None };
    Ok(FileFormula { text: String::new(), group: group.and_then(|number| number.parse().ok()), extent })
}

/// `B3` as zero-based row and column.
pub fn position(text: &str) -> Option<(u32, u32)> {
    let split = text.find(|c: char| c.is_ascii_digit())?;
    let row = text[split..].parse().ok().and_then(row_index)?;
    Some((row, column_index(&text[..split]).filter(|&col| col < MAX_COLS)?))
}

/// A row's number as zero-based.
fn row_index(number: u32) -> Option<u32> {
    number.checked_sub(1).filter(|&row| row < MAX_ROWS)
}

/// The rows of `A1:C9` below its headings.
fn rows_below(area: &str) -> Option<std::ops::RangeInclusive<u32>> {
    let (first, last) = area.split_once(':')?;
    let (first, last) = (position(first)?.0 + 1, position(last)?.0);
    (first <= last).then_some(first..=last)
}

/// Rows and columns of `B3:C9`.
fn size(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let (first, last) = (position(first)?, position(last)?);
    Some((last.0.checked_sub(first.0)? + 1, last.1.checked_sub(first.1)? + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_formula_is_known() {
        let xml = r#"<worksheet><sheetData><row r="2"><c r="B2"><f>A1&amp;"&lt;"</f><v>1</v></c>
            <c r="C2"><f t="shared" ref="C2:C3" si="4">A1*2</f><v>1</v></c><c><f t="array" ref="D2:E4">{1}</f></c></row>
            <row r="3"><c r="C3"><f t="shared" si="4"/><v>2</v></c><c r="D3" t="e" cm="1"><f t="array" ref="D3">X</f><v>#SPILL!</v></c>
            <c r="E3"><v>5</v></c></row></sheetData></worksheet>"#;
        let marks = read(xml.as_bytes().to_vec()).unwrap();
        let formula = |text: &str, group, extent| FileFormula { text: text.into(), group, extent };
        let expected = [
            ((1, 1), formula("A1&\"<\"", None, Extent::One)),
            ((1, 2), formula("A1*2", Some(4), Extent::One)),
            ((1, 3), formula("{1}", None, Extent::Fixed { rows: 3, cols: 2 })),
            ((2, 2), formula("", Some(4), Extent::One)),
            ((2, 3), formula("X", None, Extent::Spilling { rows: 1, cols: 1 })),
        ];
        assert_eq!(marks.formulas, expected.into_iter().collect());
        assert_eq!(marks.errors.len(), 1);
    }

    #[test]
    fn what_if_tables_are_told() {
        let xml = r#"<worksheet><sheetData><row r="2"><c r="B2"><f t="dataTable" ref="B2:B3" dt2D="0" dtr="0" r1="A1"/>
            <v>7</v></c></row></sheetData></worksheet>"#;
        let marks = read(xml.as_bytes().to_vec()).unwrap();
        assert!(marks.formulas.is_empty());
        assert_eq!(marks.data_tables, ["B2:B3"]);
    }

    #[test]
    fn rows_are_hidden_by_hand_or_by_a_filter() {
        let xml = |filter: &str| {
            let rows = r#"<row r="1" hidden="1"/><row r="2"/><row r="3" hidden="true"/><row r="9" hidden="1"/>"#;
            read(format!("<worksheet><sheetData>{rows}</sheetData>{filter}</worksheet>").into_bytes()).unwrap().hidden
        };
        let by_hand = [(0, Hidden::ByHand), (2, Hidden::ByHand), (8, Hidden::ByHand)];
        assert_eq!(xml(""), by_hand.into());
        assert_eq!(xml(r#"<autoFilter ref="A1:B4"/>"#), by_hand.into());
        let filter = r#"<autoFilter ref="A1:B4"><filterColumn colId="0"/><filterColumn colId="1"/></autoFilter>"#;
        assert_eq!(xml(filter), [(0, Hidden::ByHand), (2, Hidden::ByFilter), (8, Hidden::ByHand)].into());
    }
}
