//! What a supply plan leaves short of one row of a sheet.

use super::supply_page::ShortageLine;
use crate::doc::{Measure, MeasureKind};
use crate::formula::PlanTable;
use crate::refs::{CellRef, ColId, RowId, SheetId};
use crate::value::Value;
use crate::workbook::Workbook;

/// All shortages of the workbook's supply plan with their causes, and the sheet that shows the plan; `None` where no plan is
/// solved.
pub fn shortages(workbook: &Workbook) -> Option<(SheetId, Vec<ShortageLine>)> {
    let plan = workbook.supply_plan()?;
    Some((plan.cell.sheet, lines(&PlanTable::Why.of(plan.answer?)).collect()))
}

/// The lines of a plan's table of shortages.
fn lines(table: &Value) -> impl Iterator<Item = ShortageLine> + use<'_> {
    let table = match table {
        Value::Array(table) => Some(table),
        _ => None,
    };
    table.into_iter().flat_map(|table| table.cells().chunks(table.cols()).skip(1).filter_map(ShortageLine::read))
}

/// Who a row of a sheet speaks of; `None`: whatever it is. The sheet names its keys so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    pub item: Option<String>,
    pub region: Option<String>,
    pub channel: Option<String>,
}

impl Customer {
    /// Of a row; `None` where the sheet has no key `Item`.
    pub fn of_row(workbook: &Workbook, sheet: SheetId, row: RowId) -> Option<Self> {
        let of = workbook.sheet(sheet)?;
        let key = |name: &str| {
            let is_it =
                |measure: &&Measure| measure.kind == MeasureKind::Key && measure.name.eq_ignore_ascii_case(name);
            let key = of.measures().iter().find(is_it)?;
            text_of(workbook.value(CellRef { sheet, row, col: ColId::fixed(key.id) }))
        };
        let item = Some(key("Item")?);
        Some(Self { item, region: key("Region"), channel: key("Channel") })
    }

    /// What a plan's table of shortages says of it, in the order of buckets.
    pub fn shortages(&self, table: &Value) -> Vec<ShortageLine> {
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        let mut lines: Vec<ShortageLine> = lines(table)
            .filter(|line| {
                is(&self.item, &line.item) && is(&self.region, &line.region) && is(&self.channel, &line.channel)
            })
            .collect();
        lines.sort_by(|a, b| a.bucket.cmp(&b.bucket));
        lines
    }
}

fn text_of(value: &Value) -> Option<String> {
    value.to_text().ok().map(|text| text.to_string())
}

impl ShortageLine {
    fn read(cells: &[Value]) -> Option<Self> {
        let [item, region, channel, bucket, kind, units, cause] = cells else { return None };
        Some(Self {
            item: text_of(item)?,
            region: text_of(region)?,
            channel: text_of(channel)?,
            bucket: text_of(bucket)?,
            kind: text_of(kind)?,
            units: units.to_number().ok()?,
            cause: text_of(cause)?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::value::Array;

    #[test]
    fn a_row_is_told_of_its_own_shortages_in_the_order_of_buckets() {
        let header = ["Item", "Region", "Channel", "Bucket", "Shortage", "Units", "Cause"].map(Value::text);
        let line = |item: &str, region: &str, bucket: &str, units: f64| {
            let mut cells = [item, region, "Retail", bucket, "late"].map(Value::text).to_vec();
            cells.extend([Value::number(units), Value::text("capacity of L2")]);
            cells
        };
        let lines = [
            line("Tea", "North", "2026-05", 9.0),
            line("Tea", "South", "2026-04", 8.0),
            line("Soap", "North", "2026-04", 7.0),
            line("Tea", "North", "2026-04", 2.0),
        ];
        let cells: Vec<Value> = header.into_iter().chain(lines.into_iter().flatten()).collect();
        let table = Value::Array(Array::new(5, 7, cells).unwrap().into());
        let told = |region: Option<&str>| {
            let tea = Customer { item: Some("Tea".to_owned()), region: region.map(str::to_owned), channel: None };
            tea.shortages(&table).iter().map(|line| (line.bucket.clone(), line.units)).collect::<Vec<_>>()
        };
        let of = |bucket: &str, units: f64| (bucket.to_owned(), units);
        assert_eq!(told(Some("North")), [of("2026-04", 2.0), of("2026-05", 9.0)]);
        assert_eq!(
            told(None),
            [of("2026-04", 8.0), of("2026-04", 2.0), of("2026-05", 9.0)],
            "every region of the item"
        );
        assert_eq!(told(Some("East")), []);
        let none = Customer { item: Some("Tea".to_owned()), ..Customer::default() };
        assert!(none.shortages(&Value::Blank).is_empty(), "no plan");
    }
}
