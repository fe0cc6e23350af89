//! The supply network of a plan, read from the sheet that shows it.

use serde::{Deserialize, Serialize};

use super::frame::FrameReader;
use crate::wire::{Scalar, SheetFrame};

/// What a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// From a supplier to a place.
    Supply,
    /// From a place to a place.
    Lane,
    /// A resource at a place; it leads nowhere.
    Resource,
    /// From a place to the region served from there.
    Service,
}

impl LinkKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Supply, Self::Lane, Self::Resource, Self::Service];

    /// The kind's word in tables.
    pub fn key(self) -> &'static str {
        match self {
            Self::Supply => "supply",
            Self::Lane => "lane",
            Self::Resource => "resource",
            Self::Service => "service",
        }
    }
}

/// A link and what flows over it: a row of `SUPPLY.RESULT(…, "network")`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkLine {
    pub kind: LinkKind,
    pub from: String,
    pub to: String,
    /// Mode of supply or transport, or the resource's name.
    pub by: String,
    /// Units over the whole plan; hours of a resource.
    pub amount: f64,
    /// Of its limit, the share used in the bucket where that is most; of a region, the share of demand served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<f64>,
    /// That bucket, as it is written; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bucket: String,
}

/// The links of the sheet with the role `network`; none where there is no such sheet or no plan on it.
pub(super) fn links(frames: &[SheetFrame]) -> Vec<LinkLine> {
    let Some(sheet) = FrameReader::of_role(frames, "network") else {
        return Vec::new();
    };
    let columns: Vec<&[Scalar]> = sheet.frame().columns.iter().map(|column| column.values.as_slice()).collect();
    let cell = |row: usize, column: usize| columns.get(column).and_then(|values| values.get(row));
    let text = |row, column| match cell(row, column) {
        Some(Scalar::Text(text)) => text.to_string(),
        _ => String::new(),
    };
    let number = |row, column| match cell(row, column) {
        Some(Scalar::Number(number)) => Some(*number),
        _ => None,
    };
    let line = |row| {
        let word = text(row, 0);
        let kind = LinkKind::ALL.into_iter().find(|kind| kind.key() == word)?;
        Some(LinkLine {
            kind,
            from: text(row, 1),
            to: text(row, 2),
            by: text(row, 3),
            amount: number(row, 4)?,
            used: number(row, 5),
            bucket: text(row, 6),
        })
    };
    (0..sheet.len()).filter_map(line).collect()
}
