//! Files nobody's spreadsheet wrote: whatever is broken in one, it is read or refused with a reason.
#![allow(clippy::unwrap_used)]

use grid_engine::workbook::Clock;
use proptest::prelude::*;

use super::read_bytes;
use super::sample::{parts, parts_of, zipped};

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

#[test]
fn places_beyond_every_sheet_are_refused() {
    for place in [r#"<c r="ENXMLFORMATSORGSP1"><v>1</v></c>"#, r#"<c r="A1048577"><v>1</v></c>"#, r#"<c r="XFE1"/>"#] {
        let file = zipped(&parts_of(&format!("<row>{place}</row>"), ""));
        let reason = read_bytes(&file).unwrap_err();
        assert!(reason.contains("is no place on a sheet"), "{reason}");
    }
    let row = r#"<row r="enxmlformats.org/sp1"><c><v>1</v></c></row>"#;
    assert!(read_bytes(&zipped(&parts_of(row, ""))).unwrap_err().starts_with("sheet Jan"));
    let last = r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    assert_eq!(read_bytes(&zipped(&parts_of(last, ""))).unwrap().sheets[0].cells.len(), 1);
}

/// Row C3.
#[test]
fn c3_a_sheet_of_spaces_is_refused_by_its_size() {
    let mut parts = parts();
    let (path, sheet) =
        parts.iter_mut().find(|(path, _)| path.contains("worksheets/") && path.ends_with(".xml")).unwrap();
    sheet.insert_str(sheet.find("<row").unwrap(), &" ".repeat(300 << 20));
    let path = *path;
    let bytes = zipped(&parts);
    assert!(bytes.len() < 1 << 20, "{}", bytes.len());
    let refused = read_bytes(&bytes).unwrap_err();
    assert_eq!(refused, format!("its part {path} unpacks to 301 MB, more than the 256 MB that are read: split it"));
}
