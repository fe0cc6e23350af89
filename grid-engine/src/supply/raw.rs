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
