//! A small file and its parts, for tests and fuzzing to break.
#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The parts of a file with these rows, the first sheet `Jan` with a table, the second `Feb`.
pub fn parts_of(first: &str, second: &str) -> Vec<(&'static str, String)> {
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
pub fn zipped(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in parts {
        zip.start_file(*path, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A file with a bit of everything: texts, numbers, errors, dates, shared, array and spilling formulas.
pub fn parts() -> Vec<(&'static str, String)> {
    let first = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Item</t></is></c><c r="B1" t="inlineStr"><is><t>Qty</t></is></c></row>
        <row r="2"><c r="A2" t="str"><f>"a"&amp;1</f><v>a1</v></c><c r="B2"><v>3</v></c><c r="D2"><f t="shared" ref="D2:D3" si="0">B2*2</f><v>6</v></c></row>
        <row r="3"><c r="A3" t="b"><v>1</v></c><c r="B3"><v>4</v></c><c r="D3"><f t="shared" si="0"/><v>8</v></c></row>
        <row r="4"><c r="A4" t="e"><v>#N/A</v></c><c r="D4"><f t="array" ref="D4:E5">B2:B3*{1,2}</f><v>3</v></c><c r="F4"><f>SUM(Sales[Qty])</f><v>7</v></c></row>"#;
    let second = r#"<row r="1"><c r="A1"><f>SUM(Jan!B:B)+Jan!D4</f><v>0</v></c><c r="C1"><f>OFFSET(Jan!A1,1,1,2,1)</f><v>3</v></c></row>"#;
    parts_of(first, second)
}
