//! What such workbooks come to.
#![allow(clippy::unwrap_used)]

use super::*;

const CLOCK: Clock = Clock { now: 46_000.0, seed: 1 };

fn book(cells: &[(&str, &str)]) -> PlainBook {
    let mut book = PlainBook::default();
    let sheet = book.add_sheet("Sheet1");
    for (at, text) in cells {
        let (row, col) = place(at);
        match text.strip_prefix('=') {
            Some(_) => {
                let formula = book.read(sheet, row, col, text).unwrap();
                book.put_formula(sheet, row, col, &formula);
            }
            None => book.put(sheet, row, col, text.parse::<f64>().map_or((*text).into(), Value::number)),
        }
    }
    book.calculate(CLOCK);
    book
}

fn place(at: &str) -> (u32, u32) {
    let split = at.find(|c: char| c.is_ascii_digit()).unwrap();
    (at[split..].parse::<u32>().unwrap() - 1, crate::refs::a1::column_index(&at[..split]).unwrap())
}

#[track_caller]
fn check(book: &PlainBook, at: &str, expected: impl Into<Value>) {
    let (row, col) = place(at);
    assert_eq!(*book.value(0, row, col), expected.into(), "{at}");
}

#[test]
fn ranges_below_everything_end_with_the_sheet() {
    let book = book(&[("A1", "1"), ("A2", "2"), ("B1", "=SUM(A1:A1048576)"), ("B2", "=SUM(A:A)"), ("B3", "=C900")]);
    check(&book, "B1", 3.0);
    check(&book, "B2", 3.0);
    check(&book, "B3", 0.0);
}

#[test]
fn inserted_rows_push_the_others_down() {
    let mut book = book(&[("A1", "1"), ("A2", "2"), ("B2", "=SUM(A1:A2)"), ("B3", "=ROW(A2)")]);
    book.insert_rows(0, 1, 2);
    book.put(0, 1, 0, 10.0.into());
    book.calculate(CLOCK);
    check(&book, "B4", 13.0);
    check(&book, "B5", 4.0);
    let formula = book.read(0, 3, 1, "=A1+A4").unwrap();
    assert_eq!(book.text(&formula, 0, 3, 1), "=A1+A4");
}

#[test]
fn sheets_grow_with_what_is_put_in() {
    let mut book = book(&[("A1", "1"), ("B1", "=SUM(A:A)")]);
    book.put(0, 5000, 0, 4.0.into());
    book.calculate(CLOCK);
    check(&book, "B1", 5.0);
}

#[test]
fn names_of_a_sheet_hide_those_of_the_workbook() {
    let mut book = PlainBook::default();
    let (first, second) = (book.add_sheet("First"), book.add_sheet("Second one"));
    book.define("rate", None, "5").unwrap();
    book.define("rate", Some(second), "7").unwrap();
    for (sheet, row, text) in [(first, 0, "=rate"), (second, 0, "=Rate*1"), (first, 1, "='Second one'!rate")] {
        let formula = book.read(sheet, row, 0, text).unwrap();
        book.put_formula(sheet, row, 0, &formula);
    }
    book.calculate(CLOCK);
    assert_eq!(book.value(first, 0, 0).as_number(), Some(5.0));
    assert_eq!(book.value(second, 0, 0).as_number(), Some(7.0));
    assert_eq!(book.value(first, 1, 0).as_number(), Some(7.0));
}

