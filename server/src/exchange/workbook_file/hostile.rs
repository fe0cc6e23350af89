//! Files nobody's spreadsheet wrote: whatever is broken in one, it is read or refused with a reason.
#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Write};

use grid_engine::workbook::Clock;
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::read_bytes;

/// The parts of a file with these rows, the first sheet `Jan` with a table, the second `Feb`.
pub(super) fn parts_of(first: &str, second: &str) -> Vec<(&'static str, String)> {
    const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = |list: &[(&str, &str)]| {
        let each = list.iter().enumerate().map(|(place, (kind, target))| {
            format!(r#"<Relationship Id="r{place}" Type="{REL}/{kind}" Target="{target}"/>"#)
        });
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        format!(r#"{HEAD}<Relationships xmlns="{package}">{}</Relationships>"#, each.collect::<String>())
    };
    let sheet = |rows: &str| format!(r#"{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#);
    let columns =
        r#"<tableColumns count="2"><tableColumn id="1" name="Item"/><tableColumn id="2" name="Qty"/></tableColumns>"#;
    vec![
        ("_rels/.rels", relations(&[("officeDocument", "xl/workbook.xml")])),
        (
            "xl/workbook.xml",
            format!(
                r#"{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets><sheet name="Jan" sheetId="1" r:id="r0"/>
                <sheet name="Feb" sheetId="2" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relations(&[("worksheet", "worksheets/sheet1.xml"), ("worksheet", "worksheets/sheet2.xml")]),
        ),
        ("xl/worksheets/sheet1.xml", sheet(first)),
        ("xl/worksheets/sheet2.xml", sheet(second)),
        ("xl/worksheets/_rels/sheet1.xml.rels", relations(&[("table", "../tables/table1.xml")])),
        (
            "xl/tables/table1.xml",
            format!(r#"{HEAD}<table xmlns="{MAIN}" id="1" displayName="Sales" ref="A1:B3">{columns}</table>"#),
        ),
    ]
}

/// The file these parts make.
pub(super) fn zipped(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in parts {
        zip.start_file(*path, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A file with a bit of everything: texts, numbers, errors, dates, shared, array and spilling formulas.
fn parts() -> Vec<(&'static str, String)> {
    let first = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Item</t></is></c><c r="B1" t="inlineStr"><is><t>Qty</t></is></c></row>
        <row r="2"><c r="A2" t="str"><f>"a"&amp;1</f><v>a1</v></c><c r="B2"><v>3</v></c><c r="D2"><f t="shared" ref="D2:D3" si="0">B2*2</f><v>6</v></c></row>
        <row r="3"><c r="A3" t="b"><v>1</v></c><c r="B3"><v>4</v></c><c r="D3"><f t="shared" si="0"/><v>8</v></c></row>
        <row r="4"><c r="A4" t="e"><v>#N/A</v></c><c r="D4"><f t="array" ref="D4:E5">B2:B3*{1,2}</f><v>3</v></c><c r="F4"><f>SUM(Sales[Qty])</f><v>7</v></c></row>"#;
    let second = r#"<row r="1"><c r="A1"><f>SUM(Jan!B:B)+Jan!D4</f><v>0</v></c><c r="C1"><f>OFFSET(Jan!A1,1,1,2,1)</f><v>3</v></c></row>"#;
    parts_of(first, second)
}

/// What breaks a file.
#[derive(Clone, Debug)]
enum Damage {
    /// A piece is left out, or written twice.
    Cut(f64, usize),
    Repeat(f64, usize),
    /// A piece is something else.
    Write(f64, usize, String),
    /// The archive itself is cut off or has a wrong byte.
    Truncate(f64),
    Flip(f64, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    let spiteful = prop::sample::select(vec![
        "r=\"A1048577\"",
        "r=\"XFE1\"",
        "r=\"ZZZZZZ99999999999\"",
        "r=\"\"",
        "ref=\"A1:XFD1048576\"",
        "ref=\"B9:A1\"",
        "si=\"4294967296\"",
        "si=\"-1\"",
        "t=\"array\"",
        "t=\"shared\"",
        "t=\"s\"",
        "t=\"q\"",
        "<v>1e999</v>",
        "<v>NaN</v>",
        "<v>9999999999</v>",
        "<f>",
        "</f>",
        "</row>",
        "<row r=\"0\">",
        "<row r=\"99999999999999999999\">",
        "&bad;",
        "&#0;",
        "]]>",
        "<!--",
        "\u{0}",
        "\u{feff}",
        "Target=\"../../../../etc/passwd\"",
        "name=\"Jan\"",
        "<f>SUM(A:XFD)</f>",
        "<f>D2#</f>",
        "<f>REPT(\"x\",32767)&amp;A2</f>",
        "<f>SEQUENCE(1048576,16384)</f>",
        "((((((((((((((((",
        "'",
        "\"",
        "displayName=\"\"",
    ]);
    let odd = prop_oneof![spiteful.prop_map(str::to_owned), "\\PC{0,12}"];
    prop_oneof![
        (0.0..1.0, 1_usize..60).prop_map(|(at, length)| Damage::Cut(at, length)),
        (0.0..1.0, 1_usize..200).prop_map(|(at, length)| Damage::Repeat(at, length)),
        (0.0..1.0, 0_usize..30, odd).prop_map(|(at, length, text)| Damage::Write(at, length, text)),
        (0.0..1.0).prop_map(Damage::Truncate),
        (0.0..1.0, any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
    ]
}

/// Damages one of the texts at a place between its first (0) and last (1) byte.
fn harm(text: &mut String, at: f64, length: usize, put: impl FnOnce(&str) -> String) {
    let whole: Vec<char> = text.chars().collect();
    let from = (at * whole.len() as f64) as usize;
    let to = (from + length).min(whole.len());
    let piece: String = whole[from..to].iter().collect();
    *text = whole[..from].iter().chain(put(&piece).chars().collect::<Vec<_>>().iter()).chain(&whole[to..]).collect();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn a_damaged_file_is_read_or_refused(hits in prop::collection::vec((0_usize..7, damage()), 1..5)) {
        let mut parts = parts();
        for (part, damage) in &hits {
            let text = &mut parts[*part].1;
            match damage {
                Damage::Cut(at, length) => harm(text, *at, *length, |_| String::new()),
                Damage::Repeat(at, length) => harm(text, *at, *length, |piece| piece.repeat(2)),
                Damage::Write(at, length, put) => harm(text, *at, *length, |_| put.clone()),
                Damage::Truncate(_) | Damage::Flip(..) => {}
            }
        }
        let mut bytes = zipped(&parts);
        for (_, damage) in &hits {
            let place = |at: f64| ((at * bytes.len() as f64) as usize).min(bytes.len().saturating_sub(1));
            match damage {
                Damage::Truncate(at) => bytes.truncate(place(*at)),
                Damage::Flip(at, byte) if !bytes.is_empty() => {
                    let place = place(*at);
                    bytes[place] ^= byte;
                }
                _ => {}
            }
        }
        match read_bytes(&bytes) {
            Ok(file) => drop(file.calculate(Clock { now: 46_000.0, seed: 1 })),
            Err(reason) => prop_assert!(reason.len() > 10, "{}", reason),
        }
    }
}

#[test]
fn the_undamaged_file_calculates() {
    let file = read_bytes(&zipped(&parts())).unwrap();
    let calculated = file.calculate(Clock { now: 46_000.0, seed: 1 });
    assert_eq!(calculated.problems, Vec::<String>::new());
    assert_eq!([(0, 3, 4), (0, 2, 3)].map(|(s, r, c)| calculated.value(s, r, c).as_number()), [Some(6.0), Some(8.0)]);
}
