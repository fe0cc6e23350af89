//! What pages of the interface say, as tables for people who go on in a spreadsheet.

mod bridge;
mod comparison;
mod summary;
mod tower;

use grid_engine::value::{NumberFormat, Value};

use super::{Page, PageCell};

pub use tower::TowerReport;

/// A page of a report; its first `keys` columns say what a row is.
fn page(title: &str, headings: Vec<String>, keys: usize, rows: Vec<Vec<PageCell>>) -> Page {
    let formats = vec![NumberFormat::Whole; headings.len()];
    Page { title: title.to_owned(), headings, keys, formats, rows }
}

fn heads<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

fn text(text: &str) -> PageCell {
    cell(Value::Text(text.into()), None)
}

/// A number, in whole units unless it has a format of its own; blank where there is none.
fn number(number: impl Into<Option<f64>>, format: Option<NumberFormat>) -> PageCell {
    match number.into().filter(|number| number.is_finite()) {
        Some(number) => cell(Value::Number(number), format),
        None => blank(),
    }
}

/// A key figure in its unit.
fn figure(value: Option<f64>, unit: &str) -> PageCell {
    let format = match unit {
        "money" => None,
        "%" => Some(NumberFormat::Percent),
        _ => Some(NumberFormat::Decimal),
    };
    number(value, format)
}

/// The unit of a key figure; percentages are written as the shares they are, and shown as percentages by their format.
fn unit(unit: &str) -> PageCell {
    text(if unit == "%" { "share" } else { unit })
}

fn blank() -> PageCell {
    cell(Value::Blank, None)
}

fn cell(value: Value, format: Option<NumberFormat>) -> PageCell {
    PageCell { value, formula: None, format, style: None, is_spilled: false }
}

#[cfg(test)]
mod tests {
    use grid_engine::plan::{Bridge, BridgeLine, BridgePart, Cause, Entered, KpiLine, PlanSummary};
    use grid_engine::refs::RowId;

    use super::super::{Pages, csv_out, xlsx_out};
    use super::*;
    use crate::exchange::workbook_file;

    fn told(page: &Page) -> String {
        String::from_utf8(csv_out::write(page).unwrap()).unwrap().trim_start_matches('\u{feff}').to_owned()
    }

    #[test]
    fn a_bridge_names_its_ends_and_every_line_of_every_cause() {
        let line = |name: &str, value| BridgeLine { name: name.to_owned(), value, people: Vec::new() };
        let volume = vec![line("Tea", 40.0), line("Soap", -10.5)];
        let price = vec![line("Tea", 5.0)];
        let parts = vec![
            BridgePart { cause: Cause::Volume, value: 29.5, lines: volume, people: Vec::new() },
            BridgePart { cause: Cause::Price, value: 5.0, lines: price, people: Vec::new() },
        ];
        let mut bridge = Bridge { from: 100.0, to: 134.5, unit: "money".to_owned(), parts };
        let entered = |line: &str, name: &str, why: Option<&str>| Entered {
            role: "demand".to_owned(),
            row: ("demand".parse().unwrap(), RowId::of_key(&[line])),
            line: Some(line.to_owned()),
            name: name.to_owned(),
            why: why.map(str::to_owned),
        };
        bridge.tell(&[
            entered("Tea", "Ada", Some("Fair")),
            entered("Tea", "Nora", None),
            entered("Rice", "Nora", None),
        ]);
        let pages = Pages::of_bridge(&bridge, ("June", "July"), "Item");
        let expected = "Step,Item,Value,Meaning,Entered by\nJune,,100,,\n\
                        Volume,,29.5,\"More or less demand in total, at the mean value of a unit\",Nora · Ada: Fair\n\
                        Volume,Tea,40,,Ada: Fair · Nora\nVolume,Soap,-10.5,,\nPrice,,5,Other prices for what is served,\n\
                        Price,Tea,5,,\nJuly,,134.5,,\n";
        assert_eq!(told(&pages.sheets[0]), expected);
    }

    #[test]
    fn key_figures_say_whether_they_meet_their_targets_or_why_they_are_not_there() {
        let kpi = |name: &str, value: Option<f64>, reason: Option<&str>| KpiLine {
            id: name.to_lowercase(),
            name: name.to_owned(),
            value,
            unit: "%".to_owned(),
            target: Some(0.95),
            better: grid_engine::kpi::Better::Higher,
            definition: "as defined".to_owned(),
            reason: reason.map(str::to_owned),
        };
        let kpis =
            vec![kpi("OTIF", Some(0.9), None), kpi("Fill", Some(0.97), None), kpi("WAPE", None, Some("no actuals"))];
        let summary = PlanSummary { currency: "EUR".to_owned(), kpis, ..PlanSummary::default() };
        let pages = Pages::of_summary(&summary);
        assert_eq!(pages.sheets.len(), 1, "what would be empty is left out");
        let expected = "Key figure,Unit,Value,Target,Meets target,Meaning\n\
                        Revenue,EUR,,,,not part of this version\nCost,EUR,,,,not part of this version\n\
                        Profit,EUR,,,,not part of this version\n\
                        OTIF,share,0.9,0.95,no,as defined\nFill,share,0.97,0.95,yes,as defined\nWAPE,share,,0.95,,no actuals\n";
        assert_eq!(told(&pages.sheets[0]), expected);
    }

    #[test]
    fn sheets_keep_their_titles_beside_pages_that_are_called_alike() {
        let titled = |titles: &[&str]| {
            let page = |title: &&str| page(title, vec!["Item".to_owned()], 1, vec![vec![text(title)]]);
            Pages { sheets: titles.iter().map(page).collect(), names: Vec::new() }
        };
        let pages = titled(&["Families", "Regions"]).before(titled(&["families", "Families (2)", "Demand"]));
        let file = workbook_file::read_bytes(&xlsx_out::write(&pages).unwrap()).unwrap();
        let titles: Vec<&str> = file.sheets.iter().map(|sheet| &*sheet.title).collect();
        assert_eq!(titles, ["Families (3)", "Regions", "families", "Families (2)", "Demand"]);
    }
}