#[test]
fn relative_names_count_from_the_cell_that_uses_them() {
    let mut book = PlainBook::default();
    let sheets = [book.add_sheet("It's S"), book.add_sheet("T")];
    for (row, col) in (0..9).flat_map(|row| (0..9).map(move |col| (row, col))) {
        book.put(sheets[0], row, col, f64::from((row + 1) * 100 + col + 1).into());
    }
    for (name, text) in [
        ("ColA", "'It''s S'!$A1"),
        ("TopRow", "'It''s S'!A$1"),
        ("Same", "'It''s S'!A1"),
        ("Left1", "'It''s S'!XFD1"),
        ("Above1", "'It''s S'!A1048576"),
        ("Two", "'It''s S'!$A1:$B1"),
        ("Col", "'It''s S'!A:A"),
        ("Calc", "'It''s S'!$A1*2"),
        ("Fixed", "'It''s S'!$B$2"),
        ("Multi", "'It''s S'!$A$1:$A$2,'It''s S'!$C$1"),
    ] {
        book.define(name, None, text).unwrap();
    }
    let cases = [
        (0, "J3", "=ColA", 301.0),
        (0, "J4", "=SUM(ColA)", 401.0),
        (0, "J7", "=Calc", 1402.0),
        (0, "J2", "=Left1", 209.0),
        (0, "A10", "=Above1", 901.0),
        (0, "C11", "=TopRow", 103.0),
        (0, "J6", "=SUM(Two)", 1203.0),
        (0, "J8", "=Fixed", 202.0),
        (1, "B3", "=Same", 302.0),
        (1, "C5", "=Same+ColA", 1004.0),
        (1, "A1", "=INDEX(Col,4)", 401.0),
        (1, "A2", "=ROWS(Col)", 1_048_576.0),
        (1, "A3", "=SUM(Multi)", 405.0),
        (1, "A4", "=COUNTA(Multi)+AREAS(Multi)", 5.0),
        (1, "A5", "=INDEX(Multi,1,1,2)", 103.0),
        (1, "A6", "=SUM(Left1:Same)", 1.0),
    ];
    for (sheet, at, text, _) in cases {
        let (row, col) = place(at);
        let formula = book.read(sheets[sheet], row, col, text).unwrap().one_valued();
        book.put_formula(sheets[sheet], row, col, &formula);
    }
    book.calculate(CLOCK);
    for (sheet, at, text, expected) in cases {
        let (row, col) = place(at);
        let expected = if text.contains(':') { crate::value::ErrorKind::Ref.into() } else { expected.into() };
        assert_eq!(*book.value(sheets[sheet], row, col), expected, "{at} {text}");
    }
    assert!(book.define("Nothing", None, "1,2").is_err());
}

#[test]
fn formulas_of_old_files_mean_one_value() {
    let mut book = book(&[("A1", "1"), ("A2", "2"), ("A3", "3"), ("C5", "50")]);
    for (row, col, text, expected) in [
        (1, 1, "=A1:A3", "2"),
        (2, 1, "=A1:A3*10", "30"),
        (0, 1, "=ABS(A:A)", "1"),
        (0, 3, "=SUM(A1:A3*2)", "2"),
        (1, 3, "=SUMPRODUCT(A1:A3*2)", "12"),
        (2, 3, "=SUM(A1:A3)", "6"),
        (5, 1, "=A1:A3", "#VALUE!"),
        (4, 3, "=INDEX(A1:A3,2)", "2"),
        (6, 1, "=AGGREGATE(15,6,ROW(A1:A3)/(A1:A3>1),2)", "3"),
        (6, 2, "=AGGREGATE(9,6,A1:A3,A1:A3)", "12"),
        (6, 3, "=COVARIANCE.P(A1:A3*1,A1:A3*3)", "2"),
        (7, 1, "=MODE.SNGL(A1:A3*0)", "0"),
        (7, 2, "=TTEST(A1:A3*2,A1:A3*2,2,1+1)", "1"),
        (2, 2, "=FORECAST(A1:A3,A1:A3*10,A1:A3*1)", "30"),
        (7, 3, "=LOOKUP(2,1/(A1:A3<3),A1:A3)", "2"),
        (8, 1, "={5,6}", "5"),
        (8, 1, "=-({5,6}+1)%", "-0.06"),
        (8, 1, "=MATCH({2,3},A1:A3,0)", "2"),
        (8, 1, "=SUM(COUNTIF(A1:A3,{1,2}))", "2"),
        (8, 1, "=SUM({1,2})", "3"),
    ] {
        let formula = book.read(0, row, col, text).unwrap().one_valued();
        book.put_formula(0, row, col, &formula);
        book.calculate(CLOCK);
        let value = book.value(0, row, col);
        let shown = value.as_error().map_or_else(|| value.to_text().unwrap().to_string(), ToString::to_string);
        assert_eq!(shown, expected, "{text}");
        assert_eq!(book.spilled(0, row, col), [], "{text} is one value");
    }
}

