//! The language as a whole: what is read, printed, stored, copied and evaluated.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::mock::{Mock, cell, check, home, measure, sheet};
use super::*;
use crate::value::Locale;

fn parse(typed: &str) -> Formula {
    Formula::parse(typed, &Mock::default(), home()).unwrap_or_else(|error| panic!("{typed}: {error}"))
}

/// Reads, stores and prints again; `None` where it is printed as typed.
fn check_text(typed: &str, printed: Option<&str>) {
    let formula = parse(typed);
    let stored = formula.to_stored();
    assert!(stored.is_ascii(), "{stored}");
    let again = Formula::from_stored(&stored).unwrap_or_else(|error| panic!("{stored}: {error}"));
    assert_eq!(again, formula, "{stored}");
    assert_eq!(again.to_stored(), stored);
    let text = again.print(&Mock::default(), home());
    assert_eq!(text, printed.unwrap_or(typed), "{stored}");
    assert_eq!(parse(&text), formula, "{text}");
    check_signs(&text);
}

/// A formula in the signs of a decimal comma is the same formula.
fn check_signs(text: &str) {
    let german = Locale::of("de-DE");
    let local = to_local(text, german);
    assert_eq!(from_local(&local, german), text, "{local}");
}

#[test]
fn formulas_are_printed_as_typed() {
    for typed in [
        "=1+2*3",
        "=-2^2",
        "=--A1%",
        "=(A1+$B$2)*C$3/$D4",
        "=SUM(B2:B9,Sheet1!A1)",
        "='My sheet'!A1&\"x \"\"y\"\" é \\\"",
        "='My sheet'!$A$1:B2",
        "=A:A",
        "=$B:C",
        "=3:$5",
        "=IF(A1>=2,,\"b\")",
        "={1,-2;\"a\",TRUE}",
        "=#N/A",
        "=tax_rate*2",
        "=größe+1",
        "=Demand[Consensus]",
        "=Demand[Consensus, 2026-03]",
        "=Demand[Consensus, 2026-W05]",
        "=Demand[Consensus, @]",
        "=Demand[Consensus, @-1]",
        "=Demand[Consensus, plan]",
        "=Demand[History, history]",
        "=[@Baseline]",
        "=[@Stock:-1]",
        "=[@Stock:+2]",
        "=[@History:all]",
        "=[Consensus]",
        "=Prices[@Net price]",
        "='Stock policy'[@Safety]",
        "=Demand@'Consensus 2026-10'[Consensus]",
        "=UNKNOWN.FUNCTION(1,2)",
        "=größte(1)",
        "=SUM(A1:INDEX(A:A,5))",
        "=SUM(INDEX(A:A,1):B2)",
        "=LAMBDA(x,[größe],x+größe)(1)(2)",
        "=IF(A1,f,LAMBDA(x,f(x)(2)))(1)",
        "=(f)(1)",
        "=TAKE(A:A,2):B3",
        "=f(1):B3",
        "=1E+300",
        "=0.1",
    ] {
        let printed = match typed {
            "=SUM(B2:B9,Sheet1!A1)" => Some("=SUM(B2:B9,A1)"),
            "=1E+300" => Some("=1E300"),
            _ => None,
        };
        check_text(typed, printed);
    }
    check_text("=[@Odd '[x']', y': it''s '@home]", None);
    check_text(" = sum( a1 , b2 ) ", Some("=SUM(A1,B2)"));
    check_text("=_xlfn.ROUND(1,2)", Some("=ROUND(1,2)"));
    check_text("=_xlfn.LAMBDA(_xlpm.x,_xlop.y,_xlop.y)", Some("=LAMBDA(x,[y],y)"));
    check_text("=[@[Net price]]", Some("=[@Net price]"));
}

