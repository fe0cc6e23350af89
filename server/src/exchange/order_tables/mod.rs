//! Folders of order tables as planning workbooks, recognised by the files in them.
//!
//! | files | read as |
//! | --- | --- |
//! | `demand.csv` | order lines and master data in frePPLe's table names ([`super::frepple`]) |
//! | `orders.csv`, `order_lines.csv` | order documents with dates of promise and shipment ([`documents`]) |
//! | `sales_orders.csv` | a table of days by product, with deliveries and production beside it ([`daily`]) |

mod daily;
mod documents;

use std::path::Path;

use grid_engine::calendar::{Bucket, Grain, Horizon};
use grid_engine::doc::NumberFormat;
use grid_engine::refs::ColId;

use super::blueprint::{Blueprint, Entry, MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id, row_id};
use super::frepple;
use super::plan_sheets;
use super::table_file::{Problems, TableFile};

/// A folder read and found good.
pub struct Imported {
    pub blueprint: Blueprint,
    /// What was read, in one sentence.
    pub told: String,
}

/// Reads a folder as a workbook called `title` that counts money in `currency`.
///
/// # Errors
/// Every problem as file, line, column and reason; nothing is taken over from a folder with problems.
pub fn read(folder: &Path, title: &str, currency: &str) -> Result<Imported, Vec<String>> {
    let has = |name: &str| folder.join(name).exists();
    if has("demand.csv") {
        let import = frepple::read(folder, title, currency)?;
        let told = format!(
            "{} order lines, {} of them demand, {} units in weeks {} to {}",
            import.order_lines,
            import.counted_lines,
            import.quantity,
            import.horizon.first,
            import.horizon.current.plus(-1),
        );
        return Ok(Imported { blueprint: import.blueprint, told });
    }
    if has("orders.csv") {
        return documents::read(folder, title, currency);
    }
    if has("sales_orders.csv") {
        return daily::read(folder, title, currency);
    }
    Err(vec![format!(
        "{} holds none of the tables an import begins with: demand.csv (order lines in frePPLe's names), orders.csv with \
         order_lines.csv, or sales_orders.csv (days by product)",
        folder.display()
    )])
}

/// An item as `products.csv` tells of it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Product {
    name: String,
    family: String,
    price: f64,
}

/// The products of the optional table `products.csv`: `product`, and where known `name`, `category` (or `group`) and
/// `unit_price`. A product that stands there twice must say the same both times.
fn products(folder: &Path, problems: &mut Problems) -> Vec<(String, Product)> {
    let table = TableFile::read(folder, "products", false, &["product"], problems);
    let mut products: Vec<(String, Product)> = Vec::new();
    for row in table.rows() {
        let Some(id) = row.name("product", problems) else { continue };
        let first = |columns: &[&str], or: &str| {
            let found = columns.iter().map(|column| row.text(column)).find(|text| !text.is_empty());
            found.unwrap_or(or).to_owned()
        };
        let product = Product {
            name: first(&["name"], id),
            family: first(&["category", "group", "family"], "Other"),
            price: row.number("unit_price", 0.0, problems).unwrap_or(0.0),
        };
        match products.iter().find(|(known, _)| known == id) {
            None => products.push((id.to_owned(), product)),
            Some((_, known)) if *known == product => {}
            Some(_) => row.problem("product", &format!("{id:?} stands in the file twice, not the same"), problems),
        }
    }
    products
}

/// The sheets of items and prices that demand looks things up in.
fn item_sheets<'a>(
    items: impl Iterator<Item = &'a Product> + Clone,
    shape: &plan_sheets::Shape,
) -> [SheetBlueprint; 2] {
    let planned = || shape.horizon.buckets().skip(shape.horizon.current_index());
    let price = |item: &Product| {
        let cells = planned().map(|bucket| (ColId::timed(measure_id("netprice"), bucket), Entry::Number(item.price)));
        RowBlueprint { key: vec![item.name.clone()], cells: cells.filter(|_| item.price > 0.0).collect() }
    };
    let item = |item: &Product| RowBlueprint {
        key: vec![item.name.clone()],
        cells: vec![
            (ColId::fixed(measure_id("Family")), Entry::from(item.family.as_str())),
            (ColId::fixed(measure_id("Price")), Entry::Number(item.price)),
        ],
    };
    [
        plan_sheets::prices(shape).rows(items.clone().map(price)),
        plan_sheets::items(shape.currency).rows(items.map(item)),
    ]
}

