//! The sheets of inventory policy: service levels by class, what is another for single items, and the safety stock
//! proposed.

use grid_engine::doc::NumberFormat;
use grid_engine::refs::ColId;
use grid_engine::workbook::HEADING_STYLE;

use super::blueprint::{Entry, MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id};
use super::plan_sheets::{ASSUMPTIONS, Shape};

/// Service levels of the classes that a plan begins with: dear and steady items most, cheap and erratic ones least.
const SEGMENTS: [(&str, f64); 9] = [
    ("AX", 0.98),
    ("AY", 0.97),
    ("AZ", 0.95),
    ("BX", 0.97),
    ("BY", 0.95),
    ("BZ", 0.92),
    ("CX", 0.95),
    ("CY", 0.92),
    ("CZ", 0.9),
];

/// The row in which the table of proposals begins, its headings, and rows it may have at least; columns and formats of
/// its figures.
const TABLE: u32 = 2;
const SPARE_ROWS: u32 = 100;
const FORMATS: [(u32, &str); 3] = [(3, "percent"), (5, "whole"), (6, "decimal")];

/// Policy, exceptions and proposals for these items and locations. Each proposal is beside the safety stock that the
/// plan keeps to, which follows it where somebody enters the formula that the help of its measure names.
pub fn sheets(shape: &Shape, positions: impl IntoIterator<Item = RowBlueprint>) -> [SheetBlueprint; 3] {
    let positions: Vec<RowBlueprint> = positions.into_iter().collect();
    // Room for what demand rows yet to come bring.
    let rows = 2 * positions.len() as u32 + SPARE_ROWS;
    [policy(shape), exceptions(shape, rows).rows(positions), proposals(shape, rows)]
}

/// A position, with its own service level where it has one.
pub fn position(item: &str, location: &str, own_level: Option<f64>) -> RowBlueprint {
    let own = own_level.map(|level| (ColId::fixed(measure_id("ownlevel")), Entry::Number(level)));
    RowBlueprint { key: vec![item.to_owned(), location.to_owned()], cells: own.into_iter().collect() }
}

fn policy(shape: &Shape) -> SheetBlueprint {
    let money = |id: &str, name: &str, help: &str| {
        let formula = format!("=SUMIFS('Safety stock'[{name}],'Safety stock'[Class],[@Segment])");
        MeasureBlueprint::formula(id, name, &formula).shown(NumberFormat::Money, shape.currency).help(help)
    };
    SheetBlueprint::planning("inventory_policy", "Inventory policy", &["Segment"])
        .role("inventory.policy")
        .group(ASSUMPTIONS)
        .measure(MeasureBlueprint::input("level", "Service level").shown(NumberFormat::Percent, "").help(
            "The share of replenishment cycles that are to pass without stockout, from 50 % to below 100 %. A B C: by share of \
             value, the first 80 %, the next 15 %, the rest; X Y Z: by how demand varies.",
        ))
        .measure(
            MeasureBlueprint::input("cover", "Most days of cover")
                .shown(NumberFormat::Whole, "days")
                .without_total()
                .help("Safety stock that would last longer is cut to this; blank for no limit."),
        )
        .measure(
            MeasureBlueprint::formula("positions", "Positions", "=COUNTIF('Safety stock'[Class],[@Segment])")
                .shown(NumberFormat::Whole, "")
                .help("Items at places that are of this class."),
        )
        .measure(money("proposedvalue", "Proposed value", "What its proposed safety stock is worth at cost."))
        .measure(money("presentvalue", "Present value", "What its present safety stock is worth at cost."))
        .rows(SEGMENTS.map(|(segment, level)| RowBlueprint {
            key: vec![segment.to_owned()],
            cells: vec![(ColId::fixed(measure_id("level")), Entry::Number(level))],
        }))
}