#[test]
fn criteria_are_formulas_about_the_first_record() {
    let mut book = book(&[
        ("A1", "Item"),
        ("B1", "Qty"),
        ("A2", "tea"),
        ("B2", "1"),
        ("A3", "milk"),
        ("B3", "3"),
        ("A4", "tea"),
        ("B4", "5"),
        ("D1", "Large"),
        ("D2", "=B2>$F$1"),
        ("E1", "Item"),
        ("E2", "tea"),
        ("D4", "Above"),
        ("D5", "=B2>AVERAGE(B$2:B$4)"),
        ("F1", "2"),
        ("G1", "=DSUM(A1:B4,\"Qty\",D1:D2)"),
        ("G2", "=DCOUNT(A1:B4,\"Qty\",D1:E2)"),
        ("G3", "=DGET(A1:B4,\"Item\",D4:D5)"),
    ]);
    check(&book, "G1", 8.0);
    check(&book, "G2", 1.0);
    check(&book, "G3", "tea");
    book.put(0, 0, 5, 4.0.into());
    book.calculate(CLOCK);
    check(&book, "G1", 5.0);
}

#[test]
fn cells_tell_their_sheet() {
    let mut book = PlainBook::default();
    let (first, second) = (book.add_sheet("First"), book.add_sheet("The second"));
    for (row, text, expected) in [
        (0, "=MID(CELL(\"filename\",A1),FIND(\"]\",CELL(\"filename\",A1))+1,31)", "First"),
        (1, "=CELL(\"address\",'The second'!B1)", "'The second'!$B$1"),
        (2, "=CELL(\"address\",B1)", "$B$1"),
        (3, "=CELL(\"filename\",'The second'!B1)", "[workbook]The second"),
    ] {
        let formula = book.read(first, row, 2, text).unwrap();
        book.put_formula(first, row, 2, &formula);
        book.calculate(CLOCK);
        assert_eq!(book.value(first, row, 2).as_text(), Some(expected), "{text}");
    }
    assert!(book.value(second, 0, 0).is_blank());
}

#[test]
fn totals_leave_out_rows_that_are_not_shown() {
    let mut book = book(&[("A1", "1"), ("A2", "2"), ("A3", "4"), ("A4", "8")]);
    book.hide_row(0, 1, Hidden::ByHand);
    book.hide_row(0, 2, Hidden::ByFilter);
    for (text, expected) in [
        ("=SUBTOTAL(9,A1:A4)", 11.0),
        ("=SUBTOTAL(109,A1:A4)", 9.0),
        ("=SUBTOTAL(102,A:A)", 2.0),
        ("=AGGREGATE(9,5,A1:A4)", 9.0),
        ("=AGGREGATE(9,7,A1:A4)", 9.0),
        ("=AGGREGATE(9,3,A1:A4)", 9.0),
        ("=AGGREGATE(9,6,A1:A4)", 15.0),
        ("=AGGREGATE(14,5,A1:A4,2)", 1.0),
        ("=SUM(A1:A4)", 15.0),
    ] {
        let formula = book.read(0, 0, 2, text).unwrap();
        book.put_formula(0, 0, 2, &formula);
        book.calculate(CLOCK);
        assert_eq!(book.value(0, 0, 2).as_number(), Some(expected), "{text}");
    }
}

#[test]
fn arrays_fill_the_cells_they_were_entered_into() {
    let mut book = book(&[("A1", "1"), ("A2", "2")]);
    for (row, col, text, rows, cols) in [(0, 2, "=A1:A2*10", 3, 2), (5, 2, "=7", 2, 1), (0, 6, "={1,2,3}", 1, 2)] {
        let formula = book.read(0, row, col, text).unwrap().filling(rows, cols);
        book.put_formula(0, row, col, &formula);
    }
    book.calculate(CLOCK);
    for (at, expected) in [("C1", 10.0), ("D1", 10.0), ("D2", 20.0), ("C6", 7.0), ("C7", 7.0), ("H1", 2.0)] {
        check(&book, at, expected);
    }
    check(&book, "C3", crate::value::ErrorKind::Na);
    check(&book, "I1", Value::Blank);
}