#[test]
fn mistakes_are_named_and_placed() {
    for (typed, at, words) in [
        ("1+1", 0, "starts with ="),
        ("=", 1, "empty"),
        ("=1+", 3, "ends where a value"),
        ("=(1", 3, "closing )"),
        ("=1)", 2, "too many"),
        ("=SUM(1", 6, "closing ) of SUM"),
        ("=\"a", 1, "closing \""),
        ("=Nope!A1", 1, "no sheet ‘Nope’"),
        ("=Demand[Nope]", 7, "no measure ‘Nope’"),
        ("=Demand[Consensus, soon]", 7, "no time"),
        ("=A999", 1, "row 999"),
        ("=ROUND(1)", 1, "needs more arguments"),
        ("=ISBLANK(1,2)", 1, "too many arguments"),
        ("=1 2", 3, "operator is missing"),
        ("=1,5*2", 2, "decimals with a point"),
        ("=SUM(1;2)", 6, "separated by commas"),
        ("={1,2;3}", 7, "equally long"),
        ("=LAMBDA([y])", 8, "no measure ‘y’"),
        ("=LAMBDA(1,x)", 1, "LAMBDA takes names"),
        ("=LAMBDA(A1,x)", 1, "LAMBDA takes names"),
        ("=1§2", 2, "no meaning"),
    ] {
        let error = Formula::parse(typed, &Mock::default(), home()).unwrap_err();
        assert!(error.message.contains(words), "{typed}: {error}");
        assert_eq!(error.at, at, "{typed}: {error}");
    }
}

#[test]
fn precedence_is_excels() {
    check(&[
        ("-2^2", "4"),
        ("2^3^2", "64"),
        ("2^-1", "0.5"),
        ("1+2*3%", "1.06"),
        ("-5%", "-0.05"),
        ("1&2+3", "\"15\""),
        ("1+1=2", "TRUE"),
        ("\"a\"&\"b\"=\"AB\"", "TRUE"),
        ("1<2=TRUE", "TRUE"),
        ("10-3-2", "5"),
        ("--3", "3"),
        ("5%%", "0.0005"),
        ("3>2>1", "TRUE"),
    ]);
}

#[test]
fn values_are_coerced_as_in_excel() {
    check(&[
        ("\"3\"+4", "7"),
        ("TRUE+TRUE", "2"),
        ("\"a\"+1", "#VALUE!"),
        ("1/0", "#DIV/0!"),
        ("1/3&\"\"", "\"0.333333333333333\""),
        ("TRUE&\"\"", "\"TRUE\""),
        ("\"10\"=10", "FALSE"),
        ("\"a\">9", "TRUE"),
        ("FALSE>\"z\"", "TRUE"),
        ("A1=0", "TRUE"),
        ("A1=\"\"", "TRUE"),
        ("A1", "0"),
        ("0.1+0.2=0.3", "TRUE"),
        ("0.5-0.4-0.1", "0"),
        ("#N/A+1/0", "#N/A"),
        ("0^0", "#NUM!"),
        ("(-8)^(1/3)", "#NUM!"),
        ("1E308*10", "#NUM!"),
        ("NOSUCH(1)", "#NAME?"),
        ("nosuch", "#NAME?"),
    ]);
}

#[test]
fn arrays_meet_elementwise() {
    check(&[
        ("{1,2,3}+1", "{2,3,4}"),
        ("{1,2}*{10;20}", "{10,20;20,40}"),
        ("{1,2,3}+{1,2}", "{2,4,#N/A}"),
        ("-{1,\"a\"}", "{-1,#VALUE!}"),
        ("{1,2}>1", "{FALSE,TRUE}"),
        ("ROUND({1.26;2.71},{0,1})", "{1,1.3;3,2.7}"),
        ("IF({TRUE,FALSE},1,2)", "{1,2}"),
        ("SUM({1,2}*{10;20})", "90"),
    ]);
}