/// A layer's name, format, unit and meaning.
type Fact<'a> = (&'a str, &'a str, NumberFormat, &'a str, &'a str);

/// A row of a sheet of facts: its layers' values in their order (`NaN` where there is none), and what else is entered.
struct FactRow {
    key: Vec<String>,
    values: Vec<f64>,
    cells: Vec<(ColId, Entry)>,
}

/// A sheet of facts: untimed layers and their rows.
fn facts_sheet(mut sheet: SheetBlueprint, layers: &[Fact], rows: Vec<FactRow>) -> SheetBlueprint {
    for (at, (id, name, format, unit, help)) in layers.iter().enumerate() {
        let of = |row: &FactRow| (row_id(&row.key), vec![row.values.get(at).copied().unwrap_or(f64::NAN)]);
        sheet = sheet.measure(MeasureBlueprint::layer(id, name).shown(*format, unit).help(help)).facts(
            id,
            None,
            rows.iter().map(of).collect(),
        );
    }
    sheet.rows(rows.into_iter().map(|FactRow { key, cells, .. }| RowBlueprint { key, cells }))
}

/// Twelve months, or half a year of weeks, after the last whole bucket.
fn plan_after(first: Bucket, current: Bucket) -> Horizon {
    let planned = match current.grain() {
        Grain::Month => 12,
        Grain::Week => 26,
    };
    Horizon { first, current, last: current.plus(planned - 1) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn refused(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let path = folder.path().display().to_string();
        let problems = read(folder.path(), "x", "EUR").err().unwrap();
        problems.into_iter().map(|problem| problem.replace(&path, "FOLDER")).collect()
    }

    #[test]
    fn a_folder_without_orders_says_which_tables_it_needs() {
        let problems = refused(&[("item.csv", "name\nball\n")]);
        assert!(problems.len() == 1 && problems[0].starts_with("FOLDER holds none of the tables"), "{problems:?}");
    }

    #[test]
    fn every_bad_value_of_order_documents_is_named() {
        let orders = "order,country,order_date,required_date,shipped_date\n1,France,2024-01-01,2024-01-20,2024-01-10\n\
                      1,France,2024-01-02,2024-01-20,\n2,,2024-02-01,2024-02-31,\n";
        let lines = "order,product,unit_price,quantity,discount\n1,a,2,3,0\n9,a,2,3,0\n2,a,2,x,1.5\n";
        assert_eq!(
            refused(&[("orders.csv", orders), ("order_lines.csv", lines)]),
            [
                "orders.csv line 3, column order: \"1\" stands in the file twice",
                "orders.csv line 4, column required_date: \"2024-02-31\": no such day in the calendar",
                "order_lines.csv line 3, column order: \"9\" is not in orders.csv",
                "order_lines.csv line 4, column quantity: \"x\" is not a number (write it with a decimal point, without \
                 grouping)",
                "order_lines.csv line 4, column discount: 1.5 is not a share from 0 to 1",
            ]
        );
    }

    #[test]
    fn every_bad_value_of_daily_tables_is_named() {
        let orders = "date,A,B,A\n2024-01-01,1,2,3\n";
        assert_eq!(refused(&[("sales_orders.csv", orders)]), ["sales_orders.csv: has two columns \"A\""]);
        let orders = "date,A\n2024-01-01,1\n2024-01-01,2\n2024-01-03,-4\n";
        let deliveries = "date,A,C\n2024-01-01,1,1\n2024-02-01,1,1\n";
        assert_eq!(
            refused(&[("sales_orders.csv", orders), ("deliveries.csv", deliveries)]),
            [
                "sales_orders.csv line 3, column date: this day stands in the file twice",
                "sales_orders.csv line 4, column A: -4 is not between 0 and 1e12",
                "deliveries.csv: has a column \"C\" that sales_orders.csv has not",
                "deliveries.csv line 3, column date: sales_orders.csv has no such day",
            ]
        );
        let short = "date,A\n2024-01-01,1\n2024-01-02,2\n";
        assert_eq!(
            refused(&[("sales_orders.csv", short)]),
            ["sales_orders.csv: holds less than one whole week of seven days from 2024-01-01 on"]
        );
    }
}