/// What is another for single items, and what is proposed for them.
fn exceptions(shape: &Shape, rows: u32) -> SheetBlueprint {
    // Fixed cells, since browsers hold those that the server's table spills over, and not the table.
    let column = |letter: char| format!("'Proposed stock'!${letter}${}:${letter}${}", TABLE + 2, TABLE + 1 + rows);
    let (items, locations) = (column('A'), column('B'));
    let line = format!("=IFNA(XMATCH(1,({items}=[@Item])*({locations}=[@Location])),0)");
    let told = |id: &str, name: &str, letter: char, format, unit: &str, help: &str| {
        let formula = format!("=IF([@Line]=0,\"\",INDEX({},[@Line]))", column(letter));
        MeasureBlueprint::formula(id, name, &formula).shown(format, unit).help(help)
    };
    let formula = |id: &str, name: &str, text: &str, format, unit: &str, help: &str| {
        MeasureBlueprint::formula(id, name, text).shown(format, unit).help(help)
    };
    let input = |id: &str, name: &str, format, unit: &str, help: &str| {
        MeasureBlueprint::input(id, name).shown(format, unit).help(help)
    };
    let buckets =
        |id: &str, name: &str, help: &str| input(id, name, NumberFormat::General, "buckets", help).without_total();
    let (text, whole) = (NumberFormat::Text, NumberFormat::Whole);
    let worth = |id: &str, of: &str| {
        let worth = format!("=N([@{of}])*IFNA(N('Stock policy'[@Unit value]),0)");
        formula(id, &format!("{of} value"), &worth, NumberFormat::Money, shape.currency, "The stock at cost.")
    };
    SheetBlueprint::planning("safety_stock", "Safety stock", &["Item", "Location"])
        .role("inventory.items")
        .group(ASSUMPTIONS)
        .measure(input(
            "ownlevel",
            "Own service level",
            NumberFormat::Percent,
            "",
            "Replaces the service level of the class for this item here; blank takes the class's.",
        ))
        .measure(
            input("owncover", "Own days of cover", whole, "days", "Replaces the most days of cover of the class.")
                .without_total(),
        )
        .measure(buckets(
            "leadtime",
            "Lead time",
            "Between ordering and receiving, the time between two orders included; 1 where it is blank.",
        ))
        .measure(buckets(
            "leadtimedeviation",
            "Lead time deviation",
            "The standard deviation of the lead time; none where it is blank.",
        ))
        .measure(told("class", "Class", 'C', text, "", "By value and by variation of demand."))
        .measure(told("level", "Service level", 'D', NumberFormat::Percent, "", "What safety stock is proposed for."))
        .measure(told("from", "From", 'E', text, "", "The segment's level, or the item's own: an override."))
        .measure(told(
            "proposed",
            "Proposed",
            'F',
            whole,
            shape.unit,
            "The safety stock that the service level asks for. ='Safety stock'[@Proposed] in the column Safety of Stock policy \
             has the supply plan follow it.",
        ))
        .measure(formula(
            "present",
            "Present",
            "=IFNA('Stock policy'[@Safety],\"\")",
            whole,
            shape.unit,
            "The safety stock that the supply plan keeps to.",
        ))
        .measure(
            told("cover", "Days of cover", 'G', whole, "days", "How long the proposal lasts at mean planned demand.")
                .without_total(),
        )
        .measure(told("toldby", "Told by", 'H', text, "", "What the proposal was told from."))
        .measure(worth("proposedvalue", "Proposed"))
        .measure(worth("presentvalue", "Present"))
        .measure(
            formula("line", "Line", &line, whole, "", "Which line of Proposed stock this is told from; 0 for none.")
                .without_total(),
        )
}

/// How wide the columns of the proposals are, in pixels.
const WIDTHS: [u32; 8] = [210, 130, 70, 100, 90, 110, 110, 260];