#[test]
fn what_spilled_is_one_reference() {
    let mut book =
        book(&[("A1", "3"), ("B1", "=SEQUENCE(A1)"), ("D1", "=SUM(B1#)"), ("D2", "=ROWS(B1#)"), ("D3", "=A1#")]);
    check(&book, "D1", 6.0);
    check(&book, "D2", 3.0);
    check(&book, "D3", crate::value::ErrorKind::Ref);
    book.put(0, 0, 0, 4.0.into());
    book.calculate(CLOCK);
    check(&book, "D1", 10.0);
    check(&book, "D2", 4.0);
}

#[test]
fn sheets_grow_for_what_formulas_reach_and_spill() {
    let book = book(&[
        ("A1", "=SEQUENCE(3000)"),
        ("B1", "=INDIRECT(\"C5000\")+1"),
        ("B2", "=ROWS(OFFSET(A1,0,0,5000,1))"),
        ("B3", "=SUM(A100000:A200000)"),
        ("B4", "=COUNT(A:A)"),
        ("B5", "=COUNTBLANK(OFFSET(A1,4000,0,10,1))"),
        ("B6", "=SUM(OFFSET(A1,0,3000,1,2))"),
        ("D9", "=A1:A2900*2"),
        ("E9", "=SEQUENCE(2,16381)"),
        ("E20", "=SEQUENCE(1,16380)"),
        ("B9", "=COLUMNS(B9:C9)+ROWS(B9:B12)"),
    ]);
    check(&book, "A3000", 3000.0);
    check(&book, "B1", 1.0);
    check(&book, "B2", 5000.0);
    check(&book, "B3", 0.0);
    check(&book, "B4", 3000.0);
    check(&book, "B5", 10.0);
    check(&book, "B6", 0.0);
    check(&book, "D2908", 5800.0);
    check(&book, "E9", crate::value::ErrorKind::Spill);
    check(&book, "F20", 2.0);
    check(&book, "B9", 6.0);
}

#[test]
fn totals_and_counts_that_grow_row_by_row_follow_edits_and_new_rows() {
    let mut book = PlainBook::default();
    let sheet = book.add_sheet("S");
    let rows = 300;
    let value = |row: u32| f64::from(row * 37 % 11) + 0.1;
    for row in 0..rows {
        book.put(sheet, row, 0, value(row).into());
        let n = row + 1;
        let texts = [
            format!("=SUM(A$1:A{n})"),
            format!("=COUNTIF(A$1:A{n},A{n})"),
            format!("=SUMIFS(A$1:A{n},A$1:A{n},\">5\")"),
            format!("=MATCH(A{n},A{n}:A${rows},0)"),
            format!("=RANK(A{n},A$1:A${rows})+COUNTIF(A$1:A${rows},\">=\"&A{n})*1000"),
            format!("=LARGE(A$1:A${rows},{n})"),
        ];
        for (col, text) in (1..).zip(texts) {
            let formula = book.read(sheet, row, col, &text).unwrap();
            book.put_formula(sheet, row, col, &formula);
        }
    }
    let mut known: Vec<f64> = (0..rows).map(value).collect();
    // Calculated, after an edit, and after blank rows at the top with one of them filled.
    for step in 0..3_u32 {
        let mut top = 0;
        if step == 1 {
            known[150] = 99.5;
            book.put(sheet, 150, 0, 99.5.into());
        }
        if step == 2 {
            book.insert_rows(sheet, 0, 2);
            top = 2;
        }
        book.calculate(CLOCK);
        let mut descending = known.clone();
        descending.sort_by(|a, b| b.total_cmp(a));
        for (row, number) in known.iter().enumerate() {
            let before = &known[..=row];
            let place = top + row as u32;
            let of = |col: u32| book.value(sheet, place, col).as_number().unwrap();
            let total: f64 = before.iter().sum();
            assert!((of(1) - total).abs() < 1e-9, "total in row {place}: {} and {total}", of(1));
            assert_eq!(of(2), before.iter().filter(|other| *other == number).count() as f64);
            let large: f64 = before.iter().filter(|other| **other > 5.0).sum();
            assert!((of(3) - large).abs() < 1e-9);
            assert_eq!(of(4), 1.0);
            let above = known.iter().filter(|other| *other > number).count() as f64;
            let not_below = known.iter().filter(|other| *other >= number).count() as f64;
            assert_eq!(of(5), above + 1.0 + not_below * 1000.0);
            assert_eq!(of(6), descending[row]);
        }
    }
}
