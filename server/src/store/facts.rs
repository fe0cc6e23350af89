//! Layers: columnar facts beside the documents, each with a version that grows when they change.

use grid_engine::calendar::Bucket;
use grid_engine::refs::{MeasureId, RowId, SheetId};
use grid_engine::workbook::Facts;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::blobs;
use super::{Pending, Store, StoreError, WorkbookId, pack, parse, unpack};

/// A layer with its version.
#[derive(Debug)]
pub struct StoredFacts {
    pub sheet: SheetId,
    pub measure: MeasureId,
    pub version: u64,
    pub facts: Facts,
}

impl Store {
    /// All layers of a workbook.
    ///
    /// # Errors
    /// When one of them is damaged.
    pub fn load_facts(&self, workbook: WorkbookId) -> Result<Vec<StoredFacts>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT sheet, measure, version, body, blob FROM facts WHERE workbook = ?1 ORDER BY rowid",
            )?;
            let rows = statement.query_map([workbook.to_string()], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, u32>(2)?,
                    row.get::<_, Vec<u8>>(3)?,
                    row.get::<_, Option<i64>>(4)?,
                ))
            })?;
            rows.map(|row| {
                let (sheet, measure, version, body, shared) = row?;
                let what = format!("layer {measure} of sheet {sheet}");
                let body = match shared {
                    Some(shared) => blobs::load(connection, shared, &what)?,
                    None => body,
                };
                let facts = decode(&body, &what)?;
                Ok(StoredFacts {
                    sheet: parse(&sheet, "sheet")?,
                    measure: parse(&measure, "measure")?,
                    version: version.into(),
                    facts,
                })
            })
            .collect()
        })
    }

    /// Replaces layers, all or none, and gives their new versions in order.
    pub fn put_facts(&self, workbook: WorkbookId, layers: Vec<(SheetId, MeasureId, Facts)>) -> Pending<Vec<u64>> {
        self.write(move |connection| {
            layers.iter().map(|(sheet, measure, facts)| put(connection, workbook, *sheet, *measure, facts)).collect()
        })
    }
}

/// Writes one layer; its version.
pub(super) fn put(
    connection: &Connection,
    workbook: WorkbookId,
    sheet: SheetId,
    measure: MeasureId,
    facts: &Facts,
) -> Result<u64, StoreError> {
    if facts.values.len() != facts.rows.len() * facts.width {
        return Err(StoreError::Invalid(format!(
            "layer {measure} of sheet {sheet}: {} rows of {} values are not {} values",
            facts.rows.len(),
            facts.width,
            facts.values.len()
        )));
    }
    let (workbook, sheet, measure) = (workbook.to_string(), sheet.to_string(), measure.to_string());
    let shared: Option<Option<i64>> = connection
        .query_row(
            "SELECT blob FROM facts WHERE workbook = ?1 AND sheet = ?2 AND measure = ?3",
            (&workbook, &sheet, &measure),
            |row| row.get(0),
        )
        .optional()?;
    let version: u32 = connection.query_row(
        "INSERT INTO facts (workbook, sheet, measure, version, body) VALUES (?1, ?2, ?3, 1, ?4)
         ON CONFLICT DO UPDATE SET version = version + 1, body = excluded.body, blob = NULL RETURNING version",
        (&workbook, &sheet, &measure, encode(facts)?),
        |row| row.get(0),
    )?;
    blobs::release(connection, shared.flatten())?;
    Ok(version.into())
}

/// What stands before the numbers.
#[derive(Serialize, Deserialize)]
struct Header {
    rows: Vec<RowId>,
    first: Option<Bucket>,
    width: usize,
}

/// Header length, header as JSON, then the numbers (little-endian), compressed.
pub(super) fn encode(facts: &Facts) -> Result<Vec<u8>, StoreError> {
    let header = Header { rows: facts.rows.clone(), first: facts.first, width: facts.width };
    let header = serde_json::to_vec(&header).map_err(|error| StoreError::Invalid(error.to_string()))?;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header);
    bytes.extend(facts.values.iter().flat_map(|value| value.to_le_bytes()));
    Ok(pack(&bytes))
}

pub(super) fn decode(packed: &[u8], what: &str) -> Result<Facts, StoreError> {
    let bytes = unpack(packed, what)?;
    let damaged = || StoreError::Corrupt(format!("{what} is damaged"));
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
    let (header, numbers) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let header: Header = serde_json::from_slice(header).map_err(|_| damaged())?;
    let (numbers, odd) = numbers.as_chunks::<8>();
    if !odd.is_empty() || header.rows.len().checked_mul(header.width) != Some(numbers.len()) {
        return Err(damaged());
    }
    let values = numbers.iter().map(|number| f64::from_le_bytes(*number)).collect();
    Ok(Facts { rows: header.rows, first: header.first, width: header.width, values })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            rows: vec![RowId::of_key(&["a"]), RowId::of_key(&["b"])],
            first: "2026-03".parse().ok(),
            width: 2,
            values: vec![1.5, f64::NAN, -3.0, 0.0],
        }
    }

    #[test]
    fn facts_come_back_with_their_gaps() {
        let back = decode(&encode(&facts()).unwrap(), "it").unwrap();
        assert_eq!((back.rows, back.first, back.width), (facts().rows, facts().first, 2));
        assert_eq!(back.values[0], 1.5);
        assert!(back.values[1].is_nan());
    }

    #[test]
    fn damage_is_an_error_naming_the_layer() {
        let whole = encode(&facts()).unwrap();
        for cut in [0, 5, whole.len() - 1] {
            let error = decode(&whole[..cut], "layer history of sheet demand").unwrap_err();
            assert!(error.to_string().contains("layer history of sheet demand"), "{error}");
        }
    }

    #[test]
    fn a_ragged_layer_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (sheet, measure) = (SheetId::named("s").unwrap(), MeasureId::named("m").unwrap());
        let ragged = Facts { values: vec![1.0], ..facts() };
        let answer = store.put_facts(sheet, vec![(sheet, measure, ragged)]).wait();
        assert!(matches!(answer, Err(StoreError::Invalid(_))));
    }
}