/// The proposals as one table. Demand at a place is that of the streams it serves.
fn proposals(shape: &Shape, rows: u32) -> SheetBlueprint {
    let sheet = SheetBlueprint::free("proposed_stock", "Proposed stock")
        .role("inventory.proposal")
        .group(ASSUMPTIONS)
        .long(TABLE + 1 + rows)
        .widths(&WIDTHS)
        .cell(0, 0, "What the service levels of Inventory policy, and what Safety stock says of single items, ask for.")
        .cell(
            TABLE,
            0,
            format!(
                "=INVENTORY.POLICY(HSTACK(Demand[Item],XLOOKUP(Demand[Region]&\"|\"&Demand[Channel],Streams[Region]&\"|\"&\
                 Streams[Channel],Streams[Location],\"\")),Demand[History, history],Demand[Forecast lag 1, history],\
                 HSTACK('Inventory policy'[Segment],'Inventory policy'[Service level],'Inventory policy'[Most days of cover]),\
                 HSTACK('Safety stock'[Item],'Safety stock'[Location],'Safety stock'[Own service level],\
                 'Safety stock'[Own days of cover],'Safety stock'[Lead time],'Safety stock'[Lead time deviation]),\
                 Demand[Consensus, plan],XLOOKUP(Demand[Item],Items[Item],Items[Price],0),{})",
                shape.bucket_days()
            )
            .as_str(),
        );
    let sheet = FORMATS.iter().fold(sheet, |sheet, (col, format)| sheet.format(*col, format, TABLE + 1 + rows));
    sheet.format_row(TABLE, 0..WIDTHS.len() as u32, HEADING_STYLE)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use grid_engine::calendar::{Bucket, Horizon};
    use grid_engine::doc::{Edit, Guard, Input, Op};
    use grid_engine::refs::{CellRef, Id, PersonId, SheetId};
    use grid_engine::value::Value;
    use grid_engine::workbook::{Clock, Workbook};

    use super::super::blueprint::{Blueprint, row_id};
    use super::super::plan_sheets;
    use super::*;

    const KEYS: [&str; 3] = ["Item", "Region", "Channel"];
    /// What the forecasts of nine months missed by: the largest is the 90 % quantile, the third largest that of 70 %.
    const MISSES: [f64; 9] = [-4.0, 3.0, 0.0, -2.0, 1.0, 8.0, -3.0, -1.0, 2.0];
    const TEA: [&str; 2] = ["Tea", "Hub"];

    /// Tea goes from one hub to two regions, 60 a month altogether, milk to one of them.
    fn book() -> Workbook {
        let month = |text: &str| text.parse::<Bucket>().unwrap();
        let horizon = Horizon { first: month("2026-02"), current: month("2026-11"), last: month("2026-12") };
        let shape = Shape { horizon, keys: &KEYS, partition: None, unit: "pcs", currency: "EUR" };
        let demand = [("Tea", "North", 1.0, 40.0), ("Tea", "South", 0.0, 20.0), ("Milk", "South", 0.5, 9.0)];
        let key = |item: &str, region: &str| [item, region, "Retail"].map(str::to_owned).to_vec();
        let planned = |level: f64| {
            ["2026-11", "2026-12"]
                .map(|at| (ColId::timed(measure_id("override"), month(at)), Entry::Number(level)))
                .to_vec()
        };
        let rows =
            demand.map(|(item, region, _, level)| RowBlueprint { key: key(item, region), cells: planned(level) });
        let facts = |share: f64| {
            let series = |(item, region, errors, level): (&str, &str, f64, f64)| {
                (row_id(&key(item, region)), MISSES.map(|miss| level + share * errors * miss).to_vec())
            };
            demand.map(series).to_vec()
        };
        let cells = |cells: &[(&str, Entry)]| {
            cells.iter().map(|(name, entry)| (ColId::fixed(measure_id(name)), entry.clone())).collect::<Vec<_>>()
        };
        let text = |text: &str| Entry::Text(text.to_owned());
        let stream = |region: &str| RowBlueprint {
            key: vec![region.to_owned()],
            cells: cells(&[("Region", text(region)), ("Channel", text("Retail")), ("Location", text("Hub"))]),
        };
        let table = |id: &str, title: &str, keys: &[&str], names: &[&str], format: NumberFormat| {
            let columns: Vec<_> = names.iter().map(|name| (*name, format, "")).collect();
            SheetBlueprint::table(id, title, keys, &columns)
        };
        let price = |item: &str, price: f64| RowBlueprint {
            key: vec![item.to_owned()],
            cells: cells(&[("Price", Entry::Number(price))]),
        };
        let stock = RowBlueprint {
            key: TEA.map(str::to_owned).to_vec(),
            cells: cells(&[("Safety", Entry::Number(25.0)), ("Unit value", Entry::Number(2.0))]),
        };
        let mut sheets = vec![
            plan_sheets::demand(&shape).rows(rows).facts("history", Some(horizon.first), facts(1.0)).facts(
                "lag1",
                Some(horizon.first),
                facts(0.0),
            ),
            plan_sheets::prices(&shape),
            plan_sheets::items("EUR").rows([price("Tea", 10.0), price("Milk", 1.0)]),
            table("streams", "Streams", &["Stream"], &["Region", "Channel", "Location"], NumberFormat::Text)
                .rows([stream("North"), stream("South")]),
            table(
                "stock_policy",
                "Stock policy",
                &["Item", "Location"],
                &["Safety", "Unit value"],
                NumberFormat::Whole,
            )
            .rows([stock]),
        ];
        sheets.extend(super::sheets(&shape, [position("Tea", "Hub", None), position("Milk", "Hub", Some(0.9))]));
        let blueprint = Blueprint { title: "Plan".into(), currency: "EUR".into(), sheets };
        blueprint.build(PersonId(Id::of_name("ada")), 0).unwrap()
    }

    fn cell(sheet: &str, key: &[&str], measure: &str) -> CellRef {
        CellRef { sheet: SheetId(Id::of_name(sheet)), row: row_id(key), col: ColId::fixed(measure_id(measure)) }
    }

    fn enter(book: &mut Workbook, cell: CellRef, entry: &str) {
        let input = match entry.strip_prefix('=') {
            Some(_) => Input::Formula(book.formula_stored(cell, entry).unwrap().into()),
            None => Input::Number(entry.parse().unwrap()),
        };
        let ops = vec![Op::SetCell { cell, input: Some(input), guard: Guard::Always }];
        book.apply(&Edit { by: PersonId(Id::of_name("ada")), at: 0, why: None, ops }).unwrap();
    }

    /// What the sheet Safety stock says of an item at the hub.
    fn of(book: &mut Workbook, key: [&str; 2], measure: &str) -> Value {
        book.recalculate(Clock { now: 46_000.0, seed: 1 });
        book.value(cell("safety_stock", &key, measure)).clone()
    }

    fn units(book: &mut Workbook, key: [&str; 2], measure: &str) -> f64 {
        let value = of(book, key, measure);
        (value.to_number().unwrap_or_else(|_| panic!("{measure} of {key:?} is {value:?}")) * 1e6).round() / 1e6
    }

    /// A class raised to 99 % holds more stock; the item's own level wins over it.
    #[test]
    fn classes_set_the_stock_and_items_may_have_their_own() {
        let mut book = book();
        assert_eq!(of(&mut book, TEA, "class"), Value::text("AX"));
        let level = cell("inventory_policy", &["AX"], "level");
        enter(&mut book, level, "0.9");
        assert_eq!((units(&mut book, TEA, "proposed"), units(&mut book, TEA, "present")), (8.0, 25.0));
        // Eight of the sixty of a month.
        assert_eq!(units(&mut book, TEA, "cover"), (8.0 / 60.0 * 30.4 * 1e6_f64).round() / 1e6);
        assert_eq!(of(&mut book, TEA, "from"), Value::text("segment"));
        enter(&mut book, level, "0.99");
        assert!(units(&mut book, TEA, "proposed") > 12.0);
        enter(&mut book, cell("safety_stock", &TEA, "ownlevel"), "0.7");
        assert_eq!(units(&mut book, TEA, "proposed"), 2.0);
        assert_eq!(of(&mut book, TEA, "from"), Value::text("override"));
        // Milk, whose errors are half of tea's, has its own from the start.
        let milk = ["Milk", "Hub"];
        assert_eq!((units(&mut book, milk, "proposed"), of(&mut book, milk, "from")), (4.0, Value::text("override")));
    }

    /// The supply plan keeps to what is entered until somebody has it follow; the policy then moves it.
    #[test]
    fn safety_stock_follows_where_it_is_told_to() {
        let mut book = book();
        let (level, safety) = (cell("inventory_policy", &["AX"], "level"), cell("stock_policy", &TEA, "Safety"));
        enter(&mut book, level, "0.9");
        assert_eq!(units(&mut book, TEA, "present"), 25.0);
        enter(&mut book, safety, "='Safety stock'[@Proposed]");
        assert_eq!(units(&mut book, TEA, "present"), 8.0);
        enter(&mut book, level, "0.7");
        assert_eq!(units(&mut book, TEA, "present"), 2.0);
        let of_class = |measure: &str| book.value(cell("inventory_policy", &["AX"], measure)).to_number().unwrap();
        assert_eq!((of_class("positions"), of_class("proposedvalue").round()), (1.0, 4.0));
    }
}