#[test]
fn references_read_the_sheet() {
    let mut mock = Mock::with_rows(&[[1.0.into(), 2.0.into()], ["x".into(), 4.0.into()]]);
    mock.names.insert("rate".into(), "=0.5".into());
    mock.names.insert("loop".into(), "=[n:loop]+1".into());
    mock.measures
        .insert((sheet("demand"), measure("consensus")), vec![(1..=6).map(|n| f64::from(n).into()).collect(); 2]);
    mock.check(&[
        ("A1+B2", "5"),
        ("SUM(A1:B2)", "7"),
        ("SUM(B:B)", "6"),
        ("SUM(2:2)", "4"),
        ("A1:B2*2", "{2,4;#VALUE!,8}"),
        ("SUM(A2,1)", "1"),
        ("SUM(\"2\",TRUE)", "3"),
        ("SUM(\"x\")", "#VALUE!"),
        ("rate*4", "2"),
        ("RATE_*4", "#NAME?"),
        ("loop", "#LIMIT!"),
        ("SUM(Demand[Consensus])", "42"),
        ("Demand[@Consensus]", "4"),
        ("Demand[@Consensus:-1]", "3"),
        ("Demand[Consensus, 2026-02]", "{2;2}"),
        ("SUM(Demand[Consensus, plan])", "30"),
        ("Demand[@Consensus:history]", "{1,2,3}"),
        ("ISBLANK(C9)", "TRUE"),
        ("ISBLANK(A1)", "FALSE"),
        ("IF(ISBLANK(C9),\"none\",C9)", "\"none\""),
    ]);
}

#[test]
fn errors_know_where_they_arose() {
    let mock = Mock::default();
    let value = mock.eval("=1/0");
    assert_eq!(value.as_error().unwrap().origin(), Some(home()));
}

#[test]
fn c1_long_chains_and_deep_nesting_do_not_overflow() {
    let chain = format!("={}1", "1+".repeat(9_999));
    assert_eq!(Mock::default().eval(&chain), Value::Number(10_000.0));
    let signs = format!("={}1", "-".repeat(10_000));
    assert_eq!(Mock::default().eval(&signs), Value::Number(1.0));
    let percents = format!("=1{}", "%".repeat(3));
    assert_eq!(Mock::default().eval(&percents), Value::Number(1e-6));
    let nested = |levels: usize| format!("={}1{}", "(".repeat(levels), ")".repeat(levels));
    assert_eq!(Mock::default().eval(&nested(MAX_DEPTH - 1)), Value::Number(1.0));
    for levels in [MAX_DEPTH, 100_000 / 2] {
        let error = Formula::parse(&nested(levels), &Mock::default(), home()).unwrap_err();
        assert!(error.message.contains("nested deeper"), "{error}");
    }
    let texts = format!("={}\"\"", "\"ab\"&".repeat(10_000));
    assert_eq!(Mock::default().eval(&texts).as_text().map(str::len), Some(20_000));
}

