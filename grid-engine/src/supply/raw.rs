//! Tables before they are understood.

use std::sync::Arc;

/// A table as it came from a file or a sheet, before it is understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawTable {
    pub columns: Vec<Arc<str>>,
    pub rows: Vec<Vec<RawCell>>,
}

/// One cell of a raw table.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RawCell {
    #[default]
    Blank,
    Number(f64),
    Text(Arc<str>),
}

/// The column that a sheet's measure stands for, by its name: `Hours per unit` is `hours_per_unit`, `Location` is `loc`.
pub fn column_named(measure: &str) -> Arc<str> {
    match measure.to_lowercase().replace(' ', "_").as_str() {
        "location" => "loc".into(),
        name => name.into(),
    }
}
