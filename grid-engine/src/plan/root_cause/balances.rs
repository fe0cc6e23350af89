//! Trees of figures that are sums, or sums over sums: what they are made of, or what they are off their target by.

use std::collections::BTreeMap;

use super::{CauseError, LEVELS, Leaf, Leaves, Rows};
use crate::plan::version::KpiLine;
use crate::wire::SheetFrame;

/// Of what a resource works.
const RESOURCES: [&str; 3] = ["Resource", "Bucket", "Cause"];
/// Of what lies at a place.
const PLACES: [&str; 4] = ["Family", "Item", "Place", "Cause"];

/// What revenue and gross profit are made of.
pub(super) fn money(frames: &[SheetFrame], kpi: &str) -> Result<Leaves, CauseError> {
    let rows = Rows::of(frames, "profit")?;
    let revenue = rows.timed("revenue").ok_or(CauseError::Missing("revenue"))?;
    let mut terms = vec![(revenue, 1.0, "revenue of what is served")];
    if kpi == "gross_profit" {
        terms.push((rows.timed("supplycost").ok_or(CauseError::Missing("supply cost"))?, -1.0, "supply cost"));
    }
    let mut leaves = Vec::new();
    for row in 0..rows.reader.len() {
        for (measure, sign, cause) in &terms {
            let value = sign * rows.sum(*measure, row);
            if value != 0.0 {
                leaves.push(Leaf { path: rows.path_to(row, cause), value });
            }
        }
    }
    let gap = if kpi == "gross_profit" { "Revenue less supply cost" } else { "What revenue is made of" };
    Ok(Leaves { levels: &LEVELS, leaves, whole: 1.0, gap, unit: "money" })
}

/// Hours missing to the target by resource and bucket: negative where one works more than that. Without a target, to all
/// that are available.
pub(super) fn utilisation(frames: &[SheetFrame], target: Option<f64>) -> Result<Leaves, CauseError> {
    let rows = Rows::of(frames, "utilisation")?;
    let (hours, available) = (
        rows.timed("hours").ok_or(CauseError::Missing("planned hours"))?,
        rows.timed("available").ok_or(CauseError::Missing("available hours"))?,
    );
    let (mut leaves, mut whole) = (Vec::new(), 0.0);
    for row in 0..rows.reader.len() {
        for &bucket in &rows.plan {
            let at = |measure| rows.reader.at(measure, row, bucket).unwrap_or(0.0);
            whole += at(available);
            let value = target.unwrap_or(1.0) * at(available) - at(hours);
            if value != 0.0 {
                let cause = if value > 0.0 { "less work than the target" } else { "more work than the target" };
                leaves
                    .push(Leaf { path: vec![rows.reader.key_text(row), bucket.to_string(), cause.to_owned()], value });
            }
        }
    }
    Ok(Leaves { levels: &RESOURCES, leaves, whole, gap: "Hours missing to the target", unit: "hours" })
}

/// Mean stock beyond what the target allows each item for its cost of goods sold: negative where less lies there.
pub(super) fn stock_days(frames: &[SheetFrame], line: &KpiLine) -> Result<Leaves, CauseError> {
    let target = line.target.ok_or_else(|| CauseError::NoTarget(line.name.clone()))?;
    let days = line.value.filter(|days| *days != 0.0).ok_or_else(|| CauseError::NoValue(line.name.clone()))?;
    let (stock, sold) = (Rows::of(frames, "supply")?, Rows::of(frames, "profit")?);
    let value = stock.timed("stockvalue").ok_or(CauseError::Missing("stock value"))?;
    let cost = sold.timed("supplycost").ok_or(CauseError::Missing("supply cost"))?;
    let buckets = stock.plan.len().max(1) as f64;
    let held: Vec<f64> = (0..stock.reader.len()).map(|row| stock.sum(value, row) / buckets).collect();
    let costs: Vec<f64> = (0..sold.reader.len()).map(|row| sold.sum(cost, row)).collect();
    let all_costs: f64 = costs.iter().sum();
    if all_costs == 0.0 {
        return Err(CauseError::Missing("cost of goods sold"));
    }
    // Cost of a day, as the scorecard counts days; each item has its share of it.
    let a_day = held.iter().sum::<f64>() / days;
    let (mut families, mut leaves) = (BTreeMap::new(), Vec::new());
    for (row, cost) in costs.iter().enumerate() {
        let [family, item, _] = sold.path(row);
        families.insert(item.clone(), family.clone());
        let value = -target * a_day * cost / all_costs;
        if value != 0.0 {
            leaves
                .push(Leaf { path: vec![family, item, "everywhere".into(), "stock the target allows".into()], value });
        }
    }
    for (row, &value) in held.iter().enumerate() {
        let [family, item, place] = stock.path(row);
        let family = families.get(&item).cloned().unwrap_or(family);
        if value != 0.0 {
            leaves.push(Leaf { path: vec![family, item, place, "stock held".into()], value });
        }
    }
    Ok(Leaves { levels: &PLACES, leaves, whole: a_day, gap: "Mean stock beyond the target", unit: "money" })
}
