//! Versions side by side. The first is the base: what the others differ by is told against it.

use serde::{Deserialize, Serialize};

use super::version::KpiLine;
use crate::calendar::Bucket;

/// Two to five versions side by side; `live` is a version too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The name of the base.
    pub a: String,
    pub b: String,
    /// The names of the versions after the second.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<String>,
    pub measure: String,
    /// What the lines are: `Family`, `Region`, `Item`, or several columns, `Item, Region`.
    pub by: String,
    /// What they could be, fewest lines first.
    pub levels: Vec<String>,
    pub buckets: Vec<Bucket>,
    pub lines: Vec<ComparisonLine>,
    /// Each key figure in every version.
    pub kpis: Vec<Vec<KpiLine>>,
}

impl Comparison {
    /// What the versions are called, the base first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.a, &self.b].into_iter().chain(&self.further).map(String::as_str)
    }
}

/// One line of a comparison, largest absolute difference from the base first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonLine {
    pub name: String,
    /// By bucket.
    pub a: Vec<f64>,
    pub b: Vec<f64>,
    pub total_a: f64,
    pub total_b: f64,
    /// In the versions after the second.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<FurtherLine>,
}

/// A line in a version after the second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FurtherLine {
    pub values: Vec<f64>,
    pub total: f64,
}

impl ComparisonLine {
    /// A line from its values by version and bucket, the base first; a version that has none counts as nothing.
    pub fn of(name: String, by_version: Vec<Vec<f64>>) -> Self {
        let total = |values: &[f64]| values.iter().filter(|value| value.is_finite()).sum::<f64>();
        let mut versions = by_version.into_iter();
        let (a, b) = (versions.next().unwrap_or_default(), versions.next().unwrap_or_default());
        let further = versions.map(|values| FurtherLine { total: total(&values), values }).collect();
        Self { name, total_a: total(&a), total_b: total(&b), a, b, further }
    }

    /// Its values by bucket and their total, by version, the base first.
    pub fn versions(&self) -> impl Iterator<Item = (&[f64], f64)> {
        let two = [(&self.a[..], self.total_a), (&self.b[..], self.total_b)];
        two.into_iter().chain(self.further.iter().map(|line| (&line.values[..], line.total)))
    }

    /// The largest absolute difference of a total from the base's.
    pub fn largest_difference(&self) -> f64 {
        self.versions().map(|(_, total)| (total - self.total_a).abs()).fold(0.0, f64::max)
    }
}

/// Every key figure that any of these versions has, in all of them: one a version does not have is without a value
/// there, and says so.
pub fn kpis_beside(versions: &[Vec<KpiLine>]) -> Vec<Vec<KpiLine>> {
    let mut known: Vec<&KpiLine> = Vec::new();
    for kpi in versions.iter().flatten() {
        if known.iter().all(|known| known.id != kpi.id) {
            known.push(kpi);
        }
    }
    let in_version = |kpi: &KpiLine, version: &Vec<KpiLine>| {
        version.iter().find(|found| found.id == kpi.id).cloned().unwrap_or_else(|| KpiLine {
            value: None,
            target: None,
            reason: Some("This version has no such key figure.".to_owned()),
            ..kpi.clone()
        })
    };
    known.into_iter().map(|kpi| versions.iter().map(|version| in_version(kpi, version)).collect()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::kpi::Better;

    fn kpi(id: &str, value: f64) -> KpiLine {
        KpiLine {
            id: id.to_owned(),
            name: id.to_uppercase(),
            value: Some(value),
            unit: "%".to_owned(),
            target: Some(0.9),
            better: Better::Higher,
            definition: String::new(),
            reason: None,
        }
    }

    #[test]
    fn every_key_figure_stands_beside_all_versions() {
        let versions = [vec![kpi("fill", 0.5)], vec![kpi("bias", 0.1), kpi("fill", 0.7)], vec![]];
        let rows = kpis_beside(&versions);
        let told: Vec<(&str, Vec<Option<f64>>)> =
            rows.iter().map(|row| (row[0].id.as_str(), row.iter().map(|kpi| kpi.value).collect())).collect();
        assert_eq!(told, [("fill", vec![Some(0.5), Some(0.7), None]), ("bias", vec![None, Some(0.1), None])]);
        assert!(rows[1][2].reason.is_some() && rows[1][0].target.is_none());
    }

    #[test]
    fn two_versions_are_told_as_they_were_before_there_could_be_more() {
        let two = ComparisonLine::of("North".to_owned(), vec![vec![1.0, 2.0], vec![4.0, f64::NAN]]);
        let json = serde_json::to_value(&two).unwrap();
        assert_eq!(json["total_b"], 4.0);
        assert!(json.get("further").is_none(), "{json}");
        let three = ComparisonLine::of("North".to_owned(), vec![vec![1.0], vec![2.0], vec![-7.0]]);
        assert_eq!((two.largest_difference(), three.largest_difference()), (1.0, 8.0));
        assert_eq!(three.versions().map(|(_, total)| total).collect::<Vec<_>>(), [1.0, 2.0, -7.0]);
    }
}