#[test]
fn c1_the_deepest_formulas_fit_a_small_stack() {
    let run = || {
        let deep = format!("={}1{}", "SUM(-(1+".repeat(MAX_DEPTH / 2 - 1), "))".repeat(MAX_DEPTH / 2 - 1));
        assert!(Mock::default().eval(&deep).as_number().is_some());
        let mut mock = Mock::default();
        mock.names.insert("ever".into(), "=LAMBDA([n:n],(1+(2*IF(TRUE,[n:ever]([n:n]+1)))))".into());
        mock.check(&[("ever(1)", "#LIMIT!")]);
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn copies_shift_what_is_relative() {
    let names = Mock::default();
    let (from, to) = (cell(4, 4), cell(6, 5));
    for (typed, moved) in [
        ("=A1+$A1+A$1+$A$1", "=B3+$A3+B$1+$A$1"),
        ("=SUM(B2:C3)", "=SUM(C4:D5)"),
        ("=SUM(B:B,$B:$B,2:2)", "=SUM(C:C,$B:$B,4:4)"),
        ("=[@Baseline]*2", "=[@Baseline]*2"),
        ("='My sheet'!A1", "='My sheet'!B3"),
        ("=BK60", "=#REF!"),
    ] {
        let formula = Formula::parse(typed, &names, from).unwrap();
        assert_eq!(formula.moved(&names, from, to).print(&names, to), moved);
        if !moved.contains("#REF!") {
            assert_eq!(formula.moved(&names, from, to).moved(&names, to, from), formula);
        }
    }
    let back = Formula::parse("=A1", &names, to).unwrap().moved(&names, to, from);
    assert_eq!(back.print(&names, from), "=#REF!");
}

#[test]
fn reads_are_listed_once() {
    let formula = parse("=A1+A1+SUM(B:B)+[@Baseline]+rate+Rate");
    let reads = formula.reads();
    assert_eq!(reads.len(), 5, "{reads:?}");
    assert!(matches!(reads[0], Read::Cell(at) if at == cell(0, 0)));
    assert!(!formula.is_pending() && !formula.is_volatile());
}

/// Formulas of all shapes, as text.
fn formulas() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0_u32..100_000).prop_map(|n| f64::from(n).to_string()),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| {
            let mut text = String::new();
            print::push_number(&mut text, n.abs());
            text
        }),
        "[a-zA-Zäö€ \\\\]{0,6}".prop_map(|text| format!("\"{text}\"")),
        (1_u32..60, 0_u32..30, any::<(bool, bool)>()).prop_map(|(row, col, (a, b))| {
            let mark = |fixed| if fixed { "$" } else { "" };
            format!("{}{}{}{row}", mark(a), crate::refs::a1::column_letters(col), mark(b))
        }),
        Just("B2:$C$9".to_owned()),
        Just("'My sheet'!A:B".to_owned()),
        Just("Demand[Consensus, plan]".to_owned()),
        Just("[@Stock:-1]".to_owned()),
        Just("rate".to_owned()),
        Just("TRUE".to_owned()),
        Just("{1,\"a\";-2,FALSE}".to_owned()),
        Just("#DIV/0!".to_owned()),
        Just("B7#".to_owned()),
        Just("(A1:C3 $B2:D4)".to_owned()),
        Just("SUM((A1,B2:C3,rate))".to_owned()),
        Just("A1:INDEX(A:A,5)".to_owned()),
        Just("LAMBDA(x,[y],f(x)(y):B2)(1)".to_owned()),
        Just("@A:A".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let operator = prop::sample::select(vec!["+", "-", "*", "/", "^", "&", "=", "<>", "<", ">="]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("{a}{op}{b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            inner.clone().prop_map(|a| format!("({a})%")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|list| format!("SUM({})", list.join(","))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("IF({a},,{b})")),
            inner.prop_map(|a| format!("what.ever({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printing_and_storing_lose_nothing(text in formulas()) {
        let typed = format!("={text}");
        let formula = parse(&typed);
        prop_assert_eq!(&formula.print(&Mock::default(), home()), &typed);
        check_signs(&typed);
        let stored = formula.to_stored();
        prop_assert!(stored.is_ascii());
        let again = Formula::from_stored(&stored).unwrap();
        prop_assert_eq!(&again, &formula);
        prop_assert_eq!(again.to_stored(), stored);
    }

    #[test]
    fn a_copy_copied_back_is_the_same(text in formulas(), down in -20_i64..20, right in -10_i64..10) {
        let names = Mock::default();
        let formula = parse(&format!("={text}"));
        let to = cell((30 + down) as u32, (30 + right) as u32);
        let from = cell(30, 30);
        let there = formula.moved(&names, from, to);
        // What fell off the sheet is gone for good.
        prop_assume!(!there.print(&names, to).contains("#REF!"));
        prop_assert_eq!(there.moved(&names, to, from), formula);
    }

    #[test]
    fn no_text_is_a_panic(text in "=[ -~€é\\[\\]{}'\"@!:]{0,40}") {
        let _ = Formula::from_stored(&text);
        if let Ok(formula) = Formula::parse(&text, &Mock::default(), home()) {
            let _ = formula.evaluate(&Mock::default(), home());
            prop_assert!(Formula::from_stored(&formula.to_stored()).is_ok(), "{}", formula.to_stored());
        }
    }
}

/// Formulas by family beside what Excel gives for them, from its help pages and its behaviour at the edges.
#[test]
fn documented_examples_give_what_excel_gives() {
    let lines = include_str!("documented.tsv").lines().skip(1);
    let cases: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once('\t')).collect();
    assert!(cases.len() > 300, "{}", cases.len());
    check(&cases);
}
